"""Several hosts: who is asked for, who comes, whose calendars and mailboxes hear of it."""

from dataclasses import replace

import icalendar
import pytest

from gateway.accounts.people import add_person
from gateway.booking import mails, offer
from gateway.booking.book import book, cancel, reschedule
from gateway.booking.offer import Visit
from gateway.demo.mail import MailCatcher
from gateway.errors import BackendUnavailable, NotFound, RefusedByProvider, SlotTaken
from gateway.store import accounts, bookings, principals, taken
from gateway.store.taken import HostRow
from gateway.sync.worker import Worker
from gateway.sync.write import put
from tests.booking.office import NOW, at, open_office, wish
from tests.booking.rush import mixed, outcomes
from tests.booking.team import Team, check
from tests.statements import statements
from tests.sync.objects import event

VISIT = Visit("Europe/Berlin", NOW, 3600)
DAY = at("2026-11-24 00:00"), at("2026-11-25 00:00")
# Carol works from nine to five in New York: from 15:00 on in Berlin, where the others stop at 17:00.
COMMON = [at(f"2026-11-24 {clock}") for clock in ("15:00", "15:45")]


@pytest.fixture
def team(office):
    return Team(office)


def starts(team, name, slug, span=DAY, visit=VISIT):
    def read(conn):
        return offer.starts(conn, offer.bookable(conn, name, slug), visit, *span)

    return team.office.db.read_now(read)


def vevent(text):
    [found] = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return found


async def busy(team, name, start, end):
    text = event(f"{name}{start}", start=f"20261124T{start}00Z", end=f"20261124T{end}00Z")
    await put(team.office.sync, team.people[name], f"{name}{start}.ics", text)


async def test_all_of_a_collective_have_to_be_free(team):
    assert starts(team, "sales", "demo") == COMMON
    await busy(team, "bob", "1430", "1500")
    assert starts(team, "sales", "demo") == [at("2026-11-24 16:00")]


async def test_in_a_round_robin_one_is_enough(team):
    await busy(team, "bob", "0000", "2359")
    found = starts(team, "sales", "intro")
    assert (found[0], found[-1]) == (at("2026-11-24 09:00"), at("2026-11-24 22:30"))


async def test_series_past_the_horizon_are_each_hosts_own(team):
    """Of them no occurrences are stored so far ahead."""
    visit, day = replace(VISIT, now=at("2031-11-24 12:00")), (at("2031-11-25 00:00"), at("2031-11-26 00:00"))
    for name, hour in (("alice", 14), ("bob", 9)):
        times = {"start": f"20261124T{hour:02}0000Z", "end": f"20261124T{hour + 1:02}0000Z"}
        text = event(name, **times, lines=["RRULE:FREQ=DAILY"])
        await put(team.office.sync, team.people[name], f"{name}.ics", text)
    both = {at("2031-11-25 10:00"), at("2031-11-25 15:00")}
    assert both & {*starts(team, "alice", "one-on-one", day, visit)} == {at("2031-11-25 10:00")}
    assert both & {*starts(team, "alice+bob", "one-on-one", day, visit)} == set()
    assert starts(team, "sales", "demo", day, visit) == [at("2031-11-25 16:00")]


def test_more_hosts_are_no_more_questions(team):
    def asked(conn):
        with statements(conn) as seen:
            offer.starts(conn, offer.bookable(conn, "sales", "intro"), VISIT, *DAY)
        return len(seen)

    few = team.office.db.read_now(asked)

    def join(conn):
        sales = principals.by_name(conn, "sales")
        for name in ("dora", "emil", "fritz"):
            principals.join_team(conn, sales.id, add_person(conn, name, f"{name}@example.com", now=NOW))

    team.office.db.write_now(join)
    assert team.office.db.read_now(asked) == few


async def test_fixed_hosts_have_to_be_there(team):
    await busy(team, "alice", "0800", "1200")
    found = starts(team, "sales", "pair")
    assert (found[0], found[-1]) == (at("2026-11-24 13:00"), at("2026-11-24 16:30"))


def test_a_host_whose_calendar_was_not_read_for_long_does_not_take_a_turn(team):
    team.connect("bob")

    def late(conn):
        for row in accounts.of_user(conn, team.people["bob"].id):
            accounts.change(conn, row.id, synced=NOW - 7200)

    team.office.db.write_now(late)
    assert starts(team, "sales", "demo") == []
    found = starts(team, "sales", "pair")
    assert found[0] == at("2026-11-24 15:00")


async def test_a_collective_is_an_event_in_each_calendar_and_a_mail_to_each(team):
    done = await book(team.office.desk, "sales", "demo", wish("2026-11-24 15:00"))

    assert team.hosts(done.row) == ["alice", "bob", "carol"]
    for name, person in team.people.items():
        [text] = team.texts(name)
        found = vevent(text)
        assert (found["UID"], found["ORGANIZER"]) == (done.row.uid, f"mailto:{person.email}")
        assert found["DTSTART"].params["TZID"] == person.zone
        assert {str(one) for one in found["ATTENDEE"]} == {
            *(f"mailto:{one.email}" for one in team.people.values()),
            "mailto:joerg@example.org",
        }
        assert found["SUMMARY"] == "Vorführung: Alice Hartmann, Bob Brandt, Carol Lee – Jörg Müller"
    assert team.office.mail_jobs() == [("host", "booked", 0)] * 3 + [("invitee", "booked", 0)]


async def test_turns_are_taken_fairly(team):
    hosts = []
    for clock in ("15:00", "15:30", "16:00", "16:30"):
        done = await book(team.office.desk, "sales", "intro", wish(f"2026-11-24 {clock}"))
        hosts += team.hosts(done.row)
        team.office.now += 60
    assert sorted(hosts[:3]) == ["alice", "bob", "carol"]
    assert hosts[3] == hosts[0]


async def test_weights_and_priorities_count(team):
    def favour(conn):
        key = bookings.event_type(conn, principals.by_name(conn, "sales").id, "intro").id
        ids = {name: person.id for name, person in team.people.items()}
        rows = [HostRow(ids["alice"]), HostRow(ids["bob"], weight=200), HostRow(ids["carol"], priority=5)]
        taken.set_hosts(conn, key, rows)

    team.office.db.write_now(favour)
    clocks = ("15:00", "15:30", "16:00", "16:30")
    done = [await book(team.office.desk, "sales", "intro", wish(f"2026-11-24 {clock}")) for clock in clocks]
    assert [team.hosts(one.row)[0] for one in done] == ["carol", "bob", "alice", "bob"]


async def test_a_busy_host_is_passed_over(team):
    await busy(team, "alice", "0800", "0930")
    done = await book(team.office.desk, "sales", "intro", wish("2026-11-24 10:00"))
    assert team.hosts(done.row) == ["bob"]
    assert team.texts("carol") == []


async def test_moving_keeps_the_host_even_if_another_were_due(team):
    done = await book(team.office.desk, "sales", "intro", wish("2026-11-24 15:00"))
    [name] = team.hosts(done.row)

    row = await reschedule(team.office.desk, done.row.uid, done.token, at("2026-11-25 15:30"), "UTC")

    assert team.hosts(row) == [name]
    [text] = team.texts(name)
    assert vevent(text)["DTSTART"].dt.timestamp() == at("2026-11-25 15:30")
    late = at("2026-11-24 22:00") if name != "carol" else at("2026-11-25 10:00")
    with pytest.raises(SlotTaken):  # somebody else could, but not the one whose booking it is
        await reschedule(team.office.desk, done.row.uid, done.token, late, "UTC")


async def test_moving_a_collective_moves_every_copy(team):
    done = await book(team.office.desk, "sales", "demo", wish("2026-11-24 15:00"))
    await reschedule(team.office.desk, done.row.uid, done.token, at("2026-11-24 15:45"), "UTC")
    for name in team.people:
        [text] = team.texts(name)
        assert vevent(text)["DTSTART"].dt.timestamp() == at("2026-11-24 15:45")
        assert len(team.spans(name)) == 1


async def test_a_host_who_left_the_team_still_has_the_booking(team):
    done = await book(team.office.desk, "sales", "pair", wish("2026-11-24 10:00"))
    assert team.hosts(done.row) == ["alice", "bob"]

    def leave(conn):
        key = bookings.event_type(conn, principals.by_name(conn, "sales").id, "pair").id
        taken.set_hosts(conn, key, [HostRow(team.people["alice"].id, fixed=True), HostRow(team.people["carol"].id)])

    team.office.db.write_now(leave)
    row = await reschedule(team.office.desk, done.row.uid, done.token, at("2026-11-24 11:00"), "UTC")
    assert team.hosts(row) == ["alice", "bob"]
    assert len(team.texts("bob")) == 1


async def test_cancelling_clears_every_calendar(team):
    done = await book(team.office.desk, "sales", "demo", wish("2026-11-24 15:00"))
    await cancel(team.office.desk, done.row.uid, done.token)
    assert [team.texts(name) for name in team.people] == [[], [], []]
    assert starts(team, "sales", "demo") == COMMON


@pytest.mark.parametrize("kind", ["caldav", "google"])
@pytest.mark.parametrize("refusing", ["alice", "bob", "carol"])
async def test_what_one_calendar_refuses_is_in_none(team, refusing, kind):
    shelves = {name: team.connect(name, kind) for name in team.people}
    shelves[refusing].faults = [RefusedByProvider("no")]

    with pytest.raises(BackendUnavailable):
        await book(team.office.desk, "sales", "demo", wish("2026-11-24 15:00", key="k" * 32))

    assert [row.status for row in team.rows()] == ["declined"]
    assert [team.texts(name) for name in team.people] == [[], [], []]
    assert [shelf.texts() for shelf in shelves.values()] == [{}, {}, {}]
    assert team.office.mail_jobs() == []
    assert (await book(team.office.desk, "sales", "demo", wish("2026-11-24 15:00", key="k" * 32))).created


@pytest.mark.parametrize("change", ["move", "cancel"])
@pytest.mark.parametrize("kind", ["caldav", "google"])
async def test_a_change_that_one_calendar_refuses_is_undone_in_all(team, change, kind):
    shelves = {name: team.connect(name, kind) for name in team.people}
    desk, done = team.office.desk, await book(team.office.desk, "sales", "demo", wish("2026-11-24 15:00"))
    shelves["bob"].faults = [RefusedByProvider("no")]

    asked = (desk, done.row.uid, done.token)
    changing = reschedule(*asked, at("2026-11-24 15:45"), "UTC") if change == "move" else cancel(*asked)
    with pytest.raises(BackendUnavailable):
        await changing

    [row] = team.rows()
    assert (row.status, row.start) == ("accepted", at("2026-11-24 15:00"))
    for name, shelf in shelves.items():
        for [text] in (team.texts(name), list(shelf.texts().values())):
            assert vevent(text)["DTSTART"].dt.timestamp() == row.start, name
        assert [start for start, _ in team.spans(name)] == [row.start]


async def test_people_of_a_team_are_booked_together(team):
    assert starts(team, "alice+bob", "one-on-one")[0] == at("2026-11-24 09:00")
    done = await book(team.office.desk, "alice+bob", "one-on-one", wish("2026-11-24 10:00"))
    assert team.hosts(done.row) == ["alice", "bob"]
    assert at("2026-11-24 10:00") not in starts(team, "alice", "check-in")
    row = await reschedule(team.office.desk, done.row.uid, done.token, at("2026-11-24 11:00"), "UTC")
    assert team.hosts(row) == ["alice", "bob"]


@pytest.mark.parametrize(
    "name",
    ["alice+dave", "alice+nobody", "alice+sales", "sales+alice", "alice+alice", "alice+", "+alice", "alice+bob+bob"],
)
async def test_strangers_have_no_page_together(team, name):
    with pytest.raises(NotFound):
        starts(team, name, "one-on-one")


async def test_of_two_hundred_at_once_nobody_is_booked_twice(team):
    """Lengths, event types and teams differ; all of them want the same two hours of the same three people."""
    told = await outcomes(team.office.desk, mixed(range(200)))

    assert {one.get("error", "SlotTaken") for one in told} == {"SlotTaken"}
    check(team, {one["uid"] for one in told if "uid" in one})


async def test_hosts_and_invitee_read_of_each_other(empty, tmp_path):
    async with MailCatcher(lambda: NOW) as caught:
        office = open_office(
            empty, tmp_path, server={"base_url": "https://cal.example"},
            mail={"smtp_url": caught.url, "from": "Calendar <calendar@gateway.example>"},
        )  # fmt: skip
        team = Team(office)
        await book(office.desk, "sales", "demo", wish("2026-11-24 15:00"))
        await Worker(office.sync, {mails.MAIL: lambda job: mails.run_mail(office.desk, job)}).run_due()

        [mail] = caught.to("joerg@example.org")
        assert str(mail.message["Subject"]).startswith("Booked: Demo with Alice Hartmann, Bob Brandt, and Carol Lee")
        assert [one.addr_spec for one in mail.message["Reply-To"].addresses] == [
            *("alice@example.com", "bob@example.com", "carol@example.com")
        ]
        [his] = caught.to("bob@example.com")
        assert str(his.message["Subject"]).startswith("Gebucht: Vorführung mit Jörg Müller")
        assert [one.addr_spec for one in his.message["Reply-To"].addresses] == ["joerg@example.org"]
        assert "carol@example.com" in his.text
        assert "15:00" in his.text
        assert [len(caught.to(person.email)) for person in team.people.values()] == [1, 1, 1]
        office.db.close()
