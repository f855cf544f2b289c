"""Real calendar programs against the demo: `make clients`, or `python tests/clients/run.py [NAME …]`.

thunderbird needs Debian's packages thunderbird and fonts-dejavu-core, meeting dovecot-imapd besides; vdirsyncer its
package from PyPI; tsdav the npm package in tests/node or TSDAV_DIR; apple (an emulation) nothing. What is not installed
is said and left out.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
DOVECOT = tuple(f"{prefix}/dovecot/imap" for prefix in ("/usr/lib", "/usr/libexec", "/usr/local/libexec"))
TSDAV = Path(os.environ.get("TSDAV_DIR", HERE.parent / "node"))
CLIENTS: Mapping[str, tuple[Callable[[], bool], str]] = {
    "apple": (lambda: True, ""),
    "tsdav": (
        lambda: shutil.which("node") is not None and (TSDAV / "node_modules" / "tsdav").is_dir(),
        "npm ci --prefix tests/node, or set TSDAV_DIR to a folder with it",
    ),
    "vdirsyncer": (lambda: find_spec("vdirsyncer") is not None, "pip install vdirsyncer khal"),
    "thunderbird": (
        lambda: shutil.which("thunderbird") is not None,
        "apt-get install thunderbird fonts-dejavu-core",
    ),
    "meeting": (
        lambda: shutil.which("thunderbird") is not None and any(map(os.path.exists, DOVECOT)),
        "apt-get install thunderbird fonts-dejavu-core dovecot-imapd",
    ),
}
OWN_DEMO = {"meeting"}
"""What starts a demo of its own, as it has a mailbox besides."""
USERS = {"thunderbird": "carol"}
"""Alice unless named here. Carol's new events stay here, so it is the gateway that invites; Alice's go to Google."""
FIVE = ("alice", "bob", "carol", "emil", "frieda")
MORE = {"thunderbird": ("--colleagues", ",".join(f"{name}@example.com" for name in FIVE))}
PEER = ("--peer-mail", "bob@example.com", "--peer-user", "bob", "--peer-password", "demo")


def environment() -> dict[str, str]:
    return {**os.environ, "TSDAV_DIR": str(TSDAV)}


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_for(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the demo does not come up")


def add_colleagues(folder: str, base: str) -> None:
    """Two more, so that they are five; one in New York, one with nothing but a series of whole days."""
    command = [sys.executable, "-m", "gateway", "--config", f"{folder}/gateway.toml"]
    given = {
        "emil": ("America/New_York", ":20261006T130000Z", "PT1H"),
        "frieda": ("UTC", ";VALUE=DATE:20261007", "P1D"),
    }
    for name, (zone, start, length) in given.items():
        words = [*command, "user", "add", name, "--email", f"{name}@example.com", "--zone", zone, "--password-stdin"]
        subprocess.run(words, check=True, input=b"demo\n", stdout=subprocess.DEVNULL)
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//client checks//EN", "BEGIN:VEVENT", f"UID:{name}-series"]
        lines += ["DTSTAMP:20261001T000000Z", f"DTSTART{start}", f"DURATION:{length}", "RRULE:FREQ=WEEKLY"]
        body = "\r\n".join([*lines, "SUMMARY:Away", "END:VEVENT", "END:VCALENDAR", ""]).encode()
        asked = urllib.request.Request(f"{base}/dav/calendars/{name}/merged/series.ics", body, method="PUT")
        asked.add_header("Authorization", "Basic " + b64encode(f"{name}:demo".encode()).decode())
        asked.add_header("Content-Type", "text/calendar; charset=utf-8")
        urllib.request.urlopen(asked, timeout=30).close()
    team = [*command, "team", "add", "five", *FIVE, "--email", "five@example.com"]
    subprocess.run(team, check=True, stdout=subprocess.DEVNULL)


def run(names: list[str], base: str) -> list[str]:
    """Those that failed."""
    failed = []
    for name in names:
        installed, how = CLIENTS[name]
        if not installed():
            sys.stdout.write(f"{name}: left out, not installed: {how}\n")
            continue
        sys.stdout.write(f"\n{name}\n")
        sys.stdout.flush()
        words = [sys.executable, str(HERE / f"{name}_client.py")]
        if name not in OWN_DEMO:
            words += ["--base-url", base, "--user", USERS.get(name, "alice"), "--password", "demo"]
            words += [*(PEER if name != "vdirsyncer" else ()), *MORE.get(name, ())]
        if subprocess.run(words, check=False, env=environment()).returncode:
            failed.append(name)
    return failed


def main() -> int:
    names = sys.argv[1:] or list(CLIENTS)
    failed = run([name for name in names if name in OWN_DEMO], "")
    names = [name for name in names if name not in OWN_DEMO]
    if names:
        failed += beside_demo(names)
    sys.stdout.write(f"\nfailed: {', '.join(failed)}\n" if failed else "\nall of them passed\n")
    return 1 if failed else 0


def beside_demo(names: list[str]) -> list[str]:
    """One demo for all of them; those that failed."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "gateway", "demo", "--port", str(port), "--data", folder]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as demo:
            try:
                wait_for(f"http://127.0.0.1:{port}/healthz")
                if MORE.keys() & set(names):
                    add_colleagues(folder, f"http://127.0.0.1:{port}")
                return run(names, f"http://127.0.0.1:{port}")
            finally:
                demo.terminate()
                demo.wait(20)


if __name__ == "__main__":
    sys.exit(main())
