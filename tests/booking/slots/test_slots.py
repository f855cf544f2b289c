"""Which starts the grid has: free ranges, buffers, working time, nights on which the clocks change."""

from datetime import date

import pytest

from gateway.booking.slots import Host, Rules
from gateway.freebusy.availability import Away, Override, Travel
from gateway.model import FbType
from tests.booking.slots.sample import BERLIN, ask, at, booking, busy, hours, offered, windows


@pytest.mark.parametrize(
    ("rules", "host", "expected"),
    [
        pytest.param(Rules(60), Host("a", hours("09:00-12:00")), "09:00 10:00 11:00", id="step is the length"),
        pytest.param(Rules(60, step=30), Host("a", hours("09:00-11:30")), "09:00 09:30 10:00 10:30", id="own step"),
        pytest.param(Rules(45), Host("a", hours("09:00-12:00")), "09:00 09:45 10:30 11:15", id="last one just fits"),
        pytest.param(
            Rules(30, step=45), Host("a", hours("09:00-10:40")), "09:00 09:45", id="what does not fit is left out"
        ),
        pytest.param(
            Rules(60), Host("a", hours("09:00-12:00"), busy("09:20-09:50")), "10:00 11:00", id="up to the hour"
        ),
        pytest.param(
            Rules(45), Host("a", hours("09:00-12:00"), busy("09:20-09:50")), "10:00 10:45", id="45: quarter hours"
        ),
        pytest.param(
            Rules(50), Host("a", hours("09:00-12:00"), busy("09:00-09:05")), "09:10 10:00 10:50", id="50: tens"
        ),
        pytest.param(Rules(25), Host("a", hours("09:00-10:00"), busy("09:00-09:02")), "09:05 09:30", id="25: fives"),
        pytest.param(Rules(7), Host("a", hours("09:01-09:16")), "09:01 09:08", id="odd step: any minute"),
        pytest.param(Rules(60, offset=10), Host("a", hours("09:00-12:00")), "09:10 10:10", id="offset once"),
        pytest.param(Rules(30, offset=10), Host("a", hours("09:00-09:35")), "", id="offset must fit"),
        pytest.param(
            Rules(30), Host("a", hours("09:00-10:00 10:00-11:00")), "09:00 09:30 10:00 10:30", id="windows that touch"
        ),
        pytest.param(
            Rules(30), Host("a", hours("09:00-10:00"), busy("09:30-09:30")), "09:00 09:30", id="no length, not busy"
        ),
        pytest.param(
            Rules(30), Host("a", hours("09:00-10:30"), busy("09:30:30-09:59:30")), "09:00 10:00", id="seconds outwards"
        ),
        pytest.param(
            Rules(30),
            Host("a", hours("09:00-10:30"), busy("09:30-10:00", fbtype=FbType.TENTATIVE)),
            "09:00 10:00",
            id="tentative",
        ),
        pytest.param(
            Rules(30),
            Host("a", hours("09:00-10:00"), busy("09:30-10:00", fbtype=FbType.FREE)),
            "09:00 09:30",
            id="free is free",
        ),
        pytest.param(
            Rules(30, before=15),
            Host("a", hours("09:00-12:00"), busy("10:00-10:30")),
            "09:00 09:30 11:00 11:30",
            id="before",
        ),
        pytest.param(
            Rules(30, after=15),
            Host("a", hours("09:00-12:00"), busy("10:00-10:30")),
            "09:00 10:30 11:00 11:30",
            id="after",
        ),
        pytest.param(
            Rules(30, before=60, after=60), Host("a", hours("09:00-10:00")), "09:00 09:30", id="hours need no buffer"
        ),
        pytest.param(
            Rules(30),
            Host(
                "a", hours("09:00-11:00"), taken=(booking("x", "09:30", "10:00", blocked_until=at("2026-06-10T10:10")),)
            ),
            "09:00 10:30",
            id="a booking's own buffer",
        ),
        pytest.param(
            Rules(60),
            Host("a", hours("09:00-12:00"), busy("08:00-09:30", "09:10-09:20", "11:00-13:00")),
            "10:00",
            id="overlaps",
        ),
    ],
)
def test_grid_busy_and_buffers(rules, host, expected):
    assert offered(ask(rules, host)) == expected


@pytest.mark.parametrize(
    ("work", "first", "last", "expected"),
    [
        pytest.param(
            hours("09:00-11:00", days=[0]),
            "2026-06-08",
            "2026-06-15",
            "08.09:00 08.10:00 15.09:00 15.10:00",
            id="weekday",
        ),
        pytest.param(hours("22:00-01:00"), "2026-06-10", None, "00:00 22:00 23:00", id="over midnight"),
        pytest.param(hours("22:00-24:00", days=[2]), "2026-06-10", "2026-06-11", "10.22:00 10.23:00", id="until 24:00"),
        pytest.param(
            hours("09:00-10:00", overrides=(Override(date(2026, 6, 10), windows("14:00-16:00")),)),
            "2026-06-10",
            None,
            "14:00 15:00",
            id="override",
        ),
        pytest.param(
            hours("09:00-10:00", overrides=(Override(date(2026, 6, 10)),)), "2026-06-10", None, "", id="closed date"
        ),
        pytest.param(
            hours("22:00-02:00", overrides=(Override(date(2026, 6, 11), windows("12:00-13:00")),)),
            "2026-06-10",
            "2026-06-12",
            "10.00:00 10.01:00 10.22:00 10.23:00 11.12:00 12.22:00 12.23:00",
            id="an override drops what spills in, and spills itself no more than its own",
        ),
        pytest.param(
            hours("09:00-10:00", away=(Away(date(2026, 6, 10), date(2026, 6, 11)),)),
            "2026-06-09",
            "2026-06-12",
            "09.09:00 12.09:00",
            id="away, both ends",
        ),
        pytest.param(
            hours(
                "22:00-02:00",
                overrides=(Override(date(2026, 6, 12), windows("12:00-13:00")),),
                holidays=frozenset([date(2026, 6, 11), date(2026, 6, 12)]),
            ),
            "2026-06-10",
            "2026-06-13",
            "10.00:00 10.01:00 10.22:00 10.23:00 12.12:00 13.22:00 13.23:00",
            id="a holiday drops what spills in; hours of the date itself count",
        ),
        pytest.param(
            hours(
                "09:00-10:00",
                overrides=(Override(date(2026, 6, 10), windows("14:00-16:00")),),
                away=(Away(date(2026, 6, 10), date(2026, 6, 10)),),
            ),
            "2026-06-10",
            None,
            "",
            id="away beats an override",
        ),
        pytest.param(
            hours("09:00-10:00", travel=(Travel(date(2026, 6, 10), date(2026, 6, 11), "America/New_York"),)),
            "2026-06-09",
            "2026-06-12",
            "09.09:00 10.15:00 11.15:00 12.09:00",
            id="travel",
        ),
    ],
)
def test_working_time(work, first, last, expected):
    assert offered(ask(Rules(60), Host("a", work)), first, last) == expected


@pytest.mark.parametrize(
    ("zone", "text", "day", "expected"),
    [
        pytest.param(
            BERLIN, "01:00-05:00", "2026-03-29", "01:00 03:00 04:00", id="Berlin: the hour from two is missing"
        ),
        pytest.param(
            BERLIN, "01:00-05:00", "2026-10-25", "01:00 02:00 02:00 03:00 04:00", id="Berlin: the hour from two twice"
        ),
        pytest.param(BERLIN, "02:00-03:00", "2026-03-29", "", id="Berlin: only the missing hour"),
        pytest.param("America/New_York", "01:00-04:00", "2026-03-08", "01:00 03:00", id="New York, spring"),
        pytest.param("America/New_York", "00:00-03:00", "2026-11-01", "00:00 01:00 01:00 02:00", id="New York, autumn"),
        pytest.param("Asia/Kolkata", "09:00-12:00", "2026-03-29", "09:00 10:00 11:00", id="Kolkata never changes"),
        # 02:00 becomes 02:30 on 4 October, 02:00 becomes 01:30 on 5 April: a grid of elapsed time goes on at half past
        pytest.param("Australia/Lord_Howe", "01:00-05:00", "2026-10-04", "01:00 02:30 03:30", id="Lord Howe, spring"),
        pytest.param("Australia/Lord_Howe", "01:00-04:00", "2026-04-05", "01:00 01:30 02:30", id="Lord Howe, autumn"),
        pytest.param("UTC", "00:00-02:00", "2026-03-29", "00:00 01:00", id="UTC"),
    ],
)
def test_nights_on_which_the_clocks_change(zone, text, day, expected):
    asked = ask(Rules(60), Host("a", hours(text, zone)), now="2026-01-01T00:00", zone=zone)

    assert offered(asked, day, zone=zone) == expected


def test_the_grid_is_that_of_the_events_clock_whatever_the_invitees_zone():
    asked = ask(Rules(60), Host("a", hours("09:00-11:00")), zone="Asia/Kolkata")
    indian = ask(Rules(60, zone="Asia/Kolkata"), Host("a", hours("09:00-11:00")))

    assert offered(asked, zone="Asia/Kolkata") == "12:30 13:30"
    assert offered(indian) == "09:30"
