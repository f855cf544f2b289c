"""Subscriptions of the simulated Graph: the handshake at their creation, what they tell, and how they end."""

import re
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import unquote, urlsplit

from gateway.config import is_loopback
from gateway.demo.microsoft.call import Call
from gateway.demo.microsoft.checks import check_names
from gateway.demo.microsoft.faults import Json, access_denied, bad_request, not_found
from gateway.demo.microsoft.mailbox import Event, Mailboxes, event_id
from gateway.demo.microsoft.notices import Notices, greet
from gateway.demo.microsoft.render import etag
from gateway.demo.microsoft.users import mailbox

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
KINDS: Final = frozenset({"created", "updated", "deleted"})
RESOURCE: Final = re.compile(r"/?(?:me|users/(?P<user>[^/]+))(?:/calendar|/calendars/(?P<calendar>[^/]+))?/events")
TENANT: Final = "84bd8158-0000-4000-8000-000000000001"


@dataclass(slots=True)
class Subscription:
    """creator: whose token it was made with, or whose application's. immutable: the form of ids in notices.

    calendars: ids of those it is about. versions: of their events, by key, when it last looked.
    """

    row: Json
    creator: str
    immutable: bool
    calendars: list[str]
    versions: dict[int, int]

    @property
    def until(self) -> datetime:
        return datetime.fromisoformat(self.row["expirationDateTime"])


class Subscriptions:
    """greeting: how a notification address is tried. allowed: mailboxes that applications may open; None: all.

    page: how many are listed at a time.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        greeting: Callable[[str], Awaitable[bool]] = greet,
        allowed: Callable[[], frozenset[str] | None] = lambda: None,
    ) -> None:
        self.clock = clock
        self.allowed = allowed
        self.greeting = greeting
        self.notices = Notices()
        self.made: dict[str, Subscription] = {}
        self.page = 100

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
        _check(call.body)
        calendars = _calendars(call, call.body["resource"], self.allowed())
        until = self.expiration(call.body.get("expirationDateTime"))
        for name in ("notificationUrl", "lifecycleNotificationUrl"):
            if call.body.get(name) and not await self.greeting(call.body[name]):
                raise bad_request("Subscription validation request failed.", "ValidationError")
        row = {**call.body, "id": secrets.token_hex(16), "expirationDateTime": until, "creatorId": _creator(call)}
        made = Subscription(row, _creator(call), call.view.immutable, calendars, {})
        made.versions = _versions(call.boxes, made)
        self.made[row["id"]] = made
        return row

    def _own(self, call: Call) -> Subscription:
        self._expire()
        found = self.made.get(call.path["subscription"])
        if found is None or found.creator != _creator(call):
            raise not_found()
        return found

    def _expire(self) -> None:
        for key in [key for key, each in self.made.items() if each.until <= self.clock()]:
            del self.made[key]

    def one(self, call: Call) -> Json:
        return self._own(call).row

    def all(self, call: Call) -> Json:
        """Of an application those of everybody in its directory. Takes no options; long lists come in pages."""
        refused = sorted(set(call.query) - {"$skiptoken"})
        if refused:
            raise bad_request(f"The query option '{refused[0]}' is not allowed.", "BadRequest")
        self._expire()
        start = int(call.query.get("$skiptoken", "0"))
        mine = [each.row for each in self.made.values() if each.creator == _creator(call)]
        answer: Json = {"value": mine[start : start + self.page]}
        if start + self.page < len(mine):
            answer["@odata.nextLink"] = f"{call.root}/subscriptions?$skiptoken={start + self.page}"
        return answer

    def renew(self, call: Call) -> Json:
        row = self._own(call).row
        check_names(call.body, frozenset({"expirationDateTime", "notificationUrl"}), "subscription")
        row["expirationDateTime"] = self.expiration(call.body.get("expirationDateTime"))
        return row

    def delete(self, call: Call) -> None:
        del self.made[self._own(call).row["id"]]

    def look(self, boxes: Mailboxes) -> None:
        """Tells of what changed since the last look; what goes to one address goes in one POST."""
        self._expire()
        letters: dict[str, list[Json]] = {}
        for each in self.made.values():
            latest = _versions(boxes, each)
            wanted = each.row["changeType"].split(",")
            items = [_change(boxes, each, kind, key) for kind, key in _compare(each.versions, latest) if kind in wanted]
            each.versions = latest
            if items:
                letters.setdefault(each.row["notificationUrl"], []).extend(items)
        for address, items in letters.items():
            self.notices.send(address, items)

    def tell(self, event: str, subscription: str) -> None:
        """A lifecycle notice: reauthorizationRequired, subscriptionRemoved (and it is), missed."""
        each = self.made[subscription]
        if event == "subscriptionRemoved":
            del self.made[subscription]
        address = each.row.get("lifecycleNotificationUrl")
        if address:
            self.notices.send(address, [{**_envelope(each), "lifecycleEvent": event}])

    def state(self) -> Json:
        return {key: asdict(each) for key, each in self.made.items()}

    def restore(self, state: Json) -> None:
        for key, kept in state.items():
            versions = {int(event): version for event, version in kept["versions"].items()}
            self.made[key] = Subscription(**{**kept, "versions": versions})


def _check(body: Json) -> None:
    """Raises: GraphFault 400."""
    missing = [name for name in ("changeType", "notificationUrl", "resource") if not body.get(name)]
    if missing or set(body["changeType"].split(",")) - KINDS:
        raise bad_request("changeType, notificationUrl and resource are needed.", "ValidationError")
    if len(body.get("clientState") or "") > 128:
        raise bad_request("clientState is longer than 128 characters.", "ValidationError")
    for name in ("notificationUrl", "lifecycleNotificationUrl"):
        address = urlsplit(body.get(name) or "https://none.example")
        if address.scheme != "https" and not (address.scheme == "http" and is_loopback(address.hostname or "")):
            raise bad_request(f"{name} must be an https address.", "ValidationError")


def _creator(call: Call) -> str:
    return call.tenant or call.address


def _calendars(call: Call, resource: str, allowed: frozenset[str] | None) -> list[str]:
    """Raises: GraphFault 400 for what cannot be subscribed to, 403 for somebody else's, 404 for what there is not."""
    found = RESOURCE.fullmatch(resource)
    if found is None or (found["user"] is None and call.tenant):
        raise bad_request(f"Resource '{resource}' is not supported.", "ValidationError")
    owner, named = call.address, unquote(found["user"] or "").lower()
    if call.tenant:
        owner = mailbox(call.boxes.people, call.tenant, named, allowed)
    elif named and named not in {owner, call.boxes.people[owner].id, call.boxes.people[owner].upn}:
        raise access_denied()
    if found["calendar"] is not None:
        return [call.boxes.calendar(owner, unquote(found["calendar"])).id]
    return [row.id for row in call.boxes.calendars_of(owner) if row.default]


def _versions(boxes: Mailboxes, each: Subscription) -> dict[int, int]:
    return {event.key: event.version for event in boxes.events.values() if event.calendar in each.calendars}


def _compare(before: dict[int, int], after: dict[int, int]) -> Iterator[tuple[str, int]]:
    for key, version in after.items():
        if key not in before:
            yield "created", key
        elif before[key] != version:
            yield "updated", key
    yield from (("deleted", key) for key in before if key not in after)


def _envelope(each: Subscription) -> Json:
    return {
        "subscriptionId": each.row["id"],
        "subscriptionExpirationDateTime": each.row["expirationDateTime"],
        "tenantId": TENANT,
        **({"clientState": each.row["clientState"]} if each.row.get("clientState") else {}),
    }


def _change(boxes: Mailboxes, each: Subscription, kind: str, key: int) -> Json:
    event = boxes.events.get(key)
    name = _name(event, each) if event else f"AAkALgAAAAAAHYQDEapmEc2byACqAC_gone{key}="
    place = f"Users/{each.creator}/Events/{name}"
    resource = {"@odata.type": "#Microsoft.Graph.Event", "@odata.id": place, "id": name}
    if event is not None:
        resource["@odata.etag"] = etag(event)
    return {**_envelope(each), "changeType": kind, "resource": place, "resourceData": resource}


def _name(event: Event, each: Subscription) -> str:
    return event_id(event, immutable=each.immutable)
