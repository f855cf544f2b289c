"""The mail to whoever looks after a webhook that was turned off, since nobody took what it was told."""

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
from gateway.store import jobs, principals, teams, webhooks
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.principals import Principal
from gateway.store.webhooks import WebhookRow
from gateway.sync.context import Sync

KIND: Final = "webhook-off"


@dataclass(frozen=True, slots=True)
class Words:
    """Fields in braces: url, reason."""

    subject: str
    lead: str
    stays: str
    button: str
    footer: str
    colon: str


WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        subject="A webhook was turned off: {url}",
        lead="{url} has not taken what it was told for a day. The last trouble: {reason}.",
        stays="It is told nothing any more until you turn it on again. Bookings go on as before.",
        button="Look at the webhook",
        footer="This mail comes once.",
        colon=":",
    ),
    "de": Words(
        subject="Ein Webhook wurde abgeschaltet: {url}",
        lead="{url} hat einen Tag lang nicht angenommen, was gemeldet wurde. Zuletzt: {reason}.",
        stays="Es wird dort nichts mehr gemeldet, bis Sie den Webhook wieder einschalten. Buchungen laufen weiter.",
        button="Webhook ansehen",
        footer="Diese Mail kommt nur einmal.",
        colon=":",
    ),
    "es": Words(
        subject="Se ha desactivado un webhook: {url}",
        lead="{url} no ha aceptado los avisos durante un día. Último problema: {reason}.",
        stays="No se le avisará de nada hasta que usted lo active de nuevo. Las reservas siguen como antes.",
        button="Ver el webhook",
        footer="Este correo se envía una sola vez.",
        colon=":",
    ),
    "fr": Words(
        subject="Un webhook a été désactivé\u202f: {url}",
        lead="{url} n’a pas accepté les messages depuis un jour. Dernier problème\u202f: {reason}.",
        stays="Il ne recevra plus rien jusqu’à ce que vous le réactiviez. Les réservations continuent comme avant.",
        button="Voir le webhook",
        footer="Cet e-mail n’est envoyé qu’une seule fois.",
        colon="\u202f:",
    ),
}


async def run_webhook_off(sync: Sync, job: Job) -> None:
    """Job kind "webhook-off". Each who looks after it gets a mail of their own, as a job of its own.

    Raises: MailUnavailable (again later), MailRefused and other errors of ours (never).
    """
    url = sync.settings.mail.smtp_url.get_secret_value()
    row, people = await sync.db.read(_of, int(job.payload["webhook"]))
    if not url or row is None or row.active:
        return
    if "person" not in job.payload:
        await sync.db.write(_share, job, people, sync.clock())
        return
    owner = next((one for one in people if one.id == job.payload["person"]), None)
    if owner is None:
        return
    message = compose(row, owner, int(job.payload["since"]), sync.settings)
    sender = configured_sender(sync.settings.mail.from_).addr_spec
    await deliver(message, sender=sender, recipient=owner.email, to=server(url))


def _share(conn: Connection, job: Job, people: list[Principal], now: float) -> None:
    for one in people:
        jobs.add(conn, KIND, f"{job.key} {one.id}", {**job.payload, "person": one.id}, due=now)


def _of(conn: Connection, key: int) -> tuple[WebhookRow | None, list[Principal]]:
    """A team's are its admins' to look after."""
    row = webhooks.get(conn, key)
    if row is None:
        return None, []
    owner = principals.by_id(conn, row.user_id)
    if not owner.is_team:
        return row, [owner]
    roles = teams.roles(conn, owner.id)
    return row, principals.of_ids(conn, [one for one, role in roles.items() if role == teams.ADMIN])


def compose(row: WebhookRow, owner: Principal, since: int, settings: Settings) -> EmailMessage:
    """since: epoch seconds when it was turned off; a mail sent twice has one Message-ID."""
    from_ = configured_sender(settings.mail.from_)
    language = clock.code(owner.locale)
    words = WORDS[language]
    fields = {"url": plain(row.url)[:200], "reason": plain(row.trouble)}
    texts = {
        "language": language,
        "words": words,
        "subject": words.subject.format(**fields)[:LONGEST_SUBJECT],
        "title": words.subject.format(**fields),
        "lead": words.lead.format(**fields),
        "link": f"{settings.server.base_url}/app/webhooks/{row.id}",
    }
    message = EmailMessage(policy=SMTP)
    message["From"] = from_
    message["To"] = mailbox(owner.displayname, owner.email)
    message["Subject"] = texts["subject"]
    message["Date"] = datetime.fromtimestamp(since, UTC)
    digest = blake2b(f"webhook off {row.id} {since} {owner.id}".encode(), digest_size=16).hexdigest()
    message["Message-ID"] = f"<{digest}@{from_.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    write(message, "signed_out", texts, settings.mail.templates)
    message["Content-Language"] = language
    return message
