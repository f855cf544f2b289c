"""Bookings of several dates: what an event type says of them, and what is written down of each."""

from collections.abc import Collection, Mapping
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from gateway.booking.document import Document
from gateway.booking.slots import Per, Series
from gateway.ical.recurrence import Rule, format_rule

DAYS: Final[Mapping[str, int]] = {"day": 1, "week": 7, "month": 31}
FREQUENCIES: Final[Mapping[str, str]] = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY"}
HOUR: Final = 60  # minutes that the clock takes from a day


class Repeats(Document):
    """`count` dates, `every` so many days, weeks or months, at the same clock time in the event's zone.

    fewer: the invitee may choose fewer of them, two at least. Months without the day are passed over.
    """

    every: int = Field(1, ge=1, le=366)
    per: Literal["day", "week", "month"] = "week"
    count: int = Field(ge=2, le=60)
    fewer: bool = False

    @model_validator(mode="after")
    def _within_a_year(self) -> Self:
        if DAYS[self.per] * self.every * (self.count - 1) > 372:
            raise ValueError("the last date is a year after the first one at most")
        return self

    @property
    def series(self) -> Series:
        return Series(self.every, Per(self.per), self.count)

    @property
    def rule(self) -> str:
        """RRULE."""
        return format_rule(Rule(FREQUENCIES[self.per], interval=self.every, count=self.count))

    @property
    def apart(self) -> int:
        """Minutes between two starts, at least."""
        return min(DAYS[self.per], 28) * self.every * 1440 - HOUR

    def of(self, count: int) -> "Repeats":
        """With so many dates, where the invitee may choose that."""
        return self.model_copy(update={"count": count}) if self.fewer and 2 <= count < self.count else self


class Turn(Document):
    """One date. at: its start by the rule, which its RECURRENCE-ID says for as long as the rule stands.

    start, end: epoch seconds. gone: cancelled. reply: the invitee's for this date alone, "": that for all.
    left: ids of hosts who took it out of their calendars, where others still have it.
    proposal: (start, end) the invitee would rather have.
    """

    at: int
    start: int
    end: int
    gone: bool = False
    reply: Literal["", "ACCEPTED", "TENTATIVE", "DECLINED"] = ""
    left: tuple[int, ...] = ()
    proposal: tuple[int, int] | None = None


class Plan(Document):
    """The dates of a booking, in the order of the rule.

    zone: IANA name, on whose clock they are. length: seconds, of those that nobody made longer or shorter.
    """

    repeats: Repeats
    zone: str
    length: int
    turns: tuple[Turn, ...]

    def without(self, ats: Collection[int]) -> "Plan":
        """Those dates are cancelled."""
        return self._with({one.at: one.model_copy(update={"gone": True}) for one in self.turns if one.at in ats})

    def moved(self, times: Mapping[int, tuple[int, int]]) -> "Plan":
        """(start, end) by RECURRENCE-ID. What was answered to the old time is over."""
        return self._with(
            {
                one.at: one.model_copy(
                    update={
                        "start": times[one.at][0],
                        "end": times[one.at][1],
                        "reply": "",
                        "left": (),
                        "proposal": None,
                    }
                )
                for one in self.turns
                if one.at in times and times[one.at] != (one.start, one.end)
            }
        )

    def answered(self, at: int, reply: str) -> "Plan":
        return self._with({one.at: one.model_copy(update={"reply": reply}) for one in self.turns if one.at == at})

    def proposed(self, at: int, time: tuple[int, int]) -> "Plan":
        return self._with({one.at: one.model_copy(update={"proposal": time}) for one in self.turns if one.at == at})

    @property
    def bare(self) -> "Plan":
        """As the rule alone has it."""
        turns = tuple(Turn(at=one.at, start=one.at, end=one.at + self.length) for one in self.turns)
        return self.model_copy(update={"turns": turns})

    def _with(self, changed: Mapping[int, Turn]) -> "Plan":
        return self.model_copy(update={"turns": tuple(changed.get(one.at, one) for one in self.turns)})
