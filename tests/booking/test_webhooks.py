"""What others are told of bookings, by a real server that is told it."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.booking import webhooks as hooks
from gateway.booking.attended import mark_no_show
from gateway.booking.book import book, cancel, reschedule
from gateway.booking.confirm import confirm
from gateway.booking.reassign import reassign
from gateway.config import Limits, Mail
from gateway.errors import BackendUnavailable, InvalidInput, NotFound, RefusedByProvider
from gateway.scheduling.webhook_off import KIND, run_webhook_off
from gateway.store import bookings, jobs, webhooks
from gateway.store.schema import MEMBERSHIPS
from tests.booking.office import at, open_office, wish
from tests.booking.team import Team
from tests.booking.test_desk import host_token

MAIL = {"smtp_url": "smtp://127.0.0.1:9", "from": "g@example.com"}
OWN = Limits(private_networks=("127.0.0.0/8",))


@dataclass
class Hearer:
    """answers: statuses of the next answers; 204 once they are used up."""

    heard: list = field(default_factory=list)
    answers: list = field(default_factory=list)

    async def hear(self, request):
        self.heard.append((dict(request.headers), await request.read()))
        return web.Response(status=self.answers.pop(0) if self.answers else 204)

    @property
    def told(self):
        return [json.loads(body) for _, body in self.heard]

    @property
    def types(self):
        return [one["type"] for one in self.told]


@pytest.fixture
def office(empty, tmp_path):
    found = open_office(empty, tmp_path, limits=OWN, mail=Mail.model_validate(MAIL))
    yield found
    found.db.close()


@pytest.fixture
def team(office):
    return Team(office)


@pytest.fixture
async def hearer():
    found = Hearer()
    app = web.Application()
    app.router.add_post("/hear", found.hear)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    found.url = str(server.make_url("/hear"))
    yield found
    await server.close()


def listen(office, url, *, person=None, team="", events=hooks.NAMES):
    return office.db.write_now(hooks.add, office.desk, person or office.alice, team, url, events)


async def deliver(office, *, until=0.0):
    """Does the deliveries that are due by then, as the worker does."""
    for job in office.db.write_now(jobs.take, now=office.now + until, lease=0, most=100, kinds=[hooks.JOB]):
        if await hooks.run_webhook(office.desk, job) is None:
            office.db.write_now(jobs.finish, job)


async def test_each_change_is_told_once_signed_and_shaped_as_the_api_says_it(office, hearer):
    document = {"title": "Ask", "length": 30, "confirmation": {}}
    office.db.write_now(bookings.put_event_type, office.alice.id, "ask", document)
    _, secret = listen(office, hearer.url)
    booked = await book(office.desk, "alice", "ask", wish())
    await deliver(office)
    token = host_token(office, booked.row)
    await confirm(office.desk, booked.row.uid, token)
    await reschedule(office.desk, booked.row.uid, token, at("2026-11-25 10:00"), "Europe/Berlin")
    await cancel(office.desk, booked.row.uid, booked.token, "Ill")
    direct = await book(office.desk, "alice", "one-on-one", wish("2026-11-24 11:00"))
    office.now = direct.row.start + 60
    await mark_no_show(office.desk, direct.row.uid, host_token(office, direct.row), no_show=True)
    await deliver(office)
    assert hearer.types == [
        f"booking.{one}" for one in ("requested", "confirmed", "rescheduled", "cancelled", "created", "no_show")
    ]
    assert [one["booking"]["status"] for one in hearer.told[:4]] == ["pending", "accepted", "accepted", "cancelled"]
    moved = hearer.told[2]
    assert (moved["before"]["start"], moved["booking"]["start"]) == ("2026-11-24T09:00:00Z", "2026-11-25T09:00:00Z")
    assert (hearer.told[3]["booking"]["reason"], hearer.told[5]["booking"]["no_show"]) == ("Ill", True)
    for headers, body in hearer.heard:
        stamp, mac = (part.partition("=")[2] for part in headers["X-Gateway-Signature"].split(","))
        expected = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        assert (mac, headers["X-Gateway-Delivery"]) == (expected, json.loads(body)["id"])
    assert len({one["id"] for one in hearer.told}) == 6
    await deliver(office, until=1e6)
    assert len(hearer.heard) == 6


async def test_the_team_and_its_hosts_are_told_and_nobody_else(office, hearer, team):
    office.db.write_now(lambda conn: conn.execute(MEMBERSHIPS.update().values(role="admin")))
    listen(office, hearer.url, team="sales", events=["booking.created", "booking.reassigned"])
    listen(office, f"{hearer.url}?bob", person=team.people["bob"], events=["booking.reassigned"])
    listen(office, f"{hearer.url}?carol", person=team.people["carol"])
    booked = await book(office.desk, "sales", "intro", wish("2026-11-24 15:00"))
    await reassign(office.desk, booked.row.uid, host_token(office, booked.row), "alice", "bob")
    await book(office.desk, "alice", "one-on-one", wish("2026-11-25 11:00"))
    await deliver(office)
    assert sorted(hearer.types) == ["booking.created", "booking.reassigned", "booking.reassigned"]
    assert len({one["id"] for one in hearer.told if one["type"] == "booking.reassigned"}) == 1
    assert [one["booking"]["hosts"] for one in hearer.told if one["type"] == "booking.reassigned"] == [["bob"]] * 2


async def test_what_comes_to_nothing_is_told_to_nobody(office, hearer):
    listen(office, hearer.url)
    office.connect("google").faults.append(RefusedByProvider("no"))
    with pytest.raises(BackendUnavailable):
        await book(office.desk, "alice", "one-on-one", wish())
    await deliver(office, until=1e6)
    assert hearer.heard == []


async def test_what_is_not_taken_is_sent_again_as_the_same_event(office, hearer):
    row, _ = listen(office, hearer.url)
    hearer.answers = [500, 302, 429]
    await book(office.desk, "alice", "one-on-one", wish())
    await deliver(office)
    await deliver(office)
    assert len(hearer.heard) == 1
    for _ in range(3):
        office.now += 1_000
        await deliver(office)
    assert len({body for _, body in hearer.heard}) == 1
    assert len(hearer.heard) == 4
    [log] = office.db.read_now(webhooks.deliveries, row.id)
    assert (log.state, log.attempts, log.status, log.error) == ("delivered", 4, 204, "")


async def test_nobody_takes_it_for_a_day_then_it_is_off_and_its_owner_reads_so(office, hearer):
    row, _ = listen(office, hearer.url)
    hearer.answers = [500] * 20
    await book(office.desk, "alice", "one-on-one", wish())
    for _ in range(12):
        await deliver(office)
        office.now += 14 * 3_600
    assert len(hearer.heard) == len(hooks.WAITS) + 1
    off = office.db.read_now(webhooks.get, row.id)
    assert (off.active, off.trouble) == (False, "127.0.0.1 answered 500")
    [job] = office.db.write_now(jobs.take, now=office.now, lease=0, most=9, kinds=[KIND])
    assert job.payload["webhook"] == row.id
    await run_webhook_off(office.sync, job)
    [mine] = office.db.write_now(jobs.take, now=office.now, lease=0, most=9, kinds=[KIND])[-1:]
    assert mine.payload["person"] == office.alice.id
    await book(office.desk, "alice", "one-on-one", wish("2026-12-08 10:00"))
    await deliver(office, until=1e6)
    assert len(hearer.heard) == len(hooks.WAITS) + 1


async def test_who_says_that_it_is_gone_is_asked_no_more(office, hearer):
    row, _ = listen(office, hearer.url)
    hearer.answers = [410]
    await book(office.desk, "alice", "one-on-one", wish())
    await deliver(office)
    assert not office.db.read_now(webhooks.get, row.id).active


async def test_a_test_is_sent_once_and_turns_nothing_off(office, hearer):
    row, _ = listen(office, hearer.url)
    hearer.answers = [500]
    office.db.write_now(hooks.test, office.desk, row)
    await deliver(office)
    await deliver(office, until=1e6)
    assert (hearer.types, hearer.told[0]["booking"]) == (["test"], None)
    assert office.db.read_now(webhooks.get, row.id).active
    assert [one.state for one in office.db.read_now(webhooks.deliveries, row.id)] == ["failed"]


async def test_secrets_and_links_lie_sealed(office, hearer):
    row, secret = listen(office, hearer.url)
    booked = await book(office.desk, "alice", "one-on-one", wish())
    [log] = office.db.read_now(webhooks.deliveries, row.id)
    stored = office.db.read_now(webhooks.get, row.id)
    assert secret not in stored.secret
    assert (booked.token in log.body, "joerg" in log.body) == (False, False)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/", "https://user:pw@hooks.example.com/", "ftp://x.example/", "https://",
        "https://10.0.0.1/",
        "https://[::1]/", "https://169.254.169.254/latest", "https://localhost/",
        "https://x.example/ y", "//x", "", "x" * 2001,
    ],
)  # fmt: skip
def test_addresses_that_nothing_is_sent_to(office, url):
    with pytest.raises(InvalidInput):
        listen(office, url)


def test_this_very_machine_only_where_the_settings_allow_it():
    assert hooks.check_url("http://127.0.0.1:8080/x", ["127.0.0.0/8"]) == "http://127.0.0.1:8080/x"
    with pytest.raises(InvalidInput):
        hooks.check_url("http://127.0.0.1:8080/x", [])


def test_a_webhook_is_its_owners(office, team):
    row, _ = listen(office, "https://hooks.example.com/x")
    with pytest.raises(NotFound):
        office.db.read_now(hooks.own, team.people["bob"], row.id)
    with pytest.raises(NotFound):
        listen(office, "https://hooks.example.com/x", team="sales")
    with pytest.raises(InvalidInput):
        listen(office, "https://hooks.example.com/x", events=["booking.created", "other"])
