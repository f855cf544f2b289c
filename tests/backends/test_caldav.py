import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateway.backends.base import Account, Backend, Outside
from gateway.backends.caldav import PAGE, CalDavBackend
from gateway.backends.caldav.answers import Seen, bare, quoted, read_calendars, read_members
from gateway.backends.caldav.dialogue import read_xml
from gateway.backends.caldav.paths import canonical, href_of, is_neighbour, url_of, within
from gateway.backends.fetch import Answer
from gateway.errors import (
    BackendUnavailable,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
    SignInExpired,
)
from gateway.model import CalendarObject, Changes, RemoteCalendar
from tests.fakes.caldav import CalDavServer, etag_of
from tests.fakes.feed import FeedServer
from tests.fakes.objects import event, series
from tests.fakes.radicale import Person, RadicaleServer


async def never(secret: str) -> None:
    raise AssertionError("a password is not renewed")


def backend(outside: Outside, url: str, username: str = "ann", *password: str) -> CalDavBackend:
    return CalDavBackend(Account({"url": url, "username": username}, *(password or ("secret",)), never), outside)


def of_person(outside: Outside, person: Person, url: str = "") -> CalDavBackend:
    return backend(outside, url or person.url, person.name, person.password)


async def pull(remote: Backend, calendar: str, token: str | None = None) -> list[Changes]:
    return [page async for page in remote.changes(calendar, token)]


def names(pages: list[Changes]) -> set[str]:
    return {obj.href for page in pages for obj in page.objects}


def gone(pages: list[Changes]) -> set[str]:
    return {href for page in pages for href in page.gone}


# A real server


@pytest.mark.parametrize("path", ["", "/", "/.well-known/caldav", "/{name}", "/{name}/", "/{name}/work/"])
async def test_calendars_are_found_from_any_address(outside, radicale: RadicaleServer, path):
    person = radicale.person("work")
    remote = of_person(outside, person, radicale.root + path.format(name=person.name))

    assert [calendar.id for calendar in await remote.calendars()] == [f"{person.url}work/"]


async def test_calendars_as_their_owner_sees_them(outside, radicale: RadicaleServer):
    person = radicale.person("home", "work")
    found = {calendar.displayname: calendar for calendar in await of_person(outside, person).calendars()}

    assert set(found) == {"Home", "Work"}
    assert [(row.writable, row.merged, row.busy) for row in found.values()] == [(True, True, True)] * 2
    assert sum(row.primary for row in found.values()) == 1


async def test_a_wrong_password(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    with pytest.raises(SignInExpired):
        await backend(outside, person.url, person.name, "wrong").calendars()


async def test_an_account_without_calendars(outside, radicale: RadicaleServer):
    assert await of_person(outside, radicale.person()).calendars() == []


async def test_no_caldav_there(outside):
    async with FeedServer("<html>", content_type="text/html") as server:
        with pytest.raises(RefusedByProvider, match="no CalDAV calendars"):
            await backend(outside, server.url).calendars()


async def test_what_another_client_does_shows_up(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    remote, calendar = of_person(outside, person), f"{person.url}work/"
    radicale.put(person, person.path() + "a.ics", event("a"))
    radicale.put(person, person.path() + "b.ics", series("b"))

    first = await pull(remote, calendar)
    assert (names(first), first[-1].full) == ({"a.ics", "b.ics"}, True)
    assert await pull(remote, calendar, first[-1].token) == []

    radicale.put(person, person.path() + "c@d.ics", event("c"))
    radicale.request(person, "DELETE", person.path() + "a.ics")
    second = await pull(remote, calendar, first[-1].token)
    assert (names(second), gone(second), second[-1].full) == ({"c@d.ics"}, {"a.ics"}, False)


async def test_texts_and_etags_are_the_servers(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    remote, calendar = of_person(outside, person), f"{person.url}work/"
    put = await remote.put(calendar, CalendarObject("a.ics", event("a", "Größe, \\nund mehr")), None)
    text, etag = radicale.request(person, "GET", person.path() + "a.ics")
    [page] = await pull(remote, calendar)

    assert (put.text, put.etag) == (text, etag)
    assert list(page.objects) == [put]


async def test_a_put_with_an_old_etag_loses(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    remote, calendar = of_person(outside, person), f"{person.url}work/"
    first = await remote.put(calendar, CalendarObject("a.ics", event("a")), None)
    radicale.put(person, person.path() + "a.ics", event("a", "Theirs"))

    with pytest.raises(RemoteConflict):
        await remote.put(calendar, CalendarObject("a.ics", event("a", "Ours")), first.etag)
    assert "Theirs" in radicale.request(person, "GET", person.path() + "a.ics")[0]


async def test_a_uid_the_server_has_elsewhere_is_a_conflict(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    radicale.put(person, person.path() + "theirs.ics", event("a"))
    with pytest.raises(RemoteConflict):
        await of_person(outside, person).put(f"{person.url}work/", CalendarObject("ours.ics", event("a")), None)


async def test_a_calendar_that_was_deleted(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    radicale.request(person, "DELETE", person.path())
    with pytest.raises(RemoteGone):
        await pull(of_person(outside, person), f"{person.url}work/")


async def test_a_token_the_server_forgot_starts_over(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    radicale.put(person, person.path() + "a.ics", event("a"))
    token = Seen(sync="http://radicale.org/ns/sync/" + "0" * 64).token
    pages = await pull(of_person(outside, person), f"{person.url}work/", token)

    assert (names(pages), pages[-1].full) == ({"a.ics"}, True)


# Other servers


async def test_more_than_a_page_comes_in_pages(outside):
    many = {f"{number}.ics": event(str(number)) for number in range(2 * PAGE + 1)}
    async with CalDavServer(many) as server:
        pages = await pull(backend(outside, server.url), server.url)

    assert [len(page.objects) for page in pages] == [PAGE, PAGE, 1]
    assert [page.token is None for page in pages] == [True, True, False]
    assert names(pages) == set(many)
    assert all(page.full for page in pages)


async def test_a_cut_answer_is_asked_on_until_all_is_there(outside):
    many = {f"{number}.ics": event(str(number)) for number in range(25)}
    async with CalDavServer(many, page=10) as server:
        remote = backend(outside, server.url)
        pages = await pull(remote, server.url)
        assert names(pages) == set(many)
        assert [page.token is None for page in pages] == [True, True, False]

        assert await pull(remote, server.url, pages[-1].token) == []


@pytest.mark.parametrize("ctag", [True, False], ids=["ctag", "nothing at all"])
async def test_servers_without_sync_tokens_are_compared(outside, ctag):
    async with CalDavServer({"a.ics": event("a"), "b.ics": event("b")}, tokens=False, ctag=ctag) as server:
        remote = backend(outside, server.url)
        first = await pull(remote, server.url)
        assert (names(first), first[-1].full) == ({"a.ics", "b.ics"}, True)
        assert await pull(remote, server.url, first[-1].token) == []

        server.store("a.ics", None)
        server.store("b.ics", event("b", "Moved"))
        server.store("c.ics", event("c"))
        second = await pull(remote, server.url, first[-1].token)
        assert (names(second), gone(second), second[-1].full) == ({"b.ics", "c.ics"}, {"a.ics"}, False)


async def test_a_token_from_a_server_that_lost_its_tokens_starts_over(outside):
    async with CalDavServer({"a.ics": event("a")}) as server:
        remote = backend(outside, server.url)
        [before] = await pull(remote, server.url)
        server.tokens = False
        [after] = await pull(remote, server.url, before.token)

    assert (names([after]), after.full) == ({"a.ics"}, True)


async def test_a_server_that_lists_the_calendar_itself(outside):
    async with CalDavServer({"a.ics": event("a")}, lists_itself=True) as server:
        assert names(await pull(backend(outside, server.url), server.url)) == {"a.ics"}


async def test_one_object_that_breaks_the_xml_hides_no_other(outside):
    async with CalDavServer({"a.ics": event("a"), "b.ics": event("b", "\x0b")}, no_xml={"b.ics"}) as server:
        assert names(await pull(backend(outside, server.url), server.url)) == {"a.ics", "b.ics"}


async def test_hrefs_of_another_origin_are_not_followed(outside):
    stranger = '<D:response><D:href>https://evil.example/x.ics</D:href><D:propstat><D:prop><D:getetag>"1"</D:getetag>'
    stranger += "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    async with CalDavServer({"a.ics": event("a")}, tokens=False, stranger=stranger) as server:
        assert names(await pull(backend(outside, server.url), server.url)) == {"a.ics"}


async def test_what_a_server_rewrites_comes_back_as_it_is_there(outside):
    async with CalDavServer(rewrites=True) as server:
        put = await backend(outside, server.url).put(server.url, CalendarObject("a b.ics", event("a")), None)

        assert (put.href, put.text) == ("a b.ics", server.objects["a b.ics"])
        assert put.etag == etag_of(put.text)


async def test_the_very_text_is_sent(outside):
    text = event("a", "x" * 100, "20260105T090000Z", 'X-ODD;P="a:b":\\;,^\'', "x-lower:1")
    async with CalDavServer() as server:
        await backend(outside, server.url).put(server.url, CalendarObject("a.ics", text), None)

        assert server.objects == {"a.ics": text}


async def test_a_zone_that_a_client_only_names_is_described(outside):
    """Not every server knows zones by their names alone, as we do (RFC 7809 3.1.1)."""
    text = event("a").replace("DTSTART:", "DTSTART;TZID=Europe/Berlin:").replace("00Z", "00")
    async with CalDavServer() as server:
        remote = backend(outside, server.url)
        first = await remote.put(server.url, CalendarObject("a.ics", text), None)
        assert await remote.put(server.url, CalendarObject("a.ics", text), None) == first

        stored = server.objects["a.ics"]
        start, end = stored.index("BEGIN:VTIMEZONE"), stored.index("END:VTIMEZONE") + len("END:VTIMEZONE\r\n")
        assert "TZID:Europe/Berlin" in stored[start:end]
        assert (stored[:start] + stored[end:], first.text) == (text, stored)


async def test_a_put_that_got_through_may_be_tried_again(outside):
    async with CalDavServer() as server:
        remote = backend(outside, server.url)
        first = await remote.put(server.url, CalendarObject("a.ics", event("a")), None)
        assert await remote.put(server.url, CalendarObject("a.ics", event("a")), None) == first

        second = await remote.put(server.url, CalendarObject("a.ics", event("a", "2")), first.etag)
        assert await remote.put(server.url, CalendarObject("a.ics", event("a", "2")), first.etag) == second


async def test_a_change_to_what_is_gone(outside):
    async with CalDavServer() as server:
        remote = backend(outside, server.url)
        with pytest.raises(RemoteGone):
            await remote.put(server.url, CalendarObject("a.ics", event("a")), "etag")
        await remote.delete(server.url, "a.ics", "etag")
        await remote.delete(server.url, "a.ics", None)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, SignInExpired),
        (403, RefusedByProvider),
        (404, RemoteGone),
        (429, BackendUnavailable),
        (500, BackendUnavailable),
        (503, BackendUnavailable),
        (507, RefusedByProvider),
    ],
)
async def test_refusals(outside, status, error):
    async with CalDavServer(status=status, headers={"Retry-After": "7"}) as server:
        remote = backend(outside, server.url)
        with pytest.raises(error) as refused:
            await pull(remote, server.url)
        with pytest.raises(error):
            await remote.put(server.url, CalendarObject("a.ics", event("a")), None)

    if error is BackendUnavailable:
        assert refused.value.retry_after == 7


@pytest.mark.parametrize(
    ("promises", "schedules"),
    [
        pytest.param("1, 3, calendar-access, Calendar-Auto-Schedule", True, id="invites by itself"),
        pytest.param("1, 3, calendar-access, calendar-schedule", False, id="has boxes only"),
        pytest.param("", False, id="says nothing"),
    ],
)
async def test_servers_that_invite_people_by_themselves_are_known(outside, promises, schedules):
    async with CalDavServer(promises=promises) as server:
        [calendar] = await backend(outside, server.url).calendars()

    assert calendar.schedules is schedules


async def test_a_page_is_no_caldav(outside):
    async with CalDavServer(status=200) as server:
        with pytest.raises(BackendUnavailable, match="does not speak CalDAV"):
            await pull(backend(outside, server.url), server.url)


async def test_the_gateways_own_network_is_out_of_reach(outside):
    inside = Outside(outside.http, outside.google, outside.microsoft)
    async with CalDavServer({"a.ics": event("a")}) as server:
        with pytest.raises(RefusedByProvider, match="not a public address"):
            await pull(backend(inside, server.url), server.url)


# Names


@pytest.mark.parametrize(
    ("url", "spelled"),
    [
        ("https://example.com/a%40b/%7ec/", "https://example.com/a@b/~c/"),
        ("https://example.com/a@b/~c/", "https://example.com/a@b/~c/"),
        ("https://example.com/a%2Fb/", "https://example.com/a%2Fb/"),
        ("https://example.com/a b/ü", "https://example.com/a%20b/%C3%BC"),
        ("https://EXAMPLE.com:443", "https://example.com/"),
    ],
)
def test_one_spelling_for_all(url, spelled):
    assert canonical(url) == spelled
    assert canonical(spelled) == spelled


@pytest.mark.parametrize(
    "href", ["a.ics", "a b.ics", "ü@x.ics", "50%.ics", "a?b#c.ics", "a+b&c.ics", "/other/place.ics"]
)
def test_a_name_leads_back_to_itself(href):
    url = url_of("https://example.com/cal/", href)

    assert canonical(url) == url
    assert href_of("https://example.com/cal/", url) == href


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/cal/a%40b.ics", "https://example.com/cal/a@b.ics"),
        ("https://example.com/cal/a.ics", "https://example.com/cal/a.ics"),
        ("https://example.com:443/cal/a.ics", "https://example.com/cal/a.ics"),
        ("https://example.com:8443/cal/a.ics", None),
        ("http://example.com/cal/a.ics", None),
        ("//evil.example/cal/a.ics", None),
        ("file:///etc/passwd", None),
    ],
)
def test_answers_stay_at_their_origin(href, url):
    assert within("https://example.com/cal/", href) == url


@pytest.mark.parametrize(
    ("home", "allowed"),
    [
        pytest.param("https://p12-caldav.icloud.com:443/1/calendars/", True, id="iCloud's own hosts"),
        pytest.param("http://p12-caldav.icloud.com/1/calendars/", False, id="not in clear text"),
        pytest.param("https://caldav.icloud.com.evil.example/", False, id="a name that looks like it"),
        pytest.param("https://evil-icloud.com/", False, id="a name that ends like it"),
    ],
)
def test_where_a_home_may_be(home, allowed):
    assert is_neighbour("https://caldav.icloud.com/", home) is allowed


def test_a_second_level_name_has_no_neighbours():
    assert not is_neighbour("https://example.com/", "https://other.com/")


@pytest.mark.parametrize("etag", ['"abc"', 'W/"abc"'])
def test_etags_keep_their_kind(etag):
    assert quoted(bare(etag)) == etag


# Descriptions


def described(props: str, href: str = "/cal/work/") -> list[RemoteCalendar]:
    kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
    body = f"""<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"
        xmlns:A="http://apple.com/ns/ical/"><D:response><D:href>{href}</D:href><D:propstat><D:prop>{kind}{props}
        </D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"""
    url = "https://example.com/cal/"
    answer = Answer(207, CIMultiDictProxy(CIMultiDict({"Content-Type": "application/xml"})), body.encode(), url)
    return read_calendars(read_members(read_xml(answer)), url, "https://example.com/principals/ann/")


READ = "<D:current-user-privilege-set><D:privilege><D:read/></D:privilege></D:current-user-privilege-set>"
WRITE = (
    "<D:current-user-privilege-set><D:privilege><D:read/></D:privilege><D:privilege><D:write-content/></D:privilege>"
    "</D:current-user-privilege-set>"
)
TASKS = '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>'
FREE = "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>"
ZONE = "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Europe/Berlin\nEND:VTIMEZONE\nEND:VCALENDAR\n"


@pytest.mark.parametrize(
    ("props", "writable", "busy", "primary"),
    [
        pytest.param("", True, True, True, id="nothing said"),
        pytest.param(READ, False, True, False, id="to be read"),
        pytest.param(WRITE, True, True, True, id="to be written"),
        pytest.param("<D:owner><D:href>/principals/ann/</D:href></D:owner>", True, True, True, id="her own"),
        pytest.param("<D:owner><D:href>/principals/ann</D:href></D:owner>", True, True, True, id="her own, no slash"),
        pytest.param("<D:owner><D:href>/principals/bob/</D:href></D:owner>", True, False, False, id="somebody else's"),
        pytest.param(TASKS, True, False, False, id="tasks"),
        pytest.param(FREE, True, False, True, id="never busy"),
    ],
)
def test_what_a_calendar_is_for(props, writable, busy, primary):
    [calendar] = described(props)

    assert (calendar.writable, calendar.busy, calendar.primary, calendar.merged) == (writable, busy, primary, True)


@pytest.mark.parametrize(
    ("props", "name", "color", "zone"),
    [
        pytest.param("", "work", "", "", id="nothing said"),
        pytest.param("<D:displayname> Büro </D:displayname>", "Büro", "", "", id="a name"),
        pytest.param("<A:calendar-color>#FF2968FF</A:calendar-color>", "work", "#ff2968", "", id="Apple's colour"),
        pytest.param("<A:calendar-color>red</A:calendar-color>", "work", "", "", id="no colour of ours"),
        pytest.param(f"<C:calendar-timezone>{ZONE}</C:calendar-timezone>", "work", "", "Europe/Berlin", id="a zone"),
        pytest.param("<C:calendar-timezone>nonsense</C:calendar-timezone>", "work", "", "", id="no zone"),
        pytest.param(
            "<C:calendar-timezone-id>Europe/Paris</C:calendar-timezone-id>", "work", "", "Europe/Paris", id="its name"
        ),
    ],
)
def test_how_a_calendar_looks(props, name, color, zone):
    [calendar] = described(props)

    assert (calendar.id, calendar.displayname) == ("https://example.com/cal/work/", name)
    assert (calendar.color, calendar.zone) == (color, zone)


def test_a_calendar_of_another_origin_is_none_of_hers():
    assert described("", "https://evil.example/cal/work/") == []
