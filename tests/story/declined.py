"""An invitation that somebody declined under an address which is not known to be theirs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.model import RemoteCalendar
from gateway.store import accounts, ranges
from gateway.store.database import Connection
from gateway.sync.calendars import remove_account
from gateway.sync.write import take
from tests.fakes.objects import event
from tests.story.stage import Stage

DAY = 1_767_571_200  # 2026-01-05, when it is


@contextmanager
def declined(stage: Stage, name: str, address: str) -> Iterator[Callable[[], bool]]:
    """Gives whether it takes their time."""
    person, made = stage.person(name), list[int]()
    lines = ("ORGANIZER:mailto:olaf@outside.example", f"ATTENDEE;PARTSTAT=DECLINED:mailto:{address}")

    def store(conn: Connection) -> None:
        account = accounts.add(conn, person.id, "local", "Declined", {}, None, 1)
        remote = RemoteCalendar(id="declined", displayname="Declined", writable=True, merged=True, busy=True)
        key = accounts.add_calendar(conn, person.id, account, remote)
        made.extend((account, key))
        row = accounts.calendar(conn, key)
        assert row is not None
        take(
            conn,
            stage.parts.sync,
            person,
            event(f"declined-{name}", "Meeting", "20260105T090000Z", *lines),
            None,
            row,
            tag="1",
        )

    stage.calendars(store)
    yield lambda: bool(stage.read(ranges.busy_of, person.id, [made[1]], DAY, DAY + 86_400))
    stage.calendars(remove_account, person.id, made[0])
