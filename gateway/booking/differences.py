"""What a host's calendar says of the dates of a series that the booking does not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from gateway.booking.expanded import Expanded, expanded, recurrence_id
from gateway.booking.repeats import Plan, Turn
from gateway.booking.slots import series
from gateway.errors import GatewayError
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.scheduling.itip import address


@dataclass(frozen=True, slots=True)
class Told:
    """plan: as the calendar has it. moved, lost: RECURRENCE-IDs of dates, as they were before.

    whole: it is by another rule, or begins at another time. replies: to single dates: RECURRENCE-ID -> PARTSTAT.
    """

    plan: Plan
    moved: tuple[int, ...]
    lost: tuple[int, ...]
    whole: bool
    replies: Mapping[int, str]
    before: tuple[int, ...]

    def holding(self, ats: Collection[int], who: int) -> "Told":
        """Those dates stand all the same. who: id of the host who took them out."""
        turns = [
            one.model_copy(update={"gone": False, "left": (*one.left, who)}) if before in ats else one
            for one, before in zip(self.plan.turns, self.before, strict=True)
        ]
        plan = self.plan.model_copy(update={"turns": tuple(turns)})
        return replace(self, plan=plan, lost=tuple(at for at in self.lost if at not in ats))


def told(plan: Plan, text: str, owner: str, now: float, invitee: str) -> Told | None:
    """owner: zone of times without one. None: it is not that series any more, nor the same at another time.

    What is over stays as it was. What a host takes out and puts in again is not the booking's any more.
    """
    zone = ZoneInfo(owner)
    try:
        obj = read_lenient(text)
    except GatewayError:
        return None
    known = expanded(obj, zone)
    ats = None if known is None else _ats(plan, known)
    if known is None or ats is None or not set(known.dates) <= set(ats):
        return None
    whole = ats != [one.at for one in plan.turns]
    turns = [_turn(one, at, known.dates.get(at), now) for one, at in zip(plan.turns, ats, strict=True)]
    if not whole and any(one.gone and one.at in known.dates for one in plan.turns):
        return None
    after = plan.model_copy(update={"turns": tuple(turns), "length": known.length})
    if whole:
        after = after.model_copy(update={"zone": known.zone})
    pairs = list(zip(plan.turns, turns, strict=True))
    return Told(
        plan=after,
        moved=tuple(one.at for one, new in pairs if not new.gone and (one.start, one.end) != (new.start, new.end)),
        lost=tuple(one.at for one, new in pairs if new.gone and not one.gone),
        whole=whole,
        replies=_replies(obj, zone, invitee),
        before=tuple(one.at for one in plan.turns),
    )


def has_date(text: str, owner: str, at: int) -> bool:
    try:
        known = expanded(read_lenient(text), ZoneInfo(owner))
    except GatewayError:
        return False
    return known is not None and at in known.dates


def _ats(plan: Plan, known: Expanded) -> list[int] | None:
    """RECURRENCE-IDs of the dates in order; None: it is another rule, on whichever clock."""
    if known.rule == tuple(one.at for one in plan.turns):
        return list(known.rule)
    if not known.zone or known.rule[0] % 60:
        return None
    starts = series.starts(known.rule[0] // 60, plan.repeats.series, ZoneInfo(known.zone))
    return list(known.rule) if known.rule == tuple(minute * 60 for minute in starts) else None


def _turn(one: Turn, at: int, time: tuple[int, int] | None, now: float) -> Turn:
    """time: as the calendar has it, None: not at all."""
    over = one.end <= now and (time is None or time[1] <= now)
    if one.gone or over:
        return one.model_copy(update={"at": at})
    if time is None:
        return one.model_copy(update={"at": at, "gone": True})
    reply = one.reply if time == (one.start, one.end) else ""
    return one.model_copy(update={"at": at, "start": time[0], "end": time[1], "reply": reply})


def _replies(obj: ParsedObject, zone: ZoneInfo, invitee: str) -> dict[int, str]:
    found = {}
    for one in obj.components[1:]:
        at = recurrence_id(obj, one, zone)
        line = next((line for line in one.all("ATTENDEE") if address(line) == invitee), None)
        if at is not None and line is not None:
            found[at] = (line.param("PARTSTAT") or "").upper()
    return found
