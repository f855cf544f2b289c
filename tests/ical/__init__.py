"""Tests of gateway.ical; `event` and `stamp` are their shorthand."""

from datetime import UTC, datetime

HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN")


def calendar(*lines: str) -> str:
    return "".join(f"{line}\r\n" for line in (*HEAD, *lines, "END:VCALENDAR"))


def component(kind: str, *lines: str, uid: str = "one") -> list[str]:
    return [f"BEGIN:{kind}", f"UID:{uid}", "DTSTAMP:20250101T000000Z", *lines, f"END:{kind}"]


def event(*lines: str, more: tuple[list[str], ...] = ()) -> str:
    """A calendar with one VEVENT of these lines, and more components after it."""
    return calendar(*component("VEVENT", *lines), *(line for lines in more for line in lines))


def stamp(text: str) -> int:
    """Epoch seconds of 20250609T070000Z, or of midnight UTC of 20250609."""
    form = "%Y%m%dT%H%M%SZ" if len(text) > 8 else "%Y%m%d"
    return int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp())
