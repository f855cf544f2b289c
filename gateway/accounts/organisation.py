"""Organisations: what an admin gives us to open the mailboxes of all people of a domain."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.accounts.ways import APP_ONLY, SERVICE_ACCOUNT
from gateway.backends.base import Colleague, Outside
from gateway.backends.google import directory as google_directory
from gateway.backends.google.service_account import read_key
from gateway.backends.outlook import directory as outlook_directory
from gateway.errors import RemoteGone


class Organisation(Protocol):
    """One domain at one provider, opened by what its admin gave us."""

    @property
    def kind(self) -> str:
        """Of account."""
        ...

    @property
    def domain(self) -> str: ...

    @property
    def access(self) -> str:
        """read or write."""
        ...

    @property
    def secret(self) -> str:
        """Of all its accounts."""
        ...

    def colleagues(self) -> AsyncIterator[Colleague]:
        """Whom the directory lists. Raises: what the provider's answer means."""
        ...

    def settings(self, colleague: Colleague) -> Mapping[str, str]:
        """Of the account that opens their mailbox."""
        ...

    async def reason_against(self, colleague: Colleague) -> str:
        """Why their mailbox is left out, "" if it is not. Raises: where it cannot be opened."""
        ...


@dataclass(frozen=True, slots=True)
class AtGoogle:
    """key: text of a service account's key file. admin: an address that may look into the directory."""

    domain: str
    admin: str
    access: str
    outside: Outside = field(repr=False)
    secret: str = field(repr=False)
    kind: str = "google"

    def colleagues(self) -> AsyncIterator[Colleague]:
        return google_directory.colleagues(self.outside.google, self.secret, self.admin, self.domain)

    def settings(self, colleague: Colleague) -> Mapping[str, str]:
        return service_settings(read_key(self.secret, self.outside.google), colleague.mailbox, self.access)

    async def reason_against(self, _colleague: Colleague) -> str:
        return ""  # rooms are no users at Google


@dataclass(frozen=True, slots=True)
class AtMicrosoft:
    domain: str
    access: str
    outside: Outside = field(repr=False)
    kind: str = "outlook"
    secret: str = ""

    def colleagues(self) -> AsyncIterator[Colleague]:
        return outlook_directory.colleagues(self.outside, self.domain)

    def settings(self, colleague: Colleague) -> Mapping[str, str]:
        made = app_settings(colleague.addresses[0], self.access, self.domain)
        return {**made, "mailbox": colleague.mailbox}  # an id, which stays when people are renamed

    async def reason_against(self, colleague: Colleague) -> str:
        try:
            purpose = await outlook_directory.purpose(self.outside, self.domain, colleague.mailbox)
        except RemoteGone:
            return "no mailbox in Exchange Online"
        return f"a mailbox for: {purpose}" if purpose else ""


def service_settings(key: Mapping[str, Any], subject: str, access: str) -> Mapping[str, str]:
    """Of an account at Google that a service account opens. subject: whose calendars."""
    whose = {"subject": subject.lower(), "email": subject.lower()}
    return {"sign_in": SERVICE_ACCOUNT, "service_account": str(key["client_email"]), "access": access, **whose}


def app_settings(mailbox: str, access: str, tenant: str = "") -> Mapping[str, str]:
    """Of an account at Microsoft that our application opens by itself. tenant: "" for the domain of the mailbox."""
    whose = {"mailbox": mailbox.lower(), "email": mailbox.lower()}
    return {"sign_in": APP_ONLY, "tenant": tenant or mailbox.rpartition("@")[2].lower(), "access": access, **whose}
