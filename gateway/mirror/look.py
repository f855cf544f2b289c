"""What a mirror has to do at the moment, from the index alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.errors import GatewayError
from gateway.freebusy.busy import busy_of
from gateway.freebusy.merge import Busy
from gateway.mirror.plan import Change, Held, plan, wanted
from gateway.mirror.text import read_block, word
from gateway.store import accounts, mirrors, principals
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.store.mirrors import BlockRow, MirrorRow
from gateway.store.objects import ObjectRow
from gateway.store.principals import Principal

# Outlook shows colleagues that somebody is out of office. Google's events of that kind decline meetings by themselves,
# and mail whoever invited.
WITHOUT_AWAY = frozenset({"google"})


@dataclass(frozen=True, slots=True)
class View:
    """summary: of its blocks. rows: the blocks that are there. unsent: those whose making was broken off.

    forget: UIDs of blocks that somebody took away and nobody would put back. ending: all blocks go, and the mirror
    with them: it was turned off, or has nothing left to show.
    """

    mirror: MirrorRow
    target: CalendarRow
    account: AccountRow
    summary: str
    rows: Mapping[int, ObjectRow]
    unsent: tuple[ObjectRow, ...]
    changes: tuple[Change, ...]
    forget: tuple[str, ...]
    zone: str
    ending: bool


def look(conn: Connection, key: int, now: int) -> View | None:
    """None: there is no such mirror any more."""
    mirror = mirrors.get(conn, key)
    target = None if mirror is None else accounts.calendar(conn, mirror.target_id)
    account = None if target is None else accounts.get(conn, target.account_id)
    if mirror is None or target is None or account is None:
        return None
    person = principals.by_id(conn, mirror.user_id)
    summary = mirror.summary or word(person.locale)
    used = mirrors.sources(conn, key)
    ending = mirror.ending or not used
    found = mirrors.held(conn, person.id, mirror.mark)
    # One in another calendar was moved there by hand, or is the same one seen through another account.
    every = [row for row in found if ending or row.calendar_id == target.id]
    unsent = tuple(row for row in every if row.dirty and row.remote_etag is None)
    rows = {row.id: row for row in every if row not in unsent}
    told = mirrors.told(conn, key)
    held = [as_held(row, told.get(row.uid), summary) for row in rows.values()]
    there = {row.uid for row in every}
    lost = [block for block in told.values() if block.uid not in there]
    should = [] if ending else should_be(conn, mirror, used, target, person, now)
    changes = plan(should, held, {(block.start, block.end) for block in lost})
    awaited = {(one[0], one[1]) for one in should}
    over = {block.uid: block for block in lost if (block.start, block.end) not in awaited}
    stale = [row for row in _beside(conn, found, target) if row.uid in over and _is_at(row, over[row.uid])]
    changes = [*(Change(row.id, None) for row in stale), *changes]
    forget = tuple(over.keys() - {row.uid for row in stale})
    rows |= {row.id: row for row in stale}
    return View(mirror, target, account, summary, rows, unsent, tuple(changes), forget, person.zone, ending)


def _beside(conn: Connection, found: Sequence[ObjectRow], target: CalendarRow) -> list[ObjectRow]:
    """Blocks that somebody moved to another calendar of the same account."""
    others = {one.id for one in accounts.account_calendars(conn, target.account_id)} - {target.id}
    return [row for row in found if row.calendar_id in others]


def _is_at(row: ObjectRow, told: BlockRow) -> bool:
    """Whether a block says the time that it was told, though it was moved elsewhere."""
    return as_held(row, told, told.summary).busy[:2] == (told.start, told.end)


def should_be(
    conn: Connection, mirror: MirrorRow, used: Sequence[int], target: CalendarRow, person: Principal, now: int
) -> list[Busy]:
    start, end = window(now, mirror.days, person.zone)
    rows = {row.id: row for row in accounts.calendars(conn, person.id)}
    sources = {key: rows[key].tentative_busy for key in used if key in rows}
    return wanted(
        busy_of(conn, person, sources, start, end),
        busy_of(conn, person, {target.id: True}, start, end),
        start,
        end,
        away=target.kind not in WITHOUT_AWAY,
    )


def window(now: int, days: int, zone: str) -> tuple[int, int]:
    """From the beginning of yesterday, on the owner's clocks."""
    today = datetime.fromtimestamp(now, ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((today - timedelta(days=1)).timestamp()), int((today + timedelta(days=days + 1)).timestamp())


def next_day(now: int, zone: str) -> int:
    """When the window moves on."""
    today = datetime.fromtimestamp(now, ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((today + timedelta(days=1)).timestamp())


def as_held(row: ObjectRow, told: BlockRow | None, summary: str) -> Held:
    """A text that came of what we told says that, however a provider spells it; another one is read."""
    if told is not None and told.etag == row.etag:
        return Held(row.id, (told.start, told.end, told.fbtype), told.summary == summary)
    try:
        said = read_block(row.text)
    except GatewayError:
        return Held(row.id, (0, 0, 0), right=False)
    return Held(row.id, said.busy, said.summary == summary and said.private)
