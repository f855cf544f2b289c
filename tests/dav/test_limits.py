"""Limits that the properties tell: refused by the precondition of their name, on PUT and in reports.

No property tells how many instances a series may have, as none is too long; what names too many, or has too many in a
year, is refused by that precondition all the same.
"""

import pytest

from tests.dav.conftest import MERGED, Client, event

AT = "20261124T090000Z"
PEOPLE = [f"ATTENDEE:mailto:{number}@example.com" for number in range(1_001)]
DATES = ",".join(f"2027{month:02d}{day:02d}T090000Z" for month in range(1, 5) for day in range(1, 27))


@pytest.mark.parametrize(
    ("text", "status", "condition"),
    [
        pytest.param(event("a", "00010101T000000Z"), 403, "C:min-date-time", id="before all dates"),
        pytest.param(event("a", "20261124T090000Z", "99990101T000000Z"), 403, "C:max-date-time", id="after all dates"),
        pytest.param(event("a", ";VALUE=DATE:16040229", ";VALUE=DATE:16040301"), 201, "", id="a birthday of Apple"),
        pytest.param(event("a", "20261124T090000Z", "99981231T235959Z"), 201, "", id="as late as can be"),
        pytest.param(event("a", AT, AT, *PEOPLE), 403, "C:max-attendees-per-instance", id="people"),
        pytest.param(event("a", AT, AT, *PEOPLE[1:]), 201, "", id="as many people as can be"),
        pytest.param(event("a", AT, AT, f"RDATE:{DATES}"), 403, "C:max-instances", id="instances"),
        pytest.param(event("a", AT, AT, "RRULE:FREQ=SECONDLY"), 403, "C:max-instances", id="instances of a rule"),
        pytest.param(event("a", AT, AT, "RRULE:FREQ=DAILY"), 201, "", id="without end, but not too many"),
        pytest.param(event("a", AT, AT, "RRULE:FREQ=DAILY;UNTIL=20991231T000000Z"), 201, "", id="for decades"),
        pytest.param(event("a", summary="x" * 50_000), 413, "C:max-resource-size", id="octets"),
    ],
)
async def test_put(ask: Client, text: str, status: int, condition: str) -> None:
    reply = await ask.put("a.ics", text)
    assert reply.status == status
    assert not condition or reply.condition == condition


@pytest.mark.parametrize(
    ("span", "condition"),
    [
        ('start="00010101T000000Z" end="00010201T000000Z"', "C:min-date-time"),
        ('start="99990101T000000Z" end="99990201T000000Z"', "C:max-date-time"),
        ('end="00010201T000000Z"', "C:min-date-time"),
        ('start="99990101T000000Z"', "C:max-date-time"),
        ('start="00010101T000000Z" end="99991231T235959Z"', ""),
        ('start="00010101T000000Z"', ""),
        ('end="99991231T235959Z"', ""),
    ],
)
async def test_queries(ask: Client, span: str, condition: str) -> None:
    """What reaches beyond all dates is answered for the dates there are; what lies beyond them is refused."""
    await ask.put("a.ics", event("a", "20261124T090000Z", "20261124T093000Z", "RRULE:FREQ=YEARLY"))
    inner = f'<C:comp-filter name="VEVENT"><C:time-range {span}/></C:comp-filter>'
    query = f'<D:prop/><C:filter><C:comp-filter name="VCALENDAR">{inner}</C:comp-filter></C:filter>'
    reply = await ask.report(MERGED, "C:calendar-query", query)
    if condition:
        assert (reply.status, reply.condition) == (403, condition)
    else:
        assert reply.hrefs == [f"{MERGED}a.ics"]


@pytest.mark.parametrize("headers", [{}, {"Depth": "0"}, {"Depth": "1"}, {"Depth": "infinity"}])
async def test_free_time_of_a_principal(ask: Client, headers: dict[str, str]) -> None:
    """As through the outbox: of oneself and of those of a common team."""
    await ask.put("a.ics", event("a"))
    span = '<C:time-range start="20261124T000000Z" end="20261125T000000Z"/>'
    for path, user, status in (
        ("/dav/principals/alice/", "alice", 200),
        ("/dav/calendars/alice/", "alice", 200),
        (MERGED, "alice", 200),
        ("/dav/principals/alice/", "bob", 200),
        ("/dav/calendars/alice/", "bob", 403),
        ("/dav/principals/alice/", "dave", 404),
    ):
        reply = await ask.report(path, "C:free-busy-query", span, user=user, **headers)
        assert (reply.status, "FREEBUSY:20261124T090000Z/20261124T100000Z" in reply.text) == (status, status == 200)
    assert (await ask.report("/dav/principals/alice/", "C:free-busy-query", "")).status == 400


@pytest.mark.parametrize(("level", "status"), [("1", 207), ("infinite", 207), ("", 400), ("2", 400)])
async def test_levels_of_sync(ask: Client, level: str, status: int) -> None:
    inner = f"<D:sync-token/><D:sync-level>{level}</D:sync-level><D:prop/>"
    assert (await ask.report(MERGED, "D:sync-collection", inner)).status == status
