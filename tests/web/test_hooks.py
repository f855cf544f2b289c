"""/hooks, on a running server: who may say that something changed, and who may not."""

import json
from urllib.parse import quote

import pytest
import pytest_asyncio

from gateway.accounts.passwords import digest
from gateway.backends.base import Hook
from gateway.model import RemoteCalendar
from gateway.store import accounts, channels, jobs, principals
from gateway.store.channels import ChannelRow, State
from gateway.sync.notices.standing import WATCH
from gateway.sync.pull import PULL, key_of
from tests.fakes.microsoft import running_microsoft
from tests.whole import NOW, running, settings

GOOGLE, MICROSOFT = "/hooks/google", "/hooks/microsoft"
SECRET = "the-secret-of-the-channel"
LATER = NOW + 86_400


@pytest_asyncio.fixture
async def whole(tmp_path):
    """Its worker does nothing, so that what is due stays so."""
    async with running(settings(tmp_path)) as found:
        await found.parts.worker.stop()
        yield found


@pytest.fixture
def db(whole):
    return whole.parts.db


@pytest.fixture
def channel(db):
    """Adds an account with a channel; its pull is far off."""

    def make(key="key-1", kind="google", **changes):
        def write(conn):
            alice = principals.by_name(conn, "alice")
            account = accounts.add(conn, alice.id, kind, kind, {}, None, int(NOW))
            calendar = accounts.add_calendar(conn, alice.id, account, RemoteCalendar("main", "Main"))
            jobs.add(conn, PULL, key_of(account), {"account": account, "listed": 0.0}, due=LATER, user=alice.id)
            values = {"state": State.LIVE, "address": "", "digest": digest(SECRET), "opened": NOW, "since": NOW}
            values |= {"renew": LATER, "expires": LATER, "remote_id": key, "resource": "r", **changes}
            channels.add(conn, ChannelRow(key, alice.id, account, calendar, **values))
            return account

        return db.write_now(write)

    return make


def due(db, account):
    """Whether a pull of the account is due."""
    return db.read_now(jobs.get, PULL, key_of(account)).due == NOW


def goog(key="key-1", token=SECRET, state="exists", number="7", **more):
    named = {"X_Goog_Channel_ID": key, "X_Goog_Channel_Token": token, "X_Goog_Resource_State": state}
    return {**named, "X_Goog_Message_Number": number, "X_Goog_Resource_ID": "r", **more}


def item(key="key-1", state=SECRET, **more):
    return {"subscriptionId": key, "clientState": state, "changeType": "updated", "resourceData": {"id": "x"}, **more}


async def graph(whole, *items, body=None):
    sent = json.dumps({"value": list(items)}) if body is None else body
    return await whole("POST", MICROSOFT, sent, user=None, Content_Type="application/json")


async def strange(whole):
    text = (await whole("GET", "/metrics", user=None)).text
    return sum(int(line.split()[-1]) for line in text.split("\n") if line.startswith("gateway_strange_notices_total{"))


def as_it_is(db):
    def look(conn):
        everyone = accounts.everyone(conn)
        return (
            [channels.of_account(conn, account.id) for account in everyone],
            [jobs.get(conn, PULL, key_of(account.id)) for account in everyone],
        )

    return db.read_now(look)


# Google


@pytest.mark.parametrize("state", ["exists", "not_exists"])
async def test_a_change_at_google_makes_a_pull_due(whole, db, channel, state):
    account = channel()
    reply = await whole("POST", GOOGLE, user=None, **goog(state=state))

    assert (reply.status, reply.body) == (200, b"")
    assert due(db, account)
    row = db.read_now(channels.get, "key-1")
    assert (row.number, row.noticed) == (7, NOW)


async def test_googles_first_message_opens_the_ears_and_pulls_nothing(whole, db, channel):
    account = channel(state=State.NEW)
    reply = await whole("POST", GOOGLE, user=None, **goog(state="sync", number="1"))

    assert reply.status == 200
    assert not due(db, account)
    assert db.read_now(channels.get, "key-1").state == State.LIVE


async def test_a_first_message_before_the_answer_to_the_opening(whole, db, channel):
    channel(state=State.OPENING, remote_id="", resource="")
    await whole("POST", GOOGLE, user=None, **goog(state="sync", number="1"))

    row = db.read_now(channels.get, "key-1")
    assert (row.state, row.remote_id, row.resource, row.noticed) == (State.OPENING, "key-1", "r", NOW)


async def test_a_message_of_googles_that_comes_twice_counts_once(whole, db, channel):
    account = channel(number=7)
    reply = await whole("POST", GOOGLE, user=None, **goog(number="7"))

    assert reply.status == 200
    assert not due(db, account)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(goog(token="wrong"), id="wrong token"),
        pytest.param(goog(token=""), id="no token"),
        pytest.param(goog(token=SECRET + "x"), id="longer token"),
        pytest.param(goog(token=SECRET[:-1]), id="shorter token"),
        pytest.param(goog(token=digest(SECRET)), id="the digest itself"),
        pytest.param(goog(token="gehe\u00efm"), id="not ascii"),
        pytest.param(goog(key="key-2"), id="unknown channel"),
        pytest.param(goog(key="' OR 1=1 --"), id="sql"),
        pytest.param(goog(key="x" * 5_000), id="long key"),
        pytest.param(goog(key="key-1 "[:5] + "%"), id="wildcard"),
    ],
)
async def test_strangers_change_nothing_at_google_and_are_counted(whole, db, channel, given):
    channel()
    before = as_it_is(db)
    reply = await whole("POST", GOOGLE, user=None, **given)

    assert reply.status == 404
    assert as_it_is(db) == before
    assert await strange(whole) == 1
    assert whole.faults == {}


async def test_an_unknown_channel_and_a_wrong_token_are_answered_alike(whole, channel):
    channel()
    replies = [await whole("POST", GOOGLE, user=None, **given) for given in (goog(token="wrong"), goog(key="none"))]

    assert replies[0].body == replies[1].body
    assert replies[0].status == replies[1].status


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="no headers"),
        pytest.param(goog(state="gone"), id="unknown state"),
        pytest.param(goog(number="-1"), id="negative number"),
        pytest.param(goog(number="9" * 30), id="huge number"),
        pytest.param(goog(number="٣"), id="another alphabet"),
        pytest.param(goog(number=""), id="no number"),
        pytest.param(goog(key=""), id="no channel"),
    ],
)
async def test_what_is_no_notice_of_googles_is_refused(whole, db, channel, given):
    channel()
    before = as_it_is(db)
    reply = await whole("POST", GOOGLE, user=None, **given)

    assert reply.status == 400
    assert as_it_is(db) == before


async def test_a_key_of_an_outlook_channel_is_none_of_googles(whole, db, channel):
    channel("ours", kind="outlook", remote_id="theirs")
    reply = await whole("POST", GOOGLE, user=None, **goog(key="theirs"))

    assert reply.status == 404


# Microsoft's handshake


@pytest.mark.parametrize(
    "token",
    [
        "Validation: Testing client application reachability for subscription Request-Id: 1b2c",
        "a+b c%20d&e=f;g/h?i#j",
        "Größe",
        "x" * 1_024,
    ],
)
async def test_a_validation_token_comes_back_decoded_as_plain_text(whole, token):
    reply = await whole("POST", f"{MICROSOFT}?validationToken={quote(token, safe='')}", user=None)

    assert (reply.status, reply.text) == (200, token)
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-disposition"] == "attachment"
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")


async def test_blanks_may_be_sent_as_plus(whole):
    reply = await whole("POST", f"{MICROSOFT}?validationToken=Validation%3a+Testing+reachability", user=None)

    assert reply.text == "Validation: Testing reachability"


async def test_microsoft_is_greeted_while_its_answer_is_awaited(whole, tmp_path):
    """By the same process, on the same event loop."""
    async with running_microsoft(tmp_path) as world:
        hook = Hook(f"http://127.0.0.1:{whole.port}{MICROSOFT}", "key", SECRET)
        channel = await world.backend().watch(world.calendar, hook, world.clock().timestamp() + 86_400)

    assert channel.greeted


@pytest.mark.parametrize(
    "token",
    ["", "<script>alert(1)</script>", "a\r\nSet-Cookie: b=c", "\x00", "x" * 1_025, "a\u2028b", "\u202e"],
)
async def test_what_could_be_more_than_a_token_is_not_sent_back(whole, token):
    reply = await whole("POST", f"{MICROSOFT}?validationToken={quote(token, safe='')}", user=None)

    assert reply.status == 400
    assert "set-cookie" not in reply.headers
    assert b"<script>alert" not in reply.body


async def test_a_token_with_broken_bytes_breaks_nothing(whole):
    reply = await whole("POST", f"{MICROSOFT}?validationToken=%ff%fe", user=None)

    assert reply.status in {200, 400}
    assert whole.faults == {}


async def test_hooks_are_there_for_post_alone(whole):
    for path in (GOOGLE, f"{MICROSOFT}?validationToken=a"):
        assert (await whole("GET", path, user=None)).status == 404


# Microsoft's notices


async def test_a_change_in_outlook_makes_a_pull_due(whole, db, channel):
    account = channel("ours", kind="outlook", remote_id="theirs")
    reply = await graph(whole, item("theirs"))

    assert (reply.status, reply.body) == (202, b"")
    assert due(db, account)


async def test_one_post_is_about_several_subscriptions_and_each_knows_its_own_secret(whole, db, channel):
    first = channel("a", kind="outlook", remote_id="first")
    second = channel("b", kind="outlook", remote_id="second", digest=digest("another secret"))
    third = channel("c", kind="outlook", remote_id="third", digest=digest("a third one"))
    reply = await graph(whole, item("first"), item("second", "another secret"), item("third"), item("nobody's"))

    assert reply.status == 202
    assert [due(db, account) for account in (first, second, third)] == [True, True, False]
    assert await strange(whole) == 2


@pytest.mark.parametrize("state", ["", "wrong", None, 7, ["the"], {"a": 1}, "\ud800", "\u0000"])
async def test_strangers_change_nothing_in_outlook(whole, db, channel, state):
    channel("ours", kind="outlook", remote_id="theirs")
    before = as_it_is(db)
    reply = await graph(whole, item("theirs", state), item("theirs", state, lifecycleEvent="subscriptionRemoved"))

    assert reply.status == 202
    assert as_it_is(db) == before
    assert whole.faults == {}


@pytest.mark.parametrize(
    ("event", "pulled", "watched", "there"),
    [
        ("missed", True, False, True),
        ("subscriptionRemoved", True, True, False),
        ("reauthorizationRequired", True, True, True),
        ("somethingNew", False, False, True),
    ],
)
async def test_lifecycle_notices(whole, db, channel, event, pulled, watched, there):
    account = channel("ours", kind="outlook", remote_id="theirs")
    reply = await graph(whole, {**item("theirs"), "lifecycleEvent": event})

    assert reply.status == 202
    assert due(db, account) == pulled
    assert (db.read_now(jobs.get, WATCH, key_of(account)) is not None) == watched
    assert (db.read_now(channels.get, "ours") is not None) == there


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"value": 7}',
        b'{"value": [7]}',
        b'{"value": [{}]}',
        b'{"value": [null]}',
        b'{"value": {"subscriptionId": "a"}}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        json.dumps({"value": [item()] * 1_001}).encode(),
    ],
)
async def test_what_is_no_notice_of_graphs_is_refused(whole, db, channel, body):
    channel("ours", kind="outlook", remote_id="theirs")
    before = as_it_is(db)
    reply = await graph(whole, body=body)

    assert reply.status == 400
    assert as_it_is(db) == before
    assert whole.faults == {}


async def test_long_bodies_are_refused(whole):
    reply = await graph(whole, body=b" " * 262_145)

    assert reply.status == 413


async def test_nobody_signs_in_and_no_form_is_asked_for(whole, db, channel):
    """From any origin, with any cookie."""
    account = channel()
    reply = await whole("POST", GOOGLE, user=None, Origin="https://elsewhere.example", Cookie="session=x", **goog())

    assert reply.status == 200
    assert due(db, account)
    assert "set-cookie" not in reply.headers
