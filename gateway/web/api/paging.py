"""Lists a page at a time. A cursor says behind which row the next page begins: rows that come and go shift nothing."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from gateway.errors import Flaw, InvalidInput
from gateway.web.api.values import Listed

T = TypeVar("T")
Place = tuple[int | str, ...]


def cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(text: str, kinds: tuple[type, ...]) -> Place | None:
    """What `cursor` was made of; None for the first page. kinds: of its parts. Raises: InvalidInput."""
    if not text:
        return None
    try:
        found = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _unknown() from error
    if not isinstance(found, list) or [type(part) for part in found] != list(kinds):
        raise _unknown()
    place = tuple(found)
    if cursor(place) != text or any(isinstance(part, int) and abs(part) >= 2**53 for part in place):
        raise _unknown()
    return place


def _unknown() -> InvalidInput:
    flaw = Flaw("take `next` of the page before as it is", parameter="cursor")
    return InvalidInput("this cursor is none of ours", (flaw,))


def page(rows: Sequence[T], asked: Listed, place_of: Callable[[T], Place]) -> tuple[list[T], str | None]:
    """The rows of one page, and the cursor of the next one, None after the last.

    rows: all of them, or what comes from there on, in order of their places; one more than the limit is enough.
    Raises: InvalidInput.
    """
    kinds = tuple(type(part) for part in place_of(rows[0])) if rows else ()
    after = read_cursor(asked.cursor, kinds) if rows else None
    rest = [row for row in rows if after is None or place_of(row) > after]
    shown = rest[: asked.limit]
    return shown, cursor(place_of(shown[-1])) if len(rest) > len(shown) else None
