"""Busy time of others at Google (freebusy.query).

It does not tell tentative or out of office from busy: https://developers.google.com/workspace/calendar/api/v3/reference/freebusy
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gateway.backends.base import BusyTime, Unanswered
from gateway.backends.google.api import Api, Calendar
from gateway.backends.spans import portions, put_together, spans
from gateway.model import Period

LONGEST: Final = timedelta(days=89)
"""About 90 days are taken; a day less, since nobody says what an hour lost in spring counts for."""
MOST: Final = 50
"""Calendars one question expands to at most; a group's members count too."""


async def ask(api: Api, addresses: Sequence[str], start: datetime, end: datetime) -> dict[str, BusyTime]:
    """Raises: what Api.call raises."""
    found: dict[str, BusyTime] = {}
    for names in portions(list(dict.fromkeys(addresses)), MOST):
        answers = [await api.call(_query(names, *span)) for span in spans(start, end, LONGEST)]
        for name in names:
            found[name] = put_together([read(answer, name) for answer in answers])
    return found


def _query(names: Sequence[str], start: datetime, end: datetime) -> Callable[[Calendar], Any]:
    body = {
        "timeMin": start.astimezone(UTC).isoformat(),
        "timeMax": end.astimezone(UTC).isoformat(),
        "items": [{"id": name} for name in names],
        "calendarExpansionMax": MOST,
    }
    return lambda calendar: calendar.freebusy().query(body=body)


def read(answer: Mapping[str, Any], name: str) -> BusyTime:
    """What an answer says of one person, or of all members of a group together; one who is unknown leaves all so."""
    group = (answer.get("groups") or {}).get(name)
    if group is not None and not group.get("errors"):
        return put_together([_calendar(answer, member) for member in group.get("calendars") or ()])
    return _calendar(answer, name)


def _calendar(answer: Mapping[str, Any], name: str) -> BusyTime:
    calendars = {key.lower(): value for key, value in (answer.get("calendars") or {}).items()}
    told = calendars.get(name.lower())
    if told is None:
        return Unanswered.FAILED
    reasons = {error.get("reason") for error in told.get("errors") or ()}
    if reasons:
        return Unanswered.NOBODY if reasons == {"notFound"} else Unanswered.FAILED
    return [Period(_instant(one["start"]), _instant(one["end"])) for one in told.get("busy") or ()]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
