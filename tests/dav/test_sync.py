"""sync-collection: from any token of ours to the true set, or a refusal."""

import pytest

from gateway.store.database import Database
from tests.dav.conftest import MERGED, PREFIXES, Client, Reply, event

ETAGS = "<D:prop><D:getetag/></D:prop>"


async def sync(ask: Client, token: str = "", *, limit: int | None = None, wanted: str = ETAGS, **headers: str) -> Reply:
    bound = "" if limit is None else f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>"
    inner = f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{bound}{wanted}"
    return await ask.report(MERGED, "D:sync-collection", inner, **headers)


def token_of(reply: Reply) -> str:
    return reply.xml.findtext("D:sync-token", "", PREFIXES)


def names(reply: Reply) -> list[str]:
    return [href.removeprefix(MERGED) for href in reply.hrefs]


async def test_changes_since_a_token(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    await ask.put("two.ics", event("two"))
    first = await sync(ask)
    assert sorted(names(first)) == ["one.ics", "two.ics"]
    nothing = await sync(ask, token_of(first))
    assert (names(nothing), token_of(nothing)) == ([], token_of(first))
    put = await ask.put("one.ics", event("one", summary="New"))
    await ask("DELETE", f"{MERGED}two.ics")
    await ask.put("three.ics", event("three"))
    second = await sync(ask, token_of(first))
    assert sorted(names(second)) == ["one.ics", "three.ics", "two.ics"]
    assert second.value(f"{MERGED}one.ics", "D:getetag") == put.headers["etag"]
    assert second.statuses == {f"{MERGED}two.ics": "404 Not Found"}
    assert sorted(names(await sync(ask))) == ["one.ics", "three.ics"]


@pytest.mark.parametrize("headers", [{}, {"Depth": "0"}, {"Depth": "1"}, {"Depth": "infinity"}])
async def test_depth_says_nothing_here(ask: Client, headers: dict[str, str]) -> None:
    await ask.put("one.ics", event("one"))
    assert names(await sync(ask, **headers)) == ["one.ics"]


async def test_token_and_ctag_move_with_every_change(ask: Client) -> None:
    seen = set()
    for summary in ("a", "b"):
        await ask.put("one.ics", event("one", summary=summary))
        reply = await ask.propfind(MERGED, "CS:getctag", "D:sync-token")
        assert reply.value(MERGED, "D:sync-token") == token_of(await sync(ask))
        seen.add((reply.value(MERGED, "CS:getctag"), reply.value(MERGED, "D:sync-token")))
    assert len({ctag for ctag, _ in seen}) == len({token for _, token in seen}) == 2


async def test_a_name_deleted_and_made_again_is_a_change(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    token = token_of(await sync(ask))
    await ask("DELETE", f"{MERGED}one.ics")
    await ask.put("one.ics", event("other"))
    assert names(await sync(ask, token)) == ["one.ics"]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_a_limit_cuts_without_loss(ask: Client, limit: int) -> None:
    for number in range(7):
        await ask.put(f"{number}.ics", event(str(number)))
    known: dict[str, bool] = {}
    token, pages = "", 0
    while True:
        reply = await sync(ask, token, limit=limit)
        pages += 1
        token = token_of(reply)
        cut = reply.statuses.pop(MERGED, None)
        members = [name for name in names(reply) if name]
        assert len(members) <= limit
        known.update({name: reply.statuses.get(MERGED + name) is None for name in members})
        if cut is None:
            break
        assert cut == "507 Insufficient Storage"
        assert "number-of-matches-within-limits" in reply.text
        if pages == 1:  # what changes between two pages is not missed
            await ask("DELETE", f"{MERGED}0.ics")
            await ask.put("6.ics", event("6", summary="New"))
    there = {name for name, alive in known.items() if alive}
    assert there == {name for name in names(await ask.propfind(MERGED, "D:getetag", depth="1")) if name}


async def test_texts_may_come_along(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    reply = await sync(ask, wanted="<D:prop><D:getetag/><C:calendar-data/></D:prop>")
    assert reply.value(f"{MERGED}one.ics", "C:calendar-data") == event("one")


@pytest.mark.parametrize(
    "token",
    [
        "8A1C2B3D-0000-4000-8000-123456789ABC",
        "http://elsewhere/sync/1",
        "/dav/calendars/bob/merged/sync/0",
        f"{MERGED}sync/999",
        f"{MERGED}sync/-1",
        f"{MERGED}sync/1x",
        f"{MERGED}sync/99999999999999999999",
        "http://[::1",
        "1",
        "data:,1",
    ],
)
async def test_tokens_we_never_gave(ask: Client, token: str) -> None:
    await ask.put("one.ics", event("one"))
    reply = await sync(ask, token)
    assert (reply.status, reply.condition) == (403, "D:valid-sync-token")


async def test_tokens_stay_good_under_another_host_name(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    path = token_of(await sync(ask)).partition("/dav")[2]
    assert names(await sync(ask, f"https://calendar.example.com/dav{path}")) == []


async def test_tokens_that_are_too_old(ask: Client, db: Database) -> None:
    token = token_of(await sync(ask))
    await ask.put("one.ics", event("one"))
    db.write_now(lambda conn: conn.exec_driver_sql("UPDATE collections SET floor = rev WHERE name = 'merged'"))
    assert (await sync(ask, token)).condition == "D:valid-sync-token"
    assert names(await sync(ask)) == ["one.ics"]


@pytest.mark.parametrize(
    "inner",
    [
        ETAGS,
        f"<D:sync-token/><D:sync-token/>{ETAGS}",
        f"<D:sync-token/><D:limit/>{ETAGS}",
        f"<D:sync-token/><D:limit><D:nresults>0</D:nresults></D:limit>{ETAGS}",
        f"<D:sync-token/><D:limit><D:nresults>-1</D:nresults></D:limit>{ETAGS}",
        f"<D:sync-token/><D:limit><D:nresults>many</D:nresults></D:limit>{ETAGS}",
        f"<D:sync-token/><D:limit><D:nresults>²</D:nresults></D:limit>{ETAGS}",
    ],
)
async def test_what_is_no_sync(ask: Client, inner: str) -> None:
    assert (await ask.report(MERGED, "D:sync-collection", inner)).status == 400


async def test_the_inbox_has_a_token_of_its_own(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    inbox = "/dav/calendars/alice/inbox/"
    inner = f"<D:sync-token></D:sync-token>{ETAGS}"
    reply = await ask.report(inbox, "D:sync-collection", inner)
    assert (reply.hrefs, token_of(reply).endswith("inbox/sync/0")) == ([], True)
    again = await ask.report(inbox, "D:sync-collection", f"<D:sync-token>{token_of(reply)}</D:sync-token>{ETAGS}")
    assert (again.status, again.hrefs) == (207, [])
    other = await ask.report(inbox, "D:sync-collection", f"<D:sync-token>{inbox}sync/1</D:sync-token>{ETAGS}")
    assert other.condition == "D:valid-sync-token"
