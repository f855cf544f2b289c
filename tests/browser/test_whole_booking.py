"""A booking from the first page to the last mail, with everything real but the clouds, and those strict."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from playwright.async_api import Page, expect

from gateway.booking.model import EventType, document
from gateway.demo.mail import Caught
from gateway.demo.seed import at_google, at_microsoft
from gateway.demo.seed.week import WINDOWS_ZONE
from gateway.store import bookings
from tests.node import needs_node, read_with_ical_js
from tests.story.stage import BERLIN, Stage

pytestmark = needs_node

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
HALF = timedelta(minutes=30)
JANA = "jana.mueller@nordwind.example"
NEEDED = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "ATTENDEE", "SEQUENCE")


@dataclass(frozen=True)
class Words:
    """Of the pages; reschedule and cancel: of the links in the mails."""

    later: str
    book: str
    booked: str
    move: str
    moved: str
    reschedule: str
    cancel: str
    cancelled: str


ENGLISH = Words(
    later="Later month",
    book="Book this time",
    booked="You are booked",
    move="Move the appointment",
    moved="Your appointment has been moved",
    reschedule="Choose another time",
    cancel="Cancel the appointment",
    cancelled="This appointment is cancelled",
)
GERMAN = Words(
    later="Nächster Monat",
    book="Diese Zeit buchen",
    booked="Ihr Termin ist gebucht",
    move="Termin verschieben",
    moved="Ihr Termin ist verschoben",
    reschedule="Andere Zeit wählen",
    cancel="Termin absagen",
    cancelled="Dieser Termin ist abgesagt",
)


@dataclass(frozen=True)
class Held:
    """An event as a simulated cloud has it. guests: address -> answer."""

    title: str
    start: datetime
    end: datetime
    guests: dict[str, str]


def at_google_now(stage: Stage, uid: str) -> list[Held]:
    def look() -> list[dict[str, Any]]:
        return [one for one in stage.world.google.events(at_google.ALICE) if one["iCalUID"] == uid]

    def shown(one: dict[str, Any]) -> Held:
        start, end = (datetime.fromisoformat(one[name]["dateTime"]).astimezone(UTC) for name in ("start", "end"))
        return Held(one["summary"], start, end, {row["email"]: row["responseStatus"] for row in one["attendees"]})

    return [shown(one) for one in stage.do(look)]


def at_outlook_now(stage: Stage, uid: str) -> list[Held]:
    """By the marker of a booking, as Outlook gives events a UID of its own."""

    def look() -> list[dict[str, Any]]:
        events = stage.world.microsoft.boxes.events.values()
        return [one.body for one in events if one.mailbox == at_microsoft.BOB and uid in repr(one)]

    def shown(body: dict[str, Any]) -> Held:
        assert {body[name]["timeZone"] for name in ("start", "end")} == {WINDOWS_ZONE}
        local = (datetime.fromisoformat(body[name]["dateTime"]).replace(tzinfo=BERLIN) for name in ("start", "end"))
        start, end = (one.astimezone(UTC) for one in local)
        guests = {row["emailAddress"]["address"]: row["status"]["response"] for row in body.get("attendees", [])}
        return Held(body["subject"], start, end, guests)

    return [shown(body) for body in stage.do(look)]


@dataclass(frozen=True)
class Case:
    """kind: title on the page; written: title in the calendar, in the host's language. shift: hours the visitor's
    clock is from Berlin's. guests: as the cloud should have them. told: the time in the invitee's mail.
    """

    host: str
    kind: str
    written: str
    day: int
    words: Words
    options: dict[str, Any]
    look: Callable[[Stage, str], list[Held]]
    guests: dict[str, str]
    told: str
    shift: int = 0

    def instant(self, hour: int) -> datetime:
        """Of an hour in Berlin."""
        return datetime(2026, 12, self.day, hour, tzinfo=BERLIN).astimezone(UTC)

    def clock(self, hour: int) -> str:
        """The same on the page."""
        return f"{hour + self.shift:02}:00"


BY_GOOGLE = {"alice@example.com": "accepted", JANA: "accepted"}
CASES = [
    pytest.param(
        Case(
            "alice", "One-on-one", "Gespräch zu zweit", 3, ENGLISH,
            {"locale": "en-GB", "timezone_id": "America/New_York"}, at_google_now, BY_GOOGLE,
            "3 December 2026, 05:00–05:30", shift=-6,
        ),
        id="Google, desk in New York",
    ),
    pytest.param(
        Case(
            "alice", "Gespräch zu zweit", "Gespräch zu zweit", 4, GERMAN,
            PHONE | {"locale": "de-DE", "color_scheme": "dark"}, at_google_now, BY_GOOGLE,
            "Freitag, 4. Dezember 2026, 11:00–11:30 Uhr",
        ),
        id="Google, phone, German",
    ),
    pytest.param(
        Case("bob", "Short call", "Kurzer Anruf", 3, ENGLISH, PHONE, at_outlook_now, {}, "Thursday, 3 December 2026"),
        id="Outlook, phone",
    ),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def bobs_page(stage: Stage) -> None:
    titles = {"en": "Short call", "de": "Kurzer Anruf"}
    kind = document(
        EventType.model_validate({"title": titles, "length": 30, "places": [{"kind": "phone", "text": ""}]})
    )
    stage.run(stage.parts.db.write(bookings.put_event_type, stage.person("bob").id, "call", kind))


async def choose(page: Page, case: Case, hour: int) -> None:
    """A day and a time of December."""
    await page.get_by_role("link", name=case.words.later).click()
    day = page.locator(".days .free", has_text=re.compile(rf"^{case.day}$"))
    await expect(page.locator("#month-title")).to_contain_text(re.compile("Dec|Dez"))
    await day.click()
    await expect(page.locator("[aria-current=date]")).to_have_text(str(case.day))
    await page.locator(".start", has_text=case.clock(hour)).click()


async def book(page: Page, case: Case, hour: int) -> str:
    """From the host's page on; gives the booking's UID."""
    await page.get_by_role("link", name=case.kind).click()
    await choose(page, case, hour)
    await page.fill("#f-name", "Jana Müller")
    await page.fill("#f-email", JANA)
    await page.fill("#f-note", 'Angebot; bitte\n"Muster" ansehen, 5 \\ 6')
    await page.get_by_role("button", name=case.words.book).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(case.words.booked)
    [uid] = re.findall(r"/booking/([^?]+)", page.url)
    return uid


def new_mails(stage: Stage, known: int) -> dict[str, Caught]:
    """By recipient, once everything that is due by the next minute has been done; each has got one."""
    stage.pass_time(60)
    mails = stage.world.mail.messages[known:]
    found = {one.recipients: one for one in mails}
    assert len(found) == len(mails)
    return {address: one for [address], one in found.items()}


def invitation(caught: Caught) -> tuple[str, str, int, datetime, datetime]:
    """METHOD, UID, SEQUENCE, start and end, on which icalendar and ical.js agree."""
    [part] = [one for one in caught.message.walk() if one.get_content_type() == "text/calendar"]
    calendar = icalendar.Calendar.from_ical(caught.calendar)
    [event], [zone] = calendar.walk("VEVENT"), calendar.walk("VTIMEZONE")
    assert [name for name in NEEDED if name not in event] == []
    assert part["Content-Type"].params["method"] == calendar["METHOD"]
    assert zone["TZID"] == event["DTSTART"].params["TZID"] == event["DTEND"].params["TZID"] == "Europe/Berlin"

    seen = read_with_ical_js(caught.calendar)
    [there] = seen["events"]
    start, end = (event.decoded(name).astimezone(UTC) for name in ("DTSTART", "DTEND"))
    assert [datetime.fromisoformat(there[name]) for name in ("start", "end")] == [start, end]
    assert (seen["method"], seen["zones"]) == (calendar["METHOD"], ["Europe/Berlin"])
    assert (there["uid"], there["sequence"], there["summary"]) == (event["UID"], event["SEQUENCE"], event["SUMMARY"])
    assert there["organizer"]["address"] == event["ORGANIZER"]
    assert [one["address"] for one in there["attendees"]] == [str(one) for one in event["ATTENDEE"]]
    assert f"mailto:{JANA}" in event["ATTENDEE"]
    return str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"]), start, end


def link(caught: Caught, label: str) -> str:
    """As somebody without HTML would follow it."""
    [url] = re.findall(rf"^{label}: (http\S+)$", caught.text.replace("\r\n", "\n"), re.MULTILINE)
    return url


def in_merged(stage: Stage, host: str, uid: str, around: datetime) -> list[tuple[str, datetime]]:
    """What a client that asks for two days finds of the booking."""
    with stage.merged(host) as calendar:
        found = calendar.search(start=around - 24 * HALF, end=around + 24 * HALF, event=True)
        events = [one.icalendar_component for one in found]
    return [(str(one["SUMMARY"]), one.decoded("DTSTART").astimezone(UTC)) for one in events if one["UID"] == uid]


def is_busy(stage: Stage, host: str, start: datetime) -> bool:
    with stage.merged(host) as calendar:
        answer = calendar.freebusy_request(start, start + HALF).icalendar_instance
    [found] = answer.walk("VFREEBUSY")
    return "FREEBUSY" in found


async def is_offered(page: Page, case: Case, start: datetime) -> bool:
    slug = "one-on-one" if case.host == "alice" else "call"
    await page.goto(f"/{case.host}/{slug}?zone=Europe/Berlin&date=2026-12-{case.day:02}")
    local = start.astimezone(BERLIN)
    await expect(page.locator("[aria-current=date]")).to_have_text(str(local.day))
    return await page.locator(".start", has_text=f"{local:%H:%M}").count() == 1


@pytest.mark.parametrize("case", CASES)
async def test_booked_moved_and_cancelled(visit, stage, case):
    eleven, two = case.instant(11), case.instant(14)
    host_address = f"{case.host}@example.com"
    known, by_clouds = len(stage.world.mail.messages), clouds_mails(stage)
    assert not is_busy(stage, case.host, eleven)

    page = await visit(f"/{case.host}", **case.options)
    uid = await book(page, case, 11)

    title = f"{case.written}: {stage.person(case.host).displayname} – Jana Müller"
    assert case.look(stage, uid) == [Held(title, eleven, eleven + HALF, case.guests)]
    assert in_merged(stage, case.host, uid, eleven) == [(title, eleven)]
    assert is_busy(stage, case.host, eleven)
    assert not await is_offered(page, case, eleven)
    mails = new_mails(stage, known)
    assert mails.keys() == {host_address, JANA}
    assert {invitation(one) for one in mails.values()} == {("REQUEST", uid, 0, eleven, eleven + HALF)}
    assert case.told in mails[JANA].text

    other = await visit(link(mails[JANA], case.words.reschedule), **case.options)
    await choose(other, case, 14)
    await other.get_by_role("button", name=case.words.move).click()
    await expect(other.get_by_role("heading", level=1)).to_have_text(case.words.moved)

    assert case.look(stage, uid) == [Held(title, two, two + HALF, case.guests)]
    assert in_merged(stage, case.host, uid, two) == [(title, two)]
    assert (is_busy(stage, case.host, eleven), is_busy(stage, case.host, two)) == (False, True)
    assert await is_offered(page, case, eleven)
    moved = new_mails(stage, known + 2)
    assert moved.keys() == {host_address, JANA}
    assert {invitation(one) for one in moved.values()} == {("REQUEST", uid, 1, two, two + HALF)}

    other = await visit(link(moved[JANA], case.words.cancel), **case.options)
    await other.locator(".button.danger").click()
    await expect(other.get_by_role("heading", level=1)).to_have_text(case.words.cancelled)

    assert case.look(stage, uid) == in_merged(stage, case.host, uid, two) == []
    assert not is_busy(stage, case.host, two)
    assert await is_offered(page, case, two)
    over = new_mails(stage, known + 4)
    assert over.keys() == {host_address, JANA}
    assert {invitation(one) for one in over.values()} == {("CANCEL", uid, 2, two, two + HALF)}
    assert clouds_mails(stage) == by_clouds


def clouds_mails(stage: Stage) -> int:
    """How many the clouds would have sent by themselves."""
    return stage.do(lambda: len(stage.world.google.mails) + len(stage.world.microsoft.mails))
