"""Messages that come by mail."""

from gateway.ical.objects import read_lenient
from gateway.scheduling.implicit.post import Post, lock
from gateway.scheduling.itip import Outcome
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.sync.context import Sync


def deliver_mail(conn: Connection, sync: Sync, person: Principal, sender: str, text: str) -> Outcome:
    """What becomes of a message that was mailed to a person here; a second time it changes nothing.

    sender: the address it is known to come from, lower case; "": whoever it says. text: VCALENDAR with METHOD.
    A meeting that a provider takes care of is left to it (Outcome.SAME). Answers that follow are on their way.
    Raises: InvalidSchedulingMessage, InvalidCalendarData and its like.
    """
    lock(conn, person.id, read_lenient(text))
    return Post(conn, sync).deliver(person, text, sender)
