"""Organizer and guests, both ways."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from gateway.backends.google.source import PARTSTATS, Event
from gateway.ical.text import Component, Property, prop

ANSWERS: Final = {partstat: status for status, partstat in PARTSTATS.items()}
NUMBER: Final = "X-NUM-GUESTS"
COMMENT: Final = "X-RESPONSE-COMMENT"
"""Parameters of ATTENDEE under which Google's own iCalendar carries further guests and the comment of an answer."""


def told(event: Event) -> Iterator[Property]:
    """Nobody for an event of one's own without guests: an ORGANIZER would make a meeting of it."""
    rows = [row for row in event.get("attendees") or () if row.get("email")]
    organizer = event.get("organizer") or {}
    if organizer.get("email") and (rows or not organizer.get("self")):
        yield prop("ORGANIZER", f"mailto:{organizer['email']}", _name(organizer))
    for row in rows:
        yield prop("ATTENDEE", f"mailto:{row['email']}", _params(row))


def _params(row: Mapping[str, Any]) -> dict[str, str]:
    answer = PARTSTATS.get(row.get("responseStatus", ""), "NEEDS-ACTION")
    params = _name(row)
    if row.get("resource"):
        params["CUTYPE"] = "RESOURCE"
    params["ROLE"] = "OPT-PARTICIPANT" if row.get("optional") else "REQ-PARTICIPANT"
    params["PARTSTAT"] = answer
    if answer == "NEEDS-ACTION":
        params["RSVP"] = "TRUE"
    if row.get("additionalGuests"):
        params[NUMBER] = str(row["additionalGuests"])
    if row.get("comment"):
        params[COMMENT] = row["comment"]
    return params


def _name(person: Mapping[str, Any]) -> dict[str, str]:
    return {"CN": person["displayName"]} if person.get("displayName") else {}


def organizer(component: Component) -> dict[str, str]:
    """{} or email and displayName."""
    line = component.first("ORGANIZER")
    address = _address(line) if line else ""
    if line is None or not address:
        return {}
    name = line.param("CN")
    return {"email": address} | ({"displayName": name} if name else {})


def _address(line: Property) -> str:
    """An e-mail address, "" where the value is none; EMAIL= wins over an opaque URI."""
    scheme, _, rest = line.value.partition(":")
    address = rest if scheme.lower() == "mailto" else line.param("EMAIL") or ""
    return address.strip().lower() if "@" in address else ""


def by_client(component: Component) -> bool:
    """The client mails the guests itself, or its user wants nobody told: Thunderbird has a mark for that."""
    if component.text("X-MOZ-SEND-INVITATIONS").strip().upper() == "FALSE":
        return True
    lines = [*component.all("ORGANIZER"), *component.all("ATTENDEE")]
    agents = [line.param("SCHEDULE-AGENT") or "SERVER" for line in lines]
    return bool(agents) and any(agent.upper() != "SERVER" for agent in agents)


def guests(component: Component) -> Iterator[Event]:
    """One row each, by address. What a client does not say of a guest is not in the row."""
    lines = component.all("ATTENDEE")
    if (
        component.first("X-GATEWAY-BOOKING") is not None
    ):  # parties of a booking with seats, who are not to see each other
        lines = [line for line in lines if (line.param("SCHEDULE-AGENT") or "").upper() != "NONE"]
    rows = {row["email"]: row for line in lines if (row := _guest(line))}
    yield from (rows[address] for address in sorted(rows))


def _guest(line: Property) -> Event:
    address = _address(line)
    if not address:
        return {}
    row: Event = {
        "email": address,
        "responseStatus": ANSWERS.get((line.param("PARTSTAT") or "").upper(), "needsAction"),
        "optional": (line.param("ROLE") or "").upper() in {"OPT-PARTICIPANT", "NON-PARTICIPANT"},
    }
    name, number, comment = line.param("CN"), line.param(NUMBER) or "", line.param(COMMENT)
    if name:
        row["displayName"] = name
    if (line.param("CUTYPE") or "").upper() in {"RESOURCE", "ROOM"}:
        row["resource"] = True
        row["optional"] = False
    if number.isdecimal() and len(number) < 5:
        row["additionalGuests"] = int(number)
    if comment:
        row["comment"] = comment
    return row


def differ(held: Sequence[Event], wanted: Sequence[Event]) -> bool:
    """Whether the guests are others, or something is said of one that is not so. A resource is made on adding only."""
    known = {row["email"]: row for row in held}
    if known.keys() != {row["email"] for row in wanted}:
        return True
    return any(
        known[row["email"]].get(name, 0) != value for row in wanted for name, value in row.items() if name != "resource"
    )


def merged(wanted: Sequence[Event], held: Sequence[Event]) -> list[Event]:
    """The list to send, since an array is replaced whole: what a client does not say of a guest is kept."""
    known = {row.get("email", "").lower(): row for row in held}
    fixed = {"self", "organizer"}
    return [
        {name: value for name, value in known.get(row["email"].lower(), {}).items() if name not in fixed} | row
        for row in wanted
    ]


def own_row(held: Event, own: Collection[str]) -> Event | None:
    """The row of this calendar's copy. own: addresses of the account, lower-case."""
    rows = held.get("attendees") or ()
    named = [row for row in rows if row.get("self")] or [row for row in rows if row.get("email", "").lower() in own]
    return named[0] if named else None


def answer(held: Event, had: Sequence[Event], wanted: Sequence[Event], own: Collection[str]) -> Event:
    """The patch of a guest: the own answer by itself, or with the whole list where more is said or somebody is
    invited. What a guest says of others does not count. {}: nothing to tell.

    held: Google's event. had, wanted: rows of it, and of the client's.
    """
    mine = own_row(held, own)
    address = mine["email"].lower() if mine else ""
    before = {row["email"]: row for row in had}
    row = next((row for row in wanted if row["email"] == address), None)
    new = [each for each in wanted if each["email"] not in before and each["email"] not in own]
    said = {} if row is None else {name: row[name] for name in SAID if name in row}
    told_more = {name: value for name, value in said.items() if before.get(address, {}).get(name, 0) != value}
    if not new and told_more.keys() <= {"responseStatus"}:
        return (
            {"attendees": [{"email": mine["email"], **told_more}], "attendeesOmitted": True}
            if mine and told_more
            else {}
        )
    rows = [each | told_more if each["email"] == address else each for each in had]
    return {"attendees": merged([*rows, *new], held.get("attendees") or ())}


SAID: Final = ("responseStatus", "comment", "additionalGuests")
"""What a guest may say of himself."""
