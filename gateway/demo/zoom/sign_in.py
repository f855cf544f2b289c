"""Sign-in at the simulated Zoom: its consent page, and the token endpoint with its three grants."""

import hashlib
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping

from gateway.demo.consent import Brand, ask, listed
from gateway.demo.zoom.problems import OAuthProblem
from gateway.demo.zoom.state import APP_SCOPES, USER_SCOPES, Grant, Json, State

BRAND: Final = Brand("Zoom", "#0b5cff", "#8ab4f8", person="person", answer="decision")
APP: Final = "Calendar gateway"
ASKED: Final = ("client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method")
ACCESS_SECONDS: Final = 3_599
CODE_SECONDS: Final = 300
MEANING: Final[Mapping[str, str]] = {
    "meeting:write:meeting": "Create meetings",
    "meeting:update:meeting": "Change meetings",
    "meeting:delete:meeting": "Delete meetings",
    "meeting:read:meeting": "See a meeting",
    "meeting:read:list_meetings": "See your meetings",
    "user:read:user": "See your name and address",
}


def check(client_id: str, redirect_uris: list[str], asked: MultiMapping[str]) -> None:
    """Raises: OAuthProblem, where nothing may be sent back to who asked."""
    if asked.get("client_id") != client_id:
        raise OAuthProblem(400, "invalid_client", "Invalid client_id")
    if asked.get("redirect_uri") not in redirect_uris:
        raise OAuthProblem(400, "invalid_redirect", f"Invalid redirect url: {asked.get('redirect_uri')}")
    if asked.get("response_type") != "code":
        raise OAuthProblem(400, "invalid_request", "Unsupported response type")


def consent_page(state: State, asked: MultiMapping[str], lang: str) -> web.Response:
    kept = [(name, asked[name]) for name in ASKED if name in asked]
    people = [(row["email"], row["display_name"]) for row in state.users.values()]
    scopes = listed(lang, [(name, MEANING[name]) for name in USER_SCOPES])
    return ask(BRAND, lang, client=APP, people=people, scopes=scopes, kept=kept, wants="wants-rooms")


def decide(state: State, form: MultiMapping[str], now: float) -> str:
    """Where the browser goes next."""
    user = state.user(form.get("person", ""))
    back = {"state": form["state"]} if "state" in form else {}
    if form.get("decision") != "allow" or user is None:
        return f"{form['redirect_uri']}?{urlencode({'error': 'access_denied', **back})}"
    code = secrets.token_urlsafe(24)
    challenge = form.get("code_challenge", "")
    state.codes[code] = Grant(user["id"], now + CODE_SECONDS, USER_SCOPES, form["redirect_uri"], challenge)
    return f"{form['redirect_uri']}?{urlencode({'code': code, **back})}"


def is_client(header: str, client: tuple[str, str]) -> bool:
    return header == f"Basic {b64encode(':'.join(client).encode()).decode()}"


def token(state: State, client: tuple[str, str, str], header: str, form: MultiMapping[str], now: float) -> Json:
    """client: id, secret, and account id of a server-to-server app, "" for one that people sign in with."""
    if not is_client(header, client[:2]):
        raise OAuthProblem(401, "invalid_client", "Invalid client_id or client_secret")
    kind = form.get("grant_type", "")
    if kind == "account_credentials" and client[2]:
        return _of_app(state, client[2], form, now)
    if kind == "authorization_code" and not client[2]:
        return _of_code(state, form, now)
    if kind == "refresh_token" and not client[2]:
        return _renewed(state, form, now)
    raise OAuthProblem(400, "unsupported_grant_type", "unsupported grant type")


def _of_app(state: State, account: str, form: MultiMapping[str], now: float) -> Json:
    """A new one ends the one before."""
    if form.get("account_id") != account:
        raise OAuthProblem(400, "invalid_request", "Bad Request")
    state.end_sign_in("")
    return _access(state, Grant("", now + ACCESS_SECONDS, APP_SCOPES))


def _of_code(state: State, form: MultiMapping[str], now: float) -> Json:
    grant = state.codes.pop(form.get("code", ""), None)
    if grant is None or grant.until < now:
        raise OAuthProblem(400, "invalid_request", "Invalid authorization code")
    if form.get("redirect_uri") != grant.redirect_uri:
        raise OAuthProblem(400, "invalid_request", "Redirect URI mismatch.")
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    if grant.challenge and urlsafe_b64encode(digest).rstrip(b"=").decode() != grant.challenge:
        raise OAuthProblem(400, "invalid_grant", "Invalid code verifier")
    return signed_in(state, grant.user, grant.scopes, now)


def _renewed(state: State, form: MultiMapping[str], now: float) -> Json:
    """A refresh token is good once."""
    grant = state.refresh.pop(form.get("refresh_token", ""), None)
    if grant is None:
        raise OAuthProblem(400, "invalid_grant", "Invalid Token!")
    return signed_in(state, grant.user, grant.scopes, now)


def signed_in(state: State, user: str, scopes: tuple[str, ...], now: float) -> Json:
    """A new sign-in's tokens; those before are over."""
    state.end_sign_in(user)
    answer = _access(state, Grant(user, now + ACCESS_SECONDS, scopes))
    refresh = f"r-{secrets.token_urlsafe(32)}"
    state.refresh[refresh] = Grant(user, now + 90 * 86_400, scopes)
    return {**answer, "refresh_token": refresh}


def _access(state: State, grant: Grant) -> Json:
    name = f"a-{secrets.token_urlsafe(32)}"
    state.access[name] = grant
    return {
        "access_token": name,
        "token_type": "bearer",
        "expires_in": ACCESS_SECONDS,
        "scope": " ".join(grant.scopes),
        "api_url": "https://api.zoom.us",
    }
