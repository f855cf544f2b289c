"""The secret in the links to a booking: whoever has it may see, move and cancel that booking, and nothing else."""

import hashlib
import hmac
import secrets
from typing import Final

BITS: Final = 128
NOBODY: Final = hashlib.sha256(b"").hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(BITS // 8)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def matches(token: str, known: str | None) -> bool:
    """known: the digest, None where there is no such booking; takes as long in either case."""
    return hmac.compare_digest(digest(token), known or NOBODY) and known is not None
