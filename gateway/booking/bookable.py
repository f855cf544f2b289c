"""An event type with those it is booked with, and who asks for it."""

from dataclasses import dataclass, replace

from gateway.booking.model import EventType
from gateway.booking.slots import Mode, Rules
from gateway.errors import Flaw, InvalidInput
from gateway.store import faces
from gateway.store.bookings import EventTypeRow
from gateway.store.faces import Face
from gateway.store.principals import Principal


@dataclass(frozen=True, slots=True)
class Attending:
    """One host of an event type. fixed: there each time, where the others take turns; weight, priority: see assign.

    invited: False for those who are not asked to come, and whose bookings count towards the limits all the same.
    """

    person: Principal
    fixed: bool = False
    priority: int = 0
    weight: int = 100
    invited: bool = True


@dataclass(frozen=True, slots=True)
class Bookable:
    """An event type with those it is booked with, in listed order.

    host: the person or team whose page it is on. name: how that page calls them, several people joined by "+".
    face: how the host shows itself. color: accent of its page, "#rrggbb" or "#rrggbbaa", "": the standard one.
    """

    host: Principal
    row: EventTypeRow
    kind: EventType
    color: str
    name: str
    attending: tuple[Attending, ...]
    mode: Mode
    face: Face = faces.NONE

    @property
    def rules(self) -> Rules:
        return replace(self.kind.rules, mode=self.mode)

    @property
    def page(self) -> str:
        return f"{page_of(self.host, self.name)}/{self.row.slug}"

    def lasting(self, minutes: int) -> "Bookable":
        """With a length that the invitee chose; 0: the usual one. Raises: InvalidInput for one that is not offered."""
        if minutes and minutes not in self.kind.choosable:
            raise InvalidInput("this length cannot be booked", (Flaw("it is not offered", pointer="/length"),))
        return replace(self, kind=self.kind.lasting(minutes or self.kind.length))

    @property
    def unseated(self) -> "Bookable":
        """Without seats: for all parties of an event at once, who share a start with nobody else."""
        return replace(self, kind=self.kind.model_copy(update={"seats": 1}))

    @property
    def together(self) -> bool:
        """Whether it is an ad-hoc group's."""
        return self.name != self.host.name

    @property
    def dates(self) -> int:
        """How many each booking has; 0: they are single ones."""
        return 0 if self.kind.series is None else self.kind.series.count

    def with_dates(self, count: int) -> "Bookable":
        """count: how many dates of a series the invitee wants, where that is theirs to choose."""
        if self.kind.series is None:
            return self
        return replace(self, kind=self.kind.model_copy(update={"series": self.kind.series.of(count)}))

    @property
    def people(self) -> tuple[Principal, ...]:
        return tuple(one.person for one in self.attending)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks, and when. zone: the invitee's; now: epoch seconds; stale_after: seconds, see settings.

    moving: UID of the booking that is being moved, which does not stand in its own way; of a series only those of its
    dates do not that begin at one of `dates`, where any are given. hold: digest of what the
    visitor's held time is known by, "": they hold none.
    """

    zone: str
    now: int
    stale_after: int
    moving: str | None = None
    hold: str = ""
    dates: frozenset[int] = frozenset()

    @property
    def without(self) -> frozenset[str]:
        """Keys of what does not stand in the way."""
        return frozenset(key for key in (self.moving, self.hold) if key)


def page_of(host: Principal, name: str = "") -> str:
    """The path of their page. name: of an ad-hoc group that they lead."""
    return f"/team/{host.name}" if host.is_team else f"/{name or host.name}"
