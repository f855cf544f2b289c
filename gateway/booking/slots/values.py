"""What a search for slots is asked with. Instants are epoch seconds, durations minutes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.freebusy.availability import WorkingHours
from gateway.freebusy.merge import Busy


class Mode(StrEnum):
    SINGLE = "single"
    COLLECTIVE = "collective"
    ROUND_ROBIN = "round_robin"


class Per(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Limit:
    """Most bookings, and most booked minutes, in a day, week (from Monday), month or year of the event's zone.

    each_host: counts every host's own bookings of the event type instead of all of them.
    """

    per: Per
    count: int | None = None
    minutes: int | None = None
    each_host: bool = False


@dataclass(frozen=True, slots=True)
class Rolling:
    """Today and so many days after it, on the invitee's calendar; business days are Monday to Friday."""

    days: int
    business: bool = False


@dataclass(frozen=True, slots=True)
class BookableDays:
    """The next dates, on the invitee's calendar, that have anything to offer; today counts if it has."""

    days: int


@dataclass(frozen=True, slots=True)
class Between:
    """Dates in the event's zone, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Series:
    """Dates `every` days, weeks or months apart, `count` in all, at the same clock time in the event's zone.

    A month without the day is passed over, as RRULE does.
    """

    every: int
    per: Per
    count: int

    def __post_init__(self) -> None:
        if self.every < 1 or self.count < 1 or self.per is Per.YEAR:
            raise ValueError("a series repeats every so many days, weeks or months")


@dataclass(frozen=True, slots=True)
class Rules:
    """An event type, as far as slots go.

    step: minutes between starts, None: the length. offset: minutes added to the first start of a free range.
    before, after: buffers. zone: IANA name of the event's zone, "": the first host's.
    pending_blocks: bookings that wait for confirmation take their time, and count.
    first_slot_only: on each of the invitee's dates only the first start.
    """

    length: int
    step: int | None = None
    offset: int = 0
    before: int = 0
    after: int = 0
    notice: int = 0
    window: Rolling | BookableDays | Between | None = None
    limits: tuple[Limit, ...] = ()
    seats: int = 1
    mode: Mode = Mode.SINGLE
    first_slot_only: bool = False
    pending_blocks: bool = False
    series: Series | None = None
    zone: str = ""

    def __post_init__(self) -> None:
        if self.length < 1 or self.pace < 1 or self.seats < 1:
            raise ValueError("length, step and seats are at least 1")
        if min(self.offset, self.before, self.after, self.notice) < 0:
            raise ValueError("offset, buffers and notice are not negative")
        if self.series and self.seats > 1:
            raise ValueError("a series has no seats")

    @property
    def pace(self) -> int:
        return self.length if self.step is None else self.step

    @property
    def grain(self) -> int:
        """The largest of 60, 30, 20, 15, 10, 5 minutes that divides the step, else 1."""
        return next((grain for grain in (60, 30, 20, 15, 10, 5) if self.pace % grain == 0), 1)


@dataclass(frozen=True, slots=True)
class Taken:
    """Time of a host that a booking, or a slot held for a visitor, has.

    key: UID of the booking, or what the visitor's hold is known by.
    blocked_from, blocked_until: with the booking's own buffers; None: as start and end.
    own: of the event type that is asked about; seats: how many are taken.
    expires: when a held slot is let go; None for bookings.
    """

    key: str
    start: int
    end: int
    blocked_from: int | None = None
    blocked_until: int | None = None
    own: bool = False
    pending: bool = False
    seats: int = 1
    expires: int | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """busy: [start, end) and kind of all calendars that count, without the objects of what is in `taken`; any order.

    fixed: in a round robin, has to be there each time.
    unread: nobody knows when they are busy, so they have no time.
    """

    name: str
    hours: WorkingHours
    busy: tuple[Busy, ...] = ()
    taken: tuple[Taken, ...] = ()
    fixed: bool = False
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One question about slots.

    zone: the invitee's, IANA name; now: epoch seconds.
    without: keys of what does not block: the booking being moved, the visitor's own hold.
    """

    rules: Rules
    hosts: tuple[Host, ...]
    now: int
    zone: str
    without: frozenset[str] = frozenset()

    @property
    def event_zone(self) -> str:
        return self.rules.zone or (self.hosts[0].hours.zone if self.hosts else self.zone)

    def counts(self, taken: Taken) -> bool:
        """Whether it takes its time from others at all."""
        if taken.key in self.without or (taken.expires is not None and taken.expires <= self.now):
            return False
        return self.rules.pending_blocks or not taken.pending

    def booked(self, hosts: Iterable[Host]) -> list[Taken]:
        """Dates of bookings of the event type that count towards limits, each once, in order of their start."""
        found = {
            (taken.key, taken.start): taken
            for host in hosts
            for taken in host.taken
            if taken.own and taken.expires is None and self.counts(taken)
        }
        return sorted(found.values(), key=lambda taken: taken.start)
