"""The simulated clouds as their users see them: one person's calendar at either, changed there and looked at there.

Times are a day after the beginning and an hour, since no test here is about the mapping of times.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import ClientSession, TCPConnector
from pydantic import SecretStr

from gateway.backends.base import Outside
from gateway.config import Google, Microsoft
from gateway.demo.google import GoogleSimulator, series
from gateway.demo.google.state import Event as GoogleEvent
from gateway.demo.microsoft import MicrosoftSimulator
from gateway.demo.microsoft.mailbox import event_id
from gateway.demo.microsoft.times import instant

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 11, 24)
"""A Tuesday; day 0 of these tests."""
SPAN = datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Seen = list[tuple[str, datetime]]
"""Title and start of every occurrence, in order."""


def start_of(day: int, hour: int) -> datetime:
    """Local time in Berlin, naive."""
    return datetime.combine(FIRST + timedelta(days=day), datetime.min.time()).replace(hour=hour)


class GoogleCloud:
    """The account of one person after the other at one simulated Google."""

    kind = "google"

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.simulator = GoogleSimulator(clock)
        self.people = 0
        self.address = self.calendar = ""

    async def start(self, stack: AsyncExitStack) -> None:
        await self.simulator.start()
        stack.push_async_callback(self.simulator.stop)

    def new_person(self) -> None:
        self.people += 1
        self.address = self.calendar = f"person{self.people}@example.com"
        self.simulator.state.people.clear()
        self.simulator.state.calendars.clear()
        self.simulator.state.lists.clear()
        self.simulator.state.mails.clear()
        self.simulator.add_person(self.address, "Alice")
        self.simulator.add_person("bob@example.com", "Bob")
        self.simulator.requests.clear()

    @property
    def settings(self) -> dict[str, str]:
        return {"email": self.address}

    def outside(self, http: ClientSession) -> Outside:
        return Outside(http, self.simulator.settings(), Microsoft())

    def secret(self) -> str:
        return self.simulator.authorized_user(self.address)

    def calls(self) -> list[str]:
        return list(self.simulator.requests)

    def forget_calls(self) -> None:
        self.simulator.requests.clear()

    # What the user does there

    def _times(self, start: datetime) -> dict[str, Any]:
        return {
            name: {"dateTime": (start + timedelta(hours=more)).isoformat(), "timeZone": "Europe/Berlin"}
            for name, more in (("start", 0), ("end", 1))
        }

    def _rule(self, dates: int) -> dict[str, Any]:
        return {"recurrence": [f"RRULE:FREQ=WEEKLY;COUNT={dates}"]}

    def create(self, title: str, day: int, hour: int, dates: int = 1) -> str:
        rule = self._rule(dates) if dates > 1 else {}
        body = {"summary": title, **self._times(start_of(day, hour)), **rule}
        return str(self.simulator.add_event(self.calendar, body)["id"])

    def invite(self, title: str, day: int, hour: int) -> str:
        """By somebody else, whose event it stays."""
        guests = [{"email": self.address}]
        body = {"summary": title, "attendees": guests, **self._times(start_of(day, hour))}
        return str(self.simulator.add_event("bob@example.com", body)["id"])

    def events(self) -> list[str]:
        """Ids of masters and singles."""
        return [e["id"] for e in self._live() if "recurringEventId" not in e]

    def is_mine(self, event: str) -> bool:
        return self.simulator.state.calendars[self.calendar].events[event]["organizer"].get("email") == self.address

    def title(self, event: str) -> str:
        return str(self._held(event).get("summary", ""))

    def rename(self, event: str, title: str) -> None:
        home = self.calendar if self.is_mine(event) else "bob@example.com"
        self.simulator.change_event(home, event, {"summary": title})

    def move(self, event: str, day: int, hour: int) -> None:
        self.simulator.change_event(self.calendar, event, self._times(start_of(day, hour)))

    def new_rule(self, event: str, dates: int) -> None:
        self.simulator.change_event(self.calendar, event, self._rule(dates))

    def recolour(self, event: str, number: int) -> None:
        self.simulator.change_event(self.calendar, event, {"colorId": str(1 + number % 11)})

    def dates(self, event: str) -> list[str]:
        """Names of the dates of a series that are still there."""
        master = self._held(event)
        if not series.is_series(master):
            return []
        found = series.expanded(self.simulator.state.calendars[self.calendar], master, *SPAN)
        return [each["id"] for each in found if each["status"] != "cancelled"]

    def rename_date(self, name: str, title: str) -> None:
        self.simulator.change_event(self.calendar, name, {"summary": title})

    def move_date(self, name: str, hours: int) -> None:
        self.simulator.move_event(self.calendar, name, timedelta(hours=hours))

    def cancel_date(self, name: str) -> None:
        self.simulator.delete_event(self.calendar, name)

    def delete(self, event: str) -> None:
        self.simulator.delete_event(self.calendar if self.is_mine(event) else "bob@example.com", event)

    def _held(self, event: str) -> GoogleEvent:
        return self.simulator.state.calendars[self.calendar].events[event]

    def _live(self) -> list[GoogleEvent]:
        found = self.simulator.state.calendars[self.calendar].events.values()
        return [event for event in found if event["status"] != "cancelled"]

    def seen(self) -> Seen:
        calendar = self.simulator.state.calendars[self.calendar]
        found: list[GoogleEvent] = []
        for event in self._live():
            if series.is_series(event):
                found += [e for e in series.expanded(calendar, event, *SPAN) if e["status"] != "cancelled"]
            elif "recurringEventId" not in event:
                found.append(event)
        return sorted(
            (str(event.get("summary", "")), datetime.fromisoformat(event["start"]["dateTime"]).astimezone(UTC))
            for event in found
        )

    def uids(self) -> list[str]:
        """None is there twice, or the test is of no worth."""
        return sorted(event["iCalUID"] for event in self._live() if "recurringEventId" not in event)

    # What goes wrong there

    def fail(self, status: int, times: int = 1, path: str = "") -> None:
        reason = "rateLimitExceeded" if status in {403, 429} else "backendError"
        self.simulator.fail_next(status, times, reason=reason, path=path)

    def lose_answer(self, method: str) -> None:
        self.simulator.lose_next_answer(method)

    def forget_sync_state(self) -> None:
        self.simulator.expire_sync_tokens()

    def expire_access(self) -> None:
        self.simulator.expire_access_tokens()

    def revoke(self) -> None:
        self.simulator.revoke(self.address)

    def limit_pages(self, items: int | None) -> None:
        self.simulator.limit_pages(items)

    def strange(self, position: str) -> str:
        """A position in a list that was asked for in other words."""
        return json.dumps({**json.loads(position), "page": "of another list"})

    def recover(self) -> None:
        self.simulator.recover()


class OutlookCloud:
    """The account of one person after the other at one simulated Microsoft."""

    kind = "outlook"

    def __init__(self, clock: Callable[[], datetime], folder: Path) -> None:
        self.simulator = MicrosoftSimulator(clock, folder / "ca.pem")
        self.people = 0
        self.address = self.calendar = ""

    async def start(self, stack: AsyncExitStack) -> None:
        await self.simulator.start()
        stack.push_async_callback(self.simulator.stop)

    def new_person(self) -> None:
        self.people += 1
        self.address = f"person{self.people}@example.com"
        boxes = self.simulator.boxes
        boxes.people.clear()
        boxes.calendars.clear()
        boxes.events.clear()
        boxes.mails.clear()
        self.simulator.expire_delta()
        self.calendar = self.simulator.add_person(self.address, "Alice")
        self.simulator.requests.clear()

    @property
    def settings(self) -> dict[str, str]:
        return {"email": self.address}

    def outside(self, http: ClientSession) -> Outside:
        there = self.simulator
        settings = Microsoft(
            client_id=there.client_id,
            client_secret=SecretStr(there.client_secret),
            authority=there.authority,
            graph_endpoint=there.graph_endpoint,
            ca_file=there.ca_file,
        )
        return Outside(http, Google(), settings)

    def secret(self) -> str:
        return json.dumps({"refresh_token": self.simulator.refresh_token(self.address)})

    def calls(self) -> list[str]:
        return [f"{seen.method} {seen.path}?{seen.query}" for seen in self.simulator.requests]

    def forget_calls(self) -> None:
        self.simulator.requests.clear()

    # What the user does there

    def _times(self, start: datetime) -> dict[str, Any]:
        return {
            name: {"dateTime": (start + timedelta(hours=more)).isoformat(), "timeZone": "W. Europe Standard Time"}
            for name, more in (("start", 0), ("end", 1))
        }

    def _rule(self, start: date, dates: int) -> dict[str, Any]:
        days = [WEEKDAYS[start.weekday()]]
        pattern = {"type": "weekly", "interval": 1, "daysOfWeek": days, "firstDayOfWeek": "monday"}
        bounds = {"type": "numbered", "startDate": start.isoformat(), "numberOfOccurrences": dates}
        bounds |= {"recurrenceTimeZone": "W. Europe Standard Time"}
        return {"recurrence": {"pattern": pattern, "range": bounds}}

    def _body(self, title: str, day: int, hour: int, dates: int) -> dict[str, Any]:
        start = start_of(day, hour)
        rule = self._rule(start.date(), dates) if dates > 1 else {}
        return {"subject": title, "isReminderOn": False, **self._times(start), **rule}

    def create(self, title: str, day: int, hour: int, dates: int = 1) -> str:
        return self.simulator.add_event(self.calendar, self._body(title, day, hour, dates))

    def invite(self, title: str, day: int, hour: int) -> str:
        return self.simulator.add_event(
            self.calendar, self._body(title, day, hour, 1), organizer=("Bob", "bob@example.com"), uid=f"{title}@bob"
        )

    def _events(self) -> list[Any]:
        return [event for event in self.simulator.boxes.events.values() if event.calendar == self.calendar]

    def events(self) -> list[str]:
        return [event_id(event, immutable=True) for event in self._events() if event.series is None]

    def _held(self, event: str) -> Any:
        return self.simulator.boxes.find(self.address, event, immutable=True)[0]

    def is_mine(self, event: str) -> bool:
        return bool(self._held(event).response == "organizer")

    def title(self, event: str) -> str:
        return str(self._held(event).body.get("subject", ""))

    def rename(self, event: str, title: str) -> None:
        self.simulator.change(event, {"subject": title})

    def move(self, event: str, day: int, hour: int) -> None:
        held, start = self._held(event), start_of(day, hour)
        rule = held.body.get("recurrence")
        dates = rule["range"]["numberOfOccurrences"] if rule else 1
        self.simulator.change(event, self._times(start) | (self._rule(start.date(), dates) if rule else {}))

    def new_rule(self, event: str, dates: int) -> None:
        start = datetime.fromisoformat(self._held(event).body["start"]["dateTime"][:19])
        self.simulator.change(event, self._rule(start.date(), dates))

    def recolour(self, event: str, number: int) -> None:
        self.simulator.change(event, {"categories": [f"Colour {number}"]})

    def dates(self, event: str) -> list[str]:
        held = self._held(event)
        if not held.body.get("recurrence"):
            return []
        return [f"{event} {found.day}" for found in self.simulator.boxes.occurrences(held, SPAN[1])]

    def rename_date(self, name: str, title: str) -> None:
        event, day = name.split()
        self.simulator.change(event, {"subject": title}, day=date.fromisoformat(day))

    def move_date(self, name: str, hours: int) -> None:
        event, day = name.split()
        held = self._held(event)
        exception = self.simulator.boxes.exceptions(held).get(day)
        found = self.simulator.boxes.occurrence_of(held, date.fromisoformat(day), exception)
        start = found.start.astimezone(BERLIN).replace(tzinfo=None) + timedelta(hours=hours)
        self.simulator.change(event, self._times(start), day=date.fromisoformat(day))

    def cancel_date(self, name: str) -> None:
        event, day = name.split()
        self.simulator.delete(event, day=date.fromisoformat(day))

    def delete(self, event: str) -> None:
        self.simulator.delete(event)

    def seen(self) -> Seen:
        boxes, found = self.simulator.boxes, []
        for event in self._events():
            if event.series is not None:
                continue
            if not event.body.get("recurrence"):
                found.append((str(event.body.get("subject", "")), instant(event.body["start"])))
                continue
            for each in boxes.occurrences(event, SPAN[1]):
                whole = boxes.whole(each.exception or event)
                found.append((str(whole.get("subject", "")), each.start))
        return sorted(found)

    def uids(self) -> list[str]:
        return sorted(
            next(iter(value for name, value in event.extended.items() if name.endswith("gateway-uid")), event.uid)
            for event in self._events()
            if event.series is None
        )

    # What goes wrong there

    def fail(self, status: int, times: int = 1, path: str = "") -> None:
        self.simulator.fail_next(429 if status == 403 else status, "ServiceUnavailable", times=times, path=path)

    def lose_answer(self, method: str) -> None:
        self.simulator.lose_next_answer(method)

    def forget_sync_state(self) -> None:
        self.simulator.expire_delta()

    def expire_access(self) -> None:
        self.simulator.expire_access_tokens()

    def revoke(self) -> None:
        self.simulator.revoke(self.address)
        self.simulator.expire_access_tokens()

    def limit_pages(self, items: int | None) -> None:
        self.simulator.limit_pages(items)

    def strange(self, position: str) -> str:
        """A position in a list that was asked for with other preferences."""
        for row in self.simulator.rounds.rows.values():
            row.prefer = ""
        return position

    def recover(self) -> None:
        self.simulator.recover()


Cloud = GoogleCloud | OutlookCloud
KINDS: Sequence[str] = ("google", "outlook")


@asynccontextmanager
async def running_cloud(kind: str, clock: Callable[[], datetime], folder: Path) -> Any:
    """(the cloud, a way to reach it)."""
    cloud: Cloud = GoogleCloud(clock) if kind == "google" else OutlookCloud(clock, folder)
    async with AsyncExitStack() as stack:
        await cloud.start(stack)
        http = await stack.enter_async_context(ClientSession(connector=TCPConnector(force_close=False)))
        yield cloud, replace(cloud.outside(http), clock=lambda: clock().timestamp())
