"""The mail to somebody whose sign-in at a provider has ended: once, until they have signed in again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import blake2b
from typing import Final

from gateway.config import Settings
from gateway.scheduling import clock
from gateway.scheduling.addresses import configured_sender, mailbox, plain
from gateway.scheduling.deliver import deliver, server
from gateway.scheduling.look import write
from gateway.scheduling.mail import LONGEST_SUBJECT
from gateway.store import accounts, principals
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.principals import Principal
from gateway.sync.context import Sync
from gateway.sync.pull import SIGNED_OUT_MAIL

KIND: Final = SIGNED_OUT_MAIL
PROVIDERS: Final[Mapping[str, str]] = {"google": "Google", "outlook": "Outlook", "caldav": "CalDAV"}


@dataclass(frozen=True, slots=True)
class Words:
    """Fields in braces: provider, account."""

    subject: str
    ended: str
    too_little: str
    stays: str
    button: str
    footer: str
    colon: str


WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        subject="Please sign in again: {provider}, {account}",
        ended="The calendars of {account} at {provider} can no longer be read, because the sign-in there has ended: it"
        " was taken back, it has expired, or the password was changed.",
        too_little="The calendars of {account} at {provider} can no longer be read, because the sign-in there allows"
        " too little. Please allow all that is asked for when you sign in again.",
        stays="Until then your last known busy time stays as it is, and what you change meanwhile is kept and sent on"
        " afterwards. Nothing you chose is lost.",
        button="Sign in again",
        footer="If you ended it on purpose, the account can be disconnected on the same page. This mail comes once.",
        colon=":",
    ),
    "de": Words(
        subject="Bitte melden Sie sich wieder an: {provider}, {account}",
        ended="Die Kalender von {account} bei {provider} können nicht mehr gelesen werden, weil die Anmeldung dort"
        " geendet hat: Sie wurde zurückgenommen, ist abgelaufen, oder das Passwort wurde geändert.",
        too_little="Die Kalender von {account} bei {provider} können nicht mehr gelesen werden, weil die Anmeldung dort"
        " zu wenig erlaubt. Bitte erlauben Sie beim nächsten Anmelden alles, worum gebeten wird.",
        stays="Bis dahin bleiben Ihre zuletzt bekannten belegten Zeiten stehen. Was Sie inzwischen ändern, wird"
        " aufbewahrt und danach übertragen. Ihre Einstellungen bleiben erhalten.",
        button="Wieder anmelden",
        footer="Wenn Sie die Anmeldung absichtlich beendet haben, können Sie das Konto auf derselben Seite trennen."
        " Diese Mail kommt nur einmal.",
        colon=":",
    ),
    "es": Words(
        subject="Inicie sesión de nuevo: {provider}, {account}",
        ended="Ya no se pueden leer los calendarios de la cuenta {account} en {provider}, porque la sesión ha"
        " terminado: se retiró el permiso, ha caducado o se cambió la contraseña.",
        too_little="Ya no se pueden leer los calendarios de la cuenta {account} en {provider}, porque los permisos"
        " concedidos no son suficientes. Cuando vuelva a iniciar sesión, conceda todos los que se le pidan.",
        stays="Hasta entonces se conservan sus últimos horarios ocupados conocidos, y lo que usted cambie entretanto se"
        " guarda y se transmite después. No se pierde nada de lo que ha configurado.",
        button="Iniciar sesión de nuevo",
        footer="Si lo hizo a propósito, puede desconectar la cuenta en la misma página. Este correo se envía una sola"
        " vez.",
        colon=":",
    ),
    "fr": Words(
        subject="Merci de vous reconnecter\u202f: {provider}, {account}",
        ended="Les calendriers du compte {account} chez {provider} ne peuvent plus être lus, car la connexion a pris"
        " fin\u202f: l’autorisation a été retirée, elle a expiré ou le mot de passe a été modifié.",
        too_little="Les calendriers du compte {account} chez {provider} ne peuvent plus être lus, car les autorisations"
        " accordées ne suffisent pas. Lors de votre prochaine connexion, veuillez accorder toutes celles qui vous sont"
        " demandées.",
        stays="D’ici là, vos dernières plages occupées connues restent en place, et ce que vous modifiez entre-temps"
        " est conservé puis transmis. Aucun de vos réglages n’est perdu.",
        button="Se reconnecter",
        footer="Si c’était volontaire, vous pouvez déconnecter le compte sur la même page. Cet e-mail n’est envoyé"
        " qu’une seule fois.",
        colon="\u202f:",
    ),
}


async def run_signed_out(sync: Sync, job: Job) -> None:
    """Job kind "signed-out". Where no mail server is set, or the account works again or is gone, nothing is sent.

    Raises: MailUnavailable (again later), MailRefused and other errors of ours (never).
    """
    url = sync.settings.mail.smtp_url.get_secret_value()
    found = await sync.db.read(_of, int(job.payload["account"]))
    if not url or found is None:
        return
    row, owner = found
    if owner.is_outside:  # nobody who could sign in
        return
    message = compose(row, owner, int(job.payload["since"]), sync.settings)
    sender = configured_sender(sync.settings.mail.from_).addr_spec
    await deliver(message, sender=sender, recipient=owner.email, to=server(url))


def _of(conn: Connection, account: int) -> tuple[AccountRow, Principal] | None:
    row = accounts.get(conn, account)
    if row is None or row.state != "signed-out":
        return None
    return row, principals.by_id(conn, row.user_id)


def compose(row: AccountRow, owner: Principal, since: int, settings: Settings) -> EmailMessage:
    """since: epoch seconds when the sign-in was found ended; a mail sent twice has one Message-ID."""
    from_ = configured_sender(settings.mail.from_)
    language = clock.code(owner.locale)
    words = WORDS[language]
    fields = {"provider": PROVIDERS.get(row.kind, row.kind), "account": plain(row.displayname)}
    texts = {
        "language": language,
        "words": words,
        "subject": words.subject.format(**fields)[:LONGEST_SUBJECT],
        "title": words.subject.format(**fields),
        "lead": (words.too_little if row.trouble == "too-little" else words.ended).format(**fields),
        "link": f"{settings.server.base_url}/app/accounts/{row.id}",
    }
    message = EmailMessage(policy=SMTP)
    message["From"] = from_
    message["To"] = mailbox(owner.displayname, owner.email)
    message["Subject"] = texts["subject"]
    message["Date"] = datetime.fromtimestamp(since, UTC)
    digest = blake2b(f"signed out {row.id} {since}".encode(), digest_size=16).hexdigest()
    message["Message-ID"] = f"<{digest}@{from_.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    write(message, "signed_out", texts, settings.mail.templates)
    message["Content-Language"] = language
    return message
