"""axe-core finds nothing on any page: every GET route is looked at, so a new one is by itself."""

import re

import pytest
import requests
from playwright.async_api import Page

from gateway.booking import links
from gateway.booking.model import details
from gateway.demo.seed.people import PASSWORD
from gateway.store import bookings, schedules, webhooks
from gateway.web.routes import ROUTES
from tests.browser.axe import judged
from tests.story.stage import Stage

GAP = re.compile(r"\{")
FORM = "/alice/one-on-one?start={}T10:30:00Z"
NOT_FOUND = "/{rest}"


def name_of(path: str) -> str:
    """Of a route, without the patterns of its gaps."""
    return re.sub(r"\{(\w+):[^/]*?\}(?=[/.]|$)", r"{\1}", path)


def booked(stage: Stage, kind: str, start: str) -> str:
    """The address of a booking's page, as its invitee has it."""
    form = {"name": "Jana Müller", "email": "jana@nordwind.example", "start": start, "zone": "Asia/Tokyo", "lang": "en"}
    form |= {"place": "+49 30 1234567"} if kind != "one-on-one" else {"guests": "ken@nordwind.example"}
    answer = requests.post(f"{stage.base}/alice/{kind}", data=form, allow_redirects=False, timeout=30)
    assert answer.status_code == 303
    return answer.headers["Location"]


def guest_page(stage: Stage, booking: str) -> str:
    """The page of the first guest of a booking."""
    path = booking.partition("?")[0]
    row = stage.read(bookings.by_uid, path.removeprefix("/booking/"))
    assert row is not None
    return f"{path}/guest?token={stage.parts.sealer.open(details(row).guests[0].token.encode())}"


def host_page(stage: Stage, booking: str) -> str:
    """The same booking's page, as its hosts have it."""
    path = booking.partition("?")[0]
    row = stage.read(bookings.by_uid, path.removeprefix("/booking/"))
    assert row is not None
    return f"{path}?token={stage.parts.sealer.open(details(row).host_token.encode())}"


def first_start(stage: Stage, page: str) -> str:
    """Of what the page of an event type offers."""
    html = requests.get(stage.base + page, timeout=30).text
    found = re.search(r'class="start" href="[^"]*start=([0-9TZ:%A-]+)', html)
    assert found is not None, html
    return found[1]


def hook(stage: Stage) -> int:
    """A webhook of Alice's."""
    values = {"url": "https://hooks.example/", "events": ["booking.created"], "secret": "", "created": 1}
    return stage.run(stage.parts.db.write(webhooks.add, {**values, "user_id": stage.person("alice").id}))


@pytest.fixture(scope="module")
def gaps(stage: Stage) -> dict[str, tuple[str, ...]]:
    """Addresses of routes with gaps, and further ones of those without. (): no page of it is for people."""
    accounts = [f"/app/accounts/{stage.account('alice', kind).id}" for kind in ("google", "outlook")]
    [standard, *_] = stage.read(schedules.of_user, stage.person("alice").id)
    talk = stage.read(bookings.event_types, stage.person("alice").id)[0].id
    booking, waits = (
        booked(stage, kind, start)
        for kind, start in (("one-on-one", "2026-12-02T10:00:00Z"), ("late-support", "2026-12-02T17:45:00Z"))
    )
    desk = stage.parts.desk
    private = links.path(desk, stage.run(links.make(desk, stage.person("alice"), links.LinkWish("one-on-one"))))
    return {
        "/static/accent-{color}.css": (),
        "/link/{secret}": (private, f"{private}?start={first_start(stage, private)}"),
        "/static/picture-{digest}": (),
        "/static/{name}": (),
        "/freebusy/{who}": (),
        "/freebusy/{who}/": (),
        "/tz/zones/{tzid}": (),
        "/tz/{rest}": (),
        "/app/connect/{kind}": ("/app/connect/google", "/app/connect/outlook"),
        "/app/accounts/{id}": tuple(accounts),
        "/app/accounts/{id}/disconnect": (f"{accounts[0]}/disconnect",),
        "/app/mails/{name}.html": (),  # shown within /app/mails, and looked at below
        "/app/hours/{id}": (f"/app/hours/{standard.id}",),
        "/oauth/{kind}/start": (),
        "/oauth/{kind}/callback": ("/oauth/google/callback?error=access_denied&state=none",),
        "/booking/{uid}": (
            *(booking, f"{booking}&cancel=1", f"{booking}&move=1", f"{booking}&wrong=1", waits),
            *(f"{host_page(stage, waits)}{act}" for act in ("", "&confirm=1", "&decline=1", "&move=1")),
        ),
        "/booking/{uid}/invite.ics": (),
        "/booking/{uid}/guest": (guest_page(stage, booking),),
        "/app/team/{name}": ("/app/team/sales",),
        "/app/team/{name}/members/{who}/remove": ("/app/team/sales/members/bob/remove",),
        "/app/webhooks/{id}": (f"/app/webhooks/{hook(stage)}",),
        "/app/bookings/{uid}": (booking.partition("?")[0].replace("/booking/", "/app/bookings/"),),
        "/app/event-types/{id}": (f"/app/event-types/{talk}",),
        "/app/event-types/{id}/delete": (f"/app/event-types/{talk}/delete",),
        "/team/{team}": ("/team/sales",),
        "/team/{team}/{slug}": ("/team/sales/demo", "/team/sales/intro"),
        "/{user}": ("/alice",),
        "/{user}/{slug}": (
            "/alice/one-on-one",
            FORM.format("2026-12-02"),
            "/alice/consulting",
            "/alice/one-on-one?choose=zone&search=new",
            "/alice/one-on-one?view=week",
            "/alice/one-on-one?view=list",
            *(f"{page}?start={first_start(stage, page)}" for page in ("/alice/consulting", "/carol/workshop")),
        ),
        NOT_FOUND: ("/nowhere/at/all",),
    }


def test_every_route_with_gaps_says_which_pages_are_looked_at(gaps):
    routes = {name_of(path) for method, path, _ in ROUTES if method == "GET"}
    assert {route for route in routes if GAP.search(route)} == {route for route in gaps if GAP.search(route)}
    assert set(gaps) <= routes


async def problems(page: Page, gaps: dict[str, tuple[str, ...]], signed_in: bool) -> dict[str, list[str]]:
    """By address, of the routes for people who are signed in, or for all."""
    found = {}
    for route in (name_of(path) for method, path, _ in ROUTES if method == "GET"):
        if (route.startswith(("/app", "/oauth")) and route != "/app/login") is not signed_in:
            continue
        for address in gaps.get(route, (route,)):
            answer = await page.request.get(address, max_redirects=0)
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            if route != NOT_FOUND and not address.startswith("/oauth"):
                assert answer.status == 200, address
            await page.goto(address)
            if wrong := await judged(page):
                found[address] = wrong
    return found


async def test_nothing_is_wrong_with_the_pages_for_all(visit, gaps):
    page = await visit("/", timezone_id="Europe/Berlin")
    assert await problems(page, gaps, signed_in=False) == {}


async def signed_in(visit, **options) -> Page:
    page = await visit("/app/login", **options)
    await page.fill("#f-name", "alice")
    await page.fill("#f-password", PASSWORD)
    await page.locator("button.primary").click()
    await page.wait_for_url("**/app")
    return page


async def test_nothing_is_wrong_with_the_signed_in_pages(visit, gaps):
    page = await signed_in(visit)
    assert await problems(page, gaps, signed_in=True) == {}


async def test_nothing_is_wrong_with_the_mails(visit):
    page = await signed_in(visit, bypass_csp=True)  # nothing runs in a mail, so the looking could not either
    await page.goto("/app/mails")
    names = await page.locator("#f-mail option").evaluate_all("options => options.map(one => one.value)")
    assert len(names) > 10
    found = {}
    for name in names:
        await page.goto(f"/app/mails/{name}.html?in=de")
        if wrong := await judged(page):
            found[name] = wrong
    assert found == {}


async def test_nothing_is_wrong_with_a_form_filled_in_wrongly(visit):
    page = await visit(FORM.format("2026-12-03"))
    await page.evaluate("document.getElementById('details').noValidate = true")
    await page.locator("button.primary").click()
    await page.locator(".error").first.wait_for()
    assert await judged(page) == []
