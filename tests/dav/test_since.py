"""Conditional requests, as HTTP: the header If of every method, dates, and pages that are fetched again."""

import pytest

from tests.dav.conftest import MERGED, Client, event

HERE = f"{MERGED}a.ics"
TOKEN = "opaquelocktoken:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("([ETAG])", 204),
        ('(["other"])', 412),
        (f"<{HERE}> ([ETAG])", 204),
        (f"<http://elsewhere.example{HERE}> ([ETAG])", 204),
        (f"<{HERE}> (Not [ETAG])", 412),
        (f"(<{TOKEN}>)", 412),
        (f"(<{TOKEN}>) ([ETAG])", 204),
        ("nonsense", 400),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PROPPATCH"])
async def test_only_what_the_header_if_says_is_changed(ask: Client, header: str, status: int, method: str) -> None:
    etag = (await ask.put("a.ics", event("a"))).headers["etag"]
    patch = '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><x xmlns="urn:x">1</x></D:prop></D:set></D:propertyupdate>'
    body = {"PUT": event("a", summary="Changed"), "PROPPATCH": patch}.get(method)
    reply = await ask(method, HERE, body, If=header.replace("ETAG", etag))
    assert reply.status == (207 if (method, status) == ("PROPPATCH", 204) else status)


async def test_a_name_that_is_free_has_no_etag(ask: Client) -> None:
    assert (await ask.put("a.ics", event("a"), If='(["one"])')).status == 412
    assert (await ask.put("a.ics", event("a"), If='(Not ["one"])')).status == 201


async def test_a_sync_token_in_the_header_if_says_that_nothing_has_changed(ask: Client) -> None:
    token = (await ask.propfind(MERGED, "D:sync-token")).value(MERGED, "D:sync-token")
    condition = f"<{MERGED}> (<{token}>)"
    assert (await ask.put("a.ics", event("a"), If=condition)).status == 201
    assert (await ask.put("b.ics", event("b"), If=condition)).status == 412


async def test_others_calendars_are_not_felt_out_with_the_header_if(ask: Client) -> None:
    there = await ask("PUT", "/dav/calendars/bob/merged/x.ics", event("x"), user="bob")
    header = f"</dav/calendars/bob/merged/x.ics> ([{there.headers['etag']}])"
    assert (await ask.put("a.ics", event("a"), If=header)).status == 412


@pytest.mark.parametrize(("header", "status"), [("*", 207), ('"other"', 412), ('W/"1"', 412)])
async def test_if_match_counts_for_every_method(ask: Client, header: str, status: int) -> None:
    assert (await ask.propfind(MERGED, "D:displayname", If_Match=header)).status == status


EARLIER, LATER = "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_Modified_Since": LATER}, 304),
        ({"If_Modified_Since": EARLIER}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_Modified_Since": LATER, "If_None_Match": '"other"'}, 200),
        ({"If_Modified_Since": EARLIER, "If_None_Match": "ETAG"}, 304),
        ({"If_Unmodified_Since": LATER}, 200),
        ({"If_Unmodified_Since": EARLIER}, 412),
        ({"If_Unmodified_Since": EARLIER, "If_Match": "ETAG"}, 200),
        ({"If_Match": '"other"'}, 412),
        ({"If_Match": "*"}, 200),
    ],
)
async def test_pages_that_are_fetched_again(ask: Client, headers: dict[str, str], status: int) -> None:
    etag = (await ask.put("a.ics", event("a"))).headers["etag"]
    for method in ("GET", "HEAD"):
        reply = await ask(method, HERE, **{key: value.replace("ETAG", etag) for key, value in headers.items()})
        assert (reply.status, bool(reply.body)) == (status, method == "GET" and status != 304)


@pytest.mark.parametrize(("date", "status"), [(LATER, 204), (EARLIER, 412), ("yesterday", 204)])
async def test_writes_of_what_has_not_changed_since(ask: Client, date: str, status: int) -> None:
    await ask.put("a.ics", event("a"))
    assert (await ask.put("a.ics", event("a", summary="Other"), If_Unmodified_Since=date)).status == status
    assert (await ask("DELETE", HERE, If_Unmodified_Since=date)).status == status
