"""The API as people see it: a key made and tried, and its documentation."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from gateway.demo.seed.people import PASSWORD
from tests.browser.looking import PHONE, look

ENGLISH = {
    "name": "User name", "password": "Password", "enter": "Sign in", "make": "Make a key", "label": "What it is for",
    "scope": "See bookings", "revoke": "Revoke Invoices", "search": "Search",
}  # fmt: skip
GERMAN = {
    "name": "Benutzername", "password": "Passwort", "enter": "Anmelden", "make": "Schlüssel erstellen",
    "label": "Wofür er ist", "scope": "Buchungen sehen", "revoke": "Invoices widerrufen", "search": "Suchen",
}  # fmt: skip
CASES = [
    pytest.param(ENGLISH, {"locale": "en-GB"}, id="English, desk"),
    pytest.param(GERMAN, PHONE | {"locale": "de-DE", "color_scheme": "dark"}, id="German, phone, dark"),
    pytest.param(ENGLISH, {"java_script_enabled": False}, id="without scripts"),
]


async def sign_in(page: Page, words: dict[str, str]) -> None:
    await page.get_by_label(words["name"]).fill("alice")
    await page.get_by_label(words["password"]).fill(PASSWORD)
    await page.get_by_role("button", name=words["enter"]).click()
    await expect(page).to_have_url(re.compile("/app$"))


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_a_key_is_made_used_and_revoked(visit, tmp_path, words: dict[str, str], options: dict[str, Any]):
    page = await visit("/app", **options)
    await sign_in(page, words)
    await page.locator("summary", has_text=words["make"]).click()
    await page.get_by_label(words["label"]).fill("Invoices")
    await page.get_by_role("checkbox", name=words["scope"], exact=True).check()
    await look(page, tmp_path, "making")
    await page.get_by_role("button", name=words["make"]).click()
    key = await page.locator("#api-key").inner_text()
    await look(page, tmp_path, "made")

    headers = {"Authorization": f"Bearer {key}"}
    answer = await page.context.request.get("/api/v1/bookings", headers=headers)
    assert answer.status == 200
    assert (await answer.json())["next"] is None
    assert (await page.context.request.get("/api/v1/teams", headers=headers)).status == 403

    await page.goto("/app")
    await page.get_by_role("button", name=words["revoke"]).click()
    assert (await page.context.request.get("/api/v1/bookings", headers=headers)).status == 401


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_the_documentation_is_read_and_searched(visit, tmp_path, words: dict[str, str], options: dict[str, Any]):
    page = await visit("/api/docs", **options)
    await look(page, tmp_path, "docs")
    await page.locator("#create_booking summary").click()
    await expect(page.locator("#create_booking pre")).to_contain_text("/api/v1/bookings")
    await look(page, tmp_path, "opened")
    await page.get_by_label(words["search"]).fill("reschedule")
    await page.get_by_role("button", name=words["search"]).click()
    await expect(page.locator("#reschedule_booking pre")).to_be_visible()
    await expect(page.locator("#list_teams")).to_have_count(0)
    await look(page, tmp_path, "found")
