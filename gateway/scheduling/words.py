"""What booking mails say, language by language; times and dates come from CLDR."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.scheduling import clock


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
    proposal: str
    take_proposal: str
    colon: str
    subject_guests: str
    guest_guests: str
    host_guests: str
    guests: str
    subject_invited: str
    third_invited: str
    third_rescheduled: str
    third_changed: str
    third_cancelled: str
    unwanted: str
    leave: str


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
        not_me="You did not book this?",
        subject_changed="New place: {title} with {name}, {when}",
        guest_changed="The place of your appointment with {host} has changed.",
        host_changed="The place of the appointment with {invitee} has changed.",
        subject_said_yes="Accepted: {title} with {name}, {when}",
        host_said_yes="{invitee} will come after all.",
        subject_said_maybe="Uncertain: {title} with {name}, {when}",
        host_said_maybe="{invitee} is not sure to come. The appointment stands until one of you changes it.",
        subject_said_no="Invitation declined: {title} with {name}, {when}",
        host_said_no="{invitee} has declined the invitation. The appointment stands, and its time stays taken, "
        "until one of you cancels it.",
        subject_proposed="Another time proposed: {title} with {name}, {when}",
        host_proposed="{invitee} would rather have another time. The appointment stands until you move it.",
        subject_overlaps="Overlaps: {title} with {name}, {when}",
        host_overlaps="The appointment with {invitee} now overlaps another booking.",
        subject_unclear="Without a time: {title} with {name}, {when}",
        host_unclear="In your calendar the appointment with {invitee} has no single time any more: it lasts all day, "
        "or repeats. The booking stays as it was, and {invitee} was told nothing.",
        subject_left="Taken out of a calendar: {title} with {name}, {when}",
        host_left="{by} has taken the appointment with {invitee} out of their calendar. It stands as long as another "
        "host has it; {invitee} was told nothing.",
        subject_room="About the room: {title} with {name}, {when}",
        host_room="Something is wrong with the {by} room of the appointment with {invitee}. "
        "The appointment stands as it is.",
        proposal="Proposed",
        take_proposal="Move it to the proposed time",
        colon=":",
        subject_guests="Guests: {title} with {name}, {when}",
        guest_guests="Further guests have been invited to your appointment with {host}.",
        host_guests="Further guests have been invited to the appointment with {invitee}.",
        guests="Guests",
        subject_invited="Invitation: {title} with {name}, {when}",
        third_invited="{invitee} would like you to come to an appointment with {host}.",
        third_rescheduled="The appointment of {invitee} with {host} has a new time.",
        third_changed="The appointment of {invitee} with {host} has a new place.",
        third_cancelled="The appointment of {invitee} with {host} is cancelled.",
        unwanted="Not for you?",
        leave="Take me off this appointment",
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
        not_me="Sie haben das nicht gebucht?",
        subject_changed="Neuer Ort: {title} mit {name}, {when}",
        guest_changed="Ihr Termin mit {host} hat einen neuen Ort.",
        host_changed="Der Termin mit {invitee} hat einen neuen Ort.",
        subject_said_yes="Zugesagt: {title} mit {name}, {when}",
        host_said_yes="{invitee} kommt nun doch.",
        subject_said_maybe="Unsicher: {title} mit {name}, {when}",
        host_said_maybe="{invitee} kommt vielleicht. Der Termin gilt, bis ihn jemand von Ihnen ändert.",
        subject_said_no="Einladung abgelehnt: {title} mit {name}, {when}",
        host_said_no="{invitee} hat die Einladung abgelehnt. Der Termin gilt und seine Zeit bleibt belegt, "
        "bis ihn jemand von Ihnen absagt.",
        subject_proposed="Andere Zeit vorgeschlagen: {title} mit {name}, {when}",
        host_proposed="{invitee} hätte lieber eine andere Zeit. Der Termin gilt, bis Sie ihn verschieben.",
        subject_overlaps="Überschneidung: {title} mit {name}, {when}",
        host_overlaps="Der Termin mit {invitee} überschneidet sich jetzt mit einer anderen Buchung.",
        subject_unclear="Ohne Uhrzeit: {title} mit {name}, {when}",
        host_unclear="In Ihrem Kalender hat der Termin mit {invitee} keine eindeutige Zeit mehr: Er ist ganztägig oder "
        "wiederholt sich. Die Buchung bleibt, wie sie war, und {invitee} hat nichts davon erfahren.",
        subject_left="Aus einem Kalender entfernt: {title} mit {name}, {when}",
        host_left="{by} hat den Termin mit {invitee} aus dem eigenen Kalender entfernt. Er gilt, solange ihn jemand "
        "von Ihnen noch hat; {invitee} hat nichts davon erfahren.",
        subject_room="Zum Raum: {title} mit {name}, {when}",
        host_room="Mit dem Raum bei {by} für den Termin mit {invitee} stimmt etwas nicht. "
        "Am Termin selbst ändert das nichts.",
        proposal="Vorschlag",
        take_proposal="Auf die vorgeschlagene Zeit verschieben",
        colon=":",
        subject_guests="Gäste: {title} mit {name}, {when}",
        guest_guests="Zu Ihrem Termin mit {host} sind weitere Gäste eingeladen.",
        host_guests="Zum Termin mit {invitee} sind weitere Gäste eingeladen.",
        guests="Gäste",
        subject_invited="Einladung: {title} mit {name}, {when}",
        third_invited="{invitee} möchte Sie bei einem Termin mit {host} dabeihaben.",
        third_rescheduled="Der Termin von {invitee} mit {host} hat eine neue Zeit.",
        third_changed="Der Termin von {invitee} mit {host} hat einen neuen Ort.",
        third_cancelled="Der Termin von {invitee} mit {host} ist abgesagt.",
        unwanted="Betrifft Sie das nicht?",
        leave="Von diesem Termin abmelden",
    ),
    "es": Words(
        subject_booked="Cita reservada: {title} con {name}, {when}",
        subject_rescheduled="Cita cambiada: {title} con {name}, {when}",
        subject_cancelled="Cita cancelada: {title} con {name}, {when}",
        guest_booked="Su cita con {host} está reservada.",
        guest_rescheduled="Su cita con {host} tiene un nuevo horario.",
        guest_cancelled="Su cita con {host} ha sido cancelada.",
        host_booked="{invitee} ha reservado una cita con usted.",
        host_rescheduled="La cita con {invitee} tiene un nuevo horario.",
        host_cancelled="La cita con {invitee} ha sido cancelada.",
        subject_requested="Cita solicitada: {title} con {name}, {when}",
        subject_confirmed="Cita confirmada: {title} con {name}, {when}",
        subject_declined="Cita rechazada: {title} con {name}, {when}",
        guest_requested="Hemos enviado su solicitud a {host}. Recibirá un correo en cuanto haya una respuesta.",
        guest_confirmed="Su cita con {host} está confirmada.",
        guest_declined="Lamentablemente, su cita con {host} no puede tener lugar.",
        host_requested="{invitee} solicita una cita con usted.",
        host_confirmed="La cita con {invitee} está confirmada.",
        host_declined="La cita con {invitee} ha sido rechazada.",
        when="Cuándo",
        before="Antes",
        clock_of="Para {name}",
        where="Dónde",
        other="Con",
        note="Mensaje",
        reason="Motivo",
        change="¿Le ha surgido un imprevisto?",
        again="¿Desea otra cita?",
        reschedule="Elegir otra hora",
        cancel="Cancelar la cita",
        book_again="Reservar otra cita",
        decide="¿Le viene bien?",
        confirm="Confirmar",
        decline="Rechazar",
        no_account="No necesita ninguna cuenta. El archivo de calendario va adjunto.",
        not_me="¿No lo ha reservado usted?",
        subject_changed="Nuevo lugar: {title} con {name}, {when}",
        guest_changed="El lugar de su cita con {host} ha cambiado.",
        host_changed="El lugar de la cita con {invitee} ha cambiado.",
        subject_said_yes="Aceptada: {title} con {name}, {when}",
        host_said_yes="{invitee} vendrá finalmente.",
        subject_said_maybe="Sin seguridad: {title} con {name}, {when}",
        host_said_maybe="{invitee} quizá venga. La cita se mantiene hasta que uno de ustedes la cambie.",
        subject_said_no="Invitación rechazada: {title} con {name}, {when}",
        host_said_no="{invitee} ha rechazado la invitación. La cita se mantiene y su hora sigue ocupada hasta "
        "que uno de "
        "ustedes la cancele.",
        subject_proposed="Otra hora propuesta: {title} con {name}, {when}",
        host_proposed="{invitee} preferiría otra hora. La cita se mantiene hasta que usted la cambie.",
        subject_overlaps="Coincide con otra: {title} con {name}, {when}",
        host_overlaps="La cita con {invitee} coincide ahora con otra reserva.",
        subject_unclear="Sin hora: {title} con {name}, {when}",
        host_unclear="En su calendario, la cita con {invitee} ya no tiene una única hora: dura todo el día o "
        "se repite. La "
        "reserva queda como estaba y no se ha avisado a {invitee}.",
        subject_left="Retirada de un calendario: {title} con {name}, {when}",
        host_left="{by} ha retirado de su calendario la cita con {invitee}. Se mantiene mientras alguno de ustedes la "
        "conserve; no se ha avisado a {invitee}.",
        subject_room="Acerca de la sala: {title} con {name}, {when}",
        host_room="Hay un problema con la sala de {by} para la cita con {invitee}. La cita no cambia.",
        proposal="Propuesta",
        take_proposal="Pasarla a la hora propuesta",
        colon=":",
        subject_guests="Invitados: {title} con {name}, {when}",
        guest_guests="Se ha invitado a más personas a su cita con {host}.",
        host_guests="Se ha invitado a más personas a la cita con {invitee}.",
        guests="Invitados",
        subject_invited="Invitación: {title} con {name}, {when}",
        third_invited="{invitee} desea que usted asista a una cita con {host}.",
        third_rescheduled="La cita de {invitee} con {host} tiene un nuevo horario.",
        third_changed="El lugar de la cita de {invitee} con {host} ha cambiado.",
        third_cancelled="La cita de {invitee} con {host} ha sido cancelada.",
        unwanted="¿No es para usted?",
        leave="Darme de baja de esta cita",
    ),
    "fr": Words(
        subject_booked="Rendez-vous réservé\u202f: {title} avec {name}, {when}",
        subject_rescheduled="Rendez-vous déplacé\u202f: {title} avec {name}, {when}",
        subject_cancelled="Rendez-vous annulé\u202f: {title} avec {name}, {when}",
        guest_booked="Votre rendez-vous avec {host} est réservé.",
        guest_rescheduled="Votre rendez-vous avec {host} a été déplacé.",
        guest_cancelled="Votre rendez-vous avec {host} est annulé.",
        host_booked="{invitee} a pris rendez-vous avec vous.",
        host_rescheduled="Le rendez-vous avec {invitee} a été déplacé.",
        host_cancelled="Le rendez-vous avec {invitee} est annulé.",
        subject_requested="Rendez-vous demandé\u202f: {title} avec {name}, {when}",
        subject_confirmed="Rendez-vous confirmé\u202f: {title} avec {name}, {when}",
        subject_declined="Rendez-vous refusé\u202f: {title} avec {name}, {when}",
        guest_requested="Votre demande a été transmise à {host}. Vous recevrez un e-mail dès qu’elle aura reçu une"
        " réponse.",
        guest_confirmed="Votre rendez-vous avec {host} est confirmé.",
        guest_declined="Malheureusement, votre rendez-vous avec {host} ne peut pas avoir lieu.",
        host_requested="{invitee} vous demande un rendez-vous.",
        host_confirmed="Le rendez-vous avec {invitee} est confirmé.",
        host_declined="Le rendez-vous avec {invitee} a été refusé.",
        when="Quand",
        before="Auparavant",
        clock_of="Pour {name}",
        where="Où",
        other="Avec",
        note="Message",
        reason="Motif",
        change="Avez-vous un empêchement\u202f?",
        again="Souhaitez-vous un autre rendez-vous\u202f?",
        reschedule="Choisir un autre horaire",
        cancel="Annuler le rendez-vous",
        book_again="Prendre un autre rendez-vous",
        decide="Cela vous convient-il\u202f?",
        confirm="Confirmer",
        decline="Refuser",
        no_account="Aucun compte n’est nécessaire. Le fichier de calendrier est joint.",
        not_me="Ce n’est pas vous qui avez réservé\u202f?",
        subject_changed="Nouveau lieu\u202f: {title} avec {name}, {when}",
        guest_changed="Le lieu de votre rendez-vous avec {host} a changé.",
        host_changed="Le lieu du rendez-vous avec {invitee} a changé.",
        subject_said_yes="Accepté\u202f: {title} avec {name}, {when}",
        host_said_yes="{invitee} viendra finalement.",
        subject_said_maybe="Incertain\u202f: {title} avec {name}, {when}",
        host_said_maybe="{invitee} viendra peut-être. Le rendez-vous est maintenu tant que personne ne le change.",
        subject_said_no="Invitation refusée\u202f: {title} avec {name}, {when}",
        host_said_no="{invitee} a refusé l’invitation. Le rendez-vous est maintenu et son horaire reste pris tant que "
        "personne ne l’annule.",
        subject_proposed="Autre horaire proposé\u202f: {title} avec {name}, {when}",
        host_proposed="{invitee} préférerait un autre horaire. Le rendez-vous est maintenu tant que vous ne "
        "le déplacez "
        "pas.",
        subject_overlaps="Chevauchement\u202f: {title} avec {name}, {when}",
        host_overlaps="Le rendez-vous avec {invitee} chevauche maintenant une autre réservation.",
        subject_unclear="Sans horaire\u202f: {title} avec {name}, {when}",
        host_unclear="Dans votre calendrier, le rendez-vous avec {invitee} n’a plus d’horaire unique\u202f: "
        "il dure toute "
        "la journée ou se répète. La réservation reste inchangée et {invitee} n’a pas été averti.",
        subject_left="Retiré d’un calendrier\u202f: {title} avec {name}, {when}",
        host_left="{by} a retiré de son calendrier le rendez-vous avec {invitee}. Il est maintenu tant que "
        "l’un de vous le "
        "garde\u202f; {invitee} n’a pas été averti.",
        subject_room="À propos de la salle\u202f: {title} avec {name}, {when}",
        host_room="Il y a un problème avec la salle {by} du rendez-vous avec {invitee}. Le rendez-vous reste inchangé.",
        proposal="Proposition",
        take_proposal="Déplacer à l’horaire proposé",
        colon="\u202f:",
        subject_guests="Invités\u202f: {title} avec {name}, {when}",
        guest_guests="D’autres personnes ont été invitées à votre rendez-vous avec {host}.",
        host_guests="D’autres personnes ont été invitées au rendez-vous avec {invitee}.",
        guests="Invités",
        subject_invited="Invitation\u202f: {title} avec {name}, {when}",
        third_invited="{invitee} souhaite votre présence à un rendez-vous avec {host}.",
        third_rescheduled="Le rendez-vous de {invitee} avec {host} a été déplacé.",
        third_changed="Le lieu du rendez-vous de {invitee} avec {host} a changé.",
        third_cancelled="Le rendez-vous de {invitee} avec {host} est annulé.",
        unwanted="Cela ne vous concerne pas\u202f?",
        leave="Me retirer de ce rendez-vous",
    ),
}


def words(language: str) -> Words:
    """Those of the language of a locale such as "de", "de_AT" or "de-CH"; English for languages we do not speak."""
    return WORDS[clock.code(language)]
