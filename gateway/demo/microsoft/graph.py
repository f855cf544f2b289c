"""The routes of the simulated Graph, and what every request to it must pass."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import web

from gateway.demo.microsoft.call import Call, page
from gateway.demo.microsoft.delta import delta
from gateway.demo.microsoft.events import (
    calendar_view,
    cancel_event,
    change_event,
    create_event,
    delete_event,
    instances,
    list_events,
    read_event,
    responder,
)
from gateway.demo.microsoft.faults import GraphFault, Json, access_denied, bad_request
from gateway.demo.microsoft.render import calendar_json, read_prefer
from gateway.demo.microsoft.schedule import get_schedule
from gateway.demo.microsoft.tokens import Grant, resource_scopes
from gateway.demo.microsoft.users import mailbox, users

if TYPE_CHECKING:
    from gateway.demo.microsoft import MicrosoftSimulator

VERSION = "/v1.0"
AT_ONCE = 4
Answer = Callable[[Call], Json | Awaitable[Json | None] | None]

WRITING = frozenset({"Calendars.ReadWrite"})
READING = WRITING | {"Calendars.Read"}


@dataclass(frozen=True, slots=True)
class Route:
    """status: of success. needs: the permissions any one of which is enough."""

    method: str
    path: str
    answer: Answer
    status: int = 200
    needs: frozenset[str] = WRITING


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came in, for tests that care how it was asked. status: of the answer."""

    method: str
    path: str
    query: str
    prefer: str
    address: str
    status: int


def me(call: Call) -> Json:
    person = call.boxes.people[call.address]
    return {
        "displayName": person.name,
        "mail": person.address,
        "userPrincipalName": person.upn or person.address,
        "id": person.id,
    }


def settings(call: Call) -> Json:
    person = call.boxes.people[call.address]
    return {
        "timeZone": person.zone,
        "userPurpose": person.purpose,
        "workingHours": {
            "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "startTime": "08:00:00.0000000",
            "endTime": "17:00:00.0000000",
            "timeZone": {"name": person.zone},
        },
    }


def calendars(call: Call) -> Json:
    rows = [calendar_json(row, teams=has_teams(call)) for row in call.boxes.calendars_of(call.address)]
    return page(call, rows, "/calendars")


def calendar(call: Call) -> Json:
    return calendar_json(call.boxes.calendar(call.address, call.path.get("calendar")), teams=has_teams(call))


def has_teams(call: Call) -> bool:
    return call.boxes.people[call.address].work


def event_routes(place: str) -> list[Route]:
    return [
        Route("GET", place, read_event),
        Route("PATCH", place, change_event),
        Route("DELETE", place, delete_event, 204),
        Route("GET", f"{place}/instances", instances),
        Route("POST", f"{place}/cancel", cancel_event, 202),
        *(
            Route("POST", f"{place}/{action}", responder(action), 202)
            for action in ("accept", "decline", "tentativelyAccept")
        ),
    ]


def table(simulator: "MicrosoftSimulator") -> list[Route]:
    changed = partial(delta, simulator.rounds)
    rows = [
        Route("GET", "/me", me, needs=frozenset({"User.Read"})),
        Route("GET", "/users", users, needs=frozenset({"User.Read.All"})),
        Route("GET", "/users/{mailbox}", me, needs=frozenset({"User.Read.All"})),
        Route("GET", "/subscriptions", simulator.subscriptions.all),
        Route("POST", "/subscriptions", simulator.subscriptions.create, 201),
        Route("GET", "/subscriptions/{subscription}", simulator.subscriptions.one),
        Route("PATCH", "/subscriptions/{subscription}", simulator.subscriptions.renew),
        Route("DELETE", "/subscriptions/{subscription}", simulator.subscriptions.delete, 204),
    ]
    for whose in ("/me", "/users/{mailbox}"):
        rows += [
            Route("GET", f"{whose}/mailboxSettings", settings, needs=frozenset({"MailboxSettings.Read"})),
            Route("GET", f"{whose}/calendars", calendars),
            Route("GET", f"{whose}/calendar", calendar),
            Route("POST", f"{whose}/calendar/getSchedule", get_schedule),
            Route("GET", f"{whose}/calendars/{{calendar}}", calendar),
        ]
        for place in (whose, f"{whose}/calendar", f"{whose}/calendars/{{calendar}}"):
            rows += [
                Route("GET", f"{place}/events", list_events),
                Route("POST", f"{place}/events", create_event, 201),
                Route("GET", f"{place}/calendarView", calendar_view),
                Route("GET", f"{place}/calendarView/delta", changed),
                *event_routes(f"{place}/events/{{event}}"),
            ]
    return [replace(row, needs=READING) if reads(row) else row for row in rows]


def reads(row: Route) -> bool:
    """Whether the permission to read calendars is enough for it."""
    asks = row.method == "GET" or row.path.startswith("/subscriptions") or row.path.endswith("/getSchedule")
    return asks and row.needs == WRITING


class Graph:
    """The service's front door: who asks, how often at once, and what shape errors have."""

    def __init__(self, simulator: "MicrosoftSimulator") -> None:
        self._of = simulator
        self._inside: dict[str, int] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.route(row.method, f"{VERSION}{row.path}", partial(self.serve, row)) for row in table(self._of)] + [
            web.route("*", f"{VERSION}/{{rest:.*}}", self.nothing)
        ]

    async def nothing(self, request: web.Request) -> web.Response:
        message = f"Resource not found for the segment '{request.match_info['rest']}'."
        return GraphFault(400, "BadRequest", message).answer()

    def who(self, request: web.Request, needs: frozenset[str]) -> Grant:
        """Raises: GraphFault 401 for a token that is none or past, 403 for one that does not reach this far."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        grant = self._of.tokens.holder(token) if kind == "Bearer" else None
        if grant is None:
            message = "Lifetime validation failed, the token is expired." if token else "Access token is empty."
            raise GraphFault(401, "InvalidAuthenticationToken", message)
        if not needs & resource_scopes(grant.scopes):
            raise access_denied()
        return grant

    def whose(self, request: web.Request, grant: Grant) -> str:
        """The address of the mailbox a request is about, "" where it is about none.

        Applications have no mailbox of their own; people have no other here. Raises: GraphFault.
        """
        named = request.match_info.get("mailbox")
        if grant.tenant:
            if request.path.startswith(f"{VERSION}/me"):
                raise GraphFault(400, "BadRequest", "/me request is only valid with delegated authentication flow.")
            allowed = self._of.app_mailboxes
            return "" if named is None else mailbox(self._of.boxes.people, grant.tenant, named, allowed)
        if named is not None and named.lower() not in {grant.address, self._of.boxes.people[grant.address].id}:
            raise access_denied()
        return grant.address

    async def serve(self, row: Route, request: web.Request) -> web.Response:
        address = ""
        try:
            grant = self.who(request, row.needs)
            address = self.whose(request, grant)
            response = await self.admitted(row, request, address, grant.tenant)
        except GraphFault as fault:
            response = fault.answer()
        if row.method in self._of.lost_answers and response.status < 300 and request.transport is not None:
            self._of.lost_answers.remove(row.method)
            request.transport.abort()
        prefer = ", ".join(request.headers.getall("Prefer", []))
        seen = Seen(request.method, request.path, request.query_string, prefer, address, response.status)
        self._of.requests.append(seen)
        if request.method != "GET":
            content = (await request.read()).decode(errors="replace")
            self._of.written.append(f"{request.method} {request.rel_url} {dict(request.headers)} {content}")
        return response

    async def admitted(self, row: Route, request: web.Request, address: str, tenant: str) -> web.Response:
        """Raises: GraphFault 429 for a fifth request of one mailbox at a time."""
        fault = self._of.next_fault(request.path)
        if fault is not None:
            raise fault
        if self._inside.get(address, 0) >= AT_ONCE:
            message = "Application is over its MailboxConcurrency limit."
            raise GraphFault(429, "ApplicationThrottled", message, retry_after=2)
        self._inside[address] = self._inside.get(address, 0) + 1
        self._of.inside_changed(self._inside[address])
        try:
            await self._of.gate.wait()
            for step in [one for one in self._of.interruptions if one[0] in f"{row.method} {request.path}"][:1]:
                self._of.interruptions.remove(step)
                step[1]()
            return await self.answered(row, request, address, tenant)
        finally:
            self._inside[address] -= 1

    async def answered(self, row: Route, request: web.Request, address: str, tenant: str) -> web.Response:
        named = request.match_info.get("mailbox")
        call = Call(
            boxes=self._of.boxes,
            address=address,
            view=read_prefer(request.headers.getall("Prefer", [])),
            query=request.query,
            path=request.match_info,
            body=await read_body(request),
            if_match=request.headers.get("If-Match", ""),
            root=self._of.graph_endpoint,
            place="/me" if named is None else f"/users/{quote(named, safe='@')}",
            tenant=tenant,
        )
        result = row.answer(call)
        value: Json | None = await result if isawaitable(result) else result
        self._of.changed()
        return web.Response(status=row.status) if value is None else web.json_response(value, status=row.status)


async def read_body(request: web.Request) -> Any:
    """JSON, or None without a body. Raises: GraphFault 400."""
    text = await request.read()
    if not text:
        return None
    if request.content_type != "application/json":
        raise bad_request("A body needs Content-Type application/json.", "RequestBodyRead")
    try:
        return json.loads(text)
    except ValueError as error:
        raise bad_request("The body is not JSON.", "BadRequest") from error
