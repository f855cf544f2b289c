"""Requests that are meant badly: each is refused by name within its means, nothing is stored, the server goes on."""

import base64
import random
from typing import NamedTuple

import pytest

from tests.hostile.conftest import KEPT
from tests.hostile.test_objects import condition
from tests.whole import MERGED, Whole, event, secret_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
HOME = "/dav/calendars/alice/"
OUTBOX = f"{HOME}outbox/"
ENTITIES = "".join(f'<!ENTITY b{n + 1} "{f"&b{n};" * 10}">' for n in range(12))


class Ask(NamedTuple):
    """condition: in the DAV:error; "" where there is none."""

    status: int
    condition: str
    method: str
    path: str
    body: bytes | str = ""
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


def propfind(inner: str) -> str:
    return f"<D:propfind {NAMESPACES}>{inner}</D:propfind>"


def query(inner: str, wanted: str = "<D:getetag/>") -> str:
    """inner: of the filter of an event."""
    event_filter = f'<C:comp-filter name="VEVENT">{inner}</C:comp-filter>'
    asked = f'<C:filter><C:comp-filter name="VCALENDAR">{event_filter}</C:comp-filter></C:filter>'
    return f"<C:calendar-query {NAMESPACES}><D:prop>{wanted}</D:prop>{asked}</C:calendar-query>"


def timed(start: str, end: str) -> str:
    return query(f'<C:time-range start="{start}" end="{end}"/>')


def expanded(start: str, end: str) -> str:
    return query("", f'<C:calendar-data><C:expand start="{start}" end="{end}"/></C:calendar-data>')


def matched(collation: str) -> str:
    return query(
        f'<C:prop-filter name="SUMMARY"><C:text-match collation="{collation}">a</C:text-match></C:prop-filter>'
    )


def multiget(*hrefs: str) -> str:
    inner = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    return f"<C:calendar-multiget {NAMESPACES}><D:prop><D:getetag/></D:prop>{inner}</C:calendar-multiget>"


def sync(token: str, more: str = "") -> str:
    inner = f"<D:sync-token>{token}</D:sync-token>{more}<D:prop><D:getetag/></D:prop>"
    return f"<D:sync-collection {NAMESPACES}>{inner}</D:sync-collection>"


def proppatch(inner: str) -> str:
    return f"<D:propertyupdate {NAMESPACES}><D:set><D:prop>{inner}</D:prop></D:set></D:propertyupdate>"


def report(status: int, condition: str, body: bytes | str, path: str = MERGED) -> Ask:
    return Ask(status, condition, "REPORT", path, body, {"Depth": "1"})


def basic(text: bytes) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text).decode()}


XML = {
    "nothing": "",
    "no XML": "hello",
    "bytes": b"\x00\xff\xfe\xfa",
    "half": "<D:propfind xmlns:D='DAV:'>",
    "an unknown prefix": "<D:propfind/>",
    "an entity nobody defined": propfind("&undefined;"),
    "entities within entities": f'<!DOCTYPE a [<!ENTITY b0 "ha">{ENTITIES}]><a>&b12;</a>',
    "one entity, many times": '<!DOCTYPE a [<!ENTITY b "' + "h" * 50_000 + '">]><a>' + "&b;" * 50_000 + "</a>",
    "entities of parameters": "<!DOCTYPE a [<!ENTITY % b \"<!ENTITY c 'd'>\">%b;]><a>&c;</a>",
    "an entity of itself": '<!DOCTYPE a [<!ENTITY b "&b;">]><a>&b;</a>',
    "a file": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a document type elsewhere": '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "a document type": f"<!DOCTYPE a>{propfind('<D:allprop/>')}",
    "a document type in UTF-16": f"<!DOCTYPE a [<!ENTITY b 'c'>]>{propfind('<D:allprop/>')}".encode("utf-16"),
    "entities in UTF-16": f'<!DOCTYPE a [<!ENTITY b0 "ha">{ENTITIES}]><a>&b12;</a>'.encode("utf-16"),
    "a document type in EBCDIC": b"\x4c\x6f\xa7\x94\x93" + f"<!DOCTYPE a>{propfind('')}".encode("cp037"),
    "an encoding nobody knows": f'<?xml version="1.0" encoding="x-nothing"?>{propfind("<D:allprop/>")}',
    "a hundred thousand deep": "<a>" * 100_000 + "</a>" * 100_000,
    "a hundred thousand deep, not closed": "<a>" * 100_000,
    "three hundred deep": "<a>" * 300 + "</a>" * 300,
    "a hundred thousand attributes": "<a " + " ".join(f'b{n}=""' for n in range(60_000)) + "/",
    "an attribute twice": "<a b='1' b='2'/>",
    "a huge attribute": "<a b='" + "c" * 900_000,
    "huge names": f"<{'a' * 900_000}>",
    "many namespaces": "<a " + " ".join(f'xmlns:b{n}="urn:{n}"' for n in range(20_000)) + ">",
    "NUL": propfind("\0"),
    "a character that is none": propfind("&#x0;"),
    "text after it": propfind("<D:allprop/>") + "<a/>",
}
ASKED = {
    **{
        f"{method}: {name}": Ask(400, "", method, MERGED, body, {"Depth": "0"})
        for method in ("REPORT", "PROPPATCH")
        for name, body in XML.items()
    },
    **{
        f"PROPFIND: {name}": Ask(400, "", "PROPFIND", MERGED, body, {"Depth": "0"})
        for name, body in XML.items()
        if body
    },
    "another root": Ask(400, "", "PROPFIND", MERGED, "<a/>", {"Depth": "0"}),
    "too much XML": Ask(413, "C:max-resource-size", "PROPFIND", MERGED, propfind("<D:x/>" * 200_000)),
    "a bad Depth": Ask(400, "", "PROPFIND", MERGED, "", {"Depth": "2"}),
    "no Depth": Ask(400, "", "PROPFIND", MERGED, "", {"Depth": "one"}),
    "an endless Depth": Ask(403, "D:propfind-finite-depth", "PROPFIND", "/dav/", "", {"Depth": "infinity"}),
    "an unknown report": report(403, "D:supported-report", f"<D:version-tree {NAMESPACES}/>"),
    "a report of another namespace": report(403, "D:supported-report", "<calendar-query/>"),
    "a report where there is none": report(403, "D:supported-report", query(""), "/dav/"),
    "a query without filter": report(400, "", f"<C:calendar-query {NAMESPACES}/>"),
    "a query of another component": report(403, "C:valid-filter", query("").replace("VCALENDAR", "VCARD")),
    "an unknown filter": report(403, "C:supported-filter", query('<C:odd-filter name="A"/>')),
    "an unknown collation": report(403, "C:supported-collation", matched("i;klingon")),
    "a collation that is a pattern": report(403, "C:supported-collation", matched(".*")),
    "a time range of words": report(403, "C:valid-filter", timed("today", "tomorrow")),
    "a time range in local time": report(403, "C:valid-filter", timed("20261101T000000", "20261201T000000")),
    "a time range of dates": report(403, "C:valid-filter", timed("20261101", "20261201")),
    "a time range that ends first": report(403, "C:valid-filter", timed("20261201T000000Z", "20261101T000000Z")),
    "a time range of nothing": report(403, "C:valid-filter", query("<C:time-range/>")),
    "a time range with month 13": report(403, "C:valid-filter", timed("20261301T000000Z", "20271201T000000Z")),
    "a time range of other digits": report(403, "C:valid-filter", timed("٢٠٢٦1101T000000Z", "20271201T000000Z")),
    "expand without end": report(
        400, "", query("", '<C:calendar-data><C:expand start="20261101T000000Z"/></C:calendar-data>')
    ),
    "expand outside all calendars": report(403, "C:max-date-time", expanded("99990101T000000Z", "99990201T000000Z")),
    "another kind of data": report(
        403, "C:supported-calendar-data", query("", '<C:calendar-data content-type="text/vcard"/>')
    ),
    "another version of data": report(403, "C:supported-calendar-data", query("", '<C:calendar-data version="3.0"/>')),
    "free/busy of no time": report(400, "", f"<C:free-busy-query {NAMESPACES}/>"),
    "8,001 hrefs": report(
        507, "D:number-of-matches-within-limits", multiget(*(f"{MERGED}{n}.ics" for n in range(8_001)))
    ),
    "no href": report(400, "", multiget()),
    **{
        f"a sync token: {token[:30]}": report(403, "D:valid-sync-token", sync(token))
        for token in (
            *(
                "x",
                "1",
                "-1",
                "http://",
                "http://[",
                "urn:uuid:0",
                "javascript:1",
                f"http://127.0.0.1:5232{MERGED}sync/-1",
                "٣",
            ),
            *(f"http://127.0.0.1:5232{MERGED}sync/999999999", f"http://127.0.0.1:5232{MERGED}sync/" + "9" * 5_000),
            *(
                "http://127.0.0.1:5232/dav/calendars/bob/merged/sync/1",
                f"http://127.0.0.1:5232{MERGED}sync/1;DROP TABLE",
            ),
        )
    },
    "no sync token": report(400, "", f"<D:sync-collection {NAMESPACES}/>"),
    "a limit of none": report(400, "", sync("", "<D:limit><D:nresults>0</D:nresults></D:limit>")),
    "a limit of words": report(400, "", sync("", "<D:limit><D:nresults>all</D:nresults></D:limit>")),
    "a limit below none": report(400, "", sync("", "<D:limit><D:nresults>-5</D:nresults></D:limit>")),
    # signing in
    "another scheme": Ask(401, "", "PROPFIND", MERGED, "", {"Authorization": "Bearer abc"}),
    "no base64": Ask(401, "", "PROPFIND", MERGED, "", {"Authorization": "Basic !!!"}),
    "half of base64": Ask(401, "", "PROPFIND", MERGED, "", {"Authorization": "Basic YQ"}),
    "nothing to read": Ask(401, "", "PROPFIND", MERGED, "", {"Authorization": "Basic"}),
    "no colon": Ask(401, "", "PROPFIND", MERGED, "", basic(b"alice")),
    "no UTF-8": Ask(401, "", "PROPFIND", MERGED, "", basic(b"\xff\xfe:\xff")),
    "NUL in a name": Ask(401, "", "PROPFIND", MERGED, "", basic(b"alice\0:" + secret_of("alice").encode())),
    "a pattern for a name": Ask(401, "", "PROPFIND", MERGED, "", basic(b".*:" + secret_of("alice").encode())),
    "a team for a name": Ask(401, "", "PROPFIND", MERGED, "", basic(b"sales:a good password")),
    "a huge password": Ask(401, "", "PROPFIND", MERGED, "", basic(b"bob:" + b"a" * 9_000)),
    # writing
    "a calendar over the calendar": Ask(405, "", "PUT", MERGED, event("x")),
    "a file over the home": Ask(405, "", "PUT", HOME, event("x")),
    "a file beside the calendar": Ask(404, "", "PUT", f"{HOME}other.ics", event("x")),
    "a file in the inbox": Ask(405, "", "PUT", f"{HOME}inbox/x.ics", event("x")),
    "a calendar deleted": Ask(405, "", "DELETE", MERGED),
    "a home deleted": Ask(405, "", "DELETE", HOME),
    "the inbox made": Ask(403, "D:resource-must-be-null", "MKCALENDAR", f"{HOME}inbox/"),
    "a calendar in the calendar": Ask(403, "C:calendar-collection-location-ok", "MKCALENDAR", f"{MERGED}inner/"),
    "a calendar at somebody else's": Ask(404, "", "MKCALENDAR", "/dav/calendars/dave/new/"),
    "moved to somebody else": Ask(
        403, "D:need-privileges", "MOVE", f"{MERGED}kept.ics", "", {"Destination": "/dav/calendars/dave/merged/x.ics"}
    ),
    "copied in its calendar": Ask(
        403, "C:no-uid-conflict", "COPY", f"{MERGED}kept.ics", "", {"Destination": f"{MERGED}x.ics"}
    ),
    "copied elsewhere": Ask(502, "", "COPY", f"{MERGED}kept.ics", "", {"Destination": "http://elsewhere.example/x"}),
    "moved nowhere": Ask(409, "", "MOVE", f"{MERGED}kept.ics", "", {"Destination": f"{HOME}nowhere/x.ics"}),
    "moved without saying where": Ask(400, "", "MOVE", f"{MERGED}kept.ics"),
    "LOCK": Ask(405, "", "LOCK", f"{MERGED}kept.ics"),
    "TRACE": Ask(405, "", "TRACE", f"{MERGED}kept.ics"),
    "another media type": Ask(
        415, "C:supported-calendar-data", "PUT", f"{MERGED}x.ics", event("x"), {"Content-Type": "text/html"}
    ),
    "no media type at all": Ask(
        415, "C:supported-calendar-data", "PUT", f"{MERGED}x.ics", event("x"), {"Content-Type": "x"}
    ),
    "another charset": Ask(
        415,
        "C:supported-calendar-data",
        "PUT",
        f"{MERGED}x.ics",
        event("x"),
        {"Content-Type": "text/calendar; charset=latin1"},
    ),
    "an unknown charset": Ask(
        415,
        "C:supported-calendar-data",
        "PUT",
        f"{MERGED}x.ics",
        event("x"),
        {"Content-Type": "text/calendar; charset=x-nothing"},
    ),
    "another ETag": Ask(412, "", "PUT", f"{MERGED}kept.ics", KEPT, {"If-Match": '"other"'}),
    "a list of other ETags": Ask(412, "", "PUT", f"{MERGED}kept.ics", KEPT, {"If-Match": '"a", W/"b", ""'}),
    "no ETag": Ask(412, "", "PUT", f"{MERGED}kept.ics", KEPT, {"If-Match": "][;"}),
    "an ETag where nothing is": Ask(412, "", "PUT", f"{MERGED}x.ics", event("x"), {"If-Match": "*"}),
    "new where something is": Ask(412, "", "PUT", f"{MERGED}kept.ics", KEPT, {"If-None-Match": "*"}),
    "another ETag, deleted": Ask(412, "", "DELETE", f"{MERGED}kept.ics", "", {"If-Match": '"other"'}),
    "the same UID elsewhere": Ask(403, "C:no-uid-conflict", "PUT", f"{MERGED}x.ics", KEPT),
    "another UID": Ask(403, "C:no-uid-conflict", "PUT", f"{MERGED}kept.ics", event("x")),
    "a range of it": Ask(400, "", "PUT", f"{MERGED}kept.ics", "x", {"Content-Range": "bytes 0-1/2"}),
    # the outbox
    "no message": Ask(403, "C:valid-calendar-data", "POST", OUTBOX, "hello", {"Content-Type": "text/calendar"}),
    "an event for a message": Ask(
        403, "C:valid-scheduling-message", "POST", OUTBOX, event("x"), {"Content-Type": "text/calendar"}
    ),
    "another type of message": Ask(
        415, "C:supported-calendar-data", "POST", OUTBOX, "{}", {"Content-Type": "application/json"}
    ),
    "too many recipients": Ask(
        400, "", "POST", OUTBOX, event("x"), {"Content-Type": "text/calendar", "Recipient": ",".join(["a"] * 4_000)}
    ),
}


async def asked(whole: Whole, ask: Ask) -> None:
    before, faults = await whole.state(), dict(whole.faults)
    headers = {name.replace("-", "_"): value for name, value in ask.headers.items()}
    user = None if "Authorization" in headers else "alice"
    reply = await whole(ask.method, ask.path, ask.body, user=user, **headers)
    assert (reply.status, condition(reply)) == (ask.status, ask.condition), reply.text
    assert "Traceback" not in reply.text
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert await whole.state() == before
    assert whole.faults == faults


@pytest.mark.parametrize("ask", [pytest.param(one, id=name) for name, one in ASKED.items()])
async def test_is_refused_by_name(whole: Whole, ask: Ask) -> None:
    whole.clock.now += 3_600  # wrong passwords of other rows are forgotten
    await asked(whole, ask)


SEGMENTS = [
    *(
        "%2e%2e",
        "..%2f..%2fbob",
        "%2e%2e%2f",
        "..%5c",
        "%5c",
        "a%5cb",
        "%00",
        "a%00.ics",
        "%0d%0aX-A:b",
        "%7f",
        "%1b",
        "%2f",
    ),
    *("%", "%zz", "%u0041", "%c0%ae%c0%ae", "%ff", "%ed%a0%80", "a" * 2_000, "%2500" * 600),
]


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PROPFIND", "PROPPATCH", "REPORT", "OPTIONS"])
async def test_paths_lead_nowhere_else(whole: Whole, method: str, segment: str) -> None:
    before, faults = await whole.state(), dict(whole.faults)
    for path in (f"{MERGED}{segment}", f"/dav/calendars/{segment}/merged/kept.ics", f"/dav/principals/{segment}/"):
        reply = await whole(method, path, event("x"), Content_Type="text/calendar", Depth="0")
        assert reply.status in {400, 404}, (path, reply.text)
    assert await whole.state() == before
    assert whole.faults == faults


async def test_hrefs_in_a_multiget_lead_nowhere_else(whole: Whole) -> None:
    hrefs = [f"{MERGED}{segment}" for segment in SEGMENTS]
    hrefs += [
        "/dav/calendars/bob/merged/kept.ics",
        "/etc/passwd",
        "http://[",
        "//bob",
        "",
        "merged/kept.ics",
        f"{MERGED}../merged/kept.ics",
    ]
    reply = await whole.report(
        "C:calendar-multiget", "<D:prop><D:getetag/></D:prop>" + "".join(f"<D:href>{one}</D:href>" for one in hrefs)
    )
    assert reply.status == 207
    assert reply.text.count("404 Not Found") == len(hrefs)
    assert "getetag" not in reply.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2fapp.py",
        "/static/%00",
        "/freebusy/%2e%2e",
        "/freebusy/%00",
        "/feeds/%00",
        "/booking/%00?token=%00",
        "/%ff",
        "/alice/%2e%2e",
        "/oauth/%00/start",
        "/oauth/google/callback?state=%00&code=%ff",
    ],
)
async def test_pages_lead_nowhere_else(whole: Whole, path: str) -> None:
    faults = dict(whole.faults)
    reply = await whole("GET", path, user=None)
    assert 300 < reply.status < 500
    assert whole.faults == faults


WORDS = [
    "",
    "x",
    "<",
    "&",
    '"',
    ";",
    ":",
    "\r\n",
    "\n ",
    "\0",
    "-1",
    "0",
    "9" * 30,
    "é" * 90,
    "\ud7ff",
    "%00",
    "..",
    "/",
]
WORDS += [
    "BEGIN:VEVENT\r\n",
    "END:VEVENT\r\n",
    "RRULE:FREQ=SECONDLY\r\n",
    "TZID=",
    "T000000Z",
    "=",
    ",",
    "20261124",
    "D:prop",
    "C:",
]
TEXTS = [
    KEPT.replace("UID:kept", "UID:fuzz"),
    event("fuzz", "RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=4", "EXDATE:20261225T090000Z"),
]
BODIES = [
    ask.body
    for ask in ASKED.values()
    if ask.method == "REPORT" and isinstance(ask.body, str) and 200 < len(ask.body) < 2_000
]


def damaged(text: str, chance: random.Random) -> str:
    for _ in range(chance.randrange(1, 6)):
        start = chance.randrange(len(text) + 1)
        text = text[:start] + chance.choice(WORDS) + text[start + chance.randrange(15) :]
    return text


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_comes_is_answered(whole: Whole, seed: int) -> None:
    """A fixed number of requests damaged at random; what is taken by chance must not harm the next."""
    chance, faults = random.Random(seed), dict(whole.faults)
    statuses = set()
    for _ in range(25):
        put = await whole.put(f"fuzz{chance.randrange(3)}.ics", damaged(chance.choice(TEXTS), chance).encode())
        report = await whole("REPORT", chance.choice([MERGED, HOME]), damaged(chance.choice(BODIES), chance), Depth="1")
        path = "/" + damaged("dav/calendars/alice/merged/kept.ics", chance).encode().hex("%", 1)
        get = await whole("GET", "/%" + path[1:], Depth="0")
        statuses |= {put.status, report.status, get.status}
    assert [status for status in statuses if status >= 500 and status != 507] == []
    assert whole.faults == faults
    for number in range(3):
        await whole("DELETE", f"{MERGED}fuzz{number}.ics")
