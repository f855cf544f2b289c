"""iCalendar components -> the bodies Graph takes. Pure."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from gateway.backends.outlook.recurrence import recurrence_of, refused
from gateway.backends.outlook.values import RESPONSES, SHOW_AS, Json, Place
from gateway.errors import RefusedByProvider
from gateway.ical.objects import ParsedObject
from gateway.ical.recurrence import parse_rule
from gateway.ical.text import Component, Property, split_escaped, unescape
from gateway.ical.value import parse_duration, parse_when
from gateway.ical.zones import iana, windows

BOOKING: Final = "X-GATEWAY-BOOKING"
SENSITIVITY: Final = {"PRIVATE": "private", "CONFIDENTIAL": "confidential"}
MEETING_BLOCK: Final = re.compile(r"^_{10,}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Times:
    """Naive local times with the zone they are in; zone_name is what Graph calls it.

    all_day: both are midnights, the end exclusive. recurrence: Graph's, None for a single event.
    """

    start: datetime
    end: datetime
    zone: tzinfo
    zone_name: str
    all_day: bool
    recurrence: Json | None = None

    @property
    def body(self) -> Json:
        return {
            "start": {"dateTime": self.start.isoformat(timespec="seconds"), "timeZone": self.zone_name},
            "end": {"dateTime": self.end.isoformat(timespec="seconds"), "timeZone": self.zone_name},
            "isAllDay": self.all_day,
        }

    @property
    def whole(self) -> Json:
        return {**self.body, "recurrence": self.recurrence}

    def on(self, day: date) -> "Times":
        """Those of the plain occurrence on that date."""
        start = datetime.combine(day, self.start.time())
        return Times(start, start + (self.end - self.start), self.zone, self.zone_name, self.all_day)

    def seen_in(self, other: "Times") -> "Times":
        """The same times in another's zone."""
        if self.all_day:
            return Times(self.start, self.end, other.zone, other.zone_name, all_day=True)
        start, end = (
            when.replace(tzinfo=self.zone).astimezone(other.zone).replace(tzinfo=None)
            for when in (self.start, self.end)
        )
        return Times(start, end, other.zone, other.zone_name, all_day=False)


def zone_of(line: Property, obj: ParsedObject, place: Place) -> tuple[tzinfo, str]:
    """The zone of a time, or of the first of several, and Graph's name for it, "" where it has none.

    Floating times are in the mailbox's.
    """
    when = parse_when(line.value.partition(",")[0])
    tzid = line.param("TZID")
    if isinstance(when, datetime) and when.tzinfo is not None:
        return UTC, "UTC"
    name = place.zone if tzid is None or tzid not in obj.zones else iana(tzid)
    if name is None:
        return obj.zones[str(tzid)], ""
    return ZoneInfo(name), windows(name) or name


def moment(value: str, zone: tzinfo, target: tzinfo) -> datetime:
    """The naive local time in `target`; of a date, its midnight."""
    when = parse_when(value)
    if not isinstance(when, datetime):
        return datetime.combine(when, time())
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(target).replace(tzinfo=None)


def times_of(component: Component, obj: ParsedObject, place: Place) -> Times:
    """Raises: RefusedByProvider for a component without start, or a rule Outlook cannot hold."""
    line = component.first("DTSTART")
    if line is None:
        raise RefusedByProvider("Outlook takes only events with a start")
    all_day = len(line.value) == 8
    zone, name = zone_of(line, obj, place)
    rule = component.first("RRULE")
    if not name and rule is not None and not all_day:
        raise refused(f"its time zone {line.param('TZID')} has no name Outlook knows")
    target: tzinfo = zone if name else UTC
    start = moment(line.value, zone, target)
    end = end_of(component, start, obj, place, target, all_day=all_day)
    found = Times(start, end, target, name or "UTC", all_day)
    if any(component.first(kind) for kind in ("RDATE", "EXRULE")) or len(component.all("RRULE")) > 1:
        raise refused("it has more than one rule, or dates beside its rule")
    if rule is None:
        return found
    recurrence = recurrence_of(parse_rule(rule.value), start, target, found.zone_name)
    return Times(start, end, target, found.zone_name, all_day, recurrence)


def end_of(
    component: Component, start: datetime, obj: ParsedObject, place: Place, target: tzinfo, *, all_day: bool
) -> datetime:
    """RFC 5545 3.6.1: DTEND, else DURATION, else a day for dates and no time at all for times."""
    line, lasting = component.first("DTEND"), component.first("DURATION")
    if line is not None:
        zone, _ = zone_of(line, obj, place)
        end = moment(line.value, zone, target)
    elif lasting is not None:
        length = parse_duration(lasting.value)
        exact = (start + timedelta(days=length.days)).replace(tzinfo=target).astimezone(UTC)
        end = (exact + timedelta(seconds=length.seconds)).astimezone(target).replace(tzinfo=None)
    else:
        end = start
    return max(end, start + timedelta(days=1)) if all_day else max(end, start)


def day_of(line: Property, obj: ParsedObject, place: Place, series: Times) -> date:
    """The local date, in the series' zone, that a RECURRENCE-ID names. Raises: RefusedByProvider."""
    if line.param("RANGE"):
        raise refused("a change of this and all future dates in one step")
    when = parse_when(line.value)
    if not isinstance(when, datetime):
        return when
    zone, _ = zone_of(line, obj, place)
    return moment(line.value, zone, series.zone).date()


def left_out(component: Component, obj: ParsedObject, place: Place, series: Times) -> set[date]:
    """Dates of the EXDATEs."""
    found = set()
    for line in component.all("EXDATE"):
        zone, _ = zone_of(line, obj, place)
        found |= {moment(value, zone, series.zone).date() for value in line.value.split(",")}
    return found


def address_of(line: Property | None) -> str:
    return "" if line is None else line.value.strip().removeprefix("mailto:").removeprefix("MAILTO:").lower()


def is_guest_copy(component: Component, place: Place) -> bool:
    """Whether somebody else invites: writing his guests would invite them a second time, in our name."""
    organizer = address_of(component.first("ORGANIZER"))
    return bool(organizer) and organizer not in place.addresses


def guests(component: Component, place: Place) -> list[Json]:
    """Attendees but for the account itself, as Outlook makes the organizer one by itself."""
    found = []
    for line in component.all("ATTENDEE"):
        address = address_of(line)
        if address in place.addresses or "@" not in address:
            continue
        kind = "optional" if line.param("ROLE") == "OPT-PARTICIPANT" else "required"
        if line.param("CUTYPE") in {"RESOURCE", "ROOM"}:
            kind = "resource"
        found.append({"emailAddress": {"address": address, "name": line.param("CN") or address}, "type": kind})
    return found


def text_with_guests(component: Component, place: Place) -> str:
    """The description with the guests' names below it, once each, where Outlook is not to know them as guests."""
    text = component.text("DESCRIPTION").strip("\n")
    shown = [f"{row['emailAddress']['name']} <{row['emailAddress']['address']}>" for row in guests(component, place)]
    missing = [line for line in shown if line not in text]
    return "\n".join([*([text, ""] if text and missing else [text] if text else []), *missing])


def shown_as(component: Component) -> str:
    """TRANSP decides over X-MICROSOFT-CDO-BUSYSTATUS, which many clients keep without looking at it."""
    word = component.text("X-MICROSOFT-CDO-BUSYSTATUS").upper()
    if component.text("TRANSP").upper() == "TRANSPARENT":
        return "workingElsewhere" if word == "WORKINGELSEWHERE" else "free"
    if word == "OOF":
        return "oof"
    return SHOW_AS["TENTATIVE"] if "TENTATIVE" in {word, component.text("STATUS").upper()} else "busy"


def importance(component: Component) -> str:
    text = component.text("PRIORITY").strip()
    level = int(text) if text.isdigit() else 0
    return "high" if 1 <= level <= 4 else "low" if 6 <= level <= 9 else "normal"


def reminder(component: Component) -> Json:
    """The first alarm before the start; Outlook holds one, in minutes."""
    for alarm in component.children("VALARM"):
        trigger = alarm.first("TRIGGER")
        if trigger is None or trigger.param("RELATED") == "END" or trigger.param("VALUE") == "DATE-TIME":
            continue
        before = -parse_duration(trigger.value).timedelta
        if before >= timedelta():
            return {"isReminderOn": True, "reminderMinutesBeforeStart": before // timedelta(minutes=1)}
    return {"isReminderOn": False}


def words_of(component: Component, place: Place, *, booking: bool = False, named: bool = False) -> Json:
    """Everything but times.

    booking: the mails are ours, so Outlook must not know the guests. named: their names go below the text.
    """
    told = not booking and not is_guest_copy(component, place)
    text = text_with_guests(component, place) if named else component.text("DESCRIPTION").strip("\n")
    return {
        "subject": component.text("SUMMARY"),
        "body": {"contentType": "text", "content": text},
        "location": {"displayName": component.text("LOCATION")},
        "categories": [unescape(part) for line in component.all("CATEGORIES") for part in split_escaped(line.value)],
        "showAs": shown_as(component),
        "sensitivity": SENSITIVITY.get(component.text("CLASS").upper(), "normal"),
        "importance": importance(component),
        **reminder(component),
        "attendees": guests(component, place) if told else [],
    }


def own_response(component: Component, place: Place) -> str:
    """The action that tells the organizer what the account's own PARTSTAT says, "" for none."""
    if not is_guest_copy(component, place):
        return ""
    for line in component.all("ATTENDEE"):
        if address_of(line) in place.addresses:
            return RESPONSES.get((line.param("PARTSTAT") or "").upper(), "")
    return ""


def is_booking(obj: ParsedObject) -> str:
    """The marker's value, "" without one."""
    return next((text for text in (component.text(BOOKING) for component in obj.components) if text), "")


def difference(new: Json, old: Json) -> Json:
    return {name: value for name, value in new.items() if old.get(name, None) != value or name not in old}


def keep_meeting_block(content: str, before: str, join_url: str) -> str:
    """A new text for an online meeting: what Outlook uses to find the meeting stays below it."""
    if join_url in content:
        return content
    mark = MEETING_BLOCK.search(before)
    block = before[mark.start() :] if mark else join_url
    return f"{content}\n{block}" if content else block


def transaction_of(uid: str, attempt: int = 0) -> str:
    """Stable for a UID, so that a POST sent twice makes one event."""
    return hashlib.blake2b(f"{uid}\n{attempt}".encode(), digest_size=16).hexdigest()
