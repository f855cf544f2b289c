"""Zoom connected as somebody does who never did, with the simulated Zoom's own page; and parted with."""

import pytest
from playwright.async_api import expect

from gateway.demo.seed.people import PASSWORD
from gateway.store import room_accounts
from tests.browser.conftest import windows
from tests.browser.looking import PHONE, look

ENGLISH = ("Connect Zoom", "Allow", "Zoom is connected", "Disconnect Zoom", "Zoom is disconnected")
GERMAN = ("Zoom verbinden", "Zulassen", "Zoom ist verbunden", "Zoom trennen", "Zoom ist getrennt")
CASES = [
    pytest.param(ENGLISH, {"locale": "en-GB"}, id="English, desk"),
    pytest.param(GERMAN, PHONE | {"locale": "de-DE", "color_scheme": "dark"}, id="German, phone, dark"),
    pytest.param(ENGLISH, {"java_script_enabled": False}, id="without scripts"),
]


@pytest.fixture
async def visit(stage, chromium):
    """Zoom's own page belongs to the way here."""
    async with windows(chromium, f"{stage.base}/", beside=(f"{stage.world.zoom.root}/",)) as open_page:
        yield open_page


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_zoom_is_connected_and_parted_with(visit, stage, tmp_path, words, options):
    connect, allow, connected, disconnect, gone = words
    page = await visit("/app/login", **options)
    await page.fill("#f-name", "bob")
    await page.fill("#f-password", PASSWORD)
    await page.locator("main button.primary").click()
    await look(page, tmp_path, "before")
    await page.get_by_role("link", name=connect).click()
    await page.get_by_text("Bob Brandt").click()
    await page.get_by_role("button", name=allow).click()

    await expect(page.locator("main [role=status]").first).to_contain_text(connected)
    await look(page, tmp_path, "connected")
    assert stage.read(room_accounts.get, stage.person("bob").id, "zoom").displayname == "bob@example.com"

    await page.get_by_role("button", name=disconnect).click()
    await expect(page.locator("main [role=status]").first).to_contain_text(gone)
    assert stage.read(room_accounts.get, stage.person("bob").id, "zoom") is None
