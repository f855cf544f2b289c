"""Sign-in at Microsoft with msal. Everything here blocks."""

import json
import warnings
from collections.abc import Mapping
from typing import Any, Final

import msal
import requests

from gateway.accounts.oauth.flow import WRITE, Begun, Granted, Needs, Wanted, access_of, check_client, scopes_in
from gateway.backends.outlook import application, scopes_for
from gateway.config import Microsoft, Settings
from gateway.errors import BackendUnavailable, SignInFailed, root_of

NEEDS: Final = Needs(
    always=frozenset({"User.Read", "MailboxSettings.Read"}),
    read=frozenset({"Calendars.Read"}),
    write=frozenset({"Calendars.ReadWrite"}),
)


def begin(settings: Settings, wanted: Wanted) -> Begun:
    """Raises: ConfigError, BackendUnavailable."""
    check_client(settings.microsoft.client_id, "microsoft")
    app = _application(settings.microsoft)
    scopes = scopes_for(settings.microsoft.graph_endpoint, writes=wanted.access == WRITE)
    # Unless asked to choose, Microsoft takes whoever is signed in there, and nobody could connect a second account.
    chosen = {"login_hint": wanted.login_hint} if wanted.login_hint else {"prompt": "select_account"}
    with warnings.catch_warnings():
        # msal would rather have a form posted; a cross-site post comes without the cookie that the sign-in is bound to
        warnings.simplefilter("ignore")
        flow = app.initiate_auth_code_flow(scopes, redirect_uri=wanted.redirect_uri, **chosen)
    if "auth_uri" not in flow:
        raise BackendUnavailable(f"Microsoft's sign-in could not begin: {flow.get('error_description', '')}")
    return Begun(flow["auth_uri"], flow["state"], json.dumps({"flow": flow, "access": wanted.access}))


def complete(settings: Settings, flow: Mapping[str, Any], query: Mapping[str, str]) -> Granted:
    """Raises: SignInFailed, BackendUnavailable."""
    cache = msal.SerializableTokenCache()
    app = _application(settings.microsoft, cache)
    try:
        result = app.acquire_token_by_auth_code_flow(dict(flow["flow"]), dict(query))
    except (requests.RequestException, msal.exceptions.MsalError) as error:
        raise BackendUnavailable(f"Microsoft's sign-in could not be reached: {root_of(error)}") from error
    except (ValueError, RuntimeError) as error:
        words = "Microsoft's answer does not belong to this sign-in; please start again"
        raise SignInFailed(words, "refused") from error
    if "access_token" not in result:
        said = str(result.get("error_description") or result.get("error") or "").split("\r\n")[0]
        raise SignInFailed(f"Microsoft refused the sign-in ({said}); please start again", "refused")
    asked = str(flow["access"])
    granted = scopes_in(result.get("scope"), frozenset(flow["flow"]["scope"]))
    access = access_of(frozenset(one.rsplit("/", 1)[-1] for one in granted), NEEDS, asked, "Microsoft")
    return Granted(cache.serialize(), access, address_in(result))


def address_in(result: Mapping[str, Any]) -> str:
    """Of msal's answer to a sign-in: who signed in, "" if it does not say.

    The name one signs in by lies in a domain that its tenant has proved; the claim `email` may be anything.
    """
    claims = result.get("id_token_claims") or {}
    return str(claims.get("preferred_username") or "").lower()


def _application(microsoft: Microsoft, cache: msal.SerializableTokenCache | None = None) -> Any:
    try:
        return application(microsoft, cache)
    except (requests.RequestException, msal.exceptions.MsalError, ValueError, RuntimeError) as error:
        raise BackendUnavailable(f"Microsoft's sign-in could not be reached: {root_of(error)}") from error
