"""What browsers may load for our pages."""

from typing import Final

PAGE: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WITH_FRAME: Final = f"{PAGE}; frame-src 'self'"
"""Of a page that shows another one of ours within."""
FRAMED: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
"""Of a mail, which can do nothing, and stands in our own pages alone."""
