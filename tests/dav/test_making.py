"""Calendars that clients make and delete."""

import pytest

from tests.dav.conftest import DECLARED, MERGED, Client, event

HOME = "/dav/calendars/alice/"
NEW = f"{HOME}new/"
INBOX = f"{HOME}inbox/"
ZONE = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//EN\nBEGIN:VTIMEZONE\nTZID:America/New_York\nBEGIN:STANDARD\n"
    "DTSTART:19700101T000000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0500\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR\n"
)
CALENDAR = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"


def mkcalendar(inner: str) -> str:
    return f"<C:mkcalendar {DECLARED}><D:set><D:prop>{inner}</D:prop></D:set></C:mkcalendar>"


def mkcol(inner: str) -> str:
    return f"<D:mkcol {DECLARED}><D:set><D:prop>{inner}</D:prop></D:set></D:mkcol>"


async def test_a_calendar_is_made_without_a_body(ask: Client):
    made = await ask("MKCALENDAR", NEW)
    assert (made.status, made.headers["cache-control"]) == (201, "no-cache")
    told = await ask.propfind(HOME, "D:displayname", "D:resourcetype", "C:schedule-calendar-transp", depth="1")
    assert NEW in told.hrefs
    assert told.value(NEW, "D:displayname") == "new"
    assert (await ask("PUT", f"{NEW}a.ics", event("a"), Content_Type="text/calendar")).status == 201
    assert (await ask("GET", f"{MERGED}a.ics")).status == 404


async def test_its_events_are_busy_time_unless_it_is_transparent(ask: Client):
    span = '<C:time-range start="20261123T000000Z" end="20261125T000000Z"/>'
    transparent = "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>"
    for name, body in (("busy", None), ("free", mkcalendar(transparent))):
        assert (await ask("MKCALENDAR", f"{HOME}{name}/", body)).status == 201
    await ask("PUT", f"{HOME}free/a.ics", event("a"), Content_Type="text/calendar")
    assert "FREEBUSY:" not in (await ask.report(HOME, "C:free-busy-query", span)).text
    await ask("PUT", f"{HOME}busy/a.ics", event("a"), Content_Type="text/calendar")
    assert "FREEBUSY:2026" in (await ask.report(HOME, "C:free-busy-query", span)).text


async def test_what_it_is_to_be_like_is_said_at_once(ask: Client):
    inner = f"""<D:displayname>Sport &amp; Spiel</D:displayname><C:calendar-description>Mine</C:calendar-description>
<A:calendar-color>#FF8800FF</A:calendar-color><A:calendar-order>7</A:calendar-order>
<C:calendar-timezone>{ZONE}</C:calendar-timezone><x:mood xmlns:x="urn:x">good</x:mood>
<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>"""
    assert (await ask("MKCALENDAR", NEW, mkcalendar(inner))).status == 201
    body = (
        f'<D:propfind {DECLARED} xmlns:x="urn:x"><D:prop><D:displayname/><C:calendar-description/><A:calendar-color/>'
        "<A:calendar-order/><C:calendar-timezone-id/><C:supported-calendar-component-set/><x:mood/></D:prop></D:propfind>"
    )
    told = await ask("PROPFIND", NEW, body, Depth="0")
    assert told.value(NEW, "D:displayname") == "Sport & Spiel"
    assert told.value(NEW, "C:calendar-description") == "Mine"
    assert told.value(NEW, "A:calendar-color") == "#FF8800FF"
    assert told.value(NEW, "A:calendar-order") == "7"
    assert told.value(NEW, "C:calendar-timezone-id") == "America/New_York"
    assert told.value(NEW, "urn:x:mood") == "good"
    comps = told.props(NEW)["200"]["C:supported-calendar-component-set"]
    assert [one.get("name") for one in comps] == ["VTODO"]
    refused = await ask("PUT", f"{NEW}a.ics", event("a"), Content_Type="text/calendar")
    assert (refused.status, refused.condition) == (403, "C:supported-calendar-component")


async def test_floating_times_are_in_the_zone_of_the_calendar(ask: Client):
    await ask("MKCALENDAR", NEW, mkcalendar(f"<C:calendar-timezone>{ZONE}</C:calendar-timezone>"))
    floating = event("a", "20261124T090000", "20261124T100000")  # 14:00 UTC in New York, 08:00 in Berlin
    await ask("PUT", f"{NEW}a.ics", floating, Content_Type="text/calendar")

    async def found(start: str, end: str) -> list[str]:
        inner = f"""<D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{start}" end="{end}"/></C:comp-filter></C:comp-filter></C:filter>"""
        return (await ask.report(NEW, "C:calendar-query", inner, Depth="1")).hrefs

    assert await found("20261124T133000Z", "20261124T143000Z") == [f"{NEW}a.ics"]
    assert await found("20261124T080000Z", "20261124T090000Z") == []


@pytest.mark.parametrize(
    ("lines", "busy"),
    [
        pytest.param(("20261124T090000", "20261124T100000"), "20261124T140000Z/20261124T150000Z", id="floating"),
        pytest.param((";VALUE=DATE:20261124", ";VALUE=DATE:20261125"), "20261124T050000Z/20261125T000000Z", id="a day"),
        pytest.param(
            (";VALUE=DATE:20201124", ";VALUE=DATE:20201125", "RRULE:FREQ=YEARLY"),
            "20261124T050000Z/20261125T000000Z",
            id="a series",
        ),
        pytest.param(("20261124T090000Z", "20261124T100000Z"), "20261124T090000Z/20261124T100000Z", id="fixed"),
        pytest.param(
            ("20261124T090000", "20261124T100000", "STATUS:TENTATIVE"),
            "20261124T140000Z/20261124T150000Z",
            id="perhaps",
        ),
    ],
)
async def test_busy_time_of_a_calendar_is_in_its_zone(ask: Client, lines: tuple[str, ...], busy: str):
    """RFC 4791 5.2.2; what its owner is busy with as a whole stays in the owner's."""
    await ask("MKCALENDAR", NEW, mkcalendar(f"<C:calendar-timezone>{ZONE}</C:calendar-timezone>"))
    await ask("PUT", f"{NEW}a.ics", event("a", *lines), Content_Type="text/calendar")

    async def found(path: str) -> list[str]:
        span = '<C:time-range start="20261123T220000Z" end="20261125T000000Z"/>'
        text = (await ask.report(path, "C:free-busy-query", span)).text
        return [line.partition(":")[2] for line in text.split("\r\n") if line.startswith("FREEBUSY")]

    assert await found(NEW) == [busy]
    assert (await found(HOME) == [busy]) == lines[0].endswith("Z")


async def test_zones_may_be_more_than_a_day_apart(ask: Client):
    for path, zone in (("/dav/calendars/alice/merged/", "Pacific/Pago_Pago"), (NEW, "Pacific/Kiritimati")):
        value = f"<C:calendar-timezone-id>{zone}</C:calendar-timezone-id>"
        if path == NEW:
            await ask("MKCALENDAR", NEW, mkcalendar(value))
        else:
            body = f"<D:propertyupdate {DECLARED}><D:set><D:prop>{value}</D:prop></D:set></D:propertyupdate>"
            assert "200 OK" in (await ask("PROPPATCH", path, body)).text
    await ask("PUT", f"{NEW}a.ics", event("a", "20261124T090000", "20261124T091500"), Content_Type="text/calendar")
    span = '<C:time-range start="20261123T190000Z" end="20261123T191500Z"/>'
    inner = f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{span}</C:comp-filter></C:comp-filter>'
    reply = await ask.report(NEW, "C:calendar-query", f"<D:prop/><C:filter>{inner}</C:filter>", Depth="1")
    assert reply.hrefs == [f"{NEW}a.ics"]
    text = (await ask.report(NEW, "C:free-busy-query", span)).text
    assert "FREEBUSY:20261123T190000Z/20261123T191500Z" in text


async def test_a_property_that_cannot_be_set_makes_no_calendar(ask: Client):
    bad = "<D:displayname>X</D:displayname><D:getetag>1</D:getetag>"
    answer = await ask("MKCALENDAR", NEW, mkcalendar(bad))
    assert answer.status == 207
    assert set(answer.props(NEW)) == {"403", "424"}
    assert (await ask("GET", NEW)).status == 404
    answer = await ask("MKCOL", NEW, mkcol(CALENDAR + bad))
    assert answer.status == 403
    assert answer.xml.tag == "{DAV:}mkcol-response"
    assert [one.text for one in answer.xml.iter("{DAV:}status")] == [
        "HTTP/1.1 403 Forbidden",
        "HTTP/1.1 424 Failed Dependency",
    ]
    assert (await ask("GET", NEW)).status == 404


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param("<C:calendar-timezone>none</C:calendar-timezone>", id="no zone"),
        pytest.param("<C:calendar-timezone-id>Mars/Olympus</C:calendar-timezone-id>", id="no such zone"),
        pytest.param(
            '<C:supported-calendar-component-set><C:comp name="VROCK"/></C:supported-calendar-component-set>',
            id="no such component",
        ),
        pytest.param("<C:schedule-calendar-transp><C:foggy/></C:schedule-calendar-transp>", id="neither"),
        pytest.param("<D:resourcetype><D:collection/></D:resourcetype>", id="no calendar"),
    ],
)
async def test_values_that_are_wrong_make_no_calendar(ask: Client, inner: str):
    assert (await ask("MKCALENDAR", NEW, mkcalendar(inner))).status == 207
    assert (await ask("GET", NEW)).status == 404


async def test_extended_mkcol_makes_the_same(ask: Client):
    made = await ask("MKCOL", NEW, mkcol(f"{CALENDAR}<D:displayname>New one</D:displayname>"))
    assert made.status == 201
    assert (await ask.propfind(NEW, "D:displayname")).value(NEW, "D:displayname") == "New one"
    again = await ask("MKCOL", NEW, mkcol(CALENDAR))
    assert again.status == 405
    assert "extended-mkcol" in (await ask("OPTIONS", HOME)).headers["dav"]


@pytest.mark.parametrize(
    ("body", "status", "condition"),
    [
        pytest.param(None, 403, "D:valid-resourcetype", id="plain"),
        pytest.param(mkcol("<D:displayname>X</D:displayname>"), 403, None, id="of no type"),
        pytest.param(mkcol("<D:resourcetype><D:collection/></D:resourcetype>"), 403, None, id="of another type"),
        pytest.param(mkcalendar(""), 400, None, id="of another method"),
        pytest.param("junk", 400, None, id="no XML"),
    ],
)
async def test_other_collections_are_not_made(ask: Client, body: str | None, status: int, condition: str | None):
    answer = await ask("MKCOL", NEW, body, Content_Type="application/xml")
    assert answer.status == status
    if condition:
        assert answer.condition == condition
    if body and status == 403:
        assert "valid-resourcetype" in answer.text


async def test_what_is_to_be_made_is_said_in_xml(ask: Client):
    assert (await ask("MKCOL", f"{HOME}new/", "a folder", Content_Type="text/plain")).status == 415
    assert (await ask("MKCOL", f"{HOME}new/", "a folder", Content_Type="application/xml")).status == 400
    assert (await ask("PROPFIND", f"{HOME}new/", Depth="0")).status == 404


@pytest.mark.parametrize("method", ["MKCALENDAR", "MKCOL"])
async def test_where_no_calendar_can_be(ask: Client, method: str):
    body = None if method == "MKCALENDAR" else mkcol(CALENDAR)
    await ask("MKCALENDAR", NEW)
    for path in (f"{NEW}inner/", f"{MERGED}inner/", f"{INBOX}inner/", "/dav/elsewhere/", f"{MERGED}a/b/"):
        answer = await ask(method, path, body)
        assert (answer.status, answer.condition) == (403, "C:calendar-collection-location-ok"), path
    assert (await ask(method, f"{HOME}nowhere/inner/", body)).status == 409
    for path in (NEW, MERGED, INBOX, HOME, "/dav/", "/dav/principals/"):
        answer = await ask(method, path, body)
        assert answer.status == (403 if method == "MKCALENDAR" else 405), path
        if method == "MKCALENDAR":
            assert answer.condition == "D:resource-must-be-null"
    for name, status in (("bob", 403), ("dave", 404), ("nobody", 404)):
        assert (await ask(method, f"/dav/calendars/{name}/new/", body)).status == status


async def test_a_deleted_calendar_is_gone_with_all_in_it_and_its_name_is_free(ask: Client):
    await ask("MKCALENDAR", NEW, mkcalendar("<D:displayname>Old</D:displayname>"))
    await ask("PUT", f"{NEW}a.ics", event("a"), Content_Type="text/calendar")
    token = (await ask.propfind(NEW, "D:sync-token")).value(NEW, "D:sync-token")
    assert (await ask("DELETE", NEW, If_Match='"other"')).status == 412
    assert (await ask("DELETE", NEW)).status == 204
    assert (await ask("DELETE", NEW)).status == 404
    assert (await ask("GET", f"{NEW}a.ics")).status == 404
    assert NEW not in (await ask.propfind(HOME, "D:displayname", depth="1")).hrefs

    assert (await ask("MKCALENDAR", NEW)).status == 201
    assert (await ask.propfind(NEW, "D:displayname")).value(NEW, "D:displayname") == "new"
    changed = await ask.report(NEW, "D:sync-collection", f"<D:sync-token>{token}</D:sync-token><D:prop/>")
    assert changed.statuses == {f"{NEW}a.ics": "404 Not Found"}


async def test_what_everybody_has_is_not_deleted(ask: Client):
    for path in (HOME, MERGED, INBOX, f"{HOME}outbox/"):
        answer = await ask("DELETE", path)
        assert answer.status == 405
        assert "DELETE" not in answer.headers["allow"]
    assert (await ask("DELETE", "/dav/calendars/bob/merged/")).status == 403


async def default(ask: Client, path: str) -> str:
    inner = f"<C:schedule-default-calendar-URL><D:href>{path}</D:href></C:schedule-default-calendar-URL>"
    body = f"<D:propertyupdate {DECLARED}><D:set><D:prop>{inner}</D:prop></D:set></D:propertyupdate>"
    answer = await ask("PROPPATCH", INBOX, body)
    return next(iter(answer.props(INBOX)))


async def test_new_invitations_go_to_the_calendar_one_chooses(ask: Client):
    await ask("MKCALENDAR", NEW)
    tasks = '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>'
    await ask("MKCALENDAR", f"{HOME}tasks/", mkcalendar(tasks))

    async def chosen() -> str:
        told = await ask.propfind(INBOX, "C:schedule-default-calendar-URL")
        return told.props(INBOX)["200"]["C:schedule-default-calendar-URL"][0].text or ""

    assert await chosen() == MERGED
    assert await default(ask, NEW) == "200"
    assert await chosen() == NEW
    refused = await ask("DELETE", NEW)
    assert (refused.status, refused.condition) == (403, "C:default-calendar-needed")
    for path in (f"{HOME}tasks/", f"{HOME}nowhere/", INBOX, "/dav/calendars/bob/merged/", "http://[::1/"):
        assert await default(ask, path) == "403"
    assert await chosen() == NEW
    assert await default(ask, MERGED) == "200"
    assert await chosen() == MERGED
    assert (await ask("DELETE", NEW)).status == 204


async def test_a_calendar_of_ones_own_takes_another_name_and_colour(ask: Client):
    await ask("MKCALENDAR", NEW)
    inner = """<D:displayname>Garden</D:displayname><A:calendar-color>#00ff00</A:calendar-color>
<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>"""
    body = f"<D:propertyupdate {DECLARED}><D:set><D:prop>{inner}</D:prop></D:set></D:propertyupdate>"
    assert set((await ask("PROPPATCH", NEW, body)).props(NEW)) == {"200"}
    told = await ask.propfind(NEW, "D:displayname", "A:calendar-color", "C:schedule-calendar-transp")
    assert told.value(NEW, "D:displayname") == "Garden"
    assert told.value(NEW, "A:calendar-color") == "#00ff00"
    assert told.props(NEW)["200"]["C:schedule-calendar-transp"][0].tag.endswith("transparent")
    transp = body.replace("<D:displayname>Garden</D:displayname><A:calendar-color>#00ff00</A:calendar-color>", "")
    assert set((await ask("PROPPATCH", MERGED, transp)).props(MERGED)) == {"403"}


async def test_a_home_says_that_calendars_can_be_made_there(ask: Client):
    told = await ask("OPTIONS", HOME)
    assert {"MKCALENDAR", "MKCOL"} <= set(told.headers["allow"].split(", "))
    rights = (await ask.propfind(HOME, "D:current-user-privilege-set")).text
    assert "<D:bind/>" in rights
