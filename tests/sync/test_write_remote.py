"""Writes into calendars at a provider: durable here, told there, undone where it refuses."""

import asyncio

import pytest

from gateway.errors import PreconditionFailed, ReadOnlyCalendar, RefusedByProvider, SignInExpired
from gateway.ical.objects import etag_of
from gateway.store import accounts, jobs, members, objects
from gateway.sync.pull import pull_account
from gateway.sync.worker import Worker
from gateway.sync.write import delete, put, stage_delete, stage_put
from tests.fakes.shelf import unavailable
from tests.sync.objects import event, todo


@pytest.fixture(params=["caldav", "google"])
def kind(request):
    return request.param


@pytest.fixture
async def remote(sync, connect, shelves, kind):
    account = connect(kind)
    await pull_account(sync, account)
    return shelves[account]


@pytest.fixture
def pending(db, alice):
    return lambda: db.read_now(jobs.waiting, "push", alice.id)


def summaries(texts):
    return sorted(line[8:] for text in texts.values() for line in text.splitlines() if line.startswith("SUMMARY:"))


async def test_an_event_is_at_the_provider_before_the_answer(sync, alice, remote, served, pending, kind):
    written = await put(sync, alice, "a.ics", event("a"))

    assert summaries(remote.texts()) == summaries(served()) == ["Talk"]
    assert written.etag == etag_of(event("a"))
    assert pending() == []


async def test_edits_and_deletions_arrive_too(sync, alice, remote, served, pending):
    await put(sync, alice, "a.ics", event("a"))
    await put(sync, alice, "b.ics", event("b", "Other"))

    await put(sync, alice, "a.ics", event("a", "New"))
    assert summaries(remote.texts()) == summaries(served()) == ["New", "Other"]

    await delete(sync, alice, "a.ics")
    assert summaries(remote.texts()) == summaries(served()) == ["Other"]
    assert pending() == []


async def test_an_event_says_whose_calendar_it_is_in_where_two_have_one_name(db, sync, connect, shelves, served):
    for address in ("a@work.example", "b@work.example"):
        account = connect("google")
        db.write_now(accounts.change, account, displayname=address)
        shelves[account].edit("main", "x.ics", event(f"at {address}"))
        await pull_account(sync, account)

    marks = [line for text in served().values() for line in text.split("\r\n") if line.startswith("X-GATEWAY")]

    assert sorted(marks) == [
        "X-GATEWAY-CALENDAR:google main",
        "X-GATEWAY-CALENDAR:google main (b@work.example)",
    ]


async def test_what_the_provider_cannot_hold_is_served_all_the_same(sync, alice, connect, shelves, served):
    account = connect("google")
    await pull_account(sync, account)
    await put(
        sync,
        alice,
        "a.ics",
        event("a", lines=["X-NOTE:mine", "BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER:-PT5M", "END:VALARM"]),
    )
    [there] = shelves[account].texts().values()
    assert "X-NOTE" not in there
    assert "X-GATEWAY-CALENDAR" not in there

    [text] = served().values()

    assert "X-NOTE:mine" in text
    assert "VALARM" in text
    assert "X-GATEWAY-CALENDAR" not in text  # it is the client's own text, so it keeps its ETag
    before = served()
    await pull_account(sync, account, full=True)
    assert served() == before


@pytest.mark.parametrize("claimed", ["Nowhere", "Feed"])
async def test_a_new_event_is_not_said_to_be_where_it_is_not(db, sync, alice, connect, served, claimed):
    """As a copy of an event in a read-only calendar is, or one that another server had."""
    await pull_account(sync, connect("google"))
    await pull_account(sync, connect("feed"))
    for row in db.read_now(accounts.calendars, alice.id):
        if row.kind == "feed":
            db.write_now(accounts.change_calendar, row.id, displayname="Feed", writable=False, merged=True)

    written = await put(sync, alice, "a.ics", event("a", lines=[f"X-GATEWAY-CALENDAR:{claimed}"]))

    assert written.etag is None
    assert served() == {"a.ics": event("a", lines=["X-GATEWAY-CALENDAR:google main"])}
    again = await put(sync, alice, "a.ics", event("a", "New", lines=["X-GATEWAY-CALENDAR:Elsewhere"]))
    assert again.etag is None
    assert served() == {"a.ics": event("a", "New", lines=["X-GATEWAY-CALENDAR:google main"])}
    stays = await put(sync, alice, "a.ics", served()["a.ics"])
    assert stays.etag == etag_of(served()["a.ics"])


async def test_a_refused_event_never_was(db, sync, alice, remote, served, pending):
    rev = db.read_now(members.rev, alice.merged)
    remote.faults = [RefusedByProvider("no")]

    with pytest.raises(RefusedByProvider):
        await put(sync, alice, "a.ics", event("a"))

    assert served() == remote.texts() == {}
    assert pending() == []
    rows, _, _ = db.read_now(members.since, alice.merged, rev, 10)
    assert [row.deleted for row in rows] == [True]


async def test_a_refused_edit_is_undone(db, sync, alice, remote, served, pending):
    await put(sync, alice, "a.ics", event("a"))
    before, rev = served(), db.read_now(members.rev, alice.merged)
    remote.faults = [RefusedByProvider("no")]

    with pytest.raises(RefusedByProvider):
        await put(sync, alice, "a.ics", event("a", "New"))

    assert served() == before
    assert pending() == []
    rows, _, _ = db.read_now(members.since, alice.merged, rev, 10)
    assert [(row.href, row.deleted) for row in rows] == [("a.ics", False)]


async def test_a_refused_deletion_is_undone(sync, alice, remote, served, pending):
    await put(sync, alice, "a.ics", event("a"))
    before = served()
    remote.faults = [ReadOnlyCalendar("no")]

    with pytest.raises(ReadOnlyCalendar):
        await delete(sync, alice, "a.ics")

    assert served() == before
    assert pending() == []
    await put(sync, alice, "a.ics", event("a", "New"))
    assert summaries(remote.texts()) == ["New"]


@pytest.mark.parametrize("fault", [unavailable()[0], SignInExpired("sign in again")])
async def test_while_the_provider_is_down_writes_are_kept_and_told_later(
    sync, clock, alice, remote, served, pending, fault
):
    remote.faults = [fault]
    written = await put(sync, alice, "a.ics", event("a"))
    assert written.created
    assert summaries(served()) == ["Talk"]
    assert remote.texts() == {}
    assert len(pending()) == 1

    clock.now += 60
    await Worker(sync).run_due()

    assert summaries(remote.texts()) == ["Talk"]
    assert pending() == []


async def test_several_changes_while_it_is_down_are_told_as_one(sync, clock, alice, remote, pending):
    remote.faults = unavailable(3)
    for summary in ("One", "Two", "Three"):
        await put(sync, alice, "a.ics", event("a", summary))
    assert len(pending()) == 1
    remote.calls.clear()

    clock.now += 60
    await Worker(sync).run_due()

    assert summaries(remote.texts()) == ["Three"]
    assert remote.calls.count("put") == 1


async def test_what_was_deleted_before_anybody_began_to_tell_it_is_never_told(db, sync, clock, alice, remote, pending):
    staged = await db.write(stage_put, sync, alice, event("a"), href="a.ics")
    [job] = staged.pushes
    assert pending() == [job]

    await db.write(stage_delete, sync, alice, "a.ics")
    clock.now += 600
    await Worker(sync).run_due()

    assert remote.texts() == {}
    assert "put" not in remote.calls
    assert pending() == []


async def test_a_slow_provider_makes_nobody_wait_longer_than_the_budget(sync, clock, alice, remote, served, pending):
    remote.gate = asyncio.Event()
    clock.hurry.set()

    await put(sync, alice, "a.ics", event("a"))
    assert summaries(served()) == ["Talk"]
    assert remote.texts() == {}

    remote.gate.set()
    await asyncio.gather(*sync.late)
    assert summaries(remote.texts()) == summaries(served()) == ["Talk"]
    assert pending() == []


async def test_an_edit_while_the_creation_is_under_way(sync, clock, alice, remote, served, pending):
    remote.gate = asyncio.Event()
    clock.hurry.set()
    await put(sync, alice, "a.ics", event("a"))
    await put(sync, alice, "a.ics", event("a", "New"))
    remote.gate.set()
    await asyncio.gather(*sync.late)

    await Worker(sync).run_due()

    assert summaries(remote.texts()) == summaries(served()) == ["New"]
    assert pending() == []


async def test_a_deletion_while_the_creation_is_under_way(sync, clock, alice, remote, served, pending):
    remote.gate = asyncio.Event()
    clock.hurry.set()
    await put(sync, alice, "a.ics", event("a"))
    await delete(sync, alice, "a.ics")
    remote.gate.set()
    await asyncio.gather(*sync.late)

    clock.now += 120
    await Worker(sync).run_due()

    assert remote.texts() == served() == {}
    assert pending() == []


async def test_their_change_wins_over_one_that_comes_too_late_and_the_client_hears_of_it(sync, alice, remote, served):
    await put(sync, alice, "a.ics", event("a"))
    [href] = remote.texts()
    remote.edit("main", href, event("a", "Theirs"))

    with pytest.raises(PreconditionFailed):
        await put(sync, alice, "a.ics", event("a", "Ours"))

    assert summaries(served()) == ["Theirs"]
    await put(sync, alice, "a.ics", event("a", "Ours"))
    assert summaries(remote.texts()) == summaries(served()) == ["Ours"]


async def test_of_two_changes_while_it_was_down_theirs_wins_and_ours_is_kept_as_a_copy(
    sync, clock, alice, remote, served, db
):
    await put(sync, alice, "a.ics", event("a"))
    [href] = remote.texts()
    remote.faults = unavailable()
    await put(sync, alice, "a.ics", event("a", "Ours", lines=["ORGANIZER:mailto:a@b.c", "ATTENDEE:mailto:d@e.f"]))
    remote.edit("main", href, event("a", "Theirs"))

    clock.now += 60
    await Worker(sync).run_due()

    assert summaries(remote.texts()) == ["Theirs"]
    assert summaries(served()) == ["Conflict: Ours", "Theirs"]
    [copy] = [text for name, text in served().items() if name != "a.ics"]
    assert copy.count("SCHEDULE-AGENT=NONE") == 2
    await pull_account(sync, db.read_now(accounts.everyone)[-1].id, full=True)
    assert summaries(served()) == ["Conflict: Ours", "Theirs"]


@pytest.fixture
async def cloud(sync, alice, connect, shelves):
    """A provider that holds an event of which it cannot hold a note, and is not to be reached."""
    account = connect("google")
    await pull_account(sync, account)
    await put(sync, alice, "a.ics", event("a", lines=["X-NOTE:kept"]))
    shelves[account].faults = unavailable()
    return shelves[account]


@pytest.mark.parametrize("changes", [1, 2])
async def test_their_version_that_wins_keeps_what_was_beside_it(sync, clock, alice, cloud, served, changes):
    for number in range(changes):
        cloud.faults = unavailable()
        await put(sync, alice, "a.ics", event("a", f"Ours {number}", lines=["X-NOTE:changed"]))
    [href] = cloud.texts()
    cloud.edit("main", href, event("a", "Theirs"))

    clock.now += 60
    await Worker(sync).run_due()

    assert summaries(served()) == [f"Conflict: Ours {changes - 1}", "Theirs"]
    assert "X-NOTE:kept" in served()["a.ics"]
    [copy] = [text for name, text in served().items() if name != "a.ics"]
    assert "X-NOTE:changed" in copy


async def test_what_was_beside_an_event_outlasts_a_late_refusal(sync, clock, alice, cloud, served):
    before = served()
    cloud.faults.append(RefusedByProvider("no"))
    await put(sync, alice, "a.ics", event("a", "Ours", lines=["X-NOTE:changed"]))

    clock.now += 60
    await Worker(sync).run_due()

    assert summaries(served()) == ["Conflict: Ours", "Talk"]
    assert served()["a.ics"] == before["a.ics"]


@pytest.mark.parametrize("changed", [False, True])
async def test_what_comes_back_as_they_changed_it_keeps_what_was_beside_it(sync, clock, alice, cloud, served, changed):
    if changed:
        await put(sync, alice, "a.ics", event("a", "Ours", lines=["X-NOTE:changed"]))
        cloud.faults = unavailable()
    await delete(sync, alice, "a.ics")
    [href] = cloud.texts()
    cloud.edit("main", href, event("a", "Theirs"))

    clock.now += 60
    await Worker(sync).run_due()

    [text] = served().values()
    assert "SUMMARY:Theirs" in text
    assert "X-NOTE:kept" in text


async def test_an_edit_of_what_they_deleted_is_kept_as_a_copy(sync, clock, alice, remote, served):
    await put(sync, alice, "a.ics", event("a"))
    [href] = remote.texts()
    remote.faults = unavailable()
    await put(sync, alice, "a.ics", event("a", "Ours"))
    remote.erase("main", href)

    clock.now += 60
    await Worker(sync).run_due()

    assert remote.texts() == {}
    assert summaries(served()) == ["Conflict: Ours"]


async def test_a_deletion_of_what_they_changed_brings_theirs_back(sync, clock, alice, remote, served):
    await put(sync, alice, "a.ics", event("a"))
    [href] = remote.texts()
    remote.faults = unavailable()
    await delete(sync, alice, "a.ics")
    remote.edit("main", href, event("a", "Theirs"))

    clock.now += 60
    await Worker(sync).run_due()

    assert summaries(remote.texts()) == summaries(served()) == ["Theirs"]


async def test_a_late_refusal_keeps_ours_as_a_copy(sync, clock, alice, remote, served, pending):
    await put(sync, alice, "a.ics", event("a"))
    remote.faults = [*unavailable(), RefusedByProvider("no")]
    await put(sync, alice, "a.ics", event("a", "Ours"))

    clock.now += 60
    await Worker(sync).run_due()

    assert summaries(remote.texts()) == ["Talk"]
    assert summaries(served()) == ["Conflict: Ours", "Talk"]
    assert pending() == []


async def test_a_lost_answer_makes_no_second_event(sync, clock, alice, remote, served, pending):
    remote.late_faults = unavailable()
    await put(sync, alice, "a.ics", event("a"))
    assert summaries(remote.texts()) == ["Talk"]

    clock.now += 60
    await Worker(sync).run_due()

    assert summaries(remote.texts()) == summaries(served()) == ["Talk"]
    assert pending() == []


async def test_deleted_and_put_again_while_it_was_down(sync, clock, alice, remote, served, pending):
    await put(sync, alice, "a.ics", event("a"))
    remote.faults = unavailable(2)
    await delete(sync, alice, "a.ics")
    await put(sync, alice, "b.ics", event("a", "Again"))

    clock.now += 60
    await Worker(sync).run_due()

    assert summaries(remote.texts()) == summaries(served()) == ["Again"]
    assert pending() == []


async def test_tasks_stay_here(sync, alice, remote, served):
    await put(sync, alice, "t.ics", todo("t"))

    assert remote.texts() == {}
    assert served() == {"t.ics": todo("t")}


async def test_moves_between_here_and_there(db, sync, alice, remote, served, kind, pending):
    await put(sync, alice, "a.ics", event("a"))

    await put(sync, alice, "a.ics", event("a", lines=["X-GATEWAY-CALENDAR:Personal"]))
    assert remote.texts() == {}
    assert served() == {"a.ics": event("a", lines=["X-GATEWAY-CALENDAR:Personal"])}

    await put(sync, alice, "a.ics", event("a", lines=[f"X-GATEWAY-CALENDAR:{kind} main"]))
    assert summaries(remote.texts()) == summaries(served()) == ["Talk"]
    assert pending() == []
    [row] = db.read_now(objects.by_uid, alice.id, "a")
    assert row.remote_etag is not None


async def test_a_move_that_is_refused_leaves_it_where_it_was(db, sync, alice, remote, served, kind, pending):
    await put(sync, alice, "a.ics", event("a", lines=["X-GATEWAY-CALENDAR:Personal"]))
    before = served()
    remote.faults = [RefusedByProvider("no")]

    with pytest.raises(RefusedByProvider):
        await put(sync, alice, "a.ics", event("a", lines=[f"X-GATEWAY-CALENDAR:{kind} main"]))

    assert served() == before
    assert remote.texts() == {}
    assert pending() == []
