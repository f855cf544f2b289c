"""What the editor says of hosts for whom a chosen place makes no room."""

from collections.abc import Mapping
from typing import Final

from gateway.booking.rooms.missing import Missing
from gateway.web.language import Language, msg

WORDS: Final[Mapping[str, str]] = {
    "no-account": msg(
        "{name} has no account at {provider} connected. Bookings there stand, but without a room, until one is."
    ),
    "no-calendar": msg(
        "New events of {name} go to a calendar for which {provider} makes no rooms. Bookings there stand, but without"
        " a room."
    ),
}


def sentences(found: list[Missing], spoken: Language) -> list[str]:
    return [
        spoken.text(WORDS[one.kind.missing], name=one.host.displayname or one.host.name, provider=one.kind.name)
        for one in found
    ]
