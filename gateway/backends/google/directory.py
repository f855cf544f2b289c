"""Who works in an organisation, as its Google directory says (Admin SDK)."""

from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from typing import Any, Final

import httplib2
from googleapiclient.discovery import build

from gateway.backends.base import Account, Colleague
from gateway.backends.google.api import Api
from gateway.backends.google.service_account import DIRECTORY
from gateway.config import Google
from gateway.errors import RefusedByProvider, RemoteGone

PAGE: Final = 500
FIELDS: Final = (
    "nextPageToken,users(primaryEmail,aliases,nonEditableAliases,name/fullName,suspended,archived,isGuestUser)"
)
AWAY: Final = ("suspended", "archived", "isGuestUser")


def directory_of(settings: Google) -> Any:
    return directory_api(settings.directory_endpoint)


@cache
def directory_api(root: str) -> Any:
    """Builds requests only; sends none."""
    options = {"api_endpoint": f"{root}/"}
    return build("admin", "directory_v1", http=httplib2.Http(), static_discovery=True, client_options=options)


def read_user(user: Mapping[str, Any]) -> Colleague | None:
    """None for those who may not sign in any more, and for guests."""
    if any(user.get(name) for name in AWAY):
        return None
    main = str(user["primaryEmail"]).lower()
    others = (str(each).lower() for name in ("aliases", "nonEditableAliases") for each in user.get(name) or ())
    name = str((user.get("name") or {}).get("fullName") or "")
    return Colleague(main, name or main, tuple(dict.fromkeys((main, *others))))


async def colleagues(settings: Google, key: str, admin: str, domain: str) -> AsyncIterator[Colleague]:
    """Everybody of the domain, by address.

    key: text of a service account's key file. admin: an address that may look into the directory.
    Raises: what Google's answers mean.
    """
    api = Api(Account({"subject": admin}, key, _never), settings, directory_of, DIRECTORY)
    page: str | None = ""
    while page is not None:
        try:
            answer = await api.call(_list_page(domain, page))
        except RemoteGone as error:
            raise RefusedByProvider(f"Google: {admin} belongs to no organisation with the domain {domain}") from error
        except RefusedByProvider as error:
            raise RefusedByProvider(f"{error}: {admin} has to be an admin who may read users") from error
        for colleague in map(read_user, answer.get("users", ())):
            if colleague is not None:
                yield colleague
        page = answer.get("nextPageToken")


def _list_page(domain: str, page: str) -> Callable[[Any], Any]:
    query = {"pageToken": page} if page else {}
    return lambda api: api.users().list(domain=domain, maxResults=PAGE, orderBy="email", fields=FIELDS, **query)


async def _never(_secret: str) -> None:
    """A service account's key is not renewed by its use."""
