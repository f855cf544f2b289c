"""A real Dovecot for tests, on this machine, as whoever runs them: one folder, one password, any name."""

import grp
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from imaplib import IMAP4, IMAP4_SSL
from itertools import count
from pathlib import Path
from typing import Final

import trustme

DOVECOT: Final = shutil.which("dovecot") or "/usr/sbin/dovecot"
IMAP: Final = tuple(f"{prefix}/dovecot/imap" for prefix in ("/usr/lib", "/usr/libexec", "/usr/local/libexec"))
"""What dovecot-core alone does not bring."""
MISSING: Final = "needs Dovecot: apt-get install dovecot-imapd"
PASSWORD: Final = "the-mailbox-password"
OLD: Final = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
ssl_dh =
disable_plaintext_auth = yes
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
"""
NEW: Final = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols {{
  imap = yes
}}
ssl = required
ssl_server_cert_file = {folder}/cert.pem
ssl_server_key_file = {folder}/key.pem
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/home/%{{user}}
  }}
}}
"""
SERVICES: Final = """
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    {listen}
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def installed() -> bool:
    return Path(DOVECOT).exists() and any(Path(program).exists() for program in IMAP)


@dataclass(frozen=True)
class Dovecot:
    """port: of imaps on this machine. ca_file, trust: certificates for it."""

    port: int
    ca_file: Path
    trust: ssl.SSLContext
    names: Iterator[int]

    def fresh(self) -> str:
        """Name of a mailbox that nobody used yet."""
        return f"box{next(self.names)}"

    def url(self, name: str) -> str:
        return f"imaps://{name}:{PASSWORD}@127.0.0.1:{self.port}"

    def open(self, name: str) -> IMAP4:
        """As a mail program would: signed in, INBOX chosen."""
        client = IMAP4_SSL("127.0.0.1", self.port, ssl_context=self.trust)
        client.login(name, PASSWORD)
        client.select("INBOX")
        return client

    def drop(self, name: str, raw: bytes) -> None:
        """A mail arrives."""
        with self.open(name) as client:
            client.append("INBOX", None, None, raw)

    def flags(self, name: str, folder: str = "INBOX") -> list[set[str]]:
        """Of each mail in the folder, oldest first."""
        with self.open(name) as client:
            if client.select(f'"{folder}"', readonly=True)[1] == [b"0"]:
                return []
            _, found = client.fetch("1:*", "(FLAGS)")
            lines = [line.decode() for line in found if isinstance(line, bytes)]
        return [set(line.partition("FLAGS (")[2].partition(")")[0].split()) - {"\\Recent"} for line in lines]


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """Raises: RuntimeError with its log where it does not start."""
    with tempfile.TemporaryDirectory(prefix="dovecot-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("mail", "home"):
            (folder / part).mkdir()
            (folder / part).chmod(0o777)
        with _running(folder) as server:
            yield server


@contextmanager
def _running(folder: Path) -> Iterator[Dovecot]:
    port, trust = _free_port(), _certificates(folder)
    version = subprocess.run([DOVECOT, "--version"], capture_output=True, text=True, check=True).stdout
    old = version.startswith("2.3")
    who, owner = pwd.getpwuid(os.getuid()), pwd.getpwuid(os.getuid())
    names = {"user": who.pw_name, "login": who.pw_name, "group": grp.getgrgid(who.pw_gid).gr_name}
    if who.pw_uid == 0:  # Debian's package makes these two; nothing that talks to strangers may run as root
        names = {"user": "dovecot", "login": "dovenull", "group": "dovecot"}
        owner = pwd.getpwnam("nobody")
    fields = {"folder": folder, "password": PASSWORD, "uid": owner.pw_uid, "gid": owner.pw_gid, "port": port}
    text = (OLD if old else NEW) + SERVICES.replace("{listen}", f"{'address' if old else 'listen'} = 127.0.0.1")
    (folder / "dovecot.conf").write_text(text.format(**fields, **names), encoding="utf-8")
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(folder / "dovecot.conf")], stderr=subprocess.DEVNULL)
    try:
        _wait(process, port, folder)
        yield Dovecot(port, folder / "ca.pem", trust, count(1))
    finally:
        process.terminate()
        process.wait(timeout=20)


def _certificates(folder: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    (folder / "key.pem").write_bytes(issued.private_key_pem.bytes())
    (folder / "cert.pem").write_bytes(b"".join(one.bytes() for one in issued.cert_chain_pems))
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return trust


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    """Until it takes connections."""
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    log = folder / "log"
    said = log.read_text(encoding="utf-8") if log.exists() else ""
    raise RuntimeError(f"Dovecot does not start: {said}")
