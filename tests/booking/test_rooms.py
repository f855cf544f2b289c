"""Rooms at Zoom: made, moved and removed with their booking, once, whatever its answers are."""

import asyncio
from contextlib import asynccontextmanager

import icalendar
import pytest
from aiohttp import ClientSession

from gateway.booking.book import book, cancel, reschedule
from gateway.booking.confirm import confirm
from gateway.booking.model import details
from gateway.booking.reassign import reassign
from gateway.booking.rooms.plan import wake_all
from gateway.demo.zoom import Fault
from gateway.store import bookings, room_accounts
from tests.booking.office import at, wish
from tests.booking.team import Team
from tests.booking.zooming import PLACE, simulator, zooming

ZONE = "Europe/Berlin"


@asynccontextmanager
async def beside(office, **more):
    zoom = simulator(office, **more)
    await zoom.start()
    try:
        async with ClientSession() as http:
            yield zooming(office, http, zoom)
    finally:
        zoom.hold.set()
        await zoom.stop()


@pytest.fixture
async def at_zoom(office):
    async with beside(office) as found:
        await found.sign_in()
        yield found


@pytest.fixture
async def unsigned(office):
    async with beside(office) as found:
        yield found


async def booked(found, **more):
    return await book(found.desk, "alice", "talk", wish(**more))


def event(text):
    [one] = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return one


async def test_the_invitation_already_says_where_the_room_is(at_zoom):
    await booked(at_zoom, note="Hello")

    [meeting] = at_zoom.zoom.meetings
    assert (meeting["type"], meeting["start_time"], meeting["duration"]) == (2, "2026-11-24T09:00:00Z", 30)
    assert meeting["topic"] == "Talk: Alice Hartmann – Jörg Müller"
    assert details(at_zoom.row).place == meeting["join_url"]
    mails = at_zoom.mails()
    assert {len(some) for some in mails.values()} == {1}
    for [mail] in mails.values():
        assert (mail["kind"], mail["sequence"], mail["location"]) == ("booked", 0, meeting["join_url"])
        invited = event(mail["event"])
        assert invited["LOCATION"] == invited["URL"] == meeting["join_url"]
        assert invited["DESCRIPTION"].splitlines()[1:] == [
            f"Zoom-ID: {meeting['id']}",
            f"Passcode: {meeting['pstn_password']}",
            "Germany +49 69 5550 1000",
        ]
    [text] = at_zoom.office.texts()
    assert event(text)["LOCATION"] == meeting["join_url"]


async def test_nobody_else_gets_to_know_how_the_host_comes_in(at_zoom):
    await booked(at_zoom)
    [meeting] = at_zoom.zoom.meetings
    everything = repr((at_zoom.office.rows(), at_zoom.rooms, at_zoom.mails(), at_zoom.office.texts()))
    assert meeting["join_url"] in everything
    assert meeting["start_url"] not in everything
    assert "zak=" not in everything


async def test_moved_with_its_booking(at_zoom):
    done = await booked(at_zoom)
    await reschedule(at_zoom.desk, done.row.uid, done.token, at("2026-11-25 11:30"), ZONE)
    await at_zoom.pass_time(60)

    [meeting] = at_zoom.zoom.meetings
    assert meeting["start_time"] == "2026-11-25T10:30:00Z"
    assert details(at_zoom.row).place == meeting["join_url"]
    [room] = at_zoom.rooms
    assert (room.start, room.end) == (at_zoom.row.start, at_zoom.row.end)


async def test_removed_with_its_booking(at_zoom):
    done = await booked(at_zoom)
    await cancel(at_zoom.desk, done.row.uid, done.token)
    await at_zoom.pass_time(60)
    assert (at_zoom.zoom.meetings, at_zoom.rooms) == ([], [])


async def test_what_waits_for_an_answer_has_no_room_yet(at_zoom):
    at_zoom.office.db.write_now(
        bookings.put_event_type, at_zoom.office.alice.id, "talk", {**PLACE, "confirmation": {"blocks": True}}
    )
    done = await booked(at_zoom)
    await at_zoom.pass_time(60)
    assert at_zoom.zoom.meetings == []

    token = at_zoom.desk.sealer.open(details(done.row).host_token.encode())
    at_zoom.sent()
    await confirm(at_zoom.desk, done.row.uid, token)
    [join] = at_zoom.joins
    assert [mail["location"] for mail in at_zoom.mails()["invitee"]] == [join]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_where_zoom_is_down_the_booking_stands_and_the_room_comes_later(at_zoom, status):
    at_zoom.zoom.faults.append(Fault("POST", status))
    await booked(at_zoom)
    assert details(at_zoom.row).place == "Zoom"
    assert [mail["kind"] for mail in at_zoom.sent()["invitee"]] == ["booked"]

    await at_zoom.pass_time(300)

    [join] = at_zoom.joins
    assert details(at_zoom.row).place == join
    assert [(mail["kind"], mail["location"]) for mail in at_zoom.sent()["invitee"]] == [("changed", join)]
    assert at_zoom.row.status == "accepted"


async def test_zoom_is_left_alone_for_as_long_as_it_asks(at_zoom):
    at_zoom.zoom.faults.append(Fault("POST", 429, {"Retry-After": "2026-11-21T12:00:00Z"}))
    await booked(at_zoom)
    at_zoom.zoom.requests.clear()
    await at_zoom.pass_time(2 * 3600)
    assert at_zoom.zoom.requests == []
    await at_zoom.pass_time(2 * 3600)
    assert len(at_zoom.joins) == 1


async def test_an_answer_that_is_lost_makes_no_second_room(at_zoom):
    at_zoom.zoom.faults.append(Fault("POST", 500, after=True))
    await booked(at_zoom)
    [made] = at_zoom.joins
    assert details(at_zoom.row).place == "Zoom"

    await at_zoom.pass_time(300)

    assert at_zoom.joins == [made]
    assert details(at_zoom.row).place == made


async def test_a_room_whose_answer_was_lost_is_removed_as_well(at_zoom):
    at_zoom.zoom.faults.append(Fault("POST", 500, after=True))
    done = await booked(at_zoom)
    await cancel(at_zoom.desk, done.row.uid, done.token)
    await at_zoom.pass_time(300)
    assert (at_zoom.zoom.meetings, at_zoom.rooms) == ([], [])


async def test_a_token_that_is_past_is_renewed_and_kept(at_zoom):
    await booked(at_zoom)
    first = at_zoom.office.db.read_now(room_accounts.get, at_zoom.office.alice.id, "zoom").secret
    at_zoom.office.now += 7200
    await booked(at_zoom, start="2026-11-24 14:00")
    again = at_zoom.office.db.read_now(room_accounts.get, at_zoom.office.alice.id, "zoom").secret
    assert len(at_zoom.joins) == 2
    assert at_zoom.desk.sealer.open(first) != at_zoom.desk.sealer.open(again)


async def test_a_token_that_zoom_ended_early_is_renewed_once(at_zoom):
    await booked(at_zoom)
    at_zoom.zoom.faults.append(Fault("POST", 401))
    await booked(at_zoom, start="2026-11-24 14:00")
    assert len(at_zoom.joins) == 2


async def test_whoever_takes_access_back_is_told_once_and_gets_the_room_after_signing_in(at_zoom):
    at_zoom.zoom.state.end_sign_in("u1")
    await booked(at_zoom)
    for _ in range(5):
        await at_zoom.pass_time(3600)
    told = at_zoom.sent()
    assert [mail["kind"] for mail in told["invitee"]] == ["booked"]
    [_, about] = sorted(told["host"], key=lambda mail: mail["kind"])
    assert (about["kind"], about["by"]) == ("room", "Zoom")
    assert about["reason"].startswith("Die Anmeldung bei Zoom hat geendet.")
    account = at_zoom.office.db.read_now(room_accounts.get, at_zoom.office.alice.id, "zoom")
    assert account.state == "signed-out"

    await at_zoom.sign_in()
    at_zoom.office.db.write_now(wake_all, at_zoom.desk, at_zoom.office.alice.id)
    await at_zoom.pass_time(1)
    [join] = at_zoom.joins
    assert {mail["location"] for mails in at_zoom.sent().values() for mail in mails} == {join}


async def test_without_an_account_the_booking_stands_and_the_host_is_told(unsigned):
    await booked(unsigned)
    await unsigned.pass_time(3600)
    told = unsigned.sent()
    assert sorted(mail["kind"] for mail in told["host"]) == ["booked", "room"]
    assert [mail["kind"] for mail in told["invitee"]] == ["booked"]

    await unsigned.sign_in()
    unsigned.office.db.write_now(wake_all, unsigned.desk, unsigned.office.alice.id)
    await unsigned.pass_time(1)
    assert details(unsigned.row).place == unsigned.joins[0]


async def test_one_that_was_never_made_leaves_nothing_to_be_told_of_when_it_is_cancelled(unsigned):
    done = await booked(unsigned)
    unsigned.sent()
    await cancel(unsigned.desk, done.row.uid, done.token)
    await unsigned.pass_time(3600)
    assert [mail["kind"] for mail in unsigned.sent()["host"]] == ["cancelled"]
    assert unsigned.rooms == []


async def test_a_room_that_is_late_is_told_of_once(at_zoom):
    at_zoom.zoom.faults += [Fault("", 503) for _ in range(200)]
    await booked(at_zoom)
    assert sorted(mail["kind"] for mail in at_zoom.sent()["host"]) == ["booked"]
    for _ in range(12):
        await at_zoom.pass_time(600)
    [mail] = at_zoom.sent()["host"]
    assert (mail["kind"], at_zoom.row.status) == ("room", "accepted")


async def test_what_zoom_refuses_is_told_at_once_and_not_asked_again(at_zoom):
    at_zoom.zoom.faults.append(Fault("POST", 400))
    await booked(at_zoom)
    assert sorted(mail["kind"] for mail in at_zoom.sent()["host"]) == ["booked", "room"]
    at_zoom.zoom.requests.clear()
    await at_zoom.pass_time(86_400)
    assert at_zoom.zoom.requests == []


async def test_one_that_its_host_deleted_at_zoom_is_made_anew_when_the_booking_moves(at_zoom):
    done = await booked(at_zoom)
    [old] = at_zoom.joins
    at_zoom.zoom.state.meetings.clear()
    at_zoom.sent()
    await reschedule(at_zoom.desk, done.row.uid, done.token, at("2026-11-25 11:30"), ZONE)

    [new] = at_zoom.joins
    assert new != old
    assert details(at_zoom.row).place == new
    assert [mail["location"] for mail in at_zoom.sent()["invitee"]] == [new]


async def test_nobody_waits_longer_than_a_moment(office):
    async with beside(office) as found:
        await found.sign_in()
        found.zoom.hold.clear()

        async def no_time(_seconds):
            await asyncio.sleep(0)

        object.__setattr__(office.sync, "sleep", no_time)
        await booked(found)
        assert details(found.row).place == "Zoom"
        assert [mail["kind"] for mail in found.sent()["invitee"]] == ["booked"]

        found.zoom.hold.set()
        await asyncio.gather(*office.sync.late)
        [join] = found.joins
        assert [(mail["kind"], mail["location"]) for mail in found.sent()["invitee"]] == [("changed", join)]


async def test_the_organisations_app_makes_rooms_for_everybody(office):
    async with beside(office, server_to_server=True) as found:
        await booked(found)
        [meeting] = found.zoom.meetings
        assert meeting["host_email"] == "alice@example.com"
        # a token that somebody else's request ended
        found.zoom.state.end_sign_in("")
        await booked(found, start="2026-11-24 14:00")
        assert len(found.joins) == 2


async def test_somebody_whom_zoom_does_not_know_is_told(office):
    async with beside(office, server_to_server=True) as found:
        found.zoom.state.users.clear()
        await booked(found)
        assert sorted(mail["kind"] for mail in found.sent()["host"]) == ["booked", "room"]
        assert "User does not exist" in found.rooms[0].error


async def test_a_place_that_the_host_chose_meanwhile_stays(at_zoom):
    at_zoom.zoom.faults.append(Fault("POST", 503))
    done = await booked(at_zoom)
    written = details(at_zoom.row).model_copy(update={"place": "My office"})
    at_zoom.office.db.write_now(bookings.change, done.row.id, document=written.model_dump(mode="json"))
    at_zoom.sent()
    await at_zoom.pass_time(300)
    assert (len(at_zoom.joins), details(at_zoom.row).place, at_zoom.sent()) == (1, "My office", {})


async def test_whoever_takes_it_over_has_the_room_in_their_own_account(office):
    async with beside(office, server_to_server=True) as found:
        team = Team(office)
        kind = {**PLACE, "mode": "round_robin"}
        office.db.write_now(bookings.put_event_type, office.person("sales").id, "talk", kind)
        done = await book(found.desk, "sales", "talk", wish())
        [old] = found.zoom.meetings
        before = next(name for name, one in team.people.items() if one.email == old["host_email"])
        after = "bob" if before == "alice" else "alice"
        found.sent()
        token = found.desk.sealer.open(details(done.row).host_token.encode())

        row = await reassign(found.desk, done.row.uid, token, before, after)
        await found.pass_time(60)

        [new] = found.zoom.meetings
        assert (new["host_email"], new["id"] == old["id"]) == (f"{after}@example.com", False)
        now = office.db.read_now(bookings.by_uid, row.uid)
        assert details(now).place == new["join_url"]
        told = found.sent()
        assert {mail["location"] for mail in told["invitee"]} == {new["join_url"]}
        assert len(told["invitee"]) == 1


async def test_a_series_has_one_room_for_all_of_its_dates(at_zoom):
    kind = {**PLACE, "series": {"every": 2, "per": "week", "count": 4}}
    at_zoom.office.db.write_now(bookings.put_event_type, at_zoom.office.alice.id, "talk", kind)
    done = await booked(at_zoom)

    [meeting] = at_zoom.zoom.meetings
    assert (meeting["type"], "start_time" in meeting) == (3, False)
    assert details(at_zoom.row).place == meeting["join_url"]
    [text] = at_zoom.office.texts()
    assert {str(one["LOCATION"]) for one in icalendar.Calendar.from_ical(text).walk("VEVENT")} == {meeting["join_url"]}
    assert [mail["location"] for mail in at_zoom.mails()["invitee"]] == [meeting["join_url"]]

    await cancel(at_zoom.desk, done.row.uid, done.token)
    await at_zoom.pass_time(60)
    assert at_zoom.zoom.meetings == []
