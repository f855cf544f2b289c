"""Google's Calendar API over its own library. Everything that blocks is here, and runs in threads."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Final, ParamSpec, TypeAlias, TypeVar
from urllib.parse import urlencode

import httplib2
from google.auth.exceptions import RefreshError, TransportError
from google.oauth2.credentials import Credentials
from google.oauth2.service_account import Credentials as Delegated
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from gateway.backends.answers import retry_after
from gateway.backends.base import Account
from gateway.backends.google import service_account
from gateway.backends.google.transport import Http, signing_in
from gateway.config import Google
from gateway.errors import (
    AccessTooNarrow,
    BackendError,
    BackendUnavailable,
    Conflict,
    ProviderUnreachable,
    ReadOnlyCalendar,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
    SignInExpired,
    Throttled,
)

TIMEOUT: Final = 30.0
"""Seconds for one answer."""

THREADS: Final = ThreadPoolExecutor(64, thread_name_prefix="google")
"""They wait for answers. asyncio's own are a few for each core, and others need them."""

TOO_MUCH: Final = frozenset(("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"))
TOO_MUCH_IN_ALL: Final = frozenset(("dailyLimitExceeded",))
AnyCredentials: TypeAlias = Credentials | Delegated
P = ParamSpec("P")
T = TypeVar("T")
Calendar = Any
"""The API object that google-api-python-client makes of the discovery document; it carries no types."""


class SyncTokenExpired(BackendError):
    """Google wants the calendar to be listed from the beginning."""


class PushUnsupported(RefusedByProvider):
    """Google tells of no changes in this calendar: holidays, birthdays, week numbers …"""


class StaleToken(SignInExpired):
    """The access token is no longer good; a renewed one may be."""


class AlreadyThere(Conflict):
    """The id or iCalUID is taken, perhaps by a deleted event."""


@cache
def calendar_api(root: str) -> Calendar:
    """Builds requests only; sends none, so all accounts share it."""
    options = {"api_endpoint": root + "/calendar/v3/"}
    return build("calendar", "v3", http=httplib2.Http(), static_discovery=True, client_options=options)


def calendars_of(settings: Google) -> Calendar:
    return calendar_api(settings.api_endpoint)


class Api:
    """One account's calls. Renews the access token where needed, and keeps it before it is used.

    api: what the calls are of. scopes: what a service account asks for; what calendars need where none are told.
    """

    def __init__(
        self,
        account: Account,
        settings: Google,
        api: Callable[[Google], Any] = calendars_of,
        scopes: Sequence[str] = (),
    ) -> None:
        self._account = account
        self._settings = settings
        self._api = api
        self._scopes = scopes or service_account.scopes_of(account.settings)
        self._subject = account.settings.get("subject", "")
        self._secret = account.secret
        self._credentials: AnyCredentials | None = None
        self._renewing = asyncio.Lock()

    async def call(self, make: Callable[[Calendar], Any], etag: str = "") -> dict[str, Any]:
        """The answer to the request that `make` builds; {} where it has no body. etag: only if it still has that."""
        credentials = await self._valid()
        try:
            return await self._paced(self._send, make, credentials, etag)
        except StaleToken:
            await self._renew(credentials.token)
            return await self._paced(self._send, make, self._read(), etag)

    async def _paced(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Every request goes through here."""
        async with self._account.pace.turn():
            return await asyncio.get_running_loop().run_in_executor(THREADS, partial(ask, *args, **kwargs))

    def _send(self, make: Callable[[Calendar], Any], credentials: AnyCredentials, etag: str) -> dict[str, Any]:
        request = make(self._api(self._settings))
        if self._subject:
            request.uri = _with(request.uri, quotaUser=service_account.quota_user(self._subject))
        credentials.apply(request.headers)  # type: ignore[no-untyped-call]  # google-auth types only a part
        if etag:
            request.headers["If-Match"] = etag
        try:
            with closing(self._http()) as http:
                answer = request.execute(http=http)
        except HttpError as error:
            raise read_error(error.resp, error.content) from error
        except (httplib2.HttpLib2Error, OSError, ValueError) as error:
            raise ProviderUnreachable(f"Google could not be reached: {error}") from error
        return answer if isinstance(answer, dict) else {}

    def _http(self) -> Http:
        """A new one each time, since they are not thread-safe."""
        ca_file = self._settings.ca_file
        return Http(timeout=TIMEOUT, ca_certs=str(ca_file) if ca_file else None)

    def _fresh(self) -> AnyCredentials:
        """Of the secret as it is now. Raises: SignInExpired."""
        if not self._subject:
            return read_credentials(self._secret, self._settings)
        try:
            return service_account.acting(json.loads(self._secret), self._settings, self._subject, self._scopes)
        except ValueError as error:
            raise SignInExpired("the stored key is no service account's: add the account again") from error

    def _read(self) -> AnyCredentials:
        if self._credentials is None:
            self._credentials = self._fresh()
        return self._credentials

    async def _valid(self) -> AnyCredentials:
        credentials = self._read()
        if not credentials.valid:
            await self._renew(credentials.token)
        return self._read()

    async def _renew(self, stale: str | None) -> None:
        """A new access token in place of `stale`, unless another call has got one meanwhile."""
        async with self._renewing:
            if self._read().token != stale:
                return
            fresh = self._fresh()
            await self._paced(self._refresh, fresh)
            if isinstance(fresh, Credentials):
                secret = renewed(self._secret, fresh)
                await self._account.save(secret)
                self._secret = secret
            self._credentials = fresh

    def _refresh(self, credentials: AnyCredentials) -> None:
        try:
            with closing(self._http()) as http:
                credentials.refresh(signing_in(http))  # type: ignore[no-untyped-call]  # as above
        except RefreshError as error:
            if self._subject:
                raise service_account.refusal(error, json.loads(self._secret), self._subject) from error
            raise read_refresh_error(error) from error
        except (TransportError, httplib2.HttpLib2Error, OSError) as error:
            raise ProviderUnreachable(f"Google's sign-in could not be reached: {error}") from error


def read_credentials(secret: str, settings: Google) -> Credentials:
    """Of Google's authorized-user JSON; the client is the file's own or, where it names none, ours.

    Scopes are left out: asking for them again on renewal fails for those who unticked one.
    """
    try:
        held = json.loads(secret)
        return Credentials(  # type: ignore[no-untyped-call]  # google-auth types only a part of itself
            token=held.get("token"),
            refresh_token=held["refresh_token"],
            token_uri=settings.token_uri,
            client_id=held.get("client_id") or settings.client_id,
            client_secret=held.get("client_secret") or settings.client_secret.get_secret_value(),
            expiry=_naive(held["expiry"]) if held.get("expiry") else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SignInExpired("the stored sign-in is no authorized-user JSON of Google: sign in again") from error


def _naive(text: str) -> datetime:
    """google-auth wants its expiry in UTC without zone."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def renewed(secret: str, credentials: Credentials) -> str:
    """The same JSON with the new access token; a new refresh token only where one came."""
    expiry = {"expiry": credentials.expiry.isoformat() + "Z"} if credentials.expiry else {}
    held = json.loads(secret) | expiry
    return json.dumps(held | {"token": credentials.token, "refresh_token": credentials.refresh_token})


def read_refresh_error(error: RefreshError) -> BackendError:
    """invalid_grant and a refused client need the owner or the operator; the rest is tried again."""
    answer = error.args[1] if len(error.args) > 1 else {}
    reason = answer.get("error", "") if isinstance(answer, dict) else ""
    if reason == "invalid_grant":
        return SignInExpired("Google no longer accepts this sign-in: sign in again")
    if reason and not error.retryable:
        return SignInExpired(f"Google refused to renew the sign-in ({reason}): check the client, then sign in again")
    return BackendUnavailable(f"Google's sign-in failed: {error}")


def read_error(head: Mapping[str, str], content: bytes) -> Exception:
    """The error that an answer stands for. head: httplib2's response, with `status` beside the headers."""
    status = int(head["status"])
    reason, message, location = _reason(content)
    said = f"Google: {message or status}"
    later = _busy(status, reason, said, retry_after(head))
    if later is not None:
        return later
    if status == 401:
        return StaleToken(f"Google does not accept this sign-in: {message}")
    if reason == "insufficientPermissions":
        return AccessTooNarrow(f"the sign-in at Google allows too little, sign in again and allow all: {message}")
    if reason == "channelIdNotUnique":
        return AlreadyThere(message)
    if reason.startswith("pushNotSupported"):
        return PushUnsupported(message)
    if reason == "fullSyncRequired" or (reason == "invalid" and _is_of_token(message, location)):
        return SyncTokenExpired(message)
    if reason == "requiredAccessLevel":
        return ReadOnlyCalendar(message)
    known = {404: RemoteGone, 410: RemoteGone, 409: AlreadyThere, 412: RemoteConflict}
    return known.get(status, RefusedByProvider)(said)


def _busy(status: int, reason: str, said: str, wait: float | None) -> BackendUnavailable | None:
    """What is worth asking again, as it is."""
    if status in {403, 429} and reason in TOO_MUCH_IN_ALL:
        return Throttled(said, wait, whole_app=True)
    if status == 429 or (status == 403 and reason in TOO_MUCH):
        return Throttled(said, wait)
    if status == 408 or status >= 500 or reason == "backendError":
        return BackendUnavailable(said, wait)
    return None


def _reason(content: bytes) -> tuple[str, str, str]:
    """Why, in words, and the name of the parameter that it is about; "" where the answer does not say."""
    try:
        error = json.loads(content)["error"]
        first = error["errors"][0]
        return str(first["reason"]), str(error["message"]), str(first.get("location", ""))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return "", "", ""


def _is_of_token(message: str, location: str) -> bool:
    """A sync token that Google cannot read at all is a 400, and not each such answer names the parameter."""
    return location == "syncToken" or message.startswith("Invalid sync token value")


def _with(url: str, **query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
