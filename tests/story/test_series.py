"""The fortnightly consulting of the demo, in a calendar app: one date moved, one deleted, then all of it."""

import re
from copy import deepcopy
from datetime import datetime, timedelta

import requests

from gateway.booking.model import Place
from gateway.booking.turns import turns
from gateway.demo.seed.people import EVENT_TYPES
from gateway.ical.objects import read_lenient
from gateway.store import bookings
from gateway.store.bookings import BookingRow
from gateway.sync.wake import SETTLED
from tests.story.stage import BERLIN, PATIENCE, Stage

FIRST = datetime(2026, 11, 6, 13, 30, tzinfo=BERLIN)
DATES = [FIRST + timedelta(weeks=2 * number) for number in range(4)]
GUEST = "erika@extern.example"


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


def told(stage: Stage) -> tuple[int, str, str]:
    """How many mails the guest has; of the last the METHOD and the RECURRENCE-ID."""
    mails = stage.world.mail.to(GUEST)
    obj = read_lenient(mails[-1].calendar or "")
    line = obj.components[0].first("RECURRENCE-ID")
    return len(mails), obj.calendar.text("METHOD"), "" if line is None else line.value


def test_a_calendar_app_moves_a_date_deletes_one_and_then_the_series(stage: Stage) -> None:
    form = {"name": "Erika Extern", "email": GUEST, "start": "2026-11-06T12:30:00Z", "zone": "Europe/Berlin"}
    form["where"] = Place.model_validate(EVENT_TYPES["consulting"]["places"][0]).key
    answer = requests.post(f"{stage.base}/alice/consulting", data=form, timeout=PATIENCE, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    settle(stage)
    found = re.search(r"/booking/([^?]+)", answer.headers["Location"])
    assert found is not None
    uid = found[1]
    assert stands(stage, uid) == DATES
    assert told(stage) == (1, "REQUEST", "")

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
        assert stands(stage, uid) == [DATES[0], moved, *DATES[2:]]
        assert told(stage) == (2, "REQUEST", "20261120T133000")

        event = calendar.get_event_by_uid(uid)
        master = next(part for part in event.icalendar_instance.walk("VEVENT") if "RECURRENCE-ID" not in part)
        master.add("EXDATE", DATES[2])
        event.save()
        settle(stage)
        assert stands(stage, uid) == [DATES[0], moved, None, DATES[3]]
        assert told(stage) == (3, "CANCEL", "20261204T133000")

        calendar.get_event_by_uid(uid).delete()
        settle(stage)
    assert row(stage, uid).status == "cancelled"
    assert told(stage) == (4, "CANCEL", "")
    settle(stage)
    assert len(stage.world.mail.to(GUEST)) == 4
