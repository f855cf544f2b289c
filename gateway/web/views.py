"""What the booking pages show of people, event types and times, in the visitor's words."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from gateway.booking.absent import Absent
from gateway.booking.locations import LOCATIONS
from gateway.booking.model import EventType, Place, Question, said
from gateway.booking.offer import Bookable, page_of
from gateway.booking.repeats import Repeats
from gateway.booking.slots import Mode
from gateway.store import faces
from gateway.store.faces import Face
from gateway.store.principals import Principal
from gateway.web.language import Language, msg
from gateway.web.markdown import markdown, without_marks
from gateway.web.picker import instant_key
from gateway.web.zones import place

FIELDS: Final = {"phone": "tel", "number": "number", "several": "several", "yes": "yes"}
NOTHING: Final = Markup()
REPLIES: Final = {
    "ACCEPTED": msg("Has accepted the invitation"),
    "TENTATIVE": msg("Is not sure to come"),
    "DECLINED": msg("Has declined the invitation"),
}
"""What invitees answered, by PARTSTAT."""

EACH: Final = {"day": msg("every day"), "week": msg("every week"), "month": msg("every month")}
EVERY: Final = {"day": msg("every {n} days"), "week": msg("every {n} weeks"), "month": msg("every {n} months")}


@dataclass(frozen=True, slots=True)
class HostView:
    """picture: its address, "": none. note: what they say of themselves."""

    displayname: str
    initials: str
    link: str
    picture: str = ""
    note: Markup = NOTHING


@dataclass(frozen=True, slots=True)
class PlaceView:
    """key: what the form knows it by. asking: what it asks for, None: nothing."""

    key: str
    label: str
    icon: str
    asking: "Asking | None" = None


@dataclass(frozen=True, slots=True)
class KindView:
    """description: plain text, lines kept; formatted: as it was meant to look. crew: who of a team comes.
    series: how many dates, and how far apart.

    lengths: all to choose from, "" where there is but one.
    """

    title: str
    description: str
    length: str
    places: tuple["PlaceView", ...]
    link: str
    crew: str = ""
    hidden: bool = False
    lengths: str = ""
    formatted: Markup = field(default_factory=Markup)
    series: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A booking's time. key: the start as it stands in forms; zone: its name in words."""

    day: str
    hours: str
    zone: str
    key: str

    @property
    def text(self) -> str:
        return f"{self.day}, {self.hours}"


@dataclass(frozen=True, slots=True)
class ZoneView:
    """iana: name; detect: nothing is known of the visitor's, so the browser may say; change: link to the choice.

    clock, clock_link: the other of the 12-hour and the 24-hour clock.
    """

    iana: str
    name: str
    now: str
    change: str
    detect: bool
    clock: int = 0
    clock_link: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """One question of the form. kind: of the input; "several", "yes": boxes to tick."""

    name: str
    label: str
    kind: str
    required: bool
    rows: int
    options: tuple[str, ...]
    autocomplete: str


def host_view(person: Principal, face: Face = faces.NONE) -> HostView:
    words = person.displayname.split() or [person.name]
    initials = words[0][:1] + (words[-1][:1] if len(words) > 1 else "")
    picture = f"/static/picture-{face.digest}" if face.digest else ""
    return HostView(person.displayname, initials.upper(), page_of(person), picture, markdown(face.note))


def joint_view(of: Bookable, spoken: Language) -> HostView:
    """Whose page it is: a person, a team, or several people together."""
    if not of.together:
        return host_view(of.host, of.face)
    names = spoken.several([one.displayname for one in of.people])
    return HostView(names, "".join(one.displayname[:1].upper() for one in of.people[:2]), page_of(of.host))


def crew_text(of: Bookable, spoken: Language) -> str:
    """Who of a team comes, "" where the page's host says it all."""
    if not of.host.is_team:
        return ""
    if of.mode is Mode.COLLECTIVE:
        return spoken.several([one.displayname for one in of.people])
    fixed = [one.person.displayname for one in of.attending if one.fixed]
    return (
        spoken.text("With one of the team")
        if not fixed
        else spoken.text("With {names} and one of the team", names=spoken.several(fixed))
    )


def span(first: date, last: date, spoken: Language) -> str:
    """Days, both included."""
    return spoken.day(first) if first == last else f"{spoken.day(first)} – {spoken.day(last)}"


def absence_view(one: Absent, spoken: Language) -> dict[str, str]:
    """link: to the page of who stands in, "" if nobody does."""
    return {
        "said": spoken.text(
            "{name} is out of office: {days}.", name=one.host.displayname, days=span(one.first, one.last, spoken)
        ),
        "reason": one.reason,
        "link": f"/{one.stand_in.name}" if one.stand_in else "",
        "instead": one.stand_in.displayname or one.stand_in.name if one.stand_in else "",
    }


def length_text(minutes: int, spoken: Language) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return spoken.text("{n} min", n=minutes)
    return spoken.text("{h} h {n} min", h=hours, n=rest) if rest else spoken.text("{h} h", h=hours)


def count_text(count: int, spoken: Language) -> str:
    return spoken.plural("{n} date", "{n} dates", count)


def series_text(repeats: Repeats | None, spoken: Language) -> str:
    """ "4 dates, every 2 weeks"; "" where bookings are single ones."""
    if repeats is None:
        return ""
    each = spoken.text((EVERY if repeats.every > 1 else EACH)[repeats.per], n=repeats.every)
    return f"{count_text(repeats.count, spoken)}, {each}"


def kind_view(of: Bookable, spoken: Language) -> KindView:
    description = said(of.kind.description, spoken.code)
    return KindView(
        title=said(of.kind.title, spoken.code),
        description=without_marks(description),
        formatted=markdown(description),
        length=length_text(of.kind.length, spoken),
        places=tuple(one for one in places(of.kind, spoken) if one.label),
        link=of.page,
        crew=crew_text(of, spoken),
        hidden=of.row.hidden,
        lengths=spoken.either([length_text(one, spoken) for one in of.kind.choosable]) if of.kind.lengths else "",
        series=series_text(of.kind.series, spoken),
    )


def zone_name(zone: str, spoken: Language) -> str:
    return place(zone, spoken) if "/" in zone else zone


def moment(start: int, end: int, zone: str, spoken: Language) -> Moment:
    """The day and the clock times in that zone; a second day is named where it ends on one."""
    first, last = (datetime.fromtimestamp(instant, ZoneInfo(zone)) for instant in (start, end))
    hours = f"{spoken.clock(first)} – {spoken.clock(last)}"
    if last.date() != first.date() and last - timedelta(minutes=1) >= first:
        hours += f" ({spoken.brief_day(last.date())})"
    in_zone = spoken.text("Time in {place}", place=zone_name(zone, spoken))
    return Moment(spoken.day(first.date()), hours, in_zone, instant_key(start))


def questions(kind: EventType, spoken: Language) -> list[Asking]:
    """The event type's own, after what its kind of place asks for where there is but one."""
    of_place = [one.asking for one in places(kind, spoken) if one.asking] if len(kind.places) == 1 else []
    return of_place + [_asking(question, spoken) for question in kind.questions]


def places(kind: EventType, spoken: Language) -> tuple[PlaceView, ...]:
    """Each asks in a field of its own where there are several."""
    return tuple(_place(one, f"place_{one.key}" if kind.places[1:] else "place", spoken) for one in kind.places)


def choice_of_places(kind: EventType, spoken: Language) -> tuple[PlaceView, ...]:
    """() where there is but one."""
    return places(kind, spoken) if kind.places[1:] else ()


def place_icon(where: Place) -> str:
    return LOCATIONS.get(where.kind, LOCATIONS["none"]).icon


def _place(one: Place, field: str, spoken: Language) -> PlaceView:
    row = LOCATIONS.get(one.kind, LOCATIONS["none"])
    label = (said(row.label, spoken.code) if row.label else "").replace("{setting}", one.text)
    phone = ("tel", "tel") if row.icon == "phone" else ("text", "off")
    asks = Asking(field, said(row.asks, spoken.code), phone[0], True, 0, (), phone[1]) if row.asks else None
    return PlaceView(one.key, label, row.icon, asks)


def _asking(question: Question, spoken: Language) -> Asking:
    return Asking(
        name=f"q_{question.name}",
        label=said(question.label, spoken.code),
        kind=FIELDS.get(question.kind, "text"),
        required=question.required,
        rows=3 if question.kind == "long" else 0,
        options=question.options if question.kind in {"choice", "several"} else (),
        autocomplete="tel" if question.kind == "phone" else "off",
    )
