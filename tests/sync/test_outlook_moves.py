"""Events of Outlook moved to another calendar: never doubled, never lost, and nobody is told what is not so."""

import pytest
from aiohttp import ClientSession
from cryptography.fernet import Fernet

from gateway.accounts.connect import Connections, add_account
from gateway.accounts.sealed import Sealer
from gateway.backends.base import Outside
from gateway.backends.outlook.words import bound
from gateway.config import Google, Microsoft
from gateway.demo.microsoft import MicrosoftSimulator
from gateway.errors import RefusedByProvider
from gateway.ical.objects import read_lenient
from gateway.sync.context import Sync
from gateway.sync.pull import pull_account
from gateway.sync.worker import Worker
from gateway.sync.write import put
from tests.sync.objects import event
from tests.sync.test_clouds import NOW

ALICE = "alice@contoso.example"
GUESTS = [f"ORGANIZER:mailto:{ALICE}", "ATTENDEE:mailto:bob@example.com"]


@pytest.mark.parametrize(
    ("lines", "stays"),
    [
        pytest.param([], False, id="nobody else"),
        pytest.param(GUESTS, True, id="guests"),
        pytest.param(["ORGANIZER:mailto:g@x.y", f"ATTENDEE:mailto:{ALICE}"], True, id="somebody else's"),
        pytest.param([GUESTS[0], f"ATTENDEE:mailto:{ALICE}"], False, id="oneself alone"),
        pytest.param([*GUESTS, "X-MOZ-SEND-INVITATIONS:FALSE"], False, id="guests Outlook does not know"),
        pytest.param([*GUESTS, "X-GATEWAY-BOOKING:1"], False, id="a booking, whose mails are ours"),
    ],
)
def test_what_must_stay_in_its_calendar(lines, stays):
    assert bool(bound(read_lenient(event("a", lines=lines)))) is stays


@pytest.fixture
async def outlook(db, clock, sync, alice, tmp_path):
    """(Sync, simulator, the two calendars there)."""
    simulator = MicrosoftSimulator(lambda: NOW, tmp_path / "ca.pem")
    first = simulator.add_person(ALICE, "Alice")
    second = simulator.add_calendar(ALICE, "Second")
    await simulator.start()
    settings = Microsoft(
        client_id=simulator.client_id,
        client_secret=simulator.client_secret,
        authority=simulator.authority,
        graph_endpoint=simulator.graph_endpoint,
        ca_file=simulator.ca_file,
    )
    sealer = Sealer([Fernet.generate_key()])
    async with ClientSession() as http:
        outside = Outside(http, Google(), settings)
        token = simulator.refresh_token(ALICE)
        account = await add_account(
            db, sealer, outside, user=alice.id, kind="outlook", settings={}, secret=token, now=1
        )
        connected = Sync(
            db, sync.settings, Connections(db, sealer, outside).backend, clock, clock.sleep, random=lambda: 0.5
        )
        await pull_account(connected, account)
        yield connected, simulator, (first, second)
    await simulator.stop()


def there(simulator, calendar):
    return [row.body["subject"] for row in simulator.boxes.events.values() if row.calendar == calendar]


def marked(text, calendar):
    return text.replace("SUMMARY", f"X-GATEWAY-CALENDAR:{calendar}\r\nSUMMARY")


async def test_an_event_moved_by_its_mark_is_there_once_and_nowhere_else(alice, outlook, served):
    sync, simulator, (first, second) = outlook
    await put(sync, alice, "a.ics", event("a"))

    await put(sync, alice, "a.ics", marked(event("a"), "Second"))

    assert (there(simulator, first), there(simulator, second)) == ([], ["Talk"])
    assert list(served()) == ["a.ics"]


@pytest.mark.parametrize("lines", [GUESTS, ["ORGANIZER:mailto:g@x.y", f"ATTENDEE:mailto:{ALICE}"]])
async def test_a_meeting_is_not_moved_and_nobody_is_told(alice, outlook, served, lines):
    sync, simulator, (first, second) = outlook
    await put(sync, alice, "a.ics", event("a", lines=lines))
    before, text = list(simulator.mails), served()["a.ics"]

    with pytest.raises(RefusedByProvider, match="move it in Outlook"):
        await put(sync, alice, "a.ics", marked(event("a", lines=lines), "Second"))

    assert simulator.mails == before
    assert (there(simulator, first), there(simulator, second)) == (["Talk"], [])
    assert served() == {"a.ics": text}


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_move_of_which_one_half_fails_neither_doubles_nor_loses(alice, outlook, served, clock, times):
    sync, simulator, (first, second) = outlook
    await put(sync, alice, "a.ics", event("a"))
    [old] = simulator.boxes.events.values()
    simulator.fail_next(503, path="/me/events/", times=times)

    await put(sync, alice, "a.ics", marked(event("a"), "Second"))
    assert list(served()) == ["a.ics"]
    for _ in range(5):
        clock.now += 3600
        await Worker(sync).run_due()

    assert (there(simulator, first), there(simulator, second)) == ([], ["Talk"])
    assert old.key not in simulator.boxes.events
    assert list(served()) == ["a.ics"]
