"""Alice, who is here, an event of hers that Erika is invited to by mail, and one that Olaf invited her to."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from gateway.accounts.people import add_person
from gateway.config import Settings
from gateway.ical.objects import read
from gateway.scheduling import itip
from gateway.scheduling.imip.queue import queue
from gateway.scheduling.itip import address
from gateway.store import members, principals
from gateway.store.database import Database
from gateway.store.jobs import Job
from gateway.store.principals import Principal
from gateway.sync.context import Sync
from gateway.sync.write import stage_put

NOW = 1_795_262_400  # 2026-11-21 12:00 UTC
ALICE, ERIKA, OLAF = "alice@example.com", "erika@extern.example", "olaf@outside.example"
MAIL = {"from": "Calendar <calendar@gateway.example>", "smtp_url": "smtp://127.0.0.1:1"}


def event(uid: str = "project@gateway", *more: str, organizer: str = ALICE, guest: str = ERIKA, **changed: str) -> str:
    """As its owner's calendar keeps it. changed: lines by name, in lower case, instead of the usual ones."""
    lines = {
        "uid": f"UID:{uid}",
        "dtstamp": "DTSTAMP:20261121T090000Z",
        "dtstart": "DTSTART:20261127T100000Z",
        "dtend": "DTEND:20261127T110000Z",
        "sequence": "SEQUENCE:0",
        "summary": "SUMMARY:Project",
        "organizer": f"ORGANIZER;CN={organizer.partition('@')[0].title()}:mailto:{organizer}",
        "host": f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}",
        "guest": f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN={guest.partition('@')[0].title()}:mailto:{guest}",
    } | changed
    body = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", "BEGIN:VEVENT", *lines.values(), *more]
    return "\r\n".join([*body, "END:VEVENT", "END:VCALENDAR", ""])


@dataclass
class Desk:
    db: Database
    sync: Sync
    alice: Principal

    def put(self, text: str) -> None:
        self.db.write_now(stage_put, self.sync, self.alice, text)

    @property
    def texts(self) -> dict[str, str]:
        """By UID, everything in her calendar."""
        rows = self.db.read_now(members.texts, self.alice.merged)
        return {read(row.text).uid: row.text for row in rows}

    def partstats(self, uid: str = "project@gateway") -> dict[str, str]:
        return {
            address(line): line.param("PARTSTAT") or "" for line in read(self.texts[uid]).components[0].all("ATTENDEE")
        }

    def status(self, of: str = ERIKA, uid: str = "project@gateway") -> str:
        lines = read(self.texts[uid]).components[0].all("ATTENDEE")
        return next(line.param("SCHEDULE-STATUS") or "" for line in lines if address(line) == of)

    def job(self, outgoing: itip.Outgoing) -> Job:
        job = self.db.write_now(queue, self.sync, self.alice.id, outgoing)
        assert job is not None
        return job


def open_desk(db: Database, clock: Any = lambda: float(NOW), **mail: Any) -> Desk:
    """mail: settings of [mail]."""
    settings = Settings.model_validate({"mail": MAIL | mail})
    key = db.write_now(add_person, "alice", ALICE, displayname="Alice Weber", zone="Europe/Berlin", locale="en", now=1)
    desk = Desk(
        db, Sync(db, settings, lambda _row: None, clock, random=lambda: 0.5), db.read_now(principals.by_id, key)
    )
    desk.put(event())
    desk.put(event("outside-1@outside", organizer=OLAF, guest=ALICE, summary="SUMMARY:Workshop"))
    return desk


def mail(text: str, *, sender: str = ERIKA, to: str = ALICE, method: str = "REPLY", **headers: str) -> bytes:
    """One that carries an iTIP message. headers: with underscores for dashes."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, "Re: Project"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Words.")
    message.add_alternative(text, subtype="calendar", params={"method": method})
    return message.as_bytes()
