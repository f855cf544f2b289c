"""Whole calendars: a feed taken apart into objects, objects put together into one file."""

import re
from collections.abc import Iterable
from hashlib import blake2b
from itertools import count

from gateway.ical.objects.parsed import etag_of, given_zones, group, tzids, uid_of
from gateway.ical.text import Component, component, fold, parse, prop, serialise, text_prop
from gateway.model import CalendarObject

SAFE_UID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,119}")
TZID = re.compile(r"(;TZID=)(\"[^\"]*\"|[^;:\"]*)", re.IGNORECASE)
LONE_LF = re.compile(r"(?<!\r)\n")
PRODID = "-//Gateway//Calendar//EN"


def href_of(uid: str) -> str:
    """A name for the object of a UID: the UID itself where that is harmless, else a hash of it."""
    if SAFE_UID.fullmatch(uid) and not uid.startswith("h-"):
        return f"{uid}.ics"
    return f"h-{blake2b(uid.encode(errors='surrogatepass'), digest_size=16).hexdigest()}.ics"


def split(text: str | bytes) -> list[CalendarObject]:
    """One object for each UID of a feed, with the VTIMEZONEs it names, in order of appearance.

    The components stay as they are written (line ends become CRLF); those without UID get a stable one.
    Raises: InvalidCalendarData only if it is no iCalendar at all.
    """
    calendar = parse(text, lenient=True)
    zones = given_zones(calendar)
    head = [line for name in ("PRODID", "CALSCALE", "X-WR-TIMEZONE") if (line := calendar.first(name)) is not None]
    if not head or head[0].name != "PRODID":
        head.insert(0, prop("PRODID", PRODID))
    found = []
    for uid, members in group(calendar.components).items():
        named = set().union(*(tzids(one) for one in members))
        parts = [zones[name] for name in sorted(named) if name in zones]
        whole = component(
            "VCALENDAR", [prop("VERSION", "2.0"), *head], [*parts, *(_named(one, uid) for one in members)]
        )
        written = crlf(serialise(whole))
        found.append(CalendarObject(href_of(uid), written, etag_of(written)))
    return found


def crlf(text: str) -> str:
    """The text with every line end as CRLF, the last one too."""
    ended = text if text.endswith("\n") else text + "\r\n"
    return LONE_LF.sub("\r\n", ended)


def _named(one: Component, uid: str) -> Component:
    if one.text("UID").strip():
        return one
    one.properties[:] = [text_prop("UID", uid), *(line for line in one.properties if line.name != "UID")]
    return one


def combine(objects: Iterable[str], prodid: str, name: str = "") -> str:
    """One calendar of many objects; each VTIMEZONE once.

    A TZID that two objects define differently keeps its name for the first and is renamed for the other.
    """
    zones: dict[str, str] = {}
    parts: list[str] = []
    for text in objects:
        calendar = parse(text, lenient=True)
        renamed: dict[str, str] = {}
        for one in calendar.components:
            if one.name == "VTIMEZONE":
                _add_zone(one, zones, renamed)
        for one in calendar.components:
            if one.name != "VTIMEZONE":
                if renamed:
                    _rename(one, renamed)
                parts.append(crlf(serialise(one)))
    head = [prop("VERSION", "2.0"), text_prop("PRODID", prodid)]
    if name:
        head += [text_prop("NAME", name), text_prop("X-WR-CALNAME", name)]
    lines = "".join(line.raw for line in head)
    return f"BEGIN:VCALENDAR\r\n{lines}{''.join(zones.values())}{''.join(parts)}END:VCALENDAR\r\n"


def _add_zone(zone: Component, zones: dict[str, str], renamed: dict[str, str]) -> None:
    written = crlf(serialise(zone))
    tzid = zone.text("TZID")
    if zones.setdefault(tzid, written) == written:
        return
    for number in count(2):
        other = f"{tzid} {number}"
        again = "".join(fold(f"TZID:{other}") if line == _tzid_line(zone) else line for line in _content(written))
        if zones.setdefault(other, again) == again:
            renamed[tzid] = other
            return


def _tzid_line(zone: Component) -> str:
    line = zone.first("TZID")
    return crlf(line.raw) if line is not None else ""


def _content(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n(?:[ \t][^\n]*\n)*", text)


def _rename(one: Component, renamed: dict[str, str]) -> None:
    for at, line in enumerate(one.properties):
        tzid = line.param("TZID")
        if tzid in renamed:
            params = {key: ",".join(values) for key, values in line.params.items()}
            one.properties[at] = prop(line.name, line.value, {**params, "TZID": renamed[tzid]})
    for child in one.components:
        _rename(child, renamed)


__all__ = ["combine", "crlf", "href_of", "split", "uid_of"]
