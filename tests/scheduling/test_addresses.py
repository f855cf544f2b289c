"""Addresses and names from strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigError, InvalidRequest
from gateway.scheduling.addresses import configured_sender, mailbox, one_address, plain


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("bob@example.org", "bob@example.org", id="plain"),
        pytest.param("  bob@Example.ORG ", "bob@example.org", id="blanks around, domain in lower case"),
        pytest.param("Bob.B+tag@example.org", "Bob.B+tag@example.org", id="the local part stays"),
        pytest.param("bob@bücher.example", "bob@xn--bcher-kva.example", id="a domain with an umlaut"),
        pytest.param("root@localhost", "root@localhost", id="no dot in the domain"),
    ],
)
def test_one_address(text, address):
    assert one_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bob",
        "@example.org",
        "bob@",
        "bob@example.org, eve@example.net",
        "Bob <bob@example.org>",
        '"bob"@example.org',
        "bob@example.org\r\nBcc: eve@example.net",
        "bob\n@example.org",
        "bob\x00@example.org",
        "bob@exa mple.org",
        "bob@example..org",
        "bob..b@example.org",
        ".bob@example.org",
        "bob@-example.org",
        "bob@[127.0.0.1]",
        "bob@example.org\u2028",
        "büb@example.org",
        "a@b@example.org",
        "x" * 65 + "@example.org",
        "bob@" + "x." * 130 + "org",
        "bob(comment)@example.org",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(InvalidRequest):
        one_address(text)


@given(st.text())
def test_what_is_taken_has_one_at_sign_and_nothing_unseen(text):
    try:
        address = one_address(text)
    except InvalidRequest:
        return
    assert address.isascii()
    assert address.isprintable()
    assert address.count("@") == 1
    assert not set(address) & set(' <>,;:"()[]\\')


@given(st.text())
def test_a_plain_text_is_one_visible_line(text):
    assert plain(text).splitlines() in ([], [plain(text)])
    assert plain(plain(text)) == plain(text)


def test_direction_marks_are_taken_out():
    assert plain("a\u202egnp.exe\u2069") == "agnp.exe"


def test_a_mailbox_is_harmless():
    assert str(mailbox('Bob "B"\r\nBcc: eve@example.net', "bob@example.org")) == (
        '"Bob \\"B\\" Bcc: eve@example.net" <bob@example.org>'
    )


def test_a_setting_that_is_no_sender_is_refused():
    assert str(configured_sender("Calendar <calendar@example.com>")) == "Calendar <calendar@example.com>"
    with pytest.raises(ConfigError, match=r"\[mail\] from"):
        configured_sender("Calendar")
