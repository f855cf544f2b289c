"""One CalDAV calendar out of many, free/busy for a team, and a booking page."""

__version__ = "0.1.0"
