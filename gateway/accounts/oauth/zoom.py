"""Sign-in at Zoom. Everything here blocks."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import requests

from gateway.accounts.oauth.flow import WRITE, Begun, Granted, Needs, Wanted, access_of, check_client, scopes_in
from gateway.backends.zoom.tokens import kept
from gateway.config import Settings, Zoom
from gateway.errors import BackendUnavailable, SignInFailed, root_of

TIMEOUT: Final = 30.0
# Which permissions an app asks for is set at Zoom, not in the request; both the old names and the finer new ones do.
MAKING: Final = frozenset({"meeting:write", "meeting:write:meeting"})
NEEDS: Final = Needs(always=frozenset(), read=MAKING, write=MAKING)


def begin(settings: Settings, wanted: Wanted) -> Begun:
    """Raises: ConfigError."""
    check_client(settings.zoom.client_id, "zoom")
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": settings.zoom.client_id,
        "redirect_uri": wanted.redirect_uri,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    held = {"redirect_uri": wanted.redirect_uri, "code_verifier": verifier}
    return Begun(f"{settings.zoom.auth_uri}?{urlencode(asked)}", state, json.dumps(held))


def complete(settings: Settings, flow: Mapping[str, Any], query: Mapping[str, str]) -> Granted:
    """Of the secret, `person` is whom it is of at Zoom.

    Raises: SignInFailed, BackendUnavailable.
    """
    zoom = settings.zoom
    form = {
        "grant_type": "authorization_code",
        "code": query["code"],
        "redirect_uri": str(flow["redirect_uri"]),
        "code_verifier": str(flow["code_verifier"]),
    }
    client = (zoom.client_id, zoom.client_secret.get_secret_value())
    answer = _asked(zoom, "POST", zoom.token_uri, data=form, auth=client)
    # An answer that names no permissions is taken at its word; the first room will tell.
    access_of(scopes_in(answer.get("scope"), MAKING), NEEDS, WRITE, "Zoom")
    tokens = kept(answer, 0.0)  # renewed before the first room, which shows that they can be
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    person = _asked(zoom, "GET", f"{zoom.api_endpoint}/users/me", headers=bearer)
    email = str(person.get("email") or "").lower()
    return Granted(json.dumps({**tokens, "person": str(person.get("id") or email)}), WRITE, email)


def _asked(zoom: Zoom, method: str, url: str, **given: Any) -> dict[str, Any]:
    verify: str | bool = str(zoom.ca_file) if zoom.ca_file else True
    try:
        answer = requests.request(method, url, verify=verify, timeout=TIMEOUT, allow_redirects=False, **given)
    except requests.RequestException as error:
        raise BackendUnavailable(f"Zoom's sign-in could not be reached: {root_of(error)}") from error
    if answer.status_code == 429 or answer.status_code >= 500:
        raise BackendUnavailable(f"Zoom's sign-in answered {answer.status_code}")
    try:
        told = dict(answer.json())
    except ValueError as error:
        raise BackendUnavailable(f"Zoom's sign-in answered {answer.status_code} without JSON") from error
    if answer.status_code != 200:
        said = told.get("reason") or told.get("message") or told.get("error") or answer.status_code
        raise SignInFailed(f"Zoom refused the sign-in ({said}); please start again", "refused")
    return told
