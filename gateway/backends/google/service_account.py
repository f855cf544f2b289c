"""Service accounts of Google: one key of an organisation, by which the gateway acts for each of its people."""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from google.auth.exceptions import RefreshError
from google.oauth2.service_account import Credentials

from gateway.backends.base import reads_only
from gateway.config import Google
from gateway.errors import BackendUnavailable, SignInExpired, UsageError

TYPE: Final = "service_account"
NEEDED: Final = ("client_email", "private_key", "private_key_id")
GOOGLES_OWN: Final = "https://oauth2.googleapis.com/token"
UNIVERSE: Final = "googleapis.com"

# Together the least that covers every call of ours (tests/backends/test_google_service_account.py). An admin authorises
# exactly these, so a change here has to be told in docs/organisations.md.
ROOT: Final = "https://www.googleapis.com/auth/"
WRITING: Final = (f"{ROOT}calendar.events", f"{ROOT}calendar.calendarlist.readonly", f"{ROOT}calendar.events.freebusy")
READING: Final = (f"{ROOT}calendar.events.readonly", *WRITING[1:])
DIRECTORY: Final = (f"{ROOT}admin.directory.user.readonly",)


def read_key(text: str, settings: Google) -> dict[str, Any]:
    """What a key file of the Cloud console holds.

    Raises: UsageError, also where it names another place to send the signed assertions to than Google's own or the
    one of the settings.
    """
    try:
        held = json.loads(text)
    except ValueError as error:
        raise UsageError("this is no key file of a service account: it is not JSON") from error
    if not isinstance(held, dict) or held.get("type") != TYPE:
        found = held.get("type") if isinstance(held, dict) else None
        kind = f"its type is {found!r}" if found else "it has no type"
        raise UsageError(f"this is no key file of a service account: {kind}, {TYPE!r} is needed")
    if missing := [name for name in NEEDED if not isinstance(held.get(name), str) or not held[name]]:
        raise UsageError(f"this key file lacks {', '.join(missing)}; make a new key in the Cloud console")
    if held.get("token_uri", GOOGLES_OWN) not in {GOOGLES_OWN, settings.token_uri}:
        raise UsageError(f"this key file sends assertions to {held['token_uri']}, which is not [google] token_uri")
    if held.get("universe_domain", UNIVERSE) != UNIVERSE:
        raise UsageError(f"service accounts of {held['universe_domain']} cannot act for people")
    try:
        acting(held, settings, "", WRITING)
    except ValueError as error:
        raise UsageError("the private_key of this key file is none; make a new key in the Cloud console") from error
    return held


def acting(held: Mapping[str, Any], settings: Google, subject: str, scopes: Sequence[str]) -> Credentials:
    """For the person `subject`. Assertions go where the settings say, whatever the file says.

    Raises: ValueError.
    """
    made: Credentials = Credentials.from_service_account_info(  # type: ignore[no-untyped-call]  # google-auth types only a part
        {**held, "token_uri": settings.token_uri}, scopes=list(scopes), subject=subject or None
    )
    return made


def scopes_of(account: Mapping[str, str]) -> Sequence[str]:
    """Of an account with these settings."""
    return READING if reads_only(account) else WRITING


def quota_user(subject: str) -> str:
    """Google counts all calls of a service account as one user's, unless each says whose it is (40 characters)."""
    return blake2b(subject.encode(), digest_size=16).hexdigest()


def refusal(error: RefreshError, held: Mapping[str, Any], subject: str) -> SignInExpired | BackendUnavailable:
    """What Google's answer to an assertion means, and what an admin can do about it."""
    answer = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    reason, said = str(answer.get("error", "")), str(answer.get("error_description", ""))
    who = str(held.get("client_email", ""))
    if error.retryable or not reason:
        return BackendUnavailable(f"Google's sign-in failed: {error}")
    if reason in {"unauthorized_client", "access_denied"}:
        client = held.get("client_id") or "its client ID"
        return SignInExpired(
            f"{who} may not act for {subject} at Google: authorise {client} in the Admin console, under 'Domain-wide"
            " delegation', with the scopes of docs/organisations.md"
        )
    if reason == "invalid_grant" and "signature" in said.lower():
        return SignInExpired(f"Google does not know this key of {who}: it was deleted; make a new one and add it again")
    if reason == "invalid_grant" and "account not found" in said.lower():
        return SignInExpired(f"Google knows no service account {who}")
    if reason == "invalid_grant" and ("user id" in said.lower() or "valid email" in said.lower()):
        return SignInExpired(f"there is no {subject} at Google, or they may not sign in")
    if reason == "invalid_grant" and "short-lived" in said.lower():
        return SignInExpired(f"Google does not accept the time of this machine: set its clock ({said})")
    return SignInExpired(f"Google refused {who} ({reason}: {said})")
