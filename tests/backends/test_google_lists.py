"""How Google's calendars are listed: in few requests, in the same words, from page to page."""

from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.backends.base import Resuming
from gateway.errors import InvalidSyncToken, RefusedByProvider
from tests.fakes.google import ALICE, meeting, weekly

PLACES = {"pageToken", "syncToken"}


def lists(google):
    """The options of each list asked for, in order."""
    asked = [urlsplit(line.partition(" ")[2]) for line in google.requests]
    return [parse_qs(one.query) for one in asked if one.path.endswith("/events")]


async def test_a_list_its_next_pages_and_the_next_round_are_asked_for_in_the_same_words(google, alice):
    for number in range(5):
        google.add_event(ALICE, meeting(f"Number {number}"))
    google.limit_pages(2)
    _, token = await alice.everything()
    google.add_event(ALICE, meeting("New"))
    await alice.pull(token)

    asked = lists(google)

    assert len(asked) > 4
    assert {frozenset(one.keys() - PLACES) for one in asked} == {frozenset({"alt", "maxResults"})}
    assert [one["syncToken"] for one in asked if "syncToken" in one][:1] == [[token]]
    assert not any({"timeMin", "timeMax", "orderBy", "q", "iCalUID", "singleEvents"} & one.keys() for one in asked)


@pytest.mark.parametrize("refusal", [(400, "required"), (400, "invalid"), (403, "forbidden")], ids=str)
async def test_a_refused_question_for_what_is_new_does_not_have_the_whole_calendar_read(google, alice, refusal):
    google.add_event(ALICE, meeting("Known"))
    _, token = await alice.everything()
    status, reason = refusal
    google.fail_next(status, reason=reason, path="syncToken")
    google.requests.clear()

    with pytest.raises(RefusedByProvider):
        await alice.pull(token)

    assert [one.get("syncToken") for one in lists(google)] == [[token]]


async def test_a_sync_token_that_google_cannot_read_has_the_whole_calendar_read(google, alice):
    google.add_event(ALICE, meeting("Known"))

    pages = await alice.pull("of another making")

    assert [len(page.objects) for page in pages] == [1]
    assert pages[-1].full


async def test_series_and_their_dates_cost_no_request_of_their_own_in_a_first_pull(google, alice):
    for number in range(4):
        made = google.add_event(ALICE, weekly())
        google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"summary": f"Other {number}"})
        google.delete_event(ALICE, f"{made['id']}_20261116T080000Z")
    google.limit_pages(3)
    google.requests.clear()

    objects, _ = await alice.everything()

    pages = len(lists(google))
    assert len(objects) == 4
    assert len(google.requests) == pages + 2


async def test_a_tombstone_of_which_only_the_id_is_known_takes_the_object_away(google, alice):
    made = google.add_event(ALICE, meeting("Gone"))
    _, token = await alice.everything()
    google.delete_event(ALICE, made["id"])
    stored = google.state.calendars[ALICE].events
    stored[made["id"]] = {name: stored[made["id"]][name] for name in ("id", "status", "iCalUID", "_revision")}

    [page] = await alice.pull(token)

    assert list(page.gone) == [made["id"]]


async def test_the_sync_token_comes_with_the_last_page_and_a_reading_broken_off_has_none(google, alice):
    for number in range(5):
        google.add_event(ALICE, meeting(f"Number {number}"))
    google.limit_pages(2)
    assert isinstance(alice.backend, Resuming)

    pages = [page async for page in alice.backend.portions(ALICE, None)]
    assert [page.token is not None for page in pages] == [False] * (len(pages) - 1) + [True]

    rest = [page async for page in alice.backend.portions(ALICE, None, pages[1].position)]
    assert [page.objects for page in rest] == [page.objects for page in pages[2:]]
    assert rest[-1].token == pages[-1].token


@pytest.mark.parametrize("position", ["", "x", "[]", '{"page": "of another list"}', '{"strange": 1}'])
async def test_a_place_that_is_none_means_to_begin_anew(google, alice, position):
    with pytest.raises(InvalidSyncToken):
        [page async for page in alice.backend.portions(ALICE, None, position)]
