"""What is wrong with an invitation, an answer, or a change of either."""

from gateway.errors.base import CALDAV, Precondition


class InvalidSchedulingMessage(Precondition):
    condition = CALDAV + "valid-scheduling-message"


class InvalidOrganizer(Precondition):
    """The message speaks for somebody else."""

    condition = CALDAV + "valid-organizer"


class MixedOrganizers(Precondition):
    condition = CALDAV + "same-organizer-in-all-components"


class OrganizerChangeRefused(Precondition):
    """The event would have no organizer any more, or somebody else."""

    condition = CALDAV + "allowed-organizer-scheduling-object-change"


class AttendeeChangeRefused(Precondition):
    """Only the organizer may change that."""

    condition = CALDAV + "allowed-attendee-scheduling-object-change"
