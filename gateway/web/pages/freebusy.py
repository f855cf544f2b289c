"""/freebusy/<user>: published busy time (CalConnect free/busy read URL): periods and kinds, never what they are."""

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.errors import InvalidRequest, NotFound
from gateway.freebusy.busy import busy_for_others, stale
from gateway.freebusy.merge import as_periods
from gateway.freebusy.publish import vfreebusy
from gateway.ical.text import prop
from gateway.model import Period
from gateway.store import principals
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web.keys import CLOCK, DATABASE, SETTINGS

STANDARD: Final = timedelta(days=42)
LONGEST: Final = timedelta(days=3 * 366)
DURATION: Final = re.compile(r"P(?:(\d{1,4})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?)")


@dataclass(frozen=True, slots=True)
class Published:
    person: Principal
    periods: list[Period]
    stale: list[str]


def read_time(text: str, zone: ZoneInfo) -> datetime:
    """A date or time in iCalendar or ISO form; without a zone it is in the person's. Raises: InvalidRequest."""
    try:
        parsed = datetime.fromisoformat(text.replace(" ", "+"))
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(f"not a date or time: {text[:40]}") from error


def read_duration(text: str) -> timedelta:
    """Raises: InvalidRequest."""
    found = DURATION.fullmatch(text)
    if not found or not any(found.groups()):
        raise InvalidRequest(f"not a duration, such as P28D: {text[:40]}")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def span(request: web.Request, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The time asked for: from `start` (today) until `end`, or `period` long (42 days). Raises: InvalidRequest."""
    asked = request.query
    now = datetime.fromtimestamp(int(request.app[CLOCK]()), UTC)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0)
    start = read_time(asked["start"], zone) if "start" in asked else today.astimezone(UTC)
    if "end" in asked and "period" in asked:
        raise InvalidRequest("give either end or period")
    if "end" in asked:
        end = read_time(asked["end"], zone)
    else:
        length = read_duration(asked["period"]) if "period" in asked else STANDARD
        end = start + min(length, LONGEST + timedelta(days=1))
    if not start < end <= start + LONGEST:
        raise InvalidRequest("end must be after start, by three years at most")
    return start, end


def _person(conn: Connection, who: str, token: str) -> Principal:
    """Raises: NotFound, alike for the unknown, for those who publish nothing, and for a wrong token."""
    name = who.removesuffix(".ifb")
    found = principals.by_name(conn, name) or principals.by_address(conn, name)
    if found is None or found.is_team or not found.freebusy_published:
        raise NotFound("nobody publishes free/busy here")
    if found.freebusy_token and not hmac.compare_digest(found.freebusy_token.encode(), token.encode(errors="replace")):
        raise NotFound("nobody publishes free/busy here")
    return found


async def show(request: web.Request) -> web.Response:
    db, now = request.app[DATABASE], int(request.app[CLOCK]())
    person = await db.read(_person, request.match_info["who"], request.query.get("token", ""))
    start, end = span(request, ZoneInfo(person.zone))

    def read(conn: Connection) -> Published:
        periods = as_periods(busy_for_others(conn, person, int(start.timestamp()), int(end.timestamp())))
        return Published(person, periods, stale(conn, person, now, request.app[SETTINGS].booking.stale_after))

    found = await db.read(read)
    text = vfreebusy(
        found.periods,
        start,
        end,
        stamp=datetime.fromtimestamp(now, UTC),
        uid=f"freebusy-{person.name}-{int(start.timestamp())}",
        organizer=prop("ORGANIZER", f"mailto:{person.email}", {"CN": person.displayname}),
        method="PUBLISH",
        stale=found.stale,
    )
    headers = {"Cache-Control": "private, max-age=60", "Content-Disposition": f'inline; filename="{person.name}.ifb"'}
    response = web.Response(text=text, content_type="text/calendar", charset="utf-8", headers=headers)
    response.enable_compression()
    return response
