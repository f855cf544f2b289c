"""A real IMAP server: mails are read once, put where they belong, and noticed when they come."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from gateway.errors import ConfigError, MailUnavailable
from gateway.ical.objects import read
from gateway.scheduling import itip
from gateway.scheduling.imip.mailbox import Mailbox, mailbox, quoted, session
from gateway.scheduling.imip.take import Reading, Verdict
from gateway.scheduling.imip.watch import Reader, condition
from gateway.scheduling.implicit import deliver_mail
from tests.scheduling.imip.desk import ERIKA, NOW, Desk, mail, open_desk

UNREADABLE = (
    b"From: x@extern.example\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar\r\n\r\n"
    b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
)


def answer(desk: Desk, partstat: str = "ACCEPTED") -> bytes:
    stamp = NOW + ["TENTATIVE", "ACCEPTED", "DECLINED"].index(partstat)
    text = itip.reply(read(desk.texts["project@gateway"]), ERIKA, partstat, stamp=stamp)
    return mail(text, Message_ID=f"<{partstat}@extern.example>")


class Seen:
    """What became of the mails, each when it was put away."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Reading] = asyncio.Queue()

    async def next(self) -> Reading:
        return await asyncio.wait_for(self.queue.get(), 60)


@asynccontextmanager
async def reading(desk: Desk):
    seen = Seen()
    reader = Reader(desk.sync, deliver_mail, seen=seen.queue.put_nowait)
    reader.start()
    yield seen
    await reader.stop()


@pytest.fixture
def name(dovecot):
    return dovecot.fresh()


@pytest.fixture
def settled(db, dovecot, name):
    """Alice, with that mailbox; more settings of [mail]."""
    return lambda **more: open_desk(db, imap_url=dovecot.url(name), imap_ca_file=dovecot.ca_file, **more)


async def test_what_waits_is_read_and_marked_as_seen(settled, dovecot, name):
    desk = settled()
    dovecot.drop(name, answer(desk))

    async with reading(desk) as seen:
        assert (await seen.next()).outcomes == ("answered",)

    assert desk.partstats()[ERIKA] == "ACCEPTED"
    assert dovecot.flags(name) == [{"\\Seen", "GatewayRead"}]


async def test_what_comes_while_it_is_watched_is_read_at_once(settled, dovecot, name):
    desk = settled()
    dovecot.drop(name, answer(desk, "TENTATIVE"))
    async with reading(desk) as seen:
        await seen.next()

        await asyncio.to_thread(dovecot.drop, name, answer(desk, "DECLINED"))

        assert (await seen.next()).outcomes == ("answered",)
    assert desk.partstats()[ERIKA] == "DECLINED"


class Between:
    """Passes everything on to a server, until it cuts its connections."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: list[asyncio.StreamWriter] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._open += [writer, their_writer]
        await asyncio.gather(self._pass_on(reader, their_writer), self._pass_on(their_reader, writer))

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while octets := await source.read(65_536):
                target.write(octets)
            target.close()

    def cut(self) -> None:
        for one in self._open:
            one.transport.abort()
        self._open.clear()


async def test_after_a_broken_connection_it_connects_again(db, dovecot, name):
    between = Between(dovecot.port)
    server = await asyncio.start_server(between, "127.0.0.1", 0)
    url = dovecot.url(name).replace(f":{dovecot.port}", f":{server.sockets[0].getsockname()[1]}")
    desk = open_desk(db, imap_url=url, imap_ca_file=dovecot.ca_file)
    desk.sync = replace(desk.sync, sleep=lambda _seconds: asyncio.sleep(0))
    dovecot.drop(name, answer(desk, "TENTATIVE"))
    async with server, reading(desk) as seen:
        await seen.next()
        between.cut()

        await asyncio.to_thread(dovecot.drop, name, answer(desk, "DECLINED"))

        assert (await seen.next()).outcomes == ("answered",)


async def test_what_is_done_goes_to_a_folder_where_one_is_set(settled, dovecot, name):
    desk = settled(imap_done="Erledigt für immer")
    dovecot.drop(name, answer(desk))

    async with reading(desk) as seen:
        await seen.next()

    assert dovecot.flags(name) == []
    assert dovecot.flags(name, "Erledigt f&APw-r immer") == [{"\\Seen", "GatewayRead"}]


async def test_what_is_not_understood_stays_flagged(settled, dovecot, name):
    desk = settled()
    dovecot.drop(name, UNREADABLE)

    async with reading(desk) as seen:
        assert (await seen.next()).verdict is Verdict.UNCLEAR

    assert dovecot.flags(name) == [{"\\Flagged", "GatewayUnclear", "GatewayRead"}]


@pytest.mark.parametrize(("personal", "flags"), [(True, {"GatewayRead"}), (False, {"\\Flagged", "GatewayRead"})])
async def test_other_mail_is_left_alone_in_peoples_own_mailboxes(settled, dovecot, name, personal, flags):
    desk = settled(imap_personal=personal)
    dovecot.drop(name, b"From: x@extern.example\r\nTo: calendar@gateway.example\r\nSubject: hello\r\n\r\nHello!\r\n")

    async with reading(desk) as seen:
        assert (await seen.next()).verdict is Verdict.OTHER

    assert dovecot.flags(name) == [flags]


async def test_a_mail_is_read_once_also_by_another_process(settled, dovecot, name):
    desk = settled()
    dovecot.drop(name, answer(desk))
    async with reading(desk) as seen:
        await seen.next()
    once = desk.texts

    dovecot.drop(name, answer(desk, "DECLINED"))
    async with reading(desk) as seen:
        assert (await seen.next()).outcomes == ("answered",)

    assert once != desk.texts


async def test_the_mailbox_tells_what_waits_there(settled, dovecot, name):
    desk = settled()
    box = mailbox(dovecot.url(name))
    dovecot.drop(name, UNREADABLE)
    dovecot.drop(name, answer(desk))

    before = await condition(box, NOW, trust=dovecot.trust)
    async with reading(desk) as seen:
        await seen.next()
        await seen.next()
    after = await condition(box, NOW, trust=dovecot.trust)

    assert (before.waiting, before.unclear, before.idles) == (2, 0, True)
    assert (after.waiting, after.unclear) == (0, 1)


async def test_old_mail_is_not_read(settled, dovecot, name):
    settled()
    dovecot.drop(name, UNREADABLE)

    after_a_year = await condition(mailbox(dovecot.url(name)), NOW + 2e8, trust=dovecot.trust)

    assert after_a_year.waiting == 0


async def test_a_wrong_password_is_named_without_being_shown(dovecot, name):
    wrong = mailbox(f"imaps://{name}:wrong-secret@127.0.0.1:{dovecot.port}")
    with pytest.raises(MailUnavailable, match=f"the mailbox of {name} at 127.0.0.1 said NO") as raised:
        async with session(wrong, trust=dovecot.trust):
            pass
    assert "wrong-secret" not in f"{raised.value} {wrong!r}"


async def test_a_server_that_nobody_vouches_for_gets_no_password(dovecot, name):
    with pytest.raises(MailUnavailable, match="does not answer properly"):
        async with session(mailbox(dovecot.url(name))):
            pass


async def test_a_server_that_goes_away_is_found_out_at_once():
    async def greet(_reader, writer):
        writer.write(b"* OK hello\r\n")
        await writer.drain()
        await _reader.readline()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    box = mailbox(f"imap://me:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        with pytest.raises(MailUnavailable):
            async with session(box):
                pass


async def test_no_server_at_all():
    with pytest.raises(MailUnavailable, match=r"me at 127\.0\.0\.1 does not answer"):
        async with session(mailbox("imap://me:secret@127.0.0.1:1")):
            pass


@pytest.mark.parametrize(
    ("url", "box"),
    [
        (
            "imaps://me%40x.example:p%40ss@mail.example.com",
            Mailbox("mail.example.com", 993, True, "me@x.example", "p@ss"),
        ),
        ("imaps://me:x@mail.example.com:1993/Answers", Mailbox("mail.example.com", 1993, True, "me", "x", "Answers")),
        ("imap://me:x@localhost", Mailbox("localhost", 143, False, "me", "x")),
    ],
)
def test_the_setting_names_a_mailbox(url, box):
    assert mailbox(url) == box


@pytest.mark.parametrize(
    "url", ["imap://me:x@mail.example.com", "https://mail.example.com", "imaps://mail.example.com", "imaps://me@x:y"]
)
def test_settings_that_are_no_mailbox_are_refused(url):
    with pytest.raises(ConfigError, match="imap_url"):
        mailbox(url)


@pytest.mark.parametrize(
    ("folder", "argument"),
    [("Done", '"Done"'), ("Erledigt & fort", '"Erledigt &- fort"'), ("Für", '"F&APw-r"'), ('a"b\\', '"a\\"b\\\\"')],
)
def test_folders_may_have_any_name(folder, argument):
    assert quoted(folder) == argument
