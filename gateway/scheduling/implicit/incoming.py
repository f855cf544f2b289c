"""Messages that come by mail."""

from hashlib import sha256
from typing import Final

from gateway.ical.objects import read_lenient
from gateway.scheduling import itip
from gateway.scheduling.implicit import places
from gateway.scheduling.implicit.post import Post, lock
from gateway.scheduling.itip import Method, Outcome
from gateway.store import jobs, taken
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.sync.context import Sync

RSVP: Final = "rsvp"
ANSWERS: Final = {Method.REPLY: Outcome.ANSWERED, Method.COUNTER: Outcome.PROPOSED}
HEARD: Final = frozenset({Outcome.ANSWERED, Outcome.PROPOSED, Outcome.SAME})
"""What may be news for a booking; also where a provider takes care of the event, which hears nothing of our mails."""


def deliver_mail(conn: Connection, sync: Sync, person: Principal, sender: str, text: str) -> Outcome:
    """What becomes of a message that was mailed to a person here; a second time it changes nothing.

    sender: the address it is known to come from, lower case; "": whoever it says. text: VCALENDAR with METHOD.
    A meeting that a provider takes care of is left to it (Outcome.SAME), unless somebody booked it here; who booked one
    of several seats answers to a UID that no calendar has. Answers that follow are on their way.
    Raises: InvalidSchedulingMessage, InvalidCalendarData and its like.
    """
    message = read_lenient(text)
    lock(conn, person.id, message)
    outcome = Post(conn, sync).deliver(person, text, sender)
    method = itip.method_of(message)
    if (
        outcome not in {*HEARD, Outcome.UNKNOWN}
        or method not in ANSWERS
        or not taken.booked(conn, person.id, [message.uid])
    ):
        return outcome
    key = sha256(f"{sender}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
    jobs.add(conn, RSVP, key, {"text": text, "sender": sender}, due=sync.clock(), user=person.id)
    left = places.elsewhere(places.copies(conn, person.id, message.uid))
    return ANSWERS[method] if left or outcome is Outcome.UNKNOWN else outcome
