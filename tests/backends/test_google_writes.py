"""Writing to Google calendars: what the simulated Google holds afterwards, and what it would have mailed."""

import pytest
from aiohttp import ClientSession

from gateway.errors import (
    ReadOnlyCalendar,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
    UnsupportedComponent,
)
from gateway.model import CalendarObject
from tests.fakes.google import ALICE, BOB, TEAM, Client, at, meeting, weekly
from tests.fakes.google_account import SignedIn

BERLIN = "TZID=Europe/Berlin"


def vevent(*lines, uid="one@example.com", start="20261123T090000", end="20261123T100000"):
    head = [f"UID:{uid}", "DTSTAMP:20261121T090000Z", f"DTSTART;{BERLIN}:{start}", f"DTEND;{BERLIN}:{end}"]
    return "\r\n".join(["BEGIN:VEVENT", *head, *lines, "END:VEVENT"])


def obj(*events, href="one.ics"):
    body = "\r\n".join(events or [vevent("SUMMARY:One")])
    return CalendarObject(href, f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{body}\r\nEND:VCALENDAR\r\n")


def series(*lines, **more):
    more = {"start": "20261102T090000", "end": "20261102T100000"} | more
    return vevent("RRULE:FREQ=WEEKLY;COUNT=6", "SUMMARY:Weekly", *lines, **more)


def override(rid, *lines, start, end):
    return vevent(f"RECURRENCE-ID;{BERLIN}:{rid}", *lines, start=start, end=end)


async def put(account, new, if_etag=None, calendar=ALICE):
    return await account.backend.put(calendar, new, if_etag)


def edited(stored, *changes):
    text = stored.text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return CalendarObject(stored.href, text)


def summary_of(events):
    return [(event["summary"], event["start"].get("dateTime", event["start"].get("date"))) for event in events]


async def test_a_new_event_keeps_its_uid_and_comes_back_as_google_holds_it(google, alice):
    stored = await put(alice, obj())

    [event] = google.events(ALICE)
    assert (event["iCalUID"], event["summary"]) == ("one@example.com", "One")
    assert event["start"] == {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"}
    assert stored.href == event["id"]
    assert [stored] == (await alice.everything())[0]


async def test_trying_again_after_a_lost_answer_makes_no_second_event(google, alice):
    first = await put(alice, obj())

    assert await put(alice, obj()) == first
    assert len(google.events(ALICE)) == 1


async def test_a_connection_lost_in_mid_series_is_finished_by_the_next_try(google, alice):
    new = obj(series(), override("20261109T090000", "SUMMARY:Other", start="20261109T110000", end="20261109T120000"))
    google.fail_next(503, path="_20261109T080000Z")
    with pytest.raises(Exception, match="backendError"):
        await put(alice, new)

    stored = await put(alice, new)

    assert summary_of(google.events(ALICE)) == [
        ("Weekly", "2026-11-02T09:00:00+01:00"),
        ("Other", "2026-11-09T11:00:00+01:00"),
    ]
    assert [stored] == (await alice.everything())[0]


async def test_another_event_with_the_same_uid_is_a_conflict(google, alice):
    google.add_event(ALICE, meeting("Somebody else's", iCalUID="one@example.com"))

    with pytest.raises(RemoteConflict):
        await put(alice, obj())


async def test_an_event_deleted_at_google_can_be_created_again(google, alice):
    first = await put(alice, obj())
    await alice.backend.delete(ALICE, first.href, None)

    second = await put(alice, obj(vevent("SUMMARY:Back")))

    assert second.href == first.href
    assert summary_of(google.events(ALICE)) == [("Back", "2026-11-23T09:00:00+01:00")]


async def test_a_series_with_exceptions_arrives_whole(google, alice):
    stored = await put(
        alice,
        obj(
            series(f"EXDATE;{BERLIN}:20261116T090000"),
            override("20261109T090000", "SUMMARY:Later", start="20261110T140000", end="20261110T150000"),
            override("20261123T090000", "STATUS:CANCELLED", start="20261123T090000", end="20261123T100000"),
        ),
    )

    answer = await Client(google).send(
        lambda api: api.events().list(calendarId=ALICE, singleEvents=True, orderBy="startTime")
    )
    assert summary_of(answer["items"]) == [
        ("Weekly", "2026-11-02T09:00:00+01:00"),
        ("Later", "2026-11-10T14:00:00+01:00"),
        ("Weekly", "2026-11-30T09:00:00+01:00"),
        ("Weekly", "2026-12-07T09:00:00+01:00"),
    ]
    assert [stored] == (await alice.everything())[0]


async def test_an_edit_changes_only_what_the_client_changed(google, alice):
    made = google.add_event(
        ALICE,
        meeting(
            description="<b>Bring</b> cake<br>please",
            guestsCanModify=True,
            attachments=[{"fileUrl": "https://addon.example/1", "title": "Plan"}],
            conferenceData={"createRequest": {"requestId": "one"}},
            extendedProperties={"private": {"theirs": "kept"}},
        ),
    )
    [held], _ = await alice.everything()

    stored = await put(alice, edited(held, ("SUMMARY:Meeting", "SUMMARY:Changed")), held.etag)

    after = google.event(ALICE, made["id"])
    assert after == {**made, "summary": "Changed", "etag": after["etag"]}
    assert stored.etag != held.etag


async def test_what_a_client_takes_away_is_gone_at_google(google, alice):
    google.add_event(ALICE, meeting(location="Room 1", colorId="3", visibility="private", attendees=[{"email": BOB}]))
    [held], _ = await alice.everything()
    dropped = ("LOCATION", "COLOR", "CLASS", "ATTENDEE", "ORGANIZER")
    text = "".join(line for line in held.text.splitlines(keepends=True) if not line.startswith(dropped))

    await put(alice, CalendarObject(held.href, text), held.etag)

    [after] = google.events(ALICE)
    assert not {"location", "colorId", "attendees"} & after.keys()
    assert after["visibility"] == "default"


async def test_an_unchanged_object_is_not_written_at_all(google, alice):
    made = google.add_event(ALICE, meeting())
    [held], _ = await alice.everything()

    assert await put(alice, held, "stale") == held
    assert google.event(ALICE, made["id"]) == made


async def test_who_was_overtaken_gets_a_conflict(google, alice):
    made = google.add_event(ALICE, meeting())
    [held], _ = await alice.everything()
    google.change_event(ALICE, made["id"], {"summary": "Theirs"})

    with pytest.raises(RemoteConflict):
        await put(alice, edited(held, ("SUMMARY:Meeting", "SUMMARY:Mine")), held.etag)
    with pytest.raises(RemoteConflict):
        await alice.backend.delete(ALICE, held.href, held.etag)
    assert summary_of(google.events(ALICE)) == [("Theirs", "2026-11-23T09:00:00+01:00")]


async def test_a_changed_exception_is_a_conflict_for_the_whole_object(google, alice):
    made = google.add_event(ALICE, weekly())
    [held], _ = await alice.everything()
    google.delete_event(ALICE, f"{made['id']}_20261109T080000Z")

    with pytest.raises(RemoteConflict):
        await put(alice, edited(held, ("SUMMARY:Weekly", "SUMMARY:Mine")), held.etag)


async def test_a_change_between_reading_and_writing_is_a_conflict_too(google, alice):
    made = google.add_event(ALICE, meeting())
    [held], _ = await alice.everything()
    google.meanwhile("PATCH", lambda: google.change_event(ALICE, made["id"], {"summary": "Theirs"}))
    google.meanwhile("DELETE", lambda: google.change_event(ALICE, made["id"], {"summary": "Theirs"}))

    with pytest.raises(RemoteConflict):
        await put(alice, edited(held, ("SUMMARY:Meeting", "SUMMARY:Mine")), held.etag)
    [held], _ = await alice.everything()
    with pytest.raises(RemoteConflict):
        await alice.backend.delete(ALICE, held.href, held.etag)
    assert google.event(ALICE, made["id"])["summary"] == "Theirs"


async def test_deleting_without_an_etag_deletes_whatever_is_there(google, alice):
    made = google.add_event(ALICE, meeting())
    google.meanwhile("DELETE", lambda: google.change_event(ALICE, made["id"], {"summary": "Theirs"}))

    await alice.backend.delete(ALICE, made["id"], None)

    assert google.events(ALICE) == []


async def test_an_answer_of_a_guest_between_two_tries_is_no_conflict(google, alice, bob):
    new = obj(vevent("SUMMARY:One", f"ORGANIZER:mailto:{ALICE}", f"ATTENDEE:mailto:{BOB}", "DESCRIPTION:x"))
    first = await put(alice, new)
    google.change_event(ALICE, first.href, {"attendees": [{"email": BOB, "additionalGuests": 2}]})

    assert (await put(alice, new)).href == first.href
    assert len(google.events(ALICE)) == 1


async def test_an_event_that_is_gone_cannot_be_changed(google, alice):
    made = google.add_event(ALICE, meeting())
    [held], _ = await alice.everything()
    google.delete_event(ALICE, made["id"])

    with pytest.raises(RemoteGone):
        await put(alice, edited(held, ("SUMMARY:Meeting", "SUMMARY:Mine")), held.etag)


async def test_dates_are_left_out_changed_and_put_back(google, alice):
    made = google.add_event(ALICE, weekly())
    google.delete_event(ALICE, f"{made['id']}_20261109T080000Z")
    google.change_event(ALICE, f"{made['id']}_20261116T080000Z", {"summary": "Other"})
    [held], _ = await alice.everything()
    head = held.text[: held.text.rindex("BEGIN:VEVENT")]
    changed = head.replace("20261109T090000", "20261130T090000") + override(
        "20261123T090000", "SUMMARY:New", start="20261123T120000", end="20261123T130000"
    ).replace("one@example.com", made["iCalUID"])

    stored = await put(alice, CalendarObject(held.href, f"{changed}\r\nEND:VCALENDAR\r\n"), held.etag)

    answer = await Client(google).send(
        lambda api: api.events().list(calendarId=ALICE, singleEvents=True, orderBy="startTime")
    )
    assert summary_of(answer["items"]) == [
        ("Weekly", "2026-11-02T09:00:00+01:00"),
        ("Weekly", "2026-11-09T09:00:00+01:00"),
        ("Weekly", "2026-11-16T09:00:00+01:00"),
        ("New", "2026-11-23T12:00:00+01:00"),
        ("Weekly", "2026-12-07T09:00:00+01:00"),
    ]
    assert [stored] == (await alice.everything())[0]
    assert stored.text.count("BEGIN:VEVENT") == 2


async def test_a_left_out_date_written_into_the_rule_can_be_put_back(google, alice):
    stored = await put(alice, obj(series(f"EXDATE;{BERLIN}:20261116T090000")))

    after = await put(alice, edited(stored, (f"EXDATE;{BERLIN}:20261116T090000\r\n", "")), stored.etag)

    assert "EXDATE" not in after.text
    assert google.events(ALICE)[0]["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=6"]


async def test_a_new_rule_keeps_the_exceptions_the_client_still_has(google, alice):
    made = google.add_event(ALICE, weekly())
    google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"summary": "Other"})
    google.delete_event(ALICE, f"{made['id']}_20261116T080000Z")
    [held], _ = await alice.everything()

    stored = await put(alice, edited(held, ("COUNT=6", "COUNT=4")), held.etag)

    answer = await Client(google).send(
        lambda api: api.events().list(calendarId=ALICE, singleEvents=True, orderBy="startTime")
    )
    assert summary_of(answer["items"]) == [
        ("Weekly", "2026-11-02T09:00:00+01:00"),
        ("Other", "2026-11-09T09:00:00+01:00"),
        ("Weekly", "2026-11-23T09:00:00+01:00"),
    ]
    assert [stored] == (await alice.everything())[0]


async def test_a_series_becomes_a_single_event_and_the_other_way_round(google, alice):
    stored = await put(alice, obj())

    repeated = edited(stored, ("SUMMARY:One", "RRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:One"))
    stored = await put(alice, repeated, stored.etag)
    assert google.events(ALICE)[0]["recurrence"] == ["RRULE:FREQ=DAILY;COUNT=3"]

    stored = await put(alice, edited(stored, ("RRULE:FREQ=DAILY;COUNT=3\r\n", "")), stored.etag)
    assert "recurrence" not in google.events(ALICE)[0]


async def test_a_timed_event_becomes_all_day_and_the_other_way_round(google, alice):
    stored = await put(alice, obj())
    timed = (f"DTSTART;{BERLIN}:20261123T090000", f"DTEND;{BERLIN}:20261123T100000")
    dates = ("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261125")

    stored = await put(alice, edited(stored, *zip(timed, dates, strict=True)), stored.etag)
    assert (google.events(ALICE)[0]["start"], google.events(ALICE)[0]["end"]) == (
        {"date": "2026-11-23"},
        {"date": "2026-11-25"},
    )

    await put(alice, edited(stored, *zip(dates, timed, strict=True)), stored.etag)
    assert google.events(ALICE)[0]["start"]["timeZone"] == "Europe/Berlin"


async def test_google_invites_the_guests_of_a_clients_event(google, alice):
    guests = [f"ORGANIZER:mailto:{ALICE}", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ALICE}", f"ATTENDEE:mailto:{BOB}"]
    stored = await put(alice, obj(vevent("SUMMARY:One", *guests)))
    moved = edited(stored, ("T100000", "T110000"))
    stored = await put(alice, moved, stored.etag)
    await alice.backend.delete(ALICE, stored.href, stored.etag)

    assert [(mail.to, mail.method) for mail in google.mails] == [(BOB, "REQUEST"), (BOB, "REQUEST"), (BOB, "CANCEL")]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["X-GATEWAY-BOOKING:b-17", f"ATTENDEE:mailto:{BOB}"], id="a booking"),
        pytest.param([f"ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:{BOB}"], id="the client sends"),
        pytest.param(
            ["X-MOZ-SEND-INVITATIONS:FALSE", f"ATTENDEE:mailto:{BOB}"], id="Thunderbird's user wants nobody told"
        ),
    ],
)
async def test_google_mails_nobody_where_the_mail_is_ours_or_the_clients(google, alice, lines):
    stored = await put(alice, obj(vevent("SUMMARY:One", f"ORGANIZER:mailto:{ALICE}", *lines)))
    again = obj(vevent("SUMMARY:Two", f"ORGANIZER:mailto:{ALICE}", *lines))
    await put(alice, CalendarObject(stored.href, again.text), stored.etag)

    assert list(google.mails) == []
    assert summary_of(google.events(BOB)) == [("Two", "2026-11-23T09:00:00+01:00")]


async def test_a_booking_stays_known_as_one_until_it_is_deleted(google, alice):
    guests = [f"ORGANIZER:mailto:{ALICE}", f"ATTENDEE:mailto:{BOB}"]
    stored = await put(alice, obj(vevent("SUMMARY:One", "X-GATEWAY-BOOKING:b-17", *guests)))
    assert "X-GATEWAY-BOOKING:b-17\r\n" in stored.text

    await alice.backend.delete(ALICE, stored.href, stored.etag)
    assert (google.events(ALICE), list(google.mails)) == ([], [])


async def test_a_guests_answer_reaches_the_organizer(google, bob):
    made = google.add_event(ALICE, meeting(attendees=[{"email": BOB, "comment": "maybe late"}]))
    [held], _ = await bob.everything(BOB)

    await put(bob, edited(held, ("PARTSTAT=NEEDS-ACTION;RSVP=TRUE", "PARTSTAT=ACCEPTED")), held.etag, BOB)

    assert google.event(ALICE, made["id"])["attendees"] == [
        {"email": BOB, "comment": "maybe late", "responseStatus": "accepted"}
    ]
    assert [(mail.to, mail.method) for mail in google.mails] == [(ALICE, "REPLY")]


async def test_a_guest_who_changes_more_is_told_what_google_says(google, bob):
    google.add_event(ALICE, meeting(attendees=[{"email": BOB}]))
    [held], _ = await bob.everything(BOB)

    with pytest.raises(RefusedByProvider, match="only the organizer, Alice, can change its title"):
        await put(bob, edited(held, ("SUMMARY:Meeting", "SUMMARY:Mine")), held.etag, BOB)


async def test_somebody_elses_invitation_keeps_its_organizer_and_is_not_mailed(google, alice):
    await put(
        alice, obj(vevent("SUMMARY:Theirs", "ORGANIZER;CN=Boss:mailto:boss@other.example", f"ATTENDEE:mailto:{ALICE}"))
    )

    [event] = google.events(ALICE)
    assert (event["organizer"], event["iCalUID"]) == (
        {"email": "boss@other.example", "displayName": "Boss"},
        "one@example.com",
    )
    assert list(google.mails) == []


async def test_an_event_of_ones_own_in_a_second_calendar_is_no_foreign_invitation(google):
    async with ClientSession() as http:
        alice = SignedIn(google, http, email="")
        own = obj(vevent("SUMMARY:One", f"ORGANIZER:mailto:{ALICE}", f"ATTENDEE:mailto:{BOB}"))
        await put(alice, own, calendar=TEAM)

    assert google.events(TEAM)[0]["organizer"]["email"] == TEAM


async def test_the_sequence_of_a_client_is_kept_and_rises(google, alice):
    stored = await put(alice, obj(vevent("SUMMARY:One", "SEQUENCE:2")))

    changes = [("SEQUENCE:2", "SEQUENCE:5"), ("20261123T100000", "20261123T110000")]
    stored = await put(alice, edited(stored, *changes), stored.etag)

    assert "SEQUENCE:5\r\n" in stored.text


async def test_deleting_what_is_deleted_is_done(google, alice):
    made = google.add_event(ALICE, weekly())
    google.delete_event(ALICE, made["id"])

    await alice.backend.delete(ALICE, made["id"], "any")
    await alice.backend.delete(ALICE, "nobody", None)


async def test_a_series_is_deleted_with_all_its_dates(google, alice):
    made = google.add_event(ALICE, weekly())
    google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"summary": "Other"})
    [held], _ = await alice.everything()

    await alice.backend.delete(ALICE, held.href, held.etag)

    assert (await alice.everything())[0] == []


async def test_single_dates_of_somebody_elses_series_can_be_answered_and_deleted(google, bob):
    made = google.add_event(ALICE, weekly())
    google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"attendees": [{"email": BOB}]})
    [held], _ = await bob.everything(BOB)

    stored = await put(bob, edited(held, ("PARTSTAT=NEEDS-ACTION;RSVP=TRUE", "PARTSTAT=TENTATIVE")), held.etag, BOB)
    assert google.event(ALICE, f"{made['id']}_20261109T080000Z")["attendees"][0]["responseStatus"] == "tentative"

    await bob.backend.delete(BOB, stored.href, stored.etag)
    assert google.events(BOB) == []


async def test_calendars_one_may_only_read_take_no_writes(google, alice):
    google.add_event(BOB, meeting())
    google.share(BOB, ALICE, "reader")
    [held], _ = await alice.everything(BOB)

    with pytest.raises(ReadOnlyCalendar):
        await put(alice, obj(), calendar=BOB)
    with pytest.raises(ReadOnlyCalendar):
        await alice.backend.delete(BOB, held.href, held.etag)


async def test_an_absence_becomes_an_out_of_office_event_where_google_takes_one(google, alice):
    away = obj(vevent("SUMMARY:Away", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"))

    stored = await put(alice, away)
    await put(alice, away, calendar=TEAM)

    assert [google.events(name)[0]["eventType"] for name in (ALICE, TEAM)] == ["outOfOffice", "default"]
    assert "X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n" in stored.text


@pytest.mark.parametrize(
    ("events", "error", "words"),
    [
        pytest.param(
            ["BEGIN:VTODO\r\nUID:one@example.com\r\nDTSTAMP:20261121T090000Z\r\nEND:VTODO"],
            UnsupportedComponent,
            "VTODO",
            id="a task",
        ),
        pytest.param([series("RRULE:FREQ=DAILY;COUNT=2")], RefusedByProvider, "several", id="two rules"),
        pytest.param([vevent("STATUS:CANCELLED")], RefusedByProvider, "delete it instead", id="a cancelled event"),
        pytest.param(
            [series("RDATE;VALUE=PERIOD:20261203T090000Z/PT3H")], RefusedByProvider, "another length", id="periods"
        ),
        pytest.param(
            [
                series(),
                vevent(
                    f"RECURRENCE-ID;RANGE=THISANDFUTURE;{BERLIN}:20261109T090000",
                    start="20261109T100000",
                    end="20261109T110000",
                ),
            ],
            RefusedByProvider,
            "split the series",
            id="this and following",
        ),
        pytest.param(
            [override("20261109T090000", start="20261109T100000", end="20261109T110000")],
            RefusedByProvider,
            "single dates",
            id="no series",
        ),
        pytest.param(
            [series(), override("20261110T090000", start="20261110T100000", end="20261110T110000")],
            RefusedByProvider,
            "no date of this series",
            id="not in the rule",
        ),
        pytest.param(
            [
                series("ORGANIZER:mailto:x@y.example"),
                override("20261109T090000", start="20261109T100000", end="20261109T110000"),
            ],
            RefusedByProvider,
            "only as a whole",
            id="a foreign series with changes",
        ),
    ],
)
async def test_what_google_cannot_hold_is_refused_in_words(alice, events, error, words):
    with pytest.raises(error, match=words):
        await put(alice, obj(*events))


async def test_times_without_zone_are_in_the_calendars_zone(google, alice):
    google.add_calendar(ALICE, "ny@group.calendar.google.com", "New York", zone="America/New_York")
    floating = edited(obj(), (f";{BERLIN}", ""))

    stored = await put(alice, floating, calendar="ny@group.calendar.google.com")

    assert "DTSTART:20261123T090000\r\n" in stored.text
    assert google.events("ny@group.calendar.google.com")[0]["start"] == at(23, 9, zone="America/New_York") | {
        "dateTime": "2026-11-23T09:00:00-05:00"
    }
