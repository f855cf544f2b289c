"""Calendars on any CalDAV server: iCloud, Fastmail, Nextcloud, Radicale, …"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

from caldav.elements import dav

from gateway.backends.base import Account, Outside, Row
from gateway.backends.caldav import dialogue
from gateway.backends.caldav.answers import (
    GetCtag,
    Seen,
    bare,
    differences,
    quoted,
    read_busy,
    read_gone,
    read_listing,
    read_object,
    read_objects,
    read_told,
)
from gateway.backends.caldav.discovery import find_calendars
from gateway.backends.caldav.paths import canonical, href_of, url_of, within
from gateway.backends.fetch import Login, Outgoing
from gateway.errors import BackendUnavailable, RefusedByProvider, RemoteConflict, RemoteGone
from gateway.ical.zones.reference import with_zones
from gateway.model import CalendarObject, Changes, Period, RemoteCalendar

PAGE: Final = 100
CALENDAR_TYPE: Final = {"Content-Type": "text/calendar; charset=utf-8"}


class CalDavBackend:
    """account settings: url (server, principal, home or calendar), username; its secret is the password.

    A calendar's id is its URL, an object's href its name in it.
    """

    def __init__(self, account: Account, outside: Outside) -> None:
        self._url = account.settings["url"]
        self._login = Login(account.settings.get("username", ""), account.secret)
        self._pace = account.pace
        self._outside = outside

    def _outgoing(self) -> Outgoing:
        return Outgoing(self._outside.private_networks, self._login, dialogue.TIMEOUT, self._pace)

    async def calendars(self) -> Sequence[RemoteCalendar]:
        async with self._outgoing() as outgoing:
            return await find_calendars(outgoing, self._url)

    async def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        seen, calendar = Seen.of(token), canonical(calendar)
        async with self._outgoing() as outgoing:
            members, _ = await dialogue.propfind(outgoing, calendar, dialogue.STATE)
            state = members[0]
            if state.status in {404, 410}:
                raise RemoteGone("the server has no such calendar any more")
            sync, ctag = state.text(dav.SyncToken).strip(), state.text(GetCtag).strip()
            if (sync and sync == seen.sync) or (ctag and ctag == seen.ctag):
                return
            pull = Pull(outgoing, calendar, ctag)
            async for page in pull.by_token(seen) if sync else pull.by_listing(seen):
                yield page

    async def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        """Zones that the text only names are described: not every server knows them, as ours does (RFC 7809)."""
        calendar, text = canonical(calendar), with_zones(obj.text)
        url = url_of(calendar, obj.href)
        condition = {"If-None-Match": "*"} if if_etag is None else {"If-Match": quoted(if_etag)}
        async with self._outgoing() as outgoing:
            answer = await outgoing.request("PUT", url, headers=CALENDAR_TYPE | condition, body=text.encode())
            if answer.status == 412:
                return await settled(outgoing, calendar, url, text)
            dialogue.accept(answer)
            url = within(calendar, answer.headers.get("Location", url)) or url
            try:  # servers rewrite what they store, and some even answer with an ETag when they did
                return await get(outgoing, calendar, url)
            except BackendUnavailable:
                return CalendarObject(href_of(calendar, url), text, bare(answer.headers.get("ETag", "")))

    async def taken(self, calendars: Sequence[str], start: datetime, end: datetime) -> Sequence[Period]:
        """A server that knows no such question (RFC 4791 7.10) tells nobody."""
        async with self._outgoing() as outgoing:
            texts = [await dialogue.free_busy(outgoing, canonical(calendar), start, end) for calendar in calendars]
        return [period for text in texts for period in read_busy(text)]

    async def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        calendar = canonical(calendar)
        url = url_of(calendar, href)
        condition = {} if if_etag is None else {"If-Match": quoted(if_etag)}
        async with self._outgoing() as outgoing:
            try:
                answer = await outgoing.request("DELETE", url, headers=condition)
                if answer.status == 412:
                    await get(outgoing, calendar, url)  # what is not there any more fails the condition too
                dialogue.accept(answer)
            except RemoteGone:
                return


async def get(outgoing: Outgoing, calendar: str, url: str) -> CalendarObject:
    answer = await outgoing.request("GET", url)
    dialogue.accept(answer)
    return read_object(answer, calendar, url)


async def settled(outgoing: Outgoing, calendar: str, url: str, text: str) -> CalendarObject:
    """What stands where our condition failed, if it is the very text: an earlier try got through.

    Raises: RemoteConflict; RemoteGone.
    """
    there = await get(outgoing, calendar, url)
    if there.text != text:
        raise RemoteConflict("the server's copy changed meanwhile")
    return there


class Pull:
    """One look at one calendar that has changed. ctag: as it is now, "" if the server has none."""

    def __init__(self, outgoing: Outgoing, calendar: str, ctag: str) -> None:
        self._outgoing = outgoing
        self._calendar = calendar
        self._ctag = ctag

    async def by_token(self, seen: Seen) -> AsyncIterator[Changes]:
        """sync-collection; from the start where the token is not taken, by listing where it does not work at all."""
        full, token, cut = not seen.sync, seen.sync, True
        while cut:
            try:
                answer = await dialogue.sync_collection(self._outgoing, self._calendar, token)
            except (RefusedByProvider, RemoteConflict):
                if full:
                    break
                full, token = True, ""
                continue
            told = await asyncio.to_thread(read_told, answer, self._calendar)
            if not told.token or (told.cut and told.token == token):
                break
            token, cut = told.token, told.cut
            async for page in self._pages(told.urls, told.gone, None if cut else Seen(sync=token).token, full=full):
                yield page
        else:
            return
        async for page in self.by_listing(Seen() if seen.sync else seen):
            yield page

    async def by_listing(self, seen: Seen) -> AsyncIterator[Changes]:
        """All names and etags, compared with those of last time."""
        members, _ = await dialogue.propfind(self._outgoing, self._calendar, dialogue.LISTING, depth=1)
        now = await asyncio.to_thread(read_listing, members, self._calendar)
        full = not seen.etags and not seen.ctag
        changed, gone = differences(seen.etags, now)
        if full or changed or gone or self._ctag != seen.ctag:
            async for page in self._pages(changed, gone, Seen(ctag=self._ctag, etags=now).token, full=full):
                yield page

    async def _pages(
        self, urls: Sequence[str], gone: Sequence[str], token: str | None, *, full: bool
    ) -> AsyncIterator[Changes]:
        """At least one page; `gone` stands on the first, `token` on the last."""
        left = [href_of(self._calendar, url) for url in gone]
        starts = range(0, len(urls), PAGE) or range(1)
        for start in starts:
            objects, missing = await self._objects(urls[start : start + PAGE])
            yield Changes(objects, [*left, *missing], token=token if start == starts[-1] else None, full=full)
            left = []

    async def _objects(self, urls: Sequence[str]) -> tuple[list[CalendarObject], list[str]]:
        """Those that are there, and the hrefs of those that are not."""
        try:
            paths = ["/" + url.split("/", 3)[3] for url in urls]
            members = await dialogue.multiget(self._outgoing, self._calendar, paths) if urls else []
        except (dialogue.BrokenAnswer, RefusedByProvider):
            members = []  # one object that no XML can carry must not hide the others: they are fetched singly
        found = read_objects(members, self._calendar)
        gone = set(read_gone(members, self._calendar))
        for url in urls:
            if url not in found and url not in gone:
                try:
                    found[url] = await get(self._outgoing, self._calendar, url)
                except RemoteGone:
                    gone.add(url)
        return [found[url] for url in urls if url in found], [href_of(self._calendar, url) for url in gone]


ROW: Final = Row("caldav", CalDavBackend)
