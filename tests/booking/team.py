"""Colleagues of Alice's: a team with event types that several of them share."""

from itertools import pairwise

from gateway.accounts.people import add_person, add_team
from gateway.store import accounts, bookings, members, principals, taken
from gateway.store.taken import HostRow
from tests.booking.office import NOW, at
from tests.fakes.shelf import Shelf

PLACE = {"kind": "link", "text": "https://meet.example/{room}"}
TEAM_TYPES = {
    "demo": {"title": {"en": "Demo", "de": "Vorführung"}, "length": 45, "mode": "collective", "places": [PLACE]},
    "intro": {"title": "Intro", "length": 30, "mode": "round_robin"},
    "pair": {"title": "Pair", "length": 30, "mode": "round_robin"},
}


class Team:
    """alice and bob (zone Berlin too) and carol (New York) are the team sales. In "pair" alice is there each time."""

    def __init__(self, office):
        self.office = office
        self.people = office.db.write_now(self._furnish)

    def _furnish(self, conn):
        alice, bob = self.office.alice, principals.by_name(conn, "bob")
        principals.change(conn, bob.id, {"zone": "Europe/Berlin", "displayname": "Bob Brandt", "locale": "de"})
        carol = add_person(
            conn,
            "carol",
            "carol@example.com",
            displayname="Carol Lee",
            zone="America/New_York",
            now=NOW,
        )
        ids = {"alice": alice.id, "bob": bob.id, "carol": carol}
        team = add_team(
            conn, "sales", "sales@example.com", displayname="Sales", members=ids.values(), zone="Europe/Berlin", now=NOW
        )
        for position, (slug, document) in enumerate(TEAM_TYPES.items()):
            key = bookings.put_event_type(conn, team, slug, document, position=position)
            if slug == "pair":
                hosts = [HostRow(ids["alice"], fixed=True), HostRow(ids["bob"]), HostRow(carol)]
                taken.set_hosts(conn, key, hosts)
        return {name: principals.by_id(conn, key) for name, key in ids.items()}

    def connect(self, name, kind="caldav"):
        """An account of theirs at a fake provider, whose calendar takes new events."""
        person, office = self.people[name], self.office
        account = office.db.write_now(accounts.add, person.id, kind, kind, {}, None, NOW)
        shelf = office.shelves[account] = Shelf(verbatim=kind != "google")
        shelf.add_calendar("main", primary=True)

        def add(conn):
            key = accounts.add_calendar(conn, person.id, account, shelf.calendars_["main"].calendar)
            accounts.set_destination(conn, person.id, key)
            accounts.change(conn, account, synced=NOW)

        office.db.write_now(add)
        return shelf

    def texts(self, name):
        return [row.text for row in self.office.db.read_now(members.texts, self.people[name].merged)]

    def rows(self):
        """All bookings, each once."""
        found = {}
        for person in self.people.values():
            found |= {row.uid: row for row in self.office.db.read_now(bookings.of_user, person.id)}
        return sorted(found.values(), key=lambda row: row.start)

    def hosts(self, row):
        keys = self.office.db.read_now(taken.hosts_of, row.id)
        return [name for key in keys for name, person in self.people.items() if person.id == key]

    def spans(self, name):
        """(blocked_from, blocked_until) of all live bookings of theirs, in order."""
        rows = self.office.db.read_now(taken.blocking, [self.people[name].id], NOW, NOW + 60 * 86_400)
        return sorted((row.blocked_from, row.blocked_until) for row in rows)


def overlaps(spans):
    return [(one, two) for one, two in pairwise(spans) if two[0] < one[1]]


def check(team, accepted):
    """Every one accepted is there, nobody is in two places, and what was contested went to somebody."""
    live = [row for row in team.rows() if row.status in bookings.BLOCKING]
    assert {row.uid for row in live} == accepted
    for name in team.people:
        assert overlaps(team.spans(name)) == []
        assert len(team.texts(name)) == len(team.spans(name))
        assert min(start for start, _ in team.spans(name)) < at("2026-11-24 15:30")
