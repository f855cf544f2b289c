"""The simulated clouds tell people of what is kept there: by mail, and in the calendars of whoever reads those."""

from collections.abc import Iterator
from datetime import datetime

import caldav
import pytest
import requests

from gateway.demo.letters import GOOGLE, OUTLOOK, cloud_of
from gateway.demo.mail import Caught
from gateway.demo.seed import at_microsoft
from gateway.ical.objects import read_lenient
from gateway.scheduling.itip import address
from gateway.store import objects
from tests.story.stage import BERLIN, PATIENCE, Stage
from tests.story.test_meeting import ALICE, BOB, HOUR, about, into, moved, planning
from tests.story.test_writing import at_google_now

CAROL, JANA, PETRA = "carol@example.com", "jana@kunde.example", at_microsoft.PETRA
GUESTS = [BOB, CAROL, JANA]
Row = tuple[str, str, str, str]


class Post:
    """Of the catcher, from now on."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.seen = len(stage.world.mail.messages)

    def mails(self) -> list[Caught]:
        """Those that came since the last time; all that follows from them has been done."""
        for _ in range(3):
            self.stage.run(self.stage.world.carrier.arrived.join())
            self.stage.pull()
        caught = self.stage.world.mail.messages
        new, self.seen = caught[self.seen :], len(caught)
        return new

    def rows(self) -> list[Row]:
        """Cloud, sender, recipient and METHOD."""
        mails = self.mails()
        return sorted(
            (cloud_of(one.calendar), one.sender, ",".join(one.recipients), about(read_lenient(one.calendar))[0])
            for one in mails
        )


def told(cloud: str, sender: str, method: str, *people: str) -> list[Row]:
    return [(cloud, sender, one, method) for one in sorted(people)]


def begins(stage: Stage, name: str, uid: str) -> list[str]:
    """When it is, in the calendars of somebody; with the status, where it is called off."""
    found = []
    for row in stage.read(objects.by_uid, stage.person(name).id, uid):
        one = read_lenient(row.text)
        if not one.calendar.text("METHOD"):
            line = one.components[0].first("DTSTART")
            at = datetime.fromisoformat(line.value) if line else None
            zone = BERLIN if line and line.param("TZID") else None
            shown = at.astimezone(BERLIN) if at and zone is None else at
            found.append(f"{shown:%d %H:%M} {one.components[0].text('STATUS')}".strip())
    return found


def answers(text: str) -> dict[str, str]:
    return {address(line): line.param("PARTSTAT") or "" for line in read_lenient(text).components[0].all("ATTENDEE")}


def put_answer(stage: Stage, name: str, uid: str, partstat: str) -> None:
    """As a calendar client of theirs."""
    own = f"{name}@example.com"
    with stage.merged(name) as calendar:
        event = calendar.get_event_by_uid(uid)
        with event.edit_icalendar_component() as component:
            lines = component["ATTENDEE"]
            for line in lines if isinstance(lines, list) else [lines]:
                if own in line.lower():
                    line.params["PARTSTAT"] = partstat
        event.save(increase_seqno=False)


@pytest.fixture
def calendar(stage: Stage) -> Iterator[caldav.Calendar]:
    into(stage, "Alice Weber")
    with stage.merged() as found:
        yield found


def at_google(stage: Stage, uid: str) -> dict[str, str]:
    [there] = at_google_now(stage, uid)
    return {row["email"]: row["responseStatus"] for row in there["attendees"] if row["email"] != ALICE}


def test_google_tells_everybody_once_and_their_answers_reach_it(stage: Stage, calendar: caldav.Calendar) -> None:
    uid, first = "told@client.example", datetime(2026, 11, 24, 14, tzinfo=BERLIN)
    post = Post(stage)
    calendar.save_with_invites(planning(uid, first), GUESTS)
    assert post.rows() == told(GOOGLE, ALICE, "REQUEST", *GUESTS)
    assert [begins(stage, name, uid) for name in ("bob", "carol")] == [["24 14:00 TENTATIVE"], ["24 14:00 CONFIRMED"]]

    put_answer(stage, "bob", uid, "ACCEPTED")
    assert post.rows() == told(OUTLOOK, BOB, "REPLY", ALICE)
    put_answer(stage, "carol", uid, "TENTATIVE")
    [mail] = post.mails()
    assert (mail.recipients, about(read_lenient(mail.calendar))[0], cloud_of(mail.calendar)) == ((ALICE,), "REPLY", "")
    assert at_google(stage, uid) == {BOB: "accepted", CAROL: "tentative", JANA: "needsAction"}

    event = calendar.get_event_by_uid(uid)
    event.load()
    assert answers(event.data) | {ALICE: ""} == {ALICE: "", BOB: "ACCEPTED", CAROL: "TENTATIVE", JANA: "NEEDS-ACTION"}
    moved(event, first + HOUR)
    assert post.rows() == told(GOOGLE, ALICE, "REQUEST", *GUESTS)
    assert [begins(stage, name, uid) for name in ("bob", "carol")] == [["24 15:00 TENTATIVE"], ["24 15:00 CONFIRMED"]]

    event.delete()
    assert post.rows() == told(GOOGLE, ALICE, "CANCEL", *GUESTS)
    assert at_google_now(stage, uid) == []
    assert [begins(stage, name, uid) for name in ("bob", "carol")] == [["24 15:00 CANCELLED"], ["24 15:00 CANCELLED"]]


def by_bob(stage: Stage, uid: str, start: datetime, *more: str) -> None:
    """His client keeps it at Outlook."""
    guests = [f"ATTENDEE;RSVP=TRUE:mailto:{one}" for one in (ALICE, CAROL, JANA, PETRA)]
    text = planning(uid, start, f"ORGANIZER:mailto:{BOB}", *guests, *more)
    answer = stage.http("PUT", f"/dav/calendars/bob/merged/{uid}.ics", text, user="bob", Content_Type="text/calendar")
    assert answer.status_code in {201, 204}, answer.text


def at_outlook(stage: Stage, address: str, uid: str) -> list[tuple[str, str]]:
    """Subject and own response of what is in somebody's mailbox; uid: Outlook's."""
    rows = stage.world.microsoft.boxes.events.values()
    return [(one.body["subject"], one.response) for one in rows if one.mailbox == address and one.uid == uid]


def responses(stage: Stage, uid: str) -> dict[str, str]:
    """As Outlook shows them to Bob."""
    [event] = [one for one in stage.world.microsoft.boxes.events.values() if one.uid == uid and one.mailbox == BOB]
    rows = event.body["attendees"]
    return {row["emailAddress"]["address"]: (row.get("status") or {}).get("response", "none") for row in rows}


def test_outlook_tells_everybody_once_and_their_answers_reach_it(stage: Stage) -> None:
    first = datetime(2026, 11, 25, 14, tzinfo=BERLIN)
    post, guests = Post(stage), (ALICE, CAROL, JANA, PETRA)
    by_bob(stage, "bobs@client.example", first)
    mails = post.mails()
    assert sorted(one.recipients[0] for one in mails) == sorted(guests)
    assert {cloud_of(one.calendar) for one in mails} == {OUTLOOK}
    [uid] = {read_lenient(one.calendar).uid for one in mails}
    assert [begins(stage, name, uid) for name in ("alice", "carol")] == [["25 14:00 CONFIRMED"], ["25 14:00 CONFIRMED"]]
    assert at_outlook(stage, PETRA, uid) == [("Planning", "notResponded")]

    put_answer(stage, "alice", uid, "ACCEPTED")
    assert post.rows() == told(GOOGLE, ALICE, "REPLY", BOB)
    put_answer(stage, "carol", uid, "DECLINED")
    assert post.rows() == told("", "calendar@example.com", "REPLY", BOB)
    assert responses(stage, uid) == {ALICE: "accepted", CAROL: "declined", JANA: "none", PETRA: "none"}

    by_bob(stage, "bobs@client.example", first + HOUR, "SEQUENCE:1")
    assert post.rows() == told(OUTLOOK, BOB, "REQUEST", *guests)
    assert [begins(stage, name, uid) for name in ("alice", "carol")] == [["25 15:00 CONFIRMED"], ["25 15:00 CONFIRMED"]]

    gone = stage.http("DELETE", "/dav/calendars/bob/merged/bobs@client.example.ics", user="bob")
    assert gone.status_code == 204, gone.text
    assert post.rows() == told(OUTLOOK, BOB, "CANCEL", *guests)
    assert [begins(stage, name, uid) for name in ("alice", "carol")] == [[], ["25 15:00 CANCELLED"]]
    assert at_outlook(stage, PETRA, uid) == [("Canceled: Planning", "notResponded")]


def test_who_is_taken_off_the_list_is_told_alone_where_only_that_changed(
    stage: Stage, calendar: caldav.Calendar
) -> None:
    uid = "fewer@client.example"
    post = Post(stage)
    calendar.save_with_invites(planning(uid, datetime(2026, 11, 26, 9, tzinfo=BERLIN)), GUESTS)
    post.mails()
    event = calendar.get_event_by_uid(uid)
    with event.edit_icalendar_component() as component:
        component["ATTENDEE"] = [line for line in component["ATTENDEE"] if JANA in line or ALICE in line]
    event.save()
    assert [row for row in post.rows() if row[3] == "CANCEL"] == told(GOOGLE, ALICE, "CANCEL", BOB, CAROL)
    expected = [["26 09:00 CANCELLED"], ["26 09:00 CANCELLED"]]
    assert [begins(stage, name, uid) for name in ("bob", "carol")] == expected


@pytest.mark.parametrize(
    ("word", "google", "outlook"),
    [
        ("ACCEPTED", "accepted", "accepted"),
        ("COUNTER", "tentative", "tentativelyAccepted"),
    ],
)
def test_outsiders_answer_what_a_cloud_asked(stage, calendar, word, google, outlook) -> None:
    uid, start = f"{word.lower()}@client.example", datetime(2026, 12, 2, 9, tzinfo=BERLIN)
    post = Post(stage)
    calendar.save_with_invites(planning(uid, start), [JANA])
    by_bob(stage, f"bobs-{uid}", start)
    asked = [one for one in post.mails() if one.recipients == (JANA,)]
    assert [cloud_of(one.calendar) for one in asked] == [GOOGLE, OUTLOOK]
    for mail in asked:
        form = {"answer": word, "start": "2026-12-02T15:00"}
        done = requests.post(f"{stage.base}/demo/mail/{mail.number}/answer", data=form, timeout=PATIENCE)
        assert done.url.endswith("?done=read"), done.url
    assert post.mails() == []
    assert at_google(stage, uid) == {JANA: google}
    assert responses(stage, read_lenient(asked[1].calendar).uid)[JANA] == outlook


def dates(stage: Stage, name: str, uid: str) -> list[str]:
    """Of a series, in somebody's calendar."""
    with stage.merged(name) as calendar:
        first, after = datetime(2026, 12, 7, tzinfo=BERLIN), datetime(2027, 1, 31, tzinfo=BERLIN)
        found = calendar.search(start=first, end=after, event=True, expand=True)
        rows = [one.icalendar_component for one in found]
        live = [row for row in rows if str(row["UID"]) == uid and row.get("STATUS") != "CANCELLED"]
        shown = [row.decoded("DTSTART").astimezone(BERLIN) for row in live]
    return sorted(f"{one:%m-%d %H:%M}" for one in shown)


def test_single_dates_of_a_series_at_google(stage: Stage, calendar: caldav.Calendar) -> None:
    uid, first = "weekly@client.example", datetime(2026, 12, 7, 14, tzinfo=BERLIN)
    post = Post(stage)
    calendar.save_with_invites(planning(uid, first, "RRULE:FREQ=WEEKLY;COUNT=4"), GUESTS)
    assert post.rows() == told(GOOGLE, ALICE, "REQUEST", *GUESTS)
    event = calendar.get_event_by_uid(uid)
    with event.edit_icalendar_component() as component:
        component.add("EXDATE", first + 7 * 24 * HOUR)
    event.save()
    assert post.rows() == told(GOOGLE, ALICE, "CANCEL", *GUESTS)
    left = ["12-07 14:00", "12-21 14:00", "12-28 14:00"]
    assert [dates(stage, name, uid) for name in ("alice", "bob", "carol")] == [left] * 3


def test_single_dates_of_a_series_at_outlook(stage: Stage) -> None:
    first, guests = datetime(2026, 12, 8, 14, tzinfo=BERLIN), (ALICE, CAROL, JANA, PETRA)
    post = Post(stage)
    by_bob(stage, "weekly-bob@client.example", first, "RRULE:FREQ=WEEKLY;COUNT=4")
    [uid] = {read_lenient(one.calendar).uid for one in post.mails()}
    by_bob(
        stage,
        "weekly-bob@client.example",
        first,
        "RRULE:FREQ=WEEKLY;COUNT=4",
        "EXDATE;TZID=Europe/Berlin:20261215T140000",
    )
    assert post.rows() == told(OUTLOOK, BOB, "CANCEL", *guests)
    left = ["12-08 14:00", "12-22 14:00", "12-29 14:00"]
    assert [dates(stage, name, uid) for name in ("alice", "carol")] == [left] * 2


def test_a_mail_of_a_cloud_looks_like_one(stage: Stage, calendar: caldav.Calendar) -> None:
    uid, start = "shape@client.example", datetime(2026, 12, 3, 9, tzinfo=BERLIN)
    post = Post(stage)
    calendar.save_with_invites(planning(uid, start, "LOCATION:Room 1"), [JANA])
    by_bob(stage, f"bobs-{uid}", start)
    shown = []
    for mail in (one for one in post.mails() if one.recipients == (JANA,)):
        message = mail.message
        kinds = [part.get_content_type() for part in message.walk()]
        methods = [part.get_param("method") for part in message.walk() if part.get_content_type() == "text/calendar"]
        shown.append((str(message["From"]), str(message["Subject"]), kinds, methods))
    google = ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics"]
    outlook = ["multipart/alternative", "text/plain", "text/html", "text/calendar"]
    assert shown == [
        (
            f"Alice Weber <{ALICE}>",
            f"Invitation: Planning @ Thu, Dec 3, 2026, 9:00 AM ({JANA})",
            google,
            ["REQUEST"],
        ),
        (f"Bob Brandt <{BOB}>", "Planning", outlook, ["REQUEST"]),
    ]
