"""Sign-ins at the simulated providers, as a browser goes through them."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, TCPConnector
from cryptography.fernet import Fernet

from gateway.accounts.oauth import finish, start
from gateway.accounts.people import add_person
from gateway.accounts.sealed import Sealer
from gateway.config import Microsoft, Settings
from gateway.demo.google import GoogleSimulator
from gateway.demo.microsoft import MicrosoftSimulator
from gateway.errors import ConfigError, InvalidRequest, NotFound

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
BACK = {kind: f"http://127.0.0.1:5232/oauth/{kind}/callback" for kind in ("google", "outlook")}


@pytest.fixture
def sealer():
    return Sealer([Fernet.generate_key()])


@pytest.fixture
def alice(db):
    return db.write_now(add_person, "alice", "alice@example.com", now=1)


@pytest.fixture
async def settings(tmp_path):
    google = GoogleSimulator(lambda: NOW)
    await google.start()
    google.add_person("alice@gmail.example", "Alice")
    microsoft = MicrosoftSimulator(lambda: NOW, tmp_path / "ca.pem", redirect_uris=[BACK["outlook"]])
    await microsoft.start()
    microsoft.add_person("alice@contoso.example", "Alice")
    yield Settings(
        google=google.settings(),
        microsoft=Microsoft(
            client_id=microsoft.client_id,
            client_secret=microsoft.client_secret,
            authority=microsoft.authority,
            graph_endpoint=microsoft.graph_endpoint,
            ca_file=tmp_path / "ca.pem",
        ),
    )
    await google.stop()
    await microsoft.stop()


async def consent(url, **answers):
    """What comes back after the person has answered on the provider's page."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    scopes = asked.pop("scope")
    form = {**asked, "scope": scopes, **answers}
    page = url.partition("?")[0]
    pairs = [*form.items(), *(("granted", one) for one in scopes.split())]
    async with (
        ClientSession(connector=TCPConnector(ssl=False)) as browser,
        browser.post(page, data=pairs, allow_redirects=False) as answer,
    ):
        assert answer.status in {302, 303}, await answer.text()
        back = urlsplit(answer.headers["Location"])
    return {name: values[0] for name, values in parse_qs(back.query).items()}


GOOGLE_YES = {"person": "alice@gmail.example", "decision": "allow"}
OUTLOOK_YES = {"account": "alice@contoso.example", "answer": "allow"}


@pytest.fixture
def begin(db, settings, sealer, alice):
    def call(kind, session="s", now=SECONDS):
        return start(db, settings, sealer, kind=kind, user=alice, session=session, redirect_uri=BACK[kind], now=now)

    return call


@pytest.fixture
def end(db, settings, sealer):
    def call(kind, query, session="s", now=SECONDS):
        return finish(db, settings, sealer, kind=kind, session=session, query=query, now=now)

    return call


async def test_google(begin, end, alice):
    url = await begin("google")
    asked = parse_qs(urlsplit(url).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["access_type"] == ["offline"]

    connected = await end("google", await consent(url, **GOOGLE_YES))

    assert (connected.user, connected.kind) == (alice, "google")
    assert json.loads(connected.secret)["refresh_token"]


async def test_microsoft(begin, end, alice):
    url = await begin("outlook")
    assert parse_qs(urlsplit(url).query)["code_challenge_method"] == ["S256"]

    connected = await end("outlook", await consent(url, **OUTLOOK_YES))

    assert (connected.user, connected.kind, connected.email) == (alice, "outlook", "alice@contoso.example")
    assert json.loads(connected.secret)["RefreshToken"]


@pytest.mark.parametrize(("kind", "yes"), [("google", GOOGLE_YES), ("outlook", OUTLOOK_YES)])
async def test_a_sign_in_is_finished_once_by_whoever_began_it_and_soon(begin, end, kind, yes):
    first = await consent(await begin(kind), **yes)
    await end(kind, first)
    with pytest.raises(InvalidRequest):
        await end(kind, first)

    other_browser = await consent(await begin(kind), **yes)
    with pytest.raises(InvalidRequest):
        await end(kind, other_browser, session="another")
    with pytest.raises(InvalidRequest):
        await end(kind, other_browser)

    late = await consent(await begin(kind), **yes)
    with pytest.raises(InvalidRequest):
        await end(kind, late, now=SECONDS + 601)

    other_provider = await consent(await begin(kind), **yes)
    with pytest.raises(InvalidRequest):
        await end("outlook" if kind == "google" else "google", other_provider)


@pytest.mark.parametrize(
    ("kind", "no"),
    [("google", {"person": "alice@gmail.example", "decision": "deny"}), ("outlook", {**OUTLOOK_YES, "answer": "deny"})],
)
async def test_whoever_says_no_is_told_so(begin, end, kind, no):
    with pytest.raises(InvalidRequest, match="did not give access"):
        await end(kind, await consent(await begin(kind), **no))


@pytest.mark.parametrize("query", [{}, {"state": "x", "code": "y"}, {"code": "y"}, {"state": ""}])
async def test_answers_to_nothing(end, query):
    with pytest.raises(InvalidRequest):
        await end("google", query)


async def test_a_code_that_the_provider_does_not_know(begin, end):
    for kind, yes in (("google", GOOGLE_YES), ("outlook", OUTLOOK_YES)):
        answer = await consent(await begin(kind), **yes)
        with pytest.raises(InvalidRequest, match="start again"):
            await end(kind, {**answer, "code": "made-up"})


async def test_without_a_client_nobody_can_sign_in(db, sealer, alice):
    for kind, section in (("google", "google"), ("outlook", "microsoft")):
        with pytest.raises(ConfigError, match=f"{section}.client_id"):
            await start(
                db, Settings(), sealer, kind=kind, user=alice, session="s", redirect_uri=BACK[kind], now=SECONDS
            )
    with pytest.raises(NotFound):
        await start(db, Settings(), sealer, kind="x", user=alice, session="s", redirect_uri="", now=SECONDS)
