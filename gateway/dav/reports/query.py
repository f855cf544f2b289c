"""CALDAV:calendar-query (RFC 4791 7.8): the index narrows, and where its rows say it all, they are the answer."""

from collections.abc import Callable, Iterable
from datetime import tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.dav import asked as asking
from gateway.dav.answer import Answer, multistatus
from gateway.dav.paths import On
from gateway.dav.properties.calendars import described, timezone_id
from gateway.dav.ranges import Range
from gateway.dav.reports import filters
from gateway.dav.reports.row import Query
from gateway.dav.resources import Resource
from gateway.dav.sight import seen
from gateway.dav.xml import children, text_of
from gateway.errors import CALDAV, GatewayError, TooManyInstances, TooManyMatches
from gateway.ical.filters import CompFilter, TextMatch, matches
from gateway.ical.objects import read_lenient
from gateway.ical.recurrence import Instance, instances
from gateway.ical.rules import TOGETHER, Steps, one_of
from gateway.store import members
from gateway.store import ranges as stored
from gateway.sync.place import KINDS

SPECIAL: Final = frozenset('\\;,"^\r\n')
"""Signs that text may hold in another form."""


def calendar_query(resource: Resource, query: Query) -> Answer:
    """A missing Depth is read as 1, as the clients that leave it out expect; Depth 0 is the calendar alone.

    Nothing is ever in an outbox.
    """
    zone = _zone(query) or resource.zone
    asked = query.asked(resource, zone)
    wanted = filters.read(query.body)
    limits = resource.view.settings.limits
    if resource.on is On.OUTBOX:
        return multistatus((), limits.answer_bytes)
    rows: Iterable[Any] = ()
    if resource.on in On.MEMBER:
        rows = filter(_tester(wanted, zone), [resource.member])
    elif query.depth != "0":
        rows = found(resource, wanted, zone, texts=asked.needs_text)
        if asked.calendar_data is not None and zone == resource.indexed_zone:
            asked.calendar_data.known = _known(resource, asked.calendar_data.expanded_in)
    return multistatus(asking.answers(resource.cursor(), rows, asked), limits.answer_bytes)


def _known(resource: Resource, span: Range | None) -> dict[int, list[Instance]]:
    """The instances in the range, by object, of all but the series that the stored horizon cuts there."""
    if span is None:
        return {}
    conn, owner, collection = resource.view.conn, resource.owner.id, resource.collection.id
    known: dict[int, list[Instance]] = {}
    for row in stored.hits(conn, owner, collection, *span):
        known.setdefault(row.object_id, []).append(Instance(row.start, row.end, row.rid, row.component, local=False))
    for row in stored.cut_members(conn, owner, collection, *span):
        known.pop(row.id, None)
    for each in known.values():
        each.sort()
    return known


def _zone(query: Query) -> tzinfo | None:
    """That of a CALDAV:timezone (RFC 4791 9.8), also one of the client's own making, or timezone-id (RFC 7809 5.3)."""
    for name, child in children(query.body):
        if name == CALDAV + "timezone":
            return described(text_of(child))
        if name == CALDAV + "timezone-id":
            return ZoneInfo(timezone_id(text_of(child)))
    return None


def found(resource: Resource, wanted: CompFilter, zone: tzinfo, *, texts: bool) -> Iterable[Any]:
    """Rows of the members that match, like members.Text (texts) or at least with href, etag and kind."""
    kind = _only_kind(wanted)
    if _is_bare(wanted) or (kind is not None and _is_bare(wanted.comps[0])):
        rows = members.texts(resource.view.conn, resource.collection.id) if texts else _listing(resource)
        return rows if kind is None else [row for row in rows if row.kind == kind]
    inner = wanted.comps[0] if kind is not None else None
    span = None if inner is None or inner.props or inner.comps else inner.time_range
    if span is not None and kind == "VEVENT" and zone == resource.indexed_zone:
        return [row for row in overlapping(resource, Range(*span), texts=texts) if row.kind == kind]
    return filter(_tester(wanted, zone), _candidates(resource, inner, _span(wanted, inner)))


def _listing(resource: Resource) -> Iterable[Any]:
    return members.listing(resource.view.conn, resource.collection.id)


def _only_kind(wanted: CompFilter) -> str | None:
    """VEVENT, VTODO or VJOURNAL, where nothing else can match."""
    if len(wanted.comps) != 1 or wanted.props or wanted.is_not_defined or wanted.time_range:
        return None
    inner = wanted.comps[0]
    return inner.name if inner.name in KINDS and not inner.is_not_defined else None


def _is_bare(wanted: CompFilter) -> bool:
    return not (wanted.is_not_defined or wanted.time_range or wanted.props or wanted.comps)


def overlapping(resource: Resource, span: Range, *, texts: bool) -> list[Any]:
    """Rows of the members with an occurrence in the range, those of series past the stored horizon included."""
    conn, owner, collection = resource.view.conn, resource.owner.id, resource.collection.id
    rows = (stored.texts if texts else stored.listed)(conn, owner, collection, *span)
    known = {row.object_id for row in rows}
    cut = [row for row in stored.cut_members(conn, owner, collection, *span) if row.id not in known]
    total = Steps(TOGETHER)
    late = [row.id for row in cut if occurs(row.text, span, resource.indexed_zone, total)]
    return [*rows, *members.of_objects(conn, collection, late)] if late else rows


def occurs(text: str, span: Range, zone: tzinfo, total: Steps) -> bool:
    """Raises: TooManyMatches."""
    try:
        with one_of(total) as steps:
            return bool(instances(read_lenient(text), *span, zone, 1, steps))
    except TooManyInstances:
        return _perhaps(total)
    except GatewayError:
        return False


def _span(wanted: CompFilter, inner: CompFilter | None) -> Range | None:
    """In which everything that matches has an occurrence, in whatever zone its floating times are read."""
    given = wanted.time_range if inner is None else inner.time_range
    return None if given is None else Range(given[0] - stored.APART, given[1] + stored.APART)


def _candidates(resource: Resource, inner: CompFilter | None, span: Range | None) -> Iterable[Any]:
    """Rows with texts, of every member that might match."""
    conn, collection = resource.view.conn, resource.collection.id
    rows: Iterable[Any]
    part = None if inner is None else _uid_part(inner)
    if span is not None:
        rows = overlapping(resource, span, texts=True)
    elif part is not None:
        rows = members.with_uid_like(conn, collection, part)
    else:
        rows = members.texts(conn, collection)
    rows = seen(resource, rows)
    if inner is not None:
        rows = [row for row in rows if row.kind == inner.name]
    words = [] if inner is None else list(_words(inner))
    return [row for row in rows if holds(row.text, words)] if words else rows


def _uid_part(inner: CompFilter) -> str | None:
    """What every matching UID contains, ASCII case aside."""
    for prop in inner.props if inner.test == "allof" else ():
        if prop.name == "UID" and _positive(prop.text_match):
            return prop.text_match.value if prop.text_match else None
    return None


def _positive(text: TextMatch | None) -> bool:
    return text is not None and not text.negate and text.value.isascii() and text.collation != "i;unicode-casemap"


def _words(wanted: CompFilter) -> Iterable[str]:
    """Lower-case text that an object holds somewhere if it matches; looking for it is cheaper than reading."""
    if wanted.test != "allof" or wanted.is_not_defined:
        return
    for prop in wanted.props:
        text = prop.text_match
        if text is not None and _positive(text) and not SPECIAL & set(text.value):
            yield text.value.lower()
    for inner in wanted.comps:
        if not inner.is_not_defined:
            yield f"begin:{inner.name.lower()}"
            yield from _words(inner)


def _perhaps(total: Steps) -> bool:
    """What is too much to count is not nothing; where many are, the query is.

    Raises: TooManyMatches.
    """
    if total.left <= 0:
        raise TooManyMatches("these recurrences take too long to follow; ask for less time")
    return True


def holds(text: str, words: list[str]) -> bool:
    plain = text.replace("\r\n ", "").replace("\r\n\t", "").replace("\n ", "").replace("\n\t", "").lower()
    return all(word in plain for word in words)


def _tester(wanted: CompFilter, zone: tzinfo) -> Callable[[Any], bool]:
    total = Steps(TOGETHER)

    def test(row: Any) -> bool:
        try:
            with one_of(total) as steps:
                return matches(read_lenient(row.text), wanted, zone, steps)
        except TooManyInstances:
            return _perhaps(total)
        except GatewayError:  # an object that nobody can read matches nothing, and harms nobody
            return False

    return test
