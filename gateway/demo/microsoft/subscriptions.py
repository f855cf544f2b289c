"""Subscriptions of the simulated Graph, with the handshake at their creation."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout

from gateway.demo.microsoft.call import Call
from gateway.demo.microsoft.checks import check_names
from gateway.demo.microsoft.faults import Json, bad_request, not_found

NAMES = frozenset(
    {
        "changeType",
        "notificationUrl",
        "resource",
        "expirationDateTime",
        "clientState",
        "lifecycleNotificationUrl",
        "latestSupportedTlsVersion",
    }
)
LONGEST = timedelta(minutes=10_080)
HANDSHAKE = ClientTimeout(total=10)


async def greet(url: str) -> bool:
    """Whether the address answers the validation request as it must, while the creation still waits."""
    token = f"Validation: {secrets.token_hex(8)} & more"
    asked = f"{url}{'&' if '?' in url else '?'}validationToken={quote(token, safe='')}"
    try:
        async with ClientSession(timeout=HANDSHAKE) as http, http.post(asked, allow_redirects=False) as answer:
            plain = answer.content_type == "text/plain"
            return answer.status == 200 and plain and await answer.text() == token
    except (ClientError, TimeoutError):
        return False


class Subscriptions:
    """greet: how a notification address is tried."""

    def __init__(self, clock: Callable[[], datetime], greeting: Callable[[str], Awaitable[bool]] = greet) -> None:
        self.clock = clock
        self.greeting = greeting
        self.rows: dict[str, Json] = {}

    def expiration(self, text: object) -> str:
        """Raises: GraphFault 400 for a time that has passed or is further off than seven days."""
        try:
            until = datetime.fromisoformat(str(text))
        except ValueError as error:
            raise bad_request("expirationDateTime could not be read.", "InvalidRequest") from error
        now = self.clock()
        if until.tzinfo is None or not now < until <= now + LONGEST:
            raise bad_request("Subscription expiration can only be 10080 minutes in the future.", "ValidationError")
        return f"{until.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"

    async def create(self, call: Call) -> Json:
        check_names(call.body, NAMES, "subscription")
        missing = [name for name in ("changeType", "notificationUrl", "resource") if not call.body.get(name)]
        if missing or set(call.body["changeType"].split(",")) - {"created", "updated", "deleted"}:
            raise bad_request("changeType, notificationUrl and resource are needed.", "ValidationError")
        if len(call.body.get("clientState") or "") > 128:
            raise bad_request("clientState is longer than 128 characters.", "ValidationError")
        until = self.expiration(call.body.get("expirationDateTime"))
        if not await self.greeting(call.body["notificationUrl"]):
            raise bad_request("Subscription validation request failed.", "ValidationError")
        row = {**call.body, "id": secrets.token_hex(16), "expirationDateTime": until, "creator": call.address}
        self.rows[row["id"]] = row
        return row

    def one(self, call: Call) -> Json:
        row = self.rows.get(call.path["subscription"])
        if row is None or row["creator"] != call.address:
            raise not_found()
        return row

    def renew(self, call: Call) -> Json:
        row = self.one(call)
        check_names(call.body, frozenset({"expirationDateTime", "notificationUrl"}), "subscription")
        row["expirationDateTime"] = self.expiration(call.body.get("expirationDateTime"))
        return row

    def delete(self, call: Call) -> None:
        del self.rows[self.one(call)["id"]]
