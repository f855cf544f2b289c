"""Writing what somebody else organizes, events of special types, conferences and files, at the simulated Google."""

import pytest

from gateway.errors import RefusedByProvider
from gateway.model import CalendarObject
from tests.backends.test_google_writes import BERLIN, edited, obj, put, vevent
from tests.fakes.google import ALICE, BOB, Client, meeting, weekly

NO_ANSWER = "PARTSTAT=NEEDS-ACTION;RSVP=TRUE"
FILE = "https://drive.google.com/open?id=1"


def sent(google, verb):
    return [request.split("?")[0] for request in google.requests if request.startswith(verb)]


def answers(google, event):
    return {row["email"]: row["responseStatus"] for row in google.event(ALICE, event)["attendees"]}


@pytest.mark.parametrize("answer", ["ACCEPTED", "DECLINED", "TENTATIVE"])
async def test_changing_partstat_answers_the_invitation_and_nothing_else(google, bob, answer):
    guests = [{"email": BOB}, {"email": "zoe@other.example", "responseStatus": "accepted"}]
    made = google.add_event(ALICE, meeting(attendees=guests, description="<b>Hi</b>"))
    [held], _ = await bob.everything(BOB)
    text = held.text.replace(NO_ANSWER, f"PARTSTAT={answer}").replace("X-ALT-DESC;FMTTYPE=text/html:<b>Hi</b>\r\n", "")
    text = text.replace("PARTSTAT=ACCEPTED:mailto:zoe", "PARTSTAT=DECLINED:mailto:zoe")

    await put(bob, CalendarObject(held.href, text), held.etag, BOB)

    after = google.event(ALICE, made["id"])
    assert answers(google, made["id"]) == {BOB: answer.lower(), "zoe@other.example": "accepted"}
    assert after["description"] == "<b>Hi</b>"
    assert [(mail.to, mail.method) for mail in google.mails] == [(ALICE, "REPLY")]


async def test_a_guest_answers_for_one_date_of_a_series(google, bob):
    made = google.add_event(ALICE, weekly(attendees=[{"email": BOB}], description="Agenda", location="Room 1"))
    [held], _ = await bob.everything(BOB)
    master = held.text[held.text.index("BEGIN:VEVENT") : held.text.index("END:VCALENDAR")]
    lines = [line for line in master.replace("\r\n ", "").split("\r\n") if not line.startswith("RRULE")]
    moved = "\r\n".join(lines).replace("20261102T", "20261109T").replace(NO_ANSWER, "PARTSTAT=DECLINED")
    date = moved.replace("SEQUENCE:0", f"SEQUENCE:0\r\nRECURRENCE-ID;{BERLIN}:20261109T090000")

    await put(bob, edited(held, ("END:VCALENDAR", date + "END:VCALENDAR")), held.etag, BOB)

    assert answers(google, f"{made['id']}_20261109T080000Z") == {BOB: "declined"}
    assert answers(google, made["id"]) == {BOB: "needsAction"}


async def test_a_guest_takes_one_date_out_of_his_calendar(google, bob):
    made = google.add_event(ALICE, weekly(attendees=[{"email": BOB}]))
    [held], _ = await bob.everything(BOB)

    stored = await put(
        bob, edited(held, ("SUMMARY:Weekly", f"EXDATE;{BERLIN}:20261109T090000\r\nSUMMARY:Weekly")), held.etag, BOB
    )

    assert f"EXDATE;{BERLIN}:20261109T090000" in stored.text
    assert answers(google, f"{made['id']}_20261109T080000Z") == {BOB: "declined"}
    assert answers(google, made["id"]) == {BOB: "needsAction"}


async def test_a_date_that_a_guest_took_out_does_not_come_back_by_itself(google, bob):
    made = google.add_event(ALICE, weekly(attendees=[{"email": BOB}]))
    google.delete_event(BOB, f"{made['id']}_20261109T080000Z")
    [held], _ = await bob.everything(BOB)

    with pytest.raises(RefusedByProvider, match="only its organizer can bring it back"):
        await put(bob, edited(held, (f"EXDATE;{BERLIN}:20261109T090000\r\n", "")), held.etag, BOB)


async def test_colour_and_reminders_of_an_invitation_are_the_guests_own_and_tell_nobody(google, bob):
    made = google.add_event(ALICE, meeting(attendees=[{"email": BOB}]))
    [held], _ = await bob.everything(BOB)
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT45M\r\nDESCRIPTION:x\r\nEND:VALARM\r\n"
    head = held.text[: held.text.index("BEGIN:VALARM")]

    await put(
        bob, CalendarObject(held.href, f"{head}COLOR:gold\r\n{alarm}END:VEVENT\r\nEND:VCALENDAR\r\n"), held.etag, BOB
    )

    copy = google.event(BOB, made["id"])
    assert (copy["colorId"], copy["reminders"]["overrides"]) == ("5", [{"method": "popup", "minutes": 45}])
    assert ("colorId" in google.event(ALICE, made["id"]), list(google.mails)) == (False, [])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(("SUMMARY:Meeting", "SUMMARY:Mine"), "can change its title;", id="title"),
        pytest.param(("T100000", "T110000"), "can change its time;", id="time"),
        pytest.param(("TRANSP:OPAQUE", "TRANSP:TRANSPARENT"), "can change whether it blocks time;", id="busy"),
        pytest.param(("SUMMARY:Meeting", "SUMMARY:Meeting\r\nLOCATION:Here"), "can change its place;", id="place"),
    ],
)
async def test_what_a_guest_may_not_change_is_refused_before_anything_is_sent(google, bob, change, words):
    made = google.add_event(ALICE, meeting(attendees=[{"email": BOB}]))
    [held], _ = await bob.everything(BOB)

    with pytest.raises(RefusedByProvider, match=words):
        await put(bob, edited(held, change, (NO_ANSWER, "PARTSTAT=ACCEPTED")), held.etag, BOB)

    assert (sent(google, "PATCH"), answers(google, made["id"])) == ([], {BOB: "needsAction"})


async def test_a_guest_who_may_change_the_event_does(google, bob):
    made = google.add_event(ALICE, meeting(attendees=[{"email": BOB}], guestsCanModify=True))
    [held], _ = await bob.everything(BOB)

    await put(bob, edited(held, ("SUMMARY:Meeting", "SUMMARY:Ours")), held.etag, BOB)

    assert google.event(ALICE, made["id"])["summary"] == "Ours"


async def test_a_guest_invites_somebody_else_where_that_is_allowed(google, bob):
    made = google.add_event(ALICE, meeting(attendees=[{"email": BOB}]))
    closed = google.add_event(ALICE, meeting("Closed", attendees=[{"email": BOB}], guestsCanInviteOthers=False))
    held = {obj.href: obj for obj in (await bob.everything(BOB))[0]}
    more = ("X-GATEWAY-CALENDAR", "ATTENDEE:mailto:zoe@other.example\r\nX-GATEWAY-CALENDAR")

    await put(bob, edited(held[made["id"]], more), held[made["id"]].etag, BOB)
    with pytest.raises(RefusedByProvider, match="only the organizer can invite others"):
        await put(bob, edited(held[closed["id"]], more), held[closed["id"]].etag, BOB)

    assert answers(google, made["id"]) == {BOB: "needsAction", "zoe@other.example": "needsAction"}


@pytest.mark.parametrize(
    ("event", "change", "words"),
    [
        pytest.param(
            meeting("Flight", eventType="fromGmail"), ("SUMMARY:Flight", "SUMMARY:x"), "Gmail made", id="Gmail"
        ),
        pytest.param(
            {
                "summary": "Zoe",
                "eventType": "birthday",
                "start": {"date": "2026-11-23"},
                "end": {"date": "2026-11-24"},
                "recurrence": ["RRULE:FREQ=YEARLY"],
                "visibility": "private",
                "transparency": "transparent",
            },
            ("SUMMARY:Zoe", "SUMMARY:Zoe\r\nLOCATION:Here"),
            "a birthday",
            id="birthday",
        ),
        pytest.param(
            meeting("Away", eventType="outOfOffice"), ("BUSYSTATUS:OOF", "BUSYSTATUS:BUSY"), "another kind", id="away"
        ),
        pytest.param(
            meeting("Focus", eventType="focusTime"), ("TRANSP:OPAQUE", "TRANSP:TRANSPARENT"), "focus time", id="focus"
        ),
        pytest.param(
            meeting(
                "Home",
                eventType="workingLocation",
                visibility="public",
                transparency="transparent",
                workingLocationProperties={"type": "homeOffice"},
            ),
            ("CLASS:PUBLIC", "CLASS:PRIVATE"),
            "working location",
            id="working location",
        ),
    ],
)
async def test_what_google_keeps_for_itself_of_special_events_is_refused_in_words(google, alice, event, change, words):
    google.add_event(ALICE, event)
    [held], _ = await alice.everything()

    with pytest.raises(RefusedByProvider, match=words):
        await put(alice, edited(held, change), held.etag)
    assert sent(google, "PATCH") == []


async def test_titles_of_special_events_can_be_changed(google, alice):
    google.add_event(ALICE, meeting("Away", eventType="outOfOffice"))
    [held], _ = await alice.everything()

    stored = await put(alice, edited(held, ("SUMMARY:Away", "SUMMARY:On holiday")), held.etag)

    assert "SUMMARY:On holiday\r\n" in stored.text
    assert google.events(ALICE)[0]["eventType"] == "outOfOffice"


async def test_a_client_asks_for_focus_time(google, alice):
    await put(alice, obj(vevent("SUMMARY:Focus", "X-GATEWAY-EVENT-TYPE:focusTime")))

    assert google.events(ALICE)[0]["eventType"] == "focusTime"


async def test_a_meet_link_is_made_once_and_taken_away_on_request(google, alice):
    wish = obj(vevent("SUMMARY:One", "X-GATEWAY-CONFERENCE:MEET"))
    first = await put(alice, wish)
    [link] = [line for line in first.text.replace("\r\n ", "").split("\r\n") if line.startswith("CONFERENCE")]
    again = await put(alice, CalendarObject(first.href, wish.text.replace("SUMMARY:One", "SUMMARY:Two")), first.etag)

    assert link.startswith("CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=meet.google.com/")
    assert link in again.text.replace("\r\n ", "")
    gone = await put(alice, CalendarObject(again.href, wish.text.replace("MEET", "NONE")), again.etag)
    assert "CONFERENCE" not in gone.text
    back = await put(alice, CalendarObject(gone.href, wish.text), gone.etag)
    assert link not in back.text.replace("\r\n ", "")
    assert "CONFERENCE" in back.text


async def test_an_event_that_comes_back_after_its_deletion_has_a_conference_again(google, alice):
    wish = obj(vevent("SUMMARY:One", "X-GATEWAY-CONFERENCE:MEET"))
    first = await put(alice, wish)
    await alice.backend.delete(ALICE, first.href, None)

    assert "CONFERENCE;VALUE=URI;FEATURE=VIDEO" in (await put(alice, wish)).text


async def test_a_conference_that_is_still_pending_is_read_again(google, alice):
    google.slow_conferences()

    stored = await put(alice, obj(vevent("SUMMARY:One", "X-GATEWAY-CONFERENCE:MEET")))

    assert "CONFERENCE;VALUE=URI;FEATURE=VIDEO" in stored.text


async def test_a_meet_link_is_refused_where_google_offers_none(google, alice):
    google.state.calendars[ALICE].meets = False

    with pytest.raises(RefusedByProvider, match="no Meet conferences in 'Alice'"):
        await put(alice, obj(vevent("SUMMARY:One", "X-GATEWAY-CONFERENCE:MEET")))
    assert google.events(ALICE) == []


async def test_a_conference_survives_a_client_that_does_not_know_it(google, alice):
    google.add_event(ALICE, meeting(conferenceData={"createRequest": {"requestId": "one"}}))
    [held], _ = await alice.everything()
    lines = held.text.replace("\r\n ", "").split("\r\n")
    text = "\r\n".join(line for line in lines if not line.startswith(("CONFERENCE", "URL")))

    stored = await put(alice, CalendarObject(held.href, text.replace("SUMMARY:Meeting", "SUMMARY:x")), held.etag)

    assert "CONFERENCE;VALUE=URI" in stored.text


async def test_files_at_drive_become_attachments_and_others_do_not(google, alice):
    stored = await put(alice, obj(vevent(f"ATTACH;FILENAME=Plan:{FILE}", "ATTACH:https://files.example/2")))

    assert [row["fileUrl"] for row in google.events(ALICE)[0]["attachments"]] == [FILE]
    assert f"ATTACH;FILENAME=Plan:{FILE}\r\n" in stored.text.replace("\r\n ", "")


async def test_files_of_others_stay_when_one_is_added_or_taken_away(google, alice):
    google.add_event(ALICE, meeting(attachments=[{"fileUrl": "https://addon.example/1", "title": "Board"}]))
    [held], _ = await alice.everything()
    more = ("X-GATEWAY-CALENDAR", f"ATTACH:{FILE}\r\nX-GATEWAY-CALENDAR")

    stored = await put(alice, edited(held, more), held.etag)
    assert [row["fileUrl"] for row in google.events(ALICE)[0]["attachments"]] == ["https://addon.example/1", FILE]

    lines = [line for line in stored.text.replace("\r\n ", "").split("\r\n") if "addon.example" not in line]
    await put(alice, CalendarObject(stored.href, "\r\n".join(lines)), stored.etag)
    [kept] = google.events(ALICE)[0]["attachments"]
    assert (kept["fileUrl"], "fileId" in kept) == (FILE, True)


async def test_comments_and_further_guests_come_and_go_with_the_guest(google, alice):
    google.add_event(ALICE, meeting(attendees=[{"email": BOB, "comment": "late", "additionalGuests": 2}]))
    [held], _ = await alice.everything()
    assert "X-NUM-GUESTS=2;X-RESPONSE-COMMENT=late:mailto:bob" in held.text.replace("\r\n ", "")

    flat = CalendarObject(held.href, held.text.replace("\r\n ", ""))
    await put(alice, edited(flat, ("X-NUM-GUESTS=2;X-RESPONSE-COMMENT=late", "X-NUM-GUESTS=3")), held.etag)

    [row] = google.events(ALICE)[0]["attendees"]
    assert (row["comment"], row["additionalGuests"]) == ("late", 3)


async def test_the_web_page_of_an_event_is_its_creators(google, alice):
    stored = await put(alice, obj(vevent("URL:https://example.com/a")))
    assert google.events(ALICE)[0]["source"] == {"url": "https://example.com/a", "title": "https://example.com/a"}

    await put(alice, edited(stored, ("URL:https://example.com/a\r\n", "")), stored.etag)
    assert "source" not in google.events(ALICE)[0]


async def test_a_resource_is_invited_as_one(google, alice):
    await put(alice, obj(vevent(f"ORGANIZER:mailto:{ALICE}", "ATTENDEE;CUTYPE=ROOM:mailto:room@resource.example")))

    assert google.events(ALICE)[0]["attendees"][0]["resource"] is True


async def test_what_bob_was_sent_is_not_sent_back(google, bob):
    """A client that only changes what Google does not hold makes no request that changes something."""
    google.add_event(ALICE, meeting(attendees=[{"email": BOB}]))
    [held], _ = await bob.everything(BOB)

    await put(bob, edited(held, ("STATUS:CONFIRMED", "STATUS:CONFIRMED\r\nCATEGORIES:Mine\r\nX-A:b")), held.etag, BOB)

    assert (sent(google, "PATCH"), sent(google, "PUT")) == ([], [])
    assert await Client(google, BOB).send(lambda api: api.events().list(calendarId=BOB))
