"""/app: one's own calendars, bookings and ways to reach them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from babel.dates import format_timedelta

from gateway.accounts.passwords import new_app_password
from gateway.booking.model import details
from gateway.errors import InvalidRequest, NotFound, UsageError
from gateway.store import accounts, bookings, principals
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.principals import AppPassword
from gateway.sync import calendars
from gateway.web import sessions
from gateway.web.accent import hexadecimal, parse
from gateway.web.keys import AUTHENTICATOR, CLOCK, DATABASE, DESK, SETTINGS
from gateway.web.language import Language, msg
from gateway.web.render import page
from gateway.web.sessions import SignedIn
from gateway.web.views import moment
from gateway.web.visitor import link, speak

NEUTRAL: Final = "#868d9a"
KINDS: Final[Mapping[str, str]] = {
    "google": "Google",
    "outlook": "Outlook",
    "caldav": "CalDAV",
    "feed": msg("Calendar feed"),
    "radicale": "Radicale",
    "local": msg("On this server"),
}
# Kinds of account with a sign-in page of their own, and their section of the settings.
CONNECTABLE: Final = {"google": "google", "outlook": "microsoft"}
LONGEST_LABEL: Final = 60


@dataclass(frozen=True, slots=True)
class Own:
    """What is shown of a person's own."""

    accounts: list[AccountRow]
    calendars: list[CalendarRow]
    bookings: list[BookingRow]
    passwords: list[AppPassword]


def own(conn: Connection, user: int, now: float) -> Own:
    coming = [row for row in bookings.of_user(conn, user) if row.status in bookings.BLOCKING and row.end > now]
    return Own(
        accounts.of_user(conn, user),
        accounts.calendars(conn, user),
        sorted(coming, key=lambda row: row.start),
        principals.app_passwords(conn, user),
    )


async def show(request: web.Request) -> web.Response:
    return await overview(request, await sessions.required(request))


async def overview(
    request: web.Request, signed_in: SignedIn, *, app_password: str = "", notice: str = "", status: int = 200
) -> web.Response:
    now, spoken, person = request.app[CLOCK](), speak(request), signed_in.person
    mine = await request.app[DATABASE].read(own, person.id, now)
    settings = request.app[SETTINGS]
    values: dict[str, Any] = {
        "person": person,
        "csrf": signed_in.session.csrf,
        "notice": notice,
        "good": status < 400,
        "base_url": settings.server.base_url,
        "accounts": [_account(row, mine.calendars, spoken, now) for row in mine.accounts],
        "bookings": [_booking(request, row, person.zone, spoken) for row in mine.bookings],
        "providers": [
            {"name": KINDS[kind], "link": f"/oauth/{kind}/start"}
            for kind, section in CONNECTABLE.items()
            if getattr(settings, section).client_id
        ],
        "app_password": app_password,
        "passwords": [{"id": row.id, "label": row.label, "used": _used(row, spoken, now)} for row in mine.passwords],
    }
    return page(request, "app.html", values, spoken=spoken, status=status)


def ago(seconds: float, spoken: Language) -> str:
    return format_timedelta(timedelta(seconds=-max(seconds, 1)), add_direction=True, locale=spoken.locale)


def _used(row: AppPassword, spoken: Language, now: float) -> str:
    if row.last_used is None:
        return spoken.text("Never used")
    return spoken.text("Last used {ago}", ago=ago(now - row.last_used, spoken))


def _account(row: AccountRow, every: list[CalendarRow], spoken: Language, now: float) -> dict[str, Any]:
    state, health = _health(row, spoken, now)
    kind = spoken.text(KINDS.get(row.kind, row.kind))
    return {
        "name": kind if row.displayname in {"", row.kind, kind} else f"{kind} · {row.displayname}",
        "state": state,
        "health": health,
        "advice": row.error if row.state != "ok" else "",
        "renew": f"/oauth/{row.kind}/start" if state == "signed-out" and row.kind in CONNECTABLE else "",
        "calendars": [_calendar(calendar) for calendar in every if calendar.account_id == row.id],
    }


def _health(row: AccountRow, spoken: Language, now: float) -> tuple[str, str]:
    """A word for the style, and words for people."""
    if row.kind == "local":
        return "ok", spoken.text("Always up to date")
    since = "" if row.synced is None else ago(now - row.synced, spoken)
    if row.state == "signed-out":
        return row.state, spoken.text("Sign-in has expired")
    if row.state != "ok" and since:
        return "failing", spoken.text("Cannot be read; last time {ago}", ago=since)
    if row.state != "ok":
        return "failing", spoken.text("Cannot be read")
    if since:
        return "ok", spoken.text("Up to date, {ago}", ago=since)
    return "waiting", spoken.text("Being read for the first time")


def _calendar(row: CalendarRow) -> dict[str, Any]:
    shade = parse(row.color)
    return {
        "id": row.id,
        "name": row.displayname,
        "color": NEUTRAL if shade is None else hexadecimal(shade),
        "writable": row.writable,
        "merged": row.merged,
        "busy": row.busy,
        "destination": row.destination,
    }


def _booking(request: web.Request, row: BookingRow, zone: str, spoken: Language) -> dict[str, str]:
    written, when = details(row), moment(row.start, row.end, zone, spoken)
    token = request.app[DESK].sealer.open(written.token.encode())
    return {
        "day": when.day,
        "hours": when.hours,
        "title": written.title,
        "invitee": written.invitee.name,
        "email": written.invitee.email,
        "link": link(f"/booking/{row.uid}", {}, token=token),
    }


async def set_calendar(request: web.Request) -> web.Response:
    """what=merged|busy|destination, on=0|1."""
    signed_in, form = await sessions.posted(request)
    user, on, now = signed_in.person.id, form.get("on") == "1", request.app[CLOCK]()
    key, what = int(request.match_info["id"]), form.get("what")

    def write(conn: Connection) -> None:
        if what == "merged":
            calendars.set_merged(conn, user, key, on, now)
        elif what == "busy":
            calendars.set_busy(conn, user, key, on, now)
        elif what == "destination":
            calendars.set_destination(conn, user, key)
        else:
            raise InvalidRequest("nothing of that name can be set on a calendar")

    try:
        await request.app[DATABASE].write(write)
    except UsageError as error:
        return await overview(request, signed_in, notice=str(error), status=409)
    request.app[DESK].sync.bell.ring()
    raise web.HTTPSeeOther("/app#h-calendars")


async def add_password(request: web.Request) -> web.Response:
    """The new app password stands in this one answer and nowhere else."""
    signed_in, form = await sessions.posted(request)
    label = str(form.get("label", "")).strip()[:LONGEST_LABEL]
    if not label or not label.isprintable():
        raise InvalidRequest("name the app that the password is for")
    plain, digest = new_app_password()
    now = int(request.app[CLOCK]())
    await request.app[DATABASE].write(principals.add_app_password, signed_in.person.id, label, digest, now)
    return await overview(request, signed_in, app_password=plain)


async def revoke_password(request: web.Request) -> web.Response:
    signed_in, _ = await sessions.posted(request)
    user, key = signed_in.person.id, int(request.match_info["id"])
    if not await request.app[DATABASE].write(principals.revoke_app_password, user, key):
        raise NotFound("there is no such app password")
    request.app[AUTHENTICATOR].forget(user)
    raise web.HTTPSeeOther("/app#h-apps")
