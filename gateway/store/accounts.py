"""Accounts at providers and their calendars: rows, no calls."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, exists, func, insert, select, update

from gateway.model import RemoteCalendar
from gateway.store import service_keys
from gateway.store.schema import ACCOUNTS, BUDGETS, CALENDARS, PLACES, SERVICE_KEYS

LEAVING: Final = "leaving"
HIDDEN: Final = "inbox"
"""Kind of the account that a person's inbox is kept at; nothing here ever tells of it or of its calendar."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """state: ok, failing (error says why), signed-out (only its owner can mend it), leaving (its owner has parted with
    it; it stays until nothing of ours is left there).

    secret: sealed; of a service account the key that it shares with others.
    trouble: the kind of error, for words in the owner's language: "" (none, or single objects), signed-out,
        too-little, unreachable, refused.
    """

    id: int
    user_id: int
    kind: str
    displayname: str
    settings: Mapping[str, str]
    secret: bytes | None
    state: str
    error: str
    failures: int
    synced: int | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """remote_id: the provider's. token: the provider's sync token. kind: of its account.

    page: where a reading that was broken off goes on. arrived: objects that a reading of the whole calendar has brought
    so far; None where none is under way. wanted: reasons to read it that came since it was read. error: what was wrong
    the last time. account: what its account is called. alike: another calendar of theirs has the same name.
    separate: it is also shown as a calendar of its own. schedules: its server invites people by itself.
    """

    id: int
    user_id: int
    account_id: int
    kind: str
    remote_id: str
    displayname: str
    color: str
    zone: str
    writable: bool
    merged: bool
    busy: bool
    tentative_busy: bool
    destination: bool
    gone: bool
    position: int
    token: str | None
    synced: int | None
    page: str | None = None
    arrived: int | None = None
    wanted: int = 0
    error: str = ""
    account: str = ""
    alike: bool = False
    separate: bool = False
    schedules: bool = False

    @property
    def title(self) -> str:
        """Its name, with its account's where the name alone could mean another one."""
        return f"{self.displayname} ({self.account})" if self.alike and self.account else self.displayname

    @property
    def counts(self) -> bool:
        """For something that its owner chose; one that counts for nothing is not pulled."""
        return self.merged or self.busy or self.separate


_ACCOUNT: Final = (
    select(
        *(
            func.coalesce(ACCOUNTS.c.secret, SERVICE_KEYS.c.secret) if field == "secret" else ACCOUNTS.c[field]
            for field in AccountRow.__dataclass_fields__
        )
    )
    .join_from(ACCOUNTS, SERVICE_KEYS, isouter=True)
    .where(ACCOUNTS.c.kind != HIDDEN)
)
_OTHER: Final = CALENDARS.alias()
_NOT_ITS_OWN: Final[Mapping[str, ColumnElement[Any]]] = {
    "kind": ACCOUNTS.c.kind,
    "account": ACCOUNTS.c.displayname,
    "alike": exists().where(
        _OTHER.c.user_id == CALENDARS.c.user_id,
        _OTHER.c.id != CALENDARS.c.id,
        _OTHER.c.displayname == CALENDARS.c.displayname,
        _OTHER.c.gone.is_(False),
    ),
}
_CALENDAR: Final = (
    select(
        *(
            _NOT_ITS_OWN[field] if field in _NOT_ITS_OWN else CALENDARS.c[field]
            for field in CalendarRow.__dataclass_fields__
        )
    )
    .join(ACCOUNTS, ACCOUNTS.c.id == CALENDARS.c.account_id)
    .where(ACCOUNTS.c.kind != HIDDEN)
)
_ACCOUNT_BY_ID: Final = _ACCOUNT.where(ACCOUNTS.c.id == bindparam("id"))
_ACCOUNTS_OF: Final = _ACCOUNT.where(ACCOUNTS.c.user_id == bindparam("user")).order_by(ACCOUNTS.c.id)
_OF_ACCOUNT: Final = _CALENDAR.where(CALENDARS.c.account_id == bindparam("account")).order_by(
    CALENDARS.c.position, CALENDARS.c.id
)
_OF_USER: Final = _CALENDAR.where(CALENDARS.c.user_id == bindparam("user")).order_by(
    CALENDARS.c.position, CALENDARS.c.id
)
_BY_ID: Final = _CALENDAR.where(CALENDARS.c.id == bindparam("id"))
_UNREAD: Final = (
    select(CALENDARS.c.user_id, CALENDARS.c.displayname)
    .join(ACCOUNTS, ACCOUNTS.c.id == CALENDARS.c.account_id)
    .where(
        CALENDARS.c.user_id.in_(bindparam("users", expanding=True)),
        CALENDARS.c.gone.is_(False),
        ACCOUNTS.c.kind.not_in([HIDDEN, "local"]),
        func.coalesce(func.nullif(CALENDARS.c.synced, 0), ACCOUNTS.c.synced, 0) < bindparam("since"),
    )
    .order_by(CALENDARS.c.position, CALENDARS.c.id)
)
_UNREAD_BUSY: Final = _UNREAD.where(CALENDARS.c.busy)
_UNREAD_OF: Final = _UNREAD.where(CALENDARS.c.id.in_(bindparam("only", expanding=True)))
_READ: Final = (
    update(CALENDARS)
    .where(CALENDARS.c.id == bindparam("key_"))
    .values(synced=bindparam("at"), wanted=case((CALENDARS.c.wanted == bindparam("seen"), 0), else_=CALENDARS.c.wanted))
)
_WANT_ALL: Final = (
    update(CALENDARS).where(CALENDARS.c.account_id == bindparam("account")).values(wanted=CALENDARS.c.wanted + 1)
)


def add(
    conn: Connection,
    user: int,
    kind: str,
    displayname: str,
    settings: Mapping[str, str],
    secret: bytes | None,
    now: int,
) -> int:
    values = {
        "user_id": user,
        "kind": kind,
        "displayname": displayname,
        "settings": dict(settings),
        "secret": secret,
        "created": now,
    }
    [key] = conn.execute(insert(ACCOUNTS).values(values)).inserted_primary_key or (0,)
    return int(key)


def get(conn: Connection, key: int) -> AccountRow | None:
    row = conn.execute(_ACCOUNT_BY_ID, {"id": key}).first()
    return None if row is None else AccountRow(*row)


def lock(conn: Connection, key: int) -> None:
    """Whoever locks it too waits until this transaction ends."""
    conn.execute(select(ACCOUNTS.c.id).where(ACCOUNTS.c.id == key).with_for_update())


def of_user(conn: Connection, user: int) -> list[AccountRow]:
    return [AccountRow(*row) for row in conn.execute(_ACCOUNTS_OF, {"user": user})]


def everyone(conn: Connection) -> list[AccountRow]:
    return [AccountRow(*row) for row in conn.execute(_ACCOUNT.order_by(ACCOUNTS.c.id))]


def change(conn: Connection, key: int, **values: object) -> None:
    conn.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == key).values(values))


def remove(conn: Connection, key: int) -> None:
    """With its calendars and their objects. Callers refresh the members of the UIDs they held."""
    for table in (BUDGETS, PLACES):  # not tied to it, as requests still under way write them
        conn.execute(delete(table).where(table.c.account_id == key))
    conn.execute(delete(ACCOUNTS).where(ACCOUNTS.c.id == key))
    service_keys.drop_unused(conn)


def calendars(conn: Connection, user: int) -> list[CalendarRow]:
    """In their owner's order, those that are gone left out."""
    return [row for row in map(_calendar_row, conn.execute(_OF_USER, {"user": user})) if not row.gone]


def unread(
    conn: Connection, users: Collection[int], since: int, only: Collection[int] | None = None
) -> list[tuple[int, str]]:
    """(owner, name) of calendars that count as busy and were last read before `since`; in their owners' order.

    One that was never read by itself was read when its account was. only: those that count instead; None: the usual.
    """
    given: dict[str, object] = {"users": list(users), "since": since}
    query = _UNREAD_BUSY if only is None else _UNREAD_OF
    rows = conn.execute(query, given if only is None else {**given, "only": list(only)})
    return [(user, name) for user, name in rows]


def _calendar_row(row: Any) -> CalendarRow:
    return CalendarRow(*row)


def calendar(conn: Connection, key: int) -> CalendarRow | None:
    row = conn.execute(_BY_ID, {"id": key}).first()
    return None if row is None else CalendarRow(*row)


def account_calendars(conn: Connection, account: int) -> list[CalendarRow]:
    return [CalendarRow(*row) for row in conn.execute(_OF_ACCOUNT, {"account": account})]


def add_calendar(conn: Connection, user: int, account: int, remote: RemoteCalendar) -> int:
    """Takes the defaults the provider's description brings; the first writable primary becomes the destination."""
    has_destination = any(row.destination for row in calendars(conn, user))
    last = conn.execute(select(func.max(CALENDARS.c.position)).where(CALENDARS.c.user_id == user)).scalar()
    values = {
        "user_id": user,
        "account_id": account,
        "remote_id": remote.id,
        "displayname": remote.displayname,
        "color": remote.color,
        "zone": remote.zone,
        "writable": remote.writable,
        "merged": remote.merged,
        "busy": remote.busy,
        "schedules": remote.schedules,
        "destination": remote.primary and remote.writable and not has_destination,
        "position": (last or 0) + 1,
    }
    [key] = conn.execute(insert(CALENDARS).values(values)).inserted_primary_key or (0,)
    return int(key)


def remove_calendar(conn: Connection, key: int) -> None:
    """With its objects. Callers refresh the members of the UIDs it held."""
    conn.execute(delete(CALENDARS).where(CALENDARS.c.id == key))


def change_calendar(conn: Connection, key: int, /, **values: object) -> None:
    """Only the row. Turning `merged` on or off also needs members.refresh_calendar, see gateway.sync.calendars."""
    conn.execute(update(CALENDARS).where(CALENDARS.c.id == key).values(values))


def want(conn: Connection, account: int, calendars: Collection[int] | None = None) -> None:
    """These calendars are to be read, whatever their time. None: all of the account."""
    mine = CALENDARS.c.account_id == account
    chosen = mine if calendars is None else mine & CALENDARS.c.id.in_([*calendars])
    conn.execute(update(CALENDARS).where(chosen).values(wanted=CALENDARS.c.wanted + 1))


def want_all(conn: Connection, keys: Collection[int]) -> None:
    """All calendars of these accounts are to be read, whatever their time."""
    if keys:
        conn.execute(_WANT_ALL, [{"account": key} for key in sorted(keys)])


def were_read(conn: Connection, read: Mapping[int, tuple[int, int]]) -> None:
    """read: of each calendar, what was wanted of it before, and when it was read.

    What was wanted of it is done; unless it was wanted once more since.
    """
    if read:
        conn.execute(_READ, [{"key_": key, "seen": seen, "at": at} for key, (seen, at) in read.items()])


def was_refused(conn: Connection, row: CalendarRow, error: str) -> None:
    """What was wanted of it is done as well; unless it was wanted once more since it was as in this row."""
    wanted = case((CALENDARS.c.wanted == row.wanted, 0), else_=CALENDARS.c.wanted)
    change_calendar(conn, row.id, wanted=wanted, error=error)


def set_destination(conn: Connection, user: int, key: int) -> None:
    conn.execute(update(CALENDARS).where(CALENDARS.c.user_id == user).values(destination=CALENDARS.c.id == key))
