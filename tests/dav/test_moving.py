"""COPY and MOVE of objects within one's own calendars."""

import pytest

from tests.dav.conftest import DECLARED, MERGED, Client, event
from tests.dav.test_separate import READING, WORK, put, shown

__all__ = ["shown"]

HOME = "/dav/calendars/alice/"
NEW = f"{HOME}new/"


@pytest.fixture
async def site(shown, ask: Client) -> Client:
    assert (await ask("MKCALENDAR", NEW)).status == 201
    assert (await put(ask, f"{NEW}a.ics", event("a"))).status == 201
    return ask


async def test_a_move_is_a_deletion_here_and_an_object_there(site: Client):
    tokens = await site.propfind(HOME, "D:sync-token", depth="1")
    answer = await site("MOVE", f"{NEW}a.ics", Destination=f"{WORK}b%20c.ics")
    assert answer.status == 201
    got = await site("GET", f"{WORK}b%20c.ics")
    assert (got.text, got.headers["etag"]) == (event("a"), answer.headers["etag"])
    assert (await site("GET", f"{NEW}a.ics")).status == 404
    for path, statuses in ((NEW, {f"{NEW}a.ics": "404 Not Found"}), (WORK, {})):
        token = tokens.value(path, "D:sync-token")
        told = await site.report(path, "D:sync-collection", f"<D:sync-token>{token}</D:sync-token><D:prop/>")
        assert told.statuses == statuses
        assert len(told.hrefs) == 1


async def test_a_move_within_one_calendar_is_another_name(site: Client):
    token = (await site.propfind(NEW, "D:sync-token")).value(NEW, "D:sync-token")
    etag = (await site("GET", f"{NEW}a.ics")).headers["etag"]
    answer = await site("MOVE", f"{NEW}a.ics", Destination=f"{NEW}b.ics", If_Match=etag)
    assert (answer.status, answer.headers["etag"]) == (201, etag)
    assert (await site("GET", f"{NEW}b.ics")).text == event("a")
    told = await site.report(NEW, "D:sync-collection", f"<D:sync-token>{token}</D:sync-token><D:prop/>")
    assert told.statuses == {f"{NEW}a.ics": "404 Not Found"}
    assert set(told.hrefs) == {f"{NEW}a.ics", f"{NEW}b.ics"}
    assert (await site("MOVE", f"{NEW}b.ics", Destination=f"{NEW}a.ics")).status == 201
    assert (await site("GET", f"{NEW}a.ics")).headers["etag"] == etag


async def test_a_copy_leaves_the_first_where_it_is(site: Client):
    answer = await site("COPY", f"{NEW}a.ics", Destination=f"{site.root}dav/calendars/alice/work/a.ics")
    assert (answer.status, answer.headers["location"]) == (201, f"{WORK}a.ics")
    for path in (NEW, WORK):
        assert (await site("GET", f"{path}a.ics")).text == event("a")
    assert (await site("COPY", f"{NEW}a.ics", Destination=f"{WORK}a.ics")).status == 204


@pytest.mark.parametrize("method", ["COPY", "MOVE"])
async def test_an_object_of_another_uid_is_never_overwritten(site: Client, method: str):
    await put(site, f"{NEW}x.ics", event("x"))
    await put(site, f"{WORK}x.ics", event("x"))
    for path in (NEW, WORK):
        kept = await site(method, f"{NEW}a.ics", Destination=f"{path}x.ics", Overwrite="F")
        assert kept.status == 412
        kept = await site(method, f"{NEW}a.ics", Destination=f"{path}x.ics", Overwrite="T")
        assert (kept.status, kept.condition) == (403, "C:no-uid-conflict")
        assert f"{path}x.ics" in kept.text
        assert (await site("GET", f"{path}x.ics")).text == event("x")
    assert (await site("GET", f"{NEW}a.ics")).status == 200


async def test_one_uid_stands_once_in_a_calendar(site: Client):
    refused = await site("COPY", f"{NEW}a.ics", Destination=f"{NEW}b.ics")
    assert (refused.status, refused.condition) == (403, "C:no-uid-conflict")
    await put(site, f"{WORK}other.ics", event("a", summary="Other"))
    for method in ("COPY", "MOVE"):
        refused = await site(method, f"{NEW}a.ics", Destination=f"{WORK}b.ics")
        assert (refused.status, refused.condition) == (403, "C:no-uid-conflict")
        assert f"{WORK}other.ics" in refused.text
    assert (await site("MOVE", f"{NEW}a.ics", Destination=f"{WORK}other.ics")).status == 204
    assert (await site("GET", f"{WORK}other.ics")).text == event("a")


async def test_from_the_merged_calendar_and_into_it(site: Client):
    await site.put("m.ics", event("m"))
    assert (await site("MOVE", f"{MERGED}m.ics", Destination=f"{WORK}m.ics")).status == 201
    assert (await site("GET", f"{MERGED}m.ics")).status == 404
    assert (await site("MOVE", f"{WORK}m.ics", Destination=f"{MERGED}n.ics")).status == 201
    assert (await site("GET", f"{MERGED}n.ics")).text == event("m")
    assert (await site("MOVE", f"{MERGED}n.ics", Destination=f"{MERGED}m.ics")).status == 201


@pytest.mark.parametrize(
    ("destination", "status"),
    [
        (None, 400),
        ("http://[::1/x", 400),
        ("https://elsewhere.example/dav/calendars/alice/work/a.ics", 502),
        (f"{NEW}a.ics", 403),
        (WORK, 403),
        (f"{HOME}inbox/a.ics", 403),
        ("/dav/calendars/bob/merged/a.ics", 403),
        (f"{HOME}nowhere/a.ics", 409),
        (f"{WORK}a/b.ics", 409),
        (f"{READING}a.ics", 403),
    ],
)
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
async def test_where_nothing_can_go(site: Client, method: str, destination: str | None, status: int):
    headers = {} if destination is None else {"Destination": destination}
    assert (await site(method, f"{NEW}a.ics", **headers)).status == status
    assert (await site("GET", f"{NEW}a.ics")).status == 200


async def test_what_is_not_there_or_has_changed_is_not_moved(site: Client):
    assert (await site("MOVE", f"{NEW}none.ics", Destination=f"{WORK}a.ics")).status == 404
    assert (await site("MOVE", f"{NEW}a.ics", Destination=f"{WORK}a.ics", If_Match='"x"')).status == 412
    assert (await site("MOVE", f"{NEW}a.ics", Destination=f"{WORK}a.ics", Overwrite="perhaps")).status == 400
    assert (await site("MOVE", f"{NEW}a.ics", Destination=f"{WORK}a.ics", user="bob")).status == 403


async def test_a_calendar_is_copied_by_nobody_and_what_everybody_has_stays(site: Client):
    for method, path in (("COPY", NEW), ("COPY", MERGED), ("MOVE", MERGED), ("MOVE", HOME)):
        answer = await site(method, path, Destination=f"{HOME}other/")
        assert answer.status == 405
        assert method not in answer.headers["allow"]


async def test_a_calendar_gets_another_name(site: Client):
    body = f"<D:propertyupdate {DECLARED}><D:set><D:prop><A:mark>yes</A:mark></D:prop></D:set></D:propertyupdate>"
    for path in (NEW, f"{NEW}a.ics"):
        assert (await site("PROPPATCH", path, body)).status == 207
    token = (await site.propfind(NEW, "D:sync-token")).value(NEW, "D:sync-token")
    moved = f"{HOME}moved/"
    answer = await site("MOVE", NEW, Destination=moved)
    assert (answer.status, answer.headers["location"]) == (201, moved)
    assert (await site("GET", NEW)).status == 404
    assert (await site("GET", f"{moved}a.ics")).text == event("a")
    for path in (moved, f"{moved}a.ics"):
        assert (await site.propfind(path, "A:mark")).value(path, "A:mark") == "yes"

    assert (await site("MKCALENDAR", NEW)).status == 201
    assert set((await site.propfind(NEW, "A:mark")).props(NEW)) == {"404"}
    for path, known in ((NEW, token), (moved, token.replace("/new/", "/moved/"))):
        told = await site.report(path, "D:sync-collection", f"<D:sync-token>{known}</D:sync-token><D:prop/>")
        assert told.condition == "D:valid-sync-token"
    fresh = await site.report(moved, "D:sync-collection", "<D:sync-token/><D:prop><D:getetag/></D:prop>")
    assert fresh.hrefs == [f"{moved}a.ics"]
    assert (await site("DELETE", NEW)).status == 204
    assert (await site("MOVE", moved, Destination=NEW)).status == 201
    assert (await site("GET", f"{NEW}a.ics")).status == 200


@pytest.mark.parametrize(
    ("destination", "status"),
    [(WORK, 403), (MERGED, 403), (HOME, 403), ("/dav/calendars/bob/new/", 403), (f"{WORK}inner/", 403), ("/x/", 403)],
)
async def test_names_that_a_calendar_cannot_get(site: Client, destination: str, status: int):
    assert (await site("MOVE", NEW, Destination=destination)).status == status
    assert (await site("GET", f"{NEW}a.ics")).status == 200


async def test_a_calendar_in_the_way_stays(site: Client):
    assert (await site("MOVE", NEW, Destination=WORK, Overwrite="F")).status == 412
    assert (await site("MOVE", NEW, Destination=WORK)).condition == "D:resource-must-be-null"


async def test_what_was_stored_about_an_object_goes_along(site: Client):
    body = f"<D:propertyupdate {DECLARED}><D:set><D:prop><A:mark>yes</A:mark></D:prop></D:set></D:propertyupdate>"
    assert (await site("PROPPATCH", f"{NEW}a.ics", body)).status == 207
    await site("MOVE", f"{NEW}a.ics", Destination=f"{WORK}b.ics")
    assert (await site.propfind(f"{WORK}b.ics", "A:mark")).value(f"{WORK}b.ics", "A:mark") == "yes"
    await put(site, f"{NEW}a.ics", event("other"))
    assert set((await site.propfind(f"{NEW}a.ics", "A:mark")).props(f"{NEW}a.ics")) == {"404"}
