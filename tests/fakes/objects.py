"""Small iCalendar objects for tests."""


def event(uid: str, summary: str = "Meeting", start: str = "20260105T090000Z", *lines: str) -> str:
    """One event of an hour, CRLF line ends; `lines` go into the VEVENT as they are."""
    day, _, clock = start.partition("T")
    end = f"{day}T{int(clock[:2]) + 1:02}{clock[2:]}"
    return "".join(
        f"{line}\r\n"
        for line in (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//example.com//tests//EN",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART:{start}",
            f"DTEND:{end}",
            f"SUMMARY:{summary}",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
        )
    )


def series(uid: str) -> str:
    """A weekly series of five whose second date was moved by two hours."""
    master = event(uid, "Weekly", "20260105T090000Z", "RRULE:FREQ=WEEKLY;COUNT=5")
    moved = event(uid, "Weekly, later", "20260112T110000Z", "RECURRENCE-ID:20260112T090000Z")
    override = moved[moved.index("BEGIN:VEVENT") : moved.index("END:VCALENDAR")]
    return master.replace("END:VCALENDAR\r\n", override + "END:VCALENDAR\r\n")


def feed(*objects: str, name: str = "") -> str:
    """One published file of all of them."""
    parts = [text[text.index("BEGIN:VEVENT") : text.index("END:VCALENDAR")] for text in objects]
    named = f"X-WR-CALNAME:{name}\r\n" if name else ""
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.com//feed//EN\r\n{named}"
    return head + "".join(parts) + "END:VCALENDAR\r\n"
