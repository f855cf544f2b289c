"""A host looks after bookings as people do it; with pictures."""

import pytest
from playwright.async_api import expect

from gateway.booking.book import book, cancel
from tests.booking.office import PASSWORD, at, wish
from tests.booking.team import Team
from tests.browser.looking import PHONE, look

CASES = [
    pytest.param(("Hand it over to another host", "Hand it over", "Bookings"), {"locale": "en-GB"}, id="English, desk"),
    pytest.param(
        ("An jemand anderen übergeben", "Übergeben", "Buchungen"),
        PHONE | {"locale": "de-DE", "color_scheme": "dark"},
        id="German, phone, dark",
    ),
    pytest.param(
        ("Hand it over to another host", "Hand it over", "Bookings"), {"java_script_enabled": False}, id="no scripts"
    ),
]


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_a_booking_is_looked_at_noted_and_handed_over(browse, office, tmp_path, words, options):
    Team(office)
    first = await book(office.desk, "sales", "intro", wish("2026-11-24 15:00", note="Please call me before."))
    ended = await book(office.desk, "alice", "check-in", wish("2026-11-25 10:00", name="Zoe", email="zoe@example.org"))
    await cancel(office.desk, ended.row.uid, ended.token, "Ill")
    page = await browse("/app/login?next=/app/bookings", **options)
    await page.fill("#f-name", "alice")
    await page.fill("#f-password", PASSWORD)
    await page.locator("main button.primary").click()
    await expect(page.locator("main h1")).to_have_text(words[2])
    await look(page, tmp_path, "list")
    await page.locator(f"a[href='/app/bookings/{first.row.uid}']").click()
    await page.fill("#f-note", "Knows Bob")
    await page.locator("form:has(#f-note) button").click()
    await expect(page.locator("main [role=status]")).to_be_visible()
    await page.locator("summary", has_text=words[0]).click()
    await look(page, tmp_path, "one")
    await page.get_by_role("button", name=words[1], exact=True).click()
    await expect(page).to_have_url("/app/bookings")
    office.now = at("2026-11-24 15:10")
    await page.goto("/app/bookings?tab=cancelled")
    await expect(page.locator(".rows li")).to_have_count(1)
    await look(page, tmp_path, "cancelled")
