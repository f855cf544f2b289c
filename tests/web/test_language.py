"""The words: complete in German, and chosen as the visitor wishes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter
from typing import Final

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import gateway.web
from gateway.booking.locations import LOCATIONS
from gateway.web.language import LANGUAGES, LOCALES, accepted, catalogue, language

ROOT = Path(gateway.web.__file__).parent
IN_TEMPLATES = {"_": None, "ngettext": (1, 2)}
IN_CODE = {"text": None, "plural": (1, 2), "msg": None}


def messages(files=None):
    """Every message of templates and code; those of two forms as (one, many)."""
    found = set()
    for file in files or (*ROOT.rglob("*.html"), *ROOT.rglob("*.py")):
        method, words = ("jinja2.ext:babel_extract", IN_TEMPLATES) if file.suffix == ".html" else ("python", IN_CODE)
        with file.open("rb") as source:
            found |= {message for _, message, _, _ in extract(method, source, keywords=words)}
    return found


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_message_is_said_in_german():
    german = catalogue("de")
    missing = {
        message
        for message in messages()
        if (message[0] if isinstance(message, tuple) else message) not in german.single
    }
    assert {message for message in missing if not isinstance(message, tuple)} == set()
    assert {message[0] for message in missing if isinstance(message, tuple)} <= set(german.plural)


def test_no_message_is_translated_that_nobody_says():
    german = catalogue("de")
    said = {message[0] if isinstance(message, tuple) else message for message in messages()}
    assert {*german.single, *german.plural} - said == set()


def test_translations_fill_in_the_same_fields():
    german = catalogue("de")
    for message, translated in german.single.items():
        assert fields(message) == fields(translated), message
    for message, forms in german.plural.items():
        assert [fields(form) for form in forms] == [fields(message)] * 2


PUBLIC: Final = (
    *(
        f"templates/{name}.html"
        for name in ("base", "landing", "profile", "pick", "agenda", "details", "zones", "error")
    ),
    *(f"templates/{name}.html" for name in ("booking", "add_to", "guest", "parts", "open_graph")),
    *(f"{name}.py" for name in ("agenda", "dates", "errors", "forms", "where", "views", "picker")),
    *(f"pages/{name}.py" for name in ("booking", "choosing", "disowned", "guests", "event_type", "profile", "hold")),
)
"""What people without an account read."""


@pytest.mark.parametrize("code", ["es", "fr"])
def test_what_invitees_read_is_said_in_spanish_and_french(code):
    known = catalogue(code)
    said = messages(ROOT / name for name in PUBLIC)
    assert {one for one in said if isinstance(one, str)} - set(known.single) == set()
    assert {one[0] for one in said if not isinstance(one, str)} - set(known.plural) == set()
    for message, translated in known.single.items():
        assert fields(message) == fields(translated), message
    for message, forms in known.plural.items():
        assert [fields(form) for form in forms] == [fields(message)] * 2
    everything = {one if isinstance(one, str) else one[0] for one in messages()}
    assert {*known.single, *known.plural} - everything == set()


@pytest.mark.parametrize("code", LANGUAGES)
def test_places_are_said_in_every_language(code):
    for row in LOCATIONS.values():
        for words in (row.label, row.asks):
            assert not words or {"", code} & set(words), row


def test_nothing_is_one_in_french():
    assert [language(["fr"]).plural("{n} time free", "{n} times free", n) for n in (0, 1, 2)] == [
        "0 horaire libre", "1 horaire libre", "2 horaires libres",
    ]  # fmt: skip


def test_german_is_polite():
    said = {*catalogue("de").single.values(), *(form for forms in catalogue("de").plural.values() for form in forms)}
    words = {word.strip(".,:;!?").lower() for text in said for word in text.split()}
    assert words & {"du", "dein", "deine", "deinem", "deinen", "dich", "dir"} == set()


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_its_file(code):
    with (LOCALES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        assert str(read_po(file).locale) in {"None", code}


@pytest.mark.parametrize(
    ("header", "code", "locale"),
    [
        pytest.param("de-AT,de;q=0.9,en;q=0.8", "de", "de_AT", id="with region"),
        pytest.param("it-IT, en-GB;q=0.7, de;q=0.3", "en", "en_GB", id="the first that is spoken"),
        pytest.param("fr-CA, en;q=0.7", "fr", "fr_CA", id="French"),
        pytest.param("en;q=0.2, de;q=0.9", "de", "de", id="by weight"),
        pytest.param("de;q=0, en", "en", "en", id="not wanted"),
        pytest.param("tlh", "en", "en", id="none of them"),
        pytest.param("de-XXXXXXXXXX;;;q=z,,", "en", "en", id="broken"),
        pytest.param("", "en", "en", id="nothing said"),
    ],
)
def test_accept_language(header, code, locale):
    found = language(accepted(header))
    assert (found.code, str(found.locale)) == (code, locale)


def test_dates_and_clocks_are_those_of_the_language():
    noon = datetime(2026, 12, 3, 14, 30, tzinfo=UTC)
    german, british, american = language(["de"]), language(["en-GB"]), language(["en-US"])
    assert [one.clock(noon) for one in (german, british, american)] == ["14:30", "14:30", "2:30\u202fPM"]
    assert german.day(date(2026, 12, 3)) == "Donnerstag, 3. Dezember 2026"
    assert british.day_of_month(date(2026, 12, 3)) == "3 December"
    assert american.brief_day(date(2026, 12, 3)) == "Thu, Dec 3"
    assert german.weekday(date(2026, 12, 3)) == "Donnerstag"


@pytest.mark.parametrize(
    ("tag", "hours", "shown"),
    [("de", 0, "14:30"), ("de", 12, "2:30\u202fPM"), ("en-US", 24, "14:30"), ("en-GB", 12, "2:30 pm")],
)
def test_the_clock_can_be_chosen(tag, hours, shown):
    chosen = replace(language([tag]), hours=hours)
    assert chosen.clock(datetime(2026, 12, 3, 14, 30, tzinfo=UTC)) == shown


def test_each_country_has_its_usual_clock():
    assert [language([tag]).clock_hours for tag in ("de", "en-GB", "en-US")] == [24, 24, 12]


def test_plurals():
    german = language(["de"])
    assert german.plural("{n} time free", "{n} times free", 1) == "1 Zeit frei"
    assert german.plural("{n} time free", "{n} times free", 2) == "2 Zeiten frei"
