"""One calendar object -> the requests that make Outlook hold it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from gateway.backends.outlook.graph import AS_HTML, Graph
from gateway.backends.outlook.read import Whole
from gateway.backends.outlook.recurrence import refused
from gateway.backends.outlook.rounds import graph_time
from gateway.backends.outlook.values import (
    BOOKING_PROPERTY,
    MIRROR_PROPERTY,
    QUIET_PROPERTY,
    UID_PROPERTY,
    WRITING_PROPERTY,
    Json,
    Place,
    instant,
    whole_date,
)
from gateway.backends.outlook.wanted import (
    WHEN,
    Wanted,
    brought_back,
    changed,
    check_change,
    check_dates,
    fresh,
    held,
    in_order,
    retimed,
)
from gateway.backends.outlook.words import (
    CONFERENCE,
    above_block,
    difference,
    is_guest_copy,
    mailed_by_client,
    meeting,
    own_response,
    with_answers,
    with_block,
)
from gateway.backends.outlook.write import times_of, transaction_of
from gateway.errors import Conflict, RefusedByProvider, RemoteGone
from gateway.ical.blocks import mark_of
from gateway.ical.objects import ParsedObject
from gateway.ical.text import Component

AROUND: Final = timedelta(days=2)
TRIES: Final = 3


class Push:
    """Writes into one calendar. look: an event of the mailbox, read whole."""

    def __init__(self, graph: Graph, place: Place, look: Callable[[str], Awaitable[Whole]]) -> None:
        self._graph = graph
        self._place = place
        self._look = look

    async def create(self, calendar: str, obj: ParsedObject) -> str:
        """The id of the new event. Should one of its dates be refused, nothing is left behind."""
        new = fresh(obj, self._place)
        if new.times is None or new.master.text("STATUS").upper() == "CANCELLED":
            raise RefusedByProvider("Outlook does not take events that are cancelled already")
        check_dates(new, self._place)
        mirror = mark_of(obj)
        marks = {UID_PROPERTY: obj.uid, **({MIRROR_PROPERTY: mirror} if mirror else {}), **marks_of(new)}
        body = {
            **new.words(new.master, self._place),
            **new.times.body,
            **({"recurrence": new.times.recurrence} if new.times.recurrence else {}),
            **meeting(new.master, self._place),
            **extended_properties(marks),
        }
        made, known = await self._post(calendar, obj.uid, body)
        if known:
            await self.update(await self._look(made), obj, "")
            return made
        try:
            await self._dates(made, new, None)
        except RefusedByProvider:
            await self._graph.call("DELETE", self._graph.mine("events", made))
            raise
        return made

    async def _post(self, calendar: str, uid: str, body: Json) -> tuple[str, bool]:
        """A POST sent before makes no second event. Also: whether there is one of another text under the same UID."""
        for attempt in range(TRIES):
            posted = {**body, "transactionId": transaction_of(calendar, uid, attempt=attempt)}
            url = self._graph.mine("calendars", calendar, "events")
            try:
                return str((await self._graph.call("POST", url, body=posted))["id"]), False
            except Conflict:
                there = await self._with_uid(calendar, uid)
            if there is not None:
                return there, True
        raise RefusedByProvider("Outlook takes no event of this UID any more; give the event a new one")

    async def _with_uid(self, calendar: str, uid: str) -> str | None:
        quoted = uid.replace("'", "''")
        asked = f"singleValueExtendedProperties/any(ep:ep/id eq '{UID_PROPERTY}' and ep/value eq '{quoted}')"
        url = self._graph.mine("calendars", calendar, "events", query={"$filter": asked, "$select": "id"})
        rows = await self._graph.rows(url)
        return str(rows[0]["id"]) if rows else None

    async def update(self, current: Whole, obj: ParsedObject, mark: str) -> bool:
        """Brings the event from what it is to what is wanted, changing only what differs.

        mark: names this change, and is left on the event before the first of several requests.
        Returns: whether it is still in the calendar; Outlook drops what was declined.
        """
        old = held(current, self._place)
        new = changed(obj, self._place, old)
        ours = current.event.get("isOrganizer", True)
        told = bool(current.event.get("attendees")) or not ours
        check_change(old, new, told=told)
        check_dates(new, self._place)
        times, back = retimed(old, new, told=told), brought_back(old, new)
        dates = self._changes(new, None if times else old)
        if not ours and any(patch.keys() & WHEN for patch in (times, *dates.values())):
            raise RefusedByProvider("only its organizer can move this meeting: Outlook would move your copy alone")
        patch = {**difference(new.words(new.master, self._place), old.words(old.master, self._place)), **times}
        patch = {**await self._fit(patch, current.event, new.master), **self._wish(current.event, new)}
        steps = len(new.left_out - old.left_out) + len(dates) + bool(patch)
        patch.update(extended_properties(marks_of(new, old, mark if steps > 1 or back else "")))
        await self._write(current, new, patch, again=bool(back))
        if times or back:  # how much Outlook forgets of single dates is not written anywhere
            old = held(await self._look(current.id), self._place)
        await self._dates(current.id, new, old)
        if back & old.left_out:
            raise refused("Outlook did not bring back the deleted dates")
        return await self._respond(current.event, old.master, new.master)

    async def _write(self, current: Whole, new: Wanted, patch: Json, *, again: bool) -> None:
        """again: the series is to forget its single dates, although it stays when it is."""
        url = self._graph.mine("events", current.id)
        recurrence = new.times.recurrence if again and new.times is not None else None
        if recurrence:
            patch = {**patch, "recurrence": other_pattern(recurrence)}
        if patch:
            await self._graph.call("PATCH", url, body=patch, if_match=current.event["@odata.etag"])
        if recurrence:
            await self._graph.call("PATCH", url, body={"recurrence": recurrence})

    def _wish(self, event: Json, new: Wanted) -> Json:
        """An online meeting that is asked for and not there. Raises: RefusedByProvider if one is to go."""
        joined = bool((event.get("onlineMeeting") or {}).get("joinUrl"))
        if joined and new.master.text(CONFERENCE).strip().lower() == "none":
            raise RefusedByProvider("Outlook takes no online meeting away again; make a new event without one")
        return {} if joined else meeting(new.master, self._place)

    async def _fit(self, patch: Json, event: Json, component: Component) -> Json:
        """Guests of other people's invitations are not ours to write; a meeting's join block stays."""
        patch = dict(patch)
        if is_guest_copy(component, self._place) or not event.get("isOrganizer", True):
            patch.pop("attendees", None)
        elif "attendees" in patch:
            patch["attendees"] = with_answers(patch["attendees"], event.get("attendees") or ())
        join = (event.get("onlineMeeting") or {}).get("joinUrl")
        if join and "body" in patch:
            before = str((event.get("body") or {}).get("content") or "").replace("\r\n", "\n")
            if above_block(patch["body"]["content"], join).strip() == above_block(before, join).strip():
                del patch["body"]
            else:
                url = self._graph.mine("events", event["id"], query={"$select": "body"})
                formatted = await self._graph.call("GET", url, prefer=AS_HTML)
                patch["body"] = with_block(patch["body"], formatted.get("body") or {}, join)
        return patch

    async def _dates(self, series: str, new: Wanted, old: Wanted | None) -> None:
        """Writes what is other on single dates: deleted ones, changed ones, and changed ones that are plain again."""
        if new.dates is None:
            return
        for day in sorted(new.left_out - (frozenset() if old is None else old.left_out)):
            found = await self._occurrence(series, new, day)
            if found is not None:
                await self._drop(found, new.master)
        for day, patch in self._changes(new, old).items():
            await self._change_date(series, new, day, patch)
        for day, component in sorted(new.overrides.items()):
            there = new.master if old is None else old.overrides.get(day, new.master)
            await self._respond_date(series, new, day, there, component)

    def _changes(self, new: Wanted, old: Wanted | None) -> dict[date, Json]:
        """What has to be written of single dates, in an order in which it can be."""
        before = {} if old is None else old.overrides
        found: dict[date, Json] = {}
        for day in self._ordered({*new.overrides, *before} - new.left_out, new):
            there = before.get(day)
            body = self._date_body(new, day, new.overrides.get(day), new)
            if there is None or old is None:
                found[day] = difference(body, self._date_body(new, day, None, new))
                continue
            was = self._date_body(new, day, there, old)
            found[day] = {**difference(body, was), **difference(body, self._following(was, old, new))}
        return {day: patch for day, patch in found.items() if patch}

    def _following(self, was: Json, old: Wanted, new: Wanted) -> Json:
        """A changed date once the series is written: what it shared with the series it may share with it again."""
        series, words = old.words(old.master, self._place), new.words(new.master, self._place)
        return {key: words.get(key, value) if series.get(key) == value else value for key, value in was.items()}

    def _ordered(self, days: set[date], new: Wanted) -> list[date]:
        if new.times is None:
            return sorted(days)
        moved = []
        for day in days:
            component = new.overrides.get(day)
            target = day if component is None else times_of(component, new.obj, self._place).seen_in(new.times).start
            moved.append((day, target.date() if isinstance(target, datetime) else target))
        return in_order(moved)

    def _date_body(self, new: Wanted, day: date, component: Component | None, source: Wanted) -> Json:
        """What Graph shows for that date, as we would write it; component None: the plain occurrence.

        source: the object that the component is of.
        """
        if new.dates is None or component is None:
            plain = new.dates.on(day).body if new.dates else {}
            return {**new.words(new.master, self._place), **plain}
        times = times_of(component, source.obj, self._place).seen_in(new.dates)
        return {**new.words(component, self._place), **times.body}

    async def _change_date(self, series: str, new: Wanted, day: date, patch: Json) -> None:
        """A date the series does not have is refused: Outlook has no dates beside the rule."""
        found = await self._occurrence(series, new, day)
        if found is None:
            raise refused(f"the series has no date {day:%Y-%m-%d} to change")
        patch = await self._fit(patch, found, new.overrides.get(day, new.master))
        if patch:
            await self._graph.call("PATCH", self._graph.mine("events", str(found["id"])), body=patch)

    async def _respond_date(self, series: str, new: Wanted, day: date, old: Component, component: Component) -> None:
        if own_response(component, self._place) not in {"", own_response(old, self._place)}:
            found = await self._occurrence(series, new, day)
            if found is not None:
                await self._respond(found, old, component)

    async def _respond(self, event: Json, old: Component, new: Component) -> bool:
        """Whether it is still there. The organizer, and who keeps a copy of his own making, has nobody to answer."""
        action = own_response(new, self._place)
        if not action or action == own_response(old, self._place) or event.get("isOrganizer", True):
            return True
        await self._say(str(event["id"]), action, tell=not mailed_by_client(new))
        return action != "decline"

    async def _say(self, event: str, action: str, *, tell: bool) -> None:
        await self._graph.call("POST", self._graph.mine("events", event, action), body={"sendResponse": tell})

    async def _drop(self, event: Json, master: Component) -> None:
        """A date of somebody else's series is declined, so that he knows."""
        try:
            if event.get("isOrganizer", True) or event.get("isCancelled"):
                await self._graph.call("DELETE", self._graph.mine("events", str(event["id"])))
            else:
                await self._say(str(event["id"]), "decline", tell=not mailed_by_client(master))
        except RemoteGone:
            return

    async def _occurrence(self, series: str, new: Wanted, day: date) -> Json | None:
        """The occurrence whose original date is `day`, wherever it was moved; None if the series has none."""
        if new.dates is None:
            return None
        start = new.dates.on(day).start
        begin, end = ((start + shift).replace(tzinfo=UTC) for shift in (-AROUND, AROUND))
        asked = {"startDateTime": graph_time(begin), "endDateTime": graph_time(end), "$top": "50"}
        for row in await self._graph.rows(self._graph.mine("events", series, "instances", query=asked)):
            if original(row, new) == day:
                return row
        chosen = {"$select": "id,exceptionOccurrences", "$expand": "exceptionOccurrences"}
        master = await self._graph.call("GET", self._graph.mine("events", series, query=chosen))
        rows = master.get("exceptionOccurrences") or ()
        return next((row for row in rows if original(row, new) == day), None)


def other_pattern(recurrence: Json) -> Json:
    """Another rhythm from the same start: with any change of it Outlook forgets which dates were deleted."""
    pattern = recurrence["pattern"]
    return {**recurrence, "pattern": {**pattern, "interval": pattern["interval"] + 1}}


def original(row: Json, new: Wanted) -> date | None:
    """The date an occurrence replaces, as `new` names dates."""
    if new.dates is None:
        return None
    moved = row.get("originalStart")
    if new.nameless:
        return datetime.fromisoformat(moved).astimezone(UTC) if moved else instant(row["start"])
    named = str(row.get("occurrenceId") or "").rpartition(".")[2]
    if named:
        return date.fromisoformat(named)
    if new.dates.all_day:
        return whole_date(row["start"], new.dates.zone)
    when = datetime.fromisoformat(moved) if moved else instant(row["start"])
    return when.astimezone(new.dates.zone).date()


def marks_of(new: Wanted, old: Wanted | None = None, writing: str = "") -> Json:
    """The notes of our own that are to be put on the event."""
    marks = {}
    if new.booking and not (old and old.booking):
        marks[BOOKING_PROPERTY] = new.booking
    known = old.guest_lines if old is not None and old.beside else ""
    if new.beside and not new.booking and new.guest_lines != known:
        marks[QUIET_PROPERTY] = new.guest_lines
    if marks:
        marks[UID_PROPERTY] = new.obj.uid  # what carries notes of ours is found by this one
    if writing:
        marks[WRITING_PROPERTY] = writing
    return marks


def extended_properties(marks: Json) -> Json:
    rows = [{"id": name, "value": value} for name, value in marks.items()]
    return {"singleValueExtendedProperties": rows} if rows else {}
