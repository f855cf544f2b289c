"""gateway calendar …"""

import time
from collections.abc import Iterable

import click

from gateway.cli import given
from gateway.cli.accounts.add import show_calendars
from gateway.cli.parts import database
from gateway.cli.people import person_named
from gateway.cli.screen import next_step
from gateway.errors import UsageError
from gateway.store import accounts
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.sync import calendars
from gateway.sync.separate import set_separate


@click.group()
def calendar() -> None:
    """Which calendars count for what."""


@calendar.command("list")
@click.argument("user")
@click.pass_context
def list_(ctx: click.Context, user: str) -> None:
    """The calendars of USER in their order. Of copies of one meeting, the one in the first calendar counts."""
    with database(given.settings(ctx)) as db:
        show_calendars(db.read_now(lambda conn: accounts.calendars(conn, person_named(conn, user).id)))
    next_step(f"gateway calendar set {user} ID --no-busy   (or --merged, --separate, --destination, …)")


@calendar.command("set")
@click.argument("user")
@click.argument("calendar_id", metavar="ID", type=int)
@click.option("--merged/--no-merged", default=None, help="Part of the merged calendar.")
@click.option("--busy/--no-busy", default=None, help="Its events block time.")
@click.option("--tentative/--no-tentative", default=None, help="Tentative ones do as well.")
@click.option("--separate/--no-separate", default=None, help="Calendar apps also see it as a calendar of its own.")
@click.option("--destination", is_flag=True, help="New events go there.")
@click.option("--first", is_flag=True, help="Put it first: its copy of a meeting is the one that counts.")
@click.pass_context
def set_(
    ctx: click.Context,
    user: str,
    calendar_id: int,
    merged: bool | None,
    busy: bool | None,
    tentative: bool | None,
    separate: bool | None,
    destination: bool,
    first: bool,
) -> None:
    """Change what calendar ID of USER counts for."""
    if merged is busy is tentative is separate is None and not destination and not first:
        raise UsageError("nothing to change; see 'gateway calendar set -h'")

    def change(conn: Connection) -> list[accounts.CalendarRow]:
        person, now = person_named(conn, user), time.time()
        check_theirs(conn, person, [calendar_id])
        row = calendars.owned(conn, person.id, calendar_id)
        if separate:
            set_separate(conn, person.id, calendar_id, True, now)
        if merged is not None:
            calendars.set_merged(conn, person.id, calendar_id, merged, now)
        if busy is not None or tentative is not None:
            on = row.busy if busy is None else busy
            calendars.set_busy(conn, person.id, calendar_id, on, now, tentative=tentative)
        if separate is False:
            set_separate(conn, person.id, calendar_id, False, now)
        if destination:
            calendars.set_destination(conn, person.id, calendar_id)
        if first:
            calendars.set_order(conn, person.id, [calendar_id])
        return accounts.calendars(conn, person.id)

    with database(given.settings(ctx)) as db:
        show_calendars(db.write_now(change))


def check_theirs(conn: Connection, person: Principal, keys: Iterable[int]) -> None:
    """Raises: UsageError for a calendar that is not there, or somebody else's."""
    known = {row.id for row in accounts.calendars(conn, person.id)}
    for key in keys:
        if key not in known:
            raise UsageError(f"there is no calendar {key} of theirs; 'gateway calendar list {person.name}' shows them")
