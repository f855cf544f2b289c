"""Web pages, conferences and files, both ways."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from gateway.backends.google.source import Event
from gateway.errors import RefusedByProvider
from gateway.ical.text import Component, Property, prop

FEATURES: Final = {"video": "VIDEO", "phone": "PHONE", "sip": "AUDIO"}
ASK: Final = "X-GATEWAY-CONFERENCE"
"""A client's or booking's wish: MEET or TRUE for a link made by the provider, NONE to take it away."""
MEET: Final = "meet"
WISHES: Final = {
    **dict.fromkeys(("auto", "meet", "google-meet", "hangoutsmeet", "true", "yes"), MEET),
    "none": "none",
}
MAX_FILES: Final = 25
DRIVE: Final = ("drive.google.com", "docs.google.com")
"""The hosts whose files Google takes as attachments; other addresses are kept here."""


def told(event: Event) -> Iterator[Property]:
    """URL is the page the event came from or, where there is none, the video conference."""
    joins = conference_links(event)
    video = next((row["uri"] for row in joins if row["entryPointType"] == "video"), "")
    url = (event.get("source") or {}).get("url", "") or video
    if url:
        yield prop("URL", url)
    for row in joins:
        params = {"VALUE": "URI", "FEATURE": FEATURES[row["entryPointType"]]}
        yield prop("CONFERENCE", row["uri"], params | ({"LABEL": row["label"]} if row.get("label") else {}))
    for row in event.get("attachments") or ():
        if row.get("fileUrl"):
            params = {"FMTTYPE": row["mimeType"]} if row.get("mimeType") else {}
            yield prop("ATTACH", row["fileUrl"], params | ({"FILENAME": row["title"]} if row.get("title") else {}))


def conference_links(event: Event) -> list[Mapping[str, Any]]:
    points = (event.get("conferenceData") or {}).get("entryPoints") or []
    rows = [row for row in points if row.get("uri") and row.get("entryPointType") in FEATURES]
    if not rows and event.get("hangoutLink"):
        return [{"entryPointType": "video", "uri": event["hangoutLink"]}]
    return rows


def page(component: Component) -> Event:
    """The web page that an event is about: {} where URL is no such page, or just the conference."""
    url = component.first("URL")
    joins = {line.value for line in component.all("CONFERENCE")}
    if url is None or url.value in joins or urlsplit(url.value).scheme.lower() not in {"http", "https"}:
        return {}
    return {"url": url.value}


def files(component: Component) -> list[Event]:
    """Links only: what is inside the object has no place at Google."""
    found: dict[str, Event] = {}
    for line in component.all("ATTACH"):
        if (line.param("VALUE") or "URI").upper() != "URI" or urlsplit(line.value).scheme not in {"http", "https"}:
            continue
        row = {"fileUrl": line.value, "title": line.param("FILENAME") or "", "mimeType": line.param("FMTTYPE") or ""}
        found[line.value] = {name: value for name, value in row.items() if value}
    return list(found.values())


def taken(wanted: Sequence[Event], held: Sequence[Event]) -> list[Event]:
    """Those of a client's files that Google takes: what it has already, and files of its own; at most 25."""
    known = {row["fileUrl"]: row for row in held}
    rows = [
        known.get(row["fileUrl"], {}) | row for row in wanted if row["fileUrl"] in known or _at_drive(row["fileUrl"])
    ]
    return rows[:MAX_FILES]


def _at_drive(url: str) -> bool:
    return urlsplit(url).hostname in DRIVE


def wish(component: Component) -> str:
    """MEET, "none" or "".

    Raises: RefusedByProvider for a conference of somebody else's.
    """
    asked = component.text(ASK).strip().lower()
    if asked and asked not in WISHES:
        raise RefusedByProvider(f"Google can add a Meet conference to an event, but no {asked!r}")
    return WISHES.get(asked, "")


def request(number: str) -> Event:
    """What makes Google add a conference. number: another one for each wish; the same one again is the same wish."""
    return {"createRequest": {"requestId": number, "conferenceSolutionKey": {"type": "hangoutsMeet"}}}


def is_pending(event: Event) -> bool:
    asked = (event.get("conferenceData") or {}).get("createRequest") or {}
    return bool((asked.get("status") or {}).get("statusCode") == "pending")
