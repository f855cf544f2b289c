"""The dates of a series in a calendar object: its rule, what is left out of it, and what is not as it says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.booking.expanded import Expanded, expanded, recurrence_id
from gateway.booking.repeats import Plan, Turn
from gateway.ical.objects import ParsedObject
from gateway.ical.text import Component, Property, prop, replace, with_param
from gateway.ical.value import format_utc
from gateway.scheduling.itip import address
from gateway.scheduling.itip.message import copied

OF_SERIES: Final = ("RRULE", "RDATE", "EXRULE", "EXDATE")
Times = Sequence[tuple[str, Property | None]]
"""By name the lines that say when it is; None: there is no such line."""


def clock(name: str, instant: int, zone: str) -> Property:
    if zone == "UTC":
        return prop(name, format_utc(instant))
    local = datetime.fromtimestamp(instant, ZoneInfo(zone))
    return prop(name, local.strftime("%Y%m%dT%H%M%S"), {"TZID": zone})


def on_clock(zone: str, *instants: int) -> str:
    """The zone, or UTC where its clock shows one of the times twice and this is the second."""
    return "UTC" if any(datetime.fromtimestamp(one, ZoneInfo(zone)).fold for one in instants) else zone


def once(start: int, end: int, zone: str) -> Times:
    """Lines of an event that takes place once."""
    zone = on_clock(zone, start, end)
    return ("DTSTART", clock("DTSTART", start, zone)), ("DURATION", None), ("DTEND", clock("DTEND", end, zone))


def each(start: int, end: int, zone: str) -> Times:
    """Lines of a series: its dates are where DTSTART's clock says."""
    lasts: Times = (("DURATION", None), ("DTEND", clock("DTEND", end, zone)))
    if on_clock(zone, end) != zone:
        lasts = (("DURATION", prop("DURATION", f"PT{(end - start) // 60}M")), ("DTEND", None))
    return ("DTSTART", clock("DTSTART", start, zone)), *lasts


def rule_lines(plan: Plan) -> list[Property]:
    gone = _left_out(plan)
    return [prop("RRULE", plan.repeats.rule), *([gone] if gone else [])]


def _left_out(plan: Plan) -> Property | None:
    gone = [clock("EXDATE", one.at, plan.zone).value for one in plan.turns if one.gone]
    return prop("EXDATE", ",".join(gone), {} if plan.zone == "UTC" else {"TZID": plan.zone}) if gone else None


def is_regular(plan: Plan, one: Turn) -> bool:
    """Whether the rule says all there is to say of it."""
    return not one.reply and (one.start, one.end) == (one.at, one.at + plan.length)


def arrange(obj: ParsedObject, plan: Plan, invitee: str, reply: str) -> bool:
    """Has the object's events say what the plan does; whatever else stands in them stays. False: it has no series.

    invitee, reply: whose answer stands in the dates that have none of their own, and what it is.
    """
    owner = ZoneInfo(plan.zone)
    known, master = expanded(obj, owner), obj.master
    if master is None:
        return False
    if known is None or known.rule != tuple(one.at for one in plan.turns):
        first = plan.bare.turns[0]
        for name, new in (*each(first.start, first.end, plan.zone), ("RRULE", prop("RRULE", plan.repeats.rule))):
            replace(master, name, new)
        known = None
    if known is None or set(known.dates) != {one.at for one in plan.turns if not one.gone}:
        for name, line in (("RDATE", None), ("EXRULE", None), ("EXDATE", _left_out(plan))):
            replace(master, name, line)
    theirs = {recurrence_id(obj, one, owner): one for one in obj.components[1:]}
    kept = _overrides(plan, master, theirs, known, (invitee, reply))
    obj.calendar.components = [one for one in obj.calendar.components if one.name != "VEVENT" or one is master] + kept
    return True


def _overrides(
    plan: Plan,
    master: Component,
    theirs: Mapping[int | None, Component],
    known: Expanded | None,
    answer: tuple[str, str],
) -> list[Component]:
    """theirs: as they stand there, by RECURRENCE-ID."""
    invitee, reply = answer
    found = []
    for one in plan.turns:
        there = theirs.get(one.at)
        if one.gone or (there is None and is_regular(plan, one)):
            continue
        made = _like(master, one, plan.zone) if there is None else there
        if there is None or known is None or known.dates.get(one.at) != (one.start, one.end):
            for name, new in once(one.start, one.end, plan.zone):
                replace(made, name, new)
        set_reply(made, invitee, one.reply or reply)
        found.append(made)
    return found


def _like(master: Component, one: Turn, zone: str) -> Component:
    made = copied(master)
    for name in OF_SERIES:
        replace(made, name, None)
    replace(made, "RECURRENCE-ID", clock("RECURRENCE-ID", one.at, zone))
    return made


def set_reply(one: Component, who: str, partstat: str) -> bool:
    """The attendee's answer in a component; whether it said something else."""
    changed = False
    for at, line in enumerate(one.properties):
        theirs = line.name == "ATTENDEE" and address(line) == who.lower()
        if theirs and (line.param("PARTSTAT") or "").upper() != partstat:
            one.properties[at] = with_param(line, "PARTSTAT", partstat)
            changed = True
    return changed
