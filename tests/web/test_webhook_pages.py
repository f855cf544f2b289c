"""Webhooks as their owners look after them."""

import re

from gateway.store import webhooks
from tests.web.site import hidden, sign_in, text

URL = "https://hooks.example.com/<b>"
GOOD = {"url": "https://hooks.example.com/x", "events": ["booking.created", "booking.no_show"]}


async def token(client):
    return hidden(await text(await client.get("/app/webhooks")))["csrf"]


def rows(office):
    return office.db.read_now(webhooks.of_owners, [office.alice.id])


async def test_a_webhook_is_made_tested_turned_off_and_removed(client, office):
    await sign_in(client)
    csrf = await token(client)
    html = await text(await client.post("/app/webhooks", data={"csrf": csrf, **GOOD}))
    [secret] = re.findall(r'<code id="secret">(whsec_[^<]+)</code>', html)
    [row] = rows(office)
    assert (list(row.events), row.active) == (["booking.created", "booking.no_show"], True)
    page = f"/app/webhooks/{row.id}"
    assert secret not in await text(await client.get(page))

    html = await text(await client.post(page, data={"csrf": csrf, "do": "test"}))
    assert ("A test is on its way." in html, "On its way" in html) == (True, True)
    html = await text(await client.post(page, data={"csrf": csrf, "do": "secret"}))
    assert re.findall(r'<code id="secret">(whsec_[^<]+)</code>', html) not in ([secret], [])
    html = await text(await client.post(page, data={"csrf": csrf, "do": "save", **GOOD}))
    assert "It is turned off." in html
    await text(await client.post(page, data={"csrf": csrf, "do": "remove"}))
    assert rows(office) == []
    assert (await client.get(page)).status == 404


async def test_what_makes_no_sense_is_refused_at_its_field_and_kept(client, office):
    await sign_in(client)
    csrf = await token(client)
    for fields, field in (
        ({"url": "http://169.254.169.254/", "events": "booking.created"}, "e-url"),
        ({"url": 'https://x.example/"><script>', "events": "nonsense"}, "e-events"),
        ({"url": "https://x.example/"}, "e-events"),
    ):
        html = await text(await client.post("/app/webhooks", data={"csrf": csrf, **fields}), 422)
        assert f'id="{field}"' in html
        assert "<script>" not in html
    assert rows(office) == []


async def test_another_persons_webhook_is_not_there(client, office):
    await sign_in(client)
    csrf = await token(client)
    bob = office.person("bob")
    values = {"user_id": bob.id, "url": URL, "events": [], "secret": "", "created": 1}
    key = office.db.write_now(webhooks.add, values)
    assert (await client.get(f"/app/webhooks/{key}")).status == 404
    assert (await client.post(f"/app/webhooks/{key}", data={"csrf": csrf, "do": "remove"})).status == 404
    assert (await client.post("/app/webhooks", data={"csrf": csrf, "owner": "bob", **GOOD})).status == 404
    assert office.db.read_now(webhooks.get, key) is not None
