"""A disk that is full, or takes nothing: a refusal in time, and nothing lost. The errors are SQLite's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy import event as sqlalchemy_event

from gateway.app import Parts
from gateway.errors import BackendUnavailable
from gateway.store import jobs
from gateway.store.database import Connection, Database, engine
from gateway.store.migrate import migrate
from gateway.sync.horizon import EXTEND
from tests.whole import MERGED, NOW, Whole, event, running, settings

PAGE = "PRAGMA page_count"
"""The database grows by pages."""


class Disk:
    """Tells each new connection of the database what the disk is like."""

    def __init__(self) -> None:
        self.pragmas: list[str] = []
        self.connections: list[Any] = []

    def connected(self, connection: Any, _record: object) -> None:
        if self.pragmas:
            self.connections.append(connection)
        for pragma in self.pragmas:
            connection.execute(f"PRAGMA {pragma}").close()


@asynccontextmanager
async def on_disk(folder: Path, *pragmas: str, disk: Disk | None = None) -> AsyncIterator[Whole]:
    """The application over the database of the folder, whose disk is like that."""
    disk = disk or Disk()

    async def now(_parts: Parts) -> None:
        disk.pragmas.extend(pragmas)

    sqlalchemy_event.listen(Engine, "connect", disk.connected)
    try:
        async with running(settings(folder), fill=None, ready=now) as whole:
            yield whole
    finally:
        sqlalchemy_event.remove(Engine, "connect", disk.connected)


async def fill(folder: Path) -> str:
    async with running(settings(folder)) as whole:
        reply = await whole.put("kept.ics", event("kept"))
        assert reply.status == 201
        return reply.headers["etag"]


def pages(folder: Path) -> int:
    with engine(f"sqlite:///{folder}/gateway.sqlite", writes=False).connect() as connection:
        return int(connection.exec_driver_sql(PAGE).scalar_one())


async def nothing_is_lost(whole: Whole, etag: str, before: bytes) -> None:
    reply = await whole("GET", MERGED + "kept.ics")
    assert (reply.status, reply.text, reply.headers["etag"]) == (200, event("kept"), etag)
    assert await whole.state() == before


async def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    etag = await fill(tmp_path)
    long = event("long", "DESCRIPTION:" + "long " * 200_000)
    async with on_disk(tmp_path, f"max_page_count={pages(tmp_path) + 20}") as whole:
        before = await whole.state()
        for name, text in (("long.ics", long), ("kept.ics", event("kept", "DESCRIPTION:" + "long " * 200_000))):
            assert (await whole.put(name, text)).status == 507
        await nothing_is_lost(whole, etag, before)
        assert whole.faults == {}
        statuses = [
            (await whole.put(f"{n}.ics", event(f"{n}", "DESCRIPTION:" + "a" * 5_000))).status for n in range(40)
        ]
        assert set(statuses) == {201, 507}
        for number, status in enumerate(statuses):
            assert (await whole("GET", f"{MERGED}{number}.ics")).status == (200 if status == 201 else 404)
    async with running(settings(tmp_path), fill=None) as whole:  # there is room again
        assert (await whole.put("long.ics", long)).status == 201
        assert (await whole("GET", MERGED + "long.ics")).text == long


@pytest.mark.parametrize("method", ["PUT", "PUT over another", "DELETE", "PROPPATCH"])
async def test_a_disk_that_takes_nothing_is_said_and_loses_nothing(tmp_path: Path, method: str) -> None:
    etag = await fill(tmp_path)
    async with on_disk(tmp_path, "query_only=ON") as whole:
        before = await whole.state()
        if method == "DELETE":
            reply = await whole("DELETE", MERGED + "kept.ics")
        elif method == "PROPPATCH":
            inner = "<D:set><D:prop><D:x>1</D:x></D:prop></D:set>"
            reply = await whole("PROPPATCH", MERGED, f'<D:propertyupdate xmlns:D="DAV:">{inner}</D:propertyupdate>')
        else:
            name = "new" if method == "PUT" else "kept"
            reply = await whole.put(f"{name}.ics", event(name, "LOCATION:Here"))
        assert reply.status == 507
        await nothing_is_lost(whole, etag, before)
        assert whole.faults == {}


async def test_once_the_disk_takes_something_again_everything_goes_on_by_itself(tmp_path: Path) -> None:
    etag = await fill(tmp_path)

    def forget(conn: Connection) -> None:
        [planned] = jobs.take(conn, now=NOW * 2, lease=1, most=9, kinds=[EXTEND], running={}, each=9)
        jobs.finish(conn, planned)

    db = Database(f"sqlite:///{tmp_path}/gateway.sqlite")
    db.write_now(forget)
    db.close()
    disk = Disk()
    async with on_disk(tmp_path, "query_only=ON", disk=disk) as whole, asyncio.timeout(60):
        await nothing_is_lost(whole, etag, await whole.state())
        for connection in disk.connections:
            connection.execute("PRAGMA query_only=OFF").close()
        whole.parts.worker.wake()
        while await whole.parts.db.read(jobs.get, EXTEND, "") is None:  # noqa: ASYNC110 - the worker tells nobody
            await asyncio.sleep(0.02)
        assert (await whole.put("new.ics", event("new"))).status == 201


def test_what_sqlite_says_of_others_at_work_is_to_try_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gateway.sqlite"
    migrate(url)
    db, first, second = Database(url), engine(url, writes=True), engine(url, writes=True)

    def impatient(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=0").close()

    def locked(_conn: Connection) -> None:
        with second.begin():
            raise AssertionError("two wrote at once")

    sqlalchemy_event.listen(second, "connect", impatient)
    with first.begin(), pytest.raises(BackendUnavailable):
        db.read_now(locked)
    for opened in (db, first, second):
        opened.close() if isinstance(opened, Database) else opened.dispose()


def test_what_is_committed_is_on_the_disk(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gateway.sqlite"
    migrate(url)
    opened = engine(url, writes=True)
    with opened.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() > 0
    opened.dispose()
