"""Schedule-Tag and If-Schedule-Tag-Match (RFC 6638 3.2.10); answers that come at the same moment."""

import asyncio

import pytest

from gateway.errors import NotFound, PreconditionFailed, UniqueSchedulingObject
from gateway.model import RemoteCalendar
from gateway.scheduling import implicit
from gateway.store import accounts, collections
from gateway.sync import inbox, separate
from tests.scheduling.implicit.stage import event, meeting


async def test_a_plain_event_has_none(alice):
    assert (await alice.put(event("meeting"))).tag == ""
    assert alice.tag() == ""


async def test_it_stays_when_only_answers_come_and_changes_with_everything_else(alice, bob, carol):
    written = await alice.put(meeting("bob", "carol"))
    first = alice.tag(), bob.tag(), carol.tag()
    assert written.tag == first[0] != ""

    await bob.answer("ACCEPTED")
    second = alice.tag(), bob.tag(), carol.tag()
    assert (second[0], second[2]) == (first[0], first[2])
    assert second[1] != first[1]

    await alice.edit(("SUMMARY:Meeting", "SUMMARY:Another"))
    third = alice.tag(), bob.tag(), carol.tag()
    assert all(now != before for now, before in zip(third, second, strict=True))


async def test_a_change_undone_is_another_change(alice, bob):
    await alice.put(meeting("bob"))
    tags = {alice.tag()}
    for one in ("Another", "Meeting", "Another"):
        await alice.edit(*((f"SUMMARY:{old}", f"SUMMARY:{one}") for old in ("Meeting", "Another") if old != one))
        tags.add(alice.tag())

    assert len(tags) == 4


async def test_a_client_that_looked_before_an_answer_came_does_not_lose_it(alice, bob):
    await alice.put(meeting("bob"))
    before, tag = alice.text(), alice.tag()
    await bob.answer("ACCEPTED")

    await alice.put(before.replace("SUMMARY:Meeting", "SUMMARY:Another"), tag=f'"{tag}"')

    assert (alice.answers()["bob"], bob.answers()["bob"], bob.said("SUMMARY")) == ("ACCEPTED", "ACCEPTED", ["Another"])


@pytest.mark.parametrize("tag", ['"another"', "another", '"'])
async def test_another_tag_is_refused_and_tells_nobody(alice, bob, tag):
    await alice.put(meeting("bob"))
    bob.inbox()

    with pytest.raises(PreconditionFailed):
        await alice.put(meeting("bob").replace("SUMMARY:Meeting", "SUMMARY:Another"), tag=tag)
    with pytest.raises(PreconditionFailed):
        await alice.delete(tag=tag)
    with pytest.raises(PreconditionFailed):
        await alice.put(event("plain"), "plain.ics", tag=tag)

    assert (bob.inbox(), alice.said("SUMMARY")) == ([], ["Meeting"])


async def test_two_answers_at_the_same_moment_both_count(alice, person, stage):
    guests = [person(f"guest{number}") for number in range(6)]
    await alice.put(meeting(*(one.principal.name for one in guests)))

    await asyncio.gather(*(one.answer("ACCEPTED") for one in guests))

    assert set(alice.answers().values()) == {"ACCEPTED"}
    assert len(alice.inbox()) == 6
    assert all(set(one.answers().values()) == {"ACCEPTED"} for one in guests)


async def test_a_meeting_stands_in_one_calendar_of_a_person(alice, bob, stage, sync):
    await alice.put(meeting("bob"))
    bob.inbox()

    def make(conn):
        personal = accounts.calendars(conn, alice.principal.id)[0]
        remote = RemoteCalendar(id="work", displayname="Work", writable=True, merged=False)
        key = accounts.add_calendar(conn, alice.principal.id, personal.account_id, remote)
        separate.set_separate(conn, alice.principal.id, key, True, 1.0)
        return collections.shown(conn, alice.principal.id)[0]

    shown = stage.db.write_now(make)
    with pytest.raises(UniqueSchedulingObject) as refused:
        await implicit.put(sync, alice.principal, "m.ics", meeting("bob"), collection=shown)

    assert refused.value.href == "/dav/calendars/alice/merged/meeting.ics"
    assert bob.inbox() == []
    await implicit.put(sync, alice.principal, "m.ics", event("meeting"), collection=shown)  # nobody's business


async def test_messages_may_be_thrown_away(alice, bob, stage):
    await alice.put(meeting("bob"))
    assert bob.inbox() == ["REQUEST"]
    assert bob.has()
    with pytest.raises(NotFound):
        stage.db.write_now(inbox.remove, bob.principal.id, "nothing.ics")
