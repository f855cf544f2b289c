"""Sign-in at the simulated Google: consent page, token and revocation endpoints."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from multidict import MultiMapping

from gateway.config import is_loopback
from gateway.demo.consent import Brand, ask, tick_boxes
from gateway.demo.google import schema
from gateway.demo.google.state import Grant, State, later

ACCESS_SECONDS: Final = 3_599
CODE_SECONDS: Final = 600
ASKED: Final = ("client_id", "redirect_uri", "response_type", "scope", "state", "access_type", "prompt", "login_hint")
CHALLENGE: Final = ("code_challenge", "code_challenge_method")

BRAND: Final = Brand("Google", "#1a56c4", "#8ab4f8", person="person", answer="decision")
APP: Final = "Calendar gateway"
PROMPTS: Final = frozenset({"none", "consent", "select_account"})
# What the discovery document of the calendar does not describe.
OTHERS: Final = {"openid": "Know who you are", "email": "See your address", "profile": "See your name"}


class OAuthProblem(Exception):
    """An error answer of the token endpoint, or of the consent page where there is nowhere to redirect to."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description

    def body(self) -> dict[str, str]:
        return {"error": self.error, "error_description": self.description}


@dataclass(frozen=True, slots=True)
class Asking:
    """A request for consent. people: who can be chosen; one alone needs no choice."""

    people: list[tuple[str, str]]
    scopes: list[str]
    prompts: frozenset[str]

    def silently(self, state: State, client_id: str) -> str:
        """Who can go on without seeing the page: one who was named and has consented before; "" for nobody."""
        if self.prompts - {"none"} or len(self.people) != 1:
            return ""
        [(person, _)] = self.people
        return person if set(self.scopes) <= consented(state, person, client_id) else ""


def asking(state: State, client_id: str, asked: MultiMapping[str]) -> Asking:
    """Raises: OAuthProblem, where nothing may be sent back to who asked."""
    _check_request(client_id, asked)
    prompts = frozenset(asked.get("prompt", "").split())
    if prompts - PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise OAuthProblem(400, "invalid_request", f"Invalid parameter value for prompt: {asked['prompt']}")
    hint = asked.get("login_hint", "")
    named = hint in state.people and "select_account" not in prompts
    everybody = [(person.address, person.name) for person in state.people.values()]
    return Asking([one for one in everybody if not named or one[0] == hint], asked["scope"].split(), prompts)


def consented(state: State, person: str, client_id: str) -> set[str]:
    held = (*state.refresh.values(), *state.access.values())
    return {scope for grant in held if (grant.person, grant.client) == (person, client_id) for scope in grant.scopes}


def consent_page(client_id: str, asked: MultiMapping[str], wanted: Asking, lang: str) -> web.Response:
    kept = [(name, asked[name]) for name in (*ASKED, *CHALLENGE) if name in asked and name != "scope"]
    known = schema.document()["auth"]["oauth2"]["scopes"]
    scopes = [(one, known[one]["description"] if one in known else OTHERS.get(one, one)) for one in wanted.scopes]
    boxes = tick_boxes(lang, scopes)
    return ask(BRAND, lang, client=f"{APP} ({client_id})", people=wanted.people, scopes=boxes, kept=kept)


def no_page(client_id: str, asked: MultiMapping[str]) -> str:
    """Where the browser goes with prompt=none if the page would have been needed."""
    _check_request(client_id, asked)
    return _back(asked, {"error": "interaction_required"})


def remove_access(state: State, person: str) -> None:
    """As on the person's own page at the provider: every sign-in of theirs ends."""
    for held in (state.refresh, state.access):
        for name in [name for name, grant in held.items() if grant.person == person]:
            del held[name]


def with_access(state: State) -> list[tuple[str, str]]:
    """App and person."""
    return sorted({(APP, grant.person) for grant in state.refresh.values()})


def decide(state: State, client_id: str, form: MultiMapping[str], now: datetime) -> str:
    """Where the browser goes next: back to the client with a code, or with access_denied."""
    _check_request(client_id, form)
    back: dict[str, str] = {}
    granted = form.getall("granted", [])
    person = form.get("person", "")
    if form.get("decision") != "allow" or not granted or person not in state.people:
        back["error"] = "access_denied"
    else:
        code = f"4/{secrets.token_urlsafe(24)}"
        kept = {name: form[name] for name in ("redirect_uri", "access_type", "prompt", *CHALLENGE) if name in form}
        state.codes[code] = Grant(person, client_id, list(granted), later(now, CODE_SECONDS), extra=kept)
        back |= {"code": code, "scope": " ".join(granted)}
    return _back(form, back)


def _back(asked: MultiMapping[str], answer: Mapping[str, str]) -> str:
    uri = asked["redirect_uri"]
    state = {"state": asked["state"]} if "state" in asked else {}
    return uri + ("&" if urlsplit(uri).query else "?") + urlencode({**state, **answer})


def _check_request(client_id: str, asked: MultiMapping[str]) -> None:
    if asked.get("client_id") != client_id:
        raise OAuthProblem(401, "invalid_client", "The OAuth client was not found.")
    target = urlsplit(asked.get("redirect_uri", ""))
    if target.scheme not in {"http", "https"} or (target.scheme == "http" and not is_loopback(target.hostname or "")):
        raise OAuthProblem(400, "redirect_uri_mismatch", "The redirect URI is not registered for this client.")
    if asked.get("response_type") != "code":
        raise OAuthProblem(400, "unsupported_response_type", "Only response_type=code is offered.")
    if "scope" not in asked and "granted" not in asked and "decision" not in asked:
        raise OAuthProblem(400, "invalid_request", "Missing required parameter: scope")
    if "code_challenge" in asked and asked.get("code_challenge_method", "plain") != "S256":
        raise OAuthProblem(400, "invalid_request", "code_challenge_method must be S256.")


def token(state: State, client: tuple[str, str], form: MultiMapping[str], now: datetime) -> dict[str, Any]:
    """The answer of the token endpoint. client: the registered id and secret."""
    if (form.get("client_id"), form.get("client_secret")) != client:
        raise OAuthProblem(401, "invalid_client", "The provided client secret is invalid.")
    match form.get("grant_type"):
        case "authorization_code":
            return _from_code(state, form, now)
        case "refresh_token":
            return _from_refresh(state, form, now)
        case _:
            raise OAuthProblem(400, "unsupported_grant_type", "Invalid grant_type.")


def _from_code(state: State, form: MultiMapping[str], now: datetime) -> dict[str, Any]:
    grant = state.codes.pop(form.get("code", ""), None)
    if grant is None or grant.expires <= now.isoformat():
        raise OAuthProblem(400, "invalid_grant", "Malformed auth code.")
    if form.get("redirect_uri") != grant.extra["redirect_uri"]:
        raise OAuthProblem(400, "redirect_uri_mismatch", "Bad Request")
    if "code_challenge" in grant.extra and _challenge(form.get("code_verifier", "")) != grant.extra["code_challenge"]:
        raise OAuthProblem(400, "invalid_grant", "Invalid code verifier.")
    first = not any((held.person, held.client) == (grant.person, grant.client) for held in state.refresh.values())
    answer: dict[str, Any] = {}
    parent = ""
    if grant.extra.get("access_type") == "offline" and (first or "consent" in grant.extra.get("prompt", "").split()):
        parent = new_refresh(state, grant.person, grant.client, grant.scopes)
        answer["refresh_token"] = parent
    return new_access(state, grant, parent, now) | answer


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _from_refresh(state: State, form: MultiMapping[str], now: datetime) -> dict[str, Any]:
    name = form.get("refresh_token", "")
    grant = state.refresh.get(name)
    if grant is None or grant.client != form.get("client_id"):
        raise OAuthProblem(400, "invalid_grant", "Token has been expired or revoked.")
    return new_access(state, grant, name, now)


def new_refresh(state: State, person: str, client: str, scopes: list[str]) -> str:
    name = f"1//{secrets.token_urlsafe(32)}"
    state.refresh[name] = Grant(person, client, scopes)
    return name


def new_access(state: State, grant: Grant, parent: str, now: datetime) -> dict[str, Any]:
    name = f"ya29.{secrets.token_urlsafe(32)}"
    state.access[name] = Grant(grant.person, grant.client, grant.scopes, later(now, ACCESS_SECONDS), parent)
    return {
        "access_token": name,
        "expires_in": ACCESS_SECONDS,
        "scope": " ".join(grant.scopes),
        "token_type": "Bearer",
    }


def revoke(state: State, form: Mapping[str, str]) -> None:
    """Ends what the person allowed the app, so every token of theirs with it; any one of them will do."""
    name = form.get("token", "")
    grant = state.access.get(name) or state.refresh.get(name)
    if grant is None:
        raise OAuthProblem(400, "invalid_token", "Token expired or revoked")
    for held in (state.refresh, state.access):
        for each in [key for key, row in held.items() if (row.person, row.client) == (grant.person, grant.client)]:
            del held[each]
