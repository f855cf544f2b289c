"""Files of the simulated Google's events."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from gateway.demo.google.calls import Call
from gateway.demo.google.problems import invalid, required
from gateway.demo.google.state import Event

DRIVE = ("drive.google.com", "docs.google.com")


def taken(call: Call, body: Event, old: Event) -> Event:
    """The body with its files as they are kept: without supportsAttachments what it says of them is ignored.

    Only files at Drive can be added over the API; others are there if an add-on put them there.
    """
    if not call.query.get("supportsAttachments"):
        rest = {name: value for name, value in body.items() if name != "attachments"}
        return rest | ({"attachments": old["attachments"]} if old.get("attachments") else {})
    if not body.get("attachments"):
        return body
    held = {row["fileUrl"]: row for row in old.get("attachments") or ()}
    return {**body, "attachments": [_file(call, row, held) for row in body["attachments"]]}


def _file(call: Call, row: Mapping[str, Any], held: Mapping[str, Event]) -> Event:
    url = row.get("fileUrl") or ""
    if not url:
        raise required("event.attachments.fileUrl")
    if urlsplit(url).hostname not in DRIVE and url not in held and not call.inside:
        raise invalid("Only Google Drive files can be attached.", "event.attachments.fileUrl")
    number = hashlib.blake2b(url.encode(), digest_size=8).hexdigest()
    fixed = {"fileId": number, "iconLink": f"https://drive-thirdparty.googleusercontent.com/{number}"}
    return {"title": url.rpartition("/")[2], **row, **held.get(url, fixed), **_said(row)}


def _said(row: Mapping[str, Any]) -> Event:
    return {name: row[name] for name in ("title", "mimeType") if row.get(name)}
