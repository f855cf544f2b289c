"""A booking in its host's calendar: moved and deleted there, answered by its invitee; one mail for each change."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from gateway.booking.model import details
from gateway.demo.mail import Caught
from gateway.demo.seed import at_google
from gateway.ical.objects import read_lenient
from gateway.store import accounts, bookings, objects
from gateway.store.bookings import BookingRow
from gateway.sync.calendars import set_destination
from gateway.sync.wake import SETTLED
from tests.story.stage import BERLIN, PATIENCE, Stage

HOST = "alice@example.com"


def book(stage: Stage, clock: str, email: str) -> str:
    """The booking's UID. clock: in Berlin."""
    start = datetime.fromisoformat(clock).replace(tzinfo=BERLIN).astimezone(UTC)
    form = {"name": "Erika Extern", "email": email, "start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "zone": "Europe/Berlin"}
    answer = requests.post(f"{stage.base}/alice/one-on-one", data=form, timeout=PATIENCE, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    settle(stage)
    found = re.search(r"/booking/([^?]+)", answer.headers["Location"])
    assert found is not None
    return found[1]


def settle(stage: Stage) -> None:
    stage.pass_time(SETTLED)
    stage.pass_time(1)


def row(stage: Stage, uid: str) -> BookingRow:
    found = stage.read(bookings.by_uid, uid)
    assert found is not None
    return found


def told(stage: Stage, email: str) -> list[tuple[str, str, str]]:
    """Subject, METHOD and SEQUENCE of somebody's mails."""
    return [(mail.message["Subject"].partition(":")[0], *inside(mail)) for mail in stage.world.mail.to(email)]


def inside(mail: Caught) -> tuple[str, str]:
    if not mail.calendar:
        return "", ""
    obj = read_lenient(mail.calendar)
    return obj.calendar.text("METHOD"), obj.components[0].text("SEQUENCE")


def at_provider(stage: Stage, uid: str) -> list[dict[str, Any]]:
    return [one for one in stage.do(stage.world.google.events, at_google.ALICE) if one["iCalUID"] == uid]


def test_a_calendar_app_moves_it_its_invitee_declines_and_it_is_deleted(stage: Stage) -> None:
    erika = "erika@extern.example"
    uid = book(stage, "2026-11-09T14:00", erika)
    booked = row(stage, uid)
    before = len(stage.world.mail.to(HOST))

    with stage.merged() as calendar:
        event = calendar.get_event_by_uid(uid)
        one = event.icalendar_component
        for name in ("DTSTART", "DTEND"):
            one[name].dt += timedelta(hours=2)
        event.save()
        settle(stage)
        assert (row(stage, uid).start, row(stage, uid).sequence) == (booked.start + 7200, 1)
        assert [one["start"]["dateTime"][:16] for one in at_provider(stage, uid)] == ["2026-11-09T16:00"]

        mail = stage.world.mail.to(erika)[-1]
        url = f"{stage.base}/demo/mail/{mail.number}/answer"
        done = requests.post(url, data={"answer": "DECLINED"}, timeout=PATIENCE)
        assert done.url.endswith("?done=read"), done.url
        settle(stage)
        assert (details(row(stage, uid)).reply, row(stage, uid).status) == ("DECLINED", "accepted")

        calendar.get_event_by_uid(uid).delete()
        settle(stage)

    assert row(stage, uid).status == "cancelled"
    assert at_provider(stage, uid) == []
    assert [(method, number) for _, method, number in told(stage, erika)] == [
        ("REQUEST", "0"),
        ("REQUEST", "1"),
        ("CANCEL", "2"),
    ]
    assert len(stage.world.mail.to(HOST)) == before + 1  # that it was declined
    assert stage.do(lambda: list(stage.world.google.mails)) == []


def test_what_happens_to_it_at_google_happens_to_the_booking(stage: Stage) -> None:
    email = "gustav@extern.example"
    uid = book(stage, "2026-11-09T15:00", email)
    booked, before = row(stage, uid), len(stage.world.mail.to(HOST))
    [event] = at_provider(stage, uid)

    stage.at("google", do="move", id=event["id"])
    stage.pull()
    settle(stage)
    assert (row(stage, uid).start, row(stage, uid).end) == (booked.start + 3600, booked.end + 3600)

    [event] = at_provider(stage, uid)
    said = [{**one, "responseStatus": "declined"} if one["email"] == email else one for one in event["attendees"]]
    stage.do(stage.world.google.change_event, at_google.ALICE, event["id"], {"attendees": said})
    stage.pull()
    settle(stage)
    assert (details(row(stage, uid)).reply, row(stage, uid).status) == ("DECLINED", "accepted")

    stage.at("google", do="delete", id=event["id"])
    stage.pull()
    settle(stage)
    assert row(stage, uid).status == "cancelled"
    assert [method for _, method, _ in told(stage, email)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [subject for subject, *_ in told(stage, HOST)[before:]] == ["Einladung abgelehnt"]
    assert stage.do(lambda: list(stage.world.google.mails)) == []


def test_what_happens_to_it_in_outlook_happens_to_the_booking(stage: Stage) -> None:
    email, alice = "olga@extern.example", stage.person("alice")
    rows = stage.read(accounts.calendars, alice.id)
    google = next(one for one in rows if one.destination)
    outlook = next(one for one in rows if one.kind == "outlook" and one.busy and one.writable)
    stage.calendars(set_destination, alice.id, outlook.id)
    uid = book(stage, "2026-11-09T14:00", email)
    stage.calendars(set_destination, alice.id, google.id)
    booked = row(stage, uid)
    [held] = stage.read(objects.by_uid, alice.id, uid)
    assert held.calendar_id == outlook.id

    stage.at("microsoft", do="move", id=held.href)
    stage.pull()
    settle(stage)
    assert (row(stage, uid).start, row(stage, uid).end) == (booked.start + 3600, booked.end + 3600)

    stage.at("microsoft", do="delete", id=held.href)
    stage.pull()
    settle(stage)
    assert row(stage, uid).status == "cancelled"
    assert [method for _, method, _ in told(stage, email)] == ["REQUEST", "REQUEST", "CANCEL"]
