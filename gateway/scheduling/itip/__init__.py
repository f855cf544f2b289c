"""Scheduling as pure functions (RFC 5546, RFC 6638): before and after -> messages; message and object -> object."""

from gateway.scheduling.itip.attendee import attendee_changes
from gateway.scheduling.itip.lines import address
from gateway.scheduling.itip.message import cancel, on_behalf, publish, reply, request
from gateway.scheduling.itip.model import Changes, Method, News, Outcome, Outgoing, Received, Role
from gateway.scheduling.itip.organizer import organizer_changes
from gateway.scheduling.itip.parts import cancelled, sequence
from gateway.scheduling.itip.people import role_of
from gateway.scheduling.itip.proposals import accept_counter, answer, counter, decline_counter, delegate, refresh
from gateway.scheduling.itip.receive import method_of, receive
from gateway.scheduling.itip.status import with_answers, with_status

__all__ = [
    "Changes",
    "Method",
    "News",
    "Outcome",
    "Outgoing",
    "Received",
    "Role",
    "accept_counter",
    "address",
    "answer",
    "attendee_changes",
    "cancel",
    "cancelled",
    "counter",
    "decline_counter",
    "delegate",
    "method_of",
    "on_behalf",
    "organizer_changes",
    "publish",
    "receive",
    "refresh",
    "reply",
    "request",
    "role_of",
    "sequence",
    "with_answers",
    "with_status",
]
