"""Measures two checkouts of the gateway in turns, round by round, on one machine.

    python tests/bench/compare.py OLD NEW [--events 1000] [--rounds 40]      # folders of two checkouts

A machine's mood changes a figure more than a commit does; in turns, both meet the same one. Prints the least server CPU
milliseconds of an operation in any round (all threads, from the scheduler's own count; Linux), and new over old.
"""

import argparse
import base64
import http.client
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, chdir
from dataclasses import dataclass
from pathlib import Path

from run import free_port, gateway, running

AUTHORIZATION = "Basic " + base64.b64encode(b"alice:alicepw").decode()
XML = {"Content-Type": "application/xml", "Depth": "0"}
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:2026{month:02}{day:02}T{hour:02}0000Z\r\nDURATION:PT1H\r\nSUMMARY:{title}\r\n{rule}"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"'
CTAG = f"<D:propfind {SPACES}><D:prop><S:getctag/><D:sync-token/></D:prop></D:propfind>"
ETAGS = f"<D:propfind {SPACES}><D:prop><D:getetag/></D:prop></D:propfind>"
SYNC = f"<D:sync-collection {SPACES}><D:sync-token>{{}}</D:sync-token><D:prop><D:getetag/></D:prop></D:sync-collection>"
BUSY = (
    f'<C:free-busy-query {SPACES}><C:time-range start="20260601T000000Z" end="20260701T000000Z"/></C:free-busy-query>'
)
QUERY = (
    f"<C:calendar-query {SPACES}><D:prop><D:getetag/><C:calendar-data>{{inner}}</C:calendar-data></D:prop><C:filter>"
    '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="202606{first}T000000Z" '
    'end="{last}T000000Z"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>'
)
EXPAND = '<C:expand start="20260601T000000Z" end="20260701T000000Z"/>'
MULTIGET = f"<C:calendar-multiget {SPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>{{}}</C:calendar-multiget>"


def event(number: int, uid: str, title: str = "Besprechung") -> str:
    rule = "RRULE:FREQ=WEEKLY;COUNT=10\r\n" if number % 7 == 0 else ""
    day, month = 1 + number % 27, 1 + number // 27 % 12
    return EVENT.format(uid=uid, month=month, day=day, hour=8 + number % 9, title=title, rule=rule)


@dataclass
class Server:
    """One checkout being served. count: operations done so far, so that each is another one."""

    pid: int
    path: str
    events: int
    connection: http.client.HTTPConnection
    count: int = 0
    token: str = ""

    def ask(self, method: str, name: str = "", body: str = "", **headers: str) -> str:
        """Raises: SystemExit for anything but success."""
        given = {"Authorization": AUTHORIZATION, **(XML if body.startswith("<") else {}), **headers}
        self.connection.request(method, self.path + name, body.encode(), given)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status >= 300:
            raise SystemExit(f"{method} {name}: {answer.status} {text}")
        return text

    def put(self, number: int, kind: str = "a", title: str = "Besprechung") -> None:
        text = event(number, f"{kind}{number}@bench", title)
        self.ask("PUT", f"{kind}{number}.ics", text, **{"Content-Type": "text/calendar"})

    @property
    def some(self) -> int:
        return self.count * 7919 % self.events

    def cpu(self) -> float:
        """Milliseconds so far."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def change(server: Server) -> None:
    server.put(server.some, title=f"Besprechung {server.count}")


def changes(server: Server) -> None:
    """What changed since the last time this was asked."""
    answer = server.ask("REPORT", body=SYNC.format(server.token))
    server.token = answer.rpartition("<D:sync-token>")[2].partition("<")[0]


def multiget(server: Server) -> None:
    hrefs = "".join(f"<D:href>{server.path}a{number}.ics</D:href>" for number in range(100))
    server.ask("REPORT", body=MULTIGET.format(hrefs))


OPERATIONS: dict[str, tuple[int, Callable[[Server], object]]] = {
    "GET one": (60, lambda server: server.ask("GET", f"a{server.some}.ics")),
    "PROPFIND 0, ctag and sync-token": (60, lambda server: server.ask("PROPFIND", body=CTAG)),
    "sync-collection, no change": (60, changes),
    "PUT new": (20, lambda server: server.put(server.count, "b")),
    "DELETE": (20, lambda server: server.ask("DELETE", f"b{server.count}.ics")),
    "PUT update": (20, change),
    "PROPFIND 1, all ETags": (3, lambda server: server.ask("PROPFIND", body=ETAGS, Depth="1")),
    "sync-collection, initial": (3, lambda server: server.ask("REPORT", body=SYNC.format(""))),
    "calendar-query, a day": (20, lambda server: query(server, "10", "20260611")),
    "calendar-query, a month": (3, lambda server: query(server, "01", "20260701")),
    "the same, expanded": (2, lambda server: query(server, "01", "20260701", EXPAND)),
    "free-busy-query, a month": (5, lambda server: server.ask("REPORT", body=BUSY)),
    "calendar-multiget 100": (5, multiget),
}
"""Operations of a round, and how one is done."""


def query(server: Server, first: str, last: str, inner: str = "") -> str:
    return server.ask("REPORT", body=QUERY.format(inner=inner, first=first, last=last), Depth="1")


def start(stack: ExitStack, tree: Path, events: int) -> Server:
    port = free_port()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    with chdir(tree):  # -m takes the package from here
        os.environ["PYTHONPATH"] = str(tree)
        command, path, _ = gateway(folder, port, folder)
        pid = stack.enter_context(running(command, port))
    server = Server(pid, path, events, http.client.HTTPConnection("127.0.0.1", port))
    for number in range(events):
        server.put(number)
    return server


def least(servers: list[Server], times: int, do: Callable[[Server], object], rounds: int) -> list[float]:
    """Milliseconds for one operation, of each server."""
    found = [float("inf")] * len(servers)
    for server in servers:
        server.count = server.events
    for _ in range(rounds):
        for index, server in enumerate(servers):
            before = server.cpu()
            for _ in range(times):
                server.count += 1
                do(server)
            time.sleep(0.01)  # what a request leaves to be done afterwards counts as well
            found[index] = min(found[index], (server.cpu() - before) / times)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--events", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with ExitStack() as stack:
        servers = [start(stack, tree.resolve(), options.events) for tree in (options.old, options.new)]
        for name, (times, do) in OPERATIONS.items():
            old, new = least(servers, times, do, options.rounds)
            sys.stdout.write(f"{name:34} {old:8.3f} {new:8.3f}  {new / old:.2f}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
