"""What happens to bookings, written down in the transaction in which it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from gateway.booking import webhooks
from gateway.booking.context import Desk
from gateway.booking.document import Document
from gateway.booking.model import details, document
from gateway.store import history
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.history import HistoryRow

By = Literal["invitee", "host", "calendar"]


class Change(Document):
    """before, after: (start, end), where the time changed. reason: the words of whoever did it.

    old, new: names of the hosts between whom it changed hands. no_show: whether nobody came.
    """

    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None
    reason: str = ""
    old: str = ""
    new: str = ""
    no_show: bool | None = None


NOTHING: Final = Change()


@dataclass(frozen=True, slots=True)
class Happened:
    """kind: of the mails about it, or of HOSTS_ALONE. before, after: (start, end) until then, and since.

    by_host: a host did it; calendar: id of the one who did it there.
    """

    kind: str
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None
    by_host: bool = False
    calendar: int | None = None
    change: Change = NOTHING


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. actor: id of the host, None: not known which, or the invitee."""

    at: int
    kind: str
    by: By
    actor: int | None
    change: Change


NO_SHOW: Final = "no_show"
DATES: Final = frozenset({"date_moved", "date_cancelled"})
ENDED: Final = frozenset({"cancelled", "declined", "date_cancelled"})


def happened(conn: Connection, desk: Desk, row: BookingRow, what: Happened, due: float) -> None:
    """row: the booking as it is now. due: when webhooks are told."""
    by: By = "invitee"
    if what.calendar is not None:
        by = "calendar"
    elif what.by_host or desk.actor is not None:
        by = "host"
    change = what.change
    if what.before is not None:
        change = change.model_copy(update={"before": what.before, "after": what.after or (row.start, row.end)})
    if what.kind in ENDED:
        change = change.model_copy(update={"reason": details(row).reason})
    values = {
        "at": int(desk.clock()),
        "sequence": row.sequence,
        "kind": what.kind,
        "by": by,
        "actor_id": what.calendar or desk.actor,
        "document": document(change),
    }
    history.add(conn, row.id, values)
    event = webhooks.event_of(what.kind, moved=what.before is not None)
    if event is not None:
        date = what.after if what.kind in DATES else None
        webhooks.plan(conn, desk, row, event, due, {"before": what.before, "date": date, "old": change.old})


def never_happened(conn: Connection, row: BookingRow) -> None:
    """The last change came to nothing."""
    history.drop(conn, row.id, row.sequence)
    webhooks.drop(conn, row)


def steps(conn: Connection, booking: int) -> Sequence[Step]:
    """Oldest first."""
    return [_step(row) for row in history.of_booking(conn, booking)]


def _step(row: HistoryRow) -> Step:
    by: By = "host" if row.by == "host" else "calendar" if row.by == "calendar" else "invitee"
    return Step(row.at, row.kind, by, row.actor_id, Change.model_validate(row.document))
