"""From any address a person has at hand to the calendars behind it (RFC 6764, 5397, 4791 6.2.1)."""

from dataclasses import replace
from typing import Final

from caldav.elements import cdav, dav
from yarl import URL

from gateway.backends.caldav.answers import Member, read_calendars
from gateway.backends.caldav.dialogue import CALENDAR, WHO, BrokenAnswer, promises, propfind
from gateway.backends.caldav.paths import canonical, is_neighbour, within
from gateway.backends.fetch import Outgoing, web_address
from gateway.errors import BackendError, RefusedByProvider, RemoteGone
from gateway.model import RemoteCalendar

AUTO_SCHEDULE: Final = "calendar-auto-schedule"
WELL_KNOWN: Final = "/.well-known/caldav"
NOT_HERE: Final = (RemoteGone, RefusedByProvider, BrokenAnswer)


async def look(outgoing: Outgoing, url: str) -> tuple[Member, str] | None:
    """What the resource says about itself, and where it really is; None if there is no DAV."""
    try:
        members, final = await propfind(outgoing, url, WHO)
    except NOT_HERE:
        return None
    return members[0], canonical(final)


async def homes_of(outgoing: Outgoing, url: str) -> tuple[list[str], str]:
    """Calendar homes that lead on from `url`, and the principal signed in ("" if unknown)."""
    found = await look(outgoing, url)
    if found is None:
        return [], ""
    member, here = found
    principals = [address for href in member.hrefs(dav.CurrentUserPrincipal) if (address := within(here, href))]
    principal = principals[0] if principals else ""
    if principal and not member.hrefs(cdav.CalendarHomeSet):
        told = await look(outgoing, principal)
        member, here = told if told is not None else (member, here)
    homes = [str(web_address(href, base=web_address(here))) for href in member.hrefs(cdav.CalendarHomeSet)]
    for home in homes:
        if not is_neighbour(here, home):
            raise RefusedByProvider(f"{URL(here).host} sends us on to a stranger, {URL(home).host}")
        outgoing.trust(home)
    return [canonical(home) for home in homes], principal


async def calendars_in(outgoing: Outgoing, home: str, principal: str, depth: int = 1) -> list[RemoteCalendar]:
    members, final = await propfind(outgoing, home, CALENDAR, depth)
    found = read_calendars(members, canonical(final), principal)
    if found and AUTO_SCHEDULE in await promises(outgoing, final):
        return [replace(calendar, schedules=True) for calendar in found]
    return found


async def find_calendars(outgoing: Outgoing, url: str) -> list[RemoteCalendar]:
    """All calendars, where `url` is a server, a principal or a home; the one calendar, where it is a calendar's own.

    Raises: RefusedByProvider if there is no CalDAV to be found.
    """
    found = await look(outgoing, url)
    if found is not None and found[0].is_calendar:
        return await calendars_in(outgoing, found[1], "", depth=0)
    for start in (url, str(web_address(url).with_path(WELL_KNOWN).with_query(None))):
        homes, principal = await homes_of(outgoing, start)
        if homes:
            return [row for home in homes for row in await calendars_in(outgoing, home, principal)]
    try:
        calendars = await calendars_in(outgoing, url, "")
    except NOT_HERE as error:
        raise nothing_at(url) from error
    if not calendars:
        raise nothing_at(url)
    return calendars


def nothing_at(url: str) -> BackendError | RefusedByProvider:
    return RefusedByProvider(f"no CalDAV calendars could be found at {web_address(url).host}")
