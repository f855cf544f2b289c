"""Sign-in by a proxy in front of us: believed from proxies we trust, and from nobody else."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import make_app, open_parts
from tests.whole import people, settings

ME = {"X-Remote-User": "alice"}
Made = Callable[..., Awaitable[TestClient]]


@pytest.fixture
async def client(empty: Path, tmp_path: Path) -> AsyncIterator[Made]:
    async with AsyncExitStack() as stack:

        async def make(*, trusted: list[str], type_: str = "http_x_remote_user") -> TestClient:
            chosen = settings(tmp_path, auth={"type": type_}, server={"trusted_proxies": trusted})
            shutil.copy(empty, tmp_path / "gateway.sqlite")
            parts = await stack.enter_async_context(open_parts(chosen))
            await parts.db.write(people)
            return await stack.enter_async_context(TestClient(TestServer(make_app(parts))))

        yield make


async def home(client: TestClient, headers: dict[str, str]) -> int:
    async with client.request("PROPFIND", "/dav/calendars/alice/", headers={"Depth": "0", **headers}) as answer:
        return answer.status


async def test_a_trusted_proxy_signs_people_in(client):
    made = await client(trusted=["127.0.0.1"])
    assert await home(made, ME) == 207
    async with made.get("/app/login", headers=ME, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"], "session" in answer.cookies) == (303, "/app", True)


@pytest.mark.parametrize(
    ("trusted", "type_", "name"),
    [
        pytest.param([], "http_x_remote_user", "alice", id="no proxy is trusted"),
        pytest.param(["192.0.2.1"], "http_x_remote_user", "alice", id="another one is"),
        pytest.param(["127.0.0.1"], "internal", "alice", id="sign-in is not by proxy"),
        pytest.param(["127.0.0.1"], "http_x_remote_user", "nobody", id="nobody of that name"),
        pytest.param(["127.0.0.1"], "http_x_remote_user", "sales", id="a team"),
        pytest.param(["127.0.0.1"], "http_x_remote_user", "", id="an empty header"),
    ],
)
async def test_otherwise_the_header_says_nothing(client, trusted, type_, name):
    made = await client(trusted=trusted, type_=type_)
    assert await home(made, {"X-Remote-User": name}) == 401
    async with made.get("/app/login", headers={"X-Remote-User": name}, allow_redirects=False) as answer:
        assert (answer.status, "session" in answer.cookies) == (200, False)
