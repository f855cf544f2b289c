"""What went wrong at a provider's sign-in page, and the way to try again. Nothing was stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from gateway.errors import BackendUnavailable, GatewayError, OtherAccount, SignInFailed
from gateway.store import accounts
from gateway.web.keys import DATABASE
from gateway.web.language import Language, msg
from gateway.web.pages import rooms
from gateway.web.pages.app.calendars import KINDS
from gateway.web.render import page
from gateway.web.sessions import SignedIn
from gateway.web.visitor import link, speak


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried. access: "" where that is not known. account: the one to be signed in again."""

    kind: str
    access: str = ""
    account: int | None = None

    def again(self, access: str = "") -> str:
        account = "" if self.account is None else str(self.account)
        return link(f"/oauth/{self.kind}/start", {}, access=access or self.access, account=account)


# Why -> headline and text.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "expired": (
        msg("This sign-in is over"),
        msg("It was begun more than ten minutes ago, in another browser, or has been used before. Please start again."),
    ),
    "denied": (
        msg("{provider} was not allowed to share your calendars"),
        msg("Nothing was connected. If you would like to connect it after all, try again and choose “Allow”."),
    ),
    "denied-rooms": (
        msg("{provider} was not allowed to make rooms"),
        msg("Nothing was connected. If you would like to connect it after all, try again and choose “Allow”."),
    ),
    "too-little": (
        msg("Not enough was allowed"),
        msg(
            "Nothing was connected, because without the following nothing can be shown here. Please try again and"
            " leave it ticked."
        ),
    ),
    "refused": (
        msg("{provider} did not complete the sign-in"),
        msg("Nothing was connected. Please try again; if it happens once more, tell whoever runs this server."),
    ),
    "unreachable": (
        msg("{provider} cannot be reached at the moment"),
        msg("Nothing was connected. Please try again in a few minutes."),
    ),
    "other": (
        msg("You signed in with another account"),
        msg("You signed in as {signed_in}, but this was about {expected}. Nothing was changed."),
    ),
}
NEEDED: Final[Mapping[str, str]] = {
    "calendar.calendarlist.readonly": msg("The list of your calendars"),
    "calendar.events.readonly": msg("The events in your calendars"),
    "Calendars.Read": msg("The events in your calendars"),
    "MailboxSettings.Read": msg("Your time zone"),
    "User.Read": msg("Who you are"),
    "meeting:write": msg("To create meetings"),
}


async def sign_in_failed(
    request: web.Request, signed_in: SignedIn, attempt: Attempt, error: GatewayError
) -> web.Response:
    spoken, why = speak(request), _why(error)
    why = "denied-rooms" if why == "denied" and attempt.kind in rooms.KINDS else why
    headline, text = WORDS[why]
    fields = {"provider": KINDS[attempt.kind]}
    if isinstance(error, OtherAccount) and attempt.account is not None:
        row = await request.app[DATABASE].read(accounts.get, attempt.account)
        fields |= {"signed_in": error.name, "expected": row.displayname if row else ""}
    values = {
        "person": signed_in.person,
        "csrf": signed_in.session.csrf,
        "headline": _said(spoken, headline, fields),
        "text": _said(spoken, text, fields),
        "missing": [spoken.text(NEEDED[name]) for name in _missing(error) if name in NEEDED],
        "reason": str(error) if why in {"refused", "unreachable"} else "",
        "again": attempt.again(),
        "again_as": fields.get("expected", ""),
        "as_new": Attempt(attempt.kind, attempt.access).again() if _is_new(error) else "",
        "new_name": fields.get("signed_in", ""),
    }
    return page(request, "sign_in_failed.html", values, spoken=spoken, status=502 if why == "unreachable" else 409)


def _why(error: GatewayError) -> str:
    if isinstance(error, SignInFailed):
        return error.why
    if isinstance(error, OtherAccount):
        return "other"
    return "unreachable" if isinstance(error, BackendUnavailable) else "refused"


def _missing(error: GatewayError) -> tuple[str, ...]:
    return error.missing if isinstance(error, SignInFailed) else ()


def _is_new(error: GatewayError) -> bool:
    return isinstance(error, OtherAccount) and not error.known


def _said(spoken: Language, message: str, fields: Mapping[str, str]) -> str:
    return spoken.text(message, **fields)
