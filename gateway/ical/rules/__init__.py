"""Recurrence rules: their text, and the starts they give in naive local time."""

from gateway.ical.rules.rule import FREQUENCIES, WEEKDAYS, Rule, format_rule, lenient_rule, parse_rule
from gateway.ical.rules.steps import STEPS, TOGETHER, Steps, one_of
from gateway.ical.rules.walk import rule_starts

__all__ = [
    "FREQUENCIES",
    "STEPS",
    "TOGETHER",
    "WEEKDAYS",
    "Rule",
    "Steps",
    "format_rule",
    "lenient_rule",
    "one_of",
    "parse_rule",
    "rule_starts",
]
