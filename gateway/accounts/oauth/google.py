"""Sign-in at Google with google-auth-oauthlib. Everything here blocks."""

import json
import os
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import OAuth2Error

from gateway.accounts.oauth.flow import Begun, Granted, check_client
from gateway.config import Google, Settings
from gateway.errors import BackendUnavailable, InvalidRequest

# Calendars and events, and nothing else of the account.
SCOPES: Final = ("https://www.googleapis.com/auth/calendar",)
TIMEOUT: Final = 30.0


def begin(settings: Settings, redirect_uri: str, login_hint: str = "") -> Begun:
    """Raises: ConfigError."""
    check_client(settings.google.client_id, "google")
    flow = _flow(settings.google, redirect_uri, list(SCOPES))
    hint = {"login_hint": login_hint} if login_hint else {}
    # Only with both of these Google gives a refresh token also to those who signed in before.
    url, state = flow.authorization_url(access_type="offline", prompt="consent", **hint)
    return Begun(url, state, json.dumps({"redirect_uri": redirect_uri, "code_verifier": flow.code_verifier}))


def complete(settings: Settings, flow: Mapping[str, Any], query: Mapping[str, str]) -> Granted:
    """Raises: InvalidRequest, BackendUnavailable."""
    google = settings.google
    # Without scopes: those that were granted are looked at here, not compared with the asked ones by the library.
    oauth = _flow(google, flow["redirect_uri"], None, flow["code_verifier"])
    try:
        with closing(oauth.oauth2session):
            token = oauth.fetch_token(
                code=query["code"], include_client_id=True, verify=_verify(google), timeout=TIMEOUT
            )
    except requests.RequestException as error:
        raise BackendUnavailable(f"Google's sign-in could not be reached: {error}") from error
    except OAuth2Error as error:
        raise InvalidRequest(f"Google refused the sign-in ({error.error}); please start again") from error
    granted = token.get("scope") or []
    if missing := set(SCOPES) - set(granted if isinstance(granted, list) else str(granted).split()):
        raise InvalidRequest(f"not all that is needed was allowed ({', '.join(sorted(missing))}); please start again")
    if not token.get("refresh_token"):
        raise InvalidRequest("Google gave no lasting sign-in; please start again")
    return Granted(oauth.credentials.to_json())


def revoke(google: Google, secret: str) -> None:
    """Ends the sign-in at Google too, as far as that is possible."""
    try:
        token = json.loads(secret).get("refresh_token", "")
        requests.post(google.revoke_uri, data={"token": token}, verify=_verify(google), timeout=TIMEOUT)
    except (ValueError, AttributeError, requests.RequestException):
        return


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
