"""Rooms and other things that can be booked: they answer by themselves."""

import pytest

from tests.scheduling.implicit.stage import event, meeting, people
from tests.scheduling.implicit.test_outsiders import EVE, invitation


@pytest.fixture
def hall(person):
    return person("hall", kind="ROOM")


async def test_a_free_room_comes(alice, hall):
    await alice.put(meeting("hall"))

    assert (alice.answers()["hall"], hall.answers()["hall"]) == ("ACCEPTED", "ACCEPTED")
    assert (alice.statuses()["hall"], alice.inbox(), hall.inbox()) == ("2.0", ["REPLY"], [])
    assert hall.busy() == [(9, 10, 2)]


async def test_a_taken_room_does_not(alice, bob, hall):
    await alice.put(meeting("hall"))
    await bob.put(meeting("hall", organizer="bob", uid="other", start="20261124T093000Z", end="20261124T113000Z"))
    await bob.put(
        meeting("hall", organizer="bob", uid="after", start="20261124T100000Z", end="20261124T113000Z"), "c.ics"
    )

    assert bob.answers("other")["hall"] == "DECLINED"
    assert bob.answers("after")["hall"] == "ACCEPTED"
    assert hall.busy() == [(9, 11, 2)]


async def test_of_a_series_it_declines_the_dates_that_are_taken(alice, bob, hall):
    await bob.put(meeting("hall", organizer="bob", uid="other", start="20261125T090000Z", end="20261125T100000Z"))
    await alice.put(event("meeting", *people("hall"), "RRULE:FREQ=DAILY;COUNT=3"))

    assert alice.answers()["hall"] == "ACCEPTED"
    assert alice.components()[1].text("RECURRENCE-ID") == "20261125T090000Z"
    assert alice.answers(number=1)["hall"] == "DECLINED"


async def test_a_series_of_which_nothing_is_free_is_declined(alice, bob, hall):
    await bob.put(event("other", *people("hall", organizer="bob"), "RRULE:FREQ=DAILY"))
    await alice.put(event("meeting", *people("hall"), "RRULE:FREQ=DAILY;COUNT=3"))

    assert (bob.answers("other")["hall"], alice.answers()["hall"]) == ("ACCEPTED", "DECLINED")


async def test_a_meeting_that_moves_asks_again_and_one_that_is_cancelled_frees_the_room(alice, bob, hall):
    await bob.put(meeting("hall", organizer="bob", uid="other", start="20261124T140000Z", end="20261124T150000Z"))
    await alice.put(meeting("hall"))

    await alice.edit(("DTSTART:20261124T090000Z", "DTSTART:20261124T143000Z"), ("T100000Z", "T150000Z"))
    assert (alice.answers()["hall"], hall.busy()) == ("DECLINED", [(14, 15, 2)])
    await alice.edit(("DTSTART:20261124T143000Z", "DTSTART:20261124T080000Z"), ("T150000Z", "T090000Z"))
    assert (alice.answers()["hall"], hall.busy()) == ("ACCEPTED", [(8, 9, 2), (14, 15, 2)])

    await alice.delete()
    assert hall.busy() == [(14, 15, 2)]


async def test_a_new_title_is_no_new_question(alice, hall):
    await alice.put(meeting("hall"))
    await alice.edit(("SUMMARY:Meeting", "SUMMARY:Another"))

    assert (alice.answers()["hall"], hall.said("SUMMARY")) == ("ACCEPTED", ["Another"])


async def test_what_does_not_block_its_organizer_still_takes_the_room(alice, bob, hall):
    await alice.put(event("meeting", *people("hall"), "TRANSP:TRANSPARENT"))
    await bob.put(meeting("hall", organizer="bob", uid="other"))

    assert (alice.answers()["hall"], bob.answers("other")["hall"]) == ("ACCEPTED", "DECLINED")


async def test_an_outsider_gets_an_answer_by_mail(hall, stage):
    hall.mailed(invitation().replace("bob@", "hall@"), EVE)

    assert stage.mails() == [(EVE, "answer")]
