"""What an invitee chooses beside the time, in a real browser: with the mouse, on a phone, without JavaScript."""

import pytest
from playwright.async_api import expect

from gateway.store import bookings
from tests.browser.conftest import windows
from tests.browser.looking import PHONE, look
from tests.web.site import make_site

GERMAN_PHONE = {**PHONE, "locale": "de-DE", "color_scheme": "dark"}
PLAIN = {"java_script_enabled": False}
PLACES = (
    {"kind": "in-person", "text": "Büro Hartmann, Lindenstraße 7, 10969 Berlin"},
    {"kind": "call-invitee"},
    {"kind": "link", "text": "https://meet.example/{room}"},
)
TEN = "2026-11-24T09:00:00Z"


@pytest.fixture
def offer(office):
    """Sets the event type."""

    def put(**more):
        document = {"title": {"en": "Advice", "de": "Rat"}, "length": 30, **more}
        office.db.write_now(bookings.put_event_type, office.alice.id, "advice", document)

    return put


@pytest.mark.parametrize("options", [{}, GERMAN_PHONE, PLAIN], ids=["desk", "german-phone", "plain"])
async def test_a_place_is_chosen_and_asks_its_own_question(browse, office, offer, tmp_path, options, request):
    offer(places=PLACES)
    page = await browse(f"alice/advice?start={TEN}&zone=Europe/Berlin", **options)
    phone = page.locator("input[type=tel]")
    await expect(phone).to_be_hidden()
    await page.locator("[name=name]").fill("Jörg Müller")
    await page.locator("[name=email]").fill("joerg@example.org")
    await page.locator("[name=where]").nth(1).check()
    if options.get("java_script_enabled", True):
        await look(page, tmp_path, f"places-{request.node.callspec.id}")
    await page.locator("button[type=submit].primary").click()
    await expect(page.locator(".places .error")).to_be_visible()
    await phone.fill("+49 30 5550100")
    await page.locator("button[type=submit].primary").click()
    await expect(page.locator("dl.summary")).to_contain_text("+49 30 5550100")
    assert [row.document["place"] for row in office.rows()] == ["+49 30 5550100"]


@pytest.mark.parametrize("options", [{}, GERMAN_PHONE, PLAIN], ids=["desk", "german-phone", "plain"])
async def test_a_length_is_chosen_by_a_link(browse, office, offer, tmp_path, options, request):
    offer(lengths=[15, 60, 90])
    page = await browse("alice/advice?zone=Europe/Berlin&date=2026-11-24", **options)
    if options.get("java_script_enabled", True):
        await look(page, tmp_path, f"lengths-{request.node.callspec.id}")
    await page.locator(".lengths a").nth(2).click()
    await expect(page.locator(".lengths [aria-current]")).to_have_text("1 h" if "locale" not in options else "1 Std.")
    if options.get("java_script_enabled", True):
        async with page.expect_response("**/hold*"):
            await page.locator(".start").first.click()
    else:
        await page.locator(".start").first.click()
    await page.locator("[name=name]").fill("Jörg Müller")
    await page.locator("[name=email]").fill("joerg@example.org")
    await page.locator("button[type=submit].primary").click()
    await expect(page.locator("dl.summary")).to_be_visible()
    assert [row.end - row.start for row in office.rows()] == [3600]


@pytest.mark.parametrize("options", [{}, GERMAN_PHONE, PLAIN], ids=["desk", "german-phone", "plain"])
async def test_whoever_has_booked_is_sent_on_to_another_site(aiohttp_server, office, chromium, offer, options):
    """A browser follows no redirect to elsewhere after a form (form-action), but the page that it leads to may."""
    offer(redirect="https://shop.example/thanks?who={name}")
    server = await aiohttp_server(make_site(office))
    async with windows(chromium, str(server.make_url("/")), ("https://shop.example/",)) as open_page:
        page = await open_page(
            f"alice/advice?start={TEN}&zone=Europe/Berlin&name=J%C3%B6rg&email=j@example.org", **options
        )
        body = {"content_type": "text/html", "body": "<!doctype html><title>Thanks</title>"}
        await page.route("https://shop.example/**", lambda route: route.fulfill(**body))
        await page.locator("button[type=submit].primary").click()
        await expect(page).to_have_title("Thanks")
        assert page.url == "https://shop.example/thanks?who=J%C3%B6rg"
        assert [row.status for row in office.rows()] == ["accepted"]
