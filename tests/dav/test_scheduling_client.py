"""The caldav package invites and answers."""

import caldav
from caldav.lib.vcal import create_ical

from tests.dav.test_client import END, START, Live, live

__all__ = ["live"]


async def test_an_invitation_is_made_accepted_and_cancelled(live: Live) -> None:
    def do(alice: caldav.DAVClient, bob: caldav.DAVClient) -> None:
        organizer, guest = alice.principal(), bob.principal()
        assert alice.check_scheduling_support()
        [hers], [his] = organizer.get_calendars(), guest.get_calendars()
        made = hers.save_with_invites(
            create_ical(dtstart=START, dtend=END, summary="Talk", uid="talk", objtype="VEVENT"),
            [organizer, "mailto:bob@example.com"],
        )
        [message] = guest.schedule_inbox().get_items()
        assert message.is_invite_request()
        message.accept_invite(calendar=his)
        made.load()
        assert _answer(made, "bob@example.com") == "ACCEPTED"
        [reply] = organizer.schedule_inbox().get_items()
        assert reply.is_invite_reply()
        made.delete()
        assert str(his.get_event_by_uid("talk").icalendar_component["STATUS"]) == "CANCELLED"

    await live(do, "alice", "bob")


def _answer(event: caldav.Event, address: str) -> str:
    lines = event.icalendar_component["ATTENDEE"]
    [line] = [one for one in lines if one.lower() == f"mailto:{address}"]
    return str(line.params["PARTSTAT"])
