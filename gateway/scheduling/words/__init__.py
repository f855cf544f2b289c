"""What booking mails say, language by language; times and dates come from CLDR."""

from collections.abc import Mapping
from typing import Final

from gateway.scheduling import clock
from gateway.scheduling.words import de, en, es, fr
from gateway.scheduling.words.base import Words

__all__ = ["WORDS", "Words", "words"]

WORDS: Final[Mapping[str, Words]] = {"en": en.WORDS, "de": de.WORDS, "es": es.WORDS, "fr": fr.WORDS}


def words(language: str) -> Words:
    """Those of the language of a locale such as "de", "de_AT" or "de-CH"; English for languages we do not speak."""
    return WORDS[clock.code(language)]
