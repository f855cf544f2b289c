"""The merged calendar's members: names, precedence, and what a sync token brings."""

import pytest

from gateway.errors import InvalidSyncToken
from gateway.ical.index import Indexed
from gateway.store import accounts, members, objects
from gateway.store.database import Connection, Database
from gateway.store.objects import Remote
from tests.store.conftest import ALICE, BOB, HOME, MERGED, WORK


def indexed(uid: str, etag: str) -> Indexed:
    return Indexed(
        uid=uid, kind="VEVENT", summary="", etag=etag, first=0, last=1, covered_from=None, covered_until=None,
        local=False, organizer="", attendees=(), calendar_name="", occurrences=(),
    )  # fmt: skip


def put(conn: Connection, uid: str, etag: str, *, calendar: int = HOME, name: str | None = None) -> None:
    objects.put(conn, ALICE, calendar, f"{uid}.ics", f"text {etag}", indexed(uid, etag), Remote(), 0)
    members.refresh(conn, ALICE, [uid], names={uid: name} if name else None)


def drop(conn: Connection, uid: str, calendar: int = HOME) -> None:
    row = objects.by_href(conn, calendar, f"{uid}.ics")
    assert row is not None
    objects.remove(conn, [row.id])
    members.refresh(conn, ALICE, [uid])


def changes(db: Database, token: int | None, most: int = 100) -> tuple[list[tuple[str, str, bool]], int, bool]:
    rows, reached, more = db.read_now(members.since, MERGED[ALICE], token, most)
    return [(row.href, row.etag, row.deleted) for row in rows], reached, more


def test_a_token_brings_what_changed_since_and_nothing_else(db: Database) -> None:
    db.write_now(put, "a", "1")
    db.write_now(put, "b", "1")
    first, token, _ = changes(db, None)
    db.write_now(put, "b", "2")
    db.write_now(drop, "a")

    assert first == [("a.ics", "1", False), ("b.ics", "1", False)]
    assert changes(db, token)[0] == [("b.ics", "2", False), ("a.ics", "1", True)]
    assert changes(db, changes(db, token)[1])[0] == []


def test_the_first_listing_names_nothing_that_is_gone(db: Database) -> None:
    db.write_now(put, "a", "1")
    db.write_now(drop, "a")
    assert changes(db, None)[0] == []


def test_putting_the_same_again_is_no_change(db: Database) -> None:
    db.write_now(put, "a", "1")
    token = changes(db, None)[1]
    db.write_now(put, "a", "1")
    assert changes(db, token) == ([], token, False)


def test_pages_of_a_limited_answer_make_up_the_whole(db: Database) -> None:
    for number in range(7):
        db.write_now(put, f"u{number}", "1")
    seen: list[str] = []
    token: int | None = None
    more = True
    while more:
        page, token, more = changes(db, token, most=3)
        seen.extend(href for href, _, _ in page)
    assert seen == [f"u{number}.ics" for number in range(7)]


@pytest.mark.parametrize("token", [-1, 99])
def test_a_token_we_never_gave_is_refused(db: Database, token: int) -> None:
    db.write_now(put, "a", "1")
    with pytest.raises(InvalidSyncToken):
        changes(db, token)


def test_the_copy_in_the_first_calendar_is_the_member(db: Database) -> None:
    db.write_now(put, "a", "work", calendar=WORK)
    db.write_now(put, "a", "home", calendar=HOME)
    assert [row[:2] for row in changes(db, None)[0]] == [("a.ics", "home")]
    db.write_now(drop, "a", HOME)
    assert [row[:2] for row in changes(db, None)[0]] == [("a.ics", "work")]


def test_a_calendar_that_leaves_takes_its_members_along(db: Database) -> None:
    db.write_now(put, "a", "1", calendar=WORK)
    db.write_now(put, "b", "1", calendar=HOME)
    token = changes(db, None)[1]

    def leave(conn: Connection) -> None:
        accounts.change_calendar(conn, WORK, merged=False)
        members.refresh_calendar(conn, ALICE, WORK)

    db.write_now(leave)
    assert changes(db, token)[0] == [("a.ics", "1", True)]


def test_a_client_names_its_own_and_the_name_stays(db: Database) -> None:
    db.write_now(put, "a", "1", name="chosen.ics")
    db.write_now(put, "a", "2")
    assert [row[:2] for row in changes(db, None)[0]] == [("chosen.ics", "2")]


def test_a_derived_name_is_never_one_that_another_uid_had(db: Database) -> None:
    db.write_now(put, "x", "1", name="a.ics")
    db.write_now(drop, "x")
    db.write_now(put, "a", "1")
    [(href, _, _)] = changes(db, None)[0]
    assert href != "a.ics"


def test_deleting_and_creating_a_name_anew_shows_as_a_change(db: Database) -> None:
    db.write_now(put, "a", "1")
    token = changes(db, None)[1]
    db.write_now(drop, "a")
    db.write_now(put, "a", "1")
    assert changes(db, token)[0] == [("a.ics", "1", False)]


def test_one_persons_change_is_nobody_elses(db: Database) -> None:
    before = db.read_now(members.rev, MERGED[BOB])
    db.write_now(put, "a", "1")
    assert db.read_now(members.rev, MERGED[BOB]) == before
    assert db.read_now(members.listing, MERGED[BOB]) == []
