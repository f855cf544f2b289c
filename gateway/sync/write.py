"""Writes of clients and of the booking pages: durable here first, then told to the provider.

Object, change log and push are one transaction. The push is tried at once; what the provider refuses is undone.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from gateway.backends.table import BACKENDS
from gateway.errors import (
    InvalidRequest,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    ReadOnlyCalendar,
    UidConflict,
)
from gateway.ical.blocks import unmarked
from gateway.ical.objects import href_of, read, read_lenient
from gateway.ical.text import decode
from gateway.store import accounts, jobs, members, objects
from gateway.store.accounts import CalendarRow
from gateway.store.collections import MERGED, Collection
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.locks import lock_people
from gateway.store.members import Member
from gateway.store.objects import ObjectRow, Remote
from gateway.store.principals import Principal
from gateway.sync.context import Scope, Sync, scope_of
from gateway.sync.order import PUSH
from gateway.sync.outbox import Before, pending_deletes, queue_delete, queue_put, sent
from gateway.sync.place import check_move, free_href, is_local, is_marked, place, place_in
from gateway.sync.settle import deliver_now
from gateway.sync.staged import Prepared, Rules, Staged, Written
from gateway.sync.texts import corrected, one_end
from gateway.sync.wake import wake_bookings, wake_mirrors

__all__ = ["Prepared", "Staged", "Written", "delete", "put", "settle", "stage_delete", "stage_put", "take"]

HREF: Final = re.compile(r"[^/\\\x00-\x08\x0b-\x1f\x7f]{1,255}")
ETAGS: Final = re.compile(r'(W/)?"([^"]*)"')


async def put(
    sync: Sync,
    owner: Principal,
    href: str,
    body: bytes | str,
    *,
    collection: Collection | None = None,
    if_match: str | None = None,
    if_none_match: bool = False,
    rules: Rules | None = None,
) -> Written:
    """Creates or replaces the member of that name.

    collection: one of a calendar that is shown separately; None: the merged calendar.
    if_match: the header's value. if_none_match: the header was `*`.
    Raises: InvalidCalendarData and its like; PreconditionFailed; UidConflict; UnsupportedComponent; Forbidden,
        ReadOnlyCalendar, RefusedByProvider (nothing was changed).
    """
    check_href(href)
    if len(body) > sync.settings.limits.resource_bytes:
        raise PayloadTooLarge(f"at most {sync.settings.limits.resource_bytes} bytes are taken")
    async with sync.turn(owner.id):
        prepared = await sync.db.read(prepare, sync, owner.id, body)
    into = collection or owner.calendar
    staged = await sync.db.write(
        stage, sync, owner, into, href, prepared, if_match=if_match, if_none_match=if_none_match, rules=rules
    )
    delivered = await settle(sync, staged)
    etag: str | None = staged.etag
    if not delivered and not staged.lasting:
        etag = None
    elif delivered and staged.pushes:
        member = await sync.db.read(members.by_href, into.id, staged.href)
        etag = staged.etag if member is not None and member.etag == staged.etag else None
    exact = prepared.exact and etag == prepared.indexed.etag
    return Written(staged.href, etag if exact else None, staged.created, staged.tag)


async def delete(
    sync: Sync,
    owner: Principal,
    href: str,
    *,
    collection: Collection | None = None,
    if_match: str | None = None,
    rules: Rules | None = None,
) -> None:
    """collection: as for `put`.

    Raises: NotFound; PreconditionFailed; ReadOnlyCalendar, RefusedByProvider (nothing was changed).
    """
    staged = await sync.db.write(stage_delete, sync, owner, href, collection=collection, if_match=if_match, rules=rules)
    await settle(sync, staged)


async def settle(sync: Sync, staged: Staged) -> bool:
    """Tells the provider, as far as that is possible at once; whether it now knows.

    Raises: RefusedByProvider, PreconditionFailed, …: the change has been undone.
    """
    if not staged.pushes:
        return True
    return await deliver_now(sync, staged.owner.id, staged.before, staged.pushes, staged.tied)


def stage_put(
    conn: Connection,
    sync: Sync,
    owner: Principal,
    text: str,
    *,
    href: str | None = None,
    collection: Collection | None = None,
    calendar: int | None = None,
    if_match: str | None = None,
    if_none_match: bool = False,
) -> Staged:
    """`put` within the caller's transaction; afterwards the caller awaits `settle`.

    calendar: of the owner, for an object that is new; None: where new ones usually go.
    href: None: the name of the UID's member if it has one, else one made of the UID.
    """
    prepared = prepare(conn, sync, owner.id, text)
    into = collection or owner.calendar
    if href is None:
        known = members.by_uid(conn, into.id, prepared.obj.uid)
        href = href_of(prepared.obj.uid) if known is None else known.href
    return stage(
        conn, sync, owner, into, href, prepared, if_match=if_match, if_none_match=if_none_match, calendar=calendar
    )


def stage_delete(
    conn: Connection,
    sync: Sync,
    owner: Principal,
    href: str,
    *,
    collection: Collection | None = None,
    if_match: str | None = None,
    rules: Rules | None = None,
) -> Staged:
    """`delete` within the caller's transaction; afterwards the caller awaits `settle`."""
    lock_people(conn, owner.id)
    member = members.by_href(conn, (collection or owner.calendar).id, href)
    if member is None or member.deleted:
        raise NotFound("there is no such object")
    check_conditions(member, if_match, if_none_match=False)
    row = object_of(conn, member)
    calendar = next((one for one in accounts.calendars(conn, owner.id) if one.id == row.calendar_id), None)
    if calendar is None or not calendar.writable:
        raise ReadOnlyCalendar("the calendar of this object takes no changes")
    if rules is not None:
        rules.removing(conn, row, calendar)
    job = take_away(conn, sync, row, calendar, href)
    members.refresh(conn, owner.id, [row.uid])
    wake_mirrors(conn, owner.id, sync.clock())
    wake_bookings(conn, owner.id, [row.uid], sync.clock())
    before, pushes = (Before(calendar.id, row.uid, href, row, None),), () if job is None else (job,)
    staged = Staged(owner, href, member.etag, created=False, before=before, pushes=pushes)
    return staged if rules is None else rules.done(conn, staged)


def check_href(href: str) -> None:
    """Raises: InvalidRequest."""
    if not HREF.fullmatch(href) or href in {".", ".."}:
        raise InvalidRequest("the last part of the path cannot be the name of an object")


def check_conditions(member: Member | None, if_match: str | None, *, if_none_match: bool) -> None:
    """Raises: PreconditionFailed."""
    if if_none_match and member is not None:
        raise PreconditionFailed("there is an object of that name already")
    if if_match is None:
        return
    if member is None:
        raise PreconditionFailed("there is no such object")
    strong = {etag for weak, etag in ETAGS.findall(if_match) if not weak} or {if_match.strip()}
    if if_match.strip() != "*" and member.etag not in strong:
        raise PreconditionFailed("the object has changed")


def prepare(conn: Connection, sync: Sync, user: int, body: bytes | str) -> Prepared:
    """Raises: InvalidCalendarData and its like."""
    scope = scope_of(conn, sync, user)
    given = body if isinstance(body, str) else decode(body)
    text = unmarked(given)  # whoever copies a busy block makes an event of their own of it
    obj = read(text, sync.settings.limits.instances)
    exact = text == given and (isinstance(body, str) or text.encode() == body)
    prepared = Prepared(obj, text, exact, scope.index(obj, text), scope)
    return prepared.instead(one_end(obj, text))


def stage(
    conn: Connection,
    sync: Sync,
    owner: Principal,
    into: Collection,
    href: str,
    prepared: Prepared,
    *,
    if_match: str | None,
    if_none_match: bool,
    rules: Rules | None = None,
    calendar: int | None = None,
) -> Staged:
    if rules is None:
        lock_people(conn, owner.id)
    else:
        rules.locking(conn, prepared)
    prepared = _in_zone(prepared, scope_of(conn, sync, owner.id)) if prepared.indexed.local else prepared
    member = members.by_href(conn, into.id, href)
    live = None if member is None or member.deleted else member
    check_conditions(live, if_match, if_none_match=if_none_match)
    check_uid(conn, owner, into, href, live, prepared.obj.uid)
    row = None if live is None else object_of(conn, live)
    calendars = accounts.calendars(conn, owner.id)
    kind, wanted = prepared.indexed.kind, prepared.indexed.calendar_name
    wished = next((one for one in calendars if row is None and one.id == calendar and one.writable), None)
    target = wished or (place(calendars, row, kind, wanted) if into.kind == MERGED else place_in(calendars, into, kind))
    if rules is not None:
        prepared = rules.storing(conn, row, target, prepared)
    prepared = in_calendar(prepared, target)
    if row is not None and row.calendar_id == target.id and row.etag == prepared.indexed.etag:
        staged = Staged(owner, href, row.etag, created=False, tag=row.schedule_tag)
    else:
        before, pushes = _replace(conn, sync, owner, href, prepared, row, calendars, target)
        etag, tag = prepared.indexed.etag, prepared.schedule_tag
        staged = Staged(owner, href, etag, created=live is None, before=before, pushes=pushes, tag=tag)
    staged = replace(staged, lasting=BACKENDS[target.kind].verbatim)
    return staged if rules is None else rules.done(conn, staged)


def _replace(
    conn: Connection,
    sync: Sync,
    owner: Principal,
    href: str,
    prepared: Prepared,
    row: ObjectRow | None,
    calendars: Sequence[CalendarRow],
    target: CalendarRow,
) -> tuple[tuple[Before, ...], tuple[Job, ...]]:
    """row: what it replaces, in whichever of the calendars."""
    uid = prepared.obj.uid
    moved = row if row is not None and row.calendar_id != target.id else None
    if moved is not None:
        check_move(moved, next(one for one in calendars if one.id == moved.calendar_id))
    held = None if moved else row
    before, pushes = store(conn, sync, owner, href, prepared, held, target, moved)
    if moved is not None:
        source = next(one for one in calendars if one.id == moved.calendar_id)
        after = pushes[0].key if pushes else None
        job = take_away(conn, sync, moved, source, href, after=after, moved=True)
        before, pushes = (Before(source.id, uid, href, moved, None), *before), pushes if job is None else (*pushes, job)
    members.refresh(conn, owner.id, [uid], names={uid: href})
    wake_mirrors(conn, owner.id, sync.clock())
    wake_bookings(conn, owner.id, [uid], sync.clock())
    return before, pushes


def take(
    conn: Connection,
    sync: Sync,
    owner: Principal,
    text: str,
    row: ObjectRow | None,
    target: CalendarRow,
    *,
    tag: str,
    told: int = 0,
) -> None:
    """Stores what came to somebody who did not ask for it; a provider that has to know is told by the worker.

    row: what it replaces in that calendar. tag, told: as of objects.put.
    """
    obj, scope = read_lenient(text), scope_of(conn, sync, owner.id)
    given = Prepared(obj, text, exact=True, indexed=scope.index(obj, text), scope=scope, tag=tag, told=told)
    _, pushes = store(conn, sync, owner, href_of(obj.uid), in_calendar(given, target), row, target, None)
    for job in pushes:
        jobs.retry(conn, job, due=sync.clock(), error="")
    members.refresh(conn, owner.id, [obj.uid])
    wake_mirrors(conn, owner.id, sync.clock())
    wake_bookings(conn, owner.id, [obj.uid], sync.clock())


def _in_zone(prepared: Prepared, scope: Scope) -> Prepared:
    """Read anew where the owner's zone has changed since."""
    if scope.zone == prepared.scope.zone:
        return prepared
    return replace(prepared, scope=scope, indexed=scope.index(prepared.obj, prepared.text))


def in_calendar(prepared: Prepared, target: CalendarRow) -> Prepared:
    """As it is stored there: no text that we write anyway says that it is in another calendar."""
    if not is_marked(target):
        return prepared
    return prepared.instead(corrected(prepared.obj, prepared.text, target.title, target.displayname))


def check_uid(conn: Connection, owner: Principal, into: Collection, href: str, live: Member | None, uid: str) -> None:
    if live is not None and live.uid != uid:
        raise UidConflict("the object of that name has another UID", path_of(owner, into, href))
    other = members.by_uid(conn, into.id, uid) if live is None else None
    if other is not None:
        raise UidConflict("another object has this UID", path_of(owner, into, other.href))


def path_of(owner: Principal, into: Collection, href: str) -> str:
    return f"/dav/calendars/{owner.name}/{quote(into.name)}/{quote(href)}"


def object_of(conn: Connection, member: Member) -> ObjectRow:
    row = objects.by_id(conn, member.object_id)
    if row is None:
        raise NotFound("there is no such object")
    return row


def store(
    conn: Connection,
    sync: Sync,
    owner: Principal,
    href: str,
    given: Prepared,
    row: ObjectRow | None,
    target: CalendarRow,
    moved: ObjectRow | None,
) -> tuple[tuple[Before, ...], tuple[Job, ...]]:
    """The object in its calendar, and its push queued.

    row: the one it replaces there, if already known. moved: what it was in another calendar.
    """
    local, text, indexed = is_local(target), given.text, given.indexed
    if row is None:
        proposal, row = free_href(conn, target.id, href if local else href_of(indexed.uid), indexed.uid)
    else:
        proposal = row.href
    before = (Before(target.id, indexed.uid, href, row, indexed.etag),)
    if local:
        objects.put(
            conn, owner.id, target.id, proposal, text, indexed, Remote(), sync.now, tag=given.tag, told=given.told
        )
        return before, ()
    remote, after = sent(row), None
    if row is None:
        proposal, remote, after = _still_there(conn, sync, owner.id, target.id, proposal, indexed.uid)
    key = objects.put(
        conn, owner.id, target.id, proposal, text, indexed, remote, sync.now, tag=given.tag, told=given.told
    )
    stored = objects.by_id(conn, key)
    job = None if stored is None else queue_put(conn, sync, stored, after=after, moved=moved)
    return before, () if job is None else (job,)


def _still_there(
    conn: Connection, sync: Sync, user: int, calendar: int, proposal: str, uid: str
) -> tuple[str, Remote, str | None]:
    """How the provider has a new object: not at all, or as one whose deletion it was not told yet.

    Returns: (its name there, that, key of the job to wait for).
    """
    for href, job in pending_deletes(conn, user, calendar).items():
        same = job.payload["uid"] == uid
        if same and jobs.withdraw(conn, PUSH, job.key, now=sync.clock()):
            theirs = job.payload["remote_text"] or job.payload["text"]
            return href, Remote(job.payload["etag"], theirs, dirty=True), None
        if same or href == proposal:
            return proposal, Remote(dirty=True), job.key
    return proposal, Remote(dirty=True), None


def take_away(
    conn: Connection,
    sync: Sync,
    row: ObjectRow,
    calendar: CalendarRow,
    name: str,
    *,
    after: str | None = None,
    moved: bool = False,
) -> Job | None:
    objects.remove(conn, [row.id])
    return None if is_local(calendar) else queue_delete(conn, sync, row, name, after=after, moved=moved)
