"""A Google Calendar that runs on this machine: strict, stateful, and under the control of whoever holds the object."""

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from gateway.config import Google
from gateway.demo.google import arrivals, delegation, oauth, schema, views, writes
from gateway.demo.google.calls import Call
from gateway.demo.google.problems import not_found
from gateway.demo.google.push import Notices
from gateway.demo.google.routes import Failure, Wire
from gateway.demo.google.state import CONSUMER_SCOPE, Calendar, Clock, Entry, Event, Mail, Person, State, from_json

CLIENT_ID, CLIENT_SECRET = "demo-client.apps.example.com", "demo-secret"


class GoogleSimulator:
    """clock: what it takes for now (aware). state: as to_json gave it, to go on where it was left. on_change: called
    before a request that may have changed something is answered, for whoever keeps the state.

    root: where it answers while it runs, such as http://127.0.0.1:8123; "" before.
    """

    def __init__(
        self,
        clock: Clock,
        state: Mapping[str, Any] | None = None,
        *,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self.clock = clock
        self._on_change = on_change
        self._wire = Wire(from_json(state) if state else State(), clock, (CLIENT_ID, CLIENT_SECRET))
        self._runner: web.AppRunner | None = None
        self.root = ""

    @property
    def state(self) -> State:
        return self._wire.state

    @property
    def mails(self) -> Sequence[Mail]:
        """What Google would have sent, oldest first."""
        return self.state.mails

    @property
    def requests(self) -> list[str]:
        """Every API request so far as "VERB path?query"; may be cleared."""
        return self._wire.requests

    @property
    def written(self) -> deque[str]:
        """Every change asked for lately, with its headers and body as they came; may be cleared."""
        return self._wire.written

    def to_json(self) -> dict[str, Any]:
        copied: dict[str, Any] = json.loads(json.dumps(self.state.to_json()))
        return copied

    def app(self) -> web.Application:
        app = self._wire.app()
        app.on_response_prepare.append(self._answering)
        return app

    async def _answering(self, request: web.Request, _answer: web.StreamResponse) -> None:
        if request.method != "GET" and self._on_change is not None:
            self._on_change()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Port 0: any free one."""
        self._runner = web.AppRunner(self.app(), access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.root = f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def settings(self) -> Google:
        """The [google] section that leads here."""
        return Google(
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET),
            api_endpoint=self.root,
            directory_endpoint=self.root,
            auth_uri=f"{self.root}/o/oauth2/v2/auth",
            token_uri=f"{self.root}/token",
            revoke_uri=f"{self.root}/revoke",
            permissions_url=f"{self.root}/connections",
        )

    def add_person(self, address: str, name: str, zone: str = "Europe/Berlin", **more: Any) -> None:
        """Somebody with a primary calendar, whose id is the address. more: as in Person."""
        self.state.people[address] = Person(address, name, zone, **more)
        self.state.lists[address] = []
        self.add_calendar(address, address, name, zone=zone)

    def add_calendar(
        self, owner: str, calendar: str, summary: str, *, zone: str = "Europe/Berlin", **entry: Any
    ) -> None:
        """entry: selected, hidden, override, color, reminders as in Entry."""
        self.state.calendars[calendar] = Calendar(calendar, summary, zone, {owner: "owner"})
        self.state.lists[owner].append(Entry(calendar, **entry))

    def share(self, calendar: str, person: str, role: str, **entry: Any) -> None:
        """Gives somebody else a role in it, and puts it into their list."""
        self.state.calendars[calendar].access[person] = role
        self.state.lists[person].append(Entry(calendar, **entry))

    def show_times(self, calendar: str, domain: str) -> None:
        """As a Workspace domain does by itself: everybody in it may see when, and not what."""
        self.state.calendars[calendar].access[domain] = "freeBusyReader"

    def add_event(self, calendar: str, body: Mapping[str, Any], updates: str = "none") -> Event:
        """Inserted by the calendar's owner, under all the rules of the API."""
        return self._done(writes.insert(self._call(calendar, body=body, updates=updates)))

    def receive_event(self, calendar: str, body: Mapping[str, Any]) -> Event:
        """An invitation from outside: with its own UID and organizer."""
        return self._done(writes.import_(self._call(calendar, body=body)))

    def arrive(self, to: str, text: str) -> bool:
        """A mail from elsewhere to somebody here, with that iTIP message. Whether it changed anything."""
        changed = arrivals.arrive(self.state, to, text, self.clock())
        self._done({})
        return changed

    def change_event(self, calendar: str, event: str, changes: Mapping[str, Any], updates: str = "none") -> Event:
        """As events.patch; also for an instance by its id."""
        return self._done(writes.patch(self._call(calendar, event, changes, updates)))

    def move_event(self, calendar: str, event: str, by: timedelta) -> Event:
        """Later by that much (earlier if negative)."""
        held = writes.held(self.state.calendars[calendar], event)
        times = {name: _shifted(held[name], by) for name in ("start", "end")}
        return self.change_event(calendar, event, times)

    def delete_event(self, calendar: str, event: str, updates: str = "none") -> None:
        writes.delete(self._call(calendar, event, updates=updates))
        self._done({})

    def event(self, calendar: str, event: str) -> Event:
        found = self.state.calendars[calendar]
        return views.event(found, "owner", writes.held(found, event))

    def events(self, calendar: str) -> list[Event]:
        """Those not deleted, masters and exceptions, oldest change first."""
        found = self.state.calendars[calendar]
        live = [event for event in found.events.values() if event["status"] != "cancelled"]
        return [views.event(found, "owner", event) for event in sorted(live, key=lambda each: each["_revision"])]

    def authorized_user(self, person: str, scopes: Sequence[str] = (CONSUMER_SCOPE,)) -> str:
        """A token file as a person would paste it: Google's authorized-user JSON with a fresh access token."""
        refresh = oauth.new_refresh(self.state, person, CLIENT_ID, list(scopes))
        access = oauth.new_access(self.state, self.state.refresh[refresh], refresh, self.clock())
        return json.dumps(
            {
                "type": "authorized_user",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "refresh_token": refresh,
                "token": access["access_token"],
                "scopes": list(scopes),
            }
        )

    def service_account(self, email: str, domain: str = "", scopes: Sequence[str] = ()) -> str:
        """The JSON file of a new key of a service account, which may act for the people of a domain in these scopes."""
        made = delegation.new_key(self.state, email)
        if domain:
            self.delegate(email, domain, scopes)
        return made

    def delegate(self, email: str, domain: str, scopes: Sequence[str]) -> None:
        """What an admin authorises in the console, in place of what was authorised before."""
        self.state.services[email].delegated[domain] = list(scopes)

    def withdraw_keys(self, email: str, but: str = "") -> None:
        """All keys of a service account except the one of that file."""
        kept = json.loads(but)["private_key_id"] if but else ""
        keys = self.state.services[email].keys
        for name in [name for name in keys if name != kept]:
            del keys[name]

    def expire_sync_tokens(self, calendar: str = "") -> None:
        """Those of one calendar, or all."""
        for found in self.state.calendars.values():
            if calendar in {"", found.id}:
                found.generation += 1

    def expire_access_tokens(self) -> None:
        past = (self.clock() - timedelta(seconds=1)).isoformat()
        for grant in self.state.access.values():
            grant.expires = past

    def revoke(self, person: str) -> None:
        """The person takes all sign-ins back."""
        oauth.remove_access(self.state, person)

    def fail_next(
        self,
        status: int,
        times: int = 1,
        *,
        reason: str = "backendError",
        retry_after: int | None = None,
        path: str = "",
    ) -> None:
        """The next requests (only those whose URL has `path`) are answered so; status 0 drops the connection."""
        self._wire.failures.append(Failure(status, times, reason, retry_after, path))

    def lose_next_answer(self, verb: str) -> None:
        """The next request with that verb is done, and then the connection breaks before its answer is sent."""
        self._wire.lost_answers.append(verb)

    def recover(self) -> None:
        """Whatever was still to fail does not."""
        self._wire.failures.clear()
        self._wire.lost_answers.clear()
        self._wire.meanwhile.clear()

    def meanwhile(self, request: str, action: Callable[[], object]) -> None:
        """Does this just before the next request that has `request` in its "VERB path?query": somebody was faster."""
        self._wire.meanwhile.append((request, action))

    def keep_exceptions(self) -> None:
        """From now on a series that gets another time or rule keeps its exceptions, under their old names."""
        self.state.keeps_exceptions = True

    def slow_conferences(self) -> None:
        """From now on conferences are not there yet when they are asked for, but when the event is read again."""
        self.state.slow_conferences = True

    def limit_pages(self, items: int | None) -> None:
        """First pages are empty and the others at most that long, whatever was asked for; None: as usual."""
        self._wire.page_limit = items

    @property
    def notices(self) -> Notices:
        """How they go, and how they were answered."""
        return self._wire.notices

    async def delivered(self) -> None:
        """Waits until every notice so far has been sent."""
        await self._wire.notices.queue.join()

    def _call(
        self, calendar: str, event: str = "", body: Mapping[str, Any] | None = None, updates: str = "none"
    ) -> Call:
        found = self.state.calendars.get(calendar)
        if found is None:
            raise not_found()
        owner = next(person for person, role in found.access.items() if role == "owner")
        path = {"calendarId": calendar, "eventId": event}
        query = {"sendUpdates": updates, "conferenceDataVersion": 1, "supportsAttachments": True}
        given = schema.body("Event", dict(body or {}))
        return Call(self.state, self.clock(), owner, path, query, given, inside=True)

    def _done(self, event: Event) -> Event:
        self._wire.notices.look(self.state, self.clock())
        if self._on_change is not None:
            self._on_change()
        return event


def _shifted(time: Mapping[str, str], by: timedelta) -> dict[str, str]:
    if "date" in time:
        return {"date": (datetime.fromisoformat(time["date"]) + by).date().isoformat()}
    moved = datetime.fromisoformat(time["dateTime"]).astimezone(UTC) + by
    return {"dateTime": moved.isoformat(), "timeZone": time["timeZone"]}
