"""Secret links as their owner and as whoever gets one sees them."""

import pytest
from playwright.async_api import expect

from gateway.booking.links import LinkWish, make
from tests.booking.office import PASSWORD
from tests.browser.looking import look
from tests.browser.test_choices import GERMAN_PHONE, PLAIN


@pytest.mark.parametrize("options", [{}, GERMAN_PHONE, PLAIN], ids=["desk", "german-phone", "plain"])
async def test_made_on_its_page_and_booked_with(browse, office, tmp_path, options, request):
    await make(office.desk, office.alice, LinkWish("check-in", label="For the fair", uses=20))
    page = await browse("app/login?next=/app/links", **options)
    await page.fill("[name=name]", "alice")
    await page.fill("[name=password]", PASSWORD)
    await page.locator("button[type=submit].primary").click()
    await expect(page.locator("#h-links")).to_be_visible()
    await page.select_option("[name=event_type]", "one-on-one")
    await page.fill("[name=label]", "Jörg")
    await page.fill("[name=expires]", "2026-12-01")
    await page.locator("form button.primary").click()
    await expect(page.locator(".rows li")).to_have_count(2)
    if options.get("java_script_enabled", True):
        await look(page, tmp_path, f"links-{request.node.callspec.id}")
    link = await page.locator(".rows li code").first.inner_text()
    address = link[link.index("/link/") :]

    guest = await browse(f"{address[1:]}?start=2026-11-24T09:00:00Z&zone=Europe/Berlin", **options)
    await guest.fill("#f-name", "Jörg Müller")
    await guest.fill("#f-email", "joerg@example.org")
    await guest.locator("button[type=submit].primary").click()
    await expect(guest.locator("dl.summary")).to_be_visible()
    await guest.goto(address)
    await expect(guest.locator(".error-page .status")).to_have_text("410")
    assert len(office.rows()) == 1
