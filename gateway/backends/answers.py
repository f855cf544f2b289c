"""What the answers of all providers have in common."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_WAIT: Final = 86_400.0
"""Seconds; what asks for more is asked again after this."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as the server asks (RFC 9110 10.2.3), LONGEST_WAIT at most; a date counts from the answer's Date.

    headers: by names in any case.
    """
    found = {name.lower(): value for name, value in headers.items()}
    value = found.get("retry-after", "").strip()
    if value.isdecimal():
        return min(LONGEST_WAIT, float(value))
    try:
        until, sent = parsedate_to_datetime(value), parsedate_to_datetime(found.get("date", ""))
        return min(LONGEST_WAIT, max(0.0, (until - sent).total_seconds()))
    except (TypeError, ValueError):
        return None
