"""People who are not here: one mail for each change, and what comes back by mail."""

from dataclasses import replace

import pytest

from gateway.accounts.people import add_team
from gateway.config import Settings
from gateway.errors import BackendUnavailable, InvalidSchedulingMessage, RefusedByProvider
from gateway.ical.objects import read, read_lenient
from gateway.scheduling import implicit, itip
from gateway.scheduling.implicit.tied import tie
from gateway.scheduling.itip import Outcome
from gateway.store import accounts, jobs
from gateway.sync.worker import Worker
from tests.scheduling.implicit.stage import event, meeting, people

EVE = "eve@elsewhere.example"


async def test_an_outsider_gets_a_mail_and_a_colleague_none(alice, bob, stage):
    await alice.put(meeting("bob", EVE))

    [job] = stage.mail_jobs()
    told = {name: job.payload[name] for name in ("sender", "recipient", "news")}
    assert told == {"sender": "alice@example.com", "recipient": EVE, "news": "invitation"}
    assert job.user_id == alice.principal.id
    assert read_lenient(job.payload["text"]).calendar.text("METHOD") == "REQUEST"
    assert alice.statuses() == {"bob": "1.2", EVE: "1.1"}


async def test_one_mail_for_each_change_and_none_for_other_peoples_answers(alice, bob, stage):
    await alice.put(meeting("bob", EVE))
    assert stage.sent() == [(EVE, "invitation")]

    await bob.answer("ACCEPTED")
    assert stage.sent() == []
    await alice.edit(("SUMMARY:Meeting", "SUMMARY:Another"))
    assert stage.sent() == [(EVE, "changed")]
    await alice.edit(("DTSTART:20261124T090000Z", "DTSTART:20261124T093000Z"))
    assert stage.sent() == [(EVE, "rescheduled")]
    await alice.put(alice.text())
    await alice.edit(("END:VEVENT", "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:PT0S\r\nEND:VALARM\r\nEND:VEVENT"))
    assert stage.sent() == []
    await alice.delete()
    assert stage.sent() == [(EVE, "cancelled")]


async def test_what_is_deleted_and_stored_again_is_newer_than_its_cancellation(alice, stage):
    """Programs elsewhere take no notice of a lower SEQUENCE (RFC 5546 2.1.5)."""
    await alice.put(meeting(EVE))
    first = alice.text()
    await alice.edit(("DTSTART:20261124T090000Z", "DTSTART:20261124T093000Z"))
    await alice.delete()
    [*_, last] = stage.mail_jobs()
    assert "SEQUENCE:2" in last.payload["text"]
    stage.sent()

    await alice.put(first)

    [job] = stage.mail_jobs()
    assert (job.payload["news"], "SEQUENCE:3" in job.payload["text"]) == ("invitation", True)
    assert alice.said("SEQUENCE") == ["3"]


@pytest.mark.parametrize(
    ("guest", "code"),
    [
        pytest.param("mailto:eve@elsewhere.example", "1.1", id="an address"),
        pytest.param("mailto:no address", "3.7", id="no address"),
        pytest.param("urn:uuid:1234", "3.7", id="no mail address"),
        pytest.param("mailto:crew@example.com", "3.7", id="a team"),
    ],
)
async def test_what_becomes_of_it_is_said_at_the_guest(alice, stage, guest, code):
    stage.db.write_now(add_team, "crew", "crew@example.com", now=1)
    lines = ("ORGANIZER:mailto:alice@example.com", "ATTENDEE:mailto:alice@example.com", f"ATTENDEE:{guest}")
    await alice.put(event("meeting", *lines))

    [line] = [one for one in alice.components()[0].all("ATTENDEE") if one.value == guest]
    assert line.param("SCHEDULE-STATUS") == code
    assert len(stage.mails()) == (1 if code == "1.1" else 0)


async def test_without_a_mail_server_nobody_outside_is_told(alice, stage):
    stage.sync = replace(stage.sync, settings=Settings())
    await alice.put(meeting(EVE, "no address"))

    assert (alice.statuses(), stage.mails()) == ({EVE: "5.2", "no address": "3.7"}, [])


@pytest.mark.parametrize("agent", ["CLIENT", "NONE"])
async def test_a_client_that_invites_by_itself_is_left_to_it(alice, bob, stage, agent):
    await alice.put(event("meeting", *people("bob", EVE, params=f";SCHEDULE-AGENT={agent}")))
    await alice.put(meeting("bob", EVE, uid="other").replace("ORGANIZER", f"ORGANIZER;SCHEDULE-AGENT={agent}"), "b.ics")

    assert (bob.has(), bob.has("other"), stage.mails()) == (False, False, [])


async def test_an_answer_to_an_outsider_is_mailed(bob, stage):
    assert bob.mailed(invitation(), EVE) is Outcome.NEW
    assert (bob.inbox(), bob.busy(), stage.mails()) == (["REQUEST"], [(9, 10, 1)], [])

    await bob.answer("ACCEPTED")

    assert stage.sent() == [(EVE, "answer")]
    assert bob.components()[0].first("ORGANIZER").param("SCHEDULE-STATUS") == "1.1"


def invitation(**times: str) -> str:
    lines = (f"ORGANIZER:mailto:{EVE}", f"ATTENDEE:mailto:{EVE}", "ATTENDEE;RSVP=TRUE:mailto:bob@example.com")
    return itip.request(read(event("meeting", *lines, **times)))


async def test_a_mail_read_twice_changes_nothing(bob):
    assert [bob.mailed(invitation(), EVE) for _ in range(2)] == [Outcome.NEW, Outcome.SAME]
    assert bob.inbox() == ["REQUEST"]


async def test_strangers_and_nonsense_change_nothing(alice, bob):
    assert bob.mailed(invitation(), "mallory@elsewhere.example") is Outcome.STRANGER
    assert alice.mailed(invitation(), EVE) is Outcome.UNINVITED
    with pytest.raises(InvalidSchedulingMessage):
        bob.mailed(event("meeting"), EVE)

    assert (bob.has(), alice.has(), bob.inbox(), alice.inbox()) == (False, False, [], [])


async def test_an_outsiders_answer_reaches_organizer_and_guests(alice, bob, stage):
    await alice.put(meeting("bob", EVE))
    [job] = stage.mail_jobs()
    answer = itip.reply(read_lenient(job.payload["text"]), EVE, "DECLINED", stamp=1_795_262_500)
    bob.inbox()

    assert alice.mailed(answer, EVE) is Outcome.ANSWERED
    assert alice.answers()[EVE] == bob.answers()[EVE] == "DECLINED"
    assert (alice.inbox(), bob.inbox()) == (["REPLY"], [])
    assert alice.mailed(answer, EVE) is Outcome.SAME


async def test_the_mail_is_there_exactly_when_the_event_is(alice, stage, db):
    """Both or none: one transaction."""
    db.write_now(lambda conn: conn.exec_driver_sql(
        "CREATE TRIGGER full BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'no more'); END"
    ))  # fmt: skip
    with pytest.raises(Exception, match="no more"):
        await alice.put(meeting(EVE))

    assert not alice.has()
    db.write_now(lambda conn: conn.exec_driver_sql("DROP TRIGGER full"))
    await alice.put(meeting(EVE))
    assert stage.mails() == [(EVE, "invitation")]


async def test_a_change_that_the_provider_refuses_tells_nobody(alice, bob, stage):
    shelf = alice.connect("caldav")
    shelf.faults = [RefusedByProvider("no")]
    with pytest.raises(RefusedByProvider):
        await alice.put(meeting("bob", EVE))

    assert (alice.has(), bob.has(), stage.mails()) == (False, False, [])
    assert stage.db.read_now(jobs.waiting, implicit.TIED, alice.principal.id) == []


async def test_a_calendar_at_a_plain_caldav_server_is_scheduled_by_us(alice, bob, stage):
    shelf = alice.connect("caldav")
    await alice.put(meeting("bob", EVE))

    assert (alice.calendar_of(), stage.mails()) == ("caldav main", [(EVE, "invitation")])
    assert bob.answers()["bob"] == "NEEDS-ACTION"
    [text] = shelf.texts().values()
    assert "SCHEDULE-STATUS=1.2" in text
    assert stage.db.read_now(jobs.waiting, implicit.TIED, alice.principal.id) == []


async def test_what_a_provider_could_not_be_told_yet_is_said_all_the_same(alice, bob, stage, sync):
    shelf = alice.connect("caldav")
    shelf.faults = [BackendUnavailable("later")]
    await alice.put(meeting("bob"))

    assert (alice.has(), bob.has()) == (True, True)


async def test_what_a_request_could_not_finish_the_worker_does(alice, bob, stage, sync, db, clock):
    """As if our process had ended right after the transaction."""
    text = itip.request(read(meeting("bob")))
    message = itip.Outgoing(itip.Method.REQUEST, alice.address, bob.address, text, itip.News.INVITATION)
    job = db.write_now(tie, sync, [message], alice.principal.id)
    assert job is not None

    await implicit.run_tied(sync, job)
    await implicit.run_tied(sync, job)

    assert bob.inbox() == ["REQUEST"]


@pytest.mark.parametrize("more", [{"kind": "google"}, {"kind": "caldav", "schedules": True}], ids=["cloud", "server"])
async def test_a_calendar_that_schedules_by_itself_is_left_to_it(alice, bob, stage, more):
    shelf = alice.connect(**more)
    await alice.put(meeting("bob", EVE))
    await alice.edit(("SUMMARY:Meeting", "SUMMARY:Another"))

    assert len(shelf.texts()) == 1
    assert (bob.has(), stage.mails(), alice.statuses()) == (False, [], {})
    await alice.delete()
    assert (bob.inbox(), stage.mails()) == ([], [])


@pytest.mark.parametrize("more", [{"kind": "google"}, {"kind": "caldav", "schedules": True}], ids=["cloud", "server"])
async def test_an_invitation_goes_to_a_local_calendar_where_the_destination_schedules_by_itself(alice, bob, more):
    shelf = bob.connect(**more)
    await alice.put(meeting("bob"))

    assert (bob.calendar_of(), shelf.texts()) == ("Personal", {})
    await bob.answer("ACCEPTED")
    assert alice.answers()["bob"] == "ACCEPTED"


async def test_one_is_made_where_no_local_calendar_counts(alice, person):
    bob = person("bob", locale="de")
    stage = bob.stage
    [personal] = stage.db.read_now(accounts.calendars, bob.principal.id)
    stage.db.write_now(accounts.change_calendar, personal.id, merged=False)
    await alice.put(meeting("bob"))

    assert (bob.calendar_of(), bob.busy()) == ("Einladungen", [(9, 10, 1)])
    await alice.put(meeting("bob", uid="second"), "second.ics")
    assert bob.calendar_of("second") == "Einladungen"


async def test_the_destination_at_a_plain_server_is_told_by_the_worker(alice, bob, stage, sync):
    shelf = bob.connect("caldav")
    await alice.put(meeting("bob"))
    assert (bob.calendar_of(), shelf.texts()) == ("caldav main", {})

    await Worker(sync).run_due()
    assert len(shelf.texts()) == 1


async def test_a_meeting_that_a_guests_provider_takes_care_of_is_left_to_it(bob, stage):
    bob.connect("google")
    lines = (f"ORGANIZER:mailto:{EVE}", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.com")
    await bob.put(event("meeting", *lines))
    text = bob.text()

    assert bob.mailed(invitation(start="20261124T080000Z"), EVE) is Outcome.SAME
    await bob.answer("ACCEPTED")
    assert (bob.inbox(), stage.mails(), "PARTSTAT=ACCEPTED" in bob.text()) == ([], [], True)
    assert text != bob.text()
