"""What people do with their clients, and what they see there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.freebusy.busy import busy_seconds
from gateway.ical.objects import read_lenient
from gateway.ical.text import Component
from gateway.scheduling import implicit, itip
from gateway.scheduling.imip.queue import KIND as MAIL
from gateway.store import accounts, collections, jobs, members, principals
from gateway.store.database import Connection, Database
from gateway.store.principals import Principal
from gateway.sync import inbox
from gateway.sync.context import Sync
from tests.fakes.shelf import Shelf
from tests.sync.conftest import NOW, Clock

HREF = "meeting.ics"
NINE, TEN = "20261124T090000Z", "20261124T100000Z"


def event(uid: str, *lines: str, start: str = NINE, end: str = TEN, summary: str = "Meeting") -> str:
    return calendar(component(uid, *lines, start=start, end=end, summary=summary))


def calendar(*components: str) -> str:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\n"
    return head + "".join(components) + "END:VCALENDAR\r\n"


def component(uid: str, *lines: str, start: str = NINE, end: str = TEN, summary: str = "Meeting") -> str:
    made = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20261101T000000Z",
        f"DTSTART:{start}",
        f"DTEND:{end}",
        f"SUMMARY:{summary}",
        *lines,
        "END:VEVENT",
    ]
    return "".join(f"{line}\r\n" for line in made)


def people(*guests: str, organizer: str = "alice", params: str = "") -> tuple[str, ...]:
    """params: of the guests' lines."""
    return (
        f"ORGANIZER:mailto:{organizer}@example.com",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}@example.com",
        *(f"ATTENDEE;PARTSTAT=NEEDS-ACTION{params}:mailto:{address(guest)}" for guest in guests),
    )


def address(name: str) -> str:
    return name if "@" in name else f"{name}@example.com"


def meeting(*guests: str, uid: str = "meeting", organizer: str = "alice", **times: str) -> str:
    """times: and the summary."""
    return event(uid, *people(*guests, organizer=organizer), **times)


@dataclass
class Stage:
    db: Database
    sync: Sync
    clock: Clock
    shelves: dict[int, Shelf]

    def mails(self) -> list[tuple[str, str]]:
        """(recipient, news) of the mails that wait, in order."""
        return [(job.payload["recipient"], job.payload["news"]) for job in self.mail_jobs()]

    def mail_jobs(self) -> list[jobs.Job]:
        def find(conn: Connection) -> list[jobs.Job]:
            found = [job for one in principals.everybody(conn) for job in jobs.waiting(conn, MAIL, one.id)]
            return sorted(found, key=lambda job: job.id)

        return self.db.read_now(find)

    def sent(self) -> list[tuple[str, str]]:
        """The mails as before, which are then out of the way."""
        found = self.mail_jobs()
        for job in found:
            self.db.write_now(jobs.drop, job.kind, job.key)
        return [(job.payload["recipient"], job.payload["news"]) for job in found]


@dataclass
class Person:
    stage: Stage
    principal: Principal
    asked: Mapping[str, object] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.principal.email

    async def put(self, text: str, href: str = HREF, **asked: object):
        return await implicit.put(self.stage.sync, self.principal, href, text, asked=implicit.Asked(**asked))

    async def delete(self, href: str = HREF, **asked: object) -> None:
        await implicit.delete(self.stage.sync, self.principal, href, asked=implicit.Asked(**asked))

    async def edit(self, *changes: tuple[str, str], uid: str = "meeting", **asked: object):
        """A client changes what it was given."""
        text = self.text(uid)
        for before, after in changes:
            text = text.replace(before, after)
        return await self.put(text, self.href(uid), **asked)

    async def answer(self, partstat: str, uid: str = "meeting", *, rid: str = "", **asked: object):
        href = self.href(uid)
        text = itip.answer(read_lenient(self.text(uid)), self.address, partstat, rid=rid)
        return await self.put(text, href, **asked)

    def mailed(self, text: str, sender: str) -> itip.Outcome:
        """Somebody else's mail."""
        return self.stage.db.write_now(implicit.deliver_mail, self.stage.sync, self.principal, sender, text)

    def _member(self, uid: str):
        def find(conn: Connection):
            return members.by_uid(conn, self.principal.merged, uid)

        return self.stage.db.read_now(find)

    def href(self, uid: str = "meeting") -> str:
        return self._member(uid).href

    def has(self, uid: str = "meeting") -> bool:
        return self._member(uid) is not None

    def row(self, uid: str = "meeting"):
        href = self.href(uid)
        return self.stage.db.read_now(members.text, self.principal.merged, href)

    def text(self, uid: str = "meeting") -> str:
        return self.row(uid).text

    def tag(self, uid: str = "meeting") -> str:
        return self.row(uid).schedule_tag

    def components(self, uid: str = "meeting") -> list[Component]:
        return list(read_lenient(self.text(uid)).components)

    def said(self, name: str, uid: str = "meeting") -> list[str]:
        """Values of a property in all components."""
        return [line.value for one in self.components(uid) for line in one.all(name)]

    def answers(self, uid: str = "meeting", number: int = 0) -> dict[str, str]:
        """Who -> PARTSTAT, in one component."""
        return self.params("PARTSTAT", uid, number)

    def statuses(self, uid: str = "meeting") -> dict[str, str]:
        return {who: code for who, code in self.params("SCHEDULE-STATUS", uid).items() if code}

    def params(self, name: str, uid: str = "meeting", number: int = 0) -> dict[str, str]:
        lines = self.components(uid)[number].all("ATTENDEE")
        return {itip.address(line).removesuffix("@example.com"): line.param(name) or "" for line in lines}

    def calendar_of(self, uid: str = "meeting") -> str:
        row = self.row(uid)
        found = self.stage.db.read_now(accounts.calendar, row.calendar_id)
        return "" if found is None else found.displayname

    def inbox(self) -> list[str]:
        """METHODs of the messages, which are then thrown away."""

        def take(conn: Connection) -> list[str]:
            box = collections.inbox(conn, self.principal.id)
            rows = sorted(members.texts(conn, box.id), key=lambda row: row.object_id)
            for row in rows:
                inbox.remove(conn, self.principal.id, row.href)
            return [read_lenient(row.text).calendar.text("METHOD") for row in rows]

        return self.stage.db.write_now(take)

    def busy(self) -> list[tuple[int, int, int]]:
        """(hour it begins, hour it ends, kind) of the 24th of November, in UTC."""
        day = int(NOW) - 12 * 3600 + 3 * 86_400
        rows = self.stage.db.read_now(busy_seconds, self.principal, day, day + 86_400)
        return [((start - day) // 3600, (end - day) // 3600, int(kind)) for start, end, kind in rows]

    def connect(self, kind: str, **more: object) -> Shelf:
        """An account at a fake provider whose one calendar takes new events."""

        def add(conn: Connection) -> int:
            account = accounts.add(conn, self.principal.id, kind, kind, {}, None, 1)
            shelf = self.stage.shelves[account] = Shelf(verbatim=kind == "caldav")
            shelf.add_calendar("main", displayname=f"{kind} main", primary=True, **more)
            accounts.add_calendar(conn, self.principal.id, account, shelf.calendars_["main"].calendar)
            return account

        return self.stage.shelves[self.stage.db.write_now(add)]
