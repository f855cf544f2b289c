"""Seats and guests before a real browser: on a desktop, on a phone in German, and without JavaScript."""

import pytest
from playwright.async_api import expect

from gateway.booking.model import details
from gateway.store import bookings
from tests.browser.looking import PHONE, look

DESKTOP = ({}, "Invite guests", "seats left", "You are booked")
GERMAN = ({**PHONE, "locale": "de-DE", "color_scheme": "dark"}, "Gäste einladen", "Plätze", "Ihr Termin ist gebucht")
BARE = ({"java_script_enabled": False}, *DESKTOP[1:])


async def fill(page, name):
    await page.fill("#f-name", name)
    await page.fill("#f-email", f"{name.lower()}@browser.example")


@pytest.mark.parametrize(
    ("day", "options", "words"),
    [("2026-12-08", DESKTOP[0], DESKTOP), ("2026-12-09", GERMAN[0], GERMAN), ("2026-12-10", BARE[0], BARE)],
    ids=["desktop", "German phone", "no JavaScript"],
)
async def test_seats_go_one_by_one(visit, stage, tmp_path, day, options, words):
    _, _, left, booked = words
    address = f"/carol/workshop?date={day}&start={day}T10:00:00Z"
    for number, name in enumerate(("Ines", "Ben")):
        page = await visit(address, **options)
        await expect(page.get_by_text(f"{6 - number} {left}")).to_be_visible()
        await fill(page, name)
        if "java_script_enabled" not in options:
            await look(page, tmp_path, f"form-{number}")
        await page.locator("button.primary").click()
        await expect(page.locator("h1")).to_have_text(booked)
        await expect(page.get_by_text("ines@" if name == "Ben" else "ben@")).to_have_count(0)

    page = await visit(f"/carol/workshop?date={day}", **options)
    await expect(page.locator("a.start small", has_text=f"4 {left}")).to_be_visible()
    if "java_script_enabled" not in options:
        await look(page, tmp_path, "times")


@pytest.mark.parametrize(
    ("day", "options", "words"),
    [("2026-12-03", DESKTOP[0], DESKTOP), ("2026-12-17", GERMAN[0], GERMAN), ("2027-01-07", BARE[0], BARE)],
    ids=["desktop", "German phone", "no JavaScript"],
)
async def test_guests_come_along_and_leave(visit, stage, tmp_path, day, options, words):
    _, invite, _, booked = words
    page = await visit(f"/alice/one-on-one?date={day}&start={day}T12:00:00Z", **options)
    await fill(page, "Jana")
    await page.fill("#f-guests", "ken@browser.example")
    await page.locator("button.primary").click()
    await expect(page.locator("h1")).to_have_text(booked)
    await page.get_by_text(invite).click()
    await page.fill("#f-guests", "lea@browser.example")
    if "java_script_enabled" not in options:
        await look(page, tmp_path, "booking")
    await page.locator("details form button").click()
    await expect(page.get_by_text("lea@browser.example")).to_be_visible()
    await page.locator('button[value="lea@browser.example"]').click()
    await expect(page.get_by_text("lea@browser.example")).to_have_count(0)
    await page.get_by_text(invite).click()
    await page.fill("#f-guests", "lea@browser.example")
    await page.locator("details form button").click()
    await expect(page.get_by_text("lea@browser.example")).to_be_visible()
    if "java_script_enabled" not in options:
        await look(page, tmp_path, "guests")

    uid = page.url.partition("?")[0].rpartition("/")[2]
    row = stage.read(bookings.by_uid, uid)
    assert row is not None
    token = stage.parts.sealer.open(details(row).guests[0].token.encode())
    page = await visit(f"/booking/{uid}/guest?token={token}", **options)
    if "java_script_enabled" not in options:
        await look(page, tmp_path, "guest")
    await page.locator("main form button").click()
    await expect(page.locator("main form")).to_have_count(0)
    row = stage.read(bookings.by_uid, uid)
    assert row is not None
    assert [one.gone for one in details(row).guests] == [True, False]
