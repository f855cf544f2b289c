"""Published busy time, health, and what every answer carries."""

import re

import pytest

from gateway.store import principals
from gateway.sync.write import put
from gateway.web.keys import SETTINGS
from gateway.web.routes import HEADERS, ROUTES, SLUG, TEAM, USER
from tests.sync.objects import event
from tests.web.site import text


@pytest.fixture
def publish(office):
    """Turns Alice's published busy time on."""
    return lambda **values: office.db.write_now(
        principals.change, office.alice.id, {"freebusy_published": True, **values}
    )


@pytest.mark.parametrize("who", ["alice", "alice.ifb", "alice@example.com", "bob", "nobody"])
async def test_nothing_is_published_until_it_is_turned_on(client, who):
    await text(await client.get(f"/freebusy/{who}"), 404)


@pytest.mark.parametrize("who", ["alice", "alice/", "alice.ifb", "alice@example.com", "Alice@Example.com"])
async def test_periods_and_nothing_else(client, office, publish, who):
    publish()
    await put(office.sync, office.alice, "a.ics", event("secret-uid", "Secret talk", lines=["LOCATION:Secret"]))

    answer = await client.get(f"/freebusy/{who}", params={"start": "20261124T000000Z", "end": "20261125T000000Z"})
    body = await text(answer)
    assert "FREEBUSY:20261124T090000Z/20261124T100000Z\r\n" in body
    assert "ecret" not in body
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "METHOD:PUBLISH" in body


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ({}, "20261120T230000Z", "20270101T230000Z"),
        ({"start": "2026-12-01", "period": "P1W"}, "20261130T230000Z", "20261207T230000Z"),
        ({"start": "20261201T080000Z", "period": "PT2H"}, "20261201T080000Z", "20261201T100000Z"),
        ({"start": "2026-12-01T08:00:00+01:00", "end": "20261202"}, "20261201T070000Z", "20261201T230000Z"),
    ],
)
async def test_the_span_asked_for(client, publish, query, start, end):
    publish()
    body = await text(await client.get("/freebusy/alice", params=query))
    assert f"DTSTART:{start}\r\n" in body
    assert f"DTEND:{end}\r\n" in body


@pytest.mark.parametrize(
    "query",
    [
        {"start": "tomorrow"},
        {"period": "P"},
        {"period": "P9999W", "start": "20261201"},
        {"start": "20261201", "end": "20261130"},
        {"start": "20261201", "end": "20261202", "period": "P1D"},
        {"start": "00010101T000000Z", "end": "99991231T000000Z"},
    ],
)
async def test_spans_that_are_none(client, publish, query):
    publish()
    await text(await client.get("/freebusy/alice", params=query), 400)


async def test_a_token_where_one_is_set(client, publish):
    publish(freebusy_token="s3cret")
    await text(await client.get("/freebusy/alice"), 404)
    await text(await client.get("/freebusy/alice", params={"token": "wrong"}), 404)
    await text(await client.get("/freebusy/alice", params={"token": "s3cret"}))


async def test_health(client):
    assert await text(await client.get("/healthz")) == "ok\n"
    assert await text(await client.get("/readyz")) == "ready\n"
    assert (await client.head("/healthz")).status == 200


@pytest.mark.parametrize(("method", "path"), sorted({(method, path) for method, path, _ in ROUTES}))
async def test_every_answer_is_guarded(client, method, path):
    filled = path.replace(USER, "alice").replace(TEAM, "/team/sales").replace(SLUG, "one-on-one")
    filled = filled.replace("{color:[0-9a-f]{6}}", "2f5fd0").replace("{id:[0-9]{1,18}}", "1")
    for name, value in {
        "name": "gateway.css",
        "who": "alice",
        "kind": "google",
        "part": "week",
        "uid": "x",
        "rest:.*": "x/y/z",
    }.items():
        filled = filled.replace(f"{{{name}}}", value)
    filled = re.sub(r"\{(name|who|uid|secret):[^/]*\}", "alice", filled.replace("{digest:[0-9a-f]{32}}", "0" * 32))
    answer = await client.request(method, filled, allow_redirects=False)
    assert answer.status < 500
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)


async def test_the_first_page_is_light(client):
    """HTML, styles and script together, not compressed; and nothing from elsewhere."""
    own = str(client.app[SETTINGS].server.base_url)
    html = await text(await client.get("/alice/one-on-one"))
    total = len(html.encode())
    for path in ("/static/gateway.css", "/static/gateway.js", "/static/icon.svg", "/static/accent-2f5fd0.css"):
        assert path in html
        total += len(await (await client.get(path)).read())
    assert total < 60_000
    assert "//" not in html.replace("<!doctype html>", "").replace(own, "").replace("http://www.w3.org", "").replace(
        "https://meet", ""
    )


async def test_static_files_are_kept_when_their_version_is_named(client):
    html = await text(await client.get("/alice"))
    path = html.split('<link rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in (await client.get(path)).headers["Cache-Control"]
    assert "immutable" not in (await client.get("/static/gateway.css")).headers["Cache-Control"]
