"""A little Markdown in descriptions: emphasis, links, lists. No HTML of others, no pictures, no headings."""

from functools import lru_cache
from typing import Final

from markdown_it import MarkdownIt
from markupsafe import Markup

RULES: Final = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
    ["image", "html_inline", "html_block", "heading", "lheading", "hr", "code", "reference", "entity"]
)


@lru_cache(maxsize=512)
def markdown(text: str) -> Markup:
    """Links lead to web and mail addresses only; everything else stands there as it was written."""
    tokens = RULES.parse(text)
    for block in tokens:
        for token in block.children or ():
            if token.type == "link_open":
                href = str(token.attrGet("href") or "")
                if not href.lower().startswith(("http://", "https://", "mailto:")):
                    token.attrSet("href", "")
                token.attrSet("rel", "noreferrer nofollow")
    return Markup(RULES.renderer.render(tokens, RULES.options, {}))  # noqa: S704 - its own rules let no HTML through


@lru_cache(maxsize=512)
def without_marks(text: str) -> str:
    """The words alone, on lines as they were written."""
    words: list[str] = []
    for block in RULES.parse(text):
        parts = block.children or ()
        words += ["\n" if token.type in {"softbreak", "hardbreak"} else token.content for token in parts]
        if block.type == "inline":
            words.append("\n")
    return "".join(words).strip()
