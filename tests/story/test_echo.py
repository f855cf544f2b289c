"""Each event of the seed, edited by a client: it is kept at the provider, and its echo is no news to anybody."""

import re
from collections.abc import Iterator

import caldav
import pytest

from tests.story.stage import MERGED, Stage

TITLES = (
    "Stand-up", "Kundentermin Nordwind", "Konzentriert arbeiten", "Arzttermin", "Quartalszahlen", "Flug FRA - JFK",
    "Messe Hannover", "Homeoffice", "Abwesend", "Forecast", "Sprint Planning", "Status Call Seattle",
    "Workshop Anforderungen", "Am Standort Kiel", "Urlaub", "Yoga", "Oma Geburtstag",
)  # fmt: skip


@pytest.fixture
def merged(stage: Stage) -> Iterator[caldav.Calendar]:
    with stage.merged() as found:
        yield found


def one(merged: caldav.Calendar, title: str) -> str:
    """Name of the object."""
    [found] = merged.search(event=True, summary=title)
    return found.url.path.removeprefix(MERGED)


def text_and_etag(stage: Stage, name: str) -> tuple[str, str]:
    answer = stage.http("GET", MERGED + name)
    return answer.content.decode(), answer.headers["ETag"]


@pytest.mark.parametrize("title", TITLES)
def test_an_edit_and_its_echo(stage, merged, title):
    name = one(merged, title)
    before, etag = text_and_etag(stage, name)
    lines = before.replace(f"SUMMARY:{title}", f"SUMMARY:{title}\\, edited").split("\r\n")
    at = lines.index("END:VEVENT")
    lines[at:at] = ["X-CLIENT-OWN:kept", *alarm()]
    edited = "\r\n".join(lines)

    answer = stage.put(name, edited, If_Match=etag)
    assert answer.status_code == 204, answer.text
    served = text_and_etag(stage, name)
    assert "X-CLIENT-OWN:kept" in served[0]
    assert r"\, edited" in unfolded(served[0])
    assert recurrence(served[0]) == recurrence(before)
    if "ETag" in answer.headers:
        assert (edited, answer.headers["ETag"]) == served

    known = merged.get_objects_by_sync_token(load_objects=False)
    for _ in range(2):
        stage.pull()
        assert [list(change) for change in known.sync()] == [[], []]
        assert text_and_etag(stage, name) == served

    stage.do(stage.world.google.expire_sync_tokens)
    stage.do(stage.world.microsoft.expire_delta)
    stage.pull()
    assert [list(change) for change in known.sync()] == [[], []]
    assert text_and_etag(stage, name) == served


def alarm() -> list[str]:
    return ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Soon", "TRIGGER:-PT25M", "END:VALARM"]


def unfolded(text: str) -> str:
    return text.replace("\r\n ", "")


def recurrence(text: str) -> list[str]:
    """What decides when it happens."""
    wanted = re.compile(r"(DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID)[;:]")
    inside = unfolded(text).partition("BEGIN:VEVENT")[2]
    return sorted(line for line in inside.split("\r\n") if wanted.match(line))
