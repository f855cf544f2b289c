"""Guessing passwords: slow after a few, the same for names that nobody has, and no way to lock somebody out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.whole import MERGED, PASSWORD, Reply, Whole, running, settings

ELSEWHERE = "203.0.113.9"


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    """Behind a proxy, so that addresses can be told apart."""
    async with running(settings(tmp_path, server={"trusted_proxies": ["127.0.0.1"]})) as found:
        yield found


async def guess(whole: Whole, name: str, password: str, address: str = "198.51.100.1") -> Reply:
    return await whole("PROPFIND", MERGED, user=name, password=password, Depth="0", X_Forwarded_For=address)


def told(reply: Reply) -> tuple[int, bytes, dict[str, str]]:
    return reply.status, reply.body, {name: value for name, value in reply.headers.items() if name != "date"}


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answers(whole: Whole) -> None:
    known = [told(await guess(whole, "alice", f"guess {n}", "198.51.100.1")) for n in range(9)]
    waited = list(whole.slept.seconds)
    whole.slept.seconds.clear()
    unknown = [told(await guess(whole, "zoe", f"guess {n}", "198.51.100.2")) for n in range(9)]
    assert known == unknown
    assert [one[0] for one in known] == [401] * 5 + [429] * 4
    assert all(int(headers["retry-after"]) > 0 for status, _, headers in known if status == 429)
    assert whole.slept.seconds == waited


async def test_the_wait_grows_with_each_guess(whole: Whole) -> None:
    waits = []
    for number in range(10):
        reply = await guess(whole, "alice", f"guess {number}")
        if reply.status == 401:
            reply = await guess(whole, "alice", f"guess {number}")
        if reply.status == 429:
            waits.append(int(reply.headers["retry-after"]))
            whole.clock.now += waits[-1] + 1
    assert waits == sorted(waits)
    assert waits[-1] > 4 * waits[0]


async def test_the_right_password_from_another_address_is_not_held_up(whole: Whole) -> None:
    for number in range(30):
        await guess(whole, "alice", f"guess {number}")
    assert (await guess(whole, "alice", PASSWORD)).status == 429  # at the guesser's address not even the right one
    whole.slept.seconds.clear()
    assert (await guess(whole, "alice", PASSWORD, ELSEWHERE)).status == 207
    assert whole.slept.seconds == []


async def test_a_new_address_of_the_same_network_is_no_new_start(whole: Whole) -> None:
    statuses = [(await guess(whole, "alice", f"guess {n}", f"2001:db8::{n + 1:x}")).status for n in range(9)]
    assert statuses == [401] * 5 + [429] * 4


async def test_one_address_cannot_try_everybody(whole: Whole) -> None:
    statuses = [(await guess(whole, f"person{n}", "spring2026")).status for n in range(40)]
    assert statuses[-1] == 429


async def test_who_guesses_from_everywhere_is_answered_late(whole: Whole) -> None:
    for number in range(40):
        assert (await guess(whole, "alice", f"guess {number}", f"198.51.100.{number}")).status == 401
    assert whole.slept.seconds[-1] >= 5.0
    assert (await guess(whole, "alice", PASSWORD, ELSEWHERE)).status == 207


async def test_the_log_in_page_counts_with_the_rest(whole: Whole) -> None:
    """By web form, by CalDAV: one count, or the weaker of the two would be guessed at."""
    for number in range(5):
        assert (await whole.sign_in("alice", f"guess {number}"))[0].status == 401
    assert (await whole.sign_in("alice"))[0].status == 429
    assert (await guess(whole, "alice", PASSWORD, "127.0.0.1")).status == 429


async def test_addresses_are_not_believed_from_just_anybody(tmp_path: Path) -> None:
    async with running(settings(tmp_path)) as whole:
        statuses = [(await guess(whole, "alice", f"guess {n}", f"198.51.100.{n}")).status for n in range(9)]
        assert statuses == [401] * 5 + [429] * 4
        reply = await whole("PROPFIND", MERGED, user=None, Depth="0", X_Remote_User="alice")
        assert reply.status == 401


async def test_a_forwarded_address_that_the_client_made_up_does_not_count(whole: Whole) -> None:
    statuses = [(await guess(whole, "alice", f"guess {n}", f"192.0.2.{n}, 198.51.100.1")).status for n in range(9)]
    assert statuses == [401] * 5 + [429] * 4
