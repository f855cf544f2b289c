"""Sign-in at Microsoft by device code (RFC 8628), for terminals: a code is shown here and entered in any browser."""

from typing import Any, Final

import msal
import requests

from gateway.accounts.oauth.flow import READ, Granted, access_of, check_client, scopes_in
from gateway.accounts.oauth.microsoft import NEEDS, address_in
from gateway.backends.outlook import application, scopes_for
from gateway.config import Settings
from gateway.errors import BackendUnavailable, ConfigError, InvalidRequest, root_of

WAITING: Final = frozenset({"authorization_pending", "slow_down"})
DENIED: Final = frozenset({"authorization_declined", "access_denied"})
PAST: Final = frozenset({"expired_token", "code_expired", "bad_verification_code"})
CONFIDENTIAL: Final = "AADSTS7000218"


class DeviceSignIn:
    """One code. url, code: to be shown. begin and look block."""

    def __init__(self, settings: Settings, access: str) -> None:
        """Raises: ConfigError."""
        check_client(settings.microsoft.client_id, "microsoft")
        self._microsoft = settings.microsoft
        self._access = access
        self._scopes = scopes_for(settings.microsoft.graph_endpoint, writes=access != READ)
        self._cache = msal.SerializableTokenCache()
        self._application: Any = None
        self._flow: dict[str, Any] = {}

    @property
    def url(self) -> str:
        return str(self._flow["verification_uri"])

    @property
    def code(self) -> str:
        return str(self._flow["user_code"])

    @property
    def interval(self) -> int:
        """Seconds to wait before the next look; Microsoft may ask for more on the way."""
        return int(self._flow["interval"])

    def begin(self) -> None:
        """Raises: BackendUnavailable, ConfigError."""
        try:
            self._application = application(self._microsoft, self._cache, public=True)
            self._flow = self._application.initiate_device_flow(self._scopes)
        except (requests.RequestException, msal.exceptions.MsalError, ValueError, RuntimeError) as error:
            raise BackendUnavailable(f"Microsoft's sign-in could not be reached: {root_of(error)}") from error
        if "user_code" not in self._flow:
            raise ConfigError(f"microsoft.client_id: Microsoft gives no code ({_said(self._flow)})")

    def look(self) -> Granted | None:
        """None as long as nobody has answered.

        Raises: InvalidRequest, SignInFailed, BackendUnavailable, ConfigError.
        """
        try:
            result = self._application.acquire_token_by_device_flow(self._flow, exit_condition=lambda _flow: True)
        except (requests.RequestException, msal.exceptions.MsalError, ValueError, RuntimeError) as error:
            raise BackendUnavailable(f"Microsoft's sign-in could not be reached: {root_of(error)}") from error
        refused = str(result.get("error") or "")
        if refused in WAITING:
            return None
        if refused:
            raise refusal(refused, _said(result))
        scopes = scopes_in(result.get("scope"), frozenset(self._scopes))
        allowed = access_of(frozenset(one.rsplit("/", 1)[-1] for one in scopes), NEEDS, self._access, "Microsoft")
        return Granted(self._cache.serialize(), allowed, address_in(result))


def refusal(error: str, said: str) -> InvalidRequest | ConfigError:
    """What an answer means that ends the waiting."""
    if error in DENIED:
        return InvalidRequest("the sign-in was not allowed; nothing was connected")
    if error in PAST:
        return InvalidRequest("the code has expired before anybody entered it; run the command again")
    if CONFIDENTIAL in said:
        return ConfigError(
            "microsoft.client_id: this application may not sign people in at a terminal; in Entra, App registrations,"
            " Authentication, set 'Allow public client flows' to Yes"
        )
    return InvalidRequest(f"Microsoft refused the sign-in ({said})")


def _said(result: dict[str, Any]) -> str:
    return str(result.get("error_description") or result.get("error") or "").split("\r\n")[0]
