"""The simulated Graph is as strict as its documents: parts of bodies, answers, online meetings, who is told."""

import pytest

from gateway.demo.microsoft import Mail
from tests.demo.test_microsoft import client, code_of, path_of, world
from tests.fakes.microsoft import ALICE, at, event_body, weekly

__all__ = ["client", "world"]

TEXT = 'IdType="ImmutableId", outlook.body-content-type="text"'
UID = "String {3d5a3f0e-6a0c-4b57-9d3a-6f1d0f6c2b71} Name x"
BOB = {"emailAddress": {"address": "bob@example.com", "name": "Bob"}, "type": "required"}
CAROL = {"emailAddress": {"address": "carol@example.com", "name": "Carol"}, "type": "optional"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param({"body": {"contentType": "markdown", "content": "x"}}, "RequestBodyRead", id="kind of body"),
        pytest.param({"body": {"type": "html"}}, "RequestBodyRead", id="name in the body"),
        pytest.param({"categories": ["Red", 1]}, "RequestBodyRead", id="category that is no text"),
        pytest.param({"location": {"address": {"zip": "1"}}}, "RequestBodyRead", id="name in an address"),
        pytest.param({"locations": [{"coordinates": {"lat": 1}}]}, "RequestBodyRead", id="name in coordinates"),
        pytest.param({"onlineMeetingProvider": "zoom"}, "RequestBodyRead", id="provider of meetings"),
        pytest.param({"attendees": [{"address": "x@y.z"}]}, "RequestBodyRead", id="guest without emailAddress"),
        pytest.param({"attendees": [{"emailAddress": {"name": "X"}}]}, "ErrorInvalidRecipients", id="no address"),
        pytest.param({"attendees": [BOB] * 501}, "ErrorExceededRecipientLimit", id="501 guests"),
        pytest.param(
            {"singleValueExtendedProperties": [{"id": "gateway", "value": "x"}]}, "ErrorInvalidRequest", id="id"
        ),
        pytest.param({"singleValueExtendedProperties": [{"id": UID, "value": 1}]}, "ErrorInvalidRequest", id="value"),
        pytest.param({"isAllDay": True, "end": at("2026-11-24T00:00:00")}, "ErrorPropertyValidationFailure", id="day"),
        pytest.param(
            {
                "isAllDay": True,
                "start": at("2026-11-23T00:00:00"),
                "end": at("2026-11-24T00:00:00", "Tokyo Standard Time"),
            },
            "ErrorPropertyValidationFailure",
            id="a day in two zones",
        ),
        pytest.param({"recurrence": {**weekly(), "rule": "x"}}, "RequestBodyRead", id="name in a recurrence"),
    ],
)
async def test_parts_of_bodies_refused(client, more, code):
    status, answer = await client.ask("POST", "/me/events", event_body(**more))

    assert (status, code_of(answer)) == (400, code)


async def test_without_if_match_the_last_one_wins(client):
    event = await client.made()
    await client.ask("PATCH", path_of(event), {"subject": "First"})

    status, now = await client.ask("PATCH", path_of(event), {"subject": "Second"})

    assert (status, now["subject"]) == (200, "Second")


async def test_a_patch_replaces_guests_whole_and_forgets_their_answers(client):
    event = await client.made(attendees=[{**BOB, "status": {"response": "accepted", "time": "2026-11-20T00:00:00Z"}}])

    _, now = await client.ask("PATCH", path_of(event), {"attendees": [BOB, CAROL]})

    assert [(row["emailAddress"]["name"], row["status"]["response"]) for row in now["attendees"]] == [
        ("Bob", "none"),
        ("Carol", "none"),
    ]


async def test_only_guests_who_changed_are_told_where_nothing_else_did(client, world):
    event = await client.made(attendees=[BOB])
    world.microsoft.mails.clear()

    await client.ask("PATCH", path_of(event), {"attendees": [BOB, CAROL]})
    await client.ask("PATCH", path_of(event), {"attendees": [CAROL]})
    await client.ask("PATCH", path_of(event), {"singleValueExtendedProperties": [{"id": UID, "value": "x"}]})
    await client.ask("PATCH", path_of(event), {"subject": "New"})

    assert world.microsoft.mails == [
        Mail("request", ALICE, "carol@example.com", "Planning"),
        Mail("cancel", ALICE, "bob@example.com", "Planning"),
        Mail("request", ALICE, "carol@example.com", "New"),
    ]


async def test_one_location_replaces_all_and_several_show_the_first(client):
    event = await client.made(locations=[{"displayName": "A"}, {"displayName": "B"}])

    _, now = await client.ask("PATCH", path_of(event), {"location": {"displayName": "C"}})

    assert [row["displayName"] for row in event["locations"]] == ["A", "B"]
    assert event["location"]["displayName"] == "A"
    assert [row["displayName"] for row in now["locations"]] == ["C"]


async def test_a_meeting_is_made_once_and_is_lost_with_its_part_of_the_body(client):
    event = await client.made(isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness")
    link = event["onlineMeeting"]["joinUrl"]
    _, still = await client.ask("PATCH", path_of(event), {"isOnlineMeeting": False})
    _, text = await client.ask("GET", path_of(event), prefer=TEXT)
    content = text["body"]["content"]

    _, kept = await client.ask(
        "PATCH", path_of(event), {"body": {"contentType": "text", "content": f"Agenda\n{content}"}}
    )
    _, lost = await client.ask("PATCH", path_of(event), {"body": {"contentType": "text", "content": "Agenda"}})

    assert still["onlineMeeting"] == kept["onlineMeeting"] == {"joinUrl": link}
    assert f"<{link}>" in content
    assert (lost["isOnlineMeeting"], lost["onlineMeeting"]) == (False, None)


async def test_private_accounts_have_no_teams_meetings(client, world):
    world.microsoft.boxes.people[ALICE].work = False

    event = await client.made(isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness")
    _, calendar = await client.ask("GET", "/me/calendar")

    assert (event["isOnlineMeeting"], event["onlineMeeting"]) == (False, None)
    assert calendar["allowedOnlineMeetingProviders"] == []


SLOT = {"start": at("2026-11-24T10:00:00"), "end": at("2026-11-24T11:00:00")}


@pytest.mark.parametrize(
    ("action", "body"),
    [
        pytest.param("accept", {"proposedNewTime": SLOT}, id="who accepts proposes nothing"),
        pytest.param("decline", {"proposedNewTime": SLOT, "sendResponse": False}, id="a proposal nobody hears of"),
        pytest.param("decline", {"proposedNewTime": {"from": "x"}}, id="no time slot"),
        pytest.param("tentativelyAccept", {"send": True}, id="a name nobody knows"),
    ],
)
async def test_answers_refused(client, world, action, body):
    body_of = {"subject": "Invited", "start": at("2026-11-23T10:00:00"), "end": at("2026-11-23T11:00:00")}
    href = world.microsoft.add_event(world.calendar, body_of, organizer=("Gina", "gina@example.net"))

    status, _ = await client.ask("POST", f"/me/events/{href.replace('=', '%3D')}/{action}", body)

    assert status == 400
    assert world.microsoft.mails == []


async def test_a_proposal_needs_an_event_that_allows_them(client, world):
    body = {"subject": "Invited", "start": at("2026-11-23T10:00:00"), "end": at("2026-11-23T11:00:00")}
    closed = {**body, "allowNewTimeProposals": False}
    hrefs = [world.microsoft.add_event(world.calendar, one, organizer=("G", "g@x.y")) for one in (body, closed)]

    answers = [
        await client.ask("POST", f"/me/events/{href.replace('=', '%3D')}/decline", {"proposedNewTime": SLOT})
        for href in hrefs
    ]

    assert [status for status, _ in answers] == [202, 400]


@pytest.mark.parametrize(
    "chosen",
    [
        f"singleValueExtendedProperties/any(ep:ep/id%20eq%20'{UID}')",
        "singleValueExtendedProperties/any(ep:ep/value%20eq%20'x')",
        "singleValueExtendedProperties/any()",
    ],
)
async def test_filters_by_property_name_id_and_value(client, chosen):
    status, _ = await client.ask("GET", f"/me/events?$filter={chosen}".replace(" ", "%20").replace("{", "%7B"))

    assert status == 400


async def test_a_list_of_subscriptions_takes_no_options(client):
    status, answer = await client.ask("GET", "/subscriptions?$select=id")

    assert (status, code_of(answer)) == (400, "BadRequest")
