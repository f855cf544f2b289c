"""What lets litmus, which works on folders of files, work on a server of calendars.

Its folder becomes a calendar, a folder in that one a calendar beside it, and each file an event that carries the file;
everything else goes through as it is, both ways. `python tests/conformance/litmus_front.py PORT SERVER`.
"""

import base64
import re
import sys
from uuid import uuid4

from aiohttp import ClientSession, web
from yarl import URL

MADE = (
    b'<mkcol xmlns="DAV:"><set><prop><resourcetype><collection/><calendar xmlns="urn:ietf:params:xml:ns:caldav"/>'
    b"</resourcetype></prop></set></mkcol>"
)
INNER = re.compile(r"(.*/litmus)/([^/]+)(/.*)")
HELD = "X-LITMUS:"
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "host", "expect", "accept-encoding"}
SERVER = web.AppKey("server", str)
HTTP = web.AppKey("http", ClientSession)
UIDS = web.AppKey("uids", dict[str, str])
"""Path of a file -> the UID of its event."""


def wrapped(uid: str, file: bytes) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", "BEGIN:VEVENT", f"UID:{uid}"]
    lines += ["DTSTAMP:20261121T000000Z", "DTSTART:20261121T000000Z", HELD + base64.b64encode(file).decode()]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


def unwrapped(text: bytes) -> bytes:
    held = [line for line in text.decode().split("\r\n") if line.startswith(HELD)]
    return base64.b64decode(held[0].removeprefix(HELD)) if held else text


def beside(path: str, files: dict[str, str]) -> str:
    found = INNER.fullmatch(path)
    return path if found is None or f"{found[1]}/{found[2]}" in files else f"{found[1]}-{found[2]}{found[3]}"


def keep_account(method: str, path: str, destination: str, files: dict[str, str]) -> None:
    """After a success."""
    if method == "DELETE":
        for gone in [one for one in files if one == path or one.startswith(path.rstrip("/") + "/")]:
            del files[gone]
    if method == "MOVE" and path in files:
        files[destination] = files.pop(path)


async def forward(request: web.Request) -> web.Response:
    files, method, body = request.app[UIDS], request.method, await request.read()
    asked = request.raw_path if method != "MKCOL" else request.raw_path.rstrip("/") + "/"
    path = beside(asked, files)
    headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
    headers["Accept-Encoding"] = "identity"
    if "Destination" in headers:
        headers["Destination"] = beside(URL(headers["Destination"], encoded=True).raw_path, files)
    if method == "MKCOL" and not body:
        body = MADE
        headers |= {"Content-Type": "application/xml", "Content-Length": str(len(MADE))}
    if method == "PUT":
        body = wrapped(files.setdefault(path, str(uuid4())), body)
        headers |= {"Content-Type": "text/calendar", "Content-Length": str(len(body))}
    url = URL(request.app[SERVER] + path, encoded=True)
    async with request.app[HTTP].request(method, url, headers=headers, data=body, allow_redirects=False) as answer:
        sent = await answer.read()
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
    if method == "GET" and answer.status == 200:
        sent = unwrapped(sent)
    if answer.status < 300:
        keep_account(method, path, headers.get("Destination", ""), files)
    kept.pop("Content-Length", None)
    return web.Response(status=answer.status, headers=kept, body=sent)


async def front(server: str) -> web.Application:
    app = web.Application()
    app[SERVER] = server
    app[UIDS] = {}
    app[HTTP] = ClientSession(skip_auto_headers={"Content-Type", "User-Agent"})
    app.on_cleanup.append(lambda running: running[HTTP].close())
    app.router.add_route("*", "/{path:(?s:.*)}", forward)
    return app


def tell() -> None:
    """Once it listens."""
    sys.stdout.write("listening\n")
    sys.stdout.flush()


if __name__ == "__main__":
    web.run_app(front(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), print=lambda _: tell())
