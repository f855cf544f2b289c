"""Changes on their way to a provider, and how to take one back."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from gateway.accounts.people import local_calendar
from gateway.errors import GatewayError, ReadOnlyCalendar
from gateway.ical.objects import href_of, read_lenient
from gateway.store import accounts, jobs, members, objects, principals, refusals
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.locks import lock_people
from gateway.store.objects import ObjectRow, Remote
from gateway.sync.context import Sync, scope_of
from gateway.sync.order import PUSH
from gateway.sync.texts import conflict_copy, conflict_uid
from gateway.sync.wake import wake_bookings, wake_mirrors

LEASE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Before:
    """What a calendar held under a UID before a change. after: the etag that the change left there, None: nothing."""

    calendar: int
    uid: str
    name: str
    row: ObjectRow | None
    after: str | None


def key_of(row: ObjectRow) -> str:
    return f"object {row.id}"


def key_of_gone(calendar: int, href: str) -> str:
    return f"gone {calendar} {href}"


def queue_put(
    conn: Connection, sync: Sync, row: ObjectRow, *, after: str | None = None, moved: ObjectRow | None = None
) -> Job | None:
    """The push of an object as it then is; ours to do at once, unless an earlier one of it is being done.

    moved: what it was in another calendar, if the provider had it there.
    """
    payload: dict[str, object] = {"op": "put", "object": row.id, "uid": row.uid, "after": after}
    if moved is not None and moved.remote_etag is not None:
        payload["from"] = {"calendar": moved.calendar_id, "href": moved.href, "etag": moved.remote_etag}
    return _queue(conn, sync, key_of(row), payload, row)


def queue_delete(
    conn: Connection, sync: Sync, row: ObjectRow, name: str, *, after: str | None = None, moved: bool = False
) -> Job | None:
    """The deletion at the provider of what `row` was; None also if the provider never had it.

    moved: it goes on in another calendar.
    """
    begun = jobs.get(conn, PUSH, key_of(row))
    jobs.drop(conn, PUSH, key_of(row))
    if row.remote_etag is None and (begun is None or begun.attempts == 0):
        return None
    payload = {
        "op": "delete",
        "calendar": row.calendar_id,
        "href": row.href,
        "etag": row.remote_etag,
        "uid": row.uid,
        "text": row.text,
        "remote_text": row.remote_text,
        "name": name,
        "after": after,
        "moved": moved,
        "agreed": agreed(row),
    }
    return _queue(conn, sync, key_of_gone(row.calendar_id, row.href), payload, row)


def _queue(conn: Connection, sync: Sync, key: str, payload: dict[str, object], row: ObjectRow) -> Job | None:
    now = sync.clock()
    payload["account"] = _account_of(conn, row)
    added = jobs.add(conn, PUSH, key, payload, due=now, user=row.user_id)
    return jobs.claim(conn, added, now=now, lease=LEASE)


def _account_of(conn: Connection, row: ObjectRow) -> int | None:
    calendar = accounts.calendar(conn, row.calendar_id)
    return None if calendar is None else calendar.account_id


def pending_deletes(conn: Connection, user: int, calendar: int) -> dict[str, Job]:
    """By href: what the provider still has although we deleted it."""
    waiting = jobs.waiting(conn, PUSH, user)
    return {
        job.payload["href"]: job
        for job in waiting
        if job.payload["op"] == "delete" and job.payload["calendar"] == calendar
    }


def being_told(conn: Connection, user: int, rows: Collection[ObjectRow]) -> dict[int, Job]:
    """By object, the pushes of these that may be half done; not those that met somebody else's change."""
    keys = {key_of(row): row.id for row in rows}
    waiting = jobs.waiting(conn, PUSH, user) if keys else []
    return {keys[job.key]: job for job in waiting if job.key in keys and not job.payload.get("clash")}


def leave_to(conn: Connection, job: Job) -> None:
    """A pull met what this push is about, and has to come again after it."""
    jobs.note(conn, job, {**job.payload, "met": True})


def sent(row: ObjectRow | None) -> Remote:
    """How the provider has an object that is about to change here; its text is kept as long as ours is not there."""
    if row is None:
        return Remote(dirty=True)
    theirs = row.text if row.remote_text is None and row.remote_etag is not None and not row.dirty else row.remote_text
    return Remote(row.remote_etag, theirs, dirty=True, agreed=None if agreed(row) == theirs else agreed(row))


def agreed(row: ObjectRow) -> str | None:
    """What is served of what the provider has, with all that it cannot hold; None: it has nothing of it yet."""
    return (row.agreed or row.remote_text) if row.dirty else row.text


def restore(conn: Connection, sync: Sync, row: ObjectRow, text: str, remote: Remote) -> None:
    """Puts an object back, or its text to an earlier one. Callers refresh its member."""
    if accounts.calendar(conn, row.calendar_id) is None:
        return
    indexed = scope_of(conn, sync, row.user_id).index(read_lenient(text), text)
    tag = row.schedule_tag if text == row.text else ""
    objects.put(conn, row.user_id, row.calendar_id, row.href, text, indexed, remote, sync.now, tag=tag)


def deleted_row(job: Job) -> ObjectRow:
    """The object that a deletion was about, as it was."""
    payload = job.payload
    return ObjectRow(
        id=0,
        user_id=job.user_id or 0,
        calendar_id=payload["calendar"],
        href=payload["href"],
        uid=payload["uid"],
        kind="",
        etag="",
        text=payload["text"],
        remote_etag=payload["etag"],
        remote_text=payload["remote_text"],
        dirty=False,
        changed=0,
        agreed=payload.get("agreed"),
    )


def undo(conn: Connection, sync: Sync, user: int, changes: tuple[Before, ...], pushes: tuple[Job, ...]) -> None:
    """As if the change had never been made, unless somebody changed the object again meanwhile."""
    lock_people(conn, user)
    for job in pushes:
        jobs.finish(conn, job)
    for change in reversed(changes):
        now = next((row for row in objects.by_uid(conn, user, change.uid) if row.calendar_id == change.calendar), None)
        if (None if now is None else now.etag) != change.after:
            continue
        if change.row is not None:
            remote = Remote(change.row.remote_etag, change.row.remote_text, change.row.dirty, change.row.agreed)
            restore(conn, sync, change.row, change.row.text, remote)
        elif now is not None:
            objects.remove(conn, [now.id])
        back = objects.by_href(conn, change.calendar, change.row.href) if change.row is not None else None
        if back is not None and back.dirty:
            payload = {"op": "put", "object": back.id, "uid": back.uid, "account": _account_of(conn, back)}
            jobs.add(conn, PUSH, key_of(back), payload, due=sync.clock(), user=user)
    names = {change.uid: change.name for change in changes}
    members.refresh(conn, user, names, names=names)
    wake_mirrors(conn, user, sync.clock())


def keep_copy(conn: Connection, sync: Sync, user: int, text: str, uid: str, etag: str) -> str:
    """A losing version, put where its owner finds it; the UID of the copy. Callers refresh its member."""
    copy_uid = conflict_uid(uid, etag)
    copy = conflict_copy(text, copy_uid, principals.by_id(conn, user).locale)
    indexed = scope_of(conn, sync, user).index(read_lenient(copy), copy)
    calendar = local_calendar(conn, user, sync.now)
    objects.put(conn, user, calendar, href_of(copy_uid), copy, indexed, Remote(), sync.now)
    return copy_uid


def give_up(conn: Connection, sync: Sync, job: Job, error: GatewayError, *, gone: bool) -> None:
    """The provider will never take a change that the client was already told is kept.

    The provider's version is what counts; ours stays as a copy. gone: the provider has the object no more.
    """
    user = job.user_id or 0
    lock_people(conn, user)
    jobs.finish(conn, job)
    row = deleted_row(job) if job.payload["op"] == "delete" else objects.by_id(conn, job.payload["object"])
    if row is None or row.uid != job.payload["uid"]:
        return
    uids = [row.uid]
    if row.id:
        uids.append(keep_copy(conn, sync, user, row.text, row.uid, row.etag))
    if row.id and (gone or row.remote_etag is None):
        objects.remove(conn, [row.id])
    elif not gone:
        text = row.text if row.remote_text is None or not row.id else row.agreed or row.remote_text
        restore(conn, sync, row, text, Remote(row.remote_etag, row.remote_text))
    calendar = accounts.calendar(conn, row.calendar_id)
    if calendar is not None:
        title, trouble = _title(row.text), "gone" if gone else _trouble(error)
        refusals.add(conn, user, calendar.account_id, row.uid, title, str(error)[:500], sync.now, trouble=trouble)
    members.refresh(conn, user, uids)
    wake_mirrors(conn, user, sync.clock())
    if gone:
        wake_bookings(conn, user, [row.uid], sync.clock())


def _trouble(error: GatewayError) -> str:
    return "read-only" if isinstance(error, ReadOnlyCalendar) else "refused"


def _title(text: str) -> str:
    """What people call it; of a series, the series'."""
    parsed = read_lenient(text)
    return (parsed.master or parsed.components[0]).text("SUMMARY")[:255]
