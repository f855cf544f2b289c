"""Whom a mail is from: what the receiving server vouched for, and nothing that the mail says of itself."""

from email import message_from_bytes, message_from_string
from email.policy import default

import pytest

from gateway.errors import InvalidSchedulingMessage
from gateway.ical.objects import read_lenient
from gateway.scheduling.imip.found import find, parsed
from gateway.scheduling.imip.take import Verdict, take
from gateway.scheduling.imip.trust import Origin, origin, speaker
from gateway.scheduling.implicit import deliver_mail
from tests.scheduling.imip.desk import ALICE, ERIKA, OLAF, event, mail, open_desk

US = "mx.example.com"


def come(*results: str, sender: str = "Erika <Erika@extern.example>") -> Origin:
    head = "".join(f"Authentication-Results: {one}\n" for one in results)
    return origin(message_from_string(f"{head}From: {sender}\n\n"), US)


@pytest.mark.parametrize(
    ("results", "vouched"),
    [
        (["mx.example.com; dmarc=pass (p=reject) header.from=extern.example"], True),
        (["mx.example.com 1; dkim=pass header.d=extern.example header.s=x"], True),
        (["mx.example.com; dkim=pass header.i=@mail.extern.example"], True),
        (["mx.example.com; spf=pass smtp.mailfrom=erika@extern.example; dkim=none"], True),
        (["MX.example.com; spf=fail; dkim=pass (2048-bit key; (nested)) header.d=extern.example"], True),
        (["mx.example.com; dmarc=fail; dkim=pass header.d=evil.example"], False),
        (["mx.example.com; spf=pass smtp.mailfrom=bounce@lists.example"], False),
        (["mx.example.com; dmarc=pass header.from=evil.example"], False),
        (["mx.example.com; dkim=pass header.d=example"], False),
        (["mx.evil.example; dmarc=pass header.from=extern.example"], False),
        (["mx.example.com; dmarc=fail", "mx.example.com; dmarc=pass"], False),
        (["mx.example.com; none"], False),
        (["mx.example.com; (dmarc=pass"], False),
        ([""], False),
        ([], False),
    ],
)
def test_only_the_topmost_word_of_the_own_server_counts(results, vouched):
    assert come(*results) == Origin(ERIKA, vouched)


@pytest.mark.parametrize(
    ("sender", "found"),
    [
        ("erika@extern.example", ERIKA),
        ('"mallory@evil.example" <erika@extern.example>', ERIKA),
        ("erika@extern.example, mallory@evil.example", ""),
        ("nobody", ""),
    ],
)
def test_a_mail_is_from_one_address(sender, found):
    assert origin(message_from_string(f"From: {sender}\n\n"), "") == Origin(found, None)


async def test_a_forged_answer_changes_nothing_where_the_server_is_asked(db):
    desk = open_desk(db, authserv=US)
    raw = mail(answer(), Authentication_Results=f"{US}; dmarc=fail header.from=extern.example")

    reading = await take(desk.sync, raw, deliver_mail)

    assert (reading.verdict, desk.partstats()[ERIKA]) == (Verdict.UNCLEAR, "NEEDS-ACTION")
    assert reading.reason == "the mail server does not vouch for erika@extern.example"


def answer(more: str = "") -> str:
    text = event(guest=ERIKA).replace("PARTSTAT=NEEDS-ACTION", f"PARTSTAT=ACCEPTED{more}")
    return text.replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REPLY")


@pytest.mark.parametrize(
    ("sender", "deputy", "said"),
    [
        (ERIKA, "", ERIKA),
        ("office@extern.example", "office@extern.example", ERIKA),
        ("office@agency.example", "office@agency.example", ""),
        ("office@extern.example", "", ""),
    ],
)
def test_in_whose_name_somebody_answers(sender, deputy, said):
    text = answer(f';SENT-BY="mailto:{deputy}"' if deputy else "")
    assert speaker(read_lenient(text), "REPLY", sender, read_lenient(event())) == said


def test_a_deputy_that_the_stored_event_names_is_believed():
    invited = event("o", organizer=OLAF, guest=ALICE)
    stored = invited.replace("ORGANIZER;", 'ORGANIZER;SENT-BY="mailto:desk@agency.example";')
    message = read_lenient(stored)
    assert speaker(message, "CANCEL", "desk@agency.example", read_lenient(stored)) == OLAF
    assert speaker(message, "CANCEL", "desk@agency.example", read_lenient(invited)) == ""
    assert speaker(message, "REQUEST", "desk@agency.example", None) == OLAF


@pytest.mark.parametrize(("whose", "verdict"), [("all", "taken"), ("verified", "unclear"), ("none", "unclear")])
async def test_whose_invitations_are_let_in(db, whose, verdict):
    desk = open_desk(db, invitations=whose)
    text = event("new", organizer=OLAF, guest=ALICE).replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST")

    reading = await take(desk.sync, mail(text, sender=OLAF, method="REQUEST"), deliver_mail)

    assert (str(reading.verdict), "new" in desk.texts) == (verdict, verdict == "taken")


async def test_machines_that_ask_are_not_answered(desk):
    text = event().replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REFRESH")
    raw = mail(text, method="REFRESH", Auto_Submitted="auto-replied")

    reading = await take(desk.sync, raw, deliver_mail)

    assert (reading.verdict, reading.outcomes) == (Verdict.TAKEN, ())


def test_a_mail_nested_without_end_is_not_read():
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(5_000))
    with pytest.raises(InvalidSchedulingMessage, match="nested too deeply"):
        parsed(nested)


def test_a_huge_mail_is_not_read():
    with pytest.raises(InvalidSchedulingMessage, match="larger"):
        parsed(b"x" * 10_000_001)


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: text/calendar; method*=utf-8'en'REPLY; charset=utf-8",
        "Content-Type: text/calendar; charset=klingon",
        "Content-Type: text/calendar; charset=\x00utf-8",
        "Content-Type: text/calendar; charset=punycode",
        'Content-Type: text/calendar; charset="utf-8',
        "Content-Type: application/x-unknown; name*0*=utf-16''inv; name*1=ite.ics",
        'Content-Type: text/plain\nContent-Disposition: attachment; filename="=?utf-8?q?Einladung=2Eics?="',
    ],
)
def test_odd_heads_are_no_trouble(head):
    found = find(parsed(f"{head}\n\n{answer()}".encode()))
    assert found is None or found.method == "REPLY"


def test_what_the_mail_says_goes_before_a_file_beside_it():
    message = message_from_bytes(mail(answer()), policy=default)
    message.add_attachment(
        answer().replace("ACCEPTED", "DECLINED").encode(), "application", "ics", filename="invite.ics"
    )
    found = find(parsed(message.as_bytes()))
    assert found is not None
    assert "DECLINED" not in found.text


def test_text_made_to_be_slow_is_not():
    """Each of these takes minutes where a pattern starts anew at every word."""
    words = "BEGIN:VCALENDAR\n" * 300_000
    assert find(parsed(f"Content-Type: text/calendar\n\n{words}".encode())) is None
    nested = "(" * 200_000 + ")" * 200_000
    assert come(f"{US}; {nested} dmarc=pass").vouched is False
    origin(message_from_string(f"From: {'a@b, ' * 200_000}\n\n"), "")
