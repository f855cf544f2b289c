"""What a collection holds: which objects are its members, under which names, and since when.

A member of a calendar is one UID. In the merged one its object is the copy in the calendar that comes first in its
owner's order, in one that is shown separately the copy in that calendar; every change of that gives the member the next
rev of the collection. The members of an inbox come and go one by one.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Integer, and_, bindparam, case, func, insert, or_, select, type_coerce, update

from gateway.errors import InvalidSyncToken
from gateway.ical.objects import href_of
from gateway.store import subscriptions
from gateway.store.collections import CALENDAR, INBOX, MERGED
from gateway.store.locks import lock_people
from gateway.store.objects import chunks
from gateway.store.schema import CALENDARS, COLLECTIONS, MEMBERS, OBJECTS


class Listed(NamedTuple):
    """A row of the listing. kind: VEVENT, VTODO, VJOURNAL. deleted: gone since; etag and kind are its last ones."""

    href: str
    etag: str
    kind: str
    rev: int
    deleted: bool


class Text(NamedTuple):
    """A member with its text."""

    href: str
    etag: str
    kind: str
    object_id: int
    calendar_id: int
    text: str
    changed: int
    schedule_tag: str


@dataclass(frozen=True, slots=True)
class Member:
    """uid: None in an inbox, where several messages may have one."""

    href: str
    uid: str | None
    kind: str
    object_id: int
    etag: str
    rev: int
    deleted: bool


_MEMBER: Final = select(*(MEMBERS.c[field] for field in Member.__dataclass_fields__))
_BY_HREF: Final = _MEMBER.where(MEMBERS.c.collection_id == bindparam("collection"), MEMBERS.c.href == bindparam("href"))
_LIVE_UID: Final = _MEMBER.where(
    MEMBERS.c.collection_id == bindparam("collection"), MEMBERS.c.uid == bindparam("uid"), MEMBERS.c.deleted.is_(False)
)
# As an integer, `deleted` costs nothing to read; as a Boolean, a conversion for each of ten thousand rows.
_LISTED: Final = select(
    MEMBERS.c.href,
    MEMBERS.c.etag,
    MEMBERS.c.kind,
    MEMBERS.c.rev,
    type_coerce(MEMBERS.c.deleted, Integer).label("deleted"),
)
_LISTING: Final = _LISTED.where(MEMBERS.c.collection_id == bindparam("collection"), MEMBERS.c.deleted.is_(False))
_SINCE: Final = (
    _LISTED.where(MEMBERS.c.collection_id == bindparam("collection"), MEMBERS.c.rev > bindparam("rev"))
    .order_by(MEMBERS.c.rev)
    .limit(bindparam("most"))
)
_TEXT: Final = select(
    MEMBERS.c.href,
    MEMBERS.c.etag,
    MEMBERS.c.kind,
    MEMBERS.c.object_id,
    OBJECTS.c.calendar_id,
    OBJECTS.c.text,
    OBJECTS.c.changed,
    OBJECTS.c.schedule_tag,
).join(OBJECTS, OBJECTS.c.id == MEMBERS.c.object_id)
_TEXT_BY_HREF: Final = _TEXT.where(
    MEMBERS.c.collection_id == bindparam("collection"),
    MEMBERS.c.href == bindparam("href"),
    MEMBERS.c.deleted.is_(False),
)
_TEXTS: Final = _TEXT.where(MEMBERS.c.collection_id == bindparam("collection"), MEMBERS.c.deleted.is_(False))
_LIVE: Final = and_(MEMBERS.c.collection_id == bindparam("collection"), MEMBERS.c.deleted.is_(False))
_COUNT: Final = select(func.count()).select_from(MEMBERS).where(_LIVE)
_LATEST: Final = (
    select(MEMBERS.c.href, OBJECTS.c.summary, OBJECTS.c.first)
    .join(OBJECTS, OBJECTS.c.id == MEMBERS.c.object_id)
    .where(_LIVE)
    .order_by(OBJECTS.c.first.desc(), MEMBERS.c.href)
)
_PLACE: Final = (
    select(COLLECTIONS.c.name, MEMBERS.c.href)
    .join(COLLECTIONS, COLLECTIONS.c.id == MEMBERS.c.collection_id)
    .where(MEMBERS.c.object_id == bindparam("object"), MEMBERS.c.deleted.is_(False))
    .order_by(COLLECTIONS.c.id)
)
_REV: Final = select(COLLECTIONS.c.rev, COLLECTIONS.c.floor).where(COLLECTIONS.c.id == bindparam("collection"))
_OWN: Final = COLLECTIONS.alias("own")
_ALL: Final = COLLECTIONS.alias("everything")
_COPIES: Final = (
    select(
        OBJECTS.c.id,
        OBJECTS.c.uid,
        OBJECTS.c.kind,
        OBJECTS.c.etag,
        case((CALENDARS.c.merged, _ALL.c.id)).label("merged"),
        _OWN.c.id.label("own"),
    )
    .join(CALENDARS, CALENDARS.c.id == OBJECTS.c.calendar_id)
    .join(_ALL, and_(_ALL.c.user_id == CALENDARS.c.user_id, _ALL.c.name == MERGED))
    .outerjoin(_OWN, and_(_OWN.c.calendar_id == CALENDARS.c.id, _OWN.c.kind == CALENDAR, CALENDARS.c.separate))
    .where(OBJECTS.c.user_id == bindparam("user"), OBJECTS.c.uid.in_(bindparam("uids", expanding=True)))
    .where(or_(CALENDARS.c.merged, CALENDARS.c.separate), CALENDARS.c.gone.is_(False), OBJECTS.c.mirror == "")
    .order_by(CALENDARS.c.position, CALENDARS.c.id, OBJECTS.c.id)
)
_KNOWN: Final = (
    _MEMBER.add_columns(MEMBERS.c.collection_id)
    .join(COLLECTIONS, COLLECTIONS.c.id == MEMBERS.c.collection_id)
    .where(
        COLLECTIONS.c.user_id == bindparam("user"),
        COLLECTIONS.c.kind != INBOX,
        MEMBERS.c.uid.in_(bindparam("uids", expanding=True)),
        MEMBERS.c.deleted.is_(False),
    )
)
_TAKEN: Final = select(MEMBERS.c.href, MEMBERS.c.uid, MEMBERS.c.deleted).where(
    MEMBERS.c.collection_id == bindparam("collection"), MEMBERS.c.href.in_(bindparam("hrefs", expanding=True))
)
_CHANGE: Final = (
    update(MEMBERS)
    .where(MEMBERS.c.collection_id == bindparam("owner"), MEMBERS.c.href == bindparam("name"))
    .values(
        uid=bindparam("uid"),
        kind=bindparam("kind"),
        object_id=bindparam("object_id"),
        etag=bindparam("etag"),
        rev=bindparam("rev"),
        deleted=bindparam("deleted"),
    )
)
_ADD: Final = insert(MEMBERS)
_RAISE_REV: Final = (
    update(COLLECTIONS)
    .where(COLLECTIONS.c.id == bindparam("collection"))
    .values(rev=COLLECTIONS.c.rev + bindparam("more"))
    .returning(COLLECTIONS.c.rev, COLLECTIONS.c.watched, COLLECTIONS.c.user_id)
)


def rev(conn: Connection, collection: int) -> int:
    return int(conn.execute(_REV, {"collection": collection}).one().rev)


def by_href(conn: Connection, collection: int, href: str) -> Member | None:
    """Also one that is gone: look at `deleted`."""
    row = conn.execute(_BY_HREF, {"collection": collection, "href": href}).first()
    return None if row is None else Member(*row)


def by_uid(conn: Connection, collection: int, uid: str) -> Member | None:
    row = conn.execute(_LIVE_UID, {"collection": collection, "uid": uid}).first()
    return None if row is None else Member(*row)


def listing(conn: Connection, collection: int) -> Sequence[Any]:
    """Rows like Listed, of all members."""
    return conn.execute(_LISTING, {"collection": collection}).all()


def listed(conn: Connection, collection: int, hrefs: Collection[str]) -> list[Any]:
    """Rows like Listed: of those names, unknown ones left out."""
    found: list[Any] = []
    for page in chunks(hrefs):
        found.extend(conn.execute(_LISTING.where(MEMBERS.c.href.in_(page)), {"collection": collection}))
    return found


def since(conn: Connection, collection: int, token: int | None, most: int) -> tuple[Sequence[Any], int, bool]:
    """(rows like Listed, the new token, whether more is left) after `token`; None: from the beginning, nothing deleted.

    Raises: InvalidSyncToken for one we never gave or no longer answer.
    """
    now, floor = conn.execute(_REV, {"collection": collection}).one()
    if token is not None and not floor <= token <= now:
        raise InvalidSyncToken("this sync token is not answered any more; list the calendar again")
    rows = conn.execute(_SINCE, {"collection": collection, "rev": token or 0, "most": most + 1}).all()
    more = len(rows) > most
    rows = rows[:most]
    reached = int(rows[-1].rev) if more else int(now)
    return ([row for row in rows if not row.deleted] if token is None else rows), reached, more


def text(conn: Connection, collection: int, href: str) -> Any | None:
    """A row like Text."""
    return conn.execute(_TEXT_BY_HREF, {"collection": collection, "href": href}).first()


def texts(conn: Connection, collection: int, hrefs: Collection[str] | None = None) -> list[Any]:
    """Rows like Text: of those names, unknown ones left out; None: of all members."""
    if hrefs is None:
        return list(conn.execute(_TEXTS, {"collection": collection}))
    found: list[Any] = []
    for page in chunks(hrefs):
        found.extend(conn.execute(_TEXTS.where(MEMBERS.c.href.in_(page)), {"collection": collection}))
    return found


def of_objects(conn: Connection, collection: int, keys: Collection[int]) -> list[Any]:
    """Rows like Text: the members that are these objects."""
    found: list[Any] = []
    for page in chunks(keys):
        found.extend(conn.execute(_TEXTS.where(MEMBERS.c.object_id.in_(page)), {"collection": collection}))
    return found


def latest(conn: Connection, collection: int, most: int) -> tuple[int, Sequence[Any]]:
    """(how many members there are, rows (href, summary, first) of those that begin last)."""
    given = {"collection": collection}
    rows = conn.execute(_LATEST.limit(most), given).all()
    return int(conn.execute(_COUNT, given).scalar_one()), rows


def place_of(conn: Connection, key: int) -> tuple[str, str] | None:
    """(name of a collection, href there) of an object."""
    row = conn.execute(_PLACE, {"object": key}).first()
    return None if row is None else (row.name, row.href)


def with_uid_like(conn: Connection, collection: int, part: str) -> list[Any]:
    """Rows like Text: of members whose UID contains `part`, the case of ASCII letters aside."""
    return list(conn.execute(_TEXTS.where(OBJECTS.c.uid.icontains(part, autoescape=True)), {"collection": collection}))


def refresh(conn: Connection, user: int, uids: Iterable[str], *, names: Mapping[str, str] | None = None) -> int:
    """Makes the members of these UIDs what the objects now say, in all calendars of that person; how many changed.

    names: UID -> href that a client chose for a new member.
    """
    changed = 0
    lock_people(conn, user)
    for page in chunks(dict.fromkeys(uids)):
        given = {"user": user, "uids": page}
        copies: dict[int, dict[str, Any]] = {}
        for row in conn.execute(_COPIES, given):
            for collection in (row.merged, row.own):
                if collection is not None:
                    copies.setdefault(collection, {}).setdefault(row.uid, row)
        known: dict[int, dict[str, Any]] = {}
        for row in conn.execute(_KNOWN, given):
            known.setdefault(row.collection_id, {})[row.uid] = row
        usual = {uid: row.href for rows in known.values() for uid, row in rows.items()}
        for collection in sorted(copies.keys() | known.keys()):
            shown, there = copies.get(collection, {}), known.get(collection, {})
            changed += _settle(conn, collection, page, shown, there, Names(names or {}, usual))
    return changed


class Names(NamedTuple):
    """UID -> href. chosen: by a client. usual: in another collection of the same person."""

    chosen: Mapping[str, str]
    usual: Mapping[str, str]


def _settle(
    conn: Connection, collection: int, uids: list[str], copies: dict[str, Any], known: dict[str, Any], names: Names
) -> int:
    todo = [uid for uid in uids if _state(copies.get(uid)) != _member_state(known.get(uid))]
    if not todo:
        return 0
    last = raise_rev(conn, collection, len(todo))
    fresh = [uid for uid in todo if uid not in known]
    hrefs = _new_names(conn, collection, fresh, names)
    updates, inserts = [], []
    for number, uid in enumerate(todo, start=last - len(todo) + 1):
        copy: Any = copies.get(uid)
        old: Any = known.get(uid)
        shown = copy if copy is not None else old
        row = {"uid": uid, "kind": shown.kind, "etag": shown.etag, "rev": number, "deleted": copy is None}
        row["object_id"] = copy.id if copy is not None else old.object_id
        href, exists = (old.href, True) if old is not None else hrefs[uid]
        if exists:
            updates.append({"owner": collection, "name": href, **row})
        else:
            inserts.append({"collection_id": collection, "href": href, **row})
    for statement, rows in ((_CHANGE, updates), (_ADD, inserts)):
        if rows:
            conn.execute(statement, rows)
    return len(todo)


def raise_rev(conn: Connection, collection: int, more: int = 1) -> int:
    """The last of so many new revs. Whoever watches the collection is told."""
    row = conn.execute(_RAISE_REV, {"collection": collection, "more": more}).one()
    if row.watched:
        subscriptions.wake(conn, collection, row.user_id)
    return int(row.rev)


def _state(copy: Any | None) -> tuple[int, str] | None:
    return None if copy is None else (copy.id, copy.etag)


def _member_state(member: Any | None) -> tuple[int, str] | None:
    return None if member is None else (member.object_id, member.etag)


def _new_names(conn: Connection, collection: int, uids: list[str], names: Names) -> dict[str, tuple[str, bool]]:
    """UID -> (href, whether a row of that name is there to be used again).

    A derived name is never one that another UID ever had; a client may use a name again that is free.
    """
    wanted = {uid: names.chosen.get(uid) or names.usual.get(uid) or href_of(uid) for uid in uids}
    taken = {
        row.href: row
        for page in chunks(wanted.values())
        for row in conn.execute(_TAKEN, {"collection": collection, "hrefs": page})
    }
    found: dict[str, tuple[str, bool]] = {}
    used: set[str] = set()
    for uid, href in wanted.items():
        row = taken.get(href)
        mine = row is None or (row.deleted and (row.uid == uid or uid in names.chosen))
        if mine and href not in used:
            found[uid] = (href, row is not None)
        else:
            found[uid] = _another_name(conn, collection, uid)
        used.add(found[uid][0])
    return found


def _another_name(conn: Connection, collection: int, uid: str) -> tuple[str, bool]:
    stem = href_of(uid).removesuffix(".ics")[:64]
    for number in range(1000):
        href = f"{stem}-{hashlib.blake2b(f'{number} {uid}'.encode(), digest_size=6).hexdigest()}.ics"
        row = by_href(conn, collection, href)
        if row is None:
            return href, False
        if row.deleted and row.uid == uid:
            return href, True
    raise AssertionError("a thousand names taken for one UID")


def rename(conn: Connection, collection: int, member: Member, href: str) -> None:
    """Callers have seen to it that no live member has the new name."""
    last = raise_rev(conn, collection, 2)
    gone = {"uid": member.uid, "kind": member.kind, "object_id": member.object_id, "etag": member.etag}
    conn.execute(_CHANGE, {"owner": collection, "name": member.href, **gone, "rev": last - 1, "deleted": True})
    row = {**gone, "rev": last, "deleted": False}
    if by_href(conn, collection, href) is None:
        conn.execute(_ADD, {"collection_id": collection, "href": href, **row})
    else:
        conn.execute(_CHANGE, {"owner": collection, "name": href, **row})


def refresh_calendar(conn: Connection, user: int, calendar: int) -> int:
    """After a calendar joined, left, was removed or changed its place: all UIDs it holds."""
    lock_people(conn, user)
    held = select(OBJECTS.c.uid).where(and_(OBJECTS.c.user_id == user, OBJECTS.c.calendar_id == calendar))
    return refresh(conn, user, list(conn.execute(held).scalars()))
