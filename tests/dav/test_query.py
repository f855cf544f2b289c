"""calendar-query and calendar-multiget."""

import pytest

from gateway.store.database import Database
from tests.dav.conftest import MERGED, Client, event

HOME = "/dav/calendars/alice/"
DAILY = event("daily", "20261123T090000Z", "20261123T093000Z", "RRULE:FREQ=DAILY;COUNT=5", summary="Stand-up")
LONG_AGO = event("old", "20100104T120000Z", "20100104T123000Z", "RRULE:FREQ=WEEKLY", summary="Lunch")
ALL_DAY = event("day", ";VALUE=DATE:20261125", ";VALUE=DATE:20261126", summary="Away")
MEETING = event("meeting", "20261124T140000Z", "20261124T150000Z", "CATEGORIES:Work,Über", "CLASS:PRIVATE")
ALARM = event(
    "alarm",
    "20261126T140000Z",
    "20261126T150000Z",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "DESCRIPTION:x",
    "TRIGGER:-PT1H",
    "END:VALARM",
)
TODO = event("todo", "20261124T080000Z", "20261124T090000Z").replace("VEVENT", "VTODO").replace("DTEND", "DUE")
UNDATED = "\r\n".join(
    line for line in TODO.replace("UID:todo", "UID:undated").split("\r\n") if not line.startswith(("DTSTART", "DUE"))
)
OBJECTS = {
    "daily.ics": DAILY,
    "old.ics": LONG_AGO,
    "day.ics": ALL_DAY,
    "meeting.ics": MEETING,
    "alarm.ics": ALARM,
    "todo.ics": TODO,
    "undated.ics": UNDATED,
}
EVENTS = {"daily.ics", "old.ics", "day.ics", "meeting.ics", "alarm.ics"}
DATA = "<D:prop><D:getetag/><C:calendar-data/></D:prop>"
ETAGS = "<D:prop><D:getetag/></D:prop>"


@pytest.fixture
async def filled_calendar(ask: Client) -> None:
    for name, text in OBJECTS.items():
        assert (await ask.put(name, text)).status == 201


def comp(name: str, inner: str = "") -> str:
    return f'<C:comp-filter name="{name}">{inner}</C:comp-filter>'


def within(start: str = "", end: str = "") -> str:
    attributes = "".join(f' {key}="{value}"' for key, value in (("start", start), ("end", end)) if value)
    return f"<C:time-range{attributes}/>"


def prop(name: str, inner: str = "") -> str:
    return f'<C:prop-filter name="{name}">{inner}</C:prop-filter>'


def text(value: str, more: str = "") -> str:
    return f"<C:text-match{more}>{value}</C:text-match>"


async def found(ask: Client, inner: str, wanted: str = ETAGS, **headers: str) -> set[str]:
    reply = await ask.report(
        MERGED, "C:calendar-query", f"{wanted}<C:filter>{comp('VCALENDAR', inner)}</C:filter>", **headers
    )
    assert reply.status == 207, reply.text
    return {href.removeprefix(MERGED) for href in reply.hrefs}


A_DAY = within("20261124T000000Z", "20261125T000000Z")


@pytest.mark.usefixtures("filled_calendar")
@pytest.mark.parametrize("wanted", [ETAGS, DATA])
@pytest.mark.parametrize(
    ("inner", "names"),
    [
        pytest.param("", set(OBJECTS), id="everything"),
        pytest.param(comp("VEVENT"), EVENTS, id="events"),
        pytest.param(comp("VTODO"), {"todo.ics", "undated.ics"}, id="tasks"),
        pytest.param(comp("VJOURNAL"), set(), id="journals"),
        pytest.param(comp("VTODO", "<C:is-not-defined/>"), EVENTS, id="no tasks"),
        pytest.param(comp("VEVENT", A_DAY), {"daily.ics", "meeting.ics", "day.ics"}, id="a day"),
        pytest.param(comp("VTODO", A_DAY), {"todo.ics", "undated.ics"}, id="tasks of a day"),
        pytest.param(
            comp("VEVENT", within("20261125T000000Z")), {"daily.ics", "old.ics", "day.ics", "alarm.ics"}, id="open end"
        ),
        pytest.param(comp("VEVENT", within(end="20200101T000000Z")), {"old.ics"}, id="open start"),
        pytest.param(
            comp("VEVENT", within("20261124T233000Z", "20261124T234500Z")),
            {"day.ics"},
            id="all-day in the person's zone",
        ),
        pytest.param(
            comp("VEVENT", within("20401201T000000Z", "20401208T000000Z")), {"old.ics"}, id="beyond the horizon"
        ),
        pytest.param(
            comp("VEVENT", within("20401204T000000Z", "20401205T000000Z")), set(), id="beyond the horizon, between"
        ),
        pytest.param(
            comp("VEVENT", within("20150105T000000Z", "20150106T000000Z")), {"old.ics"}, id="before the horizon"
        ),
        pytest.param(
            comp("VEVENT", within("20261124T150000Z", "20261124T160000Z")), set(), id="ends as the range starts"
        ),
        pytest.param(
            comp("VEVENT", within("20261124T130000Z", "20261124T140000Z")), set(), id="starts as the range ends"
        ),
        pytest.param(comp("VEVENT", prop("UID", text("meeting"))), {"meeting.ics"}, id="UID"),
        pytest.param(comp("VEVENT", prop("UID", text("MEET"))), {"meeting.ics"}, id="part of a UID, in capitals"),
        pytest.param(comp("VEVENT", prop("UID", text("MEET", ' collation="i;octet"'))), set(), id="octets"),
        pytest.param(
            comp("VEVENT", prop("UID", text("meeting", ' negate-condition="yes"'))), EVENTS - {"meeting.ics"}, id="not"
        ),
        pytest.param(comp("VEVENT", prop("SUMMARY", text("stand-up"))), {"daily.ics"}, id="summary"),
        pytest.param(comp("VEVENT", prop("CATEGORIES", text("über"))), set(), id="ASCII case only"),
        pytest.param(
            comp("VEVENT", prop("CATEGORIES", text("ÜBER", ' collation="i;unicode-casemap"'))),
            {"meeting.ics"},
            id="Unicode",
        ),
        pytest.param(comp("VEVENT", prop("CLASS")), {"meeting.ics"}, id="a property is there"),
        pytest.param(
            comp("VEVENT", prop("CLASS", "<C:is-not-defined/>")), EVENTS - {"meeting.ics"}, id="a property is not there"
        ),
        pytest.param(
            comp("VEVENT", prop("DTSTART", within("20261126T000000Z", "20261127T000000Z"))),
            {"alarm.ics"},
            id="a property in a range",
        ),
        pytest.param(
            comp(
                "VEVENT",
                prop("DTSTART", '<C:param-filter name="VALUE"><C:text-match>date</C:text-match></C:param-filter>'),
            ),
            {"day.ics"},
            id="a parameter",
        ),
        pytest.param(
            comp("VEVENT", prop("DTSTART", '<C:param-filter name="VALUE"><C:is-not-defined/></C:param-filter>')),
            EVENTS - {"day.ics"},
            id="no parameter",
        ),
        pytest.param(
            comp("VEVENT", comp("VALARM", within("20261126T130000Z", "20261126T130001Z"))), {"alarm.ics"}, id="alarm"
        ),
        pytest.param(
            comp("VEVENT", comp("VALARM", within("20261126T140000Z", "20261126T150000Z"))), set(), id="no alarm then"
        ),
        pytest.param(comp("VEVENT", A_DAY + prop("SUMMARY", text("meeting"))), {"meeting.ics"}, id="range and text"),
        pytest.param(comp("VEVENT", A_DAY + prop("SUMMARY", text("lunch"))), set(), id="range without text"),
        pytest.param(comp("VEVENT") + comp("VTODO"), set(), id="an event and a task in one"),
        pytest.param(comp("VEVENT", prop("UID", text("a", ' match-type="starts-with"'))), {"alarm.ics"}, id="start"),
        pytest.param(
            comp("VEVENT", prop("UID", text("y", ' match-type="ends-with"'))), {"daily.ics", "day.ics"}, id="end"
        ),
        pytest.param(
            comp("VEVENT", comp("VALARM", prop("ACTION", text("display")))), {"alarm.ics"}, id="a property of an alarm"
        ),
        pytest.param(
            comp("VEVENT", comp("VALARM", "<C:is-not-defined/>")), EVENTS - {"alarm.ics"}, id="events without alarm"
        ),
        pytest.param(
            comp("VEVENT", comp("VALARM", within("20261126T120000Z"))), {"alarm.ics"}, id="alarms from then on"
        ),
        pytest.param(comp("VEVENT", comp("VALARM", within(end="20261126T130000Z"))), set(), id="alarms until then"),
        pytest.param(A_DAY, {"daily.ics", "meeting.ics", "day.ics", "todo.ics", "undated.ics"}, id="whatever is then"),
        pytest.param(A_DAY + comp("VTODO"), {"todo.ics", "undated.ics"}, id="whatever is then, if a task"),
        pytest.param(
            A_DAY + comp("VTODO", "<C:is-not-defined/>"), {"daily.ics", "meeting.ics", "day.ics"}, id="and if none"
        ),
    ],
)
async def test_queries(ask: Client, wanted: str, inner: str, names: set[str]) -> None:
    assert await found(ask, inner, wanted) == names


@pytest.mark.usefixtures("filled_calendar")
async def test_the_zone_of_a_query_counts_before_the_persons(ask: Client) -> None:
    span = within("20261126T060000Z", "20261126T080000Z")
    inner = f"{ETAGS}<C:filter>{comp('VCALENDAR', comp('VEVENT', span))}</C:filter>"
    assert (await ask.report(MERGED, "C:calendar-query", inner)).hrefs == []
    away = f"{inner}<C:timezone-id>America/Los_Angeles</C:timezone-id>"
    assert (await ask.report(MERGED, "C:calendar-query", away)).hrefs == [f"{MERGED}day.ics"]
    unknown = await ask.report(MERGED, "C:calendar-query", f"{inner}<C:timezone-id>Mars/X</C:timezone-id>")
    assert (unknown.status, unknown.condition) == (403, "C:valid-timezone")


@pytest.mark.usefixtures("filled_calendar")
async def test_a_missing_depth_is_one_and_zero_is_the_calendar_alone(ask: Client) -> None:
    for headers, names in (
        ({}, EVENTS),
        ({"Depth": "1"}, EVENTS),
        ({"Depth": "0"}, set()),
        ({"Depth": "infinity"}, EVENTS),
    ):
        assert await found(ask, comp("VEVENT"), **headers) == names


@pytest.mark.usefixtures("filled_calendar")
async def test_one_object_can_be_asked_too(ask: Client) -> None:
    for kind, hrefs in (("VEVENT", [f"{MERGED}daily.ics"]), ("VTODO", [])):
        inner = f"{ETAGS}<C:filter>{comp('VCALENDAR', comp(kind))}</C:filter>"
        assert (await ask.report(f"{MERGED}daily.ics", "C:calendar-query", inner)).hrefs == hrefs


async def test_the_boxes_are_empty(ask: Client) -> None:
    inner = f"{ETAGS}<C:filter>{comp('VCALENDAR')}</C:filter>"
    for box in ("inbox", "outbox"):
        reply = await ask.report(f"{HOME}{box}/", "C:calendar-query", inner)
        assert (reply.status, reply.hrefs) == (207, [])
    assert (await ask.report(f"{HOME}outbox/", "D:sync-collection", "")).condition == "D:supported-report"


@pytest.mark.usefixtures("filled_calendar")
@pytest.mark.parametrize("name", OBJECTS)
async def test_texts_come_as_stored(ask: Client, name: str) -> None:
    reply = await ask.report(MERGED, "C:calendar-query", f"{DATA}<C:filter>{comp('VCALENDAR')}</C:filter>")
    assert reply.value(MERGED + name, "C:calendar-data") == OBJECTS[name]


async def data(ask: Client, inner: str, span: str = "", name: str = "daily.ics") -> str:
    wanted = f"<D:prop><C:calendar-data>{inner}</C:calendar-data></D:prop>"
    query = f"{wanted}<C:filter>{comp('VCALENDAR', comp('VEVENT', span))}</C:filter>"
    reply = await ask.report(MERGED, "C:calendar-query", query)
    assert reply.status == 207, reply.text
    return reply.value(MERGED + name, "C:calendar-data")


def lines(text: str, *names: str) -> list[str]:
    return [line for line in text.split("\r\n") if line.startswith(names)]


@pytest.mark.usefixtures("filled_calendar")
async def test_expanded_series_are_instances(ask: Client) -> None:
    span = 'start="20261124T000000Z" end="20261126T000000Z"'
    text = await data(ask, f"<C:expand {span}/>", f"<C:time-range {span}/>")
    assert lines(text, "DTSTART", "RECURRENCE-ID", "RRULE", "SUMMARY") == [
        *("SUMMARY:Stand-up", "DTSTART:20261124T090000Z", "RECURRENCE-ID:20261124T090000Z"),
        *("SUMMARY:Stand-up", "DTSTART:20261125T090000Z", "RECURRENCE-ID:20261125T090000Z"),
    ]


@pytest.mark.usefixtures("filled_calendar")
@pytest.mark.parametrize(
    "span",
    [
        pytest.param(("20261101T000000Z", "20261201T000000Z"), id="stored"),
        pytest.param(("20401101T000000Z", "20401201T000000Z"), id="beyond the horizon"),
        pytest.param(("20260101T000000Z", "20270601T000000Z"), id="across its edge"),
    ],
)
async def test_instances_of_the_index_are_those_of_the_text(ask: Client, span: tuple[str, str]) -> None:
    override = event("moved", "20261125T180000Z", "20261125T190000Z", "RECURRENCE-ID:20261124T090000Z").split("\r\n")
    rule = ("RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20261126T090000Z", "RDATE:20261130T200000Z")
    master = event("moved", "20261123T090000Z", "20261123T093000Z", *rule).split("\r\n")
    moved = "\r\n".join([*master[:-2], *override[3:]])
    days = event("days", ";VALUE=DATE:20261120", ";VALUE=DATE:20261122", "RRULE:FREQ=WEEKLY;COUNT=3")
    for name, text in {"moved.ics": moved, "days.ics": days}.items():
        assert (await ask.put(name, text)).status == 201
    bounds = f'start="{span[0]}" end="{span[1]}"'
    wanted = f"<D:prop><C:calendar-data><C:expand {bounds}/></C:calendar-data></D:prop>"
    query = f"{wanted}<C:filter>{comp('VCALENDAR', comp('VEVENT', f'<C:time-range {bounds}/>'))}</C:filter>"
    asked = await ask.report(MERGED, "C:calendar-query", query)
    hrefs = "".join(f"<D:href>{href}</D:href>" for href in asked.hrefs)
    named = await ask.report(MERGED, "C:calendar-multiget", wanted + hrefs)
    texts = {href: asked.value(href, "C:calendar-data") for href in asked.hrefs}
    assert f"{MERGED}old.ics" in texts
    assert texts == {href: named.value(href, "C:calendar-data") for href in asked.hrefs}


@pytest.mark.usefixtures("filled_calendar")
async def test_selected_components_and_properties(ask: Client) -> None:
    props = '<C:prop name="UID"/><C:prop name="SUMMARY" novalue="yes"/>'
    inner = f'<C:comp name="VCALENDAR"><C:prop name="VERSION"/><C:comp name="VEVENT">{props}</C:comp></C:comp>'
    assert (await data(ask, inner)).split("\r\n") == [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:daily", "SUMMARY:", "END:VEVENT", "END:VCALENDAR", ""),
    ]
    inner = '<C:comp name="VCALENDAR"><C:allprop/><C:allcomp/></C:comp>'
    assert await data(ask, inner) == DAILY


async def test_only_the_overrides_that_matter(ask: Client) -> None:
    override = (
        "BEGIN:VEVENT\r\nUID:series\r\nDTSTAMP:20261101T000000Z\r\n"
        "RECURRENCE-ID:{0}\r\nDTSTART:{0}\r\nDURATION:PT2H\r\nEND:VEVENT\r\n"
    )
    series = event("series", "20261123T090000Z", "20261123T093000Z", "RRULE:FREQ=DAILY;COUNT=5").replace(
        "END:VCALENDAR", "".join(override.format(f"202611{day}T090000Z") for day in (24, 26)) + "END:VCALENDAR"
    )
    assert (await ask.put("series.ics", series)).status == 201
    limited = await data(
        ask, '<C:limit-recurrence-set start="20261126T000000Z" end="20261127T000000Z"/>', name="series.ics"
    )
    assert lines(limited, "RRULE", "RECURRENCE-ID") == ["RRULE:FREQ=DAILY;COUNT=5", "RECURRENCE-ID:20261126T090000Z"]
    everything = await data(
        ask, '<C:limit-freebusy-set start="20261126T000000Z" end="20261127T000000Z"/>', name="series.ics"
    )
    assert everything == series


async def test_more_instances_than_the_limit_are_refused_not_cut(ask: Client) -> None:
    await ask.put("many.ics", event("many", "20261101T090000Z", "20261101T091000Z", "RRULE:FREQ=HOURLY"))
    span = 'start="20261101T000000Z" end="20261201T000000Z"'
    wanted = f"<D:prop><C:calendar-data><C:expand {span}/></C:calendar-data></D:prop>"
    inner = f"{wanted}<C:filter>{comp('VCALENDAR', comp('VEVENT', f'<C:time-range {span}/>'))}</C:filter>"
    reply = await ask.report(MERGED, "C:calendar-query", inner)
    assert (reply.status, reply.condition) == (507, "D:number-of-matches-within-limits")


ODD = ' match-type="odd"'
FILTER = f"<C:filter>{comp('VCALENDAR')}</C:filter>"


@pytest.mark.parametrize(
    ("inner", "status", "condition"),
    [
        pytest.param(ETAGS, 400, None, id="no filter"),
        pytest.param(FILTER + FILTER, 400, None, id="two filters"),
        pytest.param("<C:filter/>", 403, "C:valid-filter", id="empty filter"),
        pytest.param(f"<C:filter>{comp('VEVENT')}</C:filter>", 403, "C:valid-filter", id="not VCALENDAR"),
        pytest.param(f"<C:filter>{comp('VCALENDAR', comp('', ''))}</C:filter>", 403, "C:valid-filter", id="no name"),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VTIMEZONE', A_DAY))}</C:filter>",
            403,
            "C:valid-filter",
            id="range on a zone",
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VEVENT', A_DAY + A_DAY))}</C:filter>",
            403,
            "C:valid-filter",
            id="two ranges",
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VEVENT', '<C:time-range/>'))}</C:filter>",
            403,
            "C:valid-filter",
            id="no bounds",
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VEVENT', within('20261125T000000Z', '20261124T000000Z')))}</C:filter>",
            403,
            "C:valid-filter",
            id="backwards",
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VEVENT', within('20261125')))}</C:filter>",
            403,
            "C:valid-filter",
            id="a date",
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VEVENT', within('20261125T250000Z')))}</C:filter>",
            403,
            "C:valid-filter",
            id="no hour",
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', '<C:unknown/>')}</C:filter>", 403, "C:supported-filter", id="unknown test"
        ),
        pytest.param(
            "<C:filter>"
            + comp("VCALENDAR", comp("VEVENT", prop("UID", text("x", ' collation="i;klingon"'))))
            + "</C:filter>",
            403,
            "C:supported-collation",
            id="unknown collation",
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VEVENT', comp('VEVENT')))}</C:filter>",
            403,
            "C:valid-filter",
            id="VEVENT in a VEVENT",
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VALARM'))}</C:filter>", 403, "C:valid-filter", id="VALARM in VCALENDAR"
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VCALENDAR'))}</C:filter>",
            403,
            "C:valid-filter",
            id="a calendar in a calendar",
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VEVENT', prop('SUMMARY', A_DAY)))}</C:filter>",
            403,
            "C:valid-filter",
            id="range on a text",
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VEVENT', prop('UID', '<C:is-not-defined/>' + text('x'))))}</C:filter>",
            403,
            "C:valid-filter",
            id="absent, and with a text",
        ),
        pytest.param(
            f"<C:filter>{comp('VCALENDAR', comp('VEVENT', prop('UID', text('x', ODD))))}</C:filter>",
            403,
            "C:valid-filter",
            id="a match that is none",
        ),
        pytest.param("<D:prop><D:getetag/></D:prop><D:allprop/>" + FILTER, 400, None, id="prop and allprop"),
        pytest.param(
            '<D:prop><C:calendar-data content-type="application/json"/></D:prop>' + FILTER,
            403,
            "C:supported-calendar-data",
            id="JSON",
        ),
        pytest.param(
            '<D:prop><C:calendar-data><C:expand start="20261101T000000Z"/></C:calendar-data></D:prop>' + FILTER,
            400,
            None,
            id="open expand",
        ),
    ],
)
async def test_queries_that_are_none(ask: Client, inner: str, status: int, condition: str | None) -> None:
    reply = await ask.report(MERGED, "C:calendar-query", inner)
    assert reply.status == status
    if condition is not None:
        assert reply.condition == condition


@pytest.mark.parametrize("kind", ["D:version-tree", "C:unknown", "A:x", "D:propfind"])
async def test_reports_that_are_none(ask: Client, kind: str) -> None:
    reply = await ask.report(MERGED, kind, "")
    assert (reply.status, reply.condition) == (403, "D:supported-report")


@pytest.mark.usefixtures("filled_calendar")
async def test_multiget_answers_each_href_as_it_was_spelled(ask: Client) -> None:
    hrefs = [
        f"{MERGED}daily.ics",
        f"{MERGED}d%61y.ics",
        f"http://example.com{MERGED}meeting.ics",
        f"{MERGED}gone.ics",
        "/dav/calendars/bob/merged/daily.ics",
        "/elsewhere",
        "http://[::1",
        f"{MERGED}../x",
    ]
    inner = DATA + "".join(f"<D:href>{href}</D:href>" for href in [*hrefs, hrefs[0]])
    reply = await ask.report(MERGED, "C:calendar-multiget", inner)
    assert sorted(reply.hrefs) == sorted(hrefs)
    assert [reply.value(href, "C:calendar-data") for href in hrefs[:3]] == [DAILY, ALL_DAY, MEETING]
    assert reply.statuses == dict.fromkeys(hrefs[3:], "404 Not Found")


@pytest.mark.usefixtures("filled_calendar")
@pytest.mark.parametrize("path", [HOME, MERGED, f"{MERGED}day.ics"])
async def test_multiget_on_the_home_the_calendar_or_an_object(ask: Client, path: str) -> None:
    inner = f"{ETAGS}<D:href>{MERGED}day.ics</D:href>"
    for headers in ({}, {"Depth": "0"}, {"Depth": "1"}):
        assert (await ask.report(path, "C:calendar-multiget", inner, **headers)).hrefs == [f"{MERGED}day.ics"]


async def test_multigets_that_are_none(ask: Client) -> None:
    assert (await ask.report(MERGED, "C:calendar-multiget", ETAGS)).status == 400
    many = ETAGS + "".join(f"<D:href>{MERGED}{number}</D:href>" for number in range(101))
    reply = await ask.report(MERGED, "C:calendar-multiget", many)
    assert (reply.status, reply.condition) == (507, "D:number-of-matches-within-limits")


async def test_an_object_nobody_can_read_costs_no_query_its_answer(ask: Client, db: Database) -> None:
    for name in ("one", "two"):
        await ask.put(f"{name}.ics", event(name))

    def break_one(conn):
        conn.exec_driver_sql("UPDATE objects SET text = 'broken \x01 & <' WHERE uid = 'one'")

    db.write_now(break_one)
    summary = comp("VEVENT", prop("SUMMARY", "<C:text-match>meet</C:text-match>"))
    assert await found(ask, summary) == {"two.ics"}
    assert await found(ask, comp("VEVENT"), DATA) == {"one.ics", "two.ics"}
    span = 'start="20261124T000000Z" end="20261125T000000Z"'
    assert "RRULE" not in await data(ask, f"<C:expand {span}/>", f"<C:time-range {span}/>", name="two.ics")
    assert (await ask("GET", MERGED)).status == 200
