"""Calendar objects: the text as received, and what was read from it once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from gateway.ical.index import Indexed, Occurrence
from gateway.store.schema import OBJECTS, OCCURRENCES

# Most values in one IN (...): well under SQLite's limit of variables in a statement.
CHUNK: Final = 500

# Classes of length in seconds. A look for what overlaps [a, b) has to reach back by the longest occurrence there is;
# with the classes apart it reaches back an hour among the short ones and years among the few that last years.
SPANS: Final = (3_600, 86_400, 32 * 86_400, 1 << 62)


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """href: at the provider; for a local calendar, our own name. remote_etag: None until the provider has it.

    remote_text: the provider's own mapping of it as last seen; None where `text` is what the provider holds.
    dirty: a change of ours is still on its way there. agreed: what was served before that change, and what counts again
    if the provider will not have it; None where that is `remote_text`. schedule_tag: "" where nobody is invited.
    told: epoch seconds, of the last message about it; the next one is later.
    """

    id: int
    user_id: int
    calendar_id: int
    href: str
    uid: str
    kind: str
    etag: str
    text: str
    remote_etag: str | None
    remote_text: str | None
    dirty: bool
    changed: int
    agreed: str | None = None
    schedule_tag: str = ""
    told: int = 0


@dataclass(frozen=True, slots=True)
class Remote:
    """How the provider has an object: see ObjectRow."""

    etag: str | None = None
    text: str | None = None
    dirty: bool = False
    agreed: str | None = None


_COLUMNS: Final = tuple(OBJECTS.c[field] for field in ObjectRow.__dataclass_fields__)
_BY_ID: Final = select(*_COLUMNS).where(OBJECTS.c.id == bindparam("id"))
_BY_HREF: Final = select(*_COLUMNS).where(
    OBJECTS.c.calendar_id == bindparam("calendar"), OBJECTS.c.href == bindparam("href")
)
_BY_UID: Final = select(*_COLUMNS).where(OBJECTS.c.user_id == bindparam("user"), OBJECTS.c.uid == bindparam("uid"))
_UNSENT: Final = select(*_COLUMNS).where(
    OBJECTS.c.calendar_id == bindparam("calendar"), OBJECTS.c.dirty, OBJECTS.c.remote_etag.is_(None)
)
_INSERT: Final = insert(OBJECTS)
_UPDATE: Final = update(OBJECTS).where(OBJECTS.c.id == bindparam("key"))
_DROP_OCCURRENCES: Final = delete(OCCURRENCES).where(OCCURRENCES.c.object_id == bindparam("object"))
_ADD_OCCURRENCES: Final = insert(OCCURRENCES)


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    source = iter(values)
    while page := list(islice(source, size)):
        yield page


def _row(row: Any | None) -> ObjectRow | None:
    return None if row is None else ObjectRow(*row)


def by_id(conn: Connection, key: int) -> ObjectRow | None:
    return _row(conn.execute(_BY_ID, {"id": key}).first())


def by_href(conn: Connection, calendar: int, href: str) -> ObjectRow | None:
    return _row(conn.execute(_BY_HREF, {"calendar": calendar, "href": href}).first())


def by_uid(conn: Connection, user: int, uid: str) -> list[ObjectRow]:
    """Every copy, whichever calendar it is in."""
    return [ObjectRow(*row) for row in conn.execute(_BY_UID, {"user": user, "uid": uid})]


def by_hrefs(conn: Connection, calendar: int, hrefs: Collection[str]) -> dict[str, ObjectRow]:
    found: dict[str, ObjectRow] = {}
    for page in chunks(hrefs):
        query = select(*_COLUMNS).where(OBJECTS.c.calendar_id == calendar, OBJECTS.c.href.in_(page))
        found.update((row.href, ObjectRow(*row)) for row in conn.execute(query))
    return found


def unsent(conn: Connection, calendar: int) -> list[ObjectRow]:
    """Those that the provider does not have yet, as far as we know."""
    return [ObjectRow(*row) for row in conn.execute(_UNSENT, {"calendar": calendar})]


def meetings(conn: Connection, calendar: int) -> list[ObjectRow]:
    """Those that concern others than the calendar's owner."""
    query = select(*_COLUMNS).where(OBJECTS.c.calendar_id == calendar, OBJECTS.c.schedule_tag != "")
    return [ObjectRow(*row) for row in conn.execute(query.order_by(OBJECTS.c.id))]


def uids(conn: Connection, calendar: int) -> list[str]:
    return list(conn.execute(select(OBJECTS.c.uid).where(OBJECTS.c.calendar_id == calendar)).scalars())


def counts(conn: Connection, calendars: Collection[int]) -> dict[int, int]:
    """Calendar -> how many objects it has here; those without any are left out."""
    query = select(OBJECTS.c.calendar_id, func.count()).where(OBJECTS.c.calendar_id.in_(list(calendars)))
    return {row[0]: row[1] for row in conn.execute(query.group_by(OBJECTS.c.calendar_id))}


def keys(conn: Connection, calendar: int) -> list[int]:
    return list(conn.execute(select(OBJECTS.c.id).where(OBJECTS.c.calendar_id == calendar)).scalars())


def put(
    conn: Connection,
    user: int,
    calendar: int,
    href: str,
    text: str,
    indexed: Indexed,
    remote: Remote,
    now: int,
    *,
    tag: str = "",
    told: int = 0,
) -> int:
    """Creates or replaces the object of that name; its id. Callers refresh the member of its UID.

    tag: its Schedule-Tag, if it invites people; "": one that changes with the text. told: see ObjectRow; 0: as it was.
    """
    values = {
        "user_id": user,
        "calendar_id": calendar,
        "href": href,
        "text": text,
        "remote_etag": remote.etag,
        "remote_text": remote.text,
        "dirty": remote.dirty,
        "agreed": remote.agreed,
        "changed": now,
        "schedule_tag": (tag or indexed.etag) if indexed.scheduled else "",
        **_indexed_values(indexed),
    }
    if told:
        values["told"] = told
    known = conn.execute(_BY_HREF, {"calendar": calendar, "href": href}).first()
    if known is None:
        [key] = conn.execute(_INSERT, values).inserted_primary_key or (0,)
        _add_occurrences(conn, user, calendar, int(key), indexed.occurrences)
        return int(key)
    conn.execute(_UPDATE, {"key": known.id, **values})
    _replace_occurrences(conn, user, calendar, known.id, indexed.occurrences)
    return int(known.id)


def reindex(conn: Connection, row: ObjectRow, indexed: Indexed) -> None:
    """New occurrences for an unchanged text: the horizon moved, or the owner's zone or addresses changed."""
    tag = (row.schedule_tag or indexed.etag) if indexed.scheduled else ""
    conn.execute(_UPDATE, {"key": row.id, "schedule_tag": tag, **_indexed_values(indexed)})
    _replace_occurrences(conn, row.user_id, row.calendar_id, row.id, indexed.occurrences)


def set_remote(conn: Connection, key: int, remote: Remote, href: str | None = None) -> None:
    values: dict[str, object] = {
        "remote_etag": remote.etag,
        "remote_text": remote.text,
        "dirty": remote.dirty,
        "agreed": remote.agreed,
    }
    if href is not None:
        values["href"] = href
    conn.execute(update(OBJECTS).where(OBJECTS.c.id == key).values(values))


def remove(conn: Connection, keys: Collection[int]) -> None:
    """With their occurrences. Callers refresh the members of their UIDs."""
    for page in chunks(keys):
        conn.execute(delete(OCCURRENCES).where(OCCURRENCES.c.object_id.in_(page)))
        conn.execute(delete(OBJECTS).where(OBJECTS.c.id.in_(page)))


def to_reindex(conn: Connection, *, until: int, after: int = 0, limit: int = 500) -> list[ObjectRow]:
    """Series whose stored occurrences end before `until` although the series goes on, by id from above `after`."""
    goes_on = or_(OBJECTS.c.last.is_(None), OBJECTS.c.last > OBJECTS.c.covered_until)
    query = select(*_COLUMNS).where(OBJECTS.c.covered_until < until, goes_on, OBJECTS.c.id > after)
    return [ObjectRow(*row) for row in conn.execute(query.order_by(OBJECTS.c.id).limit(limit))]


def of_zone(conn: Connection, user: int) -> list[ObjectRow]:
    """Those with all-day or floating times: they move when their owner's zone does."""
    query = select(*_COLUMNS).where(OBJECTS.c.user_id == user, OBJECTS.c.local)
    return [ObjectRow(*row) for row in conn.execute(query)]


def of_user(conn: Connection, user: int) -> list[ObjectRow]:
    return [ObjectRow(*row) for row in conn.execute(select(*_COLUMNS).where(OBJECTS.c.user_id == user))]


def _indexed_values(indexed: Indexed) -> Mapping[str, object]:
    return {
        "uid": indexed.uid,
        "kind": indexed.kind,
        "etag": indexed.etag,
        "summary": indexed.summary,
        "organizer": indexed.organizer,
        "first": indexed.first,
        "last": indexed.last,
        "covered_from": indexed.covered_from,
        "covered_until": indexed.covered_until,
        "local": indexed.local,
        "mirror": indexed.mirror,
    }


def span_of(start: int, end: int) -> int:
    length = end - start
    return next(number for number, longest in enumerate(SPANS) if length <= longest)


def _replace_occurrences(
    conn: Connection, user: int, calendar: int, key: int, occurrences: Sequence[Occurrence]
) -> None:
    conn.execute(_DROP_OCCURRENCES, {"object": key})
    _add_occurrences(conn, user, calendar, key, occurrences)


def _add_occurrences(conn: Connection, user: int, calendar: int, key: int, occurrences: Sequence[Occurrence]) -> None:
    if not occurrences:
        return
    rows = [
        {
            "user_id": user,
            "object_id": key,
            "calendar_id": calendar,
            "span": span_of(one.start, one.end),
            "start": one.start,
            "end": one.end,
            "fbtype": int(one.fbtype),
            "rid": one.rid,
            "component": one.component,
            "local": one.local,
        }
        for one in occurrences
    ]
    conn.execute(_ADD_OCCURRENCES, rows)
