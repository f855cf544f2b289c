"""Mails in four languages: complete, in the language's own ways, and nothing left in English."""

import re
from dataclasses import fields, replace
from string import Formatter

import pytest

from gateway.scheduling import signed_out, words
from gateway.scheduling.clock import LANGUAGES, code, spoken
from gateway.scheduling.examples import EXAMPLES, example
from gateway.scheduling.imip import repeat
from gateway.scheduling.imip import words as imip
from gateway.scheduling.mail import compose, joined
from tests.scheduling.sample import BOB, NOW, SENDER, notice
from tests.scheduling.written import WRITTEN, page, reader, text

TABLES = {
    "booking": words.WORDS,
    "invitation": imip.WORDS,
    "rules": repeat.PHRASES,
    "signed out": signed_out.WORDS,
}
ALIKE = {"Link", "Message", "Description", "Badge"}
"""What is rightly the same in English and in another language."""
ENGLISH = {"the", "your", "you", "with", "is", "and", "when", "where", "please", "this", "of", "booked", "time", "has"}


def said(value):
    """Every text in it, by where it stands."""
    if isinstance(value, str):
        yield "", value
    elif isinstance(value, dict):
        for key, one in value.items():
            for where, found in said(one):
                yield f"{key} {where}", found
    elif hasattr(value, "__dataclass_fields__"):
        for field in fields(value):
            for where, found in said(getattr(value, field.name)):
                yield f"{field.name} {where}", found


def blanks(phrase):
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


@pytest.mark.parametrize("table", TABLES)
def test_every_language_says_all_there_is_to_say(table):
    known = {language: dict(said(one)) for language, one in TABLES[table].items()}
    assert tuple(known) == LANGUAGES
    for language, phrases in known.items():
        assert phrases.keys() == known["en"].keys(), language
        assert [where for where, phrase in phrases.items() if not phrase.strip()] == []


@pytest.mark.parametrize("table", ["booking", "invitation", "signed out"])
def test_no_language_promises_a_field_that_english_has_not(table):
    english = dict(said(TABLES[table]["en"]))
    for one in TABLES[table].values():
        for where, phrase in said(one):
            assert blanks(phrase) == blanks(english[where]), (where, phrase)


@pytest.mark.parametrize("table", ["booking", "invitation", "signed out"])
@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_nothing_is_left_in_english(table, language):
    english = dict(said(TABLES[table]["en"]))
    same = {phrase for where, phrase in said(TABLES[table][language]) if phrase == english[where] and phrase != ":"}
    assert same <= ALIKE


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_no_english_word_stands_in_a_mail(name, language):
    found = {word.lower() for word in re.findall(r"[^\W\d_]+", re.sub(r"https?://\S+", "", text(name, language)))}
    assert found & ENGLISH == set()


def test_french_has_a_narrow_blank_before_double_signs():
    for name in EXAMPLES:
        for line in re.sub(r"https?://\S+", "", text(name, "fr")).splitlines():
            assert re.search(r"[^\u202f\d][:;?!](\s|$)", line) is None, line


def test_spanish_questions_and_exclamations_open_as_they_close():
    for name in EXAMPLES:
        shown = re.sub(r"https?://\S+", "", text(name, "es"))
        assert (shown.count("?"), shown.count("!")) == (shown.count("¿"), shown.count("¡"))


@pytest.mark.parametrize(
    ("language", "familiar"),
    [
        ("de", {"du", "dein", "deine", "deinem", "deinen", "dich", "dir"}),
        ("es", {"tú", "tu", "tus", "te", "contigo", "vosotros", "vuestro", "tienes", "puedes"}),
        ("fr", {"tu", "ton", "ta", "tes", "te", "toi", "peux"}),
    ],
)
def test_readers_are_addressed_politely(language, familiar):
    for table in TABLES.values():
        for _, phrase in said(table[language]):
            assert set(re.findall(r"\w+", phrase.lower())) & familiar == set(), phrase


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_mails_read_as_written_down(language):
    assert page(language) == (WRITTEN / f"{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_html_says_what_the_text_says_and_loads_nothing(name, language):
    message = example(name, reader(language))
    html = message.get_body(("html",)).get_content()
    lead = message.get_body(("plain",)).get_content().splitlines()[0]
    assert lead in html.replace("&#39;", "'")
    assert f'<html lang="{language}">' in html
    assert message["Content-Language"] == language
    assert re.search(r"<(img|link|script|iframe)|url\(|@import", html) is None


@pytest.mark.parametrize(
    ("locale", "reads", "language"),
    [
        ("es_MX", "es_MX", "es"),
        ("fr-CA", "fr-CA", "fr"),
        ("de_AT", "de_AT", "de"),
        ("it", "en", "en"),
        ("", "", "en"),
    ],
)
def test_readers_of_other_languages_get_english_dates_and_all(locale, reads, language):
    assert (spoken(locale), code(locale)) == (reads, language)


@pytest.mark.parametrize(
    ("locale", "clock"),
    [("es", "5:00–6:00"), ("es_US", "5:00–6:00 a.m."), ("fr", "05:00 – 06:00"), ("fr_CA", "5 h 00 – 6 h 00")],
)
def test_each_region_has_its_own_clock(locale, clock):
    to = replace(BOB, locale=locale)
    message = compose(notice(invitee=to), to, sender=SENDER, now=NOW)
    shown = message.get_body(("plain",)).get_content()
    assert clock in re.sub(r"[\u00a0\u2009\u202f]", " ", shown)


@pytest.mark.parametrize(
    ("names", "spanish"),
    [
        (["Ana", "Luis"], "Ana y Luis"),
        (["Luis", "Inés"], "Luis e Inés"),
        (["Ana", "Luis", "Hilario"], "Ana, Luis e Hilario"),
        (["Ana", "Ian"], "Ana y Ian"),
        (["Inés"], "Inés"),
    ],
)
def test_spanish_and(names, spanish):
    assert joined(names, "es") == spanish
