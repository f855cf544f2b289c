"""What every backend promises, whatever its provider is like."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.backends.base import Account, Backend, Outside
from gateway.backends.table import BACKENDS
from gateway.errors import BackendUnavailable, ReadOnlyCalendar, RemoteConflict, RemoteGone, SignInExpired
from gateway.model import CalendarObject, Changes
from tests.conformance.stages import STAGES, Provisions, Stage
from tests.fakes.objects import event, series
from tests.fakes.radicale import RadicaleServer

READ_ONLY = {"feed"}
BUSY_ONLY = {
    "colleague"
}  # brings no objects of anybody's but one that says when they are busy: backends/test_colleague
REMOTE = sorted(kind for kind, row in BACKENDS.items() if row.remote and kind not in BUSY_ONLY)
WRITABLE = [kind for kind in REMOTE if kind not in READ_ONLY]
VERBATIM = [kind for kind in WRITABLE if BACKENDS[kind].verbatim]


@pytest.fixture(params=REMOTE)
async def stage(
    request: pytest.FixtureRequest, outside: Outside, radicale: RadicaleServer, tmp_path: Path
) -> AsyncIterator[Stage]:
    async with STAGES[request.param](Provisions(outside, radicale, tmp_path)) as built:
        yield built


writable = pytest.mark.parametrize("stage", WRITABLE, indirect=True)
verbatim = pytest.mark.parametrize("stage", VERBATIM, indirect=True)
read_only = pytest.mark.parametrize("stage", sorted(READ_ONLY), indirect=True)


async def pull(backend: Backend, calendar: str, token: str | None = None) -> list[Changes]:
    return [page async for page in backend.changes(calendar, token)]


def found(pages: list[Changes]) -> dict[str, CalendarObject]:
    """By UID."""
    return {uid_of(obj.text): obj for page in pages for obj in page.objects}


def gone(pages: list[Changes]) -> set[str]:
    return {href for page in pages for href in page.gone}


def uid_of(text: str) -> str:
    matched = re.search(r"^UID:(.*?)\r$", text, re.MULTILINE)
    assert matched is not None
    return matched[1]


def test_every_remote_kind_of_account_is_on_stage():
    assert set(STAGES) == set(REMOTE)


# Reading


async def test_it_shows_calendars(stage):
    calendars = await stage.backend.calendars()

    assert stage.calendar in {calendar.id for calendar in calendars}
    assert len({calendar.id for calendar in calendars}) == len(calendars)
    assert sum(calendar.primary for calendar in calendars) <= 1
    assert all(calendar.displayname for calendar in calendars)
    assert all(re.fullmatch(r"(#[0-9a-f]{6})?", calendar.color) for calendar in calendars)


async def test_a_calendar_is_writable_if_it_says_so(stage):
    [calendar] = [row for row in await stage.backend.calendars() if row.id == stage.calendar]

    assert calendar.writable == (stage.kind not in READ_ONLY)


async def test_the_first_pull_is_everything(stage):
    await stage.fill(event("one"), event("two"), series("three"))
    pages = await pull(stage.backend, stage.calendar)

    assert set(found(pages)) == {"one", "two", "three"}
    assert all(page.full for page in pages)


async def test_the_token_is_on_the_last_page_only(stage):
    await stage.fill(event("one"))
    pages = await pull(stage.backend, stage.calendar)

    assert pages[-1].token
    assert [page.token for page in pages[:-1]] == [None] * (len(pages) - 1)


async def test_an_empty_calendar_is_pulled_too(stage):
    pages = await pull(stage.backend, stage.calendar)

    assert found(pages) == {}
    assert pages[-1].token
    assert pages[-1].full


async def test_pull_with_the_latest_token_brings_nothing(stage):
    await stage.fill(event("one"), series("two"))
    token = (await pull(stage.backend, stage.calendar))[-1].token

    pages = await pull(stage.backend, stage.calendar, token)

    assert [obj for page in pages for obj in page.objects] == []
    assert gone(pages) == set()


async def test_a_forgotten_token_brings_everything(stage):
    await stage.fill(event("one"), event("two"))
    token = (await pull(stage.backend, stage.calendar))[-1].token

    pages = await pull(stage.backend, stage.calendar, stage.forget(token))

    assert set(found(pages)) == {"one", "two"}
    assert all(page.full for page in pages)


async def test_two_pulls_of_the_same_say_the_same(stage):
    await stage.fill(event("one", "Größe; mit Umlauten, Komma"), series("two"))

    first = found(await pull(stage.backend, stage.calendar))
    assert found(await pull(stage.backend, stage.calendar)) == first


async def test_objects_are_whole_and_have_names_and_etags_of_their_own(stage):
    await stage.fill(event("one"), series("two"))
    objects = found(await pull(stage.backend, stage.calendar))

    assert objects["two"].text.count("BEGIN:VEVENT") == 2
    assert len({obj.href for obj in objects.values()}) == 2
    assert all(obj.etag and '"' not in obj.etag for obj in objects.values())
    for obj in objects.values():
        assert obj.text.startswith("BEGIN:VCALENDAR\r\n")
        assert obj.text.endswith("END:VCALENDAR\r\n")
        assert not re.search(r"(?<!\r)\n", obj.text)


async def test_a_provider_that_is_down_is_a_matter_of_later(stage):
    backend = await stage.take_down()

    with pytest.raises(BackendUnavailable):
        await backend.calendars()


@pytest.mark.parametrize("stage", [kind for kind in REMOTE if kind != "radicale"], indirect=True)
async def test_a_sign_in_that_ended_is_told_apart(stage):
    backend = stage.lock_out()

    with pytest.raises(SignInExpired):
        await backend.calendars()


# Writing


@writable
async def test_what_is_put_comes_with_the_next_pull(stage):
    token = (await pull(stage.backend, stage.calendar))[-1].token
    put = await stage.backend.put(stage.calendar, CalendarObject("new.ics", event("new", "Dentist")), None)

    obj = found(await pull(stage.backend, stage.calendar, token))["new"]
    assert "SUMMARY:Dentist" in obj.text
    assert (obj.href, obj.etag) == (put.href, put.etag)


@writable
async def test_what_is_put_comes_back_as_it_is_held(stage):
    put = await stage.backend.put(stage.calendar, CalendarObject("new.ics", series("new")), None)

    assert found(await pull(stage.backend, stage.calendar))["new"] == put


@writable
async def test_a_change_comes_as_one_object_under_the_same_name(stage):
    put = await stage.backend.put(stage.calendar, CalendarObject("new.ics", event("new", "Dentist")), None)
    token = (await pull(stage.backend, stage.calendar))[-1].token
    changed = await stage.backend.put(stage.calendar, replace(put, text=event("new", "Doctor")), put.etag)

    pages = await pull(stage.backend, stage.calendar, token)
    assert set(found(pages)) == {"new"}
    assert "SUMMARY:Doctor" in found(pages)["new"].text
    assert changed.href == put.href
    assert changed.etag != put.etag
    assert gone(pages) == set()


@writable
async def test_a_change_of_what_changed_meanwhile_loses(stage):
    put = await stage.backend.put(stage.calendar, CalendarObject("new.ics", event("new", "Dentist")), None)
    await stage.backend.put(stage.calendar, replace(put, text=event("new", "Theirs")), put.etag)

    with pytest.raises(RemoteConflict):
        await stage.backend.put(stage.calendar, replace(put, text=event("new", "Ours")), put.etag)
    assert "SUMMARY:Theirs" in found(await pull(stage.backend, stage.calendar))["new"].text


@writable
async def test_a_change_of_what_is_gone_says_so(stage):
    put = await stage.backend.put(stage.calendar, CalendarObject("new.ics", event("new")), None)
    await stage.backend.delete(stage.calendar, put.href, put.etag)

    with pytest.raises((RemoteGone, RemoteConflict)):
        await stage.backend.put(stage.calendar, replace(put, text=event("new", "Ours")), put.etag)


@verbatim
async def test_nothing_that_is_there_is_created_over(stage):
    await stage.backend.put(stage.calendar, CalendarObject("new.ics", event("new", "Theirs")), None)

    with pytest.raises(RemoteConflict):
        await stage.backend.put(stage.calendar, CalendarObject("new.ics", event("new", "Ours")), None)


@writable
async def test_a_deleted_object_is_gone_with_the_next_pull(stage):
    put = await stage.backend.put(stage.calendar, CalendarObject("new.ics", series("new")), None)
    token = (await pull(stage.backend, stage.calendar))[-1].token
    await stage.backend.delete(stage.calendar, put.href, put.etag)

    pages = await pull(stage.backend, stage.calendar, token)
    assert found(pages) == {}
    assert put.href in gone(pages)
    assert found(await pull(stage.backend, stage.calendar)) == {}


@writable
@pytest.mark.parametrize("etag", ["old", None])
async def test_deleting_what_is_gone_is_done(stage, etag):
    put = await stage.backend.put(stage.calendar, CalendarObject("new.ics", event("new")), None)
    await stage.backend.delete(stage.calendar, put.href, None)

    await stage.backend.delete(stage.calendar, put.href, etag and put.etag)


@writable
async def test_deleting_what_changed_meanwhile_loses(stage):
    put = await stage.backend.put(stage.calendar, CalendarObject("new.ics", event("new", "Dentist")), None)
    await stage.backend.put(stage.calendar, replace(put, text=event("new", "Theirs")), put.etag)

    with pytest.raises(RemoteConflict):
        await stage.backend.delete(stage.calendar, put.href, put.etag)
    assert set(found(await pull(stage.backend, stage.calendar))) == {"new"}


@read_only
async def test_what_can_only_be_read_says_so(stage):
    await stage.fill(event("one"))
    obj = found(await pull(stage.backend, stage.calendar))["one"]

    with pytest.raises(ReadOnlyCalendar):
        await stage.backend.put(stage.calendar, obj, obj.etag)
    with pytest.raises(ReadOnlyCalendar):
        await stage.backend.delete(stage.calendar, obj.href, obj.etag)


# What has no provider


@pytest.mark.parametrize("kind", sorted(set(BACKENDS) - set(REMOTE) - BUSY_ONLY))
async def test_what_lives_here_has_nothing_to_pull_and_nothing_to_push(outside, kind):
    async def keep(secret: str) -> None:
        """There is none."""

    backend = BACKENDS[kind].connect(Account({}, "", keep), outside)
    obj = CalendarObject("new.ics", event("new"), "etag")

    assert list(await backend.calendars()) == []
    assert await pull(backend, "any") == []
    assert await backend.put("any", obj, None) == obj
    await backend.delete("any", "new.ics", None)
