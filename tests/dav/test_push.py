"""WebDAV-Push, from the PROPFIND that finds it to the message that a push service takes and a client can read."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime
from xml.etree import ElementTree

import pytest
from aiohttp.test_utils import TestServer

from gateway.config import Settings
from gateway.dav import keys
from gateway.dav.push.register import MOST
from gateway.dav.push.tell import prepare, run_tell
from gateway.store import jobs, push_keys, subscriptions
from gateway.store.database import Connection, Database
from gateway.store.subscriptions import TELL
from gateway.sync.worker import Worker
from tests.dav.conftest import MERGED, NOW, Client, Reply, event, named
from tests.dav.site import SEALER, make_app
from tests.fakes.push_service import Device, PushService, running_push_service

P = "https://bitfire.at/webdav-push"
INBOX = "/dav/calendars/alice/inbox/"
DAY = 86_400
CONTENTS = '<content-update><D:depth xmlns:D="DAV:">1</D:depth></content-update>'
PROPERTIES = '<property-update><D:depth xmlns:D="DAV:">0</D:depth></property-update>'
RENAME = (
    '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>New</D:displayname></D:prop></D:set>'
    "</D:propertyupdate>"
)


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Office:
    """The server, the push service, and the worker between them."""

    ask: Client
    service: PushService
    worker: Worker
    clock: Clock
    base: str
    urls: list[str] = field(default_factory=list)

    async def subscribe(self, device: Device, trigger: str = CONTENTS, path: str = MERGED, **more: str) -> Reply:
        user = more.pop("user", "alice")
        reply = await self.ask(
            "POST", path, register(device, trigger, **more), user=user, Content_Type="application/xml"
        )
        self.urls.append(reply.headers.get("location", ""))
        return reply

    async def pass_time(self, seconds: float = 0.0) -> None:
        self.clock.now += seconds
        await self.worker.run_due()

    async def put(self, uid: str, **headers: str) -> Reply:
        return await self.ask.put(f"{uid}.ics", event(uid), **headers)


def register(device: Device, trigger: str = CONTENTS, *, expires: str = "", resource: str = "") -> str:
    until = f"<expires>{expires}</expires>" if expires else ""
    return (
        f'<push-register xmlns="{P}"><subscription><web-push-subscription>'
        f"<push-resource>{resource or device.resource}</push-resource><content-encoding>aes128gcm</content-encoding>"
        f'<subscription-public-key type="p256dh">{device.public}</subscription-public-key>'
        f"<auth-secret>{device.auth}</auth-secret></web-push-subscription></subscription>"
        f"<trigger>{trigger}</trigger>{until}</push-register>"
    )


@pytest.fixture
def settings() -> Settings:
    return Settings(limits={"private_networks": ["127.0.0.1"]}, mail={"from": "Calendar <calendar@example.com>"})


@pytest.fixture
def clock() -> Iterator[Clock]:
    return Clock()


@pytest.fixture
async def server(db: Database, settings: Settings, clock: Clock) -> AsyncIterator[TestServer]:
    await prepare(db, SEALER, int(NOW))
    async with TestServer(make_app(db, settings, clock)) as running:
        yield running


@pytest.fixture
async def office(
    server: TestServer, ask: Client, db: Database, settings: Settings, clock: Clock
) -> AsyncIterator[Office]:
    sync = server.app[keys.SYNC]
    worker = Worker(sync, {TELL: lambda job: run_tell(sync, SEALER, job)})
    async with running_push_service(clock) as service:
        pair = db.read_now(push_keys.get)
        assert pair is not None
        service.key = pair.public
        yield Office(ask, service, worker, clock, settings.server.base_url)


def told(device: Device) -> list[list[str]]:
    """What each message is about."""
    return [[named(one).removeprefix(f"{P}:") for one in ElementTree.fromstring(text)] for text in device.messages]


def condition(reply: Reply) -> str:
    return reply.condition.removeprefix(f"{P}:")


async def test_a_calendar_says_how_it_is_watched(office, ask):
    body = (
        f'<propfind xmlns="DAV:" xmlns:P="{P}"><prop><P:transports/><P:topic/><P:supported-triggers/></prop></propfind>'
    )
    found = (await ask("PROPFIND", MERGED, body, Depth="0")).props(MERGED)["200"]
    key = found[f"{P}:transports"].find(f"{{{P}}}web-push/{{{P}}}vapid-public-key")
    assert (key.get("type"), key.text) == ("p256ecdsa", office.service.key)
    triggers = {
        named(one).removeprefix(f"{P}:"): one.findtext("{DAV:}depth") for one in found[f"{P}:supported-triggers"]
    }
    assert triggers == {"content-update": "1", "property-update": "0"}
    inbox = (await ask("PROPFIND", INBOX, body, Depth="0")).props(INBOX)["200"]
    assert found[f"{P}:topic"].text not in {"", None, inbox[f"{P}:topic"].text}
    assert "webdav-push" in (await ask("OPTIONS", MERGED)).headers["dav"]
    home = (await ask("PROPFIND", "/dav/calendars/alice/", body, Depth="0")).props("/dav/calendars/alice/")
    assert set(home) == {"404"}


async def test_whoever_subscribed_is_told_of_a_change_with_the_new_sync_token(office, ask):
    phone = office.service.device("phone")
    reply = await office.subscribe(phone)
    assert (reply.status, reply.headers["location"].startswith(f"{office.base}/dav/subscriptions/")) == (204, True)
    assert parsedate_to_datetime(reply.headers["expires"]).timestamp() == NOW + 14 * DAY
    await office.pass_time()
    assert phone.messages == []
    assert (await office.put("a")).status == 201
    await office.pass_time()
    [text] = phone.messages
    message = ElementTree.fromstring(text)
    token = (await ask.propfind(MERGED, "D:sync-token")).value(MERGED, "D:sync-token")
    topic = await ask(
        "PROPFIND", MERGED, f'<propfind xmlns="DAV:"><prop><topic xmlns="{P}"/></prop></propfind>', Depth="0"
    )
    assert message.findtext(f"{{{P}}}content-update/{{DAV:}}sync-token") == token
    assert message.findtext(f"{{{P}}}topic") == topic.value(MERGED, f"{P}:topic")
    assert (phone.urgencies, office.service.refused) == (["normal"], [])


async def test_changes_close_to_each_other_are_one_message(office):
    phone = office.service.device("phone")
    await office.subscribe(phone)
    await office.put("a")
    await office.pass_time()
    for uid in ("b", "c", "d"):
        await office.put(uid)
        await office.pass_time(1)
    assert len(phone.messages) == 1
    await office.pass_time(10)
    assert len(phone.messages) == 2
    assert phone.topics[0] == phone.topics[1]
    await office.pass_time(60)
    assert len(phone.messages) == 2


async def test_a_property_is_told_to_those_who_asked_for_that(office, ask):
    phone, desk = office.service.device("phone"), office.service.device("desk")
    await office.subscribe(phone)
    await office.subscribe(desk, CONTENTS + PROPERTIES)
    assert (await ask("PROPPATCH", MERGED, RENAME)).status == 207
    await office.pass_time()
    assert (told(phone), told(desk), desk.urgencies) == ([], [["topic", "property-update"]], ["low"])
    await office.put("a")
    await ask("PROPPATCH", MERGED, RENAME)
    await office.pass_time(20)
    assert told(phone) == [["topic", "content-update"]]
    assert told(desk)[1:] == [["topic", "content-update", "property-update"]]
    assert len(set(desk.topics)) == 2  # so that neither takes the place of the other at the push service


async def test_subscribing_again_brings_the_subscription_up_to_date(office):
    phone = office.service.device("phone")
    first = await office.subscribe(phone)
    until = formatdate(NOW + 5 * DAY, usegmt=True)
    again = await office.subscribe(phone, PROPERTIES, expires=until)
    assert (again.headers["location"], again.headers["expires"]) == (first.headers["location"], until)
    await office.put("a")
    await office.pass_time()
    assert phone.messages == []


@pytest.mark.parametrize(
    ("wished", "days"),
    [
        pytest.param(NOW + 3 * DAY, 3, id="as wished"),
        pytest.param(NOW + 400 * DAY, 30, id="not longer than a month"),
        pytest.param(NOW + 60, 1, id="not shorter than a day"),
        pytest.param(NOW - DAY, 14, id="one that is over already is none"),
    ],
)
async def test_how_long_it_lasts(office, wished, days):
    reply = await office.subscribe(office.service.device("phone"), expires=formatdate(wished, usegmt=True))
    assert parsedate_to_datetime(reply.headers["expires"]).timestamp() == NOW + days * DAY


async def test_nothing_is_told_after_the_end(office, ask):
    phone = office.service.device("phone")
    await office.subscribe(phone)
    office.clock.now += 14 * DAY
    await office.put("a")
    await office.pass_time()
    assert office.service.asked == 0
    assert (await ask("DELETE", office.urls[0].removeprefix(office.base))).status == 404


async def test_a_subscription_that_was_deleted_is_not_told_and_costs_nothing(office, ask, db):
    phone = office.service.device("phone")
    await office.subscribe(phone)
    path = office.urls[0].removeprefix(office.base)
    assert (await ask("DELETE", path, user="bob")).status == 404
    assert (await ask("PROPFIND", path)).status == 405
    assert (await ask("DELETE", path)).status == 204
    assert (await ask("DELETE", path)).status == 404
    await office.put("a")
    assert db.read_now(jobs.next_due, {TELL}) is None
    await office.pass_time()
    assert office.service.asked == 0


@pytest.mark.parametrize("status", [404, 410])
async def test_one_that_the_push_service_does_not_know_any_more_goes(office, ask, status):
    await office.subscribe(office.service.device("phone"))
    office.service.answers = [(status, {})]
    await office.put("a")
    await office.pass_time()
    assert (await ask("DELETE", office.urls[0].removeprefix(office.base))).status == 404


async def test_a_push_service_that_fails_is_asked_later_and_the_others_are_told(office):
    phone, desk = office.service.device("phone"), office.service.device("desk")
    await office.subscribe(phone)
    await office.subscribe(desk)
    office.service.answers = [(503, {"Retry-After": "300"}), (503, {"Retry-After": "300"})]
    await office.put("a")
    await office.pass_time()
    await office.subscribe(office.service.device("third"))
    await office.put("b")
    await office.pass_time(299)
    assert (len(phone.messages), len(desk.messages), len(office.service.device("third").messages)) == (0, 0, 1)
    await office.pass_time(1)
    assert (len(phone.messages), len(desk.messages)) == (1, 1)


async def test_one_that_takes_nothing_for_days_goes(office, ask):
    await office.subscribe(office.service.device("phone"))
    await office.put("a")
    for _ in range(20):
        office.service.answers = [(500, {})]
        await office.pass_time(6 * 3600)
    asked = office.service.asked
    assert 5 <= asked <= 14
    assert (await ask("DELETE", office.urls[0].removeprefix(office.base))).status == 404


async def test_a_redirect_is_not_followed(office):
    phone = office.service.device("phone")
    await office.subscribe(phone)
    office.service.answers = [(307, {"Location": f"{office.service.root}/push/other"})]
    await office.put("a")
    await office.pass_time()
    assert office.service.asked == 1


async def test_a_client_is_not_told_of_what_it_does_itself(office):
    phone, desk = office.service.device("phone"), office.service.device("desk")
    await office.subscribe(phone)
    await office.subscribe(desk)
    assert (await office.put("a", Push_Dont_Notify=f'"{office.urls[0]}", "nonsense"')).status == 201
    await office.pass_time()
    assert (len(phone.messages), len(desk.messages)) == (0, 1)
    await office.put("b", Push_Dont_Notify="*")
    await office.pass_time(60)
    assert (len(phone.messages), len(desk.messages)) == (0, 1)
    await office.put("c")
    await office.pass_time(60)
    assert (len(phone.messages), len(desk.messages)) == (1, 2)


async def test_the_header_keeps_nothing_back_that_others_did(office):
    phone = office.service.device("phone")
    await office.subscribe(phone)
    await office.put("a")
    await office.put("b", Push_Dont_Notify="*")
    await office.pass_time()
    assert len(phone.messages) == 1


async def test_what_another_person_subscribed_to_cannot_be_kept_quiet(office, ask):
    phone = office.service.device("phone")
    await office.subscribe(phone)
    await ask("PUT", "/dav/calendars/bob/merged/x.ics", event("x"), user="bob", Push_Dont_Notify=f'"{office.urls[0]}"')
    await office.put("a")
    await office.pass_time()
    assert len(phone.messages) == 1


async def test_nothing_is_told_while_the_request_goes_on(office, db):
    phone = office.service.device("phone")
    await office.subscribe(phone)
    before = db.write_now(subscriptions.hush, 1, None, NOW + 120)
    await office.put("a")
    await office.pass_time(60)
    assert office.service.asked == 0
    db.write_now(subscriptions.unhush, before)
    await office.pass_time(120)
    assert office.service.asked == 0
    db.write_now(subscriptions.hush, 1, None, office.clock.now + 120)  # and then nobody comes back
    await office.put("b")
    await office.pass_time(119)
    assert office.service.asked == 0
    await office.pass_time(1)
    assert len(phone.messages) == 1


@pytest.mark.parametrize(
    ("resource", "trigger", "said"),
    [
        pytest.param("http://push.example.com/1", CONTENTS, "invalid-subscription", id="without TLS"),
        pytest.param("https://10.0.0.1/1", CONTENTS, "invalid-subscription", id="our own network"),
        pytest.param("https://[::ffff:192.168.0.1]/1", CONTENTS, "invalid-subscription", id="in other words"),
        pytest.param("https://user@push.example.com/", CONTENTS, "invalid-subscription", id="with a name"),
        pytest.param("mailto:alice@example.com", CONTENTS, "invalid-subscription", id="no web address"),
        pytest.param("https://push.example.com:a/", CONTENTS, "invalid-subscription", id="no URL"),
        pytest.param("", "", "no-supported-trigger", id="nothing"),
        pytest.param("", "<moon-phase/>", "no-supported-trigger", id="what nobody tells"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_its_name(office, resource, trigger, said):
    reply = await office.ask(
        "POST", MERGED, register(office.service.device("phone"), trigger, resource=resource), Content_Type="text/xml"
    )
    assert (reply.status, condition(reply)) == (403, said)


async def test_keys_that_are_none_are_refused(office):
    body = register(office.service.device("phone")).replace("auth-secret>c", "auth-secret>")
    reply = await office.ask("POST", MERGED, body, Content_Type="application/xml")
    assert (reply.status, condition(reply)) == (403, "invalid-subscription")


async def test_only_ones_own_calendars_and_only_xml(office, ask):
    body = register(office.service.device("phone"))
    assert (await ask("POST", MERGED, body, user="bob", Content_Type="application/xml")).status == 403
    assert (await ask("POST", MERGED, body, user=None, Content_Type="application/xml")).status == 401
    assert (await ask("POST", MERGED, body, Content_Type="text/calendar")).status == 415
    assert (await ask("POST", MERGED, "<x/>", Content_Type="application/xml")).status == 400
    assert (await ask("POST", "/dav/calendars/alice/", body, Content_Type="application/xml")).status == 405


async def test_one_person_has_so_many_at_most(office):
    for number in range(MOST):
        assert (await office.subscribe(office.service.device(str(number)))).status == 204
    assert condition(await office.subscribe(office.service.device("one-more"))) == "push-not-available"
    assert (await office.subscribe(office.service.device("0"))).status == 204


async def test_where_and_with_what_they_are_told_rests_sealed(office, db, tmp_path):
    phone = office.service.device("phone-of-alice")
    await office.subscribe(phone)
    held = b"".join(file.read_bytes() for file in tmp_path.glob("gateway.sqlite*"))
    assert [secret.encode() in held for secret in (phone.resource, phone.auth, phone.public)] == [False] * 3


async def test_keys_are_made_once(db):
    await prepare(db, SEALER, 1)
    first = db.read_now(push_keys.get)
    await prepare(db, SEALER, 2)
    assert db.read_now(push_keys.get) == first


async def test_a_change_costs_those_whom_nobody_watches_nothing(office, ask, db):
    await office.subscribe(office.service.device("phone"))
    await ask("PUT", "/dav/calendars/bob/merged/x.ics", event("x"), user="bob")
    assert db.read_now(jobs.next_due, {TELL}) is None


async def test_a_server_without_keys_offers_nothing(ask, db, office):
    def forget(conn: Connection) -> None:
        conn.exec_driver_sql("DELETE FROM push_keys")

    db.write_now(forget)
    body = f'<propfind xmlns="DAV:" xmlns:P="{P}"><prop><P:transports/><P:topic/></prop></propfind>'
    assert set((await ask("PROPFIND", MERGED, body, Depth="0")).props(MERGED)) == {"404"}
    assert condition(await office.subscribe(office.service.device("phone"))) == "push-not-available"


async def test_the_inbox_is_watched_as_calendars_are(office, ask):
    assert (await office.subscribe(office.service.device("phone"), path=INBOX)).status == 204
