"""PUT of calendar objects that are meant badly, or just odd, over HTTP against the whole application."""

from xml.etree import ElementTree

import pytest

from tests.hostile.conftest import KEPT
from tests.hostile.objects import REFUSED, TAKEN, Row
from tests.whole import MERGED, Reply, Whole, event

pytestmark = pytest.mark.asyncio(loop_scope="module")
PREFIXES = {"{DAV:}": "D:", "{urn:ietf:params:xml:ns:caldav}": "C:"}


def condition(reply: Reply) -> str:
    """What is in the DAV:error; "" without one."""
    if "xml" not in reply.headers.get("content-type", ""):
        return ""
    root = ElementTree.fromstring(reply.body)
    assert root.tag == "{DAV:}error"
    [inner] = root
    return next(inner.tag.replace(space, prefix) for space, prefix in PREFIXES.items() if inner.tag.startswith(space))


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in REFUSED.items()])
async def test_what_is_no_calendar_object_is_refused_by_name_and_not_stored(whole: Whole, row: Row) -> None:
    before, faults = await whole.state(), dict(whole.faults)
    for name in ("new.ics", "kept.ics"):
        reply = await whole.put(name, row.body)
        assert (reply.status, condition(reply)) == (row.status, row.condition), reply.text
    assert await whole.state() == before
    assert (await whole("GET", MERGED + "kept.ics")).text == KEPT
    assert whole.faults == faults


SPANS = [
    ("20261101T000000Z", "20261201T000000Z"),
    ("19000101T000000Z", "21001231T000000Z"),
    ("20991231T000000Z", "21000101T000000Z"),
]


async def everything_asked(whole: Whole) -> None:
    """Each kind of question, about a month, about all time, and about the far future."""
    for start, end in SPANS:
        span = f'start="{start}" end="{end}"'
        timed = f'<C:comp-filter name="VEVENT"><C:time-range {span}/></C:comp-filter>'
        query = f'<C:filter><C:comp-filter name="VCALENDAR">{timed}</C:comp-filter></C:filter>'
        for wanted in ("<C:calendar-data/>", f"<C:calendar-data><C:limit-recurrence-set {span}/></C:calendar-data>"):
            assert (await whole.report("C:calendar-query", f"<D:prop>{wanted}</D:prop>{query}")).status == 207
        expand = f"<D:prop><C:calendar-data><C:expand {span}/></C:calendar-data></D:prop>"
        assert (await whole.report("C:calendar-query", expand + query)).status in {207, 507}
        assert (await whole.report("C:free-busy-query", f"<C:time-range {span}/>")).status in {200, 403}
        path = f"/freebusy/alice?start={start}&period=P30D"
        assert (await whole("GET", path, user=None)).status in {200, 404}
    text = '<C:prop-filter name="SUMMARY"><C:text-match>meet</C:text-match></C:prop-filter>'
    alarms = '<C:comp-filter name="VALARM"><C:time-range start="20261101T000000Z"/></C:comp-filter>'
    for inner in (text, alarms):
        query = f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{inner}</C:comp-filter></C:comp-filter>'
        asked = f"<D:prop><D:getetag/></D:prop><C:filter>{query}</C:filter>"
        assert (await whole.report("C:calendar-query", asked)).status == 207
    assert (await whole("GET", MERGED)).status == 200


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in TAKEN.items()])
async def test_what_is_odd_is_kept_and_harms_nobody(whole: Whole, body: str) -> None:
    faults = dict(whole.faults)
    reply = await whole.put("odd.ics", body)
    assert reply.status == 201, reply.text
    try:
        assert (await whole("GET", MERGED + "odd.ics")).text == body
        await everything_asked(whole)
        assert (await whole.put("good.ics", event("good"))).status in {201, 204}
    finally:
        assert (await whole("DELETE", MERGED + "odd.ics")).status == 204
    assert whole.faults == faults
