"""gateway account …"""

import asyncio
import sys
import time
from datetime import datetime
from typing import Final

import click

from gateway.accounts.connect import revoke
from gateway.accounts.ways import way
from gateway.app import Parts, open_parts
from gateway.cli import given
from gateway.cli.accounts.add import Whose, everybody
from gateway.cli.accounts.clouds import add_google, add_outlook
from gateway.cli.accounts.plain import add_caldav, add_colleague, add_feed, add_local, add_radicale
from gateway.cli.mirroring import take_down
from gateway.cli.parts import check_current, database
from gateway.cli.people import person_named
from gateway.cli.screen import say, show_table, warn
from gateway.config import Settings
from gateway.errors import UsageError
from gateway.mirror import choose
from gateway.store import accounts, principals
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection
from gateway.sync import calendars
from gateway.sync.notices.watch import close

STAYS: Final = "The account takes part in nothing any more. It is removed as soon as the last busy block there is gone."
KINDS: Final = (add_google, add_outlook, add_caldav, add_feed, add_colleague, add_radicale, add_local)


@click.group()
def account() -> None:
    """Connections to providers: add, list, remove."""


@account.group(cls=Whose, commands=KINDS, subcommand_metavar="USER KIND [OPTIONS]")
@everybody
def add(domain: str, dry_run: bool, create_users: bool) -> None:
    """Connect an account of USER; KIND is google, outlook, caldav, feed, colleague, radicale or local.

    Everybody of an organisation: gateway account add --all-of example.com google (or outlook) …
    """


@account.command("list")
@click.argument("user", required=False)
@click.pass_context
def list_(ctx: click.Context, user: str | None) -> None:
    """All accounts, or those of USER, with their health."""

    def rows(conn: Connection) -> list[tuple[object, ...]]:
        found = accounts.of_user(conn, person_named(conn, user).id) if user else accounts.everyone(conn)
        names = {one.id: one.name for one in principals.everybody(conn)}
        return [
            (
                row.id,
                names[row.user_id],
                row.kind,
                row.displayname,
                row.state,
                _when(row),
                way(row.kind, row.settings),
                row.error,
            )
            for row in found
        ]

    with database(given.settings(ctx)) as db:
        found = db.read_now(rows)
    columns = ("id", "user", "kind", "account", "state", "last pull", "signs in", "problem")
    show_table(columns, found, empty="No account yet. Next: gateway account add USER google")


def _when(row: AccountRow) -> str:
    return "" if row.synced is None else f"{datetime.fromtimestamp(row.synced).astimezone():%Y-%m-%d %H:%M:%S}"


@account.command("remove")
@click.argument("user")
@click.argument("account_id", type=int)
@click.option("--yes", is_flag=True, help="Also where changes would be lost that the provider does not have yet.")
@click.pass_context
def remove(ctx: click.Context, user: str, account_id: int, yes: bool) -> None:
    """Remove an account of USER from the gateway, and end its sign-in.

    Nothing is deleted at the provider but the busy blocks of mirrors. Changes that it does not have yet are sent once
    more; where that fails, you are asked.
    """
    settings = given.settings(ctx)
    check_current(settings)
    asyncio.run(_remove(settings, user, account_id, yes=yes))


async def _remove(settings: Settings, user: str, account_id: int, *, yes: bool) -> None:
    async with open_parts(settings) as parts:
        person = await parts.db.read(person_named, user)
        row = await _owned(parts, person.id, account_id)
        await _part_with_unsent(parts, row, yes=yes)
        blocks = await parts.db.write(choose.part, person.id, row.id, time.time())
        if blocks:
            await take_down(parts, person.id, blocks)
            say(STAYS if await parts.db.read(accounts.get, row.id) else "Removed.")
            return
        await close(parts.sync, row)
        await parts.db.write(calendars.remove_account, person.id, row.id)
        await revoke(parts.db, parts.sealer, parts.outside, row)
    say("Removed.")


async def _part_with_unsent(parts: Parts, row: AccountRow, *, yes: bool) -> None:
    """Raises: UsageError where changes would be lost and nobody has agreed to that."""
    left = await calendars.send_unsent(parts.sync, row.user_id, row.id)
    if left == 0:
        return
    changes = "1 change has" if left == 1 else f"{left} changes have"
    lost = f"{changes} not reached {row.kind} {row.displayname} yet"
    if yes:
        warn(f"{lost}; lost with the account.")
    elif not sys.stdin.isatty():
        raise UsageError(f"{lost} and would be lost; the server goes on trying, --yes removes the account all the same")
    elif not click.confirm(f"{lost} and will be lost. Remove the account all the same?", err=True):
        raise UsageError("nothing was removed")


async def _owned(parts: Parts, user: int, key: int) -> AccountRow:
    row = await parts.db.read(accounts.get, key)
    if row is None or row.user_id != user:
        raise UsageError(f"there is no account {key} of theirs; 'gateway account list' shows them")
    return row
