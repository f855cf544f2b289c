"""gateway freebusy WHO…"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import click

from gateway.app import open_parts
from gateway.backends.base import Unanswered
from gateway.cli import given
from gateway.cli.parts import database
from gateway.cli.people import person_named
from gateway.cli.screen import CONSOLE, headline, say, show_table
from gateway.config import Settings
from gateway.errors import UsageError
from gateway.freebusy.busy import busy
from gateway.freebusy.merge import Busy, as_periods
from gateway.freebusy.publish import vfreebusy
from gateway.ical.objects import combine
from gateway.ical.text import prop
from gateway.model import FbType, Period
from gateway.store import principals
from gateway.store.database import Connection
from gateway.store.principals import Principal

WORDS = {FbType.TENTATIVE: "tentative", FbType.BUSY: "busy", FbType.UNAVAILABLE: "out of office"}
REASONS = {
    Unanswered.NOBODY: "the provider knows nobody of that address, or shows nothing of them",
    Unanswered.CLOSED: "their busy time is shown to nobody",
    Unanswered.FAILED: "the provider could not be asked; this is not to say that they are free",
}


@dataclass(frozen=True, slots=True)
class Someone:
    """here: None for those who have no account at this gateway."""

    name: str
    email: str
    displayname: str
    zone: str = ""
    here: Principal | None = None


Asked = list[tuple[Someone, list[Period]]]


@click.command()
@click.argument("who", nargs=-1, required=True)
@click.option("--from", "from_", default="today", show_default=True, help="Date or date-time; also today, now.")
@click.option("--to", help="Date or date-time, not included; default: seven days later.")
@click.option("--zone", help="Zone of the times given and shown; default: the first person's.")
@click.option("--as", "asker", help="Whose cloud accounts are asked for people of the same domain who are not here.")
@click.option("--format", "form", type=click.Choice(["table", "ics", "json"]), default="table", show_default=True)
@click.pass_context
def freebusy(
    ctx: click.Context,
    who: tuple[str, ...],
    from_: str,
    to: str | None,
    zone: str | None,
    asker: str | None,
    form: str,
) -> None:
    """Merged busy time of WHO: names, addresses, or teams.

    With --as also addresses of people who are not here: Google or Microsoft is asked, in that person's name.
    """
    settings, now = given.settings(ctx), datetime.now(UTC)
    with database(settings) as db:
        people = db.read_now(_asked, who, elsewhere=asker is not None)
        owner = db.read_now(person_named, asker) if asker is not None else None
    shown_in = _zone(zone or next((one.zone for one in [*people, owner] if one is not None and one.zone), "UTC"))
    start = given.instant(from_, shown_in, now)
    end = given.instant(to, shown_in, now) if to else start + timedelta(days=7)
    if end <= start:
        raise UsageError("--to has to be after --from")
    found = asyncio.run(_busy_time(settings, people, owner, int(start.timestamp()), int(end.timestamp())))
    if form == "json":
        say(json.dumps(_as_json(found, start, end), indent=2))
    elif form == "ics":
        CONSOLE.file.write(_as_ics(found, start, end, now))
    else:
        _show(found, start, end, shown_in)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(f"{name!r} is no time zone; write one such as Europe/Berlin") from error


def _asked(conn: Connection, names: Sequence[str], *, elsewhere: bool) -> list[Someone]:
    """Teams stand for their members; nobody twice. elsewhere: addresses may be of people who are not here."""
    found: dict[str, Someone] = {}
    for name in names:
        stranger = "@" in name and not (principals.by_name(conn, name) or principals.by_address(conn, name))
        if stranger and not elsewhere:
            raise UsageError(f"{name} is nobody here; --as USER asks Google or Microsoft in the name of USER")
        if stranger:
            found.setdefault(name.lower(), Someone(name.lower(), name.lower(), name.lower()))
            continue
        one = person_named(conn, name)
        for person in principals.members_of(conn, one.id) if one.is_team else [one]:
            found.setdefault(person.name, Someone(person.name, person.email, person.displayname, person.zone, person))
    return list(found.values())


async def _busy_time(
    settings: Settings, people: Sequence[Someone], owner: Principal | None, start: int, end: int
) -> Asked:
    """Raises: UsageError for somebody elsewhere whose busy time is not told."""
    async with open_parts(settings) as parts:
        unknown = [one.email for one in people if one.here is None]
        told = await parts.others.busy(owner.id, unknown, start, end) if owner is not None else {}
        found: Asked = []
        for one in people:
            if one.here is not None:
                found.append((one, await parts.db.read(busy, one.here, start, end)))
            else:
                found.append((one, _told(one.email, told.get(one.email))))
        return found


def _told(address: str, told: list[Busy] | Unanswered | None) -> list[Period]:
    if told is None:
        raise UsageError(f"{address} is nobody here, and in no domain of an account of whoever asks")
    if isinstance(told, Unanswered):
        raise UsageError(f"{address}: {REASONS[told]}")
    return as_periods(told)


def _show(found: Asked, start: datetime, end: datetime, zone: ZoneInfo) -> None:
    headline(f"{_time(start, zone)} to {_time(end, zone)}, {zone.key}")
    edges = sorted({edge for _, periods in found for period in periods for edge in (period.start, period.end)})
    rows: list[list[object]] = []
    for since, until in pairwise(edges):
        kinds = [_kind(periods, since) for _, periods in found]
        if not any(kinds):
            continue
        local = since.astimezone(zone), until.astimezone(zone)
        same_day = local[0].date() == local[1].date()
        ends = f"{local[1]:%H:%M}" if same_day else f"{local[1]:%a %d %b %H:%M}"
        rows.append([f"{local[0]:%a %d %b %H:%M} - {ends}", *(WORDS.get(kind, "") if kind else "" for kind in kinds)])
    show_table(("time", *(person.name for person, _ in found)), rows, empty="Everybody is free throughout.")


def _time(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%a %d %b %Y %H:%M}"


def _kind(periods: Sequence[Period], instant: datetime) -> FbType | None:
    return next((period.fbtype for period in periods if period.start <= instant < period.end), None)


def _as_json(found: Asked, start: datetime, end: datetime) -> dict[str, object]:
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "people": [
            {
                "name": person.name,
                "email": person.email,
                "busy": [
                    {"start": p.start.isoformat(), "end": p.end.isoformat(), "fbtype": p.fbtype.token} for p in periods
                ],
            }
            for person, periods in found
        ],
    }


def _as_ics(found: Asked, start: datetime, end: datetime, now: datetime) -> str:
    texts = [
        vfreebusy(
            periods,
            start,
            end,
            stamp=now,
            uid=f"freebusy-{person.name}",
            attendee=prop("ATTENDEE", f"mailto:{person.email}", {"CN": person.displayname}),
        )
        for person, periods in found
    ]
    return texts[0] if len(texts) == 1 else combine(texts, "-//gateway//calendar gateway//EN")
