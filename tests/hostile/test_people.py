"""Every route of the application, asked by everybody: nobody gets more than is theirs, or learns what there is."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final
from urllib.parse import unquote

import pytest

from gateway.dav.methods import METHODS
from gateway.store import accounts, principals
from gateway.store.accounts import CalendarRow
from gateway.store.database import Connection
from gateway.store.principals import AppPassword
from gateway.web.api.table import OPERATIONS
from tests.whole import MERGED, PASSWORD, Reply, Whole, csrf, event, secret_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


class For(Enum):
    """Whom a route is for."""

    ALL = auto()  # everybody gets the same
    ONESELF = auto()  # shows and changes what belongs to whoever is signed in
    OWNER = auto()  # of what its address names
    DAV = auto()  # by the table of gateway.dav.acl, which tests/dav/test_access.py walks
    KEY = auto()  # by the scopes of the table of gateway.web.api, which tests/web/api/test_frame.py walks


ROUTES: Final = {
    **dict.fromkeys((f"{method} /" for method in METHODS if method not in {"GET", "HEAD"}), For.DAV),
    **dict.fromkeys(("* /principals", "* /principals/", "* /dav{tail}"), For.DAV),
    **dict.fromkeys(("* /.well-known/caldav", "* /.well-known/caldav/"), For.ALL),
    **dict.fromkeys(("GET /", "GET /healthz", "GET /readyz", "GET /metrics", "GET /{rest}"), For.ALL),
    **dict.fromkeys(("GET /embed.js", "GET /static/picture-{digest}"), For.ALL),
    **dict.fromkeys(("GET /app/profile", "POST /app/profile"), For.ONESELF),
    **dict.fromkeys(("GET /static/accent-{color}.css", "GET /static/{name}", "GET /freebusy/{who}"), For.ALL),
    **dict.fromkeys(("GET /freebusy/{who}/", "GET /.well-known/timezone", "GET /tz", "GET /tz/{rest}"), For.ALL),
    **dict.fromkeys(("GET /tz/capabilities", "GET /tz/zones", "GET /tz/zones/{tzid}"), For.ALL),
    **dict.fromkeys(("GET /{user}", "GET /{user}/{slug}", "POST /{user}/{slug}", "POST /{user}/{slug}/hold"), For.ALL),
    **dict.fromkeys(("GET /team/{team}", "GET /team/{team}/{slug}", "POST /team/{team}/{slug}"), For.ALL),
    **dict.fromkeys(("POST /team/{team}/{slug}/hold", "GET /api/docs", "GET /api/v1/openapi.json"), For.ALL),
    **{f"{one.method} /api/v1{one.path}": For.KEY for one in OPERATIONS},
    **{f"* /api/v1{one.path}": For.KEY for one in OPERATIONS},  # methods that there are not
    **dict.fromkeys(("* /api/v1/openapi.json", "* /api/{rest}"), For.KEY),
    # whoever has the link to a booking has its token, and nobody else
    **dict.fromkeys(("GET /booking/{uid}", "POST /booking/{uid}", "GET /booking/{uid}/invite.ics"), For.ALL),
    **dict.fromkeys(("POST /booking/{uid}/guests", "GET /booking/{uid}/guest", "POST /booking/{uid}/guest"), For.ALL),
    # the secret of a channel, and nobody's session
    **dict.fromkeys(("POST /hooks/google", "POST /hooks/microsoft"), For.ALL),
    **dict.fromkeys(("GET /app/login", "POST /app/login"), For.ALL),
    **dict.fromkeys(("GET /app", "POST /app/logout", "POST /app/passwords"), For.ONESELF),
    **dict.fromkeys(("GET /oauth/{kind}/start", "GET /oauth/{kind}/callback"), For.ONESELF),
    **dict.fromkeys(("POST /app/calendars/{id}", "POST /app/passwords/{id}", "POST /app/refusals/{id}"), For.OWNER),
    **dict.fromkeys(("GET /app/hours", "POST /app/hours", "GET /app/mails", "GET /app/mails/{name}.html"), For.ONESELF),
    **dict.fromkeys(("GET /app/hours/{id}", "POST /app/hours/{id}/holidays", "POST /app/hours/{id}/name"), For.OWNER),
    **dict.fromkeys(("POST /app/hours/{id}/remove", "POST /app/hours/{id}/standard"), For.OWNER),
    **dict.fromkeys(("POST /app/hours/{id}/{part}", "POST /app/api-keys/{id}"), For.OWNER),
    "POST /app/rooms/zoom/disconnect": For.ONESELF,
    **dict.fromkeys(("GET /app/event-types", "GET /app/event-types/new", "POST /app/event-types/new"), For.ONESELF),
    **dict.fromkeys((f"{method} /app/event-types/{{id}}" for method in ("GET", "POST")), For.OWNER),
    **dict.fromkeys((f"{method} /app/event-types/{{id}}/delete" for method in ("GET", "POST")), For.OWNER),
    "POST /app/event-types/{id}/act": For.OWNER,
    **dict.fromkeys(
        ("GET /app/why", "GET /app/week", "GET /app/bookings", "GET /app/bookings.ics", "GET /app/bookings.csv"),
        For.ONESELF,
    ),
    # whoever has the secret can book
    **dict.fromkeys(("GET /link/{secret}", "POST /link/{secret}", "POST /link/{secret}/hold"), For.ALL),
    **dict.fromkeys(("GET /app/links", "POST /app/links"), For.ONESELF),
    "POST /app/links/{id}": For.OWNER,
    **dict.fromkeys(("GET /app/webhooks", "POST /app/webhooks"), For.ONESELF),
    **dict.fromkeys(("GET /app/webhooks/{id}", "POST /app/webhooks/{id}"), For.OWNER),
    **dict.fromkeys(("GET /app/bookings/{uid}", "POST /app/bookings/{uid}"), For.OWNER),
    **dict.fromkeys(("GET /app/team", "POST /app/team", "GET /app/team/{name}"), For.ONESELF),
    **dict.fromkeys((f"{method} /app/team/{{name}}/members/{{who}}/remove" for method in ("GET", "POST")), For.OWNER),
    **dict.fromkeys(
        (
            "POST /app/team/{name}/members",
            "POST /app/team/{name}/members/{who}/role",
            "POST /app/team/{name}/outsiders",
        ),
        For.OWNER,
    ),
    "POST /app/api-keys": For.ONESELF,
    "GET /app/connect/{kind}": For.ONESELF,
    "POST /app/delegates": For.ONESELF,
    "POST /app/delegates/{id}": For.ONESELF,
    "POST /app/mirrors": For.ONESELF,
    "POST /app/mirrors/{id}": For.OWNER,
    **dict.fromkeys((f"{method} /app/accounts/{{id}}" for method in ("GET", "POST")), For.OWNER),
    **dict.fromkeys((f"{method} /app/accounts/{{id}}/disconnect" for method in ("GET", "POST")), For.OWNER),
}


async def test_every_route_says_whom_it_is_for(whole: Whole) -> None:
    there = {f"{route.method} {route.resource.canonical}" for route in whole.app.router.routes() if route.resource}
    assert {name.replace("HEAD ", "GET ") for name in there} == {name.replace("HEAD ", "GET ") for name in ROUTES}


FILLED: Final = {
    "{digest}": "0" * 32,
    **{"{name}.html": "guest-booked.html", "{team}": "sales", "{part}": "week"},
    **{"{tail}": "/", "{rest}": "nowhere/at/all", "{color}": "336699", "{name}": "gateway.css", "{who}": "bob"},
    **{"{user}": "bob", "{slug}": "intro", "{uid}": "some-booking", "{kind}": "google", "{id}": "1"},
}


def path_of(route: str) -> str:
    path = route.split(" ", 1)[1]
    for gap, value in FILLED.items():
        path = path.replace(gap, value)
    return path


async def visit(whole: Whole, route: str, name: str | None, path: str = "", **fields: str) -> Reply:
    """In a browser in which that person is signed in; None: nobody."""
    cookie = token = ""
    if name is not None:
        _, cookie = await whole.sign_in(name)
        assert cookie
        token = csrf((await whole("GET", "/app", user=None, Cookie=cookie)).text)
    if route.startswith("POST"):
        return await whole.form(path or path_of(route), cookie=cookie, csrf=token, **fields)
    return await whole("GET", path or path_of(route), user=None, Cookie=cookie)


@pytest.mark.parametrize("route", [name for name, who in ROUTES.items() if who is For.ALL and "/app/" not in name])
async def test_what_is_for_all_is_the_same_for_all(whole: Whole, route: str) -> None:
    method = "POST" if route.startswith("POST") else "GET"
    statuses = {
        name: (await visit(whole, f"{method} ", name, path_of(route))).status for name in (None, "alice", "bob", "dave")
    }
    assert len(set(statuses.values())) == 1, statuses
    assert max(statuses.values()) < 500


@pytest.mark.parametrize("route", [name for name, who in ROUTES.items() if who in {For.ONESELF, For.OWNER}])
async def test_what_is_ones_own_asks_who_one_is(whole: Whole, route: str) -> None:
    reply = await visit(whole, route, None)
    assert (reply.status, reply.headers["location"].partition("?")[0]) == (303, "/app/login")
    signed_in_otherwise = await whole(route.split(" ", maxsplit=1)[0], path_of(route), user="bob")
    assert signed_in_otherwise.status in {303, 403}
    assert signed_in_otherwise.headers.get("location", "/app/login").startswith("/app/login")


@pytest.mark.parametrize(
    "route", [name for name, who in ROUTES.items() if who in {For.ONESELF, For.OWNER} and "POST" in name]
)
async def test_forms_are_taken_from_our_own_pages_alone(whole: Whole, route: str) -> None:
    _, cookie = await whole.sign_in("bob")
    token = csrf((await whole("GET", "/app", user=None, Cookie=cookie)).text)
    for fields in (
        {"csrf": "x"},
        {},
        {"csrf": token, "origin": "https://elsewhere.example"},
        {"csrf": token, "origin": "null"},
    ):
        assert (await whole.form(path_of(route), cookie=cookie, **fields)).status == 403
    shown = f"GET {route.partition(' ')[2]}" in ROUTES and "id}" not in route
    shown = f"GET {route.partition(' ')[2]}" in ROUTES and "{" not in route
    assert (await whole("GET", path_of(route), user=None, Cookie=cookie)).status in ({200} if shown else {404, 405})


@dataclass(frozen=True)
class Things:
    calendars: list[CalendarRow]
    passwords: list[AppPassword]


def things_of(conn: Connection, name: str) -> Things:
    person = principals.by_name(conn, name)
    assert person is not None
    return Things(accounts.calendars(conn, person.id), principals.app_passwords(conn, person.id))


@pytest.mark.parametrize("name", ["alice", "dave"])
async def test_what_belongs_to_another_is_as_if_it_were_not_there(whole: Whole, name: str) -> None:
    before = await whole.parts.db.read(things_of, "bob")
    theirs = {"calendars": before.calendars[0].id, "passwords": before.passwords[0].id}
    for kind, key in theirs.items():
        for what in ("merged", "busy", "destination"):
            said = [await visit(whole, "POST", name, f"/app/{kind}/{at}", what=what, on="0") for at in (key, 999_999)]
            assert said[0].status == said[1].status
            assert said[0].status >= 400
    assert await whole.parts.db.read(things_of, "bob") == before


PLACES = [
    *("/dav/calendars/bob/", "/dav/calendars/bob/merged/", "/dav/calendars/bob/merged/theirs.ics"),
    *("/dav/calendars/bob/merged/none.ics", "/dav/calendars/bob/inbox/", "/dav/calendars/bob/outbox/"),
    *("/dav/calendars/sales/", "/dav/calendars/sales/merged/", "/dav/calendars/BOB/merged/theirs.ics"),
]
BODIES = {
    "PROPFIND": "",
    "PROPPATCH": '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:x/></D:prop></D:set></D:propertyupdate>',
    "REPORT": '<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:prop/></D:sync-collection>',
    "PUT": event("mine"),
    "POST": event("mine"),
}


def answer(reply: Reply) -> tuple[int, str | None, bytes]:
    return reply.status, reply.headers.get("content-type"), reply.body


def is_bobs(place: str) -> bool:
    """Of whom alice, a colleague, knows, though not what is in there; to dave he is nobody."""
    return "/bob/" in unquote(place).lower()


@pytest.mark.parametrize("method", [*METHODS, "MKCOL", "MKCALENDAR", "MOVE", "COPY", "LOCK", "UNLOCK", "ACL"])
@pytest.mark.parametrize("name", ["alice", "dave"])
async def test_anothers_calendars_are_as_if_they_were_not_there(whole: Whole, name: str, method: str) -> None:
    theirs = event("theirs")
    await whole("PUT", "/dav/calendars/bob/merged/theirs.ics", theirs, user="bob", Content_Type="text/calendar")
    body, headers = (
        BODIES.get(method, ""),
        {"Content_Type": "text/calendar", "Depth": "1", "Destination": f"{MERGED}x.ics"},
    )
    for nowhere, status, places in (
        ("/dav/calendars/nobody/merged/", 404, [place for place in PLACES if name == "dave" or not is_bobs(place)]),
        ("/dav/calendars/bob/nothing/", 403, [place for place in PLACES if name == "alice" and is_bobs(place)]),
    ):
        if not places:
            continue
        denied = answer(await whole(method, nowhere, body, user=name, **headers))
        assert denied[0] == status
        for place in places:
            assert answer(await whole(method, place, body, user=name, **headers)) == denied, place
    reply = await whole("GET", "/dav/calendars/bob/merged/theirs.ics", user="bob")
    assert reply.text == theirs


async def test_hrefs_and_destinations_reach_no_further_than_paths(whole: Whole) -> None:
    hrefs = "".join(f"<D:href>{place}</D:href>" for place in PLACES)
    asked = f"<D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}"
    for path in (MERGED, "/dav/calendars/alice/"):
        reply = await whole.report("C:calendar-multiget", asked, path)
        assert (reply.status, reply.text.count("404 Not Found"), "BEGIN" in reply.text) == (207, len(PLACES), False)


@pytest.mark.parametrize(
    "route", ["PROPFIND /", "PROPFIND /dav/", "PROPFIND /principals/", "REPORT /dav/calendars/bob/merged/"]
)
async def test_a_team_cannot_sign_in(whole: Whole, route: str) -> None:
    whole.clock.now += 3_600
    method, path = route.split(" ")
    assert (await whole(method, path, user="sales", password=PASSWORD, Depth="0")).status == 401
    assert (await whole(method, path, user="sales", password=secret_of("bob"), Depth="0")).status == 401


async def test_a_session_ends_where_it_was_ended(whole: Whole) -> None:
    _, cookie = await whole.sign_in("dave")
    token = csrf((await whole("GET", "/app", user=None, Cookie=cookie)).text)
    assert (await whole.form("/app/logout", cookie=cookie, csrf=token)).status == 303
    assert (await whole("GET", "/app", user=None, Cookie=cookie)).status == 303


@pytest.mark.parametrize(
    "asked", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:1"]
)
async def test_signing_in_leads_to_no_other_site(whole: Whole, asked: str) -> None:
    page = await whole("GET", "/app/login", user=None)
    cookie = page.headers["set-cookie"].partition(";")[0]
    fields = {"name": "dave", "password": PASSWORD, "csrf": csrf(page.text), "next": asked}
    reply = await whole.form("/app/login", cookie=cookie, **fields)
    assert (reply.status, reply.headers["location"]) == (303, "/app")
