"""Who reaches what: every kind of place, asked by every role."""

import pytest

from gateway.dav.acl import REACHED, Role
from gateway.dav.methods import METHODS
from gateway.dav.paths import FIXED, On, path_of
from tests.dav.conftest import MERGED, Client, event

ALICES = {
    "/dav/principals/alice/": On.PRINCIPAL,
    "/dav/calendars/alice/": On.HOME,
    MERGED: On.CALENDAR,
    f"{MERGED}one.ics": On.OBJECT,
    "/dav/calendars/alice/inbox/": On.INBOX,
    "/dav/calendars/alice/outbox/": On.OUTBOX,
}
PUBLIC = ["/", "/dav", "/dav/", "/principals", "/principals/", "/dav/principals/", "/dav/principals", "/dav/calendars/"]
ROLES = {"alice": Role.OWNER, "bob": Role.COLLEAGUE, "carol": Role.STRANGER, "dave": Role.STRANGER}


def test_every_kind_of_place_has_its_row() -> None:
    assert set(REACHED) == set(On)


@pytest.mark.parametrize("method", ["PROPFIND", "OPTIONS", "REPORT", "GET", "PUT", "DELETE", "PROPPATCH", "POST"])
@pytest.mark.parametrize("path", [*ALICES, *PUBLIC, "/dav/nowhere", "/dav/calendars/alice/merged/none.ics"])
async def test_nobody_gets_in_without_signing_in(ask: Client, path: str, method: str) -> None:
    if path == "/" and method == "GET":
        return  # the pages'
    reply = await ask(method, path, user=None)
    assert (reply.status, reply.headers["www-authenticate"].split()[0]) == (401, "Basic")


@pytest.mark.parametrize("user", ROLES)
@pytest.mark.parametrize("path", ALICES)
@pytest.mark.parametrize("method", METHODS)
async def test_each_role_gets_what_the_table_says(ask: Client, path: str, user: str, method: str) -> None:
    assert (await ask.put("one.ics", event("one"))).status == 201
    body = None
    if method == "PROPPATCH":
        body = '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:x>1</D:x></D:prop></D:set></D:propertyupdate>'
    reply = await ask(method, path, body, user=user, Depth="0")
    if ROLES[user] in REACHED[ALICES[path]]:
        assert reply.status not in {401, 404}
        assert (reply.status == 405) == (ALICES[path] not in METHODS[method].on)
    else:
        assert reply.status == 404
        assert (reply.headers.get("content-type"), reply.body) == await what_is_not_there(ask, user, method)


async def what_is_not_there(ask: Client, user: str, method: str) -> tuple[str | None, bytes]:
    body = None
    if method == "PROPPATCH":
        body = '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:x>1</D:x></D:prop></D:set></D:propertyupdate>'
    reply = await ask(method, "/dav/calendars/nobody/merged/", body, user=user, Depth="0")
    assert reply.status == 404
    return reply.headers.get("content-type"), reply.body


async def test_a_strangers_write_changes_nothing(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    for user in ("bob", "carol", "dave"):
        for method in ("PUT", "DELETE"):
            reply = await ask(method, f"{MERGED}one.ics", event("one", summary="Theirs"), user=user)
            assert reply.status == 404
    assert (await ask("GET", f"{MERGED}one.ics")).text == event("one")


@pytest.mark.parametrize(
    ("user", "there"),
    [
        ("alice", ["alice", "bob", "sales"]),
        ("bob", ["alice", "bob", "carol", "sales", "support"]),
        ("dave", ["dave"]),
    ],
)
async def test_people_know_of_themselves_their_teams_and_those_in_them(
    ask: Client, user: str, there: list[str]
) -> None:
    reply = await ask.propfind("/dav/principals/", "D:displayname", depth="1", user=user)
    assert reply.hrefs == ["/dav/principals/", *(f"/dav/principals/{name}/" for name in there)]
    for name in ("alice", "bob", "carol", "dave", "sales", "support"):
        reply = await ask.propfind(f"/dav/principals/{name}/", "D:displayname", user=user)
        assert reply.status == (207 if name in there else 404)


async def test_the_way_into_ones_calendars_is_shown_to_nobody_else(ask: Client) -> None:
    names = ["C:calendar-home-set", "C:schedule-inbox-URL", "C:schedule-outbox-URL"]
    path = "/dav/principals/alice/"
    assert set((await ask.propfind(path, *names)).props(path)["200"]) == set(names)
    assert set((await ask.propfind(path, *names, user="bob")).props(path)["404"]) == set(names)


@pytest.mark.parametrize("user", ["bob", "dave"])
async def test_hrefs_inside_a_multiget_reach_no_further(ask: Client, user: str) -> None:
    await ask.put("one.ics", event("one"))
    theirs = f"/dav/calendars/{user}/merged/"
    inner = f"<D:prop><D:getetag/></D:prop><D:href>{MERGED}one.ics</D:href>"
    reply = await ask.report(theirs, "C:calendar-multiget", inner, user=user)
    assert reply.statuses == {f"{MERGED}one.ics": "404 Not Found"}


async def test_followed_hrefs_reach_no_further(ask: Client) -> None:
    inner = '<D:property name="group-member-set"><D:property name="displayname"/></D:property>'
    reply = await ask.report("/dav/principals/support/", "D:expand-property", inner, user="carol")
    assert (reply.status, "Bob Example" in reply.text, "Carol Example" in reply.text) == (207, True, True)
    assert (await ask.report("/dav/principals/support/", "D:expand-property", inner, user="alice")).status == 404


@pytest.mark.parametrize("place", FIXED.values())
async def test_the_places_of_everybody_are_there(ask: Client, place: object) -> None:
    path = path_of(place)  # type: ignore[arg-type]
    assert (await ask.propfind(path, "D:resourcetype", user="dave")).hrefs == [path]


async def test_wrong_password(ask: Client) -> None:
    reply = await ask("PROPFIND", "/dav/", user="mallory")
    assert (reply.status, "www-authenticate" in reply.headers) == (401, True)


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic YWxpY2U=", "Bearer x", "Basic /w==", "Basic w6Q6w6Q"])
async def test_a_header_that_cannot_be_read_signs_nobody_in(ask: Client, header: str) -> None:
    assert (await ask("PROPFIND", "/dav/", user=None, Authorization=header)).status == 401
