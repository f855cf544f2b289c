"""What mails with iTIP messages say, language by language; times, dates and lists come from CLDR."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.scheduling import clock
from gateway.scheduling.itip import News


@dataclass(frozen=True, slots=True)
class Said:
    """subject: fields title, when. lead: field name, of who sends it."""

    subject: str
    lead: str


@dataclass(frozen=True, slots=True)
class Words:
    """news: by News. answers: by PARTSTAT in lower case; any other is plain news.

    colon: with the blank in front that some languages want.
    some: leads for news about single dates of a series. partstats: what people answered, beside their names.
    """

    news: Mapping[News, Said]
    answers: Mapping[str, Said]
    some: Mapping[News, str]
    partstats: Mapping[str, str]
    when: str
    where: str
    link: str
    repeats: str
    organizer: str
    people: str
    note: str
    comment: str
    dates: str
    proposed: str
    until_now: str
    changed: str
    cancelled: str
    untitled: str
    more: str
    please: str
    please_again: str
    decide: str
    attached: str
    colon: str


WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        news={
            News.INVITATION: Said("Invitation: {title}, {when}", "{name} invites you."),
            News.RESCHEDULED: Said(
                "New time: {title}, {when}", "{name} has moved this event. Please answer once more."
            ),
            News.CHANGED: Said("Changed: {title}, {when}", "{name} has changed this event."),
            News.REMINDER: Said("Invitation, sent again: {title}, {when}", "{name} sends you this event as it stands."),
            News.CANCELLED: Said("Cancelled: {title}, {when}", "{name} has cancelled this event."),
            News.UNINVITED: Said(
                "Invitation withdrawn: {title}, {when}", "{name} has withdrawn your invitation. You need not come."
            ),
            News.DELEGATED: Said("Delegated to you: {title}, {when}", "{name} asks you to come in their place."),
            News.PROPOSAL: Said("New time proposed: {title}, {when}", "{name} proposes another time."),
            News.PROPOSAL_DECLINED: Said(
                "Stays as it is: {title}, {when}", "{name} has received your proposal and keeps the event as it is."
            ),
            News.QUESTION: Said("Please send again: {title}", "{name} asks you to send this event as it stands."),
            News.ANSWER: Said("Answer: {title}, {when}", "{name} has answered."),
        },
        answers={
            "accepted": Said("Accepted: {title}, {when}", "{name} has accepted."),
            "declined": Said("Declined: {title}, {when}", "{name} has declined."),
            "tentative": Said("Perhaps: {title}, {when}", "{name} may come, but has not decided yet."),
            "delegated": Said("Delegated: {title}, {when}", "{name} sends somebody else."),
        },
        some={
            News.CANCELLED: "{name} has cancelled single dates of this series.",
            News.UNINVITED: "{name} has withdrawn your invitation to single dates of this series.",
            News.RESCHEDULED: "{name} has moved single dates of this series. Please answer once more.",
            News.CHANGED: "{name} has changed single dates of this series.",
        },
        partstats={
            "ACCEPTED": "accepted",
            "DECLINED": "declined",
            "TENTATIVE": "perhaps",
            "DELEGATED": "delegated",
            "NEEDS-ACTION": "no answer yet",
        },
        when="When",
        where="Where",
        link="Link",
        repeats="Repeats",
        organizer="Organizer",
        people="Invited",
        note="Description",
        comment="Message",
        dates="Single dates",
        proposed="Proposed",
        until_now="Until now",
        changed="changed",
        cancelled="cancelled",
        untitled="(no title)",
        more="and {count} more",
        please="Please answer with the buttons of your calendar program. A reply to this mail reaches {name}.",
        please_again="Your calendar program takes this over by itself, or when you open the attached file.",
        decide="Accept the proposal by moving the event in your calendar, or decline it by leaving it as it is.",
        attached="No account is needed. The calendar file is attached.",
        colon=":",
    ),
    "de": Words(
        news={
            News.INVITATION: Said("Einladung: {title}, {when}", "{name} lädt Sie ein."),
            News.RESCHEDULED: Said(
                "Neue Zeit: {title}, {when}", "{name} hat diesen Termin verschoben. Bitte antworten Sie noch einmal."
            ),
            News.CHANGED: Said("Geändert: {title}, {when}", "{name} hat diesen Termin geändert."),
            News.REMINDER: Said(
                "Einladung, erneut gesendet: {title}, {when}", "{name} schickt Ihnen den Termin auf heutigem Stand."
            ),
            News.CANCELLED: Said("Abgesagt: {title}, {when}", "{name} hat diesen Termin abgesagt."),
            News.UNINVITED: Said(
                "Einladung zurückgenommen: {title}, {when}",
                "{name} hat Ihre Einladung zurückgenommen. Sie brauchen nicht zu kommen.",
            ),
            News.DELEGATED: Said(
                "Ihnen übertragen: {title}, {when}", "{name} bittet Sie, die Teilnahme zu übernehmen."
            ),
            News.PROPOSAL: Said("Neue Zeit vorgeschlagen: {title}, {when}", "{name} schlägt eine andere Zeit vor."),
            News.PROPOSAL_DECLINED: Said(
                "Bleibt wie geplant: {title}, {when}",
                "{name} hat Ihren Vorschlag erhalten und lässt den Termin, wie er ist.",
            ),
            News.QUESTION: Said(
                "Bitte erneut senden: {title}", "{name} bittet Sie, den Termin auf heutigem Stand zu schicken."
            ),
            News.ANSWER: Said("Antwort: {title}, {when}", "{name} hat geantwortet."),
        },
        answers={
            "accepted": Said("Zugesagt: {title}, {when}", "{name} hat zugesagt."),
            "declined": Said("Abgelehnt: {title}, {when}", "{name} hat abgelehnt."),
            "tentative": Said("Vielleicht: {title}, {when}", "{name} kommt vielleicht, das steht noch nicht fest."),
            "delegated": Said("Übertragen: {title}, {when}", "{name} schickt jemand anderen."),
        },
        some={
            News.CANCELLED: "{name} hat einzelne Termine dieser Serie abgesagt.",
            News.UNINVITED: "{name} hat Ihre Einladung zu einzelnen Terminen dieser Serie zurückgenommen.",
            News.RESCHEDULED: "{name} hat einzelne Termine dieser Serie verschoben. Bitte antworten Sie noch einmal.",
            News.CHANGED: "{name} hat einzelne Termine dieser Serie geändert.",
        },
        partstats={
            "ACCEPTED": "zugesagt",
            "DECLINED": "abgelehnt",
            "TENTATIVE": "vielleicht",
            "DELEGATED": "übertragen",
            "NEEDS-ACTION": "noch keine Antwort",
        },
        when="Wann",
        where="Wo",
        link="Link",
        repeats="Wiederholt sich",
        organizer="Organisiert von",
        people="Eingeladen",
        note="Beschreibung",
        comment="Nachricht",
        dates="Einzelne Termine",
        proposed="Vorgeschlagen",
        until_now="Bisher",
        changed="geändert",
        cancelled="abgesagt",
        untitled="(ohne Titel)",
        more="und {count} weitere",
        please="Bitte antworten Sie mit den Knöpfen Ihres Kalenderprogramms. Eine Antwort auf diese Mail erreicht"
        " {name}.",
        please_again="Ihr Kalenderprogramm übernimmt das von selbst oder wenn Sie die angehängte Datei öffnen.",
        decide="Sie nehmen den Vorschlag an, indem Sie den Termin in Ihrem Kalender verschieben, und lehnen ihn ab,"
        " indem Sie ihn lassen, wie er ist.",
        attached="Sie brauchen dafür kein Konto. Die Kalenderdatei ist angehängt.",
        colon=":",
    ),
    "es": Words(
        news={
            News.INVITATION: Said("Invitación: {title}, {when}", "{name} le invita a este evento."),
            News.RESCHEDULED: Said(
                "Nuevo horario: {title}, {when}",
                "{name} ha cambiado el horario de este evento. Le rogamos que responda de nuevo.",
            ),
            News.CHANGED: Said("Evento modificado: {title}, {when}", "{name} ha modificado este evento."),
            News.REMINDER: Said(
                "Invitación reenviada: {title}, {when}", "{name} le envía este evento en su estado actual."
            ),
            News.CANCELLED: Said("Evento cancelado: {title}, {when}", "{name} ha cancelado este evento."),
            News.UNINVITED: Said(
                "Invitación retirada: {title}, {when}",
                "{name} ha retirado la invitación que le había enviado. No es necesario que asista.",
            ),
            News.DELEGATED: Said(
                "Asistencia delegada en usted: {title}, {when}", "{name} le pide que asista en su lugar."
            ),
            News.PROPOSAL: Said("Nuevo horario propuesto: {title}, {when}", "{name} propone otro horario."),
            News.PROPOSAL_DECLINED: Said(
                "Se mantiene el horario: {title}, {when}",
                "{name} ha recibido su propuesta y mantiene el evento como estaba.",
            ),
            News.QUESTION: Said(
                "Solicitud de reenvío: {title}", "{name} le pide que envíe este evento en su estado actual."
            ),
            News.ANSWER: Said("Respuesta: {title}, {when}", "{name} ha respondido."),
        },
        answers={
            "accepted": Said("Aceptado: {title}, {when}", "{name} ha aceptado la invitación."),
            "declined": Said("Rechazado: {title}, {when}", "{name} ha rechazado la invitación."),
            "tentative": Said("Quizás: {title}, {when}", "{name} quizás asista, pero aún no lo ha decidido."),
            "delegated": Said("Delegado: {title}, {when}", "{name} envía a otra persona."),
        },
        some={
            News.CANCELLED: "{name} ha cancelado algunas fechas de esta serie.",
            News.UNINVITED: "{name} ha retirado la invitación que le había enviado para algunas fechas de esta serie.",
            News.RESCHEDULED: "{name} ha cambiado el horario de algunas fechas de esta serie. Le rogamos que responda"
            " de nuevo.",
            News.CHANGED: "{name} ha modificado algunas fechas de esta serie.",
        },
        partstats={
            "ACCEPTED": "ha aceptado",
            "DECLINED": "ha rechazado",
            "TENTATIVE": "quizás",
            "DELEGATED": "ha delegado",
            "NEEDS-ACTION": "sin respuesta",
        },
        when="Cuándo",
        where="Dónde",
        link="Enlace",
        repeats="Se repite",
        organizer="Organiza",
        people="Personas invitadas",
        note="Descripción",
        comment="Mensaje",
        dates="Fechas individuales",
        proposed="Propuesta",
        until_now="Hasta ahora",
        changed="modificado",
        cancelled="cancelada",
        untitled="(sin título)",
        more="y {count} más",
        please="Le rogamos que responda con los botones de su programa de calendario. Si contesta a este correo, su"
        " mensaje llegará a {name}.",
        please_again="Su programa de calendario lo incorporará automáticamente o cuando usted abra el archivo adjunto.",
        decide="Para aceptar la propuesta, mueva el evento en su calendario; para rechazarla, déjelo como está.",
        attached="No necesita ninguna cuenta. El archivo de calendario va adjunto.",
        colon=":",
    ),
    "fr": Words(
        news={
            News.INVITATION: Said("Invitation\u202f: {title}, {when}", "{name} vous invite à cet événement."),
            News.RESCHEDULED: Said(
                "Nouvel horaire\u202f: {title}, {when}", "{name} a déplacé cet événement. Merci de répondre à nouveau."
            ),
            News.CHANGED: Said("Événement modifié\u202f: {title}, {when}", "{name} a modifié cet événement."),
            News.REMINDER: Said(
                "Invitation renvoyée\u202f: {title}, {when}",
                "{name} vous envoie cet événement dans son état actuel.",
            ),
            News.CANCELLED: Said("Événement annulé\u202f: {title}, {when}", "{name} a annulé cet événement."),
            News.UNINVITED: Said(
                "Invitation retirée\u202f: {title}, {when}",
                "{name} a retiré votre invitation. Votre présence n’est plus nécessaire.",
            ),
            News.DELEGATED: Said(
                "Participation déléguée\u202f: {title}, {when}", "{name} vous demande de participer à sa place."
            ),
            News.PROPOSAL: Said("Nouvel horaire proposé\u202f: {title}, {when}", "{name} propose un autre horaire."),
            News.PROPOSAL_DECLINED: Said(
                "Horaire maintenu\u202f: {title}, {when}",
                "{name} a bien reçu votre proposition et maintient l’événement tel quel.",
            ),
            News.QUESTION: Said(
                "Demande de renvoi\u202f: {title}",
                "{name} vous demande de renvoyer cet événement dans son état actuel.",
            ),
            News.ANSWER: Said("Réponse\u202f: {title}, {when}", "{name} a répondu."),
        },
        answers={
            "accepted": Said("Accepté\u202f: {title}, {when}", "{name} a accepté l’invitation."),
            "declined": Said("Refusé\u202f: {title}, {when}", "{name} a refusé l’invitation."),
            "tentative": Said(
                "Peut-être\u202f: {title}, {when}", "{name} viendra peut-être, mais n’a pas encore décidé."
            ),
            "delegated": Said("Délégué\u202f: {title}, {when}", "{name} envoie quelqu’un d’autre."),
        },
        some={
            News.CANCELLED: "{name} a annulé certaines dates de cette série.",
            News.UNINVITED: "{name} a retiré votre invitation à certaines dates de cette série.",
            News.RESCHEDULED: "{name} a déplacé certaines dates de cette série. Merci de répondre à nouveau.",
            News.CHANGED: "{name} a modifié certaines dates de cette série.",
        },
        partstats={
            "ACCEPTED": "a accepté",
            "DECLINED": "a refusé",
            "TENTATIVE": "peut-être",
            "DELEGATED": "a délégué",
            "NEEDS-ACTION": "pas encore de réponse",
        },
        when="Quand",
        where="Où",
        link="Lien",
        repeats="Se répète",
        organizer="Organisé par",
        people="Personnes invitées",
        note="Description",
        comment="Message",
        dates="Dates particulières",
        proposed="Proposition",
        until_now="Jusqu’ici",
        changed="modifié",
        cancelled="annulée",
        untitled="(sans titre)",
        more="et {count} de plus",
        please="Merci de répondre avec les boutons de votre logiciel de calendrier. Une réponse à cet e-mail parviendra"
        " à {name}.",
        please_again="Votre logiciel de calendrier en tiendra compte automatiquement, ou lorsque vous ouvrirez le"
        " fichier joint.",
        decide="Pour accepter la proposition, déplacez l’événement dans votre calendrier\u202f; pour la refuser,"
        " laissez-le tel quel.",
        attached="Aucun compte n’est nécessaire. Le fichier de calendrier est joint.",
        colon="\u202f:",
    ),
}


def words(language: str) -> Words:
    """Those of the language of a locale; English for languages we do not speak."""
    return WORDS[clock.code(language)]
