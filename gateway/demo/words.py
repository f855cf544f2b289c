"""What the demo's own pages say."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Demo",
        "intro": "What is in the simulated clouds. These buttons do there what their owners would do in their calendar;"
        " the clouds tell the gateway, which sees it at once.",
        "done": "Done there. Give the gateway a moment to look.",
        "mails": "Mails that were sent",
        "no_mails": "None yet. Book something:",
        "page": "Alice's booking page",
        "sign_in": "Sign in (alice, bob or carol; password demo)",
        "connect": "To connect clouds as a newcomer would: sign in as carol. She has an account at each that is not"
        " connected yet.",
        "access": "Apps with access at",
        "new": "New event",
        "example": "Short-notice meeting",
        "begins": "Begins",
        "add": "Add it there",
        "event": "Event",
        "series": "series",
        "later": "An hour later",
        "delete": "Delete",
        "html": "As HTML",
        "calendar": "Calendar part",
        "source": "Source",
        "answer_as": "Answer as",
        "accept": "Accept",
        "tentative": "Perhaps",
        "decline": "Decline",
        "propose": "Propose this time",
        "read": "The answer came back by mail and was read. It is in the calendar now.",
        "nothing": "The answer came back by mail and was read; it changed nothing.",
    },
    "de": {
        "title": "Demo",
        "intro": "Was in den nachgebildeten Clouds steht. Diese Knöpfe tun dort, was die Besitzer im Kalender täten;"
        " die Clouds sagen es dem Gateway, das es sofort sieht.",
        "done": "Dort erledigt. Geben Sie dem Gateway einen Augenblick zum Nachsehen.",
        "mails": "Verschickte Mails",
        "no_mails": "Noch keine. Buchen Sie etwas:",
        "page": "Alices Buchungsseite",
        "sign_in": "Anmelden (alice, bob oder carol; Passwort demo)",
        "connect": "So verbinden Sie Clouds wie beim ersten Mal: Melden Sie sich als carol an. Sie hat bei beiden ein"
        " Konto, das noch nicht verbunden ist.",
        "access": "Apps mit Zugriff bei",
        "new": "Neuer Termin",
        "example": "Kurzfristiger Termin",
        "begins": "Beginn",
        "add": "Dort eintragen",
        "event": "Termin",
        "series": "Serie",
        "later": "Eine Stunde später",
        "delete": "Löschen",
        "html": "Als HTML",
        "calendar": "Kalenderteil",
        "source": "Quelltext",
        "answer_as": "Antworten als",
        "accept": "Zusagen",
        "tentative": "Vielleicht",
        "decline": "Ablehnen",
        "propose": "Diese Zeit vorschlagen",
        "read": "Die Antwort kam als Mail zurück und wurde gelesen. Sie steht jetzt im Kalender.",
        "nothing": "Die Antwort kam als Mail zurück und wurde gelesen; sie hat nichts geändert.",
    },
}
