"""Time as a picture: a strip for each thing or person, all of the same stretch; drawn by templates/strips.html."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.web.language import Language


@dataclass(frozen=True, slots=True)
class Bar:
    """kind: a class of strips.css. x, width: minutes after the start of the strip. words: what the pointer shows."""

    kind: str
    x: int
    width: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """bars: from the back to the front."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """[start, end), epoch seconds, that a strip shows."""

    start: int
    end: int

    @property
    def width(self) -> int:
        return (self.end - self.start) // 60

    def bar(self, kind: str, start: int, end: int, words: str = "") -> list[Bar]:
        """What of [start, end) lies in it, at least a minute wide; []: nothing."""
        low, high = max(start, self.start), min(end, self.end)
        if low >= high:
            return []
        x = (low - self.start) // 60
        return [Bar(kind, x, max(1, -((self.start - high) // 60) - x), words)]

    def bars(self, kind: str, spans: Iterable[Sequence[int]], words: str = "") -> list[Bar]:
        return [bar for span in spans for bar in self.bar(kind, span[0], span[1], words)]

    def marks(self, zone: str, spoken: Language, parts: int = 4) -> list[str]:
        """Clock times where each of so many equal parts begins."""
        step = (self.end - self.start) // parts
        return [spoken.clock(datetime.fromtimestamp(self.start + at * step, ZoneInfo(zone))) for at in range(parts)]
