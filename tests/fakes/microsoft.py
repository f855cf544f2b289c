"""The demo's simulated Microsoft, set up for tests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from pydantic import SecretStr

from gateway.backends.base import Account, Outside
from gateway.backends.outlook import OutlookBackend
from gateway.config import Google, Microsoft
from gateway.demo.microsoft import MicrosoftSimulator
from gateway.model import CalendarObject, Changes

ALICE = "alice@example.com"
BERLIN = "W. Europe Standard Time"
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@dataclass
class Clock:
    """The present of a test; moved by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class World:
    """A running simulator with alice in it. saved: the secrets her account was given, oldest first."""

    microsoft: MicrosoftSimulator
    clock: Clock
    http: ClientSession
    calendar: str
    saved: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Microsoft:
        return Microsoft(
            client_id=self.microsoft.client_id,
            client_secret=SecretStr(self.microsoft.client_secret),
            authority=self.microsoft.authority,
            graph_endpoint=self.microsoft.graph_endpoint,
            ca_file=self.microsoft.ca_file,
        )

    @property
    def outside(self) -> Outside:
        return Outside(self.http, Google(), self.settings)

    def account(self, secret: str | None = None, save: Callable[[str], Awaitable[None]] | None = None) -> Account:
        async def keep(text: str) -> None:
            self.saved.append(text)

        return Account({"email": ALICE}, secret or self.microsoft.refresh_token(ALICE), save or keep)

    def backend(self, secret: str | None = None) -> OutlookBackend:
        return OutlookBackend(self.account(secret), self.outside, self.clock)

    def event(self, subject: str = "Planning", **body: Any) -> str:
        return self.microsoft.add_event(self.calendar, event_body(subject, **body))


@asynccontextmanager
async def running_microsoft(folder: Path) -> AsyncIterator[World]:
    clock = Clock()
    microsoft = MicrosoftSimulator(
        clock, folder / "ca.pem", redirect_uris=["http://localhost/oauth/microsoft/callback"]
    )
    calendar = microsoft.add_person(ALICE, "Alice Adler")
    await microsoft.start()
    try:
        async with ClientSession() as http:
            yield World(microsoft, clock, http, calendar)
    finally:
        await microsoft.stop()


def at(text: str, zone: str = BERLIN) -> dict[str, str]:
    return {"dateTime": text, "timeZone": zone}


def event_body(subject: str = "Planning", **body: Any) -> dict[str, Any]:
    """A quiet hour on Monday; what a test cares for is given by name."""
    times = {"start": at("2026-11-23T10:00:00"), "end": at("2026-11-23T11:00:00")}
    return {"subject": subject, "isReminderOn": False, **times, **body}


def weekly(*days: str, **bounds: Any) -> dict[str, Any]:
    """A recurrence from Monday, 23 November 2026 on."""
    return {
        "pattern": {
            "type": "weekly",
            "interval": 1,
            "daysOfWeek": list(days) or ["monday"],
            "firstDayOfWeek": "monday",
        },
        "range": {"type": "noEnd", "startDate": "2026-11-23", "recurrenceTimeZone": BERLIN, **bounds},
    }


def ics(*lines: str, uid: str = "one@client", overrides: tuple[tuple[str, ...], ...] = ()) -> str:
    """An object as a client might put it; each override is the lines of one more VEVENT."""
    events = [lines, *overrides]
    inside = [
        line
        for event in events
        for line in ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261121T080000Z", *event, "END:VEVENT")
    ]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//client//EN", *inside, "END:VCALENDAR", ""])


async def pull(backend: OutlookBackend, calendar: str, token: str | None = None) -> list[Changes]:
    return [page async for page in backend.changes(calendar, token)]


def objects(pages: list[Changes]) -> list[CalendarObject]:
    return [obj for page in pages for obj in page.objects]


def gone(pages: list[Changes]) -> list[str]:
    return [href for page in pages for href in page.gone]


def lines_of(text: str, *names: str) -> list[str]:
    """The content lines of the VEVENTs that have these names, unfolded, in order."""
    plain = text.replace("\r\n ", "")
    inside = plain[plain.index("BEGIN:VEVENT") :].split("\r\n")
    return [line for line in inside if line.split(":")[0].split(";")[0] in names]
