"""Sync tokens: the path of the collection and its revision, as one URI (RFC 6578)."""

import re
from typing import Final
from urllib.parse import urlsplit

from gateway.config import Settings
from gateway.dav.resources import Resource
from gateway.errors import InvalidSyncToken

REVISION: Final = re.compile(r"sync/(\d{1,15})", re.ASCII)


def revision(resource: Resource) -> int:
    return resource.collection.rev


def token(resource: Resource, rev: int) -> str:
    return token_at(resource.view.settings, resource.path, rev)


def token_at(settings: Settings, path: str, rev: int) -> str:
    return f"{settings.server.base_url}{path}sync/{rev}"


def read(resource: Resource, text: str) -> int | None:
    """The revision of a token that we gave for this collection, under whatever host name; None for an empty one.

    Raises: InvalidSyncToken.
    """
    text = text.strip()
    if not text:
        return None
    try:
        path = urlsplit(text).path
    except ValueError:
        path = ""
    _, here, after = path.rpartition(resource.path)
    found = REVISION.fullmatch(after)
    if not here or found is None:
        raise InvalidSyncToken("this is no sync token of this calendar; list it again")
    return int(found[1])
