"""XML in: one hardened parser. XML out: text joined from escaped pieces, as element trees cost ten times as much.

Names are in Clark notation everywhere but in the text itself.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from lxml import etree

from gateway.errors import CALDAV, DAV, InvalidXml

CALSERVER: Final = "{http://calendarserver.org/ns/}"
APPLE: Final = "{http://apple.com/ns/ical/}"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"

PREFIXES: Final = {DAV[1:-1]: "D", CALDAV[1:-1]: "C", CALSERVER[1:-1]: "CS", APPLE[1:-1]: "A"}
DECLARED: Final = "".join(f' xmlns:{prefix}="{space}"' for space, prefix in PREFIXES.items())
HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
OK: Final = "200 OK"
FORBIDDEN: Final = "403 Forbidden"
NOT_FOUND: Final = "404 Not Found"
FAILED_DEPENDENCY: Final = "424 Failed Dependency"
INSUFFICIENT: Final = "507 Insufficient Storage"

# What XML 1.0 cannot carry, not even escaped: control characters, and U+FFFE and U+FFFF in UTF-8.
CONTROLS: Final = bytes(octet for octet in range(32) if octet not in b"\t\n\r")
NO_CHARACTERS: Final = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")

Element = etree._Element


def parse(body: bytes) -> Element:
    """The root element of a request.

    Raises: InvalidXml for what is not well-formed, declares a document type, or nests deeper than libxml2's 256.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    if b"<!DOCTYPE" in body:
        raise InvalidXml("a document type declaration is not allowed")
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise InvalidXml("the body is not well-formed XML") from error
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding the first look could not read
        raise InvalidXml("a document type declaration is not allowed")
    return root


def children(element: Element) -> Iterator[tuple[str, Element]]:
    """(Clark name, element) of each child element, in order."""
    for child in element:
        if isinstance(child.tag, str):
            yield child.tag, child


def text_of(element: Element | None) -> str:
    """The text before any element within; "" for None."""
    return "" if element is None else element.text or ""


def element_text(element: Element) -> str:
    """The element as XML that stands by itself: its namespaces declared, xml:lang in force kept (RFC 4918 4.3)."""
    if LANG not in element.attrib:
        for ancestor in element.iterancestors():
            if LANG in ancestor.attrib:
                element.set(LANG, ancestor.attrib[LANG])
                break
    return etree.tostring(element, encoding="unicode", with_tail=False)


def escape(text: str) -> str:
    """Text content. A carriage return goes out as a reference, as parsers would turn CRLF into LF."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def attribute(text: str) -> str:
    return escape(text).replace('"', "&quot;")


def encode(text: str) -> bytes:
    """A document as octets, without the characters that XML cannot carry."""
    octets = text.encode("utf-8", "replace").translate(None, CONTROLS)
    for character in () if octets.isascii() else NO_CHARACTERS:
        octets = octets.replace(character, b"")
    return octets


@lru_cache(2048)
def tags(name: str) -> tuple[str, str, str]:
    """(start tag, end tag, empty tag) of an element."""
    space, _, local = name[1:].partition("}") if name.startswith("{") else ("", "", name)
    prefix = PREFIXES.get(space)
    if prefix is not None:
        return f"<{prefix}:{local}>", f"</{prefix}:{local}>", f"<{prefix}:{local}/>"
    if not space:
        return f"<{local}>", f"</{local}>", f"<{local}/>"
    start = f'x:{local} xmlns:x="{attribute(space)}"'
    return f"<{start}>", f"</x:{local}>", f"<{start}/>"


def element(name: str, inner: str = "") -> str:
    """inner: escaped already."""
    start, end, empty = tags(name)
    return f"{start}{inner}{end}" if inner else empty


def href(path: str) -> str:
    """path: percent-encoded."""
    return f"<D:href>{escape(path)}</D:href>"


def propstat(inner: str, status: str, condition: str = "") -> str:
    error = f"<D:error>{element(condition)}</D:error>" if condition else ""
    return f"<D:propstat><D:prop>{inner}</D:prop><D:status>HTTP/1.1 {status}</D:status>{error}</D:propstat>"


def response(path: str, inner: str) -> str:
    return f"<D:response>{href(path)}{inner}</D:response>"


def status_response(path: str, status: str, condition: str = "") -> str:
    error = f"<D:error>{element(condition)}</D:error>" if condition else ""
    return f"<D:response>{href(path)}<D:status>HTTP/1.1 {status}</D:status>{error}</D:response>"


def document(name: str, parts: Iterable[str]) -> str:
    """A whole document; the root declares every prefix that the parts may use."""
    start, end, _ = tags(name)
    return f"{HEAD}{start[:-1]}{DECLARED}>{''.join(parts)}{end}"


def multistatus(parts: Iterable[str]) -> str:
    return document(DAV + "multistatus", parts)
