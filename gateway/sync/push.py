"""One change, told to the provider."""

import logging
from dataclasses import dataclass

from gateway.backends.base import Backend, Moving, reads_only
from gateway.backends.table import BACKENDS
from gateway.errors import (
    BackendUnavailable,
    GatewayError,
    NotYet,
    ReadOnlyCalendar,
    RemoteConflict,
    RemoteGone,
    SignInExpired,
)
from gateway.model import CalendarObject
from gateway.store import accounts, jobs, members, objects, refusals, rounds
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.locks import lock_people
from gateway.store.objects import ObjectRow, Remote
from gateway.sync.context import Sync, scope_of
from gateway.sync.order import PUSH, call_next, check_turn, failed
from gateway.sync.outbox import deleted_row, give_up, key_of_gone, queue_delete
from gateway.sync.place import is_marked
from gateway.sync.pull import pull_calendar, pull_soon
from gateway.sync.rejoin import overlay
from gateway.sync.texts import shaped, unmarked

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """deletes: `row` is gone here already. source: the calendar of the same account that it comes from."""

    account: AccountRow
    calendar: CalendarRow
    row: ObjectRow
    deletes: bool
    source: CalendarRow | None = None


def plan_of(conn: Connection, job: Job) -> Plan | None:
    """None: nothing is left to be told."""
    payload = job.payload
    if payload.get("after"):
        first = jobs.get(conn, PUSH, payload["after"])
        if first is not None:
            raise BackendUnavailable("waits for another change", retry_after=1.0)
    deletes = payload["op"] == "delete"
    if payload.get("moved") and jobs.get(conn, PUSH, job.key) is None:
        return None  # the provider moved it
    row = deleted_row(job) if deletes else objects.by_id(conn, payload["object"])
    if row is None or row.uid != payload["uid"] or not (deletes or row.dirty):
        return None
    calendar = accounts.calendar(conn, row.calendar_id)
    account = None if calendar is None else accounts.get(conn, calendar.account_id)
    if calendar is None or account is None:
        return None
    source = accounts.calendar(conn, payload["from"]["calendar"]) if payload.get("from") else None
    near = source is not None and source.account_id == account.id
    return Plan(account, calendar, row, deletes, source if near else None)


async def deliver(sync: Sync, job: Job) -> None:
    """Raises: what the backend raised; the job is then still there."""
    plan = await sync.db.read(plan_of, job)
    if plan is None:
        await sync.db.write(jobs.finish, job)
        return
    if reads_only(plan.account.settings):  # since it was queued
        raise ReadOnlyCalendar(f"the account {plan.account.displayname!r} is connected for reading only")
    backend, row = sync.backend_for(plan.account), plan.row
    if plan.deletes:
        take_away = backend.leave if job.payload.get("moved") and isinstance(backend, Moving) else backend.delete
        await take_away(plan.calendar.remote_id, row.href, row.remote_etag)
        await sync.db.write(_deleted, sync, job, plan)
        return
    text = row.text if BACKENDS[plan.calendar.kind].verbatim else unmarked(row.text)
    moved = await _moved(backend, job, plan, text)
    if moved is not None:
        await sync.db.write(_arrived, sync, job, plan, moved)
        return
    given = CalendarObject(row.href, text, row.remote_etag or "")
    answer = await backend.put(plan.calendar.remote_id, given, row.remote_etag)
    await sync.db.write(_delivered, sync, job, plan, answer)


async def _moved(backend: Backend, job: Job, plan: Plan, text: str) -> CalendarObject | None:
    """None: it has to be put where it belongs, and deleted where it was.

    So too where it was changed in its old calendar before the move was tried again: then both versions are kept.
    """
    if plan.source is None or plan.row.remote_etag is not None or not isinstance(backend, Moving):
        return None
    was = job.payload["from"]
    given = CalendarObject(was["href"], text, was["etag"])
    try:
        return await backend.move(plan.source.remote_id, given, was["etag"], plan.calendar.remote_id)
    except RemoteConflict:
        if job.attempts < 2:
            raise
        return None


def _arrived(conn: Connection, sync: Sync, job: Job, plan: Plan, answer: CalendarObject) -> None:
    """Nothing is left to be deleted where it was."""
    lock_people(conn, plan.row.user_id)
    was = job.payload["from"]
    jobs.drop(conn, PUSH, key_of_gone(was["calendar"], was["href"]))
    rounds.tell(conn, was["calendar"], was["href"])
    _delivered(conn, sync, job, plan, answer)


def _deleted(conn: Connection, sync: Sync, job: Job, plan: Plan) -> None:
    lock_people(conn, plan.row.user_id)
    jobs.finish(conn, job)
    rounds.tell(conn, plan.row.calendar_id, plan.row.href)
    _works(conn, sync, job, plan)


def _works(conn: Connection, sync: Sync, job: Job, plan: Plan) -> None:
    """The provider has taken a change, so it takes others too, and what it refused before counts no more."""
    refusals.mend(conn, plan.account.id, plan.row.uid)
    if plan.account.state == "failing":
        pull_soon(conn, plan.account.user_id, plan.account.id, sync.clock(), [plan.row.calendar_id])
        sync.bell.ring()
    if call_next(conn, job, sync.clock()):
        sync.bell.ring()


def _delivered(conn: Connection, sync: Sync, job: Job, plan: Plan, answer: CalendarObject) -> None:
    lock_people(conn, plan.row.user_id)
    waited = jobs.get(conn, PUSH, job.key)
    jobs.finish(conn, job)
    if waited is not None and waited.payload.get("met"):
        pull_soon(conn, plan.account.user_id, plan.account.id, sync.clock(), [plan.calendar.id])
        sync.bell.ring()
    rounds.tell(conn, plan.calendar.id, answer.href, made=plan.row.remote_etag is None)
    _works(conn, sync, job, plan)
    row = objects.by_id(conn, plan.row.id)
    if row is None or row.uid != plan.row.uid or row.calendar_id != plan.row.calendar_id:
        _deleted_meanwhile(conn, sync, job, plan, answer)
        return
    twin = objects.by_href(conn, row.calendar_id, answer.href)
    if twin is not None and twin.id != row.id:  # a pull saw our new object first
        objects.remove(conn, [twin.id])
        members.refresh(conn, row.user_id, [twin.uid])
    if row.etag != plan.row.etag:
        objects.set_remote(conn, row.id, Remote(answer.etag, answer.text, True, plan.row.text), answer.href)
        return
    settle_text(conn, sync, plan.calendar, row, answer)


def _deleted_meanwhile(conn: Connection, sync: Sync, job: Job, plan: Plan, answer: CalendarObject) -> None:
    gone = deleted_row(Job(job.id, PUSH, "", 0, _as_gone(plan, answer), job.user_id, 0.0, 0, ""))
    if queue_delete(conn, sync, gone, "") is not None:
        sync.bell.ring()


def _as_gone(plan: Plan, answer: CalendarObject) -> dict[str, object]:
    return {
        "calendar": plan.row.calendar_id,
        "href": answer.href,
        "uid": plan.row.uid,
        "text": plan.row.text,
        "remote_text": answer.text,
        "etag": answer.etag,
    }


def settle_text(conn: Connection, sync: Sync, calendar: CalendarRow, row: ObjectRow, answer: CalendarObject) -> None:
    """What is served from now on, of an object that the provider took: its text where it is the very text, else ours
    with what the provider made of it.
    """
    verbatim = BACKENDS[calendar.kind].verbatim
    theirs = answer.text if verbatim else shaped(answer.text, uid=row.uid)[1]
    text = theirs if verbatim else overlay(row.text, theirs)
    if is_marked(calendar) and text != row.text:  # the client's own text keeps its ETag
        text = shaped(text, calendar_name=calendar.title)[1]
    remote = Remote(answer.etag, None if theirs == text else theirs)
    objects.set_remote(conn, row.id, remote, answer.href)
    if text != row.text:
        obj, text = shaped(text)
        indexed = scope_of(conn, sync, row.user_id).index(obj, text)
        tag = row.schedule_tag
        objects.put(conn, row.user_id, row.calendar_id, answer.href, text, indexed, remote, sync.now, tag=tag)
        members.refresh(conn, row.user_id, {row.uid, obj.uid})


async def run_push(sync: Sync, job: Job) -> None:
    """The worker's part: a change that the client was told is kept.

    Raises: BackendUnavailable, SignInExpired: to be tried again.
    """
    async with sync.order_of(job.payload.get("account")):
        await sync.db.read(check_turn, job, sync.clock())
        try:
            await deliver(sync, job)
        except SignInExpired:
            await sync.db.write(_look_again, sync, job)
            raise
        except NotYet:
            raise
        except BackendUnavailable:
            await sync.db.write(_failed, sync, job)
            raise
        except GatewayError as error:
            await lost(sync, job, error)


def _failed(conn: Connection, sync: Sync, job: Job) -> None:
    """Whether it is the provider that fails, or this change alone, is found out by a pull."""
    plan = plan_of(conn, job)
    if plan is None:
        return
    failed(conn, job, plan.account, sync.clock())
    if plan.account.state == "ok":
        pull_soon(conn, plan.account.user_id, plan.account.id, sync.clock())


def _look_again(conn: Connection, sync: Sync, job: Job) -> None:
    """The next pull says of the account what is wrong, and tells its owner."""
    plan = plan_of(conn, job)
    if plan is not None and plan.account.state != "signed-out":
        pull_soon(conn, plan.account.user_id, plan.account.id, sync.clock(), [plan.row.calendar_id])


async def lost(sync: Sync, job: Job, error: GatewayError) -> None:
    """The provider will not have it as it is, although the client was told it is kept."""
    log.warning("a change of an object of user %s was not taken: %s", job.user_id, error)
    if not isinstance(error, RemoteConflict):
        await sync.db.write(give_up, sync, job, error, gone=isinstance(error, RemoteGone))
        return
    plan = await sync.db.read(plan_of, job)
    if plan is None:
        await sync.db.write(jobs.finish, job)
        return
    await sync.db.write(jobs.note, job, {**job.payload, "clash": True})
    await pull_calendar(sync, plan.calendar.id, full=job.attempts > 2)
    if await sync.db.read(plan_of, job) is not None and await sync.db.read(jobs.get, PUSH, job.key) is not None:
        raise BackendUnavailable("the provider's copy changed, but it does not say how") from error
