"""The caldav package as an outside client, from the bare host name on."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import caldav
import pytest
from aiohttp.test_utils import TestServer
from caldav.lib.error import NotFoundError

START, END = datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 10, tzinfo=UTC)
Live = Callable[..., Awaitable[None]]


@pytest.fixture
def live(server: TestServer) -> Live:
    """Runs a function with clients of these people in a thread, as the package blocks."""

    async def run(do: Callable[..., None], *names: str) -> None:
        def inside() -> None:
            clients = [
                caldav.DAVClient(str(server.make_url("/")), username=name, password=f"{name}-pw") for name in names
            ]
            try:
                do(*clients)
            finally:
                for client in clients:
                    client.close()

        await asyncio.to_thread(inside)

    return run


def starts(found: list[caldav.Event]) -> list[datetime]:
    return sorted(one.icalendar_component["DTSTART"].dt for one in found)


async def test_the_life_of_a_series(live: Live) -> None:
    def do(client: caldav.DAVClient) -> None:
        [calendar] = client.principal().get_calendars()
        made = calendar.add_event(
            dtstart=START, dtend=END, summary="Made", uid="made", rrule={"FREQ": "DAILY", "COUNT": 3}
        )
        before = calendar.get_objects_by_sync_token()
        assert [one.url for one in before] == [made.url]
        until = datetime(2026, 11, 30, tzinfo=UTC)
        assert starts(calendar.search(start=START, end=until, event=True, expand=False)) == [START]
        days = [START, START.replace(day=25), START.replace(day=26)]
        assert starts(calendar.search(start=START, end=until, event=True, server_expand=True)) == days
        found = calendar.get_event_by_uid("made")
        with found.edit_icalendar_component() as inner:
            inner["SUMMARY"] = "Changed"
        found.save()
        assert [one.url for one in calendar.get_objects_by_sync_token(before.sync_token)] == [made.url]
        [changed] = calendar.search(summary="Chang", event=True)
        assert changed.icalendar_component["SUMMARY"] == "Changed"
        changed.delete()
        with pytest.raises(NotFoundError):
            calendar.get_event_by_uid("made")

    await live(do, "alice")


async def test_tasks_and_properties(live: Live) -> None:
    def do(client: caldav.DAVClient) -> None:
        [calendar] = client.principal().get_calendars()
        todo = calendar.add_todo(summary="Buy milk", uid="milk", due=END)
        assert [one.url for one in calendar.get_todos()] == [todo.url]
        todo.complete()
        assert calendar.get_todos() == []
        calendar.set_properties([caldav.elements.dav.DisplayName("Everything")])
        assert client.principal().get_calendars()[0].get_display_name() == "Everything"
        assert set(calendar.get_supported_components()) == {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"}

    await live(do, "alice")


async def test_free_busy_of_a_colleague(live: Live) -> None:
    def do(alice: caldav.DAVClient, bob: caldav.DAVClient) -> None:
        bob.principal().get_calendars()[0].add_event(dtstart=START, dtend=END, summary="Secret", uid="secret")
        me = alice.principal()
        assert me.calendar_user_address_set()[0] == "mailto:alice@example.com"
        answers = me.freebusy_request(START.replace(hour=0), START.replace(hour=23), ["mailto:bob@example.com"])
        assert "FREEBUSY:20261124T090000Z/20261124T100000Z" in answers["mailto:bob@example.com"].data
        mine = alice.principal().get_calendars()[0].freebusy_request(START, END)
        assert "VFREEBUSY" in mine.data

    await live(do, "alice", "bob")


async def test_people_are_found_by_name(live: Live) -> None:
    def do(client: caldav.DAVClient) -> None:
        def names(found: list[caldav.Principal]) -> list[str]:
            return [one.url.path for one in found]

        assert names(client.search_principals(name="alice")) == ["/dav/principals/alice/"]
        assert names(client.search_principals(name="carol")) == []

    await live(do, "alice")
