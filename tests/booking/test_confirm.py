"""Bookings that wait for a host's answer."""

import asyncio

import icalendar
import pytest

from gateway.booking import mails, offer
from gateway.booking.access import find
from gateway.booking.book import book, cancel, reschedule
from gateway.booking.confirm import confirm, decline
from gateway.booking.model import EventType, details
from gateway.booking.offer import Visit
from gateway.demo.mail import MailCatcher
from gateway.errors import BackendUnavailable, NotFound, RefusedByProvider, SlotTaken
from gateway.store import bookings
from gateway.sync.worker import Worker
from gateway.sync.write import put
from tests.booking.office import NOW, at, open_office, wish
from tests.sync.objects import event

KINDS = {
    "asked": {"title": "Asked", "length": 30, "confirmation": {}},
    "open": {"title": "Open", "length": 30, "confirmation": {"blocks": False}},
    "late": {"title": "Late", "length": 30, "notice": 0, "confirmation": {"within": 3 * 24 * 60 + 1}},
}
TEN = at("2026-11-24 10:00")


@pytest.fixture
def office(office):
    furnish(office)
    return office


def furnish(office):
    for slug, document in KINDS.items():
        office.db.write_now(bookings.put_event_type, office.alice.id, slug, document)


async def ask(office, slug="asked", start="2026-11-24 10:00", **more):
    return await book(office.desk, "alice", slug, wish(start, **more))


def host_token(office, row):
    return office.desk.sealer.open(details(row).host_token.encode())


def answer(office, done, how=confirm, *more):
    return how(office.desk, done.row.uid, host_token(office, done.row), *more)


def is_free(office, start, slug="check-in"):
    def read(conn):
        return offer.is_bookable(conn, offer.bookable(conn, "alice", slug), Visit("UTC", NOW, 3600), start)

    return office.db.read_now(read)


@pytest.mark.parametrize(
    ("given", "start", "waits"),
    [
        pytest.param(None, 0, False, id="never"),
        pytest.param({}, 9e9, True, id="always"),
        pytest.param({"within": 60}, NOW + 3599, True, id="too soon"),
        pytest.param({"within": 60}, NOW + 3600, False, id="in good time"),
    ],
)
def test_who_has_to_wait(given, start, waits):
    assert EventType(title="x", confirmation=given).waits(int(start), NOW) is waits


async def test_what_waits_takes_the_time_and_is_no_event_yet(office):
    done = await ask(office)
    assert (done.row.status, office.texts()) == ("pending", [])
    assert office.mail_jobs() == [("host", "requested", 0), ("invitee", "requested", 0)]
    assert not is_free(office, TEN)


async def test_confirmed_it_is_an_event(office):
    done = await ask(office)
    row = await answer(office, done)
    assert (row.status, row.sequence) == ("accepted", 1)
    [text] = office.texts()
    assert "STATUS:CONFIRMED" in text
    assert [job for job in office.mail_jobs() if job[2] == 1] == [("host", "confirmed", 1), ("invitee", "confirmed", 1)]
    assert await answer(office, done) == row


async def test_declined_it_is_gone(office):
    done = await ask(office)
    row = await answer(office, done, decline, "Not this week.")
    assert (row.status, details(row).reason, office.texts()) == ("declined", "Not this week.", [])
    assert is_free(office, TEN)
    assert await answer(office, done, decline) == row
    with pytest.raises(SlotTaken):
        await answer(office, done)


async def test_an_invitee_cannot_answer_for_the_host(office):
    done = await ask(office)
    for how in (confirm, decline):
        with pytest.raises(NotFound):
            await how(office.desk, done.row.uid, done.token)
    assert [row.status for row in office.rows()] == ["pending"]
    by = [office.db.read_now(find, done.row.uid, one).by_host for one in (done.token, host_token(office, done.row))]
    assert by == [False, True]


async def test_where_waiting_blocks_nothing_the_first_confirmed_has_it(office):
    first, second = await ask(office, "open"), await ask(office, "open", email="other@example.org")
    assert is_free(office, TEN)

    results = await asyncio.gather(answer(office, first), answer(office, second), return_exceptions=True)

    assert sorted(type(one).__name__ for one in results) == ["BookingRow", "SlotTaken"]
    assert sorted(row.status for row in office.rows()) == ["accepted", "pending"]
    assert len(office.texts()) == 1
    assert not is_free(office, TEN)


async def test_the_host_decides_whatever_the_calendar_says(office):
    done = await ask(office)
    busy = event("a", start="20261124T090000Z", end="20261124T093000Z")
    await put(office.sync, office.alice, "a.ics", busy)
    assert (await answer(office, done)).status == "accepted"


async def test_what_is_over_or_taken_back_cannot_be_confirmed(office):
    gone, over = await ask(office), await ask(office, start="2026-11-24 14:00")
    await cancel(office.desk, gone.row.uid, gone.token)
    office.now = over.row.end + 1
    for done in (gone, over):
        with pytest.raises(SlotTaken):
            await answer(office, done)


async def test_what_the_calendar_refuses_goes_on_waiting(office):
    shelf = office.connect()
    done = await ask(office)
    shelf.faults = [RefusedByProvider("no")]
    with pytest.raises(BackendUnavailable):
        await answer(office, done)
    [row] = office.rows()
    assert (row.status, details(row).invited, office.texts(), shelf.texts()) == ("pending", False, [], {})
    assert not is_free(office, TEN)
    assert (await answer(office, done)).status == "accepted"


async def test_the_later_of_two_notices_decides(office):
    soon, later = await ask(office, "late"), await ask(office, "late", "2026-11-25 10:00")
    assert (soon.row.status, later.row.status) == ("pending", "accepted")


async def test_moved_by_the_invitee_it_waits_again_and_by_the_host_it_stands(office):
    done = await ask(office, "late", "2026-11-26 10:00")
    row = await reschedule(office.desk, done.row.uid, done.token, TEN, "Asia/Tokyo")
    assert (row.status, details(row).invitee.zone) == ("pending", "Asia/Tokyo")
    [text] = office.texts()
    assert ("STATUS:TENTATIVE" in text, "20261124T100000" in text) == (True, True)

    token = host_token(office, row)
    row = await reschedule(office.desk, done.row.uid, token, at("2026-11-24 11:00"), "Europe/Berlin")
    assert (row.status, details(row).invitee.zone) == ("accepted", "Asia/Tokyo")
    [text] = office.texts()
    assert "STATUS:CONFIRMED" in text


async def test_a_request_can_be_moved_before_it_is_answered(office):
    done = await ask(office)
    row = await reschedule(office.desk, done.row.uid, done.token, at("2026-11-24 11:00"), "UTC")
    assert (row.status, office.texts(), is_free(office, TEN)) == ("pending", [], True)
    assert ("host", "requested", 1) in office.mail_jobs()


async def test_declining_what_was_an_event_cancels_it(office):
    done = await ask(office, "late", "2026-11-26 10:00")
    row = await reschedule(office.desk, done.row.uid, done.token, TEN, "UTC")
    await decline(office.desk, row.uid, host_token(office, row))
    assert office.texts() == []


async def test_mails_ask_and_answer(empty, tmp_path):
    async with MailCatcher(lambda: NOW) as caught:
        office = open_office(
            empty, tmp_path, server={"base_url": "https://cal.example"},
            mail={"smtp_url": caught.url, "from": "Calendar <calendar@gateway.example>"},
        )  # fmt: skip
        furnish(office)
        work = Worker(office.sync, {mails.MAIL: lambda job: mails.run_mail(office.desk, job)}).run_due
        done = await ask(office)
        await work()
        await answer(office, done)
        await work()

        asking, told = caught.to("alice@example.com")
        link = f"https://cal.example/booking/{done.row.uid}?token={host_token(office, done.row)}"
        assert f"Bestätigen: {link}&confirm=1" in asking.text
        assert f"Ablehnen: {link}&decline=1" in asking.text
        assert done.token not in asking.text
        assert not asking.calendar
        waiting, sure = caught.to("joerg@example.org")
        assert str(waiting.message["Subject"]).startswith("Requested: Asked with Alice Hartmann")
        assert host_token(office, done.row) not in waiting.text
        assert not waiting.calendar
        for mail in (told, sure):
            assert str(icalendar.Calendar.from_ical(mail.calendar)["METHOD"]) == "REQUEST"
        assert sure.message["In-Reply-To"] == waiting.message["Message-ID"]
        office.db.close()
