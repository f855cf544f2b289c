"""Busy time of people without an account here, from the cloud whose domain or tenant they share with whoever asks.

Nothing of it is stored; an answer is kept for a minute, as clients ask again with every turn of a page.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from gateway.backends.base import Asking, Backend, BusyTime, Unanswered
from gateway.errors import GatewayError
from gateway.freebusy.merge import Busy, check_span, clip_seconds, seconds
from gateway.store import accounts
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection, Database

KEPT: Final = 60
"""Seconds an answer is good for."""
FAILURE_KEPT: Final = 10
MOST_KEPT: Final = 5_000
BUDGET: Final = 12.0
"""Seconds that whoever asks waits for all providers together."""
DAY: Final = 86_400
NO_DOMAINS: Final = (".calendar.google.com",)
"""Of calendars that are nobody's mailbox."""

OthersBusy = Mapping[str, list[Busy] | Unanswered]
_Key = tuple[int, str, int, int]
log = logging.getLogger(__name__)


class Others:
    """clock: epoch seconds."""

    def __init__(self, db: Database, backend_for: Callable[[AccountRow], Backend], clock: Callable[[], float]) -> None:
        self._db = db
        self._backend_for = backend_for
        self._clock = clock
        self._kept: dict[_Key, tuple[float, BusyTime]] = {}

    async def busy(self, asker: int, addresses: Collection[str], start: int, end: int) -> OthersBusy:
        """Of each address that lies in a domain of one of the asker's own cloud accounts, busy time in [start, end).

        asker: id of the person in whose name the provider is asked; they see what it lets them see. start, end: epoch
        seconds. An address that no account of theirs could know of is left out.
        Raises: TimeRangeTooWide.
        """
        check_span(start, end)
        wanted = {address.lower() for address in addresses if "@" in address}
        if not wanted:
            return {}
        rows = await self._db.read(_accounts, asker)
        found: dict[str, BusyTime] = {}
        for account, domains in rows:
            theirs = sorted(one for one in wanted if _domain(one) in domains and not _answered(found.get(one)))
            if theirs:
                found |= await self._ask(account, theirs, start - start % DAY, end + -end % DAY)
        return {name: _clip(told, start, end) for name, told in found.items()}

    async def _ask(self, account: AccountRow, names: Sequence[str], start: int, end: int) -> dict[str, BusyTime]:
        """Whole days, so that clients that move about in one week are answered from what is kept."""
        now = self._clock()
        known = {name: self._kept.get((account.id, name, start, end)) for name in names}
        found = {name: kept[1] for name, kept in known.items() if kept is not None and kept[0] > now}
        missing = [name for name in names if name not in found]
        if missing:
            told = await self._live(
                account, missing, datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
            )
            self._keep({(account.id, name, start, end): told[name] for name in missing}, now)
            found |= told
        return found

    async def _live(
        self, account: AccountRow, names: Sequence[str], start: datetime, end: datetime
    ) -> dict[str, BusyTime]:
        failed: dict[str, BusyTime] = dict.fromkeys(names, Unanswered.FAILED)
        try:
            backend = self._backend_for(account)
            if not isinstance(backend, Asking):
                return failed
            async with asyncio.timeout(BUDGET):
                return failed | dict(await backend.busy(names, start, end))
        except (GatewayError, TimeoutError) as error:
            log.warning("account %s could not be asked for others' busy time: %s", account.id, error)
            return failed

    def _keep(self, told: Mapping[_Key, BusyTime], now: float) -> None:
        if len(self._kept) + len(told) > MOST_KEPT:
            self._kept = {key: kept for key, kept in self._kept.items() if kept[0] > now}
        if len(self._kept) + len(told) > MOST_KEPT:
            self._kept.clear()
        for key, one in told.items():
            self._kept[key] = (now + (FAILURE_KEPT if one is Unanswered.FAILED else KEPT), one)


def _answered(told: BusyTime | None) -> bool:
    return told is not None and not isinstance(told, Unanswered)


def _clip(told: BusyTime, start: int, end: int) -> list[Busy] | Unanswered:
    if isinstance(told, Unanswered):
        return told
    return clip_seconds(((seconds(one.start), seconds(one.end), int(one.fbtype)) for one in told), start, end)


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _accounts(conn: Connection, asker: int) -> list[tuple[AccountRow, frozenset[str]]]:
    """Accounts at clouds that still work, with the domains of their owner's addresses there."""
    every = [row for row in accounts.of_user(conn, asker) if row.kind in {"google", "outlook"}]
    return [(row, domains(row, accounts.account_calendars(conn, row.id))) for row in every if row.state != "signed-out"]


def asking_account(conn: Connection, asker: int, address: str) -> AccountRow | None:
    """The account of theirs that can be asked for the busy time of an address; None: none shares its domain."""
    domain = _domain(address.lower())
    return next((row for row, known in _accounts(conn, asker) if domain in known), None)


def domains(account: AccountRow, calendars: Sequence[CalendarRow]) -> frozenset[str]:
    """At Google a person's calendar is called by their address, so those that are shared here count as well."""
    names = [account.displayname, account.settings.get("email", ""), account.settings.get("mailbox", "")]
    if account.kind == "google":
        names += [row.remote_id for row in calendars]
    found = {_domain(name.strip().lower()) for name in names if "@" in name}
    return frozenset(name for name in found if not name.endswith(NO_DOMAINS))
