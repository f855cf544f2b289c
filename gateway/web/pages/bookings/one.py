"""/app/bookings/<uid>: one booking with all that is known of it, what happened, and what a host can do."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from multidict import MultiMapping

from gateway.booking.access import Found, of_person
from gateway.booking.attended import mark_no_show, may_be_no_show, note_for_hosts
from gateway.booking.book import cancel
from gateway.booking.confirm import confirm, decline
from gateway.booking.context import Desk
from gateway.booking.history import Step, steps
from gateway.booking.model import LONGEST_TEXT, said
from gateway.booking.reassign import Candidate, candidates, reassign
from gateway.errors import BackendUnavailable, NotFound, SlotTaken
from gateway.store import principals
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web import sessions
from gateway.web.forms import CONTROL_BUT_LINES, TEXT_PROBLEM
from gateway.web.keys import CLOCK, DATABASE, DESK
from gateway.web.language import Language, msg
from gateway.web.pages.bookings.files import STATUSES
from gateway.web.reasons import Reader, sentences
from gateway.web.render import page
from gateway.web.sessions import SignedIn
from gateway.web.views import REPLIES, moment
from gateway.web.visitor import link, speak

LONGEST_REASON: Final = 1000
STEPS: Final[Mapping[str, str]] = {
    "booked": msg("Booked"),
    "requested": msg("Requested"),
    "confirmed": msg("Confirmed"),
    "declined": msg("Declined"),
    "rescheduled": msg("Moved"),
    "changed": msg("Changed"),
    "cancelled": msg("Cancelled"),
    "date_moved": msg("One date moved"),
    "date_cancelled": msg("One date cancelled"),
    "reassigned": msg("Handed over"),
    "guests": msg("Guests added"),
    "no_show": msg("Did not come"),
}
SAID: Final[Mapping[str, str]] = {
    "confirm": msg("The appointment is confirmed. Everybody has been told by e-mail."),
    "decline": msg("The appointment is declined. Everybody has been told by e-mail."),
    "cancel": msg("The appointment is cancelled. Everybody has been told by e-mail."),
    "no-show": msg("It is written down that nobody came."),
    "came": msg("It is written down that they came."),
    "note": msg("Saved."),
    "reassign": msg("It is handed over. Everybody has been told by e-mail."),
}


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    done = request.query.get("done", "")
    return await _page(request, signed_in, good=SAID.get(done, ""))


async def _page(
    request: web.Request, signed_in: SignedIn, *, good: str = "", wrong: str = "", typed: str | None = None
) -> web.Response:
    """good, wrong: of the catalogue. typed: a note for hosts that was refused."""
    person, spoken = signed_in.person, speak(request)
    uid = request.match_info["uid"]

    def read(conn: Connection) -> tuple[Found, list[Step], list[Candidate], dict[int, str]]:
        found = of_person(conn, person.id, uid)
        others = candidates(conn, request.app[DESK], found, person) if _is_open(request, found) else []
        happened = list(steps(conn, found.row.id))
        people = principals.of_ids(conn, {one.actor for one in happened if one.actor is not None})
        return found, happened, others, {one.id: one.displayname for one in people}

    found, happened, others, names = await request.app[DATABASE].read(read)
    values: dict[str, Any] = {
        "person": person,
        "csrf": signed_in.session.csrf,
        "good": spoken.text(good) if good else "",
        "wrong": spoken.text(wrong) if wrong else "",
        **_facts(request, found, person, spoken),
        "may": _may(request, found),
        "host_note": found.details.host_note if typed is None else typed,
        "note_wrong": typed is not None,
        "steps": [_step(one, found, names, person.zone, spoken) for one in reversed(happened)],
        "hosts": [{"name": one.name, "text": one.displayname} for one in found.hosts],
        "others": [_other(one, found, person, spoken) for one in others],
    }
    return page(request, "booking_details.html", values, spoken=spoken, status=422 if wrong else 200)


def _is_open(request: web.Request, found: Found) -> bool:
    return found.may_cancel(request.app[CLOCK]())


def _may(request: web.Request, found: Found) -> dict[str, Any]:
    now, path = request.app[CLOCK](), f"/booking/{found.row.uid}"
    token = request.app[DESK].sealer.open(found.details.host_token.encode())
    waits = found.row.status == "pending" and _is_open(request, found)
    return {
        "confirm": waits,
        "decline": waits,
        "cancel": _is_open(request, found) and not waits,
        "move": link(path, {"token": token}, move="1") if found.may_move(now) else "",
        "no_show": may_be_no_show(found.row, now),
    }


def _facts(request: web.Request, found: Found, person: Principal, spoken: Language) -> dict[str, Any]:
    row, written = found.row, found.details
    asked = {} if found.of is None else {one.name: said(one.label, spoken.code) for one in found.of.kind.questions}
    over = row.status in ("accepted", "pending") and row.end <= request.app[CLOCK]()
    return {
        "uid": row.uid,
        "action": f"/app/bookings/{row.uid}",
        "title": written.title,
        "status": spoken.text(msg("Over")) if over else spoken.text(STATUSES[row.status]),
        "state": row.status,
        "moment": moment(row.start, row.end, person.zone, spoken),
        "invitee": written.invitee,
        "theirs": moment(row.start, row.end, written.invitee.zone or person.zone, spoken),
        "together": spoken.several([one.displayname for one in found.hosts]),
        "guests": [one.email for one in written.coming],
        "place": written.place,
        "note": written.note,
        "answers": [(asked.get(name, name), text) for name, text in written.answers.items()],
        "reason": written.reason,
        "reply": spoken.text(REPLIES[written.reply]) if written.reply else "",
        "no_show": written.no_show,
    }


def _step(one: Step, found: Found, names: Mapping[int, str], zone: str, spoken: Language) -> dict[str, str]:
    who = names.get(one.actor or 0, "")
    if not who:
        who = found.details.invitee.name if one.by == "invitee" else spoken.text("A host")
    if one.by == "calendar":
        who = spoken.text("{name}, in their calendar", name=who)
    change, about = one.change, one.change.reason
    if change.before is not None and change.after is not None:
        old, new = (moment(*times, zone, spoken).text for times in (change.before, change.after))
        about = f"{old} → {new}"
    elif change.new:
        about = f"{change.old} → {change.new}"
    words = STEPS.get(one.kind, STEPS["changed"])
    if one.kind == "no_show" and not change.no_show:
        words = msg("Came after all")
    when = moment(one.at, one.at, zone, spoken)
    clock = when.hours.partition(" – ")[0]
    return {"what": spoken.text(words), "who": who, "when": f"{when.day}, {clock}", "about": about}


def _other(one: Candidate, found: Found, person: Principal, spoken: Language) -> dict[str, Any]:
    reader = Reader(spoken, person.zone, at=found.row.start)
    return {
        "name": one.person.name,
        "text": one.person.displayname,
        "booked": one.booked,
        "reasons": [each.text for each in sentences(one.told, one.reasons, reader)],
    }


async def act(request: web.Request) -> web.Response:
    """do=confirm, decline, cancel, no-show, came, note or reassign."""
    signed_in, posted = await sessions.posted(request)
    desk = request.app[DESK].acting(signed_in.person)
    found = await request.app[DATABASE].read(of_person, signed_in.person.id, request.match_info["uid"])
    token = desk.sealer.open(found.details.host_token.encode())
    what, note = str(posted.get("do", "")), _text(posted, "note")
    if what not in SAID:
        raise NotFound("there is nothing like this to do with a booking")
    if what == "note" and (len(note) > LONGEST_TEXT or CONTROL_BUT_LINES.search(note)):
        return await _page(request, signed_in, wrong=TEXT_PROBLEM, typed=note)
    try:
        await _do(desk, found, token, what, posted)
    except SlotTaken:
        return await _page(request, signed_in, wrong=msg("This cannot be done any more. Nothing was changed."))
    except BackendUnavailable:
        wrong = msg("A calendar does not take this at the moment. Nothing was changed; please try again later.")
        return await _page(request, signed_in, wrong=wrong)
    except NotFound:
        if what != "reassign":
            raise
        return await _page(request, signed_in, wrong=msg("Please choose who takes it over."))
    raise web.HTTPSeeOther(await _next(request, signed_in, found, what))


async def _next(request: web.Request, signed_in: SignedIn, found: Found, what: str) -> str:
    """Back to it; to the list, where it is somebody else's now."""
    try:
        await request.app[DATABASE].read(of_person, signed_in.person.id, found.row.uid)
    except NotFound:
        return "/app/bookings"
    return link(f"/app/bookings/{found.row.uid}", {"done": what})


def _text(posted: MultiMapping[object], name: str) -> str:
    return str(posted.get(name, "")).replace("\r\n", "\n").replace("\r", "\n").strip()


async def _do(desk: Desk, found: Found, token: str, what: str, posted: MultiMapping[object]) -> None:
    uid, reason = found.row.uid, _text(posted, "reason")[:LONGEST_REASON]
    match what:
        case "confirm":
            await confirm(desk, uid, token)
        case "decline":
            await decline(desk, uid, token, reason)
        case "cancel":
            await cancel(desk, uid, token, reason)
        case "note":
            await note_for_hosts(desk, uid, token, _text(posted, "note"))
        case "reassign":
            await reassign(desk, uid, token, _text(posted, "old"), _text(posted, "new"))
        case _:
            await mark_no_show(desk, uid, token, no_show=what == "no-show")
