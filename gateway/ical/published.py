"""Busy time that is told as VFREEBUSY, without a word of what it is (RFC 5545 3.6.4)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.ical.text import Component, Property, component, parse, prop, serialise
from gateway.model import FbType, Period

PERIODS_A_LINE: Final = 40
UNKNOWN: Final = timedelta(days=3 * 366)
"""How long after its end a VFREEBUSY is taken to say that there is no time."""


def utc(instant: datetime) -> str:
    """UTC DATE-TIME form."""
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def freebusy_lines(periods: Sequence[Period]) -> list[Property]:
    """FREEBUSY properties in order of time, neighbours of one kind together in one property."""
    lines: list[Property] = []
    at = 0
    while at < len(periods):
        kind = periods[at].fbtype
        until = at
        while until < len(periods) and periods[until].fbtype == kind and until - at < PERIODS_A_LINE:
            until += 1
        value = ",".join(f"{utc(p.start)}/{utc(p.end)}" for p in periods[at:until])
        lines.append(prop("FREEBUSY", value, {} if kind == FbType.BUSY else {"FBTYPE": kind.token}))
        at = until
    return lines


def told(head: Sequence[Property], periods: Sequence[Period], start: datetime, end: datetime) -> Component:
    """A VFREEBUSY of [start, end). head: what comes before its times, UID and DTSTAMP among it."""
    times = (prop("DTSTART", utc(start)), prop("DTEND", utc(end)))
    return component("VFREEBUSY", [*head, *times, *freebusy_lines(periods)])


def closed_beyond(text: str) -> str:
    """The text with time of which its VFREEBUSY tell nothing any more as busy: who does not say is not free.

    The very text where it has no VFREEBUSY that ends.
    """
    calendar = parse(text, lenient=True)
    closed = False
    for one in calendar.children("VFREEBUSY"):
        end = _instant(one.text("DTEND"))
        if end is not None:
            one.properties.extend(freebusy_lines([Period(end, end + UNKNOWN, FbType.UNAVAILABLE)]))
            closed = True
    return serialise(calendar) if closed else text


def _instant(text: str) -> datetime | None:
    """UTC DATE-TIME, as a VFREEBUSY has to have it; None for anything else."""
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
