"""Online meetings of the simulated Graph: made once, found by their part of the body, and lost with it."""

import html

from gateway.demo.microsoft.faults import Json
from gateway.demo.microsoft.mailbox import Event, Mailboxes


def link_for(boxes: Mailboxes, event: Event) -> str:
    """The address of a new meeting, "" where its owner may not have any: they are for work and school accounts."""
    person = boxes.people.get(event.mailbox)
    if person is not None and not person.work:
        return ""
    return f"https://teams.example.com/l/meetup-join/{event.key}?tenant=a&context=b"


def block(join_url: str) -> str:
    address = html.escape(join_url)
    return (
        f'<br>\n<div style="width:100%"><span>{"_" * 80}</span></div>\n'
        '<div class="me-email-text"><div><span>Microsoft Teams meeting</span></div>\n'
        f'<div><a href="{address}">Click here to join</a></div></div>\n'
    )


def as_html(body: Json) -> str:
    content = str(body.get("content") or "")
    if str(body.get("contentType") or "text").lower() == "html":
        return content
    return html.escape(content, quote=False).replace("\n", "<br>\n")


def met(boxes: Mailboxes, event: Event, body: Json) -> Json:
    """The body with the meeting's part: added when the meeting is made; a body without it ends the meeting."""
    asked = body.pop("isOnlineMeeting", False)
    body.pop("onlineMeetingProvider", None)
    if asked and not event.join_url:
        event.join_url = link_for(boxes, event)
        written = body.get("body") or event.body.get("body") or {}
        if event.join_url:
            body["body"] = {"contentType": "html", "content": as_html(written) + block(event.join_url)}
    elif event.join_url and "body" in body and event.join_url not in html.unescape(body["body"].get("content") or ""):
        event.join_url = ""
    return body
