"""Which blocks a calendar should have, and the fewest changes that lead there. Without I/O."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from gateway.freebusy.merge import Busy, merge_seconds
from gateway.model import FbType

MOST: Final = 2_000
"""Most blocks of a mirror; of more, the nearest."""


@dataclass(frozen=True, slots=True)
class Held:
    """A block that is there. key: of its object. right: it says what it should, time aside."""

    key: int
    busy: Busy
    right: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """key None: a new block. busy None: one to take away."""

    key: int | None
    busy: Busy | None


def wanted(
    sources: Iterable[Busy], target: Iterable[Busy], start: int, end: int, *, away: bool, most: int = MOST
) -> list[Busy]:
    """The blocks for the busy time of the sources that touches [start, end), in order.

    They are whole: one that reaches out of the window is not cut, or it would change each day. What the target itself
    is as busy with throughout is left out.
    target: what it is busy with besides blocks. away: whether it can hold "out of office"; else that is busy time.
    """
    strongest = FbType.UNAVAILABLE if away else FbType.BUSY
    merged = merge_seconds((one[0], one[1], min(one[2], strongest)) for one in sources if one[2] != FbType.FREE)
    own = _Cover(target)
    inside = (one for one in merged if one[0] < end and one[1] > start)
    return [one for one in inside if not own.covers(one, strongest)][:most]


class _Cover:
    """Where a calendar is at least that busy."""

    def __init__(self, busy: Iterable[Busy]) -> None:
        found = list(busy)
        self._levels = {
            level: merge_seconds((one[0], one[1], int(level)) for one in found if one[2] >= level)
            for level in (FbType.TENTATIVE, FbType.BUSY, FbType.UNAVAILABLE)
        }

    def covers(self, one: Busy, strongest: FbType) -> bool:
        level = self._levels[FbType(min(one[2], strongest))]
        place = bisect_right(level, one[0], key=lambda other: other[0]) - 1
        return place >= 0 and level[place][1] >= one[1]


def plan(wanted: Sequence[Busy], held: Sequence[Held], deleted: Collection[tuple[int, int]] = ()) -> list[Change]:
    """What to do, soonest first; nothing where all is well. A block is moved rather than taken away and made anew.

    wanted: all different. deleted: (start, end) of blocks that somebody took away by hand; they stay away as long as
    their time is the same.
    """
    missing = dict.fromkeys(one for one in wanted if (one[0], one[1]) not in deleted)
    spare: list[Held] = []
    for one in sorted(held, key=lambda each: (not each.right, each.busy, each.key)):
        if one.right and one.busy in missing:
            del missing[one.busy]
        else:
            spare.append(one)
    changes: list[Change] = []
    left: list[Held] = []
    by_start = {one[0]: one for one in missing}
    for one in spare:
        near = by_start.pop(one.busy[0], None)
        if near is None:
            left.append(one)
        else:
            changes.append(Change(one.key, near))
            del missing[near]
    left.sort(key=lambda each: (each.busy, each.key))
    changes += [
        Change(None if there is None else there.key, should) for should, there in zip_longest(sorted(missing), left)
    ]
    when = {one.key: one.busy[0] for one in held}
    return sorted(changes, key=lambda each: when.get(each.key or 0, 0) if each.busy is None else each.busy[0])
