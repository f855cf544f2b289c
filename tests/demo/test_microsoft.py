"""The simulated Graph refuses what the real one refuses, and tells changes as it does."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientConnectorCertificateError, web
from yarl import URL

from gateway.demo.microsoft import Mail, MicrosoftSimulator
from tests.fakes.microsoft import ALICE, World, at, event_body, lines_of, objects, pull, running_microsoft, weekly

IMMUTABLE = 'IdType="ImmutableId"'
WINDOW = "startDateTime=2026-11-01T00:00:00Z&endDateTime=2026-12-31T00:00:00Z"


@dataclass
class Client:
    """A plain HTTP client with alice's token."""

    world: World
    tls: ssl.SSLContext
    token: str

    async def ask(
        self, method: str, path: str, body: Any = None, prefer: str = IMMUTABLE, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        url = path if path.startswith("https://") else self.world.microsoft.graph_endpoint + path
        sent = {"Authorization": f"Bearer {self.token}", "Prefer": prefer, **headers}
        async with self.world.http.request(
            method, URL(url, encoded=True), json=body, headers=sent, ssl=self.tls
        ) as answer:
            text = await answer.text()
            return answer.status, await answer.json() if text else {}

    async def made(self, **body: Any) -> dict[str, Any]:
        status, event = await self.ask("POST", "/me/events", event_body(**body))
        assert status == 201
        return event

    async def round(self, link: str = "", prefer: str = IMMUTABLE) -> tuple[list[dict[str, Any]], str]:
        """Everything a round tells, and the link of the next."""
        link = link or f"/me/calendars/{self.world.calendar}/calendarView/delta?{WINDOW}"
        items: list[dict[str, Any]] = []
        while True:
            status, page = await self.ask("GET", link, prefer=prefer)
            assert status == 200
            items += page["value"]
            if "@odata.deltaLink" in page:
                return items, page["@odata.deltaLink"]
            link = page["@odata.nextLink"]


def code_of(answer: dict[str, Any]) -> str:
    return str(answer["error"]["code"])


def path_of(event: dict[str, Any]) -> str:
    return f"/me/events/{event['id'].replace('=', '%3D')}"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        yield running


@pytest.fixture
async def client(world: World) -> Client:
    tls = ssl.create_default_context(cafile=str(world.microsoft.ca_file))
    form = {
        "grant_type": "refresh_token",
        "client_id": world.microsoft.client_id,
        "client_secret": world.microsoft.client_secret,
        "refresh_token": world.microsoft.refresh_token(ALICE),
    }
    async with world.http.post(f"{world.microsoft.authority}/oauth2/v2.0/token", data=form, ssl=tls) as answer:
        return Client(world, tls, (await answer.json())["access_token"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(event_body(colour="red"), "RequestBodyRead", id="a name nobody knows"),
        pytest.param(event_body(location={"name": "Room"}), "RequestBodyRead", id="an unknown name further in"),
        pytest.param(event_body(showAs="away"), "RequestBodyRead", id="a word nobody knows"),
        pytest.param(event_body(isAllDay="yes"), "RequestBodyRead", id="a value of the wrong kind"),
        pytest.param(event_body(iCalUId="mine@client"), "ErrorInvalidPropertySet", id="the UID is read-only"),
        pytest.param({"subject": "When?"}, "ErrorPropertyValidationFailure", id="no times"),
        pytest.param(
            event_body(end=at("2026-11-23T09:00:00")), "ErrorCalendarEndDateIsEarlierThanStartDate", id="the end first"
        ),
        pytest.param(event_body(isAllDay=True), "ErrorPropertyValidationFailure", id="all-day off midnight"),
        pytest.param(
            event_body(start=at("2026-11-23T09:00:00", "Mars Standard Time")),
            "TimeZoneNotSupportedException",
            id="zone",
        ),
        pytest.param(
            event_body(recurrence=weekly(startDate="2026-11-30")), "ErrorInvalidRecurrence", id="begins on another day"
        ),
    ],
)
async def test_bodies_refused(client, body, code):
    status, answer = await client.ask("POST", "/me/events", body)

    assert (status, code_of(answer)) == (400, code)


async def test_times_come_back_with_seven_digits_in_utc_or_the_zone_asked_for(client):
    event = await client.made()

    _, tokyo = await client.ask("GET", path_of(event), prefer=f'{IMMUTABLE}, outlook.timezone="Tokyo Standard Time"')

    assert event["start"] == at("2026-11-23T09:00:00.0000000", "UTC")
    assert tokyo["start"] == at("2026-11-23T18:00:00.0000000", "Tokyo Standard Time")
    assert tokyo["originalStartTimeZone"] == "W. Europe Standard Time"


async def test_iana_names_are_taken_and_windows_names_given_back(client):
    event = await client.made(
        start=at("2026-11-23T10:00:00", "Europe/Berlin"), end=at("2026-11-23T11:00:00", "Europe/Berlin")
    )

    assert event["originalStartTimeZone"] == "W. Europe Standard Time"


async def test_ids_change_with_the_calendar_unless_immutable_ones_are_asked_for(client, world):
    event = await client.made()
    other = world.microsoft.add_calendar(ALICE, "Other")
    _, before = await client.ask("GET", "/me/events", prefer="x")
    world.microsoft.move(event["id"], other)
    _, after = await client.ask("GET", f"/me/calendars/{other}/events", prefer="x")

    assert before["value"][0]["id"] != after["value"][0]["id"]
    assert (await client.ask("GET", path_of(event)))[0] == 200
    assert (await client.ask("GET", path_of(event), prefer="x"))[0] == 404


async def test_ids_are_compared_case_by_case(client):
    event = await client.made()

    status, answer = await client.ask("GET", path_of({"id": event["id"].swapcase()}))

    assert (status, code_of(answer)) == (404, "ErrorItemNotFound")


async def test_the_body_is_html_unless_text_is_asked_for(client):
    event = await client.made(body={"contentType": "text", "content": "A < B"})

    _, text = await client.ask("GET", path_of(event), prefer=f'{IMMUTABLE}, outlook.body-content-type="text"')

    assert event["body"] == {"contentType": "html", "content": "<html><body>A &lt; B</body></html>"}
    assert text["body"] == {"contentType": "text", "content": "A < B"}


async def test_if_match_guards_against_a_version_that_is_past(client):
    event = await client.made()
    first, _ = await client.ask("PATCH", path_of(event), {"subject": "A"}, **{"If-Match": event["@odata.etag"]})
    second, answer = await client.ask("PATCH", path_of(event), {"subject": "B"}, **{"If-Match": event["@odata.etag"]})
    third, _ = await client.ask("DELETE", path_of(event), **{"If-Match": event["@odata.etag"]})

    assert (first, second, third, code_of(answer)) == (200, 412, 412, "ErrorIrresolvableConflict")


async def test_the_same_transaction_makes_one_event_and_another_body_is_refused(client):
    first = await client.made(transactionId="t")
    second = await client.made(transactionId="t")
    status, answer = await client.ask("POST", "/me/events", event_body("Other", transactionId="t"))

    assert first["id"] == second["id"]
    assert (status, code_of(answer)) == (409, "ErrorDuplicateTransactionId")


async def test_attendees_always_get_mail(client, world):
    attendees = [{"emailAddress": {"address": "bob@example.com", "name": "Bob"}, "type": "required"}]
    event = await client.made(attendees=attendees)
    await client.ask("PATCH", path_of(event), {"subject": "Later"})
    await client.ask("POST", f"{path_of(event)}/cancel", {"comment": "Sorry"})

    assert world.microsoft.mails == [
        Mail("request", ALICE, "bob@example.com", "Planning"),
        Mail("request", ALICE, "bob@example.com", "Later"),
        Mail("cancel", ALICE, "bob@example.com", "Later", "Sorry"),
    ]
    assert (await client.ask("GET", path_of(event)))[0] == 404


async def test_the_organizer_cannot_answer_himself(client):
    status, answer = await client.ask("POST", f"{path_of(await client.made())}/accept", {"sendResponse": True})

    assert (status, code_of(answer)) == (400, "ErrorInvalidRequest")


async def test_an_answer_is_kept_and_a_declined_invitation_goes(client, world):
    href = world.microsoft.add_event(world.calendar, event_body(), organizer=("Gina", "gina@example.net"))
    accepted, _ = await client.ask("POST", f"{path_of({'id': href})}/tentativelyAccept", {"sendResponse": False})
    _, event = await client.ask("GET", path_of({"id": href}))
    declined, _ = await client.ask("POST", f"{path_of({'id': href})}/decline", {"comment": "No time"})

    assert (accepted, declined) == (202, 202)
    assert (event["responseStatus"]["response"], event["showAs"]) == ("tentativelyAccepted", "tentative")
    assert world.microsoft.mails == [Mail("decline", ALICE, "gina@example.net", "Planning", "No time")]
    assert (await client.ask("GET", path_of({"id": href})))[0] == 404


async def test_lists_hold_ten_rows_unless_told(client, world):
    for number in range(12):
        world.event(f"Number {number}")
    _, first = await client.ask("GET", "/me/events?$select=subject")
    _, rest = await client.ask("GET", first["@odata.nextLink"])

    assert (len(first["value"]), len(rest["value"]), "@odata.nextLink" in rest) == (10, 2, False)
    assert set(first["value"][0]) == {"@odata.etag", "id", "subject"}


@pytest.mark.parametrize(
    "path",
    [
        "/me/events?$filter=subject%20eq%20'x'",
        "/me/events?$select=colour",
        "/me/events?$expand=attachments",
        "/me/events?$top=1001",
        "/me/calendarView",
        "/me/calendarView?startDateTime=2020-01-01T00:00:00Z&endDateTime=2026-01-01T00:00:00Z",
        "/me/nothing",
    ],
)
async def test_queries_refused(client, path):
    assert (await client.ask("GET", path))[0] == 400


async def test_series_show_as_masters_in_lists_and_as_dates_in_views(client):
    master = await client.made(recurrence=weekly(type="numbered", numberOfOccurrences=3))
    _, listed = await client.ask("GET", "/me/events")
    _, seen = await client.ask("GET", f"/me/calendarView?{WINDOW}")
    _, instances = await client.ask("GET", f"{path_of(master)}/instances?{WINDOW}")

    assert [row["type"] for row in listed["value"]] == ["seriesMaster"]
    assert [row["type"] for row in seen["value"]] == ["occurrence"] * 3
    assert [row["id"] for row in instances["value"]] == [row["id"] for row in seen["value"]]
    assert {row["seriesMasterId"] for row in seen["value"]} == {master["id"]}
    assert len({row["iCalUId"] for row in seen["value"]}) == 3
    assert {row["uid"] for row in seen["value"]} == {master["uid"]}


async def test_unused_parts_of_a_recurrence_come_back_as_zeros_and_weeks_begin_on_sunday(client):
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]}
    master = await client.made(recurrence={"pattern": pattern, "range": {"type": "noEnd", "startDate": "2026-11-23"}})

    assert master["recurrence"] == {
        "pattern": {**pattern, "month": 0, "dayOfMonth": 0, "firstDayOfWeek": "sunday", "index": "first"},
        "range": {
            "type": "noEnd",
            "startDate": "2026-11-23",
            "endDate": "0001-01-01",
            "recurrenceTimeZone": "W. Europe Standard Time",
            "numberOfOccurrences": 0,
        },
    }


async def test_occurrences_follow_the_clock_across_summer_time(client, world):
    href = world.event("Weekly", recurrence=weekly())
    asked = "startDateTime=2027-03-20T00:00:00Z&endDateTime=2027-03-31T00:00:00Z"

    _, found = await client.ask("GET", f"{path_of({'id': href})}/instances?{asked}")

    assert [row["start"]["dateTime"][:16] for row in found["value"]] == ["2027-03-22T09:00", "2027-03-29T08:00"]


async def test_deleted_and_changed_dates_are_told_by_the_master_that_is_asked_for_them(client):
    master = await client.made(recurrence=weekly())
    _, found = await client.ask("GET", f"{path_of(master)}/instances?{WINDOW}")
    moved = {"start": at("2026-12-01T10:00:00"), "end": at("2026-12-01T11:00:00")}
    await client.ask("PATCH", path_of(found["value"][1]), moved)
    await client.ask("DELETE", path_of(found["value"][2]))

    chosen = "$select=cancelledOccurrences,exceptionOccurrences&$expand=exceptionOccurrences"
    _, whole = await client.ask("GET", f"{path_of(master)}?{chosen}")
    _, plain = await client.ask("GET", path_of(master))

    assert whole["cancelledOccurrences"] == [f"OID.{master['id']}.2026-12-07"]
    assert [row["originalStart"] for row in whole["exceptionOccurrences"]] == ["2026-11-30T09:00:00Z"]
    assert [row["type"] for row in whole["exceptionOccurrences"]] == ["exception"]
    assert whole["exceptionOccurrences"][0]["id"] == found["value"][1]["id"]
    assert "cancelledOccurrences" not in plain


@pytest.mark.parametrize("day", ["2026-11-23", "2026-12-07", "2026-12-09"])
async def test_a_date_cannot_reach_or_pass_its_neighbour(client, day):
    master = await client.made(recurrence=weekly())
    _, found = await client.ask("GET", f"{path_of(master)}/instances?{WINDOW}")

    moved = {"start": at(f"{day}T15:00:00"), "end": at(f"{day}T16:00:00")}
    status, answer = await client.ask("PATCH", path_of(found["value"][1]), moved)

    assert (status, code_of(answer)) == (400, "ErrorOccurrenceCrossingBoundary")


async def test_a_new_rhythm_discards_the_exceptions(client):
    master = await client.made(recurrence=weekly())
    _, found = await client.ask("GET", f"{path_of(master)}/instances?{WINDOW}")
    await client.ask("PATCH", path_of(found["value"][1]), {"subject": "Changed"})
    await client.ask("DELETE", path_of(found["value"][2]))

    await client.ask("PATCH", path_of(master), {"recurrence": weekly("monday", "friday")})

    chosen = "$select=cancelledOccurrences,exceptionOccurrences&$expand=exceptionOccurrences"
    _, whole = await client.ask("GET", f"{path_of(master)}?{chosen}")
    assert (whole["cancelledOccurrences"], whole["exceptionOccurrences"]) == ([], [])


async def test_extended_properties_come_only_when_asked_for_and_can_be_searched(client):
    name = "String {11111111-2222-3333-4444-555555555555} Name mine"
    event = await client.made(singleValueExtendedProperties=[{"id": name, "value": "it's"}])
    quoted = name.replace(" ", "%20")
    wish = f"$expand=singleValueExtendedProperties($filter=id%20eq%20'{quoted}')"
    search = f"$filter=singleValueExtendedProperties/any(ep:ep/id%20eq%20'{quoted}'%20and%20ep/value%20eq%20'"

    _, expanded = await client.ask("GET", f"{path_of(event)}?{wish}")
    _, found = await client.ask("GET", f"/me/events?{search}it''s')")
    _, missed = await client.ask("GET", f"/me/events?{search}other')")

    assert "singleValueExtendedProperties" not in event
    assert expanded["singleValueExtendedProperties"] == [{"id": name, "value": "it's"}]
    assert ([row["id"] for row in found["value"]], missed["value"]) == ([event["id"]], [])


# The delta of a calendar view


async def test_a_round_tells_masters_whole_dates_abridged_and_exceptions_whole(client, world):
    href = world.event("Weekly", recurrence=weekly(type="numbered", numberOfOccurrences=3))
    world.microsoft.change(href, {"subject": "Changed"}, day=date(2026, 11, 30))

    items, _ = await client.round()

    kinds = [item["type"] for item in items]
    assert kinds == ["seriesMaster", "occurrence", "exception", "occurrence"]
    assert set(items[1]) == {"@odata.type", "id", "type", "seriesMasterId", "start", "end"}
    assert items[2]["subject"] == "Changed"


async def test_the_next_round_tells_only_what_changed(client, world):
    kept, dropped = world.event("Kept"), world.event("Dropped")
    _, link = await client.round()
    nothing, link = await client.round(link)
    world.microsoft.change(kept, {"subject": "New"})
    world.microsoft.delete(dropped)

    items, _ = await client.round(link)

    assert nothing == []
    assert [(item["id"], item.get("subject"), item.get("@removed")) for item in items] == [
        (kept, "New", None),
        (dropped, None, {"reason": "deleted"}),
    ]


async def test_a_link_can_be_asked_again(client, world):
    _, link = await client.round()
    world.event("New")

    assert [item["subject"] for item in (await client.round(link))[0]] == ["New"]
    assert [item["subject"] for item in (await client.round(link))[0]] == ["New"]


async def test_a_deleted_date_is_removed_by_its_own_id_alone(client, world):
    href = world.event("Weekly", recurrence=weekly(type="numbered", numberOfOccurrences=3))
    items, link = await client.round()
    world.microsoft.delete(href, day=date(2026, 11, 30))

    told, _ = await client.round(link)

    assert [(item["id"], "@removed" in item) for item in told] == [(items[2]["id"], True)]


async def test_an_event_that_changed_outside_the_window_is_removed_too(client, world):
    world.event("There before")
    _, link = await client.round()
    far = world.event("Far", start=at("2028-01-01T10:00:00"), end=at("2028-01-01T11:00:00"))
    first, link = await client.round(link)
    near = world.event("Near")
    _, link = await client.round(link)
    world.microsoft.change(near, {"start": at("2028-01-01T10:00:00"), "end": at("2028-01-01T11:00:00")})
    second, _ = await client.round(link)

    assert [(item["id"], "@removed" in item) for item in [*first, *second]] == [(far, True), (near, True)]


async def test_pages_are_as_large_as_asked_and_the_preferences_stay(client, world):
    for number in range(5):
        world.event(f"Number {number}")
    link = f"/me/calendars/{world.calendar}/calendarView/delta?{WINDOW}"
    prefer = f"{IMMUTABLE}, odata.maxpagesize=2"
    _, page = await client.ask("GET", link, prefer=prefer)

    status, answer = await client.ask("GET", page["@odata.nextLink"], prefer=IMMUTABLE)

    assert len(page["value"]) == 2
    assert (status, code_of(answer)) == (400, "ErrorInvalidRequest")
    assert len((await client.round(link, prefer))[0]) == 5


@pytest.mark.parametrize(
    "option", ["$select=subject", "$top=5", "$filter=x", "$orderby=start", "$expand=x", "$search=x"]
)
async def test_other_options_are_refused(client, world, option):
    status, answer = await client.ask("GET", f"/me/calendars/{world.calendar}/calendarView/delta?{WINDOW}&{option}")

    assert (status, code_of(answer)) == (400, "ErrorInvalidUrlQuery")


async def test_a_forgotten_link_is_answered_410(client, world):
    _, link = await client.round()
    world.microsoft.expire_delta()

    status, answer = await client.ask("GET", link)

    assert (status, code_of(answer)) == (410, "SyncStateNotFound")


async def test_state_is_kept_over_a_restart(world, tmp_path):
    world.event("Before")
    backend = world.backend()
    token = (await pull(backend, world.calendar))[-1].token or ""
    state = json.loads(json.dumps(world.microsoft.state()))
    again = MicrosoftSimulator(world.clock, tmp_path / "again.pem")
    again.restore(state)
    await again.start()
    try:
        moved = token.replace(world.microsoft.graph_endpoint, again.graph_endpoint)
        after = World(again, world.clock, world.http, world.calendar)
        again.add_event(world.calendar, event_body("After"))

        found = objects(await pull(after.backend(again.refresh_token(ALICE)), world.calendar, moved))
    finally:
        await again.stop()

    assert [lines_of(obj.text, "SUMMARY") for obj in found] == [["SUMMARY:After"]]
    assert again.state()["boxes"]["events"][0]["body"]["subject"] == "Before"


# Limits, tokens, schedules, subscriptions


async def test_a_fifth_request_at_once_is_throttled(client, world):
    world.microsoft.gate.clear()
    asked = [asyncio.ensure_future(client.ask("GET", "/me/calendars")) for _ in range(6)]
    done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    status, answer = next(iter(done)).result()
    world.microsoft.gate.set()

    assert (status, code_of(answer)) == (429, "ApplicationThrottled")
    assert sorted(status for status, _ in await asyncio.gather(*asked)) == [200, 200, 200, 200, 429, 429]


async def test_a_token_that_is_past_or_unknown_is_401(client, world):
    world.clock.pass_by(hours=1)
    past = await client.ask("GET", "/me")
    client.token = "unknown"
    unknown = await client.ask("GET", "/me")

    assert [(status, code_of(answer)) for status, answer in (past, unknown)] == [
        (401, "InvalidAuthenticationToken")
    ] * 2


async def test_a_permission_that_was_not_given_is_403(client, world):
    tokens = world.microsoft.tokens
    grant = tokens.access[client.token]
    tokens.access[client.token] = type(grant)(grant.address, "User.Read", grant.client, until=grant.until)

    assert (await client.ask("GET", "/me"))[0] == 200
    assert (await client.ask("GET", "/me/calendars"))[0] == 403


def schedule(*names: str, days: float = 1, **more: Any) -> dict[str, Any]:
    end = datetime(2026, 11, 23, 8, tzinfo=UTC) + timedelta(days=days)
    return {
        "schedules": list(names),
        "startTime": at("2026-11-23T08:00:00", "UTC"),
        "endTime": at(f"{end:%Y-%m-%dT%H:%M:%S}", "UTC"),
        **more,
    }


async def test_schedules_show_kinds_of_busy_and_hide_others_subjects(client, world):
    bob = world.microsoft.add_person("bob@example.com", "Bob Berg")
    for hour, shown in (("09", "tentative"), ("10", "oof"), ("11", "free")):
        body = event_body(start=at(f"2026-11-23T{hour}:00:00", "UTC"), end=at(f"2026-11-23T{hour}:30:00", "UTC"))
        world.microsoft.add_event(bob, {**body, "showAs": shown})

    _, answer = await client.ask(
        "POST", "/me/calendar/getSchedule", schedule("bob@example.com", "nobody@example.com", days=1 / 6)
    )

    found, missing = answer["value"]
    assert found["availabilityView"] == "00103000"
    assert all("subject" not in item for item in found["scheduleItems"])
    assert missing["error"]["responseCode"] == "ErrorMailRecipientNotFound"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (schedule("alice@example.com", days=63), "ErrorTimeIntervalTooBig"),
        (schedule(*["a@example.com"] * 21), "ErrorInvalidParameter"),
        (schedule("alice@example.com", availabilityViewInterval=4), "ErrorInvalidParameter"),
        (schedule("alice@example.com", zone="x"), "RequestBodyRead"),
    ],
)
async def test_schedules_refused(client, body, code):
    status, answer = await client.ask("POST", "/me/calendar/getSchedule", body)

    assert (status, code_of(answer)) == (400, code)


@pytest.mark.parametrize(("honest", "status"), [(True, 201), (False, 400)])
async def test_a_subscription_is_made_only_when_its_address_answers_the_handshake(client, world, honest, status):
    async def greet(request: web.Request) -> web.Response:
        return web.Response(text=request.query["validationToken"] if honest else "hello")

    app = web.Application()
    app.router.add_post("/hook", greet)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    body = {
        "changeType": "created,updated,deleted",
        "notificationUrl": f"http://127.0.0.1:{runner.addresses[0][1]}/hook",
        "resource": f"me/calendars/{world.calendar}/events",
        "expirationDateTime": "2026-11-24T00:00:00Z",
        "clientState": "secret",
    }

    answered, row = await client.ask("POST", "/subscriptions", body)
    late, _ = await client.ask("POST", "/subscriptions", {**body, "expirationDateTime": "2026-12-24T00:00:00Z"})
    await runner.cleanup()

    assert (answered, late) == (status, 400)
    if honest:
        path = f"/subscriptions/{row['id']}"
        renewed, _ = await client.ask("PATCH", path, {"expirationDateTime": "2026-11-25T00:00:00Z"})
        assert (renewed, (await client.ask("DELETE", path))[0], (await client.ask("GET", path))[0]) == (200, 204, 404)


async def test_the_simulator_can_be_told_to_fail(client, world):
    world.microsoft.fail_next(503, retry_after=3, path="/calendars")

    first, answer = await client.ask("GET", "/me/calendars")
    second, _ = await client.ask("GET", "/me/calendars")

    assert (first, code_of(answer), second) == (503, "ServiceUnavailable", 200)


async def test_only_those_who_trust_its_own_authority_can_talk_to_it(world):
    with pytest.raises(ClientConnectorCertificateError):
        await world.http.get(world.microsoft.graph_endpoint)
