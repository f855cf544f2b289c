"""MKCALENDAR (RFC 4791 5.3.1), extended MKCOL (RFC 5689), and DELETE of a calendar: all of it or nothing."""

from dataclasses import dataclass, replace
from typing import Final

from gateway.dav import acl, proppatch, xml
from gateway.dav.answer import XML, Answer, bounded
from gateway.dav.objects import asked_of, names
from gateway.dav.paths import On, Place
from gateway.dav.properties.calendars import timezone_id, zone_of
from gateway.dav.properties.choices import color_of, components_of, transp_of
from gateway.dav.proppatch import Change
from gateway.dav.resources import Resource, View
from gateway.dav.tokens import revision
from gateway.dav.visit import Visit
from gateway.dav.xml import APPLE, children, text_of
from gateway.errors import (
    CALDAV,
    DAV,
    CalendarExists,
    Conflict,
    Forbidden,
    GatewayError,
    InvalidResourceType,
    InvalidXml,
    NotFound,
    PreconditionFailed,
    UnsupportedContent,
    WrongLocation,
)
from gateway.scheduling import implicit
from gateway.store import properties
from gateway.store.collections import CALENDAR, Collection
from gateway.sync.separate import Wish, check_unmake, make, unmake
from gateway.sync.write import check_href

COMPONENTS: Final = CALDAV + "supported-calendar-component-set"
TYPE: Final = DAV + "resourcetype"
XML_TYPES: Final = {"", "application/xml", "text/xml"}
CREATED: Final = Answer(201, headers={"Cache-Control": "no-cache"})


@dataclass(frozen=True, slots=True)
class Plan:
    """owner: whose home it goes to. checked: what is wrong with the properties, and what is kept of them."""

    owner: int
    name: str
    wish: Wish
    checked: proppatch.Checked


async def mkcalendar(visit: Visit) -> Answer:
    body = await visit.xml_body()
    plan = await visit.read(_plan, visit.place, body, CALDAV + "mkcalendar")
    if plan.checked.failed:
        return proppatch.answer(plan.checked, visit.settings.limits.answer_bytes, minimal=False)
    return await visit.write(_make, plan)


async def mkcol(visit: Visit) -> Answer:
    """Only with a body that says it is to be a calendar; one that nobody can read is 415 (RFC 4918 9.3).

    Raises: CalendarExists, and what else is in the way.
    """
    body = await visit.xml_body()
    try:
        plan = await visit.read(_plan, visit.place, body, DAV + "mkcol")
    except InvalidXml as error:
        if visit.headers.get("Content-Type", "").partition(";")[0].strip().lower() in XML_TYPES:
            raise
        raise UnsupportedContent("what is to be made is said in XML") from error
    if plan.checked.failed:
        inner = "".join(proppatch.outcomes(plan.checked))
        text = xml.document(DAV + "mkcol-response", [inner])
        return Answer(403, bounded(text, visit.settings.limits.answer_bytes), XML)
    return await visit.write(_make, plan)


def _plan(view: View, place: Place, body: bytes, root: str) -> Plan:
    home = _home(view, place)
    check_href(place.collection)
    changes = _read(body, root)
    shelf = Collection(0, home.owner.id, CALENDAR, place.collection)
    checked = _check(home.sibling(On.SEPARATE, shelf), changes, extended=root == DAV + "mkcol")
    wish = Wish(place.collection) if checked.failed else _wish(place.collection, changes)
    return Plan(home.owner.id, place.collection, wish, checked)


def _home(view: View, place: Place) -> Resource:
    """Where it goes to. Raises: NotFound, CalendarExists, WrongLocation, Conflict."""
    if place.on in On.MEMBER:
        on = On.INBOX if place.on is On.MESSAGE else On.SEPARATE if place.collection != "merged" else On.CALENDAR
        if acl.reaches(view, Place(on, place.name, collection=place.collection)):
            raise WrongLocation("there are no calendars inside calendars")
        home = acl.reach(view, Place(On.HOME, place.name))
        raise Conflict(f"there is no such collection in {home.path}")
    if place.on is not On.SEPARATE:
        acl.reach(view, place)
        raise CalendarExists("there is something here already")
    if acl.reaches(view, place):
        raise CalendarExists("there is a calendar of that name already")
    home = acl.reach(view, Place(On.HOME, place.name))
    if not home.is_mine:
        raise Forbidden("calendars are made in one's own home")
    return home


def _read(body: bytes, root: str) -> list[Change]:
    """What is to be set. Raises: InvalidXml; InvalidResourceType for a plain MKCOL."""
    if not body.strip():
        if root == DAV + "mkcol":
            raise InvalidResourceType("only calendars are kept here: send an extended MKCOL, or MKCALENDAR")
        return []
    found = xml.parse(body)
    if found.tag != root:
        raise InvalidXml(f"the body is not a {root.partition('}')[2]}")
    blocks = [block for kind, block in children(found) if kind == DAV + "set"]
    props = [one for block in blocks for name, one in children(block) if name == DAV + "prop"]
    return [Change(name, one) for prop in props for name, one in children(prop)]


def _check(resource: Resource, changes: list[Change], *, extended: bool) -> proppatch.Checked:
    """What only a new calendar may be told is looked at here, the rest as by PROPPATCH."""
    types = [change for change in changes if change.name == TYPE]
    fixed = {change.name: change for change in changes if change.name in {TYPE, COMPONENTS}}
    checked = proppatch.check(resource, [change for change in changes if change.name not in fixed])
    failed = dict(checked.failed)
    for name, change in fixed.items():
        try:
            _check_fixed(change)
        except GatewayError as error:
            failed[name] = error
    if extended and not types:
        failed[TYPE] = InvalidResourceType("an extended MKCOL says what it makes")
    said = tuple(dict.fromkeys([change.name for change in changes] + list(failed)))
    return replace(checked, names=said, failed=failed)


def _check_fixed(change: Change) -> None:
    if change.value is None:
        return
    if change.name == COMPONENTS:
        components_of(change.value)
    elif {name for name, _ in children(change.value)} != {DAV + "collection", CALDAV + "calendar"}:
        raise InvalidResourceType("only calendars are made here")


def _wish(name: str, changes: list[Change]) -> Wish:
    """changes: known to be right."""
    wish = Wish(name)
    for change in changes:
        value = change.value
        if value is None:
            continue
        if change.name == DAV + "displayname":
            wish = replace(wish, displayname=text_of(value).strip() or name)
        elif change.name == APPLE + "calendar-color":
            wish = replace(wish, color=color_of(text_of(value)))
        elif change.name == COMPONENTS:
            wish = replace(wish, components=components_of(value))
        elif change.name == CALDAV + "schedule-calendar-transp":
            wish = replace(wish, busy=transp_of(value))
        elif change.name == CALDAV + "calendar-timezone":
            wish = replace(wish, zone=zone_of(text_of(value)) or "")
        elif change.name == CALDAV + "calendar-timezone-id":
            wish = replace(wish, zone=timezone_id(text_of(value)))
    return wish


def _make(view: View, plan: Plan) -> Answer:
    make(view.conn, plan.owner, plan.name, plan.wish, view.now)
    properties.forget_below(view.conn, plan.checked.path)
    properties.put(view.conn, view.asker.id, plan.checked.path, plan.checked.kept)
    return CREATED


async def delete(visit: Visit) -> Answer:
    """With all that is in it. Raises: Forbidden, DefaultCalendarNeeded, PreconditionFailed."""
    answer = await visit.write(_delete, visit)
    visit.sync.bell.ring()
    return answer


def _delete(view: View, visit: Visit) -> Answer:
    resource = acl.reach(view, visit.place)
    if not resource.is_mine:
        raise Forbidden("only their owner deletes calendars")
    row, if_match = resource.source, visit.headers.get("If-Match")
    if row is None:
        raise NotFound("there is nothing here")
    check_unmake(row)
    if if_match is not None and not names(if_match, str(revision(resource))):
        raise PreconditionFailed("the calendar has changed")
    implicit.leave(view.conn, visit.sync, resource.owner, row, asked_of(visit, resource.owner))
    unmake(view.conn, resource.owner.id, resource.collection, view.now)
    properties.forget_below(view.conn, resource.path)
    return Answer(204)
