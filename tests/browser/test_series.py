"""A series in a real browser: booked, one date cancelled, one moved; with the mouse, on a phone, without JavaScript."""

import pytest
from playwright.async_api import expect

from gateway.booking.turns import turns
from gateway.store import bookings
from tests.booking.office import at
from tests.browser.looking import PHONE, look

GERMAN_PHONE = {**PHONE, "locale": "de-DE", "color_scheme": "dark"}
PLAIN = {"java_script_enabled": False}
DATES = [at(f"{day} 10:00") for day in ("2027-03-09", "2027-03-23", "2027-04-06", "2027-04-20")]


@pytest.fixture(autouse=True)
def kind(office):
    document = {
        "title": {"en": "Coaching", "de": "Begleitung"},
        "length": 60,
        "window": {"kind": "rolling", "days": 365},
        "series": {"every": 2, "per": "week", "count": 5, "fewer": True},
    }
    office.db.write_now(bookings.put_event_type, office.alice.id, "coaching", document)


@pytest.mark.parametrize("options", [{}, GERMAN_PHONE, PLAIN], ids=["desk", "german-phone", "plain"])
async def test_a_series_from_the_month_to_its_single_dates(browse, office, tmp_path, options, request):
    async def see(name):
        if options.get("java_script_enabled", True):
            await look(page, tmp_path, f"{name}-{request.node.callspec.id}")

    page = await browse("alice/coaching?zone=America/New_York&date=2027-03-09&month=2027-03", **options)
    await page.locator("#count").select_option("4")
    await page.locator(".count button").click()
    await expect(page.locator("#count")).to_have_value("4")
    await see("choose")
    await page.locator(".start").nth(1).click()
    await expect(page.locator(".series ol li")).to_have_count(4)
    await see("form")
    await page.locator("[name=name]").fill("Jörg Müller")
    await page.locator("[name=email]").fill("joerg@example.org")
    await page.locator("button[type=submit].primary").click()
    await expect(page.locator(".dates > li")).to_have_count(4)
    await see("booked")

    await page.locator(".dates > li").nth(1).locator(".of-date a").nth(1).click()
    await see("cancel")
    await page.locator("button.danger").click()
    await expect(page.locator(".dates > li.gone")).to_have_count(1)

    await page.locator(".dates > li").nth(2).locator(".of-date a").first.click()
    await page.locator("#d2027-04-07").click()
    await page.locator(".start").first.click()
    await see("move")
    await page.locator("button[type=submit].primary").click()
    await expect(page.locator(".dates > li")).to_have_count(4)
    await see("moved")
    [row] = office.rows()
    assert [None if one.gone else one.start for one in turns(row)] == [DATES[0], None, at("2027-04-07 09:00"), DATES[3]]
