"""calendarView/delta of the simulated Graph: a fixed window, opaque links, tombstones."""

import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime
from urllib.parse import quote

from gateway.demo.microsoft.call import Call
from gateway.demo.microsoft.events import list_calendar, overlapping, window
from gateway.demo.microsoft.faults import GraphFault, Json, bad_request
from gateway.demo.microsoft.mailbox import Event, Mailboxes, Occurrence, event_id
from gateway.demo.microsoft.render import View, etag, event_json, occurrence_json

DEFAULT_PAGE = 50
MOST_LINKS = 2000


@dataclass(slots=True)
class Round:
    """What one link stands for.

    prefer: the preferences of the first request. known: id and version of what was told already; outside: versions
    of the calendar's events, for those that change beyond the window. rest: the pages still to be told.
    """

    calendar: str
    begin: str
    end: str
    prefer: str
    known: dict[str, str] = field(default_factory=dict)
    outside: dict[str, int] = field(default_factory=dict)
    rest: list[Json] | None = None


class Rounds:
    """masters: whether a round brings masters along with their occurrences, as the real service at times does not.

    most: rows on one page, whatever was asked for; the first page is empty then. None: as asked.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Round] = {}
        self.masters = True
        self.most: int | None = None

    def keep(self, row: Round) -> str:
        """A new link for the round; the oldest of very many is forgotten."""
        token = secrets.token_urlsafe(18)
        self.rows[token] = row
        if len(self.rows) > MOST_LINKS:
            del self.rows[next(iter(self.rows))]
        return token

    def expire(self, calendar: str | None = None) -> None:
        """Every link given so far is answered with 410."""
        self.rows = {token: row for token, row in self.rows.items() if calendar not in {None, row.calendar}}

    def state(self) -> Json:
        return {token: asdict(row) for token, row in self.rows.items()}

    def restore(self, state: Json) -> None:
        self.rows = {token: Round(**row) for token, row in state.items()}


def present(boxes: Mailboxes, events: list[Event], row: Round, view: View) -> dict[str, tuple[str, Json]]:
    """By id: version and JSON of everything inside the window; a master before its occurrences."""
    begin, end = datetime.fromisoformat(row.begin), datetime.fromisoformat(row.end)
    found: dict[str, tuple[str, Json]] = {}
    for item in overlapping(boxes, events, begin, end):
        if isinstance(item, Event):
            found[event_id(item, immutable=view.immutable)] = (f"{item.shown}", event_json(boxes, item, view))
            continue
        master = item.master
        name = event_id(master, immutable=view.immutable)
        found.setdefault(name, (f"{master.shown}", event_json(boxes, master, view)))
        found[event_id(master, immutable=view.immutable, day=item.day)] = occurrence_row(boxes, item, view)
    return found


def occurrence_row(boxes: Mailboxes, item: Occurrence, view: View) -> tuple[str, Json]:
    version = etag(item.exception) if item.exception else f"{item.master.shown}"
    return version, occurrence_json(boxes, item, view, abridged=True)


def news(rounds: Rounds, call: Call, row: Round) -> Round:
    """The round that follows `row`, with all it has to tell in `rest`."""
    events = list_calendar(call)
    now = present(call.boxes, events, row, call.view)
    outside = {str(event.key): event.shown for event in events}
    told = [
        {"@odata.type": "#microsoft.graph.event", **body}
        for name, (version, body) in now.items()
        if row.known.get(name) != version and (rounds.masters or body["type"] != "seriesMaster")
    ]
    gone = [name for name in row.known if name not in now]
    if row.known or row.outside:
        ids = {event_id(event, immutable=call.view.immutable): event for event in events}
        changed = [name for name, event in ids.items() if row.outside.get(str(event.key)) != event.shown]
        gone += [name for name in changed if name not in now and name not in gone]
    told += [{"@odata.type": "#microsoft.graph.event", "id": name, "@removed": {"reason": "deleted"}} for name in gone]
    known = {name: version for name, (version, _) in now.items()}
    return Round(row.calendar, row.begin, row.end, row.prefer, known, outside, told)


def opened(rounds: Rounds, call: Call) -> Round:
    """The round a request is about. Raises: GraphFault 400 for other query options, 410 for a link that is no more."""
    names = {name.lower() for name in call.query}
    token = call.query.get("$skiptoken") or call.query.get("$deltatoken")
    allowed = {"$skiptoken", "$deltatoken"} if token else {"startdatetime", "enddatetime"}
    strange = sorted(names - allowed)
    if strange:
        raise bad_request(
            f"The following parameters are not supported with change tracking over the 'CalendarView' resource:"
            f" '{', '.join(strange)}'.",
            "ErrorInvalidUrlQuery",
        )
    calendar = call.boxes.calendar(call.address, call.path.get("calendar"))
    if token is None:
        begin, end = window(call)
        return news(rounds, call, Round(calendar.id, begin.isoformat(), end.isoformat(), call.view.key))
    row = rounds.rows.get(token)
    if row is None or row.calendar != calendar.id:
        raise GraphFault(
            410, "SyncStateNotFound", "The sync state generation is not found; start a full synchronization."
        )
    if row.prefer != call.view.key:
        raise bad_request("The Prefer headers are not those the round began with.", "ErrorInvalidRequest")
    return row if row.rest is not None else news(rounds, call, row)


def delta(rounds: Rounds, call: Call) -> Json:
    row = opened(rounds, call)
    size = call.view.page or DEFAULT_PAGE
    if rounds.most is not None:
        size = min(size, rounds.most) if "$skiptoken" in call.query else 0
    told, rest = (row.rest or [])[:size], (row.rest or [])[size:]
    token = call.query.get("$deltatoken", "")
    if told or rest or token not in rounds.rows:
        token = rounds.keep(Round(row.calendar, row.begin, row.end, row.prefer, row.known, row.outside, rest or None))
    place = f"/calendars/{quote(row.calendar, safe='')}" if "calendar" in call.path else ""
    kind, link = ("$skiptoken", "nextLink") if rest else ("$deltatoken", "deltaLink")
    url = f"{call.root}{call.place}{place}/calendarView/delta?{kind}={token}"
    return {"@odata.context": f"{call.root}/$metadata#Collection(event)", f"@odata.{link}": url, "value": told}
