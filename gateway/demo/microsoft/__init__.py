"""A simulated Microsoft: sign-in and calendars of Graph, over TLS on this machine, as strict as the real one."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from gateway.demo.microsoft.arrivals import arrive
from gateway.demo.microsoft.checks import check_body, check_times
from gateway.demo.microsoft.delta import Rounds
from gateway.demo.microsoft.device import DevicePages, Devices
from gateway.demo.microsoft.events import keep, make_event
from gateway.demo.microsoft.faults import GraphFault, Json
from gateway.demo.microsoft.graph import VERSION, Graph, Seen
from gateway.demo.microsoft.identity import Identity
from gateway.demo.microsoft.mailbox import Calendar, Event, Mail, Mailboxes, Person, event_id
from gateway.demo.microsoft.notices import Notices
from gateway.demo.microsoft.subscriptions import Subscriptions
from gateway.demo.microsoft.times import NEVER, windows_name
from gateway.demo.microsoft.tokens import Tokens
from gateway.demo.tls import loopback_context

__all__ = ["Mail", "MicrosoftSimulator", "Seen"]

APP_PERMISSIONS = frozenset({"Calendars.ReadWrite", "MailboxSettings.Read", "User.Read.All"})
SCOPES = "Calendars.ReadWrite Calendars.ReadWrite.Shared MailboxSettings.Read User.Read"
KEPT_REQUESTS = 5000


class MicrosoftSimulator:
    """Start it, point the settings at `authority`, `graph_endpoint` and `ca_file`, and play the user with the methods.

    clock: the present, aware. redirect_uris: where sign-ins may be sent back to; may grow while running.
    ca_file: where start() writes the certificate to trust. on_change: called after every request that was answered
    and every control, for whoever keeps the state.
    written: every change asked for lately, with its headers and body as they came; may be cleared.

    app_permissions: what admins consented to for the application itself. app_mailboxes: those that an access policy
    leaves to it, None: all. public_flows: whether programs without a secret may sign people in.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        ca_file: Path,
        *,
        client_id: str = "demo-client",
        client_secret: str = "demo-secret",  # noqa: S107 - the demo's own, of no worth elsewhere
        tenant: str = "common",
        redirect_uris: Sequence[str] = (),
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self.clock = clock
        self.ca_file = ca_file
        self.client_id = client_id
        self.client_secret = client_secret
        self.tenant = tenant
        self.redirect_uris = list(redirect_uris)
        self.boxes = Mailboxes(clock)
        self.rounds = Rounds()
        self.tokens = Tokens(clock)
        self.devices = Devices(clock)
        self.app_permissions = APP_PERMISSIONS
        self.app_mailboxes: frozenset[str] | None = None
        self.public_flows = True
        self.subscriptions = Subscriptions(clock, allowed=lambda: self.app_mailboxes)
        self.requests: deque[Seen] = deque(maxlen=KEPT_REQUESTS)
        self.written: deque[str] = deque(maxlen=KEPT_REQUESTS)
        self.gate = asyncio.Event()
        self.gate.set()
        self.most_inside = 0
        self._on_change = on_change
        self.lost_answers: list[str] = []
        self.interruptions: list[tuple[str, Callable[[], object]]] = []
        self._faults: list[tuple[GraphFault | None, str]] = []
        self._runner: web.AppRunner | None = None
        self.origin = ""
        self._pages: web.AppRunner | None = None
        self.pages = ""

    @property
    def authority(self) -> str:
        return f"{self.origin}/{self.tenant}"

    @property
    def graph_endpoint(self) -> str:
        return f"{self.origin}{VERSION}"

    @property
    def mails(self) -> list[Mail]:
        """Every mail the service would have sent, oldest first."""
        return self.boxes.mails

    async def start(self, port: int = 0) -> None:
        """Serves on 127.0.0.1; port 0 takes a free one."""
        self.subscriptions.notices.start()
        app = web.Application()
        app.add_routes(Identity(self).routes())
        app.add_routes(DevicePages(self).routes())
        app.add_routes(Graph(self).routes())
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=loopback_context(self.ca_file))
        await site.start()
        self.origin = f"https://localhost:{self._runner.addresses[0][1]}"
        await self._start_pages()

    async def _start_pages(self) -> None:
        """What people see is served without TLS as well: their browsers do not know our certificate, and msal asks
        for TLS only where it goes by itself.
        """
        app = web.Application()
        app.add_routes(Identity(self).pages())
        app.add_routes(DevicePages(self).pages())
        self._pages = web.AppRunner(app, access_log=None)
        await self._pages.setup()
        await web.TCPSite(self._pages, "127.0.0.1", 0).start()
        self.pages = f"http://localhost:{self._pages.addresses[0][1]}"

    async def stop(self) -> None:
        self.gate.set()
        await self.subscriptions.notices.stop()
        for runner in (self._pages, self._runner):
            if runner is not None:
                await runner.cleanup()
        self._pages = self._runner = None

    def knows(self, tenant: str) -> bool:
        """Its own, and each organisation by its domain."""
        return tenant == self.tenant or any(address.endswith(f"@{tenant}") for address in self.boxes.people)

    def changed(self) -> None:
        self.subscriptions.look(self.boxes)
        if self._on_change is not None:
            self._on_change()

    # What the demo and the tests do at the provider

    def add_person(
        self, address: str, name: str, zone: str = "Europe/Berlin", *, work: bool = True, **more: Any
    ) -> str:
        """The id of the new mailbox's default calendar. more: as in Person."""
        self.boxes.people[address] = Person(address, name, windows_name(zone), work, **more)
        return self.add_calendar(address, "Calendar", default=True)

    def add_calendar(
        self,
        address: str,
        name: str,
        *,
        default: bool = False,
        owner: str = "",
        editable: bool = True,
        color: str = "",
    ) -> str:
        """The id of a calendar listed for `address`; owner: whose it is, if it was shared to her."""
        identifier = f"AAMkAGI1AAAuAAA{self.boxes.next():06d}AAA="
        whose = owner or address
        known = self.boxes.people.get(whose)
        row = Calendar(
            identifier, address, name, whose, known.name if known else whose,
            hex_color=color, editable=editable, default=default,
        )  # fmt: skip
        self.boxes.calendars[identifier] = row
        self.changed()
        return identifier

    def add_event(
        self,
        calendar: str,
        body: Mapping[str, Any],
        *,
        organizer: tuple[str, str] | None = None,
        response: str = "organizer",
        uid: str = "",
        is_cancelled: bool = False,
        custom_zone: bool = False,
    ) -> str:
        """The immutable id of an event made by the user or by others; nobody is mailed.

        body: as in a POST. organizer: name and address of somebody else who invited; then response is the user's.
        uid: iCalUId of an invitation from outside. custom_zone: made by old desktop Outlook in a zone without name.
        """
        checked = dict(check_body(dict(body)))
        check_times(checked)
        event = make_event(self.boxes, self.boxes.calendars[calendar], {})
        event.body = keep(self.boxes, event, checked)
        event.uid = uid or event.uid
        event.is_cancelled, event.custom_zone = is_cancelled, custom_zone
        if organizer is not None:
            event.organizer = {"emailAddress": {"name": organizer[0], "address": organizer[1]}}
            event.response = "notResponded" if response == "organizer" else response
            event.responded = NEVER if event.response == "notResponded" else self.boxes.now()
        self.boxes.events[event.key] = event
        self.changed()
        return event_id(event, immutable=True)

    def arrive(self, to: str, text: str) -> bool:
        """A mail from elsewhere to somebody here, with that iTIP message. Whether it changed anything."""
        changed = arrive(self.boxes, to, text)
        self.changed()
        return changed

    def _find(self, identifier: str) -> tuple[Event, str]:
        for address in self.boxes.people:
            try:
                return self.boxes.find(address, identifier, immutable=True)
            except GraphFault:
                continue
        raise KeyError(identifier)

    def change(self, identifier: str, body: Mapping[str, Any], *, day: date | None = None) -> None:
        """What the user edits in Outlook. day: only the occurrence of that date."""
        event, found = self._find(identifier)
        if day is not None or found:
            master = event if event.series is None else self.boxes.events[event.series]
            event = self.boxes.exception_for(master, day.isoformat() if day else found)
            self.boxes.events[event.key] = event
            self.boxes.touched(master, shown=False)
        merged = {**self.boxes.whole(event), **check_body(dict(body))}
        check_times(merged)
        names = ("start", "end") if event.series is not None else ("start", "end", "recurrence")
        self.boxes.reshape(event, {**event.body, **body, **{name: merged[name] for name in names if name in merged}})
        self.boxes.touched(event)
        self.changed()

    def move(self, identifier: str, calendar: str) -> None:
        """To another calendar: immutable ids stay, the others change."""
        event, _ = self._find(identifier)
        event.calendar = calendar
        event.moves += 1
        for exception in self.boxes.exceptions(event).values():
            exception.calendar = calendar
        self.boxes.touched(event)
        self.changed()

    def delete(self, identifier: str, *, day: date | None = None) -> None:
        """The event, the series, or of a series the occurrence of that date."""
        event, found = self._find(identifier)
        master = event if event.series is None else self.boxes.events[event.series]
        if day is not None or found:
            self.boxes.cancel_occurrence(master, day.isoformat() if day else found)
        else:
            self.boxes.remove(event)
        self.changed()

    def event(self, identifier: str) -> Json:
        """The body of an event as it is kept, for a look."""
        return self.boxes.whole(self._find(identifier)[0])

    def refresh_token(self, address: str, scopes: str = SCOPES) -> str:
        """A sign-in as if its owner had just consented."""
        return self.tokens.refresh_token_for(address, f"{scopes} openid profile offline_access", self.client_id)

    def expire_delta(self, calendar: str | None = None) -> None:
        self.rounds.expire(calendar)

    def expire_access_tokens(self) -> None:
        self.tokens.access.clear()

    def revoke(self, address: str) -> None:
        self.tokens.revoke(address)

    @property
    def notices(self) -> Notices:
        """How they go, and how they were answered."""
        return self.subscriptions.notices

    async def delivered(self) -> None:
        """Waits until every notice so far has been sent."""
        await self.notices.queue.join()

    def fail_next(
        self,
        status: int,
        code: str = "ServiceUnavailable",
        *,
        retry_after: int | None = None,
        times: int = 1,
        path: str = "",
        after: int = 0,
    ) -> None:
        """The next requests whose path contains `path` are refused like this, once `after` of them have passed."""
        fault = GraphFault(status, code, "Asked to fail.", retry_after)
        self._faults += [(None, path)] * after + [(fault, path)] * times

    def lose_next_answer(self, method: str) -> None:
        """The next request with that method is done, and then the connection breaks before its answer is sent."""
        self.lost_answers.append(method)

    def meanwhile(self, request: str, action: Callable[[], object]) -> None:
        """Does this just before the next request that has `request` in its "VERB path": somebody was faster."""
        self.interruptions.append((request, action))

    def recover(self) -> None:
        """Whatever was still to fail does not."""
        self._faults.clear()
        self.lost_answers.clear()
        self.interruptions.clear()

    def limit_pages(self, rows: int | None) -> None:
        """First pages of rounds are empty and the others at most that long, whatever was asked for; None: as usual."""
        self.rounds.most = rows

    def next_fault(self, path: str) -> GraphFault | None:
        for place, (fault, part) in enumerate(self._faults):
            if part in path:
                del self._faults[place]
                return fault
        return None

    def inside_changed(self, count: int) -> None:
        self.most_inside = max(self.most_inside, count)

    def state(self) -> Json:
        """Everything worth keeping, fit for json.dumps."""
        return {
            "boxes": self.boxes.state(),
            "rounds": self.rounds.state(),
            "tokens": self.tokens.state(),
            "subscriptions": self.subscriptions.state(),
        }

    def restore(self, state: Json) -> None:
        self.boxes.restore(state["boxes"])
        self.rounds.restore(state["rounds"])
        self.tokens.restore(state["tokens"])
        self.subscriptions.restore(state["subscriptions"])
