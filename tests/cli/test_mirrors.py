"""Mirrors turned on, looked at and turned off by commands, beside a demo."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.accounts.people import add_person
from gateway.cli.doctor import about_mirrors
from gateway.config import Settings
from gateway.demo.seed import at_microsoft
from gateway.model import RemoteCalendar
from gateway.store import accounts, mirrors
from tests.cli.run import Done, run, run_here
from tests.fakes.objects import event
from tests.story.stage import Stage

Command = Callable[..., Done]


@pytest.fixture
def told(stage: Stage) -> tuple[str, ...]:
    return "--config", str(stage.world.folder / "gateway.toml")


@pytest.fixture
def here(told: tuple[str, ...], tmp_path: Path) -> Command:
    return lambda *given: run_here(tmp_path, *told, *given)


def blocks(stage: Stage, whose: str = at_microsoft.ALICE) -> int:
    events = stage.world.microsoft.boxes.events
    return stage.do(
        lambda: sum(one.mailbox == whose and any("mirror" in name for name in one.extended) for one in events.values())
    )


def ids(stage: Stage, *names: str) -> list[str]:
    return [str(stage.calendar("alice", name).id) for name in names]


def test_a_mirror_from_its_first_block_to_its_last(stage, told, here, tmp_path):
    source, target = ids(stage, "Privat", "Calendar")

    added = run(tmp_path, *told, "mirror", "add", "alice", "--from", source, "--to", target, "--days", "20")
    assert (added.status, added.err) == (0, ""), added
    count = blocks(stage)
    assert count > 0
    [row] = stage.read(mirrors.everyone)
    assert f"Mirror {row.id}: {count} blocks." in added.out

    [_, shown] = here("mirror", "list", "alice").rows
    assert shown[:6] == [str(row.id), "alice", "Privat", "Calendar", "20", str(count)]
    assert shown[6].startswith("up to date since")

    removed = run(tmp_path, *told, "mirror", "remove", "alice", str(row.id))
    assert (removed.status, removed.err) == (0, ""), removed
    assert removed.out.splitlines() == [f"{count} busy blocks are taken away there first.", "Removed."]
    assert blocks(stage) == 0
    assert "No mirror." in here("mirror", "list").out


def test_what_the_provider_does_not_take_is_said_and_goes_on_later(stage, told, here, tmp_path):
    source, target = ids(stage, "Privat", "Calendar")
    stage.do(stage.world.microsoft.fail_next, 503, times=1_000)
    added = run(tmp_path, *told, "mirror", "add", "alice", "--from", source, "--to", target, "--days", "20")
    assert added.status == 0
    assert "the provider cannot be reached; it is tried again" in added.err
    assert "changes left" in here("mirror", "list").out
    stage.do(stage.world.microsoft.recover)
    [row] = stage.read(mirrors.everyone)
    assert run(tmp_path, *told, "mirror", "remove", "alice", str(row.id)).out.endswith("Removed.\n")
    assert blocks(stage) == 0


def test_an_account_takes_its_blocks_with_it(stage, told, tmp_path):
    """Bob's, as no other test here needs it."""
    local, target = (
        next(row for row in stage.read(accounts.calendars, stage.person("bob").id) if row.kind == kind)
        for kind in ("local", "outlook")
    )
    text = event("hers@client.example", "Yoga", f"{stage.world.week.day(9):%Y%m%d}T180000Z")
    marked = text.replace("END:VEVENT", f"X-GATEWAY-CALENDAR:{local.displayname}\r\nEND:VEVENT")
    put = stage.http("PUT", "/dav/calendars/bob/merged/hers.ics", marked, user="bob", Content_Type="text/calendar")
    assert put.status_code == 201
    given = ("--from", str(local.id), "--to", str(target.id), "--days", "30")
    assert run(tmp_path, *told, "mirror", "add", "bob", *given).status == 0
    count = blocks(stage, at_microsoft.BOB)
    assert count > 0

    removed = run(tmp_path, *told, "account", "remove", "bob", str(target.account_id))

    assert removed.out.splitlines() == [f"{count} busy blocks are taken away there first.", "Removed."]
    assert blocks(stage, at_microsoft.BOB) == 0
    assert target.account_id not in {row.id for row in stage.read(accounts.of_user, stage.person("bob").id)}


@pytest.mark.parametrize(
    ("problem", "ending", "verdict", "said", "todo"),
    [
        ("signed-out", False, "bad", "paused; the sign-in has expired", "alice has to sign in there again: "),
        ("signed-out", True, "bad", "cannot be cleaned up, 3 blocks are still there", "alice has to sign in"),
        ("read-only", False, "bad", "paused; the calendar takes no changes", "alice has to be allowed to write there"),
        ("gone", False, "bad", "paused; the calendar is not there any more", "gateway mirror remove alice 1"),
        ("refused", False, "note", "3 changes wait; the provider refused a block; it is tried again; too many", ""),
        ("failing", True, "note", "cannot be cleaned up, 3 blocks are still there; the provider cannot", ""),
        ("", False, "ok", "1, nothing in their way", ""),
    ],
)
def test_the_doctor_says_what_is_in_the_way_of_mirrors(db, tmp_path, problem, ending, verdict, said, todo):
    def paused(conn):
        user = add_person(conn, "alice", "alice@example.com", zone="UTC", now=1)
        account = accounts.add(conn, user, "outlook", "Client", {}, None, 1)
        target = accounts.add_calendar(conn, user, account, RemoteCalendar("main", "Calendar"))
        [source, _] = accounts.calendars(conn, user)
        made = mirrors.add(conn, user, target, [source.id], mark="m", days=9, summary="", now=1)
        mirrors.change(conn, made, problem=problem, ending=ending, left=3, error="too many" if problem else "")

    db.write_now(paused)
    [found] = db.read_now(about_mirrors, Settings())
    assert (found.about, found.verdict) == ("alice's mirror 1 into Calendar" if problem else "mirrors", verdict)
    assert said in found.text
    assert found.todo.startswith(todo)
    assert bool(found.todo) == bool(todo)


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (["add", "alice", "--from", "x", "--to", "1"], 2, "commas"),
        (["add", "alice", "--from", "1", "--to", "1"], 1, "cannot be a mirror of itself"),
        (
            ["add", "alice", "--from", "1", "--to", "99"],
            1,
            "there is no calendar 99 of theirs; 'gateway calendar list alice'",
        ),
        (["add", "nobody", "--from", "1", "--to", "2"], 1, "nobody"),
        (["remove", "alice", "99"], 1, "there is no mirror 99 of theirs"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(here, given, status, said):
    done = here("mirror", *given)
    assert done.status == status
    assert said in done.err
