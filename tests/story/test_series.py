"""The fortnightly consulting of the demo, in a calendar app: one date moved, one deleted, then all of it."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta

import pytest
import requests

from gateway.booking.book import cancel, reschedule
from gateway.booking.model import Place
from gateway.booking.turns import turns
from gateway.demo.seed.people import EVENT_TYPES
from gateway.demo.seed.week import ZONE
from gateway.ical.objects import read_lenient
from gateway.store import accounts, bookings, members, objects
from gateway.store.bookings import BookingRow
from gateway.sync.wake import SETTLED
from tests.story.stage import BERLIN, PATIENCE, Stage

FIRST = datetime(2026, 11, 6, 13, 30, tzinfo=BERLIN)
DATES = [FIRST + timedelta(weeks=2 * number) for number in range(4)]
HOMES = {"google": "Alice Weber", "outlook": "Calendar", "local": "Privat"}
"""Where Alice's bookings go."""


def settle(stage: Stage) -> None:
    stage.pass_time(SETTLED)
    stage.pass_time(1)


def row(stage: Stage, uid: str) -> BookingRow:
    found = stage.read(bookings.by_uid, uid)
    assert found is not None
    return found


def stands(stage: Stage, uid: str) -> list[datetime | None]:
    found = turns(row(stage, uid))
    return [None if one.gone else datetime.fromtimestamp(one.start, BERLIN) for one in found]


def told(stage: Stage, guest: str) -> tuple[int, str, str]:
    """How many mails the guest has; of the last the METHOD and the RECURRENCE-ID."""
    mails = stage.world.mail.to(guest)
    obj = read_lenient(mails[-1].calendar or "")
    line = obj.components[0].first("RECURRENCE-ID")
    return len(mails), obj.calendar.text("METHOD"), "" if line is None else line.value


def in_the_calendar(stage: Stage, uid: str) -> list[datetime]:
    """When its dates are, after all accounts have been read anew."""
    stage.pull()
    with stage.merged() as calendar:
        found = calendar.search(
            start=DATES[0] - timedelta(days=30), end=DATES[-1] + timedelta(days=30), event=True, expand=True
        )
        parts = [part for one in found for part in one.icalendar_instance.walk("VEVENT") if part["UID"] == uid]
    return sorted(part["DTSTART"].dt.astimezone(BERLIN) for part in parts)


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest, stage: Stage) -> Iterator[str]:
    alice = stage.person("alice").id
    usual = next(row for row in stage.read(accounts.calendars, alice) if row.destination)
    stage.calendars(accounts.set_destination, alice, stage.calendar("alice", HOMES[request.param]).id)
    yield request.param
    stage.calendars(accounts.set_destination, alice, usual.id)


def booked(stage: Stage, guest: str, home: str) -> tuple[str, str]:
    """UID, and the token of the guest's links."""
    form = {"name": "Erika Extern", "email": guest, "start": "2026-11-06T12:30:00Z", "zone": "Europe/Berlin"}
    form["where"] = Place.model_validate(EVENT_TYPES["consulting"]["places"][0]).key
    answer = requests.post(f"{stage.base}/alice/consulting", data=form, timeout=PATIENCE, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    settle(stage)
    found = re.search(r"/booking/([^?]+)\?token=([^&]+)", answer.headers["Location"])
    assert found is not None, answer.headers["Location"]
    member = stage.read(members.by_uid, stage.person("alice").merged, found[1])
    assert member is not None
    kept = stage.read(objects.by_id, member.object_id)
    assert kept is not None
    assert kept.calendar_id == stage.calendar("alice", HOMES[home]).id
    return found[1], found[2]


def test_a_calendar_app_moves_a_date_deletes_one_and_then_the_series(stage: Stage, home: str) -> None:
    guest = f"erika.{home}@extern.example"
    uid, _ = booked(stage, guest, home)
    assert stands(stage, uid) == in_the_calendar(stage, uid) == DATES
    assert told(stage, guest) == (1, "REQUEST", "")

    with stage.merged() as calendar:
        event = calendar.get_event_by_uid(uid)
        one = deepcopy(event.icalendar_instance.walk("VEVENT")[0])
        for name in ("RRULE", "EXDATE"):
            one.pop(name, None)
        one.add("RECURRENCE-ID", DATES[1])
        for name in ("DTSTART", "DTEND"):
            one[name].dt += timedelta(weeks=2, hours=1)
        event.icalendar_instance.add_component(one)
        event.save()
        settle(stage)
        moved = DATES[1] + timedelta(hours=1)
        assert stands(stage, uid) == in_the_calendar(stage, uid) == [DATES[0], moved, *DATES[2:]]
        assert told(stage, guest) == (2, "REQUEST", "20261120T133000")

        event = calendar.get_event_by_uid(uid)
        master = next(part for part in event.icalendar_instance.walk("VEVENT") if "RECURRENCE-ID" not in part)
        master.add("EXDATE", DATES[2])
        event.save()
        settle(stage)
        assert stands(stage, uid) == [DATES[0], moved, None, DATES[3]]
        assert in_the_calendar(stage, uid) == [DATES[0], moved, DATES[3]]
        assert told(stage, guest) == (3, "CANCEL", "20261204T133000")

        calendar.get_event_by_uid(uid).delete()
        settle(stage)
    assert row(stage, uid).status == "cancelled"
    assert in_the_calendar(stage, uid) == []
    assert told(stage, guest) == (4, "CANCEL", "")
    settle(stage)
    assert len(stage.world.mail.to(guest)) == 4


def test_by_the_links_a_date_is_moved_one_is_cancelled_and_then_the_series_moves(stage: Stage, home: str) -> None:
    guest = f"emil.{home}@extern.example"
    uid, token = booked(stage, guest, home)
    desk, hour = stage.parts.desk, timedelta(hours=1)
    at = [int(date.timestamp()) for date in DATES]

    stage.run(reschedule(desk, uid, token, at[2] - 7_200, ZONE, at=at[2]))
    settle(stage)
    assert stands(stage, uid) == in_the_calendar(stage, uid) == [*DATES[:2], DATES[2] - 2 * hour, DATES[3]]
    assert told(stage, guest)[:2] == (2, "REQUEST")

    stage.run(cancel(desk, uid, token, "Skiing.", at=at[1]))
    settle(stage)
    assert stands(stage, uid) == [DATES[0], None, DATES[2] - 2 * hour, DATES[3]]
    assert in_the_calendar(stage, uid) == [DATES[0], DATES[2] - 2 * hour, DATES[3]]
    assert told(stage, guest) == (3, "CANCEL", "20261120T133000")

    thursday = DATES[0] - timedelta(days=1)
    stage.run(reschedule(desk, uid, token, int(thursday.timestamp()), ZONE))
    settle(stage)
    assert [date for date in stands(stage, uid) if date] == in_the_calendar(stage, uid)
    assert in_the_calendar(stage, uid)[0] == thursday
    assert told(stage, guest)[:2] == (4, "REQUEST")

    stage.run(cancel(desk, uid, token))
    settle(stage)
    assert in_the_calendar(stage, uid) == []
    assert told(stage, guest) == (5, "CANCEL", "")
