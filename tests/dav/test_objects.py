"""GET, PUT and DELETE of calendar objects."""

import asyncio
import gzip

import pytest
from aiohttp import ClientSession, encode_basic_auth
from aiohttp.test_utils import TestServer

from tests.dav.conftest import MERGED, Client, event
from tests.dav.site import PASSWORDS

HREF = f"{MERGED}one.ics"


async def test_an_object_comes_back_byte_for_byte(ask: Client) -> None:
    text = event("one", summary='Über <&> "quoted" \U0001f600')
    put = await ask.put("one.ics", text)
    got = await ask("GET", HREF)
    assert (put.status, got.status, got.text) == (201, 200, text)
    assert got.headers["etag"] == put.headers["etag"]
    assert got.headers["content-type"] == "text/calendar; charset=utf-8; component=vevent"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"] == "attachment"
    head = await ask("HEAD", HREF)
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", got.headers["etag"])
    assert head.headers["content-length"] == str(len(text.encode()))


async def test_an_etag_changes_exactly_with_the_text(ask: Client) -> None:
    first = (await ask.put("one.ics", event("one"))).headers["etag"]
    same = await ask.put("one.ics", event("one"))
    other = await ask.put("one.ics", event("one", summary="Other"))
    assert (same.status, same.headers["etag"], other.status) == (204, first, 204)
    assert other.headers["etag"] != first


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": "*"}, 412),
        ({"If_Match": '"other"'}, 412),
        ({"If_Match": '"other", ETAG'}, 204),
        ({"If_Match": "ETAG"}, 204),
        ({"If_Match": "*"}, 204),
        ({"If_None_Match": "ETAG"}, 412),
        ({"If_None_Match": '"other"'}, 204),
    ],
)
async def test_conditional_writes(ask: Client, headers: dict[str, str], status: int) -> None:
    etag = (await ask.put("one.ics", event("one"))).headers["etag"]
    given = {name: value.replace("ETAG", etag) for name, value in headers.items()}
    reply = await ask.put("one.ics", event("one", summary="New"), **given)
    assert reply.status == status
    assert ("New" in (await ask("GET", HREF)).text) == (status == 204)


@pytest.mark.parametrize(("headers", "status"), [({"If_Match": "*"}, 412), ({"If_None_Match": "*"}, 201)])
async def test_conditions_on_what_is_not_there(ask: Client, headers: dict[str, str], status: int) -> None:
    assert (await ask.put("one.ics", event("one"), **headers)).status == status


@pytest.mark.parametrize(
    ("header", "status"), [("ETAG", 304), ('"other", ETAG', 304), ("W/ETAG", 304), ("*", 304), ('"other"', 200)]
)
async def test_what_is_known_is_not_sent_again(ask: Client, header: str, status: int) -> None:
    etag = (await ask.put("one.ics", event("one"))).headers["etag"]
    reply = await ask("GET", HREF, If_None_Match=header.replace("ETAG", etag))
    assert (reply.status, bool(reply.body), reply.headers["etag"]) == (status, status == 200, etag)


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 204), ({"If_Match": "ETAG"}, 204), ({"If_Match": '"other"'}, 412)]
)
async def test_deletes(ask: Client, headers: dict[str, str], status: int) -> None:
    etag = (await ask.put("one.ics", event("one"))).headers["etag"]
    reply = await ask("DELETE", HREF, **{name: value.replace("ETAG", etag) for name, value in headers.items()})
    assert reply.status == status
    assert (await ask("GET", HREF)).status == (404 if status == 204 else 200)


async def test_what_is_not_there(ask: Client) -> None:
    assert [(await ask(method, f"{MERGED}none.ics")).status for method in ("GET", "HEAD", "DELETE", "PROPFIND")] == [
        404
    ] * 4


async def test_one_uid_has_one_name(ask: Client) -> None:
    await ask.put("one.ics", event("same"))
    reply = await ask.put("two.ics", event("same"))
    assert (reply.status, reply.condition) == (403, "C:no-uid-conflict")
    assert [one.text for one in reply.xml[0]] == [HREF]
    reply = await ask.put("one.ics", event("other"))
    assert (reply.status, reply.condition) == (403, "C:no-uid-conflict")


@pytest.mark.parametrize(
    "name",
    [
        "a b.ics",
        "ü.ics",
        "a@b.ics",
        "a%25b.ics",
        "name",
        ".hidden",
        "a;b=c,d.ics",
        "%22x%22&'.ics",
        "a%0Ab.ics",
        "%E2%80%8D.ics",
    ],
)
async def test_names_of_all_kinds(ask: Client, name: str) -> None:
    path = MERGED + (name.replace(" ", "%20").replace("ü", "%C3%BC"))
    assert (await ask("PUT", path, event("one"), Content_Type="text/calendar")).status == 201
    [_, href] = (await ask.propfind(MERGED, "D:getetag", depth="1")).hrefs
    assert (await ask("GET", href)).text == event("one")
    inner = f"<D:prop><D:getetag/></D:prop><D:href>{href}</D:href>"
    assert (await ask.report(MERGED, "C:calendar-multiget", inner)).hrefs == [href]
    assert (await ask("DELETE", href)).status == 204


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/calendar", 201),
        ("text/calendar; charset=UTF-8; component=VEVENT", 201),
        ('text/calendar; charset="utf-8"', 201),
        ("text/calendar; charset=iso-8859-1", 415),
        ("text/plain", 415),
        ("application/json", 415),
    ],
)
async def test_types_of_body(ask: Client, content_type: str, status: int) -> None:
    reply = await ask("PUT", HREF, event("one"), Content_Type=content_type)
    assert reply.status == status
    if status == 415:
        assert reply.condition == "C:supported-calendar-data"


TODO = event("one").replace("VEVENT", "VTODO").replace("DTEND", "DUE")
LINES = event("one").split("\r\n")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        pytest.param("", "C:valid-calendar-data", id="empty"),
        pytest.param("nonsense", "C:valid-calendar-data", id="no calendar"),
        pytest.param(event("one").replace("SUMMARY:", "SUMMARY"), "C:valid-calendar-data", id="no content line"),
        pytest.param(event("one", summary="a\x00b"), "C:valid-calendar-data", id="NUL"),
        pytest.param(event("one").replace("END:VEVENT\r\n", ""), "C:valid-calendar-data", id="open"),
        pytest.param("\r\n".join(["BEGIN:VCALENDAR", *["BEGIN:X"] * 50_00]), "C:valid-calendar-data", id="deep"),
        pytest.param(
            event("one").replace("VERSION:2.0\r\n", "VERSION:2.0\r\nMETHOD:REQUEST\r\n"),
            "C:valid-calendar-object-resource",
            id="METHOD",
        ),
        pytest.param(
            event("one").replace("END:VCALENDAR", "\r\n".join(event("two").split("\r\n")[3:-2]) + "\r\nEND:VCALENDAR"),
            "C:valid-calendar-object-resource",
            id="two UIDs",
        ),
        pytest.param(
            event("one").replace("VEVENT", "VAVAILABILITY"), "C:supported-calendar-component", id="availability"
        ),
        pytest.param(
            "\r\n".join([*LINES[:3], "END:VCALENDAR", ""]), "C:valid-calendar-object-resource", id="no component"
        ),
    ],
)
async def test_what_is_no_calendar_object(ask: Client, text: str, condition: str) -> None:
    reply = await ask.put("one.ics", text)
    assert (reply.status, reply.condition) == (403, condition)
    assert (await ask("GET", HREF)).status == 404


async def test_tasks_are_taken_too(ask: Client) -> None:
    assert (await ask.put("todo.ics", TODO)).status == 201
    assert (await ask("GET", f"{MERGED}todo.ics")).headers["content-type"].endswith("component=vtodo")


async def test_what_calcurse_writes_is_taken(ask: Client) -> None:
    """No DTSTAMP, floating times, a duration that names its noughts."""
    text = event("one", "20261124T090000", ";X-NONE=1:P0DT1H0M0S").replace("DTEND;X-NONE=1", "DURATION")
    text = text.replace("DTSTAMP:20261101T000000Z\r\n", "")
    assert (await ask.put("one.ics", text)).status == 201
    assert (await ask("GET", HREF)).text == text


async def test_what_some_scripts_write_is_taken(ask: Client) -> None:
    """No PRODID, and a zone named for times in UTC."""
    text = event("one", ";TZID=UTC:20261124T090000Z", ";TZID=UTC:20261124T100000Z")
    text = text.replace("PRODID:-//tests//EN\r\n", "")
    assert (await ask.put("one.ics", text)).status == 201
    assert (await ask("GET", HREF)).text == text


@pytest.mark.parametrize("length", ["named", "chunked"])
async def test_a_body_that_is_too_large_is_not_read(ask: Client, length: str) -> None:
    text = event("one", summary="x" * 60_000)

    async def pieces():
        for start in range(0, len(text), 1000):
            yield text[start : start + 1000].encode()

    body = text.encode() if length == "named" else pieces()
    reply = await ask("PUT", HREF, body, Content_Type="text/calendar")  # type: ignore[arg-type]
    assert (reply.status, reply.condition) == (413, "C:max-resource-size")
    assert (await ask("GET", HREF)).status == 404


async def test_a_packed_body_is_refused(ask: Client) -> None:
    packed = gzip.compress(event("one").encode())
    reply = await ask("PUT", HREF, packed, Content_Type="text/calendar", Content_Encoding="gzip")
    assert reply.status == 415


async def test_the_stored_text_may_be_asked_back(ask: Client) -> None:
    reply = await ask.put("one.ics", event("one"), Prefer="return=representation")
    assert (reply.status, reply.text) == (201, event("one"))
    assert reply.headers["preference-applied"] == "return=representation"


async def test_the_calendar_as_one_file(ask: Client) -> None:
    for name in ("one", "two"):
        await ask.put(f"{name}.ics", event(name))
    reply = await ask("GET", MERGED)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert [line for line in reply.text.split("\r\n") if line.startswith(("BEGIN:", "UID:"))] == [
        *("BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:one", "BEGIN:VEVENT", "UID:two"),
    ]
    again = await ask("GET", MERGED, If_None_Match=reply.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    await ask("DELETE", HREF)
    assert (await ask("GET", MERGED, If_None_Match=reply.headers["etag"])).status == 200


async def test_of_many_writes_at_once_exactly_one_wins(ask: Client) -> None:
    replies = await asyncio.gather(
        *(ask.put("one.ics", event("one", summary=str(number)), If_None_Match="*") for number in range(20))
    )
    assert sorted(reply.status for reply in replies) == [201] + [412] * 19
    [winner] = [number for number, reply in enumerate(replies) if reply.status == 201]
    assert f"SUMMARY:{winner}\r\n" in (await ask("GET", HREF)).text


async def test_long_answers_are_packed_for_those_who_ask(ask: Client, server: TestServer) -> None:
    for number in range(40):
        await ask.put(f"{number}.ics", event(str(number)))
    body = '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>'
    async with ClientSession(auto_decompress=False) as http:

        async def answer(accept: str) -> tuple[str | None, bytes]:
            headers = {"Authorization": encode_basic_auth("alice", "alice-pw"), "Depth": "1", "Accept-Encoding": accept}
            async with http.request("PROPFIND", server.make_url(MERGED), data=body, headers=headers) as reply:
                return reply.headers.get("Content-Encoding"), await reply.read()

        plain = await answer("identity")
        packed = await answer("br;q=1.0, gzip;q=0.8")
        assert (plain[0], packed[0], gzip.decompress(packed[1])) == (None, "gzip", plain[1])
        assert (await answer("gzip;q=0"))[0] is None


async def test_a_fragment_names_nothing(ask: Client, server: TestServer) -> None:
    """So that DELETE /calendar#event does not delete the calendar."""
    await ask.put("one.ics", event("one"))
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    signed_in = encode_basic_auth("alice", PASSWORDS["alice"])
    writer.write(f"DELETE {HREF}#part HTTP/1.1\r\nHost: x\r\nAuthorization: {signed_in}\r\n\r\n".encode())
    assert b" 400 " in await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert (await ask("GET", HREF)).status == 200
