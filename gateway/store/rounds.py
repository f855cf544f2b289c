"""What a reading of a calendar keeps until its last page: it may be broken off and go on in another process.

Notes on objects: a page of the answer MENTIONED it; the provider was TOLD of a change of ours since it was asked; we
MADE it there, and no page has mentioned it yet.
"""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import BigInteger, Connection, bindparam, delete, exists, func, insert, select, update

from gateway.model import Part
from gateway.store.objects import chunks
from gateway.store.schema import CALENDARS, NOTES, OBJECTS, PARTS

MENTIONED: Final = "mentioned"
TOLD: Final = "told"
MADE: Final = "made"
_CALENDAR: Final = bindparam("calendar", type_=BigInteger)
_LEFT: Final = select(
    exists().where(CALENDARS.c.id == _CALENDAR, CALENDARS.c.page.is_not(None) | CALENDARS.c.arrived.is_not(None))
    | exists().where(NOTES.c.calendar_id == _CALENDAR, NOTES.c.kind != MADE)
    | exists().where(PARTS.c.calendar_id == _CALENDAR)
)


def begin(conn: Connection, calendar: int) -> None:
    """The provider is about to be asked. Whatever an earlier reading left is of no use any more."""
    conn.execute(delete(NOTES).where(NOTES.c.calendar_id == calendar, NOTES.c.kind != MADE))
    conn.execute(delete(PARTS).where(PARTS.c.calendar_id == calendar))
    conn.execute(update(CALENDARS).where(CALENDARS.c.id == calendar).values(page=None, arrived=None))


def is_clean(conn: Connection, calendar: int) -> bool:
    """Whether `begin` would change nothing, as it mostly would not."""
    return not conn.execute(_LEFT, {"calendar": calendar}).scalar()


def go_on(conn: Connection, calendar: int, page: str | None) -> None:
    """page: where a reading that is broken off now goes on; None: nowhere."""
    conn.execute(update(CALENDARS).where(CALENDARS.c.id == calendar).values(page=page))


def count(conn: Connection, calendar: int) -> int:
    """How many objects the reading of the whole has brought so far, those yet to be joined included."""
    mentioned = select(func.count()).where(NOTES.c.calendar_id == calendar, NOTES.c.kind == MENTIONED)
    kept = select(func.count(PARTS.c.name.distinct())).where(PARTS.c.calendar_id == calendar)
    arrived = int(conn.execute(mentioned).scalar_one()) + int(conn.execute(kept).scalar_one())
    conn.execute(update(CALENDARS).where(CALENDARS.c.id == calendar).values(arrived=arrived))
    return arrived


def mention(conn: Connection, calendar: int, hrefs: Collection[str]) -> None:
    """A page of an answer that is the whole has them."""
    _note(conn, calendar, hrefs, MENTIONED)


def tell(conn: Connection, calendar: int, href: str, *, made: bool = False) -> None:
    """The provider took a change of ours: pages still to come may be older than that. made: it is new there."""
    if conn.execute(select(CALENDARS.c.id).where(CALENDARS.c.id == calendar)).first() is not None:
        _note(conn, calendar, [href], TOLD)
        if made:
            _note(conn, calendar, [href], MADE)


def told(conn: Connection, calendar: int, hrefs: Collection[str]) -> set[str]:
    """Those of them that the provider heard something new of from us since it was asked."""
    return set(_noted(conn, calendar, hrefs, TOLD))


def met(conn: Connection, calendar: int, hrefs: Collection[str]) -> None:
    """A page has mentioned them, so from now on the provider tells us of their end as well."""
    for page in chunks(hrefs):
        mine = NOTES.c.calendar_id == calendar, NOTES.c.kind == MADE
        conn.execute(delete(NOTES).where(*mine, NOTES.c.href.in_(page)))


def unmet(conn: Connection, calendar: int) -> list[str]:
    """What we made there and no page has mentioned."""
    query = select(NOTES.c.href).where(NOTES.c.calendar_id == calendar, NOTES.c.kind == MADE)
    return list(conn.execute(query.order_by(NOTES.c.href)).scalars())


def _note(conn: Connection, calendar: int, hrefs: Collection[str], kind: str) -> None:
    fresh = dict.fromkeys(hrefs)
    for known in _noted(conn, calendar, hrefs, kind):
        del fresh[known]
    if fresh:
        conn.execute(insert(NOTES), [{"calendar_id": calendar, "href": href, "kind": kind} for href in fresh])


def _noted(conn: Connection, calendar: int, hrefs: Collection[str], kind: str) -> list[str]:
    found: list[str] = []
    for page in chunks(dict.fromkeys(hrefs)):
        query = select(NOTES.c.href).where(NOTES.c.calendar_id == calendar, NOTES.c.kind == kind)
        found.extend(conn.execute(query.where(NOTES.c.href.in_(page))).scalars())
    return found


def unmentioned(conn: Connection, calendar: int) -> list[tuple[int, str]]:
    """(id, uid) of objects that the whole answer did not have, ours that are on their way or just arrived aside."""
    noted = select(NOTES.c.href).where(NOTES.c.calendar_id == calendar, NOTES.c.kind != MADE)
    query = select(OBJECTS.c.id, OBJECTS.c.uid).where(
        OBJECTS.c.calendar_id == calendar, OBJECTS.c.dirty.is_(False), OBJECTS.c.href.not_in(noted)
    )
    return [(row.id, row.uid) for row in conn.execute(query)]


def keep_parts(conn: Connection, calendar: int, parts: Sequence[Part]) -> None:
    if parts:
        conn.execute(insert(PARTS), [{"calendar_id": calendar, "name": one.name, "text": one.text} for one in parts])


def next_parts(conn: Connection, calendar: int, most: int) -> dict[str, list[str]]:
    """All parts of some objects, in the order they came in; {} when none are left."""
    names = select(PARTS.c.name).where(PARTS.c.calendar_id == calendar).distinct().order_by(PARTS.c.name).limit(most)
    rows = select(PARTS.c.name, PARTS.c.text).where(
        PARTS.c.calendar_id == calendar, PARTS.c.name.in_(list(conn.execute(names).scalars()))
    )
    found: dict[str, list[str]] = {}
    for row in conn.execute(rows.order_by(PARTS.c.id)):
        found.setdefault(row.name, []).append(row.text)
    return found


def drop_parts(conn: Connection, calendar: int, names: Collection[str]) -> None:
    for page in chunks(names):
        conn.execute(delete(PARTS).where(PARTS.c.calendar_id == calendar, PARTS.c.name.in_(page)))
