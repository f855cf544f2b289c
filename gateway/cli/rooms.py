"""What gateway doctor says about rooms for conferences."""

from collections.abc import AsyncIterator, Iterator

from gateway.app import Parts
from gateway.booking import offer
from gateway.booking.rooms.missing import missing
from gateway.cli.finding import Finding, Verdict
from gateway.config import Settings
from gateway.errors import GatewayError
from gateway.store import bookings, principals, rooms
from gateway.store.database import Connection

ABOUT = "rooms"


async def about_rooms(parts: Parts) -> AsyncIterator[Finding]:
    if parts.settings.zoom.account_id and parts.desk.zoom is not None:
        yield await _app(parts)
    for finding in await parts.db.read(_lacking, parts.settings):
        yield finding
    for finding in await parts.db.read(_troubled, parts.settings, int(parts.clock())):
        yield finding


async def _app(parts: Parts) -> Finding:
    if parts.desk.zoom is None:
        return Finding(ABOUT, Verdict.NOTE, "Zoom is not asked from here")
    try:
        await parts.desk.zoom.check()
    except GatewayError as error:
        return Finding(
            ABOUT, Verdict.BAD, str(error), "compare [zoom] with the app at marketplace.zoom.us: docs/rooms.md"
        )
    return Finding(ABOUT, Verdict.GOOD, "Zoom's server-to-server app is given tokens")


def _lacking(conn: Connection, settings: Settings) -> list[Finding]:
    return list(_each_lacking(conn, settings))


def _each_lacking(conn: Connection, settings: Settings) -> Iterator[Finding]:
    for owner in principals.everybody(conn):
        for row in bookings.event_types(conn, owner.id):
            of = offer.bookable(conn, owner.name, row.slug)
            for one in missing(conn, settings, of):
                about = f"{ABOUT} of {owner.name}/{row.slug}"
                text = f"{one.host.name} can have none at {one.kind.name}; bookings with them stand, and they are told"
                yield Finding(about, Verdict.NOTE, text, one.kind.todo.format(url=settings.server.base_url))


def _troubled(conn: Connection, settings: Settings, now: int) -> list[Finding]:
    names = {one.id: one.name for one in principals.everybody(conn)}
    return [
        Finding(
            f"{ABOUT} of {names[row.user_id]}",
            Verdict.NOTE,
            f"one that a booking to come is to have at {row.kind}: {row.error}",
            f"they have been told by mail; sign-ins are at {settings.server.base_url}/app" if row.told else "",
        )
        for row in rooms.troubled(conn, now)
    ]
