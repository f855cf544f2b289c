"""VTIMEZONEs left out and put back."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ical.objects import read_lenient
from gateway.ical.recurrence import instances
from gateway.ical.zones.reference import with_zones, without_zones
from tests.ical import event, stamp

NAMES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(event("DTSTART:20250609T070000Z"), id="no zone"),
        pytest.param(event("DTSTART;TZID=Nowhere:20250609T070000"), id="one that nobody knows"),
        pytest.param("BEGIN:VTIMEZONE;TZID=Europe/Berlin", id="nothing that can be read"),
        pytest.param("", id="nothing"),
    ],
)
def test_nothing_to_do(text: str) -> None:
    assert with_zones(text) == without_zones(text) == text


@given(st.sampled_from(NAMES), st.integers(1, 12), st.integers(1970, 2060))
def test_what_is_put_in_comes_out_again_and_moves_nothing(name: str, month: int, year: int) -> None:
    text = event(f"DTSTART;TZID={name}:{year}{month:02d}09T023000", "RRULE:FREQ=MONTHLY;COUNT=30")
    whole = with_zones(text)
    assert without_zones(whole) == text
    renamed = whole.replace(name, "Mine")  # else the name would count, not what is described
    span = stamp("19700101"), stamp("20700101")
    found = [[one.start for one in instances(read_lenient(each), *span, ZoneInfo("UTC"))] for each in (text, renamed)]
    assert found[0] == found[1]


def test_a_text_without_anything_in_it_stays_a_calendar() -> None:
    text = event("DTSTART;TZID=Europe/Berlin:20250609T070000").replace("\r\n", "\n")
    assert with_zones(text).startswith("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Test//EN\nBEGIN:VTIMEZONE")
