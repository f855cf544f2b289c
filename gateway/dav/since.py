"""Conditions on what is there, other than the header If: dates, and ETags of what is not written (RFC 9110 13).

If-Match and If-None-Match of a write are looked at where it is written, in its transaction.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from gateway.dav import acl, tokens
from gateway.dav.answer import Answer
from gateway.dav.paths import On, Place
from gateway.dav.resources import View
from gateway.dav.visit import Visit
from gateway.errors import Forbidden, NotFound, PreconditionFailed

ETAGS: Final = re.compile(r'(W/)?"([^"]*)"')
WRITES: Final = frozenset({"PUT", "DELETE", "COPY", "MOVE"})
CONDITIONS: Final = ("If-Match", "If-Modified-Since", "If-Unmodified-Since")
READS: Final = frozenset({"PROPFIND", "PROPPATCH", "REPORT", "POST"})
"""Methods whose If-Match is looked at here; of a page it is looked at once the page is known."""


async def check(visit: Visit) -> None:
    """Costs nothing where no such header is. Raises: PreconditionFailed."""
    headers, method = visit.headers, visit.request.method
    if method in READS and "If-Match" in headers:
        if not matches(headers["If-Match"], (await visit.read(_state, visit.place))[0]):
            raise PreconditionFailed("this has changed meanwhile")
    elif method in WRITES and "If-Unmodified-Since" in headers and "If-Match" not in headers:
        _, changed = await visit.read(_state, visit.place)
        if changed is not None and is_after(changed, headers["If-Unmodified-Since"]):
            raise PreconditionFailed("this has changed since")


def _state(view: View, place: Place) -> tuple[str | None, int | None]:
    """The ETag, and when it changed in epoch seconds, of what has them."""
    try:
        resource = acl.find(view, place)
    except (NotFound, Forbidden):
        return None, None
    if resource.on in On.MEMBER:
        return resource.member.etag, int(resource.member.changed)
    return (str(tokens.revision(resource)) if resource.on in On.LISTS else None), None


def matches(header: str, etag: str | None) -> bool:
    """If-Match; etag: without quotes. Weak ones never match there."""
    if etag is None:
        return False
    return header.strip() == "*" or etag in {tag for weak, tag in ETAGS.findall(header) if not weak}


def is_after(changed: int, date: str) -> bool:
    """Whether that was after the date; of what is no HTTP date, nothing is (RFC 9110 13.1.4)."""
    given = _date(date)
    return given is not None and datetime.fromtimestamp(changed, UTC) > given


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def page(headers: Mapping[str, str], answer: Answer) -> Answer:
    """What GET and HEAD come to, once the page is known. Raises: PreconditionFailed."""
    if answer.status != 200 or not any(name in headers for name in CONDITIONS):
        return answer
    etag, changed = answer.headers.get("ETag"), _date(answer.headers.get("Last-Modified", ""))
    if "If-Match" in headers and not matches(headers["If-Match"], etag and etag.strip('"')):
        raise PreconditionFailed("this has changed meanwhile")
    if changed is None:
        return answer
    until, since = _date(headers.get("If-Unmodified-Since", "")), _date(headers.get("If-Modified-Since", ""))
    if until is not None and changed > until and "If-Match" not in headers:
        raise PreconditionFailed("this has changed since")
    if since is not None and changed <= since and "If-None-Match" not in headers:
        return replace(answer, status=304, body=b"", content_type="")
    return answer
