"""The If header: what a client knows has to hold still, or nothing is done."""

import pytest

from gateway.dav.conditions import Condition, Conditions, read
from gateway.errors import InvalidRequest
from tests.dav.conftest import MERGED, Client, event

ONE = f"{MERGED}one.ics"


@pytest.mark.parametrize(
    ("header", "lists"),
    [
        pytest.param("(<urn:a>)", [("", [("", "urn:a", False)])], id="a token"),
        pytest.param('(["1"])', [("", [('"1"', "", False)])], id="an etag"),
        pytest.param('([W/"1"])', [("", [('W/"1"', "", False)])], id="a weak one"),
        pytest.param("(Not <urn:a>)", [("", [("", "urn:a", True)])], id="negated"),
        pytest.param(
            '(<urn:a> ["1"])(NOT<urn:b>["2"])',
            [("", [("", "urn:a", False), ('"1"', "", False)]), ("", [("", "urn:b", True), ('"2"', "", False)])],
            id="two lists",
        ),
        pytest.param(
            '</a> (["1"]) (["2"]) <http://x/b> (<urn:c>)',
            [("/a", [('"1"', "", False)]), ("/a", [('"2"', "", False)]), ("http://x/b", [("", "urn:c", False)])],
            id="tagged",
        ),
    ],
)
def test_what_is_read(header: str, lists: list[tuple[str, list[tuple[str, str, bool]]]]) -> None:
    assert read(header) == [Conditions(tag, tuple(Condition(*one) for one in each)) for tag, each in lists]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "()",
        "(",
        "<urn:a>",
        "(<urn:a>",
        "<urn:a>)",
        "(Not)",
        "(Not Not <a>)",
        '["1"]',
        "((<a>))",
        "what",
        "(<a>)" * 200,
    ],
)
def test_what_is_none(header: str) -> None:
    with pytest.raises(InvalidRequest):
        read(header)


async def holds(ask: Client, header: str, path: str = ONE) -> bool:
    reply = await ask("PROPFIND", path, Depth="0", If=header)
    assert reply.status in {207, 412}
    return reply.status == 207


async def test_conditions(ask: Client) -> None:
    etag = (await ask.put("one.ics", event("one"))).headers["etag"]
    token = (await ask.propfind(MERGED, "D:sync-token")).value(MERGED, "D:sync-token")
    assert await holds(ask, f"([{etag}])")
    assert not await holds(ask, '(["other"])')
    assert not await holds(ask, f"([W/{etag}])")
    assert await holds(ask, f'(["other"]) ([{etag}])')
    assert not await holds(ask, f'([{etag}] ["other"])')
    assert not await holds(ask, f"(Not [{etag}])")
    assert not await holds(ask, "(<opaquelocktoken:1>)")
    assert await holds(ask, "(Not <DAV:no-lock>)")
    assert await holds(ask, f"<{ONE}> ([{etag}])", MERGED)
    assert not await holds(ask, f"<{MERGED}none.ics> ([{etag}])", MERGED)
    assert await holds(ask, f"<{MERGED}> (<{token}>)")
    await ask.put("two.ics", event("two"))
    assert not await holds(ask, f"<{MERGED}> (<{token}>)")


async def test_a_write_whose_condition_fails_changes_nothing(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    changed = event("one", summary="Changed")
    for method, more in (("PUT", {}), ("DELETE", {}), ("MOVE", {"Destination": f"{MERGED}two.ics"})):
        reply = await ask(method, ONE, changed if method == "PUT" else None, If='(["other"])', **more)
        assert reply.status == 412
    assert (await ask("PUT", ONE, changed, If="(what")).status == 400
    assert (await ask("GET", ONE)).text == event("one")


async def test_a_write_whose_condition_holds(ask: Client) -> None:
    etag = (await ask.put("one.ics", event("one"))).headers["etag"]
    assert (await ask.put("one.ics", event("one", summary="New"), If=f"([{etag}])")).status == 204
    assert (await ask.put("one.ics", event("one", summary="Newer"), If=f"([{etag}])")).status == 412
    assert (await ask.put("two.ics", event("two"), If="(Not <DAV:no-lock>)")).status == 201
    assert (await ask("DELETE", ONE, If="(Not <DAV:no-lock>)")).status == 204


async def test_conditions_tell_nothing_of_what_is_others(ask: Client) -> None:
    etag = (await ask.put("one.ics", event("one"))).headers["etag"]
    for user in ("bob", "dave"):
        reply = await ask("PROPFIND", "/dav/", user=user, Depth="0", If=f"<{ONE}> ([{etag}])")
        assert reply.status == 412
