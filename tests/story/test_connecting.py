"""Connecting accounts in a browser, at the providers' own (simulated) sign-in pages."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import caldav
import pytest
import requests
from lxml import html

from gateway.demo.seed.people import PASSWORD
from gateway.store import accounts, members, principals
from gateway.store.accounts import AccountRow
from gateway.sync.calendars import remove_account
from tests.story.declined import declined
from tests.story.stage import PATIENCE, Stage

ADDRESSES = {"google": "bob.brandt@gmail.example", "outlook": "bob.brandt@firma.example"}
BUTTONS = {"google": ("decision", "allow", "deny"), "outlook": ("answer", "allow", "deny")}


@dataclass
class Browser:
    """Keeps cookies; follows no redirect by itself."""

    stage: Stage
    session: requests.Session

    def get(self, url: str) -> requests.Response:
        return self.session.get(urljoin(self.stage.base, url), allow_redirects=False, timeout=PATIENCE)

    def submit(
        self, page: requests.Response, *, action: str = "", unticked: Collection[str] = (), **filled: str
    ) -> requests.Response:
        """A form as it was preset, except for what is filled in and unticked. action: which one; "" is the first."""
        forms = html.fromstring(page.text, base_url=page.url).forms
        form = next(one for one in forms if not action or (one.action or "").endswith(action))
        kept = [
            (name, value)
            for name, value in form.form_values()
            if name not in filled and not value.endswith(tuple(unticked) or ("\0",))
        ]
        fields = [*kept, *filled.items()]
        url = urljoin(page.url, form.action or "")
        origin = {"Origin": f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"}
        return self.session.post(url, fields, headers=origin, allow_redirects=False, timeout=PATIENCE)

    def sign_in(self, name: str) -> None:
        answer = self.submit(self.get("/app/login"), name=name, password=PASSWORD)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/app")

    def asked(self, kind: str, **query: str) -> requests.Response:
        """The provider's page that asks for consent."""
        started = self.get(f"/oauth/{kind}/start?{urlencode(query)}")
        assert started.status_code == 303
        page = self.get(started.headers["Location"])
        assert page.status_code == 200
        return page

    def answered(
        self, kind: str, page: requests.Response, *, allow: bool = True, unticked: Collection[str] = (), who: str = ""
    ) -> str:
        """The address at the gateway that the provider sends the browser back to."""
        name, yes, no = BUTTONS[kind]
        field = {"google": "person", "outlook": "account"}[kind]
        filled = {field: who or ADDRESSES[kind], name: yes if allow else no}
        sent = self.submit(page, unticked=unticked, **filled)
        assert sent.status_code in {302, 303}
        return sent.headers["Location"]


@pytest.fixture(scope="module", autouse=True)
def people(stage: Stage) -> None:
    """Bob has an account at each provider, with one event."""
    world = stage.world
    stage.do(world.google.add_person, ADDRESSES["google"], "Bob Brandt")
    begin, end = ({"dateTime": f"2026-12-01T{hour}:00:00", "timeZone": "Europe/Berlin"} for hour in ("09", "10"))
    stage.do(world.google.add_event, ADDRESSES["google"], {"summary": "At google", "start": begin, "end": end})
    calendar = stage.do(world.microsoft.add_person, ADDRESSES["outlook"], "Bob Brandt")
    stage.do(world.microsoft.add_event, calendar, {"subject": "At outlook", "start": begin, "end": end})


@pytest.fixture
def browser(stage: Stage) -> Iterator[Browser]:
    with requests.Session() as session:
        session.trust_env = False  # the machine's own certificates would be taken instead
        session.verify = str(stage.world.microsoft.ca_file)
        browser = Browser(stage, session)
        browser.sign_in("bob")
        yield browser


def connected(stage: Stage, kind: str) -> list[str]:
    found = stage.read(accounts.of_user, stage.person("bob").id)
    return [row.displayname for row in found if row.kind == kind and row.displayname != "bob@example.com"]


@pytest.fixture(params=["google", "outlook"])
def kind(request: pytest.FixtureRequest, stage: Stage) -> Iterator[str]:
    """Nothing is left connected there afterwards."""
    yield request.param
    person = stage.person("bob")
    for row in stage.read(accounts.of_user, person.id):
        if row.kind == request.param and row.displayname != "bob@example.com":
            stage.calendars(remove_account, person.id, row.id)


def test_an_account_is_connected_and_its_events_come(stage, browser, kind):
    back = browser.answered(kind, browser.asked(kind))
    assert back.startswith(f"{stage.base}/oauth/{kind}/callback?")

    arrived = browser.get(back)

    assert arrived.status_code == 303
    assert re.fullmatch(r"/app/accounts/[0-9]+\?came=new", arrived.headers["Location"])
    assert ADDRESSES[kind] in browser.get(arrived.headers["Location"]).text
    assert connected(stage, kind) == [ADDRESSES[kind]]
    assert ADDRESSES[kind] in browser.get("/app").text
    stage.pull()
    with stage.merged("bob") as merged:
        assert len(merged.search(event=True, summary=f"At {kind}")) == 1

    again = browser.get(browser.answered(kind, browser.asked(kind)))
    assert again.status_code == 303
    assert connected(stage, kind) == [ADDRESSES[kind]]


def test_what_was_declined_under_the_address_of_the_account_takes_no_time(stage, browser):
    who = "bob.second@gmail.example"
    stage.do(stage.world.google.add_person, who, "Bob Brandt")
    with declined(stage, "bob", who) as takes_time:
        assert takes_time()

        assert browser.get(browser.answered("google", browser.asked("google"), who=who)).status_code == 303

        assert not takes_time()
    person = stage.person("bob")
    row = next(one for one in stage.read(accounts.of_user, person.id) if one.displayname == who)
    stage.calendars(remove_account, person.id, row.id)


def test_a_denial_connects_nothing(stage, browser, kind):
    back = browser.get(browser.answered(kind, browser.asked(kind), allow=False))

    assert back.status_code == 409
    assert connected(stage, kind) == []


def test_an_answer_counts_once(stage, browser, kind):
    back = browser.answered(kind, browser.asked(kind))
    assert browser.get(back).status_code == 303
    person = stage.person("bob")
    row = next(one for one in stage.read(accounts.of_user, person.id) if one.displayname == ADDRESSES[kind])
    stage.calendars(remove_account, person.id, row.id)

    assert browser.get(back).status_code == 409
    assert connected(stage, kind) == []


def changed(url: str, **values: str) -> str:
    parts = urlsplit(url)
    query = {name: found[0] for name, found in parse_qs(parts.query).items()} | values
    return parts._replace(query=urlencode({name: value for name, value in query.items() if value})).geturl()


def test_an_answer_with_another_state_or_none_is_refused(stage, browser, kind):
    back = browser.answered(kind, browser.asked(kind))

    for state in ("", "made-up", "x" * 5000):
        assert browser.get(changed(back, state=state)).status_code in {400, 409}
    assert connected(stage, kind) == []


def test_an_answer_with_another_code_is_refused(stage, browser, kind):
    back = browser.answered(kind, browser.asked(kind))

    assert browser.get(changed(back, code="0.made-up")).status_code == 409
    assert connected(stage, kind) == []


def test_an_answer_belongs_to_the_browser_and_the_provider_it_was_begun_with(stage, browser, kind):
    back = browser.answered(kind, browser.asked(kind))
    other = {"google": "outlook", "outlook": "google"}[kind]

    with requests.Session() as session:
        stranger = Browser(stage, session)
        assert stranger.get(back).headers["Location"].startswith("/app/login")  # nobody is signed in
        stranger.sign_in("carol")
        assert stranger.get(back).status_code == 409
    assert browser.get(back.replace(f"/oauth/{kind}/", f"/oauth/{other}/")).status_code == 409
    assert connected(stage, kind) == []
    kinds = {row.kind for row in stage.read(accounts.of_user, stage.person("carol").id)}
    assert kinds == {"local", "feed"}


def test_a_sign_in_ends_after_ten_minutes(stage, browser, kind):
    back = browser.answered(kind, browser.asked(kind))
    stage.clock.now += 601

    assert browser.get(back).status_code == 409
    assert connected(stage, kind) == []


def test_unknown_providers_and_people_who_are_not_signed_in_start_nothing(stage, browser):
    assert browser.get("/oauth/yahoo/start").status_code == 404
    with requests.Session() as session:
        answer = Browser(stage, session).get("/oauth/google/start")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/app/login")


OTHERS = {"google": "other@gmail.example", "outlook": "other@firma.example"}


def row_of(stage: Stage, kind: str) -> AccountRow:
    return next(
        row for row in stage.read(accounts.of_user, stage.person("bob").id) if row.displayname == ADDRESSES[kind]
    )


def connect(stage: Stage, browser: Browser, kind: str, **query: str) -> AccountRow:
    assert browser.get(browser.answered(kind, browser.asked(kind, **query))).status_code == 303
    stage.pull()
    return row_of(stage, kind)


def writable(stage: Stage, row: AccountRow) -> set[bool]:
    return {one.writable for one in stage.read(accounts.account_calendars, row.id)}


def merged_of(stage: Stage, user: int) -> int:
    return stage.read(principals.by_id, user).merged


def uid_of(stage: Stage, summary: str) -> str:
    with stage.merged("bob") as merged:
        [found] = merged.search(event=True, summary=summary)
        return str(found.icalendar_component["UID"])


def test_both_ways_of_connecting_are_offered(browser, kind):
    page = html.fromstring(browser.get(f"/app/connect/{kind}").text)
    links = page.xpath("//div[@class='kinds']/a/@href")
    assert links == [f"/oauth/{kind}/start?access=write", f"/oauth/{kind}/start?access=read"]
    assert browser.get("/app/connect/feed").status_code == 404
    assert browser.get(f"/oauth/{kind}/start?access=everything").status_code == 400


def test_an_account_for_reading_only_is_never_written_and_can_be_upgraded(stage, browser, kind):
    row = connect(stage, browser, kind, access="read")
    assert writable(stage, row) == {False}
    page = browser.get(f"/app/accounts/{row.id}")
    [upgrade] = html.fromstring(page.text).xpath("//a[contains(@href, 'access=write')]/@href")
    with stage.merged("bob") as merged:
        [event] = merged.search(event=True, summary=f"At {kind}")
        event.icalendar_component["SUMMARY"] = "Changed here"
        with pytest.raises(caldav.lib.error.AuthorizationError):
            event.save()
    calendars = stage.read(accounts.account_calendars, row.id)
    browser.submit(page, action=f"/app/accounts/{row.id}", merged=str(calendars[0].id), busy="")

    asked = browser.get(browser.get(upgrade).headers["Location"])
    # Whoever has allowed as much to Microsoft before is not asked again.
    back = asked.headers["Location"] if asked.status_code == 303 else browser.answered(kind, asked)
    assert browser.get(back).headers["Location"] == f"/app/accounts/{row.id}?came=again"
    stage.pull()

    assert writable(stage, row_of(stage, kind)) == {True}
    after = stage.read(accounts.account_calendars, row.id)
    assert [(one.id, one.merged, one.busy) for one in after] == [(one.id, True, False) for one in calendars]
    with stage.merged("bob") as merged:
        [event] = merged.search(event=True, summary=f"At {kind}")
        event.icalendar_component["SUMMARY"] = f"At {kind}!"
        event.save()
        event.icalendar_component["SUMMARY"] = f"At {kind}"
        event.save()


def test_unticking_writing_connects_for_reading_only_and_says_so(stage, browser):
    back = browser.answered("google", browser.asked("google"), unticked=["auth/calendar.events"])
    arrived = browser.get(back).headers["Location"]
    assert arrived.endswith("?came=less")
    assert "reading only" in browser.get(arrived).text
    row = row_of(stage, "google")
    assert (row.settings["access"], writable(stage, row)) == ("read", {False})
    stage.calendars(remove_account, row.user_id, row.id)


def test_unticking_what_is_needed_stores_nothing_and_says_what(stage, browser):
    answer = browser.get(browser.answered("google", browser.asked("google"), unticked=["calendarlist.readonly"]))
    assert answer.status_code == 409
    assert "The list of your calendars" in answer.text
    assert "/oauth/google/start?access=write" in answer.text
    assert connected(stage, "google") == []


def test_signing_in_again_with_another_account_mixes_nothing(stage, browser, kind):
    row = connect(stage, browser, kind)
    before = stage.read(accounts.account_calendars, row.id)
    stage.do((stage.world.google if kind == "google" else stage.world.microsoft).add_person, OTHERS[kind], "Other")

    begun = browser.get(f"/oauth/{kind}/start?account={row.id}").headers["Location"]
    assert parse_qs(urlsplit(begun).query)["login_hint"] == [ADDRESSES[kind]]
    page = browser.get(changed(begun, login_hint="", prompt="select_account"))  # but they choose another one there
    answer = browser.get(browser.answered(kind, page, who=OTHERS[kind]))

    assert answer.status_code == 409
    assert OTHERS[kind] in answer.text
    assert f"account={row.id}" in answer.text
    assert stage.read(accounts.account_calendars, row.id) == before
    assert connected(stage, kind) == [ADDRESSES[kind]]
    assert browser.get(f"/oauth/{kind}/start?account=999999").status_code == 404


def test_a_revoked_account_is_mailed_once_keeps_its_busy_time_and_resumes_without_duplicates(stage, browser, kind):
    row = connect(stage, browser, kind)
    uid, known = uid_of(stage, f"At {kind}"), len(stage.world.mail.messages)
    count = len(stage.read(members.texts, merged_of(stage, row.user_id)))
    provider = stage.world.google if kind == "google" else stage.world.microsoft
    stage.do(provider.revoke, ADDRESSES[kind])
    stage.do(provider.expire_access_tokens)

    for _ in range(5):
        stage.pass_time(4_000)

    assert row_of(stage, kind).state == "signed-out"
    mails = stage.world.mail.messages[known:]
    assert [one.recipients for one in mails] == [("bob@example.com",)]
    assert f"{stage.base}/app/accounts/{row.id}" in mails[0].text
    assert uid_of(stage, f"At {kind}") == uid
    page = browser.get(f"/app/accounts/{row.id}?lang=de").text
    assert "hat geendet" in page
    assert browser.get("/app?lang=en").status_code == 200
    written = stage.http(
        "PUT", f"/dav/calendars/bob/merged/{kind}-kept.ics", kept(kind), user="bob", Content_Type="text/calendar"
    )
    assert written.status_code in {201, 204}

    back = browser.answered(kind, browser.asked(kind, account=str(row.id)))
    assert browser.get(back).headers["Location"] == f"/app/accounts/{row.id}?came=again"
    stage.pull()
    stage.pull()

    assert row_of(stage, kind).state == "ok"
    assert uid_of(stage, f"At {kind}") == uid
    assert len(stage.read(members.texts, merged_of(stage, row.user_id))) == count + 1
    assert len(stage.world.mail.messages) == known + 1
    assert stage.http("DELETE", f"/dav/calendars/bob/merged/{kind}-kept.ics", user="bob").status_code == 204


def kept(kind: str) -> str:
    times = ["DTSTART:20261203T090000Z", "DTEND:20261203T100000Z", "DTSTAMP:20261101T000000Z"]
    lines = ["BEGIN:VEVENT", f"UID:{kind}-kept", *times, "SUMMARY:Kept", "END:VEVENT"]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", *lines, "END:VCALENDAR", ""])


def test_choices_are_saved_by_one_form_and_a_destination_must_be_merged(stage, browser, kind):
    row = connect(stage, browser, kind)
    [calendar] = stage.read(accounts.account_calendars, row.id)
    page = browser.get(f"/app/accounts/{row.id}")
    path = f"/app/accounts/{row.id}"

    saved = browser.submit(page, action=path, destination=str(calendar.id))
    assert (saved.status_code, saved.headers["Location"]) == (303, f"{path}?came=saved")
    assert [one.destination for one in stage.read(accounts.account_calendars, row.id)] == [True]

    wrong = browser.submit(page, action=path, destination=str(calendar.id), merged="0")
    assert wrong.status_code == 409
    assert stage.read(accounts.account_calendars, row.id)[0].merged
    wrong = browser.submit(page, action=path, merged="0")
    assert wrong.status_code == 409  # it is the destination

    other = next(
        one for one in stage.read(accounts.calendars, row.user_id) if one.account_id != row.id and one.writable
    )
    stage.calendars(accounts.set_destination, row.user_id, other.id)
    page = browser.get(path)
    assert browser.submit(page, action=path, merged="0", busy="0").status_code == 303
    [after] = stage.read(accounts.account_calendars, row.id)
    assert (after.merged, after.busy, after.destination) == (False, False, False)
    assert browser.get("/app/accounts/1").status_code == 404


def test_disconnecting_says_first_what_is_lost_and_ends_the_sign_in(stage, browser, kind):
    row = connect(stage, browser, kind)
    provider = stage.world.google if kind == "google" else stage.world.microsoft
    rev = stage.read(members.rev, merged_of(stage, row.user_id))
    uid = uid_of(stage, f"At {kind}")
    page = browser.get(f"/app/accounts/{row.id}/disconnect")
    assert "Nothing is deleted" in page.text
    assert "reached" not in page.text
    with stage.merged("bob") as merged:
        [event] = merged.search(event=True, summary=f"At {kind}")
        event.icalendar_component["LOCATION"] = "Room 1"
        stage.do(provider.fail_next, 503, times=50)
        event.save()

    again = browser.submit(page, action="/disconnect")
    assert again.status_code == 409
    assert "1 change has not reached" in again.text
    gone = browser.submit(again, action="/disconnect")
    stage.do(provider.recover)

    assert gone.status_code == 303
    ended = kind == "google"
    assert gone.headers["Location"] == f"/app?gone={kind}{'&ended=1' if ended else ''}"
    shown = browser.get(gone.headers["Location"]).text
    assert ("/connections" in shown) is not ended
    assert connected(stage, kind) == []
    rows, _, _ = stage.read(members.since, merged_of(stage, row.user_id), rev, 100)
    assert any(one.deleted for one in rows)
    with stage.merged("bob") as merged:
        assert [one for one in merged.events() if str(one.icalendar_component["UID"]) == uid] == []
    if ended:
        assert ADDRESSES[kind] not in {grant.person for grant in stage.world.google.state.refresh.values()}
    assert browser.get(f"/app/accounts/{row.id}").status_code == 404


def test_what_lives_here_alone_is_not_disconnected(stage, browser):
    local = next(row for row in stage.read(accounts.of_user, stage.person("bob").id) if row.kind == "local")
    assert browser.get(f"/app/accounts/{local.id}").status_code == 200
    assert browser.get(f"/app/accounts/{local.id}/disconnect").status_code == 404


def test_accounts_of_others_are_not_there(stage, browser):
    theirs = stage.account("alice", "google").id
    for path in (
        f"/app/accounts/{theirs}",
        f"/app/accounts/{theirs}/disconnect",
        f"/oauth/google/start?account={theirs}",
    ):
        assert browser.get(path).status_code == 404


def test_an_unreachable_provider_is_told_in_the_readers_language(stage, browser):
    stage.do(stage.world.microsoft.fail_next, 503, path="/token")
    page = browser.asked("outlook", lang="de")
    browser.get("/app?lang=de")
    answer = browser.get(browser.answered("outlook", page))
    browser.get("/app?lang=en")

    assert answer.status_code in {409, 502}
    assert "Es wurde nichts verbunden" in answer.text
    assert connected(stage, "outlook") == []
