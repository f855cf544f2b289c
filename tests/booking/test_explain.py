"""A day explained: what is offered has no reason, whatever is not has one, and names only what its reader may know."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.booking import offer
from gateway.booking.book import book
from gateway.booking.explain import explain
from gateway.booking.offer import Visit
from gateway.booking.slots import Cause
from gateway.store import accounts, bookings, delegates, holds, principals
from gateway.sync.write import stage_put
from gateway.web.language import language
from gateway.web.reasons import Reader, sentences
from tests.booking.office import NOW, at, open_office, wish
from tests.booking.team import Team
from tests.sync.objects import event

DAY = at("2026-11-24 00:00"), at("2026-11-25 00:00")
BERLIN = "Europe/Berlin"


def utc(text):
    return f"2026112{text}00Z"


def write(office, uid, start, end, summary, lines=(), whose=None):
    """start, end: such as 4T0900, of November 2026, UTC."""
    text = event(uid, summary, start=utc(start), end=utc(end), lines=lines)
    office.db.write_now(stage_put, office.sync, whose or office.alice, text)


def told(office, viewer, slug="one-on-one", name="alice", now=NOW, span=DAY):
    of = office.db.read_now(offer.bookable, name, slug)
    return office.db.read_now(explain, of, Visit(BERLIN, now, 3600), viewer, *span)


def said(office, clock, viewer=None, slug="one-on-one", name="alice", code="en", **more):
    found = told(office, viewer or office.alice, slug, name, **more)
    start = at(f"2026-11-24 {clock}")
    reader = Reader(language([code]), BERLIN, viewer or office.alice, at=start)
    return [one.text for one in sentences(found, found.why(start), reader)]


def test_what_is_busy_is_named_to_its_owner(office):
    write(office, "talk", "4T0900", "4T0930", "Dentist")
    assert said(office, "10:00") == ["Alice Hartmann has “Dentist” (Privat), 10:00\u202fAM – 10:30\u202fAM."]
    assert said(office, "10:00", code="de") == ["Alice Hartmann hat „Dentist“ (Privat), 10:00 – 10:30."]
    assert said(office, "10:30") == []
    assert said(office, "09:30") == [
        "Too close to “Dentist” (Privat) of Alice Hartmann, 10:00\u202fAM – 10:30\u202fAM: time around it is kept free."
    ]


def test_a_colleagues_events_are_busy_time_unless_one_may_see_them(office):
    team = Team(office)
    bob, carol = team.people["bob"], team.people["carol"]
    write(office, "secret", "4T1500", "4T1600", "Interview", whose=carol)
    write(office, "private", "4T1630", "4T1700", "Doctor", ("CLASS:PRIVATE",), whose=carol)
    busy = ["Carol Lee is busy, 16:00 – 17:00."]
    assert said(office, "16:15", bob, "demo", "sales", code="en-GB") == busy
    office.db.write_now(delegates.grant, carol.id, bob.id, delegates.READ)
    named = ["Carol Lee has “Interview” (Personal), 16:00 – 17:00."]
    assert said(office, "16:10", bob, "demo", "sales", code="en-GB") == named
    veiled = ["Carol Lee has “An event without a title” (Personal), 17:30 – 18:00."]
    assert said(office, "17:30", bob, "demo", "sales", code="en-GB")[-1:] == veiled


async def test_bookings_are_named_and_their_event_is_not_a_second_reason(office):
    await book(office.desk, "alice", "one-on-one", wish("2026-11-24 10:00"))
    assert said(office, "10:00", code="en-GB") == ["“Gespräch” with Jörg Müller is booked, 10:00 – 10:30."]
    assert said(office, "10:30", code="en-GB") == [
        "Too close to the booking “Gespräch” with Jörg Müller, 10:00 – 10:30: time around it is kept free."
    ]
    other = ["Alice Hartmann has another booking, 10:00 – 10:30."]
    assert said(office, "10:00", office.person("bob"), code="en-GB") == other


async def test_each_date_of_a_series_is_named_with_its_own_time(office):
    document = {"title": "Weekly", "length": 30, "series": {"per": "day", "every": 1, "count": 3}}
    office.db.write_now(bookings.put_event_type, office.alice.id, "weekly", document)
    await book(office.desk, "alice", "weekly", wish("2026-11-23 10:00"))
    assert said(office, "10:00", code="en-GB") == ["“Weekly” with Jörg Müller is booked, 10:00 – 10:30."]


def test_a_calendar_that_was_not_read_is_the_reason_and_the_next_step(office):
    office.connect("google")
    [account] = [one for one in office.db.read_now(accounts.of_user, office.alice.id) if one.kind == "google"]
    later = NOW + 2 * 86_400
    found = told(office, office.alice, now=later)
    [one] = sentences(found, found.why(at("2026-11-24 10:00")), Reader(language(["de"]), BERLIN, office.alice))
    assert one.text.endswith("wurde seit Sa., 21. Nov., 10:00 nicht gelesen; deshalb ist nicht bekannt, welche Zeiten "
                             "belegt sind.")  # fmt: skip
    assert (one.link, one.todo) == (f"/app/accounts/{account.id}", "Nach dem Konto sehen oder es neu verbinden")
    assert found.offered == []


@pytest.mark.parametrize(
    ("slug", "document", "clock", "words"),
    [
        pytest.param("far-away", None, "10:00", "It has to be booked 480 h ahead", id="notice"),
        pytest.param(
            "near", {"window": {"kind": "rolling", "days": 1}}, "10:00", "It is too far ahead: 1 day is open",
            id="window",
        ),
        pytest.param(
            "past", {"window": {"kind": "between", "first": "2026-12-01", "last": "2026-12-02"}}, "10:00",
            "It is outside the days", id="dates",
        ),
        pytest.param("one-on-one", None, "18:00", "It is outside the working hours of Alice", id="hours"),
        pytest.param("never", None, "10:00", "It is outside the hours of the event type", id="own hours"),
        pytest.param("one-on-one", None, "10:10", "Bookings do not begin at just any minute", id="grid"),
        pytest.param("first", {"first_slot_only": True}, "10:00", "Of each day only the first", id="first only"),
    ],
)  # fmt: skip
def test_rules_say_what_they_are(office, slug, document, clock, words):
    if document is not None:
        full = {"title": slug, "length": 30, **document}
        office.db.write_now(bookings.put_event_type, office.alice.id, slug, full)
    [one] = said(office, clock, slug=slug)
    assert one.startswith(words)


def test_a_held_time_says_so(office):
    of = office.db.read_now(offer.bookable, "alice", "one-on-one")
    times = {**offer.times(of.kind, at("2026-11-24 10:00")), "expires": NOW + 300}
    office.db.write_now(holds.put, "digest", [office.alice.id], [times], NOW)
    assert said(office, "10:00", code="de") == [
        "Jemand füllt gerade das Formular für 10:00 – 10:30 aus; die Zeit wird wieder frei, wenn nicht gebucht wird."
    ]


async def test_a_full_day_says_how_many_there_may_be(office):
    document = {"title": "Once", "length": 30, "limits": [{"per": "day", "count": 1}]}
    office.db.write_now(bookings.put_event_type, office.alice.id, "once", document)
    await book(office.desk, "alice", "once", wish("2026-11-24 10:00"))
    assert said(office, "15:00", slug="once") == [
        "On this day there are as many bookings already as are allowed: 1 booking."
    ]


quarters = st.integers(0, 95)
EVENT_TYPES = st.fixed_dictionaries(
    {
        "length": st.sampled_from([15, 30, 45, 60]),
        "before": st.sampled_from([0, 10]),
        "after": st.sampled_from([0, 15]),
        "notice": st.sampled_from([0, 60, 4000]),
        "mode": st.sampled_from(["collective", "round_robin"]),
        "first_slot_only": st.sampled_from([False, False, True]),
        "limits": st.sampled_from([[], [{"per": "day", "count": 1}]]),
        "window": st.sampled_from(
            [{"kind": "rolling", "days": 2}, {"kind": "rolling", "days": 60}, {"kind": "bookable", "days": 1}]
        ),
    }
)
BUSY = st.tuples(st.sampled_from(["alice", "bob", "carol"]), quarters, st.sampled_from([15, 90, 300]))


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(EVENT_TYPES, st.lists(BUSY, max_size=5), quarters, st.sampled_from(["", "", "", "bob"]), quarters)
def test_a_start_is_offered_exactly_where_there_is_no_reason(
    empty, tmp_path_factory, document, busy, booked, unread, quarter
):
    office = open_office(empty, tmp_path_factory.mktemp("explained"))
    team = Team(office)
    sales = office.person("sales")
    office.db.write_now(bookings.put_event_type, sales.id, "any", {"title": "Any", **document})
    for number, (name, start, minutes) in enumerate(busy):
        low = DAY[0] + start * 900
        clocks = [f"{at_:%Y%m%dT%H%M%SZ}" for at_ in map(_utc, (low, low + minutes * 60))]
        text = event(f"busy{number}", start=clocks[0], end=clocks[1])
        office.db.write_now(stage_put, office.sync, team.people[name], text)
    if unread:
        team.connect(unread)
        office.db.write_now(_forget, principals.by_name, unread)
    of = office.db.read_now(offer.bookable, "sales", "any")
    visit = Visit(BERLIN, NOW, 3600)
    there = office.db.read_now(offer.starts, of, visit, *DAY)
    if there:
        chosen = wish(f"{_utc(there[booked % len(there)]):%Y-%m-%d %H:%M}")
        asyncio.run(book(office.desk, "sales", "any", replace(chosen, start=there[booked % len(there)])))
    of = office.db.read_now(offer.bookable, "sales", "any")
    found = office.db.read_now(explain, of, visit, office.alice, *DAY)
    office.db.close()

    minute = DAY[0] + quarter * 900
    starts = found.offered
    assert [at_ for at_ in starts if at_ % 900 == 0] == [at_ for at_ in range(*DAY, 900) if not found.why(at_)]
    readers = [Reader(language([code]), BERLIN, office.alice) for code in ("de", "en")]
    texts = [bool(sentences(found, found.why(minute), reader)) for reader in readers]
    assert texts == [minute not in starts] * 2
    assert all(reason.cause is not Cause.NOBODY for one in found.stretches for reason in one.reasons)
    assert all(sentences(found, one.reasons, readers[0]) for one in found.stretches if one.reasons)


def _utc(instant):
    return datetime.fromtimestamp(instant, UTC)


def _forget(conn, by_name, name):
    person = by_name(conn, name)
    for account in accounts.of_user(conn, person.id):
        if account.kind != "local":
            accounts.change(conn, account.id, synced=NOW - 90_000)
