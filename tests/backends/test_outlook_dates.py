"""The Outlook backend and single dates of series: changed, deleted, moved, in zones without a name, half written."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from gateway.backends.outlook.wanted import in_order
from gateway.errors import BackendUnavailable, RefusedByProvider, RemoteConflict
from gateway.model import CalendarObject
from tests.fakes.microsoft import ALICE, World, at, ics, lines_of, objects, pull, running_microsoft, weekly

TIMES = ("DTSTART;TZID=Europe/Berlin:20261123T100000", "DTEND;TZID=Europe/Berlin:20261123T110000")
SERIES = (*TIMES, "SUMMARY:Jour fixe", "RRULE:FREQ=WEEKLY;BYDAY=MO")
GUEST = (f"ORGANIZER:mailto:{ALICE}", "ATTENDEE:mailto:bob@example.com")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        yield running


async def put(world: World, text: str, there: CalendarObject | None = None) -> CalendarObject:
    given = CalendarObject("new.ics" if there is None else there.href, text)
    return await world.backend().put(world.calendar, given, None if there is None else there.etag)


async def only(world: World) -> CalendarObject:
    [there] = objects(await pull(world.backend(), world.calendar))
    return there


def moved(day: str, to: str, summary: str = "Moved") -> tuple[str, ...]:
    return (
        f"RECURRENCE-ID;TZID=Europe/Berlin:{day}T100000",
        f"DTSTART;TZID=Europe/Berlin:{to}T100000",
        f"DTEND;TZID=Europe/Berlin:{to}T110000",
        f"SUMMARY:{summary}",
    )


def writes(world: World) -> list[str]:
    return [seen.method for seen in world.microsoft.requests if seen.method != "GET"]


@pytest.mark.parametrize(
    ("pairs", "order"),
    [
        ([], []),
        ([(1, 1), (2, 2)], [1, 2]),
        ([(1, 2), (2, 3), (3, 4)], [3, 2, 1]),
        ([(2, 1), (3, 2)], [2, 3]),
        ([(1, 2), (5, 4)], [1, 5]),
    ],
)
def test_dates_are_moved_in_an_order_in_which_none_passes_another(pairs, order):
    days = [(date(2026, 12, one), date(2026, 12, other)) for one, other in pairs]

    assert [day.day for day in in_order(days)] == order


async def test_a_whole_row_of_dates_moves_by_one(world):
    daily = (*TIMES, "SUMMARY:Daily", "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3")
    days = ["20261123", "20261125", "20261127"]
    overrides = tuple(moved(day, str(int(day) + 2)) for day in days)

    made = await put(world, ics(*daily, overrides=overrides))

    assert [line[-15:-7] for line in lines_of(made.text, "DTSTART")[1:]] == [str(int(day) + 2) for day in days]


@pytest.mark.parametrize(
    "override",
    [
        pytest.param(moved("20261130", "20261123"), id="to the day of the one before"),
        pytest.param(moved("20261130", "20261207"), id="to the day of the one after"),
        pytest.param(moved("20261130", "20261215"), id="past the one after"),
        pytest.param(moved("20261201", "20261201"), id="no date of the series"),
    ],
)
async def test_dates_outlook_would_not_take_are_refused_before_anybody_is_told(world, override):
    made = await put(world, ics(*SERIES, *GUEST))
    world.microsoft.mails.clear()
    before = writes(world)

    with pytest.raises(RefusedByProvider, match="Outlook cannot hold this recurrence"):
        await put(world, ics(*SERIES, *GUEST, overrides=(override,)).replace("Jour fixe", "Renamed"), made)

    assert world.microsoft.mails == []
    assert writes(world) == before


async def test_this_and_all_future_dates_in_one_step_are_refused(world):
    onward = ("RECURRENCE-ID;RANGE=THISANDFUTURE:20261130T090000Z", *moved("20261130", "20261201")[1:])

    with pytest.raises(RefusedByProvider, match="all future dates"):
        await put(world, ics(*SERIES, overrides=(onward,)))
    assert writes(world) == []


async def test_a_date_may_be_moved_over_one_that_is_deleted(world):
    lines = (*SERIES, "EXDATE;TZID=Europe/Berlin:20261207T100000")

    made = await put(world, ics(*lines, overrides=(moved("20261130", "20261209"),)))

    assert lines_of(made.text, "DTSTART")[1] == "DTSTART;TZID=Europe/Berlin:20261209T100000"


async def test_a_truncated_series_keeps_its_single_dates_and_writes_only_what_was_lost(world):
    lines = (*SERIES, "EXDATE;TZID=Europe/Berlin:20261207T100000")
    made = await put(world, ics(*lines, overrides=(moved("20261130", "20261201"),)))
    cut = ics(*lines, overrides=(moved("20261130", "20261201"),)).replace("BYDAY=MO", "BYDAY=MO;UNTIL=20261221T085959Z")

    now = await put(world, cut, made)
    onward = (*(line.replace("20261123", "20261221") for line in TIMES), "SUMMARY:Onward", "RRULE:FREQ=WEEKLY")
    rest = await world.backend().put(world.calendar, CalendarObject("r.ics", ics(*onward, uid="two@client")), None)

    assert lines_of(now.text, "RRULE", "EXDATE", "RECURRENCE-ID") == [
        "RRULE:FREQ=WEEKLY;UNTIL=20261220T225959Z;BYDAY=MO",
        "EXDATE;TZID=Europe/Berlin:20261207T100000",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000",
    ]
    assert lines_of(rest.text, "UID", "RRULE") == ["UID:two@client", "RRULE:FREQ=WEEKLY;BYDAY=MO"]


async def test_a_change_of_many_requests_broken_off_is_gone_on_with(world):
    made = await put(world, ics(*SERIES, overrides=(moved("20261130", "20261201"),)))
    text = ics(
        *TIMES, "SUMMARY:Renamed", "RRULE:FREQ=WEEKLY;BYDAY=MO,TH", "EXDATE;TZID=Europe/Berlin:20261207T100000",
        overrides=(moved("20261130", "20261201"),),
    )  # fmt: skip
    world.microsoft.fail_next(503, path="/instances")

    with pytest.raises(BackendUnavailable):
        await put(world, text, made)
    now = await put(world, text, made)

    assert lines_of(now.text, "SUMMARY", "RRULE", "EXDATE", "RECURRENCE-ID") == [
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TH",
        "EXDATE;TZID=Europe/Berlin:20261207T100000",
        "SUMMARY:Renamed",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000",
        "SUMMARY:Moved",
    ]


async def test_another_change_than_the_one_broken_off_is_a_conflict(world):
    made = await put(world, ics(*SERIES, overrides=(moved("20261130", "20261201"),)))
    world.microsoft.fail_next(503, path="/instances")
    renamed = ics(*SERIES, overrides=(moved("20261130", "20261202"),)).replace("Jour fixe", "Renamed")

    with pytest.raises(BackendUnavailable):
        await put(world, renamed, made)
    with pytest.raises(RemoteConflict):
        await put(world, renamed.replace("Renamed", "Otherwise"), made)


async def test_an_event_changed_in_outlook_meanwhile_is_a_conflict(world):
    made = await put(world, ics(*SERIES))
    world.microsoft.change(made.href, {"subject": "Theirs"}, day=date(2026, 11, 30))

    with pytest.raises(RemoteConflict):
        await put(world, ics(*SERIES).replace("Jour fixe", "Ours"), made)


async def test_the_zone_of_an_override_that_was_there_is_its_own(world):
    override = tuple(line.replace("Europe/Berlin", "America/New_York").replace("T1", "T0") for line in moved(
        "20261130", "20261130", "A"
    ))  # fmt: skip
    override = ("RECURRENCE-ID:20261130T090000Z", *override[1:])
    made = await put(world, ics(*SERIES, overrides=(override,)))
    before = writes(world)

    utc = ("RECURRENCE-ID:20261130T090000Z", "DTSTART:20261130T050000Z", "DTEND:20261130T060000Z", "SUMMARY:A")
    await put(world, ics(*SERIES, overrides=(utc,)), made)

    assert lines_of(made.text, "DTSTART")[1] == "DTSTART;TZID=Europe/Berlin:20261130T060000"
    assert writes(world) == before


async def test_two_calendars_of_one_mailbox_may_have_the_same_uid(world):
    other = world.microsoft.add_calendar(ALICE, "Other")
    made = await put(world, ics(*TIMES, "SUMMARY:Moving"))

    there = await world.backend().put(other, CalendarObject("x.ics", ics(*TIMES, "SUMMARY:Moving")), None)
    await world.backend().delete(world.calendar, made.href, made.etag)

    assert there.href != made.href
    assert [obj.href for obj in objects(await pull(world.backend(), other))] == [there.href]
    assert objects(await pull(world.backend(), world.calendar)) == []


async def test_a_deleted_date_is_brought_back_and_all_other_dates_are_as_they_were(world):
    override = moved("20261130", "20261201")
    gone = "EXDATE;TZID=Europe/Berlin:20261207T100000,20261214T100000"
    made = await put(world, ics(*SERIES, gone, overrides=(override,)))

    now = await put(world, ics(*SERIES, gone[: gone.index(",")], overrides=(override,)), made)

    assert (now.href, lines_of(now.text, "RRULE", "EXDATE", "RECURRENCE-ID", "DTSTART")) == (
        made.href,
        [
            TIMES[0],
            "RRULE:FREQ=WEEKLY;BYDAY=MO",
            "EXDATE;TZID=Europe/Berlin:20261207T100000",
            "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000",
            "DTSTART;TZID=Europe/Berlin:20261201T100000",
        ],
    )


@pytest.mark.parametrize("after", range(1, 9))
async def test_bringing_back_broken_off_anywhere_is_gone_on_with(world, after):
    gone = "EXDATE;TZID=Europe/Berlin:20261207T100000,20261214T100000"
    made = await put(world, ics(*SERIES, gone, overrides=(moved("20261130", "20261201"),)))
    wanted = ics(*SERIES, gone[: gone.index(",")], overrides=(moved("20261130", "20261201"),))

    world.microsoft.fail_next(503, path="/me/events/", after=after)
    with pytest.raises(BackendUnavailable):
        await put(world, wanted, made)
    now = await put(world, wanted, made)

    assert lines_of(now.text, "EXDATE", "RECURRENCE-ID") == [
        "EXDATE;TZID=Europe/Berlin:20261207T100000",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000",
    ]


async def test_a_deleted_date_of_a_meeting_is_not_brought_back_and_nothing_is_written(world):
    made = await put(world, ics(*SERIES, *GUEST, "EXDATE:20261207T090000Z"))
    before = writes(world)

    with pytest.raises(RefusedByProvider, match="2026-12-07"):
        await put(world, ics(*SERIES, *GUEST).replace("Jour fixe", "Renamed"), made)

    assert writes(world) == before
    assert world.microsoft.event(made.href)["subject"] == "Jour fixe"


def custom(world: World, **more: object) -> str:
    body = {"subject": "Old desktop", "start": at("2026-11-23T10:00:00"), "end": at("2026-11-23T11:00:00")}
    recurrence = weekly(type="numbered", numberOfOccurrences=4)
    return world.microsoft.add_event(
        world.calendar, {**body, "isReminderOn": False, "recurrence": recurrence, **more}, custom_zone=True
    )


def without_end(text: str) -> str:
    return text[: text.rindex("END:VCALENDAR")]


async def test_one_date_of_a_series_in_a_zone_without_name_can_be_changed(world):
    custom(world)
    there = await only(world)
    override = "\r\n".join([
        "BEGIN:VEVENT", lines_of(there.text, "UID")[0], "DTSTAMP:20261121T080000Z", "RECURRENCE-ID:20261130T090000Z",
        "DTSTART:20261201T130000Z", "DTEND:20261201T140000Z", "SUMMARY:Moved", "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip

    now = await put(world, without_end(there.text) + override, there)

    assert lines_of(now.text, "RDATE", "RECURRENCE-ID", "DTSTART", "SUMMARY") == [
        "DTSTART:20261123T090000Z",
        "RDATE:20261130T090000Z",
        "RDATE:20261207T090000Z",
        "RDATE:20261214T090000Z",
        "SUMMARY:Old desktop",
        "RECURRENCE-ID:20261130T090000Z",
        "DTSTART:20261201T130000Z",
        "SUMMARY:Moved",
    ]


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: text.replace("RDATE:20261130T090000Z\r\n", ""), id="its RDATE dropped"),
        pytest.param(
            lambda text: text.replace("RDATE:20261130", "EXDATE:20261130T090000Z\r\nRDATE:20261130"), id="an EXDATE"
        ),
    ],
)
async def test_one_date_of_a_series_in_a_zone_without_name_can_be_deleted(world, edit):
    custom(world)
    there = await only(world)

    now = await put(world, edit(there.text), there)

    assert lines_of(now.text, "DTSTART", "RDATE", "EXDATE") == [
        "DTSTART:20261123T090000Z",
        "RDATE:20261207T090000Z",
        "RDATE:20261214T090000Z",
    ]


async def test_the_first_date_of_a_series_in_a_zone_without_name_can_be_deleted(world):
    href = custom(world)
    world.microsoft.delete(href, day=date(2026, 11, 23))

    there = await only(world)

    assert lines_of(there.text, "DTSTART", "RDATE", "EXDATE") == [
        "DTSTART:20261123T090000Z",
        "RDATE:20261130T090000Z",
        "RDATE:20261207T090000Z",
        "RDATE:20261214T090000Z",
        "EXDATE:20261123T090000Z",
    ]


async def test_a_series_in_a_zone_without_name_gets_no_more_dates(world):
    custom(world)
    there = await only(world)

    with pytest.raises(RefusedByProvider, match="can only be changed in Outlook"):
        await put(world, there.text.replace("RDATE:", "RDATE:20270105T090000Z\r\nRDATE:", 1), there)


async def test_a_zone_only_the_client_describes_is_written_by_the_name_of_one_with_the_same_clock(world):
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:My own\r\n"
        "BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n"
        "BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
    )
    text = ics(*(line.replace("Europe/Berlin", "My own") for line in SERIES))

    made = await put(world, text.replace("BEGIN:VEVENT", zone + "BEGIN:VEVENT", 1))

    assert lines_of(made.text, "DTSTART", "RRULE") == [TIMES[0], "RRULE:FREQ=WEEKLY;BYDAY=MO"]
