"""What lies in a span of time, read from the stored occurrences.

All ranges are half-open epoch seconds. An occurrence of no length lies in a range that holds its instant
(RFC 4791 9.9). Series that the horizon cut are named by `cut_series`, for callers to expand themselves.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, or_, select, union, union_all

from gateway.store.objects import SPANS
from gateway.store.schema import CALENDARS, MEMBERS, OBJECTS, OCCURRENCES

APART: Final = 2 * 86_400
"""Seconds, more than any two zones differ by."""


class Busy(NamedTuple):
    start: int
    end: int
    fbtype: int
    calendar_id: int


class Theirs(NamedTuple):
    user_id: int
    start: int
    end: int
    fbtype: int


class Named(NamedTuple):
    """component: place of the occurrence's in its object."""

    start: int
    end: int
    fbtype: int
    calendar_id: int
    object_id: int
    component: int


class Hit(NamedTuple):
    """An occurrence of a member. rid: as in gateway.ical.recurrence.Instance."""

    object_id: int
    start: int
    end: int
    rid: str
    component: int


O = OCCURRENCES.c  # noqa: E741 - the table is named so often that a word would hide the conditions


_ONE: Final = O.user_id == bindparam("user")
_EACH: Final = O.user_id.in_(bindparam("users", expanding=True))


def _overlaps(span: int, whose: ColumnElement[bool] = _ONE) -> ColumnElement[bool]:
    """Reaches back by the longest of its class, and lets the index do the rest."""
    a: ColumnElement[int] = bindparam("a")
    b: ColumnElement[int] = bindparam("b")
    tests = [
        whose,
        O.span == span,
        O.start < b,
        or_(O.end > a, and_(O.end == O.start, O.start >= a)),
    ]
    if span < len(SPANS) - 1:
        tests.append(O.start >= a - SPANS[span])
    return and_(*tests)


def _each_span(query: Select[Any], whose: ColumnElement[bool] = _ONE) -> Any:
    return union_all(*(query.where(_overlaps(span, whose)) for span in range(len(SPANS))))


_HITS: Final = _each_span(
    select(O.object_id, O.start, O.end, O.rid, O.component).join(
        MEMBERS,
        and_(
            MEMBERS.c.object_id == O.object_id,
            MEMBERS.c.collection_id == bindparam("collection"),
            MEMBERS.c.deleted.is_(False),
        ),
    )
)
_THEIRS: Final = (
    select(O.user_id, O.start, O.end, O.fbtype)
    .join(CALENDARS, CALENDARS.c.id == O.calendar_id)
    .where(O.fbtype > 0, CALENDARS.c.busy, CALENDARS.c.gone.is_(False), or_(O.fbtype != 1, CALENDARS.c.tentative_busy))
)
_BUSY: Final = _each_span(_THEIRS, _EACH)
_NAMED: Final = _each_span(
    select(O.start, O.end, O.fbtype, O.calendar_id, O.object_id, O.component)
    .join(CALENDARS, CALENDARS.c.id == O.calendar_id)
    .where(O.fbtype > 0, CALENDARS.c.busy, CALENDARS.c.gone.is_(False), or_(O.fbtype != 1, CALENDARS.c.tentative_busy))
)
_BUSY_WITHOUT: Final = _each_span(
    _THEIRS.join(OBJECTS, OBJECTS.c.id == O.object_id).where(
        OBJECTS.c.uid.not_in(bindparam("without", expanding=True))
    ),
    _EACH,
)
_BUSY_OF: Final = _each_span(
    select(O.start, O.end, O.fbtype, O.calendar_id).where(
        O.fbtype > 0, O.calendar_id.in_(bindparam("calendars", expanding=True))
    )
)
_BUSY_OF_WITHOUT: Final = _each_span(
    select(O.start, O.end, O.fbtype, O.calendar_id)
    .join(OBJECTS, OBJECTS.c.id == O.object_id)
    .where(
        O.fbtype > 0,
        O.calendar_id.in_(bindparam("calendars", expanding=True)),
        OBJECTS.c.uid.not_in(bindparam("without", expanding=True)),
    )
)
_FIXED_OF: Final = _each_span(
    select(O.start, O.end, O.fbtype, O.calendar_id).where(
        O.fbtype > 0, O.local.is_(False), O.calendar_id == bindparam("calendar")
    )
)
_FLOATING: Final = select(OBJECTS.c.id, OBJECTS.c.text).where(
    OBJECTS.c.calendar_id == bindparam("calendar"),
    OBJECTS.c.local,
    OBJECTS.c.first < bindparam("b"),
    or_(OBJECTS.c.last.is_(None), OBJECTS.c.last > bindparam("a")),
)
_IN_RANGE: Final = union(*(select(O.object_id).where(_overlaps(span)) for span in range(len(SPANS)))).subquery()
_HERE: Final = and_(
    MEMBERS.c.object_id == _IN_RANGE.c.object_id,
    MEMBERS.c.collection_id == bindparam("collection"),
    MEMBERS.c.deleted.is_(False),
)
_LISTED: Final = (
    select(MEMBERS.c.href, MEMBERS.c.etag, MEMBERS.c.kind, MEMBERS.c.object_id)
    .select_from(_IN_RANGE)
    .join(MEMBERS, _HERE)
)
_TEXTS: Final = (
    select(
        MEMBERS.c.href,
        MEMBERS.c.etag,
        MEMBERS.c.kind,
        MEMBERS.c.object_id,
        OBJECTS.c.calendar_id,
        OBJECTS.c.text,
        OBJECTS.c.changed,
        OBJECTS.c.schedule_tag,
    )
    .select_from(_IN_RANGE)
    .join(MEMBERS, _HERE)
    .join(OBJECTS, OBJECTS.c.id == MEMBERS.c.object_id)
)
_CUT: Final = select(OBJECTS.c.id, OBJECTS.c.calendar_id, OBJECTS.c.text, OBJECTS.c.user_id).where(
    OBJECTS.c.user_id.in_(bindparam("users", expanding=True)),
    OBJECTS.c.covered_from.is_not(None),
    OBJECTS.c.first < bindparam("b"),
    or_(OBJECTS.c.last.is_(None), OBJECTS.c.last > bindparam("a")),
    or_(OBJECTS.c.covered_from > bindparam("a"), OBJECTS.c.covered_until < bindparam("b")),
)
_CUT_MEMBERS: Final = _CUT.join(
    MEMBERS,
    and_(
        MEMBERS.c.object_id == OBJECTS.c.id,
        MEMBERS.c.collection_id == bindparam("collection"),
        MEMBERS.c.deleted.is_(False),
    ),
)


def _given(user: int, collection: int, start: int, end: int) -> dict[str, int]:
    return {"user": user, "collection": collection, "a": start, "b": end}


def texts(conn: Connection, user: int, collection: int, start: int, end: int) -> list[Any]:
    """Rows like members.Text of members of a collection of theirs with a stored occurrence in the range."""
    return list(conn.execute(_TEXTS, _given(user, collection, start, end)))


def listed(conn: Connection, user: int, collection: int, start: int, end: int) -> list[Any]:
    """Rows (href, etag, kind, object_id), likewise, without the texts."""
    return list(conn.execute(_LISTED, _given(user, collection, start, end)))


def hits(conn: Connection, user: int, collection: int, start: int, end: int) -> Sequence[Any]:
    """Rows like Hit: the stored occurrences of members in the range, in no order."""
    return conn.execute(_HITS, _given(user, collection, start, end)).all()


def busy(
    conn: Connection, users: Collection[int], start: int, end: int, *, without: Collection[str] = ()
) -> Sequence[Any]:
    """Rows like Theirs: stored occurrences that block these people, of calendars that count as busy; in no order,
    overlapping.

    without: UIDs of objects to leave out.
    """
    given: dict[str, object] = {"users": list(users), "a": start, "b": end}
    if without:
        return conn.execute(_BUSY_WITHOUT, {**given, "without": list(without)}).all()
    return conn.execute(_BUSY, given).all()


def named(conn: Connection, user: int, start: int, end: int) -> list[Named]:
    """What `busy` finds, with the objects it comes from; in order."""
    return sorted(Named(*row) for row in conn.execute(_NAMED, {"user": user, "a": start, "b": end}))


def busy_of(
    conn: Connection, user: int, calendars: Collection[int], start: int, end: int, *, without: Collection[str] = ()
) -> Sequence[Any]:
    """Rows like Busy: stored occurrences that block, of these calendars, whatever they count for elsewhere.

    without: UIDs of objects to leave out.
    """
    given: dict[str, object] = {"user": user, "a": start, "b": end, "calendars": list(calendars)}
    if not calendars:
        return ()
    if without:
        return conn.execute(_BUSY_OF_WITHOUT, {**given, "without": list(without)}).all()
    return conn.execute(_BUSY_OF, given).all()


def fixed_of(conn: Connection, user: int, calendar: int, start: int, end: int) -> Sequence[Any]:
    """Rows like Busy, as busy_of, of occurrences that are at the same time in every zone."""
    return conn.execute(_FIXED_OF, {"user": user, "a": start, "b": end, "calendar": calendar}).all()


def floating(conn: Connection, calendar: int, start: int, end: int) -> Sequence[Any]:
    """Rows (id, text) of objects with all-day or floating times, which may have an occurrence in the range.

    In whatever zone they are read: the range is widened by how far zones are apart.
    """
    return conn.execute(_FLOATING, {"a": start - APART, "b": end + APART, "calendar": calendar}).all()


def cut_series(conn: Connection, users: Collection[int], start: int, end: int) -> list[Any]:
    """Rows (id, calendar_id, text, user_id) of these people's objects that may have occurrences in the range which are
    not stored.
    """
    return list(conn.execute(_CUT, {"users": list(users), "a": start, "b": end}))


def cut_members(conn: Connection, user: int, collection: int, start: int, end: int) -> list[Any]:
    """The same, of the members of a collection of theirs."""
    return list(conn.execute(_CUT_MEMBERS, {**_given(user, collection, start, end), "users": [user]}))
