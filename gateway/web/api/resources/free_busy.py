"""Whose time is free: periods and kinds, never what they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from gateway.backends.base import Unanswered
from gateway.freebusy.allowed import may_ask
from gateway.freebusy.busy import busy_for_others, unread
from gateway.freebusy.merge import Busy, merge_seconds
from gateway.freebusy.others import OthersBusy
from gateway.model import FbType
from gateway.store import principals
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web.api.operation import Call
from gateway.web.api.spans import check_span
from gateway.web.api.values import Asked, Instant, Model, example
from gateway.web.keys import OTHERS, SETTINGS

LONGEST: Final = 366
WHY: Final = {Unanswered.NOBODY: "nobody", Unanswered.CLOSED: "not-allowed", Unanswered.FAILED: "not-reachable"}
KINDS: Final = {FbType.TENTATIVE: "tentative", FbType.BUSY: "busy", FbType.UNAVAILABLE: "unavailable"}
Who = Annotated[str, StringConstraints(min_length=1, max_length=254, pattern=r"^[!-~]+$"), example("bob@example.com")]
Unknown = Literal["nobody", "not-allowed", "not-reachable"]


class FreeBusyAsked(Asked):
    person: tuple[Who, ...] = Field(min_length=1, max_length=50)
    """Names or mail addresses of people or teams here; or addresses in a domain of one of your cloud accounts."""
    start: Instant
    end: Instant
    """Not included; 366 days after the start at most."""


class BusyPeriod(Model):
    start: Instant
    end: Instant
    kind: Literal["tentative", "busy", "unavailable"]


class PersonsTime(Model):
    person: str
    """As you asked."""
    busy: tuple[BusyPeriod, ...] | None
    """In order, never overlapping; all else is free. null: nobody could say, which is not to say that they are free."""
    unknown: Unknown | None
    """Why there is no answer: nobody of that name, nobody who lets you ask, or their provider could not be asked."""
    stale: bool
    """Some calendar of theirs could not be read lately, so more may be taken."""


class FreeBusy(Model):
    """Busy time of several people."""

    items: tuple[PersonsTime, ...]


@dataclass(frozen=True, slots=True)
class Question:
    asker: Principal
    names: Sequence[str]
    start: int
    end: int
    now: int
    stale_after: int


Known = PersonsTime | None
"""None: somebody who has no account here."""


async def read_free_busy(call: Call, asked: FreeBusyAsked) -> FreeBusy:
    check_span(asked.start, asked.end, LONGEST)
    names = [*dict.fromkeys(asked.person)]
    limit = call.request.app[SETTINGS].booking.stale_after
    question = Question(call.asker, names, asked.start, asked.end, call.now, limit)
    here = await call.db.read(_here, question)
    missing = [name for name, known in zip(names, here, strict=True) if known is None]
    others = await call.request.app[OTHERS].busy(call.asker.id, missing, asked.start, asked.end)
    return FreeBusy(items=tuple(known or _elsewhere(name, others) for name, known in zip(names, here, strict=True)))


def _here(conn: Connection, question: Question) -> list[Known]:
    return [_of(conn, name, question) for name in question.names]


def _of(conn: Connection, name: str, question: Question) -> Known:
    found = principals.by_name(conn, name) or principals.by_address(conn, name)
    if found is None:
        return None
    if not may_ask(conn, question.asker.id, found):
        return PersonsTime(person=name, busy=None, unknown="not-allowed", stale=False)
    people = principals.members_of(conn, found.id) if found.is_team else [found]
    busy = [busy_for_others(conn, one, question.start, question.end) for one in people]
    behind = bool(unread(conn, people, question.now, question.stale_after))
    return _known(name, busy[0] if len(busy) == 1 else merge_seconds(chain.from_iterable(busy)), behind=behind)


def _known(name: str, busy: Sequence[Busy], *, behind: bool) -> PersonsTime:
    periods = [{"start": start, "end": end, "kind": KINDS[FbType(kind)]} for start, end, kind in busy]
    return PersonsTime(person=name, busy=tuple(map(BusyPeriod.model_validate, periods)), unknown=None, stale=behind)


def _elsewhere(name: str, others: OthersBusy) -> PersonsTime:
    told = others.get(name.lower(), Unanswered.NOBODY)
    if isinstance(told, Unanswered):
        return PersonsTime.model_validate({"person": name, "busy": None, "unknown": WHY[told], "stale": False})
    return _known(name, told, behind=False)
