"""gateway account add …: the order of its words, and what all kinds of account have in common."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from gateway.accounts.connect import add_account
from gateway.app import open_parts
from gateway.cli import given
from gateway.cli.parts import check_current
from gateway.cli.people import person_named
from gateway.cli.pulling import pull_with_bar
from gateway.cli.screen import next_step, say, show_table
from gateway.config import Settings
from gateway.store import accounts, principals
from gateway.sync.calendars import known_since

F = TypeVar("F", bound=Callable[..., Any])

ALL_OF: Final = click.option("--all-of", "domain", default="", metavar="DOMAIN", help="Everybody of this domain.")
DRY_RUN: Final = click.option("--dry-run", is_flag=True, help="With --all-of: only show what would be done.")
CREATE: Final = click.option(
    "--create-users", is_flag=True, help="With --all-of: people who are not here yet are added."
)
NAME: Final = click.option("--name", "display_name", default="", help="What the account is called here.")


def everybody(command: F) -> F:
    """The options of --all-of; they may stand before the kind or after it."""
    return ALL_OF(DRY_RUN(CREATE(command)))


class Kind(click.Command):
    """One kind of account, whose usage says where USER goes."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        place = ctx.parent.command_path if ctx.parent else ""
        formatter.write_usage(place, f"USER {self.name} [OPTIONS]")
        if any("--all-of" in option.opts for option in self.params):
            formatter.write_usage(place, f"--all-of DOMAIN {self.name} [OPTIONS]")


class Whose(click.Group):
    """`add USER KIND …`, or `add --all-of DOMAIN KIND …`. The other order, `add KIND USER …`, is taken as well."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Of two words that could both be the kind the second one is: somebody may be called like one."""
        if len(args) > 1 and args[1] in self.commands and not ctx.params.get("domain"):
            return args[1], self.commands[args[1]], [args[0], *args[2:]]
        if args[0] not in self.commands:
            raise click.UsageError(f"USER is followed by the kind of account: {', '.join(self.commands)}", ctx)
        return super().resolve_command(ctx, args)


def connect(
    ctx: click.Context,
    user: str,
    kind: str,
    options: Mapping[str, str],
    secret: str = "",
    display_name: str = "",
) -> None:
    settings = given.settings(ctx)
    check_current(settings)
    asyncio.run(connected(settings, user, kind, options, secret, display_name))


async def connected(
    settings: Settings, user: str, kind: str, options: Mapping[str, str], secret: str, display_name: str
) -> None:
    async with open_parts(settings) as parts:
        person = await parts.db.read(person_named, user)
        before = await parts.db.read(principals.addresses, person.id)
        key = await add_account(
            parts.db, parts.sealer, parts.outside,
            user=person.id, kind=kind, settings=options, secret=secret, displayname=display_name, now=int(time.time()),
        )  # fmt: skip
        await known_since(parts.sync, person.id, before)
        row = await parts.db.read(accounts.get, key)
        if row is not None and kind != "local":
            await pull_with_bar(parts, row)
        found = await parts.db.read(accounts.account_calendars, key)
    say(f"Connected: {row.displayname if row else kind}")
    show_calendars(found)
    next_step(f"gateway calendar list {user}")


def show_calendars(rows: list[accounts.CalendarRow]) -> None:
    columns = ("id", "calendar", "account", "writable", "merged", "busy", "separate", "destination")
    shown = [
        (r.id, r.displayname, r.kind, r.writable, r.merged, r.busy, r.separate, r.destination)
        for r in rows
        if not r.gone
    ]
    show_table(columns, shown, empty="No calendar yet. Next: gateway account add USER google")
