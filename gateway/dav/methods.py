"""METHODS: every method there is, a row each; and what the tables together promise."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from gateway.dav import acl, conditions, making, moving, objects, outbox, propfind, proppatch, since, xml
from gateway.dav.answer import Answer
from gateway.dav.objects import check_type
from gateway.dav.paths import On
from gateway.dav.properties.table import PROPERTIES
from gateway.dav.push import register
from gateway.dav.push.quiet import HEADER, quietly
from gateway.dav.reports.row import Query
from gateway.dav.reports.table import REPORTS, supported
from gateway.dav.resources import Offers, View
from gateway.dav.visit import Visit
from gateway.errors import (
    DAV,
    CalendarExists,
    Forbidden,
    InvalidRequest,
    InvalidXml,
    MethodNotAllowed,
    UnsupportedReport,
)


@dataclass(frozen=True, slots=True)
class Method:
    """One method.

    on: the kinds of resource that take it.
    answer: what it comes to.
    offers: words in the DAV header that promise it.
    source: where it is defined.
    """

    name: str
    on: On
    answer: Callable[[Visit], Awaitable[Answer]]
    offers: str = ""
    source: str = ""


async def options(visit: Visit) -> Answer:
    """On a name that is free, too: it could be PUT."""
    resource = await visit.read(acl.reach, visit.place)
    return Answer(200, headers={"Allow": ", ".join(allowed(resource.on)), "DAV": DAV_HEADER})


async def propfind_(visit: Visit) -> Answer:
    body, depth = await visit.xml_body(), visit.depth

    def do(view: View) -> Answer:
        found = acl.find(view, visit.place)
        asked = propfind.read(body, minimal=visit.preferences.minimal)
        return propfind.propfind(found, asked, depth, without_root=visit.without_root)

    return _applied(visit, await visit.read(do))


async def proppatch_(visit: Visit) -> Answer:
    """What is wrong is found before anything is done."""
    body = await visit.xml_body()

    def check(view: View) -> proppatch.Checked:
        found = acl.find(view, visit.place)
        return proppatch.check(found, proppatch.read(body))

    checked = await visit.read(check)
    if not checked.failed:
        for effect in checked.effects:
            await effect(visit.sync)
        await visit.write(proppatch.store, checked)
    limits = visit.settings.limits
    return _applied(visit, proppatch.answer(checked, limits.answer_bytes, minimal=visit.preferences.minimal))


async def report(visit: Visit) -> Answer:
    body, depth = await visit.xml_body(), visit.depth

    def do(view: View) -> Answer:
        resource = acl.find(view, visit.place)
        root = xml.parse(body)
        row = REPORTS.get(str(root.tag))
        if row is None or resource.on not in row.on:
            raise UnsupportedReport("there is no such report here")
        if row.flat and depth not in {None, "0"}:
            raise InvalidRequest("this report is asked for with Depth 0")
        return row.answer(resource, Query(root, depth, visit.preferences.minimal, visit.zones))

    return _applied(visit, await visit.read(do))


async def mkcol(visit: Visit) -> Answer:
    """What is there already takes no MKCOL at all (RFC 4918 9.3.1)."""
    try:
        return await making.mkcol(visit)
    except CalendarExists as error:
        raise MethodNotAllowed(str(error), frozenset(allowed(visit.place.on))) from error


async def delete(visit: Visit) -> Answer:
    special = {On.SEPARATE: making.delete, On.SUBSCRIPTION: register.remove}
    return await special.get(visit.place.on, objects.delete)(visit)


async def post(visit: Visit) -> Answer:
    return await (busy if visit.place.on is On.OUTBOX else register.register)(visit)


async def busy(visit: Visit) -> Answer:
    body = await visit.xml_body()

    def ask(view: View) -> tuple[outbox.Question, list[str], int]:
        found = acl.reach(view, visit.place)
        check_type(visit.headers.get("Content-Type", ""))
        recipients = outbox.recipients(visit.request.headers.getall("Recipient", []))
        question = outbox.read(body, recipients)
        unknown = outbox.check(found, question, visit.headers.get("Originator", ""))
        return question, unknown, found.owner.id

    def answer(view: View) -> Answer:
        return outbox.answer(acl.reach(view, visit.place), question, others)

    question, unknown, owner = await visit.read(ask)
    others = await visit.others.busy(owner, unknown, *question.span)
    return await visit.read(answer)


async def acl_(visit: Visit) -> Answer:
    """Every entry of an access list is protected: who stands in for whom is chosen by the groups of delegates.

    Raises: NotFound, InvalidXml, Forbidden.
    """
    body = await visit.xml_body()
    await visit.read(acl.reach, visit.place)
    if xml.parse(body).tag != DAV + "acl":
        raise InvalidXml("the body is not an acl")
    refusal = Forbidden("rights are given by naming delegates")
    refusal.condition = DAV + "no-protected-ace-conflict"
    raise refusal


def _applied(visit: Visit, answer: Answer) -> Answer:
    """Says which preferences were met (RFC 7240 3)."""
    met = replace(visit.preferences, representation=False).applied
    return replace(answer, headers={**answer.headers, **met}) if met else answer


METHODS: Final[Mapping[str, Method]] = {
    row.name: row
    for row in (
        Method("OPTIONS", On.ANY, options, offers="1, 3", source="RFC 4918 10.1, 18"),
        Method("GET", On.ANY, objects.get, source="RFC 4791 5.3.4, RFC 4918 9.4"),
        Method("HEAD", On.ANY, objects.get, source="RFC 9110 9.3.2"),
        Method("PUT", On.OBJECT, objects.put, offers="calendar-auto-schedule", source="RFC 4791 5.3.2, RFC 6638 3"),
        Method("DELETE", On.MEMBER | On.SEPARATE | On.SUBSCRIPTION, delete, source="RFC 4918 9.6"),
        Method("COPY", On.OBJECT, moving.copy, source="RFC 4918 9.8"),
        Method("MOVE", On.OBJECT | On.SEPARATE, moving.move, source="RFC 4918 9.9"),
        Method("PROPFIND", On.ANY, propfind_, source="RFC 4918 9.1"),
        Method("PROPPATCH", On.ANY, proppatch_, source="RFC 4918 9.2"),
        Method("REPORT", On.ANY, report, offers="calendar-access", source="RFC 3253 3.6, RFC 4791 7"),
        Method("ACL", On.ANY, acl_, source="RFC 3744 8.1"),
        Method(
            "POST", On.OUTBOX | On.LISTS, post, offers="calendar-schedule", source="RFC 6638 3.5, webdav-push drafts"
        ),
        Method("MKCALENDAR", On.ANY, making.mkcalendar, source="RFC 4791 5.3.1"),
        Method("MKCOL", On.SEPARATE | On.MEMBER, mkcol, offers="extended-mkcol", source="RFC 5689"),
    )
}

PAGES: Final = frozenset({"GET", "HEAD"})
MAKING: Final = frozenset({"MKCALENDAR", "MKCOL"})
"""Methods whose place is free."""
WRITING: Final = MAKING | {"PUT", "DELETE", "COPY", "MOVE"}
"""Methods that change what is in a place."""


def _listed(outer: str, names: Iterable[str]) -> str:
    return "".join(f'<D:{outer} name="{name}"/>' for name in names)


def _live(on: On) -> str:
    names = (xml.element(row.name) for row in PROPERTIES.values() if on in row.on)
    return "".join(f"<D:supported-live-property><D:prop>{name}</D:prop></D:supported-live-property>" for name in names)


def allowed(on: On) -> list[str]:
    """Of what is there already; on a home, also what makes something in it."""
    if on is On.HOME:
        return [row.name for row in METHODS.values() if on in row.on or row.name in MAKING]
    return [row.name for row in METHODS.values() if on in row.on and row.name not in MAKING]


OFFERS: Final = Offers(
    reports={on: supported(on) for on in On},
    methods={on: _listed("supported-method", allowed(on)) for on in On},
    properties={on: _live(on) for on in On},
    writing=WRITING,
)
OFFERED: Final = (
    *(row.offers for row in METHODS.values()),
    *(row.offers for row in PROPERTIES.values()),
    *(row.offers for row in REPORTS.values()),
)
DAV_HEADER: Final = ", ".join(dict.fromkeys(filter(None, OFFERED)))


async def answer(visit: Visit) -> Answer:
    """Raises: MethodNotAllowed, once it is known that the asker may know of the place."""
    row = METHODS.get(visit.request.method)
    if row is None or visit.place.on not in row.on:
        resource = await visit.read(acl.reach, visit.place)
        raise MethodNotAllowed("not allowed here", frozenset(allowed(resource.on)))
    if "If" in visit.headers:
        etag = await visit.read(conditions.check, visit.place, " ".join(visit.request.headers.getall("If")))
        if etag is not None:
            visit.pin(etag)
    await since.check(visit)
    found = await (quietly(visit, row.answer) if HEADER in visit.headers else row.answer(visit))
    return since.page(visit.headers, found) if row.name in PAGES else found
