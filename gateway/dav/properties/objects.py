"""Properties of calendar objects, read from the row that a listing stands on."""

from email.utils import formatdate

from gateway.dav.properties.row import Value
from gateway.dav.resources import Resource
from gateway.dav.tokens import revision
from gateway.dav.xml import escape


def getetag(resource: Resource) -> Value:
    """Of the calendar: that of its export."""
    if resource.member is None:
        return f'"{revision(resource)}"'
    return f'"{resource.member.etag}"'


def content_type(kind: str, media: str = "text/calendar") -> str:
    return f"{media}; charset=utf-8; component={kind.lower()}"


def getcontenttype(resource: Resource) -> Value:
    return content_type(resource.member.kind)


def getcontentlength(resource: Resource) -> Value:
    return str(len(resource.member.text.encode()))


def schedule_tag(resource: Resource) -> Value:
    tag = resource.member.schedule_tag
    return f'"{tag}"' if tag else None


def getlastmodified(resource: Resource) -> Value:
    return formatdate(resource.member.changed, usegmt=True)


def calendar_data(resource: Resource) -> Value:
    """Only in reports; which part of it, the report says."""
    wanted = resource.calendar_data
    return None if wanted is None else escape(wanted.render(resource.member))
