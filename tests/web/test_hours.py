"""Working hours on the pages, with no more than forms; what comes of them is what calendar apps are told."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import MultiDict

from gateway.accounts.people import add_team
from gateway.booking import offer
from gateway.freebusy import schedules
from gateway.freebusy.availability import (
    Absence,
    Override,
    Sheet,
    Travel,
    Window,
    edited,
    hours_of,
    read_sheet,
    week,
    working,
)
from gateway.freebusy.availability.write import EMPTY
from gateway.store import schedules as rows
from gateway.web.pages.hours import form
from gateway.web.pages.hours.form import Refused
from tests.booking.office import NOW, at
from tests.web.site import hidden, sign_in, text

BERLIN = "Europe/Berlin"
APPLE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Apple//EN\r\nBEGIN:VAVAILABILITY\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\n"
    "BEGIN:AVAILABLE\r\nUID:b\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20260105T080000\r\n"
    "DTEND;TZID=Europe/Berlin:20260105T120000\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU\r\nEND:AVAILABLE\r\nEND:VAVAILABILITY\r\n"
    "BEGIN:VAVAILABILITY\r\nUID:c\r\nDTSTAMP:20260101T000000Z\r\nPRIORITY:1\r\nSUMMARY:Dentist\r\n"
    "DTSTART;TZID=Europe/Berlin:20261124T090000\r\nDTEND;TZID=Europe/Berlin:20261124T100000\r\nEND:VAVAILABILITY\r\n"
    "END:VCALENDAR\r\n"
)

minutes_of_day = st.integers(0, 1439)
typed_windows = st.lists(st.builds(Window, minutes_of_day, st.integers(1, 1440)), max_size=4).map(
    lambda found: tuple(sorted(set(found)))
)


def posted(sheet):
    """What a browser sends of the week's form as the page shows it."""
    fields = MultiDict({"zone": sheet.zone, "was": form.seal(sheet)})
    for day, windows in enumerate(sheet.weekly):
        for start, end in [*form.window_texts(windows), ("", "")]:
            fields.add(f"start-{day}", start)
            fields.add(f"end-{day}", end)
    return fields


def minutes(hours):
    start = at("2026-03-20 00:00", "UTC") // 60
    return working(hours, start, start + 21 * 1440)


@settings(max_examples=100, deadline=None)
@given(st.lists(typed_windows, min_size=7, max_size=7).map(tuple), st.sampled_from(["UTC", BERLIN, "Asia/Kolkata"]))
def test_form_to_working_hours_to_text_and_back_keeps_every_minute(weekly, zone):
    wished = Sheet(zone, weekly)
    sent = form.new_week(wished, posted(wished))
    again = read_sheet(edited(EMPTY, BERLIN, sent, 1), BERLIN)

    assert sent == wished
    assert minutes(again.hours) == minutes(wished.hours)
    assert form.new_week(again, posted(again)) == again


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"start-2": "09:00"}, "2", id="no end"),
        pytest.param({"start-2": "25:00", "end-2": "26:00"}, "2", id="no such time"),
        pytest.param({"start-6": "nine", "end-6": "five"}, "6", id="words"),
        pytest.param({"zone": "Mars/Base"}, "zone", id="no zone"),
        pytest.param({"was": "before"}, "was", id="changed meanwhile"),
    ],
)
def test_a_week_that_cannot_be(fields, field):
    sheet = Sheet(BERLIN)
    with pytest.raises(Refused) as refused:
        form.new_week(sheet, MultiDict({"zone": BERLIN, "was": form.seal(sheet), **{"end-2": ""}, **fields}))
    assert refused.value.field == field


@pytest.fixture
async def page(client, office):
    """Alice is signed in, has set working hours, and is in a team with Bob. Sends forms; path: of the page."""
    office.db.write_now(
        lambda conn: add_team(
            conn, "sales", "sales@example.com", members=[office.alice.id, office.alice.id + 1], zone=BERLIN, now=NOW
        )
    )
    await sign_in(client)
    html = await text(await client.get("/app/hours"))
    assert "Monday to Friday from nine to five counts" in html
    answer = await client.post("/app/hours", data={"csrf": hidden(html)["csrf"]}, allow_redirects=False)
    path, csrf = answer.headers["Location"], hidden(html)["csrf"]

    async def send(part, status=200, /, **fields):
        return await text(await client.post(f"{path}/{part}", data={"csrf": csrf, **fields}), status)

    send.path = path
    return send


def sheet(office):
    return read_sheet(office.db.read_now(rows.availability, office.alice.id), BERLIN)


async def test_the_week_is_changed(client, office, page):
    html = await text(await client.get(page.path))
    fields = {"was": hidden(html)["was"], "zone": "Europe/Lisbon", "start-5": "22:00", "end-5": "02:00"}
    html = await page("week", **fields)

    assert "Saved." in html
    assert sheet(office) == Sheet("Europe/Lisbon", week([5], [Window(1320, 120)]))
    assert re.findall(r'name="(?:start|end)-5" value="(\d\d:\d\d)"', html) == ["22:00", "02:00"]


async def test_a_mistake_is_said_and_what_was_typed_stays(client, office, page):
    html = await text(await client.get(page.path))
    before = sheet(office)
    html = await page("week", 422, was=hidden(html)["was"], zone=BERLIN, **{"start-0": "11:11", "end-0": ""})

    assert "Give each time with a beginning and an end" in html
    assert 'value="11:11"' in html
    assert sheet(office) == before


async def test_a_calendar_app_was_quicker(client, office, page):
    html = await text(await client.get(page.path))
    office.db.write_now(schedules.write, office.alice.id, APPLE)
    html = await page("week", 422, was=hidden(html)["was"], zone=BERLIN)

    assert "changed in a calendar app meanwhile" in html
    assert 'value="08:00"' in html
    assert office.db.read_now(rows.availability, office.alice.id) == APPLE


async def test_what_the_page_cannot_show_is_said_and_kept(client, office, page):
    office.db.write_now(schedules.write, office.alice.id, APPLE)
    html = await text(await client.get(page.path))
    assert "A calendar app wrote more than this page can show" in html
    assert "Dentist: Tuesday" in html

    await page("dates", date="2026-11-25")
    after = office.db.read_now(rows.availability, office.alice.id)
    assert APPLE[APPLE.index("BEGIN:VAVAILABILITY") : APPLE.index("END:VCALENDAR")] in after
    assert Override(date(2026, 11, 25)) in hours_of(after, BERLIN).overrides or "20261125T000000" in after


async def test_single_dates_come_and_go(office, page):
    html = await page("dates", date="2026-12-24", start="09:00", end="12:00")
    assert sheet(office).overrides == (Override(date(2026, 12, 24), (Window(540, 720),)),)
    assert "Thursday, 24 December 2026" in html or "Thursday, December 24, 2026" in html
    await page("dates", date="2026-12-24")
    assert sheet(office).overrides == (Override(date(2026, 12, 24)),)
    await page("dates-remove", date="2026-12-24")
    assert sheet(office).overrides == ()


async def test_out_of_office_with_a_stand_in(office, page):
    await page("away", first="2026-12-01", last="2026-12-04", reason="Alps & <b>", shown="1", stand_in="bob")
    html = await page("away", first="2026-12-20", last="", reason="secret")
    assert sheet(office).absences == (
        Absence(date(2026, 12, 1), date(2026, 12, 4), "Alps & <b>", True, "bob"),
        Absence(date(2026, 12, 20), date(2026, 12, 20), "secret"),
    )
    assert "Alps &amp; &lt;b&gt;" in html
    await page("away-remove", first="2026-12-20", last="2026-12-20")
    assert len(sheet(office).absences) == 1


@pytest.mark.parametrize(
    ("part", "fields"),
    [
        ("away", {"first": "2026-12-04", "last": "2026-12-01"}),
        ("away", {"first": "2026-12-04", "last": "2029-12-01"}),
        ("away", {"first": ""}),
        ("away", {"first": "2026-12-04", "stand_in": "mallory"}),
        ("away", {"first": "2026-12-04", "reason": "x" * 201}),
        ("away", {"first": "2026-12-04", "reason": "a\r\nb"}),
        ("dates", {"date": "tomorrow"}),
        ("dates", {"date": "2026-12-04", "start": "9", "end": "10"}),
        ("travel", {"first": "2026-12-04", "zone": ""}),
        ("holidays", {"country": "XX"}),
        ("name", {"name": ""}),
    ],
)
async def test_what_cannot_be_is_refused(office, page, part, fields):
    before = office.db.read_now(rows.of_user, office.alice.id)
    assert 'role="alert"' in await page(part, 422, **fields)
    assert office.db.read_now(rows.of_user, office.alice.id) == before


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC"])
async def test_a_travel_moves_the_clock(office, page, zone):
    await page("travel", first="2026-12-01", last="2026-12-04", zone=zone)
    there = "Etc/UTC" if zone == "UTC" else zone
    assert sheet(office).travel == (Travel(date(2026, 12, 1), date(2026, 12, 4), there),)
    assert "already somewhere else" in await page("travel", 422, first="2026-12-04", zone=BERLIN)
    await page("travel-remove", first="2026-12-01")
    assert sheet(office).travel == ()


async def test_holidays_are_chosen_once_and_single_ones_kept_open(office, page):
    html = await page("holidays", country="DE")
    assert "Christmas Day" in html
    assert 'value="BY"' in html
    listed = {"listed": "Erster Weihnachtstag", "country": "DE", "part": "BY"}
    html = await page("holidays", **listed)
    [row] = office.db.read_now(rows.of_user, office.alice.id)
    assert row.holidays == {"region": "DE-BY", "open": ["Erster Weihnachtstag"]}
    assert "Epiphany" in html
    starts = office.db.read_now(schedules.hours, office.alice, NOW).holidays
    assert (date(2026, 12, 25) in starts, date(2027, 1, 6) in starts) == (False, True)
    await page("holidays", country="")
    assert office.db.read_now(rows.of_user, office.alice.id)[0].holidays == {}


async def test_further_hours_become_the_standard_ones_and_go(client, office, page):
    html = await text(await client.get("/app/hours"))
    csrf = hidden(html)["csrf"]
    assert "at most 60 characters" in await text(await client.post("/app/hours", data={"csrf": csrf}), 422)
    html = await text(await client.post("/app/hours", data={"csrf": csrf, "name": "Evenings"}))
    assert "Make these the standard hours" in html
    first, second = office.db.read_now(rows.of_user, office.alice.id)
    for part in ("name", "standard"):
        await text(await client.post(f"/app/hours/{second.id}/{part}", data={"csrf": csrf, "name": "Nights"}))
    assert [(row.id, row.name) for row in office.db.read_now(rows.of_user, office.alice.id)] == [
        (second.id, "Nights"),
        (first.id, ""),
    ]
    for key in (second.id, first.id):
        await text(await client.post(f"/app/hours/{key}/remove", data={"csrf": csrf}))
    assert [row.id for row in office.db.read_now(rows.of_user, office.alice.id)] == [second.id]


async def test_nobody_sees_or_changes_what_is_somebody_elses(client, office, page):
    theirs = office.db.write_now(rows.add, office.alice.id + 1, "", EMPTY)
    assert (await client.get(f"/app/hours/{theirs}")).status == 404
    csrf = hidden(await text(await client.get(page.path)))["csrf"]
    for part in ("week", "holidays", "name", "standard", "remove", "dates"):
        answer = await client.post(
            f"/app/hours/{theirs}/{part}", data={"csrf": csrf, "name": "x", "date": "2026-12-01"}
        )
        assert answer.status == 404, part
        assert (await client.post(f"{page.path}/{part}", data={"name": "x"})).status == 403, part
    assert office.db.read_now(rows.get, office.alice.id + 1, theirs).availability == EMPTY


async def test_the_pages_change_what_can_be_booked(office, page):
    of = office.db.read_now(offer.bookable, "alice", "one-on-one")
    visit = offer.Visit(BERLIN, NOW, 86_400)
    day = (at("2026-11-24 00:00"), at("2026-11-25 00:00"))
    assert office.db.read_now(offer.starts, of, visit, *day) != []
    await page("dates", date="2026-11-24")
    assert office.db.read_now(offer.starts, of, visit, *day) == []


async def test_the_booking_page_says_who_is_away_and_who_stands_in(client, office, page):
    html = await text(await client.get("/alice/check-in?month=2026-12&lang=en"))
    assert "out of office" not in html
    await page("away", first="2026-12-01", last="2026-12-04", reason="In the <Alps>", shown="1", stand_in="bob")
    await page("away", first="2026-12-10", last="2026-12-11", reason="hospital")
    await page("away", first="2027-02-10", last="2027-02-11")
    html = await text(await client.get("/alice/check-in?month=2026-12&lang=en"))
    assert html.count("is out of office") == 2
    assert "In the &lt;Alps&gt;" in html
    assert "hospital" not in html
    assert '<a href="/bob">In the meantime bob can be booked.</a>' in html
    assert "is out of office" not in await text(await client.get("/alice/check-in?month=2027-01&lang=en"))
    assert "is out of office" not in await text(await client.get("/alice/never?month=2026-12&lang=en"))
