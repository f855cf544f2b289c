"""Zone names in all their spellings, VTIMEZONEs taken and given, gaps and folds."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidCalendarData
from gateway.ical.text import Component, component, parse, prop, serialise
from gateway.ical.zones import GivenZone, iana, local_to_utc, utc_to_local, vtimezone, windows, zone_for
from gateway.ical.zones.given import given_zone
from tests.ical import calendar, stamp

ZONES = (
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Nuuk",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Jerusalem",
    "Asia/Gaza",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Apia",
    "Etc/UTC",
)
HOSTILE = "FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=DAILY"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("Europe/Berlin ", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ('"Europe/Berlin"', "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Eastern Standard Time", "America/New_York"),
        ("w. europe standard time", "Europe/Berlin"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("Customized Time Zone", None),
        ("", None),
        ("../../etc/passwd", None),
        ("localtime", None),
    ],
)
def test_iana(name: str, meant: str | None) -> None:
    assert iana(name) == meant


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Europe/Berlin", "W. Europe Standard Time"),
        ("Europe/Vienna", "W. Europe Standard Time"),
        ("America/Detroit", "Eastern Standard Time"),
        ("Asia/Calcutta", "India Standard Time"),
        ("Europe/London", "GMT Standard Time"),
        ("UTC", "UTC"),
        ("Nowhere", "UTC"),
    ],
)
def test_windows(name: str, meant: str) -> None:
    assert windows(name) == meant


def custom(*rules: str, tzid: str = "Custom") -> Component:
    """Two hours east in summer, one in winter; `rules` besides."""
    winter = [
        prop("DTSTART", "19701025T030000"),
        prop("RRULE", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
        prop("TZOFFSETFROM", "+0200"),
        prop("TZOFFSETTO", "+0100"),
        prop("TZNAME", "W"),
        *(prop("RRULE", rule) for rule in rules),
    ]
    summer = [
        prop("DTSTART", "19700329T020000"),
        prop("RRULE", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
        prop("TZOFFSETFROM", "+0100"),
        prop("TZOFFSETTO", "+0200"),
        prop("TZNAME", "S"),
    ]
    parts = [component("STANDARD", winter), component("DAYLIGHT", summer)]
    return component("VTIMEZONE", [prop("TZID", tzid)], parts)


def test_names_come_before_definitions() -> None:
    assert zone_for("Europe/London", {"Europe/London": custom(tzid="Europe/London")}) == ZoneInfo("Europe/London")


def test_unknown_names_are_taken_as_defined() -> None:
    zone = zone_for("Custom", {"Custom": custom()})

    assert isinstance(zone, GivenZone)
    assert local_to_utc(datetime(2025, 7, 1, 12), zone) == stamp("20250701T100000Z")
    assert local_to_utc(datetime(2025, 1, 1, 12), zone) == stamp("20250101T110000Z")
    summer = datetime(2025, 7, 1, 12, tzinfo=zone)
    assert (summer.tzname(), summer.dst(), summer.utcoffset()) == ("S", timedelta(hours=1), timedelta(hours=2))


def test_the_same_definition_is_worked_out_once() -> None:
    assert given_zone(custom()) is given_zone(custom())


def test_fixed_offsets_and_strangers() -> None:
    fixed = zone_for("GMT+0530", {})
    assert fixed is not None
    assert local_to_utc(datetime(2025, 1, 1, 12), fixed) == stamp("20250101T063000Z")
    assert zone_for("Nowhere", {}) is None
    assert zone_for("GMT+99", {}) is None


@pytest.mark.parametrize("rule", HOSTILE)
def test_hostile_definitions_define_nothing(rule: str) -> None:
    assert given_zone(custom(rule)) is None


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([], id="empty"),
        pytest.param(["BEGIN:STANDARD", "END:STANDARD"], id="no offsets"),
        pytest.param(
            ["BEGIN:STANDARD", "DTSTART:x", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0100", "END:STANDARD"], id="no date"
        ),
        pytest.param(
            ["BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+5744", "TZOFFSETTO:+0100", "END:STANDARD"],
            id="impossible offset",
        ),
    ],
)
def test_unreadable_definitions_define_nothing(lines: list[str]) -> None:
    text = calendar("BEGIN:VTIMEZONE", "TZID:Custom", *lines, "END:VTIMEZONE")
    assert given_zone(parse(text).components[0]) is None


def test_changes_by_date_and_rules_that_end() -> None:
    """A zone that kept summer time from 2020 on, announced by RDATEs and an UNTIL in UTC."""
    text = calendar(
        "BEGIN:VTIMEZONE",
        "TZID:Custom",
        "BEGIN:STANDARD",
        "DTSTART:20101031T030000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20181028T010000Z",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "BEGIN:DAYLIGHT",
        "DTSTART:20100328T020000",
        "RDATE:20110327T020000,20120325T020000",
        "RDATE:20200329T010000Z",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "END:VTIMEZONE",
    )
    zone = given_zone(parse(text).components[0])

    assert zone is not None
    offsets = {year: zone.utcoffset(datetime(year, 7, 1)) for year in (2009, 2010, 2012, 2015, 2020, 2030)}
    hours = {year: offset.total_seconds() / 3600 for year, offset in offsets.items() if offset is not None}
    assert hours == {2009: 1, 2010: 2, 2012: 2, 2015: 1, 2020: 2, 2030: 2}


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("year", [1995, 2008, 2025])
def test_our_definition_is_the_zone_itself(name: str, year: int) -> None:
    """For the ten years after `around`, each three hours, and around every change."""
    real = ZoneInfo(name)
    around = int(datetime(year, 6, 1, tzinfo=UTC).timestamp())

    ours = given_zone(vtimezone(name, around))

    assert ours is not None
    for at in range(around - 150 * 86400, around + 3650 * 86400, 3 * 3600 * 5):
        assert utc_to_local(at, ours) == utc_to_local(at, real)


def test_a_definition_has_the_usual_form() -> None:
    assert serialise(vtimezone("W. Europe Standard Time", stamp("20250601"))).split("\r\n") == [
        "BEGIN:VTIMEZONE",
        "TZID:W. Europe Standard Time",
        "X-LIC-LOCATION:Europe/Berlin",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "TZNAME:CEST",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "TZNAME:CET",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    ]


def test_no_definition_of_an_unknown_zone() -> None:
    with pytest.raises(InvalidCalendarData):
        vtimezone("Nowhere", 0)


@given(st.datetimes(datetime(1960, 1, 1), datetime(2060, 1, 1)), st.integers(0, 1))
def test_a_definition_behaves_as_tzinfo_must(when: datetime, fold: int) -> None:
    """Same as zoneinfo, in gaps and folds too; and back again from UTC."""
    ours = given_zone(custom())
    assert ours is not None
    local = when.replace(fold=fold, year=max(when.year, 1971))
    if local.year >= 1996:  # from then on Berlin has these very rules
        assert local.replace(tzinfo=ours).utcoffset() == local.replace(tzinfo=ZoneInfo("Europe/Berlin")).utcoffset()
    instant = when.replace(tzinfo=UTC)
    assert instant.astimezone(ours).astimezone(UTC) == instant
