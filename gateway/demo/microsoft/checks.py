"""What Graph takes in the body of an event, and what it refuses."""

import re
from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from gateway.demo.microsoft.faults import GraphFault, Json, bad_request
from gateway.demo.microsoft.recurrence import checked
from gateway.demo.microsoft.times import dated, local, windows_name, zone_named

SHOW_AS = frozenset({"free", "tentative", "busy", "oof", "workingElsewhere", "unknown"})
SENSITIVITY = frozenset({"normal", "personal", "private", "confidential"})
IMPORTANCE = frozenset({"low", "normal", "high"})
READ_ONLY = frozenset(
    {
        "id",
        "iCalUId",
        "uid",
        "changeKey",
        "createdDateTime",
        "lastModifiedDateTime",
        "bodyPreview",
        "hasAttachments",
        "isCancelled",
        "isDraft",
        "isOrganizer",
        "onlineMeeting",
        "onlineMeetingUrl",
        "organizer",
        "originalStart",
        "originalStartTimeZone",
        "originalEndTimeZone",
        "responseStatus",
        "seriesMasterId",
        "type",
        "webLink",
        "occurrenceId",
        "cancelledOccurrences",
        "exceptionOccurrences",
    }
)
NESTED = {
    "body": frozenset({"contentType", "content"}),
    "start": frozenset({"dateTime", "timeZone"}),
    "end": frozenset({"dateTime", "timeZone"}),
    "location": frozenset(
        {
            "displayName",
            "locationType",
            "uniqueId",
            "uniqueIdType",
            "address",
            "coordinates",
            "locationEmailAddress",
            "locationUri",
        }
    ),
    "recurrence": frozenset({"pattern", "range"}),
}
ADDRESS = frozenset({"street", "city", "state", "countryOrRegion", "postalCode", "type", "postOfficeBox"})
COORDINATES = frozenset({"latitude", "longitude", "accuracy", "altitude", "altitudeAccuracy"})
MEETING_PROVIDERS = frozenset({"unknown", "teamsForBusiness", "skypeForBusiness", "skypeForConsumer"})
EXTENDED_ID = re.compile(
    r"(?:String|Integer|Boolean|Binary|Double|SystemTime|CLSID)"
    r" (?:\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\} (?:Name \S.*|Id 0x[0-9A-Fa-f]+)|0x[0-9A-Fa-f]+)"
)
ATTENDEE = frozenset({"emailAddress", "type", "status", "proposedNewTime"})
PATTERN = frozenset({"type", "interval", "month", "dayOfMonth", "daysOfWeek", "firstDayOfWeek", "index"})
RANGE = frozenset({"type", "startDate", "endDate", "recurrenceTimeZone", "numberOfOccurrences"})


def one_of(allowed: frozenset[str]) -> Callable[[Any], bool]:
    return lambda value: value in allowed


def a(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds)


WRITABLE: Mapping[str, Callable[[Any], bool]] = {
    "subject": a(str, type(None)),
    "body": a(dict),
    "start": a(dict),
    "end": a(dict),
    "isAllDay": a(bool),
    "location": a(dict),
    "locations": a(list),
    "attendees": a(list),
    "categories": a(list),
    "showAs": one_of(SHOW_AS),
    "sensitivity": one_of(SENSITIVITY),
    "importance": one_of(IMPORTANCE),
    "isReminderOn": a(bool),
    "reminderMinutesBeforeStart": a(int),
    "recurrence": a(dict, type(None)),
    "isOnlineMeeting": a(bool),
    "onlineMeetingProvider": one_of(MEETING_PROVIDERS),
    "responseRequested": a(bool),
    "allowNewTimeProposals": a(bool),
    "hideAttendees": a(bool),
    "transactionId": a(str, type(None)),
    "singleValueExtendedProperties": a(list),
}


def unknown(name: str, kind: str) -> GraphFault:
    return bad_request(
        f"The property '{name}' does not exist on type 'microsoft.graph.{kind}'. Make sure to only use property names"
        " that are defined by the type.",
        "RequestBodyRead",
    )


def check_names(value: Any, allowed: frozenset[str], kind: str) -> None:
    if not isinstance(value, dict):
        raise bad_request(f"An object was expected for '{kind}'.", "RequestBodyRead")
    for name in value:
        if name not in allowed and not name.startswith("@odata."):
            raise unknown(name, kind)


def check_attendees(attendees: list[Any]) -> None:
    if len(attendees) > 500:
        raise bad_request("More than 500 attendees.", "ErrorExceededRecipientLimit")
    for attendee in attendees:
        check_names(attendee, ATTENDEE, "attendee")
        check_names(attendee.get("emailAddress"), frozenset({"name", "address"}), "emailAddress")
        if not a(str)(attendee["emailAddress"].get("address")) or "@" not in attendee["emailAddress"]["address"]:
            raise bad_request("At least one recipient isn't valid.", "ErrorInvalidRecipients")
        if attendee.get("type", "required") not in {"required", "optional", "resource"}:
            raise bad_request("Unknown kind of attendee.", "RequestBodyRead")


def check_body(body: Any) -> Json:
    """The body, once every name and every kind of value in it is one Graph knows."""
    if not isinstance(body, dict):
        raise bad_request("The body is not an object.", "RequestBodyRead")
    for name, value in body.items():
        if name in READ_ONLY:
            raise bad_request(f"The property '{name}' is read-only and cannot be set.", "ErrorInvalidPropertySet")
        if name not in WRITABLE:
            raise unknown(name, "event")
        if not WRITABLE[name](value):
            raise bad_request(f"Cannot read the value of '{name}'.", "RequestBodyRead")
        if name in NESTED and value is not None:
            check_names(value, NESTED[name], name)
    check_parts(body)
    check_attendees(body.get("attendees", []))
    recurrence = body.get("recurrence")
    if recurrence is not None:
        check_names(recurrence.get("pattern"), PATTERN, "recurrencePattern")
        check_names(recurrence.get("range"), RANGE, "recurrenceRange")
    for extended in body.get("singleValueExtendedProperties", []):
        check_names(extended, frozenset({"id", "value"}), "singleValueLegacyExtendedProperty")
        if not EXTENDED_ID.fullmatch(str(extended.get("id"))) or not isinstance(extended.get("value"), str):
            raise bad_request("The extended property is not well-formed.", "ErrorInvalidRequest")
    return body


def check_parts(body: Json) -> None:
    """What is inside the parts that have parts of their own."""
    if str((body.get("body") or {}).get("contentType", "text")).lower() not in {"text", "html"}:
        raise bad_request("Cannot read the value of 'contentType'.", "RequestBodyRead")
    if not all(isinstance(name, str) for name in body.get("categories", [])):
        raise bad_request("Cannot read the value of 'categories'.", "RequestBodyRead")
    for location in [*body.get("locations", []), *([body["location"]] if "location" in body else [])]:
        check_names(location, NESTED["location"], "location")
        check_names(location.get("address") or {}, ADDRESS, "physicalAddress")
        check_names(location.get("coordinates") or {}, COORDINATES, "outlookGeoCoordinates")


def check_times(event: Json) -> None:
    """Sets both times in full, with Windows names, and the recurrence in full.

    Raises: GraphFault 400 for an end before its start, all-day times off midnight, a recurrence that cannot be.
    """
    if not event.get("start") or not event.get("end"):
        raise bad_request("An event needs a start and an end.", "ErrorPropertyValidationFailure")
    start, end = local(event["start"]), local(event["end"])
    zones = [event[name].get("timeZone") or "UTC" for name in ("start", "end")]
    first, last = (zone_named(zone) for zone in zones)
    if end.replace(tzinfo=last) < start.replace(tzinfo=first):
        raise bad_request("The end is before the start.", "ErrorCalendarEndDateIsEarlierThanStartDate")
    if event.get("isAllDay") and (start.time() != time() or end.time() != time() or end <= start or first != last):
        raise bad_request(
            "The Event.Start and Event.End properties of an all-day event must be midnight, in one zone.",
            "ErrorPropertyValidationFailure",
        )
    event["start"], event["end"] = dated(start, windows_name(zones[0])), dated(end, windows_name(zones[1]))
    if event.get("recurrence"):
        event["recurrence"] = checked(event["recurrence"], start.date(), windows_name(zones[0]))
