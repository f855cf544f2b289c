"""Descriptions: Google's may be HTML; a client has plain text, and the HTML beside it in X-ALT-DESC."""

import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import unquote

from gateway.ical.text import Component, Property, text_prop

ALT: Final = "X-ALT-DESC"
TAGS: Final = ("<br", "<p>", "<p ", "<b>", "<i>", "<u>", "<a ", "<ul", "<ol", "<li", "<div", "<span", "<html-blob")


def is_html(text: str) -> bool:
    low = text.lower()
    return any(tag in low for tag in TAGS)


def told(description: str) -> Iterator[Property]:
    """DESCRIPTION as plain text; the HTML as well where it says more."""
    text = plain(description)
    if text:
        yield text_prop("DESCRIPTION", text)
    if is_html(description) and description != as_html(text):
        yield text_prop(ALT, description, {"FMTTYPE": "text/html"})


def html_of(component: Component) -> str:
    """X-ALT-DESC, as many clients write it, or Thunderbird's ALTREP with the page in the URI; "" if there is none."""
    line, description = component.first(ALT), component.first("DESCRIPTION")
    if line is not None and (line.param("FMTTYPE") or "text/html").lower() == "text/html":
        return line.text
    page = "" if description is None else description.param("ALTREP") or ""
    return unquote(page.partition(",")[2]) if page.lower().startswith("data:text/html,") else ""


def stored(text: str, html: str) -> str:
    """What a new event gets. html: used as long as it says what the text says, or the text says nothing."""
    return html if html and (not text or _tells(html, text)) else safe(text)


def _tells(html: str, text: str) -> bool:
    """Clients make their own text of HTML, so only letters and figures count, if there are any."""
    letters = _letters(text)
    known = {_letters(plain(html)), _letters(plain(html, links=False))}
    return tidy(plain(html)) == tidy(text) or (letters != "" and letters in known)


def rewritten(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> str | None:
    """The description to send, or None where it stays. held, wanted: with `description` (plain) and `html`.

    HTML that a client does not know, or has not touched, stays; HTML that a client kept although it changed the text
    is out of date, so the text counts.
    """
    text, html = wanted["description"], wanted["html"]
    before, markup = held["description"], held["html"]
    if html and html != markup:
        fits = stored(text, html) == html if markup else tidy(plain(html)) == tidy(text)
        if fits:
            return str(html)
    return None if tidy(text) == tidy(before) else safe(text)


def safe(text: str) -> str:
    """Plain text that looks like HTML is escaped, so that it comes back as it is."""
    return as_html(text) if is_html(text) else text


def as_html(text: str) -> str:
    return "<span>" + escape(text, quote=False).replace("\n", "<br>") + "</span>"


def tidy(text: str) -> str:
    """Without blanks at the ends of lines, and of the whole."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def plain(text: str, *, links: bool = True) -> str:
    """A description without the HTML that Google's own pages put into it. links: with their addresses."""
    if not is_html(text):
        return text
    inner = text.removeprefix("<span>").removesuffix("</span>").replace("<br>", "\n")
    if "<" not in inner and as_html(unescape(inner)) == text:
        return unescape(inner)
    reader = _Text(links=links)
    reader.feed(text)
    reader.close()
    lines = "\n".join(line.rstrip() for line in "".join(reader.parts).strip().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines)


class _Text(HTMLParser):
    def __init__(self, *, links: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.link = ""
        self.links = links

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"br", "p", "div"}:
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag == "a":
            self.link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links and self.link and self.parts and self.parts[-1] != self.link:
            self.parts.append(f" <{self.link}>")
        elif tag in {"p", "ul", "ol"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
