"""Busy time as iCalendar: answers to clients, and the published URL (RFC 5545 3.6.4, CalConnect free/busy read URL)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from gateway.ical.published import told, utc
from gateway.ical.text import Component, Property, component, prop, serialise, text_prop
from gateway.model import Period

PRODID: Final = "-//gateway//calendar gateway//EN"


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
    properties = [prop("DTSTAMP", utc(stamp))]
    if uid:
        properties.insert(0, text_prop("UID", uid))
    properties.extend(one for one in (organizer, attendee) if one is not None)
    properties.extend(prop(name, value) for name, value in (more or {}).items())
    if stale:
        properties.append(prop("X-GATEWAY-STALE", str(len(stale))))
    return serialise(_calendar(told(properties, periods, start, end), method))


def _calendar(inner: Component, method: str) -> Component:
    head = [prop("VERSION", "2.0"), prop("PRODID", PRODID)]
    if method:
        head.append(prop("METHOD", method))
    return component("VCALENDAR", head, [inner])
