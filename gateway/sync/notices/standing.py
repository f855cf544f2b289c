"""How news of an account come in: by notices, by polling, or not at all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from gateway.config import Settings, is_loopback
from gateway.store import accounts, channels, jobs, mirrors
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.channels import OPEN, ChannelRow, State
from gateway.store.database import Connection
from gateway.sync.context import Sync
from gateway.sync.notices.plan import GRACE, plan

WATCH: Final = "watch"
HOOKS: Final[Mapping[str, str]] = {"google": "/hooks/google", "outlook": "/hooks/microsoft"}
"""Of each kind of account whose provider sends notices, the path they come to."""


class How(StrEnum):
    """PARTLY: notices come of some of its calendars; the others are polled."""

    PUSH = "push"
    PARTLY = "partly"
    POLL = "poll"
    STALE = "stale"
    SIGNED_OUT = "signed-out"


@dataclass(frozen=True, slots=True)
class Standing:
    """every: seconds between two looks, about; where notices come, at the calendars that they come of.

    why: what keeps notices from coming, if we know. others: calendars that none come of, where they come of some.
    others_every: seconds between two looks at those.
    """

    how: How
    every: int
    why: str = ""
    others: int = 0
    others_every: int = 0


def address(settings: Settings, kind: str) -> str | None:
    """Where providers of a kind can reach us, or None: the public URL is none, or notices are turned off."""
    base = urlsplit(settings.server.base_url)
    endpoint = settings.google.api_endpoint if kind == "google" else settings.microsoft.graph_endpoint
    ours, theirs = (is_loopback(host or "") for host in (base.hostname, urlsplit(endpoint).hostname))
    usable = theirs if ours else base.scheme == "https"
    path = HOOKS.get(kind)
    return f"{settings.server.base_url}{path}" if path and usable and settings.sync.push else None


def counting(conn: Connection, account: int) -> list[CalendarRow]:
    """The calendars of an account that are pulled."""
    rows = accounts.account_calendars(conn, account)
    used = mirrors.used(conn, account)
    return [row for row in rows if not row.gone and (row.counts or row.id in used)]


@dataclass(frozen=True, slots=True)
class Told:
    """Calendars that are read. live: their notices are believed, until the time (epoch seconds). rest: the others."""

    live: Collection[int]
    rest: Collection[int]
    until: float


def listening(rows: Sequence[ChannelRow], calendars: Sequence[CalendarRow], where: str | None, now: float) -> Told:
    """where: our address, as of `address`."""
    believed = [row for row in rows if row.state is State.LIVE and row.address == where and row.expires > now]
    counted = {row.id for row in calendars}
    live = counted & {row.calendar_id for row in believed}
    until = min((row.expires for row in believed if row.calendar_id in live), default=0.0)
    return Told(live, counted - live, until)


def interval(settings: Settings, until: float, now: float) -> float:
    """Seconds until the next look at calendars whose notices are believed until then; 0: they are not."""
    poll = float(settings.sync.poll)
    if until <= now:
        return poll
    slow = min(settings.sync.poll_with_push, settings.booking.stale_after / 2)
    return max(poll, min(slow, until - now))


def watch_soon(conn: Connection, user: int, account: int, due: float) -> None:
    """Has its channels looked at by then."""
    jobs.add(conn, WATCH, key_of(account), {"account": account}, due=due, user=user)


def key_of(account: int) -> str:
    return f"account {account}"


@dataclass(frozen=True, slots=True)
class Look:
    """A calendar was read well. wanted: as its row said before. news: it brought changes since the last time."""

    begun: float
    ended: int
    wanted: int
    news: bool


def looked(conn: Connection, sync: Sync, account: int, looks: Mapping[int, Look]) -> None:
    """Writes down the looks at calendars of one account.

    A channel that is open and told of none of its calendar's news since the last look is no more believed.
    """
    if not looks:
        return
    met = [(row, looks[row.calendar_id]) for row in channels.of_account(conn, account) if row.calendar_id in looks]
    met = [(row, look) for row, look in met if row.state in OPEN and look.begun >= row.opened]
    missed = [row for row, look in met if look.news and row.state is not State.MISSED and not _heard(row)]
    # First channels, then calendars, then jobs, as whoever takes a notice does: or PostgreSQL would stop one of them.
    channels.set_looked(conn, {row.key: look.begun for row, look in met})
    for row in missed:
        channels.change(conn, row.key, state=State.MISSED, since=sync.clock())
    accounts.were_read(conn, {calendar: (look.wanted, look.ended) for calendar, look in looks.items()})
    for row in missed:
        watch_soon(conn, row.user_id, row.account_id, sync.clock() + GRACE)


def _heard(row: ChannelRow) -> bool:
    """Whether it told of a change since the last look; there may be none before the first one."""
    return row.looked is None or (row.noticed is not None and row.noticed >= row.looked)


def channels_of(conn: Connection, account: AccountRow) -> list[ChannelRow]:
    return channels.of_account(conn, account.id) if account.kind in HOOKS else []


def want_channels(
    conn: Connection, sync: Sync, account: AccountRow, rows: Sequence[ChannelRow], calendars: Sequence[CalendarRow]
) -> None:
    """Those that are missing are opened soon. rows, calendars: all of the account, and those that are read."""
    now, where = sync.clock(), address(sync.settings, account.kind)
    if plan(rows, calendars, where, now).work:
        waiting = jobs.get(conn, WATCH, key_of(account.id))
        if waiting is None or waiting.attempts == 0:  # one that fails keeps its time
            watch_soon(conn, account.user_id, account.id, now)


def standing(conn: Connection, settings: Settings, account: AccountRow, now: float) -> Standing:
    """What `gateway doctor` and /app say."""
    rows = channels_of(conn, account)
    found = listening(rows, counting(conn, account.id), address(settings, account.kind), now)
    every = int(interval(settings, found.until, now))
    why = next((row.error for row in rows if row.error), "")
    if account.state == "signed-out":
        return Standing(How.SIGNED_OUT, every)
    if account.synced is None or now - account.synced > settings.booking.stale_after:
        return Standing(How.STALE, every, why)
    if found.live and found.rest:
        return Standing(How.PARTLY, every, why, len(found.rest), settings.sync.poll)
    return Standing(How.PUSH if found.live else How.POLL, every, why)
