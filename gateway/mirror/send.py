"""Single changes of blocks, told to the provider and noted here. Each may be done again after it was broken off."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from gateway.backends.base import Backend
from gateway.backends.table import BACKENDS
from gateway.errors import ReadOnlyCalendar, RefusedByProvider, RemoteGone
from gateway.freebusy.merge import Busy
from gateway.ical.blocks import with_mark_of
from gateway.ical.objects import href_of, read_lenient
from gateway.mirror.look import View
from gateway.mirror.plan import Change
from gateway.mirror.text import block_text, read_block
from gateway.model import CalendarObject
from gateway.store import accounts, mirrors, objects, rounds
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.store.mirrors import BlockRow
from gateway.store.objects import ObjectRow, Remote
from gateway.sync.context import Sync, scope_of
from gateway.sync.push import settle_text

NEVER: Final = (RefusedByProvider, ReadOnlyCalendar)


@dataclass(frozen=True, slots=True)
class Sender:
    """Tells one mirror's changes."""

    sync: Sync
    view: View

    async def carry_out(self, change: Change) -> None:
        """Raises: what the backend raised."""
        row = None if change.key is None else self.view.rows[change.key]
        if row is None and change.busy is not None:
            await self.deliver(await self.sync.db.write(self._stage, change.busy))
        elif row is not None and change.busy is not None:
            await self._alter(row, change.busy)
        elif row is not None:
            await self._take_away(row)

    async def deliver(self, row: ObjectRow) -> None:
        """A new block. A backend takes it once, however often it is told: by its UID it knows it again."""
        if self._backend(self.view.account) is None:
            await self.sync.db.write(self._settled, row, CalendarObject(row.href, row.text))
            return
        try:
            answer = await self._put(row, row.text, None)
        except NEVER:
            await self.sync.db.write(self._drop, row, told=True)
            raise
        await self.sync.db.write(self._settled, row, answer)

    async def _alter(self, row: ObjectRow, busy: Busy) -> None:
        text = block_text(row.uid, busy, self.view.summary, self.view.mirror.mark, self.sync.now)
        try:
            answer = await self._put(row, text, row.remote_etag)
        except RemoteGone:  # somebody took it away meanwhile
            await self.sync.db.write(self._drop, row, told=False)
            return
        await self.sync.db.write(self._altered, row, text, busy, answer)

    async def _take_away(self, row: ObjectRow) -> None:
        """In whichever calendar it is. One that cannot be changed keeps it, as it keeps what is of others."""
        calendar, account = await self.sync.db.read(_where, row)
        backend = None if account is None else self._backend(account)
        if backend is not None and calendar is not None and (calendar.writable or calendar.id == self.view.target.id):
            try:
                await backend.delete(calendar.remote_id, row.href, row.remote_etag)
            except RemoteGone:
                await self.sync.db.write(self._drop, row, told=True)
                return
        await self.sync.db.write(self._drop, row, told=True)

    def _backend(self, account: AccountRow) -> Backend | None:
        return self.sync.backend_for(account) if BACKENDS[account.kind].remote else None

    async def _put(self, row: ObjectRow, text: str, etag: str | None) -> CalendarObject:
        given = CalendarObject(row.href, text, etag or "")
        backend = self._backend(self.view.account)
        if backend is None:
            return given
        answer = await backend.put(self.view.target.remote_id, given, etag)
        return replace(answer, text=with_mark_of(text, answer.text))

    def _stage(self, conn: Connection, busy: Busy) -> ObjectRow:
        """The new block, noted before the provider hears of it: what is broken off then is found again."""
        view, uid = self.view, str(uuid4())
        lock_people(conn, view.mirror.user_id)
        text = block_text(uid, busy, view.summary, view.mirror.mark, self.sync.now)
        indexed = scope_of(conn, self.sync, view.mirror.user_id).index(read_lenient(text), text)
        remote = Remote(dirty=True)
        key = objects.put(conn, view.mirror.user_id, view.target.id, href_of(uid), text, indexed, remote, self.sync.now)
        mirrors.tell(conn, view.mirror.id, BlockRow(uid, *busy, view.summary))
        row = objects.by_id(conn, key)
        if row is None:
            raise AssertionError("it was put a moment ago")
        return row

    def _settled(self, conn: Connection, row: ObjectRow, answer: CalendarObject) -> None:
        lock_people(conn, row.user_id)
        twin = objects.by_href(conn, row.calendar_id, answer.href)
        if twin is not None and twin.id != row.id:  # a pull saw it first
            objects.remove(conn, [twin.id])
        current = objects.by_id(conn, row.id)
        if current is not None:
            self._keep(conn, current, read_block(current.text).busy, answer)

    def _altered(self, conn: Connection, row: ObjectRow, text: str, busy: Busy, answer: CalendarObject) -> None:
        lock_people(conn, row.user_id)
        current = objects.by_id(conn, row.id)
        if current is None:
            return
        indexed = scope_of(conn, self.sync, row.user_id).index(read_lenient(text), text)
        remote = Remote(answer.etag, answer.text)
        objects.put(conn, row.user_id, row.calendar_id, row.href, text, indexed, remote, self.sync.now)
        self._keep(conn, replace(current, text=text, etag=indexed.etag), busy, answer)

    def _keep(self, conn: Connection, row: ObjectRow, busy: Busy, answer: CalendarObject) -> None:
        """What the provider made of it, and that this is what we wanted."""
        if BACKENDS[self.view.target.kind].remote:
            rounds.tell(conn, row.calendar_id, answer.href)
            settle_text(conn, self.sync, self.view.target, row, answer)
        else:
            objects.set_remote(conn, row.id, Remote())
        settled = objects.by_id(conn, row.id)
        if settled is not None:
            told = BlockRow(settled.uid, *busy, self.view.summary, settled.etag)
            mirrors.tell(conn, self.view.mirror.id, told)

    def _drop(self, conn: Connection, row: ObjectRow, *, told: bool) -> None:
        """told: also what was told of it; else it counts as taken away by somebody."""
        lock_people(conn, row.user_id)
        objects.remove(conn, [row.id])
        rounds.tell(conn, row.calendar_id, row.href)
        if told:
            mirrors.forget(conn, self.view.mirror.id, [row.uid])


def _where(conn: Connection, row: ObjectRow) -> tuple[CalendarRow | None, AccountRow | None]:
    calendar = accounts.calendar(conn, row.calendar_id)
    return calendar, None if calendar is None else accounts.get(conn, calendar.account_id)
