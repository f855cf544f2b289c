"""CPU time of one search for slots: 30 days, 30-minute event every 15 minutes, 200 busy times a host.

Run: python tests/bench/slots_bench.py
"""

import random
import statistics
import sys
import time
from datetime import UTC, datetime

from gateway.booking.slots import Asked, Host, Mode, Rules, slots
from gateway.freebusy.availability import Window, WorkingHours, week
from gateway.model import FbType

START = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
DAYS = 30
BUSY = 200
ROUNDS = 40


def host(number: int) -> Host:
    """Hours of a working week, each host's a little different; busy times sorted, as the store gives them."""
    chance = random.Random(number)
    opens = 480 + 15 * (number % 5)
    hours = WorkingHours("Europe/Berlin", week(range(5), (Window(opens, 720), Window(780, opens + 540))))
    busy = []
    for _ in range(BUSY):
        start = START + chance.randrange(DAYS * 96) * 900
        busy.append((start, start + chance.choice((900, 1800, 3600)), FbType.BUSY))
    return Host(f"host{number}", hours, tuple(sorted(busy)))


def measure(count: int, mode: Mode, step: int) -> tuple[int, float, float]:
    """(starts, median ms, best ms)."""
    asked = Asked(Rules(30, step=step, mode=mode), tuple(map(host, range(count))), START, "Europe/Berlin")
    times = []
    for _ in range(ROUNDS):
        begin = time.process_time_ns()
        found = slots(asked, START, START + DAYS * 86400)
        times.append((time.process_time_ns() - begin) / 1e6)
    return len(found), statistics.median(times), min(times)


def main() -> None:
    sys.stdout.write(f"{'hosts':>5}  {'mode':<12} {'step':>4} {'starts':>7} {'median ms':>10} {'best ms':>8}\n")
    for count, mode in (
        (1, Mode.SINGLE),
        (10, Mode.COLLECTIVE),
        (10, Mode.ROUND_ROBIN),
        (50, Mode.COLLECTIVE),
        (50, Mode.ROUND_ROBIN),
    ):
        for step in (15, 45):
            starts, median, best = measure(count, mode, step)
            sys.stdout.write(f"{count:>5}  {mode:<12} {step:>4} {starts:>7} {median:>10.2f} {best:>8.2f}\n")


if __name__ == "__main__":
    main()
