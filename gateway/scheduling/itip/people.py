"""Who organises an object, and what it is to its owner."""

from collections.abc import Collection

from gateway.errors import MixedOrganizers
from gateway.ical.objects import ParsedObject
from gateway.ical.text import Property
from gateway.scheduling.itip.lines import address
from gateway.scheduling.itip.model import Role


def role_of(obj: ParsedObject, me: Collection[str]) -> Role:
    """What the object is to the owner of these addresses (RFC 6638 3.1)."""
    organizer = ""
    mine = others = False
    for one in obj.components:
        for line in one.properties:
            if line.name == "ORGANIZER":
                organizer = organizer or address(line)
            elif line.name == "ATTENDEE":
                if address(line) in me:
                    mine = True
                else:
                    others = True
    if organizer in me:
        return Role.ORGANIZER if others else Role.NONE
    return Role.ATTENDEE if organizer and mine else Role.NONE


def one_organizer(obj: ParsedObject) -> Property | None:
    """The ORGANIZER of all components.

    Raises: MixedOrganizers where they name several people, or several agents.
    """
    lines = [line for one in obj.components if (line := one.first("ORGANIZER")) is not None]
    if len({address(line) for line in lines}) > 1:
        raise MixedOrganizers("all components need the same ORGANIZER")
    return lines[0] if lines else None
