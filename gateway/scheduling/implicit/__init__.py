"""Invitations that send themselves (RFC 6638): what follows from a change of an object, here and by mail."""

from gateway.scheduling.implicit.incoming import RSVP, deliver_mail
from gateway.scheduling.implicit.tied import TIED, run_tied
from gateway.scheduling.implicit.write import Asked, Scheduling, delete, leave, put

__all__ = ["RSVP", "TIED", "Asked", "Scheduling", "delete", "deliver_mail", "leave", "put", "run_tied"]
