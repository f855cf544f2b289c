"""Busy time of somebody without an account here, as the cloud tells it to a colleague who has one.

What the cloud tells is one VFREEBUSY; time that it was not asked about counts as busy.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from gateway.backends.base import Account, Asking, Backend, BusyTime, Outside, Row, Unanswered
from gateway.errors import BackendUnavailable, ReadOnlyCalendar, RefusedByProvider, SignInExpired
from gateway.ical.objects import etag_of, href_of
from gateway.ical.published import closed_beyond, told, utc
from gateway.ical.text import component, prop, serialise, text_prop
from gateway.model import CalendarObject, Changes, Period, RemoteCalendar

CALENDAR: Final = "busy"
BEFORE: Final = timedelta(days=1)
AHEAD: Final = timedelta(days=120)
PRODID: Final = "-//gateway//calendar gateway//EN"


def read_answer(answer: BusyTime | None, address: str) -> Sequence[Period]:
    """Raises: RefusedByProvider, BackendUnavailable."""
    if answer is Unanswered.NOBODY:
        raise RefusedByProvider(f"nobody is known at {address} there")
    if answer is Unanswered.CLOSED:
        raise RefusedByProvider(f"the free/busy time of {address} is not shown to the account that asks")
    if answer is None or isinstance(answer, Unanswered):
        raise BackendUnavailable(f"the free/busy time of {address} could not be found out")
    return answer


def busy_object(address: str, periods: Sequence[Period], start: datetime, end: datetime) -> CalendarObject:
    """periods: in any order, possibly overlapping. The etag changes with what it says only."""
    uid = f"busy-{sha256(address.encode()).hexdigest()[:32]}"
    ordered = sorted(periods, key=lambda one: (one.start, one.end, one.fbtype))
    head = (text_prop("UID", uid), prop("DTSTAMP", utc(start)))
    one = told(head, ordered, start, end)
    calendar = component("VCALENDAR", [prop("VERSION", "2.0"), prop("PRODID", PRODID)], [one])
    text = closed_beyond(serialise(calendar))
    return CalendarObject(href_of(uid), text, etag_of(text))


class ColleagueBackend:
    """account: `address`, whose time it is; `through`, the id of the account that asks."""

    def __init__(self, account: Account, outside: Outside) -> None:
        self._address = account.settings["address"].lower()
        self._through = int(account.settings["through"])
        self._outside = outside

    async def calendars(self) -> Sequence[RemoteCalendar]:
        await self._busy()
        return [RemoteCalendar(CALENDAR, self._address, writable=False, busy=True)]

    async def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        obj = await self._busy()
        if obj.etag != token:
            yield Changes([obj], token=obj.etag, full=True)

    async def _busy(self) -> CalendarObject:
        """From yesterday on, in whole days, so that an hour later nothing has changed."""
        today = datetime.fromtimestamp(self._outside.clock(), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        start, end = today - BEFORE, today + AHEAD
        try:
            answers = await (await self._asking()).busy([self._address], start, end)
        except SignInExpired as error:  # of the one who asks, who hears of it for their own account
            raise BackendUnavailable("the account that asks is signed out") from error
        return busy_object(self._address, read_answer(answers.get(self._address), self._address), start, end)

    async def _asking(self) -> Asking:
        backend: Backend = await self._outside.through(self._through)
        if not isinstance(backend, Asking):
            raise RefusedByProvider("the account that asks is at a provider that tells nobody's free/busy time")
        return backend

    async def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        raise ReadOnlyCalendar(f"the calendar of {self._address} is known by its free/busy time alone")

    async def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        raise ReadOnlyCalendar(f"the calendar of {self._address} is known by its free/busy time alone")


ROW: Final = Row("colleague", ColleagueBackend, verbatim=False)
