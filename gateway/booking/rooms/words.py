"""What a host is told about a room that is missing, or left over."""

from collections.abc import Mapping
from typing import Final

from gateway.booking.model import said

# Kind of trouble -> words by language. {provider}: as people know it.
TROUBLES: Final[Mapping[str, Mapping[str, str]]] = {
    "no-account": {
        "en": "No account is connected that {provider} rooms can be made with. Connect one on your page, and the"
        " room is made and its address sent to all. Or tell your guest where to meet by changing the place of"
        " the event.",
        "de": "Es ist kein Konto verbunden, mit dem Räume bei {provider} angelegt werden können. Verbinden Sie"
        " eines auf Ihrer Seite, dann wird der Raum angelegt und seine Adresse allen geschickt. Oder ändern"
        " Sie den Ort des Termins, dann erfährt Ihr Gast ihn.",
        "es": "No hay ninguna cuenta conectada con la que crear salas de {provider}. Conecte una en su página: la"
        " sala se creará y su dirección se enviará a todos. También puede cambiar el lugar de la cita para que"
        " su invitado lo sepa.",
        "fr": "Aucun compte permettant de créer des salles {provider} n’est connecté. Connectez-en un sur votre"
        " page\u202f: la salle sera créée et son adresse envoyée à tous. Vous pouvez aussi changer le lieu du"
        " rendez-vous pour en informer votre invité.",
    },
    "no-calendar": {
        "en": "{provider} makes rooms for events in its own calendars only, and this one is in another calendar, or"
        " in none. Choose one of its calendars for new events on your page, for the next booking. For this"
        " one, tell your guest where to meet by changing the place of the event.",
        "de": "{provider} legt Räume nur für Termine in den eigenen Kalendern an, und dieser steht in einem anderen"
        " Kalender oder in keinem. Wählen Sie auf Ihrer Seite für neue Termine einen Kalender von dort, dann"
        " klappt es bei der nächsten Buchung. Ändern Sie bei dieser den Ort des Termins, dann erfährt Ihr Gast"
        " ihn.",
        "es": "{provider} solo crea salas para las citas de sus propios calendarios, y esta está en otro o en"
        " ninguno. Elija en su página uno de ellos para las citas nuevas, de cara a la próxima reserva. Para"
        " esta, cambie el lugar de la cita para que su invitado lo sepa.",
        "fr": "{provider} ne crée de salles que pour les rendez-vous de ses propres agendas, et celui-ci est dans"
        " un autre ou dans aucun. Choisissez sur votre page l’un d’eux pour les nouveaux rendez-vous, en vue"
        " de la prochaine réservation. Pour celui-ci, changez le lieu du rendez-vous pour en informer votre"
        " invité.",
    },
    "signed-out": {
        "en": "The sign-in at {provider} has ended. Sign in again on your page; the room is then made, or changed,"
        " by itself.",
        "de": "Die Anmeldung bei {provider} hat geendet. Melden Sie sich auf Ihrer Seite wieder an; der Raum wird"
        " dann von selbst angelegt oder geändert.",
        "es": "La sesión en {provider} ha terminado. Iníciela de nuevo en su página; la sala se creará o cambiará"
        " automáticamente.",
        "fr": "La connexion à {provider} a pris fin. Reconnectez-vous sur votre page\u202f; la salle sera alors créée"
        " ou modifiée automatiquement.",
    },
    "too-little": {
        "en": "The sign-in at {provider} allows too little to make rooms. Sign in again on your page and allow all"
        " that is asked for.",
        "de": "Die Anmeldung bei {provider} erlaubt zu wenig, um Räume anzulegen. Melden Sie sich auf Ihrer Seite"
        " wieder an und erlauben Sie alles, worum gebeten wird.",
        "es": "Los permisos concedidos en {provider} no bastan para crear salas. Inicie sesión de nuevo en su"
        " página y conceda todos los que se le pidan.",
        "fr": "Les autorisations accordées à {provider} ne suffisent pas pour créer des salles. Reconnectez-vous"
        " sur votre page et accordez toutes celles qui vous sont demandées.",
    },
    "unreachable": {
        "en": "{provider} has not answered for a while. We keep trying; once it works, you and your guest get a"
        " mail. If it takes too long, change the place of the event, and your guest is told.",
        "de": "{provider} antwortet seit einer Weile nicht. Wir versuchen es weiter; sobald es geht, bekommen Sie"
        " und Ihr Gast eine Mail. Dauert es zu lange, ändern Sie den Ort des Termins, dann erfährt Ihr Gast"
        " ihn.",
        "es": "{provider} no responde desde hace un rato. Seguimos intentándolo; cuando funcione, usted y su"
        " invitado recibirán un correo. Si tarda demasiado, cambie el lugar de la cita para que su invitado lo"
        " sepa.",
        "fr": "{provider} ne répond pas depuis un moment. Nous continuons d’essayer\u202f; dès que possible, vous et"
        " votre invité recevrez un e-mail. Si cela dure trop longtemps, changez le lieu du rendez-vous pour en"
        " informer votre invité.",
    },
    "refused": {
        "en": "{provider} does not accept this request. Please tell your guest where to meet by changing the place"
        " of the event; your admin finds the reason with the command gateway doctor.",
        "de": "{provider} nimmt die Anfrage nicht an. Bitte ändern Sie den Ort des Termins, dann erfährt Ihr Gast"
        " ihn; den Grund findet Ihre Administration mit dem Befehl gateway doctor.",
        "es": "{provider} no acepta la solicitud. Cambie el lugar de la cita para que su invitado lo sepa; su"
        " administrador encontrará el motivo con la orden gateway doctor.",
        "fr": "{provider} n’accepte pas la demande. Veuillez changer le lieu du rendez-vous pour en informer votre"
        " invité\u202f; votre administrateur en trouvera la raison avec la commande gateway doctor.",
    },
    "left": {
        "en": "The room at {provider} is not needed any more, and could not be removed there. Please delete it"
        " yourself.",
        "de": "Der Raum bei {provider} wird nicht mehr gebraucht und konnte dort nicht entfernt werden. Bitte"
        " löschen Sie ihn selbst.",
        "es": "La sala de {provider} ya no se necesita y no se ha podido eliminar. Elimínela usted mismo, por favor.",
        "fr": "La salle {provider} n’est plus nécessaire et n’a pas pu être supprimée. Veuillez la supprimer"
        " vous-même.",
    },
}


def said_of(trouble: str, locale: str, provider: str) -> str:
    return said(TROUBLES[trouble], locale).format(provider=provider)
