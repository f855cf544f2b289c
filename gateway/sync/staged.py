"""A change on its way: as it was given, as it is in the transaction, as it is answered; and what it means besides."""

from dataclasses import dataclass, replace
from typing import Protocol

from gateway.ical.index import Indexed
from gateway.ical.objects import ParsedObject, read
from gateway.store.accounts import CalendarRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.objects import ObjectRow
from gateway.store.principals import Principal
from gateway.sync.context import Scope
from gateway.sync.outbox import Before


@dataclass(frozen=True, slots=True)
class Written:
    """etag: without quotes; None where what is served is, or may become, another text than the one sent.

    tag: its Schedule-Tag, "" if it has none.
    """

    href: str
    etag: str | None
    created: bool
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Staged:
    """A change that is in the transaction but not at the provider.

    href: of the member. etag: as stored. lasting: the provider gives back the very text. before: for undoing it.
    tied: jobs that are dropped if it is undone. tag: as in Written.
    """

    owner: Principal
    href: str
    etag: str
    created: bool
    lasting: bool = True
    before: tuple[Before, ...] = ()
    pushes: tuple[Job, ...] = ()
    tied: tuple[Job, ...] = ()
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """exact: the text is the body, octet for octet. tag, told: as of objects.put."""

    obj: ParsedObject
    text: str
    exact: bool
    indexed: Indexed
    scope: Scope
    tag: str = ""
    told: int = 0

    @property
    def schedule_tag(self) -> str:
        """As it is stored."""
        return (self.tag or self.indexed.etag) if self.indexed.scheduled else ""

    def instead(self, text: str) -> "Prepared":
        """Another text is to be stored. Raises: InvalidCalendarData and its like."""
        if text == self.text:
            return self
        obj = read(text)
        return replace(self, obj=obj, text=text, exact=False, indexed=self.scope.index(obj, text))


class Rules(Protocol):
    """What a change means besides being stored, in the same transaction; what they raise undoes it."""

    def locking(self, conn: Connection, given: Prepared) -> None:
        """Whoever else changes what the owner has, or the same meeting, waits."""
        ...

    def storing(self, conn: Connection, row: ObjectRow | None, target: CalendarRow, given: Prepared) -> Prepared:
        """What is stored instead. row: what it replaces, in whichever calendar."""
        ...

    def removing(self, conn: Connection, row: ObjectRow, calendar: CalendarRow) -> None: ...

    def moving(self, conn: Connection, row: ObjectRow) -> None:
        """It goes on elsewhere as it is, or is copied there; what it overwrites is removed."""
        ...

    def done(self, conn: Connection, staged: Staged) -> Staged:
        """Once it is stored, or nothing of it had to be."""
        ...
