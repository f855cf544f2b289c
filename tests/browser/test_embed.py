"""Booking pages inside somebody else's page, of another site, in a browser that keeps no cookies for those inside."""

import pytest
from aiohttp import web
from playwright.async_api import async_playwright, expect

from gateway.store import bookings
from tests.booking.office import at
from tests.browser.conftest import CHROMIUM, QUIET, windows
from tests.web.site import make_site

PAGE = "/alice/one-on-one"
HEAR = "document.addEventListener('gateway:booked', (event) => { document.title = JSON.stringify(event.detail); });"
PAGES = {
    "inline": '<h1>Ours</h1><div data-gateway="{page}" data-theme="dark" data-zone="Europe/Berlin"></div>{script}',
    "popup": '<a href="{ours}{page}" data-popup>Talk to us</a>{script}',
    "button": '<script src="{ours}/embed.js" data-button="{page}" data-label="Talk to us" defer></script>',
}


@pytest.fixture
async def ours(aiohttp_server, office):
    """The gateway's address."""
    server = await aiohttp_server(make_site(office))
    return f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def theirs(aiohttp_server, ours):
    """The address of a site that allows nothing but what the snippet needs."""

    async def show(request):
        body = PAGES[request.match_info["way"]].format(
            page=PAGE, ours=ours, script=f'<script src="{ours}/embed.js" defer></script>'
        )
        policy = f"default-src 'none'; script-src {ours} 'self'; frame-src {ours}"
        text = f'<!doctype html><html lang="en"><title>Ours</title><script src="/hear.js"></script><body>{body}'
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})

    async def hear(_request):
        return web.Response(text=HEAR, content_type="text/javascript")

    app = web.Application()
    app.router.add_get("/hear.js", hear)
    app.router.add_get("/{way}", show)
    server = await aiohttp_server(app)
    return f"http://localhost:{server.port}"


@pytest.fixture
async def strict():
    """A browser that takes no cookies of pages inside others."""
    async with async_playwright() as playwright:
        flags = [*QUIET, "--test-third-party-cookie-phaseout"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        await browser.close()


@pytest.fixture
async def visit(strict, theirs, ours):
    async with windows(strict, theirs, beside=(ours,)) as open_page:
        yield open_page


@pytest.mark.parametrize("way", PAGES)
async def test_booked_from_another_site(visit, office, way):
    page = await visit(f"/{way}")
    if way != "inline":
        await page.get_by_text("Talk to us").click()
    frame = page.frame_locator("iframe")
    await frame.locator(".days .free", has_text="24").click()
    async with page.expect_response(lambda answer: answer.url.endswith("/hold")):
        await frame.locator(".start", has_text="10:00").click()
    await frame.locator("#f-name").fill("Jörg Müller")
    await frame.locator("#f-email").fill("joerg@example.org")
    assert await page.context.cookies() == []
    await frame.get_by_role("button", name="Book this time").click()
    await expect(frame.get_by_role("heading", level=1)).to_have_text("You are booked")
    assert [row.start for row in office.rows()] == [at("2026-11-24 10:00")]
    await expect(page).to_have_title('{"gateway":"booked","status":"accepted","start":"2026-11-24T09:00:00Z"}')
    if way != "inline":
        await page.get_by_role("button", name="Close").click()
        await expect(page.locator("iframe")).to_have_count(0)


async def test_the_frame_is_as_high_as_what_is_in_it_and_as_dark_as_asked(visit):
    page = await visit("/inline")
    frame = page.frame_locator("iframe")
    await expect(frame.locator(".start").first).to_be_visible()
    for size in ({"width": 1280, "height": 800}, {"width": 390, "height": 844}):
        await page.set_viewport_size(size)
        inside = frame.locator("body")
        await page.wait_for_function("document.querySelector('iframe').offsetHeight !== 640")
        height = await inside.evaluate(
            "async (body) => (await new Promise(requestAnimationFrame), Math.ceil(body.getBoundingClientRect().height))"
        )
        await expect(page.locator("iframe")).to_have_js_property("offsetHeight", height)
    assert (
        await frame.locator(".card").evaluate("(card) => getComputedStyle(card).backgroundColor") == "rgb(23, 26, 32)"
    )
    assert await frame.locator(".languages").is_hidden()


@pytest.mark.parametrize("ways", ["here", "elsewhere", "nowhere"])
async def test_an_event_type_says_where_it_is_shown(strict, office, theirs, ways):
    origins = {"here": [theirs], "elsewhere": ["https://elsewhere.example"], "nowhere": []}[ways]
    office.db.write_now(bookings.put_event_type, office.alice.id, "one-on-one", {"title": "Talk", "embed": origins})
    page = await strict.new_page(locale="en-GB")
    refused = []
    page.on("console", lambda said: refused.append(said.text) if "frame-ancestors" in said.text else None)
    await page.goto(f"{theirs}/popup")
    await page.get_by_text("Talk to us").click()
    if ways == "here":
        await expect(page.frame_locator("iframe").locator(".start").first).to_be_visible()
        assert refused == []
    else:
        if not refused:
            await page.wait_for_event("console", lambda said: "frame-ancestors" in said.text)
        assert len(refused) == 1
