"""What the pages about working hours show, in the visitor's words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.freebusy import holidays, schedules
from gateway.freebusy.availability import Note, Sheet, Window, WorkingHours, read_sheet, runs
from gateway.freebusy.availability.hours import DAY
from gateway.freebusy.availability.minutes import THURSDAY, day_bits
from gateway.freebusy.schedules import Holidays
from gateway.store.principals import Principal
from gateway.store.schedules import ScheduleRow
from gateway.web.language import Language
from gateway.web.pages.hours import form
from gateway.web.views import span, zone_name
from gateway.web.zones import choices

HOLIDAY_DAYS: Final = 366  # how far ahead holidays are listed
MONDAY: Final = 7 - THURSDAY  # days since 1970 of a Monday


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was refused. part: which one; wrong: its field that is; message: in the visitor's words.

    values: of its fields; week: its days, where it is the week's.
    """

    part: str = ""
    wrong: str = ""
    message: str = ""
    values: dict[str, str] = field(default_factory=dict)
    week: list[list[tuple[str, str]]] | None = None


def title(row: ScheduleRow, spoken: Language) -> str:
    return row.name or spoken.text("Working hours")


def windows_text(windows: Iterable[Window], spoken: Language) -> str:
    return ", ".join(f"{_clock(window.start, spoken)} – {_clock(window.end, spoken)}" for window in windows)


def _clock(minute: int, spoken: Language) -> str:
    return spoken.clock(datetime(2024, 1, 1, minute % DAY // 60, minute % 60, tzinfo=UTC))


def week_lines(weekly: Sequence[Sequence[Window]], spoken: Language) -> list[str]:
    """Days with the same hours together: "Monday – Friday 09:00 – 17:00"."""
    found: list[tuple[int, int]] = []
    for day in range(7):
        if found and weekly[day] == weekly[found[-1][0]]:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    names = [spoken.weekday(date(2024, 1, 1) + timedelta(days=day)) for day in range(7)]
    return [
        f"{names[first]}{f' – {names[last]}' if last > first else ''}: {windows_text(weekly[first], spoken)}"
        for first, last in found
        if weekly[first]
    ]


def bars(sheet: Sheet) -> list[list[tuple[int, int]]]:
    """For each day, from which minute on and for how many there is work; of a week like all others."""
    plain = WorkingHours(sheet.zone, sheet.weekly)
    return [[(start, end - start) for start, end in runs(day_bits(plain, MONDAY + day), 0)] for day in range(7)]


def listed(row: ScheduleRow, person: Principal, spoken: Language) -> dict[str, Any]:
    """One of several."""
    sheet = read_sheet(row.availability, person.zone)
    return {
        "id": row.id,
        "title": title(row, spoken),
        "standard": row.standard,
        "zone": zone_name(sheet.zone, spoken),
        "lines": week_lines(sheet.weekly, spoken) or [spoken.text("No hours in the week")],
        "bars": bars(sheet),
    }


def _note(note: Note, spoken: Language) -> str:
    when = "" if note.first is None or note.last is None else span(note.first, note.last, spoken)
    return f"{note.summary}: {when}" if note.summary else when


def zones(spoken: Language, now: float, chosen: str) -> list[tuple[str, str]]:
    """IANA name and words, by place; the chosen one is always among them."""
    at = datetime.fromtimestamp(now, UTC)
    found = [(one.zone, f"{one.place}{f', {one.country}' if one.country else ''}") for one in choices(spoken, at)]
    return found if any(zone == chosen for zone, _ in found) else [(chosen, zone_name(chosen, spoken)), *found]


def countries(spoken: Language) -> list[tuple[str, str]]:
    names = ((code, str(spoken.locale.territories.get(code, code))) for code in holidays.countries())
    return sorted(names, key=lambda pair: pair[1])


def coming_holidays(chosen: Holidays, today: date, spoken: Language) -> list[dict[str, Any]]:
    """name: the country's own, which the form sends. told: the visitor's."""
    if not chosen.region:
        return []
    years = (today.year, today.year + 1)
    own, told = holidays.names(chosen.region, *years), holidays.names(chosen.region, *years, spoken.code)
    return [
        {
            "name": own[day],
            "told": told.get(day, own[day]),
            "day": spoken.day(day),
            "closed": own[day] not in chosen.kept_open,
        }
        for day in sorted(own)
        if today <= day <= today + timedelta(days=HOLIDAY_DAYS)
    ]


def whole(
    row: ScheduleRow, person: Principal, colleagues: Sequence[Principal], spoken: Language, now: float, typed: Typed
) -> dict[str, Any]:
    """A page of its own."""
    sheet = read_sheet(row.availability, person.zone)
    today = datetime.fromtimestamp(now, ZoneInfo(sheet.zone)).date()
    chosen = schedules.holidays_of(row)
    days = typed.week or [form.window_texts(windows) for windows in sheet.weekly]
    names = {one.name: one.displayname for one in colleagues}
    shown_zone = typed.values.get("zone", sheet.zone) if typed.part == "week" else sheet.zone
    return {
        "schedule": {"id": row.id, "title": title(row, spoken), "name": row.name, "standard": row.standard},
        "zone": shown_zone,
        "zone_name": zone_name(sheet.zone, spoken),
        "zones": zones(spoken, now, shown_zone),
        "days": [(spoken.weekday(date(2024, 1, 1) + timedelta(days=day)), texts) for day, texts in enumerate(days)],
        "short_days": [spoken.weekday(date(2024, 1, 1) + timedelta(days=day), "abbreviated") for day in range(7)],
        "hours_marks": [_clock(hour * 60, spoken) for hour in (0, 6, 12, 18)],
        "bars": bars(sheet),
        "was": form.seal(sheet),
        "dates": [
            {"date": one.date.isoformat(), "day": spoken.day(one.date), "hours": windows_text(one.windows, spoken)}
            for one in sheet.overrides
        ],
        "absences": [
            {
                "first": one.first.isoformat(), "last": one.last.isoformat(), "days": span(one.first, one.last, spoken),
                "reason": one.reason, "shown": one.shown, "stand_in": names.get(one.stand_in, one.stand_in),
            }
            for one in sheet.absences
        ],
        "travels": [
            {
                "first": one.first.isoformat(), "days": span(one.first, one.last, spoken),
                "zone": zone_name(one.zone, spoken),
            }
            for one in sheet.travel
        ],
        "notes": [_note(note, spoken) for note in sheet.notes],
        "people": sorted(names.items(), key=lambda pair: pair[1]),
        "country": chosen.region.partition("-")[0],
        "part": chosen.region.partition("-")[2],
        "countries": countries(spoken),
        "parts": list(holidays.parts(chosen.region.partition("-")[0]).items()) if chosen.region else [],
        "holidays": coming_holidays(chosen, today, spoken),
        "typed": typed,
    }  # fmt: skip
