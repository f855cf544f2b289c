"""Graph's times: local text with a zone's name beside it, seven digits after the second."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.demo.microsoft.faults import Json, bad_request
from gateway.ical.zones import iana, windows

NEVER = "0001-01-01T00:00:00Z"
CUSTOM_ZONE = "tzone://Microsoft/Custom"
LOCAL = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,7}))?Z?")


def zone_named(name: str) -> ZoneInfo:
    """Raises: TimeZoneNotSupportedException, as Graph calls it."""
    known = iana(name)
    if known is None:
        raise bad_request(
            f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'.",
            "TimeZoneNotSupportedException",
        )
    return ZoneInfo(known)


def windows_name(name: str) -> str:
    """The Windows name Graph answers with, whichever kind it was given."""
    known = iana(name)
    if known is None or known in {"UTC", "Etc/UTC"}:
        return "UTC" if known else name
    return windows(known) or name


def local(value: Json) -> datetime:
    """The naive local time of a dateTimeTimeZone."""
    match = LOCAL.fullmatch(str(value.get("dateTime")))
    if match is None:
        raise bad_request("The value of 'dateTime' could not be read.", "ErrorPropertyValidationFailure")
    clock = time.fromisoformat(match[2])
    return datetime.combine(date.fromisoformat(match[1]), clock)


def to_utc(naive: datetime, zone: ZoneInfo) -> datetime:
    return naive.replace(tzinfo=zone).astimezone(UTC)


def instant(value: Json) -> datetime:
    return to_utc(local(value), zone_named(str(value.get("timeZone", "UTC"))))


def dated(naive: datetime, zone: str) -> Json:
    return {"dateTime": f"{naive:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": zone}


def shown(when: datetime, zone: str) -> Json:
    """An aware instant in the zone the reply is to be in."""
    return dated(when.astimezone(zone_named(zone)).replace(tzinfo=None), zone)


def stamp(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def query_time(text: str | None, zone: str) -> datetime:
    """startDateTime and endDateTime of a view: with an offset, or local to the reply's zone."""
    if not text:
        raise bad_request("This request requires a time window specified by the query string parameters.")
    try:
        value = datetime.fromisoformat(re.sub(r"\.\d+", "", text))
    except ValueError as error:
        raise bad_request(f"The time '{text}' could not be read.") from error
    return value.astimezone(UTC) if value.tzinfo else to_utc(value, zone_named(zone))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def whole_days(start: datetime, end: datetime) -> int:
    return (end - start) // timedelta(days=1)
