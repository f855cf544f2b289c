"""What follows from an attendee's change of their copy: what they may, what the organizer hears (RFC 6638 3.2.2)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import AttendeeChangeRefused
from gateway.ical.objects import ParsedObject
from gateway.ical.text import Component, Property, prop, serialise
from gateway.ical.value import format_utc
from gateway.scheduling.itip.compare import recurrence, timeline
from gateway.scheduling.itip.lines import (
    NEEDS_ACTION,
    address,
    attendee,
    attendees,
    bare,
    by_server,
    change,
    organizer_of,
    partstat,
    with_parameter,
    without,
)
from gateway.scheduling.itip.mended import mended
from gateway.scheduling.itip.message import append, copied, message, put, replying, shared
from gateway.scheduling.itip.model import Changes, Method, News, Outgoing
from gateway.scheduling.itip.own import declined, mark, own_names, put_back, set_declined
from gateway.scheduling.itip.parts import MASTER, Parts, cancelled, fresh, sequence
from gateway.scheduling.itip.people import one_organizer

DECLINED: Final = "DECLINED"
DELEGATED: Final = "DELEGATED"


@dataclass(slots=True)
class Turn:
    """One change of an attendee's copy.

    answers: the components a REPLY has to have, with the new PARTSTAT.
    """

    old: Parts | None
    new: Parts
    me: frozenset[str]
    stamp: int
    answers: dict[int, str] = field(default_factory=dict)
    comments: dict[int, list[Property]] = field(default_factory=dict)


def attendee_changes(
    before: ParsedObject | None, after: ParsedObject | None, *, me: frozenset[str], stamp: int, reply: bool = True
) -> Changes:
    """What to store instead of `after`, and what the organizer is told.

    before, after: None where it is created or removed; removing it declines. me: all addresses of the owner.
    reply: False for Schedule-Reply: F, silence.
    What only the organizer writes is put back: texts, other people's lines, and SEQUENCE and DTSTAMP, which order the
    organizer's messages. Other times, and people the attendee invites, are refused.
    Raises: AttendeeChangeRefused, MixedOrganizers.
    """
    if after is None:
        return Changes(None, _leave(before, me, stamp) if before is not None and reply else ())
    line = one_organizer(after)
    known = one_organizer(before) if before is not None else None
    if known is not None and by_server(known) and (line is None or address(line) != address(known)):
        raise AttendeeChangeRefused("the organizer cannot be changed by an attendee")
    if line is None or not by_server(line):
        return Changes(serialise(after.calendar))
    old = Parts(fresh(before)) if before is not None and known is not None else None
    turn = Turn(old, Parts(fresh(after) if old is None else mended(after, old)), me, stamp)
    forced = _forced(turn.new)
    if turn.old is None:
        _first(turn)
    else:
        _compare(turn, turn.old)
    if forced:
        turn.answers |= {key: partstat(own) for key, own in _invited(turn.new, me) if key not in turn.answers}
    return Changes(serialise(turn.new.obj.calendar), tuple(_messages(turn, forced=forced)) if reply else ())


def _invited(parts: Parts, me: frozenset[str]) -> Iterator[tuple[int, Property]]:
    for key, one in parts.keyed.items():
        own = attendee(one, me)
        if own is not None and not cancelled(one):
            yield key, own


def _leave(before: ParsedObject, me: frozenset[str], stamp: int) -> tuple[Outgoing, ...]:
    """The copy is thrown away: all that was not declined before is declined now."""
    parts = Parts(fresh(before))
    line = organizer_of(parts.keyed.values())
    if line is None or not by_server(line):
        return ()
    turn = Turn(parts, parts, me, stamp)
    turn.answers = {key: DECLINED for key, own in _invited(parts, me) if partstat(own) not in {DECLINED, DELEGATED}}
    return tuple(_messages(turn, forced=False))


def _forced(new: Parts) -> bool:
    """Whether SCHEDULE-FORCE-SEND asks for a REPLY; takes it out (RFC 6638 7.2)."""
    asked = False

    def taken(line: Property) -> Property:
        nonlocal asked
        value = line.param("SCHEDULE-FORCE-SEND")
        if value is None:
            return line
        kept = without(line, {"SCHEDULE-FORCE-SEND"})
        if value.upper() == "REPLY":
            asked = True
            return kept
        return with_parameter(kept, "SCHEDULE-STATUS", "2.3")

    for one in new.keyed.values():
        change(one, "ORGANIZER", taken)
    return asked


def _first(turn: Turn) -> None:
    """A copy that came by another way, such as mail read by the client, and may be answered already."""
    for key, own in _invited(turn.new, turn.me):
        if partstat(own) != NEEDS_ACTION:
            turn.answers[key] = partstat(own)


def _compare(turn: Turn, old: Parts) -> None:
    new, me = turn.new, turn.me
    if recurrence(old) != recurrence(new):
        raise AttendeeChangeRefused("only the organizer changes when an event recurs")
    _excluded(turn, old)
    for key, one in new.keyed.items():
        known = old.effective(key) if key != MASTER else old.master
        if known is None:
            if key in old.excluded:
                known = old.derived(key)
            else:
                raise AttendeeChangeRefused("only the organizer adds instances")
        if timeline(old, known) != timeline(new, one):
            raise AttendeeChangeRefused("only the organizer changes the time of an event")
        _people(one, known, me)
        put_back(one, known)
        mark(one, known)
        _answer(turn, key, one, known)
    for key, one in old.overrides.items():
        if key not in new.keyed and key not in new.excluded:
            _missing(turn, old, key, one)


def _excluded(turn: Turn, old: Parts) -> None:
    """EXDATEs: those added decline, own ones may be taken back, the organizer's stay (RFC 6638 3.2.2.3)."""
    new = turn.new
    if old.master is None or new.master is None:
        return
    own = {key for value in declined(old.master) if (key := _key(old, value)) is not None}
    gone = old.excluded - new.excluded
    kept = {key for key in gone - own if key not in new.keyed}
    if kept:
        old.exclude(new.master, kept)
        new.excluded |= kept
    for key in new.excluded - old.excluded:
        known = old.effective(key)
        mine = attendee(known, turn.me) if known is not None else None
        if known is not None and mine is not None and not cancelled(known) and partstat(mine) != DECLINED:
            turn.answers[key] = DECLINED
    for key in gone & own - new.keyed.keys():
        mine = attendee(new.master, turn.me)
        if mine is not None:
            turn.answers[key] = partstat(mine)
    still = (own | (new.excluded - old.excluded)) - (gone & own)
    set_declined(new.master, [_value(old, key) for key in sorted(still)])


def _key(parts: Parts, value: str) -> int | None:
    return parts.key(prop("EXDATE", value), value)


def _value(parts: Parts, key: int) -> str:
    line = parts.rid(key)
    return line.value if line.param("TZID") is None else format_utc(key)


def _people(one: Component, known: Component, me: frozenset[str]) -> None:
    """Everybody else as they were; whom the attendee delegates to may be new."""
    before, now = attendees(known), attendees(one)
    mine = attendee(one, me)
    sent = {to.removeprefix("mailto:") for to in _list(mine, "DELEGATED-TO")}
    more = now.keys() - before.keys() - me - sent
    if more:
        raise AttendeeChangeRefused(f"only the organizer invites others: {', '.join(sorted(more))[:200]}")

    def put_line(line: Property) -> Property:
        who = address(line)
        return before[who] if who in before and who not in me and bare(line).raw != bare(before[who]).raw else line

    change(one, "ATTENDEE", put_line)
    append(one, *(line for who, line in before.items() if who not in now))
    old, new = known.first("ORGANIZER"), one.first("ORGANIZER")
    if old is not None and new is not None and old.param("SCHEDULE-STATUS") != new.param("SCHEDULE-STATUS"):
        status = old.param("SCHEDULE-STATUS")
        if new.param("SCHEDULE-STATUS") != "2.3":
            bared = without(new, {"SCHEDULE-STATUS"})
            put(one, bared if status is None else with_parameter(bared, "SCHEDULE-STATUS", status))


def _list(line: Property | None, name: str) -> tuple[str, ...]:
    return () if line is None else tuple(value.lower() for value in line.params.get(name, ()))


def _answer(turn: Turn, key: int, one: Component, known: Component) -> None:
    mine, before = attendee(one, turn.me), attendee(known, turn.me)
    if mine is None or cancelled(known):
        return
    was = partstat(before) if before is not None else NEEDS_ACTION
    done = _done(one, known) if partstat(mine) == was else ""
    if done and done != was:
        mine = with_parameter(mine, "PARTSTAT", done)
        change(one, "ATTENDEE", lambda line: mine if address(line) in turn.me and mine is not None else line)
    if partstat(mine) != was or _list(mine, "DELEGATED-TO") != _list(before, "DELEGATED-TO"):
        turn.answers[key] = partstat(mine)
        said = [line.value for line in known.all("COMMENT")]
        turn.comments[key] = [line for line in one.all("COMMENT") if line.value not in said]


def _done(one: Component, known: Component) -> str:
    """The answer that finishing or beginning a task stands for, with clients that write only the task's own state."""
    if one.name != "VTODO":
        return ""
    now, before = one.text("STATUS").upper(), known.text("STATUS").upper()
    return now if now != before and now in {"COMPLETED", "IN-PROCESS"} else ""


def _missing(turn: Turn, old: Parts, key: int, one: Component) -> None:
    """An override left out without an EXDATE: dropped if it was the attendee's own, else put back. Of a copy without
    series it declines.
    """
    if old.master is None:
        mine = attendee(one, turn.me)
        if mine is not None and not cancelled(one) and partstat(mine) != DECLINED:
            turn.answers[key] = DECLINED
        return
    if key in old.onward or not old.occurs(key) or cancelled(one):
        same = False
    else:
        plain = old.derived(key)
        same = timeline(old, one) == timeline(old, plain) and sequence(one) <= sequence(plain)
    mine, series = attendee(one, turn.me), attendee(old.master, turn.me)
    if same and mine is not None and series is not None:
        if partstat(mine) != partstat(series):
            turn.answers[key] = partstat(series)
        return
    turn.new.store(key, copied(one))


def _messages(turn: Turn, *, forced: bool) -> Iterator[Outgoing]:
    """The REPLY, and the REQUEST for those whom the attendee delegates to."""
    if not turn.answers:
        return
    made, sender, delegates = [], "", dict[str, None]()
    for key in sorted(turn.answers):
        one = _said(turn, key)
        mine = attendee(one, turn.me)
        if mine is None:
            continue
        sender = sender or address(mine)
        more = list(turn.comments.get(key, ()))
        for to in _list(mine, "DELEGATED-TO"):
            line = attendee(one, {to.removeprefix("mailto:")})
            if line is not None:
                more.append(bare(line))
                if _is_new(turn, key, to):
                    delegates[address(line)] = None
        made.append(replying(one, mine, turn.answers[key], stamp=turn.stamp, more=more))
    organizer = organizer_of(turn.new.keyed.values())
    if not made or organizer is None:
        return
    text = message(turn.new.obj, Method.REPLY, made)
    yield Outgoing(Method.REPLY, sender, address(organizer), text, News.ANSWER, forced)
    for to in delegates:
        yield Outgoing(Method.REQUEST, sender, to, _forwarded(turn, to), News.DELEGATED)


def _said(turn: Turn, key: int) -> Component:
    """The component an answer is about; one that is excluded now, as it was."""
    for parts in (turn.new, turn.old):
        if parts is not None and (key in parts.keyed or (key not in parts.excluded and parts.master is not None)):
            return parts.keyed[key] if key in parts.keyed else parts.derived(key)
    return turn.new.derived(key)


def _is_new(turn: Turn, key: int, to: str) -> bool:
    known = turn.old.keyed.get(key) if turn.old is not None else None
    return known is None or to not in _list(attendee(known, turn.me), "DELEGATED-TO")


def _forwarded(turn: Turn, to: str) -> str:
    """The organizer's event for the delegate: as the delegator has it, which is how they got it."""
    keys = [key for key, one in turn.new.keyed.items() if attendee(one, {to}) is not None]
    made = []
    for key in sorted(keys):
        one = shared(turn.new.keyed[key], Method.REQUEST)
        mine = own_names(turn.new.keyed[key])
        one.properties[:] = [line for line in one.properties if line.name not in mine]
        put(one, prop("DTSTAMP", format_utc(turn.stamp)))
        made.append(one)
    return message(turn.new.obj, Method.REQUEST, made)
