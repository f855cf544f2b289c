"""Graph's subscriptions: our backend over TLS against the simulated Microsoft, and what that tells."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from gateway.backends.base import Account, Channel, Hook, Listing, Notifying
from gateway.backends.outlook import OutlookBackend
from gateway.backends.outlook.notices import LONGEST
from gateway.backends.outlook.sign_in import APP_ONLY
from gateway.demo.post import Post
from gateway.errors import BackendUnavailable, ReadOnlyCalendar, RefusedByProvider, RemoteGone
from tests.fakes.inbox import open_inbox
from tests.fakes.microsoft import ALICE, event_body, running_microsoft

DAYS_4230 = timedelta(minutes=4_230)


@pytest.fixture
async def world(tmp_path):
    async with running_microsoft(tmp_path) as running:
        yield running


@pytest.fixture
async def inbox():
    async with open_inbox() as found:
        yield found


@pytest.fixture
def hook(inbox):
    return Hook(f"{inbox.url}/hooks/microsoft", "key-1", "a secret")


def week(world):
    return (world.clock() + timedelta(days=7)).timestamp()


async def opened(world, hook, calendar=None):
    return await world.backend().watch(calendar or world.calendar, hook, week(world))


def row(world, channel):
    return world.microsoft.subscriptions.made[channel.id].row


def kinds(inbox):
    return [[item["changeType"] for item in items] for items in inbox.graph]


async def test_a_subscription_is_greeted_and_tells_of_all_kinds_of_changes(world, inbox, hook):
    channel = await opened(world, hook)
    made = world.event()
    world.microsoft.change(made, {"subject": "Moved"})
    world.microsoft.delete(made)
    await world.microsoft.delivered()

    assert isinstance(world.backend(), Notifying)
    assert channel.greeted
    assert inbox.greeted == 2  # the lifecycle's address is tried as well
    assert kinds(inbox) == [["created"], ["updated"], ["deleted"]]
    [item] = inbox.graph[0]
    assert (item["subscriptionId"], item["clientState"]) == (channel.id, "a secret")
    assert item["resourceData"]["id"] == made  # immutable, as the subscription was made with that preference


async def test_what_is_asked_for(world, hook):
    channel = await opened(world, hook)

    asked = row(world, channel)
    assert asked["changeType"] == "created,updated,deleted"
    assert asked["resource"] == f"me/calendars/{world.calendar}/events"
    assert asked["lifecycleNotificationUrl"] == hook.address
    assert asked["clientState"] == "a secret"


async def test_it_never_asks_for_more_than_4230_minutes(world, hook):
    channel = await opened(world, hook)

    granted = datetime.fromtimestamp(channel.expires, UTC) - world.clock()
    assert granted == LONGEST < DAYS_4230


async def test_a_renewal_prolongs_the_same_subscription(world, hook):
    backend = world.backend()
    channel = await backend.watch(world.calendar, hook, week(world))
    world.clock.pass_by(hours=40)
    renewed = await backend.renew(channel, week(world))

    assert renewed.id == channel.id
    assert renewed.expires - channel.expires == 40 * 3_600


async def test_a_subscription_that_ended_cannot_be_renewed(world, inbox, hook):
    channel = await opened(world, hook)
    world.clock.pass_by(minutes=4_230)
    with pytest.raises(RemoteGone):
        await world.backend().renew(channel, week(world))
    world.event()
    await world.microsoft.delivered()

    assert inbox.graph == []


async def test_a_subscription_is_ended_once_and_for_all(world, inbox, hook):
    channel = await opened(world, hook)
    for _ in range(2):
        await world.backend().unwatch(channel)
    world.event()
    await world.microsoft.delivered()

    assert inbox.graph == []
    await world.backend().unwatch(Channel("there is none", "", 0.0))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda _: web.Response(text="hello"), id="another text"),
        pytest.param(lambda token: web.Response(text=token, content_type="text/html"), id="a page"),
        pytest.param(lambda token: web.Response(text=token, status=202), id="another status"),
        pytest.param(lambda token: web.Response(text=token.replace(" ", "+")), id="not decoded"),
    ],
)
async def test_a_wrong_greeting_makes_no_subscription(world, inbox, hook, answer):
    inbox.greeting = answer

    with pytest.raises(RefusedByProvider):
        await opened(world, hook)
    assert world.microsoft.subscriptions.made == {}


async def test_an_address_that_is_not_https_is_refused(world):
    with pytest.raises(RefusedByProvider):
        await opened(world, Hook("http://gateway.example/hooks/microsoft", "key", "secret"))


async def test_a_calendar_that_is_no_more_is_told_apart(world, hook):
    with pytest.raises(RemoteGone):
        await opened(world, hook, "AAMkNone=")


async def test_a_throttled_graph_is_told_apart(world, hook):
    world.microsoft.fail_next(429, "ApplicationThrottled", retry_after=20, path="/subscriptions")

    with pytest.raises(BackendUnavailable) as told:
        await opened(world, hook)
    assert told.value.retry_after == 20


async def test_other_calendars_are_not_told_of(world, inbox, hook):
    other = world.microsoft.add_calendar(ALICE, "Other")
    await opened(world, hook)
    world.microsoft.add_event(other, event_body())
    await world.microsoft.delivered()

    assert inbox.graph == []


async def test_one_post_may_be_about_several_subscriptions(world, inbox, hook):
    first, second = await opened(world, hook), await opened(world, hook)
    world.event()
    await world.microsoft.delivered()

    assert [{item["subscriptionId"] for item in items} for items in inbox.graph] == [{first.id, second.id}]


@pytest.mark.parametrize("told", ["reauthorizationRequired", "subscriptionRemoved", "missed"])
async def test_lifecycle_notices(world, inbox, hook, told):
    channel = await opened(world, hook)
    world.microsoft.subscriptions.tell(told, channel.id)
    await world.microsoft.delivered()

    [[item]] = inbox.graph
    assert (item["lifecycleEvent"], item["subscriptionId"], item["clientState"]) == (told, channel.id, "a secret")
    assert (channel.id in world.microsoft.subscriptions.made) == (told != "subscriptionRemoved")


@pytest.mark.parametrize(
    ("post", "wanted"),
    [
        (Post.PROMPT, [["created"], ["updated"]]),
        (Post.TWICE, [["created"], ["created"], ["updated"], ["updated"]]),
        (Post.NEVER, []),
        (Post.LATE, [["created"], ["updated"]]),
        (Post.REVERSED, [["updated"], ["created"]]),
    ],
)
async def test_notices_come_as_they_are_told_to(world, inbox, hook, post, wanted):
    await opened(world, hook)
    world.microsoft.notices.post = post
    world.microsoft.change(world.event(), {"subject": "Another"})
    await world.microsoft.delivered()
    assert inbox.graph == [] or post in {Post.PROMPT, Post.TWICE}

    world.microsoft.notices.release()
    await world.microsoft.delivered()
    assert kinds(inbox) == wanted


async def test_what_is_not_accepted_is_sent_again(world, inbox, hook):
    inbox.answers = [500, 404]
    await opened(world, hook)
    world.event()
    await world.microsoft.delivered()

    assert kinds(inbox) == [["created"]] * 3
    assert world.microsoft.notices.answers == [500, 404, 202]


async def test_a_simulator_that_goes_on_where_it_was_keeps_its_subscriptions(world, inbox, hook):
    channel = await opened(world, hook)
    again = type(world.microsoft)(world.clock, world.microsoft.ca_file)
    again.restore(world.microsoft.state())

    assert again.subscriptions.made[channel.id] == world.microsoft.subscriptions.made[channel.id]


# Those that are open


async def test_subscriptions_are_listed_that_tell_us(world, inbox, hook):
    """Graph lists those that this application made for the person who signed in, in pages."""
    world.microsoft.subscriptions.page = 2
    mine = [await opened(world, hook) for _ in range(3)]
    await opened(world, replace(hook, address=hook.address.replace("127.0.0.1", "localhost")))

    assert isinstance(world.backend(), Listing)
    found = await world.backend().open_channels(hook.address)
    assert [channel.id for channel in found] == [channel.id for channel in mine]
    assert {channel.resource for channel in found} == {f"me/calendars/{world.calendar}/events"}
    assert [channel.expires for channel in found] == [channel.expires for channel in mine]


async def test_a_subscription_whose_answer_was_lost_is_listed(world, hook):
    world.microsoft.lost_answers.append("POST")
    with pytest.raises(BackendUnavailable):
        await opened(world, hook)

    [found] = await world.backend().open_channels(hook.address)
    await world.backend().unwatch(found)
    assert world.microsoft.subscriptions.made == {}


# Applications, which open mailboxes by name


async def keep_nothing(_secret):
    """An application's tokens are not kept."""


def of_application(world):
    named = {"sign_in": APP_ONLY, "tenant": "example.com", "mailbox": ALICE, "email": ALICE}
    return OutlookBackend(Account(named, "", keep_nothing), world.outside, world.clock)


async def test_an_application_watches_a_mailbox_by_its_name(world, inbox, hook):
    backend = of_application(world)
    channel = await backend.watch(world.calendar, hook, week(world))
    world.event()
    await world.microsoft.delivered()

    assert row(world, channel)["resource"] == f"users/{ALICE}/calendars/{world.calendar}/events"
    assert kinds(inbox) == [["created"]]
    assert (await backend.renew(channel, week(world))).id == channel.id
    await backend.unwatch(channel)
    assert world.microsoft.subscriptions.made == {}


async def test_mailboxes_that_an_application_may_not_open_are_not_watched(world, hook):
    world.microsoft.app_mailboxes = frozenset()

    with pytest.raises((RefusedByProvider, ReadOnlyCalendar)):
        await of_application(world).watch(world.calendar, hook, week(world))


async def test_an_application_does_not_go_through_those_of_its_whole_directory(world, hook):
    await of_application(world).watch(world.calendar, hook, week(world))
    before = len(world.microsoft.requests)

    assert list(await of_application(world).open_channels(hook.address)) == []
    assert len(world.microsoft.requests) == before
