"""Pages of teams and of people together."""

import pytest

from tests.booking.team import Team
from tests.web.site import hidden, text
from tests.web.test_booking_pages import TYPED, form, parts

THREE = "2026-11-24T14:00:00Z"


@pytest.fixture
def team(office):
    return Team(office)


async def test_a_team_shows_what_can_be_booked_and_who_comes(client, team):
    html = await text(await client.get("/team/sales"))
    assert all(f'href="/team/sales/{slug}"' in html for slug in ("demo", "intro", "pair"))
    assert "Alice Hartmann, Bob Brandt, and Carol Lee" in html
    assert "With one of the team" in html
    assert "With Alice Hartmann and one of the team" in html


async def test_the_same_in_german(client, team):
    html = await text(await client.get("/team/sales", params={"lang": "de"}))
    assert "Alice Hartmann, Bob Brandt und Carol Lee" in html
    assert "Mit Alice Hartmann und einer weiteren Person aus dem Team" in html


@pytest.mark.parametrize(
    "path",
    [
        "/sales",
        "/sales/demo",
        "/team/alice",
        "/team/alice/one-on-one",
        "/team/nobody",
        "/alice+dave/one-on-one",
        "/alice+bob",
    ],
)
async def test_people_and_teams_have_addresses_of_their_own(client, team, path):
    await text(await client.get(path), 404)


async def test_booking_a_team(client, team):
    path = "/team/sales/demo"
    answer = await client.post(path, data={**await form(client, THREE, path), **TYPED}, allow_redirects=False)
    assert answer.status == 303
    html = await text(await client.get(answer.headers["Location"]))
    assert all(person.displayname in html for person in team.people.values())

    where, query = parts(answer.headers["Location"])
    question = await text(await client.get(where, params={"token": query["token"], "cancel": "1"}))
    html = await text(await client.post(where, data=hidden(question)))
    assert 'href="/team/sales"' in html
    assert [row.status for row in team.rows()] == ["cancelled"]


async def test_booking_two_people_together(client, team):
    path = "/alice+bob/one-on-one"
    html = await text(await client.get(path, params={"zone": "Europe/Berlin"}))
    assert "Alice Hartmann and Bob Brandt" in html
    answer = await client.post(path, data={**await form(client, path=path), **TYPED}, allow_redirects=False)
    assert answer.status == 303
    [row] = team.rows()
    assert team.hosts(row) == ["alice", "bob"]
