"""Event types of a team that its members have as their own, and that follow the team's."""

import pytest

from gateway.accounts import teams as changes
from gateway.accounts.people import add_team
from gateway.booking import event_types, offer
from gateway.booking.book import book
from gateway.booking.model import EventType
from gateway.errors import Forbidden, InvalidInput, NotFound
from gateway.store import bookings, teams
from gateway.store.taken import HostRow
from tests.booking.office import NOW, wish

RULES = {"title": "Demo", "length": 45, "managed": {"open": ["color", "after"]}}


@pytest.fixture
def sales(office):
    """A team of Alice and Bob with a managed event type."""

    key = office.db.write_now(lambda conn: add_team(conn, "sales", "s@example.com", zone="UTC", now=NOW))
    for person in (office.alice, office.person("bob")):
        office.db.write_now(teams.put, key, person.id, teams.MEMBER)
    team = office.person("sales")
    office.db.write_now(event_types.add, team, "demo", EventType.model_validate(RULES))
    return team


def kind(office, name, slug="demo"):
    return office.db.read_now(offer.bookable, name, slug).kind


def own(office, name, slug="demo"):
    return office.db.read_now(event_types.named, office.person(name), slug)


def change(office, name, slug="demo", **fields):
    def write(conn):
        of = event_types.named(conn, office.person(name), slug)
        event_types.change(conn, of, EventType.model_validate({**of.row.document, **fields}))

    office.db.write_now(write)


def test_members_have_it_and_it_follows(office, sales):
    assert (kind(office, "alice").length, kind(office, "bob").length) == (45, 45)
    assert kind(office, "bob").managed is None
    change(office, "sales", length=50, title="Show")
    assert (kind(office, "alice").length, kind(office, "bob").title) == (50, {"": "Show"})


def test_what_is_left_open_is_each_ones_own_until_it_is_closed(office, sales):
    change(office, "bob", color="#0f766e", after=10, hours={"weekly": [["10:00-11:00"]] * 7})
    assert (kind(office, "bob").color, kind(office, "bob").after, kind(office, "alice").after) == ("#0f766e", 10, 0)
    change(office, "sales", managed={"open": ["color"]}, after=5)
    assert (kind(office, "bob").color, kind(office, "bob").after) == ("#0f766e", 5)
    assert kind(office, "bob").hours is not None


@pytest.mark.parametrize("fields", [{"length": 5}, {"title": "Mine"}, {"mode": "collective"}, {"managed": {}}])
def test_what_the_team_sets_members_do_not(office, sales, fields):
    with pytest.raises((Forbidden, InvalidInput)):
        change(office, "bob", **fields)
    with pytest.raises(Forbidden):
        office.db.write_now(event_types.remove, own(office, "bob"))
    assert kind(office, "bob").length == 45


async def test_they_come_and_go_with_members_hosts_and_the_team(office, sales):
    booked = await book(office.desk, "alice", "demo", wish("2026-11-24 09:45"))
    office.db.write_now(event_types.set_hosts, own(office, "sales"), [HostRow(office.person("bob").id)])
    with pytest.raises(NotFound):
        kind(office, "alice")
    assert [row.uid for row in office.rows()] == [booked.row.uid]
    office.db.write_now(event_types.set_hosts, own(office, "sales"), [])
    assert kind(office, "alice").length == 45
    office.db.write_now(changes.remove_member, sales, "alice")
    with pytest.raises(NotFound):
        kind(office, "alice")
    office.db.write_now(changes.add_member, sales, "alice")
    assert kind(office, "alice").length == 45
    change(office, "sales", managed=None)
    with pytest.raises(NotFound):
        kind(office, "bob")
    change(office, "sales", managed={})
    office.db.write_now(event_types.remove, own(office, "sales"))
    with pytest.raises(NotFound):
        kind(office, "bob")
    assert [row.status for row in office.rows()] == ["accepted"]


def test_another_address_goes_along_and_what_members_have_of_that_name_stays(office, sales):
    def rename(conn, slug):
        of = event_types.named(conn, office.person("sales"), "demo")
        event_types.change(conn, of, of.kind, slug=slug)

    office.db.write_now(rename, "check-in")
    assert kind(office, "bob", "check-in").length == 45
    assert kind(office, "alice", "check-in").length == 15
    assert len(office.db.read_now(bookings.event_types, office.alice.id)) == 6


@pytest.mark.parametrize("open_", [["mode"], ["hours"], ["nothing"]])
def test_only_what_can_be_left_open_is(office, sales, open_):
    with pytest.raises(InvalidInput):
        change(office, "sales", managed={"open": open_})


def test_a_copy_of_ones_own_follows_nothing(office, sales):
    key = office.db.write_now(event_types.duplicate, own(office, "bob"))
    row = office.db.read_now(bookings.event_type_by_id, key)
    assert (row.managed_by, row.document["length"]) == (None, 45)
