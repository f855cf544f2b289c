"""Calendar objects that are to be refused, and by which name; and odd ones that are taken and must harm nobody."""

from typing import NamedTuple

from tests.hostile.test_reading import BLANK, JUNK, NAMED
from tests.whole import event

DATA = "C:valid-calendar-data"
OBJECT = "C:valid-calendar-object-resource"
TYPE = "C:supported-calendar-data"
PEOPLE = [f"ATTENDEE:mailto:a{number}@example.com" for number in range(20_000)]
KIND = "C:supported-calendar-component"
SIZE = "C:max-resource-size"
INSTANCES = "C:max-instances"


class Row(NamedTuple):
    body: bytes | str
    condition: str
    status: int = 403


def replaced(old: str, new: str) -> str:
    text = event("row")
    assert old in text
    return text.replace(old, new)


def second(*lines: str) -> str:
    """Another component after the event."""
    return replaced("END:VCALENDAR", "\r\n".join([*lines, "END:VCALENDAR"]))


def rule(*rules: str) -> str:
    return event("row", *rules)


def deep(levels: int) -> str:
    inside = "BEGIN:X-A\r\n" * levels + "END:X-A\r\n" * levels
    return replaced("END:VEVENT", inside + "END:VEVENT")


MASTER = ("BEGIN:VEVENT", "UID:row", "DTSTAMP:20261101T000000Z", "DTSTART:20261125T090000Z", "END:VEVENT")
OTHER = ("BEGIN:VEVENT", "UID:other", *MASTER[2:])
OVERRIDE = (*MASTER[:3], "RECURRENCE-ID:20261124T090000Z", *MASTER[3:])
TASK = ("BEGIN:VTODO", "UID:row", "DTSTAMP:20261101T000000Z", "END:VTODO")
UTC_START = "DTSTART:20261124T090000Z"

REFUSED = {
    # what it is written in
    "nothing": Row("", DATA),
    "blank": Row(" \r\n\r\n", DATA),
    "no iCalendar": Row("hello", DATA),
    "HTML": Row("<html><body/></html>", DATA),
    "JSON": Row("{}", DATA),
    "vCard": Row("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n", DATA),
    "NUL": Row(replaced("Meeting", "Mee\0ting"), DATA),
    "NUL after all": Row(event("row") + "\0", DATA),
    "backspace": Row(replaced("Meeting", "Mee\bting"), DATA),
    "escape": Row(replaced("Meeting", "\x1b[2J"), DATA),
    "delete": Row(replaced("Meeting", "Mee\x7fting"), DATA),
    "lone CR": Row(replaced("Meeting", "Mee\rting"), DATA),
    "lone CR that hides a line": Row(replaced("Meeting", "Meeting\rATTENDEE:mailto:x@y"), DATA),
    "invalid UTF-8": Row(event("row").encode().replace(b"Meeting", b"M\xfcller"), DATA),
    "overlong UTF-8": Row(event("row").encode().replace(b"Meeting", b"\xc0\xae"), DATA),
    "a surrogate": Row(event("row").encode().replace(b"Meeting", b"\xed\xa0\x80"), DATA),
    "UTF-16": Row(event("row").encode("utf-16"), DATA),
    "UTF-16 without BOM": Row(event("row").encode("utf-16-le"), DATA),
    "UTF-32": Row(event("row").encode("utf-32"), DATA),
    "too large": Row(event("row", "DESCRIPTION:" + "a" * 10_000_000), SIZE, 413),
    "a huge line": Row(event("row", "DESCRIPTION:" + "a" * 5_000_000), DATA),
    "a million lines": Row(event("row", *["COMMENT:"] * 700_000), DATA),
    "deep": Row(deep(100), DATA),
    "deeper": Row(deep(100_000), DATA),
    **{name: Row(text, DATA) for name, text in JUNK.items()},
    # how it is put together
    "no end": Row(replaced("END:VCALENDAR\r\n", ""), DATA),
    "an end too many": Row(event("row") + "END:VCALENDAR\r\n", DATA),
    "ends crossed": Row(replaced("END:VEVENT\r\nEND:VCALENDAR", "END:VCALENDAR\r\nEND:VEVENT"), DATA),
    "two calendars": Row(event("row") * 2, DATA),
    "an event alone": Row("\r\n".join([*MASTER, ""]), DATA),
    "a line without colon": Row(replaced("SUMMARY:Meeting", "SUMMARY"), DATA),
    "text before it": Row("hello\r\n" + event("row"), DATA),
    "text after it": Row(event("row") + "hello\r\n", DATA),
    "no version": Row(replaced("VERSION:2.0\r\n", ""), DATA),
    "version 1": Row(replaced("VERSION:2.0", "VERSION:1.0"), DATA),
    "METHOD": Row(replaced("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST"), OBJECT),
    "nothing in it": Row("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:a\r\nEND:VCALENDAR\r\n", OBJECT),
    "an availability": Row(event("row").replace("VEVENT", "VAVAILABILITY"), KIND),
    "an alarm alone": Row(event("row").replace("VEVENT", "VALARM"), KIND),
    "an event and a task": Row(second(*TASK), OBJECT),
    "two UIDs": Row(second(*OTHER), OBJECT),
    "two masters": Row(second(*MASTER), OBJECT),
    "two overrides of one instance": Row(second(*OVERRIDE, *OVERRIDE), OBJECT),
    "no UID": Row(replaced("UID:row\r\n", ""), OBJECT),
    "an empty UID": Row(replaced("UID:row", "UID:"), OBJECT),
    "a huge UID": Row(replaced("UID:row", "UID:" + "u" * 100_000), OBJECT),
    "two UID lines": Row(replaced("UID:row", "UID:row\r\nUID:row"), DATA),
    "no DTSTART": Row(replaced(UTC_START + "\r\n", ""), DATA),
    "two DTSTART": Row(replaced(UTC_START, UTC_START + "\r\n" + UTC_START), DATA),
    # times
    "no date": Row(event("row", start=":tomorrow"), DATA),
    "month 13": Row(event("row", start=":20261324T090000Z"), DATA),
    "hour 25": Row(event("row", start=":20261124T250000Z"), DATA),
    "30 February": Row(event("row", start=";VALUE=DATE:20270230", end=";VALUE=DATE:20270301"), DATA),
    "the last year there is": Row(event("row", start=":99991231T235959Z", end=":99991231T235959Z"), "C:max-date-time"),
    "the year 1": Row(event("row", start=":00010101T000000Z"), "C:min-date-time"),
    "thousands of attendees": Row(event("row", *PEOPLE), "C:max-attendees-per-instance"),
    "a zone without anything": Row(
        event("row", start=";TZID=Nowhere:20261124T090000", end=";TZID=Nowhere:20261124T100000"), "C:valid-timezone"
    ),
    "year 0": Row(event("row", start=":00000101T000000Z"), DATA),
    "other digits": Row(event("row", start=":٢٠٢٦١١٢٤T090000Z"), DATA),
    "endless DURATION": Row(replaced("DTEND:20261124T100000Z", "DURATION:P" + "9" * 400 + "D"), DATA),
    "no DURATION": Row(replaced("DTEND:20261124T100000Z", "DURATION:soon"), DATA),
    # recurrence
    "INTERVAL=0": Row(rule("RRULE:FREQ=DAILY;INTERVAL=0"), DATA),
    "negative INTERVAL": Row(rule("RRULE:FREQ=DAILY;INTERVAL=-1"), DATA),
    "COUNT=0": Row(rule("RRULE:FREQ=DAILY;COUNT=0"), DATA),
    "UNTIL and COUNT": Row(rule("RRULE:FREQ=DAILY;COUNT=3;UNTIL=20270101T000000Z"), DATA),
    "no FREQ": Row(rule("RRULE:INTERVAL=2"), DATA),
    "an unknown FREQ": Row(rule("RRULE:FREQ=FORTNIGHTLY"), DATA),
    "FREQ twice": Row(rule("RRULE:FREQ=DAILY;FREQ=DAILY"), DATA),
    "an empty rule": Row(rule("RRULE:"), DATA),
    "BYDAY=0TH": Row(rule("RRULE:FREQ=MONTHLY;BYDAY=0TH"), DATA),
    "BYMONTH=13": Row(rule("RRULE:FREQ=YEARLY;BYMONTH=13"), DATA),
    "a BYDAY without end": Row(rule("RRULE:FREQ=MONTHLY;BYDAY=" + "1MO," * 100_000), DATA),
    "a COUNT of many digits": Row(rule("RRULE:FREQ=DAILY;COUNT=" + "9" * 5_000), DATA),
    "an EXDATE that is none": Row(rule("RRULE:FREQ=DAILY", "EXDATE:never"), DATA),
    "every second": Row(rule("RRULE:FREQ=SECONDLY"), INSTANCES),
    "every minute a billion times": Row(rule("RRULE:FREQ=MINUTELY;COUNT=1000000000"), INSTANCES),
    "twenty thousand rules": Row(rule(*(f"RRULE:FREQ=SECONDLY;INTERVAL={n}" for n in range(1, 20_000))), INSTANCES),
    **{name: Row(text, INSTANCES) for name, text in NAMED.items()},
}

ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:{}\r\nBEGIN:STANDARD\r\nDTSTART:19000101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
    "RRULE:{}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def zoned(*rules: str) -> str:
    """An event whose lines name zones of these rules."""
    zones = "".join(ZONE.format(f"Nowhere {number}", rule) for number, rule in enumerate(rules))
    lines = [f"EXDATE;TZID=Nowhere {number}:20261201T090000" for number in range(len(rules))]
    text = event(
        "row",
        "RRULE:FREQ=DAILY",
        *lines,
        start=";TZID=Nowhere 0:20261124T090000",
        end=";TZID=Nowhere 0:20261124T100000",
    )
    return text.replace("BEGIN:VEVENT", zones + "BEGIN:VEVENT")


NEVER = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"
ALL_DAY = ",".join(map(str, range(60)))

TAKEN = {
    "negative DURATION": replaced("DTEND:20261124T100000Z", "DURATION:-PT1H"),
    "an end of another kind": event("row", end=";VALUE=DATE:20261125"),
    "the end first": event("row", end=":20261123T090000Z"),
    "a year of many digits": event("row", start=":99901231T235959Z", end=":99901231T235959Z"),
    "no DTSTAMP": replaced("DTSTAMP:20261101T000000Z\r\n", ""),
    "a byte order mark": "\ufeff" + event("row"),
    "line feeds alone": event("row").replace("\r\n", "\n"),
    "no last line end": event("row").rstrip(),
    "lower case": event("row").lower().replace("20261124t090000z", "20261124T090000Z"),
    "an empty SUMMARY": replaced("Meeting", ""),
    "a SUMMARY of signs": replaced("Meeting", "\u202e\u2028\ufffe🤷</C:calendar-data>]]>&amp;"),
    "a year of few digits": event("row", start=":00020101T000000Z", end=":00020101T010000Z"),
    "a length of a thousand years": event("row", start=":20260101T000000Z", end=":30260101T000000Z"),
    "a rule that never matches": rule(f"RRULE:{NEVER}"),
    "a rule that never matches, counted": rule("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=5"),
    "every second, never": rule("RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"),
    "odd hours, an even interval": rule("RRULE:FREQ=HOURLY;INTERVAL=2;BYHOUR=1,3,5"),
    "every day a billion times": rule("RRULE:FREQ=DAILY;COUNT=1000000000"),
    "every day, a billion days apart": rule("RRULE:FREQ=DAILY;INTERVAL=1000000000"),
    "the last second of each year": rule(
        f"RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE;BYHOUR=1,2;BYMINUTE={ALL_DAY};BYSECOND={ALL_DAY};BYSETPOS=-1"
    ),
    "an UNTIL before the start": rule("RRULE:FREQ=DAILY;UNTIL=19000101T000000Z"),
    "a rule that takes back another": rule("RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY"),
    "a rule that takes back every hour": rule("RRULE:FREQ=HOURLY", "EXRULE:FREQ=HOURLY"),
    "thousands that take back": rule("RRULE:FREQ=DAILY", *(f"EXRULE:FREQ=DAILY;INTERVAL={n}" for n in range(1, 5_000))),
    "a zone that changes each second": zoned("FREQ=SECONDLY"),
    "a zone that never changes": zoned(NEVER),
    "twenty zones that are hard to follow": zoned(
        *(f"FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30;BYHOUR={n}" for n in range(20))
    ),
    "thousands of parameters": event("row", "X-A;" + ";".join(f"P{n}=1" for n in range(50_000)) + ":x"),
    "thousands of alarms": event("row", *["BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM"] * 5_000),
    "as many attendees as can be": event("row", *PEOPLE[:1_000]),
    "an override of nothing": second(*OVERRIDE).replace(
        "BEGIN:VEVENT\r\nUID:row\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261124",
        "BEGIN:VEVENT\r\nUID:row\r\nDTSTAMP:20261101T000000Z\r\nRRULE:FREQ=YEARLY\r\nDTSTART:20251124",
    ),
    "an override for all that follow, far away": second(*OVERRIDE)
    .replace("RECURRENCE-ID:", "RECURRENCE-ID;RANGE=THISANDFUTURE:")
    .replace("20261125T", "99901125T")
    .replace("SUMMARY", "RRULE:FREQ=DAILY\r\nSUMMARY"),
    **BLANK,
}
