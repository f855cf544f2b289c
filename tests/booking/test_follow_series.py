"""A series follows its event: as a whole, or date by date, with one mail that says it."""

import icalendar
import pytest

from gateway.booking.book import book, cancel, reschedule
from gateway.booking.model import details
from gateway.booking.turns import turns
from gateway.scheduling import implicit
from gateway.store import bookings, jobs, members
from gateway.sync.wake import BOOKING
from tests.booking.office import at, wish
from tests.booking.team import Team

GUEST, HOST = "joerg@example.org", "alice@example.com"
DATES = [at(f"{day} 10:00") for day in ("2027-03-09", "2027-03-23", "2027-04-06", "2027-04-20")]
SERIES = {
    "title": "Coaching",
    "length": 60,
    "window": {"kind": "rolling", "days": 365},
    "series": {"every": 2, "per": "week", "count": 4},
}


@pytest.fixture
def office(mailing):
    return mailing


@pytest.fixture
async def done(office, work):
    office.db.write_now(bookings.put_event_type, office.alice.id, "coaching", SERIES)
    found = await book(office.desk, "alice", "coaching", wish("2027-03-09 10:00"))
    await work()
    return found


def stored(office, person=None):
    [member] = office.db.read_now(members.texts, (person or office.alice).merged)
    return member.href, member.text.replace("\r\n ", "")


async def store(office, text, person=None):
    await implicit.put(office.sync, person or office.alice, stored(office, person)[0], text)


async def edit(office, *pairs, person=None):
    text = stored(office, person)[1]
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    await store(office, text, person)


RULE = "RRULE:FREQ=WEEKLY;COUNT=4;INTERVAL=2\r\n"


def without(*days):
    """The edit that takes dates out, as clients do."""
    return RULE, RULE + "".join(f"EXDATE;TZID=Europe/Berlin:{day}T100000\r\n" for day in days)


def override(text, day, *pairs):
    """The edit that changes one date, as clients do."""
    _, master = text.split("BEGIN:VEVENT\r\n")
    body = master.partition("END:VEVENT")[0].replace(RULE, "")
    body = body.replace("20270309T", f"{day}T")
    for old, new in pairs:
        assert old in body
        body = body.replace(old, new)
    event = f"BEGIN:VEVENT\r\nRECURRENCE-ID;TZID=Europe/Berlin:{day}T100000\r\n{body}END:VEVENT\r\n"
    return text.replace("END:VCALENDAR", event + "END:VCALENDAR")


def row(office):
    [found] = office.rows()
    return found


def told(caught, address):
    """Of each mail after the first: how its subject begins, METHOD, and (RECURRENCE-ID, start) of each event."""
    found = []
    for mail in caught.to(address)[1:]:
        calendar = icalendar.Calendar.from_ical(mail.calendar) if mail.calendar else None
        events = [] if calendar is None else calendar.walk("VEVENT")
        inside = [
            (
                int(one["RECURRENCE-ID"].dt.timestamp()) if "RECURRENCE-ID" in one else None,
                one["DTSTART"].dt.timestamp(),
            )
            for one in events
        ]
        method = "" if calendar is None else str(calendar["METHOD"])
        assert len({int(one["SEQUENCE"]) for one in events}) < 2
        found.append((mail.message["Subject"].partition(":")[0], method, inside))
    return found


def starts(office):
    return [None if one.gone else one.start for one in turns(row(office))]


async def test_what_was_booked_is_found_equal(office, caught, work, done):
    before = row(office), stored(office)
    for _ in range(2):
        payload = {"uid": done.row.uid, "gone": False}
        office.db.write_now(jobs.add, BOOKING, "again", payload, due=office.now, user=office.alice.id)
        await work()
    assert (row(office), stored(office)) == before
    assert (told(caught, GUEST), told(caught, HOST)) == ([], [])


async def test_a_series_moved_as_a_whole_moves_its_booking(office, caught, work, done):
    await edit(office, ("20270309T10", "20270310T14"), ("20270309T11", "20270310T15"))
    await work()

    dates = [at(f"{day} 14:00") for day in ("2027-03-10", "2027-03-24", "2027-04-07", "2027-04-21")]
    assert (starts(office), row(office).start, row(office).sequence) == (dates, dates[0], 1)
    assert told(caught, GUEST) == [("New time", "REQUEST", [(None, dates[0])])]
    assert told(caught, HOST) == []
    await work()
    assert len(told(caught, GUEST)) == 1


async def test_one_date_moved_in_a_calendar_moves_in_the_booking(office, caught, work, done):
    moved = ("T100000\r\nDTEND", "T120000\r\nDTEND"), ("T110000", "T130000")
    await store(office, override(stored(office)[1], "20270323", *moved))
    await work()

    there = at("2027-03-23 12:00")
    assert starts(office) == [DATES[0], there, *DATES[2:]]
    assert told(caught, GUEST) == [("New time for one date", "REQUEST", [(DATES[1], there)])]
    assert told(caught, HOST) == []
    await work()
    assert len(told(caught, GUEST)) == 1


async def test_one_date_deleted_in_a_calendar_is_cancelled(office, caught, work, done):
    await edit(office, without("20270406"))
    await work()

    assert (starts(office), row(office).status) == ([DATES[0], DATES[1], None, DATES[3]], "accepted")
    assert told(caught, GUEST) == [("Cancelled from a series", "CANCEL", [(DATES[2], DATES[2])])]
    await work()
    assert len(told(caught, GUEST)) == 1


async def test_a_date_marked_as_cancelled_is_one_that_is_deleted(office, caught, work, done):
    await store(office, override(stored(office)[1], "20270406", ("STATUS:CONFIRMED", "STATUS:CANCELLED")))
    await work()
    assert starts(office) == [DATES[0], DATES[1], None, DATES[3]]
    assert told(caught, GUEST) == [("Cancelled from a series", "CANCEL", [(DATES[2], DATES[2])])]


async def test_what_happens_to_several_dates_at_once_is_one_mail(office, caught, work, done):
    text = override(stored(office)[1], "20270323", ("T100000\r\nDTEND", "T120000\r\nDTEND"), ("T110000", "T130000"))
    await store(office, text.replace(*without("20270406"), 1))
    await work()

    there = at("2027-03-23 12:00")
    assert starts(office) == [DATES[0], there, None, DATES[3]]
    assert told(caught, GUEST) == [("New time", "REQUEST", [(None, DATES[0]), (DATES[1], there)])]


async def test_all_dates_deleted_one_by_one_cancel_the_booking(office, caught, work, done):
    await edit(office, without("20270309", "20270323", "20270406", "20270420", "20270504")[:2])
    await work()
    assert row(office).status == "cancelled"
    assert told(caught, GUEST) == [("Cancelled", "CANCEL", [(None, DATES[0])])]


async def test_a_deleted_series_is_cancelled_and_only_what_is_to_come(office, caught, work, done):
    office.now = DATES[1]
    await implicit.delete(office.sync, office.alice, stored(office)[0])
    await work()

    assert row(office).status == "cancelled"
    assert starts(office) == [DATES[0], None, None, None]
    assert told(caught, GUEST) == [("Cancelled", "CANCEL", [(date, date) for date in DATES[1:]])]


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param([("COUNT=4", "COUNT=3")], id="fewer"),
        pytest.param([("COUNT=4", "UNTIL=20270324T000000Z")], id="split"),
        pytest.param([("INTERVAL=2", "INTERVAL=1")], id="oftener"),
        pytest.param([(";COUNT=4", "")], id="without end"),
        pytest.param([(RULE, "")], id="single"),
        pytest.param([(RULE, RULE + "RDATE;TZID=Europe/Berlin:20270325T100000\r\n")], id="one more"),
        pytest.param([("TZID=Europe/Berlin:20270309T100000", "VALUE=DATE:20270309"),
                      ("TZID=Europe/Berlin:20270309T110000", "VALUE=DATE:20270310")], id="all day"),
    ],
)  # fmt: skip
async def test_another_rule_is_told_to_the_host_once(office, caught, work, done, pairs):
    text = stored(office)[1]
    await edit(office, *pairs)
    await work()
    await work()

    assert (starts(office), details(row(office)).unclear) == (DATES, True)
    assert told(caught, GUEST) == []
    assert [subject for subject, *_ in told(caught, HOST)] == ["Ohne Uhrzeit"]
    await store(office, text)
    await work()
    assert (starts(office), details(row(office)).unclear, told(caught, GUEST)) == (DATES, False, [])


async def test_the_same_rule_in_other_words_is_no_change(office, caught, work, done):
    await edit(office, ("COUNT=4;INTERVAL=2", "INTERVAL=2;BYDAY=TU;WKST=SU;UNTIL=20270420T080000Z"))
    await work()
    assert (starts(office), details(row(office)).unclear) == (DATES, False)
    assert (told(caught, GUEST), told(caught, HOST)) == ([], [])


async def test_another_place_is_told_once_for_all(office, caught, work, done):
    await edit(office, ("SUMMARY:", "LOCATION:Room 9\r\nSUMMARY:"))
    await work()
    assert details(row(office)).place == "Room 9"
    assert [subject for subject, *_ in told(caught, GUEST)] == ["New place"]


def reply(office, partstat, day="", sequence=0):
    lines = [f"RECURRENCE-ID;TZID=Europe/Berlin:{day}T100000"] if day else []
    text = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", "METHOD:REPLY", "BEGIN:VEVENT"),
        *(f"UID:{row(office).uid}", "DTSTAMP:20261201T090000Z", f"SEQUENCE:{sequence}", *lines),
        f"DTSTART;TZID=Europe/Berlin:{day or '20270309'}T100000",
        f"ORGANIZER:mailto:{HOST}",
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{GUEST}",
        *("END:VEVENT", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(text)


async def answer(office, work, *given):
    office.db.write_now(implicit.deliver_mail, office.sync, office.alice, GUEST, reply(office, *given))
    await work()


async def test_a_reply_for_one_date_is_noted_for_it(office, caught, work, done):
    await answer(office, work, "DECLINED", "20270406")

    assert [one.reply for one in turns(row(office))] == ["", "", "DECLINED", ""]
    assert details(row(office)).reply == ""
    assert [subject for subject, *_ in told(caught, HOST)] == ["Einladung abgelehnt"]
    assert "6. April 2027" in caught.to(HOST)[-1].message.get_body(("plain",)).get_content()
    assert (starts(office), told(caught, GUEST)) == (DATES, [])
    events = icalendar.Calendar.from_ical(stored(office)[1]).walk("VEVENT")
    said = [one.params["PARTSTAT"] for event in events for one in event["ATTENDEE"] if one == f"mailto:{GUEST}"]
    assert said == ["ACCEPTED", "DECLINED"]

    await answer(office, work, "ACCEPTED")
    assert ([one.reply for one in turns(row(office))], details(row(office)).reply) == ([""] * 4, "ACCEPTED")


def counter(office, day, clock="150000-160000", sequence=0, rule=""):
    """As Outlook sends it for one date; for the whole series with a rule."""
    begin, end = clock.split("-")
    text = reply(office, "TENTATIVE", "" if rule else day, sequence).replace("METHOD:REPLY", "METHOD:COUNTER")
    text = text.replace(f"DTSTART;TZID=Europe/Berlin:{day}T100000", f"DTSTART;TZID=Europe/Berlin:{day}T{begin}")
    return text.replace(
        "END:VEVENT", f"DTEND;TZID=Europe/Berlin:{day}T{end}\r\n{rule}COMMENT:Rather later.\r\nEND:VEVENT"
    )


def deliver(office, text, sender=GUEST):
    office.db.write_now(implicit.deliver_mail, office.sync, office.alice, sender, text)


async def test_another_time_for_one_date_reaches_the_host_once(office, caught, work, done):
    text = counter(office, "20270406")
    for _ in range(2):
        deliver(office, text)
        await work()

    later = DATES[2] + 5 * 3600
    assert [one.proposal for one in turns(row(office))] == [None, None, (later, later + 3600), None]
    assert (starts(office), details(row(office)).proposes) == (DATES, True)
    assert [subject for subject, *_ in told(caught, HOST)] == ["Andere Zeit vorgeschlagen"]
    body = caught.to(HOST)[-1].message.get_body(("plain",)).get_content()
    assert ("6. April 2027" in body, "15:00" in body, "Rather later." in body) == (True, True, True)
    assert "&move=1&start=2027-04-06T13:00:00Z&at=2027-04-06T08:00:00Z" in body

    token = office.desk.sealer.open(details(row(office)).host_token.encode())
    await reschedule(office.desk, done.row.uid, token, later, "UTC", at=DATES[2])
    await work()
    assert starts(office) == [*DATES[:2], later, DATES[3]]
    assert not details(row(office)).proposes
    [(_, method, inside)] = told(caught, GUEST)
    assert (method, inside) == ("REQUEST", [(DATES[2], later)])


@pytest.mark.parametrize(
    ("given", "sender"),
    [
        pytest.param({"day": "20270406", "clock": "100000-110000"}, GUEST, id="the time it has"),
        pytest.param({"day": "20270407"}, GUEST, id="no date of it"),
        pytest.param({"day": "20270309", "rule": RULE}, GUEST, id="the whole series"),
        pytest.param({"day": "20270406", "clock": "150000-150000"}, GUEST, id="no time at all"),
        pytest.param({"day": "20270406"}, "mallory@example.net", id="from a stranger"),
    ],
)
async def test_what_is_no_proposal_for_one_date_reaches_nobody(office, caught, work, done, given, sender):
    deliver(office, counter(office, **given), sender)
    await work()

    assert not details(row(office)).proposes
    assert told(caught, HOST) == []


async def test_a_proposal_is_over_with_its_date_and_with_an_earlier_revision(office, caught, work, done):
    deliver(office, counter(office, "20270406"))
    await work()
    await cancel(office.desk, done.row.uid, done.token, at=DATES[2])
    assert not details(row(office)).proposes
    deliver(office, counter(office, "20270420"))
    await work()
    assert not details(row(office)).proposes
    deliver(office, counter(office, "20270420", sequence=1))
    await work()
    assert details(row(office)).proposes


async def test_a_date_that_one_of_several_hosts_deletes_stands_for_the_others(office, caught, work):
    team = Team(office)
    kind = {**SERIES, "mode": "collective"}
    sales = office.db.read_now(
        lambda conn: conn.exec_driver_sql("select id from principals where name='sales'").scalar()
    )
    office.db.write_now(bookings.put_event_type, sales, "coaching", kind)
    done = await book(office.desk, "sales", "coaching", wish("2027-03-09 15:00"))
    await work()
    text = stored(office, team.people["bob"])[1]
    await store(office, text.replace(RULE, RULE + "EXDATE;TZID=Europe/Berlin:20270323T150000\r\n"), team.people["bob"])
    await work()
    await work()

    [found] = team.rows()
    assert (found.uid, [one.gone for one in turns(found)]) == (done.row.uid, [False] * 4)
    assert told(caught, GUEST) == []
    assert [subject for subject, *_ in told(caught, HOST)] == ["Aus einem Kalender entfernt"]
    assert told(caught, "bob@example.com") == []


async def test_a_cancelled_date_does_not_come_back_when_the_series_is_moved(office, caught, work, done):
    await cancel(office.desk, done.row.uid, done.token, at=DATES[1])
    await work()
    text = stored(office)[1]
    line = next(line for line in text.splitlines() if line.startswith("EXDATE"))
    await store(office, text.replace(f"{line}\r\n", "").replace("20270309T", "20270310T"))
    await work()

    assert starts(office) == [date and date + 86_400 for date in (DATES[0], None, *DATES[2:])]
    assert "EXDATE;TZID=Europe/Berlin:20270324T100000" in stored(office)[1]
