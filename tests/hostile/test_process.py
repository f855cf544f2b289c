"""A real `gateway serve`: killed in the middle of writing, and told to stop in the middle of a request."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import pytest
from aiohttp import ClientError, ClientSession, encode_basic_auth

from gateway.store.database import Database
from gateway.store.migrate import migrate
from tests.whole import MERGED, event, people, secret_of

PATIENT = 120
SIGN_IN = encode_basic_auth("alice", secret_of("alice"))
SYNC = (
    '<D:sync-collection xmlns:D="DAV:"><D:sync-token>{}</D:sync-token><D:prop><D:getetag/></D:prop></D:sync-collection>'
)


@dataclass
class Server:
    process: Process
    base: str
    http: ClientSession

    async def put(self, name: str, text: str) -> int:
        async with self.http.put(
            f"{self.base}{MERGED}{name}", data=text, headers={"Content-Type": "text/calendar"}
        ) as answer:
            return answer.status

    async def delete(self, name: str) -> int:
        async with self.http.delete(f"{self.base}{MERGED}{name}") as answer:
            return answer.status

    async def get(self, name: str) -> str | None:
        async with self.http.get(f"{self.base}{MERGED}{name}") as answer:
            return await answer.text() if answer.status == 200 else None

    async def sync(self, token: str) -> tuple[str, dict[str, bool]]:
        """The next token, and whether each name that changed is there now."""
        async with self.http.request("REPORT", f"{self.base}{MERGED}", data=SYNC.format(token)) as answer:
            assert answer.status == 207
            root = ElementTree.fromstring(await answer.read())
        found = {}
        for response in root.findall("{DAV:}response"):
            name = (response.findtext("{DAV:}href") or "").removeprefix(MERGED)
            found[name] = "404" not in (response.findtext("{DAV:}status") or "")
        return root.findtext("{DAV:}sync-token") or "", found


@asynccontextmanager
async def serving(folder: Path, database: str = "") -> AsyncIterator[Server]:
    """As a process of its own, whose first line on standard error says where it listens. database: URL of another."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    env = {
        **kept,
        "GATEWAY_DATABASE__URL": database or f"sqlite:///{folder}/gateway.sqlite",
        "GATEWAY_SECRETS__KEY_FILE": f"{folder}/secret.key",
        "GATEWAY_SERVER__LISTEN": "127.0.0.1:0",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "serve", env=env, cwd=folder, stdout=PIPE, stderr=PIPE
    )
    assert process.stderr is not None
    try:
        while (
            found := re.search(rb"listening on (127\.0\.0\.1:\d+)", line := await process.stderr.readline())
        ) is None:
            assert line, "it ended before it listened"
        async with ClientSession(headers={"Authorization": SIGN_IN}) as http:
            yield Server(process, f"http://{found[1].decode()}", http)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    url = f"sqlite:///{tmp_path}/gateway.sqlite"
    migrate(url)
    db = Database(url)
    db.write_now(people)
    db.close()
    return tmp_path


@dataclass
class Told:
    """What was acknowledged. there: by name, None where it was deleted. unsure: what was under way at the end.

    tokens: with what was listed with them.
    """

    there: dict[str, str | None] = field(default_factory=dict)
    unsure: dict[str, str | None] = field(default_factory=dict)
    tokens: list[tuple[str, set[str]]] = field(default_factory=list)
    count: int = 0

    def names(self) -> set[str]:
        return {name for name, text in self.there.items() if text is not None}


async def write(server: Server, told: Told, writer: int, enough: asyncio.Event, most: int) -> None:
    """New objects, changed ones and deleted ones, until the server is no more."""
    number = len(told.there)
    try:
        while True:
            number += 1
            name = f"{writer}-{number}.ics"
            for text in (event(name), event(name, f"LOCATION:Room {number}"), None if number % 3 == 0 else event(name)):
                told.unsure[name] = text
                status = await (server.delete(name) if text is None else server.put(name, text))
                assert status in {201, 204}
                told.there[name] = text
                del told.unsure[name]
                told.count += 1
                if told.count >= most:
                    enough.set()
    except (ClientError, OSError):
        enough.set()


async def stream(server: Server, told: Told, most: int) -> None:
    """Four at once until `most` writes were acknowledged; then kill -9. A token is taken now and then."""
    enough = asyncio.Event()
    writers = [asyncio.create_task(write(server, told, writer, enough, most)) for writer in range(4)]
    while not enough.is_set():
        token, listed = await server.sync("")
        told.tokens.append((token, set(listed)))
        await asyncio.wait([asyncio.create_task(enough.wait())], timeout=0.05)
    server.process.send_signal(signal.SIGKILL)
    await asyncio.gather(*writers)


async def test_killed_while_writing_it_starts_again_with_all_it_acknowledged(folder: Path) -> None:
    told = Told()
    async with asyncio.timeout(PATIENT):
        for most in (60, 160):
            async with serving(folder) as server:
                await stream(server, told, most)
            async with serving(folder) as server:  # by itself, at once
                for name in {*told.there, *told.unsure}:
                    found = await server.get(name)
                    assert found in [told.there.get(name), *([told.unsure[name]] if name in told.unsure else [])], name
                    told.there[name] = found
                await check_tokens(server, told)
                assert await server.put(f"after-{most}.ics", event(f"after-{most}")) == 201
                told.there[f"after-{most}.ics"] = event(f"after-{most}")
                told.unsure.clear()


async def check_tokens(server: Server, told: Told) -> None:
    """From what there was with each token, the changes since lead to what there is now."""
    _, now = await server.sync("")
    assert set(now) == told.names()
    for token, before in told.tokens:
        _, changed = await server.sync(token)
        there = {name for name, is_there in changed.items() if is_there}
        assert (before | there) - (set(changed) - there) == set(now)


async def test_told_to_stop_it_finishes_what_was_begun(folder: Path) -> None:
    async with asyncio.timeout(PATIENT):
        async with serving(folder) as server:
            host, port = server.base.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            text = event("late").encode()
            head = [
                f"PUT {MERGED}late.ics HTTP/1.1",
                f"Host: {host}",
                "Content-Type: text/calendar",
                "Expect: 100-continue",
            ]
            head += [f"Content-Length: {len(text)}", f"Authorization: {SIGN_IN}", "", ""]
            writer.write("\r\n".join(head).encode())
            assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
            server.process.send_signal(signal.SIGTERM)
            await refused(host, int(port))
            writer.write(text)
            assert (await reader.read()).startswith(b"\r\nHTTP/1.1 201 Created\r\n")
            writer.close()
            assert await server.process.wait() == 0
        async with serving(folder) as server:
            assert await server.get("late.ics") == text.decode()


async def refused(host: str, port: int) -> None:
    """Returns once nothing listens there any more."""
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except ConnectionError:
            return
        writer.close()
        await asyncio.sleep(0.02)
