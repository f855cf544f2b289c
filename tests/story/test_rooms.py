"""Rooms for conferences, from the booking page to the simulated providers and back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import icalendar
import pytest
import requests

from gateway.booking.model import EventType, details, document
from gateway.demo.seed import at_google
from gateway.store import bookings, room_accounts
from gateway.store.database import Connection
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
    """To the last start of those that the list offers; the month may have the booking's own day open, and no other."""
    uid, token = links(stage, guest)
    picker = stage.http("GET", f"/booking/{uid}?token={token}&move=1&view=list").text
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


def place_at_google(stage: Stage, uid: str) -> tuple[str, str]:
    """Where Google says it is, and its link to join."""
    [event] = [one for one in stage.do(stage.world.google.events, at_google.ALICE) if one["iCalUID"] == uid]
    return str(event.get("location", "")), str(event.get("hangoutLink", ""))


def test_alice_meets_her_guest_at_google_meet(stage: Stage) -> None:
    post(stage, "/alice/one-on-one", "meetgast")
    stage.pass_time(60)
    row = latest(stage, "alice")
    join = details(row).place
    assert join.startswith("https://meet.google.com/")
    assert invited(stage, "meetgast") == [join]
    assert place_at_google(stage, row.uid) == (join, join)

    move(stage, "meetgast")
    moved = latest(stage, "alice")
    assert (moved.start != row.start, details(moved).place) == (True, join)
    assert place_at_google(stage, row.uid) == (join, join)

    cancel(stage, "meetgast")
    assert [one for one in stage.do(stage.world.google.events, at_google.ALICE) if one["iCalUID"] == row.uid] == []
    assert invited(stage, "meetgast") == [join] * 3


def test_a_meeting_that_google_is_slow_to_make_follows_by_mail(stage: Stage) -> None:
    stage.do(setattr, stage.world.google.state, "slow_conferences", True)
    post(stage, "/alice/one-on-one", "langsam")
    stage.pass_time(60)
    stage.do(setattr, stage.world.google.state, "slow_conferences", False)
    stage.pull()
    stage.pass_time(600)
    join = details(latest(stage, "alice")).place
    assert join.startswith("https://meet.google.com/")
    assert invited(stage, "langsam")[-1] == join


def test_bob_meets_his_guest_in_teams(stage: Stage) -> None:
    bob = stage.person("bob").id
    stage.run(stage.parts.db.write(add_teams, bob))
    post(stage, "/bob/talk", "teamsgast")
    stage.pass_time(60)
    row = latest(stage, "bob")
    join = details(row).place
    assert join.startswith("https://teams.example.com/")
    assert invited(stage, "teamsgast") == [join]

    move(stage, "teamsgast")
    assert details(latest(stage, "bob")).place == join
    cancel(stage, "teamsgast")
    assert copies(stage, "bob", row.uid) == []


def test_where_the_calendar_makes_no_such_rooms_the_booking_stands_and_the_host_is_told(stage: Stage) -> None:
    carol = stage.person("carol").id
    stage.run(stage.parts.db.write(add_teams, carol))
    post(stage, "/carol/talk", "ortlos")
    stage.pass_time(60)
    assert details(latest(stage, "carol")).place == "Microsoft Teams"
    told = [mail for mail in stage.world.mail.to("carol@example.com") if "Zum Raum" in mail.message["Subject"]]
    assert len(told) == 1
    assert "Microsoft Teams legt Räume nur für Termine in den eigenen Kalendern an" in " ".join(told[0].text.split())


def add_teams(conn: Connection, user: int) -> None:
    kind = EventType.model_validate({"title": "Talk", "length": 30, "places": [{"kind": "teams"}]})
    bookings.put_event_type(conn, user, "talk", document(kind))


def test_a_google_calendar_without_meet_loses_no_booking(stage: Stage) -> None:
    calendar = stage.do(lambda: stage.world.google.state.calendars[at_google.ALICE])
    stage.do(setattr, calendar, "meets", False)
    try:
        post(stage, "/alice/one-on-one", "ohne")
        stage.pass_time(60)
    finally:
        stage.do(setattr, calendar, "meets", True)
    row = latest(stage, "alice")
    assert (row.status, details(row).place, len(copies(stage, "alice", row.uid))) == ("accepted", "Google Meet", 1)
    assert place_at_google(stage, row.uid) == ("Google Meet", "")
    told = [mail for mail in stage.world.mail.to("alice@example.com") if row.uid in mail.text]
    assert sum("Zum Raum" in mail.message["Subject"] for mail in told) == 1
