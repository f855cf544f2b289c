"""What somebody sees of objects that are not theirs."""

from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from gateway.dav.resources import Resource, Role
from gateway.errors import GatewayError
from gateway.ical.veil import veiled
from gateway.mirror.text import word


def seen(resource: Resource, rows: Iterable[Any]) -> Iterable[Any]:
    """The rows as the asker may see them: who only reads sees of private objects that somebody has no time.

    resource: where they lie. rows: of any kind; those without a text say nothing that is private.
    """
    return _veiled(word(resource.owner.locale), rows) if resource.role is Role.READER else rows


def _veiled(summary: str, rows: Iterable[Any]) -> Iterator[Any]:
    for row in rows:
        if isinstance(row, SimpleNamespace) or not hasattr(row, "text"):
            yield row
            continue
        try:
            shown = veiled(row.text, summary)
        except GatewayError:  # nobody can say what is in there
            continue
        yield row if shown is row.text else SimpleNamespace(**row._asdict() | {"text": shown})
