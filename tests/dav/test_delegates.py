"""Delegates: named by the owner in a calendar client, found by the delegate, kept to what they were given."""

import pytest

from gateway.store import delegates, principals
from gateway.store.database import Database
from tests.dav.conftest import MERGED, Client, Reply, event

ALICE, BOB = "/dav/principals/alice/", "/dav/principals/bob/"
READERS, WRITERS = f"{ALICE}calendar-proxy-read/", f"{ALICE}calendar-proxy-write/"
HOME, OUTBOX = "/dav/calendars/alice/", "/dav/calendars/alice/outbox/"


async def choose(ask: Client, group: str, *members: str, user: str = "alice") -> Reply:
    hrefs = "".join(f"<D:href>{member}</D:href>" for member in members)
    body = (
        '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>'
        f"<D:group-member-set>{hrefs}</D:group-member-set></D:prop></D:set></D:propertyupdate>"
    )
    return await ask("PROPPATCH", group, body, user=user)


def hrefs(reply: Reply, path: str, name: str) -> list[str]:
    return [one.text or "" for one in reply.props(path)["200"][name]]


def give(db: Database, access: str, delegate: str = "bob", owner: str = "alice") -> None:
    keys = [db.read_now(principals.by_name, one).id for one in (owner, delegate)]  # type: ignore[union-attr]
    db.write_now(delegates.grant, *keys, access)


async def test_as_apple_calendar_does_it(ask: Client) -> None:
    """The owner looks for a person, sees the groups, names somebody; the delegate finds the calendar."""
    assert "calendar-proxy" in (await ask("OPTIONS", ALICE)).headers["dav"].split(", ")
    listed = await ask.propfind(ALICE, "D:resourcetype", depth="1")
    assert listed.hrefs == [ALICE, READERS, WRITERS]
    for group, kind in ((READERS, "calendar-proxy-read"), (WRITERS, "calendar-proxy-write")):
        types = listed.props(group)["200"]["D:resourcetype"]
        assert {one.tag for one in types} == {
            "{DAV:}collection",
            "{DAV:}principal",
            f"{{http://calendarserver.org/ns/}}{kind}",
        }

    reply = await choose(ask, WRITERS, BOB)
    assert (reply.status, set(reply.props(WRITERS)["200"])) == (207, {"D:group-member-set"})
    assert hrefs(await ask.propfind(WRITERS, "D:group-member-set"), WRITERS, "D:group-member-set") == [BOB]

    inner = "".join(
        f'<D:property name="calendar-proxy-{kind}-for" namespace="http://calendarserver.org/ns/">'
        '<D:property name="displayname"/><D:property name="calendar-home-set"'
        ' namespace="urn:ietf:params:xml:ns:caldav"/></D:property>'
        for kind in ("read", "write")
    )
    reply = await ask.report(BOB, "D:expand-property", inner, user="bob", Depth="0")
    found = reply.props(BOB)["200"]
    assert list(found["CS:calendar-proxy-read-for"]) == []
    [owner] = found["CS:calendar-proxy-write-for"]
    assert owner.findtext("{DAV:}href") == ALICE
    assert owner.findtext(".//{urn:ietf:params:xml:ns:caldav}calendar-home-set/{DAV:}href") == HOME
    reply = await ask.propfind(BOB, "D:group-membership", user="bob")
    assert WRITERS in hrefs(reply, BOB, "D:group-membership")
    assert (await ask.propfind(HOME, "D:displayname", depth="1", user="bob")).hrefs == [HOME, MERGED, OUTBOX]
    listed = await ask.propfind("/dav/calendars/", "D:displayname", depth="1", user="bob")
    assert listed.hrefs == ["/dav/calendars/", "/dav/calendars/bob/", HOME]

    await choose(ask, WRITERS)
    assert (await ask.propfind(HOME, "D:displayname", user="bob")).status == 403


async def test_as_thunderbird_does_it(ask: Client, db: Database) -> None:
    """By the address of the calendar: may it be written, and what changed."""
    give(db, delegates.WRITE)
    names = ("D:resourcetype", "D:owner", "D:displayname", "D:current-user-principal", "D:current-user-privilege-set")
    reply = await ask.propfind(MERGED, *names, "CS:getctag", "C:supported-calendar-component-set", user="bob")
    found = reply.props(MERGED)["200"]
    assert found["D:owner"][0].text == ALICE
    assert "write-content" in {one[0].tag.partition("}")[2] for one in found["D:current-user-privilege-set"]}
    assert (await ask("PUT", f"{MERGED}one.ics", event("one"), user="bob", If_None_Match="*")).status == 201
    reply = await ask.report(
        MERGED, "D:sync-collection", "<D:sync-token/><D:prop><D:getetag/></D:prop>", user="bob", Depth="1"
    )
    assert reply.hrefs == [f"{MERGED}one.ics"]
    assert (await ask("GET", f"{MERGED}one.ics")).text == event("one")
    assert (await ask("DELETE", f"{MERGED}one.ics", user="bob")).status == 204


async def test_members_are_people_one_may_know_of(ask: Client) -> None:
    for group in (READERS, WRITERS):
        for nobody in ("/dav/principals/dave/", "/dav/principals/nobody/", "/dav/calendars/bob/", "urn:uuid:1", ""):
            reply = await choose(ask, group, BOB, nobody)
            assert set(reply.props(group)) == {"403"}
        assert hrefs(await ask.propfind(group, "D:group-member-set"), group, "D:group-member-set") == []
    await choose(ask, READERS, "mailto:bob@example.com", "/dav/principals/sales/")
    reply = await ask.propfind(READERS, "D:group-member-set")
    assert hrefs(reply, READERS, "D:group-member-set") == [BOB, "/dav/principals/sales/"]
    assert (await choose(ask, "/dav/principals/sales/", BOB)).status == 403


async def test_only_their_owner_names_delegates(ask: Client, db: Database) -> None:
    assert (await choose(ask, WRITERS, BOB, user="bob")).status == 404
    give(db, delegates.WRITE)
    assert (await choose(ask, WRITERS, "/dav/principals/carol/", user="bob")).status == 403
    assert hrefs(await ask.propfind(WRITERS, "D:group-member-set"), WRITERS, "D:group-member-set") == [BOB]


async def test_a_team_stands_for_its_people(ask: Client, db: Database) -> None:
    give(db, delegates.READ, "support")
    for user, status in (("bob", 207), ("carol", 207), ("dave", 404)):
        assert (await ask.propfind(MERGED, "D:displayname", user=user)).status == status
    assert "/dav/principals/support/" in (await ask.propfind("/dav/principals/", "D:owner", depth="1")).hrefs
    reply = await ask.propfind("/dav/principals/carol/", "CS:calendar-proxy-read-for", user="carol")
    assert hrefs(reply, "/dav/principals/carol/", "CS:calendar-proxy-read-for") == [ALICE]


async def test_strangers_who_trust_each_other_know_of_each_other_and_no_more(ask: Client, db: Database) -> None:
    give(db, delegates.READ, "dave")
    assert (await ask.propfind("/dav/principals/", "D:owner", depth="1", user="dave")).hrefs == [
        "/dav/principals/",
        ALICE,
        "/dav/principals/dave/",
    ]
    assert (await ask.propfind("/dav/principals/dave/", "D:displayname")).status == 207
    assert (await ask.propfind("/dav/calendars/dave/", "D:displayname")).status == 403
    reply = await ask("POST", OUTBOX, asks("alice", "dave"), Content_Type="text/calendar")
    assert "<C:request-status>3.8" in reply.text


PRIVATE = event("secret", "20261125T090000Z", "20261125T100000Z", "CLASS:PRIVATE", "LOCATION:Clinic", summary="Doctor")
FOLDED = PRIVATE.replace("UID:secret", "UID:folded").replace("CLASS:PRIVATE", "CLA\r\n SS:CONFIDENTIAL")
STRANGE = PRIVATE.replace("UID:secret", "UID:strange").replace("CLASS:PRIVATE", "class:x-mine")


@pytest.mark.parametrize("text", [PRIVATE, FOLDED, STRANGE], ids=["private", "folded", "of a class of their own"])
async def test_who_only_reads_sees_what_is_private_as_busy(ask: Client, db: Database, text: str) -> None:
    give(db, delegates.READ)
    await ask.put("open.ics", event("open", "20261126T090000Z", "20261126T100000Z", "CLASS:PUBLIC", summary="Lunch"))
    assert (await ask.put("secret.ics", text)).status == 201
    data = "<D:prop><C:calendar-data/></D:prop>"
    bare = '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter>'
    expand = '<C:calendar-data><C:expand start="20261101T000000Z" end="20261201T000000Z"/></C:calendar-data>'
    href = f"<D:href>{MERGED}secret.ics</D:href><D:href>{MERGED}open.ics</D:href>"
    answers = [
        await ask("GET", MERGED, user="bob"),
        await ask("GET", MERGED, user="bob", Accept="text/html"),
        await ask.report(MERGED, "C:calendar-query", data + bare, user="bob", Depth="1"),
        await ask.report(MERGED, "C:calendar-query", f"<D:prop>{expand}</D:prop>{bare}", user="bob", Depth="1"),
        await ask.report(MERGED, "C:calendar-multiget", data + href, user="bob"),
        await ask.report(HOME, "C:calendar-multiget", data + href, user="bob"),
        await ask.report(MERGED, "D:sync-collection", f"<D:sync-token/>{data}", user="bob", Depth="1"),
    ]
    one = await ask("GET", f"{MERGED}secret.ics", user="bob")
    listing = await ask("PROPFIND", MERGED, user="bob", Depth="1")
    length = listing.props(f"{MERGED}secret.ics")["200"]["D:getcontentlength"].text
    assert length == str(len(one.body)) == one.headers["content-length"]
    for reply in (*answers, one, listing):
        assert reply.status in {200, 207}
        assert not any(word in reply.text for word in ("Doctor", "Clinic")), reply.text
    for reply in answers:
        assert "Lunch" in reply.text
        assert "Busy" in reply.text
    assert "DTSTART:20261125T090000Z" in one.text


async def test_who_only_reads_cannot_guess_what_is_private(ask: Client, db: Database) -> None:
    give(db, delegates.READ)
    await ask.put("secret.ics", PRIVATE)
    for name, part in (("SUMMARY", "doctor"), ("LOCATION", "clinic")):
        inner = (
            '<D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
            f'<C:prop-filter name="{name}"><C:text-match>{part}</C:text-match></C:prop-filter>'
            "</C:comp-filter></C:comp-filter></C:filter>"
        )
        for user, found in (("alice", [f"{MERGED}secret.ics"]), ("bob", [])):
            assert (await ask.report(MERGED, "C:calendar-query", inner, user=user, Depth="1")).hrefs == found
            path = f"{MERGED}secret.ics"
            assert (await ask.report(path, "C:calendar-query", inner, user=user, Depth="0")).hrefs == found


async def test_who_writes_sees_all(ask: Client, db: Database) -> None:
    give(db, delegates.WRITE)
    await ask.put("secret.ics", PRIVATE)
    assert (await ask("GET", f"{MERGED}secret.ics", user="bob")).text == PRIVATE


async def test_what_the_owner_stored_about_a_private_event_stays_with_them(ask: Client, db: Database) -> None:
    give(db, delegates.READ)
    await ask.put("secret.ics", PRIVATE)
    for path in (f"{MERGED}secret.ics", MERGED):
        await ask("PROPPATCH", path, patch("<D:note>why</D:note>"))
    assert "404" in (await ask.propfind(f"{MERGED}secret.ics", "D:note", user="bob")).props(f"{MERGED}secret.ics")
    assert (await ask.propfind(MERGED, "D:note", user="bob")).value(MERGED, "D:note") == "why"


def patch(inner: str) -> str:
    return (
        '<D:propertyupdate xmlns:D="DAV:" xmlns:A="http://apple.com/ns/ical/" xmlns:C="urn:ietf:params:xml:ns:caldav">'
        f"<D:set><D:prop>{inner}</D:prop></D:set></D:propertyupdate>"
    )


@pytest.mark.parametrize("access", [delegates.READ, delegates.WRITE])
async def test_how_a_calendar_looks_is_each_persons_own_affair(ask: Client, db: Database, access: str) -> None:
    give(db, access)
    colors = ("A:calendar-color", "<A:calendar-color>#111111</A:calendar-color>")
    await ask("PROPPATCH", MERGED, patch(colors[1]))
    assert (await ask.propfind(MERGED, colors[0], user="bob")).value(MERGED, colors[0]) == "#111111"
    reply = await ask("PROPPATCH", MERGED, patch("<A:calendar-color>#222222</A:calendar-color>"), user="bob")
    assert set(reply.props(MERGED)) == {"200"}
    assert (await ask.propfind(MERGED, colors[0], user="bob")).value(MERGED, colors[0]) == "#222222"
    assert (await ask.propfind(MERGED, colors[0])).value(MERGED, colors[0]) == "#111111"
    zone = patch("<C:calendar-timezone-id>Asia/Tokyo</C:calendar-timezone-id>")
    assert set((await ask("PROPPATCH", MERGED, zone, user="bob")).props(MERGED)) == {"403"}
    assert db.read_now(principals.by_name, "alice").zone == "Europe/Berlin"  # type: ignore[union-attr]


async def test_what_a_delegate_stored_goes_and_moves_with_the_calendar(ask: Client, db: Database) -> None:
    give(db, delegates.WRITE)
    old, new = f"{HOME}old/", f"{HOME}new/"
    mine = patch("<A:calendar-color>#222222</A:calendar-color><D:note>bob</D:note>")

    async def seen(path: str) -> tuple[str | None, ...]:
        reply = await ask.propfind(path, "A:calendar-color", "D:note", user="bob")
        found = reply.props(path).get("200", {})
        return tuple(found[name].text if name in found else None for name in ("A:calendar-color", "D:note"))

    await ask("MKCALENDAR", old)
    await ask("PUT", f"{old}one.ics", event("one"))
    await ask("PROPPATCH", old, mine, user="bob")
    await ask("PROPPATCH", f"{old}one.ics", patch("<D:note>bob</D:note>"), user="bob")
    assert (await ask("MOVE", old, Destination=new)).status == 201
    assert [await seen(path) for path in (new, f"{new}one.ics")] == [("#222222", "bob"), (None, "bob")]
    assert (await ask("MOVE", f"{new}one.ics", Destination=f"{new}two.ics")).status == 201
    assert await seen(f"{new}two.ics") == (None, "bob")
    assert (await ask("DELETE", f"{new}two.ics")).status == 204
    await ask("PUT", f"{new}two.ics", event("two"))
    assert await seen(f"{new}two.ics") == (None, None)
    for path in (old, new):
        await ask("DELETE", path)
        await ask("MKCALENDAR", path)
        assert "bob" not in await seen(path)
        assert "#222222" not in await seen(path)


@pytest.mark.parametrize(
    ("access", "may"), [(delegates.READ, set()), (delegates.WRITE, {"write", "write-content", "bind", "unbind"})]
)
async def test_privileges_say_what_is_so(ask: Client, db: Database, access: str, may: set[str]) -> None:
    give(db, access)
    reply = await ask.propfind(MERGED, "D:current-user-privilege-set", "D:acl", user="bob")
    found = reply.props(MERGED)["200"]
    told = {one[0].tag.partition("}")[2] for one in found["D:current-user-privilege-set"]}
    assert told & {"write", "write-content", "bind", "unbind"} == may
    [entry] = found["D:acl"]
    group = READERS if access == delegates.READ else WRITERS
    assert entry.findtext("{DAV:}principal/{DAV:}href") == group
    home = (await ask.propfind(HOME, "D:current-user-privilege-set", user="bob")).props(HOME)["200"]
    assert {"bind", "unbind"}.isdisjoint(one[0].tag.partition("}")[2] for one in home["D:current-user-privilege-set"])


async def test_calendars_are_made_and_deleted_by_their_owner_alone(ask: Client, db: Database) -> None:
    assert (await ask("MKCALENDAR", f"{HOME}extra/")).status == 201
    give(db, delegates.WRITE)
    assert (await ask("MKCALENDAR", f"{HOME}theirs/", user="bob")).status == 403
    assert (await ask("DELETE", f"{HOME}extra/", user="bob")).status == 403
    assert (await ask("MOVE", f"{HOME}extra/", user="bob", Destination=f"{HOME}theirs/")).status == 403
    assert (await ask("PUT", f"{HOME}extra/one.ics", event("one"), user="bob")).status == 201
    assert (await ask("MOVE", f"{HOME}extra/one.ics", user="bob", Destination=f"{MERGED}one.ics")).status == 201


def asks(organizer: str, *people: str) -> str:
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", "METHOD:REQUEST", "BEGIN:VFREEBUSY", "UID:q"),
        *("DTSTAMP:20261121T000000Z", "DTSTART:20261124T000000Z", "DTEND:20261125T000000Z"),
        f"ORGANIZER:mailto:{organizer}@example.com",
        *(f"ATTENDEE:mailto:{person}@example.com" for person in people),
        *("END:VFREEBUSY", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(lines)


async def test_who_writes_asks_for_free_busy_in_the_owners_name(ask: Client, db: Database) -> None:
    headers = {"Content_Type": "text/calendar"}
    give(db, delegates.READ, "carol")
    assert (await ask("POST", OUTBOX, asks("alice", "bob"), user="carol", **headers)).status == 403
    give(db, delegates.WRITE, "dave")
    reply = await ask("POST", OUTBOX, asks("alice", "bob", "carol", "alice"), user="dave", **headers)
    assert reply.text.count("<C:request-status>2.0") == 2
    assert "<C:request-status>3.8" in reply.text  # carol shares no team with alice, and gave her nothing
    own = "/dav/calendars/dave/outbox/"
    reply = await ask("POST", own, asks("dave", "bob", "alice"), user="dave", **headers)
    assert (reply.text.count("<C:request-status>2.0"), reply.text.count("<C:request-status>3.8")) == (1, 1)
    assert (await ask("POST", OUTBOX, asks("dave", "bob"), user="dave", **headers)).condition == "C:valid-organizer"


async def test_the_inbox_stays_closed(ask: Client, db: Database) -> None:
    give(db, delegates.WRITE)
    for path in (f"{HOME}inbox/", f"{HOME}inbox/one.ics"):
        assert (await ask.propfind(path, "D:displayname", user="bob")).status == 403
    reply = await ask.propfind(ALICE, "C:schedule-inbox-URL", "C:schedule-outbox-URL", user="bob")
    assert {status: set(names) for status, names in reply.props(ALICE).items()} == {
        "200": {"C:schedule-outbox-URL"},
        "404": {"C:schedule-inbox-URL"},
    }


async def test_who_is_let_in_is_told_in_the_access_list(ask: Client) -> None:
    reply = await ask.propfind(MERGED, "D:acl", "D:acl-restrictions", "D:inherited-acl-set", "D:group")
    found = reply.props(MERGED)["200"]
    assert [one.findtext("{DAV:}principal/{DAV:}href") for one in found["D:acl"]] == [ALICE, READERS, WRITERS]
    grants = [{one[0].tag.partition("}")[2] for one in entry.iter("{DAV:}privilege")} for entry in found["D:acl"]]
    assert ["write" in grant for grant in grants] == [True, False, True]
    assert (len(found["D:inherited-acl-set"]), len(found["D:group"])) == (0, 0)


async def test_a_browser_sees_who_is_in_a_group(ask: Client, db: Database) -> None:
    give(db, delegates.READ)
    page = await ask("GET", READERS, Accept="text/html", Accept_Language="de")
    assert (page.status, "Wer die Kalender von Alice Example lesen darf" in page.text) == (200, True)
    assert "Bob Example" in page.text
    assert "Bob Example" not in (await ask("GET", WRITERS, Accept="text/html")).text
    home = await ask("GET", "/dav/calendars/", Accept="text/html", user="bob")
    assert f'href="{HOME}"' in home.text
    assert f'href="{HOME}"' in (await ask("GET", ALICE, Accept="text/html", user="bob")).text


async def test_access_lists_are_not_changed_one_by_one(ask: Client) -> None:
    body = '<D:acl xmlns:D="DAV:"/>'
    reply = await ask("ACL", MERGED, body)
    assert (reply.status, reply.condition) == (403, "D:no-protected-ace-conflict")
    assert (await ask("ACL", MERGED, "<D:acl")).status == 400
    assert (await ask("ACL", MERGED, body, user="dave")).status == 404
