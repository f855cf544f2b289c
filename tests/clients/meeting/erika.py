"""Erika has mail and nothing else: she answers what she is sent as her calendar program would, and invites by mail."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

from gateway.demo import outsider
from gateway.demo.mail import Caught
from meeting.shown import HOUR, stamp
from meeting.world import Town

MAIL = "erika@extern.example"


@dataclass
class Erika:
    town: Town

    def mails(self) -> list[Caught]:
        return self.town.world.mail.to(MAIL)

    def answers(self, partstat: str) -> tuple[bool, str]:
        """To the latest mail. Whether the gateway took it; the iTIP message that it carried."""
        return self._sends(outsider.answer(self.mails()[-1], partstat, now=_now()))

    def proposes(self, start: datetime) -> tuple[bool, str]:
        asked = f"{start:%Y-%m-%dT%H:%M}"
        return self._sends(outsider.proposal(self.mails()[-1], asked, "UTC", now=_now()))

    def passes_on(self, method: str, uid: str, sender: str, to: str, start: datetime, title: str) -> tuple[bool, str]:
        """What somebody else writes with a mail program, about an event of the recipient's."""
        return self._writes(method, uid, to, start, title, 0, sender=sender)

    def invites(self, uid: str, to: str, start: datetime, *, title: str, sequence: int = 0) -> tuple[bool, str]:
        return self._writes("REQUEST", uid, to, start, title, sequence)

    def calls_off(self, uid: str, to: str, start: datetime, *, title: str, sequence: int) -> tuple[bool, str]:
        return self._writes("CANCEL", uid, to, start, title, sequence)

    def _writes(
        self, method: str, uid: str, to: str, start: datetime, title: str, sequence: int, *, sender: str = ""
    ) -> tuple[bool, str]:
        """sender: a guest of the recipient's, instead of Erika as the organizer."""
        host = to if sender else MAIL
        guest = f"PARTSTAT=TENTATIVE:mailto:{sender}" if sender else f"PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{to}"
        lines = [
            *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//extern.example//EN", f"METHOD:{method}", "BEGIN:VEVENT"),
            *(f"UID:{uid}", f"SEQUENCE:{sequence}", f"DTSTAMP:{stamp(datetime.now(UTC))}", f"DTSTART:{stamp(start)}"),
            *(f"DTEND:{stamp(start + HOUR)}", f"SUMMARY:{title}", f"ORGANIZER:mailto:{host}"),
            f"ATTENDEE;{guest}",
            *(["STATUS:CANCELLED"] if method == "CANCEL" else []),
            *("END:VEVENT", "END:VCALENDAR", ""),
        ]
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = sender or f"Erika <{MAIL}>", to, title
        mail["Message-ID"] = f"<{uid}-{method}-{sequence}@extern.example>"
        mail.set_content("Words.")
        mail.add_alternative("\r\n".join(lines), subtype="calendar", params={"method": method})
        return self._sends(mail)

    def _sends(self, mail: EmailMessage) -> tuple[bool, str]:
        part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
        payload = part.get_payload(decode=True)
        return self.town.arrives(mail.as_bytes()), bytes(payload).decode() if isinstance(payload, bytes) else ""


def _now() -> int:
    return int(datetime.now(UTC).timestamp())
