"""The whole application over a fresh database, listening like any server: no clouds, three people, one team."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession, encode_basic_auth, web
from yarl import URL

from gateway.accounts.authenticate import Authenticator
from gateway.accounts.passwords import digest, hash_password
from gateway.accounts.people import add_person, add_team
from gateway.app import Parts, make_app, open_parts
from gateway.config import Settings
from gateway.dav import keys as dav_keys
from gateway.guard import Patience
from gateway.listen import Runner, listen
from gateway.store import principals
from gateway.store.database import Connection
from gateway.store.migrate import migrate
from gateway.web import keys as web_keys

NOW = 1_795_262_400.0  # 2026-11-21 12:00 UTC
PEOPLE = ("alice", "bob", "dave")
"""alice and bob are the team sales; dave is alone."""
PASSWORD = "a good password"
HASHED = hash_password(PASSWORD)
MERGED = "/dav/calendars/alice/merged/"


def csrf(page: str) -> str:
    """The token in the page's first form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    return unescape(found[1]) if found else ""


def secret_of(name: str) -> str:
    """The app password of a person."""
    return f"{name}-app-password"


class Clock:
    """Moves when it is told to."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass
class Slept:
    """How long wrong passwords made their senders wait; nobody does wait."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def settings(folder: Path, **sections: dict[str, Any]) -> Settings:
    return Settings(
        **{
            "database": {"url": f"sqlite:///{folder}/gateway.sqlite"},
            "secrets": {"key_file": folder / "secret.key"},
            **sections,
        }
    )


def people(conn: Connection) -> None:
    """Each with the web password `a good password` and the app password of secret_of."""
    ids = []
    for name in PEOPLE:
        key = add_person(conn, name, f"{name}@example.com", password=HASHED, zone="Europe/Berlin", now=int(NOW))
        principals.add_app_password(conn, key, "tests", digest(secret_of(name)), int(NOW))
        ids.append(key)
    team = add_team(conn, "sales", "sales@example.com", now=int(NOW))
    for key in ids[:2]:
        principals.join_team(conn, team, key)


@dataclass(frozen=True)
class Reply:
    """headers: lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Whole:
    parts: Parts
    app: web.Application
    clock: Clock
    slept: Slept
    runner: Runner
    http: ClientSession

    @property
    def port(self) -> int:
        return self.runner.port

    @property
    def connections(self) -> int:
        server = self.runner.server
        return 0 if server is None else len(server.connections)

    async def __call__(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        *,
        user: str | None = "alice",
        password: str | None = None,
        **headers: str,
    ) -> Reply:
        """path: percent-encoded, sent as it is. headers: with underscores for dashes. user: None: not signed in."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if user is not None:
            given["Authorization"] = encode_basic_auth(user, secret_of(user) if password is None else password)
        url = URL(f"http://127.0.0.1:{self.port}{path}", encoded=True)
        octets = body.encode() if isinstance(body, str) else body
        data = None if octets is None else BytesIO(octets)
        async with self.http.request(method, url, data=data, headers=given, allow_redirects=False) as answer:
            return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, await answer.read())

    async def put(self, name: str, text: bytes | str, **headers: str) -> Reply:
        return await self("PUT", MERGED + name, text, **{"Content_Type": "text/calendar; charset=utf-8", **headers})

    async def report(self, kind: str, inner: str, path: str = MERGED, **headers: str) -> Reply:
        """kind: with the prefix D or C."""
        body = f'<{kind} xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{inner}</{kind}>'
        return await self("REPORT", path, body, **{"Depth": "1", **headers})

    async def form(self, path: str, *, cookie: str = "", origin: str | None = None, **fields: str) -> Reply:
        """POST as a browser sends it. origin: None: the page's own."""
        given = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{self.port}" if origin is None else origin}
        body, kind = urlencode(fields), "application/x-www-form-urlencoded"
        return await self("POST", path, body, user=None, Content_Type=kind, **given)

    async def sign_in(self, name: str, password: str = PASSWORD) -> tuple[Reply, str]:
        """On the log-in page, with the web password; the answer and the session's cookie, "" if there is none."""
        page = await self("GET", "/app/login", user=None)
        cookie = page.headers["set-cookie"].partition(";")[0]
        reply = await self.form("/app/login", cookie=cookie, name=name, password=password, csrf=csrf(page.text))
        return reply, reply.headers.get("set-cookie", "").partition(";")[0] if reply.status == 303 else ""

    async def state(self) -> bytes:
        """What alice's calendar holds, with the sync token."""
        return (await self.report("D:sync-collection", "<D:sync-token/><D:prop><D:getetag/></D:prop>")).body

    @property
    def faults(self) -> dict[str, int]:
        """Unexpected exceptions so far."""
        return {part: count for part, count in self.app[dav_keys.FAULTS].items() if count}


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    patience: Patience | None = None,
    fill: Callable[[Connection], None] | None = people,
    ready: Callable[[Parts], Awaitable[None]] | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Whole]:
    """fill: makes the people in a new database; None: it is there already. ready: called before the server listens."""
    migrate(settings.database.url)
    clock, slept = clock or Clock(), Slept()
    async with open_parts(settings, clock) as parts:
        if fill is not None:
            await parts.db.write(fill)
        if ready is not None:
            await ready(parts)
        app = make_app(parts)
        authenticator = Authenticator(parts.db, settings, clock, sleep=slept)
        app[dav_keys.AUTHENTICATOR] = app[web_keys.AUTHENTICATOR] = authenticator
        runner = await listen(app, "127.0.0.1:0", patience=patience)
        try:
            async with ClientSession() as http:
                yield Whole(parts, app, clock, slept, runner, http)
        finally:
            await runner.cleanup()


def event(uid: str, *more: str, start: str = ":20261124T090000Z", end: str = ":20261124T100000Z") -> str:
    """One event as clients send it. more: lines of it. start, end: from the parameters on."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", "BEGIN:VEVENT", f"UID:{uid}"]
    lines += ["DTSTAMP:20261101T000000Z", f"DTSTART{start}", f"DTEND{end}", "SUMMARY:Meeting", *more]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])
