"""Calendar objects: the components of one UID."""

from gateway.ical.objects.check import MAX_ATTENDEES
from gateway.ical.objects.feed import combine, crlf, href_of, split
from gateway.ical.objects.parsed import ParsedObject, etag_of, read, read_lenient, tzids, uid_of

__all__ = [
    "MAX_ATTENDEES",
    "ParsedObject",
    "combine",
    "crlf",
    "etag_of",
    "href_of",
    "read",
    "read_lenient",
    "split",
    "tzids",
    "uid_of",
]
