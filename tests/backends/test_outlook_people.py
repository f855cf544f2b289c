"""The Outlook backend and people: who is invited by whom, who answers, who is told."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.backends.outlook.values import QUIET_PROPERTY, Place
from gateway.backends.outlook.words import (
    guests,
    mailed_by_client,
    own_response,
    same_guests,
    sensitivity,
    with_answers,
)
from gateway.demo.microsoft import Mail
from gateway.errors import BackendUnavailable, RefusedByProvider
from gateway.ical.objects import read_lenient
from gateway.model import CalendarObject
from tests.fakes.microsoft import ALICE, World, at, gone, ics, lines_of, objects, pull, running_microsoft, weekly

TIMES = ("DTSTART;TZID=Europe/Berlin:20261123T100000", "DTEND;TZID=Europe/Berlin:20261123T110000")
PLACE = Place((ALICE,), "Europe/Berlin", "Calendar")
MEETING = (
    *TIMES,
    "SUMMARY:Coffee",
    f"ORGANIZER:mailto:{ALICE}",
    f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ALICE}",
    "ATTENDEE;CN=Bob;X-NUM-GUESTS=2:mailto:bob@example.com",
)
INVITED = (
    "DTSTART:20261123T090000Z",
    "DTEND:20261123T100000Z",
    "SUMMARY:Invited",
    "ORGANIZER:mailto:gina@example.net",
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        yield running


async def put(world: World, text: str, there: CalendarObject | None = None) -> CalendarObject:
    given = CalendarObject("new.ics" if there is None else there.href, text)
    return await world.backend().put(world.calendar, given, None if there is None else there.etag)


def invitation(world: World, **more: object) -> str:
    body = {"subject": "Invited", "start": at("2026-11-23T10:00:00"), "end": at("2026-11-23T11:00:00")}
    people = [{"emailAddress": {"address": ALICE, "name": "Alice"}, "type": "required"}]
    return world.microsoft.add_event(
        world.calendar, {**body, "isReminderOn": False, "attendees": people, **more},
        organizer=("Gina", "gina@example.net"),
    )  # fmt: skip


async def only(world: World) -> CalendarObject:
    [there] = objects(await pull(world.backend(), world.calendar))
    return there


def first(*lines: str):
    return read_lenient(ics("DTSTART:20261123T090000Z", *lines)).components[0]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("ATTENDEE:mailto:b@x.y", "required"),
        ("ATTENDEE;ROLE=CHAIR:mailto:b@x.y", "required"),
        ("ATTENDEE;CUTYPE=GROUP:mailto:b@x.y", "required"),
        ("ATTENDEE;ROLE=OPT-PARTICIPANT:mailto:b@x.y", "optional"),
        ("ATTENDEE;ROLE=NON-PARTICIPANT:mailto:b@x.y", "optional"),
        ("ATTENDEE;CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT:mailto:b@x.y", "resource"),
        ("ATTENDEE;CUTYPE=ROOM:mailto:b@x.y", "resource"),
    ],
)
def test_roles_and_kinds_of_guests_written(line, kind):
    assert [row["type"] for row in guests(first(line), PLACE)] == [kind]


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        pytest.param((), False, id="no mark"),
        pytest.param(("X-MOZ-SEND-INVITATIONS:TRUE",), False, id="Thunderbird leaves it to the server"),
        pytest.param(("X-MOZ-SEND-INVITATIONS:FALSE",), True, id="Thunderbird's user wants nobody told"),
        pytest.param((f"ORGANIZER;SCHEDULE-AGENT=CLIENT:mailto:{ALICE}",), True, id="the client schedules"),
        pytest.param((f"ORGANIZER;SCHEDULE-AGENT=NONE:mailto:{ALICE}",), True, id="nobody schedules"),
        pytest.param((f"ORGANIZER;SCHEDULE-AGENT=SERVER:mailto:{ALICE}",), False, id="the server schedules"),
    ],
)
def test_clients_that_tell_guests_themselves_are_known(lines, answer):
    assert mailed_by_client(first(*lines)) is answer


def test_a_guest_told_by_the_client_is_left_out_and_more_than_500_are_refused():
    some = ["ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:a@x.y", "ATTENDEE:mailto:b@x.y", "ATTENDEE:mailto:B@x.y"]
    many = [f"ATTENDEE:mailto:n{number}@x.y" for number in range(501)]

    assert [row["emailAddress"]["address"] for row in guests(first(*some), PLACE)] == ["b@x.y"]
    assert len(guests(first(*many[:500]), PLACE)) == 500
    with pytest.raises(RefusedByProvider, match="500"):
        guests(first(*many), PLACE)


def test_names_and_order_alone_are_no_other_guests():
    one = guests(first("ATTENDEE;CN=Bob:mailto:b@x.y", "ATTENDEE:mailto:c@x.y"), PLACE)
    other = guests(first("ATTENDEE:mailto:C@x.y", "ATTENDEE;CN=Robert:mailto:b@x.y"), PLACE)

    assert same_guests(one, other)
    assert not same_guests(one, guests(first("ATTENDEE;ROLE=OPT-PARTICIPANT:mailto:b@x.y"), PLACE))


def test_answers_and_proposed_times_stay_with_guests_that_stay():
    proposed = {"start": at("2026-11-24T10:00:00"), "end": at("2026-11-24T11:00:00")}
    there = [
        {"emailAddress": {"address": "B@x.y", "name": "Bob"}, "type": "required",
         "status": {"response": "accepted"}, "proposedNewTime": proposed},
    ]  # fmt: skip
    rows = guests(first("ATTENDEE;CN=Bob:mailto:b@x.y", "ATTENDEE:mailto:c@x.y"), PLACE)

    assert with_answers(rows, there) == [
        {"status": {"response": "accepted"}, "proposedNewTime": proposed, **rows[0]},
        rows[1],
    ]


@pytest.mark.parametrize(
    ("partstat", "action"),
    [
        ("ACCEPTED", "accept"),
        ("TENTATIVE", "tentativelyAccept"),
        ("DECLINED", "decline"),
        ("NEEDS-ACTION", ""),
        ("DELEGATED", ""),
    ],
)
def test_ones_own_answer_by_partstat(partstat, action):
    lines = (f"ATTENDEE;PARTSTAT={partstat}:mailto:{ALICE}", "ATTENDEE;PARTSTAT=DECLINED:mailto:b@x.y")

    assert own_response(first("ORGANIZER:mailto:gina@example.net", *lines), PLACE) == action
    assert own_response(first(f"ORGANIZER:mailto:{ALICE}", *lines), PLACE) == ""


@pytest.mark.parametrize("mark", ["X-MOZ-SEND-INVITATIONS:FALSE"])
async def test_guests_whom_the_client_tells_itself_are_not_told_by_outlook_too(world, mark):
    made = await put(world, ics(*MEETING, mark))
    longer = ics(*MEETING, mark, "ATTENDEE:mailto:carol@example.com").replace("T110000", "T120000")
    changed = await put(world, longer, made)
    unmarked = await put(world, ics(*MEETING), changed)
    await world.backend().delete(world.calendar, unmarked.href, unmarked.etag)

    assert world.microsoft.mails == []


@pytest.mark.parametrize(("word", "kept"), [("PUBLIC", "normal"), ("X-SECRET", "private"), ("private", "private")])
def test_a_class_nobody_knows_is_private(word, kept):
    assert sensitivity(first(f"CLASS:{word}")) == kept


async def test_guests_told_by_the_client_are_kept_with_the_event_and_served(world):
    made = await put(world, ics(*MEETING, "X-MOZ-SEND-INVITATIONS:FALSE"))

    assert world.microsoft.event(made.href).get("attendees") == []
    world.microsoft.change(made.href, {"subject": "Renamed in Outlook"})
    there = await only(world)
    assert lines_of(there.text, "SUMMARY", "ORGANIZER", "ATTENDEE") == [
        "SUMMARY:Renamed in Outlook",
        f"ORGANIZER:mailto:{ALICE}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ALICE}",
        "ATTENDEE;CN=Bob;X-NUM-GUESTS=2:mailto:bob@example.com",
    ]


async def test_guests_outlook_has_invited_it_goes_on_telling(world):
    made = await put(world, ics(*MEETING))
    await put(world, ics(*MEETING, "X-MOZ-SEND-INVITATIONS:FALSE").replace("Coffee", "Tea"), made)

    assert [(mail.kind, mail.subject) for mail in world.microsoft.mails] == [("request", "Coffee"), ("request", "Tea")]


async def test_guests_added_in_outlook_end_the_clients_own_telling(world):
    made = await put(world, ics(*MEETING, "X-MOZ-SEND-INVITATIONS:FALSE"))
    row = {"emailAddress": {"address": "dave@example.com", "name": "Dave"}, "type": "required"}
    world.microsoft.change(made.href, {"attendees": [row]})

    there = await only(world)

    assert lines_of(there.text, "ATTENDEE") == [
        "ATTENDEE;CN=Dave;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:dave@example.com"
    ]


async def test_a_new_spelling_of_guests_tells_nobody_and_one_guest_more_is_told_alone(world):
    made = await put(world, ics(*MEETING))
    world.microsoft.mails.clear()

    respelled = await put(world, ics(*MEETING).replace("CN=Bob", "CN=Robert"), made)
    assert world.microsoft.mails == []
    await put(world, ics(*MEETING, "ATTENDEE:mailto:carol@example.com"), respelled)
    assert world.microsoft.mails == [Mail("request", ALICE, "carol@example.com", "Coffee")]


async def test_a_guests_answer_survives_a_change_of_the_guests(world):
    made = await put(world, ics(*MEETING))
    row = {"emailAddress": {"address": "bob@example.com", "name": "Bob"}, "type": "required"}
    world.microsoft.change(made.href, {"attendees": [{**row, "status": {"response": "accepted"}}]})
    there = await only(world)

    now = await put(world, ics(*MEETING, "ATTENDEE:mailto:carol@example.com"), there)

    assert [line.partition("PARTSTAT=")[2].split(";")[0] for line in lines_of(now.text, "ATTENDEE")] == [
        "ACCEPTED:mailto:bob@example.com",
        "NEEDS-ACTION",
    ]


async def test_an_answer_is_not_sent_a_second_time_where_the_client_sends_it(world):
    invitation(world)
    there = await only(world)
    lines = (*INVITED[:3], "ORGANIZER;SCHEDULE-AGENT=CLIENT:mailto:gina@example.net")

    now = await put(world, ics(*lines, f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{ALICE}"), there)

    assert world.microsoft.mails == []
    assert "PARTSTAT=TENTATIVE" in lines_of(now.text, "ATTENDEE")[0]


async def test_a_copy_of_ones_own_making_has_nobody_to_answer(world):
    made = await put(world, ics(*INVITED, f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ALICE}"))

    now = await put(world, ics(*INVITED, f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ALICE}"), made)

    assert world.microsoft.mails == []
    assert lines_of(now.text, "ORGANIZER", "ATTENDEE") == [INVITED[3], f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ALICE}"]


async def test_what_was_declined_is_served_as_declined_until_the_next_pull_takes_it_away(world):
    href = invitation(world)
    pages = await pull(world.backend(), world.calendar)
    [there] = objects(pages)
    text = ics(*INVITED, f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ALICE}")

    now = await put(world, text, there)

    assert (now.href, now.text, now.etag) == (href, text, "")
    assert gone(await pull(world.backend(), world.calendar, pages[-1].token)) == [href]


async def test_a_refusal_whose_answer_was_lost_is_not_said_twice(world):
    invitation(world)
    there = await only(world)
    text = ics(*INVITED, f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ALICE}")
    world.microsoft.lose_next_answer("POST")

    with pytest.raises(BackendUnavailable):
        await put(world, text, there)
    now = await put(world, text, there)

    assert (now.text, now.etag) == (text, "")
    assert [mail.kind for mail in world.microsoft.mails] == ["decline"]


async def test_one_date_of_somebody_elses_series_is_declined_when_it_is_deleted(world):
    invitation(world, recurrence=weekly())
    there = await only(world)
    text = there.text.replace("RRULE:", "EXDATE;TZID=Europe/Berlin:20261130T100000\r\nRRULE:")

    now = await put(world, text, there)

    assert [mail.kind for mail in world.microsoft.mails] == ["decline"]
    assert lines_of(now.text, "EXDATE") == ["EXDATE;TZID=Europe/Berlin:20261130T100000"]


async def test_one_date_of_a_series_is_answered_alone(world):
    invitation(world, recurrence=weekly())
    there = await only(world)
    override = (
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000", "DTSTART;TZID=Europe/Berlin:20261130T100000",
        "DTEND;TZID=Europe/Berlin:20261130T110000", "SUMMARY:Invited", INVITED[3],
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ALICE}",
    )  # fmt: skip
    master = (*TIMES, "SUMMARY:Invited", INVITED[3], f"ATTENDEE:mailto:{ALICE}", "RRULE:FREQ=WEEKLY;BYDAY=MO")

    now = await put(world, ics(*master, overrides=(override,)), there)

    answers = [line.partition("PARTSTAT=")[2].split(";")[0].split(":")[0] for line in lines_of(now.text, "ATTENDEE")]
    assert answers == ["NEEDS-ACTION", "ACCEPTED"]
    assert [mail.kind for mail in world.microsoft.mails] == ["accept"]


async def test_somebody_elses_meeting_cannot_be_moved_but_what_is_ones_own_can_be_changed(world):
    href = invitation(world)
    there = await only(world)
    later = (INVITED[0].replace("09", "10"), INVITED[1].replace("10", "11"), *INVITED[2:])

    with pytest.raises(RefusedByProvider, match="only its organizer"):
        await put(world, ics(*later, f"ATTENDEE:mailto:{ALICE}"), there)
    await put(world, ics(*INVITED, f"ATTENDEE:mailto:{ALICE}", "TRANSP:TRANSPARENT", "CATEGORIES:Red"), there)

    kept = world.microsoft.event(href)
    assert (kept["showAs"], kept["categories"]) == ("free", ["Red"])
    assert kept["start"]["timeZone"] == "W. Europe Standard Time"
    assert world.microsoft.mails == []


async def test_one_date_of_somebody_elses_series_cannot_be_moved(world):
    invitation(world, recurrence=weekly())
    there = await only(world)
    override = (
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000", "DTSTART;TZID=Europe/Berlin:20261130T120000",
        "DTEND;TZID=Europe/Berlin:20261130T130000", "SUMMARY:Invited", INVITED[3], f"ATTENDEE:mailto:{ALICE}",
    )  # fmt: skip
    master = (*TIMES, "SUMMARY:Invited", INVITED[3], f"ATTENDEE:mailto:{ALICE}", "RRULE:FREQ=WEEKLY;BYDAY=MO")

    with pytest.raises(RefusedByProvider, match="only its organizer"):
        await put(world, ics(*master, overrides=(override,)), there)


async def test_the_same_moment_in_another_zone_tells_nobody(world):
    made = await put(world, ics(*MEETING))
    world.microsoft.mails.clear()

    await put(world, ics("DTSTART:20261123T090000Z", "DTEND:20261123T100000Z", *MEETING[2:]), made)

    assert world.microsoft.mails == []


async def test_deleting_ones_own_meeting_cancels_it_and_a_cancelled_one_is_just_dropped(world):
    made = await put(world, ics(*MEETING))
    world.microsoft.mails.clear()
    await world.backend().delete(world.calendar, made.href, made.etag)
    body = {"subject": "Off", "start": at("2026-11-23T10:00:00"), "end": at("2026-11-23T11:00:00")}
    world.microsoft.add_event(world.calendar, body, organizer=("Gina", "gina@example.net"), is_cancelled=True)
    off = await only(world)
    await world.backend().delete(world.calendar, off.href, off.etag)

    assert world.microsoft.mails == [Mail("cancel", ALICE, "bob@example.com", "Coffee")]


async def test_the_note_of_guests_is_written_only_when_they_change(world):
    marked = (*MEETING, "X-MOZ-SEND-INVITATIONS:FALSE")
    made = await put(world, ics(*marked))
    await put(world, ics(*marked).replace("Coffee", "Tea"), made)

    [event] = world.microsoft.boxes.events.values()
    assert event.extended[QUIET_PROPERTY].count("\n") == 2
    patches = [seen for seen in world.microsoft.requests if seen.method == "PATCH"]
    assert len(patches) == 1
