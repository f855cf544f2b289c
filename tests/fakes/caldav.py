"""A small CalDAV server with the gaps and habits of real ones that Radicale does not have."""

import hashlib
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.sax.saxutils import escape

from aiohttp import web
from aiohttp.test_utils import TestServer
from lxml import etree

DAV = "{DAV:}"
MULTISTATUS = (
    '<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:S="http://calendarserver.org/ns/">{}</D:multistatus>'
)
CALENDAR = "/cal/ann%40example.com/work/"


def etag_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass
class CalDavServer:
    """One calendar at CALENDAR. objects: name -> text.

    tokens: it knows sync-collection. ctag: it has one. page: most members in one sync-collection answer. rewrites: it
    changes what it stores. lists_itself: its sync answers name the calendar too. no_xml: names of objects that break
    the XML of a multiget. stranger: what else a listing names. promises: its DAV header. status: of every answer,
    instead. challenge: the log-in it asks for.
    """

    objects: dict[str, str] = field(default_factory=dict)
    tokens: bool = True
    ctag: bool = True
    page: int = 1000
    rewrites: bool = False
    lists_itself: bool = False
    no_xml: set[str] = field(default_factory=set)
    stranger: str = ""
    promises: str = "1, calendar-access"
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    log: list[tuple[str, bool]] = field(default_factory=list)
    root: str = ""
    _server: TestServer | None = None

    async def __aenter__(self) -> "CalDavServer":
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._server = TestServer(application)
        await self._server.start_server()
        self.root = str(self._server.make_url("/")).rstrip("/")
        for name in self.objects:
            self.log.append((name, True))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            await self._server.close()

    @property
    def url(self) -> str:
        return self.root + CALENDAR

    def store(self, name: str, text: str | None) -> None:
        """Another client's change; None deletes."""
        if text is None:
            del self.objects[name]
        else:
            self.objects[name] = text
        self.log.append((name, text is not None))

    async def _answer(self, request: web.Request) -> web.Response:
        if self.status:
            return web.Response(status=self.status, headers=self.headers)
        path = unquote(request.raw_path)
        home = unquote(CALENDAR)
        if request.method == "OPTIONS" and path == home:
            return web.Response(headers={"DAV": self.promises})
        if request.method == "PROPFIND" and path == home:
            return self._propfind(request)
        if request.method == "REPORT" and path == home:
            return self._report(await request.read())
        if path.startswith(home):
            return await self._object(request, path.removeprefix(home))
        return web.Response(status=404)

    def _propfind(self, request: web.Request) -> web.Response:
        token = f"<D:sync-token>{self._token()}</D:sync-token>" if self.tokens else ""
        ctag = f"<S:getctag>{len(self.log)}</S:getctag>" if self.ctag else ""
        kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
        parts = [self._response(CALENDAR, kind + token + ctag)]
        if request.headers["Depth"] == "1":
            parts += [self._listed(name) for name in self.objects]
            parts.append(self.stranger)
        return self._multistatus(parts)

    def _token(self) -> str:
        return f"urn:token:{len(self.log)}"

    def _listed(self, name: str) -> str:
        return self._response(CALENDAR + name, f'<D:getetag>"{etag_of(self.objects[name])}"</D:getetag>')

    def _response(self, href: str, props: str) -> str:
        found = f"<D:propstat><D:prop>{props}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
        lost = "<D:propstat><D:prop><D:owner/></D:prop><D:status>HTTP/1.1 403 Forbidden</D:status></D:propstat>"
        return f"<D:response><D:href>{escape(href)}</D:href>{found}{lost}</D:response>"

    def _report(self, body: bytes) -> web.Response:
        asked = etree.fromstring(body)
        if asked.tag.endswith("calendar-multiget"):
            return self._multiget([unquote(href.text) for href in asked.iter(f"{DAV}href")])
        if not self.tokens:
            return web.Response(status=403, text='<D:error xmlns:D="DAV:"><D:supported-report/></D:error>')
        return self._sync(asked.findtext(f"{DAV}sync-token") or "urn:token:0")

    def _sync(self, token: str) -> web.Response:
        number = token.removeprefix("urn:token:")
        if not number.isdigit() or int(number) > len(self.log):
            error = '<D:error xmlns:D="DAV:"><D:valid-sync-token/></D:error>'
            return web.Response(status=403, text=error, content_type="application/xml")
        entries = self.log[int(number) : int(number) + self.page]
        reached = int(number) + len(entries)
        parts = [
            self._listed(name) if name in self.objects else self._gone(CALENDAR + name, "404 Not Found")
            for name in dict(entries)
        ]
        if reached < len(self.log):
            parts.append(self._gone(CALENDAR, "507 Insufficient Storage"))
        elif self.lists_itself:
            parts.append(self._response(CALENDAR, '<D:getetag>"whole"</D:getetag>'))
        return self._multistatus([*parts, f"<D:sync-token>urn:token:{reached}</D:sync-token>"])

    @staticmethod
    def _gone(href: str, status: str) -> str:
        return f"<D:response><D:href>{href}</D:href><D:status>HTTP/1.1 {status}</D:status></D:response>"

    def _multiget(self, paths: list[str]) -> web.Response:
        parts = []
        for path in paths:
            name = path.rpartition("/")[2]
            if name in self.objects:
                text = self.objects[name]
                carried = "\x0b" if name in self.no_xml else escape(text)
                etag = f'<D:getetag>"{etag_of(text)}"</D:getetag>'
                parts.append(self._response(path, f"{etag}<C:calendar-data>{carried}</C:calendar-data>"))
            else:
                parts.append(self._gone(path, "404 Not Found"))
        return self._multistatus(parts)

    async def _object(self, request: web.Request, name: str) -> web.Response:
        there = self.objects.get(name)
        wanted = request.headers.get("If-Match", "").strip('"')
        if (wanted and (there is None or wanted != etag_of(there))) or ("If-None-Match" in request.headers and there):
            return web.Response(status=412)
        if request.method == "PUT":
            text = (await request.read()).decode()
            self.store(name, text.replace("SUMMARY:", "SUMMARY:~") if self.rewrites else text)
            return web.Response(status=201 if there is None else 204)
        if there is None:
            return web.Response(status=404)
        if request.method == "DELETE":
            self.store(name, None)
            return web.Response(status=204)
        return web.Response(body=there.encode(), headers={"ETag": f'"{etag_of(there)}"'}, content_type="text/calendar")

    def _multistatus(self, parts: list[str]) -> web.Response:
        return web.Response(status=207, text=MULTISTATUS.format("".join(parts)), content_type="application/xml")
