"""What is sent of calendar objects: jCal, time zones by reference, periods; by reports, GET and PUT."""

import json

import pytest

from tests.dav.conftest import DECLARED, MERGED, Client, event

JCAL = "application/calendar+json"
ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:{}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\n"
    "TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
HREF = f"{MERGED}one.ics"


def local(uid: str, zone: str, *, described: bool) -> str:
    text = event(uid, f";TZID={zone}:20261124T090000", f";TZID={zone}:20261124T100000", "RRULE:FREQ=DAILY;COUNT=3")
    return text.replace("BEGIN:VEVENT", ZONE.format(zone) + "BEGIN:VEVENT") if described else text


async def data(ask: Client, attributes: str = "", inner: str = "", **headers: str) -> str:
    wanted = f"<D:prop><D:getetag/><C:calendar-data{attributes}>{inner}</C:calendar-data></D:prop>"
    reply = await ask.report(MERGED, "C:calendar-multiget", f"{wanted}<D:href>{HREF}</D:href>", **headers)
    assert reply.status == 207, reply.text
    found = reply.props(HREF)["200"]["C:calendar-data"]
    assert found.attrib == ({"content-type": JCAL, "version": "2.0"} if JCAL in attributes else {})
    return found.text or ""


SPAN = 'start="20261124T000000Z" end="20261126T000000Z"'
AS_JSON = f' content-type="{JCAL}" version="2.0"'


async def test_reports_send_jcal(ask: Client) -> None:
    await ask.put("one.ics", local("one", "Europe/Berlin", described=True))
    name, head, [zone, meeting] = json.loads(await data(ask, AS_JSON))
    assert (name, head[0]) == ("vcalendar", ["version", {}, "text", "2.0"])
    assert (zone[0], meeting[0]) == ("vtimezone", "vevent")
    assert ["dtstart", {"tzid": "Europe/Berlin"}, "date-time", "2026-11-24T09:00:00"] in meeting[1]
    _, _, instances = json.loads(await data(ask, AS_JSON, f"<C:expand {SPAN}/>"))
    assert [line[3] for one in instances for line in one[1] if line[0] == "dtstart"] == [
        *("2026-11-24T08:00:00Z", "2026-11-25T08:00:00Z"),
    ]
    picked = '<C:comp name="VCALENDAR"><C:comp name="VEVENT"><C:prop name="UID"/></C:comp></C:comp>'
    assert json.loads(await data(ask, AS_JSON, picked)) == [
        *("vcalendar", [], [["vevent", [["uid", {}, "text", "one"]], []]]),
    ]


async def test_queries_send_jcal(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    wanted = f"<D:prop><C:calendar-data{AS_JSON}/></D:prop>"
    query = f'{wanted}<C:filter><C:comp-filter name="VCALENDAR"/></C:filter>'
    reply = await ask.report(MERGED, "C:calendar-query", query)
    assert json.loads(reply.value(HREF, "C:calendar-data"))[0] == "vcalendar"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        pytest.param(JCAL, JCAL, id="jCal"),
        pytest.param("text/calendar", "text/calendar", id="iCalendar"),
        pytest.param("*/*", "text/calendar", id="anything"),
        pytest.param("application/xml, nonsense, a/b;q=x", "text/calendar", id="nothing we have"),
        pytest.param(f"text/calendar;q=0.2, {JCAL};q=0.5", JCAL, id="jCal rather"),
        pytest.param(f"text/*, {JCAL};q=0.5", "text/calendar", id="any text rather"),
        pytest.param(f"text/calendar;q=0, {JCAL};q=0.1", JCAL, id="no iCalendar"),
    ],
)
async def test_get_sends_what_is_accepted(ask: Client, accept: str, media: str) -> None:
    put = await ask.put("one.ics", event("one"))
    for path in (HREF, MERGED):
        reply = await ask("GET", path, Accept=accept)
        assert reply.headers["content-type"].startswith(f"{media}; charset=utf-8")
        assert (reply.body[:1] == b"[") == (media == JCAL)
    assert (await ask("GET", HREF, Accept=accept)).headers["etag"] == put.headers["etag"]
    assert "Accept" in reply.headers["vary"].split(", ")


JSON = json.dumps(
    [
        "vcalendar",
        [["version", {}, "text", "2.0"], ["prodid", {}, "text", "-//tests//EN"]],
        [
            [
                "vevent",
                [
                    ["uid", {}, "text", "one"],
                    ["dtstamp", {}, "date-time", "2026-11-01T00:00:00Z"],
                    ["dtstart", {}, "date-time", "2026-11-24T09:00:00Z"],
                    ["summary", {}, "text", "Über, alles"],
                ],
                [],
            ]
        ],
    ]
)


async def test_jcal_can_be_put(ask: Client) -> None:
    reply = await ask("PUT", HREF, JSON, Content_Type=JCAL)
    assert (reply.status, "etag" in reply.headers) == (201, False)
    text = (await ask("GET", HREF)).text
    assert "SUMMARY:Über\\, alles\r\n" in text
    assert json.loads((await ask("GET", HREF, Accept=JCAL)).text) == json.loads(JSON)
    for headers, is_json in (({}, True), ({"Accept": "text/calendar"}, False)):
        reply = await ask("PUT", HREF, JSON, Content_Type=JCAL, Prefer="return=representation", **headers)
        assert (reply.status, reply.text.startswith("[")) == (200, is_json)
    for body in ("", "[]", "BEGIN:VCALENDAR"):
        reply = await ask("PUT", HREF, body, Content_Type=JCAL)
        assert (reply.status, reply.condition) == (403, "C:valid-calendar-data")


async def test_a_client_that_lost_the_race_is_shown_what_is_there(ask: Client) -> None:
    put = await ask.put("one.ics", event("one"))
    changed = event("one", summary="Other")
    lost = await ask.put("one.ics", changed, If_Match='"x"', Prefer="return=representation")
    assert (lost.status, lost.text, lost.headers["etag"]) == (412, event("one"), put.headers["etag"])
    assert lost.headers["preference-applied"] == "return=representation"
    assert (await ask.put("one.ics", changed, If_Match='"x"')).body != lost.body
    gone = await ask.put("two.ics", event("two"), If_Match='"x"', Prefer="return=representation")
    assert gone.status == 412


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Custom", "W. Europe Standard Time"])
async def test_zones_the_world_knows_are_left_out_when_asked(ask: Client, zone: str) -> None:
    text = local("one", zone, described=True)
    put = await ask.put("one.ics", text)
    without = local("one", zone, described=zone != "Europe/Berlin")
    for asked, expected in ((None, text), ("T", text), ("F", without), ("f", without), ("?", text)):
        headers = {} if asked is None else {"CalDAV_Timezones": asked}
        assert await data(ask, **headers) == expected
        reply = await ask("GET", HREF, **headers)
        assert (reply.text, reply.headers["etag"]) == (expected, put.headers["etag"])
    assert "CalDAV-Timezones" in reply.headers["vary"].split(", ")


async def test_zones_are_described_when_asked(ask: Client) -> None:
    text = local("one", "Europe/Berlin", described=False)
    await ask.put("one.ics", text)
    assert await data(ask) == text
    whole = await data(ask, CalDAV_Timezones="T")
    assert (await ask("GET", HREF, CalDAV_Timezones="T")).text == whole
    start, end = whole.index("BEGIN:VTIMEZONE"), whole.index("END:VTIMEZONE\r\n") + len("END:VTIMEZONE\r\n")
    assert "TZID:Europe/Berlin" in whole[start:end]
    assert whole[:start] + whole[end:] == text
    found = json.loads(await data(ask, AS_JSON, CalDAV_Timezones="T"))
    assert [one[0] for one in found[2]] == ["vtimezone", "vevent"]
    assert "VTIMEZONE" in (await ask("GET", MERGED, CalDAV_Timezones="T")).text


async def test_times_in_a_zone_nobody_knows_are_refused(ask: Client) -> None:
    reply = await ask.put("one.ics", local("one", "Mars/Olympus", described=False))
    assert (reply.status, reply.condition) == (403, "C:valid-timezone")
    assert (await ask.put("one.ics", local("one", "Mars/Olympus", described=True))).status == 201


BUSY = "\r\n".join(
    [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", "BEGIN:VFREEBUSY", "UID:one"),
        *("DTSTAMP:20261101T000000Z", "DTSTART:20261123T000000Z", "DTEND:20261130T000000Z"),
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261124T090000Z/PT1H,20261126T090000Z/20261126T100000Z",
        *("FREEBUSY:20261127T090000Z/PT1H", "END:VFREEBUSY", "END:VCALENDAR", ""),
    ]
)


async def test_busy_time_can_be_stored_and_limited(ask: Client) -> None:
    assert (await ask.put("one.ics", BUSY)).status == 201
    text = await data(ask, inner=f"<C:limit-freebusy-set {SPAN}/>")
    assert text == BUSY.replace(",20261126T090000Z/20261126T100000Z", "").replace(
        "FREEBUSY:20261127T090000Z/PT1H\r\n", ""
    )
    span = '<C:time-range start="20261124T000000Z" end="20261128T000000Z"/>'
    busy = (await ask.report(MERGED, "C:free-busy-query", span)).text
    assert [line for line in busy.replace("\r\n ", "").split("\r\n") if line.startswith("FREEBUSY")] == [
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261124T090000Z/20261124T100000Z,20261126T090000Z/20261126T100000Z",
        "FREEBUSY:20261127T090000Z/20261127T100000Z",
    ]
    for start, hrefs in (("20261129T000000Z", [HREF]), ("20261201T000000Z", [])):
        inner = f'<C:comp-filter name="VFREEBUSY"><C:time-range start="{start}"/></C:comp-filter>'
        query = f'<D:prop/><C:filter><C:comp-filter name="VCALENDAR">{inner}</C:comp-filter></C:filter>'
        assert (await ask.report(MERGED, "C:calendar-query", query)).hrefs == hrefs


ODD_ZONE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\n"
    "DTSTART:19700101T000000\r\nTZOFFSETFROM:{0}\r\nTZOFFSETTO:{0}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n{1}END:VCALENDAR"
)


async def test_floating_times_are_read_in_the_zone_the_query_describes(ask: Client) -> None:
    await ask.put("one.ics", event("one", "20261124T090000", "20261124T100000"))
    span = '<C:time-range start="20261124T033000Z" end="20261124T034500Z"/>'
    inner = f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{span}</C:comp-filter></C:comp-filter>'
    query = f"<D:prop/><C:filter>{inner}</C:filter>"
    for offset, hrefs in (("+0530", [HREF]), ("+0000", [])):
        zone = f"<C:timezone>{ODD_ZONE.format(offset, '')}</C:timezone>"
        assert (await ask.report(MERGED, "C:calendar-query", query + zone)).hrefs == hrefs
    assert (await ask.report(MERGED, "C:calendar-query", query)).hrefs == []
    for wrong in ("", "BEGIN:VCALENDAR\r\nEND:VCALENDAR", ODD_ZONE.format("+0000", "BEGIN:VEVENT\r\nEND:VEVENT\r\n")):
        reply = await ask.report(MERGED, "C:calendar-query", f"{query}<C:timezone>{wrong}</C:timezone>")
        assert (reply.status, reply.condition) == (403, "C:valid-calendar-data")


async def test_a_zone_of_ones_own_making_is_set_where_its_clock_is_known(ask: Client) -> None:
    value = f"<C:calendar-timezone>{ODD_ZONE.format('+0530', '')}</C:calendar-timezone>"
    body = f"<D:propertyupdate {DECLARED}><D:set><D:prop>{value}</D:prop></D:set></D:propertyupdate>"
    assert "200 OK" in (await ask("PROPPATCH", MERGED, body)).text
    reply = await ask.propfind(MERGED, "C:calendar-timezone-id")
    assert reply.value(MERGED, "C:calendar-timezone-id") in {"Asia/Calcutta", "Asia/Kolkata", "Asia/Colombo"}
