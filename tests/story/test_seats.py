"""A workshop with seats in the demo: one event in its host's calendar, whichever way it goes on."""

from datetime import timedelta

import requests

from gateway.store import bookings
from gateway.store.bookings import BookingRow
from gateway.sync.wake import SETTLED
from tests.story.stage import PATIENCE, Stage

PATH = "/carol/workshop"
NAMES = ("ines", "ben", "cem")


def book(stage: Stage, start: str, name: str) -> BookingRow:
    form = {"name": name.title(), "email": f"{name}@seats.example", "start": start, "zone": "Europe/Berlin"}
    answer = requests.post(stage.base + PATH, data=form, timeout=PATIENCE, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    uid = answer.headers["Location"].partition("?")[0].removeprefix("/booking/")
    return row(stage, uid)


def row(stage: Stage, uid: str) -> BookingRow:
    found = stage.read(bookings.by_uid, uid)
    assert found is not None
    return found


def told(stage: Stage, name: str) -> list[str]:
    return [mail.message["Subject"].partition(":")[0] for mail in stage.world.mail.to(f"{name}@seats.example")]


def settle(stage: Stage) -> None:
    stage.pass_time(SETTLED)
    stage.pass_time(1)


def test_a_calendar_app_sees_moves_and_deletes_what_three_parties_share(stage: Stage) -> None:
    day = (stage.clock.aware() + timedelta(days=9 - stage.clock.aware().weekday())).date()
    parties = [book(stage, f"{day}T10:00:00Z", name) for name in NAMES]
    settle(stage)
    [event] = {one.event for one in parties}
    page = stage.http("GET", f"{PATH}?date={day}&zone=Europe/Berlin&lang=en").text
    assert "<small>3 seats left</small>" in page

    with stage.merged("carol") as calendar:
        found = calendar.get_event_by_uid(event)
        one = found.icalendar_component
        assert all(f"{name}@seats.example" in str(one["DESCRIPTION"]) for name in NAMES)
        for name in ("DTSTART", "DTEND"):
            one[name].dt += timedelta(hours=1)
        found.save()
        settle(stage)
        assert {row(stage, party.uid).start for party in parties} == {parties[0].start + 3600}
        calendar.get_event_by_uid(event).delete()
        settle(stage)

    assert {row(stage, party.uid).status for party in parties} == {"cancelled"}
    assert [told(stage, name) for name in NAMES] == [["Booked", "New time", "Cancelled"]] * 3
    for name in NAMES:
        mails = stage.world.mail.to(f"{name}@seats.example")
        said = "".join(mail.text + mail.calendar.replace("\r\n ", "") for mail in mails)
        assert [other for other in NAMES if f"{other}@" in said] == [name]
