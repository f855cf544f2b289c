from datetime import UTC, datetime

import pytest

from gateway.web.language import language
from gateway.web.zones import choices, known, place

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
GERMAN, ENGLISH = language(["de"]), language(["en"])


@pytest.mark.parametrize(
    ("search", "zone"),
    [
        ("berlin", "Europe/Berlin"),
        ("zurich", "Europe/Zurich"),
        ("new york", "America/New_York"),
        ("Tokyo japan", "Asia/Tokyo"),
        ("são", "America/Sao_Paulo"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_found_by_city_country_or_name(search, zone):
    assert zone in [choice.zone for choice in choices(ENGLISH, NOW, search)]


def test_places_are_said_in_the_visitors_language():
    assert (place("Asia/Tokyo", GERMAN), place("Asia/Tokyo", ENGLISH)) == ("Tokio", "Tokyo")
    assert {choice.country for choice in choices(GERMAN, NOW, "europe/berlin")} == {"Deutschland"}


def test_offsets_and_clocks_are_those_of_now():
    found = {choice.zone: choice for choice in choices(GERMAN, NOW)}
    assert (found["Asia/Kolkata"].from_utc, found["Asia/Kolkata"].clock) == ("UTC+5:30", "14:30")
    assert (found["America/New_York"].from_utc, found["UTC"].from_utc) == ("UTC-5", "UTC+0")


def test_names():
    assert known("Europe/Berlin") == "Europe/Berlin"
    assert [known(wrong) for wrong in ("", "Berlin", "../Berlin", "x" * 100)] == [None] * 4
