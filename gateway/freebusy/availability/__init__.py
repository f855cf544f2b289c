"""Working hours: what they are, their minutes, and their text (VAVAILABILITY, RFC 7953)."""

from gateway.freebusy.availability.hours import Away, Override, Travel, Window, WorkingHours, clock, week
from gateway.freebusy.availability.minutes import closed, runs, working
from gateway.freebusy.availability.text import busy_type, read_availability, write_availability

__all__ = [
    "Away",
    "Override",
    "Travel",
    "Window",
    "WorkingHours",
    "busy_type",
    "clock",
    "closed",
    "read_availability",
    "runs",
    "week",
    "working",
    "write_availability",
]
