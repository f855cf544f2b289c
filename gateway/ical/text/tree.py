"""iCalendar text as a tree of components and content lines that still knows every byte.

serialise(parse(text)) == text, folds, line ends, letter case and order included.
"""

import io
import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from gateway.errors import InvalidCalendarData
from gateway.ical.text.line import Property
from gateway.ical.text.values import CONTROL, FOLD, NAME

MAX_LINES: Final = 400_000
MAX_DEPTH: Final = 16
MAX_LINE_BYTES: Final = 4_000_000
LAST: Final = 1 << 40
"""Component.at of a component that stands after all properties."""

ZONE_START, ZONE_END = "BEGIN:VTIMEZONE\r\n", "\nEND:VTIMEZONE\r\n"
MAX_ZONE_TEXT = 20_000
BLANK_IN_FOLD = re.compile(r"(?<!\n)(?<!\n\r)\n(?:\r?\n)++(?=[ \t]+\S)")  # looks at each run of them once
OUTERMOST: Final = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"})
"""Components that stand in a VCALENDAR and nowhere else."""


class Component:
    """A component; its lists may be changed freely, except that `text.replace` keeps order best.

    begin, end: the raw lines around it. at: how many properties of its parent stand before it.
    """

    __slots__ = ("_block", "at", "begin", "components", "end", "name", "properties")

    name: str
    begin: str
    end: str
    at: int
    properties: list[Property]
    components: "list[Component]"

    def __init__(self, name: str, begin: str, end: str = "", at: int = LAST) -> None:
        self.name = name
        self.begin = begin
        self.end = end
        self.at = at
        self.properties = []
        self.components = []
        self._block: str | None = None

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Reads a VTIMEZONE's lines at the first look; most are never looked at."""
            block = self._block if name in {"properties", "components"} else None
            if block is None:
                raise AttributeError(name)
            read = _read_block(block)
            self._block = None
            self.properties, self.components = read.properties, read.components
            return getattr(self, name)

    def own(self) -> "Component":
        """Itself, with its lines read."""
        len(self.properties)
        return self

    def first(self, name: str) -> Property | None:
        for line in self.properties:
            if line.name == name:
                return line
        return None

    def all(self, name: str) -> list[Property]:
        return [line for line in self.properties if line.name == name]

    def text(self, name: str) -> str:
        """The first such property's TEXT value; "" if there is none."""
        line = self.first(name)
        return "" if line is None else line.text

    def children(self, name: str) -> "list[Component]":
        return [child for child in self.components if child.name == name]

    def __repr__(self) -> str:
        return f"Component({self.name})"


def serialise(component: Component) -> str:
    parts: list[str] = []
    _write(component, parts)
    return "".join(parts)


def _write(component: Component, parts: list[str]) -> None:
    if component._block is not None:
        parts.append(component._block)
        return
    parts.append(component.begin)
    properties, done = component.properties, 0
    for child in component.components:
        if child.at > done:
            parts.extend([line.raw for line in properties[done : child.at]])
            done = child.at
        _write(child, parts)
    parts.extend([line.raw for line in properties[done:]])
    parts.append(component.end)


def decode(body: bytes) -> str:
    """UTF-8 text of a body; a character torn apart by a fold is mended (so the text then differs from the body).

    Raises: InvalidCalendarData.
    """
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        try:
            return body.replace(b"\r\n ", b"").replace(b"\n ", b"").decode()
        except UnicodeDecodeError:
            raise InvalidCalendarData("not UTF-8", line=body.count(b"\n", 0, error.start) + 1) from error


def parse(text: str | bytes, *, lenient: bool = False) -> Component:
    """The one VCALENDAR of the text.

    lenient: lines that cannot be read are passed over (they stay in the raw text), missing ENDs are added, further
    VCALENDARs are taken into the first; control characters, and blank lines inside folded ones, are dropped.
    Raises: InvalidCalendarData.
    """
    if isinstance(text, bytes):
        text = text.decode(errors="replace") if lenient else decode(text)
    if CONTROL.search(text) or ("\r" in text and text.count("\r") != text.count("\r\n")):
        if not lenient:
            raise InvalidCalendarData("control character", line=_line_of_control(text))
        text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if lenient and ("\n\n" in text or "\n\r" in text):
        text = BLANK_IN_FOLD.sub("\n", text)
    return _Reader(lenient).read(_lines(text))


def _line_of_control(text: str) -> int:
    for number, line in enumerate(text.split("\n"), 1):
        if CONTROL.search(line) or "\r" in line[:-1]:
            return number
    return text.count("\n") + 1


def _lines(text: str) -> list[str]:
    """Logical lines with their folds and line ends; a VTIMEZONE seen before is one piece."""
    pieces: list[str] = []
    done = 0
    start = text.find(ZONE_START)
    while start > 0:
        end = text.find(ZONE_END, start, start + MAX_ZONE_TEXT) + len(ZONE_END)
        block = text[start:end]
        if text[start - 1] != "\n" or text[end : end + 1] in {" ", "\t"} or not _readable(block):
            break
        pieces.extend(_cut(text[done:start]))
        pieces.append(block)
        done = end
        start = text.find(ZONE_START, done)
    pieces.extend(_cut(text[done:] if done else text))
    if len(pieces) > MAX_LINES:
        raise InvalidCalendarData(f"more than {MAX_LINES} lines")
    if len(text) > MAX_LINE_BYTES and max(map(len, pieces)) > MAX_LINE_BYTES:
        raise InvalidCalendarData("line too long")
    return pieces


def _cut(text: str) -> list[str]:
    lines = list(io.StringIO(text, newline="\n"))
    if "\n " not in text and "\n\t" not in text:
        return lines
    joined: list[str] = []
    run: list[str] = []
    for line in lines:
        if line[0] in " \t" and run:
            run.append(line)
        else:
            joined.append("".join(run))
            run = [line]
    joined.append("".join(run))
    return joined[1:]


QUOTED_HEAD = re.compile(r'(?:[^":]++|"[^"]*+")*+')
"""What stands before the first colon that is not between double quotes."""

_READABLE: dict[str, None] = {}


def _readable(block: str) -> bool:
    """Whether the text is one well-formed VTIMEZONE. Remembers, because many objects carry the same ones."""
    if block in _READABLE:
        return True
    if not block.startswith(ZONE_START):
        return False
    try:
        _read_block(block)
    except InvalidCalendarData:
        return False
    if len(_READABLE) >= 512:
        _READABLE.clear()
    _READABLE[block] = None
    return True


def _is_zone(piece: str) -> bool:
    """Whether a piece of several lines is a VTIMEZONE, rather than one folded line."""
    return piece.startswith(ZONE_START) and piece[len(ZONE_START)] not in " \t"


def _read_block(block: str) -> Component:
    return _Reader(lenient=False).read(_cut(block), root="VTIMEZONE")


_NAMES: dict[str, str] = {}
"""Property names by what stands before the colon, for short ones seen lately; never BEGIN or END."""


class _Reader:
    def __init__(self, lenient: bool) -> None:
        self.lenient = lenient
        self.lead = ""
        self.kept: list[str] = []
        self.kept_on: tuple[_Reader | Component | Property, str] = (self, "lead")
        self.stack: list[Component] = []
        self.top: Component | None = None

    def read(self, lines: list[str], root: str = "VCALENDAR") -> Component:
        raw = ""
        known, stack = _NAMES.get, self.stack
        try:
            for raw in lines:  # the common line without a call
                line = raw.rstrip("\r\n")
                head, _, value = line.partition(":")
                name = known(head)
                if name is None or not stack or "\n" in line or len(line) == len(head):
                    self.line(raw)
                else:
                    stack[-1].properties.append(Property(name, value, raw, head))
            return self.done(root)
        except _Unreadable as error:
            before = takewhile(lambda line: line is not raw, lines)
            number = None if error.whole else 1 + sum(line.count("\n") for line in before)
            raise InvalidCalendarData(str(error), line=number) from error

    def line(self, raw: str) -> None:
        line = raw.rstrip("\r\n")
        if "\n" in line:
            if _is_zone(raw):
                self.zone(raw)
                return
            line = FOLD.sub("", line)
        head, colon, value = line.partition(":")
        if '"' in head:
            head, colon, value = _cut_quoted(line)
        name = _name(head) if colon else ""
        if name == "BEGIN":
            self.begin(value, raw)
        elif name == "END":
            self.end(value, raw)
        elif name and self.stack:
            self.stack[-1].properties.append(Property(name, value, raw, head))
        else:
            self.odd(line, raw)

    def begin(self, value: str, raw: str) -> None:
        name = value.strip().upper()
        if not NAME.fullmatch(name):
            self.unreadable("no component name", raw)
            return
        if not self.stack:
            if self.top is not None:
                self.again(name, raw)
                return
            if not self.lenient and name not in {"VCALENDAR", "VTIMEZONE"}:
                raise _Unreadable(f"{name} outside VCALENDAR")
            self.hang()
            self.top = Component(name, self.lead + raw, f"END:{name}\r\n")
            self.stack.append(self.top)
            return
        if self.lenient and name in OUTERMOST and self.stack[0].name == "VCALENDAR":
            del self.stack[1:]  # an END was forgotten
        if len(self.stack) >= MAX_DEPTH:
            raise _Unreadable(f"components more than {MAX_DEPTH} deep")
        parent = self.stack[-1]
        child = Component(name, raw, "" if not self.lenient else f"END:{name}\r\n", len(parent.properties))
        parent.components.append(child)
        self.stack.append(child)

    def again(self, name: str, raw: str) -> None:
        """A second top-level component."""
        if not self.lenient or self.top is None:
            raise _Unreadable(f"a second top-level component, {name}")
        self.stack.append(self.top)
        if name != "VCALENDAR":
            self.begin(name, raw)

    def end(self, value: str, raw: str) -> None:
        name = value.strip().upper()
        if self.stack and self.stack[-1].name == name:
            self.stack.pop().end = raw
            return
        if not self.lenient:
            raise _Unreadable(f"END:{name} without its BEGIN")
        names = [component.name for component in self.stack]
        if name in names:
            del self.stack[names.index(name) :]
        elif len(names) > 1:
            self.stack.pop()  # a misspelt END

    def zone(self, block: str) -> None:
        """A VTIMEZONE known to be well-formed; read when looked at."""
        if not self.stack or len(self.stack) > MAX_DEPTH - 2:
            self.begin("VTIMEZONE", ZONE_START)
            return
        parent = self.stack[-1]
        zone = Component("VTIMEZONE", ZONE_START, ZONE_END[1:], at=len(parent.properties))
        zone._block = block
        del zone.properties, zone.components
        parent.components.append(zone)

    def odd(self, line: str, raw: str) -> None:
        """A blank line, or one that is no content line."""
        if line.strip(" \t\ufeff"):
            self.unreadable("not a content line" if self.stack else "text outside VCALENDAR", raw)
        else:
            self.keep(raw)

    def unreadable(self, reason: str, raw: str) -> None:
        if not self.lenient:
            raise _Unreadable(reason)
        self.keep(raw)

    def keep(self, raw: str) -> None:
        """Hangs a line without meaning on the one before it, so that the text stays whole."""
        on = self.before()
        if on[0] is not self.kept_on[0] or on[1] != self.kept_on[1]:
            self.hang()
            self.kept_on = on
        self.kept.append(raw)

    def hang(self) -> None:
        """All at once, as there may be very many."""
        owner, name = self.kept_on
        setattr(owner, name, getattr(owner, name) + "".join(self.kept))
        self.kept.clear()

    def before(self) -> "tuple[_Reader | Component | Property, str]":
        """Where the text of the line before this one is kept."""
        if self.top is None:
            return self, "lead"
        if not self.stack:
            return self.top, "end"
        parent = self.stack[-1]
        children, properties = parent.components, parent.properties
        if children and children[-1].at == len(properties):
            return children[-1].own(), "end"
        return (properties[-1], "raw") if properties else (parent, "begin")

    def done(self, root: str) -> Component:
        if self.top is None or (self.top.name != root and not self.lenient):
            raise _Unreadable(f"no {root}", whole=True)
        if self.stack and not self.lenient:
            raise _Unreadable(f"END:{self.stack[-1].name} is missing", whole=True)
        self.hang()
        return self.top


class _Unreadable(Exception):
    def __init__(self, reason: str, *, whole: bool = False) -> None:
        super().__init__(reason)
        self.whole = whole


def _name(head: str) -> str:
    """Upper-case property name before parameters; "" if it is no name."""
    name = head.lstrip("\ufeff").partition(";")[0].upper()
    if not NAME.fullmatch(name):
        return ""
    if len(head) <= 64 and name not in {"BEGIN", "END"}:
        if len(_NAMES) >= 4096:
            _NAMES.clear()
        _NAMES[head] = name
    return name


def _cut_quoted(line: str) -> tuple[str, str, str]:
    """Like line.partition(":"), passing over colons between double quotes."""
    found = QUOTED_HEAD.match(line)
    end = found.end() if found else 0
    return (line[:end], ":", line[end + 1 :]) if line[end : end + 1] == ":" else (line, "", "")
