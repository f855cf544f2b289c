"""Two clients and somebody outside agree on a time: invited, answered, moved, called off; one mail for each change.

Alice has the `caldav` package, Bob a client that knows HTTP alone, and Erika a mailbox. Bob's own calendar is at
Outlook, so what Alice keeps here goes to a calendar of his that is here as well.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote
from xml.etree import ElementTree

import caldav
import pytest
import requests

from gateway.demo.letters import GOOGLE, cloud_of
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.scheduling.imip.take import Verdict, take
from gateway.scheduling.implicit import deliver_mail
from gateway.scheduling.itip import address
from gateway.store import accounts, objects
from gateway.sync.calendars import set_destination
from tests.story.stage import BERLIN, Stage
from tests.story.test_freebusy import Busy, periods
from tests.story.test_writing import at_google_now

ALICE, BOB, ERIKA = "alice@example.com", "bob@example.com", "erika@extern.example"
HOUR = timedelta(hours=1)
NEW = "NEEDS-ACTION"


@dataclass
class Room:
    """What can be seen of a meeting from outside. calendar: Alice's, as her client has it."""

    stage: Stage
    calendar: caldav.Calendar
    uid: str
    mails: int = field(init=False)
    inboxes: dict[str, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stage.pass_time(1)
        self.mails = len(self.stage.world.mail.messages)

    def news(self) -> tuple[list[tuple[str, str, str]], dict[str, list[str]]]:
        """Since the last time. Mails that went out: recipient, METHOD and SEQUENCE; METHODs in the inbox of each."""
        self.stage.pass_time(1)
        caught = self.stage.world.mail.messages
        new, self.mails = caught[self.mails :], len(caught)
        found = [(",".join(one.recipients), *about(read_lenient(one.calendar))) for one in new]
        assert {read_lenient(one.calendar).uid for one in new} <= {self.uid}
        arrived = {}
        for name in ("alice", "bob"):
            now = Counter(method for method in inbox(self.stage, name, self.uid))
            if more := sorted((now - self.inboxes.get(name, Counter())).elements()):
                arrived[name] = more
            self.inboxes[name] = now
        return sorted(found), arrived

    @property
    def event(self) -> caldav.Event:
        """As it is now."""
        found = self.calendar.get_event_by_uid(self.uid)
        found.load()
        return found

    def path(self, name: str) -> str:
        """Of the object in somebody's calendar, found as a client finds it."""
        body = (
            '<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:prop><D:getetag/></D:prop>'
            '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:prop-filter name="UID">'
            f"<C:text-match>{self.uid}</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter>"
            "</C:calendar-query>"
        )
        answer = self.stage.http("REPORT", f"/dav/calendars/{name}/merged/", body, user=name, Depth="1")
        assert answer.status_code == 207, answer.text
        [found] = hrefs(answer)
        return found

    def copy(self, name: str) -> requests.Response:
        return self.stage.http("GET", self.path(name), user=name)

    def of(self, name: str) -> ParsedObject:
        return read_lenient(self.copy(name).text)

    def answers(self, name: str) -> dict[str, str]:
        """What somebody's copy says of each guest."""
        return partstats(self.of(name))

    def statuses(self, name: str) -> dict[str, str]:
        lines = [line for one in self.of(name).components[:1] for line in (*one.all("ORGANIZER"), *one.all("ATTENDEE"))]
        return {address(line): code for line in lines if (code := line.param("SCHEDULE-STATUS"))}

    def sequences(self) -> set[str]:
        """Of the copies of both."""
        return {self.of(name).components[0].text("SEQUENCE") or "0" for name in ("alice", "bob")}

    def busy(self, name: str, start: datetime, hours: int = 1) -> list[str]:
        """Kinds of busy time in these hours, as anybody is told."""
        query = {"start": start.isoformat(), "end": (start + hours * HOUR).isoformat()}
        found: Busy = periods(requests.get(f"{self.stage.base}/freebusy/{name}.ifb", query, timeout=30).text)
        return [kind for _, _, kind in found]

    def bob_puts(self, *changes: tuple[str, str], **headers: str) -> requests.Response:
        """His copy, with these texts in it exchanged."""
        text = unfolded(self.copy("bob").text)
        for old, new in changes:
            assert old in text, text
            text = text.replace(old, new)
        answer = self.stage.http("PUT", self.path("bob"), text, user="bob", Content_Type="text/calendar", **headers)
        assert answer.status_code == 204, answer.text
        return answer

    def bob_answers(self, partstat: str) -> None:
        held = self.copy("bob")
        [line] = {one for one in unfolded(held.text).split("\r\n") if one.startswith("ATTENDEE") and BOB in one}
        self.bob_puts((line, f"ATTENDEE;PARTSTAT={partstat}:mailto:{BOB}"), If_Match=held.headers["ETag"])

    def mailed(self, sender: str, method: str, *lines: str, rid: str = "", number: int = 1) -> str:
        """A mail with an answer, as the program of whoever was invited writes it; what came of reading it."""
        asked = self.of("alice").components[0]
        stamp = datetime.fromtimestamp(self.stage.clock(), UTC)
        text = [
            *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//extern.example//EN", f"METHOD:{method}", "BEGIN:VEVENT"),
            *(f"UID:{self.uid}", f"SEQUENCE:{asked.text('SEQUENCE') or 0}", f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}"),
            *(f"ORGANIZER:mailto:{ALICE}", *((f"RECURRENCE-ID:{rid}",) if rid else ()), *lines),
            *("END:VEVENT", "END:VCALENDAR", ""),
        ]
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, "calendar@example.com", f"{method}: Planning"
        message["Message-ID"] = f"<{self.uid}-{method}-{number}-{sender}>"
        message.set_content("Words.")
        message.add_alternative("\r\n".join(text), subtype="calendar", params={"method": method})
        reading = self.stage.run(take(self.stage.parts.sync, message.as_bytes(), deliver_mail))
        assert reading.verdict is Verdict.TAKEN, reading
        return ",".join(reading.outcomes)


def about(message: ParsedObject) -> tuple[str, str]:
    return message.calendar.text("METHOD"), message.components[0].text("SEQUENCE") or "0"


def partstats(obj: ParsedObject) -> dict[str, str]:
    """Of the event as a whole."""
    return {address(line): line.param("PARTSTAT") or "" for line in obj.components[0].all("ATTENDEE")}


def unfolded(text: str) -> str:
    return text.replace("\r\n ", "")


def hrefs(answer: requests.Response) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(answer.content).findall("{DAV:}response/{DAV:}href")]


def inbox(stage: Stage, name: str, uid: str) -> Iterator[str]:
    """METHODs of what is there about the event."""
    path = f"/dav/calendars/{name}/inbox/"
    body = '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>'
    for href in hrefs(stage.http("PROPFIND", path, body, user=name, Depth="1")):
        if unquote(href) != path:
            message = read_lenient(stage.http("GET", href, user=name).text)
            if message.uid == uid:
                yield about(message)[0]


def planning(uid: str, start: datetime, *more: str) -> str:
    """Alice's own, before anybody is invited."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//client.example//EN", "BEGIN:VEVENT", f"UID:{uid}"),
        *("DTSTAMP:20261027T090000Z", f"DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT%H%M%S}", "DURATION:PT1H"),
        *("SUMMARY:Planning", *more, "END:VEVENT", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(lines)


def into(stage: Stage, displayname: str) -> None:
    """Alice's new events go there."""
    stage.calendars(set_destination, stage.person("alice").id, stage.calendar("alice", displayname).id)


@pytest.fixture
def calendar(stage: Stage) -> Iterator[caldav.Calendar]:
    into(stage, "Privat")
    with stage.merged() as found:
        yield found


def invited(stage: Stage, calendar: caldav.Calendar, uid: str, start: datetime, *more: str) -> Room:
    """Bob and Erika are, by Alice."""
    room = Room(stage, calendar, uid)
    calendar.save_with_invites(planning(uid, start, *more), [BOB, ERIKA])
    return room


def moved(event: caldav.Event, start: datetime) -> None:
    with event.edit_icalendar_component() as component:
        component["DTSTART"].dt = start
    event.save()


def test_a_meeting_from_the_invitation_to_its_cancellation(stage: Stage, calendar: caldav.Calendar) -> None:
    first, later = (datetime(2026, 11, day, 14, tzinfo=BERLIN) for day in (17, 19))
    room = invited(stage, calendar, "planning@client.example", first)
    assert room.news() == ([(ERIKA, "REQUEST", "0")], {"bob": ["REQUEST"]})
    assert room.answers("alice") == room.answers("bob") == {BOB: NEW, ERIKA: NEW}
    assert room.statuses("alice") == {BOB: "1.2", ERIKA: "1.1"}
    assert (room.busy("alice", first), room.busy("bob", first)) == (["BUSY"], ["BUSY-TENTATIVE"])

    room.bob_answers("ACCEPTED")
    assert room.news() == ([], {"alice": ["REPLY"]})
    assert room.answers("alice") == room.answers("bob") == {BOB: "ACCEPTED", ERIKA: NEW}
    assert room.statuses("alice") == {BOB: "2.0", ERIKA: "1.1"}
    assert room.statuses("bob") == {ALICE: "1.2"}
    assert room.busy("bob", first) == ["BUSY"]

    tentative = f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{ERIKA}"
    assert room.mailed(ERIKA, "REPLY", tentative) == "answered"
    assert room.mailed(ERIKA, "REPLY", tentative) == ""  # the same mail once more
    assert room.news() == ([], {"alice": ["REPLY"]})
    assert room.answers("alice") == room.answers("bob") == {BOB: "ACCEPTED", ERIKA: "TENTATIVE"}
    assert room.statuses("alice") == {BOB: "2.0", ERIKA: "2.0"}

    proposal = (
        f"DTSTART:{later.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTEND:{(later + HOUR).astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{BOB}",
    )
    assert room.mailed(BOB, "COUNTER", *proposal) == "proposed"
    assert room.news() == ([], {"alice": ["COUNTER"]})
    assert room.answers("alice") == room.answers("bob") == {BOB: "ACCEPTED", ERIKA: "TENTATIVE"}
    assert (room.busy("alice", first), room.busy("alice", later)) == (["BUSY"], [])
    assert room.sequences() == {"0"}

    moved(room.event, later)
    assert room.news() == ([(ERIKA, "REQUEST", "1")], {"bob": ["REQUEST"]})
    assert room.sequences() == {"1"}
    assert room.answers("alice") == room.answers("bob") == {BOB: NEW, ERIKA: NEW}
    assert room.statuses("alice") == {BOB: "1.2", ERIKA: "1.1"}
    assert (room.busy("alice", first), room.busy("bob", first)) == ([], [])
    assert (room.busy("alice", later), room.busy("bob", later)) == (["BUSY"], ["BUSY-TENTATIVE"])

    room.bob_answers("ACCEPTED")
    assert room.mailed(ERIKA, "REPLY", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ERIKA}", number=2) == "answered"
    assert room.news() == ([], {"alice": ["REPLY", "REPLY"]})
    assert room.answers("alice") == room.answers("bob") == {BOB: "ACCEPTED", ERIKA: "ACCEPTED"}
    assert room.sequences() == {"1"}

    gone = room.path("alice")
    room.event.delete()
    assert room.news() == ([(ERIKA, "CANCEL", "2")], {"bob": ["CANCEL"]})
    assert stage.http("GET", gone).status_code == 404
    assert room.of("bob").components[0].text("STATUS") == "CANCELLED"
    assert (room.busy("alice", later), room.busy("bob", later)) == ([], [])

    assert stage.http("DELETE", room.path("bob"), user="bob").status_code == 204
    assert room.news() == ([], {})


def test_one_date_of_a_series_is_cancelled_and_then_all(stage: Stage, calendar: caldav.Calendar) -> None:
    """Across the night clocks go forward."""
    dates = [datetime(2027, 3, 15, 14, tzinfo=BERLIN) + timedelta(weeks=week) for week in range(4)]
    room = invited(stage, calendar, "series@client.example", dates[0], "RRULE:FREQ=WEEKLY;COUNT=4")
    room.bob_answers("ACCEPTED")
    room.mailed(ERIKA, "REPLY", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ERIKA}")
    assert room.news() == ([(ERIKA, "REQUEST", "0")], {"alice": ["REPLY", "REPLY"], "bob": ["REQUEST"]})

    event = room.event
    with event.edit_icalendar_component() as component:
        component.add("EXDATE", dates[2])
    event.save()
    assert room.news() == ([(ERIKA, "CANCEL", "1")], {"bob": ["CANCEL"]})
    cancelled = read_lenient(stage.world.mail.messages[-1].calendar)
    assert [one.text("RECURRENCE-ID") for one in cancelled.components] == [f"{dates[2]:%Y%m%dT%H%M%S}"]
    assert room.answers("alice") == room.answers("bob") == {BOB: "ACCEPTED", ERIKA: "ACCEPTED"}
    for name in ("alice", "bob"):
        assert [room.busy(name, date) for date in dates] == [["BUSY"], ["BUSY"], [], ["BUSY"]]

    room.mailed(
        ERIKA,
        "REPLY",
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ERIKA}",
        rid=f"{dates[1].astimezone(UTC):%Y%m%dT%H%M%SZ}",
        number=2,
    )
    assert room.news() == ([], {"alice": ["REPLY"]})
    assert room.answers("alice") == {BOB: "ACCEPTED", ERIKA: "ACCEPTED"}
    for name in ("alice", "bob"):
        [override] = [
            one for one in room.of(name).components if one.text("RECURRENCE-ID") == f"{dates[1]:%Y%m%dT%H%M%S}"
        ]
        said = {address(line): line.param("PARTSTAT") for line in override.all("ATTENDEE")}
        assert said == {BOB: "ACCEPTED", ERIKA: "DECLINED"}
        assert [room.busy(name, date) for date in dates] == [["BUSY"], ["BUSY"], [], ["BUSY"]]

    room.event.delete()
    assert room.news() == ([(ERIKA, "CANCEL", "2")], {"bob": ["CANCEL"]})
    assert room.of("bob").components[0].text("STATUS") == "CANCELLED"
    for name in ("alice", "bob"):
        assert [room.busy(name, date) for date in dates] == [[], [], [], []]


def test_who_threw_it_away_is_asked_again_for_another_time_only(stage: Stage, calendar: caldav.Calendar) -> None:
    first, later = (datetime(2026, 12, day, 14, tzinfo=BERLIN) for day in (1, 3))
    room = invited(stage, calendar, "declined@client.example", first)
    gone = room.path("bob")
    assert stage.http("DELETE", gone, user="bob").status_code == 204
    assert room.mailed(ERIKA, "REPLY", f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ERIKA}") == "answered"
    assert room.news() == ([(ERIKA, "REQUEST", "0")], {"alice": ["REPLY", "REPLY"], "bob": ["REQUEST"]})
    assert room.answers("alice") == {BOB: "DECLINED", ERIKA: "DECLINED"}
    assert room.busy("bob", first) == []

    event = room.event
    with event.edit_icalendar_component() as component:
        component["SUMMARY"] = "Planning, once more"
    event.save()
    assert room.news() == ([(ERIKA, "REQUEST", "0")], {})  # a mail to who is not here; Bob has thrown it away
    assert stage.http("GET", gone, user="bob").status_code == 404

    moved(room.event, later)
    assert room.news() == ([(ERIKA, "REQUEST", "1")], {"bob": ["REQUEST"]})
    assert room.answers("alice") == room.answers("bob") == {BOB: NEW, ERIKA: NEW}
    assert room.busy("bob", later) == ["BUSY-TENTATIVE"]


def test_nobody_hears_of_what_is_not_their_business(stage: Stage, calendar: caldav.Calendar) -> None:
    room = invited(stage, calendar, "quiet@client.example", datetime(2026, 11, 20, 10, tzinfo=BERLIN))
    room.bob_answers("ACCEPTED")
    room.news()

    event = room.event
    with event.edit_icalendar_component() as component:
        component.add("CATEGORIES", ["Own"])
    event.save(increase_seqno=False)
    assert room.news() == ([], {})
    room.bob_puts(("SUMMARY:Planning", "SUMMARY:Planning\r\nX-OWN:yes"))
    assert room.news() == ([], {})
    assert room.sequences() == {"0"}

    event = room.event
    with event.edit_icalendar_component() as component:
        component["SUMMARY"] = "Planning, with cake"
    event.save()
    assert room.news() == ([(ERIKA, "REQUEST", "0")], {"bob": ["REQUEST"]})
    assert room.answers("alice") == room.answers("bob") == {BOB: "ACCEPTED", ERIKA: NEW}
    assert room.of("bob").components[0].text("SUMMARY") == "Planning, with cake"


def test_what_a_cloud_organises_is_the_clouds_to_tell(stage: Stage, calendar: caldav.Calendar) -> None:
    into(stage, "Alice Weber")
    start = datetime(2026, 11, 24, 14, tzinfo=BERLIN)
    room = invited(stage, calendar, "cloud@client.example", start)
    [there] = at_google_now(stage, room.uid)
    assert {one["email"] for one in there["attendees"]} >= {BOB, ERIKA}
    assert room.news() == ([(BOB, "REQUEST", "0"), (ERIKA, "REQUEST", "0")], {})
    assert room.statuses("alice") == {}

    moved(room.event, start + HOUR)
    assert room.news() == ([(BOB, "REQUEST", "1"), (ERIKA, "REQUEST", "1")], {})
    room.event.delete()
    assert at_google_now(stage, room.uid) == []
    assert room.news() == ([(BOB, "CANCEL", "2"), (ERIKA, "CANCEL", "2")], {})
    told = [one for one in stage.world.mail.messages if read_lenient(one.calendar).uid == room.uid]
    assert {cloud_of(one.calendar) for one in told} == {GOOGLE}
    stage.pull()
    [copy] = stage.read(objects.by_uid, stage.person("bob").id, room.uid)
    kept = stage.read(accounts.calendar, copy.calendar_id)
    assert kept is not None
    assert kept.kind == "outlook"
