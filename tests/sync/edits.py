"""What people change in a text, and what they read there."""

import re
from datetime import UTC, datetime

DAY = 86_400


def first_title(text: str) -> str:
    found = re.search(r"^SUMMARY:(.*?)\r$", text, re.MULTILINE)
    assert found is not None, text
    return found[1]


def renamed(text: str, title: str) -> str:
    """The first component is the series where there is one."""
    return re.sub(r"^SUMMARY:.*?\r$", f"SUMMARY:{title}\r", text, count=1, flags=re.MULTILINE)


def with_date(text: str, number: int, title: str) -> str:
    """A series with one more date of its own: cancelled, or under another title. Unchanged if the date has one."""
    uid = re.search(r"^UID:.*?\r$", text, re.MULTILINE)
    start = re.search(r"^DTSTART(.*?):(\S+)\r$", text[text.index("BEGIN:VEVENT") :], re.MULTILINE)
    assert uid is not None
    assert start is not None
    when = datetime.strptime(start[2].rstrip("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    week = datetime.fromtimestamp(when.timestamp() + number % 3 * 7 * DAY, UTC)
    name = f"{week:%Y%m%dT%H%M%S}{'Z' if start[2].endswith('Z') else ''}"
    if name in text.replace(start[2], "", 1) or (name == start[2] and text.count(name) > 1):
        return text
    if not title:
        at = text.index("\r\nRRULE", text.index("BEGIN:VEVENT"))
        return f"{text[:at]}\r\nEXDATE{start[1]}:{name}{text[at:]}"
    lines = ["BEGIN:VEVENT", uid[0].rstrip(), "DTSTAMP:20261101T000000Z", f"RECURRENCE-ID{start[1]}:{name}"]
    lines += [f"DTSTART{start[1]}:{name}", "DURATION:PT30M", f"SUMMARY:{title}", "END:VEVENT", "END:VCALENDAR"]
    return text.replace("END:VCALENDAR", "\r\n".join(lines), 1)
