"""Single mailboxes that an organisation opens for its people."""

import json

import pytest

from gateway.store import accounts
from tests.cli.organisations import SCOPES, Shell, changed, refused
from tests.fakes.objects import event
from tests.story.stage import Stage


def one(kind: str) -> tuple[str, ...]:
    if kind == "google":
        given = ("google", "--service-account", "key.json", "--subject", "bob@DOMAIN")
    else:
        given = ("outlook", "--app-only", "--mailbox", "bob@DOMAIN")
    return ("account", "add", "bob", *given)


def titles(shell: Shell, kind: str) -> set[str]:
    """Of what is at the provider."""
    stage, bob = shell.stage, shell.at("bob")
    if kind == "google":
        return {one["summary"] for one in stage.do(stage.world.google.events, bob)}
    return {str(one.body["subject"]) for one in stage.world.microsoft.boxes.events.values() if one.mailbox == bob}


@pytest.mark.parametrize(("kind", "way"), [("google", "service account"), ("outlook", "app-only")])
def test_a_mailbox_that_the_organisation_opens(shell: Shell, stage: Stage, kind: str, way: str):
    done = shell(*one(kind))

    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"Connected: {shell.at('bob')}")
    with stage.merged("bob") as merged:
        assert len(merged.search(event=True, summary=f"{kind} {shell.domain}")) == 1
    listed = shell.here("account", "list", "bob").rows
    assert [row[6] for row in listed if row[3] == shell.at("bob")] == [way]


@pytest.mark.parametrize("kind", ["google", "outlook"])
def test_what_a_client_writes_is_in_the_mailbox(shell: Shell, stage: Stage, kind: str):
    assert shell(*one(kind)).status == 0
    [row] = stage.read(accounts.account_calendars, shell.accounts()[shell.at("bob")].id)
    before = next(one for one in stage.read(accounts.calendars, row.user_id) if one.destination)
    stage.calendars(accounts.set_destination, row.user_id, row.id)
    name = f"written-{kind}-{shell.domain}"

    answer = stage.http(
        "PUT", f"/dav/calendars/bob/merged/{name}.ics", event(name, name),
        user="bob", Content_Type="text/calendar; charset=utf-8",
    )  # fmt: skip
    stage.calendars(accounts.set_destination, row.user_id, before.id)

    assert answer.status_code == 201, answer.text
    for _ in range(10):  # for a machine on which the provider was not told within the request
        if name in titles(shell, kind):
            break
        stage.pass_time(60)
    assert name in titles(shell, kind)


def test_an_application_asks_for_no_more_than_the_mailbox(shell: Shell, stage: Stage):
    stage.world.microsoft.requests.clear()
    with changed(stage.world.microsoft, app_permissions=frozenset({"Calendars.ReadWrite", "MailboxSettings.Read"})):
        assert shell(*one("outlook")).status == 0

    places = {tuple(seen.path.split("/")[2:4]) for seen in stage.world.microsoft.requests}
    assert places == {("users", shell.at("bob"))}


def test_nothing_is_kept_of_the_applications_own_tokens(shell: Shell, stage: Stage):
    assert shell(*one("outlook")).status == 0

    assert shell.accounts()[shell.at("bob")].secret is None


def test_calls_of_a_service_account_say_whose_quota_they_use(shell: Shell, stage: Stage):
    stage.world.google.requests.clear()
    assert shell.here(*one("google")).status == 0

    asked = [request for request in stage.world.google.requests if request.startswith("GET /calendar")]
    assert asked
    assert all("quotaUser=" in request for request in asked)
    assert shell.at("bob") not in "".join(one.partition("quotaUser=")[2] for one in asked)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("google", "--service-account", "junk", "--subject", "bob@DOMAIN"), ["junk: this is no key file"]),
        (("google", "--service-account", "token", "--subject", "bob@DOMAIN"), ["'authorized_user'"]),
        (("google", "--service-account", "short", "--subject", "bob@DOMAIN"), ["lacks private_key"]),
        (("google", "--service-account", "torn", "--subject", "bob@DOMAIN"), ["the private_key of this key file"]),
        (("google", "--service-account", "elsewhere", "--subject", "bob@DOMAIN"), ["not [google] token_uri"]),
        (("google", "--service-account", "stranger", "--subject", "bob@DOMAIN"), ["knows no service account"]),
        (("google", "--service-account", "missing", "--subject", "bob@DOMAIN"), ["missing: No such file"]),
        (("google", "--service-account", "key.json", "--subject", "nobody@DOMAIN"), ["there is no nobody@"]),
        (("google", "--service-account", "key.json", "--subject", "away@DOMAIN"), ["may not sign in"]),
        (("google", "--service-account", "key.json", "--subject", "alice@example.com"), ["Domain-wide delegation"]),
        (("outlook", "--app-only", "--mailbox", "nobody@DOMAIN"), ["is invalid"]),
        (("outlook", "--app-only", "--mailbox", "nobox@DOMAIN"), ["inactive"]),
        (("outlook", "--app-only", "--mailbox", "x@nowhere.example"), ["no organisation nowhere.example"]),
    ],
    ids=lambda value: " ".join((value[2], value[-1])) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_mailboxes_that_the_organisation_cannot_open(shell: Shell, given: tuple[str, ...], words: list[str]):
    held = json.loads(shell.key)
    torn = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    shell.write("junk", "not JSON")
    shell.write("token", '{"type": "authorized_user", "refresh_token": "x"}')
    shell.write("short", json.dumps({**held, "private_key": ""}))
    shell.write("torn", json.dumps({**held, "private_key": torn}))
    shell.write("elsewhere", json.dumps({**held, "token_uri": "https://evil.example/token"}))
    shell.write("stranger", json.dumps({**held, "client_email": "stranger@project.example"}))

    refused(shell("account", "add", "bob", *given), *words)

    assert shell.accounts() == {}


def test_a_key_that_was_deleted(shell: Shell, stage: Stage):
    stage.do(stage.world.google.withdraw_keys, shell.robot)

    refused(shell.here(*one("google")), "does not know this key", "it was deleted")


def test_a_mailbox_that_a_policy_keeps_from_the_application(shell: Shell, stage: Stage):
    with changed(stage.world.microsoft, app_mailboxes=frozenset({shell.at("room")})):
        refused(shell(*one("outlook")), "AppOnly AccessPolicy", "docs/organisations.md")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("bob", "google", "--service-account", "key.json"), ["--subject"]),
        (("bob", "google", "--subject", "x@y.example"), ["--service-account"]),
        (("bob", "google", "--service-account", "k", "--subject", "x@y.example", "--token-file", "t"), ["only one"]),
        (("bob", "google", "--dry-run"), ["--all-of"]),
        (("bob", "outlook", "--app-only"), ["--mailbox"]),
        (("bob", "outlook", "--mailbox", "x@y.example"), ["--app-only"]),
        (("--all-of", "DOMAIN", "google"), ["--service-account"]),
        (("--all-of", "DOMAIN", "google", "--service-account", "key.json"), ["--admin"]),
        (("--all-of", "DOMAIN", "outlook"), ["--app-only"]),
        (("--all-of", "DOMAIN", "outlook", "--app-only", "--mailbox", "x@y.example"), ["--mailbox"]),
        (("--all-of", "DOMAIN", "outlook", "bob", "--app-only"), ["both USER and --all-of"]),
        (("--all-of", "DOMAIN", "feed", "--url", "https://x.example/"), ["USER"]),
        (("google",), ["neither USER nor --all-of"]),
        (("bob",), ["USER is followed by"]),
        (("bob", "gogle"), ["USER is followed by"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_wrong_usage(shell: Shell, given: tuple[str, ...], words: list[str]):
    refused(shell.here("account", "add", *given), *words, status=2)


def test_the_doctor_sends_nobody_to_sign_in_for_an_organisation(shell: Shell, stage: Stage):
    assert shell.here(*one("google")).status == 0
    shell.delegate()
    assert shell("sync", "bob").status == 1

    ill = shell.here("doctor")
    shell.delegate(*SCOPES)

    assert f"bob's google {shell.at('bob')} (service account): signed out" in ill.out
    assert "-> an admin of the organisation has to look at docs/organisations.md" in ill.out
