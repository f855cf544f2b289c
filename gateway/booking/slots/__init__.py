"""Bookable starts: pure, in whole minutes, each host's time one integer with a bit per minute."""

from gateway.booking.slots.frame import blocked
from gateway.booking.slots.reasons import Cause, Reason, why
from gateway.booking.slots.search import available, is_bookable, reach, slots
from gateway.booking.slots.stretches import Stretch, stretches
from gateway.booking.slots.values import (
    Asked,
    Between,
    BookableDays,
    Host,
    Limit,
    Mode,
    Per,
    Rolling,
    Rules,
    Series,
    Taken,
)

__all__ = [
    "Asked",
    "Between",
    "BookableDays",
    "Cause",
    "Host",
    "Limit",
    "Mode",
    "Per",
    "Reason",
    "Rolling",
    "Rules",
    "Series",
    "Stretch",
    "Taken",
    "available",
    "blocked",
    "is_bookable",
    "reach",
    "slots",
    "stretches",
    "why",
]
