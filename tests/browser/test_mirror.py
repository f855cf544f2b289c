"""Busy time of Alice's Google shown in her client's Outlook, turned on and off as somebody does it by hand."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Page, expect

from gateway.demo.seed.people import PASSWORD
from gateway.mirror import choose
from gateway.model import RemoteCalendar
from gateway.store import accounts, mirrors
from tests.browser.looking import PHONE, look
from tests.story.stage import Stage

SOURCE, TARGET = "Alice Weber", "Calendar"
WORD = "Beschäftigt"  # in the language of Alice, whoever looks


@dataclass(frozen=True)
class Words:
    sign_in: str
    name: str
    password: str
    new: str
    into: str
    show: str
    choose: str
    begins: str
    on_the_way: str
    settled: str
    stop: str
    going: str
    expired: str
    renew: str
    paused: str


ENGLISH = Words(
    "Sign in", "User name", "Password", "Show busy time in another calendar", "appears in", "Show busy time there",
    "Choose at least one calendar", "Begins in a moment", "on their way", "Up to date", "Stop", "Being taken down",
    "Sign-in has expired", "Sign in there again", "Paused: the sign-in there has expired",
)  # fmt: skip
GERMAN = Words(
    "Anmelden", "Benutzername", "Passwort", "Belegte Zeiten in einem weiteren Kalender anzeigen", "erscheint in",
    "Dort anzeigen", "Wählen Sie mindestens einen Kalender", "Beginnt gleich", "unterwegs", "Aktuell", "Beenden",
    "Wird entfernt", "Anmeldung abgelaufen", "Dort neu anmelden", "Angehalten: Die Anmeldung dort ist abgelaufen",
)  # fmt: skip
CASES = [
    pytest.param(ENGLISH, {"locale": "en-GB"}, id="English, desk"),
    pytest.param(GERMAN, PHONE | {"locale": "de-DE", "color_scheme": "dark"}, id="German, phone, dark"),
    pytest.param(GERMAN, {"locale": "de-DE", "color_scheme": "dark"}, id="German, desk, dark"),
    pytest.param(ENGLISH, PHONE | {"locale": "en-GB"}, id="English, phone"),
    pytest.param(ENGLISH, {"java_script_enabled": False}, id="without scripts"),
]


@pytest.fixture(autouse=True)
def afterwards(stage: Stage):
    """No mirror is left, and nothing of one."""
    yield
    user = stage.person("alice").id
    for row in stage.read(mirrors.of_user, user):
        stage.run(stage.parts.db.write(choose.stop, user, row.id, stage.clock()))
    settle(stage)
    assert stage.read(mirrors.everyone) == []


def settle(stage: Stage) -> None:
    """Until no mirror has anything to do."""
    stage.pass_time(6)
    while any(one.left for one in stage.read(mirrors.everyone)):
        stage.pass_time(3)


async def sign_in(page: Page, words: Words) -> None:
    await page.get_by_label(words.name).fill("alice")
    await page.get_by_label(words.password).fill(PASSWORD)
    await page.get_by_role("button", name=words.sign_in).click()
    await expect(page).to_have_url(re.compile("/app$"))


async def turn_on(page: Page, words: Words) -> None:
    await page.get_by_text(words.new, exact=True).click()
    form = page.locator(".mirror-form")
    await form.get_by_role("checkbox", name=SOURCE).check()
    await form.get_by_label(words.into).select_option(label=TARGET)
    await form.get_by_role("button", name=words.show).click()
    await expect(page).to_have_url(re.compile("/app#h-mirrors$"))


async def blocks(page: Page) -> int:
    """As the simulated Outlook shows them."""
    await page.goto("/demo")
    return await page.locator("#microsoft ~ table").locator("tr", has_text=WORD).count()


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_a_mirror_is_turned_on_seen_at_work_and_turned_off(
    visit, stage, tmp_path, words: Words, options: dict[str, Any]
):
    page = await visit("/app", **options)
    await sign_in(page, words)
    assert await blocks(page) == 0
    await page.goto("/app")
    await turn_on(page, words)
    row = page.locator(".mirrors > li")
    await expect(row.locator("strong")).to_contain_text(SOURCE)
    await expect(row).to_contain_text("alice.weber@client.example")
    await expect(row.locator(".health")).to_contain_text(words.begins)
    await look(page, tmp_path, "begins")

    stage.pass_time(6)
    await page.reload()
    await expect(row.locator(".health.waiting")).to_contain_text(words.on_the_way)
    settle(stage)
    await page.reload()
    await expect(row.locator(".health.ok")).to_contain_text(words.settled)
    await look(page, tmp_path, "settled")
    assert await blocks(page) > 10
    await page.goto("/app")

    await row.get_by_role("button", name=re.compile(f"{words.stop}|{TARGET}")).click()
    await expect(row.locator(".health.waiting")).to_contain_text(words.going)
    await look(page, tmp_path, "going")
    settle(stage)
    await page.reload()
    await expect(row).to_have_count(0)
    assert await blocks(page) == 0


async def test_the_page_follows_a_mirror_without_being_loaded_again(visit, stage):
    page = await visit("/app")
    await sign_in(page, ENGLISH)
    await turn_on(page, ENGLISH)
    row = page.locator(".mirrors > li")
    settle(stage)
    await expect(row.locator(".health.ok")).to_contain_text("Up to date")
    await row.get_by_role("button").click()
    await expect(row.locator(".health")).to_contain_text("Being taken down")
    settle(stage)
    await expect(row).to_have_count(0)


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_what_is_missing_is_said_where_it_is_missing(visit, tmp_path, words: Words, options: dict[str, Any]):
    page = await visit("/app", **options)
    await sign_in(page, words)
    await page.get_by_text(words.new, exact=True).click()
    form = page.locator(".mirror-form")
    await form.get_by_label(words.into).select_option(label=TARGET)
    await form.get_by_role("button", name=words.show).click()
    await expect(form.get_by_text(words.choose)).to_be_in_viewport()
    await look(page, tmp_path, "nothing-chosen")


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_what_needs_a_hand_is_said_first_with_what_to_do(visit, stage, tmp_path, words, options):
    page = await visit("/app", **options)
    await sign_in(page, words)
    await turn_on(page, words)
    settle(stage)
    account = stage.account("alice", "outlook")
    expired = {"state": "signed-out", "trouble": "signed-out", "error": "invalid_grant: AADSTS50173 expired"}
    stage.run(stage.parts.db.write(lambda conn: accounts.change(conn, account.id, **expired)))
    [mirror] = stage.read(mirrors.everyone)
    stage.run(stage.parts.db.write(lambda conn: mirrors.change(conn, mirror.id, problem="signed-out")))

    await page.goto("/app")
    first = page.locator(".app > section").first
    await expect(first.locator("li")).to_have_count(1)
    await expect(first).to_contain_text(words.expired)
    await expect(first.get_by_role("link", name=words.renew)).to_have_attribute("href", re.compile("/oauth/outlook/"))
    await expect(page.locator(".mirrors > li")).to_contain_text(words.paused)
    await expect(page.get_by_text("invalid_grant")).not_to_be_visible()
    await look(page, tmp_path, "signed-out")

    mended = {"state": "ok", "trouble": "", "error": ""}
    stage.run(stage.parts.db.write(lambda conn: accounts.change(conn, account.id, **mended)))
    stage.run(stage.parts.db.write(lambda conn: mirrors.change(conn, mirror.id, problem="")))


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_many_calendars_stay_readable(visit, stage, tmp_path, words, options):
    """Those that count for nothing are folded away, and are a tap from being counted."""
    account = stage.account("alice", "google")
    rows = [row for row in stage.read(accounts.calendars, stage.person("alice").id) if row.account_id == account.id]
    used = sum(row.merged or row.busy for row in rows)
    names = [f"Verein {number}: Spielplan, Training und Vereinsheim" for number in range(1, 10)]
    more = [RemoteCalendar(f"{name} {tmp_path}", name, merged=False, busy=False) for name in names]
    keys = stage.run(
        stage.parts.db.write(
            lambda conn: [accounts.add_calendar(conn, account.user_id, account.id, one) for one in more]
        )
    )
    page = await visit("/app", **options)
    await sign_in(page, words)
    shown = page.locator(".account", has_text=account.displayname)
    listed = shown.locator(".calendars > li").filter(visible=True)
    await expect(listed).to_have_count(used)
    await look(page, tmp_path, "folded")
    await shown.locator("summary", has_text=re.compile(f"^{len(rows) + len(names) - used} ")).click()
    await expect(listed).to_have_count(len(rows) + len(names))
    await page.get_by_text(words.new, exact=True).click()
    await look(page, tmp_path, "open")
    stage.run(stage.parts.db.write(lambda conn: [accounts.change_calendar(conn, key, gone=True) for key in keys]))
