"""PUT and DELETE of a client: stored, and told to whom it concerns, in one transaction."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from gateway.errors import PreconditionFailed, UniqueSchedulingObject
from gateway.ical.objects import ParsedObject, read, read_lenient
from gateway.ical.text import Component
from gateway.scheduling import itip
from gateway.scheduling.implicit import places
from gateway.scheduling.implicit.post import Post, lock, new_tag, stamp_of
from gateway.scheduling.implicit.tied import send_tied, tie
from gateway.scheduling.itip import Changes, Outgoing, Role
from gateway.store import members, objects, principals, taken
from gateway.store.accounts import CalendarRow
from gateway.store.collections import Collection
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.locks import lock_people
from gateway.store.objects import ObjectRow
from gateway.store.principals import Principal
from gateway.sync import write
from gateway.sync.context import Sync
from gateway.sync.staged import Prepared, Staged, Written

TAGS: Final = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says besides. tag: If-Schedule-Tag-Match as it came; silent: Schedule-Reply: F.

    deputy: who writes in the owner's name, where it is not the owner; named as such (SENT-BY, RFC 5545 3.2.18) in the
    messages that follow.
    """

    tag: str | None = None
    silent: bool = False
    deputy: Principal | None = None


async def put(
    sync: Sync,
    owner: Principal,
    href: str,
    body: bytes | str,
    *,
    collection: Collection | None = None,
    if_match: str | None = None,
    if_none_match: bool = False,
    asked: Asked = Asked(),
) -> Written:
    """As gateway.sync.write.put, with all that follows for the people invited.

    Raises: besides, AttendeeChangeRefused, OrganizerChangeRefused, MixedOrganizers, UniqueSchedulingObject:
        nothing was changed, and nobody was told anything.
    """
    rules = Scheduling(sync, owner, asked)
    written = await write.put(
        sync, owner, href, body, collection=collection, if_match=if_match, if_none_match=if_none_match, rules=rules
    )
    await rules.settled()
    return written


async def delete(
    sync: Sync,
    owner: Principal,
    href: str,
    *,
    collection: Collection | None = None,
    if_match: str | None = None,
    asked: Asked = Asked(),
) -> None:
    """As gateway.sync.write.delete; the organizer cancels, an attendee declines."""
    rules = Scheduling(sync, owner, asked)
    await write.delete(sync, owner, href, collection=collection, if_match=if_match, rules=rules)
    await rules.settled()


def leave(conn: Connection, sync: Sync, owner: Principal, calendar: CalendarRow, asked: Asked = Asked()) -> None:
    """What follows for others when a whole calendar goes: what its owner organizes is cancelled, the rest declined."""
    for row in objects.meetings(conn, calendar.id):
        rules = Scheduling(sync, owner, replace(asked, tag=None))
        rules.removing(conn, row, calendar)
        rules.send(conn)


class Scheduling:
    """The rules of one request."""

    def __init__(self, sync: Sync, owner: Principal, asked: Asked) -> None:
        self._sync = sync
        self._owner = owner
        self._asked = asked
        self._messages: Sequence[Outgoing] = ()
        self._tied: Job | None = None

    def locking(self, conn: Connection, given: Prepared) -> None:
        if _names_people(None, given):
            lock(conn, self._owner.id, given.obj)
        else:
            lock_people(conn, self._owner.id)

    def storing(self, conn: Connection, row: ObjectRow | None, target: CalendarRow, given: Prepared) -> Prepared:
        if not _names_people(row, given):
            self._check_tag(row)
            return given
        self._check_tag(row)
        if places.schedules_itself(target) or _is_booked(conn, self._owner, given.obj.uid):
            return given
        me, after = given.scope.addresses, given.obj
        row, before = self._locked(conn, row, after)
        self._check_tag(row)
        if self._asked.tag is not None and before is not None:
            after = read(itip.with_answers(after, before, me))
        stamp = stamp_of(self._sync, row)
        least = Post(conn, self._sync).first_sequence(after, self._owner.id) if before is None else 0
        changes = self._changes(before, after, me, stamp, least)
        if changes is None or changes.text is None:
            return given
        if before is None:
            self._check_unique(conn, after.uid)
        text, told = self._with_codes(conn, changes), stamp if changes.messages else 0
        return replace(given.instead(text), tag=new_tag(), told=told)

    def removing(self, conn: Connection, row: ObjectRow, calendar: CalendarRow) -> None:
        self._check_tag(row)
        if not _names_people(row) or places.schedules_itself(calendar) or _is_booked(conn, self._owner, row.uid):
            return
        now, before = self._locked(conn, row)
        self._check_tag(now)
        me = principals.addresses(conn, self._owner.id)
        changes = self._changes(before, None, me, stamp_of(self._sync, now))
        self._messages = () if changes is None else self._signed(conn, changes.messages)

    def moving(self, _conn: Connection, row: ObjectRow) -> None:
        self._check_tag(row)
        self._asked = replace(self._asked, tag=None)  # it was about this object alone

    def done(self, conn: Connection, staged: Staged) -> Staged:
        if not self._messages:
            return staged
        if staged.pushes:
            self._tied = tie(conn, self._sync, self._messages, self._owner.id)
            return replace(staged, tied=(self._tied,) if self._tied else ())
        self.send(conn)
        return staged

    def send(self, conn: Connection) -> None:
        Post(conn, self._sync).send(self._messages, self._owner.id)

    async def settled(self) -> None:
        """The change stays."""
        if self._tied is not None:
            await self._sync.db.write(send_tied, self._sync, self._tied)
        if self._messages:
            self._sync.bell.ring()

    def _locked(
        self, conn: Connection, row: ObjectRow | None, *more: ParsedObject
    ) -> tuple[ObjectRow | None, ParsedObject | None]:
        """The row as it is now that nobody else schedules this meeting, and read."""
        before = None if row is None else read_lenient(row.text)
        lock(conn, self._owner.id, *more, *(() if before is None else (before,)))
        now = None if row is None else objects.by_id(conn, row.id)
        if now is not None and row is not None and now.etag != row.etag:
            before = read_lenient(now.text)
        return now, None if now is None else before

    def _check_tag(self, row: ObjectRow | None) -> None:
        """Raises: PreconditionFailed."""
        asked = self._asked.tag
        if asked is None:
            return
        tag = "" if row is None else row.schedule_tag
        if not tag or tag not in (TAGS.findall(asked) or [asked.strip()]):
            raise PreconditionFailed("the meeting has changed")

    def _changes(
        self, before: ParsedObject | None, after: ParsedObject | None, me: frozenset[str], stamp: int, least: int = 0
    ) -> Changes | None:
        """None: nobody else has to do with it, or that is none of our business. least: see organizer_changes."""
        said = after if after is not None else before
        if said is not None and any(_by_client(one) for one in said.components):
            return None
        roles = {itip.role_of(one, me) for one in (before, after) if one is not None}
        if Role.ORGANIZER in roles:
            return itip.organizer_changes(before, after, organizer=me, stamp=stamp, least=least)
        if Role.ATTENDEE in roles:
            return itip.attendee_changes(before, after, me=me, stamp=stamp, reply=not self._asked.silent)
        return None

    def _with_codes(self, conn: Connection, changes: Changes) -> str:
        self._messages = self._signed(conn, changes.messages)
        return itip.with_status(changes.text or "", Post(conn, self._sync).codes(changes.messages))

    def _signed(self, conn: Connection, messages: Sequence[Outgoing]) -> Sequence[Outgoing]:
        """As whoever is asking sends them."""
        deputy = self._asked.deputy
        if deputy is None or not deputy.email or not messages:
            return messages
        who, also = deputy.email.lower(), principals.addresses(conn, deputy.id)
        return [replace(one, text=itip.on_behalf(one.text, one.sender, who, also)) for one in messages]

    def _check_unique(self, conn: Connection, uid: str) -> None:
        """Of one person, a meeting stands in one calendar only (RFC 6638 3.2.4.1). Raises: UniqueSchedulingObject."""
        found = places.copies(conn, self._owner.id, uid)
        there = next((one for one in found if one.calendar.writable), None)
        if there is not None:
            at = members.place_of(conn, there.row.id)
            path = f"/dav/calendars/{self._owner.name}/{quote(at[0])}/{quote(at[1])}" if at else None
            raise UniqueSchedulingObject("another calendar has this meeting already", path)


def _names_people(row: ObjectRow | None, given: Prepared | None = None) -> bool:
    """Whether an object could be anybody's business but its owner's; cheap, and rather too often than too rarely."""
    if given is not None and (given.indexed.organizer or given.indexed.attendees):
        return True
    return row is not None and bool(row.schedule_tag)


def _is_booked(conn: Connection, owner: Principal, uid: str) -> bool:
    """Whoever booked it hears of it from the booking, also where a client has left out who is to tell them."""
    return bool(taken.booked(conn, owner.id, [uid]))


def _by_client(one: Component) -> bool:
    """Its client does the scheduling, or nobody (RFC 6638 7.1); Thunderbird says so of its user's own meetings too."""
    line = one.first("ORGANIZER")
    return line is not None and (line.param("SCHEDULE-AGENT") or "SERVER").upper() in {"CLIENT", "NONE"}
