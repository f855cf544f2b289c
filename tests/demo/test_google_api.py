"""The simulated Google under the real client library: what it refuses, and in which shape."""

import asyncio
import json

import pytest
from aiohttp import ClientSession
from googleapiclient.errors import HttpError
from yarl import URL

from gateway.demo.google import GoogleSimulator
from tests.fakes.google import ALICE, BOB, TEAM, Client, Clock, at, meeting, running_google, weekly


@pytest.fixture
async def google():
    async with running_google() as simulator:
        yield simulator


def inserted(**body):
    return lambda api: api.events().insert(calendarId=ALICE, body={**meeting(), **body})


def listed(**query):
    return lambda api: api.events().list(calendarId=ALICE, **query)


async def raw(google, client, verb, path, content=b""):
    """Status and reason, past the library's own checks."""
    url = URL(f"{google.root}/calendar/v3/{path}", encoded=True)
    headers = {"Authorization": f"Bearer {client.token}"} if client else {}
    async with ClientSession() as http, http.request(verb, url, headers=headers, data=content) as answer:
        return answer.status, (await answer.json())["error"]["errors"][0]["reason"]


@pytest.mark.parametrize(
    ("verb", "path", "content", "expected"),
    [
        pytest.param("GET", "users/me/calendarList?colour=red", b"", (400, "invalid"), id="unknown parameter"),
        pytest.param("GET", "users/me/calendarList?maxResults=many", b"", (400, "invalid"), id="integer"),
        pytest.param("GET", "users/me/calendarList?maxResults=0", b"", (400, "invalid"), id="minimum"),
        pytest.param("GET", "users/me/calendarList?showHidden=1", b"", (400, "invalid"), id="boolean"),
        pytest.param("GET", "users/me/calendarList?minAccessRole=boss", b"", (400, "invalid"), id="enumeration"),
        pytest.param(
            "GET", "calendars/primary/events?timeMin=2026-01-01T00:00:00", b"", (400, "badRequest"), id="offset"
        ),
        pytest.param("GET", "calendars/primary/calendar", b"", (404, "notFound"), id="unknown path"),
        pytest.param("PUT", "users/me/calendarList", b"{}", (404, "notFound"), id="wrong verb"),
        pytest.param("POST", "calendars/primary/events", b"{", (400, "parseError"), id="no JSON"),
        pytest.param("POST", "calendars/primary/events", b"[]", (400, "parseError"), id="a list"),
        pytest.param("POST", "calendars/primary/events", b'{"summary":1}', (400, "parseError"), id="type of a field"),
        pytest.param("POST", "calendars/primary/events", b'{"start":{"date":"soon"}}', (400, "invalid"), id="a date"),
        pytest.param("POST", "calendars/primary/events", b'{"attendees":{}}', (400, "parseError"), id="no list"),
        pytest.param("POST", "calendars/primary/events", b"{}", (400, "required"), id="no start"),
        pytest.param("POST", "calendars/primary/events/x/move", b"", (400, "required"), id="required parameter"),
        pytest.param("POST", "calendars/primary/clear", b"", (501, "notImplemented"), id="not simulated"),
    ],
)
async def test_requests_are_checked_against_the_discovery_document(google, verb, path, content, expected):
    assert await raw(google, Client(google), verb, path, content) == expected


async def test_unknown_fields_of_a_body_are_ignored(google):
    made = await Client(google).send(inserted(mood="good"))

    assert "mood" not in made


async def test_errors_have_the_shape_of_the_api(google):
    with pytest.raises(HttpError) as caught:
        await Client(google).send(listed(orderBy="startTime"))

    assert json.loads(caught.value.content) == {
        "error": {
            "code": 400,
            "errors": [
                {
                    "domain": "global",
                    "location": "orderBy",
                    "locationType": "parameter",
                    "message": "The requested ordering is not available for the particular query.",
                    "reason": "invalid",
                }
            ],
            "message": "The requested ordering is not available for the particular query.",
        }
    }


async def test_without_a_valid_token_nothing_is_answered(google):
    client = Client(google)
    google.expire_access_tokens()
    assert await client.refusal(listed()) == (401, "authError")

    client.token = "made-up"
    assert await client.refusal(listed()) == (401, "authError")
    assert await raw(google, None, "GET", "colors") == (401, "required")


async def test_a_token_opens_only_what_its_scopes_allow(google):
    client = Client(google, scopes=("https://www.googleapis.com/auth/calendar.events.readonly",))

    await client.send(listed())
    assert await client.refusal(inserted()) == (403, "insufficientPermissions")
    assert await client.refusal(lambda api: api.calendarList().list()) == (403, "insufficientPermissions")


async def test_foreign_calendars_are_not_found_and_readers_cannot_write(google):
    bob = Client(google, BOB)
    assert await bob.refusal(listed()) == (404, "notFound")

    google.share(ALICE, BOB, "reader")
    await bob.send(listed())
    assert await bob.refusal(inserted()) == (403, "requiredAccessLevel")


@pytest.mark.parametrize(
    ("role", "summary"),
    [("freeBusyReader", None), ("reader", None), ("writerWithoutPrivateAccess", None), ("writer", "Dentist")],
)
async def test_private_events_show_their_content_to_writers_only(google, role, summary):
    google.add_event(ALICE, meeting("Dentist", visibility="private"))
    google.share(ALICE, BOB, role)

    [event] = (await Client(google, BOB).send(listed()))["items"]

    assert event.get("summary") == summary
    assert event["start"] == {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"}


async def test_free_busy_readers_see_times_only(google):
    google.add_event(ALICE, meeting("Open"))
    google.share(ALICE, BOB, "freeBusyReader")

    [event] = (await Client(google, BOB).send(listed()))["items"]

    assert "summary" not in event


async def test_flags_of_the_calendar_list_are_present_only_when_true(google):
    google.add_calendar(ALICE, "x@group.calendar.google.com", "Extra", selected=False, hidden=True, override="Mine")
    client = Client(google)

    plain = (await client.send(lambda api: api.calendarList().list()))["items"]
    hidden = (await client.send(lambda api: api.calendarList().list(showHidden=True)))["items"][-1]

    assert [entry["id"] for entry in plain] == [ALICE, TEAM]
    assert (plain[0]["primary"], "primary" in plain[1], "hidden" in plain[0]) == (True, False, False)
    assert ("selected" in hidden, hidden["hidden"], hidden["summaryOverride"]) == (False, True, "Mine")


async def test_the_rest_of_the_reading_methods_answer(google):
    client = Client(google)

    assert (await client.send(lambda api: api.calendarList().get(calendarId="primary")))["id"] == ALICE
    assert (await client.send(lambda api: api.calendars().get(calendarId=TEAM)))["timeZone"] == "Europe/Berlin"
    assert (await client.send(lambda api: api.settings().get(setting="timezone")))["value"] == "Europe/Berlin"
    assert "event" in await client.send(lambda api: api.colors().get())
    assert len((await client.send(lambda api: api.settings().list()))["items"]) == 4


async def test_an_unchanged_event_is_304_for_who_has_it(google):
    client = Client(google)
    made = google.add_event(ALICE, meeting())

    def get(api):
        return api.events().get(calendarId=ALICE, eventId=made["id"])

    with pytest.raises(HttpError) as caught:
        await client.send(get, **{"If-None-Match": made["etag"]})
    assert caught.value.resp.status == 304

    changed = google.change_event(ALICE, made["id"], {"summary": "Other"})
    assert (await client.send(get, **{"If-None-Match": made["etag"]}))["etag"] == changed["etag"] != made["etag"]


async def test_answers_can_be_cut_to_the_fields_asked_for(google):
    google.add_event(ALICE, meeting())

    answer = await Client(google).send(listed(fields="items(summary,start/dateTime),timeZone"))

    assert answer == {
        "items": [{"summary": "Meeting", "start": {"dateTime": "2026-11-23T09:00:00+01:00"}}],
        "timeZone": "Europe/Berlin",
    }


async def test_failures_on_demand_come_as_often_as_asked(google):
    client = Client(google)
    google.fail_next(403, times=2, reason="rateLimitExceeded", path="/events")

    await client.send(lambda api: api.colors().get())
    assert await client.refusal(listed()) == (403, "rateLimitExceeded")
    assert await client.refusal(listed()) == (403, "rateLimitExceeded")
    await client.send(listed())


async def test_state_survives_as_json(google):
    google.add_event(ALICE, weekly(attendees=[{"email": BOB}]))
    client = Client(google)
    token = (await client.send(listed()))["nextSyncToken"]
    again = GoogleSimulator(Clock(), json.loads(json.dumps(google.to_json())))
    await again.start()
    try:
        google.add_event(ALICE, meeting("Only in the first"))
        client.api = Client(again).api
        news = await client.send(listed(syncToken=token))
    finally:
        await again.stop()

    assert again.events(BOB) != []
    assert news["items"] == []


async def test_free_busy_merges_and_reports_what_it_cannot_see(google):
    google.add_event(ALICE, weekly())
    google.add_event(ALICE, meeting("Longer", end=at(23, 11)))
    google.add_event(ALICE, meeting("Free", hour=15, transparency="transparent"))
    declined = {"email": ALICE, "responseStatus": "declined"}
    google.add_event(ALICE, meeting("Declined", hour=17, attendees=[declined]))
    body = {
        "timeMin": "2026-11-23T00:00:00Z",
        "timeMax": "2026-12-01T00:00:00Z",
        "items": [{"id": ALICE}, {"id": BOB}],
    }

    answer = await Client(google).send(lambda api: api.freebusy().query(body=body))

    assert answer["calendars"] == {
        ALICE: {
            "busy": [
                {"start": "2026-11-23T08:00:00Z", "end": "2026-11-23T10:00:00Z"},
                {"start": "2026-11-30T08:00:00Z", "end": "2026-11-30T09:00:00Z"},
            ]
        },
        BOB: {"busy": [], "errors": [{"domain": "global", "reason": "notFound"}]},
    }


async def test_free_busy_refuses_more_than_ninety_days(google):
    body = {"timeMin": "2026-01-01T00:00:00Z", "timeMax": "2026-06-01T00:00:00Z", "items": []}

    assert await Client(google).refusal(lambda api: api.freebusy().query(body=body)) == (400, "timeRangeTooLong")


async def test_a_batch_holds_several_calls_each_with_its_own_answer(google):
    client = Client(google)
    answers = {}
    batch = client.api.new_batch_http_request(
        callback=lambda name, answer, error: answers.update({name: answer or error})
    )
    batch._batch_uri = f"{google.root}/batch/calendar/v3"
    batch.add(client.api.events().insert(calendarId=ALICE, body=meeting("In a batch")), request_id="made")
    batch.add(client.api.events().get(calendarId=ALICE, eventId="nobody"), request_id="missing")

    await asyncio.to_thread(client.execute, batch)

    assert answers["made"]["summary"] == "In a batch"
    assert answers["missing"].resp.status == 404
