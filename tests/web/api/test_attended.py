"""What hosts do with bookings besides, through the API."""

import pytest

from gateway.booking.book import book
from gateway.store.schema import MEMBERSHIPS
from tests.booking.office import at, wish
from tests.booking.team import Team


@pytest.fixture
def team(office):
    return Team(office)


async def test_nobody_came_and_a_note(api, office):
    booked = await book(office.desk, "alice", "one-on-one", wish())
    path = f"/bookings/{booked.row.uid}"
    assert (await api("POST", f"{path}/no-show", {"no_show": True}))[0] == 409
    office.now = at("2026-11-24 10:10")
    assert (await api("POST", f"{path}/no-show", {"no_show": True}))[1]["no_show"] is True
    assert (await api("POST", f"{path}/no-show", {"no_show": False}))[1]["no_show"] is False
    status, told, _ = await api("PUT", f"{path}/host-note", {"host_note": "Knows Bob"})
    assert (status, told["host_note"]) == (200, "Knows Bob")
    assert (await api("GET", path))[1] == told
    assert (await api("PUT", f"{path}/host-note", {"host_note": "\u0000"}))[0] == 422


async def test_a_booking_is_handed_over(api, office, team, key_for):
    booked = await book(office.desk, "sales", "intro", wish("2026-11-24 15:00"))
    path = f"/bookings/{booked.row.uid}"
    _, told, _ = await api("GET", f"{path}/other-hosts")
    assert [(one["name"], one["reasons"], one["possible"]) for one in told["items"]] == [
        ("bob", [], True), ("carol", [], True)
    ]  # fmt: skip
    assert (await api("POST", f"{path}/reassign", {"old": "alice", "new": "nobody"}))[0] == 404
    status, told, _ = await api("POST", f"{path}/reassign", {"old": "alice", "new": "bob"})
    assert (status, told["hosts"], told["uid"]) == (200, ["bob"], booked.row.uid)
    assert (await api("GET", path))[0] == 404
    assert (await api("GET", path, key=key_for(name="bob")))[1]["hosts"] == ["bob"]


async def test_bookings_are_searched_and_those_of_a_team_listed(api, office, team):
    await book(office.desk, "sales", "intro", wish("2026-11-24 15:00"))
    await book(office.desk, "alice", "check-in", wish("2026-11-24 10:00", name="Zoë", email="zoe@example.org"))

    async def names(query):
        status, told, _ = await api("GET", f"/bookings?{query}")
        return [one["invitee"]["name"] for one in told["items"]] if status == 200 else status

    assert await names("search=zoe") == ["Zoë"]
    assert await names("search=muller%20intro") == ["Jörg Müller"]
    assert await names("team=sales") == 404
    office.db.write_now(lambda conn: conn.execute(MEMBERSHIPS.update().values(role="admin")))
    assert await names("team=sales") == ["Jörg Müller"]
    assert await names("team=sales&host=bob") == []
    assert await names("team=sales&host=dave") == 404
    assert await names("host=bob") == 422
