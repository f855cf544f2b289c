"""Whoever is invited by mail and has no account here: answers as their calendar program would, with a mail."""

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final
from zoneinfo import ZoneInfo

from gateway.demo.mail import Caught
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.scheduling import itip
from gateway.scheduling.mail import attach_calendar
from gateway.store import principals
from gateway.store.database import Database

ANSWERS: Final = ("ACCEPTED", "TENTATIVE", "DECLINED")
SPOKEN: Final[Mapping[str, str]] = {
    "ACCEPTED": "Accepted",
    "TENTATIVE": "Tentative",
    "DECLINED": "Declined",
    "COUNTER": "New time proposed",
}


async def may_answer(db: Database, caught: Caught) -> bool:
    """Whether the mail invites somebody who is not here."""
    if "METHOD:REQUEST" not in caught.calendar or len(caught.recipients) != 1:
        return False
    return await db.read(principals.by_address, caught.recipients[0]) is None


def answer(caught: Caught, partstat: str, *, now: int) -> EmailMessage:
    """Raises: InvalidCalendarObject where the recipient is not invited."""
    given = read_lenient(caught.calendar)
    me = caught.recipients[0].lower()
    return _mail(caught, itip.reply(given, me, partstat, stamp=now), SPOKEN[partstat], now)


def proposal(caught: Caught, start: str, zone: str, *, now: int) -> EmailMessage:
    """As long as now, from another time on. start: clock reading in the zone, ISO 8601.

    Raises: ValueError, where that is none.
    """
    given = read_lenient(caught.calendar)
    begin = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
    at = int(begin.timestamp())
    message = itip.counter(given, caught.recipients[0].lower(), start=at, end=at + _length(given), stamp=now)
    return _mail(caught, message.text, SPOKEN["COUNTER"], now)


def _length(given: ParsedObject) -> int:
    """Seconds."""
    one = given.components[0]
    times = []
    for name in ("DTSTART", "DTEND"):
        line = one.first(name)
        if line is not None:
            times.append(datetime.fromisoformat(line.value.removesuffix("Z")))
    return int((times[1] - times[0]).total_seconds()) if len(times) == 2 else 3600


def _mail(caught: Caught, text: str, word: str, now: int) -> EmailMessage:
    invitation = caught.message
    message = EmailMessage(policy=SMTP)
    local, _, domain = caught.recipients[0].rpartition("@")
    message["From"] = Address(str(invitation["To"].addresses[0].display_name), local, domain)
    message["To"] = str(invitation["Reply-To"] or invitation["From"])
    first, _, rest = str(invitation["Subject"]).partition(": ")
    message["Subject"] = f"{word}: {rest or first}"
    message["Date"] = datetime.fromtimestamp(now, ZoneInfo("UTC"))
    message["Message-ID"] = f"<demo-{caught.number}-{now}-{word.replace(' ', '-').lower()}@{domain}>"
    message["In-Reply-To"] = str(invitation["Message-ID"])
    message.set_content(f"{word}.")
    attach_calendar(message, text)
    return message
