"""Who has to be told what, when the organizer's object changes (RFC 6638 3.2.1.1-3.2.1.3, RFC 5546 3.2.2, 3.2.5)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from gateway.ical.text import Component, prop
from gateway.ical.value import format_utc
from gateway.scheduling.itip.compare import Level, differs
from gateway.scheduling.itip.lines import (
    NEEDS_ACTION,
    address,
    attendee,
    attendees,
    by_server,
    organizer_of,
    partstat,
    with_parameter,
)
from gateway.scheduling.itip.message import message, put, shared
from gateway.scheduling.itip.model import Method, News, Outgoing
from gateway.scheduling.itip.parts import MASTER, Parts
from gateway.scheduling.itip.sight import Sight, shown, sight

NEWS = {
    Level.RESCHEDULED: News.RESCHEDULED,
    Level.CHANGED: News.CHANGED,
    Level.ANSWERS: News.ANSWERS,
    Level.NOTHING: News.REMINDER,
}


@dataclass(slots=True)
class Step:
    """From one state of the organizer's object to the next.

    old, new: None where there is none. sequence: what a CANCEL carries. levels: how much each component changed.
    """

    old: Parts | None
    new: Parts | None
    organizer: Collection[str]
    stamp: int
    sequence: int = 0
    forced: Collection[str] = ()
    levels: dict[int, Level] = field(default_factory=dict)
    texts: dict[object, str] = field(default_factory=dict)

    @property
    def sender(self) -> str:
        parts = self.new or self.old
        line = organizer_of(parts.keyed.values()) if parts is not None else None
        if line is None and self.old is not None:
            line = organizer_of(self.old.keyed.values())
        return "" if line is None else address(line)


def notices(step: Step, *, but: Collection[str] = ()) -> tuple[Outgoing, ...]:
    """All messages of a step. but: addresses that need none."""
    if step.old is not None and step.new is not None and not step.levels:
        step.levels = differs(step.old, step.new)
    people: dict[str, None] = {}
    for parts in (step.new, step.old):
        for one in parts.keyed.values() if parts is not None else ():
            people.update(dict.fromkeys(attendees(one)))
    found: list[Outgoing] = []
    for who in people:
        if who not in step.organizer and who not in but:
            found += _for(step, who)
    return tuple(found)


def _seen(parts: Parts | None, who: str) -> Sight | None:
    """None also where their messages are not ours to send."""
    if parts is None:
        return None
    lines = (attendee(one, {who}) for one in parts.keyed.values())
    return sight(parts, who) if all(line is None or by_server(line) for line in lines) else None


def _for(step: Step, who: str) -> Iterator[Outgoing]:
    was, now = _seen(step.old, who), _seen(step.new, who)
    if was is None and now is not None and step.new is not None:
        yield _request(step, who, now, now.keys, News.INVITATION)
    elif was is not None and now is None:
        yield _cancel(step, who, _all_of(was))
    elif was is not None and now is not None:
        yield from _update(step, who, was, now)


def _update(step: Step, who: str, was: Sight, now: Sight) -> Iterator[Outgoing]:
    """Between two states that both have something for them."""
    level, changed = _changed(step, who, was, now)
    lost = {key for key in _lost(was, now) if step.old is not None and step.old.effective(key) is not None}
    if was.whole and not now.whole:
        yield _cancel(step, who, {MASTER}, early=True)
        yield _request(step, who, now, now.keys, NEWS[max(level, Level.CHANGED)])
    elif changed and (MASTER in changed or (lost and now.whole)):
        yield _request(step, who, now, now.keys, NEWS[max(level, Level.CHANGED) if lost else level])
    elif lost and changed:
        yield _cancel(step, who, lost, early=True)
        yield _request(step, who, now, changed, NEWS[level])
    elif lost:
        yield _cancel(step, who, lost)
        if who in step.forced:
            yield _request(step, who, now, now.keys, News.REMINDER)
    elif changed:
        yield _request(step, who, now, changed, NEWS[level])
    elif who in step.forced:
        yield _request(step, who, now, now.keys, News.REMINDER)


def _changed(step: Step, who: str, was: Sight, now: Sight) -> tuple[Level, set[int]]:
    """How much, and which components a REQUEST has to have; with MASTER in them, the whole."""
    old, new = step.old, step.new
    level = Level.NOTHING
    changed: set[int] = set()
    if old is None or new is None:
        return level, changed
    for key in now.keys:
        here = step.levels.get(key, Level.NOTHING)
        if key not in was.keys and not (was.whole and key != MASTER and key not in was.excluded):
            here = Level.RESCHEDULED
        if key not in old.keyed:
            here = max(here, Level.ANSWERS)  # answered on its own from now on, so they have to know it
        if _asked_anew(old, new, key, who):
            here = max(here, Level.CHANGED)
        if here:
            changed.add(key)
            level = max(level, here)
    if now.whole and was.whole:
        back = {key for key in was.excluded - now.excluded if key not in now.keys and new.occurs(key)}
        plain = {key for key in was.keys - now.keys - now.excluded if now.cut is None or key < now.cut}
        if back or plain or (was.cut is not None and now.cut != was.cut):
            changed.add(MASTER)
            level = max(level, Level.RESCHEDULED if back or not plain else Level.CHANGED)
    return level, changed


def _asked_anew(old: Parts, new: Parts, key: int, who: str) -> bool:
    """The organizer took back an answer, to have it given again."""
    before = old.keyed.get(key) or (old.effective(key) if key != MASTER else None)
    line = attendee(before, {who}) if before is not None else None
    now = attendee(new.keyed[key], {who})
    return line is not None and now is not None and partstat(now) == NEEDS_ACTION != partstat(line)


def _lost(was: Sight, now: Sight) -> set[int]:
    """Instances they have to be told about by a CANCEL."""
    if now.whole:
        lost = set(now.excluded - was.excluded) if was.whole else set(was.keys & now.excluded)
        if now.cut is not None and (was.cut is None or now.cut < was.cut):
            lost.add(now.cut)
        return lost
    return set(was.keys - now.keys - {MASTER})


def _all_of(seen: Sight) -> set[int]:
    return {MASTER} if seen.whole else set(seen.keys)


def _request(step: Step, who: str, now: Sight, keys: Collection[int], news: News) -> Outgoing:
    parts = step.new
    if parts is None:
        raise ValueError("a REQUEST needs an object")
    some = frozenset(now.keys if MASTER in keys else keys)
    known = (Method.REQUEST, some, now.excluded, now.cut)
    if known not in step.texts:
        made = [_stamped(one, step.stamp) for one in shown(parts, now, some, Method.REQUEST)]
        step.texts[known] = message(parts.obj, Method.REQUEST, made)
    return Outgoing(Method.REQUEST, step.sender, who, step.texts[known], news, who in step.forced)


def _cancel(step: Step, who: str, keys: Collection[int], *, early: bool = False) -> Outgoing:
    """early: a REQUEST follows in the same second, and is to be newer."""
    parts = step.old
    if parts is None:
        raise ValueError("a CANCEL needs an object")
    goes_on = step.new is not None and any(_goes_on(step.new, key) for key in keys)
    known = (Method.CANCEL, frozenset(keys), who if goes_on else "", early)
    if known not in step.texts:
        made = [_ended(step, key, who if goes_on else "", early=early) for key in sorted(keys)]
        step.texts[known] = message(parts.obj, Method.CANCEL, made)
    news = News.UNINVITED if goes_on else News.CANCELLED
    return Outgoing(Method.CANCEL, step.sender, who, step.texts[known], news)


def _goes_on(parts: Parts, key: int) -> bool:
    """Whether there still is such an instance, for others."""
    one = parts.effective(key) if key != MASTER else parts.master
    return one is not None and one.text("STATUS").strip().upper() != "CANCELLED"


def _ended(step: Step, key: int, who: str, *, early: bool) -> Component:
    """One component of a CANCEL. who: the only one that is uninvited; "": it does not take place."""
    old = step.old
    if old is None:
        raise ValueError("a CANCEL needs an object")
    one = shared(old.keyed[key] if key in old.keyed else old.derived(key), Method.CANCEL)
    if who:
        one.properties[:] = [line for line in one.properties if line.name != "ATTENDEE" or address(line) == who]
        one.properties[:] = [line for line in one.properties if line.name != "STATUS"]
    else:
        put(one, prop("STATUS", "CANCELLED"))
    if key != MASTER and step.new is not None and key in step.new.onward:
        put(one, with_parameter(old.rid(key), "RANGE", "THISANDFUTURE"))
    put(one, prop("SEQUENCE", str(step.sequence)))
    return _stamped(one, step.stamp - int(early))


def _stamped(one: Component, stamp: int) -> Component:
    put(one, prop("DTSTAMP", format_utc(stamp)))
    return one
