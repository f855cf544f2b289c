"""Whether answers by mail are read, as `gateway doctor` tells it."""

from collections.abc import Iterator

import pytest

from gateway.app import open_parts
from gateway.cli.doctor import Finding, Verdict, mailboxes
from gateway.config import Settings
from gateway.store.migrate import migrate
from tests.fakes.dovecot import MISSING, Dovecot, installed, running_dovecot
from tests.whole import settings


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    if not installed():
        pytest.skip(MISSING)
    with running_dovecot() as server:
        yield server


async def told(given: Settings) -> list[Finding]:
    migrate(given.database.url)
    async with open_parts(given) as parts:
        return [finding async for finding in mailboxes(parts)]


async def test_no_mailbox_is_a_note(tmp_path):
    [found] = await told(settings(tmp_path))
    assert (found.verdict, "not read" in found.text) == (Verdict.NOTE, True)


async def test_a_mailbox_that_answers_says_how_many_wait(tmp_path, dovecot):
    name = dovecot.fresh()
    dovecot.drop(name, b"From: x@extern.example\r\n\r\nHello\r\n")
    mail = {"imap_url": dovecot.url(name), "imap_ca_file": dovecot.ca_file}

    [found] = await told(settings(tmp_path, mail=mail))

    text = f"the mailbox of {name} at 127.0.0.1 answers; mails that wait to be read: 1"
    assert found == Finding("answers", Verdict.GOOD, text)


async def test_mails_that_could_not_be_understood_are_counted(tmp_path, dovecot):
    name = dovecot.fresh()
    dovecot.drop(name, b"From: x@extern.example\r\n\r\nHello\r\n")
    with dovecot.open(name) as client:
        client.store("1", "+FLAGS", "(\\Flagged GatewayUnclear GatewayRead)")
    mail = {"imap_url": dovecot.url(name), "imap_ca_file": dovecot.ca_file}

    found = await told(settings(tmp_path, mail=mail))

    assert [one.verdict for one in found] == [Verdict.GOOD, Verdict.NOTE]
    assert found[1].text == f"mails of {name} at 127.0.0.1 that could not be understood: 1"


async def test_one_that_does_not_answer_is_bad_and_names_no_password(tmp_path):
    [found] = await told(settings(tmp_path, mail={"imap_url": "imap://me:geheim@127.0.0.1:1"}))
    assert found.verdict == Verdict.BAD
    assert "geheim" not in found.text
