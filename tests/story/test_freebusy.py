"""Everybody who asks for busy time gets the same answer: clients, the published URL, the command.

Clients and the URL are told of time outside of working hours, too; the command shows what is in the calendars.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests
from icalendar import Calendar

from tests.story.stage import BERLIN, Stage

T, B, U = "BUSY-TENTATIVE", "BUSY", "BUSY-UNAVAILABLE"
MINUTE = timedelta(minutes=1)
Busy = list[tuple[datetime, datetime, str]]

START, END = datetime(2026, 10, 23, tzinfo=BERLIN), datetime(2026, 11, 1, tzinfo=BERLIN)
"""From the Friday before the night clocks go back, to the Sunday after the demo's week."""

# In clock times of Berlin, as their calendars show them.
EXPECTED = {
    "alice": (
        ("10-23 09:15", "10-23 09:30", B),  # Stand-up
        ("10-26 09:15", "10-26 09:30", B),  # Stand-up; Homeoffice blocks nothing
        ("10-26 11:00", "10-26 11:30", B),  # Forecast
        ("10-26 15:00", "10-26 17:00", B),  # Konzentriert arbeiten
        ("10-26 18:30", "10-26 20:00", B),  # Yoga, private
        ("10-27 09:15", "10-27 09:30", B),  # Stand-up
        ("10-27 10:00", "10-27 11:30", B),  # Sprint Planning, Outlook
        ("10-27 14:00", "10-27 15:30", B),  # Kundentermin Nordwind
        ("10-28 10:00", "10-28 10:15", B),  # Stand-up, moved
        ("10-28 13:00", "10-28 14:00", B),  # Steering Committee: unanswered on one account, accepted on the other
        ("10-29 08:00", "10-29 09:00", B),  # Arzttermin; the stand-up is cancelled, Lunch & Learn declined
        ("10-29 15:00", "10-29 15:30", B),  # Status Call, at 7 in Seattle where clocks are still on summer time
        ("10-30 09:15", "10-30 09:30", B),  # Stand-up
        ("10-30 11:00", "10-30 12:00", T),  # Abstimmung Angebot, not answered
        ("10-30 15:00", "10-30 18:00", U),  # out of office
    ),
    "bob": (
        ("10-26 13:00", "10-26 16:00", B),
        ("10-27 09:00", "10-27 10:00", T),
        ("10-28 11:00", "10-28 12:00", B),
        ("10-29 14:00", "10-29 15:00", B),  # private; Feierabendrunde is shown as free
        ("10-30 00:00", "10-31 00:00", U),  # the whole day, in his zone
    ),
    "carol": (
        ("10-23 15:30", "10-23 16:00", B),  # Kita, every working day
        ("10-26 15:30", "10-26 16:00", B),
        ("10-27 15:30", "10-27 16:00", B),  # what was cancelled in the morning blocks nothing
        ("10-28 10:00", "10-28 11:30", B),
        ("10-28 15:30", "10-28 16:00", B),
        ("10-29 07:00", "10-29 07:45", B),  # floating, so in her zone
        ("10-29 15:30", "10-29 16:00", B),
        ("10-30 15:30", "10-30 16:00", B),  # the club's games of the feed do not count
    ),
}


def expected(name: str) -> Busy:
    return [(clock(start), clock(end), kind) for start, end, kind in EXPECTED[name]]


def told(name: str) -> Busy:
    """With the hours of the demo, minute by minute: nobody works before 9, after 17, and at weekends."""
    strength = {"": 0, T: 1, B: 2, U: 3}
    kinds = []
    for minute in range(int((END.astimezone(UTC) - START.astimezone(UTC)) / MINUTE)):
        at = (START.astimezone(UTC) + minute * MINUTE).astimezone(BERLIN)
        kinds.append("" if at.weekday() < 5 and 9 <= at.hour < 17 else U)
    for start, end, kind in expected(name):
        for minute in range(int((start - START) / MINUTE), int((end - START) / MINUTE)):
            kinds[minute] = max(kinds[minute], kind, key=strength.__getitem__)
    rows: Busy = []
    at = START.astimezone(UTC)
    for kind, run in groupby(kinds):
        begin, at = at, at + len(list(run)) * MINUTE
        rows += [(begin, at, kind)] if kind else []
    return rows


def clock(text: str) -> datetime:
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=BERLIN).astimezone(UTC)


def utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def periods(text: str) -> Busy:
    """Of the one VFREEBUSY in a text; read by a library that is not ours."""
    [found] = Calendar.from_ical(text).walk("VFREEBUSY")
    return periods_of(found)


def periods_of(component: object) -> Busy:
    lines = component.get("FREEBUSY", [])
    rows = []
    for line in lines if isinstance(lines, list) else [lines]:
        given = line.params.get("FBTYPE", "BUSY")
        rows += [(start.astimezone(UTC), end.astimezone(UTC), given) for start, end in pairs(line)]
    return sorted(rows)


def pairs(line: object) -> Sequence[tuple[datetime, datetime]]:
    found = [line] if hasattr(line, "dt") else line
    return [one.dt for one in found]


def published(stage: Stage, name: str) -> Busy:
    query = {"start": START.isoformat(), "end": END.isoformat()}
    answer = requests.get(f"{stage.base}/freebusy/{name}.ifb", query, timeout=30)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    return periods(answer.text)


def by_report(path: str) -> Callable[[Stage, str], Busy]:
    def asked(stage: Stage, name: str) -> Busy:
        body = (
            '<?xml version="1.0"?><C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f'<C:time-range start="{utc(START)}" end="{utc(END)}"/></C:free-busy-query>'
        )
        headers = {"Content_Type": "application/xml", "Depth": "1"}
        answer = stage.http("REPORT", f"/dav/calendars/{name}/{path}", body, user=name, **headers)
        assert answer.status_code == 200, answer.text
        return periods(answer.text)

    return asked


def by_caldav_client(stage: Stage, name: str) -> Busy:
    with stage.merged(name) as merged:
        answer = merged.freebusy_request(START, END)
        return periods_of(next(iter(answer.icalendar_instance.walk("VFREEBUSY"))))


def command(stage: Stage, *given: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "--config", str(stage.world.folder / "gateway.toml"), "freebusy", *given],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        cwd=Path(__file__).parents[2],
        timeout=120,
    )
    assert done.stderr == ""
    return done.stdout


SPAN = ("--from", f"{START:%Y-%m-%d}", "--to", f"{END:%Y-%m-%d}")


WAYS = {
    "published": published,
    "report on merged": by_report("merged/"),
    "report on the home": by_report(""),
    "caldav package": by_caldav_client,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", EXPECTED)
def test_one_person(stage, name, way):
    assert WAYS[way](stage, name) == told(name)


def asking(*attendees: str) -> str:
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//client.example//EN", "METHOD:REQUEST", "BEGIN:VFREEBUSY"),
        *("UID:asking@client.example", f"DTSTAMP:{utc(START)}", f"DTSTART:{utc(START)}", f"DTEND:{utc(END)}"),
        "ORGANIZER:mailto:alice@example.com",
        *(f"ATTENDEE:mailto:{one}" for one in attendees),
        *("END:VFREEBUSY", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(lines)


def outbox(stage: Stage, *attendees: str) -> Iterator[tuple[str, str, str]]:
    """Address, request status and calendar data of each response."""
    answer = stage.http(
        "POST", "/dav/calendars/alice/outbox/", asking(*attendees), Content_Type="text/calendar; charset=utf-8"
    )
    assert answer.status_code == 200, answer.text
    spaces = {"C": "urn:ietf:params:xml:ns:caldav", "D": "DAV:"}
    for one in ElementTree.fromstring(answer.content).findall("C:response", spaces):
        yield (
            one.findtext("C:recipient/D:href", "", spaces).removeprefix("mailto:"),
            one.findtext("C:request-status", "", spaces),
            one.findtext("C:calendar-data", "", spaces),
        )


def test_the_outbox_answers_for_each_of_several_people(stage):
    addresses = [f"{name}@example.com" for name in EXPECTED]

    rows = list(outbox(stage, *addresses, "stranger@elsewhere.example"))

    assert [(address, status[:3]) for address, status, _ in rows] == [
        *((address, "2.0") for address in addresses),
        ("stranger@elsewhere.example", "3.7"),
    ]
    assert {address: periods(text) for address, _, text in rows[:3]} == {
        f"{name}@example.com": told(name) for name in EXPECTED
    }


def test_the_caldav_package_asks_the_outbox_for_several_people(stage):
    with stage.client() as client:
        answers = client.principal().freebusy_request(
            START.astimezone(UTC), END.astimezone(UTC), ["mailto:bob@example.com", "mailto:carol@example.com"]
        )

    found = {address.removeprefix("mailto:"): answer for address, answer in answers.items()}
    for name in ("bob", "carol"):
        calendar = found[f"{name}@example.com"]
        assert periods_of(next(iter(calendar.icalendar_instance.walk("VFREEBUSY")))) == told(name)


def test_the_command_as_json_where_a_team_stands_for_its_members(stage):
    people = json.loads(command(stage, "sales", *SPAN, "--format", "json"))["people"]

    assert {person["name"]: [busy_of(one) for one in person["busy"]] for person in people} == {
        name: expected(name) for name in EXPECTED
    }


def busy_of(row: dict[str, str]) -> tuple[datetime, datetime, str]:
    return datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"]), row["fbtype"]


def test_the_command_as_icalendar(stage):
    calendar = Calendar.from_ical(command(stage, *EXPECTED, *SPAN, "--format", "ics"))

    assert {str(one["ATTENDEE"]): periods_of(one) for one in calendar.walk("VFREEBUSY")} == {
        f"mailto:{name}@example.com": expected(name) for name in EXPECTED
    }


def test_the_table_of_the_command_shows_all_of_them(stage):
    table = command(stage, "alice", "bob", "carol", "--from", "2026-10-30", "--to", "2026-10-31")

    head, *rows = table.splitlines()
    assert head == "Fri 30 Oct 2026 00:00 to Sat 31 Oct 2026 00:00, Europe/Berlin"
    assert [re.split(" {2,}", row.strip()) for row in rows] == [
        ["time", "alice", "bob", "carol"],
        ["Fri 30 Oct 00:00 - 09:15", "-", "out of office", "-"],
        ["Fri 30 Oct 09:15 - 09:30", "busy", "out of office", "-"],
        ["Fri 30 Oct 09:30 - 11:00", "-", "out of office", "-"],
        ["Fri 30 Oct 11:00 - 12:00", "tentative", "out of office", "-"],
        ["Fri 30 Oct 12:00 - 15:00", "-", "out of office", "-"],
        ["Fri 30 Oct 15:00 - 15:30", "out of office", "out of office", "-"],
        ["Fri 30 Oct 15:30 - 16:00", "out of office", "out of office", "busy"],
        ["Fri 30 Oct 16:00 - 18:00", "out of office", "out of office", "-"],
        ["Fri 30 Oct 18:00 - Sat 31 Oct 00:00", "-", "out of office", "-"],
    ]
