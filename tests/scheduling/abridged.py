"""Calendar objects in few words, for conversations."""

import re
from collections.abc import Callable, Mapping

from gateway.ical.text import Component, Property, component, parse, prop, replace, serialise, unfold
from gateway.ical.zones import vtimezone
from gateway.scheduling.itip import address

BEGIN = 1_795_600_000
ZONE = "Europe/Berlin"
HEAD = [prop("VERSION", "2.0"), prop("PRODID", "-//test//EN")]
NAME = re.compile(r"[A-Za-z0-9-]+")
MANY = frozenset({"ATTENDEE", "EXDATE", "RDATE", "COMMENT", "REQUEST-STATUS", "CATEGORIES"})


def mail(name: str) -> str:
    return name if "@" in name else f"{name}@example.com"


def calendar(block: list[str], uid: str, method: str = "") -> str:
    """Components divided by `--`; a line `zone` adds the VTIMEZONE. For the lines see `_component`."""
    groups: list[list[str]] = [[]]
    zones = []
    for line in block:
        if line == "--":
            groups.append([])
        elif line == "zone":
            zones.append(vtimezone(ZONE, BEGIN))
        else:
            groups[-1].append(line)
    head = [*HEAD, prop("METHOD", method)] if method else HEAD
    return serialise(component("VCALENDAR", head, [*zones, *(_make(group, uid) for group in groups)]))


def _make(lines: list[str], uid: str) -> Component:
    """An event of alice's on Friday 27 November 2026 from 10 to 11, but for what is said otherwise.

    with NAME=PARTSTAT… : who is invited. at 14:00-15:00, at 20261130T140000-20261130T150000, at 20261130 (all day).
    of 20261204T100000: one instance. weekly N. task. alarm. -NAME: without that line. All else: a content line.
    """
    kind = "VTODO" if "task" in lines else "VEVENT"
    made = component(
        kind,
        [
            prop("UID", uid),
            prop("DTSTAMP", "20261101T000000Z"),
            prop("SUMMARY", "Lunch"),
            prop("ORGANIZER", "mailto:alice@example.com"),
        ],
    )
    times(made, "10:00-11:00")
    for line in sorted(lines, key=lambda text: not text.startswith("of ")):
        edit(made, line)
    return made


def when(text: str) -> str:
    return f"20261127T{text.replace(':', '')}00" if len(text) == 5 else text


def times(one: Component, text: str) -> None:
    start, _, end = text.partition("-")
    params = {"VALUE": "DATE"} if len(start) == 8 else {} if start.endswith(("Z", "F")) else {"TZID": ZONE}
    replace(one, "DTSTART", prop("DTSTART", when(start).removesuffix("F"), params))
    name = "DUE" if one.name == "VTODO" else "DTEND"
    replace(one, name, prop(name, when(end).removesuffix("F"), params) if end else None)


def edit(one: Component, line: str) -> None:
    word, _, rest = line.partition(" ")
    if word in WORDS:
        WORDS[word](one, rest)
    elif word.startswith("-"):
        replace(one, word[1:], None)
    elif "=" in word and ":" not in word:
        _answer(one, word)
    else:
        _add(one, line)


def _with(one: Component, names: str) -> None:
    for name in names.split():
        who, _, more = name.partition(";")
        who, _, answer = who.partition("=")
        head = f"ATTENDEE;PARTSTAT={answer or 'NEEDS-ACTION'}{';' + more if more else ''}"
        _add(one, f"{head}:mailto:{mail(who)}")


def _without(one: Component, names: str) -> None:
    gone = {mail(name) for name in names.split()}
    one.properties[:] = [line for line in one.properties if line.name != "ATTENDEE" or address(line) not in gone]


def _of(one: Component, rid: str) -> None:
    params = {"VALUE": "DATE"} if len(rid) == 8 else {} if rid.endswith("Z") else {"TZID": ZONE}
    replace(one, "RECURRENCE-ID", prop("RECURRENCE-ID", rid, params))
    times(one, rid if len(rid) == 8 else f"{rid}-{rid[:8]}T{int(rid[9:11]) + 1:02d}{rid[11:]}")


def _weekly(one: Component, count: str) -> None:
    replace(one, "RRULE", prop("RRULE", f"FREQ=WEEKLY;COUNT={count}"))


def _alarm(one: Component, _: str) -> None:
    one.components.append(component("VALARM", [prop("ACTION", "DISPLAY"), prop("TRIGGER", "-PT15M")]))


def _task(_: Component, __: str) -> None:
    """Seen to when the component was made."""


def _answer(one: Component, word: str) -> None:
    who, _, answer = word.partition("=")
    for number, line in enumerate(one.properties):
        if line.name == "ATTENDEE" and address(line) == mail(who):
            text = re.sub(r";PARTSTAT=[A-Z-]+", f";PARTSTAT={answer}", unfold(line.raw))
            one.properties[number] = _line(text)


def _line(text: str) -> Property:
    return parse(f"BEGIN:VCALENDAR\r\n{text}\r\nEND:VCALENDAR\r\n").properties[0]


def _add(one: Component, text: str) -> None:
    found = NAME.match(text)
    assert found, text
    name = found[0].upper()
    if name in MANY:
        at = len(one.properties)
        for child in one.components:
            child.at = 1 << 40
        one.properties.insert(at, _line(text))
    else:
        replace(one, name, _line(text))


WORDS: Mapping[str, Callable[[Component, str], None]] = {
    "with": _with,
    "without": _without,
    "at": times,
    "of": _of,
    "weekly": _weekly,
    "alarm": _alarm,
    "task": _task,
}
