"""The simulated Google on the wire: authorisation, schema, failures on demand, batches."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDict, MultiDict
from yarl import URL

from gateway.demo import consent
from gateway.demo.google import delegation, directory, listing, moves, oauth, people, push, schema, writes
from gateway.demo.google.calls import Call
from gateway.demo.google.problems import ApiProblem, bad_credentials, insufficient_scopes
from gateway.demo.google.state import Clock, State

ROOTS: Final = ("/calendar/v3/", "/admin/directory/v1/")
MAX_BATCH: Final = 50
ANSWERS: Final[Mapping[str, Callable[[Call], dict[str, Any] | None]]] = {
    "calendar.calendarList.list": people.calendar_list,
    "calendar.calendarList.get": people.calendar_entry,
    "calendar.calendars.get": people.calendar,
    "calendar.colors.get": people.colors,
    "calendar.settings.list": people.settings,
    "calendar.settings.get": people.setting,
    "calendar.freebusy.query": people.free_busy,
    "calendar.events.list": listing.events,
    "calendar.events.instances": listing.instances,
    "calendar.events.get": writes.get,
    "calendar.events.insert": writes.insert,
    "calendar.events.import": writes.import_,
    "calendar.events.update": writes.update,
    "calendar.events.patch": writes.patch,
    "calendar.events.delete": writes.delete,
    "calendar.events.move": moves.move,
    "calendar.events.watch": push.watch,
    "calendar.channels.stop": push.stop,
    "directory.users.list": directory.users,
}


@dataclass(slots=True)
class Failure:
    """times: how many more requests fail so. status 0: the connection is dropped. path: only where the URL has it."""

    status: int
    times: int
    reason: str
    retry_after: int | None
    path: str


@dataclass(slots=True)
class Wire:
    """requests: each API request as "VERB path?query", in order. written: each change as it came, headers and body."""

    state: State
    clock: Clock
    client: tuple[str, str]
    notices: push.Notices = field(default_factory=push.Notices)
    failures: list[Failure] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    written: deque[str] = field(default_factory=lambda: deque(maxlen=5000))
    page_limit: int | None = None
    meanwhile: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    lost_answers: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        for root in ROOTS:
            app.router.add_route("*", root + "{tail:.*}", self.api)
        app.router.add_post("/batch/calendar/v3", self.batch)
        app.router.add_get("/o/oauth2/v2/auth", self.consent)
        app.router.add_post("/o/oauth2/v2/auth", self.decision)
        app.router.add_get("/connections", self.connections)
        app.router.add_post("/connections", self.remove_access)
        app.router.add_post("/token", self.token)
        app.router.add_post("/revoke", self.revoke)
        app.cleanup_ctx.append(self.notices.running)
        return app

    async def api(self, request: web.Request) -> web.Response:
        url = request.rel_url
        failed = self.failing(request.method, url)
        if failed is not None:
            return _fail(request, failed)
        answer = self.answer(request.method, url, request.headers, await request.read())
        if request.method in self.lost_answers and answer[0] < 300 and request.transport is not None:
            self.lost_answers.remove(request.method)
            request.transport.abort()
        return _response(*answer)

    def failing(self, verb: str, url: URL) -> Failure | None:
        asked = f"{verb} {url.raw_path_qs}"
        self.requests.append(asked)
        for row in [row for row in self.meanwhile if row[0] in asked][:1]:
            self.meanwhile.remove(row)
            row[1]()
        for failure in self.failures:
            if failure.times > 0 and failure.path in url.raw_path_qs:
                failure.times -= 1
                return failure
        return None

    def answer(
        self, verb: str, url: URL, headers: Mapping[str, str], content: bytes
    ) -> tuple[int, dict[str, str], object]:
        """Status, headers and body of one API call."""
        if verb != "GET":
            self.written.append(f"{verb} {url} {dict(headers)} {content.decode(errors='replace')}")
        try:
            method, path = schema.match(verb, url.raw_path)
            person = self._person(method, headers.get("Authorization", ""))
            call = Call(
                state=self.state,
                now=self.clock(),
                person=person,
                path=path,
                query=schema.query(method, url.query),
                body=_body(method, content),
                if_match=headers.get("If-Match", ""),
                page_limit=self.page_limit,
            )
            result = ANSWERS.get(method.name, _unknown)(call)
        except ApiProblem as problem:
            return problem.status, problem.headers, problem.body()
        self.notices.look(self.state, self.clock())
        if result is None:
            return 204, {}, None
        tag = str(result.get("etag", ""))
        if verb == "GET" and tag and headers.get("If-None-Match") == tag:
            return 304, {"ETag": tag}, None
        return 200, {"ETag": tag} if tag else {}, schema.partial(result, str(call.query.get("fields", "")))

    def _person(self, method: schema.Method, authorization: str) -> str:
        kind, _, name = authorization.partition(" ")
        grant = self.state.access.get(name) if kind.lower() == "bearer" else None
        if not authorization:
            raise ApiProblem(
                401,
                "required",
                "Login Required.",
                location="Authorization",
                kind="header",
                headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'},
            )
        if grant is None or grant.expires <= self.clock().isoformat():
            raise bad_credentials()
        if not method.scopes & set(grant.scopes):
            raise insufficient_scopes()
        return grant.person

    async def batch(self, request: web.Request) -> web.Response:
        head = f"Content-Type: {request.headers.get('Content-Type', '')}\r\n\r\n".encode()
        parts = list(message_from_bytes(head + await request.read(), policy=policy.HTTP).iter_parts())
        if not parts or len(parts) > MAX_BATCH:
            problem = ApiProblem(400, "badRequest", f"A batch holds 1 to {MAX_BATCH} calls.")
            return _response(problem.status, {}, problem.body())
        outer = request.headers.get("Authorization", "")
        answers = [self._part(part.get("Content-ID", ""), _content(part), outer) for part in parts]
        body = b"".join(b"--batch_simulated\r\n" + each for each in answers) + b"--batch_simulated--\r\n"
        return web.Response(body=body, headers={"Content-Type": "multipart/mixed; boundary=batch_simulated"})

    def _part(self, content_id: str, inner: bytes, outer: str) -> bytes:
        line, _, rest = inner.partition(b"\n")
        verb, target = line.decode("ascii").split()[:2]
        message = message_from_bytes(rest, policy=policy.HTTP)
        headers = CIMultiDict({"Authorization": outer, **dict(message.items())})
        payload = _content(message)
        url = URL(target, encoded=True)
        failed = self.failing(verb, url)
        status, extra, answer = _failed(failed) if failed else self.answer(verb, url, headers, payload)
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Content-Type: application/json; charset=UTF-8"]
        lines += [f"{name}: {value}" for name, value in extra.items()]
        text = "" if answer is None else json.dumps(answer)
        reply = content_id.replace("<", "<response-", 1)
        return (
            f"Content-Type: application/http\r\nContent-ID: {reply}\r\n\r\n"
            + "\r\n".join(lines)
            + f"\r\n\r\n{text}\r\n"
        ).encode()

    async def consent(self, request: web.Request) -> web.Response:
        lang, client = consent.language(request), self.client[0]
        try:
            wanted = oauth.asking(self.state, client, request.query)
            person = wanted.silently(self.state, client)
            if person:
                form = MultiDict([*request.query.items(), ("person", person), ("decision", "allow")])
                form.extend(("granted", scope) for scope in wanted.scopes)
                target = oauth.decide(self.state, client, form, self.clock())
            elif "none" in wanted.prompts:
                target = oauth.no_page(client, request.query)
            else:
                return oauth.consent_page(client, request.query, wanted, lang)
        except oauth.OAuthProblem as problem:
            return consent.refused(oauth.BRAND, lang, f"{problem.error}: {problem.description}", problem.status)
        return web.Response(status=302, headers={"Location": target})

    async def connections(self, request: web.Request) -> web.Response:
        done = "done" in request.query
        return consent.connections(oauth.BRAND, consent.language(request), oauth.with_access(self.state), done=done)

    async def remove_access(self, request: web.Request) -> web.Response:
        oauth.remove_access(self.state, (await _form(request)).get("person", ""))
        return web.Response(status=303, headers={"Location": "/connections?done=1"})

    async def decision(self, request: web.Request) -> web.Response:
        try:
            target = oauth.decide(self.state, self.client[0], await _form(request), self.clock())
        except oauth.OAuthProblem as problem:
            said = f"{problem.error}: {problem.description}"
            return consent.refused(oauth.BRAND, consent.language(request), said, problem.status)
        return web.Response(status=302, headers={"Location": target})

    async def token(self, request: web.Request) -> web.Response:
        failed = self.failing("POST", request.rel_url)
        if failed is not None:
            return _fail(request, failed)
        form = await _form(request)
        try:
            if form.get("grant_type") == delegation.GRANT_TYPE:
                return web.json_response(self._delegated(request, form))
            return web.json_response(oauth.token(self.state, self.client, form, self.clock()))
        except oauth.OAuthProblem as problem:
            return web.json_response(problem.body(), status=problem.status)

    def _delegated(self, request: web.Request, form: MultiDict[str]) -> dict[str, Any]:
        audiences = (delegation.REAL_TOKEN_URI, str(request.url))
        return delegation.token(self.state, form, audiences, self.clock(), datetime.now(UTC))

    async def revoke(self, request: web.Request) -> web.Response:
        try:
            oauth.revoke(self.state, {**request.query, **await _form(request)})
        except oauth.OAuthProblem as problem:
            return web.json_response(problem.body(), status=problem.status)
        return web.json_response({})


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


async def _form(request: web.Request) -> MultiDict[str]:
    return MultiDict((name, value) for name, value in (await request.post()).items() if isinstance(value, str))


def _unknown(_: Call) -> dict[str, Any] | None:
    raise ApiProblem(501, "notImplemented", "The simulator does not know this method.")


def _body(method: schema.Method, content: bytes) -> dict[str, Any]:
    if not method.body:
        return {}
    try:
        given = json.loads(content or b"{}")
    except ValueError as error:
        raise ApiProblem(400, "parseError", "Parse Error") from error
    return schema.body(method.body, given)


def _fail(request: web.Request, failure: Failure) -> web.Response:
    if failure.status == 0 and request.transport is not None:
        request.transport.close()
    return _response(*_failed(failure))


def _failed(failure: Failure) -> tuple[int, dict[str, str], object]:
    status = failure.status or 503
    headers = {} if failure.retry_after is None else {"Retry-After": str(failure.retry_after)}
    domain = "usageLimits" if status in {403, 429} else "global"
    return status, headers, ApiProblem(status, failure.reason, failure.reason, domain=domain).body()


def _response(status: int, headers: Mapping[str, str], answer: object) -> web.Response:
    if answer is None:
        return web.Response(status=status, headers=headers)
    return web.json_response(answer, status=status, headers=headers)
