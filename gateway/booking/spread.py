"""What has become of a booking, written into the calendars that have it, without anybody waiting for the providers."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.booking import mails
from gateway.booking.context import Desk
from gateway.booking.event import event, moved, placed
from gateway.booking.gathering import gathered, is_shared
from gateway.booking.mails import Cause
from gateway.booking.meeting import joint, meeting
from gateway.booking.seen import one_space, seen
from gateway.scheduling.implicit import places
from gateway.store import jobs, members, objects
from gateway.store.database import Connection
from gateway.store.objects import ObjectRow
from gateway.store.principals import Principal
from gateway.sync.write import Staged, stage_put


def together(conn: Connection, cause: Cause) -> Cause:
    """With the parties that share its event, if it is a shared one."""
    return replace(cause, together=gathered(conn, cause.row.event)) if is_shared(cause.row) else cause


def text_of(cause: Cause, host: Principal, stored: str | None) -> str:
    """The event anew. stored: as that host's calendar has it, None: not at all."""
    parties = cause.together
    if parties is None:
        now = meeting(cause.row, cause.hosts, cause.of, host)
    else:
        now = joint(parties, cause.hosts, cause.of, host)
    return event(now) if stored is None else moved(stored, now)


def copy_of(conn: Connection, host: Principal, uid: str) -> ObjectRow | None:
    """The event as the merged calendar has it, else as one of the host's other calendars does."""
    member = members.by_uid(conn, host.merged, uid)
    if member is not None:
        return objects.by_id(conn, member.object_id)
    return next((one.row for one in places.copies(conn, host.id, uid)), None)


def spread(conn: Connection, desk: Desk, cause: Cause, place: str) -> list[Staged]:
    """In the calendar of each host who has it. A host's own copy only gets the new SEQUENCE."""
    staged = []
    for host in cause.hosts:
        copy = copy_of(conn, host, cause.row.event)
        if copy is None:
            continue
        text = text_of(cause, host, copy.text)
        known = seen(text, host.zone)
        if known is not None and known.place != one_space(place):
            text = placed(text, place)
        staged.append(stage_put(conn, desk.sync, host, text))
    return staged


def send(conn: Connection, desk: Desk, cause: Cause, staged: Sequence[Staged]) -> None:
    """The worker tells the providers; whether they take it or not, the mails go."""
    for push in (job for one in staged for job in one.pushes):
        jobs.retry(conn, push, due=desk.clock(), error="")
    for row in cause.rows or (cause.row,):
        mails.release(conn, desk, row, cause.hosts)
