"""The Outlook backend against the simulated Microsoft, over TLS and with the real msal: reading."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.backends.outlook import ROW
from gateway.errors import BackendUnavailable, RefusedByProvider, RemoteGone
from gateway.model import RemoteCalendar
from tests.fakes.microsoft import ALICE, World, at, gone, lines_of, objects, pull, running_microsoft, weekly


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        yield running


async def test_microsoft_invites_attendees_itself():
    assert (ROW.kind, ROW.sends_mail, ROW.verbatim, ROW.remote) == ("outlook", True, False, True)


async def test_calendars_of_ones_own_count_as_busy_and_shared_ones_do_not(world):
    team = world.microsoft.add_calendar(ALICE, "Team", color="#AABBCC")
    shared = world.microsoft.add_calendar(ALICE, "Bob", owner="bob@example.com", editable=False)

    assert list(await world.backend().calendars()) == [
        RemoteCalendar(world.calendar, "Calendar", "", "Europe/Berlin", True, True, True, True),
        RemoteCalendar(team, "Team", "#aabbcc", "Europe/Berlin", True, True, True, False),
        RemoteCalendar(shared, "Bob", "", "Europe/Berlin", False, True, False, False),
    ]


async def test_more_calendars_than_one_page_holds_are_all_found(world):
    names = {world.microsoft.add_calendar(ALICE, f"Number {n}") for n in range(101)}

    assert {row.id for row in await world.backend().calendars()} == {world.calendar, *names}


async def test_the_first_pull_brings_the_whole_window_and_the_next_nothing(world):
    href = world.event("Planning")
    backend = world.backend()

    first = await pull(backend, world.calendar)
    second = await pull(backend, world.calendar, first[-1].token)

    assert [obj.href for obj in objects(first)] == [href]
    assert [page.full for page in first] == [True]
    assert lines_of(objects(first)[0].text, "DTSTART", "DTEND", "SUMMARY") == [
        "DTSTART;TZID=Europe/Berlin:20261123T100000",
        "DTEND;TZID=Europe/Berlin:20261123T110000",
        "SUMMARY:Planning",
    ]
    assert second == []


async def test_a_changed_event_comes_and_a_deleted_one_goes(world):
    kept, dropped = world.event("Kept"), world.event("Dropped")
    backend = world.backend()
    token = (await pull(backend, world.calendar))[-1].token

    world.microsoft.change(kept, {"subject": "Renamed"})
    world.microsoft.delete(dropped)
    pages = await pull(backend, world.calendar, token)

    assert [lines_of(obj.text, "SUMMARY") for obj in objects(pages)] == [["SUMMARY:Renamed"]]
    assert gone(pages) == [dropped]
    assert [page.full for page in pages] == [False]


async def test_a_series_comes_whole_with_its_rule_moved_and_deleted_dates(world):
    href = world.event("Jour fixe", recurrence=weekly())
    world.microsoft.change(
        href, {"start": at("2026-12-01T14:00:00"), "end": at("2026-12-01T15:00:00")}, day=date(2026, 11, 30)
    )
    world.microsoft.delete(href, day=date(2026, 12, 7))

    [series] = objects(await pull(world.backend(), world.calendar))

    assert series.href == href
    assert lines_of(series.text, "UID", "RECURRENCE-ID", "DTSTART", "RRULE", "EXDATE")[1:4] == [
        "DTSTART;TZID=Europe/Berlin:20261123T100000",
        "RRULE:FREQ=WEEKLY;BYDAY=MO",
        "EXDATE;TZID=Europe/Berlin:20261207T100000",
    ]
    assert lines_of(series.text, "RECURRENCE-ID", "DTSTART")[1:] == [
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000",
        "DTSTART;TZID=Europe/Berlin:20261201T140000",
    ]
    assert len(set(lines_of(series.text, "UID"))) == 1


async def test_a_deleted_date_is_told_by_its_own_id_alone_and_still_finds_its_series(world):
    href = world.event("Jour fixe", recurrence=weekly())
    backend = world.backend()
    token = (await pull(backend, world.calendar))[-1].token

    world.microsoft.delete(href, day=date(2026, 12, 7))
    pages = await pull(backend, world.calendar, token)

    [series] = objects(pages)
    assert lines_of(series.text, "EXDATE") == ["EXDATE;TZID=Europe/Berlin:20261207T100000"]
    assert href not in gone(pages)


async def test_a_changed_date_brings_the_whole_series_again(world):
    href = world.event("Jour fixe", recurrence=weekly())
    backend = world.backend()
    first = await pull(backend, world.calendar)

    world.microsoft.change(href, {"subject": "Only today"}, day=date(2026, 12, 7))
    [series] = objects(await pull(backend, world.calendar, first[-1].token))

    assert lines_of(series.text, "SUMMARY") == ["SUMMARY:Jour fixe", "SUMMARY:Only today"]
    assert series.etag != objects(first)[0].etag


async def test_a_round_that_leaves_the_master_out_is_completed(world):
    world.microsoft.rounds.masters = False
    href = world.event("Jour fixe", recurrence=weekly())

    assert [obj.href for obj in objects(await pull(world.backend(), world.calendar))] == [href]


async def test_links_are_followed_over_many_pages(world):
    hrefs = {world.event(f"Number {n}") for n in range(530)}

    pages = await pull(world.backend(), world.calendar)

    assert {obj.href for obj in objects(pages)} == hrefs
    assert [page.token is not None for page in pages] == [False, False, True]
    assert all(page.full for page in pages)


async def test_a_link_the_service_forgot_means_all_over_again_and_compared(world):
    href = world.event()
    backend = world.backend()
    token = (await pull(backend, world.calendar))[-1].token
    world.microsoft.expire_delta()

    pages = await pull(backend, world.calendar, token)

    assert [page.full for page in pages] == [True]
    assert [obj.href for obj in objects(pages)] == [href]


async def test_a_token_of_another_making_means_all_over_again(world):
    world.event()

    assert [page.full for page in await pull(world.backend(), world.calendar, "no token")] == [True]


async def test_the_window_rolls_forward_after_a_month(world):
    late = world.event("Late", start=at("2029-12-01T10:00:00"), end=at("2029-12-01T11:00:00"))
    backend = world.backend()
    first = await pull(backend, world.calendar)

    world.clock.pass_by(days=29)
    still = await pull(backend, world.calendar, first[-1].token)
    world.clock.pass_by(days=1)
    rolled = await pull(backend, world.calendar, still[-1].token)

    assert objects(first) == []
    assert [(page.full, len(page.objects)) for page in still] == [(False, 0)]
    assert [page.full for page in rolled] == [True]
    assert [obj.href for obj in objects(rolled)] == [late]


async def test_a_quiet_calendar_gets_a_fresh_link_once_a_day(world):
    backend = world.backend()
    token = (await pull(backend, world.calendar))[-1].token

    world.clock.pass_by(hours=23)
    assert await pull(backend, world.calendar, token) == []
    world.clock.pass_by(hours=1)
    [page] = await pull(backend, world.calendar, token)

    assert (page.objects, page.gone, page.full) == ((), (), False)
    assert page.token not in {None, token}


async def test_ids_that_differ_in_case_alone_are_different_events(world):
    hrefs = [world.event(f"Number {n}") for n in range(8)]

    found = objects(await pull(world.backend(), world.calendar))

    assert len({href.lower() for href in hrefs}) < len(hrefs)
    assert {obj.href for obj in found} == set(hrefs)


async def test_an_event_moved_to_another_calendar_keeps_its_href(world):
    other = world.microsoft.add_calendar(ALICE, "Other")
    href = world.event("Moving")
    backend = world.backend()
    here = (await pull(backend, world.calendar))[-1].token
    there = (await pull(backend, other))[-1].token

    world.microsoft.move(href, other)

    assert gone(await pull(backend, world.calendar, here)) == [href]
    assert [obj.href for obj in objects(await pull(backend, other, there))] == [href]


async def test_each_component_says_which_calendar_it_is_from(world):
    href = world.event("Jour fixe", recurrence=weekly())
    world.microsoft.change(href, {"subject": "Only today"}, day=date(2026, 12, 7))

    [series] = objects(await pull(world.backend(), world.calendar))

    assert lines_of(series.text, "X-GATEWAY-CALENDAR") == ["X-GATEWAY-CALENDAR:Calendar"] * 2


async def test_the_same_events_always_give_the_same_text(world):
    world.event("One", recurrence=weekly())
    world.event("Two", categories=["Red", "Blue"])

    assert await pull(world.backend(), world.calendar) != []
    first, second = [objects(await pull(world.backend(), world.calendar)) for _ in range(2)]
    assert first == second


async def test_a_series_in_a_zone_without_name_is_given_by_its_dates(world):
    href = world.microsoft.add_event(
        world.calendar,
        {
            "subject": "Old desktop",
            "start": at("2026-11-23T10:00:00"),
            "end": at("2026-11-23T11:00:00"),
            "isReminderOn": False,
            "recurrence": weekly(type="numbered", numberOfOccurrences=3),
        },
        custom_zone=True,
    )

    [series] = objects(await pull(world.backend(), world.calendar))

    assert series.href == href
    assert lines_of(series.text, "DTSTART", "RDATE", "RRULE") == [
        "DTSTART:20261123T090000Z",
        "RDATE:20261130T090000Z",
        "RDATE:20261207T090000Z",
    ]


async def test_a_single_event_in_a_zone_without_name_is_in_utc(world):
    body = {"subject": "Old desktop", "start": at("2026-11-23T10:00:00"), "end": at("2026-11-23T11:00:00")}
    world.microsoft.add_event(world.calendar, body, custom_zone=True)

    [single] = objects(await pull(world.backend(), world.calendar))

    assert lines_of(single.text, "DTSTART") == ["DTSTART:20261123T090000Z"]


async def test_all_day_is_a_date_of_the_mailbox_whatever_the_reply_is_in(world):
    world.event("Holiday", isAllDay=True, start=at("2026-12-24T00:00:00"), end=at("2026-12-27T00:00:00"))

    [day] = objects(await pull(world.backend(), world.calendar))

    assert lines_of(day.text, "DTSTART", "DTEND") == ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227"]


async def test_a_mailbox_in_a_zone_without_name_moves_no_whole_day(world):
    world.microsoft.boxes.people[ALICE].zone = "tzone://Microsoft/Custom"
    world.event("Holiday", isAllDay=True, start=at("2026-12-24T00:00:00"), end=at("2026-12-25T00:00:00"))

    [day] = objects(await pull(world.backend(), world.calendar))

    assert lines_of(day.text, "DTSTART", "DTEND") == ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261225"]


async def test_an_invitation_keeps_the_uid_of_its_organizer(world):
    world.microsoft.add_event(
        world.calendar,
        {"subject": "Invited", "start": at("2026-11-23T10:00:00"), "end": at("2026-11-23T11:00:00"),
         "attendees": [{"emailAddress": {"address": ALICE, "name": "Alice"}, "type": "required"}]},
        organizer=("Gina", "gina@example.net"), response="tentativelyAccepted", uid="abc123@google.com",
    )  # fmt: skip

    [invited] = objects(await pull(world.backend(), world.calendar))

    assert lines_of(invited.text, "UID", "ORGANIZER", "ATTENDEE") == [
        "UID:abc123@google.com",
        "ORGANIZER;CN=Gina:mailto:gina@example.net",
        "ATTENDEE;CN=Alice;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=TENTATIVE:mailto:alice@example.com",
    ]


async def test_never_more_than_four_requests_to_a_mailbox_at_once(world):
    hrefs = {world.event(f"Series {n}", recurrence=weekly()) for n in range(12)}

    found = objects(await pull(world.backend(), world.calendar))

    assert {obj.href for obj in found} == hrefs
    assert world.microsoft.most_inside <= 4
    assert {seen.status for seen in world.microsoft.requests} == {200}


async def test_every_request_asks_for_immutable_ids(world):
    world.event("Jour fixe", recurrence=weekly())
    backend = world.backend()
    await backend.calendars()
    await pull(backend, world.calendar)

    assert [seen.path for seen in world.microsoft.requests if 'IdType="ImmutableId"' not in seen.prefer] == []


@pytest.mark.parametrize(("status", "code"), [(429, "ApplicationThrottled"), (503, "ServiceUnavailable"), (500, "x")])
async def test_an_overloaded_service_is_asked_again_when_it_says(world, status, code):
    world.microsoft.fail_next(status, code, retry_after=17, path="/calendarView/delta")

    with pytest.raises(BackendUnavailable) as failure:
        await pull(world.backend(), world.calendar)

    assert failure.value.retry_after == 17


async def test_a_calendar_that_was_deleted_is_gone(world):
    with pytest.raises(RemoteGone):
        await pull(world.backend(), "AAMkNoSuchCalendar=")


async def test_the_token_never_goes_to_another_host(world):
    backend = world.backend()
    values = json.loads((await pull(backend, world.calendar))[-1].token or "")
    stolen = json.dumps({**values, "link": "https://graph.example.org/v1.0/me/calendarView/delta?$deltatoken=x"})

    with pytest.raises(RefusedByProvider, match=r"graph\.example\.org"):
        await pull(backend, world.calendar, stolen)


async def test_a_service_that_cannot_be_reached_is_unavailable(world):
    backend = world.backend()
    await backend.calendars()
    await world.microsoft.stop()

    with pytest.raises(BackendUnavailable):
        await backend.calendars()


async def test_an_event_that_ended_long_ago_is_outside_the_window(world):
    past = world.clock.now - timedelta(days=400)
    text = f"{past:%Y-%m-%dT%H:%M:%S}"
    world.event("Long ago", start=at(text, "UTC"), end=at(text, "UTC"))

    assert objects(await pull(world.backend(), world.calendar)) == []
