"""PROPPATCH (RFC 4918 9.2): all of it or nothing. What is set belongs to the person who set it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.dav import xml
from gateway.dav.answer import Answer, multistatus
from gateway.dav.paths import On
from gateway.dav.properties.row import Effect
from gateway.dav.properties.table import PROPERTIES
from gateway.dav.resources import DELEGATES, Resource, View
from gateway.dav.xml import Element, children, element, element_text, propstat
from gateway.errors import DAV, Forbidden, GatewayError, InsufficientStorage, InvalidXml, ProtectedProperty
from gateway.store import properties, subscriptions

WRITABLE: Final = On.PRINCIPAL | On.PROXIES | On.OWNED
MOST_NAMES: Final = 200
MOST_CHARACTERS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Change:
    """value: None removes the property."""

    name: str
    value: Element | None


def read(body: bytes) -> list[Change]:
    """In the order they are to be done.

    Raises: InvalidXml.
    """
    root = xml.parse(body)
    if root.tag != DAV + "propertyupdate":
        raise InvalidXml("the body is not a propertyupdate")
    changes: list[Change] = []
    for kind, block in children(root):
        if kind not in {DAV + "set", DAV + "remove"}:
            continue
        for name, props in children(block):
            if name == DAV + "prop":
                changes.extend(Change(key, one if kind == DAV + "set" else None) for key, one in children(props))
    if not changes:
        raise InvalidXml("a propertyupdate sets or removes at least one property")
    return changes


@dataclass(frozen=True, slots=True)
class Checked:
    """path: of the resource. failed: by name, what is wrong. kept: what is to be remembered; None: forgotten.

    collection: whose subscribers are told of it; 0: there are none.
    """

    path: str
    names: tuple[str, ...]
    failed: Mapping[str, GatewayError]
    effects: tuple[Effect, ...]
    kept: Mapping[str, str | None]
    collection: int = 0


def check(resource: Resource, changes: list[Change]) -> Checked:
    """Nothing is changed yet.

    Raises: Forbidden.
    """
    theirs = resource.on in On.OWNED and resource.role in DELEGATES
    if resource.on not in WRITABLE or not (resource.is_mine or theirs):
        raise Forbidden("these properties are not yours to change")
    failed: dict[str, GatewayError] = {}
    effects: list[Effect] = []
    for change in changes:
        try:
            effect = _check(resource, change)
        except GatewayError as error:
            failed[change.name] = error
        else:
            effects += [] if effect is None else [effect]
    values = {change.name: change.value for change in changes if _is_kept(change.name)}
    kept = {name: None if value is None else element_text(value) for name, value in values.items()}
    if not failed and len(set(resource.view.stored(resource.path)) | set(kept)) > MOST_NAMES:
        failed = {name: InsufficientStorage("too many properties") for name in kept}
    names = tuple(dict.fromkeys(change.name for change in changes))
    collection = resource.collection.id if resource.on in On.LISTS else 0
    return Checked(resource.path, names, failed, tuple(effects), kept, collection)


def store(view: View, checked: Checked) -> None:
    """Runs in a write transaction."""
    if checked.kept:
        properties.put(view.conn, view.asker.id, checked.path, checked.kept)
    if checked.collection:
        subscriptions.stir(view.conn, checked.collection, view.asker.id)


def answer(checked: Checked, most: int, *, minimal: bool) -> Answer:
    """minimal: a success says nothing more (RFC 8144 2.2). most: octets."""
    if minimal and not checked.failed:
        return Answer(200)
    return multistatus([xml.response(checked.path, "".join(outcomes(checked)))], most)


def _is_kept(name: str) -> bool:
    row = PROPERTIES.get(name)
    return row is None or row.kept


def _check(resource: Resource, change: Change) -> Effect | None:
    row = PROPERTIES.get(change.name)
    if change.value is not None and len(element_text(change.value)) > MOST_CHARACTERS:
        raise InsufficientStorage("this value is too long")
    if row is None:
        return None
    if row.write is None or resource.on not in row.on:
        raise ProtectedProperty("this property cannot be changed")
    effect = row.write(resource, change.value)
    if resource.is_mine:
        return effect
    if not row.kept:
        raise ProtectedProperty("this is its owner's to change")
    return None  # how a calendar looks is each person's own affair


def outcomes(checked: Checked) -> list[str]:
    """A propstat for each way in which it ended."""
    names, failed = checked.names, checked.failed
    if not failed:
        return [propstat("".join(map(element, names)), xml.OK)]
    outcomes = [_failure(name, error) for name, error in failed.items()]
    rest = [name for name in names if name not in failed]
    if rest:
        outcomes.append(propstat("".join(map(element, rest)), xml.FAILED_DEPENDENCY))
    return outcomes


def _failure(name: str, error: GatewayError) -> str:
    status = xml.INSUFFICIENT if isinstance(error, InsufficientStorage) else xml.FORBIDDEN
    return propstat(element(name), status, error.condition or "")
