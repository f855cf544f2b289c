"""What booking mails say, language by language; times and dates come from CLDR."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """Fields in braces: title, name (the other one), when (a short date and time), host, invitee.

    host_*: to the one who is booked; guest_*: to the one who booked.
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


WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        subject_booked="Booked: {title} with {name}, {when}",
        subject_rescheduled="New time: {title} with {name}, {when}",
        subject_cancelled="Cancelled: {title} with {name}, {when}",
        guest_booked="Your appointment with {host} is booked.",
        guest_rescheduled="Your appointment with {host} has a new time.",
        guest_cancelled="Your appointment with {host} is cancelled.",
        host_booked="{invitee} has booked an appointment with you.",
        host_rescheduled="The appointment with {invitee} has a new time.",
        host_cancelled="The appointment with {invitee} is cancelled.",
        subject_requested="Requested: {title} with {name}, {when}",
        subject_confirmed="Confirmed: {title} with {name}, {when}",
        subject_declined="Declined: {title} with {name}, {when}",
        guest_requested="Your request has gone to {host}. You will get a mail as soon as it is answered.",
        guest_confirmed="{host} has confirmed your appointment.",
        guest_declined="Unfortunately {host} cannot take this appointment.",
        host_requested="{invitee} asks you for an appointment.",
        host_confirmed="The appointment with {invitee} is confirmed.",
        host_declined="The appointment with {invitee} was declined.",
        when="When",
        before="Before",
        clock_of="For {name}",
        where="Where",
        other="With",
        note="Note",
        reason="Reason",
        change="Something came up?",
        again="Would you like another time?",
        reschedule="Choose another time",
        cancel="Cancel the appointment",
        book_again="Book another appointment",
        decide="Does this suit you?",
        confirm="Confirm",
        decline="Decline",
        no_account="No account is needed. The calendar file is attached.",
    ),
    "de": Words(
        subject_booked="Gebucht: {title} mit {name}, {when}",
        subject_rescheduled="Neue Zeit: {title} mit {name}, {when}",
        subject_cancelled="Abgesagt: {title} mit {name}, {when}",
        guest_booked="Ihr Termin mit {host} ist gebucht.",
        guest_rescheduled="Ihr Termin mit {host} hat eine neue Zeit.",
        guest_cancelled="Ihr Termin mit {host} ist abgesagt.",
        host_booked="{invitee} hat einen Termin mit Ihnen gebucht.",
        host_rescheduled="Der Termin mit {invitee} hat eine neue Zeit.",
        host_cancelled="Der Termin mit {invitee} ist abgesagt.",
        subject_requested="Angefragt: {title} mit {name}, {when}",
        subject_confirmed="Bestätigt: {title} mit {name}, {when}",
        subject_declined="Abgelehnt: {title} mit {name}, {when}",
        guest_requested="Ihre Anfrage ist bei {host}. Sie erhalten eine E-Mail, sobald sie beantwortet ist.",
        guest_confirmed="Ihr Termin mit {host} ist bestätigt.",
        guest_declined="Ihr Termin mit {host} kann leider nicht stattfinden.",
        host_requested="{invitee} bittet Sie um einen Termin.",
        host_confirmed="Der Termin mit {invitee} ist bestätigt.",
        host_declined="Der Termin mit {invitee} ist abgelehnt.",
        when="Wann",
        before="Bisher",
        clock_of="Bei {name}",
        where="Wo",
        other="Mit",
        note="Nachricht",
        reason="Grund",
        change="Ist Ihnen etwas dazwischengekommen?",
        again="Möchten Sie einen anderen Termin?",
        reschedule="Andere Zeit wählen",
        cancel="Termin absagen",
        book_again="Neuen Termin buchen",
        decide="Passt Ihnen das?",
        confirm="Bestätigen",
        decline="Ablehnen",
        no_account="Sie brauchen dafür kein Konto. Die Kalenderdatei ist angehängt.",
    ),
}


def words(language: str) -> Words:
    """Those of the language of a locale such as "de", "de_AT" or "de-CH"; English for languages we do not speak."""
    return WORDS.get(language.replace("-", "_").partition("_")[0].lower(), WORDS["en"])
