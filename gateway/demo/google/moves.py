"""events.move of the simulated Google: another calendar becomes the organizer."""

from gateway.demo.google import copies, series, views
from gateway.demo.google.calls import Call
from gateway.demo.google.problems import cannot_change_organizer, deleted, duplicate, not_movable
from gateway.demo.google.state import Event, writable
from gateway.demo.google.writes import held


def move(call: Call) -> Event:
    """Keeps id, UID, guests and exceptions; the old calendar is left with a tombstone."""
    calendar, _ = call.writable_calendar()
    target, role = call.state.calendar(call.person, str(call.query["destination"]))
    writable(role)
    old = held(calendar, call.path["eventId"])
    call.check_match(old)
    if old["status"] == "cancelled":
        raise deleted()
    if "recurringEventId" in old:
        raise not_movable("An instance of a recurring event cannot be moved by itself.")
    if old.get("eventType", "default") != "default":
        raise not_movable("Only events of the default type can be moved.")
    if not copies.is_organizer(calendar, old):
        raise cannot_change_organizer()
    if target is calendar:
        return views.event(calendar, role, old)
    if target.events.get(old["id"], {"status": "cancelled"})["status"] != "cancelled":
        raise duplicate()
    organizer = {"email": target.id, "displayName": target.summary}
    parts = [dict(each) for each in (old, *series.exceptions(calendar, old["id"]))]
    copies.cancel(call.state, calendar, old)
    for each in parts:
        changed = {**each, "organizer": organizer, "updated": call.stamp(), "_revision": call.state.next_revision()}
        target.events[each["id"]] = changed
        copies.spread(call.state, target, changed, each)
    copies.mail(call.state, target, target.events[old["id"]], "REQUEST", call.updates())
    return views.event(target, role, target.events[old["id"]])
