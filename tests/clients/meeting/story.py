"""What is done, and what each side has to see after each step: Carol in Thunderbird, Emil with the `caldav` package,
Erika by mail. After each step the mails that went out are exactly those named, whoever sent them.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import caldav
import common

from meeting import carol, emil, erika
from meeting.shown import Shown, brief
from meeting.world import Sent, Town, sent, until

People = Mapping[str, str]
"""Answers by first name."""
ADDRESSES = {"carol": carol.MAIL, "emil": emil.MAIL, "erika": erika.MAIL}


@dataclass(frozen=True)
class Said:
    """One date as it has to be seen. words: what each of the guests said."""

    start: str
    words: People
    status: str = ""

    def shown(self) -> Shown:
        return Shown(self.start, self.status, tuple(sorted((ADDRESSES[who], word) for who, word in self.words.items())))


@dataclass
class Meeting:
    """One event, step by step. inboxes: METHODs that have been seen there."""

    check: common.Checks
    town: Town
    carol: carol.Carol
    emil: emil.Emil
    boxes: Mapping[str, caldav.Principal]
    uid: str
    title: str
    loud: bool = False
    inboxes: dict[str, Counter[str]] = field(default_factory=dict)

    def step(
        self,
        name: str,
        *,
        mails: Sequence[str] = (),
        inbox: Mapping[str, Sequence[str]] | None = None,
        carol_sees: Sequence[Said] | None = None,
        emil_sees: Sequence[Said] | None = None,
    ) -> None:
        """mails: as `Sent` writes them, of the gateway where no other is named. Both see the same unless told apart."""
        wanted = [one if " by " in one else f"{one} by gateway" for one in mails]
        caught = [sent(one) for one in self.town.mails(len(wanted))]
        self.check(f"{name}: mails", sorted(map(str, caught)) == sorted(wanted), _both(wanted, caught))
        self._news(name, inbox or {})
        self._seen(name, "Thunderbird", carol_sees)
        self._seen(name, "caldav", emil_sees)
        if self.loud:
            for one in self.carol.written():
                sys.stdout.write(f"    {one['method']} {one['path']} {one['status']}\n{one['request_body']}\n")

    def _news(self, name: str, wanted: Mapping[str, Sequence[str]]) -> None:
        for who, principal in self.boxes.items():
            known = self.inboxes.get(who, Counter())
            goal = Counter(wanted.get(who, ()))

            def fresh(principal: caldav.Principal = principal, known: Counter[str] = known) -> Counter[str]:
                return emil.messages(principal, self.uid) - known

            until(lambda goal=goal, fresh=fresh: fresh() == goal, 8)
            found = fresh()
            self.inboxes[who] = known + found
            self.check(f"{name}: inbox of {who}", found == goal, sorted(found.elements()) or "nothing new")

    def _seen(self, name: str, program: str, wanted: Sequence[Said] | None) -> None:
        if wanted is None:
            return
        goal = sorted(one.shown() for one in wanted)

        def look() -> list[Shown]:
            return self.carol.sees(self.uid) if program == "Thunderbird" else self.emil.sees(self.uid)

        until(lambda: look() == goal, 12)
        found = look()
        detail = brief(found) if found == goal else f"{brief(found)} INSTEAD OF {brief(goal)}"
        self.check(f"{name}: {program}", found == goal, detail)


def _both(wanted: Sequence[str], caught: Sequence[Sent]) -> str:
    found = "; ".join(map(str, caught)) or "none"
    return found if sorted(map(str, caught)) == sorted(wanted) else f"{found} INSTEAD OF {'; '.join(wanted) or 'none'}"
