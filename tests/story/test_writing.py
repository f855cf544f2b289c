"""What a client writes is at the provider; what is changed at the provider reaches the client."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import caldav
import pytest
import requests
from caldav.lib.error import AuthorizationError, NotFoundError

from gateway.demo.microsoft.mailbox import event_id
from gateway.demo.seed import at_google, at_microsoft
from gateway.sync import calendars
from tests.fakes.objects import event
from tests.story.stage import Stage

HOUR = timedelta(hours=1)


@pytest.fixture
def merged(stage: Stage) -> Iterator[caldav.Calendar]:
    with stage.merged() as found:
        yield found


def at_google_now(stage: Stage, uid: str, calendar: str = at_google.ALICE) -> list[dict]:
    """The event (and the exceptions) with that UID as Google has it."""
    return [one for one in stage.do(stage.world.google.events, calendar) if one["iCalUID"] == uid]


def at_outlook_now(stage: Stage, subject: str) -> list[dict]:
    def look() -> list[dict]:
        boxes = stage.world.microsoft.boxes
        mine = [one for one in boxes.events.values() if one.mailbox == at_microsoft.ALICE and one.series is None]
        return [{**one.body, "id": event_id(one, immutable=True)} for one in mine if one.body["subject"] == subject]

    return stage.do(look)


def begins(held: dict) -> datetime:
    return datetime.fromisoformat(held["start"]["dateTime"]).astimezone(UTC)


def test_a_new_event_goes_to_google_is_edited_there_and_deleted_there(stage, merged):
    start = datetime(2026, 12, 1, 10, tzinfo=UTC)
    made = merged.add_event(uid="made@client.example", summary="Made here", dtstart=start, dtend=start + HOUR)

    [there] = at_google_now(stage, "made@client.example")
    assert (there["summary"], begins(there)) == ("Made here", start)

    made.load()
    with made.edit_icalendar_component() as component:
        component["SUMMARY"] = "Edited here"
        component["DTSTART"].dt = start + HOUR
        component["DTEND"].dt = start + 2 * HOUR
    made.save()

    [there] = at_google_now(stage, "made@client.example")
    assert (there["summary"], begins(there)) == ("Edited here", start + HOUR)

    made.delete()

    assert at_google_now(stage, "made@client.example") == []
    with pytest.raises(NotFoundError):
        merged.get_event_by_uid("made@client.example")


def test_an_outlook_event_is_edited_where_it_lives(stage, merged):
    stage.at("microsoft", do="add", summary="Made in Outlook", start="2026-12-02T09:00")
    stage.pull()
    [found] = merged.search(event=True, summary="Made in Outlook")

    with found.edit_icalendar_component() as component:
        component["SUMMARY"] = "Edited by a client"
        component["LOCATION"] = "Raum 5"
    found.save()

    [there] = at_outlook_now(stage, "Edited by a client")
    assert there["location"]["displayName"] == "Raum 5"
    assert there["start"]["dateTime"].startswith("2026-12-02T09:00")
    assert at_outlook_now(stage, "Made in Outlook") == []


SERIES = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//client.example//EN
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:series@client.example
DTSTAMP:20261027T090000Z
DTSTART;TZID=Europe/Berlin:20270309T163000
DTEND;TZID=Europe/Berlin:20270309T170000
RRULE:FREQ=WEEKLY;COUNT=5
EXDATE;TZID=Europe/Berlin:20270316T163000
SUMMARY:Probe
END:VEVENT
BEGIN:VEVENT
UID:series@client.example
DTSTAMP:20261027T090000Z
RECURRENCE-ID;TZID=Europe/Berlin:20270330T163000
DTSTART;TZID=Europe/Berlin:20270331T180000
DTEND;TZID=Europe/Berlin:20270331T190000
SUMMARY:Generalprobe
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_a_series_with_an_exception_and_a_date_left_out_is_the_same_on_both_sides(stage, merged):
    """Across the change of clocks on 28 March."""
    assert stage.put("series.ics", SERIES).status_code == 201

    both = [
        ("2027-03-09T15:30", "Probe"),
        ("2027-03-23T15:30", "Probe"),
        ("2027-03-31T16:00", "Generalprobe"),
        ("2027-04-06T14:30", "Probe"),
    ]
    span = datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)
    assert instances(merged, *span) == both
    assert google_instances(stage, "series@client.example") == both

    stage.pull()
    assert instances(merged, *span) == both


def instances(merged: caldav.Calendar, start: datetime, end: datetime) -> list[tuple[str, str]]:
    """Of the series above, as the server expands it."""
    found = merged.search(start=start, end=end, event=True, expand=True)
    rows = [one.icalendar_component for one in found]
    return sorted(shown(one) for one in rows if str(one["UID"]) == "series@client.example")


def shown(component: object) -> tuple[str, str]:
    return f"{component.decoded('DTSTART').astimezone(UTC):%Y-%m-%dT%H:%M}", str(component["SUMMARY"])


def google_instances(stage: Stage, uid: str) -> list[tuple[str, str]]:
    """What Google's own page would show: asked of its API as a client of Alice would."""
    token = json.loads(stage.do(stage.world.google.authorized_user, at_google.ALICE))["token"]
    url = f"{stage.world.google.root}/calendar/v3/calendars/{at_google.ALICE}/events"
    query = {"iCalUID": uid, "singleEvents": "true"}
    answer = requests.get(url, query, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    return sorted((f"{begins(one):%Y-%m-%dT%H:%M}", one["summary"]) for one in answer.json()["items"])


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_what_is_done_at_the_provider_is_in_the_next_sync(stage, merged, provider):
    known = merged.get_objects_by_sync_token(load_objects=True)
    identifier = stage.at(provider, do="add", summary=f"Added at {provider}", start="2026-12-03T09:00")
    assert changes(known) == ([], [])  # not before it was pulled

    stage.pull()
    assert changes(known) == ([(f"Added at {provider}", "08:00")], [])

    stage.at(provider, do="move", id=identifier)
    stage.pull()
    [(title, begin)], gone = changes(known)
    assert (title, begin, gone) == (f"Added at {provider}", "09:00", [])

    stage.at(provider, do="delete", id=identifier)
    stage.pull()
    added, [gone] = changes(known)
    assert added == []
    assert stage.http("GET", gone).status_code == 404

    stage.pull()
    assert changes(known) == ([], [])


def changes(known: caldav.SynchronizableCalendarObjectCollection) -> tuple[list[tuple[str, str]], list[str]]:
    """New and changed objects as title and begin, and paths of those gone, since the last look."""
    updated, deleted = known.sync()
    rows = [one.icalendar_component for one in updated]
    found = [(str(one["SUMMARY"]), f"{one.decoded('DTSTART').astimezone(UTC):%H:%M}") for one in rows]
    return found, [one.url.path for one in deleted]


def test_the_name_of_another_calendar_moves_an_event_there(stage):
    text = event("mover@client.example", "Mover", "20261204T090000Z")
    assert stage.put("mover.ics", text).status_code == 201
    assert len(at_google_now(stage, "mover@client.example")) == 1

    def move_to(calendar: str) -> None:
        served = stage.http("GET", "/dav/calendars/alice/merged/mover.ics").text
        lines = [line for line in served.split("\r\n") if not line.startswith("X-GATEWAY-CALENDAR")]
        lines.insert(lines.index("END:VEVENT"), f"X-GATEWAY-CALENDAR:{calendar}")
        answer = stage.put("mover.ics", "\r\n".join(lines))
        assert answer.status_code == 204, answer.text

    move_to("Calendar")
    assert at_google_now(stage, "mover@client.example") == []
    assert len(at_outlook_now(stage, "Mover")) == 1

    move_to("Team Sales")
    assert at_outlook_now(stage, "Mover") == []
    assert len(at_google_now(stage, "mover@client.example", at_google.TEAM)) == 1

    move_to("Privat")
    assert at_google_now(stage, "mover@client.example", at_google.TEAM) == []
    stage.pull()
    assert "SUMMARY:Mover" in stage.http("GET", "/dav/calendars/alice/merged/mover.ics").text


@pytest.mark.parametrize("title", ["Feiertag (Beispiel)", "Sprint 14"])
def test_what_may_only_be_read_is_not_changed(stage, merged, title):
    alice, holidays = stage.person("alice"), stage.calendar("alice", "Feiertage in Deutschland")
    stage.calendars(calendars.set_merged, alice.id, holidays.id, True, stage.clock())
    stage.pull()
    [found] = merged.search(event=True, summary=title)
    before = stage.http("GET", found.url.path).text

    put = stage.http("PUT", found.url.path, before.replace(title, "Mine"), Content_Type="text/calendar")
    deleted = stage.http("DELETE", found.url.path)

    for answer in (put, deleted):
        assert answer.status_code == 403
        assert "need-privileges" in answer.text
    assert stage.http("GET", found.url.path).text == before
    with pytest.raises(AuthorizationError):
        found.delete()


def test_a_task_goes_to_the_calendar_that_lives_here(stage, merged):
    before = len(stage.do(stage.world.google.events, at_google.ALICE))

    made = merged.add_todo(
        uid="task@client.example", summary="Rechnung schreiben", due=datetime(2026, 12, 5, tzinfo=UTC)
    )
    stage.pull()

    assert len(stage.do(stage.world.google.events, at_google.ALICE)) == before
    assert {str(one.icalendar_component["SUMMARY"]) for one in merged.get_todos()} == {
        "Rechnung schreiben",
        "Steuererklärung",
    }
    made.delete()


def test_bytes_of_a_local_object_come_back_as_they_were(stage):
    text = event("bytes@client.example", "Ünïcode", "20261207T090000Z", "X-GATEWAY-CALENDAR:Privat", "x-ODD;a=b:c\\,d")
    answer = stage.put("bytes.ics", text)
    assert answer.status_code == 201
    etag = answer.headers["ETag"]

    read = stage.http("GET", "/dav/calendars/alice/merged/bytes.ics")

    assert (read.content, read.headers["ETag"]) == (text.encode(), etag)
    assert stage.put("bytes.ics", text, If_Match='"other"').status_code == 412
    assert stage.http("DELETE", "/dav/calendars/alice/merged/bytes.ics", If_Match=etag).status_code == 204
