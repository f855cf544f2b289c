"""A delegate who writes into the owner's calendar: the owner invites and answers, SENT-BY says who did it for them."""

import pytest

from gateway.config import Settings
from gateway.demo.mail import MailCatcher
from gateway.ical.objects import read_lenient
from gateway.ical.text import Component
from gateway.scheduling.imip.queue import KIND
from gateway.scheduling.imip.send import run_imip
from gateway.store import delegates, jobs, principals
from gateway.store.database import Database
from gateway.sync.context import Sync
from tests.dav.conftest import NOW, Client
from tests.dav.test_delegates import give
from tests.dav.test_scheduling import Person, meeting

EVE = "eve@elsewhere.example"
PATH = "/dav/calendars/alice/merged/meeting.ics"
BY_BOB = "mailto:bob@example.com"


@pytest.fixture
async def catcher():
    async with MailCatcher(lambda: NOW) as running:
        yield running


@pytest.fixture
def settings(catcher: MailCatcher) -> Settings:
    return Settings(mail={"smtp_url": catcher.url, "from": "Calendar <calendar@gateway.example>"})


@pytest.fixture
def carol(ask: Client) -> Person:
    return Person("carol", ask)


@pytest.fixture
def bob(ask: Client, db: Database):
    """Writes for alice."""
    give(db, delegates.WRITE)

    async def write(method: str, text: str | None = None, **headers: str):
        return await ask(method, PATH, text, user="bob", Content_Type="text/calendar", **headers)

    return write


async def message(one: Person) -> Component:
    """The last one in the inbox, which is then empty."""
    [name] = await one._listed("inbox")
    reply = await one.ask("GET", f"/dav/calendars/{one.name}/inbox/{name}", user=one.name)
    await one.empty_inbox()
    return read_lenient(reply.text).components[0]


def sent_by(one: Component, name: str = "ORGANIZER") -> str | None:
    line = one.first(name)
    assert line is not None
    return line.param("SENT-BY")


async def test_the_owner_invites_and_the_message_names_the_delegate(ask: Client, bob, carol: Person) -> None:
    reply = await bob("PUT", meeting("carol"))
    assert (reply.status, "schedule-tag" in reply.headers) == (201, True)
    told = await message(carol)
    assert (told.first("ORGANIZER").value, sent_by(told)) == ("mailto:alice@example.com", BY_BOB)
    assert sent_by(read_lenient(await carol.text(await carol.only())).components[0]) == BY_BOB
    assert "SENT-BY" not in (await ask("GET", PATH)).text
    assert await Person("bob", ask).names() == []

    await ask(
        "PUT", PATH, (await ask("GET", PATH)).text.replace("SUMMARY:", "SUMMARY:A "), Content_Type="text/calendar"
    )
    assert sent_by(await message(carol)) is None
    assert (await bob("DELETE")).status == 204
    told = await message(carol)
    assert (told.text("STATUS"), sent_by(told)) == ("CANCELLED", BY_BOB)


@pytest.mark.parametrize(
    ("written", "told"),
    [(BY_BOB, BY_BOB), ("mailto:robert@example.com", "mailto:robert@example.com"), ("mailto:x@y.example", BY_BOB)],
)
async def test_what_their_client_wrote_stays_if_it_is_true(
    ask: Client, db: Database, bob, carol: Person, written: str, told: str
) -> None:
    key = db.read_now(principals.by_name, "bob").id
    db.write_now(principals.add_address, key, "robert@example.com")
    await bob("PUT", meeting("carol").replace("ORGANIZER;", f'ORGANIZER;SENT-BY="{written}";'))
    assert sent_by(await message(carol)) == told
    assert written in (await ask("GET", PATH)).text


async def test_the_owner_answers_and_the_reply_names_the_delegate(ask: Client, db: Database, carol: Person) -> None:
    give(db, delegates.WRITE)
    await carol.put(meeting("alice", organizer="carol"))
    alice = Person("alice", ask)
    name = await alice.only()
    text = (await alice.text(name)).replace("NEEDS-ACTION;RSVP=TRUE:mailto:alice", "ACCEPTED:mailto:alice")
    reply = await ask("PUT", f"/dav/calendars/alice/merged/{name}", text, user="bob", Content_Type="text/calendar")
    assert reply.status == 204
    told = await message(carol)
    line = told.first("ATTENDEE")
    assert (line.value, line.param("PARTSTAT"), sent_by(told, "ATTENDEE")) == (
        "mailto:alice@example.com", "ACCEPTED", BY_BOB,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("domains", "sender", "deputy"),
    [
        ([], "Alice Example via Calendar <calendar@gateway.example>", "mailto:calendar@gateway.example"),
        (["example.com"], "Alice Example <alice@example.com>", BY_BOB),
    ],
)
async def test_a_mail_is_the_owners(
    settings: Settings, db: Database, bob, catcher: MailCatcher, domains: list[str], sender: str, deputy: str
) -> None:
    """RFC 6047 2.3: who sends the mail is the organizer, or stands in its SENT-BY."""
    await bob("PUT", meeting().replace("END:VEVENT", f"ATTENDEE;RSVP=TRUE:mailto:{EVE}\r\nEND:VEVENT"))
    alice = db.read_now(principals.by_name, "alice")
    [job] = db.read_now(jobs.waiting, KIND, alice.id)
    mail = settings.mail.model_copy(update={"domains": domains})
    await run_imip(Sync(db, settings.model_copy(update={"mail": mail}), lambda _row: None, lambda: NOW), job)

    [caught] = catcher.messages
    assert (caught.message["From"], caught.message["Reply-To"]) == (sender, "Alice Example <alice@example.com>")
    told = read_lenient(caught.calendar).components[0]
    assert (told.first("ORGANIZER").value, sent_by(told)) == ("mailto:alice@example.com", deputy)
