"""What a page of changes from a provider means for the index: decided without I/O, then applied in one transaction."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.backends.table import BACKENDS
from gateway.errors import GatewayError
from gateway.ical.index import Indexed
from gateway.model import CalendarObject, Changes
from gateway.store import accounts, jobs, members, objects
from gateway.store.accounts import CalendarRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.objects import ObjectRow, Remote
from gateway.sync.context import Scope, Sync
from gateway.sync.outbox import PUSH, keep_copy, pending_deletes
from gateway.sync.place import is_marked
from gateway.sync.rejoin import overlay, rejoin, same
from gateway.sync.texts import shaped, unmarked

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """What the index has of a page's objects. unsent: ours that the provider has not yet answered for, by UID."""

    rows: Mapping[str, ObjectRow]
    unsent: Mapping[str, ObjectRow]
    deletes: Mapping[str, Job]


@dataclass(frozen=True, slots=True)
class Decision:
    """row: what it is about, None: an object that is new to us. text, indexed: None: the served text stays.

    clash: ours is another change of the same object; it gives way and is kept as a copy.
    """

    incoming: CalendarObject
    row: ObjectRow | None
    remote: Remote
    text: str | None = None
    indexed: Indexed | None = None
    clash: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What was decided about one object, or why it could not be read."""

    incoming: CalendarObject
    decision: Decision | None
    problem: str = ""


@dataclass(slots=True)
class Round:
    """One look at a calendar, from the question to the last page of the answer.

    there_before: what the provider had of it as far as we knew. etags: the provider's as of the question, and of what
    the pages brought since. mentioned: hrefs of the pages so far.
    overtaken: we told the provider of changes meanwhile, and a page is older than those.
    """

    there_before: set[str]
    etags: dict[str, str | None]
    mentioned: set[str] = field(default_factory=set)
    overtaken: bool = False

    def passed(self, href: str, row: ObjectRow | None) -> bool:
        """Whether the object is, at the provider, not what it was at the question."""
        return (None if row is None else row.remote_etag) != self.etags.get(href)


def begin(conn: Connection, calendar: int) -> Round:
    held = objects.hrefs(conn, calendar)
    return Round({href for href, (_, dirty) in held.items() if not dirty}, objects.remote_etags(conn, calendar))


def known(conn: Connection, calendar: CalendarRow, page: Changes) -> Known:
    names = [obj.href for obj in page.objects] + list(page.gone)
    unsent = {row.uid: row for row in objects.unsent(conn, calendar.id)}
    return Known(
        objects.by_hrefs(conn, calendar.id, names), unsent, pending_deletes(conn, calendar.user_id, calendar.id)
    )


def decide_all(calendar: CalendarRow, scope: Scope, known: Known, page: Sequence[CalendarObject]) -> list[Reading]:
    """CPU work: off the event loop, in pages."""
    return [read_one(calendar, scope, known, incoming) for incoming in page]


def read_one(calendar: CalendarRow, scope: Scope, known: Known, incoming: CalendarObject) -> Reading:
    try:
        return Reading(incoming, decide(calendar, scope, _row_of(known, incoming), incoming))
    except GatewayError as error:
        return Reading(incoming, None, str(error))


def _row_of(known: Known, incoming: CalendarObject) -> ObjectRow | None:
    row = known.rows.get(incoming.href)
    if row is not None or not known.unsent:
        return row
    return known.unsent.get(shaped(incoming.text)[0].uid)


def decide(calendar: CalendarRow, scope: Scope, row: ObjectRow | None, incoming: CalendarObject) -> Decision | None:
    """None: nothing is new.

    Raises: InvalidCalendarData and its like, for a text that cannot be read.
    """
    verbatim = BACKENDS[calendar.kind].verbatim
    if row is None:
        return _take(calendar, scope, None, incoming, incoming.text, incoming.text)
    if incoming.etag and incoming.etag == row.remote_etag:
        return None
    theirs = incoming.text if verbatim else shaped(incoming.text, uid=row.uid)[1]
    previous = row.text if row.remote_text is None and not row.dirty else row.remote_text
    if previous is not None and (theirs == previous if verbatim else same(theirs, previous)):
        return Decision(incoming, row, Remote(incoming.etag, row.remote_text, row.dirty))
    if row.dirty:
        if _is_ours(row, theirs, verbatim):
            return Decision(incoming, row, Remote(incoming.etag, None if theirs == row.text else theirs))
        return _take(calendar, scope, row, incoming, theirs, theirs, clash=True)
    text = theirs if verbatim else rejoin(row.text, previous or theirs, theirs)
    return _take(calendar, scope, row, incoming, text, theirs)


def _is_ours(row: ObjectRow, theirs: str, verbatim: bool) -> bool:
    """The provider has what we are telling it; the answer just did not come back yet."""
    if verbatim:
        return theirs == row.text
    ours = unmarked(row.text)
    return overlay(ours, theirs) == ours


def _take(
    calendar: CalendarRow,
    scope: Scope,
    row: ObjectRow | None,
    incoming: CalendarObject,
    text: str,
    theirs: str,
    *,
    clash: bool = False,
) -> Decision:
    obj, text = shaped(text, calendar_name=calendar.displayname if is_marked(calendar) else "")
    remote = Remote(incoming.etag, None if theirs == text else theirs)
    if row is not None and text == row.text and not clash:
        return Decision(incoming, row, remote)
    return Decision(incoming, row, remote, text, scope.index(obj, text), clash)


def apply(
    conn: Connection,
    sync: Sync,
    calendar: CalendarRow,
    scope: Scope,
    before: Known,
    readings: list[Reading],
    page: Changes,
    current: Round,
) -> list[str]:
    """The objects of a page and what is gone; texts of problems.

    before: what `readings` were decided on. What changed here since then is decided anew; what the provider has heard
    of since the question is left for the next one, as the page may be older.
    """
    now = known(conn, calendar, page)
    problems: list[str] = []
    touched: dict[str, None] = {}
    for decided in readings:
        href = decided.incoming.href
        if href in now.deletes and not _revived(conn, now.deletes[href], decided.incoming):
            continue
        row = now.rows.get(href)
        if current.passed(href, row) and (row is None or row.remote_etag != decided.incoming.etag):
            current.overtaken = True
            continue
        stands = _row_of_safely(before, decided) == _row_of_safely(now, decided)
        reading = decided if stands else read_one(calendar, scope, now, decided.incoming)
        if reading.problem:
            problems.append(f"{href}: {reading.problem}")
            log.warning("calendar %s: %s cannot be read: %s", calendar.id, href, reading.problem)
        elif reading.decision is not None:
            touched.update(dict.fromkeys(_store(conn, sync, calendar, reading.decision)))
    for href in page.gone:
        if current.passed(href, now.rows.get(href)):
            current.overtaken = True
        else:
            touched.update(dict.fromkeys(_forget(conn, sync, now, href)))
    members.refresh(conn, calendar.user_id, touched)
    _remember(conn, calendar, page, current)
    return problems


def _remember(conn: Connection, calendar: CalendarRow, page: Changes, current: Round) -> None:
    names = [obj.href for obj in page.objects] + list(page.gone)
    rows = objects.by_hrefs(conn, calendar.id, names)
    current.etags.update({name: rows[name].remote_etag if name in rows else None for name in names})


def _row_of_safely(known: Known, reading: Reading) -> ObjectRow | None:
    if reading.problem:
        return known.rows.get(reading.incoming.href)
    return _row_of(known, reading.incoming)


def _revived(conn: Connection, job: Job, incoming: CalendarObject) -> bool:
    """We deleted it, but somebody changed it at the provider meanwhile: theirs wins."""
    if incoming.etag == job.payload["etag"]:
        return False
    jobs.drop(conn, PUSH, job.key)
    return True


def _store(conn: Connection, sync: Sync, calendar: CalendarRow, decision: Decision) -> list[str]:
    """UIDs whose members may change."""
    row, incoming = decision.row, decision.incoming
    uids = [] if row is None else [row.uid]
    if decision.clash and row is not None:
        uids.append(keep_copy(conn, sync, row.user_id, row.text, row.uid, row.etag))
    if row is not None:
        objects.set_remote(conn, row.id, decision.remote, incoming.href)
    if decision.text is None or decision.indexed is None:
        return uids if decision.clash else []
    objects.put(
        conn, calendar.user_id, calendar.id, incoming.href, decision.text, decision.indexed, decision.remote, sync.now
    )
    return [*uids, decision.indexed.uid]


def _forget(conn: Connection, sync: Sync, now: Known, href: str) -> list[str]:
    row = now.rows.get(href)
    if row is None:
        if href in now.deletes:
            jobs.drop(conn, PUSH, now.deletes[href].key)
        return []
    uids = [row.uid]
    if row.dirty:
        uids.append(keep_copy(conn, sync, row.user_id, row.text, row.uid, row.etag))
    objects.remove(conn, [row.id])
    return uids


def forget_unmentioned(conn: Connection, calendar: CalendarRow, current: Round) -> None:
    """After the whole calendar was told: what it holds no more. What was changed here meanwhile stays."""
    rows = objects.by_hrefs(conn, calendar.id, current.there_before - current.mentioned).values()
    lost = [row for row in rows if not row.dirty and not current.passed(row.href, row)]
    objects.remove(conn, [row.id for row in lost])
    members.refresh(conn, calendar.user_id, [row.uid for row in lost])


def keep_token(conn: Connection, calendar: CalendarRow, token: str, now: int) -> None:
    accounts.change_calendar(conn, calendar.id, token=token, synced=now)
