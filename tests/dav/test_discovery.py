"""From a bare host name to the calendar, as clients go."""

import pytest

from gateway.dav.methods import DAV_HEADER, METHODS
from gateway.dav.paths import On
from gateway.dav.properties.table import PROPERTIES
from gateway.dav.reports.table import REPORTS
from tests.dav.conftest import MERGED, Client, event, named

ME = "/dav/principals/alice/"
HOME = "/dav/calendars/alice/"


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "OPTIONS", "REPORT"])
@pytest.mark.parametrize("path", ["/.well-known/caldav", "/.well-known/caldav/"])
async def test_the_well_known_path_leads_on_without_naming_a_host(ask: Client, path: str, method: str) -> None:
    reply = await ask(method, path, user=None)
    assert (reply.status, reply.headers["location"]) == (301, "/dav/")


@pytest.mark.parametrize("path", ["/", "/dav/", "/principals/", "/dav/principals/", HOME, MERGED, ME])
async def test_every_place_tells_who_is_asking(ask: Client, path: str) -> None:
    reply = await ask.propfind(path, "D:current-user-principal", "D:resourcetype")
    assert reply.status == 207
    assert reply.props(path)["200"]["D:current-user-principal"].findtext("{DAV:}href") == ME


async def test_the_principal_leads_to_everything(ask: Client) -> None:
    names = [
        "C:calendar-home-set",
        "C:calendar-user-address-set",
        "C:schedule-inbox-URL",
        "C:schedule-outbox-URL",
        "D:principal-URL",
        "D:principal-collection-set",
    ]
    found = (await ask.propfind(ME, *names)).props(ME)["200"]
    hrefs = {name: [one.text for one in element] for name, element in found.items()}
    assert hrefs == {
        "C:calendar-home-set": [HOME],
        "C:calendar-user-address-set": ["mailto:alice@example.com", ME],
        "C:schedule-inbox-URL": [f"{HOME}inbox/"],
        "C:schedule-outbox-URL": [f"{HOME}outbox/"],
        "D:principal-URL": [ME],
        "D:principal-collection-set": ["/dav/principals/"],
    }


async def test_the_home_holds_one_calendar_and_two_boxes(ask: Client) -> None:
    reply = await ask.propfind(HOME, "D:resourcetype", "D:owner", "C:supported-calendar-component-set", depth="1")
    kinds = {href: [named(one) for one in reply.props(href)["200"]["D:resourcetype"]] for href in reply.hrefs}
    assert kinds == {
        HOME: ["D:collection"],
        MERGED: ["D:collection", "C:calendar"],
        f"{HOME}inbox/": ["D:collection", "C:schedule-inbox"],
        f"{HOME}outbox/": ["D:collection", "C:schedule-outbox"],
    }
    taken = reply.props(MERGED)["200"]["C:supported-calendar-component-set"]
    assert [one.get("name") for one in taken] == ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"]


async def test_listings_of_the_collections_above(ask: Client) -> None:
    assert (await ask.propfind("/", "D:displayname", depth="1")).hrefs == ["/", "/dav/principals/", "/dav/calendars/"]
    assert (await ask.propfind("/dav/calendars/", "D:displayname", depth="1")).hrefs == ["/dav/calendars/", HOME]
    assert (await ask.propfind("/principals/", "D:displayname", depth="1")).hrefs == ["/principals/"]


@pytest.mark.parametrize("path", ["/dav/calendars/ALICE/merged/", "/dav/calendars/al%69ce/merged", MERGED])
async def test_names_in_any_spelling(ask: Client, path: str) -> None:
    assert (await ask.propfind(path, "D:displayname")).hrefs == [MERGED]


@pytest.mark.parametrize(
    "path", ["/", "/dav/", ME, "/dav/principals/sales/", HOME, MERGED, f"{MERGED}free.ics", f"{HOME}outbox/"]
)
async def test_options_say_what_can_be_done(ask: Client, path: str) -> None:
    reply = await ask("OPTIONS", path)
    assert (reply.status, reply.headers["dav"]) == (200, DAV_HEADER)
    allowed = set(reply.headers["allow"].split(", "))
    assert {"OPTIONS", "PROPFIND", "REPORT"} <= allowed
    assert ("PUT" in allowed, "POST" in allowed) == (path.endswith("free.ics"), path.endswith(("outbox/", "merged/")))


def test_the_dav_header_promises_what_is_there() -> None:
    assert DAV_HEADER.split(", ") == [
        "1",
        "3",
        "calendar-auto-schedule",
        "calendar-access",
        "calendar-schedule",
        "extended-mkcol",
        "access-control",
        "calendar-proxy",
        "calendar-no-timezone",
        "calendar-availability",
        "webdav-push",
        "calendarserver-principal-property-search",
        "calendarserver-principal-search",
    ]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "MKCOL", "COPY", "MOVE", "LOCK", "PATCH"])
async def test_a_calendar_is_not_made_moved_or_overwritten(ask: Client, method: str) -> None:
    reply = await ask(method, MERGED)
    assert (reply.status, "PROPFIND" in reply.headers["allow"]) == (405, True)


async def test_what_thunderbird_tries_on_the_root_is_refused(ask: Client) -> None:
    assert (await ask("PUT", "/", "x", If_Match="nothing")).status == 405


@pytest.mark.parametrize(
    ("path", "on"),
    [
        ("/dav/", On.ROOT),
        ("/dav/principals/", On.PRINCIPALS),
        (ME, On.PRINCIPAL),
        ("/dav/principals/sales/", On.TEAM),
        ("/dav/calendars/", On.HOMES),
        (HOME, On.HOME),
        (MERGED, On.CALENDAR),
        (f"{MERGED}one.ics", On.OBJECT),
        (f"{HOME}inbox/", On.INBOX),
        (f"{HOME}outbox/", On.OUTBOX),
    ],
)
async def test_each_kind_of_place_has_the_reports_and_properties_of_the_tables(ask: Client, path: str, on: On) -> None:
    await ask.put("one.ics", event("one"))
    reply = await ask.propfind(path, "D:supported-report-set")
    named_there = {named(one[0][0]) for one in reply.props(path)["200"]["D:supported-report-set"]}
    assert {name.partition(":")[2] for name in named_there} == {
        row.name.partition("}")[2] for row in REPORTS.values() if on in row.on
    }
    body = '<D:propfind xmlns:D="DAV:"><D:propname/></D:propfind>'
    shown = (await ask("PROPFIND", path, body, Depth="0")).props(path)["200"]
    assert {name.partition(":")[2] for name in shown} <= {
        row.name.partition("}")[2] for row in PROPERTIES.values() if on in row.on
    }
    assert {"D:resourcetype", "D:current-user-principal", "D:current-user-privilege-set"} <= set(shown)


def test_every_row_is_named_by_its_key() -> None:
    assert all(row.name == name for name, row in METHODS.items())
    assert all(row.source for table in (METHODS, PROPERTIES, REPORTS) for row in table.values())
