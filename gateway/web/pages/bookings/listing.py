"""/app/bookings: the list, and the same as files."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from gateway.booking.attended import may_be_no_show
from gateway.booking.model import details, said
from gateway.booking.turns import next_of, standing
from gateway.store import booking_pages, principals
from gateway.store.booking_pages import Shelf
from gateway.store.bookings import BLOCKING, BookingRow
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE
from gateway.web.language import Language, msg
from gateway.web.pages.bookings import files
from gateway.web.pages.bookings.asked import Asked, asked
from gateway.web.render import page
from gateway.web.views import REPLIES, count_text, moment
from gateway.web.visitor import link, speak

PAGE: Final = 50
MOST: Final = 10_000  # in a file
SHELVES: Final[Mapping[Shelf, str]] = {
    Shelf.UPCOMING: msg("Upcoming"),
    Shelf.UNCONFIRMED: msg("Unconfirmed"),
    Shelf.PAST: msg("Past"),
    Shelf.CANCELLED: msg("Cancelled"),
}
EMPTY: Final[Mapping[Shelf, str]] = {
    Shelf.UPCOMING: msg("Nothing is coming up."),
    Shelf.UNCONFIRMED: msg("Nothing waits to be confirmed."),
    Shelf.PAST: msg("Nothing has taken place yet."),
    Shelf.CANCELLED: msg("Nothing was cancelled or declined."),
}
Found = tuple[Asked, list[BookingRow], dict[int, list[Principal]]]


def _look(conn: Connection, request: web.Request, person: Principal, limit: int) -> Found:
    wish = asked(conn, request, person, int(request.app[CLOCK]()))
    rows = booking_pages.listed(conn, wish.whose, wish.only, limit)
    hosts = booking_pages.hosts_by_id(conn, [row.id for row in rows])
    people = {one.id: one for one in principals.of_ids(conn, {key for keys in hosts.values() for key in keys})}
    return wish, rows, {key: [people[one] for one in keys] for key, keys in hosts.items()}


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    person, spoken = signed_in.person, speak(request)
    wish, rows, hosts = await request.app[DATABASE].read(_look, request, person, PAGE + 1)
    listed, now = rows[:PAGE], request.app[CLOCK]()
    last = listed[-1] if len(rows) > PAGE else None
    values: dict[str, Any] = {
        "person": person,
        "csrf": signed_in.session.csrf,
        "tabs": [
            {
                "text": spoken.text(words),
                "link": link("/app/bookings", {**wish.query, "tab": shelf.value}),
                "current": shelf is wish.shelf,
            }
            for shelf, words in SHELVES.items()
        ],
        "tab": wish.shelf.value,
        "shelf": spoken.text(SHELVES[wish.shelf]),
        "q": wish.query["q"],
        "narrowed": any(wish.query[name] for name in ("q", "type", "team", "host")),
        "nothing": spoken.text(EMPTY[wish.shelf]),
        **_choices(wish, spoken),
        "bookings": [_booking(row, hosts[row.id], person, spoken, now) for row in listed],
        "next": link("/app/bookings", wish.query, after=f"{last.start}.{last.id}") if last is not None else "",
        "files": {kind: link(f"/app/bookings.{kind}", wish.query) for kind in ("ics", "csv")},
        "zone": person.zone,
    }
    return page(request, "bookings.html", values, spoken=spoken)


def _choices(wish: Asked, spoken: Language) -> dict[str, Any]:
    return {
        "kinds": [
            {
                "key": str(of.row.id),
                "text": said(of.kind.title, spoken.code) + (f" ({of.host.displayname})" if of.host.is_team else ""),
                "chosen": str(of.row.id) == wish.query["type"],
            }
            for of in wish.choices.kinds
        ],
        "teams": [_choice(one, wish.query["team"]) for one in wish.choices.teams],
        "members": [_choice(one, wish.query["host"]) for one in wish.choices.members],
    }


def _choice(one: Principal, chosen: str) -> dict[str, Any]:
    return {"key": one.name, "text": one.displayname, "chosen": one.name == chosen}


def _booking(
    row: BookingRow, hosts: Sequence[Principal], person: Principal, spoken: Language, now: float
) -> dict[str, Any]:
    written, next_ = details(row), next_of(row, now)
    when = moment(next_.start, next_.end, person.zone, spoken)
    others = [one.displayname for one in hosts if one.id != person.id]
    return {
        "link": f"/app/bookings/{row.uid}",
        "day": when.day,
        "hours": when.hours,
        "title": written.title + (f" · {count_text(len(standing(row)), spoken)}" if written.series else ""),
        "invitee": written.invitee.name,
        "email": written.invitee.email,
        "hosts": spoken.several(others) if others else "",
        "status": row.status,
        "no_show": written.no_show,
        "begun": may_be_no_show(row, now),
        "reply": spoken.text(REPLIES[written.reply]) if written.reply else "",
        "reason": written.reason if row.status not in BLOCKING else "",
    }


async def calendar_file(request: web.Request) -> web.Response:
    """What is listed as iCalendar."""
    person, found, _ = await _whole(request)
    text = files.calendar(found, person)
    return _file(text, "text/calendar", "bookings.ics")


async def table_file(request: web.Request) -> web.Response:
    """What is listed as a table."""
    person, found, spoken = await _whole(request)
    return _file(files.table(found, person, spoken), "text/csv", "bookings.csv")


async def _whole(request: web.Request) -> tuple[Principal, list[tuple[BookingRow, list[Principal]]], Language]:
    signed_in = await sessions.required(request)
    _, rows, hosts = await request.app[DATABASE].read(_look, request, signed_in.person, MOST)
    return signed_in.person, [(row, hosts[row.id]) for row in rows], speak(request)


def _file(text: str, kind: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)
