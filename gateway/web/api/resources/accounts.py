"""Accounts at providers: how they are."""

from gateway.errors import NotFound
from gateway.store import accounts
from gateway.store.accounts import AccountRow
from gateway.web.api.operation import Call
from gateway.web.api.paging import page
from gateway.web.api.values import Asked, Id, Instant, Listed, Model


class AccountAsked(Asked):
    id: Id


class Account(Model):
    """An account at a provider that calendars are read from."""

    id: Id
    kind: str
    """google, outlook, caldav, feed, radicale or local."""
    name: str
    state: str
    """ok; failing; signed-out: its owner has to sign in again; leaving: being disconnected."""
    trouble: str
    """Empty: none, or single objects only; signed-out, too-little, unreachable, refused."""
    synced: Instant | None
    """When it was read last."""


class Accounts(Model):
    items: tuple[Account, ...]
    next: str | None
    """Cursor of the next page; null: this is the last one."""


def _account(row: AccountRow) -> Account:
    return Account(
        id=row.id, kind=row.kind, name=row.displayname, state=row.state, trouble=row.trouble, synced=row.synced
    )


async def list_accounts(call: Call, asked: Listed) -> Accounts:
    rows, after = page(await call.db.read(accounts.of_user, call.asker.id), asked, lambda row: (row.id,))
    return Accounts(items=tuple(map(_account, rows)), next=after)


async def read_account(call: Call, asked: AccountAsked) -> Account:
    row = await call.db.read(accounts.get, asked.id)
    if row is None or row.user_id != call.asker.id:
        raise NotFound("there is no such account")
    return _account(row)
