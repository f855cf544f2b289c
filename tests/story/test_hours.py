"""Working hours are one thing in calendar apps, on the page and in what can be booked."""

import re
from html import unescape

import caldav
import requests
from caldav.elements.base import ValuedBaseElement

from gateway.demo.seed.people import PASSWORD
from gateway.freebusy.availability import Window, read_availability, week
from tests.story.stage import PATIENCE, Stage

TAG = "{urn:ietf:params:xml:ns:caldav}calendar-availability"
APPLE = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//calendarserver.org//Zonal//EN\r
BEGIN:VAVAILABILITY\r
UID:6E9A0B1C-0001\r
DTSTAMP:20261101T000000Z\r
X-APPLE-NOTE:kept\r
BEGIN:AVAILABLE\r
UID:6E9A0B1C-0002\r
DTSTAMP:20261101T000000Z\r
SUMMARY:Monday to Friday\r
DTSTART;TZID=Europe/Berlin:20260105T200000\r
DTEND;TZID=Europe/Berlin:20260105T220000\r
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r
END:AVAILABLE\r
END:VAVAILABILITY\r
END:VCALENDAR\r
"""


class Availability(ValuedBaseElement):
    tag = TAG


def inbox(client: caldav.DAVClient) -> caldav.Calendar:
    return client.principal().schedule_inbox()


def told(client: caldav.DAVClient) -> str:
    found = inbox(client).get_properties([Availability()], parse_props=True)
    return str(found[TAG]).replace("\r\n", "\n").replace("\n", "\r\n")


def offered(stage: Stage, date: str) -> list[str]:
    """Clock times on the page of Alice's check-in."""
    query = {"date": date, "zone": "Europe/Berlin", "lang": "de"}
    page = requests.get(f"{stage.base}/alice/check-in", params=query, timeout=PATIENCE).text
    return sorted(set(re.findall(r'class="start"[^>]*>\s*(?:<[^>]+>)*(\d\d:\d\d)', page)))


def fields(html: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', html)}


def sign_in(stage: Stage, browser: requests.Session) -> None:
    form = fields(browser.get(f"{stage.base}/app/login", timeout=PATIENCE).text)
    login = {**form, "name": "alice", "password": PASSWORD}
    assert browser.post(f"{stage.base}/app/login", data=login, timeout=PATIENCE).status_code == 200


def test_working_hours_are_one_thing_everywhere(stage: Stage) -> None:
    assert all("09:00" <= clock < "17:00" for clock in offered(stage, "2026-11-16"))

    with stage.client() as client:
        inbox(client).set_properties([Availability(APPLE)])
        assert told(client).rstrip() == APPLE.rstrip()
    assert set(offered(stage, "2026-11-16")) == {
        f"{hour}:{minute}" for hour in (20, 21) for minute in ("00", "15", "30", "45")
    }

    with requests.Session() as browser:
        sign_in(stage, browser)
        [path] = re.findall(r'href="(/app/hours/\d+)"', browser.get(f"{stage.base}/app/hours", timeout=PATIENCE).text)
        html = browser.get(stage.base + path, timeout=PATIENCE).text
        assert 'name="start-0" value="20:00"' in html
        changed = {**fields(html), "zone": "Europe/Berlin", "start-0": "06:00", "end-0": "07:00"}
        assert browser.post(f"{stage.base}{path}/week", data=changed, timeout=PATIENCE).status_code == 200
        dates = {**fields(html), "date": "2026-12-07"}
        assert browser.post(f"{stage.base}{path}/dates", data=dates, timeout=PATIENCE).status_code == 200

    assert offered(stage, "2026-11-16") == ["06:00", "06:15", "06:30", "06:45"]
    with stage.client() as client:
        text = told(client)
    assert read_availability(text, "Europe/Berlin").weekly == week([0], [Window(360, 420)])
    assert "X-APPLE-NOTE:kept" in text
    assert "DTSTART;TZID=Europe/Berlin:20261207T000000" in text
    answer = stage.http("GET", "/freebusy/alice.ifb?start=20261207T000000Z&end=20261207T230000Z")
    assert "FBTYPE=BUSY-UNAVAILABLE:20261207T000000Z/20261207T230000Z" in answer.text.replace("\r\n ", "")
