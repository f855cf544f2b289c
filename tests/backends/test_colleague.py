"""Busy time of somebody without an account here: what a colleague's cloud tells, and what a published file says."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.backends.base import Account, Outside, Unanswered
from gateway.backends.colleague import ROW, busy_object, read_answer
from gateway.backends.feed import read_objects
from gateway.config import Google, Microsoft
from gateway.errors import BackendUnavailable, ReadOnlyCalendar, RefusedByProvider, SignInExpired
from gateway.ical.index import index
from gateway.ical.objects import read
from gateway.ical.published import UNKNOWN
from gateway.model import FbType, Period

NOW = datetime(2026, 11, 9, 14, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 9, tzinfo=UTC)
DORA = "dora@example.com"
MEETING = Period(NOW, NOW + timedelta(hours=1), FbType.BUSY)
MAYBE = Period(NOW + timedelta(minutes=30), NOW + timedelta(hours=2), FbType.TENTATIVE)


def rows(text):
    """What the index makes of it: (start, end, kind), time of which nothing is said left out."""
    indexed = index(read(text), text, frozenset(), ZoneInfo("UTC"), 0, 2**40)
    return [
        (datetime.fromtimestamp(one.start, UTC), datetime.fromtimestamp(one.end, UTC), FbType(one.fbtype))
        for one in indexed.occurrences
        if one.fbtype
    ]


def test_time_that_was_not_asked_about_is_not_free():
    obj = busy_object(DORA, [MAYBE, MEETING], TODAY, TODAY + timedelta(days=10))

    end = TODAY + timedelta(days=10)
    assert rows(obj.text) == [
        (MEETING.start, MEETING.end, FbType.BUSY),
        (MAYBE.start, MAYBE.end, FbType.TENTATIVE),
        (end, end + UNKNOWN, FbType.UNAVAILABLE),
    ]


def test_the_same_answer_in_another_order_is_no_change():
    one, other = ([MAYBE, MEETING], [MEETING, MAYBE])
    assert busy_object(DORA, one, TODAY, NOW) == busy_object(DORA, other, TODAY, NOW)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Unanswered.NOBODY, RefusedByProvider),
        (Unanswered.CLOSED, RefusedByProvider),
        (Unanswered.FAILED, BackendUnavailable),
        (None, BackendUnavailable),
    ],
)
def test_no_answer_is_never_free(answer, error):
    with pytest.raises(error):
        read_answer(answer, DORA)


def test_a_published_file_says_nothing_of_the_time_after_its_end():
    text = "\r\n".join(
        [
            *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "METHOD:PUBLISH", "BEGIN:VFREEBUSY", "UID:a"),
            *("DTSTAMP:20261109T000000Z", "DTSTART:20261109T000000Z", "DTEND:20261201T000000Z"),
            *("FREEBUSY:20261110T090000Z/PT1H,20261111T090000Z/20261111T093000Z", "END:VFREEBUSY", "END:VCALENDAR", ""),
        ]
    )
    [obj] = read_objects(text)

    end = datetime(2026, 12, 1, tzinfo=UTC)
    assert rows(obj.text)[-1] == (end, end + UNKNOWN, FbType.UNAVAILABLE)
    assert [one[0].day for one in rows(obj.text)[:-1]] == [10, 11]
    [again] = read_objects(text.replace("DTSTAMP:20261109", "DTSTAMP:20261110"))
    assert again.etag == obj.etag


class Cloud:
    """A backend that can be asked. answers: by address, or the error that it raises."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    async def busy(self, addresses, start, end):
        self.asked.append((list(addresses), start, end))
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers


def colleague(cloud, account="7"):
    async def through(key):
        assert key == int(account)
        return cloud

    outside = Outside(None, Google(), Microsoft(), clock=NOW.timestamp, through=through)
    return ROW.connect(Account({"address": "Dora@Example.com", "through": account}, "", None), outside)


async def pages(backend, token=None):
    return [page async for page in backend.changes("busy", token)]


async def test_a_second_look_finds_what_has_changed_only():
    cloud = Cloud({DORA: [MEETING]})
    backend = colleague(cloud)

    [calendar] = await backend.calendars()
    assert (calendar.displayname, calendar.writable, calendar.busy) == (DORA, False, True)
    [page] = await pages(backend)
    assert page.full
    assert await pages(backend, page.token) == []
    cloud.answers = {DORA: [MEETING, MAYBE]}
    assert len(await pages(backend, page.token)) == 1
    assert cloud.asked[0] == ([DORA], TODAY - timedelta(days=1), TODAY + timedelta(days=120))


async def test_a_colleague_who_is_signed_out_does_not_sign_out_whom_they_ask_for():
    with pytest.raises(BackendUnavailable) as told:
        await pages(colleague(Cloud(SignInExpired("over"))))
    assert not isinstance(told.value, SignInExpired)


async def test_who_cannot_ask_and_who_is_no_more_is_refused():
    with pytest.raises(RefusedByProvider):
        await pages(colleague(object()))
    outside = Outside(None, Google(), Microsoft(), clock=NOW.timestamp)
    with pytest.raises(RefusedByProvider):
        await pages(ROW.connect(Account({"address": DORA, "through": "7"}, "", None), outside))


async def test_nothing_can_be_written_there():
    backend = colleague(Cloud({}))
    with pytest.raises(ReadOnlyCalendar):
        await backend.put("busy", busy_object(DORA, [], TODAY, NOW), None)
    with pytest.raises(ReadOnlyCalendar):
        await backend.delete("busy", "x.ics", None)
