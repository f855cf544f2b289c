"""Mail addresses and names that come from strangers and end up in headers."""

import re
import unicodedata
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Final

from gateway.errors import ConfigError, InvalidRequest

LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
INVISIBLE: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
LONGEST_NAME: Final = 120


WIDE: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\w-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\w-]+)*")


def one_address(text: str, *, wide: bool = False) -> str:
    """The one address that `text` is, its domain in ASCII and lower case.

    wide: letters of any script may stand before the @ (RFC 6531); not every mail server takes those.
    Raises: InvalidRequest for anything else: two addresses, a name, comments, quotes, line ends, blanks inside.
    """
    local, at, domain = text.strip(" ").rpartition("@")
    try:
        ascii_domain = domain.lower() if domain.isascii() else domain.encode("idna").decode().lower()
    except UnicodeError:
        ascii_domain = ""
    labels = ascii_domain.split(".")
    if (
        not at
        or len(local.encode("utf-8", "replace")) > 64
        or len(local) + len(ascii_domain) > 253
        or not (WIDE if wide else LOCAL).fullmatch(local)
        or not all(LABEL.fullmatch(label) for label in labels)
    ):
        raise InvalidRequest("this is not one e-mail address")
    return f"{local}@{ascii_domain}"


def plain(text: str) -> str:
    """On one line and without what cannot be seen: no line ends of any kind, controls, direction marks."""
    shown = "".join(" " if unicodedata.category(sign) in {"Cc", "Zl", "Zp", "Cs"} else sign for sign in text)
    return " ".join("".join(sign for sign in shown if sign not in INVISIBLE).split())


def mailbox(name: str, address: str, *, wide: bool = False) -> Address:
    """A name and its address for a header; the name is made harmless. wide: see one_address. Raises: InvalidRequest."""
    local, _, domain = one_address(address, wide=wide).rpartition("@")
    return Address(plain(name)[:LONGEST_NAME].strip(), local, domain)


def configured_sender(text: str) -> Address:
    """The mailbox of a setting such as "Calendar <calendar@example.com>". Raises: ConfigError."""
    name, address = parseaddr(text)
    try:
        return mailbox(name, address)
    except InvalidRequest as error:
        raise ConfigError(f"[mail] from: {text!r} is not a sender such as Calendar <calendar@example.com>") from error
