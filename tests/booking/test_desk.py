"""What hosts do with their bookings: who did not come, notes, another host, and what happened to each."""

import asyncio

import pytest

from gateway.booking.access import find
from gateway.booking.attended import mark_no_show, note_for_hosts
from gateway.booking.book import book, cancel, reschedule
from gateway.booking.confirm import confirm
from gateway.booking.history import steps
from gateway.booking.model import details
from gateway.booking.reassign import candidates, reassign
from gateway.errors import BackendUnavailable, NotFound, RefusedByProvider, SlotTaken
from gateway.store import booking_pages, bookings, jobs, taken
from gateway.store.booking_pages import Filter, Shelf, Whose
from gateway.sync.write import stage_put
from tests.booking.office import NOW, at, wish
from tests.booking.team import Team
from tests.sync.objects import event


@pytest.fixture
def team(office):
    return Team(office)


def host_token(office, row):
    row = office.db.read_now(bookings.by_uid, row.uid)
    return office.desk.sealer.open(details(row).host_token.encode())


def shown(office, row):
    """(kind, by, actor) of what happened."""
    found = office.db.read_now(steps, row.id)
    return [(one.kind, one.by, one.actor) for one in found]


async def intro(office, start="2026-11-24 15:00", **more):
    """Booked with whoever has the first turn: alice."""
    return await book(office.desk, "sales", "intro", wish(start, **more))


async def test_nobody_came_and_that_is_taken_back(office):
    booked = await book(office.desk, "alice", "one-on-one", wish())
    uid, token = booked.row.uid, host_token(office, booked.row)
    with pytest.raises(SlotTaken):
        await mark_no_show(office.desk, uid, token, no_show=True)
    office.now = booked.row.start
    with pytest.raises(NotFound):
        await mark_no_show(office.desk, uid, booked.token, no_show=True)
    mails = office.mail_jobs()
    assert details(await mark_no_show(office.desk, uid, token, no_show=True)).no_show
    await mark_no_show(office.desk, uid, token, no_show=True)
    assert not details(await mark_no_show(office.desk, uid, token, no_show=False)).no_show
    assert office.mail_jobs() == mails
    assert [one[0] for one in shown(office, booked.row)] == ["booked", "no_show", "no_show"]


async def test_a_note_for_hosts_is_in_no_calendar_and_no_mail(office):
    booked = await book(office.desk, "alice", "one-on-one", wish())
    token = host_token(office, booked.row)
    await note_for_hosts(office.desk, booked.row.uid, token, "Wants a rebate")
    await reschedule(office.desk, booked.row.uid, token, at("2026-11-25 10:00"), "Europe/Berlin")
    waiting = office.db.write_now(jobs.take, now=NOW + 1e6, lease=0, most=1000)
    assert "rebate" not in str([job.payload for job in waiting]) + "".join(office.texts())
    row = office.db.read_now(bookings.by_uid, booked.row.uid)
    assert details(row).host_note == "Wants a rebate"
    with pytest.raises(NotFound):
        await note_for_hosts(office.desk, booked.row.uid, booked.token, "x")


async def test_what_happened_names_who_did_it(office):
    document = {"title": "Ask", "length": 30, "confirmation": {}}
    office.db.write_now(bookings.put_event_type, office.alice.id, "ask", document)
    booked = await book(office.desk, "alice", "ask", wish())
    token = host_token(office, booked.row)
    await confirm(office.desk, booked.row.uid, token)
    await reschedule(office.desk, booked.row.uid, token, at("2026-11-25 10:00"), "Europe/Berlin")
    await cancel(office.desk.acting(office.alice), booked.row.uid, token, "Ill")
    assert shown(office, booked.row) == [
        ("requested", "invitee", None), ("confirmed", "host", None), ("rescheduled", "host", None),
        ("cancelled", "host", office.alice.id),
    ]  # fmt: skip
    moved, ended = office.db.read_now(steps, booked.row.id)[2:]
    assert moved.change.before == (at("2026-11-24 10:00"), at("2026-11-24 10:30"))
    assert ended.change.reason == "Ill"


async def test_another_host_takes_over(office, team):
    booked = await intro(office)
    assert team.hosts(booked.row) == ["alice"]
    token = host_token(office, booked.row)
    row = await reassign(office.desk, booked.row.uid, token, "alice", "bob")
    assert (row.uid, row.sequence, team.hosts(row)) == (booked.row.uid, 1, ["bob"])
    assert [len(team.texts(name)) for name in ("alice", "bob", "carol")] == [0, 1, 0]
    [text] = team.texts("bob")
    assert "ORGANIZER;CN=Bob Brandt;SCHEDULE-AGENT=CLIENT:mailto:bob@example.com" in text.replace("\r\n ", "")
    assert f"UID:{row.uid}" in text
    told = {(kind, to) for to, kind, sequence in office.mail_jobs() if sequence == 1}
    assert told == {("handed_over", "host"), ("reassigned", "host"), ("reassigned", "invitee")}
    assert len([one for one in office.mail_jobs() if one[2] == 1]) == 3
    shares = office.db.read_now(taken.shares, row.event_type_id, 0)
    assert set(shares) == {team.people["bob"].id}
    with pytest.raises(NotFound):
        office.db.read_now(find, row.uid, token)  # the links of whoever had it are over
    found = office.db.read_now(find, row.uid, host_token(office, row))
    assert found.by_host
    assert office.db.read_now(find, row.uid, booked.token).host.name == "bob"
    [_, step] = office.db.read_now(steps, row.id)
    assert (step.kind, step.change.old, step.change.new) == ("reassigned", "alice", "bob")


async def test_a_series_is_handed_over_with_all_its_dates(office, team):
    document = {
        "title": "Series",
        "length": 30,
        "mode": "round_robin",
        "series": {"per": "week", "every": 1, "count": 3},
    }
    office.db.write_now(bookings.put_event_type, office.person("sales").id, "series", document)
    booked = await book(office.desk, "sales", "series", wish("2026-11-24 15:00"))
    row = await reassign(office.desk, booked.row.uid, host_token(office, booked.row), "alice", "bob")
    assert (team.hosts(row), len(team.spans("bob")), team.spans("alice")) == (["bob"], 3, [])
    [text] = team.texts("bob")
    assert ("RRULE:FREQ=WEEKLY;COUNT=3" in text, team.texts("alice")) == (True, [])
    bob = Whose(team.people["bob"].id)
    for shelf, now in ((Shelf.UPCOMING, at("2026-12-01 12:00")), (Shelf.PAST, at("2026-12-09 12:00"))):
        assert len(office.db.read_now(booking_pages.listed, bob, Filter(shelf=shelf, now=now), 9)) == 1


async def test_of_several_hosts_one_is_replaced(office, team):
    booked = await book(office.desk, "sales", "pair", wish("2026-11-24 15:00"))
    assert team.hosts(booked.row) == ["alice", "bob"]
    row = await reassign(office.desk, booked.row.uid, host_token(office, booked.row), "bob", "carol")
    assert team.hosts(row) == ["alice", "carol"]
    [mine], [theirs] = (team.texts(name) for name in ("alice", "carol"))
    for text in (mine, theirs):
        unfolded = text.replace("\r\n ", "")
        assert ("bob@example.com" in unfolded, unfolded.count("ATTENDEE")) == (False, 3)
    assert team.texts("bob") == []


async def test_two_bookings_of_a_host_never_overlap(office, team):
    booked = await intro(office)
    other = await book(office.desk, "sales", "intro", wish("2026-11-24 15:00", name="Zoe", email="zoe@example.org"))
    assert team.hosts(other.row) == ["bob"]
    with pytest.raises(SlotTaken):
        await reassign(office.desk, booked.row.uid, host_token(office, booked.row), "alice", "bob")
    both = await asyncio.gather(
        reassign(office.desk, booked.row.uid, host_token(office, booked.row), "alice", "carol"),
        reassign(office.desk, other.row.uid, host_token(office, other.row), "bob", "carol"),
        return_exceptions=True,
    )
    assert sorted(isinstance(one, SlotTaken) for one in both) == [False, True]
    assert len(team.spans("carol")) == 1


async def test_who_is_free_comes_first_with_reasons_for_the_others(office, team):
    booked = await intro(office)
    text = event("visit", "Dentist", start="20261124T140000Z", end="20261124T150000Z")
    office.db.write_now(stage_put, office.sync, team.people["bob"], text)
    found = office.db.read_now(find, booked.row.uid, host_token(office, booked.row))
    given = office.db.read_now(candidates, office.desk, found, team.people["bob"])
    assert [(one.person.name, [reason.cause for reason in one.reasons], one.booked) for one in given] == [
        ("carol", [], False), ("bob", ["busy"], False)
    ]  # fmt: skip
    row = await reassign(office.desk, booked.row.uid, host_token(office, booked.row), "alice", "bob")
    assert team.hosts(row) == ["bob"]  # the host's word counts more than the calendar's


@pytest.mark.parametrize(("old", "new"), [("bob", "carol"), ("alice", "nobody"), ("", "")])
async def test_nobody_else_takes_over(office, team, old, new):
    booked = await intro(office)
    with pytest.raises(NotFound):
        await reassign(office.desk, booked.row.uid, host_token(office, booked.row), old, new)
    with pytest.raises(NotFound):
        await reassign(office.desk, booked.row.uid, booked.token, "alice", "bob")
    assert team.hosts(booked.row) == ["alice"]


async def test_a_calendar_that_refuses_leaves_all_as_it_was(office, team):
    booked = await intro(office)
    token = host_token(office, booked.row)
    team.connect("bob").faults.append(RefusedByProvider("no"))
    with pytest.raises(BackendUnavailable):
        await reassign(office.desk, booked.row.uid, token, "alice", "bob")
    row = office.db.read_now(bookings.by_uid, booked.row.uid)
    assert (team.hosts(row), row.user_id) == (["alice"], team.people["alice"].id)
    assert [len(team.texts(name)) for name in ("alice", "bob")] == [1, 0]
    assert [one[0] for one in shown(office, row)] == ["booked"]
    assert not [one for one in office.mail_jobs() if one[2] == 1]
    assert office.db.read_now(find, row.uid, token).by_host


async def test_shelves_and_searches(office):
    first = await book(office.desk, "alice", "one-on-one", wish("2026-11-24 10:00", note="about the Föhn"))
    second = await book(office.desk, "alice", "check-in", wish("2026-11-25 10:00", name="Zoë", email="zoe@example.org"))
    third = await book(
        office.desk, "alice", "check-in", wish("2026-11-26 10:00", name="50%_off", email="p@example.org")
    )
    await cancel(office.desk, third.row.uid, third.token)
    alice = Whose(office.alice.id)

    def listed(shelf, now=NOW, text="", **more):
        only = Filter(shelf=shelf, now=now, text=text, **more)
        return [row.id for row in office.db.read_now(booking_pages.listed, alice, only, 50)]

    assert listed(Shelf.UPCOMING) == [first.row.id, second.row.id]
    assert listed(Shelf.PAST) == []
    assert listed(Shelf.CANCELLED) == [third.row.id]
    assert listed(Shelf.PAST, at("2026-12-01 00:00")) == [second.row.id, first.row.id]
    after = (second.row.start, second.row.id)
    assert listed(Shelf.PAST, at("2026-12-01 00:00"), after=after) == [first.row.id]
    assert listed(Shelf.UPCOMING, text="muller FOHN") == [first.row.id]
    assert listed(Shelf.UPCOMING, text="zoe@example") == [second.row.id]
    assert listed(Shelf.UPCOMING, text=first.row.uid[:8]) == []
    assert listed(Shelf.CANCELLED, text="50%_") == [third.row.id]
    assert listed(Shelf.UPCOMING, text="%") == []
    assert listed(Shelf.UPCOMING, event_type=second.row.event_type_id) == [second.row.id]
    token = details(office.db.read_now(bookings.by_uid, first.row.uid)).token
    assert listed(Shelf.UPCOMING, text=token[:20]) == []


def test_of_nobody_nothing_is_listed(office):
    assert office.db.read_now(booking_pages.listed, Whose(), Filter(), 50) == []
