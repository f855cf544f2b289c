"""Sign-in at the simulated Google: consent page, token and revocation endpoints."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from multidict import MultiMapping

from gateway.config import is_loopback
from gateway.demo.google.state import Grant, State, later

ACCESS_SECONDS: Final = 3_599
CODE_SECONDS: Final = 600
ASKED: Final = ("client_id", "redirect_uri", "response_type", "scope", "state", "access_type", "prompt", "login_hint")
CHALLENGE: Final = ("code_challenge", "code_challenge_method")

PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Sign in – simulated Google</title>
<style>
:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;background:Canvas}}
main{{max-width:26rem;padding:32px;border:1px solid GrayText;border-radius:12px;margin:16px}}
h1{{font-size:1.3rem;margin:0 0 4px}}
p{{margin:0 0 16px}}
fieldset{{border:0;padding:0;margin:0 0 16px}}
legend{{font-weight:600;padding:0}}
label{{display:flex;gap:8px;min-height:44px;align-items:center;overflow-wrap:anywhere}}
div{{display:flex;gap:12px;justify-content:flex-end}}
button{{font:inherit;min-height:44px;padding:0 20px;border-radius:8px;border:1px solid GrayText;cursor:pointer}}
button[value=allow]{{background:#1a56c4;color:#fff;border-color:#1a56c4}}
</style></head><body><main>
<h1>Simulated Google</h1>
<p><b>{client}</b> wants to use your calendars. No real account is involved.</p>
<form method="post">{hidden}
<fieldset><legend>Account</legend>{people}</fieldset>
<fieldset><legend>It may</legend>{scopes}</fieldset>
<div><button name="decision" value="deny">Deny</button><button name="decision" value="allow">Allow</button></div>
</form></main></body></html>
"""


class OAuthProblem(Exception):
    """An error answer of the token endpoint, or of the consent page where there is nowhere to redirect to."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description

    def body(self) -> dict[str, str]:
        return {"error": self.error, "error_description": self.description}


def consent_page(state: State, client_id: str, asked: MultiMapping[str]) -> str:
    _check_request(client_id, asked)
    hint = asked.get("login_hint", "")
    people = [person for person in state.people.values() if hint not in state.people or person.address == hint]
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
        for name in (*ASKED, *CHALLENGE)
        if name in asked and name != "scope"
    )
    return PAGE.format(
        client=escape(client_id),
        hidden=hidden,
        people="".join(
            f'<label><input type="radio" name="person" value="{escape(person.address)}"'
            f"{' checked' if number == 0 else ''}>{escape(person.name)} ({escape(person.address)})</label>"
            for number, person in enumerate(people)
        ),
        scopes="".join(
            f'<label><input type="checkbox" name="granted" value="{escape(scope)}" checked>{escape(scope)}</label>'
            for scope in asked["scope"].split()
        ),
    )


def decide(state: State, client_id: str, form: MultiMapping[str], now: datetime) -> str:
    """Where the browser goes next: back to the client with a code, or with access_denied."""
    _check_request(client_id, form)
    back: dict[str, str] = {"state": form["state"]} if "state" in form else {}
    granted = form.getall("granted", [])
    person = form.get("person", "")
    if form.get("decision") != "allow" or not granted or person not in state.people:
        back["error"] = "access_denied"
    else:
        code = f"4/{secrets.token_urlsafe(24)}"
        kept = {name: form[name] for name in ("redirect_uri", "access_type", "prompt", *CHALLENGE) if name in form}
        state.codes[code] = Grant(person, client_id, list(granted), later(now, CODE_SECONDS), extra=kept)
        back |= {"code": code, "scope": " ".join(granted)}
    uri = form["redirect_uri"]
    return uri + ("&" if urlsplit(uri).query else "?") + urlencode(back)


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
    if grant.extra.get("access_type") == "offline" and (first or grant.extra.get("prompt") == "consent"):
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
    """Ends a refresh token and all access tokens of it; an access token takes its refresh token along."""
    name = form.get("token", "")
    parent = state.access[name].parent or name if name in state.access else name
    known = parent in state.refresh or parent in state.access
    if not known:
        raise OAuthProblem(400, "invalid_token", "Token expired or revoked")
    state.refresh.pop(parent, None)
    state.access.pop(name, None)
    for each in [key for key, grant in state.access.items() if grant.parent == parent]:
        del state.access[each]
