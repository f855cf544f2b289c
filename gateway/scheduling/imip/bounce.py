"""Mails that say that one of ours did not arrive (RFC 3464, and what servers sent before and beside it)."""

import re
from collections.abc import Iterator
from email.message import Message
from typing import Final

from gateway.scheduling.imip.found import text_of
from gateway.scheduling.imip.trust import addresses

THREAD: Final = re.compile(r"<([0-9a-f]{32})(?:\.[0-9a-f]{32})?@([A-Za-z0-9.-]+)>")
DAEMON: Final = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|mailerdaemon|mdaemon|bounce[sd]?|noreply-bounce)\b")
FAILED: Final = re.compile(
    r"\b5\.\d{1,3}\.\d{1,3}\b|\b55\d[ -]|permanent (fatal )?error|could not be delivered|couldn't be delivered"
    r"|undeliver|delivery (to the following|has failed|failed)|failure notice|returned mail|unzustellbar"
    r"|konnte nicht zugestellt|nicht zustellbar|user unknown|unknown user|no such user",
    re.IGNORECASE,
)
WAITING: Final = re.compile(
    r"delayed|warning: could not send|still being retried|verzögert|wird weiter versucht|temporarily deferred",
    re.IGNORECASE,
)
LONGEST: Final = 200_000


def is_report(message: Message) -> bool:
    """Whether it is a report about a mail: delivered, late or lost (RFC 3464)."""
    if message.get_content_type() == "multipart/report":
        return str(message.get_param("report-type") or "delivery-status").lower() == "delivery-status"
    return any(part.get_content_type() == "message/delivery-status" for part in message.walk())


def is_daemons(message: Message) -> bool:
    """Whether a mail server wrote it, in whatever form."""
    if message.get("X-Failed-Recipients"):
        return True
    return any(DAEMON.match(one) for one in addresses(message, ("From",)))


def is_lost(message: Message) -> bool:
    """Whether it says that the mail will never arrive; it may be late only, or have been passed on."""
    actions = list(_actions(message))
    if actions:
        return "failed" in actions
    if message.get("X-Failed-Recipients"):
        return True
    said = f"{message.get('Subject', '')}\n{_words(message)}"
    return FAILED.search(said) is not None and WAITING.search(said.partition("\n")[0]) is None


def threads(message: Message, domain: str) -> list[str]:
    """Those of our own Message-IDs that the report names, in its head or in what it gives back of the mail."""
    heads = [str(message.get(name, "")) for name in ("In-Reply-To", "References", "X-Original-Message-ID")]
    for part in message.walk():
        heads += [str(value) for value in part.get_all("Message-ID", [])] if part is not message else []
        heads += [str(value) for value in part.get_all("References", [])] if part is not message else []
        heads += [str(value) for value in part.get_all("Original-Message-ID", [])]
        if not part.is_multipart() and part.get_content_maintype() in {"text", "message"}:
            heads.append(text_of(part)[:LONGEST])
    found = THREAD.findall("\n".join(heads))
    return list(dict.fromkeys(thread for thread, at in found if at.lower() == domain.lower()))


def _actions(message: Message) -> Iterator[str]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            for block in blocks if isinstance(blocks, list) else []:
                if isinstance(block, Message) and block.get("Action"):
                    yield str(block["Action"]).strip().split(" ")[0].lower()


def _words(message: Message) -> str:
    """What is written for people, without the mail that is given back."""
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            return text_of(part)[:LONGEST]
    return ""
