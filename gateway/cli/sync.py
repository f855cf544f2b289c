"""gateway sync."""

import asyncio

import click

from gateway.app import open_parts
from gateway.backends.table import BACKENDS
from gateway.cli import given
from gateway.cli.parts import check_current
from gateway.cli.people import person_named
from gateway.cli.pulling import pull_with_bar
from gateway.cli.screen import say, warn
from gateway.config import Settings
from gateway.errors import GatewayError, UsageError
from gateway.store import accounts
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection


@click.command()
@click.argument("user", required=False)
@click.option("--full", is_flag=True, help="As if nothing was known yet.")
@click.pass_context
def sync(ctx: click.Context, user: str | None, full: bool) -> None:
    """Pull from the providers now: of everybody, or of USER."""
    settings = given.settings(ctx)
    check_current(settings)
    failed = asyncio.run(_pull(settings, user, full))
    if failed:
        raise UsageError(f"{failed} of the accounts could not be read; 'gateway doctor' says more")


async def _pull(settings: Settings, user: str | None, full: bool) -> int:
    """How many failed; one account's failure never stops the others."""
    failed = 0
    async with open_parts(settings) as parts:
        rows = [row for row in await parts.db.read(_rows, user) if BACKENDS[row.kind].remote]
        if not rows:
            say("No account to pull from.")
        for row in rows:
            try:
                count = await pull_with_bar(parts, row, full=full)
            except GatewayError as error:
                failed += 1
                warn(f"{row.displayname} ({row.kind}): {error}")
            else:
                say(
                    f"{row.displayname} ({row.kind}): {count} changed"
                    if count
                    else f"{row.displayname} ({row.kind}): nothing new"
                )
    return failed


def _rows(conn: Connection, user: str | None) -> list[AccountRow]:
    return accounts.of_user(conn, person_named(conn, user).id) if user else accounts.everyone(conn)
