"""A Zoom that runs on this machine: its sign-in and its meetings, strict, and under the control of whoever holds it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from aiohttp import web
from multidict import CIMultiDict
from pydantic import SecretStr

from gateway.config import Zoom
from gateway.demo import consent
from gateway.demo.zoom import meetings, sign_in
from gateway.demo.zoom.problems import OAuthProblem, Problem
from gateway.demo.zoom.state import USER_SCOPES, Grant, Json, State, from_json

CLIENT_ID, CLIENT_SECRET, ACCOUNT_ID = "zoom-demo-client", "zoom-demo-secret", "zoom-demo-account"
Act: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
LIMIT: Final = "You have reached the maximum per-second rate limit for this API. Try again later."
EXPIRED: Final = "Access token is expired."


@dataclass
class Fault:
    """What becomes of the next request of that verb ("": of any) to the API.

    after: it is done all the same, and only its answer is lost.
    """

    verb: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    after: bool = False


class ZoomSimulator:
    """clock: what it takes for now (aware). server_to_server: its app is one that opens a whole account.

    root: where it answers while it runs. faults: used up one by one. requests: every request so far as "VERB path".
    hold: cleared, API requests wait for it. redirect_uris: that the app may name.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        state: Mapping[str, Any] | None = None,
        *,
        server_to_server: bool = False,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.state = from_json(state) if state else State()
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.redirect_uris: list[str] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.root = ""
        self._clock = clock
        self._account = ACCOUNT_ID if server_to_server else ""
        self._on_change = on_change
        self._runner: web.AppRunner | None = None

    @property
    def now(self) -> float:
        return self._clock().timestamp()

    @property
    def meetings(self) -> Sequence[Json]:
        return list(self.state.meetings.values())

    def add_user(self, email: str, name: str) -> None:
        key = f"u{len(self.state.users) + 1}"
        self.state.users[key] = {"id": key, "email": email, "display_name": name, "type": 2, "status": "active"}

    def sign_in(self, email: str) -> str:
        """A sign-in's tokens as JSON, as if its page had been used."""
        user = self.state.user(email)
        answer = sign_in.signed_in(self.state, user["id"], USER_SCOPES, self.now) if user else {}
        names = ("access_token", "refresh_token")
        return json.dumps({**{name: answer[name] for name in names}, "until": 0, "person": user["id"] if user else ""})

    def settings(self) -> Zoom:
        """The [zoom] section that leads here."""
        return Zoom(
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET),
            account_id=self._account,
            api_endpoint=f"{self.root}/v2",
            auth_uri=f"{self.root}/oauth/authorize",
            token_uri=f"{self.root}/oauth/token",
            revoke_uri=f"{self.root}/oauth/revoke",
        )

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Port 0: any free one."""
        app = web.Application()
        for verb, path, act in (
            ("GET", "/oauth/authorize", self._ask),
            ("POST", "/oauth/authorize", self._decide),
            ("POST", "/oauth/token", self._token),
            ("POST", "/oauth/revoke", self._revoke),
            ("GET", "/v2/users/{user}", self._user),
            ("GET", "/v2/users/{user}/meetings", self._list),
            ("POST", "/v2/users/{user}/meetings", self._create),
            ("GET", "/v2/meetings/{number}", self._get),
            ("PATCH", "/v2/meetings/{number}", self._change),
            ("DELETE", "/v2/meetings/{number}", self._delete),
        ):
            app.router.add_route(verb, path, self._guarded(act))
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.root = f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _guarded(self, act: Act) -> Act:
        async def guarded(request: web.Request) -> web.StreamResponse:
            self.requests.append(f"{request.method} {request.path}")
            fault = self._fault(request)
            try:
                return await self._answer(request, act, fault)
            except (Problem, OAuthProblem) as error:
                headers = CIMultiDict(fault.headers if fault else {})
                return web.json_response(error.body(), status=error.status, headers=headers)
            finally:
                if request.method != "GET":
                    self._on_change()

        return guarded

    async def _answer(self, request: web.Request, act: Act, fault: Fault | None) -> web.StreamResponse:
        if fault is not None and not fault.after:
            raise Problem(fault.status, fault.status, LIMIT if fault.status == 429 else EXPIRED)
        if request.path.startswith("/v2/"):
            await self.hold.wait()
        answer = await act(request)
        if fault is not None:
            raise Problem(fault.status, fault.status, "Internal Server Error")
        return answer

    def _fault(self, request: web.Request) -> Fault | None:
        if not request.path.startswith("/v2/"):
            return None
        found = next((one for one in self.faults if one.verb in {"", request.method}), None)
        if found is not None:
            self.faults.remove(found)
        return found

    def _signed_in(self, request: web.Request, scope: str) -> Grant:
        name = request.headers.get("Authorization", "").removeprefix("Bearer ")
        grant = self.state.access.get(name)
        if grant is None or grant.until <= self.now:
            raise Problem(401, 124, EXPIRED if grant else "Invalid access token.")
        if not {scope, f"{scope}:admin"} & set(grant.scopes):
            raise Problem(400, 4711, f"Invalid access token, does not contain scopes:[{scope}].")
        return grant

    def _whose(self, request: web.Request, scope: str) -> Json:
        grant, named = self._signed_in(request, scope), request.match_info["user"]
        if named == "me" and not grant.user:
            raise Problem(400, 300, "This API does not support client credentials for the user me.")
        user = self.state.user(grant.user if named == "me" else named)
        if user is None or (grant.user and user["id"] != grant.user):
            raise meetings.no_user(named)
        return user

    def _meeting(self, request: web.Request, scope: str) -> str:
        """Its number, where it is the caller's to use."""
        grant, number = self._signed_in(request, scope), request.match_info["number"]
        if grant.user and meetings.get(self.state, number)["host_id"] != grant.user:
            raise Problem(400, 3000, "Cannot access meeting info.")
        return number

    async def _user(self, request: web.Request) -> web.Response:
        return web.json_response(self._whose(request, "user:read:user"))

    async def _list(self, request: web.Request) -> web.Response:
        user = self._whose(request, "meeting:read:list_meetings")
        return web.json_response(meetings.listed(self.state, user, request.query))

    async def _create(self, request: web.Request) -> web.Response:
        user = self._whose(request, "meeting:write:meeting")
        made = meetings.create(self.state, user, await _body(request), self.now, self.root)
        return web.json_response(made, status=201)

    async def _get(self, request: web.Request) -> web.Response:
        number = self._meeting(request, "meeting:read:meeting")
        return web.json_response(meetings.get(self.state, number))

    async def _change(self, request: web.Request) -> web.Response:
        number = self._meeting(request, "meeting:update:meeting")
        meetings.change(self.state, number, await _body(request))
        return web.Response(status=204)

    async def _delete(self, request: web.Request) -> web.Response:
        meetings.delete(self.state, self._meeting(request, "meeting:delete:meeting"))
        return web.Response(status=204)

    async def _ask(self, request: web.Request) -> web.Response:
        sign_in.check(CLIENT_ID, self.redirect_uris, request.query)
        return sign_in.consent_page(self.state, request.query, consent.language(request))

    async def _decide(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        asked: CIMultiDict[str] = CIMultiDict(form)
        sign_in.check(CLIENT_ID, self.redirect_uris, asked)
        raise web.HTTPFound(sign_in.decide(self.state, asked, self.now))

    async def _token(self, request: web.Request) -> web.Response:
        given = {**request.query, **{name: str(value) for name, value in (await request.post()).items()}}
        client, header = (CLIENT_ID, CLIENT_SECRET, self._account), request.headers.get("Authorization", "")
        return web.json_response(sign_in.token(self.state, client, header, CIMultiDict(given), self.now))

    async def _revoke(self, request: web.Request) -> web.Response:
        if not sign_in.is_client(request.headers.get("Authorization", ""), (CLIENT_ID, CLIENT_SECRET)):
            raise OAuthProblem(401, "invalid_client", "Invalid client_id or client_secret")
        grant = self.state.access.get(str((await request.post()).get("token", "")))
        if grant is None:
            raise OAuthProblem(400, "invalid_request", "Invalid Token!")
        self.state.end_sign_in(grant.user)
        return web.json_response({"status": "success"})


async def _body(request: web.Request) -> Json:
    if request.content_type != "application/json":
        raise Problem(415, 415, "Unsupported Media Type")
    try:
        body = json.loads(await request.text())
    except ValueError as error:
        raise Problem(400, 300, "Request Body should be a valid JSON object.") from error
    if not isinstance(body, dict):
        raise Problem(400, 300, "Request Body should be a valid JSON object.")
    return body
