"""A provider that refuses, is down, or takes the sign-in back: the client is told the truth and nothing is lost."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from gateway.accounts.connect import add_account
from gateway.demo.seed import at_google, at_microsoft
from tests.fakes.objects import event
from tests.story.conftest import NOW
from tests.story.stage import MERGED, Stage, running_stage


@pytest.fixture(autouse=True)
def calm(stage: Stage) -> Iterator[None]:
    """Afterwards everything works again, and has been looked at."""
    yield
    stage.do(stage.world.google.recover)
    stage.do(stage.world.microsoft.recover)
    stage.pass_time(3600)


def google_titles(stage: Stage, uid: str) -> list[str]:
    return [one["summary"] for one in stage.do(stage.world.google.events, at_google.ALICE) if one["iCalUID"] == uid]


def outlook_titles(stage: Stage) -> list[str]:
    boxes = stage.world.microsoft.boxes
    return stage.do(
        lambda: [e.body.get("subject", "") for e in boxes.events.values() if e.mailbox == at_microsoft.ALICE]
    )


def member(stage: Stage, name: str) -> tuple[int, str, str]:
    answer = stage.http("GET", MERGED + name)
    return answer.status_code, answer.headers.get("ETag", ""), answer.text


def in_outlook(text: str) -> str:
    return text.replace("END:VEVENT", "X-GATEWAY-CALENDAR:Calendar\r\nEND:VEVENT")


@pytest.mark.parametrize(("status", "reason"), [(403, "forbiddenForNonOrganizer"), (400, "invalid")])
def test_what_google_refuses_is_undone_and_the_client_told_why(stage, status, reason):
    uid = f"refused-{status}@client.example"
    name = f"refused-{status}.ics"
    google = stage.world.google

    stage.do(google.fail_next, status, reason=reason, path="events")
    refused = stage.put(name, event(uid, "New", "20261208T090000Z"))

    assert refused.status_code == 403
    assert "Google" in refused.text
    assert member(stage, name)[0] == 404
    assert google_titles(stage, uid) == []

    assert stage.put(name, event(uid, "First", "20261208T090000Z")).status_code == 201
    before = member(stage, name)

    stage.do(google.fail_next, status, reason=reason, path="events")
    edited = stage.put(name, event(uid, "Second", "20261208T090000Z"))
    stage.do(google.fail_next, status, reason=reason, path="events")
    deleted = stage.http("DELETE", MERGED + name)

    assert (edited.status_code, deleted.status_code) == (403, 403)
    assert member(stage, name) == before
    assert google_titles(stage, uid) == ["First"]
    stage.pull()
    assert member(stage, name) == before


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [(403, "ErrorAccessDenied", "need-privileges"), (400, "ErrorInvalidRequest", "Outlook: Asked to fail.")],
)
def test_what_outlook_refuses_is_undone_and_the_client_told_why(stage, status, code, said):
    name, title = f"outlook-{status}.ics", f"Refused with {status}"
    text = in_outlook(event(f"outlook-{status}@client.example", title, "20261209T090000Z"))

    stage.do(stage.world.microsoft.fail_next, status, code, path="/events")
    refused = stage.put(name, text)

    assert refused.status_code == 403
    assert said in refused.text
    assert member(stage, name)[0] == 404
    assert title not in outlook_titles(stage)

    assert stage.put(name, text).status_code == 201
    before = member(stage, name)
    stage.do(stage.world.microsoft.fail_next, status, code, path="/events")
    assert stage.put(name, text.replace(title, "Changed")).status_code == 403
    assert member(stage, name) == before


def test_while_google_is_down_clients_go_on_and_it_is_told_in_order_later(stage):
    google = stage.world.google
    assert stage.put("old.ics", event("old@client.example", "Old", "20261210T080000Z")).status_code == 201

    stage.do(google.fail_next, 503, 100, path="/events")
    answers = [
        stage.put("late.ics", event("late@client.example", "Late", "20261210T090000Z")),
        stage.put("late.ics", event("late@client.example", "Late, edited", "20261210T090000Z")),
        stage.put("short.ics", event("short@client.example", "Short-lived", "20261210T090000Z")),
        stage.http("DELETE", MERGED + "short.ics"),
        stage.http("DELETE", MERGED + "old.ics"),
        stage.put("old.ics", event("old@client.example", "Old, again", "20261210T080000Z")),
    ]

    assert [answer.status_code for answer in answers] == [201, 204, 201, 204, 204, 201]
    assert [member(stage, name)[0] for name in ("late.ics", "short.ics", "old.ics")] == [200, 404, 200]
    assert google_titles(stage, "late@client.example") == []
    assert google_titles(stage, "old@client.example") == ["Old"]

    stage.do(stage.world.google.recover)
    stage.pass_time(120)

    assert google_titles(stage, "late@client.example") == ["Late, edited"]
    assert google_titles(stage, "short@client.example") == []
    assert google_titles(stage, "old@client.example") == ["Old, again"]
    stage.pull()
    assert [member(stage, name)[0] for name in ("late.ics", "short.ics", "old.ics")] == [200, 404, 200]
    assert "Late, edited" in member(stage, "late.ics")[2]


def test_a_source_that_cannot_be_read_stops_no_other(stage):
    stage.do(stage.world.google.fail_next, 503, 50, path="/events")
    stage.at("microsoft", do="add", summary="Meanwhile in Outlook", start="2026-12-11T09:00")

    stage.pull()

    states = {kind: stage.account("alice", kind).state for kind in ("google", "outlook", "local")}
    assert states == {"google": "failing", "outlook": "ok", "local": "ok"}
    assert stage.account("alice", "google").error == "Google: backendError"
    with stage.merged() as merged:
        assert len(merged.search(event=True, summary="Meanwhile in Outlook")) == 1
        assert len(merged.search(event=True, summary="Kundentermin Nordwind")) == 1

    stage.do(stage.world.google.recover)
    stage.pass_time(120)
    assert stage.account("alice", "google").state == "ok"


def test_expired_access_tokens_and_sync_tokens_are_nobodys_business(stage):
    stage.do(stage.world.google.expire_access_tokens)
    stage.do(stage.world.microsoft.expire_access_tokens)
    google = stage.put("token.ics", event("token@client.example", "Token", "20261214T090000Z"))
    outlook = stage.put("token2.ics", in_outlook(event("token2@client.example", "Token two", "20261214T110000Z")))
    assert (google.status_code, outlook.status_code) == (201, 201)

    with stage.merged() as merged:
        known = merged.get_objects_by_sync_token(load_objects=False)
        stage.do(stage.world.google.expire_sync_tokens)
        stage.do(stage.world.microsoft.expire_delta)
        stage.pull()

        assert [list(change) for change in known.sync()] == [[], []]
    assert {stage.account("alice", kind).state for kind in ("google", "outlook")} == {"ok"}


@pytest.mark.parametrize("kind", ["google", "outlook"])
def test_a_sign_in_that_was_taken_back_leaves_everything_in_place_until_it_is_renewed(tmp_path, kind):
    address = at_google.ALICE if kind == "google" else at_microsoft.ALICE
    title = "Kundentermin Nordwind" if kind == "google" else "Sprint Planning"
    with running_stage(tmp_path, NOW) as stage:
        stage.do(stage.world.google.revoke if kind == "google" else stage.world.microsoft.revoke, address)
        stage.do(stage.world.microsoft.expire_access_tokens)  # which live on for their hour there
        stage.pull()

        account = stage.account("alice", kind)
        assert account.state == "signed-out"
        assert account.error
        other = "outlook" if kind == "google" else "google"
        assert stage.account("alice", other).state == "ok"
        with stage.merged() as merged:
            [found] = merged.search(event=True, summary=title)
        text = event("offline@client.example", "Written meanwhile", "20261215T090000Z")
        assert stage.put("offline.ics", text if kind == "google" else in_outlook(text)).status_code == 201

        assert "X-GATEWAY-STALE" not in published(stage)
        stage.pass_time(2 * 3600)
        assert "X-GATEWAY-STALE" in published(stage)
        assert f"{found.url.path}" in [one.url.path for one in all_of(stage)]

        again = fresh_secret(stage, kind)
        stage.run(reconnected(stage, stage.person("alice").id, kind, again))
        stage.pass_time(3600)

        assert stage.account("alice", kind).state == "ok"
        assert "X-GATEWAY-STALE" not in published(stage)
        if kind == "google":
            assert google_titles(stage, "offline@client.example") == ["Written meanwhile"]
        else:
            assert "Written meanwhile" in outlook_titles(stage)


def published(stage: Stage) -> str:
    return requests.get(f"{stage.base}/freebusy/alice.ifb", timeout=30).text


def all_of(stage: Stage) -> list:
    with stage.merged() as merged:
        return merged.search(
            event=True, start=datetime(2026, 10, 1, tzinfo=UTC), end=datetime(2026, 12, 31, tzinfo=UTC)
        )


def fresh_secret(stage: Stage, kind: str) -> str:
    if kind == "google":
        return stage.do(stage.world.google.authorized_user, at_google.ALICE)
    return json.dumps({"refresh_token": stage.do(stage.world.microsoft.refresh_token, at_microsoft.ALICE)})


async def reconnected(stage: Stage, user: int, kind: str, secret: str) -> int:
    parts = stage.parts
    settings = {} if kind == "google" else {"email": at_microsoft.ALICE}
    return await add_account(
        parts.db, parts.sealer, parts.outside, user=user, kind=kind, settings=settings, secret=secret,
        now=int(parts.clock()),
    )  # fmt: skip
