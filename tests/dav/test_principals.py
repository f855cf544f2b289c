"""Finding people: searches, matches, followed hrefs. Strangers are found by nobody."""

import pytest

from tests.dav.conftest import MERGED, Client, Reply, event, named

PEOPLE = "/dav/principals/"


def search(*tests: tuple[str, str], match: str = "") -> str:
    kind = f' match-type="{match}"' if match else ""
    return "".join(
        f"<D:property-search><D:prop>{names}</D:prop><D:match{kind}>{text}</D:match></D:property-search>"
        for names, text in tests
    )


def found(reply: Reply) -> list[str]:
    assert reply.status == 207, reply.text
    return [href.removeprefix(PEOPLE).rstrip("/") for href in reply.hrefs]


NAME, MAIL = "<D:displayname/>", "<CS:email-address-set/>"
ADDRESS, KIND = "<C:calendar-user-address-set/>", "<C:calendar-user-type/>"
WANTED = "<D:prop><D:displayname/></D:prop>"


@pytest.mark.parametrize(
    ("inner", "people"),
    [
        pytest.param("", ["alice", "bob"], id="everybody but teams"),
        pytest.param(search((NAME, "bob")), ["bob"], id="name"),
        pytest.param(search((NAME, "EXAMPLE")), ["alice", "bob"], id="any case"),
        pytest.param(search((NAME, "xample")), ["alice", "bob"], id="contained"),
        pytest.param(search((NAME, "xample"), match="starts-with"), [], id="starts with"),
        pytest.param(search((NAME, "bob"), match="starts-with"), ["bob"], id="starts with it"),
        pytest.param(search((NAME, "ample"), match="ends-with"), ["alice", "bob"], id="ends with"),
        pytest.param(search((MAIL, "bob@example.com"), match="equals"), ["bob"], id="mail"),
        pytest.param(search((ADDRESS, "mailto:bob@example.com")), ["bob"], id="address"),
        pytest.param(search((ADDRESS, "bob@example.com"), match="equals"), ["bob"], id="address without mailto:"),
        pytest.param(search((KIND, "GROUP"), match="equals"), ["sales"], id="teams"),
        pytest.param(search((NAME, "carol")), [], id="nobody of hers"),
        pytest.param(search((NAME, "support")), [], id="no team of hers"),
        pytest.param(search((NAME, "bob"), (MAIL, "alice")), [], id="both"),
        pytest.param(search((NAME + MAIL, "bob")), ["bob"], id="both properties"),
        pytest.param(search((NAME, "bob"), ("<A:unknown/>", "bob")), [], id="an unknown one"),
        pytest.param(search(("<CS:last-name/>", "example"), match="equals"), ["alice", "bob"], id="last name"),
    ],
)
async def test_searches(ask: Client, inner: str, people: list[str]) -> None:
    for path in (PEOPLE, "/", "/principals/"):
        assert found(await ask.report(path, "D:principal-property-search", inner + WANTED)) == people


async def test_any_of_several_as_apple_asks(ask: Client) -> None:
    names = (NAME, MAIL, "<CS:first-name/>", "<CS:last-name/>", "<A:unknown/>")
    tests = search(*((name, "bob") for name in names), match="starts-with")
    body = (
        '<D:principal-property-search xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/"'
        f' xmlns:A="http://apple.com/ns/ical/" test="anyof">{tests}{WANTED}</D:principal-property-search>'
    )
    assert found(await ask("REPORT", PEOPLE, body)) == ["bob"]


@pytest.mark.parametrize(
    "inner",
    [
        "<D:property-search><D:prop><D:displayname/></D:prop></D:property-search>",
        search((NAME, "bob"), match="sounds-like"),
    ],
)
async def test_searches_that_are_none(ask: Client, inner: str) -> None:
    assert (await ask.report(PEOPLE, "D:principal-property-search", inner)).status == 400


@pytest.mark.parametrize(
    ("words", "people"),
    [(["bob"], ["bob"]), (["exam", "ali"], ["alice"]), (["xample"], []), (["carol"], []), (["sales@"], ["sales"])],
)
async def test_search_tokens(ask: Client, words: list[str], people: list[str]) -> None:
    inner = "".join(f"<CS:search-token>{word}</CS:search-token>" for word in words) + WANTED
    assert found(await ask.report(PEOPLE, "CS:calendarserver-principal-search", inner)) == people


async def test_no_search_token(ask: Client) -> None:
    reply = await ask.report(PEOPLE, "CS:calendarserver-principal-search", "<CS:search-token> </CS:search-token>")
    assert reply.status == 400


async def test_what_can_be_searched_for(ask: Client) -> None:
    reply = await ask.report(PEOPLE, "D:principal-search-property-set", "")
    assert (reply.status, named(reply.xml)) == (200, "D:principal-search-property-set")
    assert {named(one[0][0]) for one in reply.xml} == {
        *("D:displayname", "CS:email-address-set", "CS:first-name", "CS:last-name"),
        *("C:calendar-user-address-set", "C:calendar-user-type"),
    }


async def test_matches(ask: Client) -> None:
    assert found(await ask.report(PEOPLE, "D:principal-match", f"<D:self/>{WANTED}")) == ["alice", "sales"]
    inner = f"<D:principal-property><D:owner/></D:principal-property>{WANTED}"
    home = "/dav/calendars/alice/"
    assert (await ask.report(home, "D:principal-match", inner)).hrefs == [MERGED, f"{home}inbox/", f"{home}outbox/"]
    assert (await ask.report(PEOPLE, "D:principal-match", WANTED)).status == 400


async def test_hrefs_are_followed(ask: Client) -> None:
    inner = (
        '<D:property name="owner"><D:property name="displayname"/><D:property name="nothing"/></D:property>'
        '<D:property name="calendar-color" namespace="http://apple.com/ns/ical/"/>'
        '<D:property name="calendar-proxy-read-for" namespace="http://calendarserver.org/ns/"/>'
    )
    reply = await ask.report(MERGED, "D:expand-property", inner)
    found = reply.props(MERGED)
    assert (set(found["200"]), set(found["404"])) == ({"D:owner", "A:calendar-color"}, {"CS:calendar-proxy-read-for"})
    [response] = found["200"]["D:owner"]
    assert response.findtext("{DAV:}href") == "/dav/principals/alice/"
    assert response.findtext("{DAV:}propstat/{DAV:}prop/{DAV:}displayname") == "Alice Example"


async def test_following_has_an_end(ask: Client) -> None:
    inner = '<D:property name="displayname"/>'
    for _ in range(30):
        inner = (
            f'<D:property name="group-member-set">{inner}</D:property>'
            f'<D:property name="group-membership">{inner}</D:property>'
        )
        if len(inner) > 8_000:
            break
    deep = '<D:property name="displayname"/>'
    for _ in range(50):
        deep = (
            f'<D:property name="group-membership"><D:property name="group-member-set">{deep}</D:property></D:property>'
        )
    for body in (inner, deep):
        reply = await ask.report("/dav/principals/sales/", "D:expand-property", body)
        assert reply.status in {207, 507}
    assert reply.status == 207 or reply.condition == "D:number-of-matches-within-limits"


async def test_an_expand_property_that_is_none(ask: Client) -> None:
    assert (await ask.report(MERGED, "D:expand-property", "<D:property/>")).status == 400


@pytest.mark.parametrize("depth", ["1", "infinity"])
async def test_reports_that_are_none_at_another_depth(ask: Client, depth: str) -> None:
    for kind in ("D:acl-principal-prop-set", "D:principal-match", "D:principal-search-property-set"):
        inner = "<D:self/>" if kind == "D:principal-match" else ""
        assert (await ask.report(PEOPLE, kind, inner, Depth=depth)).status == 400
        assert (await ask.report(PEOPLE, kind, inner, Depth="0")).status in {200, 207}


async def test_thunderbird_searches_with_depth_one(ask: Client) -> None:
    reply = await ask.report(PEOPLE, "D:principal-property-search", search((NAME, "bob")) + WANTED, Depth="1")
    assert found(reply) == ["bob"]


async def test_whom_the_access_list_names(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    for path in (MERGED, f"{MERGED}one.ics"):
        groups = ["alice/calendar-proxy-read", "alice/calendar-proxy-write"]
        assert found(await ask.report(path, "D:acl-principal-prop-set", WANTED)) == ["alice", *groups]
    reply = await ask.propfind(MERGED, "D:acl")
    assert reply.props(MERGED)["200"]["D:acl"][0].findtext("{DAV:}principal/{DAV:}href") == "/dav/principals/alice/"
