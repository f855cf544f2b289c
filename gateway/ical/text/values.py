"""How text is written inside content lines: escapes, folds, parameter values."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

FOLD_AT = 75  # octets of a line without its end, RFC 5545 3.1

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What no line may hold (RFC 5545 3.1); TAB and line ends are not in it."""

UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
ANY_LINE_END = re.compile("[\r\n\x85\u2028\u2029]+")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
FOLD = re.compile(r"\r?\n[ \t]")
CARET = re.compile(r"\^([n'^])")
PARAMETER = re.compile(r';([^=;:"]*)(?:=((?:"[^"]*"|[^";:])*))?')
PARAMETER_VALUE = re.compile(r'"([^"]*)"|([^",]+)|(?<=,)(?=,|$)|^$')
NAME = re.compile(r"[A-Za-z0-9-]+")

CARETS = {"n": "\n", "'": '"', "^": "^"}


def escape(text: str) -> str:
    """A TEXT value (RFC 5545 3.3.11): every kind of line end becomes `\\n`, control characters are dropped."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return UNWRITABLE.sub("", LINE_END.sub(r"\\n", plain))


def unescape(value: str) -> str:
    if "\\" not in value:
        return value
    return ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def split_escaped(value: str, separator: str = ",") -> list[str]:
    """Parts of a list of TEXT values, each still escaped (CATEGORIES, RESOURCES, N, …)."""
    if "\\" not in value:
        return value.split(separator)
    return re.findall(rf"((?:\\.|[^\\{separator}])*)(?:{separator}|$)", value)[: _count(value, separator) + 1]


def _count(value: str, separator: str) -> int:
    return ESCAPED.sub("", value).count(separator)


def one_line(value: str) -> str:
    """The value with everything removed that could end a line or is a control character."""
    return UNWRITABLE.sub("", ANY_LINE_END.sub(" ", value))


def fold(line: str) -> str:
    """The content line with its line end, folded at 75 octets, never inside a character."""
    if len(line) <= FOLD_AT and (line.isascii() or len(line.encode()) <= FOLD_AT):
        return line + "\r\n"
    octets = line.encode()
    parts, at, room = [], 0, FOLD_AT
    while at < len(octets):
        cut = min(at + room, len(octets))
        while cut < len(octets) and octets[cut] & 0xC0 == 0x80:
            cut -= 1
        parts.append(octets[at:cut])
        at, room = cut, FOLD_AT - 1
    return b"\r\n ".join(parts).decode() + "\r\n"


def unfold(raw: str) -> str:
    """The content line without folds and line end."""
    return FOLD.sub("", raw).rstrip("\r\n")


def parameter(value: str) -> str:
    """A parameter value, quoted where it has to be, with the escapes of RFC 6868."""
    kept = UNWRITABLE.sub("", ANY_LINE_END.sub("\n", value))
    safe = kept.replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    return f'"{safe}"' if any(sign in safe for sign in ",;:") or safe != safe.strip() else safe


def head(name: str, params: Mapping[str, str | tuple[str, ...]]) -> str:
    """Name and parameters of a content line: all that stands before its colon. A tuple is a list of values."""
    lists = {key: (value,) if isinstance(value, str) else value for key, value in params.items()}
    return name + "".join(f";{key}={','.join(map(parameter, values))}" for key, values in lists.items())


def read_parameters(text: str) -> Mapping[str, tuple[str, ...]]:
    """Parameters of what stands before the colon; what cannot be read is left out."""
    if len(text) <= 64:
        return _read_short(text)
    return _read(text)


def _decode(value: str) -> str:
    return CARET.sub(lambda found: CARETS[found[1]], value) if "^" in value else value


def _values(text: str) -> tuple[str, ...]:
    if '"' not in text:
        return tuple(_decode(part) for part in text.split(","))
    return tuple(_decode(quoted or bare) for quoted, bare in PARAMETER_VALUE.findall(text))


def _read(text: str) -> Mapping[str, tuple[str, ...]]:
    params: dict[str, tuple[str, ...]] = {}
    for key, value in PARAMETER.findall(text):
        name = key.strip().upper()
        params[name] = params.get(name, ()) + _values(value)
    return MappingProxyType(params)


_read_short = lru_cache(maxsize=2048)(_read)
