"""Busy time of Alice's calendars, shown in her client's Outlook and in her own Google."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.demo.microsoft.mailbox import event_id
from gateway.demo.seed import at_google, at_microsoft
from gateway.mirror import choose
from gateway.store import mirrors, objects
from gateway.store.mirrors import MirrorRow
from tests.fakes.objects import event
from tests.story.stage import MERGED, Stage


def mirrored(stage: Stage, sources: list[str], target: str, **more: Any) -> int:
    """The mirror, once everything is there."""
    keys, into = [stage.calendar("alice", name).id for name in sources], stage.calendar("alice", target).id
    user = stage.person("alice").id
    made = stage.run(stage.parts.db.write(choose.add, user, keys, into, now=stage.clock(), **more))
    settle(stage)
    return made


def settle(stage: Stage) -> None:
    """Until every mirror has done what it can."""
    stage.pass_time(6)
    while any(one.left and not one.problem for one in stage.read(mirrors.everyone)):
        stage.pass_time(3)


def row(stage: Stage, mirror: int) -> MirrorRow | None:
    return stage.read(mirrors.get, mirror)


def stop(stage: Stage, mirror: int) -> None:
    stage.run(stage.parts.db.write(choose.stop, stage.person("alice").id, mirror, stage.clock()))
    settle(stage)


@pytest.fixture(autouse=True)
def nothing_left(stage: Stage) -> Iterator[None]:
    """Each test turns its mirrors off, and they take everything with them."""
    yield
    stage.do(stage.world.google.recover)
    stage.do(stage.world.microsoft.recover)
    stage.pull()
    for one in stage.read(mirrors.of_user, stage.person("alice").id):
        stop(stage, one.id)
    assert stage.read(mirrors.of_user, stage.person("alice").id) == []
    assert in_outlook(stage) == in_google(stage) == []


def in_outlook(stage: Stage) -> list[dict[str, Any]]:
    """The blocks as the client's colleagues have them, with what Graph keeps beside."""
    boxes = stage.world.microsoft.boxes

    def blocks() -> list[dict[str, Any]]:
        return [
            boxes.whole(one) | {"extended": one.extended}
            for one in boxes.events.values()
            if one.mailbox == at_microsoft.ALICE and any("mirror" in name for name in one.extended)
        ]

    return sorted(stage.do(blocks), key=lambda one: one["start"]["dateTime"])


def in_google(stage: Stage) -> list[dict[str, Any]]:
    found = [one for key in (at_google.ALICE, at_google.TEAM) for one in stage.do(stage.world.google.events, key)]
    blocks = [one for one in found if "gatewayMirror" in one.get("extendedProperties", {}).get("private", {})]
    return sorted(blocks, key=lambda one: one["start"]["dateTime"])


def spans(blocks: list[dict[str, Any]], day: str) -> list[str]:
    """Clock times in UTC of those that begin on that day."""
    times = [(moment(one["start"]), moment(one["end"])) for one in blocks]
    return [f"{start:%H:%M}-{end:%H:%M}" for start, end in times if f"{start:%Y-%m-%d}" == day]


def moment(time: dict[str, str]) -> datetime:
    read = datetime.fromisoformat(time["dateTime"].partition(".")[0])
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


def written(stage: Stage) -> int:
    """How many changes both clouds were asked for since the last look."""
    google, microsoft = stage.world.google.written, stage.world.microsoft.written
    count = stage.do(lambda: len(google) + len(microsoft))
    stage.do(google.clear)
    stage.do(microsoft.clear)
    return count


def strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from strings(inner) if name not in {"dateTime", "timeZone", "date"} else ()
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def test_what_arrives_says_nothing_of_its_source(stage):
    secret = event(
        "secret-uid-4711@private.example", "Scheidungsanwalt Kolbe", "20261120T130000Z",
        "DESCRIPTION:Unterlagen Aktenzeichen 77-F-12", "LOCATION:Hinterhaus Moabit", "CATEGORIES:Privatsache",
        "URL:https://kanzlei.example/77", "CONTACT:Frau Kolbe",
        "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Losfahren", "TRIGGER:-PT45M", "END:VALARM",
    )  # fmt: skip
    assert stage.put("secret.ics", secret).status_code == 201
    written(stage)
    mails = len(stage.world.microsoft.mails), len(stage.world.google.mails)

    mirrored(stage, ["Alice Weber", "Privat"], "Calendar", days=30)

    blocks = in_outlook(stage)
    assert "13:00-14:00" in spans(blocks, "2026-11-20")
    assert {one["subject"] for one in blocks} == {"Beschäftigt"}
    assert {one["sensitivity"] for one in blocks} == {"private"}
    assert {one["isReminderOn"] for one in blocks} == {False}
    assert [one.get("attendees", []) for one in blocks if one.get("attendees")] == []
    sent = "\n".join(stage.do(lambda: list(stage.world.microsoft.written)))
    assert sent.count("POST") >= len(blocks)
    for text in source_strings(stage, secret):
        assert text not in sent, text
        assert text not in json.dumps(blocks, ensure_ascii=False), text
    assert (len(stage.world.microsoft.mails), len(stage.world.google.mails)) == mails
    assert stage.http("DELETE", MERGED + "secret.ics").status_code == 204


def source_strings(stage: Stage, secret: str) -> set[str]:
    """Every word of the sources that is not the API's own: texts, addresses, ids, links."""
    texts = [text for one in stage.do(stage.world.google.events, at_google.ALICE) for text in strings(one)]
    texts += [line.partition(":")[2] for line in secret.split("\r\n")]
    for name in ("Alice Weber", "Privat"):
        texts += stage.read(hrefs_and_uids, stage.calendar("alice", name).id)
    own = {"confirmed", "private", "default", "tentative", "opaque", "Calendar", "PRIVATE", "DISPLAY", "2.0"}
    return {text for text in texts if len(text) > 5 and text not in own and not re.fullmatch(r"[0-9TZ:.+-]+", text)}


def hrefs_and_uids(conn: Any, calendar: int) -> list[str]:
    found = [objects.by_id(conn, key) for key in objects.keys(conn, calendar)]
    return [text for row in found if row is not None for text in (row.href, row.uid)]


def google_event(stage: Stage, title: str, start: str, end: str, **more: Any) -> str:
    times = {name: {"dateTime": f"{at}:00Z", "timeZone": "UTC"} for name, at in (("start", start), ("end", end))}
    made = stage.do(stage.world.google.add_event, at_google.TEAM, {"summary": title, **times, **more})
    return str(made["id"])


def outlook_event(stage: Stage, title: str, start: str, end: str, **more: Any) -> str:
    boxes = stage.world.microsoft.boxes
    calendar = next(one.id for one in boxes.calendars_of(at_microsoft.ALICE) if one.default)
    times = {name: {"dateTime": f"{at}:00", "timeZone": "UTC"} for name, at in (("start", start), ("end", end))}
    return stage.do(stage.world.microsoft.add_event, calendar, {"subject": title, **times, **more})


def look(stage: Stage) -> None:
    stage.pull()
    settle(stage)


def busy(stage: Stage, start: datetime, hours: int = 24) -> list[str]:
    """Alice's own, as colleagues are told."""
    first, last = (f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in (start, start + timedelta(hours=hours)))
    text = stage.http("GET", f"/freebusy/alice?start={first}&end={last}").text
    return sorted(line for line in text.replace("\r\n ", "").split("\r\n") if line.startswith("FREEBUSY"))


def test_blocks_follow_moves_answers_and_deletions(stage):
    day = "2026-11-21"
    key = google_event(stage, "Umzug", f"{day}T09:00", f"{day}T10:00")
    me = {"email": at_google.ALICE, "responseStatus": "accepted", "self": True}
    invited = google_event(stage, "Frühstück", f"{day}T06:00", f"{day}T07:00", attendees=[me])
    look(stage)
    mirrored(stage, ["Team Sales"], "Calendar")
    assert spans(in_outlook(stage), day) == ["06:00-07:00", "09:00-10:00"]
    ids = {one["start"]["dateTime"]: one for one in in_outlook(stage)}
    written(stage)

    stage.do(stage.world.google.move_event, at_google.TEAM, key, timedelta(hours=2))
    look(stage)
    assert spans(in_outlook(stage), day) == ["06:00-07:00", "11:00-12:00"]
    assert written(stage) == 1
    assert len(in_outlook(stage)) == len(ids)

    declined = [me | {"responseStatus": "declined"}]
    stage.do(stage.world.google.change_event, at_google.TEAM, invited, {"attendees": declined})
    look(stage)
    assert spans(in_outlook(stage), day) == ["11:00-12:00"]

    stage.do(stage.world.google.change_event, at_google.TEAM, key, {"status": "tentative"})
    look(stage)
    assert [one["showAs"] for one in in_outlook(stage) if one["start"]["dateTime"].startswith(day)] == ["tentative"]

    stage.do(stage.world.google.delete_event, at_google.TEAM, key)
    stage.do(stage.world.google.delete_event, at_google.TEAM, invited)
    look(stage)
    assert spans(in_outlook(stage), day) == []


def test_a_booking_or_a_client_s_event_appears_without_a_pull(stage):
    mirrored(stage, ["Privat"], "Calendar")
    text = event("here@client.example", "Hier", "20261121T130000Z", "X-GATEWAY-CALENDAR:Privat")
    assert stage.put("here.ics", text).status_code == 201
    stage.pass_time(6)
    assert spans(in_outlook(stage), "2026-11-21") == ["13:00-14:00"]
    assert stage.http("DELETE", MERGED + "here.ics").status_code == 204
    stage.pass_time(6)
    assert spans(in_outlook(stage), "2026-11-21") == []


def test_what_the_calendar_is_busy_with_itself_is_not_said_twice(stage):
    day = "2026-11-22"
    ours = google_event(stage, "Messe", f"{day}T09:00", f"{day}T10:00")
    theirs = outlook_event(stage, "Workshop", f"{day}T08:00", f"{day}T12:00")
    look(stage)
    mirrored(stage, ["Team Sales"], "Calendar")
    assert spans(in_outlook(stage), day) == []

    stage.do(stage.world.microsoft.delete, theirs)
    look(stage)
    assert spans(in_outlook(stage), day) == ["09:00-10:00"]
    stage.do(stage.world.google.delete_event, at_google.TEAM, ours)
    stage.pull()


def test_two_mirrors_that_face_each_other_settle(stage):
    """And neither makes Alice busier than she is, nor puts anything into her merged calendar."""
    day = datetime(2026, 12, 1, tzinfo=UTC)
    ours = google_event(stage, "Angebot", "2026-12-01T19:00", "2026-12-01T20:00")
    theirs = outlook_event(stage, "Review", "2026-12-01T21:00", "2026-12-01T22:00")
    look(stage)
    before = busy(stage, day), len(stage.http("PROPFIND", MERGED, Depth="1").text)

    mirrored(stage, ["Team Sales"], "Calendar")
    mirrored(stage, ["Calendar"], "Team Sales")
    assert "19:00-20:00" in spans(in_outlook(stage), "2026-12-01")
    assert "21:00-22:00" in spans(in_google(stage), "2026-12-01")
    counts = len(in_outlook(stage)), len(in_google(stage))
    written(stage)

    for _ in range(4):
        look(stage)
    stage.do(stage.world.google.expire_sync_tokens)
    stage.do(stage.world.microsoft.expire_delta)
    look(stage)

    assert written(stage) == 0
    assert (len(in_outlook(stage)), len(in_google(stage))) == counts
    assert (busy(stage, day), len(stage.http("PROPFIND", MERGED, Depth="1").text)) == before
    stage.do(stage.world.google.delete_event, at_google.TEAM, ours)
    stage.do(stage.world.microsoft.delete, theirs)


def test_a_ring_of_three_settles(stage):
    mirrored(stage, ["Team Sales"], "Calendar")
    mirrored(stage, ["Calendar"], "Alice Weber")
    mirrored(stage, ["Alice Weber"], "Team Sales")
    look(stage)
    written(stage)
    for _ in range(4):
        look(stage)
    assert written(stage) == 0


def test_google_is_given_no_reminders_no_words_and_no_mail(stage):
    mirrored(stage, ["Calendar", "Privat"], "Team Sales", days=20)
    blocks = in_google(stage)
    assert blocks
    assert {one["summary"] for one in blocks} == {"Beschäftigt"}
    assert {one["visibility"] for one in blocks} == {"private"}
    assert {one.get("eventType", "default") for one in blocks} == {"default"}
    assert [one["reminders"] for one in blocks] == [{"useDefault": False, "overrides": []}] * len(blocks)
    assert [name for one in blocks for name in ("description", "location", "attendees") if one.get(name)] == []
    changes = [one for one in stage.do(lambda: list(stage.world.google.requests)) if one.startswith("POST")]
    assert all("sendUpdates=none" in one for one in changes if "/events" in one)


def test_the_window_moves_on_each_day(stage):
    key = google_event(stage, "Morgen", "2026-12-02T19:00", "2026-12-02T20:00")
    look(stage)
    days = (datetime(2026, 12, 2, tzinfo=UTC) - datetime.fromtimestamp(stage.clock(), UTC)).days
    mirrored(stage, ["Team Sales"], "Calendar", days=days - 1)
    assert "19:00-20:00" not in spans(in_outlook(stage), "2026-12-02")
    first = in_outlook(stage)[0]["start"]["dateTime"]

    for _ in range(3):
        stage.pass_time(86_400)
        settle(stage)

    assert "19:00-20:00" in spans(in_outlook(stage), "2026-12-02")
    assert in_outlook(stage)[0]["start"]["dateTime"] > first
    stage.do(stage.world.google.delete_event, at_google.TEAM, key)


def block_at(stage: Stage, start: str) -> str:
    """The id in Outlook of the block that begins then."""
    boxes = stage.world.microsoft.boxes
    found = [
        one for one in boxes.events.values() if any("mirror" in name for name in one.extended)
        and boxes.whole(one)["start"]["dateTime"].startswith(start)
    ]  # fmt: skip
    [one] = found
    return event_id(one, immutable=True)


def test_what_hands_do_to_blocks(stage):
    """Moved or renamed: set right. Taken away: it stays away until its time changes."""
    key = google_event(stage, "Turnen", "2026-12-03T19:00", "2026-12-03T20:00")
    look(stage)
    mirrored(stage, ["Team Sales"], "Calendar")

    moved = {
        name: {"dateTime": f"2026-12-03T{at}:00:00", "timeZone": "UTC"} for name, at in (("start", "17"), ("end", "18"))
    }
    stage.do(stage.world.microsoft.change, stage.do(block_at, stage, "2026-12-03T19"), {"subject": "Turnen?", **moved})
    look(stage)
    assert spans(in_outlook(stage), "2026-12-03").count("19:00-20:00") == 1
    assert {one["subject"] for one in in_outlook(stage)} == {"Beschäftigt"}
    count = len(in_outlook(stage))

    stage.do(stage.world.microsoft.delete, stage.do(block_at, stage, "2026-12-03T19"))
    look(stage)
    assert len(in_outlook(stage)) == count - 1

    stage.do(stage.world.google.move_event, at_google.TEAM, key, timedelta(hours=1))
    look(stage)
    assert "20:00-21:00" in spans(in_outlook(stage), "2026-12-03")
    stage.do(stage.world.google.delete_event, at_google.TEAM, key)


def test_a_block_that_people_are_invited_to_is_an_event_of_its_owner_s(stage):
    key = google_event(stage, "Turnen", "2026-12-04T19:00", "2026-12-04T20:00")
    look(stage)
    mirrored(stage, ["Team Sales"], "Calendar")
    block = stage.do(block_at, stage, "2026-12-04T19")
    guest = {"emailAddress": {"address": at_microsoft.PETRA, "name": "Petra Kern"}, "type": "required"}
    stage.do(stage.world.microsoft.change, block, {"subject": "Abendessen", "attendees": [guest]})
    look(stage)

    with stage.merged() as merged:
        assert len(merged.search(event=True, summary="Abendessen")) == 1
    for one in stage.read(mirrors.of_user, stage.person("alice").id):
        stop(stage, one.id)
    assert stage.do(stage.world.microsoft.event, block)["subject"] == "Abendessen"
    stage.do(stage.world.microsoft.delete, block)
    stage.do(stage.world.google.delete_event, at_google.TEAM, key)
    stage.pull()


def test_a_mirror_waits_for_a_calendar_that_cannot_be_written_and_goes_on(stage):
    boxes = stage.world.microsoft.boxes
    mirror = mirrored(stage, ["Team Sales"], "Calendar")
    count = len(in_outlook(stage))

    def editable(on: bool) -> None:
        calendar = next(one for one in boxes.calendars_of(at_microsoft.ALICE) if one.default)
        calendar.editable = on

    stage.do(editable, False)
    stage.pass_time(1_000)
    key = google_event(stage, "Spät", "2026-12-04T20:00", "2026-12-04T21:00")
    look(stage)
    paused = row(stage, mirror)
    assert paused is not None
    assert (paused.problem, len(in_outlook(stage))) == ("read-only", count)

    stage.do(editable, True)
    stage.pass_time(1_000)
    look(stage)
    going = row(stage, mirror)
    assert going is not None
    assert (going.problem, going.left, len(in_outlook(stage))) == ("", 0, count + 1)
    stage.do(stage.world.google.delete_event, at_google.TEAM, key)


def test_an_answer_that_never_came_makes_no_second_block(stage):
    """Graph takes the block, and everything after fails: what we know of it is found again."""
    key = google_event(stage, "Lesung", "2026-12-05T19:00", "2026-12-05T20:00")
    look(stage)
    mirror = mirrored(stage, ["Team Sales"], "Calendar")
    count = len(in_outlook(stage))
    stage.do(stage.world.google.move_event, at_google.TEAM, key, timedelta(hours=-1))
    other = google_event(stage, "Konzert", "2026-12-06T19:00", "2026-12-06T20:00")
    stage.pull()

    stage.do(stage.world.microsoft.fail_next, 503, times=3, path="/me/events/")
    for _ in range(6):
        stage.pass_time(40)
    stage.do(stage.world.microsoft.recover)
    look(stage)

    assert len(in_outlook(stage)) == count + 1
    assert spans(in_outlook(stage), "2026-12-05").count("18:00-19:00") == 1
    assert spans(in_outlook(stage), "2026-12-06") == ["19:00-20:00"]
    settled = row(stage, mirror)
    assert settled is not None
    assert settled.problem == ""
    for one in (key, other):
        stage.do(stage.world.google.delete_event, at_google.TEAM, one)
