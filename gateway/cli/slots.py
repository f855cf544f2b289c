"""gateway slots EVENT-TYPE"""

from datetime import UTC, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import click

from gateway.booking import offer
from gateway.booking.explain import explain
from gateway.booking.offer import Bookable, Visit
from gateway.cli import given
from gateway.cli.parts import database
from gateway.cli.screen import headline, next_step, say, show_table
from gateway.errors import NotFound, UsageError
from gateway.store import bookings, principals
from gateway.store.database import Connection
from gateway.web.language import language
from gateway.web.reasons import Reader, sentences
from gateway.web.zones import known

LONGEST = 62


@click.command()
@click.argument("event_type")
@click.option("--from", "from_", default="today", show_default=True, help="Date or date-time; also today, now.")
@click.option("--to", help="Date or date-time, not included; default: seven days later.")
@click.option("--zone", help="Zone of the times given and shown, and of the invitee; default: the host's.")
@click.option("--why", "why", metavar="TIME", help="What closes this date-time, such as 2026-12-01T14:30.")
@click.pass_context
def slots(ctx: click.Context, event_type: str, from_: str, to: str | None, zone: str | None, why: str | None) -> None:
    """Times at which EVENT-TYPE can be booked: alice/one-on-one, sales/demo; the last part is enough if it is unique.

    With --why the exact reasons that close one time, and what to do about them.
    """
    settings, now = given.settings(ctx), datetime.now(UTC)
    if zone is not None and known(zone) is None:
        raise UsageError(f"{zone!r} is no time zone; write one such as Europe/Berlin")
    with database(settings) as db:
        of = db.read_now(_named, event_type)
        there = zone or of.host.zone
        visit = Visit(there, int(now.timestamp()), settings.booking.stale_after)
        if why is not None:
            db.read_now(_explain, of, visit, given.instant(why, ZoneInfo(there), now))
            return
        start = given.instant(from_, ZoneInfo(there), now)
        end = given.instant(to, ZoneInfo(there), now) if to else start + timedelta(days=7)
        if not start < end <= start + timedelta(days=LONGEST):
            raise UsageError(f"--to has to be after --from, by {LONGEST} days at most")
        found = db.read_now(offer.starts, of, visit, int(start.timestamp()), int(end.timestamp()))
    _show(of, [datetime.fromtimestamp(one, ZoneInfo(there)) for one in found], there)


def _named(conn: Connection, text: str) -> Bookable:
    """Raises: UsageError, NotFound."""
    host, slash, slug = text.strip("/").removeprefix("team/").rpartition("/")
    if slash:
        return offer.bookable(conn, host, slug)
    names = [one.name for one in principals.everybody(conn) if bookings.event_type(conn, one.id, slug) is not None]
    if not names:
        raise NotFound(f"there is no event type {slug!r}; write it with its host, such as alice/{slug}")
    if len(names) > 1:
        raise UsageError(f"several have {slug!r}: {', '.join(f'{name}/{slug}' for name in names)}")
    return offer.bookable(conn, names[0], slug)


def _explain(conn: Connection, of: Bookable, visit: Visit, at: datetime) -> None:
    start = int(at.timestamp())
    minute = start - start % 60
    told = explain(conn, of, visit, None, minute, minute + 60)
    reader = Reader(language(["en"]), visit.zone, at=start)
    found = sentences(told, told.why(start), reader)
    when = f"{reader.time(start)}, {visit.zone}"
    if not found:
        say(f"{of.host.name}/{of.row.slug} can be booked: {when}")
        return
    headline(f"{of.host.name}/{of.row.slug} cannot be booked: {when}")
    for one in found:
        say(f"- {one.text}" + (f" {one.todo}." if one.todo else ""))


def _show(of: Bookable, found: list[datetime], zone: str) -> None:
    name = f"{of.host.name}/{of.row.slug}"
    headline(f"{name}, {of.kind.length} minutes, {zone}")
    days = [(day, list(times)) for day, times in groupby(found, lambda one: one.date())]
    rows = [[f"{day:%a %d %b %Y}", " ".join(f"{one:%H:%M}" for one in times)] for day, times in days]
    show_table(("day", "can begin at"), rows, empty="Nothing can be booked in this time.")
    next_step(f"gateway slots {name} --why 2026-12-01T14:30" if not found else
              f"gateway slots {name} --why {found[0] + timedelta(minutes=1):%Y-%m-%dT%H:%M}")  # fmt: skip
