"""Connecting accounts in a browser, at the providers' own (simulated) sign-in pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
import requests
from lxml import html

from gateway.demo.seed.people import PASSWORD
from gateway.store import accounts
from gateway.sync.calendars import remove_account
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

    def submit(self, page: requests.Response, **filled: str) -> requests.Response:
        """The page's first form, as it was preset except for what is filled in."""
        form = html.fromstring(page.text, base_url=page.url).forms[0]
        fields = dict(form.form_values()) | filled
        url = urljoin(page.url, form.action or "")
        origin = {"Origin": f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"}
        return self.session.post(url, fields, headers=origin, allow_redirects=False, timeout=PATIENCE)

    def sign_in(self, name: str) -> None:
        answer = self.submit(self.get("/app/login"), name=name, password=PASSWORD)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/app")

    def asked(self, kind: str) -> requests.Response:
        """The provider's page that asks for consent."""
        started = self.get(f"/oauth/{kind}/start")
        assert started.status_code == 303
        page = self.get(started.headers["Location"])
        assert page.status_code == 200
        return page

    def answered(self, kind: str, page: requests.Response, *, allow: bool = True) -> str:
        """The address at the gateway that the provider sends the browser back to."""
        name, yes, no = BUTTONS[kind]
        field = {"google": "person", "outlook": "account"}[kind]
        sent = self.submit(page, **{field: ADDRESSES[kind], name: yes if allow else no})
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

    assert (arrived.status_code, arrived.headers["Location"]) == (303, "/app#h-calendars")
    assert connected(stage, kind) == [ADDRESSES[kind]]
    assert ADDRESSES[kind] in browser.get("/app").text
    stage.pull()
    with stage.merged("bob") as merged:
        assert len(merged.search(event=True, summary=f"At {kind}")) == 1

    again = browser.get(browser.answered(kind, browser.asked(kind)))
    assert again.status_code == 303
    assert connected(stage, kind) == [ADDRESSES[kind]]


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
