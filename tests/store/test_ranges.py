"""Time ranges on the stored occurrences: the index agrees with looking at every one of them."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ical.index import Indexed, Occurrence
from gateway.store import members, objects, ranges
from gateway.store.database import Connection, Database
from gateway.store.migrate import migrate
from gateway.store.objects import Remote
from tests.store.conftest import ALICE, HOME, MERGED, fill

HOUR = 3_600
# Lengths around every edge of the classes of length.
lengths = st.sampled_from([0, 60, HOUR, HOUR + 1, 24 * HOUR, 24 * HOUR + 1, 768 * HOUR, 768 * HOUR + 1, 10_000 * HOUR])
occurrences = st.lists(st.tuples(st.integers(0, 5_000), lengths), max_size=12)
windows = st.tuples(st.integers(0, 6_000), st.sampled_from([1, HOUR, 31 * 24 * HOUR]))


def store(conn: Connection, given_: list[tuple[int, int]]) -> None:
    for number, (hour, length) in enumerate(given_):
        one = Occurrence(hour * HOUR, hour * HOUR + length, 2, "", 0, False)
        row = Indexed(
            uid=f"u{number}", kind="VEVENT", summary="", etag="1", first=one.start, last=one.end, covered_from=None,
            covered_until=None, local=False, organizer="", attendees=(), calendar_name="", occurrences=(one,),
        )  # fmt: skip
        objects.put(conn, ALICE, HOME, f"u{number}.ics", "", row, Remote(), 0)
    members.refresh(conn, ALICE, [f"u{number}" for number in range(len(given_))])


def overlaps(start: int, end: int, a: int, b: int) -> bool:
    """RFC 4791 9.9, for events: one of no length is in the range that holds its instant."""
    return a <= start < b if start == end else start < b and end > a


def empty(conn: Connection) -> None:
    rows = objects.of_user(conn, ALICE)
    objects.remove(conn, [row.id for row in rows])
    members.refresh(conn, ALICE, [row.uid for row in rows])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path_factory.mktemp('ranges')}/test.sqlite"
    migrate(url)
    db = Database(url)
    db.write_now(fill)
    yield db
    db.close()


@settings(max_examples=60, deadline=None)
@given(occurrences, windows)
def test_a_range_finds_what_overlaps_it(
    shared: Database, given_: list[tuple[int, int]], window: tuple[int, int]
) -> None:
    shared.write_now(empty)
    shared.write_now(store, given_)
    a, b = window[0] * HOUR, window[0] * HOUR + window[1]
    wanted = {
        f"u{number}.ics"
        for number, (hour, length) in enumerate(given_)
        if overlaps(hour * HOUR, hour * HOUR + length, a, b)
    }
    assert {row.href for row in shared.read_now(ranges.listed, ALICE, MERGED[ALICE], a, b)} == wanted
    assert {row.href for row in shared.read_now(ranges.texts, ALICE, MERGED[ALICE], a, b)} == wanted
    assert len(shared.read_now(ranges.hits, ALICE, MERGED[ALICE], a, b)) == len(wanted)
    assert len(shared.read_now(ranges.busy, [ALICE], a, b)) == len(wanted)
