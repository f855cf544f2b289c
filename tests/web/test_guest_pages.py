"""Naming guests in the form and on the booking's page; a guest's own page; how many strangers can be written to."""

import pytest

from gateway.booking.model import details
from gateway.errors import TooManyAttempts
from gateway.store import bookings
from gateway.web.limits import Limits
from tests.web.site import hidden, text
from tests.web.test_booking_pages import TYPED, form, parts

PATH = "/alice/lunch"
ANN, BEN = "ann@example.net", "ben@example.net"


@pytest.fixture
def kind(office):
    office.db.write_now(bookings.put_event_type, office.alice.id, "lunch", {"title": "Lunch", "guests": 2})


async def booked(client, guests):
    data = [*{**await form(client, path=PATH), **TYPED}.items(), *(("guests", one) for one in guests)]
    answer = await client.post(PATH, data=data, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    path, query = parts(answer.headers["Location"])
    return path, query["token"]


def guests(office):
    [row] = office.rows()
    return [one.email for one in details(row).guests]


async def test_the_form_asks_only_where_guests_can_come(client, kind):
    assert "Who else should be invited?" in await text(await client.get(PATH, params={"start": "2026-11-25T09:00:00Z"}))
    other = await text(await client.get("/alice/check-in", params={"start": "2026-11-25T09:00:00Z"}))
    assert "Who else" not in other


@pytest.mark.parametrize(
    "given", [[f"{ANN}, {BEN}"], [f"{ANN}\r\n{BEN}\r\n"], [ANN, BEN], [f" {ANN};{BEN} ", ""], [f"{ANN} {BEN} {ANN}"]]
)
async def test_addresses_in_one_field_or_several(client, office, kind, given):
    path, token = await booked(client, given)

    assert guests(office) == [ANN, BEN]
    html = await text(await client.get(path, params={"token": token}))
    assert ANN in html
    assert BEN in html
    assert "Invite guests" not in html


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("ann", "complete e-mail addresses"),
        (f"Ann <{ANN}>", "complete e-mail addresses"),
        (f"{ANN}\r\nBcc: {BEN}", "complete e-mail addresses"),
        ("ann@localhost", "complete e-mail addresses"),
        ("<script>alert(1)</script>@example.net", "complete e-mail addresses"),
        (f"{ANN}, {BEN}, cem@example.net", "more guests than can come"),
    ],
)
async def test_what_is_no_address_is_said_at_its_field(client, office, kind, given, said):
    data = {**await form(client, path=PATH), **TYPED, "guests": given}
    html = await text(await client.post(PATH, data=data), 422)

    assert said in html.partition('id="e-guests"')[2][:100]
    assert "<script>alert" not in html
    assert office.rows() == []


async def test_an_event_type_without_guests_takes_none(client, office):
    path = "/alice/check-in"
    data = {**await form(client, path=path), **TYPED, "guests": ANN}
    await text(await client.post(path, data=data), 422)
    assert office.rows() == []


async def test_guests_are_invited_later_on_the_bookings_page(client, office, kind):
    path, token = await booked(client, [])
    html = await text(await client.get(path, params={"token": token}))
    assert "Invite guests" in html

    wrong = await text(await client.post(f"{path}/guests", data={"token": token, "guests": "ann"}), 422)
    assert "complete e-mail addresses" in wrong
    assert ">ann</textarea>" in wrong
    html = await text(await client.post(f"{path}/guests", data={"token": token, "guests": ANN}))
    assert ANN in html
    assert guests(office) == [ANN]
    await text(await client.post(f"{path}/guests", data={"token": token, "guests": f"{BEN} c@example.net"}), 422)
    await text(await client.post(f"{path}/guests", data={"token": "wrong", "guests": BEN}), 404)
    assert guests(office) == [ANN]


async def test_a_guest_is_taken_off_on_the_bookings_page(client, office, kind):
    path, token = await booked(client, [ANN, BEN])
    html = await text(await client.get(path, params={"token": token}))
    assert f'name="off" value="{ANN}" aria-label="Uninvite: {ANN}"' in html
    html = await text(await client.post(f"{path}/guests", data={"token": token, "off": ANN}))
    assert ANN not in html
    assert BEN in html
    await text(await client.post(f"{path}/guests", data={"token": "wrong", "off": BEN}), 404)
    html = await text(await client.post(f"{path}/guests", data={"token": token, "guests": ANN}))
    assert ANN in html
    assert [one.gone for one in details(office.rows()[0]).guests] == [False, False]

    await client.post(path, data={"token": token, "do": "cancel"})
    assert 'name="off"' not in await text(await client.get(path, params={"token": token}))
    await text(await client.post(f"{path}/guests", data={"token": token, "off": BEN}), 409)
    assert not details(office.rows()[0]).guests[0].gone


async def test_a_guest_sees_the_invitation_and_takes_themselves_off(client, office, kind):
    path, _ = await booked(client, [ANN])
    [row] = office.rows()
    token = office.desk.sealer.open(details(row).guests[0].token.encode())
    html = await text(await client.get(f"{path}/guest", params={"token": token}))
    assert "You are invited" in html
    assert TYPED["email"] not in html
    assert TYPED["note"] not in html
    await text(await client.get(path, params={"token": token}), 404)
    assert not details(office.rows()[0]).guests[0].gone

    html = await text(await client.post(f"{path}/guest", data=hidden(html)))
    assert "You are off this appointment" in html
    assert ANN in html
    assert details(office.rows()[0]).guests[0].gone
    await text(await client.post(f"{path}/guest", data={"token": "wrong"}), 404)


async def test_moving_counts_as_mail_to_guests(client, office, kind):
    path, token = await booked(client, [ANN])
    for number in range(11):
        start = f"2026-11-26T{8 + number % 4:02}:00:00Z"
        answer = await client.post(path, data={"token": token, "do": "move", "start": start, "zone": "UTC"})
        assert answer.status == 200
    answer = await client.post(
        path, data={"token": token, "do": "move", "start": "2026-11-26T14:00:00Z", "zone": "UTC"}
    )
    assert answer.status == 429
    answer = await client.post(path, data={"token": token, "do": "cancel"})
    assert answer.status == 200


def test_one_network_and_one_address_get_so_many_a_day():
    now = [0.0]
    limits = Limits.standard(lambda: now[0])
    for number in range(60):
        limits.may_bid("192.0.2.1", [f"g{number}@example.net"])
        limits.did_bid("192.0.2.1", [f"g{number}@example.net"])
    with pytest.raises(TooManyAttempts):
        limits.may_bid("192.0.2.1", ["h@example.net"])
    with pytest.raises(TooManyAttempts):
        limits.may_bid("198.51.100.1", [f"h{number}@example.net" for number in range(61)])
    for number in range(12):
        limits.did_bid(f"198.51.{number}.1", ["Victim@example.net"])
    with pytest.raises(TooManyAttempts):
        limits.may_bid("203.0.113.1", ["victim@example.net"])
    now[0] = 86_400
    limits.may_bid("192.0.2.1", [f"g{number}@example.net" for number in range(60)])
    limits.may_bid("203.0.113.1", ["victim@example.net"])
