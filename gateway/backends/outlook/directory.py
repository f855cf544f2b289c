"""Who works in an organisation, as its Microsoft directory says (Graph, by the application's own permission)."""

from collections.abc import AsyncIterator
from typing import Final

from gateway.backends.base import Account, Colleague, Outside
from gateway.backends.outlook.graph import Graph
from gateway.backends.outlook.sign_in import APP_ONLY, sign_in
from gateway.backends.outlook.values import Json
from gateway.errors import RefusedByProvider

# Guests are no members, and the accounts of rooms and shared mailboxes may not sign in unless somebody allowed it.
ASKED: Final = {
    "$filter": "accountEnabled eq true and userType eq 'Member'",
    "$select": "id,displayName,mail,userPrincipalName,proxyAddresses",
    "$top": "999",
}
PERSONAL: Final = frozenset({"user", "linked", ""})
"""What a mailbox of somebody's own says of its purpose; "" in clouds that say nothing."""


def read_user(row: Json, domain: str) -> Colleague | None:
    """None for those without a mailbox, or whose main address is in another domain."""
    main = str(row.get("mail") or "").lower()
    if not main.endswith(f"@{domain}"):
        return None
    kept = (str(each).lower() for each in row.get("proxyAddresses") or ())
    others = (each.removeprefix("smtp:") for each in kept if each.startswith("smtp:"))
    names = tuple(dict.fromkeys((main, str(row.get("userPrincipalName") or main).lower(), *others)))
    return Colleague(str(row["id"]), str(row.get("displayName") or main), names)


def _graph(outside: Outside, domain: str) -> Graph:
    async def never(_secret: str) -> None:
        """The application's own tokens are not kept."""

    account = Account({"sign_in": APP_ONLY, "tenant": domain}, "", never, outside.pace("outlook", None, ""))
    return Graph(outside, sign_in(account, outside.microsoft), account.pace)


async def colleagues(outside: Outside, domain: str) -> AsyncIterator[Colleague]:
    """Everybody who has a mailbox in the domain, in the order Graph tells them.

    Raises: what Graph's answers mean.
    """
    graph = _graph(outside, domain)
    pages = graph.pages(graph.url("users", query=ASKED))
    while (page := await _next(pages)) is not None:
        for row in page.get("value", ()):
            found = read_user(row, domain)
            if found is not None:
                yield found


async def _next(pages: AsyncIterator[Json]) -> Json | None:
    try:
        return await anext(pages, None)
    except RefusedByProvider as error:
        raise RefusedByProvider(f"{error}: the application needs User.Read.All to list people") from error


async def purpose(outside: Outside, domain: str, mailbox: str) -> str:
    """What a mailbox is for: "" for somebody's own, else shared, room, equipment …

    Raises: RefusedByProvider where the application may not open it, RemoteGone where there is none.
    """
    graph = _graph(outside, domain)
    said = await graph.call("GET", graph.url("users", mailbox, "mailboxSettings"))
    kind = str(said.get("userPurpose") or "")
    return "" if kind in PERSONAL else kind
