"""A team's week as its members see it."""

import re

import pytest

from gateway.store import accounts
from tests.booking.office import NOW
from tests.booking.team import Team
from tests.booking.test_explain import write
from tests.web.site import sign_in, text


@pytest.fixture
def team(office):
    return Team(office)


def bars(html):
    """By strip: (kind, from, to) in hours of the week."""
    strips = re.findall(r'<span class="name">([^<]+)</span><svg class="strip".*?</svg>', html)
    found = {}
    for name, picture in re.findall(r'<span class="name">([^<]+)</span>(<svg class="strip".*?</svg>)', html):
        rects = re.findall(r'<rect class="(\w+)" x="(\d+)" y="\d" width="(\d+)"', picture)
        found[name] = [(kind, int(x) / 60, (int(x) + int(width)) / 60) for kind, x, width in rects if kind != "line"]
    assert len(strips) == len(found)
    return found


async def test_everybody_is_side_by_side_and_nobody_reads_with_what(client, office, team):
    write(office, "a", "4T0900", "4T1000", "Dentist")
    write(office, "b", "4T1400", "4T1500", "Interview", ("STATUS:TENTATIVE",), whose=team.people["carol"])
    await sign_in(client)
    html = await text(await client.get("/app/week", params={"week": "2026-11-25"}))
    found = bars(html)
    assert list(found) == ["Everybody is free", "Alice Hartmann", "Bob Brandt", "Carol Lee"]
    assert [one for one in found["Alice Hartmann"] if one[0] != "work"] == [("busy", 34, 35)]
    assert [one for one in found["Carol Lee"] if one[0] != "work"] == [("tentative", 39, 40)]
    assert found["Carol Lee"][0] == ("work", 15, 23)
    assert found["Everybody is free"][:2] == [("free", 15, 17), ("free", 40, 41)]
    assert ("Dentist" in html, "Interview" in html) == (False, False)
    assert "Busy: 10:00\u202fAM – 11:00\u202fAM" in html


async def test_weeks_and_zones_lead_on(client, team):
    await sign_in(client)
    html = await text(await client.get("/app/week", params={"lang": "de"}))
    assert "16. November – 22. November 2026" in html
    html = await text(await client.get("/app/week", params={"zone": "America/New_York", "week": "2026-11-23"}))
    assert bars(html)["Alice Hartmann"][0] == ("work", 3, 11)
    assert "/app/week?team=sales&amp;zone=America/New_York&amp;week=2026-11-30" in html
    for query in ({"week": "0001-01-01"}, {"week": "x"}, {"team": "../x"}, {"zone": "Mars"}, {"week": "8999-12-31"}):
        assert (await client.get("/app/week", params=query)).status == 200


async def test_of_an_unread_calendar_nobody_says_that_somebody_is_free(client, office, team):
    team.connect("bob")
    for account in office.db.read_now(accounts.of_user, team.people["bob"].id):
        if account.kind != "local":
            office.db.write_now(accounts.change, account.id, synced=NOW - 90_000)
    await sign_in(client)
    found = bars(await text(await client.get("/app/week")))
    assert found["Everybody is free"] == []
    assert ("unread", 0, 168) in found["Bob Brandt"]


async def test_whoever_is_in_no_team_reads_so(client):
    await sign_in(client)
    assert "You are in no team yet." in await text(await client.get("/app/week", params={"team": "sales"}))
