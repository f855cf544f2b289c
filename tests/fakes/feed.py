"""A web server that publishes one iCalendar file, in all the ways such servers do and misbehave."""

import gzip
import hashlib
import re
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from aiohttp import web
from aiohttp.test_utils import TestServer

ETAG = re.compile(r'(?:W/)?"[!#-~]*"')


@dataclass
class FeedServer:
    """What is published, and how; change it between two requests.

    etags, last_modified: whether (and when) the server says so. status: answered instead of the file. moved: path ->
    Location. cut: the connection ends in the middle. answered: status of each answer so far.
    """

    text: str
    etags: bool = True
    last_modified: str = ""
    gzipped: bool = False
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "text/calendar; charset=utf-8"
    charset: str = "utf-8"
    moved: dict[str, str] = field(default_factory=dict)
    moved_with: int = 302
    cut: bool = False
    password: str = ""
    answered: list[int] = field(default_factory=list)
    seen_authorization: list[bool] = field(default_factory=list)
    url: str = ""
    _server: TestServer | None = None

    async def __aenter__(self) -> "FeedServer":
        application = web.Application()
        application.router.add_get("/{path:.*}", self._get)
        self._server = TestServer(application)
        await self._server.start_server()
        self.url = str(self._server.make_url("/calendar.ics"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.close()

    async def _get(self, request: web.Request) -> web.StreamResponse:
        self.seen_authorization.append("Authorization" in request.headers)
        response = await self._answer(request)
        self.answered.append(response.status)
        return response

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path in self.moved:
            return web.Response(status=self.moved_with, headers={"Location": self.moved[request.path]})
        if self.password and request.headers.get("Authorization", "") != self.password:
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="feed"'})
        if self.status != 200:
            return web.Response(status=self.status, headers=self.headers)
        body = self.text.encode(self.charset)
        headers = {"Content-Type": self.content_type, **self.headers, **self._validators(body)}
        if self._is_known(request, headers):
            return web.Response(
                status=304, headers={k: v for k, v in headers.items() if k in {"ETag", "Last-Modified"}}
            )
        if self.cut:
            return await self._half(request, body, headers)
        if self.gzipped:
            assert "gzip" in request.headers["Accept-Encoding"]
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        return web.Response(body=body, headers=headers)

    def _validators(self, body: bytes) -> dict[str, str]:
        etag = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"'} if self.etags else {}
        return etag | ({"Last-Modified": self.last_modified} if self.last_modified else {})

    def _is_known(self, request: web.Request, headers: dict[str, str]) -> bool:
        """RFC 9110 13.2.2, and strict about what a client may send."""
        given = request.headers.get("If-None-Match")
        if given is not None:
            assert ETAG.fullmatch(given), f"not an entity tag: {given}"
            return given == headers.get("ETag")
        since = request.headers.get("If-Modified-Since")
        if since is None or not self.last_modified:
            return False
        return parsedate_to_datetime(self.last_modified) <= parsedate_to_datetime(since)

    async def _half(self, request: web.Request, body: bytes, headers: dict[str, str]) -> web.StreamResponse:
        response = web.StreamResponse(headers=headers | {"Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        assert request.transport is not None
        request.transport.close()
        return response
