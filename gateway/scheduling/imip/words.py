"""What mails with iTIP messages say, language by language; times, dates and lists come from CLDR."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.scheduling.itip import News


@dataclass(frozen=True, slots=True)
class Said:
    """subject: fields title, when. lead: field name, of who sends it."""

    subject: str
    lead: str


@dataclass(frozen=True, slots=True)
class Words:
    """news: by News, answers by PARTSTAT in lower case, "answer" for any other.

    some: leads for news about single dates of a series. partstats: what people answered, beside their names.
    """

    news: Mapping[str, Said]
    some: Mapping[str, str]
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
            "accepted": Said("Accepted: {title}, {when}", "{name} has accepted."),
            "declined": Said("Declined: {title}, {when}", "{name} has declined."),
            "tentative": Said("Perhaps: {title}, {when}", "{name} may come, but has not decided yet."),
            "delegated": Said("Delegated: {title}, {when}", "{name} sends somebody else."),
            News.ANSWER: Said("Answer: {title}, {when}", "{name} has answered."),
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
            "accepted": Said("Zugesagt: {title}, {when}", "{name} hat zugesagt."),
            "declined": Said("Abgelehnt: {title}, {when}", "{name} hat abgelehnt."),
            "tentative": Said("Vielleicht: {title}, {when}", "{name} kommt vielleicht, das steht noch nicht fest."),
            "delegated": Said("Übertragen: {title}, {when}", "{name} schickt jemand anderen."),
            News.ANSWER: Said("Antwort: {title}, {when}", "{name} hat geantwortet."),
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
    ),
}


def words(language: str) -> Words:
    """Those of the language of a locale; English for languages we do not speak."""
    return WORDS.get(language.replace("-", "_").partition("_")[0].lower(), WORDS["en"])
