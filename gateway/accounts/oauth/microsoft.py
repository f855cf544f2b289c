"""Sign-in at Microsoft with msal. Everything here blocks."""

import json
import warnings
from collections.abc import Mapping
from typing import Any

import msal
import requests

from gateway.accounts.oauth.flow import Begun, Granted, check_client
from gateway.backends.outlook import application, scopes_for
from gateway.config import Microsoft, Settings
from gateway.errors import BackendUnavailable, InvalidRequest


def begin(settings: Settings, redirect_uri: str, login_hint: str = "") -> Begun:
    """Raises: ConfigError, BackendUnavailable."""
    check_client(settings.microsoft.client_id, "microsoft")
    app = _application(settings.microsoft)
    scopes = scopes_for(settings.microsoft.graph_endpoint)
    hint = {"login_hint": login_hint} if login_hint else {}
    with warnings.catch_warnings():
        # msal would rather have a form posted; a cross-site post comes without the cookie that the sign-in is bound to
        warnings.simplefilter("ignore")
        flow = app.initiate_auth_code_flow(scopes, redirect_uri=redirect_uri, **hint)
    if "auth_uri" not in flow:
        raise BackendUnavailable(f"Microsoft's sign-in could not begin: {flow.get('error_description', '')}")
    return Begun(flow["auth_uri"], flow["state"], json.dumps(flow))


def complete(settings: Settings, flow: Mapping[str, Any], query: Mapping[str, str]) -> Granted:
    """Raises: InvalidRequest, BackendUnavailable."""
    cache = msal.SerializableTokenCache()
    app = _application(settings.microsoft, cache)
    try:
        result = app.acquire_token_by_auth_code_flow(dict(flow), dict(query))
    except requests.RequestException as error:
        raise BackendUnavailable(f"Microsoft's sign-in could not be reached: {error}") from error
    except (ValueError, RuntimeError) as error:
        raise InvalidRequest("Microsoft's answer does not belong to this sign-in; please start again") from error
    if "access_token" not in result:
        said = str(result.get("error_description") or result.get("error") or "").split("\r\n")[0]
        raise InvalidRequest(f"Microsoft refused the sign-in ({said}); please start again")
    claims = result.get("id_token_claims") or {}
    return Granted(cache.serialize(), str(claims.get("preferred_username") or claims.get("email") or "").lower())


def _application(microsoft: Microsoft, cache: msal.SerializableTokenCache | None = None) -> Any:
    try:
        return application(microsoft, cache)
    except (requests.RequestException, ValueError, RuntimeError) as error:
        raise BackendUnavailable(f"Microsoft's sign-in could not be reached: {error}") from error
