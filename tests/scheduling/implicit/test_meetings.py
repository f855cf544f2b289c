"""What follows when the organizer or a guest changes a meeting; everybody is here."""

import pytest

from gateway.errors import AttendeeChangeRefused, MixedOrganizers, OrganizerChangeRefused, TooManyAttendees
from gateway.ical.objects import read_lenient
from gateway.scheduling import itip
from tests.scheduling.implicit.stage import calendar, component, event, meeting, people


async def test_an_invitation_is_in_the_guests_calendar_at_once(alice, bob, carol):
    await alice.put(meeting("bob", "carol"))

    assert bob.answers() == carol.answers() == {"alice": "ACCEPTED", "bob": "NEEDS-ACTION", "carol": "NEEDS-ACTION"}
    assert alice.statuses() == {"bob": "1.2", "carol": "1.2"}
    assert bob.statuses() == {}
    assert (bob.inbox(), carol.inbox(), alice.inbox()) == (["REQUEST"], ["REQUEST"], [])
    assert (bob.calendar_of(), bob.busy()) == ("Personal", [(9, 10, 1)])


async def test_an_answer_reaches_the_organizer_and_quietly_the_others(alice, bob, carol):
    await alice.put(meeting("bob", "carol"))
    carol.inbox()

    await bob.answer("ACCEPTED")

    assert alice.answers() == carol.answers() == {"alice": "ACCEPTED", "bob": "ACCEPTED", "carol": "NEEDS-ACTION"}
    assert alice.statuses()["bob"] == "2.0"
    assert (alice.inbox(), carol.inbox()) == (["REPLY"], [])
    assert bob.components()[0].first("ORGANIZER").param("SCHEDULE-STATUS") == "1.2"
    assert bob.busy() == [(9, 10, 2)]


async def test_a_new_time_asks_anew(alice, bob):
    await alice.put(meeting("bob"))
    await bob.answer("ACCEPTED")
    bob.inbox()

    await alice.edit(("T090000Z", "T140000Z"), ("T100000Z", "T150000Z"))

    assert alice.answers()["bob"] == bob.answers()["bob"] == "NEEDS-ACTION"
    assert bob.said("DTSTART") == ["20261124T140000Z"]
    assert bob.inbox() == ["REQUEST"]
    assert bob.busy() == [(14, 15, 1)]


async def test_a_new_title_leaves_answers_as_they_are(alice, bob):
    await alice.put(meeting("bob"))
    await bob.answer("TENTATIVE")

    await alice.edit(("SUMMARY:Meeting", "SUMMARY:Another"))

    assert (bob.said("SUMMARY"), bob.answers()["bob"], alice.answers()["bob"]) == (
        ["Another"],
        "TENTATIVE",
        "TENTATIVE",
    )


async def test_cancelling_everything(alice, bob):
    await alice.put(meeting("bob"))
    await bob.answer("ACCEPTED")
    bob.inbox()

    await alice.delete()

    assert not alice.has()
    assert (bob.said("STATUS"), bob.inbox(), bob.busy()) == (["CANCELLED"], ["CANCEL"], [])
    await bob.delete()
    assert alice.inbox() == ["REPLY"]  # the acceptance; throwing away what is cancelled says nothing more


async def test_what_is_deleted_and_stored_again_comes_back(alice, bob):
    """As undoing does, all of it within one second."""
    await alice.put(meeting("bob"))
    first = alice.text()
    for hour in ("11", "12", "13"):
        await alice.put(meeting("bob", start=f"20261124T{hour}0000Z", end=f"20261124T{hour}3000Z"))
    await alice.delete()
    assert bob.said("STATUS") == ["CANCELLED"]
    bob.inbox()

    await alice.put(first)

    assert (bob.said("STATUS"), bob.answers()["bob"], bob.inbox()) == (["CONFIRMED"], "NEEDS-ACTION", ["REQUEST"])
    await alice.edit(("SUMMARY:Meeting", "SUMMARY:Another"))
    assert bob.said("SUMMARY") == ["Another"]
    await bob.answer("ACCEPTED")
    assert alice.answers()["bob"] == "ACCEPTED"


SERIES = ("RRULE:FREQ=DAILY;COUNT=4",)


async def test_cancelling_one_date_of_a_series(alice, bob):
    await alice.put(event("meeting", *people("bob"), *SERIES, start="20261123T090000Z", end="20261123T100000Z"))
    assert bob.busy() == [(9, 10, 1)]
    bob.inbox()

    gone = ("EXDATE:20261124T090000Z",)
    await alice.put(event("meeting", *people("bob"), *SERIES, *gone, start="20261123T090000Z", end="20261123T100000Z"))

    assert (bob.inbox(), bob.busy()) == (["CANCEL"], [])
    assert bob.said("RRULE") == ["FREQ=DAILY;COUNT=4"]


async def test_who_is_left_out_is_told_and_may_be_invited_again(alice, bob, carol):
    await alice.put(meeting("bob", "carol"))
    await bob.answer("ACCEPTED")
    bob.inbox()

    await alice.put(meeting("carol"))
    assert (bob.said("STATUS"), bob.inbox()) == (["CANCELLED"], ["CANCEL"])

    await alice.put(meeting("bob", "carol"))
    assert bob.said("STATUS") != ["CANCELLED"]
    assert (bob.inbox(), bob.answers()["bob"]) == (["REQUEST"], "NEEDS-ACTION")


async def test_only_one_date_of_a_series_is_for_somebody(alice, bob, carol):
    master = component("meeting", *people("bob"), *SERIES)
    one = component(
        "meeting", "RECURRENCE-ID:20261125T090000Z", *people("bob", "carol"),
        start="20261125T090000Z", end="20261125T100000Z",
    )  # fmt: skip
    await alice.put(calendar(master, one))

    assert [one.text("RECURRENCE-ID") for one in carol.components()] == ["20261125T090000Z"]
    assert carol.said("RRULE") == []
    await carol.answer("DECLINED")
    assert alice.answers(number=1) == {"alice": "ACCEPTED", "bob": "NEEDS-ACTION", "carol": "DECLINED"}


async def test_a_guest_declines_one_date(alice, bob):
    await alice.put(event("meeting", *people("bob"), *SERIES))

    await bob.answer("ACCEPTED")
    await bob.answer("DECLINED", rid="20261125T090000Z")

    assert alice.answers()["bob"] == "ACCEPTED"
    assert alice.answers(number=1)["bob"] == "DECLINED"


async def test_somebody_is_sent_instead(alice, bob, carol):
    await alice.put(meeting("bob"))
    href, copy = bob.href(), read_lenient(bob.text())

    await bob.put(itip.delegate(copy, bob.address, carol.address), href)

    assert alice.params("PARTSTAT") == {"alice": "ACCEPTED", "bob": "DELEGATED", "carol": "NEEDS-ACTION"}
    assert carol.has()
    await carol.answer("ACCEPTED")
    assert alice.answers()["carol"] == "ACCEPTED"


async def test_throwing_an_invitation_away_declines_it(alice, bob):
    await alice.put(meeting("bob"))
    await bob.delete(bob.href())

    assert (alice.answers()["bob"], alice.inbox()) == ("DECLINED", ["REPLY"])


async def test_a_client_may_throw_it_away_in_silence(alice, bob):
    await alice.put(meeting("bob"))
    await bob.delete(bob.href(), silent=True)

    assert (alice.answers()["bob"], alice.inbox()) == ("NEEDS-ACTION", [])


async def test_who_declined_and_threw_it_away_gets_it_back_only_for_another_time(alice, bob):
    await alice.put(meeting("bob"))
    await bob.answer("DECLINED")
    await bob.delete(bob.href())
    bob.inbox()

    await alice.edit(("SUMMARY:Meeting", "SUMMARY:Another"))
    assert (bob.has(), bob.inbox()) == (False, [])

    await alice.edit(("T090000Z", "T140000Z"), ("T100000Z", "T150000Z"))
    assert (bob.has(), bob.inbox()) == (True, ["REQUEST"])


async def test_a_proposal_waits_in_the_organizers_inbox(alice, bob):
    await alice.put(meeting("bob"))
    other = 1_795_262_400 + 3 * 86_400 + 2 * 3600  # the 24th, 14:00
    proposal = itip.counter(read_lenient(bob.text()), bob.address, start=other, end=other + 3600, stamp=1_795_262_400)

    assert alice.mailed(proposal.text, bob.address) is itip.Outcome.PROPOSED
    assert (alice.inbox(), alice.said("DTSTART")) == (["COUNTER"], ["20261124T090000Z"])

    await alice.put(itip.accept_counter(read_lenient(proposal.text), read_lenient(alice.text())))
    assert bob.said("DTSTART") == ["20261124T140000Z"]


async def test_a_proposal_that_is_turned_down_takes_no_answer_back(alice, bob):
    """Thunderbird's Decline writes what stands in the proposal into the organizer's copy as the guest's answer."""
    await alice.put(meeting("bob", "erika@extern.example"))
    await bob.answer("ACCEPTED")
    alice.stage.sent()
    bob.inbox()
    proposal = itip.counter(read_lenient(bob.text()), bob.address, start=1_795_600_800, end=1_795_604_400, stamp=1)
    said = {line.value: line.param("PARTSTAT") for line in read_lenient(proposal.text).components[0].all("ATTENDEE")}
    assert said[f"mailto:{bob.address}"] == "TENTATIVE"

    await alice.edit(("ATTENDEE;PARTSTAT=ACCEPTED", "ATTENDEE;PARTSTAT=TENTATIVE"))

    assert alice.answers()["bob"] == bob.answers()["bob"] == "ACCEPTED"
    assert (bob.inbox(), alice.stage.sent()) == ([], [])


async def test_what_thunderbird_notes_about_an_answer_stays_with_the_organizer(alice, bob):
    """Parameters of its own on the guest's line, where its user took the answer over from a mail."""
    noted = people("bob", "erika@extern.example", params=";RECEIVED-SEQUENCE=0;RECEIVED-DTSTAMP=20261121T184005Z")

    await alice.put(event("meeting", *noted))

    assert alice.text().count("RECEIVED-DTSTAMP") == 2
    assert "RECEIVED-" not in bob.text()
    assert ["RECEIVED-" in str(job.payload) for job in alice.stage.mail_jobs()] == [False]


REFUSED = [
    pytest.param(meeting("bob", organizer="bob"), OrganizerChangeRefused, id="another organizer"),
    pytest.param(
        calendar(
            component("meeting", *people("bob"), *SERIES),
            component("meeting", "RECURRENCE-ID:20261125T090000Z", *people("carol", organizer="bob")),
        ),
        MixedOrganizers,
        id="two organizers",
    ),
    pytest.param(meeting(*(f"guest{n}" for n in range(1001))), TooManyAttendees, id="too many"),
]


@pytest.mark.parametrize(("text", "error"), REFUSED)
async def test_what_an_organizer_may_not_do_changes_nothing_and_tells_nobody(alice, bob, carol, stage, text, error):
    await alice.put(meeting("bob"))
    bob.inbox()
    before = alice.text(), bob.text(), alice.tag()

    with pytest.raises(error):
        await alice.put(text)

    assert (alice.text(), bob.text(), alice.tag()) == before
    assert (bob.inbox(), carol.inbox(), stage.mails()) == ([], [], [])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("20261124T090000Z", "20261124T080000Z"), id="another time"),
        pytest.param(("END:VEVENT", "ATTENDEE:mailto:carol@example.com\r\nEND:VEVENT"), id="one guest more"),
        pytest.param(("END:VEVENT", "RRULE:FREQ=DAILY\r\nEND:VEVENT"), id="made a series"),
    ],
)
async def test_what_a_guest_may_not_do(alice, bob, carol, change):
    await alice.put(meeting("bob"))
    alice.inbox()

    with pytest.raises(AttendeeChangeRefused):
        await bob.put(bob.text().replace(*change), bob.href())

    assert (alice.inbox(), carol.has(), bob.answers()["bob"]) == ([], False, "NEEDS-ACTION")


async def test_a_guests_own_things_survive(alice, bob):
    await alice.put(meeting("bob"))
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT"
    await bob.put(bob.text().replace("END:VEVENT", alarm), bob.href())
    assert alice.inbox() == []

    await alice.edit(("SUMMARY:Meeting", "SUMMARY:Another"))

    assert "TRIGGER:-PT5M" in bob.text()
    assert "VALARM" not in alice.text()


async def test_an_invitation_takes_the_place_of_a_copy_without_organizer(alice, bob):
    await bob.put(event("meeting", "SEQUENCE:7", summary="Noted"), "noted.ics")
    await alice.put(meeting("bob"))

    assert (bob.href(), bob.said("SUMMARY"), bob.inbox()) == ("noted.ics", ["Meeting"], ["REQUEST"])
    await bob.answer("ACCEPTED")
    assert alice.answers()["bob"] == "ACCEPTED"
