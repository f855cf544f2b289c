"""Delegates named and dismissed on /app."""

import pytest

from gateway.accounts.people import add_team
from gateway.store import delegates, principals
from tests.web.site import hidden, sign_in, text


@pytest.fixture
def bob(office):
    """A colleague of alice's."""
    found = office.db.read_now(principals.by_name, "bob")
    members = [office.alice.id, found.id]
    office.db.write_now(add_team, "crew", "crew@example.com", displayname="Crew", members=members, now=1)
    return found


def rights(office, access):
    return [one.name for one in office.db.read_now(delegates.named, office.alice.id, access)]


async def test_a_delegate_is_named_and_dismissed(client, office, bob):
    await sign_in(client)
    html = await text(await client.get("/app", params={"lang": "de"}))
    assert "Vertretungen" in html
    assert "Eine Vertretung" not in html
    data = {"csrf": hidden(html)["csrf"], "who": str(bob.id), "access": "read"}
    html = await text(await client.post("/app/delegates", data=data))
    assert (rights(office, "read"), rights(office, "write")) == (["bob"], [])
    assert "darf lesen" in html

    await text(await client.post("/app/delegates", data={**data, "access": "write"}))
    assert (rights(office, "read"), rights(office, "write")) == ([], ["bob"])

    await text(await client.post(f"/app/delegates/{bob.id}", data={"csrf": data["csrf"]}))
    assert (rights(office, "read"), rights(office, "write")) == ([], [])


async def test_calendars_that_are_open_to_somebody_are_shown_to_them(client, office, bob):
    office.db.write_now(delegates.grant, bob.id, office.alice.id, delegates.WRITE)
    await sign_in(client)
    html = await text(await client.get("/app", params={"lang": "en"}))
    assert "/dav/calendars/bob/merged/" in html
    assert "You may see and change everything" in html


async def test_forms_that_are_none_change_nothing(client, office, bob):
    office.db.write_now(delegates.grant, bob.id, office.alice.id, delegates.WRITE)
    await sign_in(client)
    good = {"csrf": hidden(await text(await client.get("/app")))["csrf"], "who": str(bob.id), "access": "read"}
    stranger = str(office.db.write_now(principals.add, name="zoe", email="zoe@example.com", zone="UTC", created=1))
    for wrong, status in (
        ({"csrf": "made up"}, 403),
        ({"access": "own"}, 400),
        ({"who": "x"}, 404),
        ({"who": stranger}, 404),
        ({"who": str(office.alice.id)}, 404),
    ):
        assert (await client.post("/app/delegates", data={**good, **wrong})).status == status
    assert (await client.post(f"/app/delegates/{bob.id}", data={"csrf": good["csrf"]})).status == 404
    assert (rights(office, "read"), rights(office, "write")) == ([], [])
