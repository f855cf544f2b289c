"""A block as iCalendar: when, how busy, one neutral word, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from gateway.freebusy.merge import Busy
from gateway.ical.blocks import MARK
from gateway.ical.busy import fbtype
from gateway.ical.objects import read_lenient
from gateway.ical.recurrence import span
from gateway.ical.text import component, prop, serialise, text_prop
from gateway.ical.value import format_utc
from gateway.model import FbType

PRODID: Final = "-//gateway//mirror//EN"
BUSY: Final[Mapping[str, str]] = {"de": "Beschäftigt", "en": "Busy", "es": "Ocupado", "fr": "Occupé"}
OUTLOOK: Final = {FbType.TENTATIVE: "TENTATIVE", FbType.BUSY: "BUSY", FbType.UNAVAILABLE: "OOF"}


@dataclass(frozen=True, slots=True)
class Said:
    """What a block says that is there. private: to those who may only see when somebody has time."""

    busy: Busy
    summary: str
    private: bool


def word(locale: str) -> str:
    return BUSY.get(locale[:2], BUSY["en"])


def block_text(uid: str, busy: Busy, summary: str, mark: str, now: int) -> str:
    """uid: made at random, as it is seen by others. now: epoch seconds."""
    start, end, kind = busy
    lines = [
        prop("UID", uid),
        prop("DTSTAMP", format_utc(now)),
        prop("DTSTART", format_utc(start)),
        prop("DTEND", format_utc(end)),
        text_prop("SUMMARY", summary),
        prop("CLASS", "PRIVATE"),
        prop("TRANSP", "OPAQUE"),
        prop("STATUS", "TENTATIVE" if kind == FbType.TENTATIVE else "CONFIRMED"),
        prop("X-MICROSOFT-CDO-BUSYSTATUS", OUTLOOK[FbType(kind)]),
        prop(MARK, mark),
    ]
    head = [prop("VERSION", "2.0"), prop("PRODID", PRODID)]
    return serialise(component("VCALENDAR", head, [component("VEVENT", lines)]))


def read_block(text: str) -> Said:
    """What a block became, in hands of others too.

    Raises: InvalidCalendarData and its like.
    """
    obj = read_lenient(text)
    one = obj.components[0]
    start, end = span(obj, UTC)
    private = one.text("CLASS").strip().upper() in {"PRIVATE", "CONFIDENTIAL"}
    return Said((start, start if end is None else end, int(fbtype(one, ()))), one.text("SUMMARY"), private)
