"""Secret links through the API."""

from gateway.accounts.people import add_team
from gateway.store import bookings, principals, teams
from tests.booking.office import NOW


async def test_made_listed_and_revoked(api, client):
    asked = {"event_type": "check-in", "label": "Jo", "uses": 2, "expires": "2026-12-01T00:00:00Z", "name": "Jo"}
    status, made, _ = await api("POST", "/links", asked)
    assert (status, made["uses"], made["used"], made["event_type"]) == (201, 2, 0, "check-in")
    at = made["url"].partition("/link/")[2]
    assert (await client.get(f"/link/{at}")).status == 200
    assert (await api("GET", "/links"))[1]["items"] == [made]
    assert (await api("DELETE", f"/links/{made['id']}"))[0] == 204
    assert (await api("DELETE", f"/links/{made['id']}"))[0] == 404
    assert (await client.get(f"/link/{at}")).status == 404


async def test_those_of_a_team_are_its_admins(api, office, client):
    def fill(conn):
        bob = principals.by_name(conn, "bob")
        team = add_team(conn, "sales", "sales@example.com", members=[office.alice.id, bob.id], zone="UTC", now=NOW)
        teams.put(conn, team, office.alice.id, teams.ADMIN)
        other = add_team(conn, "legal", "legal@example.com", members=[office.alice.id], zone="UTC", now=NOW)
        for one in (team, other):
            bookings.put_event_type(conn, one, "demo", {"title": "Demo", "links_only": True})

    office.db.write_now(fill)
    status, made, _ = await api("POST", "/links?team=sales", {"event_type": "demo"})
    assert (status, made["team"], made["event_type"]) == (201, "sales", "demo")
    at = made["url"].partition("/link/")[2]
    assert (await client.get(f"/link/{at}")).status == 200
    assert (await client.get("/team/sales/demo")).status == 404
    assert (await api("GET", "/links"))[1]["items"] == []
    assert (await api("GET", "/links?team=sales"))[1]["items"] == [made]
    span = "start=2026-11-24T00:00:00Z&end=2026-11-25T00:00:00Z"
    for name, status in (("sales", 200), ("legal", 404)):
        assert (await api("GET", f"/slots?host={name}&event_type=demo&{span}"))[0] == status
    for name, status in (("legal", 403), ("nobody", 404)):
        assert (await api("POST", f"/links?team={name}", {"event_type": "demo"}))[0] == status
        assert (await api("GET", f"/links?team={name}"))[0] == status

    office.db.write_now(teams.put, office.person("sales").id, office.person("bob").id, teams.ADMIN)
    office.db.write_now(teams.put, office.person("sales").id, office.alice.id, teams.MEMBER)
    assert (await api("DELETE", f"/links/{made['id']}"))[0] == 404
    office.db.write_now(teams.put, office.person("sales").id, office.alice.id, teams.ADMIN)
    assert (await api("DELETE", f"/links/{made['id']}"))[0] == 204
    assert (await client.get(f"/link/{at}")).status == 404


async def test_what_makes_no_sense_is_refused_with_its_place(api):
    for change, pointer in (
        ({"event_type": "nothing"}, "/event_type"),
        ({"expires": "2020-01-01T00:00:00Z"}, "/expires"),
        ({"uses": 0}, "/uses"),
        ({"name": "a\r\nb"}, "/name"),
    ):
        status, problem, _ = await api("POST", "/links", {"event_type": "check-in", **change})
        assert (status, [one["pointer"] for one in problem["errors"]]) == (422, [pointer])


async def test_an_event_type_for_links_alone_is_shown_to_its_owner_only(api):
    secret = {"slug": "secret", "title": "Secret", "links_only": True}
    assert (await api("POST", "/event-types", secret))[1]["links_only"] is True
    span = "start=2026-11-24T00:00:00Z&end=2026-11-25T00:00:00Z"
    assert (await api("GET", f"/slots?event_type=secret&{span}"))[0] == 200
