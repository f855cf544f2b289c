"""Mail over real SMTP conversations."""

import asyncio
import ssl
from email.message import EmailMessage

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult

from gateway.errors import ConfigError, InvalidRequest, MailRefused, MailUnavailable
from gateway.scheduling.deliver import Server, deliver, server
from gateway.scheduling.mail import compose
from tests.scheduling.sample import BOB, NOW, SENDER, notice

ADDRESSES = {"sender": "calendar@gateway.example", "recipient": "bob@example.org"}


class Answers:
    """Keeps what comes; answers as it was told to."""

    def __init__(self, rcpt: str = "250 ok", data: str = "250 ok") -> None:
        self.rcpt, self.data = rcpt, data
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.secure: list[bool] = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd calls it so
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, _server, session, envelope):  # noqa: N802 - aiosmtpd calls it so
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        self.secure.append(session.ssl is not None)
        return self.data


@pytest.fixture
async def listen():
    """Starts servers; each call gives where it listens."""
    running: list[asyncio.Server] = []

    async def start(answers: Answers, *, tls: ssl.SSLContext | None = None, **options) -> Server:
        loop = asyncio.get_running_loop()
        found = await loop.create_server(lambda: SMTP(answers, hostname="test", **options), "127.0.0.1", 0, ssl=tls)
        running.append(found)
        return Server("127.0.0.1", found.sockets[0].getsockname()[1], tls is not None)

    yield start
    for one in running:
        one.close()
        await one.wait_closed()


@pytest.fixture(scope="module")
def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(the server's, the client's) contexts."""
    authority = trustme.CA()
    theirs, ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    authority.configure_trust(ours)
    return theirs, ours


def mail() -> EmailMessage:
    return compose(notice(), BOB, sender=SENDER, now=NOW)


async def test_a_mail_arrives_as_it_was_made(listen):
    answers = Answers()
    message = mail()

    await deliver(message, **ADDRESSES, to=await listen(answers))

    [(sender, recipients, content)] = answers.mails
    assert (sender, recipients) == ("calendar@gateway.example", ["bob@example.org"])
    assert content.rstrip() == message.as_bytes().rstrip()


async def test_it_goes_encrypted_wherever_the_server_offers_that(listen, certificates):
    theirs, ours = certificates
    answers = Answers()

    await deliver(mail(), **ADDRESSES, to=await listen(answers, tls_context=theirs), trust=ours)
    await deliver(mail(), **ADDRESSES, to=await listen(answers, tls=theirs), trust=ours)

    assert len(answers.mails) == 2
    assert answers.secure[0]


async def test_a_certificate_nobody_vouches_for_stops_it(listen, certificates):
    theirs, _ = certificates
    answers = Answers()

    with pytest.raises(MailUnavailable):
        await deliver(mail(), **ADDRESSES, to=await listen(answers, tls_context=theirs))
    assert answers.mails == []


async def test_it_signs_in_with_the_password_of_the_setting(listen, certificates):
    theirs, ours = certificates
    answers, seen = Answers(), []

    def check(_server, _session, _envelope, _mechanism, given):
        seen.append((given.login, given.password))
        return AuthResult(success=given.password == b"p:w", handled=False)

    where = await listen(answers, tls_context=theirs, authenticator=check, auth_required=True)
    await deliver(mail(), **ADDRESSES, to=Server(where.host, where.port, username="cal", password="p:w"), trust=ours)
    with pytest.raises(MailUnavailable, match="535"):
        await deliver(mail(), **ADDRESSES, to=Server(where.host, where.port, username="cal", password="no"), trust=ours)

    assert seen[0] == (b"cal", b"p:w")
    assert len(answers.mails) == 1


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        pytest.param(Answers(rcpt="550 5.1.1 nobody of that name"), MailRefused, id="unknown recipient"),
        pytest.param(Answers(rcpt="451 4.7.1 greylisted"), MailUnavailable, id="greylisted"),
        pytest.param(Answers(data="554 5.7.1 looks like spam"), MailRefused, id="content refused"),
        pytest.param(Answers(data="452 4.3.1 disk full"), MailUnavailable, id="disk full"),
    ],
)
async def test_for_good_and_for_now_are_told_apart(listen, answers, error):
    code = (answers.rcpt if answers.rcpt[0] != "2" else answers.data)[:3]

    with pytest.raises(error, match=f"said {code}"):
        await deliver(mail(), **ADDRESSES, to=await listen(answers))


async def test_a_server_that_is_not_there_is_tried_again_later(listen):
    where = await listen(Answers())
    loop = asyncio.get_running_loop()
    closed = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
    gone = Server(where.host, closed.sockets[0].getsockname()[1])
    closed.close()
    await closed.wait_closed()

    with pytest.raises(MailUnavailable, match="does not answer"):
        await deliver(mail(), **ADDRESSES, to=gone)


async def test_a_server_that_says_nothing_is_given_up(listen):
    silent = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    async with silent:
        where = Server("127.0.0.1", silent.sockets[0].getsockname()[1])
        with pytest.raises(MailUnavailable):
            await deliver(mail(), **ADDRESSES, to=where, timeout=0.05)


@pytest.mark.parametrize("address", ["bob@example.org>\r\nRCPT TO:<eve@example.net", "bob", ""])
async def test_an_envelope_is_never_more_than_one_address(listen, address):
    answers = Answers()
    where = await listen(answers)

    with pytest.raises(InvalidRequest):
        await deliver(mail(), sender="calendar@gateway.example", recipient=address, to=where)
    with pytest.raises(InvalidRequest):
        await deliver(mail(), sender=address, recipient="bob@example.org", to=where)
    assert answers.mails == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("smtp://mail.example.com", Server("mail.example.com", 25), id="plain"),
        pytest.param("smtp://mail.example.com:2525", Server("mail.example.com", 2525), id="port"),
        pytest.param("smtps://mail.example.com", Server("mail.example.com", 465, True), id="TLS"),
        pytest.param(
            "smtp://cal%40x:p%3Aw@mail.example.com",
            Server("mail.example.com", 587, False, "cal@x", "p:w"),
            id="password",
        ),
        pytest.param("smtp://[::1]:2525", Server("::1", 2525), id="IPv6"),
    ],
)
def test_server(url, expected):
    assert server(url) == expected


@pytest.mark.parametrize(
    "url", ["", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://h:x", "smtp://h/path"]
)
def test_a_setting_that_is_no_server_is_refused(url):
    with pytest.raises(ConfigError, match="smtp_url"):
        server(url)


async def test_an_address_in_another_script_needs_a_server_that_takes_it(listen):
    wide, narrow = Answers(), Answers()
    to = {"sender": "calendar@gateway.example", "recipient": "jörg@example.org"}

    await deliver(mail(), **to, to=await listen(wide, enable_SMTPUTF8=True))
    with pytest.raises(MailRefused, match="SMTPUTF8"):
        await deliver(mail(), **to, to=await listen(narrow))

    assert [recipients for _, recipients, _ in wide.mails] == [["jörg@example.org"]]
    assert narrow.mails == []


async def test_a_mail_is_signed_as_it_goes_out(listen):
    answers = Answers()

    await deliver(mail(), **ADDRESSES, to=await listen(answers), sign=lambda content: b"X-Signed: 1\r\n" + content)

    [(_, _, content)] = answers.mails
    assert content.startswith(b"X-Signed: 1\r\nFrom:")
