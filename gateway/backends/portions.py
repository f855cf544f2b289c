"""A reading in parts, put together in memory: for those who cannot keep them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from gateway.backends.base import Resuming
from gateway.model import Changes

AT_ONCE: Final = 200


async def whole(backend: Resuming, calendar: str, token: str | None) -> AsyncIterator[Changes]:
    """What Backend.changes promises, of a backend that answers in parts."""
    parts: dict[str, list[str]] = {}
    async for page in backend.portions(calendar, token):
        for part in page.parts:
            parts.setdefault(part.name, []).append(part.text)
        last = Changes(page.objects, page.gone, page.token, page.full)
        if page.token is not None and parts:
            async for objects in backend.join(calendar, _some_at_once(parts)):
                if last.objects or last.gone:
                    yield replace(last, token=None)
                last = Changes(objects, token=page.token, full=page.full)
        if last.objects or last.gone or last.token is not None:
            yield last


async def _some_at_once(parts: Mapping[str, Sequence[str]]) -> AsyncIterator[Mapping[str, Sequence[str]]]:
    names = iter(parts)
    while some := list(islice(names, AT_ONCE)):
        yield {name: parts[name] for name in some}
