"""What people see of the API: keys on their page, and /api/docs."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from gateway.accounts.api_keys import SCOPES
from gateway.store import api_keys
from gateway.web.api.document import build
from gateway.web.api.problems import PROBLEMS
from gateway.web.api.shown import parts
from gateway.web.api.table import OPERATIONS
from gateway.web.pages.app.api_keys import WORDS
from tests.web.site import hidden, sign_in, text


@pytest.fixture
def keys(office):
    return lambda: office.db.read_now(api_keys.of_user, office.alice.id)


async def test_a_key_is_shown_once_works_and_can_be_revoked(client, office, keys):
    await sign_in(client)
    csrf = hidden(await text(await client.get("/app")))["csrf"]
    form = {"csrf": csrf, "label": "Invoices", "scope": ["bookings:read", "slots:read"]}
    html = await text(await client.post("/app/api-keys", data=form))
    [plain] = re.findall(r'<code id="api-key">(gw_[^<]+)</code>', html)
    answer = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {plain}"})
    assert (await answer.json())["scopes"] == ["bookings:read", "slots:read"]

    html = await text(await client.get("/app"))
    assert plain not in html
    assert "Invoices" in html
    assert "See bookings, See free times" in html

    [row] = keys()
    await client.post(f"/app/api-keys/{row.id}", data={"csrf": csrf})
    assert keys() == []
    assert (await client.get("/api/v1/me", headers={"Authorization": f"Bearer {plain}"})).status == 401


@pytest.mark.parametrize(
    "form",
    [
        {"label": "", "scope": ["slots:read"]},
        {"label": "x" * 61, "scope": ["slots:read"]},
        {"label": "a\u0007b", "scope": ["slots:read"]},
        {"label": "Invoices"},
        {"label": "Invoices", "scope": ["everything"]},
    ],
)
async def test_a_key_for_nothing_is_not_made(client, keys, form):
    await sign_in(client)
    csrf = hidden(await text(await client.get("/app")))["csrf"]
    html = await text(await client.post("/app/api-keys", data={"csrf": csrf, **form}), 422)
    assert "Please name the program, and tick what it may do." in html
    assert keys() == []


async def test_keys_of_others_cannot_be_revoked(client, office, key_for):
    key_for(name="bob")
    [row] = office.db.read_now(api_keys.of_user, office.person("bob").id)
    await sign_in(client)
    csrf = hidden(await text(await client.get("/app")))["csrf"]
    assert (await client.post(f"/app/api-keys/{row.id}", data={"csrf": csrf})).status == 404
    assert (await client.post("/app/api-keys", data={"label": "x", "scope": "slots:read"})).status == 403


def test_every_scope_is_said_in_words():
    assert set(WORDS) == set(SCOPES)


async def test_the_page_shows_every_operation_and_problem(client):
    html = await text(await client.get("/api/docs"))
    for row in OPERATIONS:
        assert f'id="{row.name}"' in html
    for problem in PROBLEMS:
        assert f'id="{problem.name}"' in html
    assert "//" not in re.sub(
        r"https?://(localhost|127\.0\.0\.1)", "", "".join(re.findall(r'(?:src|href)="([^"]*)"', html))
    )


async def test_the_page_is_searched(client):
    html = await text(await client.get("/api/docs", params={"q": "bookings CANCEL"}))
    assert 'id="cancel_booking"' in html
    assert 'id="list_teams"' not in html
    html = await text(await client.get("/api/docs", params={"q": "<b>&"}))
    assert "Nothing has all of these words." in html
    assert "<b>&" not in html


async def test_its_frame_is_german_for_those_who_read_german(client):
    html = await text(await client.get("/api/docs", headers={"Accept-Language": "de"}))
    assert "Arten von Problemen" in html
    assert "Parameter</h4>" in html


async def test_problems_lead_to_their_explanation(client, office):
    problem = await (await client.get("/api/v1/me")).json(content_type=None)
    assert problem["type"] == f"{office.settings.server.base_url}/api/docs#not-signed-in"


def test_commands_send_what_is_needed():
    commands = {one.name: one.command for one in parts(build("https://cal.example.com"))}
    assert commands["read_me"].splitlines()[0] == "curl https://cal.example.com/api/v1/me \\"
    assert "event_type=one-on-one&start=2026-12-01T09%3A00%3A00Z" in commands["list_slots"]
    assert (
        '"invitee": {"name": "Jo Doe", "email": "jo@example.com", "zone": "Europe/Berlin"}'
        in commands["create_booking"]
    )
    assert commands["delete_event_type"].startswith(
        "curl -X DELETE https://cal.example.com/api/v1/event-types/one-on-one"
    )


async def test_the_five_minutes_of_the_document_work(api):
    told = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    booking, move, cancellation, *_ = (
        json.loads(one) for one in re.findall(r"-d '(\{.*?\})'$", told, re.MULTILINE | re.DOTALL)
    )
    [query] = re.findall(r"\$GATEWAY(/slots\?[^\"]+)", told)
    status, slots, _ = await api("GET", query)
    assert (status, booking["start"] in {one["start"] for one in slots["items"]}) == (200, True)
    status, made, _ = await api("POST", "/bookings", booking, headers={"Idempotency-Key": "1"})
    assert status == 201
    assert (await api("POST", f"/bookings/{made['uid']}/reschedule", move))[1]["start"] == move["start"]
    assert (await api("POST", f"/bookings/{made['uid']}/cancel", cancellation))[1]["status"] == "cancelled"


async def test_the_command_for_booking_books(client, api):
    [part] = [one for one in parts(build("")) if one.name == "create_booking"]
    body = re.search(r"-d '(.*)'$", part.command)[1]
    status, _, _ = await api("POST", "/bookings", data=unescape(body), headers={"Content-Type": "application/json"})
    assert status == 201
