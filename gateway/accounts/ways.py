"""How accounts sign in at their providers: their owners by themselves, or an organisation for all of its people."""

from collections.abc import Mapping
from typing import Final

from gateway.backends.outlook.sign_in import APP_ONLY, DEVICE

SERVICE_ACCOUNT: Final = "service-account"
OF_SIGN_IN: Final = frozenset({"access", "sign_in", "service_account", "subject", "mailbox", "tenant"})
"""Of an account's settings, those that another sign-in of the same account does away with."""
WORDS: Final[Mapping[str, str]] = {SERVICE_ACCOUNT: "service account", APP_ONLY: "app-only"}

__all__ = ["APP_ONLY", "DEVICE", "OF_SIGN_IN", "SERVICE_ACCOUNT", "is_organisations", "way"]


def way(kind: str, settings: Mapping[str, str]) -> str:
    """In words; "" for kinds of account that have one way only."""
    if kind not in {"google", "outlook"}:
        return ""
    return WORDS.get(settings.get("sign_in", ""), "own sign-in")


def is_organisations(settings: Mapping[str, str]) -> bool:
    """Whether an admin of the organisation opened it, and only an admin can mend it."""
    return settings.get("sign_in") in WORDS
