"""Passwords of people (argon2id), and app passwords for their calendar clients (160 random bits)."""

import hashlib
import secrets
from base64 import b32encode
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Takes tens of milliseconds on purpose: call it off the event loop."""
    return _HASHER.hash(password)


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex())


def check_password(password: str, hashed: str | None) -> bool:
    """The same work whatever `hashed` is; None, of somebody unknown or without a password, never matches.

    Call it off the event loop.
    """
    try:
        matches = _HASHER.verify(hashed or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return matches and hashed is not None


def new_app_password() -> tuple[str, str]:
    """(what the person sees once, what is kept)."""
    letters = b32encode(secrets.token_bytes(20)).decode().lower()
    plain = "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))
    return plain, digest(plain)


def digest(text: str) -> str:
    """SHA-256, in hex: enough for secrets that are random themselves, never for a password of a person's choice."""
    return hashlib.sha256(text.encode()).hexdigest()
