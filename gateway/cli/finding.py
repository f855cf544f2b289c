"""What gateway doctor finds."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    GOOD = "ok"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """todo: what to do about it, "" where nothing has to be done."""

    about: str
    verdict: Verdict
    text: str
    todo: str = ""
