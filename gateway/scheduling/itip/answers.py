"""What attendees' messages do to the organizer's object (RFC 5546 3.2.3, 3.2.6, 3.2.7; RFC 6638 4.2)."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from gateway.ical.objects import ParsedObject
from gateway.ical.text import Component, Property, prop, serialise
from gateway.scheduling.itip.compare import timeline
from gateway.scheduling.itip.lines import (
    EARLY,
    REPLIED,
    address,
    attendee,
    attendees,
    by_server,
    deputy,
    partstat,
    with_list,
    with_parameter,
    without,
)
from gateway.scheduling.itip.message import append
from gateway.scheduling.itip.model import News, Outcome, Outgoing, Received
from gateway.scheduling.itip.notices import Step, notices
from gateway.scheduling.itip.parts import MASTER, Parts, Revision, cancelled, fresh, revision, sequence

STATUS: Final = "SCHEDULE-STATUS"
SUCCESS: Final = "2.0"
MOST_WAITING: Final = 5
"""Answers that wait on one line; whoever knows an event could write more."""
PLAIN: Final = re.compile(r'[^\s"<>;,]{3,320} [A-Z0-9-]{1,40}')
"""An address and a PARTSTAT that can be kept in a parameter."""


def answered(
    message: ParsedObject, current: ParsedObject | None, *, me: Collection[str], sender: str, stamp: int
) -> Received:
    """REPLY: the attendee's line in each component it is about, or in a new one for a single instance.

    sender: whose line counts, theirs or that of whom they are known to act for; "": that of who delegates, else the
    first.
    """
    if current is None:
        return Received(Outcome.UNKNOWN)
    sent, old, now = Parts(fresh(message)), Parts(fresh(current)), Parts(fresh(current))
    outcomes: set[Outcome] = set()
    said, who = "", ""
    for key, one in sorted(sent.keyed.items()):
        line = _speaker(one, sender, now)
        if line is None:
            outcomes.add(Outcome.STRANGER)
            continue
        who = address(line)
        outcome = _take(old, now, key, one, line, sent)
        outcomes.add(outcome)
        if outcome is Outcome.ANSWERED:
            said = partstat(line)
    for outcome in (Outcome.ANSWERED, Outcome.EARLY, Outcome.SAME, Outcome.STALE):
        if outcome in outcomes:
            break
    else:
        return Received(Outcome.STRANGER, attendee=who or sender)
    if outcome is Outcome.EARLY:
        return Received(outcome, serialise(now.obj.calendar), attendee=who)
    if outcome is not Outcome.ANSWERED:
        return Received(outcome, attendee=who)
    behind = any(key in now.keyed and sequence(one) < sequence(now.keyed[key]) for key, one in sent.keyed.items())
    news = _news(old, now, me, stamp, "" if behind else who)
    return Received(outcome, serialise(now.obj.calendar), messages=news, attendee=who, partstat=said)


def _speaker(one: Component, sender: str, now: Parts) -> Property | None:
    """The line of who answers. What the message itself says of deputies is no proof."""
    lines = attendees(one)
    if not sender:
        return next(
            (line for line in lines.values() if line.params.get("DELEGATED-TO")), next(iter(lines.values()), None)
        )
    if sender in lines:
        return lines[sender]
    for known in now.keyed.values():
        for who, line in attendees(known).items():
            if who in lines and deputy(line) == sender:
                return lines[who]
    return None


def _news(old: Parts, now: Parts, me: Collection[str], stamp: int, who: str) -> tuple[Outgoing, ...]:
    """For the attendees but one; never more than news of answers, even to a delegate, who was asked by the delegator.

    who: the one who answered and knows; "" where the answer crossed a newer revision, which may have hidden it there.
    """
    told = notices(Step(old, now, me, stamp), but={who})
    return tuple(Outgoing(one.method, one.sender, one.recipient, one.text, News.ANSWERS) for one in told)


def _take(old: Parts, now: Parts, key: int, one: Component, line: Property, sent: Parts) -> Outcome:
    """One component of a REPLY. old: before the others of the same message, which come with the same DTSTAMP."""
    known = now.keyed.get(key) if key == MASTER else now.effective(key)
    mine = attendee(known, {address(line)}) if known is not None else None
    if known is None:
        return Outcome.STRANGER
    if mine is None:
        return _early(now, key, known, line, revision(one))
    if cancelled(known) or not _about(now, known, sent, one):
        return Outcome.STALE
    before = old.keyed.get(key) if key == MASTER else old.effective(key)
    shown = attendee(before, {address(line)}) if before is not None else None
    last = _last(shown) if shown is not None else None
    here = revision(one)
    if last is not None and here <= last:
        return Outcome.SAME if here == last else Outcome.STALE
    if key not in now.keyed:
        now.store(key, known)
    known.properties[known.properties.index(mine)] = _updated(mine, line, one)
    _delegates(known, one, line, _waiting(mine))
    return Outcome.ANSWERED


def _early(now: Parts, key: int, known: Component, line: Property, said: Revision) -> Outcome:
    """The answer of somebody who says that an attendee sent them: it waits on the attendee's line."""
    senders = {who.lower().removeprefix("mailto:") for who in line.params.get("DELEGATED-FROM", ())}
    boss = attendee(known, senders)
    if boss is None or cancelled(known):
        return Outcome.STRANGER
    waiting, who = _waiting(boss), address(line)
    last = waiting.get(who, ("", (-1, -1)))[1]
    if said <= last:
        return Outcome.SAME if said == last else Outcome.STALE
    if len(waiting.keys() | {who}) > MOST_WAITING or not PLAIN.fullmatch(f"{who} {partstat(line)}"):
        return Outcome.STRANGER
    waiting[who] = partstat(line), said
    if key not in now.keyed:
        now.store(key, known)
    kept = [f"{one} {answer} {number}-{stamp}" for one, (answer, (number, stamp)) in waiting.items()]
    known.properties[known.properties.index(boss)] = with_list(boss, EARLY, kept)
    return Outcome.EARLY


def _waiting(line: Property) -> dict[str, tuple[str, Revision]]:
    """Answers of their delegates that came before they said whom they send."""
    found: dict[str, tuple[str, Revision]] = {}
    for value in line.params.get(EARLY, ()):
        parts = value.split(" ")
        number, _, stamp = parts[-1].partition("-")
        if len(parts) == 3 and number.isdecimal() and stamp.isdecimal():
            found[parts[0]] = parts[1], (int(number), int(stamp))
    return found


def _about(now: Parts, known: Component, sent: Parts, one: Component) -> bool:
    """Whether it answers what the event is now: this revision, or an earlier one at the same time."""
    if sequence(one) >= sequence(known):
        return True
    if one.first("DTSTART") is None:
        return False
    return timeline(sent, one)[:2] == timeline(now, known)[:2]


def _last(line: Property) -> Revision | None:
    """Which reply the line shows."""
    number, _, stamp = (line.param(REPLIED) or "").partition("-")
    if not number.isdecimal() or not stamp.isdecimal():
        return None
    return int(number), int(stamp)


def _updated(mine: Property, line: Property, one: Component) -> Property:
    made = without(mine, {EARLY}) if line.params.get("DELEGATED-TO") else mine
    if partstat(mine) != partstat(line):
        made = with_parameter(made, "PARTSTAT", partstat(line))
    to = line.params.get("DELEGATED-TO", ())
    if to:
        made = with_list(made, "DELEGATED-TO", to)
        if (line.param("ROLE") or "").upper() == "NON-PARTICIPANT":
            made = with_parameter(made, "ROLE", "NON-PARTICIPANT")
    number, stamp = revision(one)
    made = with_parameter(made, REPLIED, f"{number}-{stamp}")
    if not by_server(mine):
        return made
    codes = [code for status in one.all("REQUEST-STATUS") if (code := status.value.partition(";")[0].strip())]
    return with_parameter(made, STATUS, ",".join(codes) or SUCCESS)


def _delegates(known: Component, one: Component, line: Property, waiting: Mapping[str, tuple[str, Revision]]) -> None:
    """Invites those to whom an attendee delegates. waiting: what they have answered already."""
    who = line.value
    for to in line.params.get("DELEGATED-TO", ()):
        plain = to.lower().removeprefix("mailto:")
        if attendee(known, {plain}) is not None or "@" not in plain:
            continue
        named = attendee(one, {plain})
        name = named.param("CN") if named is not None else None
        params = {"CN": name} if name else {}
        params |= {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE", "DELEGATED-FROM": who}
        if plain in waiting:
            answer, (number, stamp) = waiting[plain]
            params |= {"PARTSTAT": answer, REPLIED: f"{number}-{stamp}", STATUS: SUCCESS}
        append(known, prop("ATTENDEE", f"mailto:{plain}", params))


def asked(
    message: ParsedObject, current: ParsedObject | None, *, me: Collection[str], sender: str, stamp: int
) -> Received:
    """REFRESH: the event as it is, for an attendee who asks."""
    if current is None:
        return Received(Outcome.UNKNOWN)
    now = Parts(fresh(current))
    line = _speaker(message.components[0], sender, now)
    if line is None:
        return Received(Outcome.STRANGER, attendee=sender)
    who = address(line)
    step = Step(now, now, me, stamp, forced={who})
    told = tuple(one for one in notices(step) if one.recipient == who)
    if not told:
        return Received(Outcome.STRANGER, attendee=who)
    plain = tuple(Outgoing(one.method, one.sender, one.recipient, one.text, one.news) for one in told)
    return Received(Outcome.ASKED, messages=plain, attendee=who)


def proposed(message: ParsedObject, current: ParsedObject | None, sender: str) -> Received:
    """COUNTER: for the organizer to decide; see proposals.accept_counter and decline_counter."""
    if current is None:
        return Received(Outcome.UNKNOWN)
    sent, now = Parts(fresh(message)), Parts(fresh(current))
    invited = {who for one in now.keyed.values() for who in attendees(one)}
    line = next((found for one in sent.keyed.values() if (found := _speaker(one, sender, now)) is not None), None)
    who = sender if line is None else address(line)
    if who not in invited:
        return Received(Outcome.STRANGER, attendee=who)
    for key, one in sent.keyed.items():
        known = now.keyed.get(key) if key == MASTER else now.effective(key)
        if known is None or sequence(one) < sequence(known):
            return Received(Outcome.STALE, attendee=who)
    return Received(Outcome.PROPOSED, attendee=who)
