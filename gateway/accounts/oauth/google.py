"""Sign-in at Google with google-auth-oauthlib. Everything here blocks."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import OAuth2Error

from gateway.accounts.oauth.flow import (
    READ,
    WRITE,
    Begun,
    Granted,
    Needs,
    Wanted,
    access_of,
    check_client,
    scopes_in,
)
from gateway.config import Google, Settings
from gateway.errors import BackendUnavailable, SignInFailed, root_of

ROOT: Final = "https://www.googleapis.com/auth/"
# The least that the methods we call take (discovery document): the list of calendars, events, and others' busy time.
READING: Final = ("calendar.calendarlist.readonly", "calendar.events.readonly", "calendar.events.freebusy")
# Reading is asked for beside writing, so that people can untick the latter alone.
SCOPES: Final[Mapping[str, Sequence[str]]] = {READ: READING, WRITE: (*READING, "calendar.events")}
LISTING: Final = frozenset({"calendar.calendarlist.readonly", "calendar.calendarlist", "calendar.readonly", "calendar"})
NEEDS: Final = Needs(
    always=frozenset({"calendar.calendarlist.readonly"}),
    read=frozenset({"calendar.events.readonly", "calendar.readonly"}),
    write=frozenset({"calendar.events", "calendar"}),
)
TIMEOUT: Final = 30.0


def begin(settings: Settings, wanted: Wanted) -> Begun:
    """Raises: ConfigError."""
    check_client(settings.google.client_id, "google")
    flow = _flow(settings.google, wanted.redirect_uri, [ROOT + name for name in SCOPES[wanted.access]])
    # Only with offline and consent Google gives a refresh token also to those who signed in before. Without
    # select_account it would take whoever is signed in there, and nobody could connect a second account.
    chosen = {"login_hint": wanted.login_hint} if wanted.login_hint else {}
    prompt = "consent" if wanted.login_hint else "consent select_account"
    url, state = flow.authorization_url(access_type="offline", prompt=prompt, **chosen)
    kept = {"redirect_uri": wanted.redirect_uri, "code_verifier": flow.code_verifier, "access": wanted.access}
    return Begun(url, state, json.dumps(kept))


def complete(settings: Settings, flow: Mapping[str, Any], query: Mapping[str, str]) -> Granted:
    """Raises: SignInFailed, BackendUnavailable."""
    google, asked = settings.google, str(flow["access"])
    # Without scopes: those that were granted are looked at here, not compared with the asked ones by the library.
    oauth = _flow(google, flow["redirect_uri"], None, flow["code_verifier"])
    try:
        with closing(oauth.oauth2session):
            token = oauth.fetch_token(
                code=query["code"], include_client_id=True, verify=_verify(google), timeout=TIMEOUT
            )
    except requests.RequestException as error:
        raise BackendUnavailable(f"Google's sign-in could not be reached: {root_of(error)}") from error
    except OAuth2Error as error:
        raise SignInFailed(f"Google refused the sign-in ({error.error}); please start again", "refused") from error
    access = access_of(_granted(token.get("scope"), asked), NEEDS, asked, "Google")
    if not token.get("refresh_token"):
        raise SignInFailed("Google gave no lasting sign-in; please start again", "refused")
    return Granted(oauth.credentials.to_json(), access)


def _granted(answer: object, asked: str) -> frozenset[str]:
    """Names of the scopes; a wider one that lists calendars stands for the one we ask for."""
    full = scopes_in(answer, frozenset(ROOT + name for name in SCOPES[asked]))
    names = frozenset(scope.removeprefix(ROOT) for scope in full)
    return names | NEEDS.always if names & LISTING else names


def revoke(google: Google, secret: str) -> bool:
    """Ends the sign-in at Google too, with every other one of this person with our client; whether it is ended."""
    try:
        token = str(json.loads(secret).get("refresh_token") or "")
        if not token:  # a service account's, which is nobody's sign-in
            return False
        answer = requests.post(google.revoke_uri, data={"token": token}, verify=_verify(google), timeout=TIMEOUT)
    except (ValueError, AttributeError, requests.RequestException):
        return False
    return answer.status_code in {200, 400}  # 400: it was ended before


def _flow(google: Google, redirect_uri: str, scopes: list[str] | None, code_verifier: str | None = None) -> Any:
    if urlsplit(google.token_uri).scheme == "http":  # the settings take http for this very machine only
        os.environ.setdefault("OAUTHLIB_INSECURE_TRANSPORT", "1")
    client = {
        "client_id": google.client_id,
        "client_secret": google.client_secret.get_secret_value(),
        "auth_uri": google.auth_uri,
        "token_uri": google.token_uri,
    }
    return Flow.from_client_config(
        {"web": client},
        scopes,
        redirect_uri=redirect_uri,
        code_verifier=code_verifier,
        autogenerate_code_verifier=code_verifier is None,
    )


def _verify(google: Google) -> str | bool:
    return str(google.ca_file) if google.ca_file else True
