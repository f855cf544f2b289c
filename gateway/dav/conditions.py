"""The If header (RFC 4918 10.4): a request is done only while what the client knows still holds."""

import re
from dataclasses import dataclass
from typing import Final

from gateway.dav import acl, paths, tokens
from gateway.dav.paths import On, Place
from gateway.dav.resources import View
from gateway.errors import Forbidden, GatewayError, InvalidRequest, NotFound, PreconditionFailed

TOKEN: Final = re.compile(r'\s*(?:(<[^<>]*>)|([()])|\[\s*((?:W/)?"[^"]*")\s*\]|(Not)\b)\s*', re.IGNORECASE)
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Condition:
    """etag: with its quotes, "" where it is a state token. Locks are not kept here, so that no lock token holds."""

    etag: str = ""
    token: str = ""
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Conditions:
    """All of them together, of one resource. tag: its href, "" for that of the request."""

    tag: str
    each: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class State:
    """etag: with its quotes, None where there is none. token: the sync token of a collection."""

    etag: str | None = None
    token: str | None = None

    def holds(self, one: Condition) -> bool:
        found = one.etag == self.etag if one.etag else one.token == self.token
        return found != one.negated


def read(header: str) -> list[Conditions]:
    """One of them has to hold. Raises: InvalidRequest."""
    found: list[Conditions] = []
    tag, at, open_, negated, each = "", 0, False, False, list[Condition]()
    while at < len(header):
        match = TOKEN.match(header, at)
        if match is None or len(found) + len(each) > MOST:
            raise InvalidRequest("the If header cannot be read")
        at = match.end()
        angled, bracket, etag, word = match.groups()
        if bracket == "(" and not open_:
            open_, each = True, []
        elif bracket == ")" and open_ and each and not negated:
            open_ = False
            found.append(Conditions(tag, tuple(each)))
        elif word and open_ and not negated:
            negated = True
        elif (angled or etag) and open_:
            each.append(Condition(etag or "", (angled or "").strip("<>"), negated))
            negated = False
        elif angled:
            tag = angled.strip("<>")
        else:
            raise InvalidRequest("the If header cannot be read")
    if open_ or not found:
        raise InvalidRequest("the If header cannot be read")
    return found


def check(view: View, place: Place, header: str) -> str | None:
    """The ETag of the object that the request is about, without quotes; None if there is none.

    Raises: InvalidRequest, PreconditionFailed.
    """
    lists, known = read(header), {"": _state(view, place)}
    for one in lists:
        if one.tag not in known:
            known[one.tag] = _tagged(view, one.tag)
        if all(known[one.tag].holds(condition) for condition in one.each):
            etag = known[""].etag
            return etag.strip('"') if etag and place.on in On.MEMBER else None
    raise PreconditionFailed("what the If header says does not hold")


def _tagged(view: View, tag: str) -> State:
    try:
        place = paths.read(paths.of_href(tag))
    except GatewayError:
        return State()
    return _state(view, place)


def _state(view: View, place: Place) -> State:
    """What is not there, or not for the asker to see, has none."""
    if not acl.reaches(view, place):
        return State()
    try:
        resource = acl.find(view, place)
    except (Forbidden, NotFound):
        return State()
    if resource.on in On.MEMBER:
        return State(f'"{resource.member.etag}"')
    if resource.on not in On.LISTS:
        return State()
    revision = tokens.revision(resource)
    return State(f'"{revision}"', tokens.token(resource, revision))
