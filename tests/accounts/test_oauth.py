"""Sign-ins at the simulated providers, as a browser goes through them."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, TCPConnector
from cryptography.fernet import Fernet

from gateway.accounts.oauth import READ, WRITE, Begins, Wanted, complete, google, start, take
from gateway.accounts.oauth.flow import scopes_in
from gateway.accounts.oauth.microsoft import address_in
from gateway.accounts.people import add_person
from gateway.accounts.sealed import Sealer
from gateway.config import Microsoft, Settings
from gateway.demo.google import GoogleSimulator
from gateway.demo.google.schema import methods
from gateway.demo.microsoft import MicrosoftSimulator
from gateway.errors import ConfigError, InvalidRequest, NotFound, SignInFailed

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


def query_of(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def consent(url, *, unticked=(), **answers):
    """What comes back after the person has answered on the provider's page."""
    asked = query_of(url)
    scopes = asked.pop("scope")
    form = {**asked, "scope": scopes, **answers}
    page = url.partition("?")[0]
    pairs = [*form.items(), *(("granted", one) for one in scopes.split() if not one.endswith(tuple(unticked)))]
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
    def call(kind, session="s", now=SECONDS, access=WRITE, login_hint="", account=None):
        begins = Begins(kind, alice, session, account)
        return start(db, settings, sealer, begins, Wanted(BACK[kind], access, login_hint), now)

    return call


@pytest.fixture
def end(db, settings, sealer):
    async def call(kind, query, session="s", now=SECONDS):
        taken = await take(db, sealer, kind=kind, session=session, state=query.get("state", ""), now=now)
        return await complete(settings, taken, query)

    return call


async def test_google(begin, end, alice):
    url = await begin("google")
    asked = parse_qs(urlsplit(url).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["access_type"] == ["offline"]

    connected = await end("google", await consent(url, **GOOGLE_YES))

    begun = connected.taken.begun
    assert (begun.user, begun.kind, connected.access) == (alice, "google", WRITE)
    assert json.loads(connected.secret)["refresh_token"]


async def test_microsoft(begin, end, alice):
    url = await begin("outlook")
    assert parse_qs(urlsplit(url).query)["code_challenge_method"] == ["S256"]

    connected = await end("outlook", await consent(url, **OUTLOOK_YES))

    begun = connected.taken.begun
    assert (begun.user, begun.kind, connected.email) == (alice, "outlook", "alice@contoso.example")
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
            await start(db, Settings(), sealer, Begins(kind, alice, "s"), Wanted(BACK[kind]), SECONDS)
    with pytest.raises(NotFound):
        await start(db, Settings(), sealer, Begins("x", alice, "s"), Wanted(""), SECONDS)
    with pytest.raises(InvalidRequest):
        await start(db, Settings(), sealer, Begins("google", alice, "s"), Wanted("", "everything"), SECONDS)


# What the gateway calls: for reading, and for writing as well.
READS = (
    *("calendarList.list", "calendarList.get", "events.list", "events.get", "events.instances", "events.watch"),
    *("channels.stop", "freebusy.query"),
)
WRITES = ("events.insert", "events.import", "events.update", "events.patch", "events.delete", "events.move")


@pytest.mark.parametrize(("access", "calls"), [(READ, READS), (WRITE, READS + WRITES)])
def test_the_scopes_asked_for_are_enough_and_none_is_idle(access, calls):
    """As the discovery document names the scopes that each method takes."""
    taken = {row.name.removeprefix("calendar."): row.scopes for row in methods()}
    asked = {google.ROOT + name for name in google.SCOPES[access]}

    assert [call for call in calls if not taken[call] & asked] == []
    for scope in asked - {
        google.ROOT + "calendar.events.readonly"
    }:  # asked beside writing, so that that can be unticked
        assert [call for call in calls if not taken[call] & (asked - {scope})] != []


@pytest.mark.parametrize("call", WRITES)
def test_reading_only_is_no_permission_to_write(call):
    taken = {row.name.removeprefix("calendar."): row.scopes for row in methods()}
    assert not taken[call] & {google.ROOT + name for name in google.SCOPES[READ]}


@pytest.mark.parametrize(
    ("asked", "unticked", "access"),
    [
        pytest.param(WRITE, (), WRITE, id="all"),
        pytest.param(READ, (), READ, id="all of reading"),
        pytest.param(WRITE, ("calendar.events",), READ, id="writing unticked"),
        pytest.param(WRITE, ("calendar.events.freebusy",), WRITE, id="colleagues' busy time unticked"),
        pytest.param(WRITE, ("calendar.events.readonly",), WRITE, id="writing contains reading"),
    ],
)
async def test_what_was_unticked_is_looked_at(begin, end, asked, unticked, access):
    connected = await end("google", await consent(await begin("google", access=asked), unticked=unticked, **GOOGLE_YES))

    assert connected.access == access


@pytest.mark.parametrize(
    ("unticked", "missing"),
    [
        pytest.param(("calendarlist.readonly",), ("calendar.calendarlist.readonly",), id="no list"),
        pytest.param(("events.readonly", "calendar.events"), ("calendar.events.readonly",), id="no events"),
        pytest.param(
            ("calendarlist.readonly", "events.readonly", "calendar.events"),
            ("calendar.calendarlist.readonly", "calendar.events.readonly"),
            id="neither",
        ),
    ],
)
async def test_what_is_not_enough_for_reading_is_refused_by_name(begin, end, unticked, missing):
    answer = await consent(await begin("google"), unticked=unticked, **GOOGLE_YES)

    with pytest.raises(SignInFailed) as caught:
        await end("google", answer)
    assert (caught.value.why, caught.value.missing) == ("too-little", missing)


@pytest.mark.parametrize(
    ("access", "scopes"),
    [
        (READ, {"Calendars.Read", "Calendars.Read.Shared"}),
        (WRITE, {"Calendars.ReadWrite", "Calendars.ReadWrite.Shared"}),
    ],
)
async def test_microsoft_is_asked_for_no_more_than_wished(begin, end, access, scopes):
    url = await begin("outlook", access=access)
    always = {"MailboxSettings.Read", "User.Read", "openid", "profile", "offline_access"}
    assert set(query_of(url)["scope"].split()) == scopes | always

    assert (await end("outlook", await consent(url, **OUTLOOK_YES))).access == access


def test_whoever_signed_in_at_microsoft_is_not_who_the_mail_claim_says():
    claims = {"preferred_username": "Ann@example.com", "email": "boss@example.net"}
    assert address_in({"id_token_claims": claims}) == "ann@example.com"
    assert address_in({"id_token_claims": {"email": "boss@example.net"}}) == ""
    assert address_in({}) == ""


async def test_a_second_account_can_be_chosen_and_a_known_one_is_offered(begin):
    assert query_of(await begin("google"))["prompt"].split() == ["consent", "select_account"]
    assert query_of(await begin("outlook"))["prompt"] == "select_account"

    again = query_of(await begin("google", login_hint="alice@gmail.example", account=1))
    assert (again["prompt"], again["login_hint"]) == ("consent", "alice@gmail.example")
    again = query_of(await begin("outlook", login_hint="alice@contoso.example", account=1))
    assert (again.get("prompt"), again["login_hint"]) == (None, "alice@contoso.example")


async def test_a_sign_in_remembers_what_it_was_for(begin, end):
    connected = await end("google", await consent(await begin("google", access=READ, account=7), **GOOGLE_YES))

    assert (connected.taken.access, connected.taken.begun.account) == (READ, 7)


@pytest.mark.parametrize(
    ("answer", "asked", "granted"),
    [
        pytest.param(None, {"a", "b"}, {"a", "b"}, id="left out: what was asked"),
        pytest.param("", {"a"}, {"a"}, id="empty"),
        pytest.param("a c", {"a", "b"}, {"a", "c"}, id="text"),
        pytest.param(["a"], {"a", "b"}, {"a"}, id="list"),
    ],
)
def test_scopes_of_a_token_answer(answer, asked, granted):
    assert scopes_in(answer, frozenset(asked)) == granted
