"""What the answers of all providers have in common."""

from datetime import datetime
from email.utils import parsedate_to_datetime


def read_retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds; the header is a number or a date (RFC 9110 10.2.3)."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError):
        return None
