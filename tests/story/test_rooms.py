"""Rooms for conferences, from the booking page to the simulated providers and back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import icalendar
import pytest
import requests

from gateway.booking.model import details
from gateway.store import room_accounts
from tests.story.stage import Stage
from tests.story.test_connecting import Browser
from tests.story.test_team_booking import copies, latest, post
from tests.web.site import hidden


@pytest.fixture
def browser(stage: Stage) -> Iterator[Browser]:
    with requests.Session() as session:
        session.trust_env = False
        browser = Browser(stage, session)
        browser.sign_in("bob")
        yield browser


def meetings(stage: Stage) -> list[dict[str, object]]:
    return stage.do(lambda: [dict(one) for one in stage.world.zoom.meetings])


def invited(stage: Stage, guest: str) -> list[str]:
    """Where the mails to the guest say it takes place, oldest first."""
    texts = [mail.calendar for mail in stage.world.mail.to(f"{guest}@nordwind.example")]
    return [str(one["LOCATION"]) for text in texts for one in icalendar.Calendar.from_ical(text).walk("VEVENT")]


def links(stage: Stage, guest: str) -> tuple[str, str]:
    """Path to the booking and its token, as the latest mail has them."""
    mail = stage.world.mail.to(f"{guest}@nordwind.example")[-1]
    found = re.search(r"/booking/([^?\s]+)\?token=([^&\s]+)", mail.text)
    assert found is not None
    return found[1], found[2]


def move(stage: Stage, guest: str) -> None:
    """To the next start that is offered."""
    uid, token = links(stage, guest)
    picker = stage.http("GET", f"/booking/{uid}?token={token}&move=1").text
    start = unescape(re.findall(r'class="start" href="([^"]+)"', picker)[-1])
    requests.post(f"{stage.base}/booking/{uid}", data=hidden(stage.http("GET", start).text), timeout=60)
    stage.pass_time(60)


def cancel(stage: Stage, guest: str) -> None:
    uid, token = links(stage, guest)
    question = stage.http("GET", f"/booking/{uid}?token={token}&cancel=1").text
    requests.post(f"{stage.base}/booking/{uid}", data=hidden(question), timeout=60)
    stage.pass_time(60)


def test_the_team_meets_its_guest_at_zoom(stage: Stage) -> None:
    post(stage, "/team/sales/demo", "zoomgast")
    stage.pass_time(60)
    row = latest(stage, "alice")
    [meeting] = meetings(stage)
    assert details(row).place == meeting["join_url"]
    assert invited(stage, "zoomgast") == [meeting["join_url"]]
    assert meeting["host_email"] == "alice@example.com"
    for name in ("alice", "bob", "carol"):
        [copy] = copies(stage, name, row.uid)
        assert copy["LOCATION"] == meeting["join_url"]

    move(stage, "zoomgast")
    moved = latest(stage, "alice")
    assert moved.start != row.start
    [meeting] = meetings(stage)
    assert meeting["start_time"] == f"{datetime.fromtimestamp(moved.start, UTC):%Y-%m-%dT%H:%M:%SZ}"

    cancel(stage, "zoomgast")
    assert meetings(stage) == []


def test_zoom_is_connected_on_ones_own_page_and_parted_with(stage: Stage, browser: Browser) -> None:
    assert "/oauth/zoom/start" in browser.get("/app").text
    page = browser.asked("zoom")
    assert "Bob Brandt" in page.text
    sent = browser.submit(page, person="bob@example.com", decision="allow")

    arrived = browser.get(sent.headers["Location"])

    assert (arrived.status_code, arrived.headers["Location"]) == (303, "/app?room=connected#h-rooms")
    assert "bob@example.com" in browser.get("/app?room=connected").text
    row = stage.read(room_accounts.get, stage.person("bob").id, "zoom")
    assert row is not None
    assert (row.displayname, row.state) == ("bob@example.com", "ok")

    gone = browser.submit(browser.get("/app"), action="/app/rooms/zoom/disconnect")
    assert (gone.status_code, gone.headers["Location"]) == (303, "/app?room=gone")
    assert stage.read(room_accounts.get, stage.person("bob").id, "zoom") is None
    assert stage.do(lambda: "u2" in {one.user for one in stage.world.zoom.state.access.values()}) is False


def test_a_denial_at_zoom_connects_nothing(stage: Stage, browser: Browser) -> None:
    sent = browser.submit(browser.asked("zoom"), decision="deny", person="bob@example.com")
    told = browser.get(sent.headers["Location"])
    assert told.status_code == 409
    assert stage.read(room_accounts.get, stage.person("bob").id, "zoom") is None
