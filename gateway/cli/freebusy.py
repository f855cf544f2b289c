"""gateway freebusy WHO…"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import click

from gateway.cli import given
from gateway.cli.parts import database
from gateway.cli.people import person_named
from gateway.cli.screen import CONSOLE, headline, say, show_table
from gateway.errors import UsageError
from gateway.freebusy.busy import busy
from gateway.freebusy.publish import vfreebusy
from gateway.ical.objects import combine
from gateway.ical.text import prop
from gateway.model import FbType, Period
from gateway.store import principals
from gateway.store.database import Connection
from gateway.store.principals import Principal

WORDS = {FbType.TENTATIVE: "tentative", FbType.BUSY: "busy", FbType.UNAVAILABLE: "out of office"}
Asked = list[tuple[Principal, list[Period]]]


@click.command()
@click.argument("who", nargs=-1, required=True)
@click.option("--from", "from_", default="today", show_default=True, help="Date or date-time; also today, now.")
@click.option("--to", help="Date or date-time, not included; default: seven days later.")
@click.option("--zone", help="Zone of the times given and shown; default: the first person's.")
@click.option("--format", "form", type=click.Choice(["table", "ics", "json"]), default="table", show_default=True)
@click.pass_context
def freebusy(ctx: click.Context, who: tuple[str, ...], from_: str, to: str | None, zone: str | None, form: str) -> None:
    """Merged busy time of WHO: names, addresses, or teams."""
    with database(given.settings(ctx)) as db:
        people = db.read_now(_asked, who)
        shown_in = _zone(zone or people[0].zone)
        now = datetime.now(UTC)
        start = given.instant(from_, shown_in, now)
        end = given.instant(to, shown_in, now) if to else start + timedelta(days=7)
        if end <= start:
            raise UsageError("--to has to be after --from")
        found = [(one, db.read_now(busy, one, int(start.timestamp()), int(end.timestamp()))) for one in people]
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


def _asked(conn: Connection, names: Sequence[str]) -> list[Principal]:
    """Teams stand for their members; nobody twice."""
    found: dict[int, Principal] = {}
    for name in names:
        one = person_named(conn, name)
        for person in principals.members_of(conn, one.id) if one.is_team else [one]:
            found.setdefault(person.id, person)
    return list(found.values())


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
