"""Sign-ins at Microsoft: msal with the account's token cache. The only file that touches msal or blocks."""

import asyncio
import json
from functools import partial
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import msal
import requests

from gateway.backends.base import Account, reads_only
from gateway.config import Microsoft
from gateway.errors import BackendUnavailable, ProviderUnreachable, SignInExpired, root_of

READING: Final = ("Calendars.Read", "Calendars.Read.Shared", "MailboxSettings.Read", "User.Read")
PERMISSIONS: Final = ("Calendars.ReadWrite", "Calendars.ReadWrite.Shared", "MailboxSettings.Read", "User.Read")
RESOURCES: Final = frozenset({"graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"})
"""Graph hosts of the sovereign clouds, whose permissions must be asked for by their full names."""

TIMEOUT: Final = 30.0
SIGN_IN_AGAIN: Final = frozenset({"invalid_grant", "interaction_required", "login_required", "consent_required"})

DEVICE: Final = "device"
APP_ONLY: Final = "app-only"
"""Of an account's settings, what `sign_in` may say: how its tokens are come by, where not in the browser."""
MANY: Final = frozenset({"common", "organizations", "consumers"})
"""Ends of authorities that stand for no tenant in particular."""

_TENANTS: "WeakValueDictionary[bytes, Tenant]" = WeakValueDictionary()
_MAILBOXES: "WeakValueDictionary[bytes, AppOnly]" = WeakValueDictionary()
_KNOWN: "WeakValueDictionary[bytes, SignIn]" = WeakValueDictionary()
"""Sign-ins in use by the secrets they have had, so that all backends of an account share one lock and one cache."""


def scopes_for(graph_endpoint: str, *, writes: bool = True) -> list[str]:
    """What to ask consent for; msal adds openid, profile and offline_access itself."""
    host = urlsplit(graph_endpoint).hostname or ""
    names = PERMISSIONS if writes else READING
    return [f"https://{host}/{name}" if host in RESOURCES else name for name in names]


def application(settings: Microsoft, cache: msal.SerializableTokenCache | None = None, *, public: bool = False) -> Any:
    """The msal application of these settings. Blocks: it asks the authority for its endpoints.

    public: without the client's secret, as sign-ins by device code are begun and renewed.
    Raises: requests.RequestException, ValueError, RuntimeError where the authority cannot be reached or is none.
    """
    session = requests.Session()
    session.trust_env = False  # else REQUESTS_CA_BUNDLE in the environment would win over ca_file
    session.headers["Connection"] = "close"  # asked once an hour; nobody would close an idle connection
    session.verify = str(settings.ca_file) if settings.ca_file else True
    session.request = partial(session.request, timeout=TIMEOUT)  # type: ignore[method-assign] # requests has no default
    host = (urlsplit(settings.authority).hostname or "").lower()
    secret = "" if public else settings.client_secret.get_secret_value()
    kind = msal.ConfidentialClientApplication if secret else msal.PublicClientApplication
    return kind(
        settings.client_id,
        **({"client_credential": secret} if secret else {}),
        authority=settings.authority,
        token_cache=cache,
        http_client=session,
        instance_discovery=None if host in msal.authority.WELL_KNOWN_AUTHORITY_HOSTS else False,
    )


def read_secret(secret: str) -> tuple[msal.SerializableTokenCache, str]:
    """The token cache, and a bare refresh token that is still to be taken into it ("" if there is none).

    Raises: SignInExpired for a secret that is neither.
    """
    cache = msal.SerializableTokenCache()
    text = secret.strip()
    try:
        values = json.loads(text)
    except ValueError:
        values = {"refresh_token": text}
    if not isinstance(values, dict) or not values or values == {"refresh_token": ""}:
        raise SignInExpired("There is no Microsoft sign-in stored; connect the account again")
    if "refresh_token" in values:
        return cache, str(values["refresh_token"])
    cache.deserialize(text)
    return cache, ""


def read_result(result: dict[str, Any] | None) -> str:
    """The access token of an msal answer. Raises: SignInExpired, BackendUnavailable."""
    if result and "access_token" in result:
        return str(result["access_token"])
    error = str((result or {}).get("error") or "")
    said = str((result or {}).get("error_description") or "").split("\r\n")[0]
    if not result or error in SIGN_IN_AGAIN:
        detail = f": {result['suberror']}" if result and result.get("suberror") else ""
        raise SignInExpired(f"Microsoft no longer accepts the sign-in{detail}; connect the account again")
    raise BackendUnavailable(f"Microsoft gave no token: {said or error}")


class SignIn:
    """One account's tokens. places: taken by each request to the mailbox, across all its calendars.

    save: keeps a renewed sign-in; of whoever opened the account last.
    """

    def __init__(self, account: Account, settings: Microsoft) -> None:
        self.places = asyncio.Semaphore(settings.at_once)
        self.save = account.save
        self._account = account
        self._settings = settings
        self._lock = asyncio.Lock()
        self._cache, self._bare = read_secret(account.secret)
        self._scopes = scopes_for(settings.graph_endpoint, writes=not reads_only(account.settings))
        self._application: Any = None
        self._given = ""
        self._unsaved = ""

    async def token(self, refused: str = "") -> str:
        """An access token that is good now. refused: one that Graph did not take, not to be given again.

        A renewed sign-in is saved first: the old refresh token may be good no more. That goes on to its end even if
        whoever asked stops waiting.
        Raises: SignInExpired, BackendUnavailable.
        """
        asked = asyncio.ensure_future(self._renewed(refused))
        asked.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(asked)

    async def _renewed(self, refused: str) -> str:
        async with self._lock:
            renew = bool(refused) and refused == self._given
            result = await asyncio.to_thread(self._acquire, renew)
            if self._cache.has_state_changed:
                self._unsaved = self._cache.serialize()
            if self._unsaved:
                _KNOWN[_digest(self._settings, self._unsaved)] = self
                await self.save(self._unsaved)
                self._unsaved = ""
            self._given = read_result(result)
            return self._given

    def _acquire(self, renew: bool) -> dict[str, Any] | None:
        """Blocks. What msal answered, None if it knows no account.

        An answer of another shape than a sign-in's makes msal fail at every later call of the same application.
        """
        result = self._ask(renew)
        if result is not None and not isinstance(result.get("error", ""), str):
            self._application = None
            raise ProviderUnreachable(f"Microsoft's sign-in answered what it never answers: {result['error']}")
        return result

    def _ask(self, renew: bool) -> dict[str, Any] | None:
        try:
            if self._application is None:
                public = self._account.settings.get("sign_in") == DEVICE
                self._application = application(self._settings, self._cache, public=public)
            if self._bare:
                result = self._application.acquire_token_by_refresh_token(self._bare, self._scopes)
                self._bare = "" if "access_token" in result else self._bare
                return dict(result)
            wanted = self._account.settings.get("email", "").lower()
            people = self._application.get_accounts()
            chosen = [row for row in people if row.get("username", "").lower() == wanted] or people
            if not chosen:
                return None
            found = self._application.acquire_token_silent_with_error(
                self._scopes, account=chosen[0], force_refresh=renew
            )
            return None if found is None else dict(found)
        except (requests.RequestException, msal.exceptions.MsalError, ValueError, RuntimeError) as error:
            self._application = None  # msal would go on telling what it was told for a minute
            raise ProviderUnreachable(f"Microsoft's sign-in cannot be reached: {root_of(error)}") from error


def _digest(settings: Microsoft, secret: str) -> bytes:
    return blake2b(f"{settings.authority}\n{settings.client_id}\n{secret}".encode(), digest_size=16).digest()


class Tenant:
    """The gateway's own tokens in one tenant, by its client's secret; one for all mailboxes there. Nothing is kept: a
    new one is to be had at any time.
    """

    def __init__(self, settings: Microsoft, tenant: str) -> None:
        self._settings = settings.model_copy(update={"authority": authority_for(settings.authority, tenant)})
        self._tenant = tenant
        self._lock = asyncio.Lock()
        self._application: Any = None
        self._given = ""

    async def token(self, refused: str = "") -> str:
        """As SignIn.token. Raises: SignInExpired, BackendUnavailable."""
        async with self._lock:
            if refused and refused == self._given:
                self._application = None  # its cache would go on giving the same token
            self._given = read_app_result(await asyncio.to_thread(self._acquire), self._tenant)
            return self._given

    def _acquire(self) -> dict[str, Any]:
        """Blocks. msal looks into its own cache first."""
        try:
            if self._application is None:
                self._application = application(self._settings)
            return dict(self._application.acquire_token_for_client([default_scope(self._settings.graph_endpoint)]))
        except (requests.RequestException, msal.exceptions.MsalError, ValueError, RuntimeError) as error:
            if "invalid_tenant" in str(error.__context__):  # msal's own text is longer, and says less
                raise SignInExpired(f"Microsoft knows no organisation {self._tenant}") from error
            self._application = None
            raise ProviderUnreachable(f"Microsoft's sign-in cannot be reached: {root_of(error)}") from error


class AppOnly:
    """One mailbox, opened by the application itself."""

    def __init__(self, tenant: Tenant, at_once: int) -> None:
        self.places = asyncio.Semaphore(at_once)
        self._tenant = tenant

    async def token(self, refused: str = "") -> str:
        return await self._tenant.token(refused)


def authority_for(authority: str, tenant: str) -> str:
    """The authority of one tenant, where the one that was set stands for many."""
    root, _, named = authority.rpartition("/")
    return f"{root}/{tenant}" if named in MANY else authority


def default_scope(graph_endpoint: str) -> str:
    """All permissions that an admin consented to for the application."""
    parts = urlsplit(graph_endpoint)
    return f"{parts.scheme}://{parts.netloc}/.default"


def read_app_result(result: dict[str, Any], tenant: str) -> str:
    """The access token of msal's answer to the application itself. Raises: SignInExpired, BackendUnavailable."""
    if "access_token" in result:
        return str(result["access_token"])
    error = str(result.get("error") or "")
    said = str(result.get("error_description") or error).split("\r\n")[0]
    if error == "invalid_client":
        raise BackendUnavailable(f"Microsoft does not accept [microsoft] client_secret; has it expired? ({said})")
    if error == "unauthorized_client":
        raise SignInExpired(f"an admin of {tenant} has to consent to the application first ({said})")
    raise BackendUnavailable(f"Microsoft gave no token: {said}")


def app_only(account: Account, settings: Microsoft) -> AppOnly:
    """The sign-in for a mailbox; all backends of one mailbox share its places, all mailboxes of a tenant its tokens."""
    named = account.settings.get("tenant", "")
    secret = settings.client_secret.get_secret_value()
    place = _digest(settings, f"{named} {secret}")
    tenant = _TENANTS.get(place)
    if tenant is None:
        tenant = Tenant(settings, named)
        _TENANTS[place] = tenant
    mailbox = _digest(settings, f"{named} {secret} {account.settings.get('mailbox', '')}")
    found = _MAILBOXES.get(mailbox)
    if found is None:
        found = AppOnly(tenant, settings.at_once)
        _MAILBOXES[mailbox] = found
    return found


def sign_in(account: Account, settings: Microsoft) -> SignIn | AppOnly:
    """The sign-in of an account; the one in use already if its secret is known."""
    if account.settings.get("sign_in") == APP_ONLY:
        return app_only(account, settings)
    digest = _digest(settings, account.secret)
    found = _KNOWN.get(digest)
    if found is None:
        found = SignIn(account, settings)
        _KNOWN[digest] = found
    found.save = account.save
    return found
