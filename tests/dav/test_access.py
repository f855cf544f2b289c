"""Who reaches what: every kind of place, asked by every role."""

import pytest

from gateway.dav.acl import REACHED, Role
from gateway.dav.methods import MAKING, METHODS, WRITING
from gateway.dav.paths import FIXED, On, path_of
from gateway.store import delegates, principals
from gateway.store.database import Database
from tests.dav.conftest import MERGED, Client, event

ALICES = {
    "/dav/principals/alice/": On.PRINCIPAL,
    "/dav/principals/alice/calendar-proxy-read/": On.READERS,
    "/dav/principals/alice/calendar-proxy-write/": On.WRITERS,
    "/dav/calendars/alice/": On.HOME,
    MERGED: On.CALENDAR,
    f"{MERGED}one.ics": On.OBJECT,
    "/dav/calendars/alice/inbox/": On.INBOX,
    "/dav/calendars/alice/outbox/": On.OUTBOX,
}
PUBLIC = ["/", "/dav", "/dav/", "/principals", "/principals/", "/dav/principals/", "/dav/principals", "/dav/calendars/"]
ROLES = {"alice": Role.OWNER, "bob": Role.COLLEAGUE, "carol": Role.STRANGER, "dave": Role.STRANGER}
DELEGATES = {"carol": (Role.READER, delegates.READ), "dave": (Role.WRITER, delegates.WRITE)}


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
    reply = await ask(method, path, body, user=user, Depth="0", Destination=f"{MERGED}two.ics")
    if ROLES[user] in REACHED[ALICES[path]]:
        assert reply.status not in {401, 404}
        assert method in MAKING or (reply.status == 405) == (ALICES[path] not in METHODS[method].on)
    elif ROLES[user] is Role.COLLEAGUE and ALICES[path] in On.OWNED:
        assert (reply.status, reply.body and reply.condition) == (403, b"" if method == "HEAD" else "D:need-privileges")
    else:
        assert reply.status == 404
        assert (reply.headers.get("content-type"), reply.body) == await what_is_not_there(ask, user, method)


@pytest.mark.parametrize("user", DELEGATES)
@pytest.mark.parametrize("path", ALICES)
@pytest.mark.parametrize("method", METHODS)
async def test_each_delegate_gets_what_the_table_says(
    ask: Client, db: Database, path: str, user: str, method: str
) -> None:
    role, access = DELEGATES[user]
    name(db, "alice", user, access)
    assert (await ask.put("one.ics", event("one"))).status == 201
    body = event("one", summary="Theirs") if method == "PUT" else None
    reply = await ask(method, path, body, user=user, Depth="0", Destination=f"{MERGED}two.ics")
    there = role in REACHED[ALICES[path]]
    if not there or (role is Role.READER and method in WRITING and ALICES[path] in METHODS[method].on):
        assert (reply.status, reply.body and reply.condition) == (403, b"" if method == "HEAD" else "D:need-privileges")
    else:
        assert reply.status not in {401, 404}
    changed = (await ask("GET", f"{MERGED}one.ics")).text != event("one")
    assert changed == (role is Role.WRITER and method in {"PUT", "DELETE", "MOVE"} and ALICES[path] is On.OBJECT)


def name(db: Database, owner: str, delegate: str, access: str) -> None:
    keys = [db.read_now(principals.by_name, one).id for one in (owner, delegate)]  # type: ignore[union-attr]
    db.write_now(delegates.grant, *keys, access)


async def test_a_colleague_cannot_tell_what_is_in_a_home(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    answers = {
        (reply.status, reply.body)
        for path in (f"{MERGED}one.ics", f"{MERGED}none.ics", "/dav/calendars/alice/none/", "/dav/calendars/alice/")
        for reply in [await ask("PROPFIND", path, user="bob", Depth="0")]
    }
    assert {status for status, _ in answers} == {403}
    assert len(answers) == 1


async def what_is_not_there(ask: Client, user: str, method: str) -> tuple[str | None, bytes]:
    body = None
    if method == "PROPPATCH":
        body = '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:x>1</D:x></D:prop></D:set></D:propertyupdate>'
    path = "/dav/calendars/nobody/merged/one.ics"
    reply = await ask(method, path, body, user=user, Depth="0", Destination="/dav/calendars/nobody/merged/two.ics")
    assert reply.status == 404
    return reply.headers.get("content-type"), reply.body


async def test_a_strangers_write_changes_nothing(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    for user in ("bob", "carol", "dave"):
        for method in ("PUT", "DELETE"):
            reply = await ask(method, f"{MERGED}one.ics", event("one", summary="Theirs"), user=user)
            assert reply.status == (403 if user == "bob" else 404)
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


async def test_where_calendars_are_is_told_and_their_boxes_are_not(ask: Client) -> None:
    boxes = ["C:schedule-inbox-URL", "C:schedule-outbox-URL"]
    path = "/dav/principals/alice/"
    reply = await ask.propfind(path, "C:calendar-home-set", *boxes)
    assert set(reply.props(path)["200"]) == {"C:calendar-home-set", *boxes}
    props = (await ask.propfind(path, "C:calendar-home-set", *boxes, user="bob")).props(path)
    assert (set(props["200"]), set(props["404"])) == ({"C:calendar-home-set"}, set(boxes))


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
