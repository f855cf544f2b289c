"""Calendars that are shown separately, and the inbox, beside the merged calendar."""

from dataclasses import replace

import pytest

from gateway.errors import InvalidSyncToken
from gateway.ical.index import Occurrence
from gateway.store import accounts, collections, inbox, members, objects, principals, ranges
from gateway.store.collections import INBOX
from gateway.store.database import Connection, Database
from gateway.store.objects import Remote
from tests.store.conftest import ALICE, BOB, HOME, MERGED, WORK
from tests.store.test_members import drop, indexed, put


def show(conn: Connection, calendar: int = WORK, name: str = "work", *, on: bool = True) -> int:
    known = collections.of_calendar(conn, calendar) or collections.add(conn, ALICE, name, calendar)
    accounts.change_calendar(conn, calendar, separate=on)
    members.refresh_calendar(conn, ALICE, calendar)
    return known.id


def listed(db: Database, collection: int) -> set[tuple[str, str]]:
    return {(row.href, row.etag) for row in db.read_now(members.listing, collection)}


def test_everybody_has_a_merged_calendar_and_an_inbox(db: Database) -> None:
    alice = db.read_now(principals.by_id, ALICE)
    assert alice.merged == MERGED[ALICE]
    assert alice.calendar.name == "merged"
    assert db.read_now(collections.inbox, BOB).kind == INBOX
    assert db.read_now(collections.shown, ALICE) == []


def test_a_separate_calendar_holds_what_stands_there_and_the_merged_one_the_first_copy(db: Database) -> None:
    db.write_now(put, "both", "home")
    db.write_now(put, "both", "work", calendar=WORK)
    db.write_now(put, "one", "1", calendar=WORK)
    work = db.write_now(show)

    assert listed(db, work) == {("both.ics", "work"), ("one.ics", "1")}
    assert listed(db, MERGED[ALICE]) == {("both.ics", "home"), ("one.ics", "1")}
    assert [one.name for one in db.read_now(collections.shown, ALICE)] == ["work"]


def test_each_collection_counts_its_own_changes(db: Database) -> None:
    work = db.write_now(show)
    before = db.read_now(members.rev, work)
    db.write_now(put, "a", "1")
    assert db.read_now(members.rev, work) == before
    db.write_now(put, "b", "1", calendar=WORK)
    db.write_now(drop, "b", WORK)
    rows, reached, _ = db.read_now(members.since, work, before, 10)
    assert [(row.href, row.deleted) for row in rows] == [("b.ics", True)]
    assert reached == before + 2


def test_a_calendar_that_is_not_merged_is_shown_all_the_same(db: Database) -> None:
    db.write_now(accounts.change_calendar, WORK, merged=False)
    work = db.write_now(show)
    db.write_now(put, "a", "1", calendar=WORK)
    assert listed(db, work) == {("a.ics", "1")}
    assert listed(db, MERGED[ALICE]) == set()


def test_a_calendar_shown_again_has_its_old_name_and_tokens_go_on(db: Database) -> None:
    db.write_now(put, "a", "1", calendar=WORK)
    work = db.write_now(show)
    token = db.read_now(members.rev, work)

    db.write_now(lambda conn: show(conn, on=False))
    assert db.read_now(collections.by_name, ALICE, "work") is None
    assert [row.deleted for row in db.read_now(members.since, work, token, 10)[0]] == [True]

    assert db.write_now(show) == work
    assert [row.deleted for row in db.read_now(members.since, work, token, 10)[0]] == [False]


def test_a_calendar_that_has_gone_leaves_its_name_to_a_new_one_that_goes_on_counting(db: Database) -> None:
    db.write_now(put, "a", "1", calendar=WORK)
    work = db.write_now(show)
    token = db.read_now(members.rev, work)

    def lose(conn: Connection) -> None:
        account = accounts.calendar(conn, WORK)
        assert account is not None
        accounts.remove(conn, account.account_id)
        members.refresh(conn, ALICE, ["a"])

    db.write_now(lose)
    assert db.read_now(collections.shown, ALICE) == []
    known = db.read_now(collections.named, ALICE, "work")
    assert known is not None
    assert known.calendar_id is None
    assert [row.deleted for row in db.read_now(members.since, work, token, 10)[0]] == [True]


def test_a_name_is_the_same_in_both_calendars(db: Database) -> None:
    db.write_now(put, "a", "1", calendar=WORK, name="chosen.ics")
    work = db.write_now(show)
    db.write_now(put, "b", "1", calendar=WORK, name="other.ics")
    assert (
        {href for href, _ in listed(db, work)}
        == {"chosen.ics", "other.ics"}
        == {href for href, _ in listed(db, MERGED[ALICE])}
    )


def test_a_time_range_is_of_one_collection(db: Database) -> None:
    def fill(conn: Connection) -> None:
        for uid, calendar in (("a", HOME), ("b", WORK)):
            row = replace(indexed(uid, "1"), occurrences=(Occurrence(1000, 2000, 2, "", 0, False),))
            objects.put(conn, ALICE, calendar, f"{uid}.ics", "text", row, Remote(), 0)
        members.refresh(conn, ALICE, ["a", "b"])

    db.write_now(fill)
    work = db.write_now(show)
    assert {row.href for row in db.read_now(ranges.listed, ALICE, work, 0, 5000)} == {"b.ics"}
    assert {row.href for row in db.read_now(ranges.listed, ALICE, MERGED[ALICE], 0, 5000)} == {"a.ics", "b.ics"}


def test_messages_with_one_uid_lie_side_by_side_in_the_inbox_and_nowhere_else(db: Database) -> None:
    for href in ("m1.ics", "m2.ics"):
        db.write_now(inbox.add, ALICE, href, "text", indexed("meeting", href), 7)
    box = db.read_now(collections.inbox, ALICE)

    assert box.rev == 2
    assert {row.href for row in db.read_now(members.texts, box.id)} == {"m1.ics", "m2.ics"}
    assert len(db.read_now(members.with_uid_like, box.id, "meeting")) == 2
    assert listed(db, MERGED[ALICE]) == set()
    assert {row.displayname for row in db.read_now(accounts.calendars, ALICE)} == {"Home", "Work"}
    assert {row.kind for row in db.read_now(accounts.everyone)} == {"local"}
    assert {row.kind for row in db.read_now(accounts.of_user, ALICE)} == {"local"}


def test_a_message_taken_out_is_a_change_of_the_inbox(db: Database) -> None:
    db.write_now(inbox.add, ALICE, "m.ics", "text", indexed("meeting", "1"), 7)
    box = db.read_now(collections.inbox, ALICE)
    member = db.read_now(inbox.by_href, ALICE, "m.ics")
    assert member is not None
    db.write_now(inbox.remove, ALICE, member)

    rows, reached, _ = db.read_now(members.since, box.id, box.rev, 10)
    assert [(row.href, row.deleted, row.rev) for row in rows] == [("m.ics", True, box.rev + 1)]
    assert reached == box.rev + 1
    assert db.read_now(inbox.by_href, ALICE, "m.ics") is None
    assert db.read_now(objects.of_user, ALICE) == []


def test_a_token_of_the_future_is_refused_in_every_collection(db: Database) -> None:
    box = db.read_now(collections.inbox, ALICE)
    with pytest.raises(InvalidSyncToken):
        db.read_now(members.since, box.id, 1, 10)
