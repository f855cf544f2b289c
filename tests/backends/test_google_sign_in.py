"""Tokens of the Google backend, and what it makes of Google's refusals."""

import asyncio
import json

import pytest
from aiohttp import ClientSession

from gateway.backends.google import ROW
from gateway.backends.google.api import read_error
from gateway.errors import (
    BackendUnavailable,
    ReadOnlyCalendar,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
    SignInExpired,
)
from tests.fakes.google import ALICE, meeting
from tests.fakes.google_account import SignedIn


@pytest.fixture
async def http():
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def alice(google, http):
    return SignedIn(google, http)


async def test_an_expired_access_token_is_renewed_and_kept(google, alice):
    google.expire_access_tokens()

    assert ALICE in {calendar.id for calendar in await alice.backend.calendars()}

    [saved] = alice.saved
    old, new = json.loads(alice.secret), json.loads(saved)
    assert new["token"] != old["token"]
    assert {**new, "token": old["token"], "expiry": ""} == {**old, "expiry": ""}


async def test_the_kept_token_is_good_for_the_next_time(google, http, alice):
    google.expire_access_tokens()
    await alice.backend.calendars()
    again = SignedIn(google, http, secret=alice.saved[-1])

    await again.backend.calendars()

    assert again.saved == []


async def test_a_token_is_kept_before_it_is_used(google, http):
    class Refusing(SignedIn):
        async def _save(self, _):
            raise OSError("disk full")

    alice = Refusing(google, http)
    google.expire_access_tokens()
    google.requests.clear()
    with pytest.raises(OSError, match="disk full"):
        await alice.backend.calendars()

    assert [request.partition("?")[0] for request in google.requests] == [
        "GET /calendar/v3/users/me/calendarList",
        "POST /token",
    ]


async def test_calls_at_once_renew_once(google, alice):
    google.expire_access_tokens()

    await asyncio.gather(*(alice.backend.calendars() for _ in range(4)))

    assert len(alice.saved) == 1


async def test_a_bare_refresh_token_with_our_own_client_is_enough(google, http):
    bare = json.dumps({"refresh_token": json.loads(google.authorized_user(ALICE))["refresh_token"]})
    alice = SignedIn(google, http, secret=bare)

    await alice.backend.calendars()

    assert json.loads(alice.saved[0])["token"]


async def test_a_revoked_sign_in_has_to_be_renewed_by_its_owner(google, alice):
    google.revoke(ALICE)

    with pytest.raises(SignInExpired):
        await alice.backend.calendars()


async def test_a_sign_in_that_may_do_too_little_has_to_be_renewed(google, http):
    alice = SignedIn(google, http, scopes=("https://www.googleapis.com/auth/calendar.events",))

    with pytest.raises(SignInExpired, match="too little"):
        await alice.backend.calendars()
    assert alice.saved == []


@pytest.mark.parametrize("secret", ["", "[]", "{}", '"x"', "not json"])
async def test_a_secret_that_is_no_token_file_is_a_sign_in_to_be_renewed(google, http, secret):
    with pytest.raises(SignInExpired):
        await SignedIn(google, http, secret=secret).backend.calendars()


@pytest.mark.parametrize(
    ("status", "reason", "retry_after"),
    [
        (403, "rateLimitExceeded", None),
        (403, "userRateLimitExceeded", 7),
        (403, "quotaExceeded", None),
        (429, "rateLimitExceeded", 30),
        (500, "backendError", None),
        (503, "backendError", 2),
    ],
)
async def test_limits_and_outages_are_for_later(google, alice, status, reason, retry_after):
    google.fail_next(status, reason=reason, retry_after=retry_after)

    with pytest.raises(BackendUnavailable) as caught:
        await alice.everything()

    assert caught.value.retry_after == retry_after
    await alice.everything()


async def test_a_dropped_connection_is_for_later(google, alice):
    google.fail_next(0, times=10)

    with pytest.raises(BackendUnavailable):
        await alice.backend.calendars()


async def test_a_host_that_is_not_there_is_for_later(google, alice):
    await google.stop()

    with pytest.raises(BackendUnavailable):
        await alice.backend.calendars()


async def test_an_outage_of_the_token_endpoint_is_no_lost_sign_in(google, alice):
    google.expire_access_tokens()
    google.fail_next(503, times=20, path="/token")

    with pytest.raises(BackendUnavailable):
        await alice.backend.calendars()


async def test_a_failure_in_mid_pull_gives_no_token(google, alice):
    for number in range(4):
        google.add_event(ALICE, meeting(f"Event {number}"))
    google.limit_pages(1)
    google.fail_next(503, path="pageToken")

    with pytest.raises(BackendUnavailable):
        await alice.everything()


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (400, {"reason": "invalid"}, RefusedByProvider),
        (401, {"reason": "authError"}, SignInExpired),
        (403, {"reason": "forbiddenForNonOrganizer"}, RefusedByProvider),
        (403, {"reason": "requiredAccessLevel"}, ReadOnlyCalendar),
        (404, {"reason": "notFound"}, RemoteGone),
        (410, {"reason": "deleted"}, RemoteGone),
        (412, {"reason": "conditionNotMet"}, RemoteConflict),
        (502, None, BackendUnavailable),
        (418, None, RefusedByProvider),
    ],
)
def test_errors_of_google_mean(status, content, expected):
    body = json.dumps({"error": {"errors": [content], "message": "Said so"}}).encode() if content else b"<html>"

    found = read_error({"status": str(status)}, body)

    assert isinstance(found, expected)
    assert content is None or "Said so" in str(found)


def test_the_row_says_that_google_rewrites_and_invites():
    assert (ROW.kind, ROW.remote, ROW.verbatim, ROW.sends_mail) == ("google", True, False, True)
