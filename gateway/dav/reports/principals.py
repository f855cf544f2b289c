"""Reports about people and teams (RFC 3744 9); they only know of whom the asker may know."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from gateway.dav import acl, paths, xml
from gateway.dav import asked as asking
from gateway.dav.answer import XML, Answer, multistatus
from gateway.dav.paths import On
from gateway.dav.properties import principals, rights
from gateway.dav.reports.row import Query
from gateway.dav.resources import Resource
from gateway.dav.xml import CALSERVER, Element, children, text_of
from gateway.errors import CALDAV, DAV, InvalidRequest
from gateway.store.principals import Principal, teams_of

Texts = Callable[[Resource], list[str]]


def _displayname(resource: Resource) -> list[str]:
    return [resource.owner.displayname, resource.owner.name]


def _mails(resource: Resource) -> list[str]:
    return principals.addresses(resource)


def _addresses(resource: Resource) -> list[str]:
    mails = principals.addresses(resource)
    return [*mails, *(f"mailto:{mail}" for mail in mails), resource.path]


def _words(number: int) -> Texts:
    return lambda resource: [(resource.owner.displayname.split() or [""])[number]]


SEARCHED: Final[Mapping[str, tuple[str, Texts]]] = {
    DAV + "displayname": ("Name", _displayname),
    CALSERVER + "email-address-set": ("E-mail address", _mails),
    CALSERVER + "first-name": ("First name", _words(0)),
    CALSERVER + "last-name": ("Last name", _words(-1)),
    CALDAV + "calendar-user-address-set": ("Calendar address", _addresses),
    CALDAV + "calendar-user-type": ("Person or team", lambda resource: [resource.owner.cutype]),
}
"""What can be searched for: how to call it, and the texts that are looked through."""

PARTS: Final = {DAV + "property-search", DAV + "prop", DAV + "apply-to-principal-collection-set"}
MATCHES: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": lambda text, part: part in text,
    "starts-with": str.startswith,
    "ends-with": str.endswith,
    "equals": str.__eq__,
}


def principal_property_search(resource: Resource, query: Query) -> Answer:
    """allof unless test says anyof. Where nothing is tested, as the caldav package asks, everybody one may know of but
    teams: it reads a calendar home of each.

    A property that nobody can search for matches nobody, and spoils nothing else. Nor does Depth: Thunderbird sends 1.
    Raises: InvalidRequest.
    """
    tests = [test for name, child in children(query.body) if name == DAV + "property-search" for test in _tests(child)]
    join = any if tests and query.body.get("test") == "anyof" else all
    if not tests:
        return _found(resource, query, lambda one: one.on is On.PRINCIPAL)
    return _found(resource, query, lambda one: join(test(one) for test in tests))


def _tests(search: Element) -> Iterable[Callable[[Resource], bool]]:
    """One for each property, all of which have to match (RFC 3744 9.4)."""
    parts = dict(children(search))
    if DAV + "prop" not in parts or DAV + "match" not in parts:
        raise InvalidRequest("a property-search has a prop and a match")
    match = parts[DAV + "match"]
    compare = MATCHES.get(str(match.get("match-type") or "contains"))
    if compare is None:
        raise InvalidRequest("match-type is contains, starts-with, ends-with or equals")
    for name, _ in children(parts[DAV + "prop"]):
        yield _test(name, text_of(match).strip().casefold(), compare)


def _test(name: str, part: str, compare: Callable[[str, str], bool]) -> Callable[[Resource], bool]:
    if name not in SEARCHED:
        return lambda _one: False
    texts = SEARCHED[name][1]
    return lambda one: any(compare(text.casefold(), part) for text in texts(one))


def calendarserver_principal_search(resource: Resource, query: Query) -> Answer:
    """Whoever has every search token at the beginning of a word of their name or of an address."""
    words = [
        text_of(child).strip().casefold() for name, child in children(query.body) if name == CALSERVER + "search-token"
    ]
    if not any(words):
        raise InvalidRequest("a principal search has at least one search-token")

    def test(one: Resource) -> bool:
        texts = [*one.owner.displayname.casefold().split(), *principals.addresses(one), one.owner.name]
        return all(any(text.startswith(word) for text in texts) for word in words)

    return _found(resource, query, test)


def _found(resource: Resource, query: Query, test: Callable[[Resource], bool]) -> Answer:
    asked = query.asked(resource)
    if asked.mode is asking.Mode.NAMED and not asked.names:
        # The caldav package (3.6) puts the names beside an empty DAV:prop.
        asked = replace(asked, names=tuple(name for name, _ in children(query.body) if name not in PARTS))
    people = [one for one in map(_of(resource), acl.visible(resource.view)) if test(one)]
    return multistatus((asking.answer(one, asked) for one in people), resource.view.settings.limits.answer_bytes)


def _of(resource: Resource) -> Callable[[Principal], Resource]:
    return lambda person: Resource(On.TEAM if person.is_team else On.PRINCIPAL, resource.view, person)


def principal_search_property_set(_resource: Resource, _query: Query) -> Answer:
    parts = (
        f"<D:principal-search-property><D:prop>{xml.element(name)}</D:prop>"
        f'<D:description xml:lang="en">{label}</D:description></D:principal-search-property>'
        for name, (label, _) in SEARCHED.items()
    )
    return Answer(200, xml.encode(xml.document(DAV + "principal-search-property-set", parts)), XML)


def principal_match(resource: Resource, query: Query) -> Answer:
    """self: the asker, their teams, and the groups of delegates that hold them. principal-property: what is theirs."""
    view, asked = resource.view, query.asked(resource)
    kinds = dict(children(query.body))
    found: list[Resource] = []
    if DAV + "self" in kinds:
        if resource.on is On.PRINCIPALS:
            mine = {view.asker.id, *(team.id for team in teams_of(view.conn, view.asker.id))}
            found = [_of(resource)(person) for person in acl.visible(view) if person.id in mine]
            found += principals.groups(view)
    elif DAV + "principal-property" in kinds:
        names = [name for name, _ in children(kinds[DAV + "principal-property"])]
        if names == [DAV + "owner"] and resource.is_mine:
            found = list(acl.shown(resource))
    else:
        raise InvalidRequest("a principal-match says self or principal-property")
    return multistatus((asking.answer(one, asked) for one in found), view.settings.limits.answer_bytes)


def acl_principal_prop_set(resource: Resource, query: Query) -> Answer:
    """Of those whom DAV:acl names."""
    view, asked = resource.view, query.asked(resource)
    named = [acl.reach(view, paths.read(path)) for _, path in rights.entries(resource)]
    return multistatus((asking.answer(one, asked) for one in named), view.settings.limits.answer_bytes)
