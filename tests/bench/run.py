"""Measures the gateway's CalDAV side by side with peers, on one machine, in one run.

    python tests/bench/run.py [--events 10000] [--peers radicale,xandikos] [--only query_month,...] [--out DIR]

Each server gets a fresh store holding the same events and is measured alone, one after the other. The gateway is
filled over HTTP through merged/; Radicale and Xandikos get the files laid into their stores, as filling them by PUT
takes time that grows with the calendar. Prints a table of server CPU milliseconds per operation (and wall, median).
Xandikos is measured if it is installed beside us: pip install xandikos.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
BENCH = HERE / "caldav_bench.py"
ROWS = {
    "fill": "fill (PUT, 8 clients)",
    "put_new_seq": "PUT new",
    "put_update_seq": "PUT update",
    "delete": "DELETE",
    "get_one": "GET one",
    "poll_ctag": "PROPFIND 0 ctag + sync-token",
    "propfind_etags": "PROPFIND 1 getetag, all",
    "sync_initial": "sync-collection, initial",
    "sync_nochange": "sync-collection, no change",
    "sync_delta_1": "sync-collection after 1 change",
    "sync_delta_100": "sync-collection after 100",
    "query_day": "calendar-query 1 day + data",
    "query_month": "calendar-query 1 month + data",
    "query_month_after_put": "same, right after a PUT",
    "query_month_expand": "calendar-query 1 month, expand",
    "freebusy_month": "free-busy-query 1 month",
    "multiget_100": "calendar-multiget 100",
    "multiget_1000": "calendar-multiget 1000",
}


@dataclass(frozen=True)
class Peer:
    """start(folder, port, corpus) -> (command, path of the collection, whether it already holds the corpus)."""

    name: str
    start: Callable[[Path, int, Path], tuple[list[str], str, bool]]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def gateway(folder: Path, port: int, _corpus: Path) -> tuple[list[str], str, bool]:
    config = folder / "gateway.toml"
    config.write_text(
        f'[server]\nlisten = "127.0.0.1:{port}"\nbase_url = "http://127.0.0.1:{port}"\n'
        f'[database]\nurl = "sqlite:///{folder}/gateway.sqlite"\n[secrets]\nkey_file = "{folder}/secret.key"\n'
    )
    command = [sys.executable, "-m", "gateway", "--config", str(config)]
    for arguments in (
        ["migrate"],
        ["user", "add", "alice", "--email", "alice@example.com", "--password-stdin"],
    ):
        subprocess.run([*command, *arguments], input=b"alicepw\n", check=True, stdout=subprocess.DEVNULL)
    return [*command, "serve"], "/dav/calendars/alice/merged/", False


def radicale(folder: Path, port: int, corpus: Path) -> tuple[list[str], str, bool]:
    users = folder / "users"
    users.write_text("alice:alicepw\n")
    collection = folder / "store" / "collection-root" / "alice" / "cal"
    shutil.copytree(corpus, collection)
    (collection / ".Radicale.props").write_text('{"tag": "VCALENDAR"}')
    options = {
        "--server-hosts": f"127.0.0.1:{port}",
        "--auth-type": "htpasswd",
        "--auth-htpasswd-filename": str(users),
        "--auth-htpasswd-encryption": "plain",
        "--auth-delay": "0",
        "--storage-filesystem-folder": str(folder / "store"),
        "--logging-level": "error",
    }
    return [sys.executable, "-m", "radicale", *(word for pair in options.items() for word in pair)], "/alice/cal/", True


def xandikos(folder: Path, port: int, corpus: Path) -> tuple[list[str], str, bool]:
    root = folder / "store"
    command = [sys.executable, "-m", "xandikos.web", "-d", str(root), "-l", "127.0.0.1", "-p", str(port)]
    command += ["--defaults", "--current-user-principal", "/alice"]
    with running(command, port):
        pass
    collection = root / "alice" / "calendars" / "calendar"
    for file in corpus.glob("*.ics"):
        shutil.copy(file, collection)
    git = ["git", "-C", str(collection), "-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "corpus"], check=True)
    return command, "/" + collection.relative_to(root).as_posix() + "/", True


PEERS = {peer.name: peer for peer in (Peer("radicale", radicale), Peer("xandikos", xandikos))}


@contextmanager
def running(command: list[str], port: int) -> Iterator[int]:
    """The process id, once it answers; ended afterwards."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port, process)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not answer")


def measure(peer: Peer, options: argparse.Namespace, corpus: Path, out: Path) -> dict[str, dict[str, object]]:
    port = free_port()
    result = out / f"{peer.name}-{options.events}.json"
    with tempfile.TemporaryDirectory() as name:
        command, path, filled = peer.start(Path(name), port, corpus)
        with running(command, port) as pid:
            words = [sys.executable, str(BENCH), "--url", f"http://127.0.0.1:{port}{path}", "--user", "alice"]
            words += [
                "--password",
                "alicepw",
                "--events",
                str(options.events),
                "--pid",
                str(pid),
                "--json",
                str(result),
            ]
            words += ["--label", peer.name, *(["--skip-fill"] if filled else [])]
            words += ["--only", options.only] if options.only else []
            subprocess.run(words, check=True)
    phases: dict[str, dict[str, object]] = json.loads(result.read_text())["phases"]
    return phases


def table(results: dict[str, dict[str, dict[str, object]]]) -> Iterator[str]:
    yield "| operation | " + " | ".join(results) + " |"
    yield "|---|" + "---|" * len(results)
    for key, title in ROWS.items():
        cells = [cell(phases.get(key)) for phases in results.values()]
        if any(cells):
            yield f"| {title} | " + " | ".join(cells) + " |"


def cell(phase: dict[str, object] | None) -> str:
    if phase is None:
        return ""
    right = "" if phase["status"] == "ok" else f" **{phase['status']}**"
    return f"{phase.get('cpu_ms_per_op', '?')} ({phase.get('median_ms', '?')}){right}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--peers", default="", help="radicale, xandikos; measured after the gateway")
    parser.add_argument("--only", default="", help="names of operations, comma-separated")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "gateway-bench")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    corpus = options.out / f"corpus-{options.events}"
    if not corpus.exists():
        words = [sys.executable, str(BENCH), "--url", "http://127.0.0.1/", "--events", str(options.events)]
        subprocess.run([*words, "--dump", str(corpus)], check=True, stdout=subprocess.DEVNULL)
    peers = [Peer("gateway", gateway), *(PEERS[name] for name in options.peers.split(",") if name)]
    results = {peer.name: measure(peer, options, corpus, options.out) for peer in peers}
    sys.stdout.write(
        "\n".join(
            [f"\nserver CPU ms per operation (wall ms, median), {options.events} events", "", *table(results), ""]
        )
    )


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
