"""Everybody of a domain connected by one command, which may be given again at any time."""

import pytest

from gateway.backends.google.service_account import DIRECTORY, READING, WRITING
from gateway.store import accounts, principals
from gateway.sync.pull import pull_account
from tests.cli.organisations import ALL_OF_GOOGLE, ALL_OF_OUTLOOK, SCOPES, Shell, changed, refused, what
from tests.story.declined import declined
from tests.story.stage import Stage


def test_everybody_of_a_google_domain(shell: Shell, stage: Stage):
    dry = shell(*ALL_OF_GOOGLE, "--dry-run")
    assert (dry.status, dry.err) == (0, "")
    nothing = ["-", "not here", "-"]
    assert what(dry) == {"admin": nothing, "bob": nothing, shell.name: nothing}
    assert "3 not here" in dry.out
    assert "Nothing was changed." in dry.out

    done = shell(*ALL_OF_GOOGLE, "--create-users")
    assert (done.status, done.err) == (0, "")
    assert what(done)[shell.name] == [shell.name, "connected", "new here"]
    assert what(done)["bob"][0].startswith("bob-")  # another bob is here already
    assert "Next: gateway user passwd admin" in done.out  # a name of a page is nobody's
    assert set(shell.accounts()) == {shell.at("admin"), shell.at("bob"), shell.at(shell.name)}
    made = stage.read(principals.by_name, shell.name)
    assert made is not None
    assert (made.displayname, made.email, made.zone) == ("New Person", shell.at(shell.name), "Europe/Berlin")

    again = shell.here(*ALL_OF_GOOGLE, "--create-users")
    assert (again.status, what(again)) == (0, {})
    assert "Everybody is connected already." in again.out
    assert "3 connected already" in again.out


def test_its_options_may_stand_before_the_kind(shell: Shell):
    done = shell.here("account", "add", "--dry-run", "--create-users", *ALL_OF_GOOGLE[2:])

    assert {row[1] for row in what(done).values()} == {"create and connect"}
    assert "Next: the same command without --dry-run" in done.out
    assert shell.accounts() == {}


def test_who_has_one_of_the_addresses_here_gets_the_account(shell: Shell):
    shell.known_as("carol", "np")

    done = shell.here(*ALL_OF_GOOGLE)

    assert what(done)[shell.name] == ["carol", "connected", "-"]
    assert what(done)["bob"] == ["-", "not here", "-"]
    assert "--create-users" in done.out
    assert list(shell.accounts()) == [shell.at(shell.name)]


def test_what_they_declined_under_the_mailboxs_address_takes_no_time(shell: Shell, stage: Stage):
    shell.known_as("carol", "np")
    with declined(stage, "carol", shell.at(shell.name)) as takes_time:
        assert takes_time()

        assert shell.here(*ALL_OF_GOOGLE).status == 0

        assert not takes_time()


def test_one_bad_mailbox_stops_no_other_and_is_tried_again(shell: Shell, stage: Stage):
    stage.do(stage.world.google.fail_next, 403, 1, reason="notACalendarUser", path="calendarList")

    done = shell.here(*ALL_OF_GOOGLE, "--create-users")
    assert done.status == 1
    assert "gateway: 1 mailbox cannot be connected" in done.err
    assert sorted(row[1] for row in what(done).values()) == ["connected", "connected", "failed"]

    again = shell.here(*ALL_OF_GOOGLE, "--create-users")
    assert (again.status, [row[1] for row in what(again).values()]) == (0, ["connected"])
    assert len(shell.accounts()) == 3


def test_where_nothing_works_the_rest_is_not_tried(shell: Shell, stage: Stage):
    for number in range(20):
        stage.do(stage.world.google.add_person, shell.at(f"more{number:02}"), "More")
    stage.do(stage.world.google.fail_next, 503, 1000, path="calendarList")
    stage.world.google.requests.clear()

    done = shell.here(*ALL_OF_GOOGLE, "--create-users")
    stage.do(stage.world.google.recover)

    assert done.status == 1
    assert "23 failed" in done.out
    assert "not tried" in done.out
    tried = [one for one in stage.world.google.requests if "calendarList" in one]
    assert len(tried) < 20
    assert stage.read(principals.by_name, shell.name) is None  # nobody is added without a mailbox


def test_who_has_left_is_named(shell: Shell, stage: Stage):
    assert shell.here(*ALL_OF_GOOGLE, "--create-users").status == 0

    with changed(stage.world.google.state.people[shell.at(shell.name)], suspended=True):
        done = shell.here(*ALL_OF_GOOGLE)

    row = shell.accounts()[shell.at(shell.name)]
    advice = f"gateway account remove {shell.name} {row.id}"
    assert (done.status, what(done)) == (0, {shell.name: [shell.name, "has left", advice]})
    assert "1 no longer in the directory" in done.out


def test_a_new_key_is_told_once_for_all(shell: Shell, stage: Stage):
    assert shell.here(*ALL_OF_GOOGLE, "--create-users").status == 0
    fresh = stage.do(stage.world.google.service_account, shell.robot)
    stage.do(stage.world.google.withdraw_keys, shell.robot, but=fresh)
    shell.write("fresh.json", fresh)
    users = {row.user_id for row in shell.accounts().values()}
    admin = next(row for name, row in shell.accounts().items() if name.startswith("admin"))
    name = next(one.name for one in stage.read(principals.everybody) if one.id == admin.user_id)

    done = shell.here("account", "add", name, "google", "--service-account", "fresh.json", "--subject", "admin@DOMAIN")

    assert done.status == 0, done
    opened = {stage.parts.sealer.open(row.secret) for row in shell.accounts().values() if row.secret}
    assert opened == {fresh}
    assert len(users) == 3
    stage.clock.now += 60  # what so many accounts asked at one moment is in the budget again
    for row in shell.accounts().values():
        stage.run(pull_account(stage.parts.sync, row.id))
    assert {row.state for row in shell.accounts().values()} == {"ok"}


@pytest.mark.parametrize(
    ("options", "scopes", "words"),
    [
        ({"--admin": "bob@DOMAIN"}, SCOPES, ["has to be an admin"]),
        ({"--admin": "nobody@DOMAIN"}, SCOPES, ["there is no nobody@"]),
        ({"--all-of": "elsewhere.example"}, SCOPES, ["no organisation with the domain elsewhere.example"]),
        ({}, WRITING, ["Domain-wide delegation"]),
    ],
    ids=["no admin", "nobody", "unknown domain", "the directory is not delegated"],
)
def test_directories_that_google_does_not_show(
    shell: Shell, options: dict[str, str], scopes: tuple[str, ...], words: list[str]
):
    shell.delegate(*scopes)
    given = [*ALL_OF_GOOGLE, "--dry-run"]
    for name, value in options.items():
        given[given.index(name) + 1] = value

    refused(shell.here(*given), *words)


def test_reading_needs_no_more_than_to_read(shell: Shell):
    shell.delegate(*READING, *DIRECTORY)

    assert shell.here(*ALL_OF_GOOGLE, "--create-users").status == 1
    assert shell.here(*ALL_OF_GOOGLE, "--create-users", "--read-only").status == 0
    assert {row.settings["access"] for row in shell.accounts().values()} == {"read"}


def test_a_mailbox_whose_owner_signed_in_is_left_to_them(shell: Shell, stage: Stage):
    file = shell.write("token", stage.do(stage.world.google.authorized_user, shell.at("bob")))
    assert shell.here("account", "add", "bob", "google", "--token-file", file).status == 0

    done = shell.here(*ALL_OF_GOOGLE)

    assert "bob" not in what(done)
    assert shell.accounts() == {}


def test_everybody_of_a_microsoft_domain(shell: Shell, stage: Stage):
    shell.known_as("bob", "bbrandt")
    dry = shell(*ALL_OF_OUTLOOK, "--dry-run", "--create-users")
    assert (dry.status, dry.err) == (0, "")
    left_out = {
        "nobox": ["-", "left out", "no mailbox in Exchange Online"],
        "room": ["-", "left out", "a mailbox for: room"],
        "shared": ["-", "left out", "a mailbox for: shared"],
    }
    assert what(dry) == {"bob": ["bob", "connect", "-"], shell.name: ["-", "create and connect", "-"], **left_out}

    done = shell(*ALL_OF_OUTLOOK, "--create-users")
    assert (done.status, done.err) == (0, "")
    new = [shell.name, "connected", "new here"]
    assert what(done) == {"bob": ["bob", "connected", "-"], shell.name: new, **left_out}
    row = shell.accounts()[shell.at("bob")]
    assert row.settings["mailbox"] != row.settings["email"]  # an id, which stays when people are renamed
    stage.run(pull_account(stage.parts.sync, row.id))
    with stage.merged("bob") as merged:
        assert len(merged.search(event=True, summary=f"outlook {shell.domain}")) == 1

    again = shell(*ALL_OF_OUTLOOK, "--create-users")
    assert (again.status, what(again)) == (0, left_out)
    assert "2 connected already" in again.out


def test_mailboxes_beyond_a_policy_are_told_before_anything_is_done(shell: Shell, stage: Stage):
    with changed(stage.world.microsoft, app_mailboxes=frozenset({shell.at(shell.name)})):
        dry = shell(*ALL_OF_OUTLOOK, "--dry-run", "--create-users")

    assert dry.status == 1
    assert what(dry)[shell.name][1] == "create and connect"
    assert what(dry)["bob"][1] == "failed"
    assert "AccessPolicy" in what(dry)["bob"][2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"app_permissions": frozenset({"Calendars.ReadWrite"})}, ["User.Read.All"]),
        ({"client_secret": "rotated"}, ["client_secret"]),
    ],
    ids=["the directory is not permitted", "an old secret"],
)
def test_directories_that_microsoft_does_not_show(
    shell: Shell, stage: Stage, change: dict[str, object], words: list[str]
):
    with changed(stage.world.microsoft, **change):
        refused(shell(*ALL_OF_OUTLOOK, "--dry-run"), *words)


def test_a_domain_that_microsoft_does_not_know(shell: Shell):
    given = ("account", "add", "--all-of", "nowhere.example", "outlook", "--app-only")

    refused(shell(*given), "no organisation nowhere.example")


def test_an_interrupted_run_goes_on_where_it_was(shell: Shell, stage: Stage):
    shell.known_as("carol", "np")
    assert shell.here(*ALL_OF_GOOGLE).status == 0

    done = shell.here(*ALL_OF_GOOGLE, "--create-users")

    assert done.status == 0
    assert {row[1] for row in what(done).values()} == {"connected"}
    assert shell.name not in what(done)
    rows = stage.read(accounts.of_user, stage.person("carol").id)
    assert [row.displayname for row in rows].count(shell.at(shell.name)) == 1
