"""How news of each account come in, as `gateway doctor` and /app tell it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from gateway.demo.seed.people import PASSWORD
from gateway.store import accounts, channels
from gateway.store.database import Connection
from gateway.sync.notices.standing import How, standing
from tests.cli.run import run_here
from tests.story.stage import Stage, running_stage
from tests.story.test_notices import settle, until
from tests.whole import csrf

PATIENCE = 60.0


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A demo whose clouds send notices, at the present time, as commands have no other; its first pulls are over."""
    with running_stage(tmp_path_factory.mktemp("demo"), datetime.now(UTC), push=True) as running:
        for kind in ("google", "outlook"):
            row = running.account("alice", kind)
            until(lambda row=row: running.read(standing, running.parts.settings, row, running.clock()).how == How.PUSH)
        settle(running)
        yield running


def doctor(stage: Stage, folder: Path) -> str:
    return run_here(folder, "--config", str(stage.world.folder / "gateway.toml"), "doctor").out


def own_page(stage: Stage, language: str) -> str:
    with requests.Session() as session:
        session.headers["Accept-Language"] = language
        form = session.get(f"{stage.base}/app/login", timeout=PATIENCE).text
        posted = {"name": "alice", "password": PASSWORD, "csrf": csrf(form)}
        session.post(f"{stage.base}/app/login", data=posted, timeout=PATIENCE)
        return session.get(f"{stage.base}/app", timeout=PATIENCE).text


def forget_channels(conn: Connection, account: int) -> None:
    for row in channels.of_account(conn, account):
        channels.remove(conn, row.key)


def test_accounts_are_live_by_push_or_by_poll(stage, tmp_path):
    end = time.monotonic() + PATIENCE
    while doctor(stage, tmp_path).count(": live by push") < 3:
        assert time.monotonic() < end, doctor(stage, tmp_path)

    said = doctor(stage, tmp_path)
    every = stage.parts.settings.sync.poll_with_push
    assert f"alice's google alice@example.com: live by push, looked at every {every} s as well" in said
    assert "carol's feed SV Beispiel: polled every 15 s" in said
    assert "Changes there are seen at once" in own_page(stage, "en")
    assert "Änderungen dort sind sofort zu sehen" in own_page(stage, "de")


def test_an_account_that_is_not_read_is_stale(stage, tmp_path):
    row = stage.account("alice", "google")
    now = int(stage.clock())
    stage.run(stage.parts.db.write(lambda conn: accounts.change(conn, row.id, synced=now - 7_200)))
    try:
        assert "alice's google alice@example.com: stale, not read for 1" in doctor(stage, tmp_path)
        assert "Last read 2 hours ago: what you see may be out of date" in own_page(stage, "en")
        assert "Zuletzt gelesen vor 2 Stunden" in own_page(stage, "de")
    finally:
        stage.run(stage.parts.db.write(lambda conn: accounts.change(conn, row.id, synced=now)))


def test_an_account_of_which_one_calendar_is_polled_says_so(stage, tmp_path):
    [first, *rest] = stage.read(channels.of_account, stage.account("alice", "google").id)
    assert rest
    stage.run(stage.parts.db.write(channels.remove, first.key))
    try:
        said = doctor(stage, tmp_path)
        assert "alice's google alice@example.com: live by push" in said
        assert "; 1 of its calendars without push, polled every 15 s" in said
        page = own_page(stage, "en")
        assert "Changes there are seen at once; in 1 calendar they are looked for every 15 seconds" in page
        assert "in 1 Kalender werden sie alle 15 Sekunden abgefragt" in own_page(stage, "de")
    finally:
        stage.run(stage.parts.db.write(channels.add, first))


def test_an_account_that_is_polled_says_how_often(stage, tmp_path):
    account = stage.account("alice", "outlook").id
    known = stage.read(channels.of_account, account)
    stage.run(stage.parts.db.write(forget_channels, account))
    try:
        assert "alice's outlook alice.weber@client.example: polled every 15 s" in doctor(stage, tmp_path)
        assert "Looked at every 15 seconds" in own_page(stage, "en")
        assert "Wird alle 15 Sekunden abgefragt" in own_page(stage, "de")
    finally:
        for row in known:
            stage.run(stage.parts.db.write(channels.add, row))
