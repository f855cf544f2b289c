"""gateway account add --all-of DOMAIN …"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.accounts.organisation import Organisation
from gateway.accounts.roster import OPEN, Action, Here, Step, carry_out, plan, screened
from gateway.app import Parts, open_parts
from gateway.backends.base import Colleague, Outside
from gateway.cli.parts import check_current
from gateway.cli.screen import headline, next_step, progress, say, show_table
from gateway.config import Settings
from gateway.errors import UsageError
from gateway.store import principals
from gateway.store.database import Connection
from gateway.sync.calendars import known_since

COUNTED: Final = {
    Action.CONNECT: "would be connected",
    Action.CREATE: "would be added here and connected",
    Action.DONE: "connected",
    Action.KEEP: "connected already",
    Action.SKIP: "left out",
    Action.ABSENT: "not here",
    Action.LEFT: "no longer in the directory",
    Action.FAILED: "failed",
}
"""What is said of each at the end, in this order."""


@dataclass(frozen=True, slots=True)
class Wish:
    """create: people whom nobody here has the address of are added."""

    dry_run: bool
    create: bool


def connect_all(settings: Settings, wish: Wish, organisation: Callable[[Outside], Organisation]) -> None:
    """Raises: UsageError where one of them failed; the others are connected."""
    check_current(settings)
    steps = asyncio.run(_connect_all(settings, wish, organisation))
    show(steps, wish)
    failed = sum(step.action is Action.FAILED for step in steps)
    if failed:
        what = "1 mailbox" if failed == 1 else f"{failed} mailboxes"
        raise UsageError(f"{what} cannot be connected, see above; mend it and run the same command again")


async def _connect_all(settings: Settings, wish: Wish, make: Callable[[Outside], Organisation]) -> list[Step]:
    async with open_parts(settings) as parts:
        organisation = make(parts.outside)
        listed = await _listed(organisation)
        steps = await parts.db.read(
            plan, organisation.kind, organisation.domain, listed, create=wish.create, access=organisation.access
        )
        with progress("Looking at the mailboxes") as bar:
            steps = await screened(organisation, steps, bar.of)
        return steps if wish.dry_run else await _carried_out(parts, organisation, steps)


async def _listed(organisation: Organisation) -> list[Colleague]:
    """Raises: UsageError for a domain without anybody."""
    listed: list[Colleague] = []
    with progress(f"Asking who is in {organisation.domain}") as bar:
        async for colleague in organisation.colleagues():
            listed.append(colleague)
            bar.update(note=f"{len(listed)} people")
    if not listed:
        raise UsageError(f"the directory lists nobody in {organisation.domain}")
    return listed


async def _carried_out(parts: Parts, organisation: Organisation, steps: Sequence[Step]) -> list[Step]:
    here = Here(parts.db, parts.sealer, parts.outside, int(time.time()))
    before = await parts.db.read(_addresses, steps)
    with progress(f"Connecting {organisation.domain}") as bar:
        done = await carry_out(here, organisation, steps, bar.of)
    for person, addresses in before.items():
        await known_since(parts.sync, person, addresses)
    return done


def _addresses(conn: Connection, steps: Sequence[Step]) -> dict[int, frozenset[str]]:
    """Of those who are here already, by id."""
    people = (principals.by_name(conn, step.user) for step in steps if step.user and step.action is Action.CONNECT)
    return {one.id: principals.addresses(conn, one.id) for one in people if one is not None}


def show(steps: Sequence[Step], wish: Wish) -> None:
    """Everybody but those for whom nothing was or is to be done."""
    columns = ("mailbox", "person", "what", "note")
    rows = [(step.address, step.user, step.action, step.note) for step in steps if step.action is not Action.KEEP]
    show_table(columns, rows, empty="Everybody is connected already.")
    counts = Counter(step.action for step in steps)
    headline(", ".join(f"{counts[action]} {words}" for action, words in COUNTED.items() if counts[action]))
    if wish.dry_run:
        say("Nothing was changed.")
        if any(step.action in OPEN for step in steps):
            next_step("the same command without --dry-run")
        return
    if counts[Action.ABSENT]:
        say("Those who are not here are added with --create-users, or by 'gateway user add NAME --email ADDRESS'.")
    new = [step.user for step in steps if step.note == "new here"]
    if new:
        say("Who is new here has no password yet.")
        next_step(f"gateway user passwd {new[0]}")
    next_step("gateway sync   (a running server does it by itself), then gateway doctor")
