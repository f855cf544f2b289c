"""What an organizer's message does to an attendee's copy (RFC 5546 3.2.1, 3.2.2, 3.2.4, 3.2.5; RFC 6638 4.1)."""

from collections.abc import Collection

from gateway.ical.objects import ParsedObject
from gateway.ical.text import Component, Property, prop, replace, serialise
from gateway.ical.value import format_utc
from gateway.ical.zones import iana
from gateway.scheduling.itip.compare import Level, level, timeline
from gateway.scheduling.itip.lines import NEEDS_ACTION, address, attendee, change, partstat, with_parameter
from gateway.scheduling.itip.message import append, copied, put, zones_for
from gateway.scheduling.itip.model import Outcome, Received
from gateway.scheduling.itip.own import carry, declined, private, set_declined
from gateway.scheduling.itip.parts import (
    MASTER,
    Parts,
    Revision,
    cancelled,
    fresh,
    raise_to,
    revision,
    sequence,
    stamped,
)
from gateway.scheduling.itip.sight import cut_off

DECLINED = "DECLINED"


def requested(message: ParsedObject, current: ParsedObject | None, me: Collection[str]) -> Received:
    """REQUEST and PUBLISH: the new state of the components in the message; with the series in it, of all."""
    sent = Parts(fresh(message))
    if current is None:
        return Received(Outcome.NEW, _new(sent, me))
    old, now = Parts(fresh(current)), Parts(fresh(current))
    kept = Parts(fresh(current))
    fate = _newer(sent, old)
    if not fate and _made_again(sent, old):
        return Received(Outcome.NEW, _new(sent, me))
    if not fate:
        return Received(_too_late(sent, old))
    changed = Level.NOTHING
    for key in sorted(fate):
        known = _known(old, key)
        changed = max(changed, _weight(old, known, sent, sent.keyed[key]))
        if key in old.excluded and MASTER not in fate and not _taken_in(kept, sent, now, key, me):
            continue
        one = copied(sent.keyed[key])
        _mine(old, known, sent, one, me)
        carry(one, known)
        now.store(key, one)
    if MASTER in fate:
        changed = max(changed, _rest(kept, sent, now, me))
        _still_declined(kept, sent, now, me)
    _cut(now)
    _bring_zones(now, sent)
    text = serialise(now.obj.calendar)
    if text == serialise(current.calendar):
        return Received(Outcome.SAME)
    return Received(Outcome.ANSWERS if changed <= Level.ANSWERS else Outcome.UPDATED, text)


def cancelling(message: ParsedObject, current: ParsedObject | None, me: Collection[str]) -> Received:
    """CANCEL: the components stay, with STATUS:CANCELLED and the SEQUENCE that orders what else may come."""
    if current is None:
        return Received(Outcome.UNKNOWN)
    sent, now = Parts(fresh(message)), Parts(fresh(current))
    touched = False
    for key, one in sorted(sent.keyed.items()):
        if key == MASTER:
            for part in now.keyed.values():
                touched |= _cancel(part, one)
        elif _is_older(one, _reference(now, key)):
            continue
        elif key in now.keyed:
            touched |= _cancel(now.keyed[key], one, ranged=key in sent.onward)
        elif (missing := _to_cancel(now, key, one)) is not None:
            _cancel(missing, one, ranged=key in sent.onward)
            now.store(key, missing)
            touched = True
    if not touched:
        return Received(_too_late(sent, now))
    now.onward |= sent.onward
    _cut(now)
    text = serialise(now.obj.calendar)
    mine = [one for one in now.keyed.values() if attendee(one, me) is not None] or now.keyed.values()
    gone = all(cancelled(one) for one in mine)
    return Received(Outcome.CANCELLED, text, gone=gone)


def _to_cancel(now: Parts, key: int, one: Component) -> Component | None:
    """The component that remembers the cancellation of an instance without one of its own.

    Of an instance nobody knows here only where the CANCEL overtook messages that may tell of it.
    """
    if now.occurs(key) and key not in now.excluded:
        return now.derived(key)
    reference = now.master
    if reference is not None and sequence(one) <= sequence(reference) + 1:
        return None
    part = copied(one)
    part.properties[:] = [line for line in part.properties if line.name not in {"STATUS", "SEQUENCE", "DTSTAMP"}]
    carry(part, None)
    line = part.first("RECURRENCE-ID")
    if part.first("DTSTART") is None and line is not None:
        append(part, prop("DTSTART", line.value, _zoned(line)))
    return part


def added(message: ParsedObject, current: ParsedObject, me: Collection[str]) -> Received:
    """ADD: each component is an instance more, as if by RDATE (RFC 5546 3.2.4)."""
    sent, now = Parts(fresh(message)), Parts(fresh(current))
    touched = False
    for one in [one for one in sent.obj.components if one.first("RECURRENCE-ID") is None]:
        line = one.first("DTSTART")
        key = now.key(line, line.value) if line is not None else None
        if line is None or key is None or not _is_newer(one, _reference(now, key)):
            continue
        part = copied(one)
        part.properties.insert(1, prop("RECURRENCE-ID", line.value, _zoned(line)))
        _unanswered(part, me)
        carry(part, None)
        if now.master is not None and not now.occurs(key):
            append(now.master, prop("RDATE", line.value, _zoned(line)))
        now.store(key, part)
        touched = True
    if not touched:
        return Received(_too_late(sent, now))
    _bring_zones(now, sent)
    return Received(Outcome.UPDATED, serialise(now.obj.calendar))


def _zoned(line: Property) -> dict[str, tuple[str, ...]]:
    return {name: values for name, values in line.params.items() if name in {"TZID", "VALUE"}}


def _new(sent: Parts, me: Collection[str]) -> str:
    """The message as an object of its own."""
    calendar = sent.obj.calendar
    replace(calendar, "METHOD", None)
    own = set(map(id, sent.obj.components))
    calendar.components[:] = [one for one in calendar.components if one.name == "VTIMEZONE" or id(one) in own]
    for one in sent.keyed.values():
        replace(one, "REQUEST-STATUS", None)
        _unanswered(one, me)
        carry(one, None)
    _bring_zones(sent, sent)
    return serialise(calendar)


def _unanswered(one: Component, me: Collection[str]) -> None:
    """Nobody accepts for me; that I declined before, when I had a copy, may stand."""
    organizer = one.first("ORGANIZER")
    if organizer is not None and address(organizer) in me:
        return

    def asked(line: Property) -> Property:
        mine = address(line) in me and partstat(line) not in {NEEDS_ACTION, DECLINED}
        return with_parameter(line, "PARTSTAT", NEEDS_ACTION) if mine else line

    change(one, "ATTENDEE", asked)


def _reference(parts: Parts, key: int) -> Component | None:
    """Whose revision says whether news of that instance is news."""
    return parts.keyed.get(key) or parts.master


def _is_newer(one: Component, known: Component | None) -> bool:
    return known is None or revision(one) > revision(known)


def _is_older(one: Component, known: Component | None) -> bool:
    return known is not None and revision(one) <= revision(known)


def _newer(sent: Parts, old: Parts) -> set[int]:
    return {key for key, one in sent.keyed.items() if _is_newer(one, _reference(old, key))}


def _too_late(sent: Parts, old: Parts) -> Outcome:
    def past(key: int, one: Component) -> bool:
        known = _reference(old, key)
        return known is not None and revision(one) < revision(known)

    return Outcome.STALE if any(past(key, one) for key, one in sent.keyed.items()) else Outcome.SAME


def _made_again(sent: Parts, old: Parts) -> bool:
    """The organizer threw the event away, and it was stored once more as it had been, as undoing does: nothing of it is
    left, and the message was written after the cancellation.
    """
    over = all(cancelled(one) for one in old.keyed.values())
    return over and min(map(stamped, sent.keyed.values())) > max(map(stamped, old.keyed.values()))


def _known(old: Parts, key: int) -> Component | None:
    """The attendee's component until now, be it derived; None if they had no such instance."""
    if key in old.keyed or key == MASTER:
        return old.keyed.get(key)
    return old.derived(key) if old.occurs(key) and key not in old.excluded else None


def _taken_in(kept: Parts, sent: Parts, now: Parts, key: int, me: Collection[str]) -> bool:
    """Makes room for an instance that was excluded; False where I took it out and the organizer knows."""
    mine = attendee(sent.keyed[key], me)
    own = {value for value in declined(now.master) if kept.key(prop("EXDATE", value), value) == key}
    if now.master is None or (own and mine is not None and partstat(mine) == DECLINED):
        return False
    now.include(now.master, key)
    set_declined(now.master, [value for value in declined(now.master) if value not in own])
    return True


def _weight(old: Parts, known: Component | None, sent: Parts, one: Component) -> Level:
    if known is None or cancelled(known) != cancelled(one):
        return Level.RESCHEDULED
    found = level(old, known, sent, one)
    if found < Level.CHANGED and one is sent.master and old.excluded != sent.excluded:
        return Level.CHANGED
    return found


def _mine(old: Parts, known: Component | None, sent: Parts, one: Component, me: Collection[str]) -> None:
    """My answer stands unless the time is another one, or the organizer took it back with a new revision.

    Of what was cancelled, only if the organizer still knows the same answer.
    """
    before = attendee(known, me) if known is not None else None
    theirs = attendee(one, me)
    again = cancelled(known) and theirs is not None and before is not None and partstat(theirs) != partstat(before)
    if known is None or before is None or timeline(old, known) != timeline(sent, one) or again:
        _asked(one, me)
        return
    reference = revision(known)
    answer = partstat(before)

    def kept(line: Property) -> Property:
        if address(line) not in me or answer in {NEEDS_ACTION, partstat(line)}:
            return line
        taken_back = partstat(line) == NEEDS_ACTION and revision(one)[0] > reference[0]
        return line if taken_back else with_parameter(line, "PARTSTAT", answer)

    change(one, "ATTENDEE", kept)


def _asked(one: Component, me: Collection[str]) -> None:
    def asked(line: Property) -> Property:
        mine = address(line) in me and partstat(line) != NEEDS_ACTION
        return with_parameter(line, "PARTSTAT", NEEDS_ACTION) if mine else line

    change(one, "ATTENDEE", asked)


def _rest(kept: Parts, sent: Parts, now: Parts, me: Collection[str]) -> Level:
    """What becomes of own overrides that a message about the whole does not have: newer ones stay, those with an
    answer or anything of their attendee's own are made anew of the series, all others go.
    """
    changed = Level.NOTHING
    last: Revision = revision(sent.keyed[MASTER])
    for key, one in kept.overrides.items():
        if key in sent.keyed or revision(one) > last:
            continue
        now.drop(key)
        again = sent.derived(key) if sent.occurs(key) and key not in sent.excluded else None
        if again is None or cancelled(one) or timeline(kept, one) != timeline(sent, again):
            changed = max(changed, Level.CHANGED)
            continue
        changed = max(changed, level(kept, one, sent, again))
        mine, series = attendee(one, me), attendee(again, me)
        if private(one) or (mine is not None and series is not None and partstat(mine) != partstat(series)):
            _mine(kept, one, sent, again, me)
            carry(again, one)
            now.store(key, again)
    return changed


def _still_declined(kept: Parts, sent: Parts, now: Parts, me: Collection[str]) -> None:
    """Instances that I took out stay out, as long as the organizer does not ask for them anew."""
    master = now.keyed[MASTER]
    still = []
    for value in declined(kept.master):
        key = kept.key(prop("EXDATE", value), value)
        if key is None or not sent.occurs(key):
            continue
        one = sent.keyed.get(key)
        mine = attendee(one, me) if one is not None else None
        if mine is not None and partstat(mine) != DECLINED:
            continue
        still.append(value)
        if key not in sent.excluded:
            sent.exclude(master, {key})
        if key in now.keyed:
            now.drop(key)
    set_declined(master, still)


def _cancel(part: Component, one: Component, *, ranged: bool = False) -> bool:
    """Marks a component as cancelled by that of a CANCEL, unless it is newer."""
    if revision(one) <= revision(part):
        return False
    put(part, prop("STATUS", "CANCELLED"))
    raise_to(part, revision(one)[0])
    put(part, prop("DTSTAMP", format_utc(revision(one)[1])))
    line = part.first("RECURRENCE-ID")
    if ranged and line is not None:
        put(part, with_parameter(line, "RANGE", "THISANDFUTURE"))
    return True


def _cut(now: Parts) -> None:
    """Where the series is cancelled from some instance on, it ends there; not every client knows RANGE."""
    master = now.master
    ends = [key for key in now.onward if key in now.keyed and cancelled(now.keyed[key])]
    if master is not None and ends and not cancelled(master):
        cut_off(now, master, min(ends))


def _bring_zones(now: Parts, sent: Parts) -> None:
    """The VTIMEZONEs that the message had, or ought to have had; instead of those that say something else."""
    calendar = now.obj.calendar
    known = {zone.text("TZID"): number for number, zone in enumerate(calendar.components) if zone.name == "VTIMEZONE"}
    for zone in zones_for(sent.obj, now.keyed.values()):
        tzid = zone.text("TZID")
        if tzid not in known:
            zone.at = len(calendar.properties)
            calendar.components.insert(0, zone)
            known = {name: number + 1 for name, number in known.items()}
        elif iana(tzid) is None and MASTER in sent.keyed:
            zone.at = calendar.components[known[tzid]].at
            calendar.components[known[tzid]] = zone
