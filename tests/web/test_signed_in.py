"""Signing in and out, and what one may set of one's own."""

import re

import pytest

from gateway.booking.book import book
from gateway.store import accounts, collections, principals
from gateway.store.database import Connection
from tests.booking.office import wish
from tests.web.site import hidden, sign_in, text


@pytest.fixture
def calendar(office):
    """A further calendar of Alice's."""
    office.connect()
    return lambda: next(row for row in office.db.read_now(accounts.calendars, office.alice.id) if row.kind == "caldav")


async def test_signing_in_and_out(client):
    answer = await client.get("/app", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/app/login?next=/app")

    answer = await sign_in(client)
    assert (answer.status, answer.headers["Location"]) == (303, "/app")
    cookie = answer.headers.getall("Set-Cookie")[0]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    html = await text(await client.get("/app"))
    assert "Upcoming bookings" in html

    await client.post("/app/logout", data=hidden(html))
    assert (await client.get("/app", allow_redirects=False)).status == 303


async def test_a_wrong_password_is_said_and_the_name_stays(client):
    answer = await sign_in(client, password="wrong")
    html = await text(answer, 401)
    assert "User name and password do not match." in html
    assert 'value="alice"' in html
    assert "wrong" not in html


async def test_guessing_is_slowed_down(client):
    statuses = [(await sign_in(client, password=f"guess {number}")).status for number in range(7)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


async def test_a_login_form_of_another_site_is_not_taken(client):
    fields = {"name": "alice", "password": "correct horse"}
    assert (await client.post("/app/login", data={**fields, "csrf": "made up"})).status == 403
    form = hidden(await text(await client.get("/app/login")))
    headers = {"Origin": "https://evil.example"}
    assert (await client.post("/app/login", data={**form, **fields}, headers=headers)).status == 403


@pytest.mark.parametrize("asked", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_log_in_leads_to_our_own_pages_only(client, asked):
    form = hidden(await text(await client.get("/app/login", params={"next": asked})))
    data = {**form, "name": "alice", "password": "correct horse", "next": asked}
    answer = await client.post("/app/login", data=data, allow_redirects=False)
    assert answer.headers["Location"] == "/app"


async def test_each_log_in_is_a_new_session_and_ends_the_one_before(client, office):
    await sign_in(client)
    first = client.session.cookie_jar.filter_cookies(client.make_url("/"))["session"].value
    # the log-in page sends those who are signed in away, so the form comes from another browser
    client.session.cookie_jar.clear()
    form = hidden(await text(await client.get("/app/login")))
    client.session.cookie_jar.update_cookies({"session": first}, client.make_url("/"))
    await client.post("/app/login", data={**form, "name": "alice", "password": "correct horse"})
    second = client.session.cookie_jar.filter_cookies(client.make_url("/"))["session"].value
    assert first != second

    client.session.cookie_jar.clear()
    client.session.cookie_jar.update_cookies({"session": first}, client.make_url("/"))
    assert (await client.get("/app", allow_redirects=False)).status == 303


async def test_a_session_ends_when_nobody_uses_it(client, office):
    await sign_in(client)
    office.now += 15 * 86_400
    assert (await client.get("/app", allow_redirects=False)).status == 303


async def test_calendars_are_switched(client, calendar):
    await sign_in(client)
    csrf = hidden(await text(await client.get("/app")))["csrf"]
    path = f"/app/calendars/{calendar().id}"

    await text(await client.post(path, data={"csrf": csrf, "what": "busy", "on": "0"}))
    assert calendar().busy is False
    html = await text(await client.post(path, data={"csrf": csrf, "what": "merged", "on": "0"}), 409)
    assert "choose another destination first" in html
    assert calendar().merged is True


async def test_a_calendar_is_shown_on_its_own_and_no_more(client, office, calendar):
    await sign_in(client)
    csrf = hidden(await text(await client.get("/app")))["csrf"]
    path = f"/app/calendars/{calendar().id}"
    for on in ("1", "0"):
        html = await text(await client.post(path, data={"csrf": csrf, "what": "separate", "on": on}))
        assert calendar().separate is (on == "1")
        assert html.count('aria-label="On its own: ') > 0
        assert len(office.db.read_now(collections.shown, office.alice.id)) == int(on)


async def test_another_calendar_becomes_the_destination(client, office, calendar):
    await sign_in(client)
    csrf = hidden(await text(await client.get("/app")))["csrf"]
    local = next(row for row in office.db.read_now(accounts.calendars, office.alice.id) if row.kind == "local")
    await client.post(f"/app/calendars/{local.id}", data={"csrf": csrf, "what": "destination"})
    assert calendar().destination is False


@pytest.mark.parametrize(("csrf", "headers"), [("wrong", {}), ("", {}), (None, {"Origin": "https://evil.example"})])
async def test_nothing_is_changed_by_forms_of_others(client, calendar, csrf, headers):
    await sign_in(client)
    right = hidden(await text(await client.get("/app")))["csrf"]
    data = {"csrf": right if csrf is None else csrf, "what": "busy", "on": "0"}
    answer = await client.post(f"/app/calendars/{calendar().id}", data=data, headers=headers)
    assert (answer.status, calendar().busy) == (403, True)


async def test_other_peoples_calendars_are_out_of_reach(client, office, calendar):
    def password(conn: Connection) -> None:
        mine = principals.password(conn, "alice")
        bob = principals.by_name(conn, "bob")
        assert mine is not None
        assert bob is not None
        principals.change(conn, bob.id, {"password": mine[1]})

    office.db.write_now(password)
    await sign_in(client, "bob")
    csrf = hidden(await text(await client.get("/app")))["csrf"]
    answer = await client.post(f"/app/calendars/{calendar().id}", data={"csrf": csrf, "what": "busy", "on": "0"})
    assert (answer.status, calendar().busy) == (404, True)


async def test_app_passwords_are_shown_once_and_can_be_revoked(client, office):
    await sign_in(client)
    csrf = hidden(await text(await client.get("/app")))["csrf"]
    html = await text(await client.post("/app/passwords", data={"csrf": csrf, "label": "Thunderbird"}))
    [plain] = re.findall(r'<code id="app-password">([^<]+)</code>', html)

    html = await text(await client.get("/app"))
    assert plain not in html
    assert "Thunderbird" in html
    [row] = office.db.read_now(principals.app_passwords, office.alice.id)
    await client.post(f"/app/passwords/{row.id}", data={"csrf": csrf})
    assert office.db.read_now(principals.app_passwords, office.alice.id) == []


async def test_bookings_and_the_state_of_accounts_are_shown(client, office):
    await book(office.desk, "alice", "one-on-one", wish())
    office.connect()
    [account] = [row for row in office.db.read_now(accounts.of_user, office.alice.id) if row.kind == "caldav"]
    await sign_in(client)

    html = await text(await client.get("/app"))
    assert "joerg@example.org" in html
    assert "Up to date" in html
    office.db.write_now(accounts.change, account.id, state="signed-out", error="The password was changed.")
    html = await text(await client.get("/app", params={"lang": "de"}))
    assert "Anmeldung abgelaufen" in html
    assert "The password was changed." in html


async def test_before_the_first_event_came_no_number_is_said(client, office, calendar):
    row = calendar()
    page = f"/app/accounts/{row.account_id}"
    await sign_in(client)
    html = await text(await client.get(page))
    assert "Being read for the first time" in html
    assert "so far" not in html

    office.db.write_now(accounts.change, row.account_id, state="failing", trouble="throttled", error="429")
    html = await text(await client.get(page, params={"lang": "de"}))
    assert "Noch nicht gelesen" in html
    assert "CalDAV bittet um weniger Anfragen." in html
    office.db.write_now(accounts.change_calendar, row.id, synced=int(office.now))
    assert "0 Termine" in await text(await client.get(page))


@pytest.mark.parametrize("way", ["", "service-account", "app-only"])
async def test_only_who_signed_in_by_themselves_is_asked_to_do_so_again(client, office, way):
    kind = "outlook" if way == "app-only" else "google"
    settings = {"email": "alice@corp.example", "access": "read"} | ({"sign_in": way} if way else {})
    account = office.db.write_now(accounts.add, office.alice.id, kind, "alice@corp.example", settings, None, 0)
    office.db.write_now(lambda conn: accounts.change(conn, account, state="signed-out", trouble="signed-out"))
    await sign_in(client)

    for page in ("/app", f"/app/accounts/{account}"):
        html = await text(await client.get(page))
        assert ("Sign in there again" in html) == (not way)
        assert ("Your organisation opened this account" in html) == bool(way)
        assert (f"/oauth/{kind}/start?account={account}" in html) == (not way)


async def test_connecting_needs_a_session(client):
    answer = await client.get("/oauth/google/start", allow_redirects=False)
    assert answer.headers["Location"] == "/app/login?next=/oauth/google/start"


async def test_an_unknown_provider_is_not_there(client):
    await sign_in(client)
    assert (await client.get("/oauth/nobody/start")).status == 404
    html = await text(await client.get("/oauth/google/callback", params={"state": "x", "code": "y"}), 409)
    assert "This sign-in is over" in html
    assert "Try again" in html
