"""A law: whatever a client makes of a series, its dates at Google are those of the client's text."""

import asyncio
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from aiohttp import ClientSession
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.demo.google import GoogleSimulator
from gateway.model import CalendarObject
from tests.fakes.google import ALICE, Client, running_google
from tests.fakes.google_account import SignedIn

FIRST = datetime(2026, 10, 12, tzinfo=UTC)
BERLIN = "TZID=Europe/Berlin"


@dataclass(frozen=True)
class Series:
    """Weekly from 12 October 2026, over the clock change.

    left_out, changed: numbers of dates; how many hours (days, if all-day) later the changed ones are.
    """

    hour: int
    count: int
    left_out: frozenset[int]
    changed: dict[int, int]
    all_day: bool

    def when(self, number: int, later: int = 0) -> str:
        day = FIRST + timedelta(weeks=number)
        if self.all_day:
            return f"{day + timedelta(days=later):%Y%m%d}"
        return f"{day + timedelta(hours=self.hour + later):%Y%m%dT%H%M%S}"

    def line(self, name: str, number: int, later: int = 0) -> str:
        return f"{name};{'VALUE=DATE' if self.all_day else BERLIN}:{self.when(number, later)}"

    def text(self) -> str:
        gone = [self.line("EXDATE", number) for number in sorted(self.left_out) if number < self.count]
        master = self.event([f"RRULE:FREQ=WEEKLY;COUNT={self.count}", *gone, "SUMMARY:As always"], 0)
        dates = [
            line
            for number, later in sorted(self.changed.items())
            if number < self.count and number not in self.left_out
            for line in self.event([self.line("RECURRENCE-ID", number), f"SUMMARY:Date {number}"], number, later)
        ]
        return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *master, *dates, "END:VCALENDAR", ""])

    def event(self, lines: list[str], number: int, later: int = 0) -> list[str]:
        times = [self.line("DTSTART", number, later), self.line("DTEND", number, later + 1)]
        return ["BEGIN:VEVENT", "UID:series@example.com", "DTSTAMP:20261001T000000Z", *times, *lines, "END:VEVENT"]

    def dates(self) -> list[tuple[str, str]]:
        """Local start and summary of each, in order."""
        found = []
        for number in set(range(self.count)) - self.left_out:
            later = self.changed.get(number)
            summary = "As always" if later is None else f"Date {number}"
            found.append((self.when(number, later or 0), summary))
        return sorted(found)


ONCE_CHANGED = Series(hour=7, count=2, left_out=frozenset(), changed={0: 0}, all_day=False)
SERIES = st.builds(
    Series,
    hour=st.integers(6, 9),
    count=st.integers(2, 6),
    left_out=st.frozensets(st.integers(1, 4), max_size=2),
    changed=st.dictionaries(st.integers(0, 5), st.integers(0, 3), max_size=3),
    all_day=st.booleans(),
)


async def dates_at(google: GoogleSimulator) -> list[tuple[str, str]]:
    answer = await Client(google).send(lambda api: api.events().list(calendarId=ALICE, singleEvents=True))
    starts = [(event["start"], event["summary"]) for event in answer["items"]]
    return sorted(
        (start.get("date", start.get("dateTime", "")[:19]).replace("-", "").replace(":", ""), summary)
        for start, summary in starts
    )


async def written(versions: list[Series], *, keeps_exceptions: bool) -> None:
    """keeps_exceptions: what Google does with them under a new time or rule; nobody says, so both must do."""
    async with running_google() as google, ClientSession() as http:
        if keeps_exceptions:
            google.keep_exceptions()
        alice = SignedIn(google, http)
        stored = None
        for version in versions:
            new = CalendarObject(stored.href if stored else "new.ics", version.text())
            stored = await alice.backend.put(ALICE, new, stored.etag if stored else None)

            assert await dates_at(google) == version.dates()
            [pulled], _ = await alice.everything()
            assert pulled == stored


@settings(max_examples=int(os.environ.get("LAW_EXAMPLES", "15")), deadline=None)
@given(st.lists(SERIES, min_size=1, max_size=3), st.booleans())
@example([ONCE_CHANGED, replace(ONCE_CHANGED, changed={}), replace(ONCE_CHANGED, changed={}, hour=6)], True)
def test_the_dates_at_google_are_those_of_the_text(versions, keeps_exceptions):
    asyncio.run(written(versions, keeps_exceptions=keeps_exceptions))
