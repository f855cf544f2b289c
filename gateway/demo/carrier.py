"""The mail between the simulated clouds, the gateway's people and everybody else."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from gateway.demo.google.simulator import GoogleSimulator
from gateway.demo.letters import GOOGLE, OUTLOOK, Letter, compose
from gateway.demo.mail import Caught, MailCatcher
from gateway.demo.microsoft import MicrosoftSimulator
from gateway.demo.microsoft.letters import PREFIXES

ANSWERS: Final = ("METHOD:REPLY", "METHOD:COUNTER")


@dataclass(slots=True)
class Carrier:
    """What a cloud sends is caught like any other mail, and goes to where its recipient reads mails: the calendar at
    a cloud, or the gateway.

    sent: how many mails each cloud had sent when it was last looked.
    """

    google: GoogleSimulator
    microsoft: MicrosoftSimulator
    catcher: MailCatcher
    sent: dict[str, int] = field(default_factory=lambda: {GOOGLE: 0, OUTLOOK: 0})
    arrived: "asyncio.Queue[tuple[str, bytes]]" = field(default_factory=asyncio.Queue)

    def begin(self) -> None:
        """What was sent before has been carried."""
        self.sent = {GOOGLE: len(self.google.mails), OUTLOOK: len(self.microsoft.mails)}

    def look(self) -> None:
        """Carries what was sent since the last look."""
        new = self.google.mails[self.sent[GOOGLE] :]
        self.sent[GOOGLE] += len(new)
        for mail in new:
            person = self.google.state.people.get(mail.sender)
            name = person.name if person else ""
            self._carry(Letter(GOOGLE, name, mail.sender, mail.to, mail.heading, mail.text))
        sent = self.microsoft.mails[self.sent[OUTLOOK] :]
        self.sent[OUTLOOK] += len(sent)
        for one in sent:
            owner = self.microsoft.boxes.people.get(one.sender)
            subject = f"{PREFIXES.get(one.kind, '')}{one.subject}"
            name = owner.name if owner else ""
            self._carry(Letter(OUTLOOK, name, one.sender, one.to, subject, one.text, one.comment))

    def _carry(self, letter: Letter) -> None:
        mail = compose(letter, self.catcher.count + 1, self.google.clock())
        self.catcher.keep(letter.sender, [letter.to], mail.as_bytes())
        if letter.cloud == GOOGLE and letter.to in self.google.state.people:
            return  # where both are at Google, the event is in both calendars before any mail
        if self.deliver(letter.to, letter.text) is None:
            self.arrived.put_nowait((letter.to, mail.as_bytes()))

    def caught(self, mail: Caught) -> None:
        """A mail that others sent: an answer to somebody who keeps the event at a cloud is noted there."""
        text = mail.calendar
        if any(method in text for method in ANSWERS):
            for address in mail.recipients:
                self.deliver(address, text)

    def deliver(self, address: str, text: str) -> bool | None:
        """Whether the message changed something in the calendar of that address at a cloud; None: it has none."""
        to = address.lower()
        if to in self.google.state.people:
            return self.google.arrive(to, text)
        if to in self.microsoft.boxes.people:
            return self.microsoft.arrive(to, text)
        return None

    async def serve(self, take: Callable[[str, bytes], Awaitable[None]]) -> None:
        """Gives what came for people elsewhere to `take`, with its recipient, one after the other."""
        while True:
            address, raw = await self.arrived.get()
            try:
                await take(address, raw)
            finally:
                self.arrived.task_done()
