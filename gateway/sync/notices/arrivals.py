"""Notices that come in: checked against their channel's secret, and turned into pulls of the calendars they name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hmac import compare_digest
from re import compile as pattern
from typing import Final

from gateway.accounts.passwords import digest
from gateway.store import accounts, channels
from gateway.store.channels import OPEN, ChannelRow, State
from gateway.store.database import Connection
from gateway.sync.context import DAY
from gateway.sync.notices.standing import watch_soon
from gateway.sync.pull import pull_soon

NAME: Final = pattern(r"[A-Za-z0-9._~+/=-]{1,128}")
NOBODY: Final = "0" * 64


class What(StrEnum):
    """HELLO: a channel is open. CHANGE: something in its calendar changed. LOST: so may have been, untold.

    RENEW: the provider wants it to be renewed now. REMOVED: the provider has ended it.
    """

    HELLO = "hello"
    CHANGE = "change"
    LOST = "lost"
    RENEW = "renew"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Notice:
    """key: Google's are named by our key, Graph's by the provider's (then `remote`). number: rises; 0: it has none.

    resource: what Google wants back to stop the channel.
    """

    key: str
    secret: str
    what: What
    remote: bool = False
    number: int = 0
    resource: str = ""


def genuine(conn: Connection, notices: Sequence[Notice]) -> list[Notice]:
    """Those that know their channel's secret, by our key."""
    named = [notice for notice in notices if NAME.fullmatch(notice.key) and notice.secret.isascii()]
    rows = {row.remote_id: row for row in channels.named(conn, {notice.key for notice in named if notice.remote})}
    found = []
    for notice in named:
        row = rows.get(notice.key) if notice.remote else channels.get(conn, notice.key)
        # Compared in any case, so that answers come no sooner for channels there are not.
        if compare_digest(digest(notice.secret), NOBODY if row is None else row.digest) and row is not None:
            found.append(replace(notice, key=row.key, remote=False))
    return found


def take(conn: Connection, notices: Iterable[Notice], now: float) -> bool:
    """Whether anything is to be done because of them. Only genuine ones, please."""
    pulls: dict[int, set[int]] = {}
    users: dict[int, int] = {}
    watches: dict[int, int] = {}
    for notice in notices:
        row = channels.get(conn, notice.key)
        if row is None or 0 < notice.number <= row.number:  # ended meanwhile; or what is later told of it already
            continue
        _note(conn, row, notice, now)
        if notice.what is not What.HELLO and row.state is not State.ENDING:
            pulls.setdefault(row.account_id, set()).add(row.calendar_id)
            users[row.account_id] = row.user_id
        if notice.what in {What.RENEW, What.REMOVED} or (row.state is State.ENDING and not row.remote_id):
            watches[row.account_id] = row.user_id
    for account, named in pulls.items():
        current = accounts.get(conn, account)
        if current is not None and current.state == "ok":
            pull_soon(conn, users[account], account, now, named)
        else:  # it is tried again in its own time
            accounts.want(conn, account, named)
    for account, user in watches.items():
        watch_soon(conn, user, account, now)
    return bool(pulls or watches)


def _note(conn: Connection, row: ChannelRow, notice: Notice, now: float) -> None:
    if notice.what is What.REMOVED:
        channels.remove(conn, row.key)
        return
    values: dict[str, object] = {"noticed": now, "number": max(notice.number, row.number)}
    if notice.what is What.RENEW:
        values["renew"] = now
    if not row.remote_id:  # the answer to its opening has not come yet, or never will
        values |= {"remote_id": row.key, "resource": notice.resource, "expires": now + 7 * DAY}
    believed = {What.HELLO: {State.NEW}, What.CHANGE: OPEN}.get(notice.what, set())
    if row.state in believed and row.state is not State.LIVE:
        values |= {"state": State.LIVE, "since": now}
    channels.change(conn, row.key, **values)
