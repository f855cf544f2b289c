"""CALDAV:free-busy-query (RFC 4791 7.10): on the calendar, and on the home for all that its owner is busy with."""

from datetime import UTC, datetime

from gateway.dav import ranges
from gateway.dav.answer import CALENDAR, Answer
from gateway.dav.reports.row import Query
from gateway.dav.resources import Resource
from gateway.dav.xml import children
from gateway.errors import CALDAV, InvalidRequest
from gateway.freebusy.busy import busy, stale
from gateway.freebusy.publish import vfreebusy


def free_busy_query(resource: Resource, query: Query) -> Answer:
    """Raises: InvalidRequest for no time range or an open one; InvalidFilter, TimeRangeTooWide."""
    spans = [child for name, child in children(query.body) if name == CALDAV + "time-range"]
    if len(spans) != 1:
        raise InvalidRequest("a free-busy-query has one time-range")
    start, end = ranges.read_bounded(spans[0])
    view, person = resource.view, resource.owner
    text = vfreebusy(
        busy(view.conn, person, start, end),
        datetime.fromtimestamp(start, UTC),
        datetime.fromtimestamp(end, UTC),
        stamp=datetime.fromtimestamp(view.now, UTC),
        stale=stale(view.conn, person, view.now, view.settings.booking.stale_after),
    )
    return Answer(200, text.encode(), CALENDAR)
