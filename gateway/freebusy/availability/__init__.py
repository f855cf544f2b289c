"""Working hours: what they are, their minutes, and their text (VAVAILABILITY, RFC 7953)."""

from gateway.freebusy.availability.hours import Away, Override, Travel, Window, WorkingHours, clock, week
from gateway.freebusy.availability.minutes import closed, runs, working
from gateway.freebusy.availability.sheet import Absence, Note, Sheet, hours_of, read_sheet
from gateway.freebusy.availability.text import busy_type, read_availability
from gateway.freebusy.availability.write import EMPTY, edited, with_holidays, without_holidays, write_availability

__all__ = [
    "EMPTY",
    "Absence",
    "Away",
    "Note",
    "Override",
    "Sheet",
    "Travel",
    "Window",
    "WorkingHours",
    "busy_type",
    "clock",
    "closed",
    "edited",
    "hours_of",
    "read_availability",
    "read_sheet",
    "runs",
    "week",
    "with_holidays",
    "without_holidays",
    "working",
    "write_availability",
]
