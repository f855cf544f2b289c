"""What a page of changes from a provider means for the index: decided without I/O, then applied in one transaction."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.backends.table import BACKENDS
from gateway.errors import GatewayError
from gateway.ical.blocks import may_be_block, with_mark_of
from gateway.ical.index import Indexed
from gateway.model import CalendarObject, Changes
from gateway.store import accounts, jobs, members, objects, rounds
from gateway.store.accounts import CalendarRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.objects import ObjectRow, Remote
from gateway.sync.context import Scope, Sync
from gateway.sync.order import PUSH
from gateway.sync.outbox import being_told, deleted_row, keep_copy, leave_to, pending_deletes
from gateway.sync.place import is_marked
from gateway.sync.rejoin import overlay, rejoin, same
from gateway.sync.texts import shaped, unmarked
from gateway.sync.wake import wake_bookings, wake_mirrors

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """What the index has of a page's objects. unsent: ours that the provider has not yet answered for, by UID.

    telling: the jobs by which those are told, by object.
    """

    names: Sequence[str]
    rows: Mapping[str, ObjectRow]
    unsent: Mapping[str, ObjectRow]
    deletes: Mapping[str, Job]
    telling: Mapping[int, Job]


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
    """One reading of a calendar, as far as this process has to do with it.

    overtaken: we told the provider of changes meanwhile, and a page may be older than those.
    arrived: objects so far, where all of the calendar is read.
    """

    overtaken: bool = False
    arrived: int = 0


def known(conn: Connection, calendar: CalendarRow, page: Changes) -> Known:
    names = [obj.href for obj in page.objects] + list(page.gone)
    unsent = {row.uid: row for row in objects.unsent(conn, calendar.id)}
    rows, deletes = objects.by_hrefs(conn, calendar.id, names), pending_deletes(conn, calendar.user_id, calendar.id)
    dirty = [row for row in (*rows.values(), *unsent.values()) if row.dirty]
    telling = {} if BACKENDS[calendar.kind].verbatim else being_told(conn, calendar.user_id, dirty)
    return Known(names, rows, unsent, deletes, telling)


def decide_all(calendar: CalendarRow, scope: Scope, known: Known, page: Sequence[CalendarObject]) -> list[Reading]:
    """CPU work: off the event loop, in pages."""
    return [read_one(calendar, scope, known, incoming) for incoming in page]


def read_one(calendar: CalendarRow, scope: Scope, known: Known, incoming: CalendarObject) -> Reading:
    try:
        row = _row_of(known, incoming)
        if row is None and incoming.href in known.deletes:
            return Reading(incoming, _revive(calendar, scope, deleted_row(known.deletes[incoming.href]), incoming))
        return Reading(incoming, decide(calendar, scope, row, _as_block(row, incoming)))
    except GatewayError as error:
        return Reading(incoming, None, str(error))


def _row_of(known: Known, incoming: CalendarObject) -> ObjectRow | None:
    row = known.rows.get(incoming.href)
    if row is not None or not known.unsent:
        return row
    return known.unsent.get(shaped(incoming.text)[0].uid)


def _as_block(row: ObjectRow | None, incoming: CalendarObject) -> CalendarObject:
    """A busy block that we know stays one, also at a server that does not keep its mark."""
    if row is None or not may_be_block(row.text):
        return incoming
    return replace(incoming, text=with_mark_of(row.text, incoming.text))


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
        return Decision(incoming, row, Remote(incoming.etag, row.remote_text, row.dirty, row.agreed))
    if row.dirty:
        if _is_ours(row, theirs, verbatim):
            return Decision(incoming, row, Remote(incoming.etag, None if theirs == row.text else theirs))
        text = theirs if verbatim or not (row.agreed and previous) else rejoin(row.agreed, previous, theirs)
        return _take(calendar, scope, row, incoming, text, theirs, clash=True)
    text = theirs if verbatim else rejoin(row.text, previous or theirs, theirs)
    return _take(calendar, scope, row, incoming, text, theirs)


def _revive(calendar: CalendarRow, scope: Scope, was: ObjectRow, incoming: CalendarObject) -> Decision:
    """We deleted it, and they have it still, or again."""
    theirs = text = incoming.text
    if was.agreed and not BACKENDS[calendar.kind].verbatim:
        theirs = shaped(incoming.text, uid=was.uid)[1]
        text = rejoin(was.agreed, was.remote_text or was.agreed, theirs)
    return _take(calendar, scope, None, incoming, text, theirs)


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
    obj, text = shaped(text, calendar_name=calendar.title if is_marked(calendar) else "")
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
    of since the question is left for the next one, as the page may be older. What it is still to hear of is left to
    the push: a change may take several requests, and only the push knows which state is half of its own.
    """
    now = known(conn, calendar, page)
    told = rounds.told(conn, calendar.id, now.names)
    problems: list[str] = []
    touched: dict[str, None] = {}
    for decided in readings:
        href = decided.incoming.href
        if href in now.deletes and not _revived(conn, now.deletes[href], decided.incoming):
            continue
        if _is_for_later(conn, now, decided, href in told):
            current.overtaken = True
            continue
        stands = _row_of_safely(before, decided) == _row_of_safely(now, decided)
        stands = stands and before.deletes.get(href) == now.deletes.get(href)
        reading = decided if stands else read_one(calendar, scope, now, decided.incoming)
        if reading.problem:
            problems.append(f"{href}: {reading.problem}")
            log.warning("calendar %s: %s cannot be read: %s", calendar.id, href, reading.problem)
        elif reading.decision is not None:
            touched.update(dict.fromkeys(_store(conn, sync, calendar, reading.decision)))
    for href in page.gone:
        if href in told:
            current.overtaken = True
        else:
            touched.update(dict.fromkeys(_forget(conn, sync, now, href)))
    members.refresh(conn, calendar.user_id, touched)
    if touched:
        wake_mirrors(conn, calendar.user_id, sync.clock())
        wake_bookings(conn, calendar.user_id, touched.keys(), sync.clock())
    return problems


def _is_for_later(conn: Connection, now: Known, reading: Reading, told: bool) -> bool:
    """told: the provider heard of a change of ours since it was asked."""
    held = now.rows.get(reading.incoming.href)
    if told and (held is None or held.remote_etag != reading.incoming.etag):
        return True
    row = _row_of_safely(now, reading)
    if row is None or row.id not in now.telling:
        return False
    leave_to(conn, now.telling[row.id])
    return True


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
    if decision.clash and row is not None and not may_be_block(row.text):
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
    if row.dirty and not may_be_block(row.text):
        uids.append(keep_copy(conn, sync, row.user_id, row.text, row.uid, row.etag))
    objects.remove(conn, [row.id])
    return uids


def forget_unmentioned(conn: Connection, sync: Sync, calendar: CalendarRow) -> None:
    """After the whole calendar was told: what it holds no more. What was changed here meanwhile stays."""
    lost = rounds.unmentioned(conn, calendar.id)
    objects.remove(conn, [key for key, _ in lost])
    members.refresh(conn, calendar.user_id, [uid for _, uid in lost])
    if lost:
        wake_mirrors(conn, calendar.user_id, sync.clock())
        if not _is_emptied(conn, calendar, lost):
            wake_bookings(conn, calendar.user_id, [uid for _, uid in lost], sync.clock())


def _is_emptied(conn: Connection, calendar: CalendarRow, lost: Sequence[tuple[int, str]]) -> bool:
    """Whether everything is gone at once: that is a provider's fault more often than its user's wish, and nobody's
    bookings are called off for it.
    """
    return len(lost) > 1 and not objects.uids(conn, calendar.id)


def keep_token(conn: Connection, calendar: CalendarRow, token: str, now: int) -> None:
    accounts.change_calendar(conn, calendar.id, token=token, synced=now)
