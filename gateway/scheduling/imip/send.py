"""Mails with iTIP messages, sent by the worker, each at least once.

A mail sent twice is one to its reader: same Message-ID, same message inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.errors import GatewayError, InvalidRequest, MailRefused, MailUnavailable
from gateway.ical.objects import read_lenient
from gateway.scheduling.addresses import configured_sender
from gateway.scheduling.deliver import deliver, server
from gateway.scheduling.imip.compose import Note, compose, is_ours
from gateway.scheduling.imip.facts import Facts, Person
from gateway.scheduling.imip.queue import thread_of
from gateway.scheduling.imip.sign import signer
from gateway.scheduling.imip.status import FAILED, NOBODY, mark
from gateway.scheduling.implicit.post import NO_WAY
from gateway.scheduling.itip import News
from gateway.scheduling.mail import digest
from gateway.store import jobs, mails, principals
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.mails import Letter
from gateway.sync.context import DAY, Sync

TURN: Final = 2.0
"""Seconds until a mail is looked at again that has to wait for an earlier one."""
PATIENCE: Final = 3 * DAY
"""Seconds that a mail is tried again for while the mail server does not take it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the two people and of their thread."""

    note: Note
    letter: Letter


async def run_imip(sync: Sync, job: Job) -> float | None:
    """Job kind "imip". What cannot be sent is noted on the recipient's line; mails of one thread go in their order.

    Raises: MailUnavailable (again later), MailRefused and other errors of ours (never).
    """
    if job.user_id is None:
        return None
    if await sync.db.read(jobs.ahead, job, job.key.partition(".")[0]):
        due = sync.clock() + TURN
        await sync.db.write(jobs.again, job, due=due)
        return due
    known = await sync.db.read(_known, sync, job, job.user_id)
    try:
        said = await _send(sync, known.note)
    except MailUnavailable as error:
        if sync.clock() - float(job.payload["queued"]) < PATIENCE:
            raise
        await sync.db.write(_failed, sync, known.letter, FAILED)
        raise MailRefused(f"given up after {PATIENCE // DAY} days: {error}") from error
    except GatewayError as error:
        code = NOBODY if isinstance(error, InvalidRequest) else FAILED
        await sync.db.write(_failed, sync, known.letter, code)
        raise
    if said is None:
        await sync.db.write(_failed, sync, known.letter, NO_WAY)
    else:
        await sync.db.write(_sent, sync, known, said)
    return None


async def _send(sync: Sync, note: Note) -> list[Facts] | None:
    """What was said; None where no mail server is set."""
    settings = sync.settings.mail
    url = settings.smtp_url.get_secret_value()
    if not url:
        return None
    us = configured_sender(settings.from_).addr_spec
    message, said = compose(note, settings, now=sync.now)
    sign = signer(settings, note.sender.address if is_ours(note.sender.address, settings) else us)
    await deliver(message, sender=us, recipient=note.recipient, to=server(url), sign=sign)
    return said


def _known(conn: Connection, sync: Sync, job: Job, user: int) -> Known:
    told = job.payload
    text, recipient = str(told["text"]), str(told["recipient"])
    uid = read_lenient(text).uid
    thread = thread_of(user, uid, recipient)
    letter = mails.letter(conn, thread) or Letter(thread, user, uid, recipient, digest(text), "", {}, sync.now)
    person = principals.by_id(conn, user)
    reader = principals.by_address(conn, recipient) or person
    note = Note(
        news=News(told["news"]),
        text=text,
        sender=Person(person.displayname, str(told["sender"])),
        recipient=recipient,
        locale=reader.locale,
        zone=person.zone,
        thread=thread,
        opens=letter.first == digest(text),
        root=letter.root,
        told=letter.told,
    )
    return Known(note, letter)


def _sent(conn: Connection, sync: Sync, known: Known, said: list[Facts]) -> None:
    letter = mails.letter(conn, known.letter.thread) or known.letter
    told: Mapping[str, Any] = {one.rid: one.told for one in said}
    if "" not in told:
        told = {**letter.told, **told}
    mails.keep(conn, replace(letter, told=told, changed=sync.now))


def _failed(conn: Connection, sync: Sync, letter: Letter, code: str) -> None:
    mark(conn, sync, letter.user_id, letter.uid, {letter.recipient: code})
