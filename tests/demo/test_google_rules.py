"""What the simulated Google takes of moves, answers, files, conferences and special events, under the real library."""

import pytest

from tests.demo.test_google_events import DAY, FILE, QUIET, YEARLY, got, inserted, patched
from tests.fakes.google import ALICE, BOB, TEAM, Client, meeting, running_google, weekly


@pytest.fixture
async def google():
    async with running_google() as simulator:
        yield simulator


@pytest.fixture
def client(google):
    return Client(google)


def moved(event, target, calendar=ALICE, **query):
    return lambda api: api.events().move(calendarId=calendar, eventId=event, destination=target, **query)


async def test_a_moved_event_keeps_id_uid_guests_and_exceptions(google, client):
    made = google.add_event(ALICE, weekly(attendees=[{"email": BOB}]))
    google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"summary": "Other"})

    after = await client.send(moved(made["id"], TEAM))

    assert (after["id"], after["iCalUID"]) == (made["id"], made["iCalUID"])
    assert after["organizer"] == {"email": TEAM, "displayName": "Team", "self": True}
    assert sorted(event["summary"] for event in google.events(TEAM)) == ["Other", "Weekly"]
    assert google.events(ALICE) == []
    assert (await client.send(got(made["id"])))["status"] == "cancelled"
    assert google.event(BOB, made["id"])["organizer"]["email"] == TEAM
    assert list(google.mails) == []


async def test_guests_hear_of_a_move_only_when_asked_for(google, client):
    made = google.add_event(ALICE, meeting(attendees=[{"email": BOB}]))

    await client.send(moved(made["id"], TEAM, sendUpdates="all"))

    assert [(mail.to, mail.method) for mail in google.mails] == [(BOB, "REQUEST")]


async def test_what_cannot_be_moved(google, client):
    series = google.add_event(ALICE, weekly())
    away = google.add_event(ALICE, meeting(eventType="outOfOffice"))
    bobs = google.add_event(BOB, meeting(attendees=[{"email": ALICE}]))
    google.add_calendar(BOB, "bobs@group.calendar.google.com", "Bobs")

    assert await client.refusal(moved(f"{series['id']}_20261109T080000Z", TEAM)) == (400, "invalid")
    assert await client.refusal(moved(away["id"], TEAM)) == (400, "invalid")
    assert await client.refusal(moved(bobs["id"], TEAM)) == (403, "cannotChangeOrganizer")
    assert await client.refusal(moved(series["id"], "bobs@group.calendar.google.com")) == (404, "notFound")
    assert await client.refusal(moved(series["id"], TEAM), **{"If-Match": '"1"'}) == (412, "conditionNotMet")
    await client.send(moved(series["id"], TEAM))
    assert await client.refusal(moved(series["id"], TEAM)) == (410, "deleted")


async def test_with_attendees_omitted_only_the_own_answer_counts(google):
    made = google.add_event(ALICE, meeting(attendees=[{"email": BOB}, {"email": "zoe@other.example"}]))
    row = {"email": BOB, "responseStatus": "accepted", "comment": "not taken"}

    await Client(google, BOB).send(patched(made["id"], BOB, attendees=[row], attendeesOmitted=True))

    assert google.event(ALICE, made["id"])["attendees"] == [
        {"responseStatus": "accepted", "email": BOB},
        {"responseStatus": "needsAction", "email": "zoe@other.example"},
    ]
    assert "attendeesOmitted" not in google.event(BOB, made["id"])


async def test_a_guest_who_sends_only_himself_would_take_the_others_out(google):
    made = google.add_event(ALICE, meeting(attendees=[{"email": BOB}, {"email": "zoe@other.example"}]))
    only = patched(made["id"], BOB, attendees=[{"email": BOB, "responseStatus": "accepted"}])

    assert await Client(google, BOB).refusal(only) == (403, "forbiddenForNonOrganizer")


async def test_guests_invite_others_unless_they_may_not(google):
    opened = google.add_event(ALICE, meeting(attendees=[{"email": BOB}]))
    closed = google.add_event(ALICE, meeting(attendees=[{"email": BOB}], guestsCanInviteOthers=False))
    rows = [{"email": BOB}, {"email": "zoe@other.example"}]
    bob = Client(google, BOB)

    await bob.send(patched(opened["id"], BOB, attendees=rows))

    assert len(google.event(ALICE, opened["id"])["attendees"]) == 2
    assert await bob.refusal(patched(closed["id"], BOB, attendees=rows)) == (403, "forbiddenForNonOrganizer")


async def test_guests_change_an_event_that_they_may_change(google):
    made = google.add_event(ALICE, meeting(attendees=[{"email": BOB}], guestsCanModify=True))

    await Client(google, BOB).send(patched(made["id"], BOB, summary="Ours", colorId="3"))

    assert google.event(ALICE, made["id"])["summary"] == "Ours"
    assert ("colorId" in google.event(ALICE, made["id"]), google.event(BOB, made["id"])["colorId"]) == (False, "3")


async def test_files_are_passed_over_without_the_parameter(google, client):
    made = await client.send(
        lambda api: api.events().insert(calendarId=ALICE, body=meeting(attachments=[{"fileUrl": FILE}]))
    )
    assert "attachments" not in made

    held = await client.send(inserted(attachments=[{"fileUrl": FILE, "title": "Plan"}]))
    assert (held["attachments"][0]["title"], "fileId" in held["attachments"][0]) == ("Plan", True)
    after = await client.send(patched(held["id"], attachments=[]))
    assert after["attachments"] == held["attachments"]


async def test_a_conference_is_pending_until_the_event_is_read_again(google, client):
    google.slow_conferences()
    body = meeting(conferenceData={"createRequest": {"requestId": "one"}})

    made = await client.send(lambda api: api.events().insert(calendarId=ALICE, body=body, conferenceDataVersion=1))

    assert made["conferenceData"]["createRequest"]["status"]["statusCode"] == "pending"
    assert "hangoutLink" not in made
    assert "hangoutLink" in await client.send(got(made["id"]))


async def test_the_same_request_for_a_conference_is_made_once(google, client):
    made = google.add_event(ALICE, meeting(conferenceData={"createRequest": {"requestId": "one"}}))

    def again(number):
        asked = {"conferenceData": {"createRequest": {"requestId": number}, "entryPoints": []}}
        return lambda api: api.events().patch(calendarId=ALICE, eventId=made["id"], body=asked, conferenceDataVersion=1)

    assert (await client.send(again("one")))["hangoutLink"] == made["hangoutLink"]
    assert (await client.send(again("two")))["hangoutLink"] != made["hangoutLink"]


async def test_calendars_without_meet_refuse_it(google, client):
    google.state.calendars[ALICE].meets = False
    body = meeting(conferenceData={"createRequest": {"requestId": "one"}})

    refusal = await client.refusal(
        lambda api: api.events().insert(calendarId=ALICE, body=body, conferenceDataVersion=1)
    )

    assert refusal == (400, "invalid")


async def test_of_gmails_events_and_birthdays_only_a_little_can_be_changed(google, client):
    flight = google.add_event(ALICE, meeting("Flight", eventType="fromGmail"))
    whole_day = {"start": DAY, "end": {"date": "2026-11-24"}, "recurrence": YEARLY, **QUIET}
    birthday = await client.send(inserted(eventType="birthday", **whole_day))

    assert (await client.send(patched(flight["id"], colorId="4", transparency="transparent")))["colorId"] == "4"
    assert await client.refusal(patched(flight["id"], summary="x")) == (400, "invalid")
    assert (await client.send(patched(birthday["id"], summary="Zoe")))["summary"] == "Zoe"
    assert await client.refusal(patched(birthday["id"], location="x")) == (400, "invalid")


async def test_a_new_rule_may_leave_the_exceptions_of_a_series_alone(google, client):
    google.keep_exceptions()
    made = google.add_event(ALICE, weekly())
    google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"summary": "Other"})

    await client.send(patched(made["id"], recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"]))

    assert sorted(event["summary"] for event in google.events(ALICE)) == ["Other", "Weekly"]
