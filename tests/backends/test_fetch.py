from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from pydantic import ValidationError

from gateway.backends.answers import LONGEST_WAIT, retry_after
from gateway.backends.fetch import Answer, Login, Outgoing, permitted, refusal, web_address
from gateway.config import Limits
from gateway.errors import (
    BackendUnavailable,
    InvalidRequest,
    ProviderUnreachable,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
    SignInExpired,
)
from tests.fakes.digest import digest_server
from tests.fakes.feed import FeedServer
from tests.fakes.objects import event

HERE = ("127.0.0.0/8", "::1")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "fd00:ec2::254",
        "ff0e::1",
    ],
)
def test_an_address_inside_is_not_permitted(address):
    assert not permitted(address, [])


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_a_public_address_is_permitted(address):
    assert permitted(address, [])


@pytest.mark.parametrize(
    ("address", "allowed", "expected"),
    [
        pytest.param("10.1.2.3", "10.1.0.0/16", True, id="in the network"),
        pytest.param("10.2.2.3", "10.1.0.0/16", False, id="beside it"),
        pytest.param("::ffff:10.1.2.3", "10.1.0.0/16", True, id="written as IPv6"),
        pytest.param("::1", "::1", True, id="one address"),
    ],
)
def test_a_network_the_administrator_allows(address, allowed, expected):
    assert permitted(address, [ip_network(allowed)]) is expected


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_no_spelling_of_this_machine_is_reached(host):
    async with FeedServer(event("a")) as server, Outgoing() as outgoing:
        port = web_address(server.url).port
        with pytest.raises((RefusedByProvider, BackendUnavailable)):
            await outgoing.request("GET", f"http://{host}:{port}/calendar.ics")

        assert server.answered == []


async def test_a_redirect_inside_is_not_followed():
    """The first host is allowed by its name, the second is the same machine by its number."""
    async with FeedServer(event("a")) as server, Outgoing(("localhost",)) as outgoing:
        port = web_address(server.url).port
        server.moved = {"/calendar.ics": f"http://127.0.0.1:{port}/inside.ics"}
        with pytest.raises(RefusedByProvider, match="not a public address"):
            await outgoing.request("GET", f"http://localhost:{port}/calendar.ics")

        assert server.answered == [302]


async def test_three_redirects_are_followed_and_a_fourth_is_not():
    async with FeedServer(event("a")) as server, Outgoing(HERE) as outgoing:
        server.moved = {"/calendar.ics": "/2", "/2": "3", "/3": "/4"}
        answer = await outgoing.request("GET", server.url)
        assert (answer.status, answer.url.rpartition("/")[2]) == (200, "4")

        server.moved["/4"] = "/5"
        with pytest.raises(RefusedByProvider, match="redirects more than 3 times"):
            await outgoing.request("GET", server.url)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "javascript:1"]
)
async def test_only_the_web_is_followed(location):
    async with FeedServer(event("a")) as server, Outgoing(HERE) as outgoing:
        server.moved = {"/calendar.ics": location}
        with pytest.raises(InvalidRequest):
            await outgoing.request("GET", server.url)


async def test_another_host_never_sees_the_password():
    async with FeedServer(event("a")) as first, FeedServer(event("b")) as second:
        second.password = first.password = "Basic YW5uOnNlY3JldA=="
        async with Outgoing(HERE, Login("ann", "secret")) as outgoing:
            assert (await outgoing.request("GET", first.url)).status == 200
            first.moved = {"/calendar.ics": second.url}
            assert (await outgoing.request("GET", first.url)).status == 401

    assert first.seen_authorization == [False, True, True]
    assert second.seen_authorization == [False]


async def test_a_digest_log_in():
    async with digest_server("ann", "secret") as (url, kinds), Outgoing(HERE, Login("ann", "secret")) as outgoing:
        assert (await outgoing.request("PROPFIND", url, body=b"<x/>")).status == 200
        assert (await outgoing.request("GET", url)).status == 200

    assert kinds[-2:] == ["Digest", "Digest"]
    assert "Basic" not in kinds


async def test_a_wrong_digest_log_in_ends():
    async with digest_server("ann", "secret") as (url, kinds), Outgoing(HERE, Login("ann", "wrong")) as outgoing:
        assert (await outgoing.request("GET", url)).status == 401

    assert set(kinds) == {"", "Digest"}


async def test_no_more_is_read_than_allowed_even_if_it_comes_compressed():
    async with FeedServer("x" * 3_000_000, gzipped=True) as server, Outgoing(HERE) as outgoing:
        with pytest.raises(RefusedByProvider, match="more than 1 MB"):
            await outgoing.request("GET", server.url, limit=1_000_000)


async def test_reading_stops_when_it_is_enough():
    async with FeedServer("x" * 3_000_000) as server, Outgoing(HERE) as outgoing:
        answer = await outgoing.request("GET", server.url, limit=1_000_000, enough=lambda content: len(content) > 10)

    assert 10 < len(answer.body) <= 1_000_000


async def test_a_connection_that_breaks_is_a_matter_of_later():
    async with FeedServer(event("a"), cut=True) as server, Outgoing(HERE) as outgoing:
        with pytest.raises(BackendUnavailable):
            await outgoing.request("GET", server.url)


async def test_nobody_there_is_a_matter_of_later():
    async with FeedServer(event("a")) as server:
        url = server.url
    async with Outgoing(HERE) as outgoing:
        with pytest.raises(BackendUnavailable, match="cannot be reached"):
            await outgoing.request("GET", url)


def answer(status: int, **headers: str) -> Answer:
    fields = CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}))
    return Answer(status, fields, b"", "https://example.com/calendar")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, SignInExpired),
        (403, RefusedByProvider),
        (404, RemoteGone),
        (410, RemoteGone),
        (412, RemoteConflict),
        (418, RefusedByProvider),
        (423, BackendUnavailable),
        (429, BackendUnavailable),
        (500, BackendUnavailable),
        (503, BackendUnavailable),
        (507, RefusedByProvider),
    ],
)
def test_what_a_status_stands_for(status, kind):
    assert type(refusal(answer(status))) is kind


@pytest.mark.parametrize("status", [200, 201, 204, 207, 304])
def test_what_is_no_error(status):
    assert refusal(answer(status)) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "120"}, 120),
        ({"Retry_After": "Sat, 21 Nov 2026 10:02:00 GMT", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 120),
        ({"Retry_After": "Sat, 21 Nov 2026 09:00:00 GMT", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 0),
        ({"Retry_After": "Sat, 21 Nov 2026 10:02:00 GMT"}, None),
        ({"Retry_After": "9" * 400}, LONGEST_WAIT),
        ({"Retry_After": "Sat, 21 Nov 2126 10:02:00 GMT", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, LONGEST_WAIT),
        ({"Retry_After": "soon"}, None),
        ({}, None),
    ],
)
def test_when_to_come_back(headers, seconds):
    assert retry_after(answer(503, **headers).headers) == seconds


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("127.0.0.1", "127.0.0.1/32"),
        ("::1", "::1/128"),
        ("NAS.local", "nas.local"),
        ("localhost", "localhost"),
    ],
)
def test_networks_and_hosts_an_administrator_may_allow(given, kept):
    assert Limits(private_networks=(given,)).private_networks == (kept,)


@pytest.mark.parametrize("given", ["", "10.0.0.0/33", "300.1.2.3", "http://nas.local/", "a b"])
def test_what_is_neither_network_nor_host(given):
    with pytest.raises(ValidationError, match="neither a network"):
        Limits(private_networks=(given,))


class Diary:
    """A pace that writes down how each request fared."""

    def __init__(self):
        self.turns = []

    @asynccontextmanager
    async def turn(self):
        try:
            yield
        except BackendUnavailable as error:
            self.turns.append(type(error))
            raise
        self.turns.append(None)


async def test_each_request_takes_a_turn_that_learns_how_the_server_fares():
    pace = Diary()
    async with FeedServer(event("a")) as server, Outgoing(HERE, pace=pace) as outgoing:
        server.moved = {"/calendar.ics": "/2"}
        assert (await outgoing.request("GET", server.url)).status == 200
        await server.stop()
        with pytest.raises(ProviderUnreachable):
            await outgoing.request("GET", server.url)

    assert pace.turns == [None, None, ProviderUnreachable]


async def test_an_answer_that_the_server_is_unwell_is_given_back_and_told():
    pace = Diary()
    async with FeedServer(event("a"), status=503) as server, Outgoing(HERE, pace=pace) as outgoing:
        assert (await outgoing.request("GET", server.url)).status == 503

    assert [turn.__name__ for turn in pace.turns] == ["Ailing"]
