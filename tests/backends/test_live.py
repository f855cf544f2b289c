"""What takes time in the account's own calendars at this moment, asked of each kind of provider."""

from datetime import UTC, datetime

import pytest

from gateway.backends.base import Live
from gateway.backends.caldav.answers import read_busy
from gateway.backends.outlook.busy import read_event
from gateway.errors import RefusedByProvider
from gateway.model import FbType, Period
from tests.backends.test_caldav import backend, of_person
from tests.fakes.caldav import CalDavServer
from tests.fakes.objects import event
from tests.fakes.radicale import RadicaleServer

START, END = datetime(2026, 12, 8, 8, 50, tzinfo=UTC), datetime(2026, 12, 8, 10, tzinfo=UTC)


async def test_a_caldav_server_is_asked_by_free_busy_query(outside, radicale: RadicaleServer):
    person = radicale.person("work", "home")
    remote, calendar = of_person(outside, person), f"{person.url}work/"
    assert isinstance(remote, Live)
    assert await remote.taken([calendar], START, END) == []
    radicale.put(person, person.path() + "a.ics", event("a", start="20261208T090000Z"))
    found = await remote.taken([calendar, f"{person.url}home/"], START, END)
    assert [one.start for one in found] == [datetime(2026, 12, 8, 9, tzinfo=UTC)]


@pytest.mark.parametrize("tokens", [True, False])
async def test_a_caldav_server_without_that_question_tells_nobody(outside, tokens):
    async with CalDavServer(tokens=tokens) as server:
        with pytest.raises(RefusedByProvider):
            await backend(outside, server.url).taken([server.url], START, END)


def test_busy_time_as_servers_write_it():
    lines = (
        "FREEBUSY:20261208T090000Z/PT1H,20261208T110000Z/20261208T113000Z",
        "FREEBUSY;FBTYPE=FREE:20261208T120000Z/PT1H",
    )
    head = (
        "BEGIN:VFREEBUSY",
        "UID:f",
        "DTSTAMP:20261201T000000Z",
        "DTSTART:20261208T000000Z",
        "DTEND:20261209T000000Z",
    )
    whole = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//EN", *head, *lines, "END:VFREEBUSY", "END:VCALENDAR", "")
    text = "\r\n".join(whole)
    assert [(one.start.hour, one.end.hour) for one in read_busy(text)] == [(9, 10), (11, 11)]
    for other in ("", "<html>", event("a")):
        if other.startswith("BEGIN"):
            assert read_busy(other) == []
        else:
            with pytest.raises(RefusedByProvider):
                read_busy(other)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"showAs": "busy"}, FbType.BUSY),
        ({"showAs": "tentative"}, FbType.TENTATIVE),
        ({"showAs": "oof"}, FbType.UNAVAILABLE),
        ({"showAs": "something new"}, FbType.BUSY),
        ({"showAs": "free"}, None),
        ({"showAs": "workingElsewhere"}, None),
        ({"showAs": "busy", "isCancelled": True}, None),
        ({"showAs": "busy", "responseStatus": {"response": "declined"}}, None),
    ],
)
def test_a_row_of_outlook(row, kind):
    times = {
        name: {"dateTime": f"2026-12-08T{hour}:00:00.0000000", "timeZone": "UTC"}
        for name, hour in (("start", "09"), ("end", "10"))
    }
    expected = None if kind is None else Period(START.replace(hour=9, minute=0), END, kind)
    assert read_event({**row, **times}) == expected
