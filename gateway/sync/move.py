"""COPY and MOVE of an object within one's own calendars: the same object elsewhere, or under another name."""

from dataclasses import replace

from gateway.errors import NotFound, PreconditionFailed, ReadOnlyCalendar, UidConflict
from gateway.ical.objects import read_lenient
from gateway.store import accounts, members
from gateway.store.accounts import CalendarRow
from gateway.store.collections import MERGED, Collection
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.store.members import Member
from gateway.store.objects import ObjectRow
from gateway.store.principals import Principal
from gateway.sync.context import Sync, scope_of
from gateway.sync.outbox import Before
from gateway.sync.place import check_move, place, place_in
from gateway.sync.staged import Rules
from gateway.sync.texts import unmarked
from gateway.sync.wake import wake_bookings, wake_mirrors
from gateway.sync.write import (
    Prepared,
    Staged,
    check_conditions,
    check_href,
    in_calendar,
    object_of,
    path_of,
    stage,
    store,
    take_away,
)


def stage_move(
    conn: Connection,
    sync: Sync,
    owner: Principal,
    source: tuple[Collection, str],
    target: tuple[Collection, str],
    *,
    copies: bool,
    overwrite: bool = True,
    if_match: str | None = None,
    rules: Rules | None = None,
) -> Staged:
    """In the caller's transaction; afterwards the caller awaits `settle`.

    source, target: (collection, href). The merged calendar goes on to show what was moved to another one in it.
    Raises: NotFound; PreconditionFailed; UidConflict; UnsupportedComponent; Forbidden, ReadOnlyCalendar,
        RefusedByProvider (nothing was changed).
    """
    lock_people(conn, owner.id)
    from_, name = source
    into, new = target
    check_href(new)
    member = members.by_href(conn, from_.id, name)
    if member is None or member.deleted:
        raise NotFound("there is no such object")
    check_conditions(member, if_match, if_none_match=False)
    row, calendars = object_of(conn, member), accounts.calendars(conn, owner.id)
    if rules is not None:
        rules.moving(conn, row)
    there = members.by_href(conn, into.id, new)
    there = None if there is None or there.deleted else there
    if there is not None and not overwrite:
        raise PreconditionFailed("there is an object of that name already")
    renames = from_.id == into.id and not copies
    _check_uid(conn, owner, into, row, there, renames=renames)
    here = next((one for one in calendars if one.id == row.calendar_id), None)
    if not copies and (here is None or not here.writable):
        raise ReadOnlyCalendar("the calendar of this object takes no changes")
    if renames:
        members.rename(conn, into.id, member, new)
        return Staged(owner, new, row.etag, created=True, tag=row.schedule_tag)
    if copies or here is None:
        given = _prepared(conn, sync, row)
        staged = stage(conn, sync, owner, into, new, given, if_match=None, if_none_match=False, rules=rules)
    else:
        staged = _stage_move(conn, sync, owner, (into, new), row, here, calendars)
    return replace(staged, created=there is None)


def _check_uid(
    conn: Connection, owner: Principal, into: Collection, row: ObjectRow, there: Member | None, *, renames: bool
) -> None:
    """What is in the way is another copy of the same object, or it stays (RFC 4791 5.3.2.1). Raises: UidConflict."""
    if there is not None and there.uid != row.uid:
        raise UidConflict("an object with another UID has that name", path_of(owner, into, there.href))
    other = None if renames else members.by_uid(conn, into.id, row.uid)
    if other is not None and (other.object_id == row.id or (there is None or there.href != other.href)):
        raise UidConflict("another object has this UID", path_of(owner, into, other.href))


def _prepared(conn: Connection, sync: Sync, row: ObjectRow) -> Prepared:
    text = unmarked(row.text)
    obj, scope = read_lenient(text), scope_of(conn, sync, row.user_id)
    return Prepared(obj, text, text == row.text, scope.index(obj, text), scope, row.schedule_tag, row.told)


def _stage_move(
    conn: Connection,
    sync: Sync,
    owner: Principal,
    target: tuple[Collection, str],
    row: ObjectRow,
    here: CalendarRow,
    calendars: list[CalendarRow],
) -> Staged:
    """To another calendar: as one move where the provider can, else put there and deleted here."""
    into, new = target
    twin = members.by_uid(conn, into.id, row.uid)
    held = None if twin is None else object_of(conn, twin)
    goal = place(calendars, held, row.kind, "") if into.kind == MERGED else place_in(calendars, into, row.kind)
    check_move(row, here)
    given = in_calendar(_prepared(conn, sync, row), goal)
    before, pushes = store(conn, sync, owner, new, given, held, goal, row)
    after = pushes[0].key if pushes else None
    job = take_away(conn, sync, row, here, new, after=after, moved=True)
    members.refresh(conn, owner.id, [row.uid], names={row.uid: new})
    wake_mirrors(conn, owner.id, sync.clock())
    wake_bookings(conn, owner.id, [row.uid], sync.clock())
    return Staged(
        owner,
        new,
        given.indexed.etag,
        created=True,
        before=(Before(here.id, row.uid, new, row, None), *before),
        pushes=pushes if job is None else (*pushes, job),
        tag=given.schedule_tag,
    )
