"""GET: a calendar as one file, a collection as a page for people, and parts of what is sent."""

import re

import pytest

from gateway.dav.listing import language, wants_page, weighed
from tests.dav.conftest import MERGED, Client, event
from tests.dav.test_separate import WORK, put, shown

__all__ = ["shown"]

HOME = "/dav/calendars/alice/"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def links(text: str) -> list[str]:
    return re.findall(r'<a href="([^"]*)"', text)


async def test_a_browser_finds_its_way_from_the_root_to_an_event(shown, ask: Client):
    await put(ask, f"{WORK}a%20b.ics", event("a", summary="<b>Plan & more</b>"))
    root = await ask("GET", "/dav/", Accept=BROWSER)
    assert (root.status, root.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert HOME in links(root.text)
    home = await ask("GET", HOME, Accept=BROWSER)
    assert {MERGED, WORK, f"{HOME}inbox/", f"{HOME}outbox/"} <= set(links(home.text))
    work = await ask("GET", WORK, Accept=BROWSER)
    assert f"{WORK}a%20b.ics" in links(work.text)
    assert f"{WORK}?export" in links(work.text)
    assert "&lt;b&gt;Plan &amp; more&lt;/b&gt;" in work.text
    assert "Nov 24, 2026" in work.text


async def test_pages_are_in_german_for_those_who_read_it(shown, ask: Client):
    german = await ask("GET", HOME, Accept=BROWSER, Accept_Language="de-AT,en;q=0.5")
    assert german.headers["content-language"] == "de"
    assert '<html lang="de">' in german.text
    assert "Kalender von Alice Example" in german.text
    assert "Nur lesbar" in german.text


async def test_no_page_runs_or_loads_anything(ask: Client):
    page = await ask("GET", HOME)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in page.text
    assert "prefers-color-scheme:dark" in page.text


@pytest.mark.parametrize(
    "path", ["/dav/principals/", "/dav/principals/alice/", "/dav/principals/sales/", "/dav/calendars/"]
)
async def test_people_and_homes_have_pages(ask: Client, path: str):
    assert (await ask("GET", path, Accept=BROWSER)).status == 200


async def test_a_page_shows_whom_one_may_know_and_nobody_else(ask: Client):
    people = (await ask("GET", "/dav/principals/")).text
    assert "Bob Example" in people
    assert "Dave Example" not in people
    assert (await ask("GET", "/dav/principals/dave/")).status == 404
    assert (await ask("GET", "/dav/calendars/bob/")).status == 403
    assert HOME not in links((await ask("GET", "/dav/principals/alice/", user="bob")).text)


async def test_a_page_that_is_known_is_not_sent_again(ask: Client):
    first = await ask("GET", HOME)
    again = await ask("GET", HOME, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    head = await ask("HEAD", HOME)
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", first.headers["etag"])


@pytest.mark.parametrize("accept", ["", "*/*", "text/calendar", "text/calendar, text/html;q=0.5"])
async def test_a_program_gets_the_calendar_itself(shown, ask: Client, accept: str):
    await put(ask, f"{WORK}a.ics", event("a"))
    got = await ask("GET", WORK, **({"Accept": accept} if accept else {}))
    assert got.headers["content-type"] == "text/calendar; charset=utf-8"
    assert got.text.count("BEGIN:VEVENT") == 1
    assert "X-WR-CALNAME:Work" in got.text
    assert (await ask("GET", f"{WORK}?export", Accept=BROWSER)).body == got.body
    assert (await ask("GET", WORK, If_None_Match=got.headers["etag"])).status == 304


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=5-99999999", 206, slice(5, None)),
        ("bytes=99999-", 416, slice(0, 0)),
        ("bytes=0-1,5-6", 200, slice(None)),
        ("bytes=9-1", 200, slice(None)),
        ("pages=1-2", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
    ],
)
async def test_a_part_of_an_object(ask: Client, asked: str, status: int, part: slice):
    whole = event("a").encode()
    await ask.put("a.ics", event("a"))
    got = await ask("GET", f"{MERGED}a.ics", Range=asked)
    assert (got.status, got.body) == (status, whole[part])
    assert got.headers["accept-ranges"] == "bytes"
    if status == 416:
        assert got.headers["content-range"] == f"bytes */{len(whole)}"


async def test_a_part_is_of_the_version_one_knows(ask: Client):
    etag = (await ask.put("a.ics", event("a"))).headers["etag"]
    assert (await ask("GET", f"{MERGED}a.ics", Range="bytes=0-4", If_Range=etag)).status == 206
    assert (await ask("GET", f"{MERGED}a.ics", Range="bytes=0-4", If_Range='"older"')).status == 200


@pytest.mark.parametrize(
    ("accept", "page"),
    [(BROWSER, True), ("text/html;q=0", False), ("text/html;q=x", False), ("*/*", False), ("TEXT/HTML", True)],
)
def test_who_wants_a_page(accept: str, page: bool):
    assert wants_page(accept) is page


@pytest.mark.parametrize(
    ("accepted", "locale", "code"),
    [
        ("", "de", "de"),
        ("", "fr", "en"),
        ("fr", "de_AT", "de"),
        ("en;q=0.3, de;q=0.7", "en", "de"),
        ("de;q=0", "en", "en"),
        ("*", "de", "de"),
    ],
)
def test_which_language(accepted: str, locale: str, code: str):
    assert language(accepted, locale) == code


def test_weights_are_read_as_they_are_written():
    assert weighed("a;q=0.5, b ; level=1; q = 0.25 ,c,;q=1") == {"a": 0.5, "b": 0.25, "c": 1.0, "": 1.0}
