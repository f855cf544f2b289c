"""What a new event type can begin with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.web.language import msg


@dataclass(frozen=True, slots=True)
class Preset:
    """slug: what its page is called, where that is free."""

    title: str
    about: str
    slug: str
    document: Mapping[str, Any]


PRESETS: Final[Mapping[str, Preset]] = {
    "check-in": Preset(
        msg("Quick check-in"), msg("15 minutes on the phone, for one question."), "check-in",
        {"length": 15, "after": 5, "notice": 60, "places": [{"kind": "call-invitee"}]},
    ),
    "talk": Preset(
        msg("Talk"), msg("30 minutes, ten minutes' rest after it."), "talk",
        {"length": 30, "after": 10, "notice": 240},
    ),
    "consulting": Preset(
        msg("Consulting"), msg("An hour with time to prepare, at most two a day, booked a day ahead."), "consulting",
        {
            "length": 60, "step": 30, "before": 15, "after": 15, "notice": 24 * 60,
            "limits": [{"per": "day", "count": 2}],
            "questions": [{"name": "topic", "label": "", "kind": "long", "required": True}],
        },
    ),
    "support": Preset(
        msg("Support in the evening"), msg("45 minutes after work; you confirm each booking first."), "support",
        {
            "length": 45, "notice": 60, "places": [{"kind": "call-invitee"}], "confirmation": {"blocks": True},
            "hours": {"weekly": [["18:00-21:00"]] * 5 + [[], []]},
        },
    ),
    "blank": Preset(msg("Something else"), msg("Begin with 30 minutes and nothing set."), "", {}),
}  # fmt: skip
TOPIC: Final = msg("What is it about?")
"""The question of the preset that asks one."""
