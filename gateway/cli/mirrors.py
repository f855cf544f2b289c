"""gateway mirror …"""

import asyncio
import time
from datetime import datetime

import click

from gateway.app import open_parts
from gateway.cli import given
from gateway.cli.calendars import check_theirs
from gateway.cli.mirroring import PROBLEMS, follow, take_down
from gateway.cli.parts import check_current, database
from gateway.cli.people import person_named
from gateway.cli.screen import next_step, say, show_table, warn
from gateway.config import Settings
from gateway.errors import UsageError
from gateway.mirror import choose
from gateway.store import accounts, mirrors, principals
from gateway.store.database import Connection
from gateway.store.mirrors import MirrorRow


@click.group()
def mirror() -> None:
    """Busy time of chosen calendars, shown in another one as blocks without a word of what is behind them."""


def _numbers(_ctx: click.Context, _param: click.Parameter, value: str) -> list[int]:
    try:
        return [int(part) for part in value.split(",")]
    except ValueError as error:
        raise click.BadParameter("write the IDs of calendars with commas between them, such as 3,4") from error


@mirror.command("add")
@click.argument("user")
@click.option("--from", "sources", required=True, callback=_numbers, help="IDs of calendars, with commas.")
@click.option("--to", "target", required=True, type=int, help="ID of the calendar where the blocks appear.")
@click.option("--days", default=choose.DAYS, show_default=True, help="How far ahead.")
@click.option("--text", default="", help='What each block is called; else "Busy" in the language of USER.')
@click.pass_context
def add(ctx: click.Context, user: str, sources: list[int], target: int, days: int, text: str) -> None:
    """Show busy time of calendars of USER in another calendar of theirs.

    Nothing is copied but when and how busy they are. A mirror into that calendar that is there already takes the new
    choices. 'gateway calendar list USER' shows the IDs.
    """
    settings = given.settings(ctx)
    check_current(settings)
    asyncio.run(_add(settings, user, sources, target, days, text))


async def _add(settings: Settings, user: str, sources: list[int], target: int, days: int, text: str) -> None:
    async with open_parts(settings) as parts:
        person = await parts.db.read(person_named, user)
        await parts.db.read(check_theirs, person, [*sources, target])
        key = await parts.db.write(choose.add, person.id, sources, target, days=days, summary=text, now=time.time())
        row = await follow(parts, key, "blocks")
        if row is not None and row.problem:
            warn(f"{row.left} blocks are still missing: {PROBLEMS.get(row.problem, row.problem)}. {row.error}")
        blocks = 0 if row is None else len(await parts.db.read(mirrors.held, person.id, row.mark))
    say(f"Mirror {key}: {blocks} blocks.")
    next_step("gateway mirror list")


@mirror.command("list")
@click.argument("user", required=False)
@click.pass_context
def list_(ctx: click.Context, user: str | None) -> None:
    """All mirrors, or those of USER."""

    def rows(conn: Connection) -> list[tuple[object, ...]]:
        found = mirrors.of_user(conn, person_named(conn, user).id) if user else mirrors.everyone(conn)
        names = {one.id: one.name for one in principals.everybody(conn)}
        return [(one.id, names[one.user_id], *_described(conn, one)) for one in found]

    with database(given.settings(ctx)) as db:
        found = db.read_now(rows)
    columns = ("id", "user", "from", "to", "days", "blocks", "state")
    show_table(columns, found, empty="No mirror. Next: gateway mirror add USER --from ID --to ID")


def _described(conn: Connection, row: MirrorRow) -> tuple[object, ...]:
    sources = ", ".join(_name(conn, key) for key in mirrors.sources(conn, row.id))
    blocks = len(mirrors.held(conn, row.user_id, row.mark))
    return sources, _name(conn, row.target_id), row.days, blocks, _state(row)


def _name(conn: Connection, calendar: int) -> str:
    row = accounts.calendar(conn, calendar)
    return str(calendar) if row is None else row.title


def _state(row: MirrorRow) -> str:
    doing = f"being taken down, {row.left} blocks left" if row.ending else f"{row.left} changes left"
    if row.problem:
        return f"{doing}; {PROBLEMS.get(row.problem, row.problem)}"
    if row.ending or row.left:
        return doing
    if row.settled is None:
        return "begins"
    return f"up to date since {datetime.fromtimestamp(row.settled).astimezone():%Y-%m-%d %H:%M:%S}"


@mirror.command("remove")
@click.argument("user")
@click.argument("mirror_id", metavar="ID", type=int)
@click.pass_context
def remove(ctx: click.Context, user: str, mirror_id: int) -> None:
    """Turn mirror ID of USER off, and take its blocks away. Nothing else is touched."""
    settings = given.settings(ctx)
    check_current(settings)
    asyncio.run(_remove(settings, user, mirror_id))


async def _remove(settings: Settings, user: str, key: int) -> None:
    async with open_parts(settings) as parts:
        person = await parts.db.read(person_named, user)
        if key not in await parts.db.read(mirrors.ids, person.id):
            raise UsageError(f"there is no mirror {key} of theirs; 'gateway mirror list {user}' shows them")
        blocks = await parts.db.write(choose.stop, person.id, key, time.time())
        await take_down(parts, person.id, blocks)
        left = await parts.db.read(mirrors.get, key)
    say(
        "Removed."
        if left is None
        else "The server goes on taking blocks away; 'gateway mirror list' shows how far it is."
    )
