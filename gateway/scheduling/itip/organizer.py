"""What follows from an organizer's change of their object (RFC 6638 3.2.1, 3.2.5, 3.2.8; RFC 5546 2.1.4)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from gateway.errors import OrganizerChangeRefused
from gateway.ical.objects import ParsedObject
from gateway.ical.text import Component, Property, serialise
from gateway.scheduling.itip.compare import Level, differs, recurrence, timeline
from gateway.scheduling.itip.lines import (
    EARLY,
    NEEDS_ACTION,
    REPLIED,
    address,
    attendees,
    by_server,
    change,
    partstat,
    with_list,
    with_parameter,
    without,
)
from gateway.scheduling.itip.model import Changes
from gateway.scheduling.itip.notices import Step, notices
from gateway.scheduling.itip.parts import MASTER, Parts, cancelled, fresh, raise_to, sequence
from gateway.scheduling.itip.people import one_organizer

FORCE: Final = "SCHEDULE-FORCE-SEND"
STATUS: Final = "SCHEDULE-STATUS"
IGNORED: Final = "2.3"
"""Success; invalid property parameter ignored (RFC 5546 3.6.4)."""
NOBODY: Final[Mapping[str, Property]] = {}


def organizer_changes(
    before: ParsedObject | None,
    after: ParsedObject | None,
    *,
    organizer: frozenset[str],
    stamp: int,
    least: int = 0,
) -> Changes:
    """What to store instead of `after`, and whom to tell what.

    before, after: None where it is created or removed. organizer: all addresses of its owner. least: the SEQUENCE with
    which a created one begins.
    Answers of others are theirs: they stay as known (RFC 6638 3.2.1), are asked for anew where the time changed
    (3.2.8), and may be taken back to NEEDS-ACTION.
    Raises: MixedOrganizers, OrganizerChangeRefused.
    """
    old = Parts(fresh(before)) if before is not None else None
    if after is None:
        last = Step(old, None, organizer, stamp, (old.sequence if old is not None else 0) + 1)
        return Changes(None, notices(last))
    _check(before, after, organizer)
    new = Parts(fresh(after))
    step = Step(old, new, organizer, stamp, least)
    step.forced = _forced(new)
    _settle(step)
    return Changes(serialise(new.obj.calendar), notices(step))


def _check(before: ParsedObject | None, after: ParsedObject, organizer: frozenset[str]) -> None:
    line = one_organizer(after)
    if line is not None and address(line) not in organizer:
        raise OrganizerChangeRefused("an event cannot change its organizer")
    invites = any(one.first("ATTENDEE") for one in after.components)
    if before is not None and line is None and invites:
        raise OrganizerChangeRefused("an event with attendees needs its organizer")


def _forced(new: Parts) -> frozenset[str]:
    """Whom SCHEDULE-FORCE-SEND names; takes it out of the object (RFC 6638 7.2)."""
    asked: set[str] = set()

    def taken(line: Property) -> Property:
        value = line.param(FORCE)
        if value is None:
            return line
        kept = without(line, {FORCE})
        if not by_server(line):
            return kept
        if value.upper() != "REQUEST":
            return with_parameter(kept, STATUS, IGNORED)
        asked.add(address(line))
        return kept

    for one in new.keyed.values():
        change(one, "ATTENDEE", taken)
    return frozenset(asked)


def _settle(step: Step) -> None:
    """Brings the new object's answers and revisions in order, in place."""
    old, new = step.old, step.new
    if new is None:
        return
    if old is None:
        for one in new.keyed.values():
            _answers(step, one, NOBODY, Level.RESCHEDULED)
            raise_to(one, max(sequence(one), step.sequence))
        return
    for key, one in old.overrides.items():
        _keep_answers(step.organizer, old, new, key, one)
    step.levels = differs(old, new)
    before = {key: old.effective(key) if key != MASTER else old.master for key in new.keyed}
    touched = {key for key, one in new.keyed.items() if _revised(step, key, one, before[key])}
    for key, one in new.keyed.items():
        known = before[key]
        people = attendees(known) if known is not None else NOBODY
        if _answers(step, one, people, step.levels[key]):
            touched.add(key)
    touched |= _left_with(old, new)
    if _fewer(old, new):
        touched.add(MASTER if MASTER in new.keyed else min(new.keyed))
    step.sequence = max(old.sequence + 1, new.sequence)
    for key, one in new.keyed.items():
        least = step.sequence if key in touched else _least(old, one, before[key])
        if sequence(one) < least:
            raise_to(one, least)
    step.levels = differs(old, new)


def _keep_answers(organizer: Collection[str], old: Parts, new: Parts, key: int, one: Component) -> None:
    """What guests answered for a single instance stays where the organizer's client leaves its component out, as long
    as it takes place at that time.
    """
    if key in new.keyed or key in new.excluded or old.master is None or cancelled(one) or not new.occurs(key):
        return
    again = new.derived(key)
    series, said = attendees(old.master), attendees(one)
    own = {
        who: partstat(line)
        for who, line in said.items()
        if who in series and who not in organizer and by_server(line)
        if partstat(line) not in {NEEDS_ACTION, partstat(series[who])}
    }
    if not own.keys() & attendees(again).keys() or timeline(old, one) != timeline(new, again):
        return

    def answered(line: Property) -> Property:
        who = address(line)
        return with_parameter(line, "PARTSTAT", own[who]) if who in own and by_server(line) else line

    change(again, "ATTENDEE", answered)
    new.store(key, again)


def _answers(step: Step, one: Component, known: Mapping[str, Property], level: Level) -> bool:
    """Puts the answers of others in order; whether one of them was taken back by the organizer."""
    asked = False

    def settled(line: Property) -> Property:
        nonlocal asked
        who = address(line)
        if who in step.organizer or not by_server(line):
            return line
        before = known.get(who)
        line = _with_marks(line, before)
        if level is Level.RESCHEDULED:
            line = without(line, {EARLY})
        answer = partstat(before) if before is not None and by_server(before) else NEEDS_ACTION
        if level is Level.RESCHEDULED and answer != "DELEGATED":
            answer = NEEDS_ACTION
        if partstat(line) == NEEDS_ACTION != answer:
            asked = True
            return line
        return line if partstat(line) == answer else with_parameter(line, "PARTSTAT", answer)

    change(one, "ATTENDEE", settled)
    return asked


def _with_values(line: Property, name: str, values: Sequence[str]) -> Property:
    return with_list(line, name, values) if name == EARLY else with_parameter(line, name, ",".join(values))


def _with_marks(line: Property, before: Property | None) -> Property:
    """With what the server keeps on the line, which clients leave out or invent."""
    for name in (STATUS, REPLIED, EARLY):
        value = before.param(name) if before is not None else None
        if name == STATUS and line.param(name) == IGNORED:
            continue
        if value is None:
            line = without(line, {name})
        elif before is not None and line.params.get(name) != before.params[name]:
            line = _with_values(line, name, before.params[name])
    return line


def _revised(step: Step, key: int, one: Component, known: Component | None) -> bool:
    """Whether the change asks for a higher SEQUENCE (RFC 5546 2.1.4)."""
    old, new = step.old, step.new
    if old is None or new is None or known is None:
        return True
    if step.levels[key] is Level.RESCHEDULED or cancelled(one) != cancelled(known):
        return True
    if one.text("STATUS").upper() != known.text("STATUS").upper() or attendees(known).keys() - attendees(one).keys():
        return True
    return key == MASTER and (recurrence(old) != recurrence(new) or old.excluded != new.excluded)


def _left_with(old: Parts, new: Parts) -> set[int]:
    """Instances that somebody keeps who loses the series: a CANCEL of the whole comes first, and they must be newer."""
    if old.master is None or new.master is None:
        return set()
    lost = attendees(old.master).keys() - attendees(new.master).keys()
    return {key for key, one in new.overrides.items() if lost & attendees(one).keys()}


def _least(old: Parts, one: Component, known: Component | None) -> int:
    """The SEQUENCE of a component that needs no higher one; who is new in it may have had a CANCEL with the highest."""
    if known is None:
        return 0
    return old.sequence if attendees(one).keys() - attendees(known).keys() else sequence(known)


def _fewer(old: Parts, new: Parts) -> bool:
    """Whether a component is gone, so that its instance is again as the series has it, or takes place no more."""
    return bool(old.keyed.keys() - new.keyed.keys())
