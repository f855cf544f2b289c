"""Hosts, questions and answers in clock times; those of the named zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.booking.slots import Asked, Host, Rules, Taken, slots
from gateway.freebusy.availability import Window, WorkingHours, clock, week
from gateway.model import FbType

BERLIN = "Europe/Berlin"
TIMES = range(7)


def at(text: str, zone: str = BERLIN, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp())


def windows(text: str) -> tuple[Window, ...]:
    """ "09:00-12:00 13:00-17:00"."""
    return tuple(Window(*map(clock, part.split("-"))) for part in text.split())


def hours(text: str = "09:00-17:00", zone: str = BERLIN, days=TIMES, **more) -> WorkingHours:
    return WorkingHours(zone, week(days, windows(text)), **more)


def busy(*periods: str, day: str = "2026-06-10", fbtype: FbType = FbType.BUSY, zone: str = BERLIN):
    return tuple((at(f"{day}T{a}", zone), at(f"{day}T{b}", zone), fbtype) for a, b in (p.split("-") for p in periods))


def ask(rules: Rules, *hosts: Host, now: str = "2026-06-01T00:00", zone: str = BERLIN, without=()) -> Asked:
    return Asked(rules, hosts or (Host("anna", hours()),), at(now), zone, frozenset(without))


def offered(asked: Asked, first: str = "2026-06-10", last: str | None = None, zone: str = BERLIN) -> str:
    """The starts of the dates, as clock times; several dates are named."""
    start = datetime.fromisoformat(first).replace(tzinfo=ZoneInfo(zone))
    end = datetime.fromisoformat(last or first).replace(tzinfo=ZoneInfo(zone), hour=23, minute=59)
    found = [
        datetime.fromtimestamp(s, ZoneInfo(zone)) for s in slots(asked, int(start.timestamp()), int(end.timestamp()))
    ]
    return " ".join(f"{s:%H:%M}" if last is None else f"{s:%d.%H:%M}" for s in found)


def booking(key: str, start: str, end: str, day: str = "2026-06-10", **more) -> Taken:
    return Taken(key, at(f"{day}T{start}"), at(f"{day}T{end}"), **more)
