"""The page that shows what mails look like."""

import pytest

from gateway.scheduling.clock import LANGUAGES
from gateway.scheduling.examples import EXAMPLES
from tests.web.site import sign_in, text


async def test_whoever_is_not_signed_in_sees_none(client):
    for path in ("/app/mails", "/app/mails/guest-booked.html?in=de"):
        answer = await client.get(path, allow_redirects=False)
        assert (answer.status, answer.headers["Location"].split("?")[0]) == (303, "/app/login")


async def test_all_mails_are_listed_by_their_subjects_in_the_chosen_language(client):
    await sign_in(client)
    html = await text(await client.get("/app/mails?in=fr&mail=host-requested"))
    assert html.count("<option value=") == len(EXAMPLES) + len(LANGUAGES)
    assert '<option value="host-requested" selected>Rendez-vous demandé\u202f: Conseil avec Robin Example' in html
    assert "Cela vous convient-il\u202f?" in html
    assert 'src="/app/mails/host-requested.html?in=fr"' in html


async def test_a_mail_stands_in_a_frame_that_can_do_nothing(client):
    await sign_in(client)
    outer = await client.get("/app/mails")
    inner = await client.get("/app/mails/guest-booked.html?in=es")
    html = await text(inner)
    assert outer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'; frame-src 'self'")
    assert inner.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
    )
    assert "Su cita con Alice Example está reservada." in html


async def test_every_mail_of_the_list_can_be_looked_at(client):
    await sign_in(client)
    for name in EXAMPLES:
        assert (await client.get(f"/app/mails/{name}.html?in=en")).status == 200, name


@pytest.mark.parametrize("path", ["/app/mails/nothing.html?in=de", "/app/mails/guest-booked.html?in=xx"])
async def test_other_mails_there_are_none(client, path):
    await sign_in(client)
    assert (await client.get(path)).status == 404


async def test_unknown_wishes_show_the_first(client):
    await sign_in(client)
    html = await text(await client.get("/app/mails?in=xx&mail=%3Cscript%3E", headers={"Accept-Language": "de"}))
    assert "Gebucht: Beratung mit Alice Example" in html
    assert "<script>" not in html
