"""Colleagues at Google and Microsoft who have no account here, asked for through a calendar client and the command."""

import json
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from tests.cli.run import run
from tests.story.stage import BERLIN, Stage
from tests.story.test_freebusy import periods

DORA, PETRA = "dora@example.com", "petra.kern@client.example"
SPACE = {"C": "urn:ietf:params:xml:ns:caldav", "D": "DAV:"}


def asked(stage: Stage, *people: str, user: str = "alice") -> dict[str, tuple[str, str]]:
    """Recipient -> (request status, calendar data), for the demo's week."""
    monday = stage.world.week.monday
    start = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", "METHOD:REQUEST", "BEGIN:VFREEBUSY", "UID:question"),
        *(f"ATTENDEE:mailto:{one}" for one in people),
        *(f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{start + timedelta(days=7):%Y%m%dT%H%M%SZ}"),
        *("DTSTAMP:20261101T000000Z", f"ORGANIZER:mailto:{user}@example.com", "END:VFREEBUSY", "END:VCALENDAR", ""),
    ]
    reply = stage.http(
        "POST", f"/dav/calendars/{user}/outbox/", "\r\n".join(lines), user=user, Content_Type="text/calendar"
    )
    assert reply.status_code == 200, reply.text
    assert "Inventur" not in reply.text
    return {
        one.findtext("C:recipient/D:href", "", SPACE): (
            one.findtext("C:request-status", "", SPACE),
            one.findtext("C:calendar-data", "", SPACE),
        )
        for one in ElementTree.fromstring(reply.text)
    }


def expected(stage: Stage, *rows: tuple[int, str, str, str]) -> list[tuple[datetime, datetime, str]]:
    def at(day: int, clock: str) -> datetime:
        return stage.world.week.at(day, clock).replace(tzinfo=BERLIN).astimezone(UTC)

    return [(at(day, start), at(day, end), kind) for day, start, end, kind in rows]


def of_dora(stage: Stage) -> list[tuple[datetime, datetime, str]]:
    return expected(stage, (1, "10:00", "12:00", "BUSY"), (2, "13:30", "14:30", "BUSY"))


def test_a_client_sees_colleagues_of_both_clouds(stage: Stage):
    told = asked(stage, DORA, PETRA, "bob@example.com", "nobody@example.com", "somebody@elsewhere.example")

    assert {address: status for address, (status, _) in told.items()} == {
        f"mailto:{DORA}": "2.0;Success",
        f"mailto:{PETRA}": "2.0;Success",
        "mailto:bob@example.com": "2.0;Success",
        "mailto:nobody@example.com": "3.7;Invalid calendar user",
        "mailto:somebody@elsewhere.example": "3.7;Invalid calendar user",
    }
    assert periods(told[f"mailto:{DORA}"][1]) == of_dora(stage)
    away = expected(stage, (1, "09:00", "11:00", "BUSY"), (4, "13:00", "17:00", "BUSY-UNAVAILABLE"))
    assert periods(told[f"mailto:{PETRA}"][1]) == away


def test_whoever_has_no_account_there_sees_nobody_there(stage: Stage):
    told = asked(stage, DORA, PETRA, user="carol")
    assert {status for status, _ in told.values()} == {"3.7;Invalid calendar user"}


def test_what_cannot_be_asked_is_not_free(stage: Stage):
    stage.pass_time(61)  # what was told before is kept for a minute
    stage.do(stage.world.google.fail_next, 503, 2)
    told = asked(stage, DORA)
    assert told == {f"mailto:{DORA}": ("5.1;Could not complete delivery", "")}

    stage.do(stage.world.google.recover)
    stage.pass_time(120)  # longer than anybody is left alone after two failures
    assert periods(asked(stage, DORA)[f"mailto:{DORA}"][1]) == of_dora(stage)


def test_one_question_a_minute(stage: Stage):
    asked(stage, DORA)
    stage.do(stage.world.google.fail_next, 503)
    try:
        assert periods(asked(stage, DORA)[f"mailto:{DORA}"][1]) == of_dora(stage)
    finally:
        stage.do(stage.world.google.recover)


def test_the_command_asks_in_somebodys_name(stage: Stage):
    monday = stage.world.week.monday
    given = ("freebusy", DORA, "bob", "--from", f"{monday}", "--to", f"{monday + timedelta(days=7)}")
    folder = stage.world.folder
    config = ("--config", str(folder / "gateway.toml"))

    done = run(folder, *config, *given, "--as", "alice", "--format", "json")
    refused = run(folder, *config, *given)
    unknown = run(folder, *config, "freebusy", "nobody@example.com", "--as", "alice")

    assert (done.status, done.err) == (0, "")
    dora, bob = json.loads(done.out)["people"]
    assert [one["start"] for one in dora["busy"]] == [start.isoformat() for start, _, _ in of_dora(stage)]
    assert bob["name"] == "bob"
    assert (refused.status, refused.lines) == (1, 1)
    assert (unknown.status, unknown.lines) == (1, 1)
    assert "knows nobody" in unknown.err
