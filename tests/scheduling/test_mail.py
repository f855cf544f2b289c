"""Booking mails, as their readers and their clients see them."""

import email
from email.policy import default

import icalendar
import pytest
from hypothesis import given, settings

from gateway.errors import InvalidCalendarData, InvalidRequest
from gateway.ical.objects import read
from gateway.scheduling.itip import cancel, request
from gateway.scheduling.mail import Kind, Person, compose
from tests.node import needs_node, read_with_ical_js
from tests.scheduling.sample import ALICE, BOB, NOW, SENDER, START, event, notice
from tests.scheduling.test_itip import HOSTILE, hostile

HEADERS = [
    "From",
    "To",
    "Reply-To",
    "Message-ID",
    "Subject",
    "Date",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]


def sent(given, to=BOB):
    """The mail after its way over the wire."""
    return email.message_from_bytes(compose(given, to, sender=SENDER, now=NOW).as_bytes(), policy=default)


def body(message, kind: str = "plain") -> str:
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_the_parts_stand_as_clients_expect_them():
    message = sent(notice())
    parts = [(part.get_content_type(), part.get_content_disposition()) for part in message.walk()]

    assert parts == [
        ("multipart/mixed", None),
        ("multipart/alternative", None),
        ("text/plain", None),
        ("text/html", None),
        ("text/calendar", None),
        ("application/ics", "attachment"),
    ]


@pytest.mark.parametrize(
    ("ics", "method"),
    [
        pytest.param(notice().ics, "REQUEST", id="request"),
        pytest.param(cancel(read(event()), stamp=NOW, sequence=1), "CANCEL", id="cancel"),
    ],
)
def test_the_method_of_the_part_is_the_one_in_the_text_and_both_copies_are_the_same(ics, method):
    *_, calendar, attached = sent(notice(ics=ics)).walk()

    assert dict(calendar["Content-Type"].params) == {"charset": "utf-8", "method": method}
    assert calendar.get_payload(decode=True).decode() == ics
    assert attached.get_filename() == "invite.ics"
    assert attached.get_payload(decode=True).decode() == ics


def test_the_calendar_part_is_one_that_icalendar_reads():
    [*_, calendar, _] = sent(notice()).walk()
    [meeting] = icalendar.Calendar.from_ical(calendar.get_payload(decode=True)).walk("VEVENT")

    assert meeting["UID"] == "b-1"


def test_only_our_own_domain_vouches_for_the_mail_and_answers_go_to_the_other():
    to_guest, to_host = sent(notice()), sent(notice(), ALICE)

    assert str(to_guest["From"]) == "Alice Example <calendar@gateway.example>"
    assert str(to_guest["To"]) == "Bob Müller <bob@example.org>"
    assert str(to_guest["Reply-To"]) == "Alice Example <alice@example.com>"
    assert str(to_host["From"]) == "Calendar <calendar@gateway.example>"
    assert str(to_host["To"]) == "Alice Example <alice@example.com>"
    assert str(to_host["Reply-To"]) == "Bob Müller <bob@example.org>"
    assert (to_guest["Auto-Submitted"], to_guest["Date"]) == ("auto-generated", "Wed, 25 Nov 2026 09:46:40 +0000")


def test_all_mails_of_one_booking_to_one_person_are_a_thread():
    first, moved = sent(notice()), sent(notice(Kind.RESCHEDULED))
    over = sent(notice(Kind.CANCELLED, sequence=2))

    assert first["References"] is None
    assert moved["In-Reply-To"] == over["In-Reply-To"] == moved["References"] == first["Message-ID"]
    assert len({first["Message-ID"], moved["Message-ID"], over["Message-ID"], sent(notice(), ALICE)["Message-ID"]}) == 4
    assert sent(notice(Kind.RESCHEDULED))["Message-ID"] == moved["Message-ID"]


@pytest.mark.parametrize(
    ("kind", "to", "subject", "lead"),
    [
        pytest.param(
            Kind.BOOKED,
            BOB,
            "Gebucht: Consulting mit Alice Example, Fr., 27. Nov. 2026, 05:00",
            "Ihr Termin mit Alice Example ist gebucht.",
            id="guest, German",
        ),
        pytest.param(
            Kind.RESCHEDULED,
            BOB,
            "Neue Zeit: Consulting mit Alice Example, Fr., 27. Nov. 2026, 05:00",
            "Ihr Termin mit Alice Example hat eine neue Zeit.",
            id="guest, moved",
        ),
        pytest.param(
            Kind.CANCELLED,
            BOB,
            "Abgesagt: Consulting mit Alice Example, Fr., 27. Nov. 2026, 05:00",
            "Ihr Termin mit Alice Example ist abgesagt.",
            id="guest, cancelled",
        ),
        pytest.param(
            Kind.BOOKED,
            ALICE,
            "Booked: Consulting with Bob Müller, Fri, Nov 27, 2026, 11:00 AM",
            "Bob Müller has booked an appointment with you.",
            id="host, English",
        ),
        pytest.param(
            Kind.RESCHEDULED,
            ALICE,
            "New time: Consulting with Bob Müller, Fri, Nov 27, 2026, 11:00 AM",
            "The appointment with Bob Müller has a new time.",
            id="host, moved",
        ),
        pytest.param(
            Kind.CANCELLED,
            ALICE,
            "Cancelled: Consulting with Bob Müller, Fri, Nov 27, 2026, 11:00 AM",
            "The appointment with Bob Müller is cancelled.",
            id="host, cancelled",
        ),
    ],
)
def test_what_it_says_in_the_readers_language_and_zone(kind, to, subject, lead):
    message = sent(notice(kind), to)

    assert " ".join(str(message["Subject"]).split()) == " ".join(subject.split())
    assert body(message).splitlines()[0] == lead
    assert lead in body(message, "html")


def test_both_clocks_are_told_where_they_differ():
    text = body(sent(notice()))

    assert "Wann: Freitag, 27. November 2026, 05:00–06:00 Uhr" in text
    assert "Bei Alice Example: Freitag, 27. November 2026, 11:00–12:00 Uhr" in text

    near = Person("Bob", "bob@example.org", "de", "Europe/Paris")
    assert "Alice Example:" not in body(sent(notice(invitee=near), near))


def test_a_meeting_over_midnight_has_both_dates():
    text = body(sent(notice(end=START + 60_000), ALICE))

    assert "Fri, Nov 27, 2026, 11:00" in text
    assert "Sat, Nov 28, 2026, 3:40" in text


def test_the_time_before_the_place_the_note_and_the_reason_are_told():
    given = notice(
        Kind.RESCHEDULED, before=(START - 86_400, START - 82_800), location="Room 1", note="First\nSecond", reason="Ill"
    )
    text = body(sent(given))

    assert "Bisher: Donnerstag, 26. November 2026, 05:00–06:00 Uhr" in text
    assert "Wo: Room 1" in text
    assert "Nachricht:\nFirst\nSecond" in text
    assert "Grund:\nIll" in text


def test_links_lead_to_moving_and_cancelling_until_it_is_cancelled():
    booked = sent(notice())
    over = sent(notice(Kind.CANCELLED, book_url="https://gateway.example/alice/consulting"))

    assert "Termin absagen: https://gateway.example/booking/b-1?token=abc&cancel=1" in body(booked)
    assert 'href="https://gateway.example/booking/b-1?token=abc&amp;cancel=1"' in body(booked, "html")
    assert "token" not in body(over)
    assert "Möchten Sie einen anderen Termin?\nNeuen Termin buchen: https://gateway.example/alice" in body(over)


def test_a_host_is_not_asked_to_book_with_themselves():
    over = sent(notice(Kind.CANCELLED, sequence=2, book_url="https://gateway.example/alice"), ALICE)

    assert "https://gateway.example/alice" not in body(over) + body(over, "html")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x.example/\r\nBcc: eve@example.net", "data:text/html,x"]
)
def test_a_link_is_a_web_address_or_left_out(url):
    message = sent(notice(reschedule_url=url, cancel_url="", wrong_url=url, location=url))

    assert "<a " not in body(message, "html")


def test_nothing_a_stranger_types_is_markup():
    typed = "<img src=x onerror=alert(1)>\"'&{{ 7*7 }}{title}%s"
    html = body(sent(notice(title=typed, note=typed, location=typed, invitee=Person(typed, "bob@example.org"))), "html")

    assert "<img" not in html
    assert "49" not in html.replace("#", "")
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "{{ 7*7 }}" in html


@settings(max_examples=60, deadline=None)
@given(title=hostile, note=hostile, place=hostile, host=hostile, guest=hostile)
def test_no_text_ever_leaves_its_header(title, note, place, host, guest):
    ics = request(read(event(title, note, place, host, guest)))
    given = notice(
        title=title,
        note=note,
        location=place,
        reason=note,
        host=Person(host, "alice@example.com"),
        invitee=Person(guest, "bob@example.org", "de"),
        ics=ics,
    )

    for to in (given.host, given.invitee):
        raw = compose(given, to, sender=SENDER, now=NOW).as_bytes()
        message = email.message_from_bytes(raw, policy=default)
        assert message.keys() == HEADERS
        assert [one.addr_spec for one in message["To"].addresses] == [to.address]
        assert [one.addr_spec for one in message["From"].addresses] == ["calendar@gateway.example"]
        assert len(message["Reply-To"].addresses) == 1
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")
        assert len(list(message.walk())) == 6


@pytest.mark.parametrize(
    "address", ["bob@example.org\r\nBcc: eve@example.net", "bob@example.org, eve@example.net", "bob"]
)
def test_an_address_that_is_none_makes_no_mail(address):
    given = notice(invitee=Person("Bob", address))

    with pytest.raises(InvalidRequest):
        compose(given, given.invitee, sender=SENDER, now=NOW)


def test_somebody_who_books_themselves_gets_the_hosts_mail_as_host():
    given = notice(invitee=Person("Alice again", "alice@example.com"))

    assert body(sent(given, given.host)).startswith("Alice again has booked an appointment with you.")
    assert body(sent(given, given.invitee)).startswith("Your appointment with Alice Example is booked.")


def test_a_calendar_without_method_makes_no_mail():
    with pytest.raises(InvalidCalendarData, match="METHOD"):
        compose(notice(ics=event()), BOB, sender=SENDER, now=NOW)


@pytest.mark.parametrize(
    ("zone", "locale"), [pytest.param("Mars/Olympus", "de", id="zone"), pytest.param("UTC", "tlh", id="locale")]
)
def test_a_reader_with_an_unknown_zone_or_language_gets_mail_all_the_same(zone, locale):
    given = notice(invitee=Person("Bob", "bob@example.org", locale, zone))

    assert "Consulting" in body(sent(given, given.invitee))


class TestIcalJs:
    pytestmark = needs_node

    def test_it_reads_what_the_mail_carries(self):
        given = notice(ics=request(read(event(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE))))
        [*_, calendar, attached] = sent(given).walk()

        for part in (calendar, attached):
            read_back = read_with_ical_js(part.get_payload(decode=True).decode())
            assert (read_back["method"], read_back["events"][0]["uid"]) == ("REQUEST", "b-1")
