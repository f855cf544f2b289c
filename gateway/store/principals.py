"""People, teams, addresses, and what they sign in with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, literal_column, or_, select, update

from gateway.store import collections
from gateway.store.collections import MERGED
from gateway.store.schema import ADDRESSES, APP_PASSWORDS, COLLECTIONS, MEMBERSHIPS, PRINCIPALS

OUTSIDE: Final = "OUTSIDE"


@dataclass(frozen=True, slots=True)
class Principal:
    """kind: INDIVIDUAL, GROUP, ROOM, RESOURCE, or OUTSIDE. zone: IANA name.

    merged: id of the collection that is their merged calendar, 0 for a team; rev, floor: of that collection.
    """

    id: int
    name: str
    kind: str
    displayname: str
    email: str
    zone: str
    locale: str
    is_admin: bool = False
    freebusy_published: bool = False
    freebusy_token: str | None = None
    merged: int = 0
    rev: int = 0
    floor: int = 0

    @property
    def is_team(self) -> bool:
        return self.kind == "GROUP"

    @property
    def is_room(self) -> bool:
        """Or another thing that can be booked, and answers by itself."""
        return self.kind in {"ROOM", "RESOURCE"}

    @property
    def is_outside(self) -> bool:
        """Without an account here: their busy time is read elsewhere, they cannot sign in, and hear by mail."""
        return self.kind == OUTSIDE

    @property
    def signs_in(self) -> bool:
        return not (self.is_team or self.is_outside)

    @property
    def cutype(self) -> str:
        """RFC 5545 3.2.3."""
        return "INDIVIDUAL" if self.is_outside else self.kind

    @property
    def calendar(self) -> collections.Collection:
        """Their merged calendar."""
        return collections.Collection(self.merged, self.id, MERGED, MERGED, rev=self.rev, floor=self.floor)


@dataclass(frozen=True, slots=True)
class AppPassword:
    id: int
    label: str
    created: int
    last_used: int | None


_MERGED: Final = COLLECTIONS.alias("merged")
_COLUMNS: Final = (
    *(PRINCIPALS.c[field] for field in Principal.__dataclass_fields__ if field in PRINCIPALS.c),
    *(func.coalesce(_MERGED.c[field], literal_column("0")) for field in ("id", "rev", "floor")),
)
_PRINCIPAL: Final = select(*_COLUMNS).select_from(
    PRINCIPALS.outerjoin(_MERGED, and_(_MERGED.c.user_id == PRINCIPALS.c.id, _MERGED.c.name == MERGED))
)
_BY_NAME: Final = _PRINCIPAL.where(PRINCIPALS.c.name == bindparam("name"))
_BY_ID: Final = _PRINCIPAL.where(PRINCIPALS.c.id == bindparam("id"))
_BY_ADDRESS: Final = _PRINCIPAL.join(ADDRESSES, ADDRESSES.c.user_id == PRINCIPALS.c.id).where(
    ADDRESSES.c.address == bindparam("address")
)
_OF_IDS: Final = _PRINCIPAL.where(PRINCIPALS.c.id.in_(bindparam("ids", expanding=True))).order_by(PRINCIPALS.c.name)
_MEMBERS: Final = (
    _PRINCIPAL.join(MEMBERSHIPS, MEMBERSHIPS.c.user_id == PRINCIPALS.c.id)
    .where(MEMBERSHIPS.c.team_id == bindparam("team"))
    .order_by(PRINCIPALS.c.name)
)
_SCOPE: Final = (
    select(PRINCIPALS.c.zone, ADDRESSES.c.address)
    .join(ADDRESSES, ADDRESSES.c.user_id == PRINCIPALS.c.id, isouter=True)
    .where(PRINCIPALS.c.id == bindparam("id"))
)


def _principal(row: Any | None) -> Principal | None:
    return None if row is None else Principal(*row)


def add(conn: Connection, *, name: str, email: str, zone: str, created: int, **more: object) -> int:
    """more: other columns of the table. Its address is registered too, unless it lies outside; a person gets a merged
    calendar and an inbox.

    Raises: sqlalchemy's IntegrityError is never seen: ask `by_name` and `by_address` first, in the same transaction.
    """
    values = {
        "name": name,
        "email": email,
        "zone": zone,
        "created": created,
        "kind": "INDIVIDUAL",
        "displayname": name,
        **more,
    }
    [key] = conn.execute(insert(PRINCIPALS).values(values)).inserted_primary_key or (0,)
    if values["kind"] != OUTSIDE:
        add_address(conn, int(key), email)
    if values["kind"] != "GROUP":
        collections.begin(conn, int(key))
    return int(key)


def change(conn: Connection, principal: int, values: Mapping[str, object]) -> None:
    conn.execute(update(PRINCIPALS).where(PRINCIPALS.c.id == principal).values(dict(values)))


def by_name(conn: Connection, name: str) -> Principal | None:
    return _principal(conn.execute(_BY_NAME, {"name": name}).first())


def by_id(conn: Connection, key: int) -> Principal:
    return Principal(*conn.execute(_BY_ID, {"id": key}).one())


def by_address(conn: Connection, address: str) -> Principal | None:
    """address: with or without mailto:, any case."""
    return _principal(conn.execute(_BY_ADDRESS, {"address": address.lower().removeprefix("mailto:")}).first())


def outsider(conn: Connection, address: str) -> Principal | None:
    """Somebody outside; address: with or without mailto:, any case."""
    plain = address.lower().removeprefix("mailto:")
    return _principal(conn.execute(_PRINCIPAL.where(PRINCIPALS.c.email == plain, PRINCIPALS.c.kind == OUTSIDE)).first())


def everybody(conn: Connection, *, kind: str | None = None) -> list[Principal]:
    query = _PRINCIPAL.order_by(PRINCIPALS.c.name)
    if kind is not None:
        query = query.where(PRINCIPALS.c.kind == kind)
    return [Principal(*row) for row in conn.execute(query)]


def of_ids(conn: Connection, keys: Collection[int]) -> list[Principal]:
    """In order of their names."""
    return [Principal(*row) for row in conn.execute(_OF_IDS, {"ids": list(keys)})] if keys else []


def search(conn: Connection, text: str, *, among: Sequence[int] | None = None, limit: int = 50) -> list[Principal]:
    """Whose name or an address contains `text`, ignoring case. among: only these ids."""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    matching = select(ADDRESSES.c.user_id).where(ADDRESSES.c.address.ilike(pattern, escape="\\"))
    query = (
        _PRINCIPAL.where(
            or_(
                PRINCIPALS.c.displayname.ilike(pattern, escape="\\"),
                PRINCIPALS.c.name.ilike(pattern, escape="\\"),
                PRINCIPALS.c.id.in_(matching),
            )
        )
        .order_by(PRINCIPALS.c.name)
        .limit(limit)
    )
    if among is not None:
        query = query.where(PRINCIPALS.c.id.in_(list(among)))
    return [Principal(*row) for row in conn.execute(query)]


def addresses(conn: Connection, principal: int) -> frozenset[str]:
    return frozenset(conn.execute(select(ADDRESSES.c.address).where(ADDRESSES.c.user_id == principal)).scalars())


def scope(conn: Connection, principal: int) -> tuple[str, frozenset[str]]:
    """(zone, addresses) in one statement: what decides how their objects are indexed."""
    rows = conn.execute(_SCOPE, {"id": principal}).all()
    return rows[0].zone, frozenset(row.address for row in rows if row.address is not None)


def add_address(conn: Connection, principal: int, address: str) -> bool:
    """False if somebody else has it already; theirs it stays."""
    plain = address.lower().removeprefix("mailto:")
    owner = conn.execute(select(ADDRESSES.c.user_id).where(ADDRESSES.c.address == plain)).scalar()
    if owner is None:
        conn.execute(insert(ADDRESSES).values(address=plain, user_id=principal))
    return owner in {None, principal}


def teams_of(conn: Connection, principal: int) -> list[Principal]:
    query = _PRINCIPAL.join(MEMBERSHIPS, MEMBERSHIPS.c.team_id == PRINCIPALS.c.id)
    return [
        Principal(*row)
        for row in conn.execute(query.where(MEMBERSHIPS.c.user_id == principal).order_by(PRINCIPALS.c.name))
    ]


def members_of(conn: Connection, team: int) -> list[Principal]:
    return [Principal(*row) for row in conn.execute(_MEMBERS, {"team": team})]


def led_by(conn: Connection, principal: int) -> list[Principal]:
    """The teams that they may change."""
    query = _PRINCIPAL.join(MEMBERSHIPS, MEMBERSHIPS.c.team_id == PRINCIPALS.c.id)
    mine = query.where(MEMBERSHIPS.c.user_id == principal, MEMBERSHIPS.c.role == "admin")
    return [Principal(*row) for row in conn.execute(mine.order_by(PRINCIPALS.c.name))]


def join_team(conn: Connection, team: int, principal: int) -> None:
    known = select(MEMBERSHIPS.c.role).where(MEMBERSHIPS.c.team_id == team, MEMBERSHIPS.c.user_id == principal)
    if conn.execute(known).first() is None:
        conn.execute(insert(MEMBERSHIPS).values(team_id=team, user_id=principal))


def colleagues(conn: Connection, principal: int) -> frozenset[int]:
    """Ids of everybody who shares a team with them, and of those teams; without themselves."""
    teams = select(MEMBERSHIPS.c.team_id).where(MEMBERSHIPS.c.user_id == principal)
    rows = conn.execute(select(MEMBERSHIPS.c.user_id, MEMBERSHIPS.c.team_id).where(MEMBERSHIPS.c.team_id.in_(teams)))
    return frozenset(key for row in rows for key in row) - {principal}


def password(conn: Connection, name: str) -> tuple[int, str | None] | None:
    """(id, argon2id hash) of an individual."""
    query = select(PRINCIPALS.c.id, PRINCIPALS.c.password).where(
        PRINCIPALS.c.name == name, PRINCIPALS.c.kind == "INDIVIDUAL"
    )
    row = conn.execute(query).first()
    return None if row is None else (row.id, row.password)


def add_app_password(conn: Connection, principal: int, label: str, digest: str, now: int) -> None:
    conn.execute(insert(APP_PASSWORDS).values(user_id=principal, label=label, digest=digest, created=now))


def app_passwords(conn: Connection, principal: int) -> list[AppPassword]:
    query = select(APP_PASSWORDS.c.id, APP_PASSWORDS.c.label, APP_PASSWORDS.c.created, APP_PASSWORDS.c.last_used)
    rows = conn.execute(query.where(APP_PASSWORDS.c.user_id == principal).order_by(APP_PASSWORDS.c.id))
    return [AppPassword(*row) for row in rows]


def app_password(conn: Connection, principal: int, digest: str) -> int | None:
    """Its id, if it is one of theirs."""
    query = select(APP_PASSWORDS.c.id).where(APP_PASSWORDS.c.user_id == principal, APP_PASSWORDS.c.digest == digest)
    return conn.execute(query).scalar()


def used_app_password(conn: Connection, key: int, now: int) -> None:
    conn.execute(update(APP_PASSWORDS).where(APP_PASSWORDS.c.id == key).values(last_used=now))


def revoke_app_password(conn: Connection, principal: int, key: int) -> bool:
    mine = delete(APP_PASSWORDS).where(APP_PASSWORDS.c.id == key, APP_PASSWORDS.c.user_id == principal)
    return conn.execute(mine).rowcount > 0
