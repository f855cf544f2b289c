"""CPU time of the booking pages: a search for slots from the database, and whole page views of a real server.

    python tests/bench/booking_bench.py [--rounds 40] [--past 10000]

Ten hosts of one team, each with 200 events in the 30 days that are asked about. Then the first host gets `--past`
events before and after those days, and the same is measured again: what is not asked about should cost nothing.
Prints CPU milliseconds (median of the searches, mean of the page views), one core.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gateway.accounts.people import add_person, add_team
from gateway.booking import offer
from gateway.booking.offer import Visit
from gateway.config import Settings
from gateway.store import bookings, principals
from gateway.store.database import Connection, Database
from gateway.sync.context import Sync
from gateway.sync.write import stage_put
from tests.bench.run import free_port, running

HOSTS = 10
BUSY = 200
DAYS = 30
DAY = 86_400
ZONE = "Europe/Berlin"
NOW = int(time.time())
START = NOW - NOW % DAY + DAY
TYPES = {
    "single": {"title": "Talk", "length": 30, "step": 15},
    "collective": {"title": "Together", "length": 30, "step": 15, "mode": "collective"},
    "any": {"title": "Anybody", "length": 30, "step": 15, "mode": "round_robin"},
}


def event(uid: str, start: int, minutes: int) -> str:
    times = [f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}" for at in (start, start + minutes * 60)]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN", "BEGIN:VEVENT", f"UID:{uid}"]
    lines += [f"DTSTAMP:{times[0]}", f"DTSTART:{times[0]}", f"DTEND:{times[1]}", "SUMMARY:Busy"]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


def furnish(conn: Connection) -> None:
    people = [
        add_person(conn, f"host{number}", f"host{number}@example.com", zone=ZONE, now=NOW) for number in range(HOSTS)
    ]
    team = add_team(conn, "ten", "ten@example.com", members=people, zone=ZONE, now=NOW)
    bookings.put_event_type(conn, people[0], "single", TYPES["single"], position=0)
    for slug in ("collective", "any"):
        bookings.put_event_type(conn, team, slug, TYPES[slug], position=0)


def fill(conn: Connection, sync: Sync, number: int, count: int, spans: list[tuple[int, int]]) -> None:
    """That many events of the host's, spread over the spans; epoch seconds."""
    chance, person = random.Random(f"{number} {spans}"), principals.by_name(conn, f"host{number}")
    assert person is not None
    for index in range(count):
        low, high = chance.choice(spans)
        start = low + chance.randrange((high - low) // 900) * 900
        stage_put(conn, sync, person, event(f"{number}-{low}-{index}", start, chance.choice((15, 30, 60))))


def search(conn: Connection, name: str, slug: str) -> int:
    """What the page does for its month, from the database on."""
    of = offer.bookable(conn, name, slug)
    return len(offer.starts(conn, of, Visit(ZONE, NOW, 7 * DAY), START, START + DAYS * DAY))


def median(rounds: int, work: Callable[[], int]) -> tuple[float, int]:
    times, found = [], work()
    for _ in range(rounds):
        begin = time.process_time_ns()
        found = work()
        times.append((time.process_time_ns() - begin) / 1e6)
    return statistics.median(times), found


def searches(db: Database, rounds: int) -> Iterator[str]:
    for title, name, slug in (
        ("search, 1 host", "host0", "single"),
        ("search, 10 hosts, all free", "ten", "collective"),
        ("search, 10 hosts, any free", "ten", "any"),
    ):

        def work(name: str = name, slug: str = slug) -> int:
            return db.read_now(search, name, slug)

        took, found = median(rounds, work)
        yield f"{title:<34} {took:>8.2f} ms   {found} starts"


def cpu_ms(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 10.0  # ticks of 1/100 s, proc(5)


def view(url: str) -> int:
    """Bytes as sent, for a browser that takes gzip."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip", "Accept-Language": "de"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return len(answer.read())


def views(pid: int, base: str, rounds: int) -> Iterator[str]:
    for title, path in (
        ("page view, profile", "/host0"),
        ("page view, 1 host", "/host0/single"),
        ("page view, 10 hosts, all free", "/team/ten/collective"),
        ("page view, 10 hosts, any free", "/team/ten/any"),
    ):
        for _ in range(5):
            size = view(base + path)
        count, begin = rounds * 5, cpu_ms(pid)
        for _ in range(count):
            size = view(base + path)
        yield f"{title:<34} {(cpu_ms(pid) - begin) / count:>8.2f} ms   {size} bytes of HTML"


@contextmanager
def serving(command: list[str], port: int) -> Iterator[tuple[int, str]]:
    with running([*command, "serve"], port) as pid:
        yield pid, f"http://127.0.0.1:{port}"


def configure(folder: Path, port: int) -> list[str]:
    config = folder / "gateway.toml"
    config.write_text(
        f'[server]\nlisten = "127.0.0.1:{port}"\nbase_url = "http://127.0.0.1:{port}"\n'
        f'[database]\nurl = "sqlite:///{folder}/gateway.sqlite"\n[secrets]\nkey_file = "{folder}/secret.key"\n'
    )
    command = [sys.executable, "-m", "gateway", "--config", str(config)]
    subprocess.run([*command, "migrate"], check=True, stdout=subprocess.DEVNULL)
    return command


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--past", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        command = configure(folder, port)
        db = Database(f"sqlite:///{folder}/gateway.sqlite")
        sync = Sync(db, Settings(), _no_backend, time.time, _no_sleep)
        db.write_now(furnish)
        for number in range(HOSTS):
            db.write_now(fill, sync, number, BUSY, [(START, START + DAYS * DAY)])
        for title in ("", f"with {options.past} events of the first host at other times"):
            if title:
                around = [(START - 1000 * DAY, START - 40 * DAY), (START + 80 * DAY, START + 300 * DAY)]
                db.write_now(fill, sync, 0, options.past, around)
                sys.stdout.write(f"\n{title}\n")
            with serving(command, port) as (pid, base):
                for line in (*searches(db, options.rounds), *views(pid, base, options.rounds)):
                    sys.stdout.write(line + "\n")


def _no_backend(_row: object) -> object:
    raise AssertionError("nothing here lives at a provider")


async def _no_sleep(_seconds: float) -> None:
    raise AssertionError("nothing here waits")


if __name__ == "__main__":
    main()
