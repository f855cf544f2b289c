"""How connections are treated: framing, slow clients, crowds, and the end."""

import asyncio
import base64
import io
import logging
import os
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.http_exceptions import BadHttpMessage

from gateway.guard import Patience
from gateway.listen import set_up_logging
from tests.whole import MERGED, Whole, event, running, secret_of, settings

PATIENT = 60
LONG = 3_600.0
BASIC = "Authorization: Basic " + base64.b64encode(f"alice:{secret_of('alice')}".encode()).decode()


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    async with running(settings(tmp_path)) as found:
        yield found


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def until_closed(reader: StreamReader) -> bytes:
    """What the server says until it closes, politely or not."""
    said = b""
    try:
        while more := await reader.read(65_536):
            said += more
    except ConnectionResetError:
        pass
    return said


async def answer(port: int, request: bytes) -> bytes:
    """All the server says until it closes, or until the end of its first answer to a whole request."""
    async with asyncio.timeout(PATIENT), connected(port) as (reader, writer):
        writer.write(request)
        return await reader.read()


def put(*lines: str, body: str = "") -> bytes:
    head = [f"PUT {MERGED}one.ics HTTP/1.1", "Host: localhost", BASIC, "Content-Type: text/calendar", *lines]
    return ("\r\n".join([*head, "", ""]) + body).encode()


TEXT = event("one")
LENGTH = len(TEXT)
CHUNKED = f"{LENGTH:x}\r\n{TEXT}\r\n0\r\n\r\n"
BAD = {
    "length and chunks": put(f"Content-Length: {LENGTH}", "Transfer-Encoding: chunked", body=CHUNKED),
    "chunks and length": put("Transfer-Encoding: chunked", f"Content-Length: {LENGTH}", body=CHUNKED),
    "two lengths": put(f"Content-Length: {LENGTH}", "Content-Length: 5", body=TEXT),
    "two lengths alike": put(f"Content-Length: {LENGTH}", f"Content-Length: {LENGTH}", body=TEXT),
    "a list of lengths": put(f"Content-Length: {LENGTH}, {LENGTH}", body=TEXT),
    "plus": put(f"Content-Length: +{LENGTH}", body=TEXT),
    "minus": put(f"Content-Length: -{LENGTH}", body=TEXT),
    "hexadecimal": put(f"Content-Length: {LENGTH:#x}", body=TEXT),
    "underscore": put("Content-Length: 2_0", body=TEXT),
    "no number": put("Content-Length: ", body=TEXT),
    "other digits": put("Content-Length: ٢٠", body=TEXT),
    "more than fits": put("Content-Length: 99999999999999999999999", body=TEXT),
    "blank before the colon": put(f"Content-Length : {LENGTH}", body=TEXT),
    "tab before the colon": put(f"Content-Length\t: {LENGTH}", body=TEXT),
    "folded header": put(f"X-A: b\r\n Content-Length: {LENGTH}", body=TEXT),
    "line feeds within a header": put(f"X-A: b\nContent-Length: {LENGTH}", body=TEXT),
    "carriage return within a header": put(f"X-A: b\rContent-Length: {LENGTH}", body=TEXT),
    "NUL in a header": put("X-A: \0", f"Content-Length: {LENGTH}", body=TEXT),
    "blank in a name": put("X A: b", f"Content-Length: {LENGTH}", body=TEXT),
    "no name": put(": b", f"Content-Length: {LENGTH}", body=TEXT),
    "chunks not last": put("Transfer-Encoding: chunked, identity", body=CHUNKED),
    "unknown coding": put("Transfer-Encoding: xchunked", body=CHUNKED),
    "signed chunk": put("Transfer-Encoding: chunked", body="+" + CHUNKED),
    "chunk that is no number": put("Transfer-Encoding: chunked", body="zz" + CHUNKED),
    "huge chunk": put("Transfer-Encoding: chunked", body="f" * 40 + "\r\n" + TEXT),
    "chunk without its line end": put("Transfer-Encoding: chunked", body=f"{LENGTH:x}\r\n{TEXT}0\r\n\r\n"),
    "huge header": put("X-A: " + "a" * 100_000, f"Content-Length: {LENGTH}", body=TEXT),
    "many headers": put(*[f"X-{n}: a" for n in range(5_000)], f"Content-Length: {LENGTH}", body=TEXT),
    "huge target": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n",
    "a method nobody knows": b"HOCUS / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("request_", [pytest.param(one, id=name) for name, one in BAD.items()])
async def test_what_is_framed_in_two_ways_is_refused(whole: Whole, request_: bytes) -> None:
    before = await whole.state()
    said = await answer(whole.port, request_)
    status = said.split(b"\r\n", 1)[0]
    assert status.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), said
    assert said.count(b"\r\nServer: ") == 1  # what came after is no second request
    assert b"Traceback" not in said
    assert await whole.state() == before
    assert whole.faults == {}


async def test_a_packed_body_is_refused(whole: Whole) -> None:
    for coding in ("gzip", "deflate", "br", "x-nothing"):
        reply = await whole.put("one.ics", b"\x1f\x8b", Content_Encoding=coding)
        assert reply.status == 415
    assert (await whole.put("one.ics", event("one"), Content_Encoding="identity")).status == 201


def impatient(**limits: float) -> Patience:
    """No limit but the ones named."""
    return Patience(**{"head": LONG, "body": LONG, "idle": LONG, "stall": LONG, "every": 0.02, **limits})  # type: ignore[arg-type]


HALF = {
    "nothing": (b"", "head"),
    "half a header": (b"GET / HTTP/1.1\r\nHost: loc", "head"),
    "half a header, later": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HT", "idle"),
    "half a body": (put(f"Content-Length: {LENGTH}", body=TEXT[:50]), "body"),
    "half the chunks": (put("Transfer-Encoding: chunked", body=CHUNKED[:50]), "body"),
    "nothing more": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "idle"),
}


@pytest.mark.parametrize(("sent", "limit"), [pytest.param(*one, id=name) for name, one in HALF.items()])
async def test_who_does_not_go_on_is_dropped(tmp_path: Path, sent: bytes, limit: str) -> None:
    async with running(settings(tmp_path), patience=impatient(**{limit: 0.1})) as whole:
        before = await whole.state()
        async with asyncio.timeout(PATIENT), connected(whole.port) as (reader, writer):
            writer.write(sent)
            said = await until_closed(reader)
        assert said.count(b"HTTP/1.1 200 OK") == sent.count(b"/healthz HTTP/1.1")
        assert await whole.state() == before
        assert whole.faults == {}


async def test_who_drips_is_dropped_too(tmp_path: Path) -> None:
    async with (
        running(settings(tmp_path), patience=impatient(head=0.2)) as whole,
        asyncio.timeout(PATIENT),
        connected(whole.port) as (reader, writer),
    ):
        writer.write(b"GET / HTTP/1.1\r\n")
        read = asyncio.create_task(reader.read())
        while not read.done():
            writer.write(b"X-A: b\r\n")
            await asyncio.wait([read], timeout=0.01)
        assert isinstance(read.exception(), ConnectionResetError) or read.result() == b""


async def nobody_left(whole: Whole) -> None:
    while whole.connections:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.02)


async def test_who_takes_nothing_of_a_long_answer_is_dropped(tmp_path: Path) -> None:
    async with running(settings(tmp_path), patience=impatient(stall=0.1)) as whole:
        long = event("long", "DESCRIPTION:" + "long " * 600_000)
        assert (await whole.put("long.ics", long)).status == 201
        async with asyncio.timeout(PATIENT):
            _, writer = await asyncio.open_connection("127.0.0.1", whole.port, limit=1_000)
            get = f"GET {MERGED}long.ics HTTP/1.1\r\nHost: localhost\r\n{BASIC}\r\n\r\n".encode()
            writer.write(get * 20)
            await writer.drain()
            await whole.http.close()
            await nobody_left(whole)
            writer.close()


async def test_two_hundred_who_idle_or_drip_hold_nobody_up(whole: Whole) -> None:
    openings = [b"", b"GET / HT", put(f"Content-Length: {LENGTH}", body=TEXT[:40])]
    slow = [await asyncio.open_connection("127.0.0.1", whole.port) for _ in range(210)]
    for number, (_, writer) in enumerate(slow):
        writer.write(openings[number % 3])
    async with asyncio.timeout(PATIENT):
        for _ in range(5):
            assert (await whole("GET", "/healthz", user=None)).status == 200
            assert (await whole("PROPFIND", MERGED, Depth="0")).status == 207
        assert (await whole.put("two.ics", event("two"))).status == 201
    for _, writer in slow:
        writer.close()


async def test_of_too_many_the_one_idle_longest_makes_room(tmp_path: Path) -> None:
    async with running(settings(tmp_path), patience=impatient(per_address=10)) as whole, asyncio.timeout(PATIENT):
        first = await asyncio.open_connection("127.0.0.1", whole.port)
        others = [await asyncio.open_connection("127.0.0.1", whole.port) for _ in range(9)]
        assert (await whole("GET", "/healthz", user=None)).status == 200  # the eleventh
        assert await until_closed(first[0]) == b""
        for reader, writer in others:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
        for _, writer in [first, *others]:
            writer.close()


async def test_of_too_many_that_are_all_in_use_the_new_one_is_refused(tmp_path: Path) -> None:
    async with running(settings(tmp_path), patience=impatient(per_address=10)) as whole, asyncio.timeout(PATIENT):
        await whole.http.close()
        using = [await asyncio.open_connection("127.0.0.1", whole.port) for _ in range(10)]
        for _, writer in using:
            writer.write(put(f"Content-Length: {LENGTH}", "Expect: 100-continue"))
        for reader, _ in using:  # each is being listened to now
            assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        late = await asyncio.open_connection("127.0.0.1", whole.port)
        assert await until_closed(late[0]) == b""
        for _, writer in [late, *using]:
            writer.close()


async def test_proxies_that_are_trusted_have_as_many_as_they_want(tmp_path: Path) -> None:
    ours = settings(tmp_path, server={"trusted_proxies": ["127.0.0.0/8"]})
    async with running(ours, patience=impatient(per_address=10)) as whole, asyncio.timeout(PATIENT):
        many = [await asyncio.open_connection("127.0.0.1", whole.port) for _ in range(30)]
        for reader, writer in many:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
        for _, writer in many:
            writer.close()


def test_without_the_c_parser_nothing_listens(tmp_path: Path) -> None:
    env = {
        **os.environ,
        "AIOHTTP_NO_EXTENSIONS": "1",
        "GATEWAY_DATABASE__URL": f"sqlite:///{tmp_path}/gateway.sqlite",
        "GATEWAY_SECRETS__KEY_FILE": str(tmp_path / "secret.key"),
        "GATEWAY_SERVER__LISTEN": "127.0.0.1:0",
    }
    done = subprocess.run(  # noqa: PLW1510 - it is meant to fail
        [sys.executable, "-m", "gateway", "serve"], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    assert "C parser" in done.stderr
    assert "Traceback" not in done.stderr


def test_requests_that_are_no_http_do_not_fill_the_log() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    log = logging.getLogger("aiohttp.server")
    set_up_logging(quiet=True)
    log.addHandler(handler)
    try:
        for error in (BadHttpMessage("Authorization: Basic abc"), RuntimeError("ours")):
            log.error("Error handling request", exc_info=error)
    finally:
        log.removeHandler(handler)
    assert written.getvalue() == "Error handling request\nRuntimeError: ours\n"
