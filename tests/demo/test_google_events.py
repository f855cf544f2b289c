"""Writing to the simulated Google, under the real client library."""

import pytest

from gateway.demo.google import Mail
from tests.fakes.google import ALICE, BOB, TEAM, Client, at, meeting, running_google, weekly


@pytest.fixture
async def google():
    async with running_google() as simulator:
        yield simulator


@pytest.fixture
def client(google):
    return Client(google)


def inserted(calendar=ALICE, *, updates=None, **body):
    query = {"sendUpdates": updates} if updates else {}
    query["supportsAttachments"] = True
    return lambda api: api.events().insert(calendarId=calendar, body={**meeting(), **body}, **query)


def got(event, calendar=ALICE):
    return lambda api: api.events().get(calendarId=calendar, eventId=event)


def patched(event, calendar=ALICE, *, updates=None, **body):
    query = {"sendUpdates": updates} if updates else {}
    return lambda api: api.events().patch(calendarId=calendar, eventId=event, body=body, **query)


def removed(event, calendar=ALICE, **query):
    return lambda api: api.events().delete(calendarId=calendar, eventId=event, **query)


NAIVE = {"dateTime": "2026-11-23T09:00:00"}
OFFSET = {"dateTime": "2026-11-23T09:00:00+01:00"}
RULE = ["RRULE:FREQ=DAILY;COUNT=3"]
DAY = {"date": "2026-11-23"}
FILE = "https://drive.google.com/open?id=1"
QUIET = {"visibility": "private", "transparency": "transparent"}
YEARLY = ["RRULE:FREQ=YEARLY"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param({"start": NAIVE}, "required", id="local time without zone"),
        pytest.param({"start": OFFSET, "recurrence": RULE}, "required", id="a series without zone"),
        pytest.param({"start": {**OFFSET, "timeZone": "Mars/Base"}}, "invalid", id="unknown zone"),
        pytest.param({"start": {**OFFSET, **DAY}}, "invalid", id="date and time"),
        pytest.param({"start": DAY}, "invalid", id="a date and a time"),
        pytest.param({"start": DAY, "end": DAY}, "timeRangeEmpty", id="all-day of no day: the end is exclusive"),
        pytest.param({"start": at(23, 11)}, "timeRangeEmpty", id="end before start"),
        pytest.param({"end": None}, "required", id="no end"),
        pytest.param({"status": "maybe"}, "invalid", id="status"),
        pytest.param({"transparency": "glass"}, "invalid", id="transparency"),
        pytest.param({"visibility": "secret"}, "invalid", id="visibility"),
        pytest.param({"colorId": "12"}, "invalid", id="colour"),
        pytest.param({"id": "UPPER"}, "invalid", id="id outside base32hex"),
        pytest.param({"id": "abcd"}, "invalid", id="id too short"),
        pytest.param({"id": "abcde", "iCalUID": "x@y"}, "invalid", id="id and iCalUID"),
        pytest.param({"attendees": [{"displayName": "Nobody"}]}, "required", id="guest without address"),
        pytest.param({"attendees": [{"email": "nobody"}]}, "invalid", id="guest's address"),
        pytest.param({"attendees": [{"email": BOB, "responseStatus": "yes"}]}, "invalid", id="answer"),
        pytest.param({"reminders": {"overrides": [{"method": "sms", "minutes": 1}]}}, "invalid", id="reminder"),
        pytest.param({"reminders": {"overrides": [{"method": "popup"}]}}, "invalid", id="minutes"),
        pytest.param(
            {"reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 1}]}},
            "cannotUseDefaultRemindersAndSpecifyOverride",
            id="both kinds of reminders",
        ),
        pytest.param({"extendedProperties": {"private": {"k" * 45: "v"}}}, "invalid", id="long key"),
        pytest.param({"extendedProperties": {"private": {"k": "v" * 1025}}}, "invalid", id="long value"),
        pytest.param({"recurrence": ["DTSTART:20261123T090000Z", *RULE]}, "invalid", id="DTSTART in recurrence"),
        pytest.param({"recurrence": ["RRULE:FREQ=SOMETIMES"]}, "invalid", id="no frequency"),
        pytest.param({"recurrence": ["RRULE:FREQ=DAILY;COUNT=2;UNTIL=20261201"]}, "invalid", id="COUNT and UNTIL"),
        pytest.param({"recurrence": ["RRULE:FREQ=DAILY;UNTIL=20261201T090000"]}, "invalid", id="local UNTIL"),
        pytest.param({"recurrence": ["RDATE;VALUE=PERIOD:20261201T090000Z/PT1H"]}, "invalid", id="periods"),
        pytest.param({"eventType": "fromGmail"}, "invalid", id="events of Gmail"),
        pytest.param({"eventType": "outOfOffice", "start": DAY, "end": {"date": "2026-11-24"}}, "invalid", id="away"),
        pytest.param({"eventType": "workingLocation"}, "invalid", id="a working location is transparent and public"),
        pytest.param({"attachments": [{"fileUrl": FILE}] * 26}, "invalid", id="attachments"),
        pytest.param({"attachments": [{"fileUrl": "https://files.example/1"}]}, "invalid", id="a file elsewhere"),
        pytest.param({"attachments": [{"title": "x"}]}, "required", id="a file without address"),
        pytest.param({"attendees": [{"email": f"g{n}@example.com"} for n in range(201)]}, "invalid", id="201 guests"),
        pytest.param({"source": {"url": "mailto:x@y.example"}}, "invalid", id="source"),
        pytest.param({"eventType": "focusTime", "transparency": "transparent"}, "invalid", id="focus time is busy"),
        pytest.param({"eventType": "outOfOffice", "attendees": [{"email": BOB}]}, "invalid", id="an absence of two"),
        pytest.param(
            {"eventType": "outOfOffice", "outOfOfficeProperties": {"autoDeclineMode": "maybe"}}, "invalid", id="decline"
        ),
        pytest.param({"eventType": "birthday", "start": DAY, "end": {"date": "2026-11-24"}}, "invalid", id="birthday"),
        pytest.param(
            {"eventType": "birthday", "start": DAY, "end": {"date": "2026-11-24"}, **QUIET}, "invalid", id="once"
        ),
    ],
)
async def test_bodies_google_refuses(client, body, reason):
    assert await client.refusal(inserted(**body)) == (400, reason)


async def test_out_of_office_is_for_the_primary_calendar(client):
    assert (await client.send(inserted(eventType="outOfOffice")))["eventType"] == "outOfOffice"
    assert await client.refusal(inserted(TEAM, eventType="outOfOffice")) == (400, "invalid")


async def test_an_inserted_event_comes_with_what_google_adds(client):
    made = await client.send(inserted(id="abcde12345"))

    assert made["id"] == "abcde12345"
    assert made["iCalUID"] == "abcde12345@google.com"
    assert made["organizer"] == {"email": ALICE, "displayName": "Alice", "self": True}
    assert made["creator"] == {"email": ALICE, "self": True}
    assert (made["status"], made["eventType"], made["sequence"]) == ("confirmed", "default", 0)
    assert made["created"] == made["updated"] == "2026-11-21T09:00:00.000Z"
    assert made["reminders"] == {"useDefault": True}


async def test_used_ids_and_uids_stay_taken_even_when_deleted(client):
    made = await client.send(inserted(id="abcde12345"))
    assert await client.refusal(inserted(id="abcde12345")) == (409, "duplicate")
    assert await client.refusal(inserted(iCalUID=made["iCalUID"])) == (409, "duplicate")

    await client.send(removed(made["id"]))
    assert await client.refusal(inserted(id="abcde12345")) == (409, "duplicate")


async def test_deleting_twice_is_410_and_the_event_can_still_be_got(client):
    made = await client.send(inserted())
    await client.send(removed(made["id"]))

    assert await client.refusal(removed(made["id"])) == (410, "deleted")
    assert (await client.send(got(made["id"])))["status"] == "cancelled"
    assert await client.refusal(removed("nobody")) == (404, "notFound")


async def test_a_write_with_an_old_etag_is_refused(client):
    made = await client.send(inserted())
    changed = await client.send(patched(made["id"], summary="Other"), **{"If-Match": made["etag"]})

    assert changed["etag"] != made["etag"]
    assert await client.refusal(patched(made["id"], summary="Third"), **{"If-Match": made["etag"]}) == (
        412,
        "conditionNotMet",
    )
    assert await client.refusal(removed(made["id"]), **{"If-Match": made["etag"]}) == (412, "conditionNotMet")


async def test_patch_merges_and_update_erases(client):
    made = await client.send(inserted(location="Room 1", description="Bring cake"))

    after_patch = await client.send(patched(made["id"], description=None))
    assert (after_patch["location"], "description" in after_patch) == ("Room 1", False)

    body = meeting("Bare")
    after_update = await client.send(lambda api: api.events().update(calendarId=ALICE, eventId=made["id"], body=body))
    assert ("location" in after_update, after_update["summary"]) == (False, "Bare")


async def test_patch_replaces_lists_whole(client):
    made = await client.send(inserted(attendees=[{"email": BOB}, {"email": "carol@example.com"}]))

    changed = await client.send(patched(made["id"], attendees=[{"email": BOB}]))

    assert [row["email"] for row in changed["attendees"]] == [BOB]


async def test_a_timed_event_becomes_all_day_only_when_its_time_is_taken_away(client):
    made = await client.send(inserted())
    until = {"date": "2026-11-24"}

    assert await client.refusal(patched(made["id"], start=DAY, end=until)) == (400, "invalid")
    changed = await client.send(patched(made["id"], start={**DAY, "dateTime": None}, end={**until, "dateTime": None}))
    assert changed["start"] == DAY


async def test_the_sequence_rises_with_the_time_and_never_falls(client):
    made = await client.send(inserted(sequence=3))

    assert (await client.send(patched(made["id"], summary="Other")))["sequence"] == 3
    assert (await client.send(patched(made["id"], start=at(23, 8))))["sequence"] == 4
    assert await client.refusal(patched(made["id"], sequence=2)) == (400, "invalid")


async def test_the_event_type_cannot_be_changed(client):
    made = await client.send(inserted())

    assert await client.refusal(patched(made["id"], eventType="focusTime")) == (400, "invalid")


async def test_a_new_rule_discards_the_exceptions_of_a_series(google, client):
    made = google.add_event(ALICE, weekly())
    await client.send(patched(f"{made['id']}_20261109T080000Z", summary="Other"))

    await client.send(patched(made["id"], summary="Renamed"))
    assert len(google.events(ALICE)) == 2

    await client.send(patched(made["id"], recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"]))
    assert len(google.events(ALICE)) == 1


async def test_an_instance_keeps_its_id_and_original_start_when_moved(google, client):
    made = google.add_event(ALICE, weekly())
    name = f"{made['id']}_20261109T080000Z"

    moved = await client.send(patched(name, start=at(10, 14), end=at(10, 15)))

    assert (moved["id"], moved["recurringEventId"], moved["iCalUID"]) == (name, made["id"], made["iCalUID"])
    assert moved["originalStartTime"]["dateTime"] == "2026-11-09T09:00:00+01:00"
    assert await client.refusal(got(f"{made['id']}_20261110T080000Z")) == (404, "notFound")
    assert await client.refusal(patched(name, recurrence=RULE)) == (400, "invalid")


async def test_instances_of_an_all_day_series_are_named_by_their_date(google, client):
    body = {"start": DAY, "end": {"date": "2026-11-25"}, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]}
    made = google.add_event(ALICE, body)

    second = await client.send(got(f"{made['id']}_20261130"))

    assert (second["start"], second["end"]) == ({"date": "2026-11-30"}, {"date": "2026-12-02"})


async def test_import_keeps_uid_and_organizer_and_sends_no_mail(google, client):
    body = meeting(iCalUID="abc@other", organizer={"email": "boss@other.example"}, attendees=[{"email": ALICE}])

    made = await client.send(lambda api: api.events().import_(calendarId=ALICE, body=body))
    again = await client.send(lambda api: api.events().import_(calendarId=ALICE, body={**body, "summary": "Again"}))

    assert (made["iCalUID"], made["organizer"]) == ("abc@other", {"email": "boss@other.example"})
    assert made["attendees"] == [{"email": ALICE, "responseStatus": "needsAction", "self": True}]
    assert (again["id"], again["summary"]) == (made["id"], "Again")
    assert list(google.mails) == []
    del body["iCalUID"]
    assert await client.refusal(lambda api: api.events().import_(calendarId=ALICE, body=body)) == (400, "required")


async def test_guests_get_a_copy_and_mail_only_when_asked_for(google, client):
    guests = [{"email": BOB}, {"email": "carol@other.example"}]
    silent = await client.send(inserted(attendees=guests))
    assert list(google.mails) == []

    await client.send(inserted(attendees=guests, updates="externalOnly", summary="Second"))
    assert [mail.to for mail in google.mails] == ["carol@other.example"]

    copy = await Client(google, BOB).send(got(silent["id"], BOB))
    assert (copy["iCalUID"], copy["organizer"]) == (silent["iCalUID"], {"email": ALICE, "displayName": "Alice"})
    assert copy["attendees"][0] == {"email": BOB, "responseStatus": "needsAction", "self": True}


async def test_a_guest_may_answer_and_nothing_else(google, client):
    made = await client.send(inserted(attendees=[{"email": BOB}]))
    bob = Client(google, BOB)
    yes = [{"email": BOB, "responseStatus": "accepted"}]

    assert await bob.refusal(patched(made["id"], BOB, summary="Mine")) == (403, "forbiddenForNonOrganizer")
    await bob.send(patched(made["id"], BOB, reminders={"useDefault": False}, colorId="3"))
    await bob.send(patched(made["id"], BOB, attendees=yes, updates="all"))

    seen = await client.send(got(made["id"]))
    assert seen["attendees"] == yes
    assert "colorId" not in seen
    assert list(google.mails) == [Mail(BOB, ALICE, "REPLY", made["id"], "Meeting")]


async def test_cancelling_tells_the_guests_and_takes_their_copies(google, client):
    made = await client.send(inserted(attendees=[{"email": BOB}], updates="all"))
    await client.send(removed(made["id"], sendUpdates="all"))

    assert [(mail.to, mail.method) for mail in google.mails] == [(BOB, "REQUEST"), (BOB, "CANCEL")]
    assert google.events(BOB) == []


async def test_a_guest_of_one_date_only_gets_that_date(google, client):
    made = google.add_event(ALICE, weekly())
    name = f"{made['id']}_20261109T080000Z"
    await client.send(patched(name, attendees=[{"email": BOB}]))

    [alone] = google.events(BOB)

    assert (alone["id"], alone["recurringEventId"]) == (name, made["id"])
    assert await Client(google, BOB).refusal(got(made["id"], BOB)) == (404, "notFound")


async def test_a_meet_link_needs_the_conference_version(client):
    asked = {"createRequest": {"requestId": "one", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
    plain = await client.send(inserted(conferenceData=asked))
    body = meeting(conferenceData=asked)

    made = await client.send(lambda api: api.events().insert(calendarId=ALICE, body=body, conferenceDataVersion=1))

    assert "conferenceData" not in plain
    assert made["hangoutLink"] == made["conferenceData"]["entryPoints"][0]["uri"]
    kept = await client.send(patched(made["id"], summary="Other"))
    assert kept["hangoutLink"] == made["hangoutLink"]
