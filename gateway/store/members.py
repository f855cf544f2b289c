"""The merged calendar of a person: which objects are its members, under which names, and since when.

A member is one UID. Its object is the copy in the calendar that comes first in its owner's order; every change of that
gives the member the next rev of its owner.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Integer, and_, bindparam, insert, select, type_coerce, update

from gateway.errors import InvalidSyncToken
from gateway.ical.objects import href_of
from gateway.store.objects import chunks
from gateway.store.schema import CALENDARS, MEMBERS, OBJECTS, PRINCIPALS


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


@dataclass(frozen=True, slots=True)
class Member:
    href: str
    uid: str
    kind: str
    object_id: int
    etag: str
    rev: int
    deleted: bool


_MEMBER: Final = select(*(MEMBERS.c[field] for field in Member.__dataclass_fields__))
_BY_HREF: Final = _MEMBER.where(MEMBERS.c.user_id == bindparam("user"), MEMBERS.c.href == bindparam("href"))
_LIVE_UID: Final = _MEMBER.where(
    MEMBERS.c.user_id == bindparam("user"), MEMBERS.c.uid == bindparam("uid"), MEMBERS.c.deleted.is_(False)
)
# As an integer, `deleted` costs nothing to read; as a Boolean, a conversion for each of ten thousand rows.
_LISTED: Final = select(
    MEMBERS.c.href,
    MEMBERS.c.etag,
    MEMBERS.c.kind,
    MEMBERS.c.rev,
    type_coerce(MEMBERS.c.deleted, Integer).label("deleted"),
)
_LISTING: Final = _LISTED.where(MEMBERS.c.user_id == bindparam("user"), MEMBERS.c.deleted.is_(False))
_SINCE: Final = (
    _LISTED.where(MEMBERS.c.user_id == bindparam("user"), MEMBERS.c.rev > bindparam("rev"))
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
).join(OBJECTS, OBJECTS.c.id == MEMBERS.c.object_id)
_TEXT_BY_HREF: Final = _TEXT.where(
    MEMBERS.c.user_id == bindparam("user"), MEMBERS.c.href == bindparam("href"), MEMBERS.c.deleted.is_(False)
)
_TEXTS: Final = _TEXT.where(MEMBERS.c.user_id == bindparam("user"), MEMBERS.c.deleted.is_(False))
_REV: Final = select(PRINCIPALS.c.rev, PRINCIPALS.c.floor).where(PRINCIPALS.c.id == bindparam("user"))
_COPIES: Final = (
    select(OBJECTS.c.id, OBJECTS.c.uid, OBJECTS.c.kind, OBJECTS.c.etag)
    .join(CALENDARS, CALENDARS.c.id == OBJECTS.c.calendar_id)
    .where(OBJECTS.c.user_id == bindparam("user"), OBJECTS.c.uid.in_(bindparam("uids", expanding=True)))
    .where(CALENDARS.c.merged, CALENDARS.c.gone.is_(False), OBJECTS.c.mirror == "")
    .order_by(CALENDARS.c.position, CALENDARS.c.id, OBJECTS.c.id)
)
_KNOWN: Final = _MEMBER.where(
    MEMBERS.c.user_id == bindparam("user"),
    MEMBERS.c.uid.in_(bindparam("uids", expanding=True)),
    MEMBERS.c.deleted.is_(False),
)
_TAKEN: Final = select(MEMBERS.c.href, MEMBERS.c.uid, MEMBERS.c.deleted).where(
    MEMBERS.c.user_id == bindparam("user"), MEMBERS.c.href.in_(bindparam("hrefs", expanding=True))
)
_CHANGE: Final = (
    update(MEMBERS)
    .where(MEMBERS.c.user_id == bindparam("owner"), MEMBERS.c.href == bindparam("name"))
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
    update(PRINCIPALS)
    .where(PRINCIPALS.c.id == bindparam("user"))
    .values(rev=PRINCIPALS.c.rev + bindparam("more"))
    .returning(PRINCIPALS.c.rev)
)


def rev(conn: Connection, user: int) -> int:
    return int(conn.execute(_REV, {"user": user}).one().rev)


def by_href(conn: Connection, user: int, href: str) -> Member | None:
    """Also one that is gone: look at `deleted`."""
    row = conn.execute(_BY_HREF, {"user": user, "href": href}).first()
    return None if row is None else Member(*row)


def by_uid(conn: Connection, user: int, uid: str) -> Member | None:
    row = conn.execute(_LIVE_UID, {"user": user, "uid": uid}).first()
    return None if row is None else Member(*row)


def listing(conn: Connection, user: int) -> Sequence[Any]:
    """Rows like Listed, of all members."""
    return conn.execute(_LISTING, {"user": user}).all()


def listed(conn: Connection, user: int, hrefs: Collection[str]) -> list[Any]:
    """Rows like Listed: of those names, unknown ones left out."""
    found: list[Any] = []
    for page in chunks(hrefs):
        found.extend(conn.execute(_LISTING.where(MEMBERS.c.href.in_(page)), {"user": user}))
    return found


def since(conn: Connection, user: int, token: int | None, most: int) -> tuple[Sequence[Any], int, bool]:
    """(rows like Listed, the new token, whether more is left) after `token`; None: from the beginning, nothing deleted.

    Raises: InvalidSyncToken for one we never gave or no longer answer.
    """
    now, floor = conn.execute(_REV, {"user": user}).one()
    if token is not None and not floor <= token <= now:
        raise InvalidSyncToken("this sync token is not answered any more; list the calendar again")
    rows = conn.execute(_SINCE, {"user": user, "rev": token or 0, "most": most + 1}).all()
    more = len(rows) > most
    rows = rows[:most]
    reached = int(rows[-1].rev) if more else int(now)
    return ([row for row in rows if not row.deleted] if token is None else rows), reached, more


def text(conn: Connection, user: int, href: str) -> Any | None:
    """A row like Text."""
    return conn.execute(_TEXT_BY_HREF, {"user": user, "href": href}).first()


def texts(conn: Connection, user: int, hrefs: Collection[str] | None = None) -> list[Any]:
    """Rows like Text: of those names, unknown ones left out; None: of all members."""
    if hrefs is None:
        return list(conn.execute(_TEXTS, {"user": user}))
    found: list[Any] = []
    for page in chunks(hrefs):
        found.extend(conn.execute(_TEXTS.where(MEMBERS.c.href.in_(page)), {"user": user}))
    return found


def of_objects(conn: Connection, user: int, keys: Collection[int]) -> list[Any]:
    """Rows like Text: the members that are these objects."""
    found: list[Any] = []
    for page in chunks(keys):
        found.extend(conn.execute(_TEXTS.where(MEMBERS.c.object_id.in_(page)), {"user": user}))
    return found


def with_uid_like(conn: Connection, user: int, part: str) -> list[Any]:
    """Rows like Text: of members whose UID contains `part`, the case of ASCII letters aside."""
    return list(conn.execute(_TEXTS.where(MEMBERS.c.uid.icontains(part, autoescape=True)), {"user": user}))


def refresh(conn: Connection, user: int, uids: Iterable[str], *, names: dict[str, str] | None = None) -> int:
    """Makes the members of these UIDs what the objects now say; how many changed.

    names: UID -> href that a client chose for a new member.
    """
    changed = 0
    for page in chunks(dict.fromkeys(uids)):
        copies: dict[str, Any] = {}
        for row in conn.execute(_COPIES, {"user": user, "uids": page}):
            copies.setdefault(row.uid, row)
        known = {row.uid: row for row in conn.execute(_KNOWN, {"user": user, "uids": page})}
        changed += _settle(conn, user, page, copies, known, names or {})
    return changed


def _settle(
    conn: Connection, user: int, uids: list[str], copies: dict[str, Any], known: dict[str, Any], names: dict[str, str]
) -> int:
    todo = [uid for uid in uids if _state(copies.get(uid)) != _member_state(known.get(uid))]
    if not todo:
        return 0
    last = conn.execute(_RAISE_REV, {"user": user, "more": len(todo)}).scalar_one()
    fresh = [uid for uid in todo if uid not in known]
    hrefs = _new_names(conn, user, fresh, names)
    updates, inserts = [], []
    for number, uid in enumerate(todo, start=last - len(todo) + 1):
        copy: Any = copies.get(uid)
        old: Any = known.get(uid)
        shown = copy if copy is not None else old
        row = {"uid": uid, "kind": shown.kind, "etag": shown.etag, "rev": number, "deleted": copy is None}
        row["object_id"] = copy.id if copy is not None else old.object_id
        href, exists = (old.href, True) if old is not None else hrefs[uid]
        if exists:
            updates.append({"owner": user, "name": href, **row})
        else:
            inserts.append({"user_id": user, "href": href, **row})
    for statement, rows in ((_CHANGE, updates), (_ADD, inserts)):
        if rows:
            conn.execute(statement, rows)
    return len(todo)


def _state(copy: Any | None) -> tuple[int, str] | None:
    return None if copy is None else (copy.id, copy.etag)


def _member_state(member: Any | None) -> tuple[int, str] | None:
    return None if member is None else (member.object_id, member.etag)


def _new_names(conn: Connection, user: int, uids: list[str], chosen: dict[str, str]) -> dict[str, tuple[str, bool]]:
    """UID -> (href, whether a row of that name is there to be used again).

    A derived name is never one that another UID ever had; a client may use a name again that is free.
    """
    wanted = {uid: chosen.get(uid) or href_of(uid) for uid in uids}
    taken = {
        row.href: row for page in chunks(wanted.values()) for row in conn.execute(_TAKEN, {"user": user, "hrefs": page})
    }
    names: dict[str, tuple[str, bool]] = {}
    used: set[str] = set()
    for uid, href in wanted.items():
        row = taken.get(href)
        mine = row is None or (row.deleted and (row.uid == uid or uid in chosen))
        if mine and href not in used:
            names[uid] = (href, row is not None)
        else:
            names[uid] = _another_name(conn, user, uid)
        used.add(names[uid][0])
    return names


def _another_name(conn: Connection, user: int, uid: str) -> tuple[str, bool]:
    stem = href_of(uid).removesuffix(".ics")[:64]
    for number in range(1000):
        href = f"{stem}-{hashlib.blake2b(f'{number} {uid}'.encode(), digest_size=6).hexdigest()}.ics"
        row = by_href(conn, user, href)
        if row is None:
            return href, False
        if row.deleted and row.uid == uid:
            return href, True
    raise AssertionError("a thousand names taken for one UID")


def refresh_calendar(conn: Connection, user: int, calendar: int) -> int:
    """After a calendar joined, left, was removed or changed its place: all UIDs it holds."""
    held = select(OBJECTS.c.uid).where(and_(OBJECTS.c.user_id == user, OBJECTS.c.calendar_id == calendar))
    return refresh(conn, user, list(conn.execute(held).scalars()))
