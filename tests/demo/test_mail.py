"""The mail catcher of the demo."""

import json

import pytest

from gateway.demo.mail import MailCatcher
from gateway.scheduling.deliver import deliver, server
from gateway.scheduling.mail import compose
from tests.scheduling.sample import ALICE, BOB, NOW, SENDER, notice


@pytest.fixture
async def catcher():
    async with MailCatcher(lambda: NOW + 0.5) as running:
        yield running


async def send(catcher: MailCatcher, to) -> None:
    message = compose(notice(), to, sender=SENDER, now=NOW)
    await deliver(message, sender="calendar@gateway.example", recipient=to.address, to=server(catcher.url))


async def test_it_keeps_what_is_sent_in_order(catcher):
    await send(catcher, BOB)
    await send(catcher, ALICE)

    assert [(one.number, one.received, one.recipients) for one in catcher.messages] == [
        (1, NOW, ("bob@example.org",)),
        (2, NOW, ("alice@example.com",)),
    ]
    assert [one.number for one in catcher.to("Bob@Example.org")] == [1]


async def test_a_mail_can_be_read(catcher):
    await send(catcher, BOB)
    [caught] = catcher.messages

    assert caught.message["To"].addresses[0].display_name == "Bob Müller"
    assert caught.text.startswith("Ihr Termin mit Alice Example ist gebucht.")
    assert "<html" in caught.html
    assert caught.calendar == notice().ics
    assert caught.summary()["subject"].startswith("Gebucht: Consulting")


async def test_its_state_survives_as_json(catcher):
    await send(catcher, BOB)
    other = MailCatcher(lambda: NOW)
    other.restore(json.loads(json.dumps(catcher.state())))

    assert other.messages == catcher.messages


async def test_numbers_go_on_after_restoring(catcher):
    await send(catcher, BOB)
    catcher.restore(catcher.state())
    await send(catcher, BOB)

    assert [one.number for one in catcher.messages] == [1, 2]


def test_a_mail_without_parts_is_kept_too():
    caught = MailCatcher(lambda: NOW)
    caught.restore([{"number": 1, "received": NOW, "sender": "", "recipients": [], "raw": "no header\r\n"}])

    assert (caught.messages[0].html, caught.messages[0].calendar) == ("", "")
    assert caught.messages[0].summary()["subject"] == ""


def test_before_it_is_started_it_listens_nowhere():
    with pytest.raises(RuntimeError, match="not started"):
        _ = MailCatcher(lambda: 0.0).url
