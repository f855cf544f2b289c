import pytest

from gateway.accounts.people import RESERVED, add_person, add_team, local_calendar
from gateway.errors import UsageError
from gateway.store import accounts, principals


def test_a_person_gets_an_address_and_a_calendar_of_their_own(db):
    key = db.write_now(add_person, "alice", "Alice@Example.com", zone="Europe/Berlin", locale="de", now=1)

    alice = db.read_now(principals.by_address, "mailto:ALICE@example.com")
    assert (alice.id, alice.name, alice.displayname, alice.zone) == (key, "alice", "alice", "Europe/Berlin")
    [calendar] = db.read_now(accounts.calendars, key)
    assert (calendar.kind, calendar.displayname, calendar.writable, calendar.merged) == ("local", "Privat", True, True)
    assert not calendar.destination
    assert db.write_now(local_calendar, key, 2) == calendar.id


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_names_of_pages_are_refused(db, name):
    with pytest.raises(UsageError):
        db.write_now(add_person, name, "a@example.com", now=1)


@pytest.mark.parametrize("name", ["", "Alice", "a b", "a/b", ".a", "a.", "a..b", "ä", "a" * 65, "a@b", "a\n"])
def test_names_that_fit_in_no_url_are_refused(db, name):
    with pytest.raises(UsageError):
        db.write_now(add_person, name, "a@example.com", now=1)


@pytest.mark.parametrize(
    "email", ["", "a", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nRCPT TO:x", "A <a@b>", "a" * 255 + "@b"]
)
def test_what_is_no_address_is_refused(db, email):
    with pytest.raises(UsageError):
        db.write_now(add_person, "alice", email, now=1)


def test_names_addresses_and_zones_are_checked(db):
    db.write_now(add_person, "alice", "alice@example.com", now=1)

    with pytest.raises(UsageError, match="taken"):
        db.write_now(add_person, "alice", "other@example.com", now=1)
    with pytest.raises(UsageError, match="belongs to somebody else"):
        db.write_now(add_team, "sales", "alice@example.com", now=1)
    with pytest.raises(UsageError, match="time zone"):
        db.write_now(add_person, "bob", "bob@example.com", zone="Mars/Olympus", now=1)
    assert [one.name for one in db.read_now(principals.everybody)] == ["alice"]


def test_a_team_has_members(db):
    alice = db.write_now(add_person, "alice", "alice@example.com", now=1)

    team = db.write_now(add_team, "sales", "sales@example.com", members=[alice], now=1)

    assert db.read_now(principals.by_id, team).is_team
    assert [one.name for one in db.read_now(principals.members_of, team)] == ["alice"]
    assert db.read_now(accounts.calendars, team) == []
