"""Working hours by name: rows, no rules. One of a person's is the standard one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from gateway.store.locks import lock_people
from gateway.store.schema import SCHEDULES

MOST: Final = 20  # of one person


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """availability: VAVAILABILITY. holidays: as gateway.freebusy.schedules has them. name "": not named yet."""

    id: int
    user_id: int
    name: str
    availability: str
    standard: bool
    holidays: Mapping[str, Any] = field(hash=False)


_SCHEDULE: Final = select(*(SCHEDULES.c[name] for name in ScheduleRow.__dataclass_fields__))
_STANDARD: Final = _SCHEDULE.where(SCHEDULES.c.user_id == bindparam("user"), SCHEDULES.c.standard)
_CHOSEN: Final = _SCHEDULE.where(
    SCHEDULES.c.user_id.in_(bindparam("users", expanding=True)),
    or_(SCHEDULES.c.standard, SCHEDULES.c.id == bindparam("key")),
)


def of_user(conn: Connection, user: int) -> list[ScheduleRow]:
    """The standard one first."""
    query = _SCHEDULE.where(SCHEDULES.c.user_id == user).order_by(SCHEDULES.c.standard.desc(), SCHEDULES.c.id)
    return [ScheduleRow(*row) for row in conn.execute(query)]


def get(conn: Connection, user: int, key: int) -> ScheduleRow | None:
    """One of that person's own."""
    row = conn.execute(_SCHEDULE.where(SCHEDULES.c.user_id == user, SCHEDULES.c.id == key)).first()
    return None if row is None else ScheduleRow(*row)


def standard(conn: Connection, user: int) -> ScheduleRow | None:
    row = conn.execute(_STANDARD, {"user": user}).first()
    return None if row is None else ScheduleRow(*row)


def chosen(conn: Connection, users: Collection[int], key: int | None) -> dict[int, ScheduleRow]:
    """Of each person who has one: that one, if it is theirs, else the standard one."""
    found: dict[int, ScheduleRow] = {}
    for row in starmap(ScheduleRow, conn.execute(_CHOSEN, {"users": list(users), "key": key})):
        if row.id == key or row.user_id not in found:
            found[row.user_id] = row
    return found


def availability(conn: Connection, user: int) -> str | None:
    """The person's standard working hours as VAVAILABILITY, None: none set."""
    row = standard(conn, user)
    return None if row is None else row.availability


def set_availability(conn: Connection, user: int, text: str, name: str = "") -> None:
    """Of the standard ones, which are made where there are none."""
    lock_people(conn, user)
    row = standard(conn, user)
    if row is None:
        add(conn, user, name, text)
    else:
        change(conn, row.id, availability=text)


def drop_availability(conn: Connection, user: int) -> None:
    """No standard working hours any more."""
    conn.execute(delete(SCHEDULES).where(SCHEDULES.c.user_id == user, SCHEDULES.c.standard))


def count(conn: Connection, user: int) -> int:
    return int(conn.execute(select(func.count()).where(SCHEDULES.c.user_id == user)).scalar_one())


def add(conn: Connection, user: int, name: str, text: str, holidays: Mapping[str, Any] | None = None) -> int:
    """The standard ones, if there are none."""
    lock_people(conn, user)
    values = {
        "user_id": user,
        "name": name,
        "availability": text,
        "standard": standard(conn, user) is None,
        "holidays": dict(holidays or {}),
    }
    [key] = conn.execute(insert(SCHEDULES).values(values)).inserted_primary_key or (0,)
    return int(key)


def change(conn: Connection, key: int, **values: object) -> None:
    conn.execute(update(SCHEDULES).where(SCHEDULES.c.id == key).values(values))


def make_standard(conn: Connection, user: int, key: int) -> None:
    lock_people(conn, user)
    conn.execute(update(SCHEDULES).where(SCHEDULES.c.user_id == user).values(standard=SCHEDULES.c.id == key))


def remove(conn: Connection, user: int, key: int) -> None:
    conn.execute(delete(SCHEDULES).where(SCHEDULES.c.user_id == user, SCHEDULES.c.id == key))
