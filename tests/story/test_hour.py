"""A provider that fails for an hour: clients notice nothing, everything is told afterwards, and hardly anybody asks."""

import re
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import pytest
import requests

from gateway.accounts.pace.arithmetic import LONGEST_HOLD
from gateway.cli.doctor import Verdict, about_accounts
from gateway.demo.microsoft.mailbox import event_id
from gateway.demo.seed import at_google, at_microsoft
from gateway.demo.seed.people import PASSWORD
from tests.fakes.objects import event
from tests.story.conftest import NOW
from tests.story.stage import MERGED, running_stage
from tests.web.site import hidden

HOUR, STEP = 3_600, 60
LEAST = 0.75  # of a hold, where chance makes it short
NAME = re.compile(r"\b(new|short|kept|old|late)-(?:google|outlook)\b")
BEFORE_HELD = 4
"""Requests that may be out before the first of them has failed: one pull, and a client's writes."""


def most_requests(seconds, first, told=0.0):
    """Of one account while its provider fails. told: seconds by its Retry-After."""
    count, at, hold = BEFORE_HELD, 0.0, first
    while at < seconds:
        count += 1
        at += max(told, LEAST * min(LONGEST_HOLD, hold))
        hold *= 2
    return count


def fail(stage, how):
    world = stage.world
    if how == "unavailable":
        world.google.fail_next(503, 10_000)
        world.microsoft.fail_next(503, times=10_000)
    elif how == "throttled":
        world.google.fail_next(429, 10_000, reason="rateLimitExceeded", retry_after=120)
        world.microsoft.fail_next(429, "ApplicationThrottled", retry_after=120, times=10_000)
    else:
        world.google.fail_next(0, 10_000)
        world.microsoft.fail_next(504, times=10_000)


def recover(stage):
    stage.world.google.recover()
    stage.world.microsoft.recover()


def asked(stage):
    """Requests so far: at Google, where one account is, and at Outlook, where two are."""
    return len(stage.world.google.requests), len(stage.world.microsoft.requests)


def in_outlook(text):
    return text.replace("END:VEVENT", "X-GATEWAY-CALENDAR:Calendar\r\nEND:VEVENT")


def text(name, title, cloud):
    plain = event(f"{name}@client.example", title, "20261210T090000Z")
    return plain if cloud == "google" else in_outlook(plain)


def titles(stage, cloud, name):
    """Of the events of that name at the provider."""
    uid = f"{name}-{cloud}@client.example"
    if cloud == "google":
        return [one["summary"] for one in stage.do(stage.world.google.events, at_google.ALICE) if one["iCalUID"] == uid]
    found = stage.do(lambda: list(stage.world.microsoft.boxes.events.values()))
    mine = [one.body.get("subject", "") for one in found if one.mailbox == at_microsoft.ALICE]
    return [title for title in mine if title.startswith(f"{name}-{cloud}:")]


def names(stage):
    """By id, of the events that are there, at Google and at Outlook."""
    google = {one["id"]: one["iCalUID"] for one in stage.do(stage.world.google.events, at_google.ALICE)}
    boxes = stage.do(lambda: list(stage.world.microsoft.boxes.events.values()))
    outlook = {event_id(one, immutable=True): one.body.get("subject", "") for one in boxes}
    return [{key: found[1] for key, text in ids.items() if (found := NAME.match(text))} for ids in (google, outlook)]


def changes(stage, known):
    """What was changed so far, at Google and at Outlook: verb and name. known: names of what was there before."""
    google, outlook = (
        [line for line in simulator.written if "/events" in line.split()[1]]
        for simulator in (stage.world.google, stage.world.microsoft)
    )
    return [[changed(line, ids) for line in lines] for lines, ids in zip((google, outlook), known, strict=True)]


def changed(line, known):
    verb, url, *_ = line.split()
    found = (
        set(NAME.findall(line)) if verb == "POST" else {known.get(unquote(urlsplit(url).path).partition("/events/")[2])}
    )
    return verb, found


# As the client made them, whatever was due first.
IN_ORDER = [("POST", {"new"}), ("PATCH", {"kept"}), ("DELETE", {"old"}), ("POST", {"late"})]


def look(stage):
    """What clients ask all day; the answers' bodies."""
    with stage.merged() as merged:
        found = merged.search(
            event=True, start=datetime(2026, 10, 26, tzinfo=UTC), end=datetime(2026, 11, 2, tzinfo=UTC)
        )
        month = sorted(one.data for one in found)
    busy = requests.get(f"{stage.base}/freebusy/alice.ifb?start=20261026T000000Z&end=20261102T000000Z", timeout=30)
    return month, [line for line in busy.text.splitlines() if line.startswith("FREEBUSY")]


def put(stage, name, cloud, title):
    full = f"{name}-{cloud}"
    return stage.put(f"{full}.ics", text(full, f"{full}: {title}", cloud)).status_code


def delete(stage, name, cloud):
    return stage.http("DELETE", f"{MERGED}{name}-{cloud}.ics").status_code


# Minute, what is done, and how it is answered.
CHANGES = (
    (1, lambda stage, cloud: put(stage, "new", cloud, "first"), 201),
    (5, lambda stage, cloud: put(stage, "new", cloud, "second"), 204),
    (6, lambda stage, cloud: put(stage, "short", cloud, "lived"), 201),
    (20, lambda stage, cloud: delete(stage, "short", cloud), 204),
    (21, lambda stage, cloud: put(stage, "kept", cloud, "edited"), 204),
    (22, lambda stage, cloud: delete(stage, "old", cloud), 204),
    (40, lambda stage, cloud: put(stage, "late", cloud, "only"), 201),
    (41, lambda stage, cloud: put(stage, "new", cloud, "third"), 204),
)


def the_app_page(stage):
    with requests.Session() as browser:
        form = hidden(browser.get(f"{stage.base}/app/login", timeout=30).text)
        fields = {**form, "name": "alice", "password": PASSWORD}
        return browser.post(f"{stage.base}/app/login", data=fields, timeout=30).text


def pass_the_hour(stage, before):
    """Reads answer as before and ask nobody; writes are answered at once."""
    for minute in range(HOUR // STEP):
        stage.pass_time(STEP)
        for when, change, status in CHANGES:
            if when == minute:
                assert [change(stage, cloud) for cloud in ("google", "outlook")] == [status, status]
        if minute % 15 == 14:
            count = asked(stage)
            assert look(stage) == before
            assert asked(stage) == count


@pytest.mark.parametrize("how", ["unavailable", "throttled", "no answer"])
def test_an_hour_without_providers(tmp_path, how):
    with running_stage(tmp_path, NOW) as stage:
        for cloud in ("google", "outlook"):
            assert [put(stage, name, cloud, "before") for name in ("kept", "old")] == [201, 201]
        stage.pull()
        before, count, known = look(stage), asked(stage), names(stage)

        stage.do(fail, stage, how)
        pass_the_hour(stage, before)

        google, outlook = (now - then for now, then in zip(asked(stage), count, strict=True))
        first, told = (2.0, 120.0) if how == "throttled" else (15.0, 0.0)
        assert google <= most_requests(HOUR, first, told)
        assert outlook <= 2 * most_requests(HOUR, first, told)

        assert {stage.account("alice", kind).state for kind in ("google", "outlook")} == {"failing"}
        assert the_app_page(stage).count("Cannot be read; last time 1 hour ago") == 2
        said = stage.read(about_accounts, stage.parts.settings, int(stage.clock()))
        wrong = [one.about for one in said if one.verdict != Verdict.GOOD and "read" in one.text and ";" in one.text]
        assert [" ".join(about.split()[:2]) for about in wrong] == [
            "alice's google",
            "alice's outlook",
            "bob's outlook",
        ]
        assert any("not asked for another" in one.text for one in said)

        stage.world.google.written.clear()
        stage.world.microsoft.written.clear()
        stage.do(recover, stage)
        for _ in range(20):
            stage.pass_time(STEP)
        assert {stage.account("alice", kind).state for kind in ("google", "outlook")} == {"ok"}
        for cloud in ("google", "outlook"):
            found = {name: titles(stage, cloud, name) for name in ("new", "short", "kept", "old", "late")}
            assert found == {
                "new": [f"new-{cloud}: third"],
                "short": [],
                "kept": [f"kept-{cloud}: edited"],
                "old": [],
                "late": [f"late-{cloud}: only"],
            }
        assert look(stage) == before
        assert stage.do(changes, stage, known) == [IN_ORDER, IN_ORDER]
