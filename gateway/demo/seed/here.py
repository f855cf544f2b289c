"""Calendars that live here, and the published feed Carol subscribes to."""

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.demo.seed.week import Week
from gateway.ical.objects import combine

PRODID: Final = "-//gateway//demo//EN"
STAMP: Final = "20260101T000000Z"

# The zone as other programs write it into their files.
BERLIN: Final = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Berlin",
    *("BEGIN:DAYLIGHT", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZNAME:CEST", "DTSTART:19700329T020000"),
    *("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT"),
    *("BEGIN:STANDARD", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "TZNAME:CET", "DTSTART:19701025T030000"),
    *("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD"),
    "END:VTIMEZONE",
)


def text_of(component: Sequence[str], *, kind: str = "VEVENT", zone: bool = True) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}", *(BERLIN if zone else ())]
    lines += [f"BEGIN:{kind}", f"DTSTAMP:{STAMP}", *component, f"END:{kind}", "END:VCALENDAR", ""]
    return "\r\n".join(lines)


def timed(week: Week, uid: str, day: int, start: str, end: str, summary: str, *more: str) -> str:
    zone = "TZID=Europe/Berlin"
    times = (f"DTSTART;{zone}:{week.at(day, start):%Y%m%dT%H%M%S}", f"DTEND;{zone}:{week.at(day, end):%Y%m%dT%H%M%S}")
    return text_of([f"UID:{uid}", f"SUMMARY:{summary}", *times, *more])


def days(week: Week, uid: str, first: int, after: int, summary: str, *more: str) -> str:
    times = (f"DTSTART;VALUE=DATE:{week.day(first):%Y%m%d}", f"DTEND;VALUE=DATE:{week.day(after):%Y%m%d}")
    return text_of([f"UID:{uid}", f"SUMMARY:{summary}", *times, *more], zone=False)


def of_alice(week: Week) -> Iterator[str]:
    """Her private calendar: a series, a birthday that blocks nothing, a task."""
    yield timed(week, "yoga@home.example", -21, "18:30", "20:00", "Yoga", "RRULE:FREQ=WEEKLY;BYDAY=MO", "CLASS:PRIVATE")
    yield timed(week, "zahnarzt@home.example", 8, "08:30", "09:15", "Zahnarzt", "LOCATION:Praxis Dr. Sommer")
    yield days(week, "oma@home.example", 5, 6, "Oma Geburtstag", "RRULE:FREQ=YEARLY", "TRANSP:TRANSPARENT")
    yield text_of(
        ["UID:steuer@home.example", "SUMMARY:Steuererklärung", f"DUE;VALUE=DATE:{week.day(11):%Y%m%d}"],
        kind="VTODO",
        zone=False,
    )


def of_carol(week: Week) -> Iterator[str]:
    """Floating and all-day times, and a meeting that was cancelled but not deleted."""
    yield timed(week, "kita@carol.example", -28, "15:30", "16:00", "Kita", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
    yield timed(week, "abgesagt@carol.example", 1, "10:00", "12:00", "Abgesagt: Lieferant", "STATUS:CANCELLED")
    yield timed(week, "demo-termin@carol.example", 2, "10:00", "11:30", "Produktvorführung")
    yield text_of(
        [
            *("UID:laufen@carol.example", "SUMMARY:Laufen"),
            *(f"DTSTART:{week.at(3, '07:00'):%Y%m%dT%H%M%S}", "DURATION:PT45M"),
        ],
        zone=False,
    )
    yield days(week, "umzug@carol.example", 10, 12, "Umzug")


def feed(week: Week) -> str:
    """What the football club publishes."""
    games = (("spiel-1@verein.example", -1), ("spiel-2@verein.example", 6), ("spiel-3@verein.example", 13))
    events = [timed(week, uid, day, "15:00", "16:45", "Heimspiel", "LOCATION:Sportplatz") for uid, day in games]
    events.append(days(week, "ferien@verein.example", 21, 28, "Ferien", "TRANSP:TRANSPARENT"))
    return combine(events, PRODID, "SV Beispiel")
