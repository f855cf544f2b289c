"""An organisation's own templates: in place of ours, and never in the way of a mail."""

import logging

import pytest

from gateway.scheduling.examples import EXAMPLES, example, problems
from gateway.scheduling.look import NAMES
from gateway.scheduling.mail import Person, compose
from tests.scheduling.sample import BOB, SENDER, notice
from tests.scheduling.written import NOW, reader

FOOT = '{% extends "ours/shell.html" %}{% block below %}<p>Example GmbH &middot; Berlin</p>{% endblock %}'
FOOT_TEXT = '{% extends "ours/shell.txt" %}{% block below %}-- \nExample GmbH, Berlin\n{% endblock %}'


@pytest.fixture
def folder(tmp_path):
    def fill(**files):
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(text, encoding="utf-8")
        return tmp_path

    return fill


def body(message, kind="plain"):
    return message.get_body((kind,)).get_content()


def test_a_foot_of_ones_own_stands_under_every_mail(folder):
    mine = reader("de", templates=folder(shell__html=FOOT, shell__txt=FOOT_TEXT))
    assert problems(mine.mail.templates, NOW) == []
    for name in EXAMPLES:
        ours, message = example(name, reader("de")), example(name, mine)
        assert body(message) == body(ours) + "-- \nExample GmbH, Berlin\n"
        assert "<p>Example GmbH &middot; Berlin</p>" in body(message, "html")
        assert message["Subject"] == ours["Subject"]


def test_a_template_takes_the_place_of_ours_by_its_name(folder):
    mine = reader("fr", templates=folder(booking__txt="{{ lead }} [{{ language }}]\n{{ links[0][1] }}\n"))
    shown = body(example("guest-booked", mine))
    assert shown.splitlines()[0] == "Votre rendez-vous avec Alice Example est réservé. [fr]"
    assert "Conseil" in body(example("guest-booked", mine), "html")
    assert body(example("event-invitation", mine)) == body(example("event-invitation", reader("fr")))


def test_a_change_shows_in_the_next_mail(folder):
    mine = reader("en", templates=folder(booking__txt="one\n"))
    assert body(example("guest-booked", mine)) == "one\n"
    folder(booking__txt="two and more\n")
    assert body(example("guest-booked", mine)) == "two and more\n"


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param("{{ lead", id="never closed"),
        pytest.param("{{ leed }}", id="no such thing"),
        pytest.param("{{ 1 / 0 }}", id="not to be counted"),
        pytest.param("{{ title + 1 }}", id="not to be added"),
        pytest.param("{{ note|safe }}", id="nothing is declared safe"),
        pytest.param("{{ words.__class__.__mro__ }}", id="out of the sandbox"),
        pytest.param('{% include "../../../secret.key" %}', id="another file"),
        pytest.param("{% for n in range(10000000) %}x{% endfor %}", id="without end"),
    ],
)
def test_with_a_mistake_ours_is_used_and_the_mail_goes_out(folder, mistake, caplog):
    mine = reader("en", templates=folder(booking__txt=mistake))
    with caplog.at_level(logging.WARNING):
        message = example("guest-booked", mine)
    assert body(message) == body(example("guest-booked", reader("en")))
    assert "mail template booking.txt" in caplog.text or "secret.key" in caplog.text


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("booking__txt", "a\n{{ lead", "mail template booking.txt, line 2: unexpected end of template"),
        ("event__html", "{{ leed }}", "mail template event.html, line 1: 'leed' is undefined"),
        ("signed_out__txt", "a\n\n{{ 1 / 0 }}", "mail template signed_out.txt, line 3: division by zero"),
        ("booking__html", "{{ note|safe }}", "mail template booking.html, line 1: No filter named 'safe'"),
        ("booking__html", "{% autoescape false %}{{ note }}{% endautoescape %}", "autoescape stays on"),
        ("shell__html", '<img src="https://example.com/logo.png">', "load something from elsewhere"),
        ("shell__html", "<style>@import 'x.css'</style>", "load something from elsewhere"),
        ("boking__txt", "", f"boking.txt takes no template's place; there are {', '.join(NAMES)}"),
        (
            "shell__txt",
            "{{ words.__class__ }}",
            "mail template shell.txt, line 1: not allowed: access to attribute '__class__' of 'Words' object is",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(folder, name, text, said):
    [line] = problems(folder(**{name: text}), NOW)
    assert said in line
    assert "\n" not in line


def test_a_template_that_is_no_text_is_named(tmp_path):
    (tmp_path / "booking.txt").write_bytes(b"\xff\xfe\x00")
    [line] = problems(tmp_path, NOW)
    assert line.startswith("mail template booking.txt: cannot be read")


def test_a_folder_that_is_not_there_is_told_and_mails_go_out(tmp_path):
    nowhere = tmp_path / "nowhere"
    assert problems(nowhere, NOW) == [f"{nowhere} is not a folder"]
    assert "Alice" in body(example("guest-booked", reader("en", templates=nowhere)))


def test_what_a_stranger_types_is_no_markup_in_templates_of_ones_own(folder):
    typed = "<img src=x onerror=alert(1)>{{ 7 * 7 }}"
    own = folder(booking__html="<p>{{ title }}|{{ note }}|{{ people[0][0] }}</p>")
    given = notice(title=typed, note=typed, invitee=Person(typed, BOB.address))

    html = body(compose(given, given.host, sender=SENDER, now=NOW, templates=own), "html")

    assert "<img" not in html
    assert "49" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;{{ 7 * 7 }}") == 3


@pytest.mark.parametrize("file", [".DS_Store", ".booking.txt.swp"])
def test_hidden_files_are_nobodys_business(tmp_path, file):
    (tmp_path / file).write_text("{{")
    assert problems(tmp_path, NOW) == []
