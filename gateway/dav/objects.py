"""GET, PUT and DELETE of calendar objects; GET of a calendar as one file, and of any collection as a page."""

import re
from collections.abc import Container, Mapping
from email.utils import formatdate
from typing import Any, Final

from gateway.dav import acl, listing
from gateway.dav.accept import preferred
from gateway.dav.answer import Answer
from gateway.dav.calendar_data import ICALENDAR, JCAL, Zones, jcal
from gateway.dav.parts import partial
from gateway.dav.paths import On, Place
from gateway.dav.properties.objects import content_type
from gateway.dav.resources import Resource, View
from gateway.dav.sight import seen
from gateway.dav.tokens import revision
from gateway.dav.visit import Visit
from gateway.errors import Conflict, GatewayError, InvalidRequest, NotFound, PreconditionFailed, UnsupportedCalendarData
from gateway.freebusy.publish import PRODID
from gateway.ical.jcal import from_jcal
from gateway.ical.objects import combine, read_lenient
from gateway.ical.text import serialise
from gateway.scheduling import implicit
from gateway.store import members, properties
from gateway.store.principals import Principal
from gateway.sync import inbox

ETAGS: Final = re.compile(r'"([^"]*)"')
TAKEN: Final = frozenset({"", ICALENDAR, "application/octet-stream"})
UTF_8: Final = "charset=utf-8"
CHARSETS: Final = {"utf-8", "utf8", "us-ascii", "ascii"}
DOWNLOADED: Final = {"Content-Disposition": "attachment", "Cache-Control": "private, no-cache"}


def names(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match names the etag; weak ones count there (RFC 9110 13.1.2)."""
    return header is not None and (header.strip() == "*" or etag in ETAGS.findall(header))


async def get(visit: Visit) -> Answer:
    """An object as stored, the whole calendar, or a page for people."""
    return await visit.read(_got, visit)


def _got(view: View, visit: Visit) -> Answer:
    resource = acl.find(view, visit.place)
    if resource.on not in On.MEMBER and _wants_page(resource, visit):
        return _page(resource, visit)
    etag = str(revision(resource)) if resource.on in On.CALENDARS else resource.member.etag
    tag = "" if resource.on in On.CALENDARS else resource.member.schedule_tag
    headers = {"ETag": f'"{etag}"', **tag_of(tag), **DOWNLOADED}
    if names(visit.headers.get("If-None-Match"), etag):
        return Answer(304, headers=headers)
    if resource.on in On.CALENDARS:
        text = visit.zones.of(_export(resource))
        json = _form(visit) == JCAL
        body = (jcal(text) if json else text).encode()
        found = Answer(200, body, f"{JCAL if json else ICALENDAR}; {UTF_8}", headers)
    else:
        found = _sent(visit, resource.member, 200, headers)
    return partial(found, visit.headers) if _is_plain(visit) else found


def _is_plain(visit: Visit) -> bool:
    """Parts are only sent of the one form that the ETag speaks of."""
    return visit.zones is Zones.AS_THEY_ARE and _form(visit) == ICALENDAR


def _form(visit: Visit, usual: str = ICALENDAR) -> str:
    """The media type to answer in. usual: where the request does not say."""
    header = visit.headers.get("Accept", "")
    return preferred(header, (usual, JCAL if usual == ICALENDAR else ICALENDAR)) if header else usual


def _wants_page(resource: Resource, visit: Visit) -> bool:
    """Calendars are sent as such unless a browser asks, and then too where its ?export link was followed."""
    if resource.on not in On.CALENDARS:
        return True
    return "export" not in visit.request.query and listing.wants_page(visit.headers.get("Accept", ""))


def _page(resource: Resource, visit: Visit) -> Answer:
    code = listing.language(visit.headers.get("Accept-Language", ""), visit.asker.locale)
    answer = listing.page(resource, code)
    if names(visit.headers.get("If-None-Match"), answer.headers["ETag"].strip('"')):
        return Answer(304, headers=answer.headers)
    return answer


def _export(resource: Resource) -> str:
    """Everything in one VCALENDAR; an object that cannot be read does not keep the others back."""
    texts = [row.text for row in seen(resource, members.texts(resource.view.conn, resource.collection.id))]
    name = resource.source.displayname if resource.source else resource.owner.displayname
    try:
        return combine(texts, PRODID, name)
    except GatewayError:
        return combine(filter(_readable, texts), PRODID, name)


def _readable(text: str) -> bool:
    try:
        read_lenient(text)
    except GatewayError:
        return False
    return True


def _sent(visit: Visit, member: Any, status: int, headers: Mapping[str, str], usual: str = ICALENDAR) -> Answer:
    """The ETag is that of the object, in whatever form it is sent."""
    form, text = _form(visit, usual), visit.zones.of(member.text)
    body = jcal(text) if form == JCAL else text
    changed = {"Last-Modified": formatdate(member.changed, usegmt=True)}
    return Answer(status, body.encode(), content_type(member.kind, form), {**headers, **changed})


async def put(visit: Visit) -> Answer:
    """201 or 204, with the ETag where what is served is the very body.

    What is there instead comes with a 412 where it was asked for (RFC 8144 3.2).
    """
    try:
        return await _put(visit)
    except PreconditionFailed:
        there = await visit.read(_there, visit) if visit.preferences.representation else None
        if there is None:
            raise
        return there


async def _put(visit: Visit) -> Answer:
    resource = await visit.read(_writable, visit)
    media = check_type(visit.headers.get("Content-Type", ""), {*TAKEN, JCAL})
    if "Content-Range" in visit.headers:
        raise InvalidRequest("an object is written as a whole")
    body = await visit.body(visit.settings.limits.resource_bytes)
    if media == JCAL:
        body = serialise(from_jcal(body)).encode()
    written = await implicit.put(
        visit.sync,
        resource.owner,
        visit.place.member,
        body,
        collection=resource.shelf,
        if_match=visit.headers.get("If-Match"),
        if_none_match=visit.headers.get("If-None-Match", "").strip() == "*",
        asked=asked_of(visit, resource.owner),
    )
    status = 201 if written.created else 204
    if visit.preferences.representation:
        member = await visit.read(_member, visit)
        headers = {"ETag": f'"{member.etag}"', **tag_of(member.schedule_tag), **visit.preferences.applied}
        return _sent(visit, member, 201 if written.created else 200, headers, JCAL if media == JCAL else ICALENDAR)
    exact = written.etag is not None and media != JCAL
    headers = {"ETag": f'"{written.etag}"'} if exact else {}
    return Answer(status, headers={**headers, **tag_of(written.tag)})


def asked_of(visit: Visit, owner: Principal) -> implicit.Asked:
    """owner: of the calendar, in whose name a delegate may be writing."""
    silent = visit.headers.get("Schedule-Reply", "").strip().upper() == "F"
    deputy = visit.asker if visit.asker.id != owner.id else None
    return implicit.Asked(visit.headers.get("If-Schedule-Tag-Match"), silent, deputy)


def tag_of(tag: str) -> dict[str, str]:
    return {"Schedule-Tag": f'"{tag}"'} if tag else {}


def _writable(view: View, visit: Visit) -> Resource:
    """Raises: PreconditionFailed for an If-None-Match that names the etag there is; Conflict: no calendar."""
    try:
        resource = acl.reach(view, visit.place)
    except NotFound as error:
        if acl.reaches(view, Place(On.HOME, visit.place.name)):
            raise Conflict("there is no calendar of that name") from error
        raise
    header = visit.headers.get("If-None-Match")
    if header is not None and header.strip() != "*":
        member = members.by_href(view.conn, resource.collection.id, visit.place.member)
        if member is not None and not member.deleted and names(header, member.etag):
            raise PreconditionFailed("this is the version that is there already")
    return resource


def _member(view: View, visit: Visit) -> Any:
    return acl.find(view, visit.place).member


def _there(view: View, visit: Visit) -> Answer | None:
    try:
        member = _member(view, visit)
    except NotFound:
        return None
    return _sent(visit, member, 412, {"ETag": f'"{member.etag}"', **visit.preferences.applied})


def check_type(header: str, taken: Container[str] = TAKEN) -> str:
    """The media type. Nothing said is taken for text/calendar in UTF-8.

    Raises: UnsupportedCalendarData.
    """
    media, *params = [part.strip().lower() for part in header.split(";")]
    charset = next((part.partition("=")[2].strip('" ') for part in params if part.startswith("charset")), "utf-8")
    if media not in taken or charset not in CHARSETS:
        error = UnsupportedCalendarData("calendar objects are text/calendar in UTF-8")
        error.status = 415
        raise error
    return media


async def delete(visit: Visit) -> Answer:
    """Of an object or a message, with what people had stored about it."""
    resource, stored = await visit.read(_deletable, visit)
    owner, name, if_match = resource.owner, visit.place.member, visit.headers.get("If-Match")
    if resource.on is On.MESSAGE:
        await visit.sync.db.write(inbox.remove, owner.id, name, if_match=if_match)
    else:
        await implicit.delete(
            visit.sync, owner, name, collection=resource.shelf, if_match=if_match, asked=asked_of(visit, owner)
        )
    if stored:
        await visit.write(_forget, stored)
    return Answer(204)


def _deletable(view: View, visit: Visit) -> tuple[Resource, str]:
    """The resource, and its path if something is stored there."""
    resource = acl.find(view, visit.place)
    return resource, resource.path if properties.anybody(view.conn, resource.path) else ""


def _forget(view: View, path: str) -> None:
    properties.forget(view.conn, path)
