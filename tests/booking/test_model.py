import pytest
from pydantic import ValidationError

from gateway.booking.model import EventType, Hours, document, read_event_type, said, working_hours
from gateway.booking.slots import Between, BookableDays, Rolling
from gateway.booking.tokens import digest, matches, new_token
from gateway.freebusy.availability import Window
from tests.booking.office import EVENT_TYPES


@pytest.mark.parametrize("given", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_a_document_comes_back_as_it_went(given):
    kind = read_event_type(given)
    assert read_event_type(document(kind)) == kind


@pytest.mark.parametrize(
    ("given", "language", "text"),
    [
        pytest.param({"en": "Talk", "de": "Gespräch"}, "de", "Gespräch", id="in the language"),
        pytest.param({"en": "Talk", "de": "Gespräch"}, "de_AT", "Gespräch", id="whatever the region"),
        pytest.param({"en": "Talk", "de": "Gespräch"}, "fr", "Talk", id="else in English"),
        pytest.param({"": "Call", "en": "Talk"}, "fr", "Call", id="else what holds for all"),
        pytest.param({"de": "Gespräch"}, "en", "Gespräch", id="else whatever there is"),
        pytest.param({}, "en", "", id="nothing"),
    ],
)
def test_said(given, language, text):
    assert said(given, language) == text


@pytest.mark.parametrize(
    ("window", "rules"),
    [
        ({"kind": "rolling", "days": 9, "business": True}, Rolling(9, True)),
        ({"kind": "bookable", "days": 3}, BookableDays(3)),
        ({"kind": "between", "first": "2026-12-01", "last": "2026-12-03"}, Between),
    ],
)
def test_windows(window, rules):
    found = EventType(title="x", window=window).rules.window
    assert isinstance(found, rules) if rules is Between else found == rules


@pytest.mark.parametrize(
    "wrong",
    [
        {"length": 0},
        {"length": 30, "before": -1},
        {"hours": {"weekly": [["9-17"]] * 7}},
        {"hours": {"weekly": []}},
        {"colour": "red"},
        {"questions": [{"name": "No good", "label": "x"}]},
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        read_event_type({"title": "x", **wrong})


def test_hours_without_a_zone_are_the_hosts():
    hours = working_hours(Hours(weekly=(("18:00-22:00",), *((),) * 6)), "Asia/Tokyo")
    assert (hours.zone, hours.weekly[0]) == ("Asia/Tokyo", (Window(18 * 60, 22 * 60),))


def test_tokens():
    token = new_token()
    assert len(token) == 22
    assert matches(token, digest(token))
    assert not matches(token + "x", digest(token))
    assert not matches("", None)
    assert not matches(token, None)
