"""Keys of programs that use the API: what they may be allowed, and how they are made."""

import secrets
from collections.abc import Collection
from typing import Final

from gateway.accounts.passwords import digest
from gateway.errors import UsageError

SCOPES: Final = (
    "accounts:read",
    "bookings:read",
    "bookings:write",
    "calendars:read",
    "calendars:write",
    "event-types:read",
    "event-types:write",
    "free-busy:read",
    "schedules:read",
    "schedules:write",
    "slots:read",
    "teams:read",
    "webhooks:read",
    "webhooks:write",
)
START: Final = "gw_"
LONGEST_LABEL: Final = 60


def new_api_key() -> tuple[str, str]:
    """(what the person sees once, what is kept)."""
    plain = START + secrets.token_urlsafe(24)
    return plain, digest(plain)


def check_label(label: str) -> str:
    """Raises: UsageError."""
    plain = label.strip()
    if not plain or len(plain) > LONGEST_LABEL or not plain.isprintable():
        raise UsageError(f"name the program that the key is for, in at most {LONGEST_LABEL} letters")
    return plain


def check_scopes(scopes: Collection[str]) -> frozenset[str]:
    """Raises: UsageError."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise UsageError(f"{unknown[0]!r} is nothing a key can allow; there are {', '.join(SCOPES)}")
    if not scopes:
        raise UsageError("say what the key allows, such as bookings:read")
    return frozenset(scopes)
