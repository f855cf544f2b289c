"""Mails with iTIP messages are queued in the transaction that causes them."""

from dataclasses import replace
from typing import Final

from gateway.ical.objects import read_lenient
from gateway.scheduling import itip
from gateway.scheduling.itip import Method, News, Outgoing
from gateway.scheduling.mail import digest
from gateway.store import jobs, mails
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.mails import Letter
from gateway.sync.context import Sync

KIND: Final = "imip"


def thread_of(user: int, uid: str, recipient: str) -> str:
    """Stands for all mails of a person to one other about one event."""
    return digest(str(user), uid, recipient.lower())


def queue(conn: Connection, sync: Sync, user: int, outgoing: Outgoing) -> Job | None:
    """The mail's job; the same message again is the same job. None where it is worth no mail.

    user: in whose name it goes.
    """
    if outgoing.news is News.ANSWERS:
        return None
    obj = read_lenient(outgoing.text)
    thread, change = thread_of(user, obj.uid, outgoing.recipient), digest(outgoing.text)
    now = sync.clock()
    known = mails.letter(conn, thread)
    letter = known or Letter(thread, user, obj.uid, outgoing.recipient, change, "", {}, int(now))
    if outgoing.method is Method.CANCEL:
        letter = replace(letter, ended=max(letter.ended, *map(itip.sequence, obj.components)))
    if letter != known:
        mails.keep(conn, letter)
    told = {
        "sender": outgoing.sender,
        "recipient": outgoing.recipient,
        "text": outgoing.text,
        "news": str(outgoing.news),
        "queued": int(now),
    }
    key = f"{thread}.{change}"
    jobs.add(conn, KIND, key, told, due=now, user=user)
    return jobs.get(conn, KIND, key)
