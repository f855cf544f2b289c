"""Everybody of a domain at once: whom its directory lists, who they are here, and what is done about each mailbox."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Final

from gateway.accounts.connect import add_account
from gateway.accounts.organisation import Organisation
from gateway.accounts.people import add_person, is_free
from gateway.accounts.sealed import Sealer
from gateway.accounts.ways import is_organisations
from gateway.backends.base import Colleague, Outside
from gateway.errors import GatewayError, UsageError
from gateway.store import accounts, principals
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection, Database

AT_ONCE: Final = 4
HOPELESS: Final = 10
"""After so many failures and no success, the rest is not tried."""
MOST_NAMES: Final = 1000
Told = Callable[[int, int, str], None]
"""done, total, whom it was about."""


class Action(StrEnum):
    """What is to be done with a mailbox, or has been done."""

    CONNECT = "connect"
    CREATE = "create and connect"
    KEEP = "connected already"
    ABSENT = "not here"
    SKIP = "left out"
    LEFT = "has left"
    DONE = "connected"
    FAILED = "failed"


OPEN: Final = frozenset({Action.CONNECT, Action.CREATE})


@dataclass(frozen=True, slots=True)
class Step:
    """user: the name of the person here, "" if there is none. account: the one there is. note: why, in words."""

    action: Action
    address: str
    user: str = ""
    colleague: Colleague | None = None
    account: int | None = None
    note: str = ""


def names_of(row: AccountRow) -> frozenset[str]:
    """What mailbox an account is about, by every name there is for it."""
    known = (row.settings.get(name, "") for name in ("email", "subject", "mailbox", "primary"))
    return frozenset(name.lower() for name in (row.displayname, *known) if name)


def plan(
    conn: Connection, kind: str, domain: str, listed: Sequence[Colleague], *, create: bool, access: str
) -> list[Step]:
    """In the directory's order, and after it those that are connected here and not in it any more."""
    people = {one.id: one.name for one in principals.everybody(conn)}
    rows = [row for row in accounts.everyone(conn) if row.kind == kind]
    of_user: dict[int, list[AccountRow]] = defaultdict(list)
    for row in rows:
        of_user[row.user_id].append(row)
    steps = [_step(conn, colleague, of_user, create=create, access=access) for colleague in listed]
    there = {name for colleague in listed for name in (*colleague.addresses, colleague.mailbox.lower())}
    for row in rows:
        ours = is_organisations(row.settings) and row.settings.get("email", "").endswith(f"@{domain}")
        if ours and not names_of(row) & there:
            note = f"gateway account remove {people[row.user_id]} {row.id}"
            steps.append(Step(Action.LEFT, row.displayname, people[row.user_id], account=row.id, note=note))
    return steps


def _step(
    conn: Connection, colleague: Colleague, of_user: Mapping[int, Sequence[AccountRow]], *, create: bool, access: str
) -> Step:
    main = colleague.addresses[0]
    found = (principals.by_address(conn, address) for address in colleague.addresses)
    person = next((one for one in found if one is not None and one.kind == "INDIVIDUAL"), None)
    if person is None:
        return Step(Action.CREATE if create else Action.ABSENT, main, colleague=colleague)
    wanted = {*colleague.addresses, colleague.mailbox.lower()}
    for row in of_user.get(person.id, ()):
        if not names_of(row) & wanted:
            continue
        if not is_organisations(row.settings):
            return Step(Action.KEEP, main, person.name, colleague, row.id, "by a sign-in of their own")
        if row.state == "signed-out" or row.settings.get("access") != access:
            return Step(Action.CONNECT, main, person.name, colleague, row.id, "again")
        return Step(Action.KEEP, main, person.name, colleague, row.id)
    return Step(Action.CONNECT, main, person.name, colleague)


def name_for(conn: Connection, address: str) -> str:
    """A free name like the address's first part. Raises: UsageError."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", address.rpartition("@")[0].lower())
    stem = re.sub(r"\.{2,}", ".", plain).strip("._-")[:60] or "person"
    for number in range(1, MOST_NAMES):
        name = stem if number == 1 else f"{stem}-{number}"
        if is_free(conn, name):
            return name
    raise UsageError(f"there is no name left for {address}; add the person by 'gateway user add'")


@dataclass(frozen=True, slots=True)
class Here:
    """The gateway that people are connected to. now: epoch seconds."""

    db: Database
    sealer: Sealer
    outside: Outside
    now: int


async def screened(organisation: Organisation, steps: Sequence[Step], told: Told) -> list[Step]:
    """The same steps; mailboxes that are nobody's own are left out, and those that cannot be opened have failed."""

    async def look(step: Step, colleague: Colleague) -> Step:
        against = await organisation.reason_against(colleague)
        return replace(step, action=Action.SKIP, note=against) if against else step

    return await _each(steps, look, told)


async def carry_out(here: Here, organisation: Organisation, steps: Sequence[Step], told: Told) -> list[Step]:
    """The same steps, done. Each account is kept as soon as it is connected, so what is interrupted can go on."""
    return await _each(steps, partial(_connect, here, organisation), told)


async def _connect(here: Here, organisation: Organisation, step: Step, colleague: Colleague) -> Step:
    made: list[str] = []

    def person(conn: Connection) -> int:
        """Made only once the mailbox has been opened."""
        known = principals.by_name(conn, step.user) if step.user else None
        if known is not None:
            return known.id
        made.append(name_for(conn, colleague.addresses[0]))
        return add_person(conn, made[-1], colleague.addresses[0], displayname=colleague.name, now=here.now)

    key = await add_account(
        here.db, here.sealer, here.outside,
        user=person, kind=organisation.kind, settings=organisation.settings(colleague), secret=organisation.secret,
        now=here.now,
    )  # fmt: skip
    if made:
        await here.db.write(_take_zone, key)
    return replace(step, action=Action.DONE, user=step.user or made[-1], account=key, note="new here" if made else "")


def _take_zone(conn: Connection, account: int) -> None:
    """Somebody new has the zone of their main calendar."""
    rows = accounts.account_calendars(conn, account)
    zone = next((row.zone for row in rows if row.zone), "")
    if zone:
        principals.change(conn, rows[0].user_id, {"zone": zone})


async def _each(steps: Sequence[Step], work: Callable[[Step, Colleague], Awaitable[Step]], told: Told) -> list[Step]:
    """All steps; of those still to be done, some at once. What fails says why and stops no other."""
    places = asyncio.Semaphore(AT_ONCE)
    todo = sum(step.action in OPEN for step in steps)
    done: list[bool] = []

    async def one(step: Step) -> Step:
        if step.action not in OPEN or step.colleague is None:
            return step
        async with places:
            if len(done) >= HOPELESS and not any(done):
                return replace(step, action=Action.FAILED, note="not tried, as nothing worked before")
            try:
                after = await work(step, step.colleague)
            except GatewayError as error:
                after = replace(step, action=Action.FAILED, note=str(error))
            done.append(after.action != Action.FAILED)
            told(len(done), todo, step.address)
            return after

    return list(await asyncio.gather(*(one(step) for step in steps)))
