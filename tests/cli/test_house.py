"""A fresh installation, from init on: people, passwords, teams, and what commands say when they cannot."""

import signal
import socket
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.cli.run import PATIENCE, Done, run, run_here, started
from tests.fakes.radicale import free_port


@dataclass(frozen=True)
class House:
    folder: Path
    port: int

    @property
    def config(self) -> Path:
        return self.folder / "config" / "gateway.toml"

    def __call__(self, *given: str, stdin: str = "", **more: str) -> Done:
        """In its folder, where the settings are found by themselves."""
        return run(self.folder, *given, stdin=stdin, **more)

    def here(self, *given: str, stdin: str = "") -> Done:
        return run_here(self.folder, *given, stdin=stdin)

    def good(self, *given: str, stdin: str = "") -> Done:
        done = self(*given, stdin=stdin)
        assert (done.status, done.err) == (0, "")
        return done


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """An admin, two people and their team."""
    made = House(tmp_path_factory.mktemp("house"), free_port())
    address = f"127.0.0.1:{made.port}"
    done = made.good(
        *("init", "--base-url", f"http://{address}", "--listen", address, "--password-stdin"),
        *("--admin", "root", "--email", "root@example.com"),
        stdin="first secret\n",
    )
    assert str(made.config.relative_to(made.folder)) in done.out
    assert "Next: gateway serve" in done.out
    made.good(
        "user", "add", "ada", "--email", "Ada@Example.com", "--zone", "Europe/Berlin", "--password-stdin", stdin="a\n"
    )
    made.good(
        "user", "add", "ben", "--email", "ben@example.com", "--display-name", "Ben [B]", "--password-stdin", stdin="b\n"
    )
    return made


def refused(done: Done, *words: str) -> None:
    """Exit status 1, one line, no traceback."""
    assert (done.status, done.out, done.lines) == (1, "", 1), done
    assert done.err.startswith("gateway: ")
    for word in words:
        assert word in done.err


def test_init_leaves_a_key_for_its_owner_alone_and_asks_nothing_twice(house):
    key = house.folder / "data" / "secret.key"
    assert key.stat().st_mode & 0o077 == 0
    before = house.config.read_text(), key.read_bytes()

    refused(
        house("init", "--admin", "other", "--email", "o@example.com", "--password-stdin", stdin="x\n"),
        "is there already",
    )

    assert (house.config.read_text(), key.read_bytes()) == before


@pytest.mark.parametrize(
    ("given", "stdin", "said"),
    [
        pytest.param([], "", "--base-url", id="no terminal to ask on"),
        pytest.param(["--base-url", "http://h:1", "--admin", "root"], "", "--email", id="no address"),
        pytest.param(
            ["--base-url", "http://h:1", "--admin", "root", "--email", "r@e.example", "--password-stdin"], "",
            "no password", id="no password",
        ),
        pytest.param(
            ["--base-url", "ftp://h", "--admin", "root", "--email", "r@e.example", "--password-stdin"], "x\n",
            "base_url", id="no web address",
        ),
        pytest.param(
            ["--base-url", "http://h:1", "--admin", "Root!", "--email", "r@e.example", "--password-stdin"], "x\n",
            "cannot be a name", id="no name",
        ),
    ],
)  # fmt: skip
def test_init_that_cannot_go_through_leaves_nothing_that_stops_the_next_one(tmp_path, given, stdin, said):
    refused(run_here(tmp_path, "init", *given, stdin=stdin), said)

    assert not (tmp_path / "config" / "gateway.toml").exists()


def test_migrate_can_be_run_again_and_again(house):
    with sqlite3.connect(house.folder / "data" / "gateway.sqlite") as database:
        before = database.execute("select count(*) from principals").fetchone()
    database.close()

    for _ in range(2):
        assert house.good("migrate").out == "The database is up to date.\n"

    with sqlite3.connect(house.folder / "data" / "gateway.sqlite") as database:
        assert database.execute("select count(*) from principals").fetchone() == before
    database.close()


def test_people_are_listed(house):
    rows = {row[0]: row[1:] for row in house.good("user", "list").rows[1:]}

    assert rows["root"] == ["person", "root", "root@example.com", "UTC", "1", "yes"]
    assert rows["ada"] == ["person", "ada", "ada@example.com", "Europe/Berlin", "1", "-"]
    assert rows["ben"] == ["person", "Ben [B]", "ben@example.com", "UTC", "1", "-"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["ada", "--email", "new@example.com"], ["'ada' is taken"]),
        (["eve", "--email", "ADA@example.com"], ["belongs to somebody else"]),
        (["eve", "--email", "nonsense"], ["no e-mail address"]),
        (["Eve", "--email", "eve@example.com"], ["cannot be a name"]),
        (["demo", "--email", "eve@example.com"], ["name of a page"]),
        (["eve", "--email", "eve@example.com", "--zone", "Mars/Olympus"], ["no time zone"]),
    ],
)
def test_people_who_cannot_be_added(house, given, words):
    refused(house.here("user", "add", *given, "--password-stdin", stdin="secret\n"), *words)


def test_without_a_terminal_nothing_is_asked(house):
    refused(house("user", "add", "eve", "--email", "eve@example.com"), "--password-stdin")
    refused(house("user", "passwd", "ada"), "--password-stdin")


def test_a_team_is_added_and_listed(house):
    house.good("team", "add", "crew", "ada", "ben@example.com", "--email", "crew@example.com", "--display-name", "Crew")

    assert ["crew", "Crew", "crew@example.com", "ada, ben"] in house.good("team", "list").rows
    refused(house.here("team", "add", "crew", "ada", "--email", "crew2@example.com"), "'crew' is taken")
    refused(house.here("team", "add", "ghosts", "nobody", "--email", "ghosts@example.com"), "nobody called 'nobody'")


def test_delegates_are_named_listed_and_dismissed(house):
    done = house.good("user", "delegate", "ada", "ben@example.com", "--read")
    assert "ben may read the calendars of ada." in done.out
    assert "/dav/calendars/ada/merged/" in done.out
    assert house.good("user", "delegate", "ada").rows[1:] == [["ada", "ben", "read"]]
    house.good("user", "delegate", "ada", "ben", "--write")
    assert house.good("user", "delegate").rows[1:] == [["ada", "ben", "write"]]
    refused(house.here("user", "delegate", "ada", "ben"), "--read, --write or --remove")
    refused(house.here("user", "delegate", "ada", "--read"), "say who")
    refused(house.here("user", "delegate", "ada", "ada", "--read"), "their own")
    house.good("team", "add", "pair", "ada", "ben", "--email", "pair@example.com")
    refused(house.here("user", "delegate", "pair", "ada", "--read"), "is a team")
    house.good("user", "delegate", "ada", "ben", "--remove")
    refused(house.here("user", "delegate", "ada", "ben", "--remove"), "no delegate of ada")
    assert "Nobody yet" in house.good("user", "delegate", "ada").out


def test_the_server_runs_and_knows_new_passwords_and_revoked_ones(house):
    with started(house.folder, "serve", until="INFO gateway.listen: listening") as (process, _):
        base = f"http://127.0.0.1:{house.port}"

        def status(password: str) -> int:
            url = f"{base}/dav/calendars/ada/merged/"
            return requests.options(url, auth=("ada", password), timeout=PATIENCE).status_code

        assert requests.get(f"{base}/readyz", timeout=PATIENCE).status_code == 200
        assert status("a") == 200
        plain = house.good("user", "app-password", "ada", "--label", "Phone").out.strip()
        assert status(plain) == 200
        house.good("user", "passwd", "ada", "--password-stdin", stdin="changed\n")
        assert status("changed") == 200
        house.good("user", "app-password", "ada", "--label", "Phone", "--revoke")
        refused(house("user", "app-password", "ada", "--label", "Phone", "--revoke"), "no app password")

        key = house.good("user", "api-key", "ada", "--label", "Site", "--scope", "slots:read").out.strip()

        def with_key() -> int:
            url, headers = f"http://127.0.0.1:{house.port}/api/v1/me", {"Authorization": f"Bearer {key}"}
            return requests.get(url, headers=headers, timeout=PATIENCE).status_code

        assert with_key() == 200
        house.good("user", "api-key", "ada", "--label", "Site", "--revoke")
        assert with_key() == 401
        refused(house("user", "api-key", "ada", "--label", "Site", "--revoke"), "no API key")
        refused(house("user", "api-key", "ada", "--label", "Site"), "say what the key allows")
        refused(house("user", "api-key", "ada", "--label", "Site", "--scope", "all"), "nothing a key can allow")

        examined = house("doctor")
        assert examined.status == 1
        assert "ok   database: up to date; 3 people" in examined.out
        assert f"ok   public URL: {base} answers" in examined.out
        assert "bad  mail: no mail server set" in examined.out
        assert "-> set [mail] smtp_url" in examined.out
        assert examined.err == "gateway: 1 thing is bad\n"

        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    house.good("user", "passwd", "ada", "--password-stdin", stdin="a\n")


def test_a_day_without_events_is_free(house):
    assert "Everybody is free throughout." in house.here("freebusy", "ben", "--from", "2026-03-01").out


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["ben", "--from", "yesterdayish"], ["is no time"]),
        (["ben", "--from", "2026-03-02", "--to", "2026-03-01"], ["--to has to be after --from"]),
        (["ben", "--from", "2026-01-01", "--to", "2036-01-01"], ["allowed"]),
        (["ben", "--zone", "Nowhere"], ["no time zone"]),
        (["stranger"], ["nobody called 'stranger'"]),
        (["carla@other.example"], ["carla@other.example is nobody here", "--as USER"]),
    ],
)
def test_busy_time_that_cannot_be_told(house, given, words):
    refused(house.here("freebusy", *given), *words)


def test_a_calendar_that_is_not_theirs(house):
    refused(house.here("calendar", "set", "ada", "99", "--busy"), "no calendar 99", "'gateway calendar list ada'")


@pytest.mark.parametrize(
    "given",
    [
        ["nonsense"],
        ["user", "nonsense"],
        ["user", "add", "eve"],
        ["user", "list", "--nonsense"],
        ["freebusy"],
        ["freebusy", "ada", "--format", "xml"],
        ["account", "add", "ada", "yahoo"],
        ["calendar", "set", "ada", "first"],
        ["demo", "--port", "99999"],
    ],
    ids=" ".join,
)
def test_wrong_usage(house, given):
    done = house.here(*given)

    assert (done.status, done.out) == (2, "")
    assert "Usage: " in done.err
    assert "Traceback" not in done.err


def test_wrong_usage_is_the_exit_status_of_the_process(house):
    assert house("user", "nonsense").status == 2


def test_help_and_version(house):
    shown = house.good("--help").out
    for command in ("demo", "serve", "init", "migrate", "user", "account", "calendar", "sync", "freebusy", "doctor"):
        assert f"  {command} " in shown
    assert house.here("--version").out.startswith("gateway, version ")
    assert "--token-file" in house.here("account", "add", "google", "-h").out


def test_settings_that_are_wrong_or_missing(house, tmp_path):
    refused(run_here(tmp_path, "--config", "nowhere.toml", "user", "list"), "nowhere.toml", "gateway init")
    refused(run_here(tmp_path, "user", "list"), "gateway migrate")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "odd.toml").write_text("[server]\nbase_ulr = 'x'\n", encoding="utf-8")
    refused(run_here(tmp_path, "--config", "odd.toml", "user", "list"), "server.base_ulr: unknown setting")
    (tmp_path / "broken.toml").write_text("[server\n", encoding="utf-8")
    refused(run(tmp_path, "user", "list", GATEWAY_CONFIG="broken.toml"), "broken.toml")
    examined = run_here(tmp_path, "--config", "odd.toml", "doctor")
    assert (examined.status, examined.lines) == (1, 1)
    assert "bad  settings:" in examined.out


def test_a_server_whose_address_is_taken_says_so(house):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        done = house("serve", GATEWAY_SERVER__LISTEN=listen)

    assert done.status == 1
    assert f"gateway: cannot listen on {listen}" in done.err
    assert "Traceback" not in done.err
