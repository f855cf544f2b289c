"""The iTIP message in a mail, whichever way its sender's program put it there."""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Final

from gateway.errors import InvalidSchedulingMessage

LARGEST: Final = 10_000_000
MOST_PARTS: Final = 200
FILE: Final = re.compile(r"\.(ics|ical|vcs)$", re.IGNORECASE)
KINDS: Final = frozenset({"text/calendar", "application/ics", "text/x-vcalendar", "application/calendar"})
METHOD: Final = re.compile(r"^METHOD[ \t]*(?:;[^:\r\n]*)?:[ \t]*([A-Za-z-]+)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
BEGIN: Final = re.compile("BEGIN:VCALENDAR", re.IGNORECASE)
END: Final = re.compile("END:VCALENDAR", re.IGNORECASE)
NO_CHARSETS: Final = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"})
"""What Python takes for one; reading a long text with it can take for ever."""
NESTED: Final = re.compile(rb"multipart/|message/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """text: from BEGIN:VCALENDAR to its end, with CRLF. method: upper case."""

    text: str
    method: str


def parsed(raw: bytes) -> Message:
    """Raises: InvalidSchedulingMessage for mails so large or so nested that reading them is not safe."""
    if len(raw) > LARGEST:
        raise InvalidSchedulingMessage("the mail is larger than any invitation")
    if len(NESTED.findall(raw)) > MOST_PARTS:
        raise InvalidSchedulingMessage("the mail is nested too deeply")
    return message_from_bytes(raw)


def find(message: Message) -> Found | None:
    """None where the mail holds no calendar part at all.

    Forwarded mails are not looked into: what is in there was said to somebody else.
    Raises: InvalidSchedulingMessage where there is one, but it cannot be told what is meant.
    """
    found = [(part, one) for part in parts(message) if (one := _calendar(part)) is not None]
    if not found:
        kinds = {part.get_content_type() for part in parts(message)}
        if "application/ms-tnef" in kinds:
            raise InvalidSchedulingMessage("the invitation is in a winmail.dat, which only Outlook reads")
        if any(_calendar(part) for box in message.walk() if _is_mail(box) for part in box.walk()):
            raise InvalidSchedulingMessage("the invitation was forwarded as an attachment")
        return None
    spoken = [(part, one) for part, one in found if one.method]
    if not spoken:
        raise InvalidSchedulingMessage("a calendar file without METHOD, which asks for nothing")
    shown = {one for part, one in spoken if not _is_file(part)} or {one for _, one in spoken}
    if len(shown) > 1:
        raise InvalidSchedulingMessage("two calendar parts that say different things")
    return shown.pop()


def _is_file(part: Message) -> bool:
    """Whether it is a file beside the mail; what the mail says itself goes before it."""
    return part.get_content_type() not in KINDS or part.get_content_disposition() == "attachment"


def parts(message: Message) -> Iterator[Message]:
    """The leaves, and mails inside unopened."""
    if _is_mail(message):
        yield message
    elif message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _within(part)
    else:
        yield message


def _within(part: Message) -> Iterator[Message]:
    if _is_mail(part):
        yield part
    else:
        yield from parts(part)


def _is_mail(part: Message) -> bool:
    return part.get_content_maintype() == "message"


def _calendar(part: Message) -> Found | None:
    if part.is_multipart() or not (part.get_content_type() in KINDS or FILE.search(_name(part))):
        return None
    text = _whole(text_of(part))
    if not text:
        return None
    inside = METHOD.search(text)
    method = inside[1].upper() if inside else ""
    outside = _parameter(part, "method").strip().upper()
    if method and outside and method != outside:
        raise InvalidSchedulingMessage(f"the mail says {outside[:20]}, the calendar part {method[:20]}")
    return Found(text, method)


def _whole(text: str) -> str:
    """From BEGIN:VCALENDAR to its end, with CRLF, without what mailing lists write around it; "" if it is not whole."""
    begin = BEGIN.search(text)
    ends = [found.end() for found in END.finditer(text)]
    if begin is None or not ends or ends[-1] < begin.start():
        return ""
    inside = text[begin.start() : ends[-1]].replace("\r\n", "\n").replace("\r", "\n")
    return inside.replace("\n", "\r\n") + "\r\n"


def _name(part: Message) -> str:
    """Of the file; "" where there is none, or none that can be read."""
    with suppress(ValueError, LookupError, TypeError):
        return (part.get_filename() or "").strip()
    return ""


def _parameter(part: Message, name: str) -> str:
    with suppress(ValueError, LookupError, TypeError):
        value = part.get_param(name)
        return value if isinstance(value, str) else ""
    return ""


def text_of(part: Message) -> str:
    """Its octets as text: UTF-8 where they are that, whatever the part says; else what it says; else Windows' own."""
    payload = part.get_payload(decode=True)
    octets = payload if isinstance(payload, bytes) else b""
    if octets[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return octets.decode("utf-16", "replace")
    for charset in ("utf-8-sig", _charset(part), "cp1252"):
        with suppress(ValueError, LookupError):
            return octets.decode(charset)
    return octets.decode("latin-1")


def _charset(part: Message) -> str:
    with suppress(ValueError, LookupError, TypeError):
        name = codecs.lookup(part.get_content_charset() or "cp1252").name
        return "cp1252" if name in NO_CHARSETS else name
    return "cp1252"
