"""What requests and answers of the API are made of. The models that check are the ones that the document shows."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from gateway.web.zones import known

RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)
MOST: Final = 100


class Model(BaseModel):
    """No field that is not named, no guess at what was meant."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _instant(given: object, asked: ValidationInfo) -> int:
    """Epoch seconds; our own code gives them as they are. Raises: ValueError."""
    if isinstance(given, int) and asked.mode == "python":
        return given
    if not isinstance(given, str) or not RFC3339.fullmatch(given):
        raise ValueError("write a date and time with its zone, such as 2026-12-01T09:00:00Z")
    try:
        instant = datetime.fromisoformat(given.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("there is no such date or time") from error
    if not FIRST <= instant < LAST:
        raise ValueError(f"write a time from {FIRST.year} to {LAST.year - 1}")
    return int(instant.timestamp())


def _shown(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _zone(name: str) -> str:
    """Raises: ValueError."""
    if known(name) is None:
        raise ValueError("write a time zone such as Europe/Berlin")
    return name


def example(value: Any) -> Any:
    """Shown in the document, and in what /api/docs has one send."""
    return Field(examples=[value])


Instant = Annotated[
    int,
    BeforeValidator(_instant),
    PlainSerializer(_shown, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-12-01T09:00:00Z"]}),
]
"""Epoch seconds; RFC 3339 outside, always UTC in answers."""

Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone), example("Europe/Berlin")]
Text = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"), example("one-on-one")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$"), example("alice")]
Id = Annotated[int, Field(ge=1, le=2**53 - 1)]


class Asked(Model):
    """Parameters of an operation that takes none."""


class Listed(Asked):
    limit: int = Field(50, ge=1, le=MOST)
    """How many at most."""
    cursor: Annotated[str, StringConstraints(max_length=500)] = ""
    """`next` of the page before; empty: the first page."""
