"""Where a provider says the same in its own way, so that a client's way of saying it may stay."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, timedelta, tzinfo
from typing import Final

from gateway.errors import GatewayError
from gateway.ical.objects import ParsedObject
from gateway.ical.recurrence import MAX_TIME, MIN_TIME, Series
from gateway.ical.text import Component, Property, split_escaped, unescape, with_param
from gateway.sync.meaning import Meaning, guest, instants, meaning

TIMES: Final = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})
LOOKED_AT: Final = int(timedelta(days=6 * 366).total_seconds())
"""How much of a series without end is compared, in seconds."""
MOST: Final = 10_000
GUEST: Final = ("PARTSTAT", "ROLE", "X-NUM-GUESTS", "X-RESPONSE-COMMENT")
KNOWN_CLASSES: Final = frozenset({"PUBLIC", "CONFIDENTIAL"})


@dataclass(frozen=True, slots=True)
class Side:
    """One component of one of the two texts."""

    obj: ParsedObject
    component: Component

    @property
    def said(self) -> Meaning:
        return meaning(self.component, self.obj.zones)

    def texts(self, name: str) -> list[str]:
        return [line.text for line in self.component.all(name)]


def floating_zone(theirs: ParsedObject) -> tzinfo | None:
    """The zone in which a provider took times without one: that of its own copy."""
    for component in theirs.components:
        line = component.first("DTSTART")
        tzid = None if line is None else line.param("TZID")
        if tzid is not None:
            return theirs.zones.get(tzid)
    return None


def agreeing(mine: Side, theirs: Side, names: set[str]) -> set[str]:
    """Those of `names` in which both say the same, or the provider only what follows from ours anyway."""
    found = {name for name in names & AGREE.keys() if AGREE[name](mine, theirs)}
    return found | (names & TIMES if names & TIMES and same_times(mine, theirs) else set())


def same_times(mine: Side, theirs: Side) -> bool:
    """Whether both have the same instances, however their rules, zones and ends are spelled."""
    dates = [len(side.component.text("DTSTART")) == len("20260101") for side in (mine, theirs)]
    if dates[0] != dates[1]:
        return False
    zone = floating_zone(theirs.obj) or UTC
    try:
        ours, others = (alone(side, zone) for side in (mine, theirs))
        first, until = reach(ours, others)
        if ours.endless != others.endless or until is None:
            return False
        starts = [
            {(row.start, row.end) for row in series.between(first, until, MOST) if not {row.start, row.rid} & gone}
            for series, gone in ((ours, cancelled(mine, zone)), (others, cancelled(theirs, zone)))
        ]
    except GatewayError:
        return False
    return starts[0] == starts[1] != set()


def alone(side: Side, zone: tzinfo) -> Series:
    return Series(replace(side.obj, components=(side.component,)), zone)


def reach(*series: Series) -> tuple[int, int | None]:
    """What has to be compared; None: an end that nobody can tell."""
    spans = [one.span() for one in series]
    first = max(min(begin for begin, _ in spans), MIN_TIME)
    if any(one.endless for one in series):
        return first, min(first + LOOKED_AT, MAX_TIME)
    ends = [end for _, end in spans if end is not None]
    return first, max(ends) + 1 if len(ends) == len(spans) else None


def cancelled(side: Side, zone: tzinfo) -> set[int | str]:
    """Dates of a series that are cancelled one by one, as instants, or as dates where it is all-day."""
    if side.component.first("RECURRENCE-ID") is not None:
        return set()
    off = [one for one in side.obj.components[1:] if one.text("STATUS").upper() == "CANCELLED"]
    times = [when for one in off for when in instants(one, side.obj.zones, zone)]
    return {when for when in times if isinstance(when, int | str)}


def plain(side: Side, name: str) -> list[str]:
    """The words alone: renderings of a text move blanks and line ends about."""
    return [" ".join(text.split()) for text in side.texts(name)]


def same_words(name: str) -> Callable[[Side, Side], bool]:
    return lambda mine, theirs: plain(mine, name) == plain(theirs, name)


def same_priority(mine: Side, theirs: Side) -> bool:
    """RFC 5545 3.8.1.9: high, medium and low are all that many know."""
    levels = [text.strip() for side in (mine, theirs) for text in side.texts("PRIORITY")[:1]]
    ranks = [(int(text) > 5) - (0 < int(text) < 5) for text in levels if text.isdecimal() and len(text) == 1]
    return len(ranks) == 2 and ranks[0] == ranks[1]


def same_class(mine: Side, theirs: Side) -> bool:
    """A class nobody knows is private (RFC 5545 3.8.1.3)."""
    words = [text.upper() for side in (mine, theirs) for text in side.texts("CLASS")[:1]]
    return len(words) == 2 and len({word if word in KNOWN_CLASSES else "PRIVATE" for word in words}) == 1


def tentative(mine: Side, theirs: Side) -> bool:
    """Outlook has one word for a tentative event and for tentatively busy time, and says both."""
    said = {text.upper() for name in ("STATUS", BUSY) for text in theirs.texts(name)}
    return said <= {"TENTATIVE"} and "TENTATIVE" in {
        text.upper() for name in ("STATUS", BUSY) for text in mine.texts(name)
    }


def own_link(mine: Side, theirs: Side) -> bool:
    """A link beside that of the meeting stays: the meeting's is in CONFERENCE as well."""
    return bool(mine.component.first("URL")) and set(theirs.texts("URL")) <= set(theirs.texts("CONFERENCE"))


def same_categories(mine: Side, theirs: Side) -> bool:
    named = [
        {unescape(part) for line in side.component.all("CATEGORIES") for part in split_escaped(line.value)}
        for side in (mine, theirs)
    ]
    return named[0] == named[1]


def address(line: Property) -> str:
    return line.value.strip().lower()


def with_answers(mine: list[Property], theirs: list[Property]) -> list[Property]:
    """People one by one: ours with all we wrote of them, their answers as the provider knows them, then who is new."""
    known = {address(line): line for line in theirs if line.name == "ATTENDEE"}
    lines = []
    for line in mine:
        other = known.pop(address(line), None) if line.name == "ATTENDEE" else None
        lines.append(line if other is None else with_answer(line, other))
    return lines + list(known.values())


def with_answer(line: Property, other: Property) -> Property:
    """One guest. Who only reads along is optional to some providers and required to others, so that stays."""
    ours, theirs = guest(line), guest(other)
    keeps_role = (line.param("ROLE") or "").upper() == "NON-PARTICIPANT"
    for name, before, now in zip(GUEST, ours[1:], theirs[1:], strict=True):
        said = other.param(name) or ("NEEDS-ACTION" if name == "PARTSTAT" else "")
        if before != now and said and not (name == "ROLE" and keeps_role):
            line = with_param(line, name, said)
    return line


def with_links(name: str) -> Callable[[list[Property], list[Property]], list[Property]]:
    """Ours, and those of theirs with another address."""

    def joined(mine: list[Property], theirs: list[Property]) -> list[Property]:
        there = {line.value for line in mine if line.name == name}
        return mine + [line for line in theirs if line.name == name and line.value not in there]

    return joined


BUSY: Final = "X-MICROSOFT-CDO-BUSYSTATUS"
AGREE: Final[Mapping[str, Callable[[Side, Side], bool]]] = {
    "SUMMARY": same_words("SUMMARY"),
    "DESCRIPTION": same_words("DESCRIPTION"),
    "LOCATION": same_words("LOCATION"),
    "PRIORITY": same_priority,
    "CLASS": same_class,
    "STATUS": tentative,
    BUSY: tentative,
    "URL": own_link,
    "CATEGORIES": same_categories,
}
JOINED: Final[Mapping[str, Callable[[list[Property], list[Property]], list[Property]]]] = {
    "ATTENDEE": with_answers,
    "CONFERENCE": with_links("CONFERENCE"),
    "ATTACH": with_links("ATTACH"),
}
"""Properties of which each line is looked at by itself."""
