"""The whole of it, once: mixed calendars, one page, every way to book, and life goes on."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import pairwise
from typing import Any

import icalendar
import requests

from gateway.booking.model import details
from gateway.demo.mail import Caught
from gateway.demo.seed import at_google
from gateway.store import bookings, taken
from gateway.store.bookings import BookingRow
from tests.story.stage import BERLIN, PATIENCE, Stage
from tests.web.site import hidden

PHONE = "+49 30 5550100"


@dataclass
class Guest:
    """An invitee with a browser, and nothing else."""

    stage: Stage
    name: str

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@nordwind.example"

    def get(self, path: str) -> str:
        answer = requests.get(self.stage.base + path, timeout=PATIENCE, headers={"Accept-Language": "de"})
        assert answer.status_code == 200, answer.text
        return answer.text

    def starts(self, path: str) -> list[str]:
        """Where the times that the page offers lead to, on the first free day."""
        return [unescape(one) for one in re.findall(r'class="start" href="([^"]+)"', self.get(path))]

    def book(self, path: str, **typed: str) -> BookingRow:
        """Two taps to the first time, one form."""
        form = self.get(self.starts(path)[0])
        ticked = dict(re.findall(r'type="radio" name="([^"]+)" value="([^"]*)" checked', form))
        data = {**hidden(form), **ticked, "name": self.name, "email": self.email, **typed}
        answer = requests.post(self.stage.base + path, data=data, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        self.stage.pass_time(60)
        found = self.stage.read(bookings.by_uid, re.findall(r"/booking/([^?/]+)", answer.url)[0])
        assert found is not None
        return found

    @property
    def mails(self) -> list[Caught]:
        return self.stage.world.mail.to(self.email)

    def press(self, link: str, **typed: str) -> str:
        """A link of a mail shows a page; its button acts."""
        page = requests.get(link, timeout=PATIENCE, headers={"Accept-Language": "de"})
        assert page.status_code == 200, page.text
        path = link.partition("?")[0]
        answer = requests.post(path, data={**hidden(page.text), **typed}, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        self.stage.pass_time(60)
        return answer.text


def link(mail: Caught, act: str) -> str:
    """The address in the mail that leads there, as its reader taps it."""
    found = re.search(rf"https?://\S+/booking/\S+[?&]{act}=1\b", mail.text)
    assert found is not None, mail.text
    return found[0]


def events(mail: Caught) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT"))


def at_main_calendar(stage: Stage, uid: str) -> list[dict[str, Any]]:
    """Alice's work calendar at Google, where new events go."""
    return [one for one in stage.do(stage.world.google.events, at_google.ALICE) if one["iCalUID"] == uid]


def seen(stage: Stage, name: str, row: BookingRow) -> list[datetime]:
    """Starts of the booking's events in somebody's one calendar, as a calendar app lists them."""
    with stage.merged(name) as calendar:
        start = datetime.fromtimestamp(row.start, UTC) - timedelta(days=1)
        found = calendar.search(start=start, end=start + timedelta(days=120), event=True, expand=True)
        return sorted(
            one.icalendar_component["DTSTART"].dt for one in found if one.icalendar_component["UID"] == row.uid
        )


def busy(stage: Stage, name: str, row: BookingRow) -> bool:
    """Whether colleagues and outsiders see them busy then."""
    start = datetime.fromtimestamp(row.start, UTC)
    query = f"?start={start:%Y%m%dT%H%M%SZ}&end={start + timedelta(minutes=5):%Y%m%dT%H%M%SZ}"
    return "FREEBUSY" in requests.get(f"{stage.base}/freebusy/{name}.ifb{query}", timeout=PATIENCE).text.replace(
        "VFREEBUSY", ""
    )


def hosts(stage: Stage, row: BookingRow) -> set[str]:
    ids = {stage.person(name).id: name for name in ("alice", "bob", "carol")}
    return {ids[key] for key in stage.read(taken.hosts_of, row.id)}


def told(stage: Stage, uid: str) -> list[str]:
    """Addresses of the mails that bring the event, sorted."""
    return sorted(address for mail in stage.world.mail.messages if uid in mail.calendar for address in mail.recipients)


def test_choose_a_day_and_time_by_the_merged_availability_and_life_goes_on(stage: Stage) -> None:
    # One calendar made of Google, Outlook and one of her own.
    with stage.merged() as calendar:
        kinds = {one.icalendar_component.get("SUMMARY", "") for one in calendar.events()}
    assert {"Yoga", "Zahnarzt"} <= kinds, "her own"
    assert "Stand-up" in kinds, "Google's"
    assert {"Sprint Planning", "Workshop Anforderungen"} <= kinds, "Outlook's"

    # What is offered is free in all of them.
    erika = Guest(stage, "Erika")
    assert erika.starts("/alice/check-in")

    # A quarter of an hour: two taps, one form.
    check = erika.book("/alice/check-in", place=PHONE)
    assert (check.status, check.end - check.start) == ("accepted", 900)
    assert told(stage, check.uid) == sorted(["alice@example.com", erika.email])
    assert len(at_main_calendar(stage, check.uid)) == 1
    assert len(seen(stage, "alice", check)) == 1
    assert busy(stage, "alice", check)

    # Half an hour, in a room that is made for it.
    frank = Guest(stage, "Frank")
    talk = frank.book("/alice/one-on-one")
    [event] = at_main_calendar(stage, talk.uid)
    room = details(talk).place
    assert event["conferenceData"]["entryPoints"][0]["uri"] == room, "a Google Meet"
    assert room in frank.mails[-1].text
    assert str(events(frank.mails[-1])[0]["LOCATION"]) == room

    # Consulting every other week: one booking, one event, each of its dates taken.
    greta = Guest(stage, "Greta")
    series = greta.book("/alice/consulting")
    dates = seen(stage, "alice", series)
    clocks = {one.astimezone(BERLIN).time() for one in dates}
    assert len(dates) > 2
    assert {later.date() - sooner.date() for sooner, later in pairwise(dates)} == {timedelta(14)}
    assert len(clocks) == 1
    assert "INTERVAL=2" in greta.mails[-1].calendar
    assert len(at_main_calendar(stage, series.uid)) == 1
    assert len(greta.mails) == 1

    # Late support waits for Alice, who says yes in her mail.
    heidi = Guest(stage, "Heidi")
    late = heidi.book("/alice/late-support", place=PHONE)
    assert (late.status, at_main_calendar(stage, late.uid)) == ("pending", [])
    asking = next(mail for mail in stage.world.mail.to("alice@example.com") if f"/{late.uid}?" in mail.text)
    heidi.press(link(asking, "confirm"))
    assert len(at_main_calendar(stage, late.uid)) == 1
    assert "METHOD:REQUEST" in heidi.mails[-1].calendar

    # The team together, and then by turns.
    ivan = Guest(stage, "Ivan")
    demo = ivan.book("/team/sales/demo")
    assert hosts(stage, demo) == {"alice", "bob", "carol"}
    assert [len(seen(stage, name, demo)) for name in ("alice", "bob", "carol")] == [1, 1, 1]
    assert all(busy(stage, name, demo) for name in ("alice", "bob", "carol"))
    names = ("Jan", "Kim", "Lou", "Max", "Nora", "Ole")
    assert "zoom" in details(demo).place
    assert details(demo).place in ivan.mails[-1].text
    turns = [hosts(stage, Guest(stage, name).book("/team/sales/intro", place=PHONE)) for name in names]
    assert {len(one) for one in turns} == {1}
    assert set.union(*turns) == {"alice", "bob", "carol"}

    # Nothing overlaps, whoever was booked by whichever page.
    for name in ("alice", "bob", "carol"):
        rows = stage.read(taken.blocking, [stage.person(name).id], 0, 2**40)
        spans = sorted((one.start, one.end) for one in rows)
        assert all(sooner[1] <= later[0] for sooner, later in pairwise(spans)), name

    # And life goes on: Erika moves hers, Frank cancels his, by the links in their mails.
    move = link(erika.mails[-1], "move")
    other = [
        unescape(one) for one in re.findall(r'class="start" href="([^"]+)"', erika.get(move.removeprefix(stage.base)))
    ]
    erika.press(stage.base + other[-1])
    moved = stage.read(bookings.by_uid, check.uid)
    assert moved is not None
    assert (moved.uid, moved.sequence, moved.start != check.start) == (check.uid, 1, True)
    [event] = at_main_calendar(stage, check.uid)
    assert datetime.fromisoformat(event["start"]["dateTime"]).timestamp() == moved.start
    frank.press(link(frank.mails[-1], "cancel"), reason="Etwas kam dazwischen.")
    assert [one for one in at_main_calendar(stage, talk.uid) if one["status"] != "cancelled"] == []
    assert "METHOD:CANCEL" in frank.mails[-1].calendar
    assert stage.do(lambda: list(stage.world.google.mails)) == [], "nobody is told twice"
