"""What mails say: rules in words, every kind of news in both languages, and what has changed."""

from dataclasses import replace

import pytest

from gateway.config import Mail
from gateway.ical.objects import read
from gateway.scheduling import itip
from gateway.scheduling.clock import LANGUAGES
from gateway.scheduling.imip.compose import Note, compose
from gateway.scheduling.imip.facts import Person
from gateway.scheduling.imip.repeat import repeats
from gateway.scheduling.imip.words import WORDS
from gateway.scheduling.itip import News
from tests.scheduling.imip.desk import ALICE, ERIKA, NOW, event

SETTINGS = Mail.model_validate({"from": "Calendar <calendar@gateway.example>"})
RULES = [
    ("FREQ=DAILY", "every day", "jeden Tag", "cada día", "chaque jour"),
    (
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
        "on working days (Monday to Friday)",
        "an Werktagen (Montag bis Freitag)",
        "los días laborables (de lunes a viernes)",
        "les jours ouvrés (du lundi au vendredi)",
    ),
    (
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "on working days (Monday to Friday)",
        "an Werktagen (Montag bis Freitag)",
        "los días laborables (de lunes a viernes)",
        "les jours ouvrés (du lundi au vendredi)",
    ),
    (
        "FREQ=WEEKLY;BYDAY=TU",
        "every week on Tuesday",
        "jede Woche am Dienstag",
        "cada semana el martes",
        "chaque semaine le mardi",
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
        "every 2 weeks on Monday and Thursday",
        "alle 2 Wochen am Montag und Donnerstag",
        "cada 2 semanas el lunes y el jueves",
        "toutes les 2 semaines le lundi et le jeudi",
    ),
    ("FREQ=MONTHLY", "every month", "jeden Monat", "cada mes", "chaque mois"),
    (
        "FREQ=MONTHLY;BYMONTHDAY=15",
        "every month on day 15",
        "jeden Monat am 15.",
        "cada mes el día 15",
        "chaque mois le 15",
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "every month on the last day of the month",
        "jeden Monat am letzten Tag des Monats",
        "cada mes el último día del mes",
        "chaque mois le dernier jour du mois",
    ),
    (
        "FREQ=MONTHLY;BYDAY=2TU",
        "every month on the second Tuesday",
        "jeden Monat am zweiten Dienstag",
        "cada mes el segundo martes",
        "chaque mois le deuxième mardi",
    ),
    (
        "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1",
        "every month on the last Friday",
        "jeden Monat am letzten Freitag",
        "cada mes el último viernes",
        "chaque mois le dernier vendredi",
    ),
    (
        "FREQ=YEARLY;BYMONTH=5;BYDAY=1MO",
        "every year on the first Monday in May",
        "jedes Jahr am ersten Montag im Mai",
        "cada año en mayo, el primer lunes",
        "chaque année en mai, le premier lundi",
    ),
    (
        "FREQ=WEEKLY;COUNT=5",
        "every week, 5 times",
        "jede Woche, 5-mal",
        "cada semana, 5 veces",
        "chaque semaine, 5 fois",
    ),
    (
        "FREQ=WEEKLY;UNTIL=20261218",
        "every week, until December 18, 2026",
        "jede Woche, bis 18. Dezember 2026",
        "cada semana, hasta el 18 de diciembre de 2026",
        "chaque semaine, jusqu’au 18 décembre 2026",
    ),
    (
        "FREQ=WEEKLY;UNTIL=20261217T230000Z",
        "every week, until December 18, 2026",
        "jede Woche, bis 18. Dezember 2026",
        "cada semana, hasta el 18 de diciembre de 2026",
        "chaque semaine, jusqu’au 18 décembre 2026",
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "every month on days 1 and 15",
        "jeden Monat am 1. und 15.",
        "cada mes los días 1 y 15",
        "chaque mois les 1er et 15",
    ),
]
ODD = ["FREQ=HOURLY", "FREQ=DAILY;BYHOUR=9,15", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=SOMETIMES", ""]


@pytest.mark.parametrize(("rule", *LANGUAGES), RULES)
def test_a_rule_in_words(rule, en, de, es, fr):
    assert [repeats(rule, "Europe/Berlin", language) for language in LANGUAGES] == [en, de, es, fr]


@pytest.mark.parametrize("rule", ODD)
def test_a_rule_that_no_sentence_says_is_named_as_such(rule):
    assert repeats(rule, "UTC", "en") == "several times; the calendar file has the details"


def test_readers_of_other_languages_get_english_throughout():
    assert repeats("FREQ=WEEKLY;BYDAY=TU", "UTC", "it") == "every week on Tuesday"


def note(news: News, text: str = "", *, told=None, locale: str = "en", sender: str = "") -> Note:
    organizers = {News.ANSWER, News.PROPOSAL, News.QUESTION}
    who = sender or (ERIKA if news in organizers else ALICE)
    to = ALICE if who == ERIKA else ERIKA
    given = text or itip.request(read(event()))
    return Note(
        news, given, Person(who.partition("@")[0].title(), who), to, locale, "Europe/Berlin", "0" * 32, told=told or {}
    )


def body(given: Note) -> str:
    message, _ = compose(given, SETTINGS, now=NOW)
    found = message.get_body(("plain",))
    assert found is not None
    return str(message["Subject"]) + "\n" + str(found.get_content())


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize("news", [news for news in News if news is not News.ANSWERS])
def test_every_kind_of_news_has_words(news, locale):
    said = body(note(news, locale=locale))
    assert "Project" in said
    assert "{" not in said


@pytest.mark.parametrize(
    ("partstat", "subject", "german"),
    [
        ("ACCEPTED", "Accepted: Project", "Zugesagt: Project"),
        ("DECLINED", "Declined: Project", "Abgelehnt: Project"),
        ("TENTATIVE", "Perhaps: Project", "Vielleicht: Project"),
        ("DELEGATED", "Delegated: Project", "Übertragen: Project"),
        ("X-LATER", "Answer: Project", "Antwort: Project"),
    ],
)
def test_an_answer_says_what_it_is(partstat, subject, german):
    text = itip.reply(read(event()), ERIKA, partstat, stamp=NOW, comment="I come by train")
    assert body(note(News.ANSWER, text)).startswith(subject)
    assert body(note(News.ANSWER, text, locale="de_AT")).startswith(german)
    assert "Message:\nI come by train" in body(note(News.ANSWER, text))


def test_whoever_comes_in_anothers_place_is_asked_to():
    assert body(note(News.DELEGATED)).startswith("Delegated to you: Project")
    assert "Erika asks you to come" in body(note(News.DELEGATED, sender=ERIKA))


def test_what_changed_is_marked_with_what_it_was():
    _, said = compose(note(News.INVITATION, itip.request(read(event(where="LOCATION:Room 1")))), SETTINGS, now=NOW)
    told = {one.rid: one.told for one in said}
    moved = itip.request(read(event(where="LOCATION:Room 2", summary="SUMMARY:Project")))

    text = body(note(News.CHANGED, moved, told=told))

    assert "Where (changed): Room 2\nUntil now: Room 1" in text
    assert "When:" in text


def test_an_unchanged_event_has_no_marks():
    _, said = compose(note(News.INVITATION), SETTINGS, now=NOW)
    assert "(changed)" not in body(note(News.REMINDER, told={one.rid: one.told for one in said}))


def test_an_event_of_whole_days_has_days_and_no_zone():
    text = itip.request(read(event(dtstart="DTSTART;VALUE=DATE:20261224", dtend="DTEND;VALUE=DATE:20261227")))
    said = body(note(News.INVITATION, text))
    assert "When: Thursday, December 24, 2026\u2009–\u2009Saturday, December 26, 2026" in said.replace(
        " – ", "\u2009–\u2009"
    )
    assert "Standard Time" not in said


def test_times_are_told_in_the_zone_of_the_event():
    lines = {
        "dtstart": "DTSTART;TZID=America/New_York:20261127T100000",
        "dtend": "DTEND;TZID=America/New_York:20261127T110000",
    }
    assert "10:00" in body(note(News.INVITATION, itip.request(read(event(**lines)))))
    assert "(America/New_York)" in body(note(News.INVITATION, itip.request(read(event(**lines)))))


def test_single_dates_of_a_series_are_named():
    series = event("series", "RRULE:FREQ=DAILY;COUNT=5")
    cancelled = (
        itip.cancel(read(series), stamp=NOW, sequence=1)
        .replace("RRULE:FREQ=DAILY;COUNT=5\r\n", "")
        .replace("UID:series\r\n", "UID:series\r\nRECURRENCE-ID:20261128T100000Z\r\n")
    )
    assert "has cancelled single dates of this series" in body(note(News.CANCELLED, cancelled))


def test_strangers_words_cannot_leave_their_place():
    evil = event(
        "x", 'LOCATION:https://evil.example/\\" onmouseover=x', summary="SUMMARY:<script>alert(1)</script>\\nBcc: a@b"
    )
    message, _ = compose(note(News.INVITATION, itip.request(read(evil))), SETTINGS, now=NOW)
    html = message.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert 'href="https://evil' not in html.get_content()
    assert message["Bcc"] is None
    assert "\n" not in str(message["Subject"])


def test_a_line_end_in_a_name_stays_out_of_the_head():
    given = note(News.INVITATION)
    message, _ = compose(replace(given, sender=Person("Alice\r\nBcc: x@y", ALICE)), SETTINGS, now=NOW)
    assert message["Bcc"] is None
    assert b"\r\nBcc:" not in message.as_bytes()
