"""What both providers' sign-ins are made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Begun:
    """state: comes back with the answer. kept: JSON to be kept secret until then, with the PKCE verifier."""

    url: str
    state: str
    kept: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """secret: the provider library's own JSON of tokens. email: "" if it is not known."""

    secret: str = field(repr=False)
    email: str = ""


def read_flow(kept: str) -> Mapping[str, Any]:
    flow: Mapping[str, Any] = json.loads(kept)
    return flow


def check_client(client_id: str, section: str) -> None:
    """Raises: ConfigError."""
    if not client_id:
        raise ConfigError(f"{section}.client_id: not set, so nobody can sign in there")
