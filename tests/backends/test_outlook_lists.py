"""How Outlook's calendars are listed: in few requests, in the same words, from page to page."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from gateway.errors import InvalidSyncToken
from gateway.model import CalendarObject
from tests.fakes.microsoft import World, at, gone, ics, lines_of, objects, pull, running_microsoft, weekly


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        yield running


def asked(world: World) -> Counter[str]:
    """How often each kind of thing was asked for."""
    kinds = ("/delta", "/instances", "/events/", "/events")
    return Counter(next((kind for kind in kinds if kind in seen.path), "other") for seen in world.microsoft.requests)


async def test_series_as_their_rules_say_are_not_read_one_by_one(world):
    for number in range(20):
        world.event(f"Series {number}", recurrence=weekly(type="numbered", numberOfOccurrences=10))
        world.event(f"Single {number}")

    found = objects(await pull(world.backend(), world.calendar))

    assert len(found) == 40
    assert all(lines_of(obj.text, "RRULE") for obj in found if "Series" in obj.text)
    assert asked(world) == {"/delta": 1, "/events": 1, "other": 3}


@pytest.mark.parametrize("change", ["moved", "renamed", "deleted", "long ago", "endless"])
async def test_of_series_only_those_are_read_that_a_round_does_not_tell_whole(world, change):
    world.event("As it should be", recurrence=weekly(type="numbered", numberOfOccurrences=10))
    series = world.event("Other", recurrence=weekly(type="numbered", numberOfOccurrences=10))
    later = {"start": at("2026-11-30T15:00:00"), "end": at("2026-11-30T16:00:00")}
    old = {"start": at("2024-11-25T10:00:00"), "end": at("2024-11-25T11:00:00")}
    if change == "deleted":
        world.microsoft.delete(series, day=date(2026, 11, 30))
    elif change == "long ago":
        world.microsoft.change(series, old | {"recurrence": weekly(startDate="2024-11-25")})
        world.microsoft.delete(series, day=date(2024, 12, 2))
    elif change == "endless":
        world.microsoft.change(series, {"recurrence": weekly()})
    else:
        body = later if change == "moved" else {"subject": "Another"}
        world.microsoft.change(series, body, day=date(2026, 11, 30))

    found = {obj.href: obj for obj in objects(await pull(world.backend(), world.calendar))}

    assert asked(world)["/events/"] == (0 if change == "endless" else 1)
    assert len(lines_of(found[series].text, "EXDATE")) == (change in {"deleted", "long ago"})
    assert found[series].text.count("BEGIN:VEVENT") == 1 + (change in {"moved", "renamed"})


async def test_what_is_known_from_a_round_has_the_etag_it_has_when_read_by_itself(world):
    world.event("Series", recurrence=weekly())
    backend = world.backend()
    [found] = objects(await pull(backend, world.calendar))

    stored = await backend.put(world.calendar, found, found.etag)

    assert stored.href == found.href


async def test_a_round_is_asked_for_without_options_and_with_one_preference_throughout(world):
    for number in range(3):
        world.event(f"Single {number}")
    world.microsoft.limit_pages(1)
    token = (await pull(world.backend(), world.calendar))[-1].token
    world.event("New")
    await pull(world.backend(), world.calendar, token)

    rounds = [seen for seen in world.microsoft.requests if seen.path.endswith("/delta")]

    assert len(rounds) > 4
    assert len({seen.prefer for seen in rounds}) == 1
    names = {part.partition("=")[0] for seen in rounds for part in seen.query.split("&")}
    assert names <= {"startDateTime", "endDateTime", "$skiptoken", "$deltatoken", "%24skiptoken", "%24deltatoken"}


async def test_what_is_told_as_removed_though_it_only_changed_beyond_the_window_stays(world):
    backend = world.backend()
    text = ics("DTSTART:20310106T090000Z", "DTEND:20310106T100000Z", "SUMMARY:Far away")
    await backend.put(world.calendar, CalendarObject("far.ics", text), None)
    inside = world.event("Inside")
    pages = await pull(backend, world.calendar)
    [far] = [obj.href for obj in objects(pages) if obj.href != inside]
    world.microsoft.change(far, {"subject": "Changed"})
    world.microsoft.delete(inside)

    news = await pull(backend, world.calendar, pages[-1].token)

    assert [obj.href for obj in objects(news)] == [far]
    assert gone(news) == [inside]


async def test_ids_told_as_removed_that_nobody_knows_change_nothing(world):
    backend = world.backend()
    event = world.event("Far away", start=at("2031-01-06T10:00:00"), end=at("2031-01-06T11:00:00"))
    pages = await pull(backend, world.calendar)
    world.microsoft.change(event, {"subject": "Changed"})
    world.microsoft.delete(event)

    assert objects(await pull(backend, world.calendar, pages[-1].token)) == []


async def test_one_deleted_date_makes_no_other_event_read_however_many_changed_lately(world):
    for number in range(10):
        world.event(f"Single {number}")
    series = world.event("Series", recurrence=weekly())
    backend = world.backend()
    token = (await pull(backend, world.calendar))[-1].token
    world.microsoft.delete(series, day=date(2026, 11, 30))
    world.microsoft.requests.clear()

    [found] = objects(await pull(backend, world.calendar, token))

    assert found.href == series
    assert asked(world)["/events/"] == 1


@pytest.mark.parametrize("position", ["", "x", "[]", '{"link": "x"}', '{"begun": "x", "link": "", "delta": ""}'])
async def test_a_place_that_is_none_means_to_begin_anew(world, position):
    with pytest.raises(InvalidSyncToken):
        [page async for page in world.backend().portions(world.calendar, None, position)]
