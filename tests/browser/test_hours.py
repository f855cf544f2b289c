"""Working hours painted, typed and taken away as people do it, and what a calendar app is then told."""

import re
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Page, expect

from gateway.accounts.people import add_team
from gateway.freebusy.availability import Window, read_sheet
from gateway.store import schedules
from tests.booking.office import NOW, PASSWORD
from tests.browser.looking import PHONE, look


class Words(NamedTuple):
    sign_in: str
    begin: str
    save: str
    saved: str
    away: str
    close: str
    until: str


ENGLISH = Words(
    "Sign in",
    "Set working hours",
    "Save the week",
    "Saved.",
    "Add days out of office",
    "Close these days",
    "Friday: to",
)
GERMAN = Words(
    "Anmelden", "Arbeitszeiten festlegen", "Woche speichern", "Gespeichert.", "Abwesenheit hinzufügen",
    "Diese Tage schließen", "Freitag: bis",
)  # fmt: skip
CASES = [
    pytest.param(ENGLISH, {"locale": "en-GB"}, id="English, desk"),
    pytest.param(GERMAN, PHONE | {"locale": "de-DE", "color_scheme": "dark"}, id="German, phone, dark"),
    pytest.param(ENGLISH, {"java_script_enabled": False}, id="without scripts"),
    pytest.param(GERMAN, PHONE | {"locale": "de-DE", "java_script_enabled": False}, id="German, phone, no scripts"),
]


def weekly(office):
    text = office.db.read_now(schedules.availability, office.alice.id)
    return read_sheet(text, "Europe/Berlin").weekly


@pytest.fixture
def team(office):
    members = [office.alice.id, office.alice.id + 1]
    office.db.write_now(lambda conn: add_team(conn, "sales", "s@example.com", members=members, zone="UTC", now=NOW))


async def begin(page: Page, words: Words) -> None:
    await page.fill("#f-name", "alice")
    await page.fill("#f-password", PASSWORD)
    await page.get_by_role("button", name=words.sign_in).click()
    await page.goto("/app/hours")
    await page.get_by_role("button", name=words.begin).click()
    await expect(page).to_have_url(re.compile("/app/hours/[0-9]+$"))


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_the_week_is_typed_and_days_are_closed(
    browse, office, team, tmp_path, words: Words, options: dict[str, Any]
):
    page = await browse("/app/login", **options)
    await begin(page, words)
    await look(page, tmp_path, "week")
    await page.get_by_label(words.until).first.fill("13:30")
    await page.get_by_role("button", name=words.save).click()
    await expect(page.get_by_text(words.saved)).to_be_in_viewport()
    assert weekly(office)[3:6] == ((Window(540, 1020),), (Window(540, 810),), ())

    await page.get_by_text(words.away, exact=True).click()
    await page.fill("#f-away-first", "2026-12-21")
    await page.fill("#f-away-last", "2026-12-23")
    await page.fill("#f-reason", "Skiing")
    await page.select_option("#f-stand-in", "bob")
    await page.get_by_role("button", name=words.close).click()
    await expect(page.locator("#away .rows li")).to_have_count(1)
    await page.select_option("#f-country", "DE")
    await page.locator("#holidays .button").click()
    await expect(page.locator("#holidays .tick")).to_have_count(9)
    await look(page, tmp_path, "away")
    await page.goto("/app/hours")
    await look(page, tmp_path, "list")
    await page.goto("/alice/check-in?month=2026-12")
    await expect(page.locator(".absence a")).to_have_attribute("href", "/bob")
    await look(page, tmp_path, "booking")


async def box(page: Page, day: int, hour: float) -> tuple[float, float]:
    found = await page.locator(".paint .week-picture").bounding_box()
    assert found is not None
    return found["x"] + found["width"] * hour / 24, found["y"] + found["height"] * (day + 0.5) / 7


async def test_the_week_is_painted_with_the_mouse(browse, office, tmp_path):
    page = await browse("/app/login")
    await begin(page, ENGLISH)
    await page.mouse.move(*await box(page, 5, 22.1))
    await page.mouse.down()
    await page.mouse.move(*await box(page, 5, 23.9))
    await page.mouse.up()
    await page.mouse.move(*await box(page, 6, 0.1))
    await page.mouse.down()
    await page.mouse.move(*await box(page, 6, 1.9))
    await page.mouse.up()
    await page.mouse.move(*await box(page, 0, 12.1))
    await page.mouse.down()
    await page.mouse.move(*await box(page, 4, 12.9), steps=4)
    await page.mouse.up()
    await expect(page.locator("[data-day='5'] input").first).to_have_value("22:00")
    await expect(page.locator("[data-day='5'] input").nth(1)).to_have_value("02:00")
    await look(page, tmp_path, "painted")
    await page.get_by_role("button", name=ENGLISH.save).click()
    await expect(page.get_by_text(ENGLISH.saved)).to_be_in_viewport()
    days = (Window(540, 720), Window(780, 1020))
    assert weekly(office) == (*((days,) * 5), (Window(1320, 120),), ())


async def test_the_week_is_painted_with_a_finger(browse, office):
    page = await browse("/app/login", **PHONE)
    await begin(page, ENGLISH)
    picture = page.locator(".paint .week-picture")
    await picture.scroll_into_view_if_needed()
    touch = await page.context.new_cdp_session(page)
    for kind, hour in (("touchStart", 18.1), ("touchMove", 19.2), ("touchMove", 20.9), ("touchEnd", 20.9)):
        x, y = await box(page, 2, hour)
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    await expect(page.locator("[data-day='2'] input").nth(2)).to_have_value("18:00")
    await page.get_by_role("button", name=ENGLISH.save).click()
    await expect(page.get_by_text(ENGLISH.saved)).to_be_in_viewport()
    assert weekly(office)[2] == (Window(540, 1020), Window(1080, 1260))
