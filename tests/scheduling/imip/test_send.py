"""Mails on their way out: real SMTP conversations, and what is noted where they fail."""

import asyncio
from dataclasses import replace

import pytest
from aiosmtpd.smtp import SMTP

from gateway.demo.mail import Caught, MailCatcher
from gateway.errors import InvalidRequest, MailRefused, MailUnavailable
from gateway.ical.objects import read, read_lenient
from gateway.ical.text import Component
from gateway.scheduling import itip
from gateway.scheduling.imip.queue import queue, thread_of
from gateway.scheduling.imip.send import PATIENCE, run_imip
from gateway.scheduling.itip import Method, News, Outgoing
from gateway.store import jobs, mails
from tests.scheduling.imip.desk import ALICE, ERIKA, NOW, Desk, event, open_desk


def invitation(desk: Desk, text: str | None = None, news: News = News.INVITATION, to: str = ERIKA) -> Outgoing:
    given = desk.texts["project@gateway"] if text is None else text
    return Outgoing(Method.REQUEST, ALICE, to, itip.request(read(given)), news)


@pytest.fixture
async def catcher():
    async with MailCatcher(lambda: float(NOW)) as running:
        yield running


@pytest.fixture
def out(db, catcher):
    """A desk whose mails are caught."""
    return open_desk(db, smtp_url=catcher.url)


async def sent(desk: Desk, catcher: MailCatcher, outgoing: Outgoing) -> Caught:
    job = desk.job(outgoing)
    await run_imip(desk.sync, job)
    await desk.sync.db.write(jobs.finish, job)
    return catcher.messages[-1]


async def test_an_invitation_goes_out_whole(out, catcher):
    caught = await sent(out, catcher, invitation(out))

    message = caught.message
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics",
    ]  # fmt: skip
    [calendar] = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert (calendar.get_param("method"), calendar.get_content_charset()) == ("REQUEST", "utf-8")
    assert (caught.sender, caught.recipients) == ("calendar@gateway.example", (ERIKA,))
    assert message["From"] == "Alice Weber via Calendar <calendar@gateway.example>"
    assert (message["To"], message["Reply-To"]) == (f"Erika <{ERIKA}>", f"Alice Weber <{ALICE}>")
    assert message["Sender"] is None
    assert message["Auto-Submitted"] == "auto-generated"
    assert not [name for name in message if name.lower().startswith("list-")]
    assert message["Subject"].startswith("Invitation: Project, Fri, Nov 27, 2026, 11:00")


async def test_the_event_names_our_address_as_deputy_of_the_organizer(out, catcher):
    caught = await sent(out, catcher, invitation(out))

    [line] = read_message(caught).all("ORGANIZER")
    assert (line.param("SENT-BY"), itip.address(line)) == ("mailto:calendar@gateway.example", ALICE)


def read_message(caught: Caught) -> Component:
    return read_lenient(caught.calendar).components[0]


async def test_people_of_a_domain_of_ours_write_in_their_own_name(db, catcher):
    desk = open_desk(db, smtp_url=catcher.url, domains=["Example.com"])

    caught = await sent(desk, catcher, invitation(desk))

    assert caught.message["From"] == f"Alice Weber <{ALICE}>"
    assert caught.message["Sender"] == "Calendar <calendar@gateway.example>"
    assert read_message(caught).first("ORGANIZER").param("SENT-BY") is None
    assert caught.sender == "calendar@gateway.example"


async def test_where_a_mailbox_is_read_answers_go_there_too(db, catcher):
    desk = open_desk(db, smtp_url=catcher.url, imap_url="imaps://calendar:x@127.0.0.1")

    caught = await sent(desk, catcher, invitation(desk))

    assert caught.message["Reply-To"] == f"Alice Weber <{ALICE}>, Calendar <calendar@gateway.example>"


async def test_all_mails_about_one_event_are_one_thread(out, catcher):
    first = await sent(out, catcher, invitation(out))
    moved = event(sequence="SEQUENCE:1", dtstart="DTSTART:20261130T100000Z", dtend="DTEND:20261130T110000Z")
    second = await sent(out, catcher, invitation(out, moved, News.RESCHEDULED))

    root = first.message["Message-ID"]
    assert (first.message["References"], second.message["References"]) == (None, root)
    assert second.message["In-Reply-To"] == root != second.message["Message-ID"]
    assert "When (changed): Monday, November 30" in second.text
    assert "Until now: Friday, November 27" in second.text


async def test_the_same_message_again_is_the_same_mail(out, catcher):
    outgoing = invitation(out)
    job = out.job(outgoing)
    await run_imip(out.sync, job)
    await run_imip(out.sync, job)

    first, second = catcher.messages
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert out.job(outgoing).id == job.id


async def test_a_later_mail_waits_for_the_earlier_one(out, catcher):
    earlier = out.job(invitation(out))
    later = out.job(invitation(out, event(sequence="SEQUENCE:1", summary="SUMMARY:New"), News.CHANGED))

    due = await run_imip(out.sync, later)

    assert due is not None
    assert catcher.messages == []
    await run_imip(out.sync, earlier)
    await out.sync.db.write(jobs.finish, earlier)
    assert await run_imip(out.sync, later) is None
    assert [one.message["Subject"].partition(":")[0] for one in catcher.messages] == ["Invitation", "Changed"]


async def test_answers_of_others_are_no_mail(out):
    told = replace(invitation(out), news=News.ANSWERS)
    assert out.db.write_now(queue, out.sync, out.alice.id, told) is None


async def test_without_a_mail_server_it_is_noted_that_nobody_was_told(db):
    desk = open_desk(db, smtp_url="")

    await run_imip(desk.sync, desk.job(invitation(desk)))

    assert desk.status() == "5.2"


async def test_an_address_that_is_none_is_noted(out):
    with pytest.raises(InvalidRequest):
        await run_imip(out.sync, out.job(invitation(out, to="erika at home")))

    assert out.status() == ""
    out.put(event(guest="no address@x"))
    with pytest.raises(InvalidRequest):
        await run_imip(out.sync, out.job(invitation(out, to="no address@x")))
    assert out.status("no address@x") == "3.7"


class Refuses:
    def __init__(self, answer: str) -> None:
        self.answer = answer

    async def handle_RCPT(self, *_: object) -> str:  # noqa: N802 - aiosmtpd calls it so
        return self.answer


@pytest.fixture
async def refusing():
    """Starts mail servers that answer every recipient so; gives their URL."""
    running = []

    async def start(answer: str) -> str:
        loop = asyncio.get_running_loop()
        found = await loop.create_server(lambda: SMTP(Refuses(answer), hostname="test"), "127.0.0.1", 0)
        running.append(found)
        return f"smtp://127.0.0.1:{found.sockets[0].getsockname()[1]}"

    yield start
    for one in running:
        one.close()
        await one.wait_closed()


async def test_what_the_mail_server_refuses_for_good_is_noted(db, refusing):
    desk = open_desk(db, smtp_url=await refusing("550 5.1.1 no such user"))

    with pytest.raises(MailRefused):
        await run_imip(desk.sync, desk.job(invitation(desk)))

    assert desk.status() == "5.1"


async def test_what_it_does_not_take_now_is_tried_for_three_days(db, refusing):
    now = [float(NOW)]
    desk = open_desk(db, lambda: now[0], smtp_url=await refusing("450 4.2.0 greylisted"))
    job = desk.job(invitation(desk))

    with pytest.raises(MailUnavailable):
        await run_imip(desk.sync, job)
    assert desk.status() == ""
    now[0] += PATIENCE
    with pytest.raises(MailRefused, match="given up after 3 days"):
        await run_imip(desk.sync, job)
    assert desk.status() == "5.1"


async def test_addresses_in_other_scripts_go_where_the_server_takes_them(out, catcher):
    out.put(event(guest="jörg@müller.example"))

    caught = await sent(out, catcher, invitation(out, to="jörg@müller.example"))

    assert caught.recipients == ("jörg@xn--mller-kva.example",)
    assert "jörg@xn--mller-kva.example".encode() in caught.raw


async def test_an_answer_hangs_on_the_invitation_it_answers(out, catcher):
    thread = mails.Letter(
        "0" * 32, out.alice.id, "outside-1@outside", "olaf@outside.example", "", "<theirs@outside.example>", {}, NOW
    )
    known = replace(thread, thread=thread_of(out.alice.id, "outside-1@outside", "olaf@outside.example"))
    out.db.write_now(mails.keep, known)
    text = itip.reply(read(out.texts["outside-1@outside"]), ALICE, "ACCEPTED", stamp=NOW)

    caught = await sent(out, catcher, Outgoing(Method.REPLY, ALICE, "olaf@outside.example", text, News.ANSWER))

    assert caught.message["In-Reply-To"] == "<theirs@outside.example>"
    assert caught.message["Subject"].startswith("Accepted: Workshop")
    [line] = read_message(caught).all("ATTENDEE")
    assert line.param("SENT-BY") == "mailto:calendar@gateway.example"
