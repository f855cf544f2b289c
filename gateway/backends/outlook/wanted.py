"""A calendar object taken apart for Outlook, and whether Outlook can hold it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from gateway.backends.outlook.read import Whole, nameless_series, object_text
from gateway.backends.outlook.recurrence import refused
from gateway.backends.outlook.values import QUIET_PROPERTY, Json, Place, extended
from gateway.backends.outlook.words import difference, guests, is_booking, is_guest_copy, mailed_by_client, words_of
from gateway.backends.outlook.write import Times, dates_in, day_of, times_of
from gateway.errors import RefusedByProvider, TooManyInstances
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.recurrence import Series
from gateway.ical.text import Component, unfold

TIME_LINES: Final = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXRULE"})
WHEN: Final = frozenset({"start", "end", "isAllDay", "recurrence"})
AROUND: Final = timedelta(days=400)
MOST_DATES: Final = 10_000
MOST_KEPT: Final = 16_000
BESIDE: Final = "beside"
DATED_BY_OUTLOOK: Final = "its time zone has no name, so when the series is can only be changed in Outlook"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object as Outlook is to hold it, or holds it.

    times: None where only Outlook knows them (a series in a zone without name). dates: by what single dates of a series
    are found and written; None: no series. overrides: by the local date they replace; in a zone without name, by the
    instant. left_out: dates deleted, cancelled ones too. booking: that mark's value. beside: Outlook does not know the
    guests. named: their names go below the text.
    """

    obj: ParsedObject
    master: Component
    times: Times | None
    dates: Times | None
    overrides: Mapping[date, Component]
    left_out: frozenset[date]
    booking: str = ""
    beside: bool = False
    named: bool = False

    @property
    def nameless(self) -> bool:
        return self.times is None

    @property
    def guest_lines(self) -> str:
        """Whom the client invites by itself, fit to be kept with the event."""
        lines = [unfold(line.raw).strip() for line in self.master.properties if line.name in {"ORGANIZER", "ATTENDEE"}]
        kept = "\n".join(lines)
        return kept if kept and len(kept) <= MOST_KEPT else BESIDE

    def words(self, component: Component, place: Place) -> Json:
        return words_of(component, place, beside=self.beside, named=self.named)


def shape(component: Component, *, without: str = "") -> list[tuple[str, str, str | None]]:
    """The lines that say when it is, as written."""
    return [
        (line.name, line.value, line.param("TZID"))
        for line in component.properties
        if line.name in TIME_LINES and line.name != without
    ]


def master_of(obj: ParsedObject) -> Component:
    """Raises: RefusedByProvider."""
    if obj.kind != "VEVENT":
        raise RefusedByProvider("Outlook calendars take events only")
    if obj.master is None:
        raise refused("single dates of a series without the series")
    return obj.master


def fresh(obj: ParsedObject, place: Place) -> Wanted:
    """What is to be made of a new object. Raises: RefusedByProvider for what Outlook cannot hold."""
    master, booking = master_of(obj), is_booking(obj)
    copied = is_guest_copy(master, place)
    beside = bool(booking) or copied or mailed_by_client(master)
    named = bool(booking) or copied
    return taken_apart(obj, place, times_of(master, obj, place), booking, beside=beside, named=named)


def held(whole: Whole, place: Place) -> Wanted:
    """What Outlook holds, read in our own mapping; never refused."""
    obj = read_lenient(object_text(whole, place))
    booking = is_booking(obj)
    beside = bool(booking) or (bool(extended(whole.event, QUIET_PROPERTY)) and not whole.event.get("attendees"))
    if nameless_series(whole.event):
        return nameless(obj, place, booking, beside=beside)
    try:
        times = times_of(obj.components[0], obj, place)
    except RefusedByProvider:  # a zone that Outlook knows and has no name for
        return nameless(obj, place, booking, beside=beside)
    return taken_apart(obj, place, times, booking, beside=beside, named=bool(booking))


def changed(obj: ParsedObject, place: Place, old: Wanted) -> Wanted:
    """What is to be made of an object that is there. Raises: RefusedByProvider for what Outlook cannot hold."""
    master, booking = master_of(obj), is_booking(obj) or old.booking
    known = bool(guests(old.master, place))  # whom Outlook has invited it goes on telling
    beside = bool(booking) or old.beside or (mailed_by_client(master) and not known)
    named = bool(booking)
    if not old.nameless:
        times = old.times if shape(master) == shape(old.master) else times_of(master, obj, place)
        return taken_apart(obj, place, times, booking, beside=beside, named=named)
    if shape(master, without="RDATE") != shape(old.master, without="RDATE"):
        raise refused(DATED_BY_OUTLOOK)
    new = nameless(obj, place, booking, beside=beside)
    there, wanted = (all_dates(one, place) for one in (old, new))
    if wanted - there:
        raise refused(DATED_BY_OUTLOOK)
    return replace(new, left_out=new.left_out | (there - wanted))


def taken_apart(
    obj: ParsedObject, place: Place, times: Times | None, booking: str, *, beside: bool, named: bool
) -> Wanted:
    master = obj.components[0]
    if times is None or times.recurrence is None:
        return Wanted(obj, master, times, None, {}, frozenset(), booking, beside, named)
    overrides, gone = singled_out(obj, place, times, by_instant=False)
    return Wanted(obj, master, times, times, overrides, gone, booking, beside, named)


def nameless(obj: ParsedObject, place: Place, booking: str, *, beside: bool) -> Wanted:
    """A series whose dates only Outlook can work out: each is known by its instant."""
    master = obj.components[0]
    kept = Component(master.name, master.begin, master.end)
    kept.properties = [line for line in master.properties if line.name not in {"RRULE", "RDATE", "EXRULE"}]
    dates = times_of(kept, obj, place)
    overrides, gone = singled_out(obj, place, dates, by_instant=True)
    return Wanted(obj, master, None, dates, overrides, gone, booking, beside, named=bool(booking))


def singled_out(
    obj: ParsedObject, place: Place, dates: Times, *, by_instant: bool
) -> tuple[dict[date, Component], frozenset[date]]:
    """Changed dates, and deleted ones."""
    master = obj.components[0]
    gone = dates_in(master, "EXDATE", obj, place, dates, by_instant=by_instant)
    overrides: dict[date, Component] = {}
    for component in obj.components[1:]:
        line = component.first("RECURRENCE-ID")
        if line is not None:
            overrides[day_of(line, obj, place, dates, by_instant=by_instant)] = component
    cancelled = {day for day, one in overrides.items() if one.text("STATUS").upper() == "CANCELLED"}
    gone |= cancelled
    return {day: one for day, one in overrides.items() if day not in gone}, frozenset(gone)


def all_dates(one: Wanted, place: Place) -> set[date]:
    """Every date a nameless series is said to have, the changed ones too."""
    if one.dates is None:
        return set()
    dated = dates_in(one.master, "RDATE", one.obj, place, one.dates, by_instant=True)
    return {*dated, *one.overrides} - one.left_out


def check_change(old: Wanted, new: Wanted, *, told: bool) -> None:
    """told: whether others hear of every change.

    Raises: RefusedByProvider, before anything was written, for what Outlook has no way to do.
    """
    if new.master.text("STATUS").upper() == "CANCELLED" != old.master.text("STATUS").upper():
        raise RefusedByProvider("Outlook keeps no cancelled events; delete the event to cancel it")
    back = brought_back(old, new)
    if back and (told or old.nameless):
        days = ", ".join(sorted(f"{day:%Y-%m-%d}" for day in back))
        raise RefusedByProvider(
            f"Outlook brings back deleted dates only with a new series, and would mail every guest twice: {days}"
        )


def brought_back(old: Wanted, new: Wanted) -> frozenset[date]:
    """Deleted dates that are wanted again, of a series that is otherwise to stay when it is."""
    same = old.times is None or (new.times is not None and old.times.whole == new.times.whole)
    return old.left_out - new.left_out if same else frozenset()


def retimed(old: Wanted, new: Wanted, *, told: bool) -> Json:
    """What has to be told of the times. Another spelling of the same moments is not worth a mail to everybody."""
    if old.times is None or new.times is None:
        return {}
    single = old.times.recurrence is None and new.times.recurrence is None
    if told and single and old.times.moments == new.times.moments:
        return {}
    return difference(new.times.whole, old.times.whole)


def check_dates(new: Wanted, place: Place) -> None:
    """Raises: RefusedByProvider, before anything was written, for dates that Outlook would not take.

    Those that the series does not have, and those moved to or past the day of their neighbours.
    """
    if new.dates is None or new.times is None or not new.overrides:
        return
    try:
        days = series_days(new)
    except TooManyInstances:
        return  # Outlook finds out by itself
    moved = {day: times_of(one, new.obj, place).seen_in(new.dates).start.date() for day, one in new.overrides.items()}
    for day in sorted(moved):
        if day not in days:
            raise refused(f"the series has no date {day.isoformat()} to change")
    where = [moved.get(day, day) for day in sorted(days)]
    if any(one >= other for one, other in pairwise(where)):
        raise refused("a date would be moved to the day of the one before or after it, or past it")


def series_days(new: Wanted) -> set[date]:
    """The local dates of the series around those that are changed, without the deleted ones.

    Raises: TooManyInstances.
    """
    if new.dates is None:
        return set()
    bare = Component(new.master.name, new.master.begin, new.master.end)
    bare.properties = [line for line in new.master.properties if line.name != "EXDATE"]
    zone = new.dates.zone
    found = Series(replace(new.obj, components=(bare,)), zone)
    begin, end = (
        int(datetime.combine(day, datetime.min.time(), zone).timestamp())
        for day in (min(new.overrides) - AROUND, max(new.overrides) + AROUND)
    )
    days = {datetime.fromtimestamp(row.start, zone).date() for row in found.between(begin, end, MOST_DATES)}
    return days - new.left_out


def in_order(moved: Iterable[tuple[date, date]]) -> list[date]:
    """Original dates in an order in which no step passes a neighbour on the way: each is (original, wanted)."""
    pairs = sorted(moved)
    later = [day for day, target in reversed(pairs) if target > day]
    return later + [day for day, target in pairs if target <= day]
