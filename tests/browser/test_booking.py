"""Booking as people do it: on a desk and on a phone, in two languages, in the dark, without JavaScript."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.booking.office import at
from tests.browser.looking import look

PAGE = "/alice/one-on-one"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {}
DARK_GERMAN = {"locale": "de-DE", "color_scheme": "dark"}
NO_SCRIPT = {"java_script_enabled": False}

WORDS = {
    "en": ("Book this time", "You are booked", "Reschedule", "Move the appointment", "Cancel"),
    "de": ("Diese Zeit buchen", "Ihr Termin ist gebucht", "Verschieben", "Termin verschieben", "Absagen"),
}


async def fill(page, name="Jörg Müller", email="joerg@example.org"):
    await page.fill("#f-name", name)
    await page.fill("#f-email", email)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(DESK, "en", id="desk"),
        pytest.param(PHONE, "en", id="phone"),
        pytest.param(DARK_GERMAN, "de", id="desk, dark, German"),
        pytest.param(PHONE | DARK_GERMAN, "de", id="phone, dark, German"),
        pytest.param(NO_SCRIPT, "en", id="without JavaScript"),
        pytest.param(PHONE | NO_SCRIPT, "en", id="phone without JavaScript"),
    ],
)
async def test_book_move_and_cancel(browse, office, options, words):
    book, booked, reschedule, move, cancel = WORDS[words]
    page = await browse(PAGE, **options)
    await page.locator(".days .free", has_text="24").click()
    await expect(page.locator("[aria-current=date]")).to_have_text("24")
    await page.locator(".start", has_text="10:00").click()
    await expect(page.locator("#f-name")).to_be_visible()
    await fill(page)
    await page.get_by_role("button", name=book).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(booked)
    assert [row.start for row in office.rows()] == [at("2026-11-24 10:00")]

    await page.get_by_role("link", name=reschedule).click()
    await page.locator(".days .free", has_text="25").click()
    await expect(page.locator("[aria-current=date]")).to_have_text("25")
    await page.locator(".start", has_text="09:00").click()
    await page.get_by_role("button", name=move).click()
    await expect(page.get_by_role("link", name=reschedule)).to_be_visible()
    assert [(row.start, row.sequence) for row in office.rows()] == [(at("2026-11-25 09:00"), 1)]

    await page.get_by_role("link", name=cancel, exact=True).click()
    await page.locator(".button.danger").click()
    await expect(page.locator(".booking.cancelled")).to_be_visible()
    assert ([row.status for row in office.rows()], office.texts()) == (["cancelled"], [])


async def test_the_visitors_own_zone_is_found(browse):
    page = await browse(PAGE, timezone_id="Asia/Tokyo")
    await expect(page.locator(".zone")).to_contain_text("Times in Tokyo, now 18:00")
    await expect(page.locator(".start").first).to_have_text("17:00")

    await page.goto("/alice/check-in")
    await expect(page.locator(".zone")).to_contain_text("Tokyo")


async def test_another_zone_is_searched_and_stays(browse):
    page = await browse(PAGE)
    await page.get_by_role("link", name="Change time zone").click()
    await page.fill("#f-search", "new york")
    rows = page.locator("#zone-list li:visible")
    await expect(rows).to_have_count(1)
    await rows.get_by_role("link").click()
    await expect(page.locator(".zone")).to_contain_text("Times in New York")
    await page.reload()
    await expect(page.locator(".zone")).to_contain_text("Times in New York")


async def test_on_a_phone_the_month_folds_once_a_day_is_chosen(browse):
    page = await browse(PAGE, **PHONE)
    weeks = page.locator(".days tbody tr:visible")
    await expect(weeks).to_have_count(6)
    await page.locator(".days .free", has_text="25").click()
    await expect(weeks).to_have_count(1)
    await page.get_by_role("link", name="Whole month").click()
    await expect(weeks).to_have_count(6)


async def test_the_month_is_used_by_keyboard(browse):
    page = await browse(PAGE)
    await page.locator(".days .free", has_text="23").focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(".days .free", has_text="30")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(page.locator("[aria-current=date]")).to_have_text("24")
    await expect(page.locator(".days .free", has_text="24")).to_be_focused()
    await page.locator(".days .free", has_text="30").press("ArrowRight")
    await expect(page.get_by_role("link", name="Later month")).to_be_focused()


async def test_the_month_is_one_stop_of_the_tab_key(browse):
    page = await browse(PAGE)
    grid = page.get_by_role("grid", name="November 2026")
    await expect(grid.get_by_role("gridcell", name="22")).to_be_disabled()
    await page.locator("#later").focus()
    await page.keyboard.press("Tab")
    await expect(page.locator(".days .free", has_text="23")).to_be_focused()
    await page.keyboard.press("End")
    await expect(page.locator(".days .free", has_text="27")).to_be_focused()
    await page.keyboard.press("Home")
    await expect(page.locator(".days .free", has_text="23")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Change time zone")).to_be_focused()
    await page.locator(".days .free", has_text="23").press("PageDown")
    await expect(page.get_by_role("grid", name="December 2026")).to_be_visible()


@pytest.mark.parametrize("options", [pytest.param(DESK, id="desk"), pytest.param(PHONE | NO_SCRIPT, id="phone, plain")])
async def test_booked_from_the_week_and_from_the_list(browse, office, tmp_path, options):
    page = await browse(PAGE, **options)
    await page.get_by_role("link", name="Week", exact=True).click()
    await expect(page.get_by_role("link", name="Week", exact=True)).to_have_attribute("aria-current", "true")
    await expect(page.get_by_role("list", name="Tue 24 Nov").get_by_role("link")).to_have_count(16)
    await look(page, tmp_path, "week")
    await page.get_by_role("link", name="Later week").click()
    await expect(page.get_by_role("list", name="Tue 1 Dec").get_by_role("link")).to_have_count(16)
    await page.get_by_role("link", name="List", exact=True).click()
    await expect(page.get_by_role("list", name="Monday 30 November")).to_be_visible()
    await look(page, tmp_path, "list")
    await page.get_by_role("list", name="Tuesday 1 December").get_by_role("link", name="09:30").click()
    await fill(page)
    await page.get_by_role("button", name="Book this time").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are booked")
    assert [row.start for row in office.rows()] == [at("2026-12-01 09:30")]


async def test_the_clock_is_changed(browse):
    page = await browse(PAGE)
    await page.get_by_role("link", name="12-hour clock").click()
    await expect(page.locator(".start").first).to_have_text("9:00 am")
    await page.reload()
    await expect(page.locator(".zone")).to_contain_text("now 10:00 am")
    await page.get_by_role("link", name="24-hour clock").click()
    await expect(page.locator(".start").first).to_have_text("09:00")


async def test_back_leads_to_the_day_before(browse):
    page = await browse(PAGE)
    await page.locator(".days .free", has_text="24").click()
    await expect(page.locator("[aria-current=date]")).to_have_text("24")
    await page.locator(".days .free", has_text="26").click()
    await expect(page.locator("[aria-current=date]")).to_have_text("26")
    await page.evaluate("history.back()")
    await expect(page.locator("[aria-current=date]")).to_have_text("24")


async def test_a_slot_gone_meanwhile_keeps_what_was_typed(browse, office):
    """The second visitor opened the form first, and took longer than its time is kept."""
    pages = []
    for _ in range(2):
        page = await browse("/alice")
        async with page.expect_response(lambda answer: answer.url.endswith("/hold")):
            await page.goto(f"{PAGE}?start=2026-11-24T09:00:00Z")
        await fill(page)
        pages.append(page)
        office.now += office.settings.booking.hold_seconds
    second, first = pages
    await first.get_by_role("button", name="Book this time").click()
    await expect(first.get_by_role("heading", level=1)).to_have_text("You are booked")

    await second.get_by_role("button", name="Book this time").click()
    await expect(second.get_by_role("alert")).to_contain_text("Somebody was faster")
    await second.locator(".nearest .start").first.click()
    await expect(second.locator("#f-email")).to_have_value("joerg@example.org")
    await second.get_by_role("button", name="Book this time").click()
    await expect(second.get_by_role("heading", level=1)).to_have_text("You are booked")


async def test_nothing_is_wider_than_a_small_phone(browse):
    page = await browse(PAGE, viewport={"width": 320, "height": 640})
    for path in (PAGE, "/alice", f"{PAGE}?start=2026-11-24T09:00:00Z", f"{PAGE}?choose=zone", "/", "/app/login"):
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320, path


async def test_whatever_is_tapped_is_large_enough(browse):
    page = await browse(PAGE, **PHONE)
    for path in (PAGE, f"{PAGE}?date=2026-11-24&month=2026-11", "/alice", f"{PAGE}?start=2026-11-24T09:00:00Z"):
        await page.goto(path)
        small = await page.evaluate(
            """[...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea")]
            .filter((one) => one.offsetParent && !one.closest(".homepage, .skip"))
            .filter((one) => one.getBoundingClientRect().height < 44)
            .map((one) => one.outerHTML)"""
        )
        assert small == [], path


async def test_whoever_is_quicker_than_the_answer_to_their_hold_is_not_refused_by_it(browse, office):
    page = await browse(PAGE)
    order, go_on = [], asyncio.Event()

    async def later(route):
        await go_on.wait()
        await route.continue_()

    await page.route("**/hold", later)
    page.on("request", lambda one: order.append("form") if one.method == "POST" and one.url.endswith(PAGE) else None)
    page.on("response", lambda one: order.append("hold") if one.url.endswith("/hold") else None)
    await page.locator(".days .free", has_text="24").click()
    await expect(page.locator("[aria-current=date]")).to_have_text("24")
    await page.locator(".start", has_text="10:00").click()
    await fill(page)
    await page.get_by_role("button", name="Book this time").click()
    await expect(page.locator("#details")).to_have_attribute("aria-busy", "true")
    go_on.set()

    await expect(page.get_by_role("heading", level=1)).to_have_text("You are booked")
    assert order == ["hold", "form"]
    assert len(office.rows()) == 1
