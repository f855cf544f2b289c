"""Lists, pages and sync tokens of the simulated Google, under the real client library."""

import pytest

from tests.fakes.google import ALICE, BOB, TEAM, Client, meeting, running_google, weekly


@pytest.fixture
async def google():
    async with running_google() as simulator:
        yield simulator


@pytest.fixture
def client(google):
    return Client(google)


def listed(calendar=ALICE, **query):
    return lambda api: api.events().list(calendarId=calendar, **query)


def bare(event):
    return {name: value for name, value in event.items() if name not in {"etag", "kind"}}


async def token_of(client, **query):
    return (await client.send(listed(**query)))["nextSyncToken"]


async def test_a_sync_token_brings_what_changed_since(google, client):
    google.add_event(ALICE, meeting("Old"))
    token = await token_of(client)
    google.add_event(ALICE, meeting("New"))

    news = await client.send(listed(syncToken=token))

    assert [event["summary"] for event in news["items"]] == ["New"]
    assert (await client.send(listed(syncToken=news["nextSyncToken"])))["items"] == []


async def test_the_next_sync_token_is_on_the_last_page_only(google, client):
    for number in range(5):
        google.add_event(ALICE, meeting(f"Event {number}"))

    first = await client.send(listed(maxResults=3))
    second = await client.send(listed(maxResults=3, pageToken=first["nextPageToken"]))

    assert ("nextSyncToken" in first, "nextPageToken" in second) == (False, False)
    assert [len(page["items"]) for page in (first, second)] == [3, 2]
    assert "nextSyncToken" in second


async def test_pages_may_be_short_or_empty_while_more_follow(google, client):
    for number in range(3):
        google.add_event(ALICE, meeting(f"Event {number}"))
    google.limit_pages(2)
    sizes, page, query = [], {}, {}
    while "nextSyncToken" not in page:
        page = await client.send(listed(**query))
        sizes.append(len(page["items"]))
        query = {"pageToken": page.get("nextPageToken")}

    assert sizes == [0, 2, 1]


async def test_what_changes_between_two_pages_comes_with_the_next_sync(google, client):
    made = [google.add_event(ALICE, meeting(f"Event {number}")) for number in range(4)]
    first = await client.send(listed(maxResults=2))
    google.change_event(ALICE, made[3]["id"], {"summary": "Changed"})
    second = await client.send(listed(maxResults=2, pageToken=first["nextPageToken"]))

    news = await client.send(listed(syncToken=second["nextSyncToken"]))

    assert [event["summary"] for event in second["items"]] == ["Event 2"]
    assert [event["summary"] for event in news["items"]] == ["Changed"]


@pytest.mark.parametrize(
    "query",
    [
        {"iCalUID": "x"},
        {"orderBy": "updated"},
        {"privateExtendedProperty": "a=b"},
        {"sharedExtendedProperty": "a=b"},
        {"q": "x"},
        {"timeMin": "2026-01-01T00:00:00Z"},
        {"timeMax": "2026-01-01T00:00:00Z"},
        {"updatedMin": "2026-11-20T00:00:00Z"},
        {"showDeleted": False},
        {"singleEvents": True},
    ],
    ids=lambda query: next(iter(query)),
)
async def test_what_cannot_go_with_a_sync_token_is_refused(client, query):
    token = await token_of(client)

    assert await client.refusal(listed(syncToken=token, **query)) == (400, "invalid")


async def test_tokens_of_another_calendar_or_made_up_are_refused(client):
    token = await token_of(client)

    assert await client.refusal(listed(TEAM, syncToken=token)) == (400, "invalid")
    assert await client.refusal(listed(syncToken="made-up")) == (400, "invalid")
    assert await client.refusal(listed(pageToken=token)) == (400, "invalid")


async def test_an_expired_sync_token_asks_for_a_full_sync(google, client):
    token = await token_of(client)
    google.expire_sync_tokens()

    assert await client.refusal(listed(syncToken=token)) == (410, "fullSyncRequired")


async def test_a_deleted_event_leaves_a_tombstone_with_its_id(google, client):
    made = google.add_event(ALICE, meeting())
    token = await token_of(client)
    google.delete_event(ALICE, made["id"])

    [gone] = (await client.send(listed(syncToken=token)))["items"]

    assert bare(gone) == {"id": made["id"], "status": "cancelled"}
    assert (await client.send(listed()))["items"] == []
    assert [bare(e) for e in (await client.send(listed(showDeleted=True)))["items"]] == [bare(gone)]


async def test_a_cancelled_date_of_a_live_series_is_in_every_full_list(google, client):
    made = google.add_event(ALICE, weekly())
    google.delete_event(ALICE, f"{made['id']}_20261109T080000Z")

    master, gone = (await client.send(listed()))["items"]

    assert master["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=6"]
    assert bare(gone) == {
        "id": f"{made['id']}_20261109T080000Z",
        "status": "cancelled",
        "recurringEventId": made["id"],
        "originalStartTime": {"dateTime": "2026-11-09T09:00:00+01:00", "timeZone": "Europe/Berlin"},
    }


async def test_a_deleted_series_takes_its_exceptions_along(google, client):
    made = google.add_event(ALICE, weekly())
    google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"summary": "Other"})
    token = await token_of(client)
    google.delete_event(ALICE, made["id"])

    news = (await client.send(listed(syncToken=token)))["items"]

    assert [(event["id"], event["status"]) for event in news] == [
        (f"{made['id']}_20261109T080000Z", "cancelled"),
        (made["id"], "cancelled"),
    ]
    assert (await client.send(listed()))["items"] == []


async def test_single_events_are_expanded_with_exceptions_in_their_places(google, client):
    made = google.add_event(ALICE, weekly(count=4))
    google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"summary": "Other"})
    google.delete_event(ALICE, f"{made['id']}_20261116T080000Z")

    answer = await client.send(listed(singleEvents=True, orderBy="startTime"))

    assert [(event["id"].rpartition("_")[2], event["summary"]) for event in answer["items"]] == [
        ("20261102T080000Z", "Weekly"),
        ("20261109T080000Z", "Other"),
        ("20261123T080000Z", "Weekly"),
    ]
    assert "nextSyncToken" not in answer


async def test_time_bounds_are_exclusive_and_look_at_end_and_start(google, client):
    google.add_event(ALICE, meeting("Nine to ten"))

    async def found(begin, end):
        query = {"timeMin": f"2026-11-23T{begin}:00+01:00", "timeMax": f"2026-11-23T{end}:00+01:00"}
        return len((await client.send(listed(**query)))["items"])

    assert [await found("08:00", "09:00"), await found("10:00", "11:00")] == [0, 0]
    assert [await found("08:00", "09:01"), await found("09:59", "11:00")] == [1, 1]
    query = {"timeMin": "2026-11-23T10:00:00Z", "timeMax": "2026-11-23T10:00:00Z"}
    assert await client.refusal(listed(**query)) == (400, "timeRangeEmpty")


async def test_filters_find_by_uid_text_type_and_property(google, client):
    tagged = {"private": {"a": "b"}}
    made = google.add_event(ALICE, meeting("Lunch", iCalUID="lunch@example.com", extendedProperties=tagged))
    google.add_event(ALICE, meeting("Dinner"))

    for query in ({"iCalUID": "lunch@example.com"}, {"q": "LUNCH"}, {"privateExtendedProperty": "a=b"}):
        assert [event["id"] for event in (await client.send(listed(**query)))["items"]] == [made["id"]]
    assert (await client.send(listed(eventTypes=["outOfOffice"])))["items"] == []


async def test_updated_min_too_long_ago_is_410(client):
    assert await client.refusal(listed(updatedMin="2026-01-01T00:00:00Z")) == (410, "updatedMinTooLongAgo")


async def test_times_are_shown_with_the_offset_of_the_calendar(google, client):
    google.add_calendar(ALICE, "ny@group.calendar.google.com", "New York", zone="America/New_York")
    google.add_event("ny@group.calendar.google.com", meeting())

    [event] = (await client.send(listed("ny@group.calendar.google.com")))["items"]
    [asked] = (await client.send(listed("ny@group.calendar.google.com", timeZone="Asia/Tokyo")))["items"]

    assert event["start"] == {"dateTime": "2026-11-23T03:00:00-05:00", "timeZone": "Europe/Berlin"}
    assert asked["start"] == {"dateTime": "2026-11-23T17:00:00+09:00", "timeZone": "Europe/Berlin"}


async def test_instances_are_paged_and_found_by_their_original_start(google, client):
    made = google.add_event(ALICE, weekly())
    moved = f"{made['id']}_20261109T080000Z"
    google.change_event(
        ALICE, moved, {"start": {"dateTime": "2026-11-10T08:00:00Z"}, "end": {"dateTime": "2026-11-10T09:00:00Z"}}
    )
    google.delete_event(ALICE, f"{made['id']}_20261116T080000Z")

    def instances(**query):
        return lambda api: api.events().instances(calendarId=ALICE, eventId=made["id"], **query)

    page = await client.send(instances(maxResults=3))
    rest = await client.send(instances(maxResults=3, pageToken=page["nextPageToken"]))
    [one] = (await client.send(instances(originalStart="2026-11-09T09:00:00+01:00")))["items"]
    cancelled = await client.send(instances(originalStart="2026-11-16T08:00:00Z", showDeleted=True))

    assert [len(page["items"]), len(rest["items"])] == [3, 2]
    assert (one["id"], one["start"]["dateTime"]) == (moved, "2026-11-10T09:00:00+01:00")
    assert cancelled["items"][0]["status"] == "cancelled"


async def test_instances_of_no_series_are_refused(google, client):
    made = google.add_event(ALICE, meeting())

    query = {"calendarId": ALICE, "eventId": made["id"]}
    assert await client.refusal(lambda api: api.events().instances(**query)) == (400, "invalid")


async def test_lists_of_calendars_are_paged(google, client):
    google.share(ALICE, BOB, "reader")
    google.limit_pages(1)

    first = await Client(google, BOB).send(lambda api: api.calendarList().list())
    second = await Client(google, BOB).send(lambda api: api.calendarList().list(pageToken=first["nextPageToken"]))

    assert [entry["id"] for entry in first["items"] + second["items"]] == [BOB, ALICE]
