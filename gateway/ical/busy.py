"""What a component does to its owner's busy time."""

from collections.abc import Collection
from typing import Final

from gateway.ical.text import Component
from gateway.model import FbType

MAILTO: Final = "mailto:"

OWN_ANSWER: Final = {
    "DECLINED": FbType.FREE,
    "DELEGATED": FbType.FREE,
    "TENTATIVE": FbType.TENTATIVE,
    "NEEDS-ACTION": FbType.TENTATIVE,
}
OUTLOOK: Final = {
    "OOF": FbType.UNAVAILABLE,
    "WORKINGELSEWHERE": FbType.FREE,
    "TENTATIVE": FbType.TENTATIVE,
}
TOKENS: Final = {
    "FREE": FbType.FREE,
    "BUSY-TENTATIVE": FbType.TENTATIVE,
    "BUSY-UNAVAILABLE": FbType.UNAVAILABLE,
}


def address_of(value: str) -> str:
    """A calendar address as we compare them: lower-case, without mailto:."""
    low = value.strip().lower()
    return low.removeprefix(MAILTO)


def fbtype_of_token(token: str) -> FbType:
    """An FBTYPE value; unknown ones count as BUSY (RFC 5545 3.2.9)."""
    return TOKENS.get(token.upper(), FbType.BUSY)


def fbtype(component: Component, addresses: Collection[str]) -> FbType:
    """How the component blocks its owner's time.

    addresses: the owner's, lower-case without mailto:; they tell which attendee's answer is hers.
    Only events block. Outlook's own busy status counts for what TRANSP and STATUS cannot say (out of office,
    working elsewhere), and for "free" and "tentative" where those properties are absent.
    """
    if component.name != "VEVENT":
        return FbType.FREE
    transp, status, outlook, answer = "", "", "", ""
    for line in component.properties:
        if line.name == "TRANSP":
            transp = line.value.strip().upper()
        elif line.name == "STATUS":
            status = line.value.strip().upper()
        elif line.name == "X-MICROSOFT-CDO-BUSYSTATUS":
            outlook = line.value.strip().upper()
        elif line.name == "ATTENDEE" and addresses and address_of(line.value) in addresses:
            answer = (line.param("PARTSTAT") or "NEEDS-ACTION").upper()
    if transp == "TRANSPARENT" or status == "CANCELLED" or (outlook == "FREE" and not transp):
        return FbType.FREE
    own = OWN_ANSWER.get(answer, FbType.BUSY)
    if own == FbType.FREE:
        return own
    return _strength(status, outlook, own)


def _strength(status: str, outlook: str, own: FbType) -> FbType:
    if outlook in {"OOF", "WORKINGELSEWHERE"}:
        return OUTLOOK[outlook]
    if status == "TENTATIVE" or own == FbType.TENTATIVE or (outlook == "TENTATIVE" and not status):
        return FbType.TENTATIVE
    return FbType.BUSY
