"""What both providers' sign-ins are made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.errors import ConfigError, SignInFailed

READ: Final = "read"
WRITE: Final = "write"
ACCESS: Final = (READ, WRITE)
"""What a person allows: to read their calendars, or to write in them as well."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """access: READ or WRITE. login_hint: whom the provider's page offers first; "": who it is, is asked there."""

    redirect_uri: str
    access: str = WRITE
    login_hint: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """state: comes back with the answer. kept: JSON to be kept secret until then, with the PKCE verifier."""

    url: str
    state: str
    kept: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """secret: the provider library's own JSON of tokens. access: what was allowed, at most what was asked for.
    email: "" if it is not known.
    """

    secret: str = field(repr=False)
    access: str = WRITE
    email: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """Scopes in the provider's names, without what all of its names begin with.

    always: whatever is wanted. read, write: any one of them is enough.
    """

    always: frozenset[str]
    read: frozenset[str]
    write: frozenset[str]


def access_of(granted: frozenset[str], needs: Needs, asked: str, name: str) -> str:
    """What was allowed, as people may untick a part of what was asked for: READ or WRITE.

    name: the provider's. Raises: SignInFailed, where it is not even enough for reading.
    """
    readable = granted & (needs.read | needs.write)
    words = (*sorted(needs.always - granted), *(() if readable else sorted(needs.read)[:1]))
    if words:
        raise SignInFailed(f"{name} was not allowed all that is needed: {', '.join(words)}", "too-little", words)
    return WRITE if asked == WRITE and granted & needs.write else READ


def scopes_in(answer: object, asked: frozenset[str]) -> frozenset[str]:
    """answer: the scope of a token answer, which may leave it out if it is what was asked (RFC 6749 5.1)."""
    if answer is None or answer == "":
        return asked
    return frozenset(str(one) for one in answer) if isinstance(answer, list) else frozenset(str(answer).split())


def read_flow(kept: str) -> Mapping[str, Any]:
    flow: Mapping[str, Any] = json.loads(kept)
    return flow


def check_client(client_id: str, section: str) -> None:
    """Raises: ConfigError."""
    if not client_id:
        raise ConfigError(f"{section}.client_id: not set, so nobody can sign in there")
