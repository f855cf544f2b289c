"""The meetings themselves."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from meeting import carol, emil, erika
from meeting.shown import HOUR, day, stamp
from meeting.story import Meeting, Said

BERLIN = ZoneInfo("Europe/Berlin")
NEW = "NEEDS-ACTION"
YES = "ACCEPTED"
MAYBE = "TENTATIVE"
NO = "DECLINED"
CALLED_OFF = "CANCELLED"


def text(meeting: Meeting, *more: str, start: str, end: str) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//client checks//EN", "BEGIN:VEVENT", f"UID:{meeting.uid}"]
    lines += [f"DTSTAMP:{stamp(day(0))}", start, end, f"SUMMARY:{meeting.title}", *more]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


def guests(*names: str, agent: str = "") -> list[str]:
    """As Thunderbird's dialog of attendees writes them."""
    said = f"ATTENDEE{agent};PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE;CUTYPE=INDIVIDUAL:mailto:"
    return [f"ORGANIZER;CN=Carol:mailto:{carol.MAIL}", *(said + name for name in names)]


def thunderbird_invites(meeting: Meeting, outsider: erika.Erika) -> None:
    """Carol invites with Thunderbird: accepted, other times proposed, moved, called off"""
    first, later = day(3, 9), day(4, 13)
    a, b = stamp(first), stamp(later)
    given = text(
        meeting,
        *guests(emil.MAIL, erika.MAIL),
        "X-MOZ-SEND-INVITATIONS:TRUE",  # as its dialog writes where mail is Thunderbird's to send
        start=f"DTSTART:{a}",
        end=f"DTEND:{stamp(first + HOUR)}",
    )
    meeting.carol.adds(given)
    asked = [Said(a, {"emil": NEW, "erika": NEW})]
    meeting.step(
        "invited",
        mails=[f"{erika.MAIL} REQUEST 0"],
        inbox={"emil": ["REQUEST"]},
        carol_sees=asked,
        emil_sees=asked,
    )

    meeting.emil.accepts(meeting.uid)
    one = [Said(a, {"emil": YES, "erika": NEW})]
    meeting.step("caldav accepts", inbox={"carol": ["REPLY"]}, carol_sees=one, emil_sees=one)

    taken, message = outsider.answers(YES)
    both = [Said(a, {"emil": YES, "erika": YES})]
    meeting.check("accepted by mail: taken", taken)
    meeting.step("accepted by mail", inbox={"carol": ["REPLY"]}, carol_sees=both, emil_sees=both)
    bar = meeting.carol.opens_mail(message, "REPLY", erika.MAIL, "")
    meeting.check("Thunderbird takes over the answer from that mail", bar["said"] == "The event has been updated.", bar)
    meeting.step("the answer is taken over twice", carol_sees=both, emil_sees=both)

    taken, message = outsider.proposes(later)
    meeting.check("another time by mail: taken", taken)
    meeting.step("another time by mail", inbox={"carol": ["COUNTER"]}, carol_sees=both, emil_sees=both)
    bar = meeting.carol.opens_mail(message, "COUNTER", erika.MAIL)
    meeting.check(
        "Thunderbird asks what to do", {"imipDeclineCounterButton", "imipRescheduleButton"} <= set(bar["buttons"]), bar
    )
    bar = meeting.carol.opens_mail(message, "COUNTER", erika.MAIL, "X-DECLINECOUNTER")
    meeting.check("declined in Thunderbird", bar["said"] not in {"refused", "no answer"}, bar)
    meeting.step("other time declined", carol_sees=both, emil_sees=both)

    taken, _ = outsider.passes_on("COUNTER", meeting.uid, emil.MAIL, carol.MAIL, later, meeting.title)
    meeting.check("another time by a colleague's mail: taken", taken)
    meeting.step("another time by a colleague's mail", inbox={"carol": ["COUNTER"]}, carol_sees=both, emil_sees=both)
    taken, message = outsider.proposes(later)
    meeting.check("the same time once more: taken", taken)
    meeting.step("the same time once more", inbox={"carol": ["COUNTER"]}, carol_sees=both, emil_sees=both)
    meeting.carol.moves(meeting.uid, later)
    anew = [Said(b, {"emil": NEW, "erika": NEW})]
    meeting.step(
        "moved in Thunderbird",
        mails=[f"{erika.MAIL} REQUEST 1"],
        inbox={"emil": ["REQUEST"]},
        carol_sees=anew,
        emil_sees=anew,
    )

    meeting.emil.accepts(meeting.uid)
    taken, _ = outsider.answers(MAYBE)
    meeting.check("perhaps by mail: taken", taken)
    said = [Said(b, {"emil": YES, "erika": MAYBE})]
    meeting.step("both answer anew", inbox={"carol": ["REPLY", "REPLY"]}, carol_sees=said, emil_sees=said)

    meeting.carol.deletes(meeting.uid)
    meeting.step(
        "called off in Thunderbird",
        mails=[f"{erika.MAIL} CANCEL 2"],
        inbox={"emil": ["CANCEL"]},
        carol_sees=[],
        emil_sees=[Said(b, {"emil": YES, "erika": MAYBE}, CALLED_OFF)],
    )
    meeting.emil.deletes(meeting.uid)
    meeting.step("caldav throws it away", carol_sees=[], emil_sees=[])


def thunderbird_series(meeting: Meeting, outsider: erika.Erika) -> None:
    """Carol's series in Thunderbird: one date is declined, one taken out, then all of it called off"""
    start = day(2, 15)
    dates = [start + timedelta(weeks=week) for week in range(4)]
    given = text(
        meeting,
        *guests(emil.MAIL, erika.MAIL),
        "RRULE:FREQ=WEEKLY;COUNT=4",
        start=f"DTSTART:{stamp(start)}",
        end=f"DTEND:{stamp(start + HOUR)}",
    )
    meeting.carol.adds(given)
    asked = [Said(stamp(one), {"emil": NEW, "erika": NEW}) for one in dates]
    meeting.step(
        "series",
        mails=[f"{erika.MAIL} REQUEST 0"],
        inbox={"emil": ["REQUEST"]},
        carol_sees=asked,
        emil_sees=asked,
    )
    meeting.emil.accepts(meeting.uid)
    taken, _ = outsider.answers(YES)
    meeting.check("series accepted by mail: taken", taken)
    both = [Said(stamp(one), {"emil": YES, "erika": YES}) for one in dates]
    meeting.step("series accepted", inbox={"carol": ["REPLY", "REPLY"]}, carol_sees=both, emil_sees=both)

    meeting.carol.takes_out(meeting.uid, dates[2])
    out = Said(both[2].start, both[2].words, CALLED_OFF)
    meeting.step(
        "one date taken out",
        mails=[f"{erika.MAIL} CANCEL 1"],
        inbox={"emil": ["CANCEL"]},
        carol_sees=[both[0], both[1], both[3]],
        emil_sees=[both[0], both[1], out, both[3]],
    )
    meeting.carol.deletes(meeting.uid)
    off = [Said(one.start, one.words, CALLED_OFF) for one in both]
    meeting.step(
        "series called off",
        mails=[f"{erika.MAIL} CANCEL 2"],
        inbox={"emil": ["CANCEL"]},
        carol_sees=[],
        emil_sees=off,
    )


def caldav_invites(meeting: Meeting, outsider: erika.Erika) -> None:
    """Emil invites with the caldav package: Thunderbird accepts, other times proposed, moved, called off"""
    first, later = day(5, 9).astimezone(BERLIN), day(6, 13).astimezone(BERLIN)
    a, b = stamp(first), stamp(later)
    given = text(meeting, start=f"DTSTART;TZID=Europe/Berlin:{first:%Y%m%dT%H%M%S}", end="DURATION:PT1H")
    meeting.emil.invites(given, [carol.MAIL, erika.MAIL])
    asked = [Said(a, {"carol": NEW, "erika": NEW})]
    meeting.step(
        "invited by caldav",
        mails=[f"{erika.MAIL} REQUEST 0"],
        inbox={"carol": ["REQUEST"]},
        carol_sees=asked,
        emil_sees=asked,
    )
    listed = meeting.carol.answers_in_dialog(meeting.uid, "accept")
    meeting.check("Thunderbird's dialog lists it", listed == [meeting.title], listed)
    one = [Said(a, {"carol": YES, "erika": NEW})]
    meeting.step("Thunderbird accepts", inbox={"emil": ["REPLY"]}, carol_sees=one, emil_sees=one)
    meeting.carol.answers(meeting.uid, MAYBE)
    perhaps = [Said(a, {"carol": MAYBE, "erika": NEW})]
    meeting.step("Thunderbird says perhaps", inbox={"emil": ["REPLY"]}, carol_sees=perhaps, emil_sees=perhaps)

    taken, _ = outsider.proposes(day(6, 13))
    meeting.check("another time by mail: taken", taken)
    meeting.step("another time to caldav", inbox={"emil": ["COUNTER"]}, carol_sees=perhaps, emil_sees=perhaps)

    meeting.emil.moves(meeting.uid, later)
    anew = [Said(b, {"carol": NEW, "erika": NEW})]
    meeting.step(
        "moved by caldav",
        mails=[f"{erika.MAIL} REQUEST 1"],
        inbox={"carol": ["REQUEST"]},
        carol_sees=anew,
        emil_sees=anew,
    )
    meeting.carol.answers(meeting.uid, YES)
    taken, _ = outsider.answers(NO)
    meeting.check("declined by mail: taken", taken)
    said = [Said(b, {"carol": YES, "erika": NO})]
    meeting.step("both answer", inbox={"emil": ["REPLY", "REPLY"]}, carol_sees=said, emil_sees=said)

    meeting.emil.deletes(meeting.uid)
    meeting.step(
        "called off by caldav",
        mails=[f"{erika.MAIL} CANCEL 2"],
        inbox={"carol": ["CANCEL"]},
        carol_sees=[Said(b, {"carol": YES, "erika": NO}, CALLED_OFF)],
        emil_sees=[],
    )
    meeting.carol.deletes(meeting.uid)
    meeting.step("Thunderbird throws it away", carol_sees=[], emil_sees=[])


def caldav_series(meeting: Meeting, outsider: erika.Erika) -> None:
    """Emil's series: Thunderbird accepts it, declines one date; one is taken out; all of it called off"""
    start = day(2, 7).astimezone(BERLIN)
    dates = [start + timedelta(weeks=week) for week in range(4)]
    first = f"DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT%H%M%S}"
    given = text(meeting, "RRULE:FREQ=WEEKLY;COUNT=4", start=first, end="DURATION:PT1H")
    meeting.emil.invites(given, [carol.MAIL, erika.MAIL])
    asked = [Said(stamp(one), {"carol": NEW, "erika": NEW}) for one in dates]
    meeting.step(
        "series by caldav",
        mails=[f"{erika.MAIL} REQUEST 0"],
        inbox={"carol": ["REQUEST"]},
        carol_sees=asked,
        emil_sees=asked,
    )
    meeting.carol.answers_in_dialog(meeting.uid, "accept")
    taken, _ = outsider.answers(YES)
    meeting.check("series by caldav accepted by mail: taken", taken)
    both = [Said(stamp(one), {"carol": YES, "erika": YES}) for one in dates]
    meeting.step("Thunderbird accepts all", inbox={"emil": ["REPLY", "REPLY"]}, carol_sees=both, emil_sees=both)

    meeting.carol.answers(meeting.uid, NO, dates[1])
    but = [both[0], Said(stamp(dates[1]), {"carol": NO, "erika": YES}), both[2], both[3]]
    meeting.step("Thunderbird declines one date", inbox={"emil": ["REPLY"]}, carol_sees=but, emil_sees=but)

    meeting.emil.takes_out(meeting.uid, dates[2])
    out = Said(but[2].start, but[2].words, CALLED_OFF)
    meeting.step(
        "one date taken out by caldav",
        mails=[f"{erika.MAIL} CANCEL 1"],
        inbox={"carol": ["CANCEL"]},
        carol_sees=[but[0], but[1], out, but[3]],
        emil_sees=[but[0], but[1], but[3]],
    )
    meeting.emil.deletes(meeting.uid)
    off = [Said(one.start, one.words, CALLED_OFF) for one in but]
    meeting.step(
        "series called off by caldav",
        mails=[f"{erika.MAIL} CANCEL 2"],
        inbox={"carol": ["CANCEL"]},
        carol_sees=off,
        emil_sees=[],
    )


def mail_invites(meeting: Meeting, outsider: erika.Erika) -> None:
    """Erika invites by mail: Thunderbird accepts, she is told by one mail, moves it, calls it off"""
    first, later = day(7, 9), day(8, 9)
    a, b = stamp(first), stamp(later)
    taken, message = outsider.invites(meeting.uid, carol.MAIL, first, title=meeting.title)
    meeting.check("invited by mail: taken", taken)
    meeting.step("invited by mail", inbox={"carol": ["REQUEST"]}, carol_sees=[Said(a, {"carol": NEW})], emil_sees=[])
    bar = meeting.carol.opens_mail(message, "REQUEST", erika.MAIL, YES)
    meeting.check("accepted in the bar above the mail", bar["said"] not in {"", "refused", "no answer"}, bar)
    meeting.step("Thunderbird tells her", mails=[f"{erika.MAIL} REPLY 0"], carol_sees=[Said(a, {"carol": YES})])
    bar = meeting.carol.opens_mail(message, "REQUEST", erika.MAIL)
    meeting.check("nothing is left to do with that mail", "imipAcceptButton" not in bar["buttons"], bar)

    taken, message = outsider.invites(meeting.uid, carol.MAIL, later, title=meeting.title, sequence=1)
    meeting.check("moved by mail: taken", taken)
    meeting.step("moved by mail", inbox={"carol": ["REQUEST"]}, carol_sees=[Said(b, {"carol": NEW})])
    meeting.carol.answers(meeting.uid, NO)
    meeting.step("Thunderbird declines", mails=[f"{erika.MAIL} REPLY 1"], carol_sees=[Said(b, {"carol": NO})])

    taken, _ = outsider.calls_off(meeting.uid, carol.MAIL, later, title=meeting.title, sequence=2)
    meeting.check("called off by mail: taken", taken)
    off = [Said(b, {"carol": NO}, CALLED_OFF)]
    meeting.step("called off by mail", inbox={"carol": ["CANCEL"]}, carol_sees=off)
    meeting.carol.deletes(meeting.uid)
    meeting.step("Thunderbird throws that away", carol_sees=[])


def thunderbird_sends(meeting: Meeting, _outsider: erika.Erika) -> None:
    """Carol prefers client-side email scheduling: Thunderbird alone sends, the gateway nothing"""
    first = day(9, 9)
    people = guests(emil.MAIL, erika.MAIL, agent=";SCHEDULE-AGENT=CLIENT")
    given = text(
        meeting,
        *people,
        "X-MOZ-SEND-INVITATIONS:TRUE",
        start=f"DTSTART:{stamp(first)}",
        end=f"DTEND:{stamp(first + HOUR)}",
    )
    meeting.carol.prefers_mail(True)
    meeting.carol.adds(given)
    asked = [Said(stamp(first), {"emil": NEW, "erika": NEW})]
    both = f"{emil.MAIL},{erika.MAIL}"
    meeting.step("sent by Thunderbird", mails=[f"{both} REQUEST 0 by thunderbird"], carol_sees=asked, emil_sees=[])
    meeting.carol.deletes(meeting.uid)
    meeting.step("called off by Thunderbird's mail", mails=[f"{both} CANCEL 0 by thunderbird"], carol_sees=[])
    meeting.carol.prefers_mail(False)


STORIES: Mapping[str, Callable[[Meeting, erika.Erika], None]] = {
    "thunderbird": thunderbird_invites,
    "thunderbird-series": thunderbird_series,
    "caldav": caldav_invites,
    "caldav-series": caldav_series,
    "mail": mail_invites,
    "client-side": thunderbird_sends,
}
