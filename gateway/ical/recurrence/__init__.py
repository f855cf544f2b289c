"""Recurrences: which instances an object has (RFC 5545 3.8.5), never more than asked for."""

from datetime import tzinfo

from gateway.ical.objects.parsed import ParsedObject
from gateway.ical.recurrence.series import Instance, Series
from gateway.ical.rules import Steps
from gateway.ical.rules.rule import Rule, format_rule, parse_rule
from gateway.ical.times import MAX_TIME, MIN_TIME

__all__ = ["MAX_TIME", "MIN_TIME", "Instance", "Rule", "Series", "format_rule", "instances", "parse_rule", "span"]


def instances(
    obj: ParsedObject, start: int, end: int, zone: tzinfo, limit: int = 10_000, steps: Steps | None = None
) -> list[Instance]:
    """All instances that overlap [start, end) as RFC 4791 9.9 defines it, in order of start.

    zone: the owner's, for all-day and floating times. steps: how far it may look; None: as far as for one object.
    Raises: TooManyInstances for more than `limit`, or for rules whose search takes too long.
    """
    return Series(obj, zone, steps).between(start, end, limit)


def span(obj: ParsedObject, zone: tzinfo) -> tuple[int, int | None]:
    """First start and last end over everything, overrides too; None where there is no end, or none in sight."""
    return Series(obj, zone).span()
