"""The team's two pages and the evening that has to be confirmed, before the simulated clouds."""

import re
from html import unescape

import icalendar
import pytest
import requests

from gateway.store import bookings, members, taken
from tests.story.stage import Stage
from tests.web.site import hidden

PEOPLE = ("alice", "bob", "carol")
PHONE = "+49 30 5550100"


def post(stage: Stage, path: str, guest: str, **typed: str) -> str:
    """Books the first start that the page offers; the page that says so."""
    picker = stage.http("GET", path).text
    start = unescape(re.findall(r'class="start" href="([^"]+)"', picker)[0])
    form = stage.http("GET", start).text
    fields = {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }
    data = {**fields, "name": guest.title(), "email": f"{guest}@nordwind.example", **typed}
    answer = requests.post(stage.base + path, data=data, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.text


def copies(stage: Stage, name: str, uid: str) -> list[icalendar.Event]:
    texts = [row.text for row in stage.read(members.texts, stage.person(name).merged)]
    found = [one for text in texts for one in icalendar.Calendar.from_ical(text).walk("VEVENT")]
    return [one for one in found if one["UID"] == uid]


def latest(stage: Stage, name: str) -> bookings.BookingRow:
    return max(stage.read(bookings.of_user, stage.person(name).id), key=lambda row: row.id)


@pytest.mark.parametrize(("slug", "hosts"), [("demo", 3), ("intro", 1)])
def test_a_team_is_booked_into_every_cloud(stage: Stage, slug: str, hosts: int) -> None:
    html = post(stage, f"/team/sales/{slug}", f"gast-{slug}", place=PHONE)
    stage.pass_time(60)

    every = [one for name in PEOPLE for one in stage.read(bookings.of_user, stage.person(name).id)]
    row = next(one for one in every if f"gast-{slug}" in str(one.document))
    ids = {stage.person(name).id: name for name in PEOPLE}
    booked = [ids[key] for key in stage.read(taken.hosts_of, row.id)]
    assert len(booked) == hosts
    for name in PEOPLE:
        mine = copies(stage, name, row.uid)
        assert len(mine) == (name in booked), name
        assert all(int(one["DTSTART"].dt.timestamp()) == row.start for one in mine)
    assert all(stage.person(name).displayname in html for name in booked)
    addresses = {f"{name}@example.com" for name in booked} | {f"gast-{slug}@nordwind.example"}
    sent = [mail for mail in stage.world.mail.messages if row.uid in mail.calendar]
    assert sorted(address for mail in sent for address in mail.recipients) == sorted(addresses)
    assert stage.do(lambda: list(stage.world.google.mails)) == []


def test_the_evening_counts_once_alice_confirms_it(stage: Stage) -> None:
    html = post(stage, "/alice/late-support", "spaet", place=PHONE)
    stage.pass_time(60)
    row = latest(stage, "alice")
    assert (row.status, copies(stage, "alice", row.uid)) == ("pending", [])
    assert re.search("Your request is on its way|Ihre Anfrage ist unterwegs", html)

    asking = next(mail for mail in stage.world.mail.to("alice@example.com") if f"/{row.uid}?" in mail.text)
    link = re.search(rf"/booking/{row.uid}\?token=[^\s&]+&confirm=1", asking.text)
    assert link is not None
    question = stage.http("GET", link[0]).text
    requests.post(f"{stage.base}/booking/{row.uid}", data=hidden(question), timeout=60)
    stage.pass_time(60)

    assert len(copies(stage, "alice", row.uid)) == 1
    [_, sure] = stage.world.mail.to("spaet@nordwind.example")
    assert "METHOD:REQUEST" in sure.calendar
