"""A running server with four people, and a way to ask it."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from aiohttp import ClientSession, encode_basic_auth
from aiohttp.test_utils import TestServer
from yarl import URL

from gateway.config import Settings
from gateway.store.database import Database
from tests.dav.site import PASSWORDS, make_app, make_database

NOW = 1_795_262_400.0  # 2026-11-21 12:00 UTC
PREFIXES = {
    "D": "DAV:",
    "C": "urn:ietf:params:xml:ns:caldav",
    "CS": "http://calendarserver.org/ns/",
    "A": "http://apple.com/ns/ical/",
}
FILES = Path(__file__).parent.parent / "data" / "dav"
DECLARED = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in PREFIXES.items())


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def xml(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.body)

    @property
    def hrefs(self) -> list[str]:
        """Of the responses, in order."""
        return [one.findtext("D:href", "", PREFIXES) for one in self.xml.findall("D:response", PREFIXES)]

    @property
    def statuses(self) -> dict[str, str]:
        """href -> status of responses that have one of their own."""
        found = {}
        for one in self.xml.findall("D:response", PREFIXES):
            status = one.findtext("D:status", None, PREFIXES)
            if status is not None:
                found[one.findtext("D:href", "", PREFIXES)] = status.split(" ", 1)[1]
        return found

    def props(self, href: str) -> dict[str, dict[str, ElementTree.Element]]:
        """Status -> name with prefix -> element, of one response."""
        [response] = [
            one for one in self.xml.findall("D:response", PREFIXES) if one.findtext("D:href", "", PREFIXES) == href
        ]
        return {
            stat.findtext("D:status", "", PREFIXES).split(" ", 2)[1]: {
                named(one): one for one in stat.find("D:prop", PREFIXES) or ()
            }
            for stat in response.findall("D:propstat", PREFIXES)
        }

    def value(self, href: str, name: str) -> str:
        """Text of a property that is there."""
        return self.props(href)["200"][name].text or ""

    @property
    def condition(self) -> str:
        """The one thing in a DAV:error."""
        root = self.xml
        assert root.tag == "{DAV:}error"
        [inner] = root
        return named(inner)


def named(element: ElementTree.Element) -> str:
    space, _, local = element.tag[1:].partition("}")
    prefix = next((key for key, value in PREFIXES.items() if value == space), space)
    return f"{prefix}:{local}"


class Client:
    def __init__(self, http: ClientSession, root: URL) -> None:
        self.http = http
        self.root = root

    async def __call__(
        self, method: str, path: str, body: str | bytes | None = None, *, user: str | None = "alice", **headers: str
    ) -> Reply:
        """path: percent-encoded, sent as it is. headers: with underscores for dashes."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if user:
            given["Authorization"] = encode_basic_auth(user, PASSWORDS.get(user, "wrong"))
        url = URL(f"{self.root}{path.lstrip('/')}", encoded=True)
        data = body.encode() if isinstance(body, str) else body
        async with self.http.request(method, url, data=data, headers=given, allow_redirects=False) as answer:
            return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, await answer.read())

    async def propfind(self, path: str, *names: str, depth: str = "0", **more: str) -> Reply:
        inner = "".join(f"<{name}/>" for name in names)
        body = f"<D:propfind {DECLARED}><D:prop>{inner}</D:prop></D:propfind>"
        return await self("PROPFIND", path, body, Depth=depth, **more)

    async def report(self, path: str, kind: str, inner: str, **headers: str) -> Reply:
        return await self("REPORT", path, f"<{kind} {DECLARED}>{inner}</{kind}>", **headers)

    async def put(self, name: str, text: str, **headers: str) -> Reply:
        return await self("PUT", f"{MERGED}{name}", text, Content_Type="text/calendar; charset=utf-8", **headers)


MERGED = "/dav/calendars/alice/merged/"


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("dav") / "gateway.sqlite"
    make_database(path).close()
    return path


@pytest.fixture
def db(filled: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(filled, tmp_path / "gateway.sqlite")
    database = Database(f"sqlite:///{tmp_path}/gateway.sqlite")
    yield database
    database.close()


@pytest.fixture
def settings() -> Settings:
    return Settings(limits={"resource_bytes": 50_000, "request_bytes": 20_000, "instances": 100, "multiget": 100})


@pytest.fixture
async def server(db: Database, settings: Settings) -> AsyncIterator[TestServer]:
    async with TestServer(make_app(db, settings, lambda: NOW)) as running:
        yield running


@pytest.fixture
async def ask(server: TestServer) -> AsyncIterator[Client]:
    async with ClientSession() as http:
        yield Client(http, server.make_url("/"))


def stored(name: str) -> str:
    """A file of tests/data/dav, with the line ends of iCalendar."""
    return (FILES / name).read_text(encoding="utf-8").replace("\n", "\r\n")


def event(
    uid: str, start: str = "20261124T090000Z", end: str = "20261124T100000Z", *more: str, summary: str = "Meeting"
) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20261101T000000Z",
        f"DTSTART:{start}" if ":" not in start else f"DTSTART{start}",
        f"DTEND:{end}" if ":" not in end else f"DTEND{end}",
        f"SUMMARY:{summary}",
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)
