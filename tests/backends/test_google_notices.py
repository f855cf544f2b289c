"""Google's channels: our backend over real HTTP against the simulated Google, and what that tells."""

import pytest
from aiohttp import ClientSession

from gateway.backends.base import Channel, Hook, Notifying
from gateway.backends.google.notices import read_channel
from gateway.demo.post import Post
from gateway.errors import BackendUnavailable, Conflict, RefusedByProvider, RemoteGone
from tests.fakes.google import ALICE, BOB, TEAM, meeting
from tests.fakes.google_account import SignedIn
from tests.fakes.inbox import open_inbox

HOLIDAYS = "de.german#holiday@group.v.calendar.google.com"
DAY = 86_400


@pytest.fixture
async def inbox():
    async with open_inbox() as found:
        yield found


@pytest.fixture
async def backend(google):
    async with ClientSession() as http:
        yield SignedIn(google, http).backend


@pytest.fixture
def hook(inbox):
    return Hook(f"{inbox.url}/hooks/google", "key-1", "a secret")


def until(google, days=7):
    return google.clock.now.timestamp() + days * DAY


async def opened(google, backend, hook, calendar=ALICE, days=7):
    return await backend.watch(calendar, hook, until(google, days))


def states(inbox):
    return [notice["X-Goog-Resource-State"] for notice in inbox.google]


async def test_a_channel_is_ours_by_name_and_says_hello_then_tells_of_changes(google, backend, inbox, hook):
    channel = await opened(google, backend, hook)
    google.add_event(ALICE, meeting())
    google.add_event(TEAM, meeting())
    await google.delivered()

    assert isinstance(backend, Notifying)
    assert (channel.id, channel.expires, channel.greeted) == ("key-1", until(google), False)
    assert states(inbox) == ["sync", "exists"]
    assert {notice["X-Goog-Channel-ID"] for notice in inbox.google} == {"key-1"}
    assert {notice["X-Goog-Channel-Token"] for notice in inbox.google} == {"a secret"}
    assert {notice["X-Goog-Resource-ID"] for notice in inbox.google} == {channel.resource}


async def test_a_channel_ends_when_it_was_asked_to(google, backend, inbox, hook):
    channel = await opened(google, backend, hook, days=2)
    google.clock.forward(days=2)
    google.add_event(ALICE, meeting())
    await google.delivered()

    assert channel.expires == google.clock.now.timestamp()
    assert states(inbox) == ["sync"]


async def test_an_expiration_that_is_left_out_is_the_one_asked_for():
    assert read_channel({"id": "key", "resourceId": "r"}, 17.0) == Channel("key", "r", 17.0)
    assert read_channel({"id": "key", "resourceId": "r", "expiration": "5000"}, 17.0).expires == 5.0


async def test_google_renews_no_channel(google, backend, hook):
    assert await backend.renew(await opened(google, backend, hook), until(google)) is None


async def test_a_channel_is_stopped_with_both_its_ids(google, backend, inbox, hook):
    channel = await opened(google, backend, hook)
    await backend.unwatch(Channel(channel.id, "another resource", channel.expires))
    google.add_event(ALICE, meeting())
    await google.delivered()
    assert states(inbox) == ["sync", "exists"]

    await backend.unwatch(channel)
    await backend.unwatch(channel)
    google.add_event(ALICE, meeting())
    await google.delivered()
    assert states(inbox) == ["sync", "exists"]


async def test_a_channel_id_is_used_once(google, backend, hook):
    await opened(google, backend, hook)

    with pytest.raises(Conflict):
        await opened(google, backend, hook)


async def test_holidays_and_the_like_send_no_notices(google, backend, hook):
    google.add_calendar(ALICE, HOLIDAYS, "Holidays")

    assert await opened(google, backend, hook, HOLIDAYS) is None


async def test_an_address_that_is_not_https_is_refused(google, backend):
    with pytest.raises(RefusedByProvider):
        await opened(google, backend, Hook("http://gateway.example/hooks/google", "key", "secret"))


async def test_a_calendar_that_is_no_more_is_told_apart(google, backend, hook):
    with pytest.raises(RemoteGone):
        await opened(google, backend, hook, BOB)


async def test_a_busy_google_is_told_apart(google, backend, hook):
    google.fail_next(503, retry_after=30, path="/watch")

    with pytest.raises(BackendUnavailable) as told:
        await opened(google, backend, hook)
    assert told.value.retry_after == 30


# The simulator's faults


@pytest.mark.parametrize(
    ("post", "numbers"),
    [
        (Post.PROMPT, [1, 3, 5]),
        (Post.TWICE, [1, 3, 3, 5, 5]),
        (Post.NEVER, [1]),
        (Post.LATE, [1, 3, 5]),
        (Post.REVERSED, [1, 5, 3]),
    ],
)
async def test_notices_come_as_they_are_told_to(google, backend, inbox, hook, post, numbers):
    await opened(google, backend, hook)
    google.notices.post = post
    google.add_event(ALICE, meeting())
    google.add_event(ALICE, meeting())
    await google.delivered()
    held = post in {Post.LATE, Post.REVERSED}
    assert len(inbox.google) == (1 if held else len(numbers))

    google.notices.release()
    await google.delivered()
    assert [int(notice["X-Goog-Message-Number"]) for notice in inbox.google] == numbers


@pytest.mark.parametrize(("status", "times"), [(503, 2), (500, 2), (404, 1), (410, 1), (202, 1)])
async def test_only_some_answers_are_tried_again(google, backend, inbox, hook, status, times):
    inbox.answers = [status]
    await opened(google, backend, hook)
    await google.delivered()

    assert states(inbox) == ["sync"] * times


async def test_a_simulator_that_goes_on_where_it_was_keeps_its_channels(google, backend, inbox, hook):
    await opened(google, backend, hook)
    await google.delivered()
    again = type(google)(google.clock, google.to_json())
    await again.start()
    try:
        again.add_event(ALICE, meeting())
        again.add_event(ALICE, meeting())
        await again.delivered()
    finally:
        await again.stop()

    assert states(inbox) == ["sync", "exists"]
