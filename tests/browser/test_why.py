"""A host asks why a time is closed, as people do it; with pictures."""

import pytest
from playwright.async_api import expect

from tests.booking.office import PASSWORD
from tests.booking.test_explain import write
from tests.browser.looking import PHONE, look

CASES = [
    pytest.param("Explain", "cannot be booked", {"locale": "en-GB"}, id="English, desk"),
    pytest.param(
        "Erklären", "ist nicht buchbar", PHONE | {"locale": "de-DE", "color_scheme": "dark"}, id="German, phone, dark"
    ),
    pytest.param("Explain", "cannot be booked", {"java_script_enabled": False}, id="without scripts"),
]


@pytest.mark.parametrize(("button", "words", "options"), CASES)
async def test_a_closed_time_is_explained(browse, office, tmp_path, button, words, options):
    write(office, "talk", "4T1330", "4T1430", "Dentist")
    write(office, "maybe", "4T0830", "4T0930", "Jour fixe", ("STATUS:TENTATIVE",))
    page = await browse("/app/login?next=/app/why", **options)
    await page.fill("#f-name", "alice")
    await page.fill("#f-password", PASSWORD)
    await page.locator("main button.primary").click()
    await page.fill("#f-day", "2026-11-24")
    await page.fill("#f-time", "14:30")
    await page.select_option("#f-type", "alice/one-on-one")
    await page.get_by_role("button", name=button).click()
    await expect(page.locator("main [role=status]")).to_contain_text(words)
    await expect(page.locator("main [role=status]")).to_contain_text("Dentist")
    await look(page, tmp_path, "why")
