"""Signing in at the clouds from a terminal: an address is shown, and somebody goes there with a browser."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from gateway.store import accounts
from gateway.sync.calendars import remove_account
from tests.cli import browser
from tests.cli.run import COMMAND, PATIENCE, environment, run
from tests.cli.terminal import at_terminal
from tests.story.stage import Stage

CAROL = {"google": "carol.lindner@gmail.example", "outlook": "carol.lindner@firma.example"}


@pytest.fixture(scope="module", autouse=True)
def people(stage: Stage) -> None:
    stage.do(stage.world.google.add_person, CAROL["google"], "Carol Lindner")
    stage.do(stage.world.microsoft.add_person, CAROL["outlook"], "Carol Lindner")
    stage.world.microsoft.devices.interval = 1


@pytest.fixture(autouse=True)
def nothing_stays(stage: Stage) -> Iterator[None]:
    before = {row.id for row in stage.read(accounts.of_user, stage.person("carol").id)}
    yield
    for row in stage.read(accounts.of_user, stage.person("carol").id):
        if row.id not in before:
            stage.calendars(remove_account, row.user_id, row.id)


def words(stage: Stage, kind: str, *more: str) -> list[str]:
    return ["--config", str(stage.world.folder / "gateway.toml"), "account", "add", "carol", kind, *more]


@contextmanager
def waiting(folder: Path, stage: Stage, kind: str, *more: str) -> Iterator["subprocess.Popen[str]"]:
    """The command where there is no terminal, told to wait all the same."""
    with subprocess.Popen(
        [*COMMAND, *words(stage, kind, "--wait", *more)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=folder,
        env=environment(),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def shown(process: "subprocess.Popen[str]", begin: str = "http") -> str:
    """The first line that begins so."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(begin):
            return line.strip()
    raise AssertionError(process.stderr and process.stderr.read())


def code_in(line: str) -> tuple[str, str]:
    found = re.search(r"(https?://\S+)\s+code: (\w+)", line)
    assert found is not None, line
    return found[1], found[2]


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def mine(stage: Stage, kind: str) -> list[accounts.AccountRow]:
    return [row for row in stage.read(accounts.of_user, stage.person("carol").id) if row.kind == kind]


def test_google_comes_back_to_the_command(stage, tmp_path):
    with waiting(tmp_path, stage, "google") as process:
        url = shown(process)
        asked = parse_qs(urlsplit(url).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", asked["redirect_uri"][0])
        back = browser.at_google(url, CAROL["google"])

        page = requests.get(back, timeout=PATIENCE)
        status, out, err = ended(process)

    assert (page.status_code, "you may close this page" in page.text) == (200, True)
    assert page.headers["Cache-Control"] == "no-store"
    assert (status, err) == (0, "")
    assert f"Connected: {CAROL['google']}" in out
    assert "Next: gateway calendar list carol" in out
    [row] = mine(stage, "google")
    assert row.settings["access"] == "write"
    assert stage.parts.sealer.open(row.secret).count("refresh_token")


def test_an_answer_to_another_sign_in_is_not_taken(stage, tmp_path):
    with waiting(tmp_path, stage, "google") as process:
        url = shown(process)
        place = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        for query in ({"code": "4/stolen", "state": "made-up"}, {"code": "4/stolen"}, {}):
            assert requests.get(place, params=query, timeout=PATIENCE).status_code == 400

        requests.get(browser.at_google(url, CAROL["google"]), timeout=PATIENCE)
        assert ended(process)[0] == 0


def test_google_asks_for_no_more_than_to_read(stage, tmp_path):
    with waiting(tmp_path, stage, "google", "--read-only") as process:
        url = shown(process)
        asked = parse_qs(urlsplit(url).query)["scope"][0].split()
        assert {scope.rpartition(".")[2] for scope in asked} == {"readonly", "freebusy"}
        requests.get(browser.at_google(url, CAROL["google"]), timeout=PATIENCE)
        assert ended(process)[0] == 0

    [row] = mine(stage, "google")
    assert row.settings["access"] == "read"
    assert not any(calendar.writable for calendar in stage.read(accounts.account_calendars, row.id))


def test_nobody_allows_it_at_google(stage, tmp_path):
    with waiting(tmp_path, stage, "google") as process:
        requests.get(browser.at_google(shown(process), CAROL["google"], decision="deny"), timeout=PATIENCE)

        assert ended(process) == (1, "", "gateway: the sign-in was not allowed; nothing was connected\n")
    assert mine(stage, "google") == []


def test_the_address_of_a_browser_elsewhere_is_pasted(stage, tmp_path):
    with at_terminal(tmp_path, words(stage, "google")) as terminal:
        url = terminal.line("http")
        terminal.until("paste that address here")
        terminal.type("https://mail.example/?code=1&state=2")
        terminal.until("not the address of this sign-in")
        terminal.type(browser.at_google(url, CAROL["google"]))

        assert terminal.ended() == 0, terminal.shown
    assert "Connected: " in terminal.shown
    assert len(mine(stage, "google")) == 1


@pytest.mark.parametrize("kind", ["google", "outlook"])
def test_ctrl_c_ends_the_waiting(stage, tmp_path, kind):
    with at_terminal(tmp_path, words(stage, kind)) as terminal:
        terminal.line("http")
        terminal.until("paste that address" if kind == "google" else "Waiting for the sign-in")
        terminal.interrupt()

        assert terminal.ended() == 130, terminal.shown
    assert "gateway: stopped" in terminal.shown
    assert "Traceback" not in terminal.shown
    assert mine(stage, kind) == []


@pytest.mark.parametrize("kind", ["google", "outlook"])
def test_nothing_is_asked_where_there_is_no_terminal(stage, tmp_path, kind):
    done = run(tmp_path, *words(stage, kind))

    assert (done.status, done.out, done.lines) == (1, "", 1)
    assert "no terminal" in done.err


@pytest.mark.parametrize("kind", ["google", "outlook"])
def test_nobody_is_sent_to_sign_in_for_somebody_unknown(stage, tmp_path, kind):
    done = run(tmp_path, *(word.replace("carol", "nobody") for word in words(stage, kind, "--wait")))

    assert (done.status, done.out) == (1, "")
    assert "nobody called 'nobody'" in done.err


def test_a_port_that_is_taken(stage, tmp_path):
    done = run(tmp_path, *words(stage, "google", "--wait", "--port", stage.base.rpartition(":")[2]))

    assert (done.status, done.out) == (1, "")
    assert "--port" in done.err


def test_a_device_code_is_entered_at_microsoft(stage, tmp_path):
    with waiting(tmp_path, stage, "outlook") as process:
        url, code = code_in(shown(process))
        said = browser.at_microsoft(url, code, CAROL["outlook"])
        status, out, err = ended(process)

    assert "You have signed in" in said
    assert (status, err) == (0, "")
    assert f"Connected: {CAROL['outlook']}" in out
    [row] = mine(stage, "outlook")
    assert (row.settings["sign_in"], row.settings["email"]) == ("device", CAROL["outlook"])
    assert "RefreshToken" in json.loads(stage.parts.sealer.open(row.secret))


def test_what_was_signed_in_by_device_code_is_renewed_without_the_clients_secret(stage, tmp_path):
    with waiting(tmp_path, stage, "outlook") as process:
        browser.at_microsoft(*code_in(shown(process)), CAROL["outlook"])
        assert ended(process)[0] == 0
    stage.do(stage.world.microsoft.expire_access_tokens)

    done = run(tmp_path, "--config", str(stage.world.folder / "gateway.toml"), "sync", "carol")

    assert (done.status, done.err) == (0, "")
    assert f"{CAROL['outlook']} (outlook)" in done.out


def test_microsoft_is_asked_for_no_more_than_to_read(stage, tmp_path):
    with waiting(tmp_path, stage, "outlook", "--read-only") as process:
        url, code = code_in(shown(process))
        page = requests.get(url, params={"user_code": code}, timeout=PATIENCE).text
        assert "Read your calendars" in page
        assert "ReadWrite" not in page
        browser.at_microsoft(url, code, CAROL["outlook"])
        assert ended(process)[0] == 0

    [row] = mine(stage, "outlook")
    assert not any(calendar.writable for calendar in stage.read(accounts.account_calendars, row.id))


def test_nobody_allows_it_at_microsoft(stage, tmp_path):
    with waiting(tmp_path, stage, "outlook") as process:
        browser.at_microsoft(*code_in(shown(process)), CAROL["outlook"], answer="deny")

        assert ended(process) == (1, "", "gateway: the sign-in was not allowed; nothing was connected\n")


def test_a_device_code_that_nobody_enters_expires(stage, tmp_path):
    with waiting(tmp_path, stage, "outlook") as process:
        code_in(shown(process))
        stage.do(stage.world.microsoft.devices.expire)
        status, _, err = ended(process)

    assert (status, err.count("\n"), "the code has expired" in err) == (1, 1, True)


def test_an_application_that_may_not_sign_people_in_at_terminals(stage, tmp_path):
    stage.world.microsoft.public_flows = False
    try:
        with waiting(tmp_path, stage, "outlook") as process:
            status, _, err = ended(process)
    finally:
        stage.world.microsoft.public_flows = True

    assert (status, "Allow public client flows" in err) == (1, True)


def test_a_signal_ends_the_waiting(stage, tmp_path):
    with waiting(tmp_path, stage, "outlook") as process:
        shown(process)
        process.send_signal(signal.SIGINT)

        status, _, err = ended(process)

    assert (status, err.strip()) == (130, "gateway: stopped")
