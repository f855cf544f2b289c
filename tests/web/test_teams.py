"""The pages about teams: made, joined, left, and by whom."""

import re

import pytest

from gateway.accounts.people import add_team
from gateway.booking import event_types
from gateway.booking.book import book
from gateway.booking.model import EventType
from gateway.store import principals, taken, teams
from tests.booking.office import NOW, wish
from tests.web.site import hidden, sign_in, text


@pytest.fixture
def team(office):
    members = [office.alice.id, office.person("bob").id]

    def make(conn):
        key = add_team(conn, "sales", "s@example.com", displayname="Sales", members=members, zone="UTC", now=NOW)
        teams.put(conn, key, office.alice.id, teams.ADMIN)
        return key

    return office.db.write_now(make)


@pytest.fixture
async def csrf(client):
    await sign_in(client)
    return hidden(await text(await client.get("/app/team")))["csrf"]


def members(html):
    return re.findall(r"<strong>([^<]+)</strong>", html.partition('class="rows members"')[2].partition("</ul>")[0])


async def test_only_whoever_looks_after_the_installation_makes_teams(client, office, csrf):
    fields = {"csrf": csrf, "display": "Front desk", "name": "", "email": "desk@example.com"}
    assert (await client.post("/app/team", data=fields)).status == 403
    assert "Make a team" not in await text(await client.get("/app/team"))
    office.db.write_now(principals.change, office.alice.id, {"is_admin": True})
    html = await text(await client.post("/app/team", data=fields))
    assert members(html) == ["Alice Hartmann"]
    assert "Add its members" in html
    assert office.db.read_now(teams.roles, office.person("front-desk").id) == {office.alice.id: "admin"}
    html = await text(await client.post("/app/team", data={**fields, "name": "app", "email": "x"}), 422)
    assert "choose another name" in html
    assert 'value="Front desk"' in html


async def test_members_are_added_made_admins_and_removed(client, office, team, csrf):
    office.db.write_now(teams.leave, team, office.person("bob").id)
    html = await text(await client.post("/app/team/sales/members", data={"csrf": csrf, "who": "Bob", "role": "member"}))
    assert members(html) == ["Alice Hartmann", "bob"]
    html = await text(await client.post("/app/team/sales/members", data={"csrf": csrf, "who": "b<i>ob"}), 422)
    assert "nobody of that user name" in html
    assert 'value="b&lt;i&gt;ob"' in html
    await text(await client.post("/app/team/sales/members/bob/role", data={"csrf": csrf, "role": "admin"}))
    assert office.db.read_now(teams.role, team, office.person("bob").id) == "admin"
    html = await text(await client.post("/app/team/sales/members/bob/remove", data={"csrf": csrf}))
    assert members(html) == ["Alice Hartmann"]


async def test_the_last_admin_stays(client, office, team, csrf):
    for path, fields in (("role", {"role": "member"}), ("remove", {})):
        answer = await client.post(f"/app/team/sales/members/alice/{path}", data={"csrf": csrf, **fields})
        assert "last admin" in await text(answer, 422)
    office.db.write_now(teams.put, team, office.person("bob").id, "admin")
    assert "You have left" in await text(await client.post("/app/team/sales/members/alice/remove", data={"csrf": csrf}))
    assert (await client.get("/app/team/sales")).status == 404


async def test_what_becomes_of_bookings_is_said_before_and_they_stay(client, office, team, csrf):
    def make(conn):
        of = event_types.add(conn, principals.by_id(conn, team), "demo", EventType(title="Demo", mode="collective"))
        taken.set_hosts(conn, of, [taken.HostRow(office.alice.id), taken.HostRow(office.person("bob").id)])
        return of

    key = office.db.write_now(make)
    await book(office.desk, "sales", "demo", wish())
    html = await text(await client.get("/app/team/sales/members/bob/remove"))
    assert "1 booking to come stays as it is." in html
    await text(await client.post("/app/team/sales/members/bob/remove", data={"csrf": csrf}))
    assert [row.user_id for row in office.db.read_now(taken.hosts, key)] == [office.alice.id]
    [row] = office.rows()
    assert office.db.read_now(taken.hosts_of, row.id) == [office.alice.id, office.person("bob").id]


async def test_members_look_and_leave_and_strangers_see_nothing(client, office, team, csrf):
    office.db.write_now(teams.put, team, office.person("bob").id, "admin")
    office.db.write_now(teams.put, team, office.alice.id, "member")
    html = await text(await client.get("/app/team/sales"))
    assert members(html) == ["Alice Hartmann", "bob"]
    assert "Add somebody" not in html
    for path in ("members", "members/bob/role", "members/bob/remove"):
        answer = await client.post(f"/app/team/sales/{path}", data={"csrf": csrf, "who": "alice", "role": "admin"})
        assert answer.status == 403, path
    assert (await client.get("/app/team/sales/members/bob/remove")).status == 403
    assert "left the team" in await text(await client.post("/app/team/sales/members/alice/remove", data={"csrf": csrf}))
    for path in ("sales", "nobody", "alice"):
        assert (await client.get(f"/app/team/{path}")).status == 404
        assert (await client.post(f"/app/team/{path}/members", data={"csrf": csrf, "who": "alice"})).status == 404
