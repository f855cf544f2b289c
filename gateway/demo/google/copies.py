"""One event in several calendars: what the organizer writes reaches the guests, their answers come back."""

from gateway.demo.google import letters, series
from gateway.demo.google.state import Calendar, Event, Mail, State
from gateway.demo.google.times import key

OWN = ("reminders", "colorId", "eventLabelId", "_private")


def addresses(event: Event) -> list[str]:
    return [row["email"] for row in event.get("attendees") or ()]


def is_organizer(calendar: Calendar, event: Event) -> bool:
    return bool(event["organizer"].get("email") == calendar.id)


def spread(state: State, calendar: Calendar, event: Event, before: Event | None) -> None:
    """Brings the guests' copies in line with the organizer's event; who is no guest any more loses the copy."""
    for address in addresses(event):
        guest = state.calendars.get(address)
        if guest is not None and guest is not calendar:
            kept = {name: value for name, value in guest.events.get(event["id"], {}).items() if name in OWN}
            shared = {name: value for name, value in event.items() if name not in OWN}
            guest.events[event["id"]] = {"reminders": {"useDefault": True}, **shared, **kept}
            guest.events[event["id"]]["_revision"] = state.next_revision()
    for address in set(addresses(before or {})) - set(addresses(event)):
        guest = state.calendars.get(address)
        if guest is not None and guest is not calendar and event["id"] in guest.events:
            cancel(state, guest, guest.events[event["id"]])


def cancel(state: State, calendar: Calendar, event: Event) -> None:
    """Turns an event into its tombstone; the exceptions of a series go first."""
    if series.is_series(event):
        for each in series.exceptions(calendar, event["id"]):
            each.update(status="cancelled", _revision=state.next_revision())
    calendar.events[event["id"]] = {**event, "status": "cancelled", "_revision": state.next_revision()}


def discard_exceptions(state: State, calendar: Calendar, master: Event) -> None:
    """What Google does when a series gets another time or rule; the guests' copies lose theirs as well."""
    for holder in [calendar, *(state.calendars[a] for a in addresses(master) if a in state.calendars)]:
        for each in series.exceptions(holder, master["id"]):
            del holder.events[each["id"]]


def answer(state: State, calendar: Calendar, event: Event, row: Event, *, notify: bool) -> None:
    """A guest's answer, carried to the organizer's event and from there to all copies."""
    home = state.calendars.get(event["organizer"].get("email", ""))
    if home is not None:
        held = home.events.get(event["id"]) or _instance(home, event)
        if held is not None and held["status"] != "cancelled":
            guests = [{**each, **row} if each["email"] == calendar.id else each for each in held.get("attendees", ())]
            changed = {**held, "attendees": guests, "_revision": state.next_revision()}
            home.events[event["id"]] = changed
            spread(state, home, changed, held)
    if notify:
        to = event["organizer"].get("email", "")
        known: Event = next((each for each in event.get("attendees") or () if each["email"] == calendar.id), {})
        mine = {"email": calendar.id, "responseStatus": "needsAction", **known, **row}
        word = letters.SPOKEN.get(mine["responseStatus"], "Reply")
        _send(state, calendar, event, to, "REPLY", [mine], word)


def _instance(home: Calendar, event: Event) -> Event | None:
    master = home.events.get(event.get("recurringEventId", ""))
    return series.instance(master, key(event["originalStartTime"])) if master else None


def mail(state: State, calendar: Calendar, event: Event, method: str, updates: str, also: Event | None = None) -> None:
    """Invitations or cancellations to the guests, as far as sendUpdates asks for them."""
    if updates == "none":
        return
    for address in sorted({*addresses(event), *addresses(also or {})} - {calendar.id}):
        if updates == "externalOnly" and address in state.people:
            continue
        guests = list(event.get("attendees") or ())
        if address in addresses(event):
            new = address not in addresses(also or {})
            _send(state, calendar, event, address, method, guests, "Invitation" if new else "Updated invitation")
        else:
            rows = [row for row in (also or {}).get("attendees") or () if not guests or row["email"] == address]
            _send(state, calendar, also or event, address, "CANCEL", rows, "Canceled event")


def _send(state: State, calendar: Calendar, event: Event, to: str, method: str, guests: list[Event], word: str) -> None:
    text = letters.itip(calendar, event, method, guests)
    heading = letters.heading(text, to, word)
    state.mails.append(Mail(calendar.id, to, method, event["id"], event.get("summary", ""), text, heading))
