"""What one attendee may see of the organizer's object (RFC 6638 3.2.6): the instances they are invited to."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from gateway.errors import InvalidCalendarData
from gateway.ical.rules.rule import format_rule, parse_rule
from gateway.ical.text import Component, prop
from gateway.ical.times import Form
from gateway.ical.value import from_epoch
from gateway.ical.zones import utc_to_local
from gateway.scheduling.itip.lines import attendee
from gateway.scheduling.itip.message import shared
from gateway.scheduling.itip.model import Method
from gateway.scheduling.itip.parts import MASTER, Parts, cancelled


@dataclass(frozen=True, slots=True)
class Sight:
    """keys: of the components that take place with them. excluded: instances of the series that do not.

    cut: from this instance on the series goes on without them.
    """

    keys: frozenset[int]
    excluded: frozenset[int]
    cut: int | None = None

    @property
    def whole(self) -> bool:
        """Invited to the series, not only to some instances."""
        return MASTER in self.keys


def sight(parts: Parts, who: str) -> Sight | None:
    """None: nothing takes place with them."""
    invited = {key for key, one in parts.keyed.items() if attendee(one, {who}) is not None and not cancelled(one)}
    if not invited:
        return None
    if MASTER not in invited:
        return Sight(frozenset(invited), frozenset())
    without = parts.keyed.keys() - invited
    cut = min(without & parts.onward, default=None)
    if cut is not None:
        invited = {key for key in invited if key < cut}
    excluded = {key for key in parts.excluded | (without - parts.onward) if cut is None or key < cut}
    return Sight(frozenset(invited), frozenset(excluded), cut)


def shown(parts: Parts, seen: Sight, keys: Collection[int], method: Method) -> list[Component]:
    """The components of these keys as the attendee may see them, ready for a message; the series first."""
    made = []
    for key in sorted(keys):
        one = shared(parts.keyed[key], method)
        if key == MASTER:
            parts.exclude(one, set(seen.excluded) - parts.excluded)
            if seen.cut is not None:
                cut_off(parts, one, seen.cut)
        made.append(one)
    return made


def cut_off(parts: Parts, one: Component, key: int) -> None:
    """Ends the series' component before that instance."""
    start = parts.start
    if start is None:
        return
    lines = []
    for line in one.properties:
        if line.name == "RRULE":
            with suppress(InvalidCalendarData):
                rule = replace(parse_rule(line.value), count=None, until=_until(parts, key))
                lines.append(prop("RRULE", format_rule(rule)))
                continue
        elif line.name == "RDATE":
            kept = [value for at, value in parts.values(line) if at < key]
            if kept:
                lines.append(prop("RDATE", ",".join(kept), line.params))
            continue
        lines.append(line)
    one.properties[:] = lines


def _until(parts: Parts, key: int) -> datetime | date:
    """UNTIL of a series that ends before the instance, in the form its start asks for (RFC 5545 3.3.10)."""
    start = parts.start
    if start is not None and start.form == Form.DATE:
        return (utc_to_local(key, UTC) - timedelta(days=1)).date()
    if start is not None and start.form == Form.FLOATING:
        return utc_to_local(key - 1, start.zone)
    return from_epoch(key - 1)
