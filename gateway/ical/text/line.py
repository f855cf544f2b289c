"""One content line."""

from collections.abc import Mapping
from typing import Final

from gateway.ical.text.values import read_parameters, unescape

NO_PARAMS: Final[Mapping[str, tuple[str, ...]]] = {}


class Property:
    """One content line.

    name: upper-case. value: unfolded, still escaped. raw: the very line with folds and line end.
    """

    __slots__ = ("_head", "_params", "name", "raw", "value")

    def __init__(self, name: str, value: str, raw: str, head: str) -> None:
        self.name = name
        self.value = value
        self.raw = raw
        self._head = head

    @property
    def params(self) -> Mapping[str, tuple[str, ...]]:
        """Upper-case names; quotes and RFC 6868 escapes removed."""
        return read_parameters(self._head) if ";" in self._head else NO_PARAMS

    def param(self, name: str) -> str | None:
        """First value of the parameter."""
        head = self._head
        if ";" not in head or (name not in head and name not in head.upper()):
            return None
        values = read_parameters(self._head).get(name)
        return values[0] if values else None

    @property
    def text(self) -> str:
        """The TEXT value without escapes."""
        return unescape(self.value)

    def __repr__(self) -> str:
        return f"Property({self._head}:{self.value})"
