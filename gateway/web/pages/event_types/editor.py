"""/app/event-types/new and /app/event-types/{id}: one event type, whole."""

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from gateway.booking import event_types, offer, own_calendars
from gateway.booking.event_types import Kept
from gateway.booking.model import EventType, document, said
from gateway.booking.rooms.missing import Missing, missing
from gateway.errors import Conflict, InvalidInput
from gateway.store import taken
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE, SETTINGS
from gateway.web.pages.event_types import checking, reading
from gateway.web.pages.event_types.checking import TAKEN, Checked, Errors
from gateway.web.pages.event_types.fields import BY_NAME
from gateway.web.pages.event_types.lacking import sentences
from gateway.web.pages.event_types.presets import PRESETS, TOPIC
from gateway.web.pages.event_types.reading import Draft, Posted
from gateway.web.pages.event_types.showing import Scene, rows_of, sections
from gateway.web.render import page
from gateway.web.sessions import SignedIn
from gateway.web.visitor import link, speak

LIST: Final = "/app/event-types"


def _scene(conn: Connection, request: web.Request, owner: Principal, of: Kept | None = None) -> Scene:
    people = event_types.candidates(conn, owner)
    known = event_types.own_schedules(conn, owner)
    into = {} if owner.is_team else {row.id: row.title for row in own_calendars.destinations(conn, owner)}
    read = {} if owner.is_team else {row.id: row.title for row in own_calendars.read(conn, owner)}
    return Scene(speak(request), request.app[CLOCK](), owner, people, known, into, read, _open(of))


def _open(of: Kept | None) -> frozenset[str] | None:
    """What may be set of one that follows the team's; None: all."""
    return None if of is None or of.row.managed_by is None else frozenset({*of.row.open, "hidden"})


async def new(request: web.Request) -> web.Response:
    """What to begin with; then the editor, filled in."""
    signed_in = await sessions.required(request)
    team, chosen = request.query.get("team", ""), request.query.get("preset", "")
    spoken = speak(request)

    def read(conn: Connection) -> tuple[Scene, Draft]:
        owner = event_types.owner_of(conn, signed_in.person, team)
        return _scene(conn, request, owner), _begun(conn, request, owner, chosen)

    scene, draft = await request.app[DATABASE].read(read)
    if chosen in PRESETS:
        return _page(request, signed_in, scene, draft, None)
    values = {
        "person": signed_in.person,
        "csrf": signed_in.session.csrf,
        "presets": [
            (link(f"{LIST}/new", {}, preset=name, team=team), spoken.text(one.title), spoken.text(one.about))
            for name, one in PRESETS.items()
        ],
        "team": scene.owner.displayname if scene.owner.is_team else "",
    }
    return page(request, "event_types/new.html", values, spoken=spoken)


def _begun(conn: Connection, request: web.Request, owner: Principal, chosen: str) -> Draft:
    preset, spoken = PRESETS.get(chosen, PRESETS["blank"]), speak(request)
    title = spoken.text(preset.title) if preset.slug else ""
    kind = EventType.model_validate({"title": title, **preset.document})
    asked = [{**one, "label": {"": spoken.text(TOPIC)}} for one in document(kind)["questions"]]
    slug = event_types.free_slug(conn, owner, preset.slug) if preset.slug else ""
    return {**checking.draft_of(kind, slug, hidden=False), "questions": asked, "hosts": []}


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)

    def read(conn: Connection) -> tuple[Scene, Draft, Kept, list[Missing]]:
        of = event_types.kept(conn, signed_in.person, int(request.match_info["id"]))
        draft = checking.draft_of(of.kind, of.row.slug, hidden=of.row.hidden)
        draft["hosts"] = [
            {"id": one.user_id, "comes": True, "fixed": one.fixed, "priority": one.priority, "weight": one.weight}
            for one in taken.hosts(conn, of.row.id)
        ]
        booked = offer.bookable(conn, of.owner.name, of.row.slug)
        lacking = list(missing(conn, request.app[SETTINGS], booked))
        return _scene(conn, request, of.owner, of), draft, of, lacking

    scene, draft, of, lacking = await request.app[DATABASE].read(read)
    return _page(request, signed_in, scene, draft, of, lacking=sentences(lacking, scene.spoken))


def _page(
    request: web.Request,
    signed_in: SignedIn,
    scene: Scene,
    draft: Draft,
    of: Kept | None,
    *,
    errors: Errors | None = None,
    opened: str = "",
    lacking: Sequence[str] = (),
) -> web.Response:
    """of: None: it is new. errors: None: there were none to look for. lacking: what its places are short of."""
    spoken, errors = scene.spoken, errors or {}
    here = f"{offer.page_of(scene.owner)}/"
    values: dict[str, Any] = {
        "person": signed_in.person,
        "csrf": signed_in.session.csrf,
        "title": said(of.kind.title, spoken.code) or of.row.slug if of else spoken.text("New event type"),
        "action": f"{LIST}/{of.row.id}" if of else f"{LIST}/new",
        "id": of.row.id if of else 0,
        "team": scene.owner.name if scene.owner.is_team else "",
        "owner": scene.owner.displayname,
        "before_slug": f"{request.app[SETTINGS].server.base_url}{here}",
        "path": f"{here}{of.row.slug}" if of else "",
        "sections": sections(scene, draft, errors, opened),
        "errors": {path: spoken.text(message) for path, message in errors.items()},
        "lacking": lacking,
        "follows": scene.open is not None,
        "saved": request.query.get("saved", "") if request.method == "GET" else "",
    }
    response = page(request, "event_types/edit.html", values, spoken=spoken, status=422 if errors else 200)
    response.enable_compression()
    return response


async def save(request: web.Request) -> web.Response:
    """Saves; or changes a list of the form, such as its questions, and shows it again."""
    signed_in, posted = await sessions.posted(request)
    key = int(request.match_info.get("id", "0"))

    def look(conn: Connection) -> tuple[Scene, Kept | None]:
        of = event_types.kept(conn, signed_in.person, key) if key else None
        owner = of.owner if of else event_types.owner_of(conn, signed_in.person, reading.line(posted, "team"))
        return _scene(conn, request, owner, of), of

    scene, of = await request.app[DATABASE].read(look)
    draft = checking.typed(posted, rows_of(scene))
    if of is not None and scene.open is not None:
        draft["slug"] = of.row.slug
    do, _, rest = reading.line(posted, "do").partition(":")
    if do and do != "save":
        opened = _rearrange(draft, do, rest)
        return _page(request, signed_in, scene, draft, of, opened=opened)
    checked = checking.check(draft, dict(of.row.document) if of else {})
    errors = {**checked.errors, **_own_errors(scene, draft)}
    if not errors:
        key, errors = await _write(request, signed_in, posted, of, checked, draft)
    if errors:
        return _page(request, signed_in, scene, draft, of, errors=errors)
    raise web.HTTPSeeOther(f"{LIST}/{key}?saved=1")


def _rearrange(draft: Draft, do: str, rest: str) -> str:
    """The section that was worked on. rest: the list's name and the item's number."""
    name, _, at = rest.partition(":")
    number, row = reading.whole(at), BY_NAME.get(name)
    place = number if isinstance(number, int) else 0
    if name == "hosts" and do in {"up", "down"}:
        draft["hosts"] = reading.rearranged(draft["hosts"], do, place, {})
        return "hosts"
    if row is not None and row.blank is not None:
        draft[name] = reading.rearranged(draft[name], do, place, row.blank)
    return row.section if row else ""


def _own_errors(scene: Scene, draft: Draft) -> Errors:
    """Numbers of what is not the owner's."""
    chosen = draft.get("schedule")
    if chosen is not None and chosen not in scene.schedules:
        return {"schedule": BY_NAME["schedule"].wrong[""]}
    return checking.hosts(draft)[1]


async def _write(
    request: web.Request, signed_in: SignedIn, posted: Posted, of: Kept | None, checked: Checked, draft: Draft
) -> tuple[int, Errors]:
    """Number of the event type, and what was refused after all."""
    kind = checked.kind
    if kind is None:
        return 0, checked.errors
    hosts, _ = checking.hosts(draft)

    def write(conn: Connection) -> int:
        if of is None:
            owner = event_types.owner_of(conn, signed_in.person, reading.line(posted, "team"))
            key = event_types.add(conn, owner, checked.slug, kind, hidden=checked.hidden)
        else:
            key = of.row.id
            again = event_types.kept(conn, signed_in.person, key)
            event_types.change(conn, again, kind, slug=checked.slug, hidden=checked.hidden)
        if "host" in posted:
            event_types.set_hosts(conn, event_types.kept(conn, signed_in.person, key), hosts)
        return key

    try:
        return await request.app[DATABASE].write(write), {}
    except Conflict:
        return 0, {"slug": TAKEN}
    except InvalidInput as error:
        return 0, checking.refused(error)
