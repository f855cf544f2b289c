"""The Outlook backend and what hangs together with the body: online meetings, formatted text."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.backends.outlook.values import Place
from gateway.backends.outlook.words import body_of, difference, meeting
from gateway.errors import BackendUnavailable, RefusedByProvider
from gateway.ical.objects import read_lenient
from gateway.model import CalendarObject
from tests.fakes.microsoft import ALICE, World, ics, lines_of, objects, pull, running_microsoft, weekly

TIMES = ("DTSTART;TZID=Europe/Berlin:20261123T100000", "DTEND;TZID=Europe/Berlin:20261123T110000")
PLACE = Place((ALICE,), "Europe/Berlin", "Calendar")
CALL = (*TIMES, "SUMMARY:Call")
LINK = "https://teams.example.com/l/meetup-join/"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        yield running


async def put(world: World, text: str, there: CalendarObject | None = None) -> CalendarObject:
    given = CalendarObject("new.ics" if there is None else there.href, text)
    return await world.backend().put(world.calendar, given, None if there is None else there.etag)


def first(*lines: str):
    return read_lenient(ics("DTSTART:20261123T090000Z", *lines)).components[0]


@pytest.mark.parametrize(
    ("lines", "asked"),
    [
        pytest.param((), False, id="nothing"),
        pytest.param(("X-GATEWAY-CONFERENCE:teams",), True, id="teams"),
        pytest.param(("X-GATEWAY-CONFERENCE:AUTO",), True, id="whatever the calendar has"),
        pytest.param(("X-GATEWAY-CONFERENCE:none",), False, id="none"),
        pytest.param(
            ("X-GATEWAY-CONFERENCE:teams", "CONFERENCE;VALUE=URI:https://x.example/1"), False, id="there is one"
        ),
    ],
)
def test_meetings_asked_for(lines, asked):
    wish = {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}

    assert meeting(first(*lines), PLACE) == (wish if asked else {})


def test_meetings_outlook_cannot_make_are_refused():
    with pytest.raises(RefusedByProvider, match="'meet'"):
        meeting(first("X-GATEWAY-CONFERENCE:meet"), PLACE)
    with pytest.raises(RefusedByProvider, match="work and school"):
        meeting(first("X-GATEWAY-CONFERENCE:teams"), Place((ALICE,), "UTC", "Calendar", teams=False))


@pytest.mark.parametrize(
    ("lines", "kind", "content"),
    [
        pytest.param(("DESCRIPTION:A\\nB",), "text", "A\nB", id="text"),
        pytest.param(
            ("DESCRIPTION:A & B", "X-ALT-DESC;FMTTYPE=text/html:<p><b>A</b> &amp\\; B</p>"),
            "html",
            "<p><b>A</b> &amp; B</p>",
            id="the same in HTML",
        ),
        pytest.param(
            ("DESCRIPTION;ALTREP=\"data:text/html,%3Cp%3E%3Cb%3EA%3C%2Fb%3E%3C%2Fp%3E\":A",),
            "html",
            "<p><b>A</b></p>",
            id="Thunderbird's way",
        ),
        pytest.param(
            ("DESCRIPTION:New", "X-ALT-DESC;FMTTYPE=text/html:<p>Old</p>"), "text", "New", id="HTML of an older text"
        ),
        pytest.param(("DESCRIPTION:A", "X-ALT-DESC;FMTTYPE=text/rtf:A"), "text", "A", id="another format"),
    ],
)  # fmt: skip
def test_bodies_written(lines, kind, content):
    assert body_of(first(*lines)) == {"contentType": kind, "content": content}


def test_formatting_alone_is_not_written_again():
    old = {"body": {"contentType": "text", "content": "A\nB"}}

    assert difference({"body": {"contentType": "html", "content": "<p>A</p><p>B</p>"}}, old) == {}
    assert difference({"body": {"contentType": "text", "content": "A B"}}, old) != {}


async def test_a_meeting_asked_for_is_made_and_its_link_served(world):
    made = await put(world, ics(*CALL, "DESCRIPTION:Agenda", "X-GATEWAY-CONFERENCE:teams"))

    [link] = lines_of(made.text, "CONFERENCE")
    assert link.startswith(f"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:{LINK}")
    assert lines_of(made.text, "URL")[0].startswith(f"URL:{LINK}")
    assert lines_of(made.text, "DESCRIPTION")[0].startswith("DESCRIPTION:Agenda\\n")


async def test_a_meeting_can_be_asked_for_later_and_is_made_once(world):
    made = await put(world, ics(*CALL))
    asked = await put(world, ics(*CALL, "X-GATEWAY-CONFERENCE:auto"), made)
    again = await put(world, ics(*CALL, "X-GATEWAY-CONFERENCE:auto", "LOCATION:Here"), asked)

    assert lines_of(asked.text, "CONFERENCE") == lines_of(again.text, "CONFERENCE") != []


async def test_a_meeting_made_by_a_write_whose_answer_was_lost_is_not_taken_away_by_the_next_text(world):
    asked = (*CALL, "X-GATEWAY-CONFERENCE:teams")
    world.microsoft.lose_next_answer("POST")
    with pytest.raises(BackendUnavailable):
        await put(world, ics(*asked, "DESCRIPTION:Agenda"))

    made = await put(world, ics(*asked, "DESCRIPTION:Another agenda"))

    assert lines_of(made.text, "DESCRIPTION")[0].startswith("DESCRIPTION:Another agenda")
    assert len(lines_of(made.text, "CONFERENCE")) == 1
    assert len(objects(await pull(world.backend(), world.calendar))) == 1


async def test_a_meeting_cannot_be_taken_away_again(world):
    made = await put(world, ics(*CALL, "X-GATEWAY-CONFERENCE:teams"))

    with pytest.raises(RefusedByProvider, match="away again"):
        await put(world, ics(*CALL, "X-GATEWAY-CONFERENCE:none"), made)


async def test_a_private_account_makes_no_teams_meetings(world):
    world.microsoft.boxes.people[ALICE].work = False

    with pytest.raises(RefusedByProvider, match="work and school"):
        await put(world, ics(*CALL, "X-GATEWAY-CONFERENCE:teams"))
    assert objects(await pull(world.backend(), world.calendar)) == []


async def test_a_client_that_shows_the_join_block_and_edits_above_it_keeps_it_once(world):
    made = await put(world, ics(*CALL, "DESCRIPTION:Agenda", "X-GATEWAY-CONFERENCE:teams"))
    [shown] = lines_of(made.text, "DESCRIPTION")

    now = await put(world, ics(*CALL, shown.replace("Agenda", "New agenda")), made)

    content = world.microsoft.event(made.href)["body"]["content"]
    assert content.count(LINK) == 1
    assert content.startswith("New agenda\n<div")
    assert lines_of(now.text, "CONFERENCE") == lines_of(made.text, "CONFERENCE")


async def test_a_client_that_drops_the_join_block_alone_changes_nothing(world):
    made = await put(world, ics(*CALL, "DESCRIPTION:Agenda", "X-GATEWAY-CONFERENCE:teams"))

    await put(world, ics(*CALL, "DESCRIPTION:Agenda"), made)

    assert [seen for seen in world.microsoft.requests if seen.method == "PATCH"] == []


async def test_one_date_of_a_series_with_a_meeting_keeps_the_join_block_too(world):
    href = world.event("Call", recurrence=weekly(), isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness")
    [there] = objects(await pull(world.backend(), world.calendar))
    override = (
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000", "DTSTART;TZID=Europe/Berlin:20261130T100000",
        "DTEND;TZID=Europe/Berlin:20261130T110000", "SUMMARY:Call", "DESCRIPTION:Only today",
    )  # fmt: skip

    await put(world, ics(*CALL, "RRULE:FREQ=WEEKLY;BYDAY=MO", overrides=(override,)), there)

    [exception] = [event for event in world.microsoft.boxes.events.values() if event.series is not None]
    assert exception.body["body"]["content"].startswith("Only today\n<div")
    assert LINK in exception.body["body"]["content"]
    assert world.microsoft.boxes.find(ALICE, href, immutable=True)[0].join_url


async def test_formatted_text_of_outlook_survives_a_change_of_something_else(world):
    html = "<html><body><p><b>Bold</b> and <i>slanted</i></p></body></html>"
    href = world.event("Letter", body={"contentType": "html", "content": html})
    [there] = objects(await pull(world.backend(), world.calendar))

    await put(world, there.text.replace("SUMMARY:Letter", "SUMMARY:Renamed"), there)

    assert world.microsoft.event(href)["body"] == {"contentType": "html", "content": html}


async def test_a_clients_formatted_text_arrives_formatted(world):
    made = await put(world, ics(*CALL, "DESCRIPTION:Bold", "X-ALT-DESC;FMTTYPE=text/html:<p><b>Bold</b></p>"))

    assert world.microsoft.event(made.href)["body"] == {"contentType": "html", "content": "<p><b>Bold</b></p>"}
    assert lines_of(made.text, "DESCRIPTION") == ["DESCRIPTION:Bold"]
