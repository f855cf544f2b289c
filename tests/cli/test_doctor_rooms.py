"""What gateway doctor says about rooms."""

from datetime import UTC, datetime

import pytest

from gateway.app import open_parts
from gateway.cli.finding import Finding, Verdict
from gateway.cli.rooms import about_rooms
from gateway.config import Database, Secrets, Settings
from gateway.demo.zoom import ZoomSimulator
from gateway.store import accounts, bookings
from tests.booking.office import NOW

LATE = datetime.fromtimestamp(NOW, UTC)


@pytest.fixture
async def zoom():
    simulator = ZoomSimulator(lambda: LATE, server_to_server=True)
    simulator.add_user("alice@example.com", "Alice")
    await simulator.start()
    yield simulator
    await simulator.stop()


def settings_for(office, tmp_path, zoom):
    return Settings(
        database=Database(url=f"sqlite:///{tmp_path}/gateway.sqlite"),
        secrets=Secrets(key_file=tmp_path / "secret.key"),
        zoom=zoom,
    )


async def told(office, tmp_path, zoom):
    async with open_parts(settings_for(office, tmp_path, zoom), office.clock) as parts:
        return [one async for one in about_rooms(parts)]


def take_place_at(office, kind):
    office.db.write_now(bookings.put_event_type, office.alice.id, "talk", {"title": "Talk", "places": [{"kind": kind}]})


async def test_an_app_that_works_is_good_and_needs_nobody_to_connect(office, tmp_path, zoom):
    take_place_at(office, "zoom")
    assert await told(office, tmp_path, zoom.settings()) == [
        Finding("rooms", Verdict.GOOD, "Zoom's server-to-server app is given tokens")
    ]


async def test_an_app_that_zoom_refuses_is_bad(office, tmp_path, zoom):
    wrong = zoom.settings().model_copy(update={"account_id": "another"})
    [found] = await told(office, tmp_path, wrong)
    assert (found.verdict, found.text) == (
        Verdict.BAD,
        "Zoom gives the server-to-server app of [zoom] no token: Bad Request",
    )


@pytest.mark.parametrize(
    ("kind", "name"), [("zoom", "Zoom"), ("google-meet", "Google Meet"), ("teams", "Microsoft Teams")]
)
async def test_hosts_who_can_have_no_room_are_named(office, tmp_path, zoom, kind, name):
    take_place_at(office, kind)
    people = zoom.settings().model_copy(update={"account_id": ""})
    [found] = await told(office, tmp_path, people)
    assert (found.about, found.verdict) == ("rooms of alice/talk", Verdict.NOTE)
    assert found.text.startswith(f"alice can have none at {name};")
    assert found.todo.endswith("/app")


async def test_a_calendar_of_the_event_types_own_counts(office, tmp_path, zoom):
    office.connect("google")
    theirs = next(one.id for one in office.db.read_now(accounts.calendars, office.alice.id) if one.destination)
    office.connect("caldav")
    people = zoom.settings().model_copy(update={"account_id": ""})
    for into, named in ((theirs, 0), (None, 1)):
        kind = {"title": "Talk", "places": [{"kind": "google-meet"}], "destination": into}
        office.db.write_now(bookings.put_event_type, office.alice.id, "talk", kind)
        assert len(await told(office, tmp_path, people)) == named


async def test_a_host_whose_events_go_there_is_not_named(office, tmp_path, zoom):
    take_place_at(office, "google-meet")
    office.connect("google")
    people = zoom.settings().model_copy(update={"account_id": ""})
    assert await told(office, tmp_path, people) == []
