"""Busy time as iCalendar: answers to clients, and the published URL (RFC 5545 3.6.4, CalConnect free/busy read URL)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from gateway.ical.text import Component, Property, component, prop, serialise, text_prop
from gateway.model import FbType, Period

PRODID: Final = "-//gateway//calendar gateway//EN"
PERIODS_A_LINE: Final = 40


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


def vfreebusy(
    periods: Sequence[Period],
    start: datetime,
    end: datetime,
    *,
    stamp: datetime,
    uid: str = "",
    organizer: Property | None = None,
    attendee: Property | None = None,
    method: str = "",
    stale: Sequence[str] = (),
    more: Mapping[str, str] | None = None,
) -> str:
    """A VCALENDAR with one VFREEBUSY for [start, end).

    stamp: DTSTAMP. method: REPLY for answers to a request, PUBLISH for the URL, "" for the REPORT (RFC 4791 7.10).
    stale: names of sources that could not be read lately; an answer that has any says so and never names them.
    more: further properties, name to raw value.
    """
    properties = [prop("DTSTAMP", utc(stamp)), prop("DTSTART", utc(start)), prop("DTEND", utc(end))]
    if uid:
        properties.insert(0, text_prop("UID", uid))
    properties.extend(one for one in (organizer, attendee) if one is not None)
    properties.extend(prop(name, value) for name, value in (more or {}).items())
    if stale:
        properties.append(prop("X-GATEWAY-STALE", str(len(stale))))
    properties.extend(freebusy_lines(periods))
    return serialise(_calendar(component("VFREEBUSY", properties), method))


def _calendar(inner: Component, method: str) -> Component:
    head = [prop("VERSION", "2.0"), prop("PRODID", PRODID)]
    if method:
        head.append(prop("METHOD", method))
    return component("VCALENDAR", head, [inner])
