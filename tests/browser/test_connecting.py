"""Clouds connected as somebody does who has never been here, in a real browser, with the simulated providers' pages."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from gateway.demo.seed import at_google, at_microsoft
from gateway.demo.seed.people import PASSWORD
from gateway.store import accounts, members
from gateway.sync.calendars import remove_account
from tests.browser.conftest import windows
from tests.browser.looking import PHONE, look, picture
from tests.story.stage import Stage

ADDRESSES = {"google": at_google.CAROL, "outlook": at_microsoft.CAROL}
EVENTS = {"google": "Kundentermin Nordwind", "outlook": "Abstimmung Lindner & Co"}
# What is suggested: calendar -> merged, busy.
SUGGESTED = {
    "google": {
        "Carol Lindner": (True, True),
        "Familie": (True, True),
        "Feiertage in Deutschland": (False, False),
        "Chorproben": (True, False),
    },
    "outlook": {
        "Calendar": (True, True),
        "Feiertage in Deutschland": (False, False),
        "Geburtstage": (False, False),
    },
}
OWN = {"google": "Carol Lindner", "outlook": "Calendar"}
NAMES = {"google": "Google", "outlook": "Outlook"}


@dataclass(frozen=True)
class Words:
    sign_in: str
    name: str
    password: str
    connect: str
    write: str
    allow: str
    merged: str
    busy: str
    save: str
    saved: str
    back: str
    set_up: str
    leave: str
    disconnect: str
    gone: str


ENGLISH = Words(
    "Sign in", "User name", "Password", "Connect {}", "Read and write", "Allow", "Merged", "Busy", "Save choices",
    "Your choices are saved.", "Back to your calendars", "Set up {}", "Disconnect …", "Disconnect",
    "{} is disconnected",
)  # fmt: skip
GERMAN = Words(
    "Anmelden", "Benutzername", "Passwort", "{} verbinden", "Lesen und schreiben", "Zulassen", "Vereint", "Belegt",
    "Auswahl speichern", "Ihre Auswahl ist gespeichert.", "Zurück zu Ihren Kalendern", "{} einrichten", "Trennen …",
    "Trennen", "{} ist getrennt",
)  # fmt: skip


@pytest.fixture
async def visit(stage, chromium):
    """The providers' own pages belong to the way here."""
    google, microsoft = f"{stage.world.google.root}/", f"{stage.world.microsoft.pages}/"
    async with windows(chromium, f"{stage.base}/", beside=(google, microsoft)) as open_page:
        yield open_page


@pytest.fixture(autouse=True)
def afterwards(stage: Stage):
    """Nothing stays connected."""
    yield
    person = stage.person("carol")
    for row in stage.read(accounts.of_user, person.id):
        if row.kind in ADDRESSES:
            stage.calendars(remove_account, person.id, row.id)


async def sign_in(page: Page, words: Words) -> None:
    await page.get_by_label(words.name).fill("carol")
    await page.get_by_label(words.password).fill(PASSWORD)
    await page.get_by_role("button", name=words.sign_in).click()
    await expect(page).to_have_url(re.compile("/app$"))


async def connect(page: Page, words: Words, kind: str, folder: Path, shot: str) -> None:
    """From /app to the page where calendars are chosen."""
    await page.get_by_role("link", name=words.connect.format(NAMES[kind])).click()
    await look(page, folder, f"{shot}-access")
    await page.get_by_role("link", name=words.write).click()
    await look(page, folder, f"{shot}-consent")
    await page.get_by_text(ADDRESSES[kind]).click()
    await page.get_by_role("button", name=words.allow, exact=True).click()
    await expect(page).to_have_url(re.compile(r"/app/accounts/[0-9]+\?came=new"))
    await look(page, folder, f"{shot}-choose")


async def suggested(page: Page, words: Words) -> dict[str, tuple[bool, bool]]:
    found = {}
    for row in await page.locator(".choices > li").all():
        name = await row.locator("strong").inner_text()
        ticked = [await row.get_by_label(label).is_checked() for label in (words.merged, words.busy)]
        found[name] = (ticked[0], ticked[1])
    return found


def in_merged(stage: Stage, summary: str) -> int:
    with stage.merged("carol") as merged:
        return len(merged.search(event=True, summary=summary))


CASES = [
    pytest.param(ENGLISH, {"locale": "en-GB"}, id="English, desk"),
    pytest.param(GERMAN, PHONE | {"locale": "de-DE", "color_scheme": "dark"}, id="German, phone, dark"),
]


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_both_clouds_are_connected_chosen_from_seen_and_disconnected(
    visit, stage, tmp_path, words: Words, options: dict[str, Any]
):
    page = await visit("/app", **options)
    await sign_in(page, words)
    await look(page, tmp_path, "app-before")
    for kind in ("google", "outlook"):
        await connect(page, words, kind, tmp_path, kind)
        assert await suggested(page, words) == SUGGESTED[kind]
        chosen = page.locator(".choices > li", has_text=OWN[kind])
        await chosen.get_by_label(words.busy).uncheck()
        await page.locator(".new-events").get_by_label(OWN[kind]).check()
        stage.pass_time(1)
        if kind == "google":  # read by now, which the page says without being loaded again; what is ticked stays
            await expect(page.locator("[data-follow]")).to_have_count(0)
            assert not await chosen.get_by_label(words.busy).is_checked()
        await page.get_by_role("button", name=words.save).click()
        await expect(page.get_by_text(words.saved)).to_be_visible()
        await look(page, tmp_path, f"{kind}-saved")
        await page.get_by_role("link", name=words.back).click()
    await look(page, tmp_path, "app-connected")

    rows = {row.displayname: row for row in stage.read(accounts.calendars, stage.person("carol").id)}
    assert (rows["Calendar"].merged, rows["Calendar"].busy, rows["Calendar"].destination) == (True, False, True)
    assert (rows["Carol Lindner"].busy, rows["Carol Lindner"].destination) == (False, False)
    assert [in_merged(stage, EVENTS[kind]) for kind in EVENTS] == [1, 1]
    assert in_merged(stage, "Chorprobe") == 1
    assert in_merged(stage, "Feiertag") == 0

    for kind in ("google", "outlook"):
        await page.get_by_role("link", name=re.compile(words.set_up.format(f"{NAMES[kind]}.*"))).click()
        await page.get_by_role("link", name=words.leave).click()
        await look(page, tmp_path, f"{kind}-leave")
        await page.get_by_role("button", name=words.disconnect, exact=True).click()
        await expect(page.get_by_text(words.gone.format(NAMES[kind]))).to_be_visible()
        await look(page, tmp_path, f"{kind}-gone")
    assert [in_merged(stage, EVENTS[kind]) for kind in EVENTS] == [0, 0]
    assert {row.kind for row in stage.read(accounts.of_user, stage.person("carol").id)} == {"local", "feed"}


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_access_taken_back_at_the_provider_is_told_and_mended(visit, stage, tmp_path, words, options):
    page = await visit("/app", **options)
    await sign_in(page, words)
    await connect(page, words, "google", tmp_path, "google")
    stage.pass_time(1)
    person, address = stage.person("carol"), page.url.partition("?")[0]
    known = len(stage.read(members.texts, person.merged))

    await page.goto(stage.world.google.settings().permissions_url)
    await look(page, tmp_path, "permissions")
    await page.locator("li", has_text=ADDRESSES["google"]).get_by_role("button").click()
    stage.pull()
    await page.goto(address)
    await look(page, tmp_path, "signed-out")
    assert len(stage.read(members.texts, person.merged)) == known

    await page.locator(".account-advice .button").click()
    await expect(page.get_by_role("radio")).to_have_count(1)  # the known one is offered, and nobody else
    await page.get_by_role("button", name=words.allow, exact=True).click()
    await expect(page).to_have_url(re.compile("came=again"))
    stage.pull()
    await page.reload()
    await look(page, tmp_path, "again")
    await expect(page.locator(".health.ok")).to_be_visible()
    assert len(stage.read(members.texts, person.merged)) == known


async def test_without_scripts_all_of_it_works(visit, stage, tmp_path):
    page = await visit("/app", java_script_enabled=False)
    await sign_in(page, ENGLISH)
    await page.get_by_role("link", name="Connect Google").click()
    await page.get_by_role("link", name="Read only").click()
    await page.get_by_text(ADDRESSES["google"]).click()
    await page.get_by_role("button", name="Allow", exact=True).click()
    await page.locator(".choices > li", has_text="Familie").get_by_label("Merged").uncheck()
    await page.get_by_role("button", name="Save choices").click()
    await expect(page.get_by_text("Your choices are saved.")).to_be_visible()
    await expect(page.get_by_text("Connected for reading only")).to_be_visible()
    await picture(page, tmp_path / "reading-only.png")
    rows = {row.displayname: row for row in stage.read(accounts.calendars, stage.person("carol").id)}
    assert (rows["Familie"].merged, rows["Familie"].writable) == (False, False)


async def test_too_little_allowed_and_a_second_thought(visit, stage, tmp_path):
    page = await visit("/app", locale="de-DE")
    await sign_in(page, GERMAN)
    await page.get_by_role("link", name="Google verbinden").click()
    await page.get_by_role("link", name=GERMAN.write).click()
    await page.get_by_text(ADDRESSES["google"]).click()
    await page.get_by_role("checkbox").first.uncheck()
    await page.get_by_role("button", name=GERMAN.allow, exact=True).click()
    await expect(page.get_by_role("heading", name="Es wurde zu wenig erlaubt")).to_be_visible()
    await look(page, tmp_path, "too-little")
    await page.get_by_role("link", name="Noch einmal versuchen").click()
    await page.get_by_role("button", name="Ablehnen").click()
    await expect(page.get_by_role("heading", name="durfte Ihre Kalender nicht freigeben")).to_be_visible()
    await look(page, tmp_path, "denied")
    assert {row.kind for row in stage.read(accounts.of_user, stage.person("carol").id)} == {"local", "feed"}
