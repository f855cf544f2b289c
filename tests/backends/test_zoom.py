"""What we send to Zoom, and what its answers mean."""

import json
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession

from gateway.backends.rooms import Room, RoomWish
from gateway.backends.zoom import Zoom, body_of, room_of
from gateway.backends.zoom.tokens import UserTokens, read_secret
from gateway.backends.zoom.wire import Wire, refusal, wait_of
from gateway.demo.zoom import Fault, ZoomSimulator
from gateway.demo.zoom.state import from_json
from gateway.errors import (
    AccessTooNarrow,
    BackendUnavailable,
    ProviderUnreachable,
    RefusedByProvider,
    RemoteGone,
    SignInExpired,
    Throttled,
)

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TALK = RoomWish("Booking 1", "Talk", 1_795_600_800, 1_795_602_600, "Europe/Berlin")


def said(code, message="No."):
    return json.dumps({"code": code, "message": message})


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        pytest.param(401, said(124), SignInExpired, id="token past"),
        pytest.param(400, said(4711), AccessTooNarrow, id="scope missing"),
        pytest.param(404, said(3001), RemoteGone, id="meeting gone"),
        pytest.param(404, said(1001), RefusedByProvider, id="no such user"),
        pytest.param(400, said(300), RefusedByProvider, id="field wrong"),
        pytest.param(429, said(429), Throttled, id="too many"),
        pytest.param(503, "<html>", BackendUnavailable, id="down"),
        pytest.param(418, "[]", RefusedByProvider, id="no JSON object"),
    ],
)
def test_refusals(status, text, kind):
    assert type(refusal(status, {}, text, NOW.timestamp())) is kind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"Retry-After": "7"}, 7, id="seconds"),
        pytest.param({"retry-after": "2026-11-21T10:00:00Z"}, 3600, id="the very time, of a daily limit"),
        pytest.param({"Retry-After": "2026-11-21T10:00:00"}, 3600, id="without its zone"),
        pytest.param({"Retry-After": "2026-11-20T10:00:00Z"}, 0, id="past"),
        pytest.param({"Retry-After": "2036-11-20T10:00:00Z"}, 86_400, id="beyond all measure"),
        pytest.param({"Retry-After": "soon"}, None, id="in no form"),
        pytest.param({}, None, id="not said"),
    ],
)
def test_how_long_zoom_wants_to_be_left_alone(headers, seconds):
    assert wait_of(headers, NOW.timestamp()) == seconds


@pytest.mark.parametrize(("seconds", "minutes"), [(1800, 30), (1801, 31), (1, 1), (0, 1)])
def test_a_meeting_is_as_long_as_it_has_to_be(seconds, minutes):
    wish = RoomWish("m", "Talk", TALK.start, TALK.start + seconds, "UTC")
    assert body_of(wish)["duration"] == minutes


def test_names_fit_and_are_there():
    assert len(body_of(RoomWish("m", "x" * 300, 0, 60, "UTC"))["topic"]) == 200
    assert body_of(RoomWish("m", "", 0, 60, "UTC"))["topic"]


@pytest.mark.parametrize(
    "answer",
    [{}, {"id": 1}, {"id": "x", "join_url": "https://zoom.us/j/1"}, {"id": 1, "join_url": "javascript:alert(1)"}],
)
def test_an_answer_without_a_room_is_none(answer):
    with pytest.raises(BackendUnavailable):
        room_of(answer)


def test_what_guests_get_to_know():
    answer = {"id": 81, "join_url": "https://zoom.us/j/81", "start_url": "https://zoom.us/s/81?zak=x", "password": "pw"}
    assert room_of(answer) == Room("81", "https://zoom.us/j/81", ("Zoom-ID: 81", "Passcode: pw"))


@pytest.mark.parametrize("secret", ["", "[]", "{}", "no JSON"])
def test_a_secret_that_is_none(secret):
    with pytest.raises(SignInExpired):
        read_secret(secret)


@pytest.fixture
async def simulator():
    found = ZoomSimulator(lambda: NOW)
    found.add_user("alice@example.com", "Alice")
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
async def wire(simulator):
    async with ClientSession() as http:
        yield Wire(http, simulator.settings(), NOW.timestamp)


def signed_in(wire, secret, *stored):
    """stored: what is kept at each look, the last one ever after."""
    looks = [*stored]

    async def save(renewed):
        looks[:] = [renewed]

    async def look():
        return looks.pop(0) if looks[1:] else looks[0]

    return UserTokens(wire, secret, save, look)


@pytest.fixture
async def tokens(simulator, wire):
    secret = simulator.sign_in("alice@example.com")
    return signed_in(wire, secret, secret)


@pytest.fixture
async def zoom(wire, tokens):
    return Zoom(wire, tokens)


async def test_made_changed_and_removed(zoom, simulator):
    room = await zoom.open(TALK, again=False)
    await zoom.change(room.id, RoomWish(TALK.mark, "Longer", TALK.start, TALK.end + 600, TALK.zone))
    [meeting] = simulator.meetings
    assert (meeting["topic"], meeting["duration"], meeting["join_url"]) == ("Longer", 40, room.join_url)
    await zoom.close(room.id, TALK.mark)
    await zoom.close(room.id, TALK.mark)
    assert simulator.meetings == []
    with pytest.raises(RemoteGone):
        await zoom.change(room.id, TALK)


async def test_the_one_of_an_earlier_try_is_found_among_many(zoom, simulator):
    room = await zoom.open(TALK, again=False)
    for number in range(310):
        other = simulator.meetings[0] | {"id": number, "agenda": f"Other {number}"}
        simulator.state.meetings[str(number)] = other
    simulator.state.meetings[room.id] = simulator.state.meetings.pop(room.id)  # the last of the second page
    assert (await zoom.open(TALK, again=True)).id == room.id
    await zoom.close("", TALK.mark)
    assert room.id not in simulator.state.meetings


async def test_whoever_renews_second_takes_what_the_first_one_got(simulator, wire):
    old = simulator.sign_in("alice@example.com")
    held = json.loads(old)
    simulator.state.refresh["r-new"] = simulator.state.refresh.pop(held["refresh_token"])  # by another process
    new = json.dumps({**held, "refresh_token": "r-new", "until": NOW.timestamp() + 600})
    tokens = signed_in(wire, old, old, new)  # it is kept only after we have looked
    assert (await Zoom(wire, tokens).open(TALK, again=False)).join_url


async def test_a_sign_in_that_was_taken_back_is_over(zoom, simulator):
    simulator.state.end_sign_in("u1")
    with pytest.raises(SignInExpired):
        await zoom.open(TALK, again=False)


async def test_a_permission_that_is_missing_is_told_from_a_sign_in_that_is_over(zoom, simulator):
    for grant in (*simulator.state.access.values(), *simulator.state.refresh.values()):
        grant.scopes = ("user:read:user",)
    with pytest.raises(AccessTooNarrow):
        await zoom.open(TALK, again=False)


async def test_nobody_there(zoom, simulator):
    await simulator.stop()
    with pytest.raises(ProviderUnreachable):
        await zoom.open(TALK, again=False)


async def test_the_simulator_goes_on_where_it_was(zoom, simulator):
    await zoom.open(TALK, again=False)
    state = json.loads(json.dumps(simulator.state.to_json()))
    assert from_json(state) == simulator.state


@pytest.mark.parametrize(
    "body",
    [
        {"start_time": "2026-11-24 09:00"},
        {"duration": 0},
        {"duration": "30"},
        {"type": 9},
        {"timezone": "Mars"},
        {"topic": "x" * 201},
        {"colour": "red"},
    ],
)
async def test_the_simulator_is_strict(tokens, simulator, body):
    token = await tokens.token()
    async with (
        ClientSession() as http,
        http.post(
            f"{simulator.root}/v2/users/me/meetings", json=body, headers={"Authorization": f"Bearer {token}"}
        ) as answer,
    ):
        assert (answer.status, (await answer.json())["code"]) == (400, 300)


async def test_faults_are_used_up(zoom, simulator):
    simulator.faults.append(Fault("", 500))
    with pytest.raises(BackendUnavailable):
        await zoom.open(TALK, again=False)
    assert (await zoom.open(TALK, again=True)).id
