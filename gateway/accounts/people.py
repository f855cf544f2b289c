"""Makes people and teams, with names that never collide with a path of ours."""

import re
from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from gateway.errors import UsageError
from gateway.model import RemoteCalendar
from gateway.store import accounts, principals
from gateway.store.database import Connection

# First segments of the URLs that outsiders rely on, and what browsers ask for by themselves.
RESERVED: Final = frozenset(
    {
        *(
            ".well-known",
            "principals",
            "dav",
            "freebusy",
            "feeds",
            "team",
            "booking",
            "app",
            "api",
            "hooks",
            "oauth",
            "link",
        ),
        *("tz", "healthz", "readyz", "metrics", "demo", "static", "admin", "login", "logout"),
        *("robots.txt", "favicon.ico", "sitemap.xml", "security.txt", "apple-touch-icon.png", "manifest.json"),
    }
)
NAME: Final = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?")
ADDRESS: Final = re.compile(r"[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]+@[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]+")
LOCAL_CALENDAR: Final = {"de": "Privat", "en": "Personal", "es": "Personal", "fr": "Personnel"}


def check_name(conn: Connection, name: str) -> None:
    """Raises: UsageError."""
    if not NAME.fullmatch(name) or ".." in name:
        raise UsageError(
            f"{name!r} cannot be a name: use up to 64 small letters, digits, dots, dashes and underscores,"
            " with a letter or digit at both ends"
        )
    if name in RESERVED:
        raise UsageError(f"{name!r} is the name of a page; choose another one")
    if principals.by_name(conn, name) is not None:
        raise UsageError(f"{name!r} is taken")


def is_free(conn: Connection, name: str) -> bool:
    """Whether somebody new can be called so."""
    try:
        check_name(conn, name)
    except UsageError:
        return False
    return True


def check_address(conn: Connection, address: str) -> str:
    """In lower case. Raises: UsageError."""
    plain = address.strip().lower().removeprefix("mailto:")
    if len(plain) > 254 or not ADDRESS.fullmatch(plain):
        raise UsageError(f"{address!r} is no e-mail address")
    if principals.by_address(conn, plain) is not None or principals.outsider(conn, plain) is not None:
        raise UsageError(f"{plain} belongs to somebody else here")
    return plain


def check_zone(zone: str) -> str:
    """Raises: UsageError."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(f"{zone!r} is no time zone; write one such as Europe/Berlin") from error
    return zone


def add_person(
    conn: Connection,
    name: str,
    email: str,
    *,
    displayname: str = "",
    password: str | None = None,
    zone: str = "UTC",
    locale: str = "en",
    is_admin: bool = False,
    kind: str = "INDIVIDUAL",
    now: int,
) -> int:
    """Their id. They get a calendar of their own here as well.

    kind: ROOM or RESOURCE for what is booked and answers by itself; OUTSIDE for those who have no account here, nor a
    calendar: their busy time is read elsewhere.
    password: its hash (passwords.hash_password); None: no password of ours opens the account.
    Raises: UsageError.
    """
    check_name(conn, name)
    person = principals.add(
        conn,
        name=name,
        email=check_address(conn, email),
        displayname=displayname or name,
        password=password,
        zone=check_zone(zone),
        locale=locale,
        is_admin=is_admin,
        kind=kind,
        created=now,
    )
    if kind != principals.OUTSIDE:
        local_calendar(conn, person, now, LOCAL_CALENDAR.get(locale[:2], LOCAL_CALENDAR["en"]))
    return person


def add_team(
    conn: Connection,
    name: str,
    email: str,
    *,
    displayname: str = "",
    members: Iterable[int] = (),
    zone: str = "UTC",
    now: int,
) -> int:
    """Its id. email: the address under which the whole team is asked for its free/busy time.

    Raises: UsageError.
    """
    check_name(conn, name)
    team = principals.add(
        conn,
        name=name,
        kind="GROUP",
        email=check_address(conn, email),
        displayname=displayname or name,
        zone=check_zone(zone),
        created=now,
    )
    for member in members:
        principals.join_team(conn, team, member)
    return team


def local_calendar(conn: Connection, person: int, now: int, displayname: str = LOCAL_CALENDAR["en"]) -> int:
    """The first calendar of theirs that lives here; made if there is none.

    It takes what no provider can hold, and copies that would otherwise be lost, so everybody has one.
    """
    for calendar in accounts.calendars(conn, person):
        if calendar.kind == "local" and calendar.writable:
            return calendar.id
    account = accounts.add(conn, person, "local", displayname, {}, None, now)
    remote = RemoteCalendar(id="personal", displayname=displayname, writable=True, merged=True, busy=True)
    return accounts.add_calendar(conn, person, account, remote)
