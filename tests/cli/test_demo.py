"""gateway demo: starts by itself, says what to do with it, ends when told, keeps its state."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.cli.run import PATIENCE, run, started
from tests.fakes.objects import event
from tests.fakes.radicale import free_port

LAST = "gateway --config"
MERGED = "/dav/calendars/alice/merged/"


@contextmanager
def demo(data: Path) -> Iterator[tuple["subprocess.Popen[str]", str, str]]:
    """Process, base URL, what it printed."""
    port = free_port()
    with started(data.parent, "demo", "--port", str(port), "--data", str(data), until=LAST) as (process, said):
        yield process, f"http://127.0.0.1:{port}", said


def ask(base: str, method: str, path: str, text: str | None = None) -> requests.Response:
    content = None if text is None else text.encode()
    headers = {"Content-Type": "text/calendar"}
    return requests.request(
        method, base + path, data=content, auth=("alice", "demo"), headers=headers, timeout=PATIENCE
    )  # fmt: skip


TEXT = event("kept@client.example", "Kept by a client", "20301204T090000Z")


def use(base: str) -> None:
    assert ask(base, "PUT", MERGED + "kept.ics", TEXT).status_code == 201
    added = {"do": "add", "summary": "Kept at Outlook", "start": "2030-12-05T09:00"}
    assert requests.post(f"{base}/demo/microsoft", json=added, timeout=PATIENCE).status_code == 200


def check_all_is_there(base: str, kept: Path) -> None:
    """Here and at the simulated providers, and both still understand each other."""
    assert "Kept by a client" in ask(base, "GET", MERGED + "kept.ics").text
    providers = requests.get(f"{base}/demo", timeout=PATIENCE).text
    assert "Kept by a client" in providers
    assert "Kept at Outlook" in providers
    pulled = run(kept.parent, "--config", str(kept / "gateway.toml"), "sync", "alice")
    assert (pulled.status, pulled.err) == (0, "")
    changed = TEXT.replace("Kept by a client", "Changed later")
    assert ask(base, "PUT", MERGED + "kept.ics", changed).status_code == 204
    assert "Changed later" in requests.get(f"{base}/demo", timeout=PATIENCE).text


def test_it_says_where_everything_is_ends_with_ctrl_c_and_goes_on_the_next_time(tmp_path):
    kept = tmp_path / "kept"
    with demo(kept) as (process, base, said):
        for wanted in ("alice, bob, carol", "password: demo", f"{base}{MERGED}", f"{base}/alice", f"{base}/demo/mail"):
            assert wanted in said
        assert "Thunderbird" in said
        assert "Traceback" not in said
        assert f"{LAST} {kept / 'gateway.toml'} freebusy" in said
        pages = ("/alice", "/alice/check-in", "/demo", "/demo/mail", "/demo/mail.json", "/freebusy/bob.ifb", "/healthz")
        status = {path: requests.get(base + path, timeout=PATIENCE).status_code for path in pages}
        assert status == dict.fromkeys(pages, 200)
        use(base)

        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=PATIENCE)[0]

        assert process.returncode == 0
        assert "Traceback" not in rest
        assert "Ending the demo" in rest

    with demo(kept) as (_, base, said):
        assert "Traceback" not in said
        check_all_is_there(base, kept)


def test_when_it_was_killed_it_goes_on_as_well(tmp_path):
    """The first time while it was still setting itself up: then it begins anew."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "demo.json").write_text('{"monday": ""}', encoding="utf-8")
    (kept / "gateway.sqlite").write_bytes(b"half of it")

    with demo(kept) as (process, base, _):
        use(base)
        process.kill()
        process.wait(PATIENCE)
    with demo(kept) as (_, base, _):
        check_all_is_there(base, kept)


def test_a_folder_with_somebody_elses_database_is_left_alone(tmp_path):
    (tmp_path / "gateway.sqlite").write_bytes(b"precious")

    done = run(tmp_path, "demo", "--port", str(free_port()), "--data", str(tmp_path))

    assert (done.status, done.out, done.lines) == (1, "", 1)
    assert "empty folder" in done.err
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"gateway.sqlite": b"precious"}


def test_a_port_that_is_taken_is_said_at_once(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path, "demo", "--port", str(port), "--data", str(tmp_path / "new"))

    assert (done.status, done.out, done.lines) == (1, "", 1)
    assert done.err.startswith(f"gateway: port {port} is taken")
    assert list(tmp_path.iterdir()) == []
