from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.agenda import MOST, Listed, agenda, enough, week_of
from gateway.web.language import language
from gateway.web.visitor import link

BRITISH = language(["en-GB"])


def at(text, zone="Europe/Berlin"):
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def address(**changes):
    return link("/alice/talk", {"view": "week"}, **changes)


def listed(*starts, **more):
    given = {
        "starts": [at(start) for start in starts],
        "zone": "Europe/Berlin",
        "first": date(2026, 11, 30),
        "last": date(2026, 12, 6),
        "today": date(2026, 11, 21),
        "end": date(2027, 1, 20),
        "further": None,
        "week": True,
    }
    return agenda(Listed(**{**given, **more}), BRITISH, address)


def test_a_week_has_seven_days_each_with_its_times():
    found = listed("2026-12-01 09:00", "2026-12-01 14:30", "2026-12-03 09:00")
    assert found.title == "30 Nov\u2009–\u20096 Dec 2026"
    assert [(day.weekday, day.label, [time.label for time in day.times]) for day in found.days[:4]] == [
        ("Mon", "30 Nov", []),
        ("Tue", "1 Dec", ["09:00", "14:30"]),
        ("Wed", "2 Dec", []),
        ("Thu", "3 Dec", ["09:00"]),
    ]
    assert not found.empty
    assert "date=2026-12-01" in found.days[1].times[0].link


def test_weeks_end_where_booking_does():
    found = listed()
    assert ("date=2026-11-23" in found.earlier, "date=2026-12-07" in found.later) == (True, True)
    assert listed(first=date(2026, 11, 16), last=date(2026, 11, 22)).earlier == ""
    assert listed(end=date(2026, 12, 6)).later == ""


def test_a_week_with_nothing_offers_the_next_free_day():
    found = listed(further=at("2026-12-08 09:00"))
    assert (found.empty, found.next_free.date) == (True, date(2026, 12, 8))
    assert "date=2026-12-08" in found.next_free.link


def test_a_list_has_the_free_days_alone():
    found = listed("2026-12-01 09:00", "2026-12-03 09:00", week=False, further=at("2026-12-08 09:00"))
    assert [(day.weekday, day.label) for day in found.days] == [("Tuesday", "1 December"), ("Thursday", "3 December")]
    assert ("date" in found.earlier, "date=2026-12-08" in found.later, found.next_free) == (False, True, None)
    assert listed("2026-12-01 09:00", week=False).later == ""


@pytest.mark.parametrize(
    ("first_weekday", "first"), [(0, date(2026, 11, 16)), (6, date(2026, 11, 15)), (5, date(2026, 11, 21))]
)
def test_weeks_begin_as_their_readers_expect(first_weekday, first):
    assert week_of(date(2026, 11, 21), first_weekday) == first


def day_of(start):
    return datetime.fromtimestamp(start, ZoneInfo("Europe/Berlin")).date()


@given(st.lists(st.integers(0, 60 * 24 * 20), unique=True))
def test_whole_days_are_listed_until_there_are_enough(minutes):
    starts = sorted(at("2026-11-23 00:00") + 60 * minute for minute in minutes)
    found = enough(starts, "Europe/Berlin")
    last = max(map(day_of, found), default=None)
    assert found == [one for one in starts if last is None or day_of(one) <= last]
    assert len([one for one in found if day_of(one) != last]) < MOST
    assert len(found) >= MOST or found == starts
