"""What Google's own library does and does not do by itself, and that we count on it rightly."""

import asyncio
from pathlib import Path

import pytest

import gateway.backends.google as package
from gateway.backends.google.api import calendar_api
from gateway.backends.google.directory import directory_api
from gateway.errors import BackendUnavailable, ProviderUnreachable
from gateway.model import CalendarObject
from tests.fakes.google import ALICE
from tests.fakes.objects import event

ROOT = "https://calendar.company.example"


def test_every_request_goes_to_the_host_of_the_settings():
    calendar, directory = calendar_api(ROOT), directory_api(ROOT)

    assert calendar.events().list(calendarId="x").uri.startswith(f"{ROOT}/calendar/v3/calendars/x/events")
    assert directory.users().list(domain="x").uri.startswith(f"{ROOT}/admin/directory/v1/users?")


def test_nothing_is_sent_in_batches_as_those_would_go_to_google_itself():
    api = calendar_api(ROOT)
    assert api.new_batch_http_request()._batch_uri.startswith(
        "https://www.googleapis.com/"
    )  # whatever the settings say

    for file in Path(package.__file__).parent.glob("*.py"):
        assert "batch" not in file.read_text(encoding="utf-8").lower(), file.name


def test_answers_are_asked_for_compressed():
    assert "gzip" in calendar_api(ROOT).events().list(calendarId="x").headers["user-agent"]


async def test_the_library_tries_nothing_a_second_time_by_itself(google, alice):
    google.fail_next(503)
    google.requests.clear()

    with pytest.raises(BackendUnavailable):
        await alice.backend.calendars()

    assert len(google.requests) == 1


async def test_a_request_that_is_not_answered_is_sent_once(google, alice):
    google.fail_next(0, times=10)
    google.requests.clear()

    with pytest.raises(ProviderUnreachable):
        await alice.backend.calendars()

    assert len(google.requests) == 1


async def test_a_change_whose_answer_was_lost_is_sent_once(google, alice):
    google.written.clear()
    google.lose_next_answer("POST")
    obj = CalendarObject("", event("once@client.example", "Once"), "")

    with pytest.raises(ProviderUnreachable):
        await alice.backend.put(ALICE, obj, None)
    assert len(google.written) == 1

    await alice.backend.put(ALICE, obj, None)
    assert [one["summary"] for one in google.events(ALICE)] == ["Once"]


@pytest.mark.parametrize(("status", "retry_after"), [(503, 40), (500, None), (429, 7), (0, None)])
async def test_a_sign_in_that_fails_for_the_moment_is_asked_for_once(google, alice, status, retry_after):
    google.expire_access_tokens()
    google.fail_next(status, times=10, path="/token", retry_after=retry_after)
    google.requests.clear()

    with pytest.raises(BackendUnavailable) as caught:
        await alice.backend.calendars()

    assert caught.value.retry_after == retry_after
    assert google.requests.count("POST /token") == 1


async def test_calls_at_once_do_not_disturb_each_other(google, alice):
    found = await asyncio.gather(*(alice.backend.calendars() for _ in range(12)))

    assert {tuple(calendar.id for calendar in one) for one in found} == {tuple(one.id for one in found[0])}


async def test_the_loop_goes_on_while_google_answers(google, alice):
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.ensure_future(tick())
    await alice.backend.calendars()
    ticking.cancel()

    assert ticks > 1
