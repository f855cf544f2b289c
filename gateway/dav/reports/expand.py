"""DAV:expand-property (RFC 3253 3.8): properties whose hrefs are followed, to the depth that is asked."""

import re
from typing import Final

from gateway.dav import acl, paths
from gateway.dav.answer import Answer, multistatus
from gateway.dav.asked import read_property
from gateway.dav.reports.row import Query
from gateway.dav.resources import Resource, View
from gateway.dav.xml import NOT_FOUND, OK, Element, children, element, propstat, response
from gateway.errors import DAV, GatewayError, InvalidRequest, TooManyMatches

HREF: Final = re.compile(r"<D:href>([^<]*)</D:href>")
MOST: Final = 1000


class _Budget:
    """How many resources an answer may still hold: what is followed multiplies with every level."""

    def __init__(self) -> None:
        self.left = MOST

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooManyMatches(f"this would follow more than {MOST} hrefs")


def expand_property(resource: Resource, query: Query) -> Answer:
    """Raises: InvalidRequest, TooManyMatches."""
    answer = _expanded(resource, query.body, _Budget(), minimal=query.minimal)
    return multistatus([answer], resource.view.settings.limits.answer_bytes)


def _expanded(resource: Resource, wanted: Element, budget: _Budget, *, minimal: bool) -> str:
    budget.take()
    stored = resource.stored
    found: list[str] = []
    missing: list[str] = []
    for key, child in children(wanted):
        if key != DAV + "property" or not child.get("name"):
            raise InvalidRequest("an expand-property holds properties with a name")
        name = f"{{{child.get('namespace') or 'DAV:'}}}{child.get('name')}"
        value = read_property(resource, name, stored)
        if value is None:
            missing.append(element(name))
        elif len(child):
            found.append(_follow(resource.view, value, child, budget, minimal=minimal))
        else:
            found.append(value)
    absent = propstat("".join(missing), NOT_FOUND) if missing and not minimal else ""
    return response(resource.path, (propstat("".join(found), OK) if found or not absent else "") + absent)


def _follow(view: View, value: str, wanted: Element, budget: _Budget, *, minimal: bool) -> str:
    """The value with each href replaced by its response; those that lead nowhere we answer for stay."""

    def followed(href: re.Match[str]) -> str:
        try:
            resource = acl.find(view, paths.read(paths.of_href(href[1])))
        except GatewayError:
            return href[0]
        return _expanded(resource, wanted, budget, minimal=minimal)

    return HREF.sub(followed, value)
