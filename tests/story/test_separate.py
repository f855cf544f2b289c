"""A client makes calendars of its own, and sees a source calendar by itself; what it moves is moved at the provider."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import caldav
import pytest
from caldav.lib.error import DAVError, NotFoundError

from gateway.demo.seed import at_google
from gateway.store import accounts
from gateway.sync.separate import set_separate
from tests.story.stage import Stage
from tests.story.test_writing import at_google_now

HOUR = timedelta(hours=1)
HOME = "/dav/calendars/alice/"
START = datetime(2026, 12, 7, 10, tzinfo=UTC)


@pytest.fixture
def client(stage: Stage) -> Iterator[caldav.DAVClient]:
    with stage.client() as found:
        yield found


def shown(stage: Stage, name: str) -> str:
    """The path of a source calendar, from now on shown by itself."""
    row = stage.calendar("alice", name)
    stage.calendars(set_separate, stage.person("alice").id, row.id, True, stage.clock())
    return f"{HOME}{name.lower().replace(' ', '-')}/"


def names(client: caldav.DAVClient) -> dict[str, str]:
    return {str(one.url).removesuffix("/").rpartition("/")[2]: str(one.get_display_name()) for one in listed(client)}


def listed(client: caldav.DAVClient) -> list[caldav.Calendar]:
    return client.principal().get_calendars()


def test_a_calendar_is_made_used_and_deleted(stage: Stage, client: caldav.DAVClient) -> None:
    made = client.principal().make_calendar(name="Garden", cal_id="garden")
    assert names(client)["garden"] == "Garden"
    event = made.add_event(uid="dig@client.example", summary="Dig", dtstart=START, dtend=START + HOUR)
    assert [str(one.component["SUMMARY"]) for one in made.search(event=True)] == ["Dig"]
    with stage.merged() as merged, pytest.raises(NotFoundError):
        merged.get_event_by_uid("dig@client.example")
    assert made.freebusy_request(START, START + HOUR).component is not None

    event.delete()
    made.delete()
    assert "garden" not in names(client)


def test_what_is_put_into_a_calendar_at_google_is_there(stage: Stage, client: caldav.DAVClient) -> None:
    path = shown(stage, "Team Sales")
    assert names(client)["team-sales"] == "Team Sales"
    team = client.calendar(url=stage.base + path)
    made = team.add_event(uid="pitch@client.example", summary="Pitch", dtstart=START, dtend=START + HOUR)

    [there] = at_google_now(stage, "pitch@client.example", at_google.TEAM)
    assert there["summary"] == "Pitch"
    assert at_google_now(stage, "pitch@client.example") == []
    with stage.merged() as merged:
        assert str(merged.get_event_by_uid("pitch@client.example").component["SUMMARY"]) == "Pitch"

    made.delete()
    assert at_google_now(stage, "pitch@client.example", at_google.TEAM) == []


def test_a_move_between_calendars_at_google_is_one_move_there(stage: Stage, client: caldav.DAVClient) -> None:
    team = shown(stage, "Team Sales")
    own = shown(stage, "Alice Weber")
    calendar = client.calendar(url=stage.base + own)
    calendar.add_event(uid="hike@client.example", summary="Hike", dtstart=START, dtend=START + HOUR)
    [before] = at_google_now(stage, "hike@client.example")
    [held] = calendar.search(event=True, uid="hike@client.example")

    answer = stage.http("MOVE", str(held.url)[len(stage.base) :], Destination=f"{stage.base}{team}hike.ics")
    assert answer.status_code == 201
    assert at_google_now(stage, "hike@client.example") == []
    [after] = at_google_now(stage, "hike@client.example", at_google.TEAM)
    assert (after["id"], after["summary"]) == (before["id"], "Hike")
    assert stage.http("GET", f"{team}hike.ics").status_code == 200
    with stage.merged() as merged:
        assert len(merged.search(event=True, uid="hike@client.example")) == 1


def test_a_move_from_google_to_a_calendar_of_ones_own_leaves_nothing_there(
    stage: Stage, client: caldav.DAVClient
) -> None:
    own = shown(stage, "Alice Weber")
    client.principal().make_calendar(name="Attic", cal_id="attic")
    client.calendar(url=stage.base + own).add_event(
        uid="box@client.example", summary="Box", dtstart=START + 2 * HOUR, dtend=START + 3 * HOUR
    )
    [held] = client.calendar(url=stage.base + own).search(event=True, uid="box@client.example")
    answer = stage.http("MOVE", str(held.url)[len(stage.base) :], Destination=f"{HOME}attic/box.ics")
    assert answer.status_code == 201
    assert at_google_now(stage, "box@client.example") == []
    text = stage.http("GET", f"{HOME}attic/box.ics").text
    assert "SUMMARY:Box" in text
    assert "X-GATEWAY-CALENDAR" not in text
    stage.pull()
    assert stage.http("GET", f"{HOME}attic/box.ics").text == text


def test_a_calendar_one_may_only_read_is_shown_and_says_so(stage: Stage, client: caldav.DAVClient) -> None:
    path = shown(stage, "Feiertage in Deutschland")
    stage.pull()
    holidays = client.calendar(url=stage.base + path)
    assert holidays.search(event=True)
    with pytest.raises(DAVError):
        holidays.add_event(uid="no@client.example", summary="No", dtstart=START, dtend=START + HOUR)
    assert stage.http("DELETE", path).status_code == 403
    assert stage.calendar("alice", "Feiertage in Deutschland").gone is False


def test_a_calendar_at_a_provider_is_not_deleted_by_a_client(stage: Stage) -> None:
    path = shown(stage, "Team Sales")
    answer = stage.http("DELETE", path)
    assert (answer.status_code, "need-privileges" in answer.text) == (403, True)
    assert stage.read(accounts.calendar, stage.calendar("alice", "Team Sales").id) is not None
