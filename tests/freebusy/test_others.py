"""Which account could know whom, and how long an answer is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pytest

from gateway.backends.base import Backend, BusyTime, Unanswered
from gateway.freebusy.others import MOST_KEPT, Others, domains
from gateway.model import Period, RemoteCalendar
from gateway.store import accounts, principals
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection, Database
from tests.fakes.shelf import Shelf

DAY = 86_400
MONDAY = 1_795_392_000
assert MONDAY % DAY == 0


class Telling(Shelf):
    """A shelf that knows when everybody is busy: from nine to ten each day of the question's first day."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[tuple[str, ...], int, int]] = []
        self.failed = False

    async def busy(self, addresses: Sequence[str], start: datetime, end: datetime) -> Mapping[str, BusyTime]:
        self.asked.append((tuple(addresses), int(start.timestamp()), int(end.timestamp())))
        if self.failed:
            return dict.fromkeys(addresses, Unanswered.FAILED)
        return {one: [Period(start.replace(hour=9), start.replace(hour=10))] for one in addresses}


@pytest.fixture
def telling() -> Telling:
    return Telling()


@pytest.fixture
def others(db: Database, telling: Telling) -> tuple[Others, list[float], int]:
    def write(conn: Connection) -> int:
        person = principals.add(conn, name="ann", email="ann@here.example", zone="UTC", created=1)
        account = accounts.add(conn, person, "google", "ann@firm.example", {}, None, 1)
        accounts.add_calendar(conn, person, account, RemoteCalendar("ann@firm.example", "Ann", primary=True))
        return person

    person = db.write_now(write)
    now = [float(MONDAY)]

    def backend_for(_: AccountRow) -> Backend:
        return telling

    return Others(db, backend_for, lambda: now[0]), now, person


async def test_only_people_of_the_accounts_domain_are_asked_for(others, telling):
    asking, _, person = others
    people = ["Bea@Firm.example", "cy@here.example", "dan@sub.firm.example", "no address"]
    told = await asking.busy(person, people, MONDAY, MONDAY + DAY)
    assert told == {"bea@firm.example": [(MONDAY + 9 * 3600, MONDAY + 10 * 3600, 2)]}
    assert telling.asked == [(("bea@firm.example",), MONDAY, MONDAY + DAY)]


async def test_one_question_for_all_that_a_client_asks_within_the_same_days(others, telling):
    asking, now, person = others
    for start, end in ((0, DAY), (3600, DAY - 60), (9 * 3600 + 60, 9 * 3600 + 120)):
        told = await asking.busy(person, ["bea@firm.example"], MONDAY + start, MONDAY + end)
        assert told["bea@firm.example"]
    assert len(telling.asked) == 1
    assert told == {"bea@firm.example": [(MONDAY + 9 * 3600 + 60, MONDAY + 9 * 3600 + 120, 2)]}

    now[0] += 61
    await asking.busy(person, ["bea@firm.example"], MONDAY, MONDAY + DAY)
    assert len(telling.asked) == 2


async def test_a_failure_is_tried_again_sooner(others, telling):
    asking, now, person = others
    telling.failed = True
    assert await asking.busy(person, ["bea@firm.example"], MONDAY, MONDAY + DAY) == {
        "bea@firm.example": Unanswered.FAILED
    }
    telling.failed = False
    now[0] += 11
    assert (await asking.busy(person, ["bea@firm.example"], MONDAY, MONDAY + DAY))["bea@firm.example"]


async def test_what_is_kept_has_a_bound(others, telling):
    asking, _, person = others
    names = [f"p{number}@firm.example" for number in range(MOST_KEPT)]
    await asking.busy(person, names, MONDAY, MONDAY + DAY)
    await asking.busy(person, ["late@firm.example"], MONDAY, MONDAY + DAY)
    await asking.busy(person, names[:1], MONDAY, MONDAY + DAY)
    assert len(telling.asked) == 3  # the oldest were forgotten, not the newest refused


def account(kind: str, displayname: str = "", **settings: str) -> AccountRow:
    return AccountRow(1, 1, kind, displayname, settings, None, "ok", "", 0, None)


def calendar(remote: str) -> CalendarRow:
    flags = (True, True, True, True, False, False)
    return CalendarRow(1, 1, 1, "google", remote, remote, "", "", *flags, 1, None, None)


@pytest.mark.parametrize(
    ("row", "remote", "found"),
    [
        (account("google", "Ann@Firm.example"), ["ann@firm.example"], {"firm.example"}),
        (account("google", "Work"), ["ann@firm.example", "x@group.calendar.google.com"], {"firm.example"}),
        (account("google", "Work"), ["de.german#holiday@group.v.calendar.google.com"], set()),
        (account("outlook", "Calendar", email="ann@client.example"), ["AAMk@x"], {"client.example"}),
        (account("outlook", "Calendar", mailbox="ann@client.example"), [], {"client.example"}),
        (account("outlook", "Calendar"), [], set()),
    ],
)
def test_domains_of_an_account(row, remote, found):
    assert domains(row, [calendar(one) for one in remote]) == found


async def test_somebody_without_accounts_is_told_of_nobody(db: Database, others):
    asking, _, _ = others
    other = db.write_now(lambda conn: principals.add(conn, name="ben", email="ben@here.example", zone="UTC", created=1))
    assert await asking.busy(other, ["bea@firm.example"], MONDAY, MONDAY + DAY) == {}
