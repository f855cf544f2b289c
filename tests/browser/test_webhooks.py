"""A webhook is set up as people do it; with pictures."""

import pytest
from playwright.async_api import expect

from tests.booking.office import PASSWORD
from tests.browser.looking import PHONE, look

CASES = [
    pytest.param(("Add a webhook", "Send a test"), {"locale": "en-GB"}, id="English, desk"),
    pytest.param(
        ("Webhook hinzufügen", "Test senden"),
        PHONE | {"locale": "de-DE", "color_scheme": "dark"},
        id="German, phone, dark",
    ),
    pytest.param(("Add a webhook", "Send a test"), {"java_script_enabled": False}, id="without scripts"),
]


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_a_webhook_is_added_and_tested(browse, tmp_path, words, options):
    page = await browse("/app/login?next=/app/webhooks", **options)
    await page.fill("#f-name", "alice")
    await page.fill("#f-password", PASSWORD)
    await page.locator("main button.primary").click()
    await page.fill("#f-url", "https://10.0.0.1/hooks")
    await page.get_by_role("button", name=words[0]).click()
    await expect(page.locator("#e-url")).to_be_visible()
    await look(page, tmp_path, "refused")
    await page.fill("#f-url", "https://hooks.example.com/bookings")
    await page.get_by_role("button", name=words[0]).click()
    await expect(page.locator("#secret")).to_contain_text("whsec_")
    await page.get_by_role("button", name=words[1]).click()
    await expect(page.locator("#h-log + ul li")).to_have_count(1)
    await look(page, tmp_path, "one")
    await page.goto("/app/webhooks")
    await look(page, tmp_path, "list")
