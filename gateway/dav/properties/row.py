"""What a row of PROPERTIES says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.dav.paths import On
from gateway.dav.resources import Resource
from gateway.dav.xml import Element
from gateway.sync.context import Sync

Value = str | None
"""Inner XML, escaped; None: not set here (404 in the propstat)."""

Effect = Callable[[Sync], Awaitable[None]]
"""What a change of a property does besides being remembered; done once the whole request is known to be right."""


@dataclass(frozen=True, slots=True)
class Property:
    """One live property.

    name: Clark notation.
    on: the kinds of resource that have it.
    read: its value, unless the person stored one of their own.
    write: checks what PROPPATCH brings (None: removal); raises what is wrong with it. None: protected (403).
    kept: the very element that was written is remembered, for who wrote it; else its Effect is all there is.
    allprop: part of an allprop answer (RFC 4918 14.2).
    text: needs the object's text read.
    offers: word in the DAV header that promises it.
    source: where it is defined.
    """

    name: str
    on: On
    read: Callable[[Resource], Value]
    write: Callable[[Resource, Element | None], Effect | None] | None = None
    kept: bool = True
    allprop: bool = False
    text: bool = False
    offers: str = ""
    source: str = ""
