"""Mails that did not arrive: each server's way of saying so ends as SCHEDULE-STATUS on the attendee's line."""

import pytest

from gateway.ical.objects import read
from gateway.scheduling import itip
from gateway.scheduling.imip.queue import thread_of
from gateway.scheduling.imip.take import Verdict, take
from gateway.scheduling.implicit import deliver_mail
from tests.scheduling.imip.desk import ERIKA, NOW, event, mail
from tests.scheduling.imip.test_send import invitation

DSN = """From: MAILER-DAEMON@mx.extern.example (Mail Delivery System)
To: calendar@gateway.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.extern.example

Final-Recipient: rfc822; erika@extern.example
Original-Recipient: rfc822;erika@extern.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user
--b
Content-Type: {back}

From: calendar@gateway.example
Message-ID: {id}
Subject: Invitation

--b--
"""
EXIM = """From: Mail Delivery System <Mailer-Daemon@mx.extern.example>
To: calendar@gateway.example
X-Failed-Recipients: erika@extern.example
Auto-Submitted: auto-replied
Subject: Mail delivery failed: returning message to sender

A message that you sent could not be delivered to one or more of its recipients.

------ This is a copy of the message, including all the headers. ------

From: calendar@gateway.example
Message-ID: {id}
"""
QMAIL = """From: MAILER-DAEMON@mx.extern.example
To: calendar@gateway.example
Subject: failure notice

Hi. This is the qmail-send program at mx.extern.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
<erika@extern.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: {id}
"""
EXCHANGE = """From: postmaster@extern.example
To: calendar@gateway.example
Subject: Unzustellbar: Invitation
In-Reply-To: {id}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Ihre Nachricht konnte nicht zugestellt werden.
"""
LATE = """From: MAILER-DAEMON@mx.extern.example
To: calendar@gateway.example
Subject: Warning: could not send message for past 4 hours

The message could not be delivered yet (4.4.1). Message-ID: {id}
"""
LOST = {
    "postfix": DSN.replace("{action}", "failed").replace("{status}", "5.1.1").replace("{back}", "message/rfc822"),
    "headers only": DSN.replace("{action}", "failed")
    .replace("{status}", "5.1.1")
    .replace("{back}", "text/rfc822-headers"),
    "exim": EXIM,
    "qmail": QMAIL,
    "exchange": EXCHANGE,
}
NOT_LOST = {
    "delayed": DSN.replace("{action}", "delayed").replace("{status}", "4.4.1").replace("{back}", "message/rfc822"),
    "delivered": DSN.replace("{action}", "delivered").replace("{status}", "2.0.0").replace("{back}", "message/rfc822"),
    "old warning": LATE,
}


def root(desk) -> str:
    """Message-ID of the invitation."""
    return f"<{thread_of(desk.alice.id, 'project@gateway', ERIKA)}@gateway.example>"


@pytest.mark.parametrize("kind", LOST)
async def test_a_lost_invitation_is_noted_on_the_attendee(desk, kind):
    desk.job(invitation(desk))

    reading = await take(desk.sync, LOST[kind].replace("{id}", root(desk)).encode(), deliver_mail)

    assert (reading.verdict, desk.status()) == (Verdict.TAKEN, "5.1")


@pytest.mark.parametrize("kind", NOT_LOST)
async def test_a_late_or_delivered_one_is_not(desk, kind):
    desk.job(invitation(desk))

    reading = await take(desk.sync, NOT_LOST[kind].replace("{id}", root(desk)).encode(), deliver_mail)

    assert (reading.verdict, desk.status()) == (Verdict.TAKEN, "")


@pytest.mark.parametrize("kind", LOST)
async def test_what_is_lost_of_other_mails_stays_for_somebody_to_see(desk, kind):
    unknown = f"<{'0' * 32}@gateway.example>"

    reading = await take(desk.sync, LOST[kind].replace("{id}", unknown).encode(), deliver_mail)

    assert (reading.verdict, desk.status()) == (Verdict.UNCLEAR, "")


async def test_a_report_with_the_name_of_another_domain_changes_nothing(desk):
    desk.job(invitation(desk))
    foreign = root(desk).replace("gateway.example", "evil.example")

    reading = await take(desk.sync, LOST["qmail"].replace("{id}", foreign).encode(), deliver_mail)

    assert (reading.verdict, desk.status()) == (Verdict.UNCLEAR, "")


async def test_an_answer_of_a_postmaster_is_an_answer(desk):
    postmaster = "postmaster@extern.example"
    desk.put(event(guest=postmaster))
    text = itip.reply(read(desk.texts["project@gateway"]), postmaster, "ACCEPTED", stamp=NOW)

    await take(desk.sync, mail(text, sender=postmaster), deliver_mail)

    assert desk.partstats()[postmaster] == "ACCEPTED"
