"""iCalendar text: read without loss, written without leaks."""

from gateway.ical.text.build import component, prop, replace, text_prop, texts_prop, with_param, without
from gateway.ical.text.line import Property
from gateway.ical.text.tree import (
    MAX_DEPTH,
    MAX_LINE_BYTES,
    MAX_LINES,
    Component,
    decode,
    parse,
    serialise,
)
from gateway.ical.text.values import escape, fold, one_line, parameter, split_escaped, unescape, unfold

__all__ = [
    "MAX_DEPTH",
    "MAX_LINES",
    "MAX_LINE_BYTES",
    "Component",
    "Property",
    "component",
    "decode",
    "escape",
    "fold",
    "one_line",
    "parameter",
    "parse",
    "prop",
    "replace",
    "serialise",
    "split_escaped",
    "text_prop",
    "texts_prop",
    "unescape",
    "unfold",
    "with_param",
    "without",
]
