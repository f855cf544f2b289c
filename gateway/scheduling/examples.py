"""One mail of each kind, with people and events that do not exist: to be looked at, and to try templates on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Final

from gateway.config import Mail, Settings
from gateway.ical.objects import read_lenient
from gateway.ical.text import component, prop, serialise, text_prop
from gateway.scheduling import mail, signed_out, webhook_off
from gateway.scheduling.clock import LANGUAGES
from gateway.scheduling.imip import compose as imip
from gateway.scheduling.imip.facts import Person, facts
from gateway.scheduling.itip import News
from gateway.scheduling.look import STRICT, UNSOUND, mistake, unsound
from gateway.scheduling.mail import Kind, Notice
from gateway.store.accounts import AccountRow
from gateway.store.principals import Principal
from gateway.store.webhooks import WebhookRow

SENDER: Final = "Calendar <calendar@example.com>"
HOST: Final = "alice@example.com"
GUEST: Final = "robin@example.org"
TITLES: Final = {"en": "Consulting", "de": "Beratung", "es": "Asesoría", "fr": "Conseil"}
PLACES: Final = ("3.14", "2.71")
NOTES: Final = {"en": "See you soon.", "de": "Bis bald.", "es": "Hasta pronto.", "fr": "À bientôt."}
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MONTH: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Reader:
    """language: one of LANGUAGES. now: epoch seconds."""

    settings: Settings
    language: str
    zone: str
    now: int

    @property
    def mail(self) -> Mail:
        known = self.settings.mail
        return known if known.from_ else known.model_copy(update={"from_": SENDER})

    @property
    def start(self) -> datetime:
        """Eleven in the morning, UTC, on a day soon."""
        return datetime.fromtimestamp(self.now, UTC).replace(hour=11, minute=0, second=0, microsecond=0) + MONTH

    @property
    def title(self) -> str:
        return TITLES[self.language]


MOVED: Final = (Kind.RESCHEDULED, Kind.DATE_MOVED)
OF_SERIES: Final = (Kind.DATE_MOVED, Kind.DATE_CANCELLED)
FORTNIGHT: Final = 14 * 86_400
INVITED_NOBODY: Final = (Kind.REQUESTED, Kind.DECLINED, *mail.FOR_HOSTS)
Make = Callable[[Reader], EmailMessage]


def _booking(kind: Kind, reader: Reader, *, to_host: bool, third: bool = False) -> EmailMessage:
    start = int(reader.start.timestamp())
    page = f"{reader.settings.server.base_url}/booking/example"
    host = mail.Person("Alice Example", HOST, reader.language, reader.zone if to_host else "Europe/Berlin")
    guest = mail.Person("Robin Example", GUEST, reader.language, "America/New_York" if to_host else reader.zone)
    notice = Notice(
        kind=kind,
        uid="example",
        sequence=0,
        title=reader.title,
        start=start,
        end=start + 1800,
        host=host,
        invitee=guest,
        ics=""
        if kind in INVITED_NOBODY
        else _event(reader, "CANCEL" if kind in mail.CALLED_OFF else "REQUEST", "ACCEPTED"),
        location=PLACES[0],
        note="" if third else NOTES[reader.language],
        guest=replace(guest, name="", address="charlie@example.org") if third else None,
        guests=("charlie@example.org",) if kind is Kind.GUESTS else (),
        leave_url=f"{page}/guest",
        before=(start - 86_400, start - 84_600) if kind in MOVED else None,
        by="Zoom" if kind is Kind.ROOM else "Charlie Example",
        dates=_fortnightly(start) if kind in OF_SERIES else (),
        proposal=(start + 7_200, start + 9_000) if kind is Kind.PROPOSED else None,
        proposal_url=f"{page}?move=1&start=example" if kind is Kind.PROPOSED else "",
        reschedule_url=f"{page}?move=1",
        cancel_url=f"{page}?cancel=1",
        wrong_url=f"{page}?wrong=1",
        confirm_url=f"{page}?confirm=1",
        decline_url=f"{page}?decline=1",
        book_url=f"{reader.settings.server.base_url}/example",
    )
    to, folder = host if to_host else notice.guest or guest, reader.mail.templates
    return mail.compose(notice, to, sender=reader.mail.from_, now=reader.now, templates=folder)


def _fortnightly(start: int) -> tuple[tuple[int, int], ...]:
    return tuple((at, at + 1800) for at in range(start, start + 3 * FORTNIGHT, FORTNIGHT))


def _event(reader: Reader, method: str, partstat: str, *, moved: timedelta = timedelta()) -> str:
    start = reader.start + moved
    lines = [
        prop("UID", "example"),
        prop("DTSTAMP", f"{reader.start - MONTH:%Y%m%dT%H%M%SZ}"),
        prop("DTSTART", f"{start:%Y%m%dT%H%M%SZ}"),
        prop("DTEND", f"{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}"),
        prop("RRULE", f"FREQ=MONTHLY;BYDAY={(start.day + 6) // 7}{DAYS[start.weekday()]};COUNT=6"),
        text_prop("SUMMARY", reader.title),
        text_prop("LOCATION", PLACES[0]),
        text_prop("DESCRIPTION", NOTES[reader.language]),
        prop("ORGANIZER", f"mailto:{HOST}", {"CN": "Alice Example"}),
        prop("ATTENDEE", f"mailto:{HOST}", {"CN": "Alice Example", "PARTSTAT": "ACCEPTED"}),
        prop("ATTENDEE", f"mailto:{GUEST}", {"CN": "Robin Example", "PARTSTAT": partstat}),
    ]
    head = [prop("VERSION", "2.0"), prop("PRODID", "-//gateway//example//EN"), prop("METHOD", method)]
    return serialise(component("VCALENDAR", head, [component("VEVENT", lines)]))


METHODS: Final[Mapping[News, str]] = {
    News.CANCELLED: "CANCEL",
    News.UNINVITED: "CANCEL",
    News.ANSWER: "REPLY",
    News.PROPOSAL: "COUNTER",
    News.PROPOSAL_DECLINED: "DECLINECOUNTER",
    News.QUESTION: "REFRESH",
}
FROM_GUEST: Final = frozenset({News.ANSWER, News.PROPOSAL, News.QUESTION})


def _invitation(news: News, reader: Reader, *, partstat: str = "NEEDS-ACTION") -> EmailMessage:
    moved = timedelta(hours=2) if news is News.PROPOSAL else timedelta()
    text = _event(reader, METHODS.get(news, "REQUEST"), partstat, moved=moved)
    told = {}
    if news in {News.RESCHEDULED, News.CHANGED}:
        [known] = facts(read_lenient(text), reader.zone)
        day = 86_400 if news is News.RESCHEDULED and known.start and known.end else 0
        before = replace(known, start=(known.start or 0) - day, end=(known.end or 0) - day, where=PLACES[1])
        told = {"": before.told}
    alice, robin = Person("Alice Example", HOST), Person("Robin Example", GUEST)
    sender, to = (robin, HOST) if news in FROM_GUEST else (alice, GUEST)
    note = imip.Note(news, text, sender, to, reader.language, reader.zone, "example", told=told)
    return imip.compose(note, reader.mail, now=reader.now)[0]


def _signed_out(trouble: str, reader: Reader) -> EmailMessage:
    row = AccountRow(0, 0, "google", HOST, {}, None, "signed-out", "", 0, None, trouble)
    owner = Principal(0, "alice", "INDIVIDUAL", "Alice Example", HOST, reader.zone, reader.language)
    settings = reader.settings.model_copy(update={"mail": reader.mail})
    return signed_out.compose(row, owner, reader.now, settings)


def _webhook_off(reader: Reader) -> EmailMessage:
    trouble = "hooks.example.com answered 500"
    row = WebhookRow(0, 0, "https://hooks.example.com/bookings", (), "", False, trouble, reader.now)
    owner = Principal(0, "alice", "INDIVIDUAL", "Alice Example", HOST, reader.zone, reader.language)
    return webhook_off.compose(row, owner, reader.now, reader.settings.model_copy(update={"mail": reader.mail}))


def _all() -> Iterator[tuple[str, Make]]:
    for kind in (one for one in Kind if one not in {*mail.FOR_HOSTS, *mail.FOR_GUESTS}):
        yield f"guest-{kind}", partial(_booking, kind, to_host=False)
    for kind in (*mail.FOR_GUESTS, Kind.RESCHEDULED, Kind.CHANGED, Kind.CANCELLED):
        yield f"third-{kind}", partial(_booking, kind, to_host=False, third=True)
    for kind in (one for one in Kind if one not in mail.FOR_GUESTS):
        yield f"host-{kind}", partial(_booking, kind, to_host=True)
    for news in News:
        if news not in {News.ANSWERS, News.ANSWER}:
            yield f"event-{news}".replace(" ", "-"), partial(_invitation, news)
    for partstat in ("ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", "X-OTHER"):
        yield f"answer-{partstat.lower()}", partial(_invitation, News.ANSWER, partstat=partstat)
    for trouble in ("signed-out", "too-little"):
        yield f"account-{trouble}", partial(_signed_out, trouble)
    yield "account-webhook", _webhook_off


EXAMPLES: Final[Mapping[str, Make]] = dict(_all())
"""By name, whose first word says what it is about: guest, host (of a booking), event, answer, account."""


def example(name: str, reader: Reader) -> EmailMessage:
    return EXAMPLES[name](reader)


def problems(folder: Path, now: int) -> list[str]:
    """What is wrong with an organisation's own templates, a line for each; they are filled in for every mail."""
    found = list(unsound(folder))
    if found:
        return found
    settings = Settings(mail=Mail.model_validate({"from": SENDER, "templates": folder}))
    strict = STRICT.set(True)
    try:
        readers = [Reader(settings, language, "Europe/Berlin", now) for language in LANGUAGES]
        return list(dict.fromkeys(said for name in EXAMPLES for one in readers if (said := _mistake(name, one))))
    finally:
        STRICT.reset(strict)


def _mistake(name: str, reader: Reader) -> str:
    try:
        example(name, reader)
    except UNSOUND as error:
        return mistake(error)
    return ""
