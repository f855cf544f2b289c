"""What the editor shows: fields with what stands in them, in the reader's words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from gateway.booking.event_types import OPENABLE
from gateway.booking.locations import LOCATIONS
from gateway.booking.model import EventType, document
from gateway.booking.model import said as in_language
from gateway.store.principals import Principal
from gateway.web.language import NAMES, Language, msg
from gateway.web.markdown import markdown
from gateway.web.pages.event_types.fields import FIELDS, SECTIONS, Row, Section
from gateway.web.pages.event_types.reading import UNITS, Draft
from gateway.web.pages.hours.view import zones
from gateway.web.zones import known

COLORS: Final = (
    ("#2f5fd0", msg("Blue")), ("#0f766e", msg("Teal")), ("#15803d", msg("Green")), ("#a16207", msg("Ochre")),
    ("#c2410c", msg("Orange")), ("#be123c", msg("Red")), ("#a21caf", msg("Purple")), ("#475569", msg("Grey")),
)  # fmt: skip
PLACES: Final[Mapping[str, str]] = {
    "none": msg("No place"),
    "in-person": msg("In person, at this address"),
    "phone": msg("They call me at this number"),
    "call-invitee": msg("I call them; the form asks for their number"),
    "link": msg("Video call at this link"),
    "jitsi": msg("Video call in a Jitsi room of its own"),
    "ask-invitee": msg("Ask them where"),
}
"""Kinds of place in the words of whoever sets one; others by their label."""
KINDS: Final[Mapping[str, str]] = {
    "text": msg("A line of text"),
    "long": msg("A longer text"),
    "choice": msg("One of several answers"),
    "several": msg("Any of several answers"),
    "yes": msg("A box to tick"),
    "phone": msg("A phone number"),
    "number": msg("A number"),
}
PERIODS: Final = (
    ("day", msg("a day")), ("week", msg("a week")), ("month", msg("a month")), ("year", msg("a year")),
)  # fmt: skip
SPANS: Final = ((1, msg("minutes")), (60, msg("hours")), (60 * 24, msg("days")))
MODES: Final[Mapping[str, str]] = {
    "single": msg("One person"),
    "collective": msg("Everybody who is ticked, together"),
    "round_robin": msg("One of those who are ticked, by turns"),
}
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Scene:
    """What the fields may offer. people: who can be a host; schedules, into, read: number -> name.

    into: calendars that can get events; read: that can block. open: the only fields that can be set, None: all.
    """

    spoken: Language
    now: float
    owner: Principal
    people: Sequence[Principal] = ()
    schedules: Mapping[int, str] = field(default_factory=dict)
    into: Mapping[int, str] = field(default_factory=dict)
    read: Mapping[int, str] = field(default_factory=dict)
    open: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class FieldView:
    """value, offers: what its widget needs."""

    name: str
    widget: str
    label: str
    hint: str
    value: Any
    offers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SectionView:
    """is_set: something in it is not as usual."""

    name: str
    title: str
    hint: str
    fields: Sequence[FieldView]
    is_open: bool
    is_set: bool


def _texts(_scene: Scene, value: Any) -> Mapping[str, Any]:
    return {"languages": NAMES, "pairs": list(value.items()) or [("", "")]}


def _description(scene: Scene, value: Any) -> Mapping[str, Any]:
    text = in_language(value, scene.spoken.code)
    return {**_texts(scene, value), "preview": markdown(text) if text else ""}


def _places(scene: Scene, _value: Any) -> Mapping[str, Any]:
    return {"kinds": [(kind, _place_label(scene, kind)) for kind in LOCATIONS]}


def _place_label(scene: Scene, kind: str) -> str:
    if kind in PLACES:
        return scene.spoken.text(PLACES[kind])
    words = in_language(LOCATIONS[kind].label, scene.spoken.code).replace("{setting}", "").strip(" :")
    return words or kind


def _schedule(scene: Scene, _value: Any) -> Mapping[str, Any]:
    spoken = scene.spoken
    usual = spoken.text("Everybody's own working hours") if scene.owner.is_team else spoken.text("Your standard hours")
    named = [(str(key), name or spoken.text("Working hours")) for key, name in scene.schedules.items()]
    return {"choices": [("", usual), *named, ("own", spoken.text("Hours of its own"))]}


def _week(scene: Scene, value: Any) -> Mapping[str, Any]:
    weekly = value["weekly"] if value else document(EventType(title=""))["hours"] or ()
    days = []
    for at in range(7):
        texts = weekly[at] if at < len(weekly) else ()
        pairs = [tuple(text.partition("-")[::2]) for text in texts]
        days.append((scene.spoken.weekday(date(2024, 1, 1) + timedelta(days=at)), pairs))
    zone = (value or {}).get("zone", "")
    return {"days": days, "zone": zone, "zones": zones(scene.spoken, scene.now, known(zone) or scene.owner.zone)}


def _zone(scene: Scene, value: Any) -> Mapping[str, Any]:
    return {"zones": zones(scene.spoken, scene.now, known(value) or scene.owner.zone)}


def _calendar(scene: Scene, value: Any) -> Mapping[str, Any]:
    listed = [(str(key), name) for key, name in scene.into.items()]
    return {"choices": listed, "gone": value is not None and value not in scene.into}


def _calendars(scene: Scene, value: Any) -> Mapping[str, Any]:
    gone = value is not None and not any(one in scene.read for one in value)
    return {"choices": list(scene.read.items()), "gone": gone and bool(value)}


def _color(scene: Scene, value: Any) -> Mapping[str, Any]:
    known = [(code, scene.spoken.text(name)) for code, name in COLORS]
    if value and value not in {code for code, _ in COLORS}:
        known.append((str(value), str(value)))
    return {"colors": known}


def _span(scene: Scene, value: Any) -> Mapping[str, Any]:
    unit = next((one for one in reversed(UNITS) if isinstance(value, int) and value and value % one == 0), 1)
    count = value // unit if isinstance(value, int) else "" if value is None else value
    return {"count": count, "unit": unit, "units": [(one, scene.spoken.text(name)) for one, name in SPANS]}


def _confirmation(scene: Scene, value: Any) -> Mapping[str, Any]:
    within = None if value is None else value["within"]
    kind = "never" if value is None else "always" if within is None else "soon"
    return {"kind": kind, "within": _span(scene, 24 * 60 if within is None else within)}


def _window(_scene: Scene, value: Any) -> Mapping[str, Any]:
    return {"kind": value.get("kind", "rolling")}


def _limits(scene: Scene, _value: Any) -> Mapping[str, Any]:
    return {"periods": [(one, scene.spoken.text(name)) for one, name in PERIODS]}


def _questions(scene: Scene, _value: Any) -> Mapping[str, Any]:
    return {"kinds": [(one, scene.spoken.text(name)) for one, name in KINDS.items()], "languages": NAMES}


def _series(scene: Scene, value: Any) -> Mapping[str, Any]:
    units = (("day", msg("days")), ("week", msg("weeks")), ("month", msg("months")))
    shown = {"every": 2, "per": "week", "count": 6, "fewer": False} if value is None else value
    return {"units": [(one, scene.spoken.text(name)) for one, name in units], "shown": shown}


def _unreachable(scene: Scene, _value: Any) -> Mapping[str, Any]:
    spoken = scene.spoken
    accept, wait = spoken.text("It is booked by what is known here"), spoken.text("It waits for your confirmation")
    return {"choices": [("accept", accept), ("pending", wait)]}


def _managed(scene: Scene, value: Any) -> Mapping[str, Any]:
    listed = [(row.name, scene.spoken.text(row.label)) for row in FIELDS if row.name in OPENABLE]
    return {"choices": listed, "chosen": value["open"] if value else ()}


def _mode(scene: Scene, _value: Any) -> Mapping[str, Any]:
    return {"modes": [(one, scene.spoken.text(name)) for one, name in MODES.items()]}


def _choice(scene: Scene, _value: Any) -> Mapping[str, Any]:
    return {"language": [("", scene.spoken.text("That of whoever books")), *NAMES.items()]}


OFFERS: Final[Mapping[str, Callable[[Scene, Any], Mapping[str, Any]]]] = {
    "said": _texts,
    "description": _description,
    "places": _places,
    "schedule": _schedule,
    "week": _week,
    "zone": _zone,
    "calendar": _calendar,
    "calendars": _calendars,
    "managed": _managed,
    "series": _series,
    "unreachable": _unreachable,
    "color": _color,
    "span": _span,
    "confirmation": _confirmation,
    "window": _window,
    "limits": _limits,
    "questions": _questions,
    "mode": _mode,
    "choice": _choice,
}
"""By the widget's name; others need nothing."""


def rows_of(scene: Scene) -> list[Row]:
    """Fields that this owner's event types have, and that can be set."""
    return [row for row in FIELDS if _is_theirs(scene, row) and (scene.open is None or row.name in scene.open)]


def _is_theirs(scene: Scene, row: Row) -> bool:
    if row.section == "hosts" and len(scene.people) < 2:
        return False
    return not (row.persons if scene.owner.is_team else row.teams)


def sections(scene: Scene, draft: Draft, errors: Mapping[str, str], opened: str) -> list[SectionView]:
    """opened: name of a section that is open in any case."""
    usual = {**document(EventType(title="")), "hidden": False}
    hosts = _hosts(scene, draft)
    found = []
    for section in SECTIONS:
        rows = [row for row in rows_of(scene) if row.section == section.name]
        wrong = any(path.partition("-")[0] in {row.name for row in rows} for path in errors)
        is_set = any(draft[row.name] != usual.get(row.name) for row in rows)
        if section.name == "hosts":
            is_set = any(one["comes"] for one in hosts)
        views = [_field(scene, row, draft, hosts) for row in rows]
        if not views:
            continue
        found.append(_section(scene, section, views, is_open=wrong or opened == section.name, is_set=is_set))
    return found


def _section(scene: Scene, section: Section, views: list[FieldView], *, is_open: bool, is_set: bool) -> SectionView:
    words = scene.spoken.text
    title, hint = (words(one) if one else "" for one in (section.title, section.hint))
    return SectionView(section.name, title, hint, views, is_open, is_set)


def _field(scene: Scene, row: Row, draft: Draft, hosts: Sequence[Mapping[str, Any]]) -> FieldView:
    value = draft[row.name]
    offers = OFFERS[row.widget](scene, value) if row.widget in OFFERS else {}
    if row.widget == "mode":
        offers = {**offers, "hosts": hosts, "team": scene.owner.is_team}
    words = scene.spoken.text
    return FieldView(row.name, row.widget, words(row.label), words(row.hint) if row.hint else "", value, offers)


def _hosts(scene: Scene, draft: Draft) -> list[dict[str, Any]]:
    """Everybody who can come: first those who do, in order."""
    people = {one.id: one for one in scene.people}
    given = [one for one in draft.get("hosts", ()) if one["id"] in people]
    rest = [
        {"id": key, "comes": False, "fixed": False, "priority": 0, "weight": 100}
        for key in people
        if key not in {one["id"] for one in given}
    ]
    return [{**one, "name": people[one["id"]].displayname} for one in (*given, *rest)]
