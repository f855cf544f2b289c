"""Nothing secret in a log line, wherever it comes from."""

import io
import logging

import pytest

from gateway.redact import GONE, Redacting, redact

SECRETS = [
    "Authorization: Basic YWxpY2U6cGFzcw==",
    "{'Authorization': 'Bearer ya29.a0AfH6SMBx'}",
    "b'Authorization: Basic YWxpY2U6cGFzcw=='",
    "headers: Cookie: __Host-session=abcdef; lang=de",
    "Proxy-Authorization: Digest username=alice, response=123456",
    '{"refresh_token": "1//0gabc", "client_secret": "GOCSPX-x"}',
    "password='top secret' for bob",
    "client_secret=GOCSPX-x&grant_type=refresh_token",
    "GET /oauth/google/callback?code=4/0Ab_5q&state=xyz failed",
    "smtp://mailer:hunter2@mail.example.com:587 refused",
    "cannot read https://calendar.google.com/calendar/ical/a%40b.de/private-0123456789abcdef/basic.ics",
    "webcal://user:pw@p01.icloud.com/published/2/MTIzNDU2",
    "GET /feeds/dGhpcyBpcyBzZWNyZXQ.ics",
    "token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
    "sealed gAAAAABnQ0x8mJ4c1Q9b1dJb0lXc0t2ZEZ5cXhPdGtLZ2c2",
]
WORDS = [
    *("YWxpY2U6cGFzcw", "ya29", "abcdef", "response=123456", "1//0gabc", "GOCSPX-x", "top secret", "4/0Ab_5q", "xyz"),
    *("hunter2", "private-0123456789", "MTIzNDU2", "user:pw", "dGhpcyBpcyBzZWNyZXQ", "eyJhbGci", "eyJzdWIi", "gAAAAAB"),
]


@pytest.mark.parametrize("line", SECRETS)
def test_secrets_are_left_out(line: str) -> None:
    assert not [word for word in WORDS if word in redact(line)]


@pytest.mark.parametrize(
    "line",
    [
        "listening on 127.0.0.1:5232, reached at https://cal.example.com",
        "PUT /dav/calendars/alice/merged/4f6c2b0a-8f53-4b5e-9a3e-1d2c3b4a5f6e.ics",
        "account 3 (google): the provider answered 503, next try in 60 s",
        "a worker ended with -9; starting another",
        'File "/srv/gateway/store/database.py", line 117, in write_now',
    ],
)
def test_the_rest_is_kept(line: str) -> None:
    assert redact(line) == line


def test_of_an_address_the_host_stays() -> None:
    assert (
        redact("cannot read https://ical.example.com/a/b.ics?x=1 now") == "cannot read https://ical.example.com/… now"
    )


def test_tracebacks_are_covered() -> None:
    written = io.StringIO()
    lines = logging.StreamHandler(written)
    lines.setFormatter(Redacting("%(levelname)s %(name)s: %(message)s"))
    log = logging.Logger("tests")
    log.addHandler(lines)
    try:
        int("Authorization: Basic YWxpY2U6cGFzcw==")
    except ValueError:
        log.exception("cannot read %s", {"password": "hunter2"})
    text = written.getvalue()
    assert text.startswith("ERROR tests: cannot read ")
    assert "Traceback" in text
    assert GONE in text
    assert "YWxp" not in text
    assert "hunter2" not in text
