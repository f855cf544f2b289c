"""A booking follows its event: moved, deleted, answered in whichever calendar; one mail to each who needs to know."""

import icalendar
import pytest

from gateway.booking.book import book, cancel, reschedule
from gateway.booking.model import details
from gateway.scheduling import implicit
from gateway.scheduling.itip import Outcome
from gateway.store import bookings, jobs, members, objects
from gateway.store.accounts import calendars
from gateway.sync.calendars import remove_account
from gateway.sync.pull import pull_account
from gateway.sync.wake import BOOKING
from tests.booking.office import at, wish
from tests.booking.team import Team

GUEST, HOST = "joerg@example.org", "alice@example.com"
TEN, ELEVEN = at("2026-11-24 10:00"), at("2026-11-24 11:00")


@pytest.fixture
def office(mailing):
    return mailing


@pytest.fixture
async def done(office, work):
    """A booking at ten, its mails sent."""
    found = await book(office.desk, "alice", "one-on-one", wish())
    await work()
    return found


def stored(office, person=None):
    """(href, text) of the only event in a person's calendar."""
    who = person or office.alice

    [member] = office.db.read_now(members.texts, who.merged)
    return member.href, unfolded(member.text)


def unfolded(text):
    return text.replace("\r\n ", "")


async def edit(office, *pairs, person=None):
    """What a client does: the event with these replacements, put back."""
    href, text = stored(office, person)
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    await implicit.put(office.sync, person or office.alice, href, text)


async def erase(office, person=None):
    await implicit.delete(office.sync, person or office.alice, stored(office, person)[0])


def row(office):
    [found] = office.rows()
    return found


def told(caught, address):
    """What somebody's mails begin with, and the SEQUENCE and METHOD inside; of all after the first one."""
    found = []
    for mail in caught.to(address)[1:]:
        calendar = icalendar.Calendar.from_ical(mail.calendar) if mail.calendar else None
        inside = () if calendar is None else (str(calendar["METHOD"]), int(calendar.walk("VEVENT")[0]["SEQUENCE"]))
        found.append((mail.message["Subject"].partition(":")[0], *inside))
    return found


LATER = ("T100000", "T110000"), ("T103000", "T113000")


async def test_an_event_moved_in_a_calendar_app_moves_its_booking(office, caught, work, done):
    await edit(office, *LATER)
    await work()

    now = row(office)
    assert (now.start, now.end, now.status, now.sequence) == (ELEVEN, ELEVEN + 1800, "accepted", 1)
    assert (now.blocked_from, now.blocked_until) == (ELEVEN, ELEVEN + 1800 + 900)
    assert told(caught, GUEST) == [("New time", "REQUEST", 1)]
    assert told(caught, HOST) == []
    [event] = icalendar.Calendar.from_ical(stored(office)[1]).walk("VEVENT")
    assert (event["SEQUENCE"], event["DTSTAMP"].dt.timestamp()) == (1, now.changed)


async def test_looking_again_changes_nothing(office, caught, work, done):
    await edit(office, *LATER)
    await work()
    before, text = row(office), stored(office)

    for _ in range(3):
        await work()
    payload = {"uid": before.uid, "gone": False}
    office.db.write_now(jobs.add, BOOKING, "again", payload, due=office.now, user=office.alice.id)
    await work()

    assert (row(office), stored(office)) == (before, text)
    assert len(told(caught, GUEST)) == 1


async def test_dragging_it_about_is_one_mail_about_where_it_ends_up(office, caught, work, done):
    await edit(office, *LATER)
    await edit(office, ("T110000", "T140000"), ("T113000", "T150000"))
    await work()

    assert (row(office).start, row(office).end) == (at("2026-11-24 14:00"), at("2026-11-24 15:00"))
    assert told(caught, GUEST) == [("New time", "REQUEST", 1)]


async def test_what_is_taken_back_at_once_nobody_hears_of(office, caught, work, done):
    text = stored(office)[1]
    await erase(office)
    await implicit.put(office.sync, office.alice, "made-anew.ics", text)
    await work()

    assert row(office) == done.row
    assert told(caught, GUEST) == []


async def test_an_event_deleted_in_a_calendar_app_cancels_its_booking(office, caught, work, done):
    await erase(office)
    await work()

    assert (row(office).status, row(office).sequence) == ("cancelled", 1)
    assert told(caught, GUEST) == [("Cancelled", "CANCEL", 1)]
    assert told(caught, HOST) == []


async def test_an_event_called_off_in_a_calendar_app_cancels_its_booking_and_goes(office, caught, work, done):
    await edit(office, ("STATUS:CONFIRMED", "STATUS:CANCELLED"))
    await work()

    assert row(office).status == "cancelled"
    assert office.texts() == []
    assert told(caught, GUEST) == [("Cancelled", "CANCEL", 1)]


async def test_a_client_that_leaves_out_who_schedules_does_not_make_two_mails_of_one(office, caught, work, done):
    await edit(office, *LATER, (";SCHEDULE-AGENT=CLIENT", ""))
    await work()
    await erase(office)
    await work()

    assert told(caught, GUEST) == [("New time", "REQUEST", 1), ("Cancelled", "CANCEL", 2)]


async def test_a_sequence_that_a_client_raised_counts_on(office, caught, work, done):
    await edit(office, *LATER, ("SEQUENCE:0", "SEQUENCE:7"))
    await work()
    await reschedule(office.desk, done.row.uid, done.token, at("2026-11-25 09:00"), "UTC")
    await work()

    assert told(caught, GUEST) == [("New time", "REQUEST", 7), ("New time", "REQUEST", 8)]
    assert "SEQUENCE:8\r\n" in stored(office)[1]


async def test_the_way_its_host_wrote_the_time_stays(office, work, done):
    await edit(office, ("DTSTART;TZID=Europe/Berlin:20261124T100000", "DTSTART:20261124T120000Z"),
               ("DTEND;TZID=Europe/Berlin:20261124T103000", "DURATION:PT45M"))  # fmt: skip
    await work()

    assert (row(office).start, row(office).end) == (at("2026-11-24 13:00"), at("2026-11-24 13:45"))
    assert "DTSTART:20261124T120000Z\r\nDURATION:PT45M\r\n" in stored(office)[1]


async def test_a_new_place_is_told_once_and_other_words_are_not(office, caught, work, done):
    await edit(office, ("SUMMARY:", "SUMMARY:My "))
    await work()
    assert told(caught, GUEST) == []

    place = details(done.row).place
    await edit(office, (f"LOCATION:{place}", "LOCATION:Room 7\\, upstairs"))
    await work()
    await work()

    assert details(row(office)).place == "Room 7, upstairs"
    assert told(caught, GUEST) == [("New place", "REQUEST", 1)]
    assert "Room 7" in caught.to(GUEST)[-1].text


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param(
            (
                ("DTSTART;TZID=Europe/Berlin:20261124T100000", "DTSTART;VALUE=DATE:20261125"),
                ("DTEND;TZID=Europe/Berlin:20261124T103000", "DTEND;VALUE=DATE:20261126"),
            ),
            id="all-day",
        ),
        pytest.param((("SEQUENCE:0", "SEQUENCE:0\r\nRRULE:FREQ=WEEKLY;COUNT=3"),), id="weekly"),
        pytest.param((("20261124T103000", "20261224T103000"),), id="a month long"),
    ],
)
async def test_an_event_without_a_single_time_keeps_its_booking_and_its_host_is_told_once(
    office, caught, work, done, pairs
):
    await edit(office, *pairs)
    await work()
    await edit(office, ("SUMMARY:", "SUMMARY:My "))
    await work()

    now = row(office)
    assert (now.start, now.status, now.sequence) == (TEN, "accepted", 0)
    assert told(caught, HOST) == [("Ohne Uhrzeit",)]
    assert told(caught, GUEST) == []


async def test_another_booking_in_the_way_is_told_and_not_refused(office, caught, work, done):
    other = await book(office.desk, "alice", "check-in", wish("2026-11-24 11:00", email="bob@example.com"))
    await work()
    office.db.write_now(jobs.drop, BOOKING, f"{office.alice.id} {other.row.uid}")
    href = office.db.read_now(members.by_uid, office.alice.merged, done.row.uid).href
    text = office.db.read_now(lambda conn: objects.by_uid(conn, office.alice.id, done.row.uid))[0].text
    for old, new in LATER:
        text = text.replace(old, new)
    await implicit.put(office.sync, office.alice, href, text)
    await work()

    assert [one.start for one in office.rows()] == [ELEVEN, ELEVEN]
    assert [line for line in told(caught, HOST) if line[0] != "Gebucht"] == [("Überschneidung",)]
    assert told(caught, GUEST) == [("New time", "REQUEST", 1)]


async def test_what_a_booking_does_itself_is_no_news(office, caught, work, done):
    await reschedule(office.desk, done.row.uid, done.token, at("2026-11-25 09:00"), "UTC")
    await work()
    await cancel(office.desk, done.row.uid, done.token)
    await work()
    await work()

    assert row(office).sequence == 2
    assert [line[0] for line in told(caught, GUEST)] == ["New time", "Cancelled"]


async def test_an_account_that_is_removed_takes_no_booking_with_it(office, caught, work):
    office.connect()
    await book(office.desk, "alice", "one-on-one", wish())
    await work()
    [calendar] = [one for one in office.db.read_now(calendars, office.alice.id) if one.kind == "caldav"]
    office.db.write_now(remove_account, office.alice.id, calendar.account_id)
    await work()

    assert row(office).status == "accepted"
    assert told(caught, GUEST) == []


@pytest.mark.parametrize("kind", ["caldav", "google"])
async def test_it_follows_what_happens_at_the_provider(office, caught, work, kind):
    shelf = office.connect(kind)
    await book(office.desk, "alice", "one-on-one", wish())
    await work()
    [(href, text)] = shelf.texts().items()
    [calendar] = [one for one in office.db.read_now(calendars, office.alice.id) if one.kind == kind]

    for old, new in LATER:
        text = text.replace(old, new)
    shelf.edit("main", href, text)
    await pull_account(office.sync, calendar.account_id)
    await work()
    assert (row(office).start, row(office).sequence) == (ELEVEN, 1)
    await work()
    assert "SEQUENCE:1" in shelf.texts()[href]

    answered = unfolded(shelf.texts()[href]).replace(
        "PARTSTAT=ACCEPTED;SCHEDULE-AGENT=CLIENT:mailto:joerg", "PARTSTAT=DECLINED:mailto:joerg"
    )
    assert "DECLINED" in answered
    shelf.edit("main", href, answered)
    await pull_account(office.sync, calendar.account_id)
    await work()
    assert details(row(office)).reply == "DECLINED"

    shelf.erase("main", href)
    await pull_account(office.sync, calendar.account_id)
    await work()
    assert row(office).status == "cancelled"
    assert told(caught, GUEST) == [("New time", "REQUEST", 1), ("Cancelled", "CANCEL", 2)]
    assert told(caught, HOST) == [("Einladung abgelehnt",)]


async def test_a_calendar_that_is_suddenly_empty_calls_nothing_off(office, caught, work):
    shelf = office.connect()
    for start in ("2026-11-24 10:00", "2026-11-24 14:00"):
        await book(office.desk, "alice", "one-on-one", wish(start))
    await work()
    [calendar] = [one for one in office.db.read_now(calendars, office.alice.id) if one.kind == "caldav"]
    shelf.calendars_["main"].objects.clear()
    await pull_account(office.sync, calendar.account_id, full=True)
    await work()

    assert office.texts() == []
    assert [one.status for one in office.rows()] == ["accepted", "accepted"]


# What invitees answer


def message(mail, method, *pairs, comment=""):
    """What the invitee's calendar sends back about a mail."""
    text = unfolded(mail.calendar).replace("METHOD:REQUEST", f"METHOD:{method}")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text.replace("END:VEVENT", f"COMMENT:{comment}\r\nEND:VEVENT") if comment else text


def reply(mail, partstat, **more):
    return message(mail, "REPLY", ("PARTSTAT=NEEDS-ACTION", f"PARTSTAT={partstat}"), **more)


def deliver(office, text, sender=GUEST):
    return office.db.write_now(implicit.deliver_mail, office.sync, office.alice, sender, text)


async def test_a_no_by_mail_marks_the_booking_and_keeps_its_time(office, caught, work, done):
    text = reply(caught.to(GUEST)[0], "DECLINED", comment="Sorry!")
    assert deliver(office, text) is Outcome.ANSWERED
    await work()
    deliver(office, text)
    await work()

    now = row(office)
    assert (details(now).reply, now.status, now.sequence) == ("DECLINED", "accepted", 0)
    assert now in office.db.read_now(bookings.coming, office.alice.id, int(office.now))
    assert told(caught, HOST) == [("Einladung abgelehnt",)]
    assert "Sorry!" in caught.to(HOST)[-1].text
    assert told(caught, GUEST) == []
    assert "PARTSTAT=DECLINED" in stored(office)[1]


async def test_a_yes_is_noted_and_only_told_after_a_no(office, caught, work, done):
    deliver(office, reply(caught.to(GUEST)[0], "ACCEPTED"))
    await work()
    assert (details(row(office)).reply, told(caught, HOST)) == ("ACCEPTED", [])

    for minute, partstat in enumerate(("TENTATIVE", "DECLINED", "ACCEPTED"), start=10):
        office.now += 60
        text = reply(caught.to(GUEST)[0], partstat)
        deliver(office, text.replace("DTSTAMP:20261121T090000Z", f"DTSTAMP:20261121T09{minute}00Z"))
        await work()
    assert told(caught, HOST) == [("Unsicher",), ("Einladung abgelehnt",), ("Zugesagt",)]


async def test_a_no_to_another_time_is_over_once_it_moves(office, caught, work, done):
    old = reply(caught.to(GUEST)[0], "DECLINED")
    deliver(office, old)
    await work()
    await reschedule(office.desk, done.row.uid, done.token, ELEVEN, "UTC")
    await work()

    assert details(row(office)).reply == ""
    assert "PARTSTAT=DECLINED" not in stored(office)[1]
    deliver(office, old)
    await work()
    assert details(row(office)).reply == ""


async def test_strangers_answer_for_nobody(office, caught, work, done):
    deliver(office, reply(caught.to(GUEST)[0], "DECLINED"), sender="mallory@example.net")
    await work()

    assert details(row(office)).reply == ""


async def test_a_no_by_mail_counts_where_a_provider_keeps_the_event(office, caught, work):
    office.connect("google")
    await book(office.desk, "alice", "one-on-one", wish())
    await work()
    deliver(office, reply(caught.to(GUEST)[0], "DECLINED"))
    await work()
    await work()

    assert details(row(office)).reply == "DECLINED"
    assert "PARTSTAT=DECLINED" in stored(office)[1]
    assert told(caught, HOST) == [("Einladung abgelehnt",)]


async def test_another_time_that_an_invitee_proposes_reaches_the_host_once(office, caught, work, done):
    text = message(caught.to(GUEST)[0], "COUNTER", *LATER, comment="Better for me")
    deliver(office, text)
    await work()
    deliver(office, text)
    await work()

    now = row(office)
    assert (now.start, details(now).proposal) == (TEN, (ELEVEN, ELEVEN + 1800))
    assert told(caught, HOST) == [("Andere Zeit vorgeschlagen",)]
    body = caught.to(HOST)[-1].text
    assert "11:00" in body
    assert "Better for me" in body
    assert "&move=1&start=2026-11-24T10:00:00Z" in body


# Several hosts


@pytest.fixture
async def team(office, work):
    found = Team(office)
    await book(office.desk, "sales", "demo", wish("2026-11-24 15:00"))
    await work()
    return found


async def test_one_of_several_hosts_moves_it_for_all(office, caught, work, team):
    await edit(office, ("T150000", "T160000"), ("T154500", "T164500"), person=team.people["bob"])
    await work()
    await work()

    [now] = team.rows()
    assert (now.start, now.sequence) == (at("2026-11-24 16:00"), 1)
    for name in team.people:
        [text] = team.texts(name)
        assert "SEQUENCE:1" in text
    assert {name: len(caught.to(f"{name}@example.com")) for name in team.people} == {"alice": 2, "bob": 1, "carol": 2}
    assert told(caught, GUEST) == [("New time", "REQUEST", 1)]


async def test_one_of_several_hosts_who_deletes_it_is_missing_and_the_last_one_cancels(office, caught, work, team):
    await erase(office, team.people["bob"])
    await work()
    [now] = team.rows()
    assert (now.status, now.sequence) == ("accepted", 0)
    assert told(caught, GUEST) == []
    assert told(caught, HOST) == [("Aus einem Kalender entfernt",)]
    assert told(caught, "bob@example.com") == []

    await erase(office, team.people["alice"])
    await erase(office, team.people["carol"])
    await work()
    [now] = team.rows()
    assert now.status == "cancelled"
    assert told(caught, GUEST) == [("Cancelled", "CANCEL", 1)]
