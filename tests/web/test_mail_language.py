"""Whoever books gets mail in their own language, also in one that the pages are not in."""

import pytest

from gateway.booking.model import details
from gateway.store import bookings
from tests.web.site import hidden, text

PAGE = "/alice/one-on-one"
TEN = "2026-11-24T09:00:00Z"


@pytest.mark.parametrize(
    ("accepted", "chosen", "locale"),
    [
        pytest.param("fr-FR,fr;q=0.9,en;q=0.5", "", "fr_FR", id="a language of mails alone"),
        pytest.param("es-MX", "", "es_MX", id="with its region"),
        pytest.param("it,de-AT;q=0.5", "", "de_AT", id="the first that mails have"),
        pytest.param("it", "", "en", id="none of them"),
        pytest.param("fr", "de", "de", id="chosen by hand"),
        pytest.param("fr", "en", "en", id="chosen by hand, and the same as without"),
        pytest.param("de;;q=,<script>", "", "en", id="broken"),
    ],
)
async def test_the_language_of_mails(client, office, accepted, chosen, locale):
    query = {"start": TEN, "zone": "Europe/Berlin", **({"lang": chosen} if chosen else {})}
    headers = {"Accept-Language": accepted}
    form = hidden(await text(await client.get(PAGE, params=query, headers=headers)))
    typed = {"name": "Jörg Müller", "email": "joerg@example.org"}

    answer = await client.post(PAGE, data={**form, **typed}, headers=headers, allow_redirects=False)

    assert answer.status == 303, await answer.text()
    [row] = office.db.read_now(bookings.coming, office.alice.id, int(office.clock()))
    assert details(row).invitee.language == locale
