"""Malformed and hostile requests: a refusal each, never a fault of ours, and nothing stored."""

import asyncio
import random

import pytest
from aiohttp.test_utils import TestServer

from gateway.dav.keys import FAULTS
from tests.dav.conftest import FILES, MERGED, Client, event

PATHS = ["/", "/dav/", "/dav/principals/alice/", "/dav/calendars/alice/", MERGED, f"{MERGED}one.ics"]
BOMB = "".join(f'<!ENTITY b{n + 1} "{f"&b{n};" * 10}">' for n in range(9))
BODIES = [
    pytest.param(b"\x00\xff\xfe", id="bytes"),
    pytest.param(b"<a>" * 5_000, id="deep"),
    pytest.param(
        b"<D:propfind xmlns:D='DAV:'>" + b"<D:prop>" * 500 + b"</D:prop>" * 500 + b"</D:propfind>", id="nested"
    ),
    pytest.param(f'<!DOCTYPE a [<!ENTITY b0 "ha">{BOMB}]><a>&b9;</a>'.encode(), id="bomb"),
    pytest.param(b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', id="file"),
    pytest.param(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x"><a/>', id="outside"),
]


def faults(server: TestServer) -> int:
    return server.app[FAULTS]["dav"]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("method", ["PROPFIND", "PROPPATCH", "REPORT"])
async def test_xml_that_is_meant_badly(ask: Client, server: TestServer, method: str, body: bytes) -> None:
    await ask.put("one.ics", event("one"))
    for path in PATHS:
        assert 400 <= (await ask(method, path, body, Depth="0")).status < 500
    assert faults(server) == 0


@pytest.mark.parametrize("method", ["PROPFIND", "PROPPATCH", "REPORT", "POST"])
async def test_bodies_that_are_too_large(ask: Client, method: str) -> None:
    path = "/dav/calendars/alice/outbox/" if method == "POST" else MERGED
    assert (await ask(method, path, b"<a>" + b"x" * 30_000, Content_Type="text/calendar")).status == 413
    assert (await ask(method, path, b"<a/>", Content_Encoding="gzip")).status == 415


@pytest.mark.parametrize("depth", [10, 100, 240])
async def test_filters_within_filters(ask: Client, server: TestServer, depth: int) -> None:
    await ask.put("one.ics", event("one"))
    inner = '<C:comp-filter name="X-PART">' * depth + "</C:comp-filter>" * depth
    body = f'<D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR">{inner}</C:comp-filter></C:filter>'
    reply = await ask.report(MERGED, "C:calendar-query", body)
    assert (reply.status, reply.hrefs) == (207, [])
    assert faults(server) == 0


async def test_selections_within_selections(ask: Client, server: TestServer) -> None:
    await ask.put("one.ics", event("one"))
    inner = '<C:comp name="VCALENDAR">' * 200 + "</C:comp>" * 200
    body = f"<D:prop><C:calendar-data>{inner}</C:calendar-data></D:prop><D:href>{MERGED}one.ics</D:href>"
    reply = await ask.report(MERGED, "C:calendar-multiget", body)
    assert reply.value(f"{MERGED}one.ics", "C:calendar-data") == "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert faults(server) == 0


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=DAILY;COUNT=1000000000", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "FREQ=DAILY;INTERVAL=0"],
)
async def test_rules_without_end(ask: Client, server: TestServer, rule: str) -> None:
    reply = await ask.put("one.ics", event("one", "20261124T090000Z", "20261124T090001Z", f"RRULE:{rule}"))
    assert reply.status in {201, 403}
    await ask.put("two.ics", event("two"))
    span = 'start="20261124T000000Z" end="20261125T000000Z"'
    expand = f"<D:prop><C:calendar-data><C:expand {span}/></C:calendar-data></D:prop>"
    inner = f'<C:comp-filter name="VEVENT"><C:time-range {span}/></C:comp-filter>'
    query = f'<C:filter><C:comp-filter name="VCALENDAR">{inner}</C:comp-filter></C:filter>'
    assert (await ask.report(MERGED, "C:calendar-query", f"<D:prop><D:getetag/></D:prop>{query}")).status == 207
    assert (await ask.report(MERGED, "C:calendar-query", expand + query)).status in {207, 507}
    assert (await ask.report(MERGED, "C:free-busy-query", f"<C:time-range {span}/>")).status == 200
    assert faults(server) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/dav/%00",
        "/dav/calendars/alice/merged/..%2f..%2fetc%2fpasswd",
        "/dav/calendars/alice/merged/%2e%2e",
        "/dav/calendars/alice/merged/../../bob/merged/",
        "/dav/calendars/alice/merged/a%5cb",
        "/dav/calendars/alice/merged/%ff",
        "/dav/calendars//",
        "/dav/calendars/%25/merged/",
        "/dav/calendars/*/merged/",
        "/dav/calendars/.*/merged/",
        "/dav/calendars/alice'%20OR%201=1--/merged/",
        "/dav/calendars/" + "a" * 3_000,
    ],
)
async def test_paths_that_are_meant_badly(ask: Client, server: TestServer, path: str) -> None:
    for method in ("PROPFIND", "GET", "PUT", "DELETE", "REPORT", "OPTIONS", "POST"):
        reply = await ask(method, path, event("one"), Content_Type="text/calendar", Depth="0")
        assert reply.status in {400, 404, 405}
    assert faults(server) == 0
    assert (await ask.propfind(MERGED, "D:getetag", depth="1")).hrefs == [MERGED]


REQUESTS = [path.read_text(encoding="utf-8") for path in sorted(FILES.glob("*.xml"))]


@pytest.mark.parametrize("seed", range(8))
async def test_requests_damaged_at_random(ask: Client, server: TestServer, seed: int) -> None:
    """Whatever becomes of them, each gets a proper answer."""
    chance = random.Random(seed)
    await ask.put("one.ics", event("one"))

    async def send(text: str) -> int:
        method = "PROPFIND" if "propfind" in text else "PROPPATCH" if "propertyupdate" in text else "REPORT"
        reply = await ask(
            method, chance.choice(PATHS[1:]), damaged(text, chance), Depth=chance.choice(["0", "1", "infinity"])
        )
        return reply.status

    statuses = [await send(chance.choice(REQUESTS)) for _ in range(25)]
    assert [status for status in statuses if status >= 500 and status != 507] == []
    assert faults(server) == 0


def damaged(text: str, chance: random.Random) -> bytes:
    words = [
        "",
        "x",
        "<",
        "&",
        '"',
        "99999999999999999999",
        "-1",
        "\u0000",
        "ü",
        "C:expand",
        "D:prop",
        "VCALENDAR",
        "é" * 100,
    ]
    for _ in range(chance.randrange(1, 4)):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.randrange(12))
        text = text[:start] + chance.choice(words) + text[end:]
    return text.encode()


def head(framing: str) -> bytes:
    lines = [f"PUT {MERGED}one.ics HTTP/1.1", "Host: x", "Authorization: Basic YWxpY2U6YWxpY2UtcHc=", framing, "", ""]
    return "\r\n".join(lines).encode()


async def test_a_client_that_goes_away_in_the_middle(server: TestServer, ask: Client) -> None:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(head("Content-Length: 900") + b"BEGIN:VCALENDAR\r\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""
    assert (await ask("GET", f"{MERGED}one.ics")).status == 404
    assert faults(server) == 0


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-1\r\n", b"5\r\nabc"])
async def test_bodies_framed_wrongly(server: TestServer, ask: Client, chunk: bytes) -> None:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(head("Transfer-Encoding: chunked") + chunk)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer == b"" or answer.split()[1].startswith(b"4")
    assert (await ask("GET", f"{MERGED}one.ics")).status == 404
    assert faults(server) == 0


async def test_what_nobody_foresaw_is_counted_and_not_told(ask: Client, server: TestServer, db, caplog) -> None:
    db.write_now(lambda conn: conn.exec_driver_sql("DROP TABLE members"))
    reply = await ask.propfind(MERGED, "D:getetag", depth="1")
    assert (reply.status, "members" in reply.text, faults(server)) == (500, False, 1)
    assert "no such table" in caplog.text
