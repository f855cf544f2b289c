"""Whom a mail is from, and how far that can be believed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses
from typing import Final

from gateway.ical.objects import ParsedObject
from gateway.ical.text import Property
from gateway.scheduling.itip.lines import address, deputy

LONGEST: Final = 20_000
"""Of a header that is looked at; no honest one comes near it."""
DEEPEST: Final = 5
COMMENT: Final = re.compile(r"\([^()]*\)")
ADDRESSED: Final = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Resent-To")
OF_ATTENDEE: Final = frozenset({"REPLY", "COUNTER", "REFRESH"})


@dataclass(frozen=True, slots=True)
class Origin:
    """sender: lower case; "" where the mail names none, or several.

    vouched: whether the receiving mail server says that it does come from that domain; None where nobody is asked.
    """

    sender: str
    vouched: bool | None


def origin(message: Message, authserv: str) -> Origin:
    """authserv: name under which the receiving mail server writes Authentication-Results; "": they say nothing."""
    senders = {one for one in addresses(message, ("From",)) if one}
    sender = senders.pop() if len(senders) == 1 else ""
    if not authserv:
        return Origin(sender, None)
    return Origin(sender, bool(sender) and _vouched(message, authserv, sender.rpartition("@")[2]))


def addresses(message: Message, names: Iterable[str] = ADDRESSED) -> list[str]:
    """All addresses in these headers, lower case."""
    values = [str(value)[:LONGEST] for name in names for value in message.get_all(name, [])]
    return [found.strip().lower() for _, found in getaddresses(values) if "@" in found]


def _vouched(message: Message, authserv: str, domain: str) -> bool:
    """What the topmost of its lines says; a server takes away such lines of others that bear its name (RFC 8601 5)."""
    for value in message.get_all("Authentication-Results", []):
        name, *results = _cut(str(value))
        if name.split(" ")[0].lower() == authserv.lower():
            return any(_passed(result, domain) for result in results)
    return False


def _cut(value: str) -> list[str]:
    text = value[:LONGEST]
    for _ in range(DEEPEST):
        text = COMMENT.sub(" ", text)
    return [" ".join(part.split()) for part in text.split(";")] or [""]


def _passed(result: str, domain: str) -> bool:
    """dmarc, or a dkim or spf that is of the sender's domain."""
    words = result.lower().split(" ")
    method, _, verdict = words[0].partition("=")
    if verdict != "pass":
        return False
    if method == "dmarc":
        of = [word.partition("=")[2] for word in words[1:] if word.startswith("header.from=")]
        return not of or of[0] == domain
    named = ("header.d=", "header.i=") if method == "dkim" else ("smtp.mailfrom=", "smtp.mail=")
    if method not in {"dkim", "spf"}:
        return False
    found = [word.partition("=")[2].strip('"').rpartition("@")[2] for word in words[1:] if word.startswith(named)]
    return any(_aligned(one, domain) for one in found)


def _aligned(one: str, domain: str) -> bool:
    """Whether one of the two domains is, or is within, the other; a top-level domain alone is nobody's."""
    short, long = sorted((one, domain), key=len)
    return "." in short and (long == short or long.endswith(f".{short}"))


def speaker(message: ParsedObject, method: str, sender: str, stored: ParsedObject | None) -> str:
    """In whose name the sender says this: the sender's own, or of whom they are a deputy that can be believed.

    Anybody can write themselves into a SENT-BY. So a deputy counts where they share the domain of whom they speak
    for, or stand in the event as it is stored; and, for an event that is not here yet, as an invitation binds nobody.
    stored: the recipient's object of that UID. Returns: an address, "" for a stranger.
    """
    name = "ATTENDEE" if method in OF_ATTENDEE else "ORGANIZER"
    own = list(_lines(message, name))
    if any(address(line) == sender for line in own):
        return sender
    deputised = [line for line in own if deputy(line) == sender]
    if not deputised:
        return sender if method == "REQUEST" else ""  # a delegation: who may do that is the iTIP function's to say
    known = {(address(line), deputy(line)) for line in _lines(stored, name)} if stored is not None else set()
    domain = sender.rpartition("@")[2]
    new = stored is None and method == "REQUEST"
    people = {address(line) for line in deputised}
    believed = {who for who in people if new or who.rpartition("@")[2] == domain or (who, sender) in known}
    return believed.pop() if len(believed) == 1 else ""


def _lines(obj: ParsedObject, name: str) -> Iterator[Property]:
    for one in obj.components:
        yield from one.all(name)
