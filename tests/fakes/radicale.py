"""A real Radicale server, run as people run it: `python -m radicale` over a folder, with an htpasswd file."""

import base64
import itertools
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.request import Request, urlopen

PASSWORD = "s3cret/ü"
CALENDAR = """<?xml version="1.0"?>
<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>
<displayname>{name}</displayname></prop></set></C:mkcalendar>"""


@dataclass(frozen=True)
class Person:
    """url: of her principal. folder: Radicale's, for the backend that reads it directly."""

    name: str
    url: str
    folder: Path
    password: str = PASSWORD

    def path(self, calendar: str = "work") -> str:
        return f"/{self.name}/{calendar}/"


@dataclass
class RadicaleServer:
    root: str
    folder: Path
    _people: Iterator[int] = field(default_factory=itertools.count)

    def person(self, *calendars: str) -> Person:
        """Somebody new, with these calendars."""
        name = f"person{next(self._people)}"
        with (self.folder / "users").open("a", encoding="utf-8") as users:
            users.write(f"{name}:{PASSWORD}\n")
        person = Person(name, f"{self.root}/{name}/", self.folder)
        for calendar in calendars:
            self.request(person, "MKCALENDAR", person.path(calendar), CALENDAR.format(name=calendar.title()))
        return person

    def request(self, person: Person, method: str, path: str, body: str = "", **headers: str) -> tuple[str, str]:
        """Another client's request. Returns: body and ETag (without quotes) of the answer."""
        token = base64.b64encode(f"{person.name}:{person.password}".encode()).decode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(
            self.root + path, body.encode() or None, {"Authorization": f"Basic {token}", **named}, method=method
        )
        with urlopen(request) as answer:
            return answer.read().decode(), (answer.headers.get("ETag") or "").strip('"')

    def put(self, person: Person, path: str, text: str) -> str:
        """Returns: the new ETag."""
        return self.request(person, "PUT", path, text, Content_Type="text/calendar; charset=utf-8")[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_radicale(folder: Path) -> Iterator[RadicaleServer]:
    """A server on a free port, over `folder`; another port if somebody was faster."""
    (folder / "users").write_text("", encoding="utf-8")
    port = free_port()
    settings = folder / "radicale.conf"
    settings.write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n"
        f"[auth]\ntype = htpasswd\nhtpasswd_filename = {folder / 'users'}\nhtpasswd_encryption = plain\ndelay = 0\n"
        f"[storage]\nfilesystem_folder = {folder}\n"
        "[logging]\nlevel = info\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "radicale", "--config", str(settings)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stderr is not None
        ready = any("server ready" in line for line in process.stderr)
        if ready:
            Thread(target=process.stderr.read, daemon=True).start()
            try:
                yield RadicaleServer(f"http://127.0.0.1:{port}", folder)
            finally:
                process.terminate()
    if not ready:
        with running_radicale(folder) as server:
            yield server
