"""PROPFIND and PROPPATCH to the letter."""

from xml.etree import ElementTree

import pytest

from gateway.store import accounts, principals
from gateway.store.database import Database
from tests.dav.conftest import DECLARED, MERGED, Client, event, named, stored

ME = "/dav/principals/alice/"
INBOX = "/dav/calendars/alice/inbox/"
ZONE = stored("new_york.ics")
HOURS = stored("mornings.ics")


async def patch(ask: Client, path: str, inner: str, **headers: str):
    return await ask("PROPPATCH", path, f"<D:propertyupdate {DECLARED}>{inner}</D:propertyupdate>", **headers)


def setting(inner: str) -> str:
    return f"<D:set><D:prop>{inner}</D:prop></D:set>"


def escaped(text: str) -> str:
    return text.replace("\r", "&#13;")


async def test_known_and_unknown_properties_are_told_apart(ask: Client) -> None:
    reply = await ask.propfind(MERGED, "D:displayname", "D:getcontentlength", "A:nothing")
    assert {status: set(found) for status, found in reply.props(MERGED).items()} == {
        "200": {"D:displayname"},
        "404": {"D:getcontentlength", "A:nothing"},
    }


async def test_names_in_no_namespace_or_a_strange_one(ask: Client) -> None:
    body = '<D:propfind xmlns:D="DAV:"><D:prop><foo xmlns=""/><bar xmlns="urn:a&amp;b"/></D:prop></D:propfind>'
    reply = await ask("PROPFIND", MERGED, body, Depth="0")
    assert [one.tag for one in reply.props(MERGED)["404"].values()] == ["foo", "{urn:a&b}bar"]


@pytest.mark.parametrize("headers", [{"Prefer": "return=minimal"}, {"Brief": "t"}])
async def test_minimal_answers_say_nothing_of_what_is_not_there(ask: Client, headers: dict[str, str]) -> None:
    reply = await ask.propfind(MERGED, "D:displayname", "A:nothing", **headers)
    assert set(reply.props(MERGED)) == {"200"}
    assert reply.headers["preference-applied"] == "return=minimal"
    nothing = await ask.propfind(MERGED, "A:nothing", **headers)
    assert nothing.props(MERGED) == {"200": {}}


@pytest.mark.parametrize(
    "body", ["", '<D:propfind xmlns:D="DAV:"/>', '<D:propfind xmlns:D="DAV:"><D:undefined/><D:allprop/></D:propfind>']
)
async def test_all_properties_are_the_ones_of_the_table_and_ones_own(ask: Client, body: str) -> None:
    await ask.put("one.ics", event("one"))
    await patch(ask, f"{MERGED}one.ics", setting("<A:mine>x</A:mine>"))
    reply = await ask("PROPFIND", MERGED, body, Depth="1")
    assert set(reply.props(MERGED)["200"]) == {"D:resourcetype", "D:displayname", "D:getetag"}
    assert set(reply.props(f"{MERGED}one.ics")["200"]) == {
        *("D:resourcetype", "D:getetag", "D:getcontenttype", "D:getcontentlength", "D:getlastmodified", "A:mine"),
    }


async def test_more_may_be_included_with_all(ask: Client) -> None:
    body = f"<D:propfind {DECLARED}><D:allprop/><D:include><D:owner/><A:no/></D:include></D:propfind>"
    found = (await ask("PROPFIND", MERGED, body, Depth="0")).props(MERGED)
    assert ("D:owner" in found["200"], set(found["404"])) == (True, {"A:no"})


@pytest.mark.parametrize(
    ("depth", "status"), [("0", 207), ("1", 207), ("infinity", 403), ("2", 400), ("", 400), ("-1", 400)]
)
async def test_depth(ask: Client, depth: str, status: int) -> None:
    reply = await ask.propfind(MERGED, "D:getetag", depth=depth)
    assert reply.status == status
    if status == 403:
        assert reply.condition == "D:propfind-finite-depth"


async def test_a_listing_without_its_root_as_drafts_had_it(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    reply = await ask.propfind(MERGED, "D:getetag", depth="1,noroot")
    assert reply.hrefs == [f"{MERGED}one.ics"]
    assert "preference-applied" not in reply.headers


async def test_what_the_tables_offer_is_told(ask: Client) -> None:
    reply = await ask.propfind(MERGED, "D:supported-method-set", "D:supported-live-property-set")
    found = reply.props(MERGED)["200"]
    methods = {one.get("name") for one in found["D:supported-method-set"]}
    assert methods == set((await ask("OPTIONS", MERGED)).headers["allow"].split(", "))
    live = {named(one[0][0]) for one in found["D:supported-live-property-set"]}
    assert {"D:getetag", "A:calendar-color", "D:acl"} <= live
    assert not {"D:getcontentlength", "D:quota-available-bytes", "D:principal-URL"} & live


async def test_a_listing_without_its_root(ask: Client) -> None:
    await ask.put("one.ics", event("one"))
    reply = await ask.propfind(MERGED, "D:getetag", depth="1", Prefer="depth-noroot")
    assert (reply.hrefs, reply.headers["preference-applied"]) == ([f"{MERGED}one.ics"], "depth-noroot")


@pytest.mark.parametrize(
    "body",
    [
        "<x/>",
        '<D:prop xmlns:D="DAV:"/>',
        '<D:propfind xmlns:D="DAV:"><D:prop/><D:allprop/></D:propfind>',
        '<D:propfind xmlns:D="DAV:"><D:undefined/></D:propfind>',
        "not xml",
        "<D:propfind>",
    ],
)
async def test_what_is_no_propfind(ask: Client, body: str) -> None:
    assert (await ask("PROPFIND", MERGED, body, Depth="0")).status == 400


async def test_properties_of_an_object_agree_with_the_object(ask: Client) -> None:
    text = event("one", summary="Über & <so>")
    put = await ask.put("one.ics", text)
    got = await ask("GET", f"{MERGED}one.ics")
    names = ["D:getetag", "D:getcontenttype", "D:getcontentlength", "D:getlastmodified", "D:resourcetype", "D:owner"]
    reply = await ask.propfind(f"{MERGED}one.ics", *names)
    found = {name: reply.value(f"{MERGED}one.ics", name) for name in names}
    assert found == {
        "D:getetag": put.headers["etag"],
        "D:getcontenttype": "text/calendar; charset=utf-8; component=vevent",
        "D:getcontentlength": str(len(text.encode())),
        "D:getlastmodified": got.headers["last-modified"],
        "D:resourcetype": "",
        "D:owner": "",
    }
    assert got.headers["etag"] == put.headers["etag"]


async def test_limits_and_forms_are_published(ask: Client) -> None:
    names = ["max-resource-size", "min-date-time", "max-date-time", "max-attendees-per-instance"]
    reply = await ask.propfind(MERGED, *(f"C:{name}" for name in names))
    assert [reply.value(MERGED, f"C:{name}") for name in names] == [
        *("50000", "00020101T000000Z", "99981231T235959Z", "1000"),
    ]
    assert set((await ask.propfind(MERGED, "C:max-instances")).props(MERGED)) == {"404"}  # series without end are taken
    reply = await ask.propfind(
        MERGED, "C:supported-calendar-data", "C:supported-collation-set", "C:schedule-calendar-transp"
    )
    found = reply.props(MERGED)["200"]
    assert found["C:supported-calendar-data"][0].attrib == {"content-type": "text/calendar", "version": "2.0"}
    assert [one.text for one in found["C:supported-collation-set"]] == [
        "i;ascii-casemap",
        "i;octet",
        "i;unicode-casemap",
    ]
    assert named(found["C:schedule-calendar-transp"][0]) == "C:opaque"


async def test_privileges_follow_what_can_be_written(ask: Client, db: Database) -> None:
    async def privileges(path: str) -> set[str]:
        reply = await ask.propfind(path, "D:current-user-privilege-set")
        return {named(one[0]) for one in reply.props(path)["200"]["D:current-user-privilege-set"]}

    await ask.put("one.ics", event("one"))
    writing = {"D:write", "D:write-properties", "D:write-content", "D:bind", "D:unbind"}
    assert writing <= await privileges(MERGED)
    assert "D:write-content" in await privileges(f"{MERGED}one.ics")

    def lock(conn):
        alice = principals.by_name(conn, "alice")
        for row in accounts.calendars(conn, alice.id):
            accounts.change_calendar(conn, row.id, writable=False)

    db.write_now(lock)
    assert writing & (await privileges(MERGED) | await privileges(f"{MERGED}one.ics")) == set()
    reply = await ask.put("two.ics", event("two"))
    assert (reply.status, reply.condition) == (403, "D:need-privileges")
    assert (await patch(ask, MERGED, setting("<A:calendar-color>#112233FF</A:calendar-color>"))).status == 207


async def test_what_apple_sets_first_is_kept_as_it_was_sent(ask: Client) -> None:
    color = '<A:calendar-color symbolic-color="orange">#FD8208FF</A:calendar-color>'
    reply = await patch(
        ask,
        MERGED,
        setting(f"{color}<A:calendar-order>3</A:calendar-order><D:displayname>Work &amp; so</D:displayname>"),
    )
    assert set(reply.props(MERGED)) == {"200"}
    reply = await ask.propfind(MERGED, "A:calendar-color", "A:calendar-order", "D:displayname")
    element = reply.props(MERGED)["200"]["A:calendar-color"]
    assert (element.text, element.get("symbolic-color")) == ("#FD8208FF", "orange")
    assert (reply.value(MERGED, "A:calendar-order"), reply.value(MERGED, "D:displayname")) == ("3", "Work & so")
    await patch(ask, MERGED, "<D:remove><D:prop><D:displayname/></D:prop></D:remove>")
    assert (await ask.propfind(MERGED, "D:displayname")).value(MERGED, "D:displayname") == "Alice Example"


async def test_a_minimal_success_says_nothing(ask: Client) -> None:
    reply = await patch(ask, MERGED, setting("<A:calendar-order>3</A:calendar-order>"), Prefer="return=minimal")
    assert (reply.status, reply.body) == (200, b"")


async def test_dead_properties_keep_their_namespaces_attributes_and_language(ask: Client) -> None:
    inner = '<x:note xmlns:x="urn:x" xmlns:y="urn:y" y:kind="b" xml:lang="de">Grüße <y:b/> &amp; mehr&#13;</x:note>'
    await patch(ask, MERGED, setting(inner))
    body = '<D:propfind xmlns:D="DAV:"><D:prop><note xmlns="urn:x"/></D:prop></D:propfind>'
    reply = await ask("PROPFIND", MERGED, body, Depth="0")
    element = reply.props(MERGED)["200"]["urn:x:note"]
    assert element.attrib == {"{urn:y}kind": "b", "{http://www.w3.org/XML/1998/namespace}lang": "de"}
    assert (element.text, element[0].tag, element[0].tail) == ("Grüße ", "{urn:y}b", " & mehr\r")


async def test_all_of_a_proppatch_or_nothing(ask: Client) -> None:
    reply = await patch(
        ask, MERGED, setting("<A:note>x</A:note><D:getetag>y</D:getetag><D:displayname>z</D:displayname>")
    )
    outcome = reply.props(MERGED)
    assert {status: set(found) for status, found in outcome.items()} == {
        "403": {"D:getetag"},
        "424": {"A:note", "D:displayname"},
    }
    assert "cannot-modify-protected-property" in reply.text
    after = await ask.propfind(MERGED, "A:note", "D:displayname")
    assert after.value(MERGED, "D:displayname") == "Alice Example"
    assert set(after.props(MERGED)["404"]) == {"A:note"}


async def test_set_and_remove_in_the_order_given(ask: Client) -> None:
    removal = "<D:remove><D:prop><A:note/></D:prop></D:remove>"
    await patch(ask, MERGED, setting("<A:note>x</A:note>") + removal)
    assert set((await ask.propfind(MERGED, "A:note")).props(MERGED)) == {"404"}
    await patch(ask, MERGED, removal + setting("<A:note>y</A:note>"))
    assert (await ask.propfind(MERGED, "A:note")).value(MERGED, "A:note") == "y"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (ME, "D:displayname"),
        (MERGED, "D:resourcetype"),
        (MERGED, "C:supported-calendar-component-set"),
        (MERGED, "D:sync-token"),
        (MERGED, "C:calendar-availability"),
        (INBOX, "A:calendar-color"),
    ],
)
async def test_protected_properties(ask: Client, path: str, name: str) -> None:
    reply = await patch(ask, path, setting(f"<{name}>x</{name}>"))
    assert {status: set(found) for status, found in reply.props(path).items()} == {"403": {name}}


@pytest.mark.parametrize("path", ["/", "/dav/principals/", "/dav/principals/bob/", "/dav/principals/sales/"])
async def test_what_belongs_to_others_is_not_patched(ask: Client, path: str) -> None:
    assert (await patch(ask, path, setting("<A:note>x</A:note>"))).status == 403


@pytest.mark.parametrize("body", ["<x/>", '<D:propertyupdate xmlns:D="DAV:"/>', "", "<"])
async def test_what_is_no_proppatch(ask: Client, body: str) -> None:
    assert (await ask("PROPPATCH", MERGED, body)).status == 400


async def test_properties_are_each_persons_own(ask: Client) -> None:
    await patch(ask, ME, setting("<A:note>x</A:note>"))
    assert set((await ask.propfind(ME, "A:note", user="bob")).props(ME)) == {"404"}


async def test_too_many_properties(ask: Client) -> None:
    many = "".join(f"<A:n{number}>x</A:n{number}>" for number in range(201))
    reply = await patch(ask, MERGED, setting(many))
    assert set(reply.props(MERGED)) == {"507"}


async def test_what_was_stored_about_an_object_goes_with_it(ask: Client) -> None:
    path = f"{MERGED}one.ics"
    await ask.put("one.ics", event("one"))
    await patch(ask, path, setting("<A:note>x</A:note>"))
    listed = await ask.propfind(MERGED, "A:note", "D:getetag", depth="1")
    assert listed.value(path, "A:note") == "x"
    assert (await ask("DELETE", path)).status == 204
    await ask.put("one.ics", event("one"))
    assert set((await ask.propfind(path, "A:note")).props(path)) == {"404"}


async def test_the_calendars_zone_is_the_persons(ask: Client, db: Database) -> None:
    assert (await ask.propfind(MERGED, "C:calendar-timezone-id")).value(
        MERGED, "C:calendar-timezone-id"
    ) == "Europe/Berlin"
    reply = await patch(ask, MERGED, setting(f"<C:calendar-timezone>{escaped(ZONE)}</C:calendar-timezone>"))
    assert set(reply.props(MERGED)) == {"200"}
    assert db.read_now(principals.by_name, "alice").zone == "America/New_York"
    reply = await ask.propfind(MERGED, "C:calendar-timezone", "C:calendar-timezone-id")
    assert reply.value(MERGED, "C:calendar-timezone-id") == "America/New_York"
    assert "TZID:America/New_York\r\n" in reply.value(MERGED, "C:calendar-timezone")
    await patch(ask, MERGED, setting("<C:calendar-timezone-id>Asia/Tokyo</C:calendar-timezone-id>"))
    assert db.read_now(principals.by_name, "alice").zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("name", "value", "condition"),
    [
        ("C:calendar-timezone", "nonsense", "valid-calendar-data"),
        ("C:calendar-timezone", event("one"), "valid-calendar-data"),
        ("C:calendar-timezone-id", "Mars/Olympus", "valid-timezone"),
    ],
)
async def test_zones_that_are_none(ask: Client, db: Database, name: str, value: str, condition: str) -> None:
    reply = await patch(ask, MERGED, setting(f"<{name}>{escaped(value)}</{name}>"))
    assert (set(reply.props(MERGED)), f"<C:{condition}/>" in reply.text) == ({"403"}, True)
    assert db.read_now(principals.by_name, "alice").zone == "Europe/Berlin"


@pytest.mark.parametrize("prefix", ["C", "CS"])
async def test_working_hours_are_written_through_the_inbox(ask: Client, prefix: str) -> None:
    name = f"{prefix}:calendar-availability"
    assert set((await ask.propfind(INBOX, name)).props(INBOX)) == {"404"}
    reply = await patch(ask, INBOX, setting(f"<{name}>{escaped(HOURS)}</{name}>"))
    assert set(reply.props(INBOX)) == {"200"}
    both = await ask.propfind(INBOX, "C:calendar-availability", "CS:calendar-availability")
    assert {both.value(INBOX, one) for one in both.props(INBOX)["200"]} == {HOURS}
    await patch(ask, INBOX, f"<D:remove><D:prop><{name}/></D:prop></D:remove>")
    assert set((await ask.propfind(INBOX, name)).props(INBOX)) == {"404"}


async def test_working_hours_that_are_none(ask: Client) -> None:
    reply = await patch(
        ask, INBOX, setting(f"<C:calendar-availability>{escaped(event('one'))}</C:calendar-availability>")
    )
    assert set(reply.props(INBOX)) == {"403"}


async def test_there_is_one_calendar_to_choose_as_the_default(ask: Client) -> None:
    name = "C:schedule-default-calendar-URL"
    reply = await ask.propfind(INBOX, name)
    assert reply.props(INBOX)["200"][name].findtext("{DAV:}href") == MERGED
    for path, status in ((MERGED, "200"), ("/dav/calendars/alice/other/", "403")):
        reply = await patch(ask, INBOX, setting(f"<{name}><D:href>{path}</D:href></{name}>"))
        assert set(reply.props(INBOX)) == {status}


async def test_carriage_returns_reach_the_client(ask: Client) -> None:
    reply = await ask.propfind(MERGED, "C:calendar-timezone")
    [element] = [one for one in ElementTree.fromstring(reply.body).iter() if one.tag.endswith("calendar-timezone")]
    assert (element.text or "").startswith("BEGIN:VCALENDAR\r\n")
