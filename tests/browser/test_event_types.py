"""A first event type made and changed in a real browser, and the team that it is shared with."""

import re
from typing import Any, NamedTuple

import pytest
from playwright.async_api import expect

from gateway.accounts.people import add_team
from gateway.store import bookings, teams
from tests.booking.office import NOW, PASSWORD
from tests.browser.looking import PHONE, look


class Words(NamedTuple):
    sign_in: str
    preset: str
    make: str
    saved: str
    questions: str
    add: str
    save: str
    wrong: str


ENGLISH = Words(
    "Sign in", "Support in the evening", "Make it bookable", "Saved.", "Questions to whoever books", "Add a question",
    "Save", "Enter a length from 1 to 1440 minutes.",
)  # fmt: skip
GERMAN = Words(
    "Anmelden", "Support am Abend", "Buchbar machen", "Gespeichert.", "Fragen an alle, die buchen", "Frage hinzufügen",
    "Speichern", "Geben Sie eine Dauer von 1 bis 1440 Minuten an.",
)  # fmt: skip
CASES = [
    pytest.param(ENGLISH, {"locale": "en-GB"}, id="English, desk"),
    pytest.param(GERMAN, PHONE | {"locale": "de-DE", "color_scheme": "dark"}, id="German, phone, dark"),
    pytest.param(ENGLISH, {"java_script_enabled": False}, id="without scripts"),
]


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_an_event_type_is_made_mended_and_asked_a_question(
    browse, office, tmp_path, words: Words, options: dict[str, Any]
):
    page = await browse("/app/login", **options)
    await page.fill("#f-name", "alice")
    await page.fill("#f-password", PASSWORD)
    await page.get_by_role("button", name=words.sign_in).click()
    await page.goto("/app/event-types/new")
    if options.get("java_script_enabled", True):
        await look(page, tmp_path, "new")
    await page.get_by_role("link", name=words.preset).click()
    await page.fill("#f-length", "long")
    await page.get_by_role("button", name=words.make).click()
    await expect(page.locator("#e-length")).to_have_text(words.wrong)
    await page.fill("#f-length", "40")
    await page.get_by_role("button", name=words.make).click()
    await expect(page.get_by_role("status")).to_contain_text(words.saved)
    if options.get("java_script_enabled", True):
        await look(page, tmp_path, "editor")
    await page.locator("#questions > summary").click()
    await page.get_by_role("button", name=words.add).click()
    await page.fill("#f-questions-0-label", "Version?")
    await page.get_by_role("button", name=words.save, exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text(words.saved)
    made = next(
        row for row in office.db.read_now(bookings.event_types, office.alice.id) if "upport" in str(row.document)
    )
    assert (made.document["length"], made.document["questions"][0]["label"]) == (40, {"": "Version?"})
    await page.goto("/app/event-types")
    if options.get("java_script_enabled", True):
        await look(page, tmp_path, "list")


async def test_a_team_has_its_members_and_a_menu_leads_there(browse, office, tmp_path):
    def make(conn):
        key = add_team(conn, "sales", "s@example.com", displayname="Sales", zone="UTC", now=NOW)
        teams.put(conn, key, office.alice.id, teams.ADMIN)

    office.db.write_now(make)
    page = await browse("/app/login", **PHONE, locale="de-DE")
    await page.fill("#f-name", "alice")
    await page.fill("#f-password", PASSWORD)
    await page.get_by_role("button", name="Anmelden").click()
    await page.locator(".menu > summary").click()
    await page.locator(".menu nav").get_by_role("link", name="Team", exact=True).click()
    await page.get_by_role("link", name="Sales öffnen").click()
    await page.fill("#f-who", "bob")
    await page.get_by_role("button", name="Hinzufügen").click()
    await expect(page).to_have_url(re.compile("done=added"))
    await look(page, tmp_path, "team")
    assert set(office.db.read_now(teams.roles, office.person("sales").id).values()) == {"admin", "member"}
