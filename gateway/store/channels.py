"""Channels by which providers tell of changes: rows, no calls."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from gateway.store.schema import CALENDARS, CHANNELS


class State(StrEnum):
    """OPENING: asked for; the provider's answer is not known. NEW: open, but nothing has come through it yet.

    LIVE: believed. MISSED: a pull found what no notice had told of. PROBATION: open in place of such a one, and not
    believed before it has told of a change. ENDING: to be stopped at the provider. REFUSED: there is none, and none is
    asked for before `renew`.
    """

    OPENING = "opening"
    NEW = "new"
    LIVE = "live"
    MISSED = "missed"
    PROBATION = "probation"
    ENDING = "ending"
    REFUSED = "refused"


OPEN: Final = frozenset({State.NEW, State.LIVE, State.MISSED, State.PROBATION})


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """key: ours. remote_id, resource: the provider's, "" before they are known. digest: of the secret.

    Epoch seconds: opened; since: when it came into its state; renew: when to renew it, or to ask again; expires;
    noticed: the last notice; looked: when the last pull began that ended well, if the channel was there by then.
    number: of Google's latest message.
    """

    key: str
    user_id: int
    account_id: int
    calendar_id: int
    state: State
    address: str
    digest: str
    opened: float
    since: float
    renew: float
    expires: float
    remote_id: str = ""
    resource: str = ""
    error: str = ""
    noticed: float | None = None
    looked: float | None = None
    number: int = 0


_ROW: Final = select(*(CHANNELS.c[field] for field in ChannelRow.__dataclass_fields__))
_OF_ACCOUNT: Final = _ROW.where(CHANNELS.c.account_id == bindparam("account")).order_by(
    CHANNELS.c.opened, CHANNELS.c.key
)
_STATE: Final = [*ChannelRow.__dataclass_fields__].index("state")
_LOOKED: Final = update(CHANNELS).where(CHANNELS.c.key == bindparam("key_")).values(looked=bindparam("at"))


def _read(row: Any) -> ChannelRow:
    values = list(row)
    values[_STATE] = State(values[_STATE])
    return ChannelRow(*values)


def add(conn: Connection, row: ChannelRow) -> None:
    conn.execute(insert(CHANNELS).values(asdict(row)))


def get(conn: Connection, key: str) -> ChannelRow | None:
    row = conn.execute(_ROW.where(CHANNELS.c.key == key)).first()
    return None if row is None else _read(row)


def named(conn: Connection, remote_ids: Collection[str]) -> list[ChannelRow]:
    """Those that the provider knows by these names."""
    return [_read(row) for row in conn.execute(_ROW.where(CHANNELS.c.remote_id.in_([*remote_ids])))]


def opening(conn: Connection, besides: int) -> list[str]:
    """Calendars (the provider's ids) of all other accounts of which one is being opened at this moment."""
    unanswered = (CHANNELS.c.state == State.OPENING) & (CHANNELS.c.remote_id == "")
    query = select(CALENDARS.c.remote_id).join(CHANNELS, CHANNELS.c.calendar_id == CALENDARS.c.id)
    return list(conn.execute(query.where(unanswered, CHANNELS.c.account_id != besides)).scalars())


def of_account(conn: Connection, account: int) -> list[ChannelRow]:
    """Oldest first."""
    return [_read(row) for row in conn.execute(_OF_ACCOUNT, {"account": account})]


def change(conn: Connection, key: str, /, **values: object) -> bool:
    """Whether it is there still."""
    return conn.execute(update(CHANNELS).where(CHANNELS.c.key == key).values(values)).rowcount > 0


def set_looked(conn: Connection, times: Mapping[str, float]) -> None:
    """times: by key."""
    if times:
        conn.execute(_LOOKED, [{"key_": key, "at": at} for key, at in times.items()])


def remove(conn: Connection, key: str) -> None:
    conn.execute(delete(CHANNELS).where(CHANNELS.c.key == key))


def ask_again(conn: Connection, now: float) -> None:
    """Whoever refused for a reason that may have been mended is asked again now."""
    mended = (CHANNELS.c.state == State.REFUSED) & (CHANNELS.c.error != "")
    conn.execute(update(CHANNELS).where(mended).values(renew=now))
