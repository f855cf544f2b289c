"""People without an account here who take part in a team: all that is known of them is when they are busy."""

import re
from dataclasses import dataclass, field
from typing import Final

from gateway.accounts import people
from gateway.accounts.connect import add_account
from gateway.accounts.sealed import Sealer
from gateway.backends.base import Outside
from gateway.errors import UsageError
from gateway.store import teams as memberships
from gateway.store.database import Connection, Database
from gateway.store.principals import OUTSIDE, Principal

MOST_ALIKE: Final = 100
LONGEST: Final = 48


@dataclass(frozen=True, slots=True)
class Outsider:
    """url: what they publish, VFREEBUSY or events; it may be a secret. through: id of the account that is asked for
    their busy time instead, where there is no address.
    """

    displayname: str
    email: str
    url: str = field(default="", repr=False)
    through: int | None = None


async def add_outsider(
    db: Database, sealer: Sealer, outside: Outside, team: Principal, who: Outsider, *, now: int
) -> None:
    """Makes them, reads when they are busy, and has them join the team: all of it or nothing.

    Raises: UsageError for an address that somebody has, or without a way to know when they are busy; and whatever the
    provider's answer means.
    """
    await db.read(people.check_address, who.email)
    if not who.url and who.through is None:
        raise UsageError("there is no way to know when they are busy")
    named = {"address": who.email.strip().lower(), "through": str(who.through)}

    def make(conn: Connection) -> int:
        person = people.add_person(
            conn, _name(conn, who.email), who.email, displayname=who.displayname, zone=team.zone, locale=team.locale,
            kind=OUTSIDE, now=now,
        )  # fmt: skip
        memberships.put(conn, team.id, person, memberships.MEMBER)
        return person

    await add_account(
        db, sealer, outside,
        user=make, kind="feed" if who.url else "colleague", settings={} if who.url else named, secret=who.url,
        displayname=who.displayname, now=now,
    )  # fmt: skip


def _name(conn: Connection, email: str) -> str:
    """A free user name, as like the address as can be. Raises: UsageError."""
    plain = re.sub(r"[^a-z0-9]+", "-", email.partition("@")[0].lower()).strip("-")[:LONGEST] or "guest"
    for number in range(1, MOST_ALIKE):
        name = plain if number == 1 else f"{plain}-{number}"
        if people.is_free(conn, name):
            return name
    raise UsageError("too many people here are called like that")
