"""Both sides change the same things: single dates of series, invitations, and one event at the same time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import caldav
import pytest

from gateway.demo.seed import at_google, at_microsoft
from gateway.demo.seed.at_google import STEERING_UID, instance_id
from gateway.demo.seed.week import WINDOWS_ZONE, ZONE
from tests.fakes.objects import event
from tests.story.stage import BERLIN, MERGED, Stage


@pytest.fixture
def merged(stage: Stage) -> Iterator[caldav.Calendar]:
    with stage.merged() as found:
        yield found


def begins(merged: caldav.Calendar, title: str, first: date, after: date) -> list[str]:
    """Begins of the instances as the server expands them, on Berlin's clocks."""
    start, end = (datetime(day.year, day.month, day.day, tzinfo=BERLIN) for day in (first, after))
    found = merged.search(start=start, end=end, event=True, expand=True, summary=title)
    rows = [one.icalendar_component.decoded("DTSTART") for one in found]
    return sorted(f"{row.astimezone(BERLIN):%m-%d %H:%M}" for row in rows)


def changed(known: caldav.SynchronizableCalendarObjectCollection) -> tuple[int, int]:
    updated, deleted = known.sync()
    return len(list(updated)), len(list(deleted))


def test_single_dates_changed_in_google(stage, merged):
    google, ours = stage.world.google, at_google.ALICE
    [series] = [
        one for one in stage.do(google.events, ours) if one.get("summary") == "Stand-up" and "recurrence" in one
    ]
    known = merged.get_objects_by_sync_token(load_objects=False)

    def nth(day: int) -> str:
        return instance_id(series["id"], datetime.fromisoformat(f"2026-12-{day}T09:15"), ZONE)

    late, end = ({"dateTime": f"2026-12-22T{clock}:00", "timeZone": ZONE} for clock in ("16:00", "16:15"))
    stage.do(google.change_event, ours, nth(21), {"start": late, "end": end})
    stage.do(google.delete_event, ours, nth(23))
    stage.pull()

    assert changed(known) == (1, 0)
    assert begins(merged, "Stand-up", date(2026, 12, 21), date(2026, 12, 26)) == [
        "12-22 09:15",
        "12-22 16:00",
        "12-24 09:15",
        "12-25 09:15",
    ]

    stage.do(google.change_event, ours, series["id"], {"summary": "Stand-up", "location": "Küche"})
    stage.pull()
    assert changed(known) == (1, 0)
    assert begins(merged, "Stand-up", date(2026, 12, 21), date(2026, 12, 24)) == ["12-22 09:15", "12-22 16:00"]


def test_single_dates_changed_in_outlook(stage, merged):
    microsoft = stage.world.microsoft
    calendar = next(row.id for row in microsoft.boxes.calendars_of(at_microsoft.ALICE) if row.default)
    made = stage.do(
        microsoft.add_event,
        calendar,
        {
            "subject": "Retro",
            "start": {"dateTime": "2026-12-02T15:00:00", "timeZone": WINDOWS_ZONE},
            "end": {"dateTime": "2026-12-02T16:00:00", "timeZone": WINDOWS_ZONE},
            "recurrence": {
                "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["wednesday"], "firstDayOfWeek": "monday"},
                "range": {"type": "numbered", "startDate": "2026-12-02", "numberOfOccurrences": 5},
            },
        },
    )
    stage.pull()
    span = date(2026, 12, 1), date(2027, 2, 1)
    dates = ["12-02", "12-09", "12-16", "12-23", "12-30"]
    assert begins(merged, "Retro", *span) == [f"{day} 15:00" for day in dates]
    known = merged.get_objects_by_sync_token(load_objects=False)

    late, end = ({"dateTime": f"2026-12-10T{clock}:00:00", "timeZone": WINDOWS_ZONE} for clock in ("17", "18"))
    stage.do(microsoft.change, made, {"start": late, "end": end}, day=date(2026, 12, 9))
    stage.do(microsoft.delete, made, day=date(2026, 12, 23))
    stage.pull()

    assert changed(known) == (1, 0)
    assert begins(merged, "Retro", *span) == ["12-02 15:00", "12-10 17:00", "12-16 15:00", "12-30 15:00"]

    stage.do(microsoft.delete, made)
    stage.pull()
    assert changed(known) == (0, 1)


def test_an_answer_to_an_invitation_reaches_its_calendar_and_frees_the_time(stage, merged):
    title, when = "Abstimmung Angebot Nordwind", datetime(2026, 10, 30, 10, tzinfo=UTC)
    [found] = merged.search(event=True, summary=title)
    path = found.url.path

    def answer(partstat: str) -> None:
        lines = stage.http("GET", path).content.decode().replace("\r\n ", "").split("\r\n")
        at = next(n for n, line in enumerate(lines) if line.startswith("ATTENDEE") and line.endswith(at_google.ALICE))
        head, _, address = lines[at].partition(":")
        kept = [part for part in head.split(";") if not part.startswith("PARTSTAT=")]
        lines[at] = f"{';'.join([*kept, f'PARTSTAT={partstat}'])}:{address}"
        put = stage.http("PUT", path, "\r\n".join(lines), Content_Type="text/calendar")
        assert put.status_code == 204, put.text

    for partstat, response, busy in (("ACCEPTED", "accepted", ["BUSY"]), ("DECLINED", "declined", [])):
        answer(partstat)
        [there] = [one for one in stage.do(stage.world.google.events, at_google.ALICE) if one.get("summary") == title]
        assert [one["responseStatus"] for one in there["attendees"] if one["email"] == at_google.ALICE] == [response]
        assert busy_at(stage, when) == busy


def busy_at(stage: Stage, instant: datetime) -> list[str]:
    with stage.merged() as merged:
        end = instant.replace(minute=30)
        [found] = merged.freebusy_request(instant, end).icalendar_instance.walk("VFREEBUSY")
    lines = found.get("FREEBUSY", [])
    return [line.params.get("FBTYPE", "BUSY") for line in (lines if isinstance(lines, list) else [lines])]


def test_a_meeting_on_two_accounts_is_deleted_on_one_and_then_shown_from_the_other(stage, merged):
    [found] = merged.search(event=True, summary="Steering Committee Atlas")
    assert "X-GATEWAY-CALENDAR:Alice Weber" in stage.http("GET", found.url.path).text

    assert stage.http("DELETE", found.url.path).status_code == 204

    gone = [one for one in stage.do(stage.world.google.events, at_google.ALICE) if one["iCalUID"] == STEERING_UID]
    assert gone == []
    [other] = merged.search(event=True, summary="Steering Committee Atlas")
    assert "X-GATEWAY-CALENDAR:Calendar" in stage.http("GET", other.url.path).text
    stage.pull()
    assert len(merged.search(event=True, summary="Steering Committee Atlas")) == 1


def test_who_comes_second_is_told_and_sees_what_came_first(stage, merged):
    assert stage.put("race.ics", event("race@client.example", "First", "20261216T090000Z")).status_code == 201
    etag = stage.http("GET", MERGED + "race.ics").headers["ETag"]
    [there] = [
        one for one in stage.do(stage.world.google.events, at_google.ALICE) if one["iCalUID"] == "race@client.example"
    ]
    stage.do(stage.world.google.change_event, at_google.ALICE, there["id"], {"summary": "Theirs"})

    late = stage.put("race.ics", event("race@client.example", "Late", "20261216T090000Z"), If_Match=etag)

    assert late.status_code == 412
    assert "SUMMARY:Theirs" in stage.http("GET", MERGED + "race.ics").text
    assert stage.put("race.ics", event("race@client.example", "Late", "20261216T090000Z")).status_code == 204
    [there] = [
        one for one in stage.do(stage.world.google.events, at_google.ALICE) if one["iCalUID"] == "race@client.example"
    ]
    assert there["summary"] == "Late"


def test_what_was_written_while_google_was_away_and_changed_there_is_kept_twice(stage, merged):
    google, uid = stage.world.google, "twice@client.example"
    assert stage.put("twice.ics", event(uid, "First", "20261217T090000Z")).status_code == 201
    [there] = [one for one in stage.do(google.events, at_google.ALICE) if one["iCalUID"] == uid]

    stage.do(google.fail_next, 503, 100)
    assert stage.put("twice.ics", event(uid, "Ours", "20261217T090000Z")).status_code == 204
    stage.do(google.change_event, at_google.ALICE, there["id"], {"summary": "Theirs"})
    stage.do(google.recover)
    stage.pass_time(600)

    assert "SUMMARY:Theirs" in stage.http("GET", MERGED + "twice.ics").text
    [there] = [one for one in stage.do(google.events, at_google.ALICE) if one["iCalUID"] == uid]
    assert there["summary"] == "Theirs"
    [copy] = merged.search(event=True, summary="Ours")
    assert copy.url.path != MERGED + "twice.ics"
