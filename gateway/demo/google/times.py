"""Start and end as the Calendar API writes them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.demo.google.problems import ApiProblem, invalid, required

Time = dict[str, str]


def zone(name: str, at: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise invalid(f"Invalid time zone definition for {at} time.", f"{at}.timeZone") from error


def accepted(given: Mapping[str, Any] | None, at: str, calendar_zone: str, *, recurring: bool) -> Time:
    """A start, end or originalStartTime as it is stored: a date, or a time with offset and the event's own zone."""
    if not given or not (given.get("date") or given.get("dateTime")):
        raise required(at, f"Missing {at} time.")
    if given.get("date") and given.get("dateTime"):
        raise invalid(f"Invalid {at} time.", at)
    if given.get("date"):
        return {"date": given["date"]}
    moment = datetime.fromisoformat(given["dateTime"])
    name = given.get("timeZone") or ""
    if recurring and not name:
        raise required(f"{at}.timeZone", f"Missing time zone definition for {at} time.")
    if moment.tzinfo is None and not name:
        raise required(f"{at}.timeZone", f"Missing time zone definition for {at} time.")
    own = zone(name or calendar_zone, at)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=own)
    return {"dateTime": written(aware.astimezone(UTC), own), "timeZone": name or calendar_zone}


def written(moment: datetime, where: tzinfo) -> str:
    text = moment.astimezone(where).replace(microsecond=0).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def shown(time: Mapping[str, str], where: tzinfo) -> Time:
    """As answers show it: with the offset of the calendar's (or the asked) zone, beside the event's own zone."""
    if "dateTime" not in time:
        return dict(time)
    return {"dateTime": written(datetime.fromisoformat(time["dateTime"]), where), "timeZone": time["timeZone"]}


def instant(time: Mapping[str, str], where: tzinfo) -> datetime:
    """UTC; a date is midnight in `where`."""
    if "dateTime" in time:
        return datetime.fromisoformat(time["dateTime"]).astimezone(UTC)
    return datetime.combine(date.fromisoformat(time["date"]), datetime.min.time(), where).astimezone(UTC)


def key(time: Mapping[str, str]) -> str:
    """What an instance's id ends with: its original start in UTC, or its date."""
    if "date" in time:
        return time["date"].replace("-", "")
    return datetime.fromisoformat(time["dateTime"]).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def check_range(start: Time, end: Time) -> None:
    if ("date" in start) != ("date" in end):
        raise invalid("Start and end times must either both be date or both be dateTime.", "start")
    if instant(end, UTC) < instant(start, UTC) or ("date" in start and start["date"] == end["date"]):
        raise ApiProblem(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")
