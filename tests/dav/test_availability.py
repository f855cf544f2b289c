"""Working hours in answers about busy time (RFC 7953)."""

import pytest

from gateway.freebusy.availability import busy_type
from gateway.model import FbType
from gateway.store import principals, schedules
from gateway.store.database import Database
from tests.dav.conftest import MERGED, Client, event, stored
from tests.dav.test_freebusy import busy, query, request

HOME, OUTBOX, INBOX = "/dav/calendars/alice/", "/dav/calendars/alice/outbox/", "/dav/calendars/alice/inbox/"
APPLE = stored("apple_availability.ics")
TYPES = {"": "BUSY-UNAVAILABLE", "BUSYTYPE:BUSY\r\n": "", "BUSYTYPE:BUSY-TENTATIVE\r\n": "BUSY-TENTATIVE"}


async def set_hours(ask: Client, text: str, prefix: str = "CS") -> None:
    escaped = text.replace("\r", "&#13;")
    body = (
        '<D:propertyupdate xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/"'
        ' xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
        f"<{prefix}:calendar-availability>{escaped}</{prefix}:calendar-availability>"
        "</D:prop></D:set></D:propertyupdate>"
    )
    reply = await ask("PROPPATCH", INBOX, body)
    assert (reply.status, set(reply.props(INBOX))) == (207, {"200"})


@pytest.mark.parametrize("prefix", ["C", "CS"])
async def test_what_the_editor_of_a_client_wrote_comes_back_as_it_was(ask: Client, db: Database, prefix: str) -> None:
    await set_hours(ask, APPLE, prefix)
    for name in ("C", "CS"):
        reply = await ask.propfind(INBOX, f"{name}:calendar-availability")
        assert reply.value(INBOX, f"{name}:calendar-availability") == APPLE
    alice = db.read_now(principals.by_name, "alice")
    assert alice is not None
    assert db.read_now(schedules.availability, alice.id) == APPLE


async def test_outside_working_hours_nobody_is_to_be_had(ask: Client) -> None:
    """24 November is a Tuesday; the hours are Monday to Friday from 9 to 17 in Berlin, but 13 to 17 on that day."""
    await ask.put("one.ics", event("one", "20261124T130000Z", "20261124T140000Z"))
    await ask.put("two.ics", event("two", "20261124T200000Z", "20261124T210000Z", "STATUS:TENTATIVE"))
    await set_hours(ask, APPLE)
    shut = "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:"
    told = [
        f"{shut}20261124T000000Z/20261124T120000Z",
        "FREEBUSY:20261124T130000Z/20261124T140000Z",
        f"{shut}20261124T160000Z/20261125T000000Z",
    ]
    for path in (HOME, MERGED):
        assert busy((await query(ask, path)).text) == told
    reply = await ask("POST", OUTBOX, request("mailto:alice@example.com"), Content_Type="text/calendar")
    data = reply.xml.findtext(".//{urn:ietf:params:xml:ns:caldav}calendar-data") or ""
    assert busy(data.replace("\r\n", "\n").replace("\n", "\r\n")) == told


async def test_a_calendar_that_is_asked_for_itself_says_what_is_in_it(ask: Client) -> None:
    assert (await ask("MKCALENDAR", f"{HOME}own/")).status == 201
    await set_hours(ask, APPLE)
    assert busy((await query(ask, f"{HOME}own/")).text) == []


@pytest.mark.parametrize("line", TYPES)
async def test_the_kind_of_time_is_as_they_say(ask: Client, line: str) -> None:
    await set_hours(ask, APPLE.replace("BEGIN:AVAILABLE", f"{line}BEGIN:AVAILABLE"))
    kind = f";FBTYPE={TYPES[line]}" if TYPES[line] else ""
    assert busy((await query(ask, HOME)).text)[0] == (
        f"FREEBUSY{kind}:20261124T000000Z/20261124T120000Z,20261124T160000Z/20261125T000000Z"
    )


def test_of_several_kinds_the_strongest() -> None:
    parts = "".join(f"BEGIN:VAVAILABILITY\r\nBUSYTYPE:{one}\r\nEND:VAVAILABILITY\r\n" for one in ("BUSY", "X-OTHER"))
    assert busy_type(f"BEGIN:VCALENDAR\r\n{parts}END:VCALENDAR\r\n") is FbType.UNAVAILABLE
