"""Whatever arrives is read without harm: broken mails are mails, or are named as what cannot be understood."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import InvalidSchedulingMessage
from gateway.scheduling.imip.bounce import is_daemons, is_lost, is_report, threads
from gateway.scheduling.imip.found import find, parsed
from gateway.scheduling.imip.trust import addresses, origin
from tests.scheduling.imip.test_bounces import DSN
from tests.scheduling.imip.test_take import MAILS, read_mail

SOURCES = [read_mail(name)[1] for name in MAILS] + [DSN.encode()]
HEADS = st.sampled_from([b"From", b"Content-Type", b"Content-Disposition", b"Authentication-Results", b"Subject"])
WORDS = st.binary(max_size=40) | st.sampled_from(
    [b"=?utf-8?q?=00?=", b"a@b, c@d", b"(((", b"x; name*0*=klingon'a'%", b"\xff\xfe"]
)


@st.composite
def mails(draw) -> bytes:
    """A mail with some of its octets exchanged, and a line more in its head."""
    raw = bytearray(draw(st.sampled_from(SOURCES)))
    for at in draw(st.lists(st.integers(0, len(raw) - 1), max_size=20)):
        raw[at] = draw(st.integers(0, 255))
    line = draw(HEADS) + b": " + draw(WORDS).replace(b"\r", b"").replace(b"\n", b"") + b"\n"
    return line + bytes(raw)


@settings(max_examples=60)
@given(mails() | st.binary(max_size=200))
def test_nothing_that_arrives_does_harm(raw):
    message = parsed(raw)
    origin(message, "mx.example.com")
    addresses(message)
    is_report(message)
    is_daemons(message)
    is_lost(message)
    threads(message, "gateway.example")
    with suppress(InvalidSchedulingMessage):
        found = find(message)
        assert found is None or found.text.upper().startswith("BEGIN:VCALENDAR")
