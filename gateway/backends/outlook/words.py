"""What an event says, but for when it is: iCalendar -> the bodies Graph takes. Pure."""

import html
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import unquote

from gateway.backends.outlook.values import RESPONSES, SHOW_AS, Json, Place, plain_text
from gateway.errors import RefusedByProvider
from gateway.ical.objects import ParsedObject
from gateway.ical.text import Component, Property, split_escaped, unescape
from gateway.ical.value import parse_duration

BOOKING: Final = "X-GATEWAY-BOOKING"
CONFERENCE: Final = "X-GATEWAY-CONFERENCE"
OUR_MEETINGS: Final = frozenset({"teams", "microsoft-teams", "teamsforbusiness", "auto", "true", "yes"})
SENSITIVITY: Final = {"": "normal", "PUBLIC": "normal", "CONFIDENTIAL": "confidential"}
MEETING_RULE: Final = re.compile(r"_{10,}")
BLOCK_START: Final = re.compile(r"<(?:div|p|hr|table)\b", re.IGNORECASE)
MOST_GUESTS: Final = 500
BY_CLIENT: Final = frozenset({"CLIENT", "NONE"})
SHOWN: Final = frozenset({"DISPLAY", "AUDIO", ""})


def address_of(line: Property | None) -> str:
    return "" if line is None else line.value.strip().removeprefix("mailto:").removeprefix("MAILTO:").lower()


def is_guest_copy(component: Component, place: Place) -> bool:
    """Whether somebody else invites: writing his guests would invite them a second time, in our name."""
    organizer = address_of(component.first("ORGANIZER"))
    return bool(organizer) and organizer not in place.addresses


def mailed_by_client(component: Component) -> bool:
    """Whether the client that wrote it tells the guests itself, or its user wants nobody told.

    The former by RFC 6638 7.1, which Thunderbird too says where it mails although we would; the latter by a mark of
    Thunderbird's. Outlook has no such wish: it mails whoever it knows as a guest.
    """
    organizer = component.first("ORGANIZER")
    agent = "" if organizer is None else (organizer.param("SCHEDULE-AGENT") or "").upper()
    return agent in BY_CLIENT or component.text("X-MOZ-SEND-INVITATIONS").strip().upper() == "FALSE"


def kind_of(line: Property) -> str:
    if line.param("CUTYPE") in {"RESOURCE", "ROOM"}:
        return "resource"
    return "optional" if line.param("ROLE") in {"OPT-PARTICIPANT", "NON-PARTICIPANT"} else "required"


def guests(component: Component, place: Place) -> list[Json]:
    """Attendees whom Outlook is to invite: not the account itself, as Outlook makes the organizer one by itself.

    Raises: RefusedByProvider for more than Outlook takes.
    """
    found: dict[str, Json] = {}
    for line in component.all("ATTENDEE"):
        address = address_of(line)
        told = (line.param("SCHEDULE-AGENT") or "").upper() not in BY_CLIENT
        if told and address not in place.addresses and "@" in address:
            email = {"address": address, "name": line.param("CN") or address}
            found.setdefault(address, {"emailAddress": email, "type": kind_of(line)})
    if len(found) > MOST_GUESTS:
        raise RefusedByProvider(f"Outlook takes at most {MOST_GUESTS} guests of one event")
    return list(found.values())


def same_guests(one: Sequence[Json], other: Sequence[Json]) -> bool:
    """Another way to write a name, or another order, is not worth a mail to everybody."""
    who = [{(row["emailAddress"]["address"].lower(), row.get("type")) for row in rows} for rows in (one, other)]
    return who[0] == who[1]


def with_answers(rows: Sequence[Json], there: Sequence[Json]) -> list[Json]:
    """The guests as wanted, with what Outlook knows of each: a PATCH replaces them all, answers included."""
    known = {
        str((row.get("emailAddress") or {}).get("address")).lower(): {
            name: row[name] for name in ("status", "proposedNewTime") if row.get(name)
        }
        for row in there
    }
    return [{**known.get(row["emailAddress"]["address"], {}), **row} for row in rows]


def text_with_guests(component: Component, place: Place) -> str:
    """The description with the guests' names below it, once each, where Outlook is not to know them as guests."""
    text = component.text("DESCRIPTION").strip("\n")
    shown = [f"{row['emailAddress']['name']} <{row['emailAddress']['address']}>" for row in guests(component, place)]
    missing = [line for line in shown if line not in text]
    return "\n".join([*([text, ""] if text and missing else [text] if text else []), *missing])


def shown_as(component: Component) -> str:
    """TRANSP decides over X-MICROSOFT-CDO-BUSYSTATUS, which many clients keep without looking at it."""
    word = component.text("X-MICROSOFT-CDO-BUSYSTATUS").upper()
    blocks = component.text("TRANSP").upper()
    if blocks == "TRANSPARENT" or (not blocks and word in {"FREE", "WORKINGELSEWHERE"}):
        return "workingElsewhere" if word == "WORKINGELSEWHERE" else "free"
    if word == "OOF":
        return "oof"
    return SHOW_AS["TENTATIVE"] if "TENTATIVE" in {word, component.text("STATUS").upper()} else "busy"


def sensitivity(component: Component) -> str:
    """A class nobody knows counts as private (RFC 5545 3.8.1.3)."""
    return SENSITIVITY.get(component.text("CLASS").upper(), "private")


def importance(component: Component) -> str:
    text = component.text("PRIORITY").strip()
    level = int(text) if text.isdecimal() and len(text) == 1 else 0
    return "high" if 1 <= level <= 4 else "low" if 6 <= level <= 9 else "normal"


def reminder(component: Component) -> Json:
    """The first alarm to be seen or heard before the start; Outlook holds one, in whole minutes."""
    for alarm in component.children("VALARM"):
        trigger = alarm.first("TRIGGER")
        if trigger is None or trigger.param("RELATED") == "END" or trigger.param("VALUE") == "DATE-TIME":
            continue
        before = -parse_duration(trigger.value).timedelta
        if before >= timedelta() and alarm.text("ACTION").upper() in SHOWN:
            return {"isReminderOn": True, "reminderMinutesBeforeStart": before // timedelta(minutes=1)}
    return {"isReminderOn": False}


def plainly(text: str) -> str:
    """The words alone: rendering HTML as text moves blanks and line ends about."""
    return " ".join(text.split())


def body_of(component: Component) -> Json:
    """As HTML where the client says the same in it: what it says of an older text counts no more."""
    text = component.text("DESCRIPTION").strip("\n")
    for content in formatted(component):
        body = {"contentType": "html", "content": content}
        if plainly(plain_text(body)) == plainly(text):
            return body
    return {"contentType": "text", "content": text}


def formatted(component: Component) -> list[str]:
    """X-ALT-DESC, as many clients write it, and Thunderbird's ALTREP with the page in the URI."""
    found = [
        line.text for line in component.all("X-ALT-DESC") if (line.param("FMTTYPE") or "").lower() in {"", "text/html"}
    ]
    description = component.first("DESCRIPTION")
    page = "" if description is None else description.param("ALTREP") or ""
    if page.lower().startswith("data:text/html,"):
        found.append(unquote(page.partition(",")[2]))
    return found


def words_of(component: Component, place: Place, *, beside: bool = False, named: bool = False) -> Json:
    """Everything but times.

    beside: Outlook must not know the guests, as the mails are not its own. named: their names go below the text.
    """
    told = not beside and not is_guest_copy(component, place)
    return {
        "subject": component.text("SUMMARY"),
        "body": {"contentType": "text", "content": text_with_guests(component, place)} if named else body_of(component),
        "location": {"displayName": component.text("LOCATION")},
        "categories": [unescape(part) for line in component.all("CATEGORIES") for part in split_escaped(line.value)],
        "showAs": shown_as(component),
        "sensitivity": sensitivity(component),
        "importance": importance(component),
        **reminder(component),
        "attendees": guests(component, place) if told else [],
    }


def difference(new: Json, old: Json) -> Json:
    """What has to be told of `new` where `old` is known there. Of HTML the words count: Outlook tells only these."""
    found = {name: value for name, value in new.items() if name not in old or old[name] != value}
    body = found.get("body", {})
    if body.get("contentType") == "html" and plainly(plain_text(body)) == plainly(plain_text(old.get("body"))):
        del found["body"]
    if "attendees" in found and "attendees" in old and same_guests(new["attendees"], old["attendees"]):
        del found["attendees"]
    return found


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


def bound(obj: ParsedObject) -> str:
    """Why an event must not be moved to another calendar, "" if it may.

    Graph has no move: the event is made there anew and deleted here, and of either Outlook tells everybody it knows.
    """
    for component in obj.components:
        organizer = address_of(component.first("ORGANIZER"))
        others = [line for line in component.all("ATTENDEE") if address_of(line) != organizer]
        if others and not mailed_by_client(component) and not is_booking(obj):
            return (
                "an event with guests cannot be moved to another calendar from here, as Outlook would mail a"
                " cancellation or refusal; move it in Outlook"
            )
    return ""


def meeting(component: Component, place: Place) -> Json:
    """What asks for an online meeting, {} if nobody does.

    Raises: RefusedByProvider if it is one Outlook does not make, or makes for other accounts only.
    """
    word = component.text(CONFERENCE).strip().lower()
    if word in {"", "none"} or component.first("CONFERENCE") is not None:
        return {}
    if word not in OUR_MEETINGS:
        raise RefusedByProvider(f"Outlook makes Teams meetings only, not {word!r}")
    if not place.teams:
        raise RefusedByProvider("Outlook makes Teams meetings for work and school accounts only")
    return {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}


def above_block(content: str, join_url: str) -> str:
    """A text without the part below it that Outlook finds the meeting by."""
    for mark in MEETING_RULE.finditer(content):
        if join_url in content[mark.start() :]:
            return content[: mark.start()].rstrip("\n")
    return content


def with_block(body: Json, before: Json, join_url: str) -> Json:
    """A new body for an online meeting: without the part with its address Outlook would take the meeting away.

    before: the body that there is, as HTML where it has one, so that links and pictures of that part stay.
    """
    content = str(body["content"])
    if body["contentType"] == "html":
        if join_url in content:
            return body
        upper = content
    else:
        upper = html.escape(above_block(content, join_url), quote=False).replace("\n", "<br>\n")
    return {"contentType": "html", "content": f"{upper}\n{block_of(before, join_url)}"}


def block_of(before: Json, join_url: str) -> str:
    """The HTML of the meeting's part, from the element that opens it on."""
    content = str(before.get("content") or "")
    if str(before.get("contentType")).lower() != "html":
        content = html.escape(content, quote=False).replace("\n", "<br>\n")
    content = re.sub(r"(?i)</?(?:html|body)[^>]*>", "", content)
    marks = [mark.start() for mark in MEETING_RULE.finditer(content)]
    address = html.escape(join_url)
    if not marks or not any(name in content for name in (join_url, address)):
        return f'<p>{"_" * 80}</p>\n<a href="{address}">{address}</a>'
    opened = [found.start() for found in BLOCK_START.finditer(content, 0, marks[0])]
    return content[opened[-1] if opened else marks[0] :]
