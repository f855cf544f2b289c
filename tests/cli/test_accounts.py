"""Accounts connected, looked at, pulled and removed by commands, beside a running server."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.demo.seed import at_google
from gateway.store import accounts
from gateway.sync.calendars import remove_account
from tests.cli.run import Done, run, run_here
from tests.cli.terminal import at_terminal
from tests.fakes.objects import event
from tests.story.declined import declined
from tests.story.stage import Stage

BOB = {"google": "bob.brandt@gmail.example", "outlook": "bob.brandt@firma.example"}


@dataclass(frozen=True)
class Shell:
    """Commands with the demo's settings. `here`, `good`: in this process; quicker, for what Outlook is no part of."""

    stage: Stage
    folder: Path

    def __call__(self, *given: str, stdin: str = "") -> Done:
        return run(self.folder, *self.told(given), stdin=stdin)

    def here(self, *given: str, stdin: str = "") -> Done:
        return run_here(self.folder, *self.told(given), stdin=stdin)

    def told(self, given: tuple[str, ...]) -> tuple[str, ...]:
        return ("--config", str(self.stage.world.folder / "gateway.toml"), *given)

    def good(self, *given: str, stdin: str = "") -> Done:
        done = self.here(*given, stdin=stdin)
        assert (done.status, done.err) == (0, ""), done
        return done

    def accounts(self, user: str) -> dict[str, list[str]]:
        """Name -> id, kind, state."""
        rows = self.good("account", "list", user).rows[1:]
        return {row[3]: [row[0], row[2], row[4]] for row in rows}

    def titles(self, user: str, title: str) -> int:
        with self.stage.merged(user) as merged:
            return len(merged.search(event=True, summary=title))


@pytest.fixture
def shell(stage: Stage, tmp_path: Path) -> Iterator[Shell]:
    """What a test has connected for Bob is removed afterwards."""
    made = Shell(stage, tmp_path)
    before = {row.id for row in stage.read(accounts.of_user, stage.person("bob").id)}
    yield made
    for row in stage.read(accounts.of_user, stage.person("bob").id):
        if row.id not in before:
            stage.calendars(remove_account, row.user_id, row.id)


def refused(done: Done, *words: str) -> None:
    assert (done.status, done.out, done.lines) == (1, "", 1), done
    for word in words:
        assert word in done.err


@pytest.fixture(scope="module", autouse=True)
def people(stage: Stage) -> None:
    world = stage.world
    stage.do(world.google.add_person, BOB["google"], "Bob Brandt")
    day = stage.world.week.day(30)
    begin, end = ({"dateTime": f"{day}T{hour}:00:00", "timeZone": "Europe/Berlin"} for hour in ("09", "10"))
    stage.do(world.google.add_event, BOB["google"], {"summary": "At google", "start": begin, "end": end})
    calendar = stage.do(world.microsoft.add_person, BOB["outlook"], "Bob Brandt")
    stage.do(world.microsoft.add_event, calendar, {"subject": "At outlook", "start": begin, "end": end})


def google_token(stage: Stage) -> str:
    return stage.do(stage.world.google.authorized_user, BOB["google"])


def bare_token(stage: Stage) -> str:
    return stage.do(stage.world.microsoft.refresh_token, BOB["outlook"]) + "\n"


def json_token(stage: Stage) -> str:
    return json.dumps({"refresh_token": stage.do(stage.world.microsoft.refresh_token, BOB["outlook"])})


@pytest.mark.parametrize(
    ("kind", "token", "more"),
    [
        pytest.param("google", google_token, (), id="google"),
        pytest.param("outlook", bare_token, (), id="outlook, bare token"),
        pytest.param("outlook", json_token, ("--email", BOB["outlook"]), id="outlook, JSON"),
    ],
)
def test_a_cloud_account_by_token_file(shell, stage, kind, token, more):
    file = shell.folder / "token"
    file.write_text(token(stage), encoding="utf-8")

    done = shell("account", "add", "bob", kind, "--token-file", str(file), "--name", "Bob's own", *more)

    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("Connected: Bob's own\n")
    assert "Next: gateway calendar list bob" in done.out
    assert shell.accounts("bob")["Bob's own"][1:] == [kind, "ok"]
    assert shell.titles("bob", f"At {kind}") == 1


def test_what_was_declined_under_the_address_of_an_account_takes_no_time(shell, stage):
    who, file = "bob.third@gmail.example", shell.folder / "token"
    stage.do(stage.world.google.add_person, who, "Bob Brandt")
    file.write_text(stage.do(stage.world.google.authorized_user, who), encoding="utf-8")
    with declined(stage, "bob", who) as takes_time:
        assert takes_time()

        shell.good("account", "add", "bob", "google", "--token-file", str(file))

        assert not takes_time()


def test_a_caldav_account_by_its_address(shell, radicale):
    person = radicale.person("work")
    radicale.put(person, person.path() + "one.ics", event("one@radicale.example", "At Radicale"))

    done = shell(
        *("account", "add", "bob", "caldav", "--url", person.url, "--username", person.name, "--password-stdin"),
        stdin=f"{person.password}\n",
    )

    assert (done.status, done.err) == (0, "")
    assert shell.titles("bob", "At Radicale") == 1
    refused(
        shell.here(
            *("account", "add", "bob", "caldav", "--url", person.url, "--username", person.name, "--password-stdin"),
            stdin="wrong\n",
        ),
        "gateway: ",
    )


def test_a_radicale_folder_a_feed_and_a_local_calendar(shell, stage, radicale):
    person = radicale.person("home")
    radicale.put(person, person.path("home") + "two.ics", event("two@radicale.example", "In the folder"))
    shell.good("account", "add", "bob", "radicale", "--folder", str(person.folder), "--owner", person.name)
    shell.good("account", "add", "bob", "feed", "--url", stage.world.feed.url)
    shell.good("account", "add", "bob", "local", "--name", "Training")

    kinds = {kind for _, kind, _ in shell.accounts("bob").values()}
    assert kinds == {"local", "outlook", "radicale", "feed"}
    assert shell.titles("bob", "In the folder") == 1
    assert shell.titles("bob", "Heimspiel") == 3
    secret = stage.world.feed.url
    assert secret not in shell.good("account", "list", "bob").out


def test_a_token_that_the_provider_does_not_know(shell):
    (shell.folder / "token").write_text("made-up", encoding="utf-8")

    refused(
        shell("account", "add", "bob", "outlook", "--token-file", "token"), "Microsoft no longer accepts the sign-in"
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["bob", "google"], ["no terminal", "--wait"]),
        (["bob", "outlook"], ["no terminal", "--wait"]),
        (["bob", "outlook", "--token-file", "missing"], ["missing"]),
        (["bob", "google", "--token-file", "junk"], ["junk: this is no token file"]),
        (["bob", "google", "--token-file", "client"], ["client: this is no token file", "of the client"]),
        (["bob", "google", "--token-file", "key"], ["key: this is no token file", "--service-account"]),
        (["google", "bob", "--token-file", "junk"], ["junk: this is no token file"]),
        (["nobody", "google", "--token-file", "good"], ["nobody called 'nobody'"]),
        (["bob", "caldav", "--url", "http://127.0.0.1:1/", "--username", "x"], ["--password-stdin"]),
        (["bob", "feed", "--url", "http://127.0.0.1:1/x.ics"], ["127.0.0.1"]),
        (["bob", "feed", "--url", "file:///etc/passwd"], []),
        (["bob", "radicale", "--folder", "/nowhere", "--owner", "x"], ["/nowhere"]),
    ],
    ids=" ".join,
)
def test_accounts_that_cannot_be_added(shell, stage, given, words):
    (shell.folder / "junk").write_text("{}", encoding="utf-8")
    (shell.folder / "client").write_text('{"installed": {"client_id": "x"}}', encoding="utf-8")
    (shell.folder / "key").write_text('{"type": "service_account"}', encoding="utf-8")
    (shell.folder / "good").write_text('{"refresh_token": "made-up"}', encoding="utf-8")
    before = shell.accounts("bob")

    refused(shell.here("account", "add", *given), *words)

    assert shell.accounts("bob") == before


def test_an_account_is_removed_by_its_owner_alone(shell, stage):
    file = shell.folder / "token"
    file.write_text(google_token(stage), encoding="utf-8")
    shell.good("account", "add", "bob", "google", "--token-file", str(file))
    key = shell.accounts("bob")[BOB["google"]][0]

    refused(shell.here("account", "remove", "alice", key), "no account")
    assert shell("account", "remove", "bob", key).status == 0

    assert BOB["google"] not in shell.accounts("bob")
    assert shell.titles("bob", "At google") == 0
    refresh = json.loads(file.read_text())["refresh_token"]
    assert refresh not in stage.do(lambda: dict(stage.world.google.state.refresh))  # ended there as well


@pytest.fixture
def unsent(shell: Shell, stage: Stage, request: pytest.FixtureRequest) -> Iterator[str]:
    """Bob's Google account, with a change that Google cannot be told at the moment."""
    file = shell.folder / "token"
    file.write_text(google_token(stage), encoding="utf-8")
    shell.good("account", "add", "bob", "google", "--token-file", str(file), "--name", "Bob's")
    calendar = next(row for row in stage.read(accounts.calendars, stage.person("bob").id) if row.kind == "google")
    stage.do(stage.world.google.fail_next, 503, times=1_000)
    day = f"{stage.world.week.day(31):%Y%m%d}T180000Z"
    name = request.node.name
    text = event(f"{name}@client.example", "Late", day, f"X-GATEWAY-CALENDAR:{calendar.displayname}")
    put = stage.http("PUT", f"/dav/calendars/bob/merged/{name}.ics", text, user="bob", Content_Type="text/calendar")
    try:
        assert put.status_code == 201, put.text
        yield str(calendar.account_id)
    finally:
        stage.do(stage.world.google.recover)


def test_changes_that_would_be_lost_are_not_lost_unasked(shell, stage, unsent):
    refused(shell.here("account", "remove", "bob", unsent), "1 change has not reached google Bob's yet", "--yes")
    assert "Bob's" in shell.accounts("bob")
    with at_terminal(shell.folder, shell.told(("account", "remove", "bob", unsent))) as terminal:
        terminal.until("will be lost. Remove the account all the same? [y/N]")
        terminal.type("n")
        assert terminal.ended() == 1
        assert "gateway: nothing was removed" in terminal.shown
    assert "Bob's" in shell.accounts("bob")

    done = shell.here("account", "remove", "bob", unsent, "--yes")
    assert (done.status, done.out) == (0, "Removed.\n")
    assert done.err.splitlines()[0] == "1 change has not reached google Bob's yet; lost with the account."
    assert "Bob's" not in shell.accounts("bob")


def test_changes_that_can_be_sent_are_sent_before_an_account_goes(shell, stage, unsent):
    stage.do(stage.world.google.recover)
    assert shell("account", "remove", "bob", unsent) == Done(0, "Removed.\n", "")
    events = stage.do(stage.world.google.events, BOB["google"])
    assert [one["summary"] for one in events].count("Late") == 1


def calendars(shell: Shell, user: str) -> dict[str, list[str]]:
    """Name -> id, merged, busy, separate, destination."""
    rows = shell.good("calendar", "list", user).rows[1:-1]
    return {row[1]: [row[0], *row[4:]] for row in rows}


def test_what_calendars_count_for(shell):
    before = calendars(shell, "alice")
    assert {name: row[1:] for name, row in before.items()} == {
        "Privat": ["yes", "yes", "-", "-"],
        "Alice Weber": ["yes", "yes", "-", "yes"],
        "Team Sales": ["yes", "yes", "-", "-"],
        "Feiertage in Deutschland": ["-", "-", "-", "-"],
        "Calendar": ["yes", "yes", "-", "-"],
        "Projekt Atlas": ["yes", "-", "-", "-"],
    }
    team, own, holidays = (before[name][0] for name in ("Team Sales", "Alice Weber", "Feiertage in Deutschland"))
    with shell.stage.merged() as merged:
        known = merged.get_objects_by_sync_token(load_objects=False)

        done = shell("calendar", "set", "alice", team, "--no-merged", "--no-busy")
        assert (done.status, done.err) == (0, "")
        assert calendars(shell, "alice")["Team Sales"] == [team, "-", "-", "-", "-"]
        assert shell.titles("alice", "Forecast") == 0
        updated, deleted = known.sync()
        assert (len(list(updated)), len(list(deleted))) == (0, 1)

        shell.good("calendar", "set", "alice", team, "--merged", "--busy", "--destination")
        assert shell.titles("alice", "Forecast") == 1
        assert calendars(shell, "alice")["Alice Weber"] == [own, "yes", "yes", "-", "-"]
        shell.good("calendar", "set", "alice", own, "--destination")
    assert calendars(shell, "alice") == before

    shell.good("calendar", "set", "alice", holidays, "--separate")
    assert calendars(shell, "alice")["Feiertage in Deutschland"] == [holidays, "-", "-", "yes", "-"]
    shell.good("calendar", "set", "alice", holidays, "--no-separate")
    refused(shell.here("calendar", "set", "alice", own, "--no-merged"), "destination")
    refused(shell.here("calendar", "set", "alice", holidays, "--destination"), "takes no changes")
    refused(shell.here("calendar", "set", "bob", own, "--no-busy"), "gateway calendar list bob")
    refused(shell.here("calendar", "set", "alice", own), "nothing to change")
    assert calendars(shell, "alice") == before


def test_sync_says_what_came_and_what_could_not_be_read(shell, stage):
    stage.at("google", do="add", summary="Fresh", start="2030-01-08T09:00")
    done = shell("sync", "alice")

    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "alice@example.com (google): 1 changed",
        "alice.weber@client.example (outlook): nothing new",
    ]
    assert shell.titles("alice", "Fresh") == 1

    stage.do(stage.world.google.fail_next, 503, 100)
    failed = shell("sync")
    stage.do(stage.world.google.recover)

    assert failed.status == 1
    assert "alice.weber@client.example (outlook): nothing new" in failed.out
    assert "SV Beispiel (feed): nothing new" in failed.out
    assert failed.err.splitlines()[-1].startswith("gateway: 1 of the accounts could not be read")
    assert shell.accounts("alice")["alice@example.com"][2] == "failing"

    again = shell("sync", "alice", "--full")
    assert again.status == 0
    assert "nothing new" not in again.out
    assert shell.accounts("alice")["alice@example.com"][2] == "ok"
    assert shell.titles("alice", "Fresh") == 1


def test_the_doctor_names_who_has_to_sign_in_again(shell, stage):
    healthy = shell("doctor")
    assert (healthy.status, healthy.err) == (0, ""), healthy
    assert "bad" not in {line.split()[0] for line in healthy.out.splitlines()}

    stage.do(stage.world.google.revoke, at_google.ALICE)
    assert shell("sync", "alice").status == 1
    ill = shell.here("doctor")

    assert (ill.status, ill.err) == (1, "gateway: 1 thing is bad\n")
    assert "bad  alice's google alice@example.com: signed out" in ill.out
    assert f"-> alice has to sign in there again: {stage.base}/app" in ill.out

    file = shell.folder / "token"
    file.write_text(stage.do(stage.world.google.authorized_user, at_google.ALICE), encoding="utf-8")
    shell.good("account", "add", "alice", "google", "--token-file", str(file))
    assert shell.here("doctor").status == 0
