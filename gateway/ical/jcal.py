"""iCalendar as JSON: jCal (RFC 7265), both ways."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from gateway.errors import InvalidCalendarData
from gateway.ical.text import Component, Property, component, escape, prop, unescape
from gateway.ical.text.values import NAME, split_escaped

Json = Any
"""What a JSON text holds: it comes from outside, and its shape is looked at piece by piece."""

DATE: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
TIME: Final = re.compile(r"(\d\d):?(\d\d):?(\d\d)(Z?)", re.ASCII)
OFFSET: Final = re.compile(r"([+-]\d\d):?(\d\d):?(\d\d)?", re.ASCII)
NUMBER: Final = re.compile(r"[+-]?\d{1,15}", re.ASCII)
MOST_DEEP: Final = 16
PLAIN: Final = {"BINARY", "CAL-ADDRESS", "DURATION", "URI", "UNKNOWN"}

DEFAULTS: Final[Mapping[str, str]] = {
    name: kind
    for kind, names in {
        "DATE-TIME": "DTSTART DTEND DUE RECURRENCE-ID EXDATE RDATE COMPLETED CREATED DTSTAMP LAST-MODIFIED"
        " ACKNOWLEDGED",
        "DURATION": "DURATION TRIGGER",
        "CAL-ADDRESS": "ATTENDEE ORGANIZER CALENDAR-ADDRESS",
        "URI": "ATTACH URL TZURL SOURCE IMAGE CONFERENCE",
        "INTEGER": "PERCENT-COMPLETE PRIORITY SEQUENCE REPEAT",
        "FLOAT": "GEO",
        "UTC-OFFSET": "TZOFFSETFROM TZOFFSETTO",
        "RECUR": "RRULE EXRULE",
        "PERIOD": "FREEBUSY",
        "TEXT": "CALSCALE METHOD PRODID VERSION CATEGORIES CLASS COMMENT DESCRIPTION LOCATION RESOURCES STATUS SUMMARY"
        " TRANSP TZID TZNAME CONTACT RELATED-TO UID ACTION REQUEST-STATUS NAME COLOR BUSYTYPE PROXIMITY",
    }.items()
    for name in names.split()
}
LISTS: Final = {"CATEGORIES", "RESOURCES", "EXDATE", "RDATE", "FREEBUSY"}
PARTS: Final = {"GEO", "REQUEST-STATUS"}
"""Properties whose value is made of parts with a semicolon between them."""


def to_jcal(calendar: Component) -> str:
    """The component as JSON text. A value that is not of its type stays as it is written."""
    return json.dumps(_component(calendar), ensure_ascii=False, separators=(",", ":"))


def _component(one: Component) -> list[Json]:
    return [one.name.lower(), [_property(line) for line in one.properties], [_component(c) for c in one.components]]


def _property(line: Property) -> list[Json]:
    params = {name: values for name, values in line.params.items() if name != "VALUE"}
    kind = (line.param("VALUE") or DEFAULTS.get(line.name, "UNKNOWN")).upper()
    said = {name.lower(): values[0] if len(values) == 1 else list(values) for name, values in params.items()}
    return [line.name.lower(), said, kind.lower(), *_values(line, kind)]


def _values(line: Property, kind: str) -> list[Json]:
    read = WRITTEN.get(kind, str)
    if line.name in PARTS:
        return [[read(part) for part in split_escaped(line.value, ";")]]
    if line.name in LISTS:
        return [read(part) for part in split_escaped(line.value)]
    return [read(line.value)]


def _date(value: str) -> str:
    found = DATE.fullmatch(value)
    return value if found is None else "-".join(found.groups())


def _date_time(value: str) -> str:
    day, mark, clock = value.partition("T")
    found = TIME.fullmatch(clock)
    if not mark or found is None:
        return _date(value)
    return f"{_date(day)}T{found[1]}:{found[2]}:{found[3]}{found[4]}"


def _time(value: str) -> str:
    found = TIME.fullmatch(value)
    return value if found is None else f"{found[1]}:{found[2]}:{found[3]}{found[4]}"


def _offset(value: str) -> str:
    found = OFFSET.fullmatch(value)
    return value if found is None else ":".join(part for part in found.groups() if part)


def _period(value: str) -> Json:
    start, slash, end = value.partition("/")
    return [_date_time(start), end if end[:1] in "Pp+-" else _date_time(end)] if slash else value


def _recur(value: str) -> Json:
    rule: dict[str, Json] = {}
    for part in value.split(";"):
        name, _, given = part.partition("=")
        values = [_rule_value(name.upper(), one) for one in given.split(",")]
        rule[name.lower()] = values[0] if len(values) == 1 else values
    return rule


def _rule_value(name: str, value: str) -> Json:
    if name == "UNTIL":
        return _date_time(value)
    return int(value) if NUMBER.fullmatch(value) else value


def _number(value: str) -> Json:
    return int(value) if NUMBER.fullmatch(value.strip()) else value


def _float(value: str) -> Json:
    try:
        number = float(value)
    except ValueError:
        return value
    return number if abs(number) < 1e15 else value


def _boolean(value: str) -> Json:
    return {"TRUE": True, "FALSE": False}.get(value.upper(), value)


WRITTEN: Final[Mapping[str, Callable[[str], Json]]] = {
    "TEXT": unescape,
    "DATE": _date,
    "DATE-TIME": _date_time,
    "TIME": _time,
    "UTC-OFFSET": _offset,
    "PERIOD": _period,
    "RECUR": _recur,
    "INTEGER": _number,
    "FLOAT": _float,
    "BOOLEAN": _boolean,
}


def from_jcal(text: str | bytes) -> Component:
    """The calendar that the JSON text describes.

    Raises: InvalidCalendarData.
    """
    try:
        found = json.loads(text)
        made = _made(found, 0)
    except (ValueError, RecursionError) as error:
        raise InvalidCalendarData("this is no jCal") from error
    if made.name != "VCALENDAR":
        raise InvalidCalendarData("jCal holds a vcalendar")
    return made


def _made(given: Json, depth: int) -> Component:
    match given:
        case [str(name), list(properties), list(components)] if NAME.fullmatch(name) and depth < MOST_DEEP:
            inner = [_made(one, depth + 1) for one in components]
            return component(name, [_line(one) for one in properties], inner)
    raise InvalidCalendarData("a jCal component is a name, its properties and its components")


def _line(given: Json) -> Property:
    match given:
        case [str(name), dict(params), str(kind), *values] if NAME.fullmatch(name) and values:
            upper, kind = name.upper(), kind.upper()
            said = dict(_params(params))
            if kind not in {"UNKNOWN", DEFAULTS.get(upper)}:
                said["VALUE"] = (kind,)
            return prop(upper, _value(upper, kind, values), said)
    raise InvalidCalendarData("a jCal property is a name, its parameters, a type and its values")


def _params(given: Mapping[str, Json]) -> Iterable[tuple[str, tuple[str, ...]]]:
    for name, value in given.items():
        values = value if isinstance(value, list) else [value]
        if not NAME.fullmatch(name) or not all(isinstance(one, str) for one in values):
            raise InvalidCalendarData("a jCal parameter is a text or a list of texts")
        if name.upper() != "VALUE":
            yield name.upper(), tuple(values)


def _value(name: str, kind: str, values: Sequence[Json]) -> str:
    if name in PARTS and len(values) == 1 and isinstance(values[0], list):
        return ";".join(_said(kind, part) for part in values[0])
    return ",".join(_said(kind, value) for value in values)


def _said(kind: str, value: Json) -> str:
    """One value as iCalendar writes it."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return str(value)
        case str():
            return _text(kind, value)
        case [str(start), str(end)] if kind == "PERIOD":
            return f"{_text('DATE-TIME', start)}/{end if end[:1] in 'Pp+-' else _text('DATE-TIME', end)}"
        case dict() if kind == "RECUR":
            return ";".join(f"{name.upper()}={_rule_part(name.upper(), one)}" for name, one in value.items())
    raise InvalidCalendarData(f"no value of the type {kind.lower()[:40]}")


def _text(kind: str, value: str) -> str:
    if kind in {"DATE", "DATE-TIME", "TIME"}:
        return value.replace("-", "").replace(":", "")
    if kind == "UTC-OFFSET":
        return value.replace(":", "")
    return value if kind in WRITTEN.keys() - {"TEXT"} or kind in PLAIN else escape(value)


def _rule_part(name: str, value: Json) -> str:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str | int) for one in values):
        raise InvalidCalendarData("a part of a jCal rule is a text, a number or a list of them")
    return ",".join(_text("DATE-TIME", str(one)) if name == "UNTIL" else str(one) for one in values)
