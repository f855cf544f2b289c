"""Notification channels of the simulated Google."""

import pytest
from aiohttp import web

from tests.fakes.google import ALICE, BOB, Client, meeting, running_google


@pytest.fixture
async def google():
    async with running_google() as simulator:
        yield simulator


@pytest.fixture
async def inbox(aiohttp_server):
    """An address that keeps the notices it gets."""
    got = []

    async def receive(request):
        got.append({**{name: request.headers[name] for name in request.headers if name.startswith("X-Goog")}})
        assert await request.read() == b""
        return web.Response()

    app = web.Application()
    app.router.add_post("/hooks/google", receive)
    server = await aiohttp_server(app)
    server.got = got
    return server


def channel(address, **more):
    return {"id": "channel-1", "type": "web_hook", "address": str(address), "token": "secret", **more}


def watched(body):
    return lambda api: api.events().watch(calendarId=ALICE, body=body)


def stopped(body):
    return lambda api: api.channels().stop(body=body)


async def test_a_channel_says_sync_first_and_exists_after_each_change(google, inbox):
    opened = await Client(google).send(watched(channel(inbox.make_url("/hooks/google"))))
    google.add_event(ALICE, meeting())
    google.add_event(BOB, meeting())
    await google.delivered()

    assert [notice["X-Goog-Resource-State"] for notice in inbox.got] == ["sync", "exists"]
    assert {notice["X-Goog-Channel-Token"] for notice in inbox.got} == {"secret"}
    assert {notice["X-Goog-Resource-ID"] for notice in inbox.got} == {opened["resourceId"]}
    numbers = [int(notice["X-Goog-Message-Number"]) for notice in inbox.got]
    assert numbers == sorted(set(numbers))


async def test_a_stopped_or_expired_channel_is_silent(google, inbox):
    client = Client(google)
    opened = await client.send(watched(channel(inbox.make_url("/hooks/google"))))
    assert await client.refusal(stopped({"id": "channel-1", "resourceId": "guess"})) == (404, "notFound")
    await client.send(stopped({"id": opened["id"], "resourceId": opened["resourceId"]}))
    await Client(google).send(watched(channel(inbox.make_url("/hooks/google"), id="channel-2")))
    google.clock.forward(days=8)

    google.add_event(ALICE, meeting())
    await google.delivered()

    assert [notice["X-Goog-Resource-State"] for notice in inbox.got] == ["sync", "sync"]


async def test_an_expiration_is_a_string_of_milliseconds_and_at_most_a_week_away(google, inbox):
    body = channel(inbox.make_url("/hooks/google"), expiration="99999999999999")

    opened = await Client(google).send(watched(body))

    assert opened["expiration"] == str(int((google.clock.now.timestamp() + 7 * 86_400) * 1000))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"id": None}, "required", id="no id"),
        pytest.param({"type": "carrier_pigeon"}, "invalid", id="type"),
        pytest.param({"id": "x" * 65}, "invalid", id="long id"),
        pytest.param({"token": "x" * 257}, "invalid", id="long token"),
        pytest.param({"address": "http://gateway.example/hooks"}, "push.webhookUrlNotHttps", id="plain http"),
        pytest.param({"id": "taken"}, "channelIdNotUnique", id="an id used before"),
    ],
)
async def test_channels_google_refuses(google, changes, reason):
    client = Client(google)
    await client.send(watched(channel("https://gateway.example/hooks", id="taken")))

    body = channel("https://gateway.example/hooks") | changes
    assert await client.refusal(watched(body)) == (400, reason)
