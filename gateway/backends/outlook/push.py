"""One calendar object -> the requests that make Outlook hold it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from gateway.backends.outlook.graph import Graph
from gateway.backends.outlook.read import Whole
from gateway.backends.outlook.recurrence import refused
from gateway.backends.outlook.rounds import graph_time
from gateway.backends.outlook.values import BOOKING_PROPERTY, UID_PROPERTY, Json, Place, whole_date
from gateway.backends.outlook.write import (
    Times,
    day_of,
    difference,
    is_booking,
    is_guest_copy,
    keep_meeting_block,
    left_out,
    own_response,
    times_of,
    transaction_of,
    words_of,
)
from gateway.errors import Conflict, RefusedByProvider, RemoteGone
from gateway.ical.objects import ParsedObject
from gateway.ical.text import Component

AROUND: Final = timedelta(days=2)
TIME_LINES: Final = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXRULE")
TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """A calendar object taken apart for Outlook.

    times: None where only Outlook knows them (a series in a zone without name). overrides: by the local date they
    replace. left_out: dates deleted, cancelled ones too. named: the guests' names go below the text, as they are not to
    be guests in Outlook.
    """

    obj: ParsedObject
    master: Component
    times: Times | None
    overrides: Mapping[date, Component]
    left_out: frozenset[date]
    booking: str
    named: bool

    def words(self, component: Component, place: Place) -> Json:
        return words_of(component, place, booking=bool(self.booking), named=self.named)


def shape(component: Component) -> list[tuple[str, str, str | None]]:
    """The lines that say when it is, as written."""
    return [(line.name, line.value, line.param("TZID")) for line in component.properties if line.name in TIME_LINES]


def dates_as_written(obj: ParsedObject, place: Place) -> list[object]:
    """What is said of single dates, comparable without knowing the series' zone."""
    said = [
        (component.text("RECURRENCE-ID"), shape(component), words_of(component, place))
        for component in obj.components[1:]
    ]
    return [*(line.value for line in obj.components[0].all("EXDATE")), *said]


def wanted(obj: ParsedObject, place: Place, before: "Wanted | None" = None, *, fresh: bool = False) -> Wanted:
    """before: what Outlook holds now. fresh: it is to be made.

    Raises: RefusedByProvider for what Outlook cannot hold.
    """
    if obj.kind != "VEVENT":
        raise RefusedByProvider("Outlook calendars take events only")
    master = obj.components[0]
    if master.first("RECURRENCE-ID") is not None:
        raise refused("single dates of a series without the series")
    same = before is not None and shape(master) == shape(before.master)
    times = before.times if same and before else times_of(master, obj, place)
    if times is None and before is not None and dates_as_written(obj, place) != dates_as_written(before.obj, place):
        raise refused("its time zone has no name, so single dates of it can only be changed in Outlook")
    overrides: dict[date, Component] = {}
    gone: set[date] = set()
    if times is not None:
        gone = left_out(master, obj, place, times)
        for component in obj.components[1:]:
            line = component.first("RECURRENCE-ID")
            if line is not None:
                overrides[day_of(line, obj, place, times)] = component
    cancelled = {day for day, one in overrides.items() if one.text("STATUS").upper() == "CANCELLED"}
    kept = {day: one for day, one in overrides.items() if day not in cancelled}
    booking = is_booking(obj) or (before.booking if before else "")
    named = bool(booking) or (fresh and is_guest_copy(master, place))
    return Wanted(obj, master, times, kept, frozenset(gone | cancelled), booking, named)


def held(obj: ParsedObject, place: Place) -> Wanted:
    """The same of what Outlook holds, read in our own mapping; never refused."""
    try:
        return wanted(obj, place)
    except RefusedByProvider:
        return Wanted(obj, obj.components[0], None, {}, frozenset(), is_booking(obj), bool(is_booking(obj)))


class Push:
    """Writes into one calendar."""

    def __init__(self, graph: Graph, place: Place) -> None:
        self._graph = graph
        self._place = place

    async def create(self, calendar: str, obj: ParsedObject) -> str:
        """The id of the new event. Should one of its dates be refused, nothing is left behind."""
        new = wanted(obj, self._place, fresh=True)
        if new.times is None or new.master.text("STATUS").upper() == "CANCELLED":
            raise RefusedByProvider("Outlook does not take events that are cancelled already")
        marks = {UID_PROPERTY: obj.uid, **({BOOKING_PROPERTY: new.booking} if new.booking else {})}
        body = {
            **new.words(new.master, self._place),
            **new.times.body,
            **({"recurrence": new.times.recurrence} if new.times.recurrence else {}),
            "singleValueExtendedProperties": [{"id": name, "value": value} for name, value in marks.items()],
        }
        made = str(await self._post(calendar, obj.uid, body))
        try:
            await self._dates(made, new, {}, frozenset())
        except RefusedByProvider:
            await self._graph.call("DELETE", self._graph.mine("events", made))
            raise
        return made

    async def _post(self, calendar: str, uid: str, body: Json) -> str:
        """A POST sent before makes no second event. One of another text under the same UID is brought up to date."""
        for attempt in range(TRIES):
            posted = {**body, "transactionId": transaction_of(uid, attempt)}
            url = self._graph.mine("calendars", calendar, "events")
            try:
                return str((await self._graph.call("POST", url, body=posted))["id"])
            except Conflict:
                there = await self._with_uid(calendar, uid)
            if there is not None:
                await self._graph.call("PATCH", self._graph.mine("events", there), body=body)
                return there
        raise RefusedByProvider("Outlook takes no event of this UID any more; give the event a new one")

    async def _with_uid(self, calendar: str, uid: str) -> str | None:
        quoted = uid.replace("'", "''")
        asked = f"singleValueExtendedProperties/any(ep:ep/id eq '{UID_PROPERTY}' and ep/value eq '{quoted}')"
        url = self._graph.mine("calendars", calendar, "events", query={"$filter": asked, "$select": "id"})
        rows = await self._graph.rows(url)
        return str(rows[0]["id"]) if rows else None

    async def update(self, current: Whole, before: ParsedObject, obj: ParsedObject) -> bool:
        """Brings the event from what it is to what is wanted, changing only what differs.

        Returns: whether it is still in the calendar; Outlook drops what was declined.
        """
        old = held(before, self._place)
        new = wanted(obj, self._place, old)
        self._check(old, new)
        patch = difference(new.words(new.master, self._place), old.words(old.master, self._place))
        again = new.times is not old.times and (
            old.times is None or new.times is None or new.times.whole != old.times.whole
        )
        if again and new.times is not None:
            patch.update(difference(new.times.whole, old.times.whole if old.times else {}))
        patch = self._fit(patch, current.event, new)
        if new.booking and not old.booking:
            patch["singleValueExtendedProperties"] = [{"id": BOOKING_PROPERTY, "value": new.booking}]
        if patch:
            url = self._graph.mine("events", current.id)
            await self._graph.call("PATCH", url, body=patch, if_match=current.event["@odata.etag"])
        if new.times is not None and new.times.recurrence:
            await self._dates(current.id, new, {} if again else old.overrides, frozenset() if again else old.left_out)
        return await self._respond(current.id, old.master, new.master)

    def _check(self, old: Wanted, new: Wanted) -> None:
        """Raises: RefusedByProvider, before anything was written, for what Outlook has no way to do."""
        if new.master.text("STATUS").upper() == "CANCELLED" != old.master.text("STATUS").upper():
            raise RefusedByProvider("Outlook keeps no cancelled events; delete the event to cancel it")
        unchanged = old.times is not None and new.times is not None and old.times.whole == new.times.whole
        if unchanged and old.left_out - new.left_out:
            days = ", ".join(sorted(day.isoformat() for day in old.left_out - new.left_out))
            raise RefusedByProvider(f"Outlook cannot bring back deleted dates of a series: {days}")

    def _fit(self, patch: Json, event: Json, new: Wanted) -> Json:
        """Guests of other people's invitations are not ours to write; a meeting's join block stays."""
        if is_guest_copy(new.master, self._place) or not event.get("isOrganizer", True):
            patch.pop("attendees", None)
        join = (event.get("onlineMeeting") or {}).get("joinUrl")
        if join and "body" in patch:
            before = (event.get("body") or {}).get("content") or ""
            content = keep_meeting_block(patch["body"]["content"], before.replace("\r\n", "\n"), join)
            patch["body"] = {**patch["body"], "content": content}
        return patch

    async def _dates(
        self, series: str, new: Wanted, old: Mapping[date, Component], old_left_out: frozenset[date]
    ) -> None:
        """Writes what is other on single dates: deleted ones, changed ones, and changed ones that are plain again."""
        if new.times is None or not new.times.recurrence:
            return
        for day in sorted(new.left_out - old_left_out):
            found = await self._occurrence(series, new.times, day)
            if found is not None:
                await self._delete(str(found["id"]))
        for day in sorted({*new.overrides, *old} - new.left_out):
            component, there = new.overrides.get(day), old.get(day)
            body = self._date_body(new, day, component)
            patch = difference(body, self._date_body(new, day, there))
            if patch:
                await self._change_date(series, new, day, patch)
            if component is not None:
                await self._respond_date(series, new, day, there or new.master, component)

    def _date_body(self, new: Wanted, day: date, component: Component | None) -> Json:
        """What Graph shows for that date, as we would write it; component None: the plain occurrence."""
        if new.times is None or component is None:
            plain = new.times.on(day).body if new.times else {}
            return {**new.words(new.master, self._place), **plain}
        times = times_of(component, new.obj, self._place).seen_in(new.times)
        return {**new.words(component, self._place), **times.body}

    async def _change_date(self, series: str, new: Wanted, day: date, patch: Json) -> None:
        """A date the series does not have is refused: Outlook has no dates beside the rule."""
        found = await self._occurrence(series, new.times, day) if new.times else None
        if found is None:
            raise refused(f"the series has no date {day.isoformat()} to change")
        await self._graph.call("PATCH", self._graph.mine("events", str(found["id"])), body=patch)

    async def _respond_date(self, series: str, new: Wanted, day: date, old: Component, component: Component) -> None:
        action = own_response(component, self._place)
        if action and action != own_response(old, self._place) and new.times is not None:
            found = await self._occurrence(series, new.times, day)
            if found is not None:
                await self._say(str(found["id"]), action)

    async def _respond(self, event: str, old: Component, new: Component) -> bool:
        action = own_response(new, self._place)
        if not action or action == own_response(old, self._place):
            return True
        await self._say(event, action)
        return action != "decline"

    async def _say(self, event: str, action: str) -> None:
        await self._graph.call("POST", self._graph.mine("events", event, action), body={"sendResponse": True})

    async def _delete(self, event: str) -> None:
        try:
            await self._graph.call("DELETE", self._graph.mine("events", event))
        except RemoteGone:
            return

    async def _occurrence(self, series: str, times: Times, day: date) -> Json | None:
        """The occurrence whose original date is `day`, wherever it was moved; None if the series has none."""
        start = times.on(day).start
        begin, end = ((start + shift).replace(tzinfo=UTC) for shift in (-AROUND, AROUND))
        asked = {"startDateTime": graph_time(begin), "endDateTime": graph_time(end), "$top": "50"}
        for row in await self._graph.rows(self._graph.mine("events", series, "instances", query=asked)):
            if self._original_day(row, times) == day:
                return row
        chosen = {"$select": "id,exceptionOccurrences", "$expand": "exceptionOccurrences"}
        master = await self._graph.call("GET", self._graph.mine("events", series, query=chosen))
        rows = master.get("exceptionOccurrences") or ()
        return next((row for row in rows if self._original_day(row, times) == day), None)

    def _original_day(self, row: Json, times: Times) -> date:
        named = str(row.get("occurrenceId") or "").rpartition(".")[2]
        if named:
            return date.fromisoformat(named)
        if times.all_day:
            return whole_date(row["start"], times.zone)
        moved = row.get("originalStart")
        when = datetime.fromisoformat(moved) if moved else None
        if when is None:
            when = datetime.fromisoformat(row["start"]["dateTime"][:19]).replace(tzinfo=UTC)
        return when.astimezone(times.zone).date()
