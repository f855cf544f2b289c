"""The Outlook backend against the simulated Microsoft: what clients put and delete."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.backends.outlook import OutlookBackend
from gateway.backends.outlook.values import UID_PROPERTY
from gateway.demo.microsoft import Mail
from gateway.errors import (
    BackendUnavailable,
    ReadOnlyCalendar,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
)
from gateway.model import CalendarObject
from tests.fakes.microsoft import (
    ALICE,
    World,
    at,
    gone,
    ics,
    lines_of,
    objects,
    pull,
    running_microsoft,
    weekly,
)

TIMES = ("DTSTART;TZID=Europe/Berlin:20261123T100000", "DTEND;TZID=Europe/Berlin:20261123T110000")
SERIES = (*TIMES, "SUMMARY:Jour fixe", "RRULE:FREQ=WEEKLY;BYDAY=MO")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        yield running


def put_text(text: str, href: str = "proposal.ics") -> CalendarObject:
    return CalendarObject(href, text)


async def create(world: World, *lines: str, **more: object) -> CalendarObject:
    return await world.backend().put(world.calendar, put_text(ics(*lines, **more)), None)  # type: ignore[arg-type] # test


async def test_a_new_event_keeps_the_clients_uid(world):
    made = await create(world, *TIMES, "SUMMARY:Coffee", uid="coffee's-1@client")

    assert lines_of(made.text, "UID", "SUMMARY") == ["UID:coffee's-1@client", "SUMMARY:Coffee"]
    assert made.href.startswith("AAkALgAA")
    [pulled] = objects(await pull(world.backend(), world.calendar))
    assert pulled == made


async def test_putting_twice_makes_one_event(world):
    text = ics(*TIMES, "SUMMARY:Coffee")
    first = await world.backend().put(world.calendar, put_text(text), None)
    second = await world.backend().put(world.calendar, put_text(text), None)

    assert first == second


async def test_putting_again_with_another_text_brings_the_event_up_to_date(world):
    first = await create(world, *TIMES, "SUMMARY:Coffee")
    second = await create(world, *TIMES, "SUMMARY:Tea")

    assert second.href == first.href
    assert lines_of(second.text, "SUMMARY") == ["SUMMARY:Tea"]


async def test_a_uid_can_be_used_again_after_its_event_was_deleted(world):
    first = await create(world, *TIMES, "SUMMARY:Coffee")
    await world.backend().delete(world.calendar, first.href, first.etag)
    second = await create(world, *TIMES, "SUMMARY:Tea")

    assert lines_of(second.text, "UID", "SUMMARY") == ["UID:one@client", "SUMMARY:Tea"]
    assert second.href != first.href


async def test_a_change_writes_only_what_differs(world):
    href = world.event("Planning", body={"contentType": "html", "content": "<p>Rich <b>text</b></p>"}, showAs="oof")
    backend = world.backend()
    [there] = objects(await pull(backend, world.calendar))

    changed = there.text.replace("SUMMARY:Planning", "SUMMARY:Replanning")
    now = await backend.put(world.calendar, CalendarObject(href, changed), there.etag)

    kept = world.microsoft.event(href)
    assert (kept["subject"], kept["showAs"]) == ("Replanning", "oof")
    assert kept["body"] == {"contentType": "html", "content": "<p>Rich <b>text</b></p>"}
    assert now.etag != there.etag
    assert lines_of(now.text, "SUMMARY") == ["SUMMARY:Replanning"]


async def test_an_event_changed_meanwhile_is_a_conflict(world):
    made = await create(world, *TIMES, "SUMMARY:Coffee")
    world.microsoft.change(made.href, {"subject": "Changed in Outlook"})

    with pytest.raises(RemoteConflict):
        await world.backend().put(world.calendar, made, made.etag)
    with pytest.raises(RemoteConflict):
        await world.backend().delete(world.calendar, made.href, made.etag)
    assert world.microsoft.event(made.href)["subject"] == "Changed in Outlook"


async def test_a_change_of_an_event_that_is_no_more_says_so(world):
    made = await create(world, *TIMES, "SUMMARY:Coffee")
    world.microsoft.delete(made.href)

    with pytest.raises(RemoteGone):
        await world.backend().put(world.calendar, made, made.etag)


async def test_deleting_what_is_gone_already_is_success(world):
    made = await create(world, *TIMES, "SUMMARY:Coffee")
    await world.backend().delete(world.calendar, made.href, made.etag)
    await world.backend().delete(world.calendar, made.href, made.etag)

    assert objects(await pull(world.backend(), world.calendar)) == []


async def test_a_shared_calendar_that_cannot_be_edited_refuses(world):
    shared = world.microsoft.add_calendar(ALICE, "Bob", owner="bob@example.com", editable=False)

    with pytest.raises(ReadOnlyCalendar):
        await world.backend().put(shared, put_text(ics(*TIMES, "SUMMARY:Coffee")), None)


async def test_attendees_are_invited_by_microsoft(world):
    await create(
        world, *TIMES, "SUMMARY:Coffee", "ORGANIZER:mailto:alice@example.com",
        "ATTENDEE;CN=Alice:mailto:alice@example.com", "ATTENDEE;CN=Bob;ROLE=OPT-PARTICIPANT:mailto:bob@example.com",
    )  # fmt: skip

    assert world.microsoft.mails == [Mail("request", ALICE, "bob@example.com", "Coffee")]


async def test_a_booking_is_written_without_attendees_so_that_nobody_gets_two_mails(world):
    made = await create(
        world, *TIMES, "SUMMARY:Consulting", "DESCRIPTION:About the offer", "X-GATEWAY-BOOKING:42",
        "ORGANIZER:mailto:alice@example.com", "ATTENDEE;CN=Ines Ito:mailto:ines@example.net",
    )  # fmt: skip

    kept = world.microsoft.event(made.href)
    assert world.microsoft.mails == []
    assert kept["attendees"] == []
    assert kept["body"]["content"] == "About the offer\n\nInes Ito <ines@example.net>"
    assert lines_of(made.text, "X-GATEWAY-BOOKING", "ATTENDEE") == ["X-GATEWAY-BOOKING:42"]


async def test_a_booking_stays_one_when_a_client_drops_the_mark(world):
    made = await create(world, *TIMES, "SUMMARY:Consulting", "X-GATEWAY-BOOKING:42")
    text = ics(
        *TIMES, "SUMMARY:Consulting, longer", "ORGANIZER:mailto:alice@example.com",
        "ATTENDEE;CN=Ines Ito:mailto:ines@example.net",
    )  # fmt: skip
    backend = world.backend()

    changed = await backend.put(world.calendar, CalendarObject(made.href, text), made.etag)
    await backend.delete(world.calendar, changed.href, changed.etag)

    assert lines_of(changed.text, "SUMMARY", "X-GATEWAY-BOOKING") == [
        "SUMMARY:Consulting\\, longer",
        "X-GATEWAY-BOOKING:42",
    ]
    assert world.microsoft.mails == []


async def test_an_invitation_from_outside_is_stored_without_inviting_its_guests_again(world):
    made = await create(
        world, *TIMES, "SUMMARY:Elsewhere", "ORGANIZER;CN=Gina:mailto:gina@example.net",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.com", "ATTENDEE;CN=Hal:mailto:hal@example.net",
    )  # fmt: skip

    assert world.microsoft.mails == []
    assert world.microsoft.event(made.href)["body"]["content"] == "Hal <hal@example.net>"


async def test_an_organizer_by_another_address_of_the_owner_invites(world):
    account = replace(world.account(), settings={"addresses": "alice@home.example, a@home.example"})
    backend = OutlookBackend(account, world.outside, world.clock)
    lines = (*TIMES, "SUMMARY:Tea", "ORGANIZER:mailto:A@home.example", "ATTENDEE:mailto:bob@example.com")

    await backend.put(world.calendar, put_text(ics(*lines)), None)

    assert world.microsoft.mails == [Mail("request", ALICE, "bob@example.com", "Tea")]


def invitation(world: World, **more: object) -> str:
    return world.microsoft.add_event(
        world.calendar,
        {"subject": "Invited", "start": at("2026-11-23T10:00:00"), "end": at("2026-11-23T11:00:00"),
         "isReminderOn": False, **more,
         "attendees": [{"emailAddress": {"address": ALICE, "name": "Alice"}, "type": "required"},
                       {"emailAddress": {"address": "bob@example.com", "name": "Bob"}, "type": "required"}]},
        organizer=("Gina", "gina@example.net"),
    )  # fmt: skip


async def test_accepting_says_so_to_the_organizer(world):
    href = invitation(world)
    backend = world.backend()
    [there] = objects(await pull(backend, world.calendar))
    text = ics(
        "DTSTART:20261123T090000Z", "DTEND:20261123T100000Z", "SUMMARY:Invited", "ORGANIZER:mailto:gina@example.net",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.com", "ATTENDEE:mailto:bob@example.com",
    )  # fmt: skip

    now = await backend.put(world.calendar, CalendarObject(href, text), there.etag)

    assert world.microsoft.mails == [Mail("accept", ALICE, "gina@example.net", "Invited")]
    assert next(iter(lines_of(now.text, "ATTENDEE"))).split(":")[0].endswith("PARTSTAT=ACCEPTED")


async def test_a_declined_invitation_leaves_the_calendar(world):
    href = invitation(world)
    backend = world.backend()
    pages = await pull(backend, world.calendar)
    [there] = objects(pages)
    text = ics(
        "DTSTART:20261123T090000Z", "DTEND:20261123T100000Z", "SUMMARY:Invited", "ORGANIZER:mailto:gina@example.net",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:alice@example.com", "ATTENDEE:mailto:bob@example.com",
    )  # fmt: skip

    await backend.put(world.calendar, CalendarObject(href, text), there.etag)

    assert [mail.kind for mail in world.microsoft.mails] == ["decline"]
    assert gone(await pull(backend, world.calendar, pages[-1].token)) == [href]


async def test_deleting_an_invitation_declines_it(world):
    href = invitation(world)
    backend = world.backend()
    [there] = objects(await pull(backend, world.calendar))

    await backend.delete(world.calendar, href, there.etag)

    assert world.microsoft.mails == [Mail("decline", ALICE, "gina@example.net", "Invited")]
    assert objects(await pull(backend, world.calendar)) == []


async def test_a_series_is_written_with_its_changed_and_left_out_dates(world):
    made = await create(
        world, *SERIES, "EXDATE;TZID=Europe/Berlin:20261207T100000",
        overrides=((
            "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000", "DTSTART;TZID=Europe/Berlin:20261201T140000",
            "DTEND;TZID=Europe/Berlin:20261201T150000", "SUMMARY:Moved",
        ),),
    )  # fmt: skip

    assert lines_of(made.text, "RRULE", "EXDATE", "RECURRENCE-ID", "SUMMARY", "DTSTART") == [
        "DTSTART;TZID=Europe/Berlin:20261123T100000",
        "RRULE:FREQ=WEEKLY;BYDAY=MO",
        "EXDATE;TZID=Europe/Berlin:20261207T100000",
        "SUMMARY:Jour fixe",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000",
        "DTSTART;TZID=Europe/Berlin:20261201T140000",
        "SUMMARY:Moved",
    ]


async def test_new_exceptions_join_those_there_are(world):
    made = await create(
        world, *SERIES,
        overrides=((
            "RECURRENCE-ID:20261130T090000Z", "DTSTART:20261130T090000Z",
            "DTEND:20261130T100000Z", "SUMMARY:A",
        ),),
    )  # fmt: skip
    text = ics(
        *SERIES, "EXDATE:20261214T090000Z",
        overrides=(
            ("RECURRENCE-ID:20261130T090000Z", "DTSTART:20261130T090000Z", "DTEND:20261130T100000Z", "SUMMARY:A"),
            ("RECURRENCE-ID:20261207T090000Z", "DTSTART:20261207T110000Z", "DTEND:20261207T120000Z", SERIES[2]),
        ),
    )  # fmt: skip

    changed = await world.backend().put(world.calendar, CalendarObject(made.href, text), made.etag)

    assert lines_of(changed.text, "EXDATE", "RECURRENCE-ID", "SUMMARY") == [
        "EXDATE;TZID=Europe/Berlin:20261214T100000",
        "SUMMARY:Jour fixe",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000",
        "SUMMARY:A",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261207T100000",
        "SUMMARY:Jour fixe",
    ]


async def test_a_date_no_longer_changed_is_as_the_series_again(world):
    made = await create(
        world, *SERIES,
        overrides=((
            "RECURRENCE-ID:20261130T090000Z", "DTSTART:20261130T130000Z",
            "DTEND:20261130T140000Z", "SUMMARY:A",
        ),),
    )  # fmt: skip

    changed = await world.backend().put(world.calendar, CalendarObject(made.href, ics(*SERIES)), made.etag)

    assert lines_of(changed.text, "DTSTART", "SUMMARY")[2:] == [
        "DTSTART;TZID=Europe/Berlin:20261130T100000",
        "SUMMARY:Jour fixe",
    ]


async def test_a_new_rhythm_keeps_the_exceptions_that_are_asked_for(world):
    override = ("RECURRENCE-ID:20261130T090000Z", "DTSTART:20261130T130000Z", "DTEND:20261130T140000Z", "SUMMARY:A")
    made = await create(world, *SERIES, "EXDATE:20261207T090000Z", overrides=(override,))
    text = ics(
        *TIMES, "SUMMARY:Jour fixe", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE", "EXDATE:20261207T090000Z", overrides=(override,)
    )

    changed = await world.backend().put(world.calendar, CalendarObject(made.href, text), made.etag)

    assert lines_of(changed.text, "RRULE", "EXDATE", "RECURRENCE-ID") == [
        "RRULE:FREQ=WEEKLY;BYDAY=MO,WE",
        "EXDATE;TZID=Europe/Berlin:20261207T100000",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000",
    ]


async def test_a_cancelled_override_is_a_deleted_date(world):
    made = await create(
        world, *SERIES,
        overrides=(("RECURRENCE-ID:20261130T090000Z", "DTSTART:20261130T090000Z", "STATUS:CANCELLED"),),
    )  # fmt: skip

    assert lines_of(made.text, "EXDATE", "RECURRENCE-ID") == ["EXDATE;TZID=Europe/Berlin:20261130T100000"]


async def test_a_date_moved_past_its_neighbour_is_refused_and_nothing_was_sent(world):
    with pytest.raises(RefusedByProvider, match="to the day of the one before or after it"):
        await create(
            world, *SERIES,
            overrides=(("RECURRENCE-ID:20261130T090000Z", "DTSTART:20261208T090000Z", "DTEND:20261208T100000Z"),),
        )  # fmt: skip

    assert [seen for seen in world.microsoft.requests if seen.method != "GET"] == []


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(("RRULE:FREQ=HOURLY",), id="hourly"),
        pytest.param(("RRULE:FREQ=WEEKLY", "RDATE:20261201T090000Z"), id="dates beside the rule"),
        pytest.param(("RDATE:20261201T090000Z",), id="dates only"),
        pytest.param(("RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15",), id="two days of the month"),
        pytest.param(("RRULE:FREQ=YEARLY;BYWEEKNO=20",), id="weeks"),
    ],
)
async def test_what_outlook_cannot_repeat_is_refused_before_anything_is_sent(world, lines):
    with pytest.raises(RefusedByProvider, match="Outlook cannot hold this recurrence"):
        await create(world, *TIMES, *lines)

    assert [seen for seen in world.microsoft.requests if seen.method != "GET"] == []


async def test_tasks_are_refused(world):
    text = ics("SUMMARY:Buy milk").replace("VEVENT", "VTODO")

    with pytest.raises(RefusedByProvider, match="events only"):
        await world.backend().put(world.calendar, put_text(text), None)


async def test_an_overloaded_service_takes_no_write_and_says_when(world):
    world.microsoft.fail_next(429, "ApplicationThrottled", retry_after=30, path="/events")

    with pytest.raises(BackendUnavailable) as failure:
        await create(world, *TIMES, "SUMMARY:Coffee")

    assert failure.value.retry_after == 30


async def test_a_write_broken_off_half_way_is_completed_when_repeated(world):
    world.microsoft.fail_next(503, path="/instances")
    lines = (*SERIES, "EXDATE:20261207T090000Z")

    with pytest.raises(BackendUnavailable):
        await create(world, *lines)
    made = await create(world, *lines)

    assert lines_of(made.text, "EXDATE") == ["EXDATE;TZID=Europe/Berlin:20261207T100000"]
    assert len(objects(await pull(world.backend(), world.calendar))) == 1


async def test_the_join_block_of_a_meeting_survives_a_new_description(world):
    href = world.event("Call", isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness")
    backend = world.backend()
    [there] = objects(await pull(backend, world.calendar))
    text = ics(*TIMES, "SUMMARY:Call", "DESCRIPTION:New agenda")

    changed = await backend.put(world.calendar, CalendarObject(href, text), there.etag)

    content = world.microsoft.event(href)["body"]["content"]
    assert content.startswith("New agenda\n")
    assert '<a href="https://teams.example.com/l/meetup-join/' in content
    assert lines_of(changed.text, "URL") == lines_of(there.text, "URL") != []


async def test_an_event_of_ours_beyond_the_window_is_not_lost(world):
    times = ("DTSTART:20320105T090000Z", "DTEND:20320105T100000Z", "SUMMARY:Anniversary")
    backend = world.backend()
    token = (await pull(backend, world.calendar))[-1].token
    made = await backend.put(world.calendar, put_text(ics(*times)), None)

    assert gone(await pull(backend, world.calendar, token)) == []
    assert [obj.href for obj in objects(await pull(backend, world.calendar))] == [made.href]


async def test_cancelling_a_whole_event_is_refused_with_the_way_to_do_it(world):
    made = await create(world, *TIMES, "SUMMARY:Coffee")
    text = ics(*TIMES, "SUMMARY:Coffee", "STATUS:CANCELLED")

    with pytest.raises(RefusedByProvider, match="delete the event"):
        await world.backend().put(world.calendar, CalendarObject(made.href, text), made.etag)


async def test_a_series_in_a_zone_without_name_can_be_renamed_but_not_shifted(world):
    body = {"subject": "Old desktop", "start": at("2026-11-23T10:00:00"), "end": at("2026-11-23T11:00:00")}
    recurrence = weekly(type="numbered", numberOfOccurrences=3)
    href = world.microsoft.add_event(world.calendar, {**body, "recurrence": recurrence}, custom_zone=True)
    backend = world.backend()
    [there] = objects(await pull(backend, world.calendar))

    renamed = there.text.replace("SUMMARY:Old desktop", "SUMMARY:Renamed")
    now = await backend.put(world.calendar, CalendarObject(href, renamed), there.etag)
    shifted = renamed.replace("DTSTART:20261123T090000Z", "DTSTART:20261123T080000Z")

    assert lines_of(now.text, "RDATE", "SUMMARY") == [*lines_of(there.text, "RDATE"), "SUMMARY:Renamed"]
    with pytest.raises(RefusedByProvider):
        await backend.put(world.calendar, CalendarObject(href, shifted), now.etag)


async def test_zones_are_written_by_their_windows_names(world):
    made = await create(world, "DTSTART;TZID=Europe/Paris:20261123T100000", "DURATION:PT90M", "SUMMARY:Lunch")

    kept = world.microsoft.event(made.href)
    assert kept["start"] == at("2026-11-23T10:00:00.0000000", "Romance Standard Time")
    assert kept["end"] == at("2026-11-23T11:30:00.0000000", "Romance Standard Time")


async def test_the_uid_is_kept_in_a_property_of_our_own(world):
    made = await create(world, *TIMES, "SUMMARY:Coffee", uid="abc@client")

    [event] = [event for event in world.microsoft.boxes.events.values() if event.extended]
    assert event.extended == {UID_PROPERTY: "abc@client"}
    assert event.uid != "abc@client"
    assert made.text.count("UID:abc@client") == 1
