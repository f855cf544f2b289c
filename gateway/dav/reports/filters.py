"""CALDAV:filter as the values that gateway.ical.filters tests objects with (RFC 4791 9.7)."""

from typing import Final

from gateway.dav import ranges
from gateway.dav.ranges import Range
from gateway.dav.xml import Element, children, text_of
from gateway.errors import CALDAV, InvalidFilter, InvalidRequest, UnsupportedCollation, UnsupportedFilter
from gateway.ical.filters import MATCHES, CompFilter, Match, ParamFilter, PropFilter, Test, TextMatch, may_be_dated

ASCII: Final = "i;ascii-casemap"
COLLATIONS: Final = {
    "": ASCII,
    "default": ASCII,
    ASCII: ASCII,
    "i;octet": "i;octet",
    "i;unicode-casemap": "i;unicode-casemap",
}
RANGED: Final = {"VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM"}
"""RFC 4791 9.9, and VCALENDAR for whatever is in it: clients that look for every kind ask so."""

MATCH_TYPES: Final[dict[str, Match]] = {name: name for name in MATCHES}
INSIDE: Final = {
    **dict.fromkeys(("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"), ("VCALENDAR",)),
    "VALARM": ("VEVENT", "VTODO"),
    **dict.fromkeys(("STANDARD", "DAYLIGHT"), ("VTIMEZONE",)),
}
"""In what the components of RFC 5545 stand; others stand anywhere."""


def read(report: Element) -> CompFilter:
    """The filter of a calendar-query.

    Raises: InvalidRequest if there is none; InvalidFilter, UnsupportedFilter, UnsupportedCollation.
    """
    found = [child for name, child in children(report) if name == CALDAV + "filter"]
    if len(found) != 1:
        raise InvalidRequest("a calendar-query has one filter")
    inner = list(children(found[0]))
    if len(inner) != 1 or inner[0][0] != CALDAV + "comp-filter" or _name(inner[0][1]) != "VCALENDAR":
        raise InvalidFilter("a filter holds one comp-filter, named VCALENDAR")
    return _comp(inner[0][1], "")


def _name(element: Element) -> str:
    name = str(element.get("name") or "").strip().upper()
    if not name:
        raise InvalidFilter("every filter names what it tests")
    return name


def _test(element: Element) -> Test:
    match str(element.get("test") or "allof"):
        case "allof":
            return "allof"
        case "anyof":
            return "anyof"
    raise InvalidFilter("test is allof or anyof")


def _range(element: Element) -> Range:
    """Raises: InvalidFilter, DateOutOfRange."""
    try:
        return ranges.read(element)
    except InvalidRequest as error:
        raise InvalidFilter(str(error)) from error


def _once(known: object) -> None:
    if known is not None:
        raise InvalidFilter("one time-range and one text-match at most")


def _unknown(name: str) -> Exception:
    return UnsupportedFilter(f"{name.partition('}')[2]!r} is no filter known here")


def _comp(element: Element, parent: str) -> CompFilter:
    name, absent, span = _name(element), False, None
    if parent and (name == "VCALENDAR" or parent not in INSIDE.get(name, (parent,))):
        raise InvalidFilter(f"there is no {name} in a {parent}")
    props: list[PropFilter] = []
    comps: list[CompFilter] = []
    for kind, child in children(element):
        if kind == CALDAV + "is-not-defined":
            absent = True
        elif kind == CALDAV + "time-range":
            if name not in RANGED or span is not None:
                raise InvalidFilter(f"a {name} has no time range, or has two")
            span = _range(child)
        elif kind == CALDAV + "prop-filter":
            props.append(_prop(child))
        elif kind == CALDAV + "comp-filter":
            comps.append(_comp(child, name))
        else:
            raise _unknown(kind)
    if absent and (span or props or comps):
        raise InvalidFilter("is-not-defined stands alone")
    return CompFilter(name, absent, span, tuple(props), tuple(comps), _test(element))


def _prop(element: Element) -> PropFilter:
    name, absent, span, text = _name(element), False, None, None
    params: list[ParamFilter] = []
    for kind, child in children(element):
        if kind == CALDAV + "is-not-defined":
            absent = True
        elif kind == CALDAV + "time-range":
            _once(span)
            if not may_be_dated(name):
                raise InvalidFilter(f"a {name} is no date")
            span = _range(child)
        elif kind == CALDAV + "text-match":
            _once(text)
            text = _text(child)
        elif kind == CALDAV + "param-filter":
            params.append(_param(child))
        else:
            raise _unknown(kind)
    if absent and (span or text or params):
        raise InvalidFilter("is-not-defined stands alone")
    return PropFilter(name, absent, span, text, tuple(params), _test(element))


def _param(element: Element) -> ParamFilter:
    name, defined, text = _name(element), None, None
    for kind, child in children(element):
        if kind == CALDAV + "is-not-defined":
            defined = False
        elif kind == CALDAV + "text-match":
            _once(text)
            text = _text(child)
        else:
            raise _unknown(kind)
    if defined is False and text is not None:
        raise InvalidFilter("is-not-defined stands alone")
    return ParamFilter(name, defined, text)


def _text(element: Element) -> TextMatch:
    collation = COLLATIONS.get(str(element.get("collation") or ""))
    if collation is None:
        raise UnsupportedCollation("text is matched by i;ascii-casemap, i;octet or i;unicode-casemap")
    negate = str(element.get("negate-condition") or "no")
    if negate not in {"yes", "no"}:
        raise InvalidFilter("negate-condition is yes or no")
    kind = MATCH_TYPES.get(str(element.get("match-type") or "contains"))
    if kind is None:
        raise InvalidFilter("match-type is contains, starts-with, ends-with or equals")
    return TextMatch(text_of(element), collation, negate == "yes", kind)
