"""What clients ask all day is looked up by an index: nothing grows with the size of a calendar."""

from collections.abc import Callable

import pytest

from gateway.store import (
    accounts,
    bookings,
    holds,
    jobs,
    members,
    mirrors,
    objects,
    principals,
    ranges,
    schedules,
    taken,
)
from gateway.store.database import Connection, Database
from gateway.store.schema import METADATA
from tests.statements import statements
from tests.store.conftest import ALICE, BOB, HOME, MERGED, SQLITE

pytestmark = SQLITE

Look = Callable[[Connection], object]


def plans(conn: Connection, look: Look) -> list[str]:
    with statements(conn) as seen:
        look(conn)
    cursor = conn.connection.cursor()
    try:
        return [row[3] for one, given in seen for row in cursor.execute(f"EXPLAIN QUERY PLAN {one}", given)]
    finally:
        cursor.close()


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(lambda conn: members.by_href(conn, MERGED[ALICE], "a.ics"), id="a member by its name"),
        pytest.param(lambda conn: members.by_uid(conn, MERGED[ALICE], "a"), id="a member by its UID"),
        pytest.param(lambda conn: members.refresh(conn, ALICE, ["a"]), id="which copy is the member"),
        pytest.param(lambda conn: members.text(conn, MERGED[ALICE], "a.ics"), id="a text"),
        pytest.param(lambda conn: members.since(conn, MERGED[ALICE], 0, 10), id="what changed"),
        pytest.param(lambda conn: objects.by_href(conn, HOME, "a"), id="an object by its name"),
        pytest.param(lambda conn: objects.by_uid(conn, ALICE, "a"), id="an object by its UID"),
        pytest.param(lambda conn: ranges.busy(conn, [ALICE, BOB], 0, 1), id="busy time"),
        pytest.param(lambda conn: ranges.listed(conn, ALICE, MERGED[ALICE], 0, 1), id="a time range"),
        pytest.param(lambda conn: ranges.cut_series(conn, [ALICE, BOB], 0, 1), id="series past the horizon"),
        pytest.param(lambda conn: taken.blocking(conn, [ALICE, BOB], 0, 1), id="what bookings take"),
        pytest.param(lambda conn: holds.blocking(conn, [ALICE, BOB], 0, 1, 0), id="what visitors hold"),
        pytest.param(lambda conn: accounts.unread(conn, [ALICE, BOB], 0), id="calendars not read for long"),
        pytest.param(lambda conn: schedules.chosen(conn, [ALICE, BOB], 1), id="working hours"),
        pytest.param(lambda conn: taken.shares(conn, 1, 0), id="whose turn it is"),
        pytest.param(lambda conn: bookings.coming(conn, ALICE, 0), id="bookings to come"),
        pytest.param(lambda conn: principals.by_name(conn, "alice"), id="a person"),
        pytest.param(lambda conn: mirrors.ids(conn, ALICE), id="whom a change wakes"),
        pytest.param(lambda conn: mirrors.held(conn, ALICE, "mark"), id="the blocks of a mirror"),
        pytest.param(lambda conn: mirrors.used(conn, 1), id="what mirrors read and write"),
    ],
)
def test_looked_up_by_all_that_is_known(db: Database, look: Look) -> None:
    found = db.read_now(plans, look)
    assert found
    for step in found:
        words = step.split()
        assert not (words[0] == "SCAN" and words[1] in METADATA.tables), step
        assert not (words[:2] == ["SEARCH", "members"] and step.endswith("(user_id=?)")), step


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(lambda conn: ranges.busy(conn, [ALICE, BOB], 0, 1), id="busy time"),
        pytest.param(lambda conn: ranges.busy_of(conn, ALICE, [HOME], 0, 1), id="busy time of some calendars"),
        pytest.param(lambda conn: ranges.listed(conn, ALICE, MERGED[ALICE], 0, 1), id="which members"),
        pytest.param(lambda conn: ranges.hits(conn, ALICE, MERGED[ALICE], 0, 1), id="which instances"),
    ],
)
def test_questions_of_time_never_touch_the_table(db: Database, look: Look) -> None:
    steps = [step for step in db.read_now(plans, look) if " occurrences " in step]
    assert steps
    assert all("USING COVERING INDEX ix_occurrences_range" in step for step in steps), steps


@pytest.mark.parametrize("kinds", [None, ["pull", "push"]])
def test_when_the_next_job_is_due_is_not_asked_of_all_jobs(db: Database, kinds: list[str] | None) -> None:
    steps = db.read_now(plans, lambda conn: jobs.next_due(conn, kinds))
    of_jobs = [step for step in steps if " jobs " in step]
    assert len(of_jobs) == 2
    assert "ix_jobs_dead_due" in of_jobs[0]
    assert "ix_jobs_leased" in of_jobs[1]
    assert not [step for step in steps if "TEMP B-TREE" in step]
