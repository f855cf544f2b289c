"""CALDAV:free-busy-query (RFC 4791 7.10).

On the merged calendar, the home and the principal: all that its owner is busy with; on a calendar that is shown
separately: what is in it, its all-day and floating times in the zone that it has (RFC 4791 5.2.2).
Whatever the Depth says: what is busy below does not depend on who is told.
"""

from datetime import UTC, datetime

from gateway.dav import ranges
from gateway.dav.answer import CALENDAR, Answer
from gateway.dav.reports.row import Query
from gateway.dav.resources import Resource
from gateway.dav.xml import children
from gateway.errors import CALDAV, InvalidRequest
from gateway.freebusy.busy import busy_for_others, busy_in_zone, busy_of, stale
from gateway.freebusy.merge import as_periods, check_span, clip_seconds
from gateway.freebusy.publish import vfreebusy
from gateway.model import Period


def free_busy_query(resource: Resource, query: Query) -> Answer:
    """Raises: InvalidRequest for no time range or an open one; InvalidFilter, DateOutOfRange, TimeRangeTooWide."""
    spans = [child for name, child in children(query.body) if name == CALDAV + "time-range"]
    if len(spans) != 1:
        raise InvalidRequest("a free-busy-query has one time-range")
    start, end = ranges.read_bounded(spans[0])
    view, person = resource.view, resource.owner
    text = vfreebusy(
        _busy(resource, start, end),
        datetime.fromtimestamp(start, UTC),
        datetime.fromtimestamp(end, UTC),
        stamp=datetime.fromtimestamp(view.now, UTC),
        stale=stale(view.conn, person, view.now, view.settings.booking.stale_after),
    )
    return Answer(200, text.encode(), CALENDAR)


def _busy(resource: Resource, start: int, end: int) -> list[Period]:
    """Of a separate calendar, whatever it counts for elsewhere. Raises: TimeRangeTooWide."""
    view, source = resource.view, resource.source
    if source is None:
        return as_periods(busy_for_others(view.conn, resource.owner, start, end))
    check_span(start, end)
    if resource.zone == resource.indexed_zone:
        found = busy_of(view.conn, resource.owner, {source.id: source.tentative_busy}, start, end)
    else:
        found = busy_in_zone(view.conn, resource.owner, source, resource.zone, start, end)
    return as_periods(clip_seconds(found, start, end))
