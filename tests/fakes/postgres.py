"""A real PostgreSQL for tests: a cluster of its own in a folder of its own, reached by a socket in there."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import psycopg

from gateway.store.migrate import migrate

MISSING: Final = "needs PostgreSQL: apt-get install postgresql"
DEBIAN: Final = Path("/usr/lib/postgresql")
OWNER: Final = "gateway"
MIGRATED: Final = "migrated"
# Nothing here has to outlive a power failure; and whoever waits for each other is to be told soon.
SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "deadlock_timeout": "50ms",
}
# All rows are deleted without a look at who refers to them, and ids begin at 1 again.
EMPTY: Final = """DO $$ DECLARE one record; BEGIN
    SET session_replication_role = replica;
    FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %I', one.name); END LOOP;
    FOR one IN SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP EXECUTE format('ALTER SEQUENCE %I RESTART', one.name); END LOOP;
END $$"""


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; Debian does not have them on the PATH."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    versions = [one for one in DEBIAN.glob("*/bin") if (one / "initdb").exists()]
    return max(versions, key=lambda one: int(one.parent.name), default=None)


def runner() -> dict[str, Any] | None:
    """Who runs it, as subprocess wants it: we do; not so root, which PostgreSQL refuses. None: there is nobody."""
    if os.geteuid() != 0:
        return {}
    try:
        one = pwd.getpwnam("postgres")
    except KeyError:
        return None
    return {"user": one.pw_uid, "group": one.pw_gid, "extra_groups": []}


@dataclass(frozen=True)
class Cluster:
    """free: names of databases up to date with nothing in them."""

    folder: Path
    names: Iterator[int] = field(default_factory=count)
    free: list[str] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"postgresql://{OWNER}@/{name}?host={self.folder}"

    @contextmanager
    def blank(self, encoding: str = "UTF8") -> Iterator[str]:
        """URL of a database without a table."""
        name = self._create("template0", encoding)
        try:
            yield self.url(name)
        finally:
            self._do("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def database(self) -> Iterator[str]:
        """URL of one that is up to date with nothing in it, and nobody else's until it is given back.

        It is emptied then, which takes a tenth of the time of dropping it and making another.
        """
        name = self.free.pop() if self.free else self._create(MIGRATED)
        try:
            yield self.url(name)
        finally:
            self._do(name, EMPTY)
            self.free.append(name)

    def begin(self) -> None:
        """Makes what the others are copied from; that takes less time than migrating each."""
        self._do("postgres", f"CREATE DATABASE {MIGRATED} TEMPLATE template0")
        migrate(self.url(MIGRATED))

    def _create(self, template: str, encoding: str = "UTF8") -> str:
        name = f"test{next(self.names)}"
        how = f"TEMPLATE {template} STRATEGY file_copy ENCODING '{encoding}' LOCALE 'C'"
        self._do("postgres", f"CREATE DATABASE {name} {how}")
        return name

    def _do(self, name: str, statement: str) -> None:
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_postgres(bin_: Path, as_: dict[str, Any]) -> Iterator[Cluster]:
    """The folder is not pytest's, which nobody but its owner enters; and the path of a socket has to be short."""
    folder = Path(tempfile.mkdtemp(prefix="gateway-pg-"))
    if as_:
        os.chown(folder, as_["user"], as_["group"])
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}

    def run(program: str, *given: str) -> None:
        # Not a pipe: the server would hold it open.
        with (folder / "said").open("ab") as said:
            subprocess.run([bin_ / program, "-D", folder / "data", *given], check=True, stdout=said, stderr=said,
                           cwd=folder, env=env, **as_)  # fmt: skip

    options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    try:
        run("initdb", "-A", "trust", "-U", OWNER, "-E", "UTF8", "--no-sync", "--no-instructions")
        run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} {options}")
        try:
            cluster = Cluster(folder)
            cluster.begin()
            yield cluster
        finally:
            run("pg_ctl", "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(folder)
