"""Busy time of people who are not here, as both clouds tell it: over real HTTP, in portions that they take."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.backends.base import Asking, Unanswered
from gateway.backends.google import busy as at_google
from gateway.backends.outlook import busy as at_microsoft
from gateway.demo.google import GoogleSimulator
from gateway.errors import BackendUnavailable, GatewayError
from gateway.model import FbType, Period
from tests.fakes.google import BOB, running_google
from tests.fakes.google_account import SignedIn
from tests.fakes.microsoft import World, running_microsoft

START, END = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)
EASTERN = "bob@example.com"


def hour(day: int, begin: int, kind: FbType = FbType.BUSY, *, of: int = 11) -> Period:
    start = datetime(2026, of, day, begin, tzinfo=UTC)
    return Period(start, start + timedelta(hours=1), kind)


@pytest.fixture
async def google() -> AsyncIterator[GoogleSimulator]:
    async with running_google() as simulator:
        yield simulator


@pytest.fixture
async def alice(google: GoogleSimulator) -> AsyncIterator[SignedIn]:
    async with ClientSession() as http:
        yield SignedIn(google, http)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        yield running


def meet(google: GoogleSimulator, calendar: str, period: Period, **more: str) -> None:
    start, end = ({"dateTime": at.isoformat(), "timeZone": "UTC"} for at in (period.start, period.end))
    google.add_event(calendar, {"summary": "Secret", "start": start, "end": end, **more})


async def test_google_tells_of_those_who_show_their_times(google: GoogleSimulator, alice: SignedIn):
    google.show_times(BOB, "example.com")
    meet(google, BOB, hour(24, 9))
    meet(google, BOB, hour(24, 12), transparency="transparent")

    assert isinstance(alice.backend, Asking)
    told = await alice.backend.busy([BOB, "nobody@example.com"], START, END)

    assert told == {BOB: [hour(24, 9)], "nobody@example.com": Unanswered.NOBODY}


async def test_google_shows_nothing_of_those_who_do_not(alice: SignedIn):
    assert await alice.backend.busy([BOB], START, END) == {BOB: Unanswered.NOBODY}


async def test_google_takes_ninety_days_and_fifty_people_at_once(google: GoogleSimulator, alice: SignedIn):
    people = [f"person{number:02}@example.com" for number in range(51)]
    for name in people:
        google.add_person(name, name)
        google.show_times(name, "example.com")
    for one in (hour(1, 9, of=12), Period(*(datetime(2027, 3, 31, at, tzinfo=UTC) for at in (9, 10)))):
        meet(google, people[50], one)

    told = await alice.backend.busy(people, START, START + timedelta(days=200))

    assert [len(told[name]) for name in people] == [0] * 50 + [2]


async def test_google_out_of_reach_is_an_error_and_not_a_free_day(google: GoogleSimulator, alice: SignedIn):
    google.fail_next(503)
    with pytest.raises(BackendUnavailable):
        await alice.backend.busy([BOB], START, END)


BUSY_ROW = {"busy": [{"start": "2026-11-24T10:00:00+01:00", "end": "2026-11-24T11:00:00+01:00"}]}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"calendars": {"a@x": BUSY_ROW}}, [hour(24, 9)]),
        ({"calendars": {"A@X": BUSY_ROW}}, [hour(24, 9)]),
        ({"calendars": {"a@x": {"busy": []}}}, []),
        ({"calendars": {"a@x": {}}}, []),
        ({"calendars": {}}, Unanswered.FAILED),
        ({}, Unanswered.FAILED),
        ({"calendars": {"a@x": {"errors": [{"reason": "notFound"}], "busy": []}}}, Unanswered.NOBODY),
        ({"calendars": {"a@x": {"errors": [{"reason": "internalError"}]}}}, Unanswered.FAILED),
        ({"calendars": {"a@x": {"errors": [{"reason": "tooManyCalendarsRequested"}]}}}, Unanswered.FAILED),
        ({"groups": {"a@x": {"calendars": ["b@x"]}}, "calendars": {"b@x": BUSY_ROW}}, [hour(24, 9)]),
        ({"groups": {"a@x": {"calendars": ["b@x", "c@x"]}}, "calendars": {"b@x": BUSY_ROW}}, Unanswered.FAILED),
        ({"groups": {"a@x": {"errors": [{"reason": "groupTooBig"}]}}, "calendars": {}}, Unanswered.FAILED),
    ],
)
def test_what_a_google_answer_says_of_one_person(answer, told):
    assert at_google.read(answer, "a@x") == told


def add(world: World, calendar: str, period: Period, shown: str) -> None:
    start, end = ({"dateTime": f"{at:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"} for at in (period.start, period.end))
    world.microsoft.add_event(calendar, {"subject": "Secret", "start": start, "end": end, "showAs": shown})


async def test_microsoft_tells_kinds_of_busy(world: World):
    bob = world.microsoft.add_person(EASTERN, "Bob")
    for at, shown in enumerate(("busy", "tentative", "oof", "free", "workingElsewhere"), 9):
        add(world, bob, hour(24, at), shown)

    backend = world.backend()
    assert isinstance(backend, Asking)
    told = await backend.busy([EASTERN, "nobody@example.com"], START, END)

    assert told == {
        EASTERN: [hour(24, 9), hour(24, 10, FbType.TENTATIVE), hour(24, 11, FbType.UNAVAILABLE)],
        "nobody@example.com": Unanswered.NOBODY,
    }


async def test_microsoft_does_not_know_other_tenants_and_keeps_closed_people_closed(world: World):
    world.microsoft.add_person("else@other.example", "Else")
    world.microsoft.add_person("closed@example.com", "Closed", closed=True)

    told = await world.backend().busy(["else@other.example", "closed@example.com"], START, END)

    assert told == {"else@other.example": Unanswered.NOBODY, "closed@example.com": Unanswered.CLOSED}


async def test_microsoft_takes_sixty_two_days_and_twenty_people_at_once(world: World):
    people = [f"person{number:02}@example.com" for number in range(21)]
    calendars = [world.microsoft.add_person(name, name) for name in people]
    add(world, calendars[20], hour(24, 9), "busy")
    add(world, calendars[20], Period(*(datetime(2027, 3, 31, at, tzinfo=UTC) for at in (9, 10))), "busy")

    told = await world.backend().busy(people, START, START + timedelta(days=150))

    assert [len(told[name]) for name in people] == [0] * 20 + [2]


async def test_more_entries_than_microsoft_tells_at_once_are_asked_for_in_halves(world: World):
    bob = world.microsoft.add_person(EASTERN, "Bob")
    for number in range(1001):
        start = START + timedelta(minutes=7 * number)
        add(world, bob, Period(start, start + timedelta(minutes=5)), "busy")

    told = await world.backend().busy([EASTERN], START, START + timedelta(days=6))

    assert len({(one.start, one.end) for one in told[EASTERN]}) == 1001


async def test_a_private_microsoft_account_cannot_ask(world: World):
    world.microsoft.boxes.people["alice@example.com"].work = False
    with pytest.raises(GatewayError, match="Outlook"):
        await world.backend().busy([EASTERN], START, END)


def item(shown: str) -> dict[str, object]:
    times = {name: {"dateTime": f"2026-11-24T{at}:00:00.0000000", "timeZone": "UTC"}
             for name, at in (("start", "09"), ("end", "10"))}  # fmt: skip
    return {"status": shown, **times}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (None, Unanswered.FAILED),
        ({"scheduleItems": []}, []),
        ({"scheduleItems": [item("busy")]}, [hour(24, 9)]),
        ({"scheduleItems": [item("unknown")]}, [hour(24, 9)]),
        ({"scheduleItems": [item("free")]}, []),
        ({"error": {"responseCode": "ErrorMailRecipientNotFound"}}, Unanswered.NOBODY),
        ({"error": {"responseCode": "ErrorNoFreeBusyAccess"}}, Unanswered.CLOSED),
        ({"error": {"responseCode": "ErrorTimeoutExpired"}}, Unanswered.FAILED),
        ({"error": {}, "availabilityView": "0"}, []),
        ({}, Unanswered.FAILED),
        (
            {"availabilityView": "02104"},
            [
                Period(START + timedelta(minutes=15), START + timedelta(minutes=30)),
                Period(START + timedelta(minutes=30), START + timedelta(minutes=45), FbType.TENTATIVE),
            ],
        ),
        ({"availabilityView": "3"}, [Period(START, START + timedelta(minutes=15), FbType.UNAVAILABLE)]),
    ],
)
def test_what_a_microsoft_answer_says_of_one_mailbox(row, told):
    assert at_microsoft.read(row, START, END) == told
