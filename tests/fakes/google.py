"""The simulated Google on a free port, with a clock that stands still, and ways to talk to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httplib2
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from gateway.demo.google import GoogleSimulator

ALICE, BOB = "alice@example.com", "bob@example.com"
TEAM = "team@group.calendar.google.com"
BEGIN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@asynccontextmanager
async def running_google() -> AsyncIterator[GoogleSimulator]:
    """With alice, bob and a team calendar of alice's."""
    simulator = GoogleSimulator(Clock())
    simulator.add_person(ALICE, "Alice")
    simulator.add_person(BOB, "Bob")
    simulator.add_calendar(ALICE, TEAM, "Team")
    await simulator.start()
    try:
        yield simulator
    finally:
        await simulator.stop()


class Client:
    """google-api-python-client as it is, signed in as one person."""

    def __init__(self, simulator: GoogleSimulator, person: str = ALICE, **sign_in: Any) -> None:
        held = json.loads(simulator.authorized_user(person, **sign_in))
        self.token = held["token"]
        self.refresh_token = held["refresh_token"]
        self.root = simulator.root
        options = {"api_endpoint": simulator.root + "/calendar/v3/"}
        self.api = build("calendar", "v3", http=httplib2.Http(), static_discovery=True, client_options=options)

    def http(self) -> AuthorizedHttp:
        return AuthorizedHttp(Credentials(self.token), http=httplib2.Http(timeout=20), refresh_status_codes=())

    async def send(self, make: Callable[[Any], Any], **headers: str) -> Any:
        """The answer to the request that `make` builds of the API object."""
        request = make(self.api)
        request.headers.update(headers)
        return await asyncio.to_thread(self.execute, request)

    def execute(self, request: Any) -> Any:
        with closing(self.http()) as http:
            return request.execute(http=http)

    async def refusal(self, make: Callable[[Any], Any], **headers: str) -> tuple[int, str]:
        """Status and reason of the error that the request is answered with."""
        try:
            await self.send(make, **headers)
        except HttpError as error:
            return error.resp.status, json.loads(error.content)["error"]["errors"][0]["reason"]
        raise AssertionError("it was not refused")


def at(day: int, hour: int, minute: int = 0, zone: str = "Europe/Berlin", month: int = 11) -> dict[str, str]:
    return {"dateTime": f"2026-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:00", "timeZone": zone}


def meeting(summary: str = "Meeting", day: int = 23, hour: int = 9, **more: Any) -> dict[str, Any]:
    return {"summary": summary, "start": at(day, hour), "end": at(day, hour + 1), **more}


def weekly(summary: str = "Weekly", count: int = 6, **more: Any) -> dict[str, Any]:
    """Mondays 9 to 10 in Berlin from 2 November 2026: instances at 08:00 UTC."""
    return meeting(summary, day=2, recurrence=[f"RRULE:FREQ=WEEKLY;COUNT={count}"], **more)
