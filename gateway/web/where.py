"""Where a booking takes place, as its page shows it."""

from gateway.booking.locations import ROOMS
from gateway.booking.model import BookingDetails
from gateway.store import bookings
from gateway.web.language import Language
from gateway.web.views import place_icon


def where(written: BookingDetails, status: str, spoken: Language) -> dict[str, str] | None:
    """hint: what is to be known of a room that its provider has yet to make, "": nothing."""
    place = written.place
    if not place:
        return None
    awaited = bool(written.room) and place == ROOMS.get(written.room)
    hint = ""
    if awaited and status == "accepted":
        hint = spoken.text("The link follows by mail.")
    elif awaited and status in bookings.BLOCKING:
        hint = spoken.text("The link comes with the confirmation.")
    icon = place_icon(written.where) or "pin"
    link = place if place.startswith(("https://", "http://")) else ""
    return {"text": place, "icon": icon, "link": link, "hint": hint}
