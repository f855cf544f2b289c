"""What a method comes to, before it becomes an HTTP response."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.dav import xml
from gateway.errors import TooManyMatches

XML: Final = "application/xml; charset=utf-8"
CALENDAR: Final = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def multistatus(parts: Iterable[str], most: int) -> Answer:
    """most: octets.

    Raises: TooManyMatches.
    """
    return Answer(207, bounded(xml.multistatus(parts), most), XML)


def bounded(text: str, most: int) -> bytes:
    """Raises: TooManyMatches."""
    body = xml.encode(text)
    if len(body) > most:
        raise TooManyMatches(f"the answer would be larger than {most} octets; ask for less")
    return body
