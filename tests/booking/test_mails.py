"""Mails of bookings, over SMTP: for each change one to the host and one to the invitee, in the reader's words."""

import icalendar
import pytest

from gateway.booking import mails
from gateway.booking.book import book, cancel, reschedule
from gateway.demo.mail import MailCatcher
from gateway.sync.worker import Worker
from tests.booking.office import NOW, at, open_office, wish

ZONE = "America/New_York"


@pytest.fixture
async def caught():
    async with MailCatcher(lambda: NOW) as catcher:
        yield catcher


@pytest.fixture
def office(empty, tmp_path, caught):
    found = open_office(
        empty,
        tmp_path,
        server={"base_url": "https://cal.example"},
        mail={"smtp_url": caught.url, "from": "Calendar <calendar@gateway.example>"},
    )
    yield found
    found.db.close()


@pytest.fixture
def work(office):
    """Does what is due."""
    worker = Worker(office.sync, {mails.MAIL: lambda job: mails.run_mail(office.desk, job)})
    return worker.run_due


def inside(mail):
    calendar = icalendar.Calendar.from_ical(mail.calendar)
    [event] = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


async def test_each_change_is_one_mail_for_each(office, caught, work):
    done = await book(office.desk, "alice", "one-on-one", wish(note="Hello."))
    await work()
    await reschedule(office.desk, done.row.uid, done.token, at("2026-11-25 09:00"), ZONE)
    await work()
    await cancel(office.desk, done.row.uid, done.token, "I am ill.")
    await work()
    await work()

    for address in ("joerg@example.org", "alice@example.com"):
        messages = [inside(mail) for mail in caught.to(address)]
        assert [method for method, _ in messages] == ["REQUEST", "REQUEST", "CANCEL"]
        assert [event["SEQUENCE"] for _, event in messages] == [0, 1, 2]
        assert {str(event["UID"]) for _, event in messages} == {done.row.uid}
        assert [event["DTSTART"].dt.timestamp() for _, event in messages][1:] == [at("2026-11-25 09:00")] * 2


async def test_the_invitee_is_asked_and_the_host_has_accepted(office, caught, work):
    await book(office.desk, "alice", "one-on-one", wish())
    await work()

    [mail] = caught.to("joerg@example.org")
    _, event = inside(mail)
    answers = {str(one): one.params["PARTSTAT"] for one in event["ATTENDEE"]}
    assert answers == {"mailto:alice@example.com": "ACCEPTED", "mailto:joerg@example.org": "NEEDS-ACTION"}
    assert "X-GATEWAY-BOOKING" not in mail.calendar
    assert "SCHEDULE-AGENT" not in mail.calendar


async def test_everybody_reads_their_own_language_and_clock(office, caught, work):
    await book(office.desk, "alice", "one-on-one", wish())
    await work()

    [theirs], [hers] = caught.to("joerg@example.org"), caught.to("alice@example.com")
    assert str(theirs.message["Subject"]).startswith("Booked: One-on-one with Alice Hartmann")
    assert "4:00" in theirs.text
    assert str(hers.message["Subject"]).startswith("Gebucht: Gespräch mit Jörg Müller")
    assert "10:00" in hers.text


async def test_the_links_in_the_mail_open_the_booking(office, caught, work):
    done = await book(office.desk, "alice", "one-on-one", wish())
    await work()

    [mail] = caught.to("joerg@example.org")
    link = f"https://cal.example/booking/{done.row.uid}?token={done.token}"
    assert f"{link}&move=1" in mail.text
    assert f"{link}&cancel=1" in mail.text


async def test_the_token_is_nowhere_in_the_database(office, tmp_path):
    done = await book(office.desk, "alice", "one-on-one", wish())

    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert done.row.uid.encode() in stored
    assert done.token.encode() not in stored


async def test_without_a_mail_server_the_jobs_are_done_all_the_same(empty, tmp_path):
    (tmp_path / "silent").mkdir()
    office = open_office(empty, tmp_path / "silent")
    worker = Worker(office.sync, {mails.MAIL: lambda job: mails.run_mail(office.desk, job)})
    await book(office.desk, "alice", "one-on-one", wish())

    await worker.run_due()

    assert office.mail_jobs() == []
    office.db.close()
