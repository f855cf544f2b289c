"""What booking mails have to say in each language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Fields in braces: title, name (the other one), when (a short date and time), host, invitee,
    by (a host; of a room, its provider).

    colon: with the blank in front that some languages want.
    host_*: to the one who is booked; guest_*: to the one who booked; third_*: to whom that one brings.
    """

    subject_booked: str
    subject_rescheduled: str
    subject_cancelled: str
    guest_booked: str
    guest_rescheduled: str
    guest_cancelled: str
    host_booked: str
    host_rescheduled: str
    host_cancelled: str
    subject_requested: str
    subject_confirmed: str
    subject_declined: str
    guest_requested: str
    guest_confirmed: str
    guest_declined: str
    host_requested: str
    host_confirmed: str
    host_declined: str
    when: str
    before: str
    dates: str
    clock_of: str
    where: str
    other: str
    note: str
    reason: str
    change: str
    again: str
    reschedule: str
    cancel: str
    book_again: str
    decide: str
    confirm: str
    decline: str
    no_account: str
    not_me: str
    subject_changed: str
    guest_changed: str
    host_changed: str
    subject_said_yes: str
    host_said_yes: str
    subject_said_maybe: str
    host_said_maybe: str
    subject_said_no: str
    host_said_no: str
    subject_proposed: str
    host_proposed: str
    subject_overlaps: str
    host_overlaps: str
    subject_unclear: str
    host_unclear: str
    subject_left: str
    host_left: str
    subject_room: str
    host_room: str
    subject_reassigned: str
    guest_reassigned: str
    host_reassigned: str
    subject_handed_over: str
    host_handed_over: str
    subject_date_moved: str
    guest_date_moved: str
    host_date_moved: str
    subject_date_cancelled: str
    guest_date_cancelled: str
    host_date_cancelled: str
    proposal: str
    take_proposal: str
    colon: str
    subject_guests: str
    guest_guests: str
    host_guests: str
    guests: str
    subject_invited: str
    third_invited: str
    subject_uninvited: str
    third_uninvited: str
    third_rescheduled: str
    third_changed: str
    third_cancelled: str
    third_date_moved: str
    third_date_cancelled: str
    unwanted: str
    leave: str
