"""A person changes the calendar of an event: what Google holds then, and who hears of it."""

from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession
from cryptography.fernet import Fernet

from gateway.accounts.connect import Connections, add_account
from gateway.accounts.people import local_calendar
from gateway.accounts.sealed import Sealer
from gateway.backends.base import Moving, Outside
from gateway.backends.google import GoogleBackend
from gateway.config import Microsoft
from gateway.demo.google import GoogleSimulator
from gateway.errors import RefusedByProvider
from gateway.store import accounts, jobs
from gateway.sync.context import Sync
from gateway.sync.order import PUSH
from gateway.sync.pull import pull_account
from gateway.sync.push import run_push
from gateway.sync.write import put
from tests.fakes.google import at
from tests.sync.objects import event

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WORK, PRIVATE, BOB = "alice@gmail.example", "private@group.calendar.google.com", "bob@gmail.example"
GUESTS = [f"ORGANIZER:mailto:{WORK}", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{BOB}"]


@pytest.fixture
async def google():
    simulator = GoogleSimulator(lambda: NOW)
    await simulator.start()
    simulator.add_person(WORK, "Work")
    simulator.add_person(BOB, "Bob")
    simulator.add_calendar(WORK, PRIVATE, "Private")
    yield simulator
    await simulator.stop()


@pytest.fixture
async def connected(db, clock, sync, alice, google):
    """Alice's account, and one of Bob's that is hers as well."""
    sealer = Sealer([Fernet.generate_key()])
    async with ClientSession() as http:
        outside = Outside(http, google.settings(), Microsoft())
        connections = Connections(db, sealer, outside)
        found = Sync(db, sync.settings, connections.backend, clock, clock.sleep, random=lambda: 0.5)
        for person in (WORK, BOB):
            secret = google.authorized_user(person)
            account = await add_account(
                db, sealer, outside, user=alice.id, kind="google", settings={"email": person}, secret=secret, now=1
            )
            await pull_account(found, account)
        yield found


def moved(text, calendar):
    return text.replace("END:VEVENT", f"X-GATEWAY-CALENDAR:{calendar}\r\nEND:VEVENT")


def summaries(google, calendar):
    return [one["summary"] for one in google.events(calendar)]


async def pull_all(sync):
    for account in await sync.db.read(accounts.everyone):
        if account.kind == "google":
            await pull_account(sync, account.id)


def pushes(db, alice):
    return db.read_now(jobs.waiting, PUSH, alice.id)


def test_google_moves():
    assert issubclass(GoogleBackend, Moving)


async def test_within_an_account_google_moves_it_and_nobody_is_told(db, alice, google, connected, served):
    text = event("m@client.example", "Meeting", lines=GUESTS)
    await put(connected, alice, "m.ics", text)
    [before] = google.events(WORK)
    told = len(google.mails)

    await put(connected, alice, "m.ics", moved(text, "Private"))

    [after] = google.events(PRIVATE)
    assert (after["id"], after["iCalUID"], after["organizer"]["email"]) == (before["id"], before["iCalUID"], PRIVATE)
    assert (google.events(WORK), len(google.mails), pushes(db, alice)) == ([], told, [])
    await pull_all(connected)
    assert "X-GATEWAY-CALENDAR:Private\r\n" in served()["m.ics"]
    assert list(served()) == ["m.ics"]


async def test_a_series_moves_with_its_changed_dates_and_an_edit_at_once(alice, google, connected, served):
    await put(connected, alice, "s.ics", event("s@client.example", "Weekly", lines=["RRULE:FREQ=WEEKLY;COUNT=4"]))
    [master] = google.events(WORK)
    google.change_event(WORK, f"{master['id']}_20261201T090000Z", {"summary": "Other"})
    await pull_all(connected)

    text = (
        served()["s.ics"].replace("SUMMARY:Weekly", "SUMMARY:Every week").replace("CALENDAR:Work", "CALENDAR:Private")
    )
    await put(connected, alice, "s.ics", text)

    assert sorted(summaries(google, PRIVATE)) == ["Every week", "Other"]
    assert google.events(WORK) == []


async def test_a_move_whose_answer_was_lost_is_not_made_twice(db, alice, google, connected):
    text = event("m@client.example", "Meeting", lines=GUESTS)
    await put(connected, alice, "m.ics", text)
    told = len(google.mails)
    google.fail_next(503, path=f"/calendars/{PRIVATE.replace('@', '%40')}/events")  # read after the move

    await put(connected, alice, "m.ics", moved(text, "Private"))
    for job in pushes(db, alice):
        if not job.payload.get("moved"):
            await run_push(connected, job)

    assert (summaries(google, PRIVATE), summaries(google, WORK), len(google.mails)) == (["Meeting"], [], told)
    assert pushes(db, alice) == []


async def test_an_invitation_stays_where_it_was_sent_to(alice, google, connected, served):
    google.add_event(BOB, {"summary": "Bobs", "start": at(23, 9), "end": at(23, 10), "attendees": [{"email": WORK}]})
    await pull_all(connected)
    [name] = served()

    with pytest.raises(RefusedByProvider, match="invitation stays"):
        await put(connected, alice, name, served()[name].replace("CALENDAR:Work", "CALENDAR:Private"))

    assert "X-GATEWAY-CALENDAR:Work\r\n" in served()[name]
    assert google.event(BOB, google.events(BOB)[0]["id"])["attendees"][0]["responseStatus"] == "needsAction"


async def test_across_accounts_it_is_put_first_and_left_in_silence(db, alice, google, connected):
    text = event("m@client.example", "Meeting", lines=[GUESTS[0], "ATTENDEE:mailto:carol@other.example"])
    await put(connected, alice, "m.ics", text)

    await put(connected, alice, "m.ics", moved(text, "Bob"))

    assert (summaries(google, WORK), summaries(google, BOB)) == ([], ["Meeting"])
    assert [mail.method for mail in google.mails if mail.method == "CANCEL"] == []
    assert pushes(db, alice) == []


async def test_a_move_across_accounts_loses_nothing_when_one_half_fails(db, alice, google, connected):
    text = event("m@client.example", "Meeting")
    await put(connected, alice, "m.ics", text)
    google.fail_next(503, path="/events/")  # the deletion

    await put(connected, alice, "m.ics", moved(text, "Bob"))

    assert (summaries(google, WORK), summaries(google, BOB)) == (["Meeting"], ["Meeting"])
    for job in pushes(db, alice):
        await run_push(connected, job)
    assert (summaries(google, WORK), summaries(google, BOB)) == ([], ["Meeting"])


async def test_out_of_google_into_a_local_calendar(db, alice, google, connected):
    text = event("m@client.example", "Meeting", lines=GUESTS)
    await put(connected, alice, "m.ics", text)
    told = len(google.mails)
    key = db.write_now(local_calendar, alice.id, 1)
    name = db.read_now(accounts.calendar, key).displayname

    await put(connected, alice, "m.ics", moved(text, name))

    assert (google.events(WORK), len(google.mails)) == ([], told)


async def test_what_google_cannot_move_is_put_there_and_deleted_here(alice, google, connected):
    text = event("m@client.example", "Away", lines=["X-MICROSOFT-CDO-BUSYSTATUS:OOF"])
    await put(connected, alice, "m.ics", text)
    assert google.events(WORK)[0]["eventType"] == "outOfOffice"

    await put(connected, alice, "m.ics", moved(text, "Private"))

    [after] = google.events(PRIVATE)
    assert (after["summary"], after["eventType"], google.events(WORK)) == ("Away", "default", [])
