"""Emil has a program of his own, made with the `caldav` package."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import caldav

from meeting.shown import LOOK, Shown, day, shown, stamp

MAIL = "emil@example.com"


@dataclass
class Emil:
    principal: caldav.Principal
    calendar: caldav.Calendar

    def event(self, uid: str) -> caldav.Event:
        found = self.calendar.get_event_by_uid(uid)
        found.load()
        return found

    def invites(self, text: str, guests: list[str]) -> None:
        self.calendar.save_with_invites(text, guests)

    def invitations(self, uid: str) -> list[caldav.Event]:
        """In his inbox: those about the event that ask him."""
        found = self.principal.schedule_inbox().get_items()
        for one in found:
            one.load()
        return [one for one in found if one.is_invite_request() and str(one.icalendar_component["UID"]) == uid]

    def accepts(self, uid: str) -> None:
        """The latest of the invitations in his inbox."""
        self.invitations(uid)[-1].accept_invite(self.calendar)

    def answers(self, uid: str, partstat: str) -> None:
        event = self.event(uid)
        event.change_attendee_status(partstat=partstat)
        event.save(increase_seqno=False)

    def moves(self, uid: str, start: datetime) -> None:
        event = self.event(uid)
        with event.edit_icalendar_component() as component:
            length = component.duration
            component["DTSTART"].dt = start
            if "DTEND" in component:
                component["DTEND"].dt = start + length
        event.save()

    def takes_out(self, uid: str, date: datetime) -> None:
        event = self.event(uid)
        with event.edit_icalendar_component() as component:
            component.add("EXDATE", date)
        event.save()

    def deletes(self, uid: str) -> None:
        self.event(uid).delete()

    def sees(self, uid: str) -> list[Shown]:
        found = []
        for one in self.calendar.search(start=day(LOOK[0]), end=day(LOOK[1]), event=True, expand=True):
            part = one.icalendar_component
            if str(part["UID"]) == uid:
                lines = part.get("ATTENDEE", [])
                lines = lines if isinstance(lines, list) else [lines]
                answers = {str(line): line.params.get("PARTSTAT", "NEEDS-ACTION") for line in lines}
                status, title = part.get("STATUS"), str(part.get("SUMMARY", ""))
                sequence = int(part.get("SEQUENCE", 0))
                found.append(shown(stamp(part["DTSTART"].dt), status, answers, title, sequence))
        return sorted(found)


def messages(principal: caldav.Principal, uid: str) -> Counter[str]:
    """METHODs of what is in somebody's inbox about an event."""
    found: Counter[str] = Counter()
    for one in principal.schedule_inbox().get_items():
        one.load()
        calendar = one.icalendar_instance
        if any(str(part["UID"]) == uid for part in calendar.walk("VEVENT")):
            found[str(calendar["METHOD"])] += 1
    return found


@contextmanager
def signed_in(base: str, name: str) -> Iterator[Emil]:
    with caldav.DAVClient(base, username=name, password="demo") as client:
        principal = client.principal()
        [merged] = [one for one in principal.get_calendars() if str(one.url).endswith("/merged/")]
        yield Emil(principal, merged)
