"""What an invitee answered to the invitation, on the pages."""

import pytest

from gateway.booking.model import details, document
from gateway.store import bookings
from tests.booking.office import at
from tests.web.site import hidden, sign_in, text
from tests.web.test_booking_pages import book, parts

ELEVEN = at("2026-11-24 11:00")


def answered(office, **said):
    [row] = office.rows()
    written = details(row).model_copy(update=said)
    office.db.write_now(lambda conn: bookings.change(conn, row.id, document=document(written)))
    return office.desk.sealer.open(written.host_token.encode())


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("ACCEPTED", "Has accepted the invitation"),
        ("TENTATIVE", "Is not sure to come"),
        ("DECLINED", "Has declined the invitation"),
    ],
)
async def test_an_answer_stands_on_the_pages(client, office, reply, words):
    path, query = parts(await book(client))
    assert words not in await text(await client.get(path, params=query))
    answered(office, reply=reply)

    assert words in await text(await client.get(path, params=query))
    await sign_in(client)
    assert words in await text(await client.get("/app", params={"lang": "en"}))


async def test_a_host_takes_a_proposed_time_in_two_steps(client, office):
    path, query = parts(await book(client))
    token = answered(office, proposal=(ELEVEN, ELEVEN + 1800))
    shown = "Move it to the proposed time"
    assert shown not in await text(await client.get(path, params=query))
    html = await text(await client.get(path, params={"token": token}))
    assert shown in html
    await sign_in(client)
    assert "Would rather have another time" in await text(await client.get("/app", params={"lang": "en"}))

    question = await text(await client.get(path, params={"token": token, "move": "1", "start": "2026-11-24T10:00:00Z"}))
    html = await text(await client.post(path, data=hidden(question)))
    assert shown not in html
    [row] = office.rows()
    assert (row.start, details(row).proposal) == (ELEVEN, None)
