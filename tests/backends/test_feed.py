import pytest

from gateway.backends.base import Account, Outside
from gateway.backends.feed import CALENDAR, FeedBackend, Seen, decode, lasting_etag, normal_url, read_opening
from gateway.backends.fetch import Login
from gateway.errors import (
    BackendUnavailable,
    InvalidRequest,
    ReadOnlyCalendar,
    RefusedByProvider,
    RemoteGone,
    SignInExpired,
)
from gateway.model import Changes
from tests.fakes.feed import FeedServer
from tests.fakes.objects import event, feed, series

TWO = feed(event("one"), event("two"), name="Holidays")


async def never(secret: str) -> None:
    raise AssertionError("a feed has no secret to renew")


def backend(outside: Outside, url: str, **settings: str) -> FeedBackend:
    return FeedBackend(Account({"url": url, **settings}, "", never), outside)


async def pull(feed_backend: FeedBackend, token: str | None = None) -> list[Changes]:
    return [page async for page in feed_backend.changes(CALENDAR, token)]


def uids(page: Changes) -> set[str]:
    return {line for obj in page.objects for line in obj.text.split("\r\n") if line.startswith("UID:")}


async def test_a_pull_gives_one_object_for_each_uid(outside):
    async with FeedServer(feed(event("one"), series("two"))) as server:
        [page] = await pull(backend(outside, server.url))

    assert uids(page) == {"UID:one", "UID:two"}
    assert page.full
    assert sorted(obj.text.count("BEGIN:VEVENT") for obj in page.objects) == [1, 2]


@pytest.mark.parametrize(
    ("etags", "last_modified", "answered"),
    [
        pytest.param(True, "", [200, 304], id="ETag"),
        pytest.param(False, "Wed, 11 Nov 2026 10:00:00 GMT", [200, 304], id="Last-Modified"),
        pytest.param(True, "Wed, 11 Nov 2026 10:00:00 GMT", [200, 304], id="both"),
        pytest.param(False, "", [200, 200], id="neither"),
    ],
)
async def test_an_unchanged_feed_brings_no_page(outside, etags, last_modified, answered):
    async with FeedServer(TWO, etags=etags, last_modified=last_modified) as server:
        [first] = await pull(backend(outside, server.url))
        assert await pull(backend(outside, server.url), first.token) == []

        assert server.answered == answered


async def test_only_what_changed_gets_another_etag(outside):
    async with FeedServer(TWO) as server:
        [before] = await pull(backend(outside, server.url))
        server.text = TWO.replace("SUMMARY:Meeting", "SUMMARY:Moved", 1)
        [after] = await pull(backend(outside, server.url), before.token)

    old, new = ({obj.href: obj.etag for obj in page.objects} for page in (before, after))
    assert old.keys() == new.keys()
    assert len(set(old.items()) ^ set(new.items())) == 2


async def test_a_new_stamp_at_every_look_is_no_change(outside):
    """Google's feeds carry the time of the request as DTSTAMP of every event."""
    async with FeedServer(TWO) as server:
        [before] = await pull(backend(outside, server.url))
        server.text = TWO.replace("DTSTAMP:20260101T000000Z", "DTSTAMP:20260606T060606Z")
        assert await pull(backend(outside, server.url), before.token) == []

        server.text = server.text.replace("SUMMARY:Meeting", "SUMMARY:Moved", 1)
        [after] = await pull(backend(outside, server.url), before.token)
    assert len({obj.etag for obj in before.objects} & {obj.etag for obj in after.objects}) == 1


async def test_an_event_that_left_the_feed_is_in_no_page(outside):
    async with FeedServer(TWO) as server:
        [before] = await pull(backend(outside, server.url))
        server.text = feed(event("two"))
        [after] = await pull(backend(outside, server.url), before.token)

    assert uids(after) == {"UID:two"}
    assert after.full


async def test_an_emptied_feed_is_an_empty_page(outside):
    async with FeedServer(feed()) as server:
        [page] = await pull(backend(outside, server.url))

    assert (list(page.objects), page.full) == ([], True)


@pytest.mark.parametrize("token", ["", "{}", "nonsense", "[1]", '{"what": 1}', '"e"'])
async def test_a_strange_token_is_none(outside, token):
    async with FeedServer(TWO) as server:
        [page] = await pull(backend(outside, server.url), token)

    assert len(page.objects) == 2


async def test_compressed(outside):
    async with FeedServer(TWO, gzipped=True) as server:
        [page] = await pull(backend(outside, server.url))

    assert len(page.objects) == 2


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("<html>Please sign in</html>", BackendUnavailable, id="a page"),
        pytest.param(TWO[: len(TWO) // 2], BackendUnavailable, id="half a feed"),
        pytest.param("", BackendUnavailable, id="nothing"),
    ],
)
async def test_what_is_no_feed_deletes_nothing(outside, text, error):
    async with FeedServer(text) as server:
        with pytest.raises(error):
            await pull(backend(outside, server.url))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, SignInExpired),
        (403, RefusedByProvider),
        (404, RemoteGone),
        (410, RemoteGone),
        (500, BackendUnavailable),
    ],
)
async def test_refusals(outside, status, error):
    async with FeedServer(TWO, status=status) as server:
        with pytest.raises(error):
            await pull(backend(outside, server.url))
        with pytest.raises(error):
            await backend(outside, server.url).calendars()


async def test_when_to_come_back_is_passed_on(outside):
    async with FeedServer(TWO, status=503, headers={"Retry-After": "90"}) as server:
        with pytest.raises(BackendUnavailable) as refused:
            await pull(backend(outside, server.url))

    assert refused.value.retry_after == 90


async def test_redirects_lead_to_the_feed(outside):
    async with FeedServer(TWO, moved={"/calendar.ics": "/new/place.ics"}, moved_with=301) as server:
        [page] = await pull(backend(outside, server.url))

    assert len(page.objects) == 2


async def test_a_login_in_the_address_is_used(outside):
    async with FeedServer(TWO, password="Basic YW5uOnM6ZWNyZXQ=") as server:
        address = server.url.replace("http://", "http://ann:s%3Aecret@")
        [page] = await pull(backend(outside, address))

    assert len(page.objects) == 2


async def test_the_address_may_be_the_accounts_secret(outside):
    async with FeedServer(TWO) as server:
        secret = FeedBackend(Account({}, server.url, never), outside)
        [page] = await pull(secret)

    assert len(page.objects) == 2


async def test_the_feed_names_its_calendar(outside):
    named = TWO.replace(
        "X-WR-CALNAME:", "X-WR-TIMEZONE:Europe/Berlin\r\nX-APPLE-CALENDAR-COLOR:#FF2968FF\r\nX-WR-CALNAME:"
    )
    async with FeedServer(named) as server:
        [calendar] = await backend(outside, server.url).calendars()

    assert (calendar.displayname, calendar.color, calendar.zone) == ("Holidays", "#ff2968", "Europe/Berlin")
    assert (calendar.writable, calendar.merged, calendar.busy) == (False, True, False)
    assert "127.0.0.1" not in calendar.id


async def test_a_name_that_was_given_wins(outside):
    async with FeedServer(TWO) as server:
        [calendar] = await backend(outside, server.url, name="Feiertage").calendars()

    assert calendar.displayname == "Feiertage"


async def test_a_feed_without_a_name_is_called_by_its_host(outside):
    async with FeedServer(feed(event("one"))) as server:
        [calendar] = await backend(outside, server.url).calendars()

    assert calendar.displayname == "127.0.0.1"


async def test_a_page_is_no_calendar_to_connect_to(outside):
    async with FeedServer("<html>", content_type="text/html") as server:
        with pytest.raises(RefusedByProvider, match="no calendar at this address"):
            await backend(outside, server.url).calendars()


async def test_nothing_can_be_written(outside):
    feed_backend = backend(outside, "https://example.com/c.ics")
    with pytest.raises(ReadOnlyCalendar):
        await feed_backend.delete(CALENDAR, "one.ics", None)


@pytest.mark.parametrize(
    ("given", "url", "login"),
    [
        ("webcal://example.com/a.ics", "https://example.com/a.ics", None),
        ("WEBCALS://example.com/a.ics", "https://example.com/a.ics", None),
        (" http://example.com/a.ics?key=a%2Fb ", "http://example.com/a.ics?key=a%2Fb", None),
        ("https://example.com/a%40b/c.ics", "https://example.com/a%40b/c.ics", None),
        ("https://bücher.example/ä b.ics", "https://xn--bcher-kva.example/%C3%A4%20b.ics", None),
        ("https://ann:p%40ss@example.com/a.ics", "https://example.com/a.ics", Login("ann", "p@ss")),
    ],
)
def test_addresses_as_people_paste_them(given, url, login):
    assert normal_url(given) == (url, login)


@pytest.mark.parametrize("given", ["", "example.com", "file:///etc/passwd", "https://", "javascript:alert(1)"])
def test_what_is_no_address(given):
    with pytest.raises(InvalidRequest):
        normal_url(given)


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        pytest.param("für".encode(), "", "für", id="UTF-8"),
        pytest.param("\ufefffür".encode(), "text/calendar", "für", id="with a mark"),
        pytest.param("für".encode("latin-1"), "text/calendar; charset=iso-8859-1", "für", id="as the server says"),
        pytest.param("für –".encode("cp1252"), "text/calendar", "für –", id="old Windows"),
        pytest.param("für".encode("latin-1"), "text/calendar; charset=klingon", "für", id="unknown charset"),
    ],
)
def test_charsets(body, content_type, text):
    assert decode(body, content_type) == text


def test_the_opening_ends_before_the_first_component():
    assert read_opening("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:A\\, B\r\nBEGIN:VEVENT\r\nX-WR-CALN") == {
        "displayname": "A, B"
    }


def test_folded_stamps_do_not_count_either():
    assert lasting_etag("A:1\r\nDTSTAMP:2026\r\n 0101T000000Z\r\nB:2\r\n") == lasting_etag("A:1\r\nB:2\r\n")


def test_a_token_keeps_what_was_seen():
    seen = Seen('W/"x"', "Wed, 11 Nov 2026 10:00:00 GMT", "d")

    assert Seen.of(seen.token) == seen
