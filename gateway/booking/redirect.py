"""Where an invitee is sent on to once they have booked: a web address with places for what was booked."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

NAMES: Final = ("uid", "event_type", "status", "start", "end", "name", "email")
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
ADDRESS: Final = re.compile(r"https://[A-Za-z0-9._~:/?#@!$&()*+,=%\[\]-]+")


def template(text: str) -> str:
    """ "" as it is. Raises: ValueError unless it is an https address whose server is written out."""
    if not text:
        return text
    unknown = [name for name in PLACEHOLDER.findall(text) if name not in NAMES]
    if unknown:
        raise ValueError(f"there is no {{{unknown[0]}}}: only {', '.join(f'{{{name}}}' for name in NAMES)}")
    parts = urlsplit(text)
    if "{" in parts.netloc or "@" in parts.netloc or not parts.hostname:
        raise ValueError("its host has to be written out, without a user")
    if not ADDRESS.fullmatch(PLACEHOLDER.sub("x", text)):
        raise ValueError("it has to be an https address, such as https://example.com/thanks?booking={uid}")
    return text


def filled(text: str, values: Mapping[str, str]) -> str:
    """values: by NAMES; nothing in them can be more than a part of a path or of one parameter."""
    return PLACEHOLDER.sub(lambda found: quote(values[found[1]], safe=""), text)
