"""What scheduling functions are given back."""

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    REPLY = "REPLY"
    ADD = "ADD"
    CANCEL = "CANCEL"
    REFRESH = "REFRESH"
    COUNTER = "COUNTER"
    DECLINECOUNTER = "DECLINECOUNTER"


class News(StrEnum):
    """Why a message is sent; what a mail is worded after.

    ANSWERS: nothing but who else is invited, what they answered, or what only programs read has changed; never worth
    a mail.
    REMINDER: nothing has changed, but somebody asked for it: SCHEDULE-FORCE-SEND, or a REFRESH.
    UNINVITED: it takes place, without the recipient. DELEGATED: an attendee sends the recipient in their stead.
    """

    INVITATION = "invitation"
    RESCHEDULED = "rescheduled"
    CHANGED = "changed"
    ANSWERS = "answers"
    REMINDER = "reminder"
    CANCELLED = "cancelled"
    UNINVITED = "uninvited"
    ANSWER = "answer"
    DELEGATED = "delegated"
    PROPOSAL = "proposal"
    PROPOSAL_DECLINED = "proposal declined"
    QUESTION = "question"


class Role(StrEnum):
    """What an object is to its owner (RFC 6638 3.1); NONE: nothing to do with scheduling."""

    ORGANIZER = "organizer"
    ATTENDEE = "attendee"
    NONE = "none"


class Outcome(StrEnum):
    """What became of a message.

    NEW: an object of its own now. UPDATED: the organizer changed something. ANSWERS: only other people's answers came.
    CANCELLED: all of it, or some instances. ANSWERED: an attendee answered the organizer. PROPOSED: the organizer has
    to decide on a COUNTER. ASKED: a REFRESH, answered by a message. EARLY: the answer of somebody whom an
    attendee sends, who has not said so yet; kept until then, and nobody is invited by it.
    All others change nothing. SAME: known already. STALE: older than what is known. UNKNOWN: about an object that is
    not here. STRANGER: of somebody who may not say this, or was never invited. UNINVITED: names none of my addresses.
    """

    NEW = "new"
    UPDATED = "updated"
    ANSWERS = "answers"
    CANCELLED = "cancelled"
    ANSWERED = "answered"
    EARLY = "early"
    PROPOSED = "proposed"
    PROPOSAL_DECLINED = "proposal declined"
    ASKED = "asked"
    SAME = "same"
    STALE = "stale"
    UNKNOWN = "unknown"
    STRANGER = "stranger"
    UNINVITED = "uninvited"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for one person.

    sender, recipient: lower-case addresses. text: with METHOD; only what the recipient may see. Recipients who may see
    the same share the very same string.
    forced: SCHEDULE-FORCE-SEND asked for it.
    """

    method: Method
    sender: str
    recipient: str
    text: str
    news: News
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """text: what to store, the very text given where nothing had to be changed in it; None: the object goes.

    messages: one for each person; two only where no single method says it, and then in the order to be sent.
    """

    text: str | None
    messages: tuple[Outgoing, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """text: to store instead of what was there; None: nothing changes.

    gone: nothing is left to attend; `text` then says STATUS:CANCELLED throughout, and keeps late messages in order.
    messages: to be sent in answer, or to tell the other attendees.
    attendee: who answered, proposed or asked; partstat: what they answered; "" otherwise.
    """

    outcome: Outcome
    text: str | None = None
    gone: bool = False
    messages: tuple[Outgoing, ...] = ()
    attendee: str = ""
    partstat: str = ""
