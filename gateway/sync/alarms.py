"""Alarms one by one: what a provider changes of those that it holds touches no other, and nothing else of these."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final

from gateway.errors import InvalidCalendarData
from gateway.ical.text import Component
from gateway.ical.text.tree import LAST
from gateway.ical.value import parse_duration
from gateway.sync.meaning import meaning

ALARM: Final = "VALARM"


def with_changes(mine: Sequence[Component], old: Sequence[Component], new: Sequence[Component]) -> list[Component]:
    """Our alarms of a component that the provider told `old` of before, and tells `new` of now.

    Those that it does not hold stay, such as one that is heard; of those that it still has stays what it knows nothing
    of, such as that it was dismissed.
    """
    held, _ = _pairs(mine, old, (_both, _when))
    still, added = _pairs(old, new, (_both,))
    kept: list[Component] = []
    for number, alarm in enumerate(mine):
        if number not in held:
            kept.append(alarm)
        elif held[number] in still:
            kept.append(_changed(alarm, old[held[number]], new[still[held[number]]]))
    there = {_both(alarm) for alarm in kept}
    return kept + [new[number] for number in added if _both(new[number]) not in there]


def _pairs(
    ones: Sequence[Component], others: Sequence[Component], alike: Sequence[Callable[[Component], Hashable]]
) -> tuple[Mapping[int, int], list[int]]:
    """Which is which, by position, first by the first way of being alike; those of `others` that are left."""
    found: dict[int, int] = {}
    left = list(range(len(others)))
    for key in alike:
        for number, one in enumerate(ones):
            same = next((other for other in left if key(others[other]) == key(one)), None)
            if number not in found and same is not None:
                found[number] = same
                left.remove(same)
    return found, left


def _when(alarm: Component) -> Hashable:
    line = alarm.first("TRIGGER")
    if line is None:
        return ""
    try:
        return (line.param("RELATED") or "START").upper(), parse_duration(line.value).timedelta
    except InvalidCalendarData:
        return line.value  # a moment


def _both(alarm: Component) -> Hashable:
    return alarm.text("ACTION").upper(), _when(alarm)


def _changed(mine: Component, old: Component, new: Component) -> Component:
    """With what the provider says otherwise now, where ours said what it said before."""
    ours, before, after = (meaning(one, {}) for one in (mine, old, new))
    names = {
        name
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name) and ours.get(name) == before.get(name)
    }
    if not names:
        return mine
    made = Component(mine.name, mine.begin, mine.end, LAST)
    made.properties = [line for line in mine.properties if line.name not in names]
    made.properties += [line for line in new.properties if line.name in names]
    made.components = mine.components
    return made
