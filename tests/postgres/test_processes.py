"""Processes of their own, as they are run for real."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

from gateway.accounts.sealed import load_or_create
from gateway.store.database import Database
from gateway.store.migrate import is_current
from tests.fakes.postgres import Cluster
from tests.hostile.test_process import serving
from tests.whole import event, people


async def test_two_processes_take_forty_changes_of_one_object_one_after_the_other(url: str, tmp_path: Path) -> None:
    db = Database(url)
    db.write_now(people)
    db.close()
    load_or_create(tmp_path / "secret.key")
    async with AsyncExitStack() as stack:
        opening = (stack.enter_async_context(serving(tmp_path, url)) for _ in range(2))
        first, second = [await one for one in opening]
        puts = [(first, second)[number % 2].put("a.ics", event("a", f"LOCATION:{number}")) for number in range(40)]
        assert Counter(await asyncio.gather(*puts)) == {201: 1, 204: 39}
        token, found = await first.sync("")
        assert found == {"a.ics": True}
        assert (await second.sync(token))[1] == {}
        assert await first.get("a.ics") == await second.get("a.ics") is not None
        assert await second.delete("a.ics") == 204
        assert (await first.sync(token))[1] == {"a.ics": False}


async def test_two_that_migrate_at_once_do_it_once(postgres: Cluster, tmp_path: Path) -> None:
    with postgres.blank() as url:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        given = {"GATEWAY_DATABASE__URL": url, "GATEWAY_SECRETS__KEY_FILE": f"{tmp_path}/secret.key"}
        env = {**kept, **given, "PYTHONPATH": str(Path(__file__).parents[2])}
        load_or_create(tmp_path / "secret.key")
        command = (sys.executable, "-m", "gateway", "migrate")
        both = [
            await asyncio.create_subprocess_exec(*command, env=env, cwd=tmp_path, stdout=PIPE, stderr=PIPE)
            for _ in range(2)
        ]
        said = await asyncio.gather(*(one.communicate() for one in both))
        assert [one.returncode for one in both] == [0, 0], said
        assert is_current(url)
