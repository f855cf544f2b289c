"""Time zones by reference (RFC 7809): texts without the VTIMEZONEs of zones the world knows, and with them again."""

from collections.abc import Iterator
from typing import Final

from gateway.errors import GatewayError
from gateway.ical.text import Component, parse, serialise, without
from gateway.ical.zones.made import vtimezone
from gateway.ical.zones.names import iana

BEGIN: Final = "BEGIN:VTIMEZONE"
NAMED: Final = "TZID="


def without_zones(text: str) -> str:
    """Without the VTIMEZONEs that have the name of an IANA zone; else byte for byte, also what cannot be read."""
    if BEGIN not in text.upper():
        return text
    try:
        calendar = parse(text, lenient=True)
    except GatewayError:
        return text
    zones = [one for one in calendar.children("VTIMEZONE") if iana(one.text("TZID")) == one.text("TZID")]
    return without(calendar, {id(one) for one in zones}) if zones else text


def with_zones(text: str) -> str:
    """With a VTIMEZONE for every IANA zone that is named and not described; else byte for byte."""
    if NAMED not in text.upper():
        return text
    try:
        calendar = parse(text, lenient=True)
    except GatewayError:
        return text
    there = {one.text("TZID") for one in calendar.children("VTIMEZONE")}
    wanted = sorted({name for one in calendar.components for name in _named(one)} - there)
    missing = [serialise(vtimezone(name, 0)) for name in wanted if iana(name) is not None]
    return without(calendar, set(), "".join(missing)) if missing else text


def _named(one: Component) -> Iterator[str]:
    for line in one.properties:
        tzid = line.param("TZID")
        if tzid is not None:
            yield tzid
    for child in one.components:
        yield from _named(child)
