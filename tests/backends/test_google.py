"""Reading Google calendars: over real HTTP from the simulated Google, with Google's own library."""

from datetime import timedelta

import pytest

from gateway.errors import RemoteGone
from gateway.model import Changes, RemoteCalendar
from tests.fakes.google import ALICE, BOB, TEAM, at, meeting, weekly


def lines(obj, *names):
    """The lines of an object that begin so, in order, without those of VTIMEZONE."""
    text = obj.text.replace("\r\n ", "")
    events = text[text.index("BEGIN:VEVENT") :]
    return [line for line in events.split("\r\n") if line.startswith(names)]


async def test_calendars_come_with_role_colour_zone_and_our_defaults(google, alice):
    shared = "shared@group.calendar.google.com"
    google.add_calendar(BOB, shared, "Shared")
    google.add_calendar(BOB, "times@group.calendar.google.com", "Times")
    google.add_calendar(BOB, "without@group.calendar.google.com", "Without")
    google.share(shared, ALICE, "reader", override="Of Bob", color="#ff0000")
    google.share("times@group.calendar.google.com", ALICE, "freeBusyReader")
    google.share("without@group.calendar.google.com", ALICE, "writerWithoutPrivateAccess")
    google.add_calendar(ALICE, "off@group.calendar.google.com", "Off", selected=False, zone="America/New_York")
    google.add_calendar(ALICE, "hidden@group.calendar.google.com", "Hidden", hidden=True)

    found = await alice.backend.calendars()

    berlin, grey = "Europe/Berlin", "#9fe1e7"
    assert found == [
        RemoteCalendar(ALICE, "Alice", grey, berlin, writable=True, merged=True, busy=True, primary=True),
        RemoteCalendar(TEAM, "Team", grey, berlin, writable=True, merged=True, busy=True),
        RemoteCalendar(shared, "Of Bob", "#ff0000", berlin, writable=False, merged=True, busy=False),
        RemoteCalendar("times@group.calendar.google.com", "Times", grey, berlin, writable=False, merged=False),
        RemoteCalendar("without@group.calendar.google.com", "Without", grey, berlin, writable=True, merged=True),
        RemoteCalendar(
            "off@group.calendar.google.com", "Off", grey, "America/New_York", writable=True, merged=False, busy=False
        ),
    ]


async def test_long_lists_of_calendars_are_read_to_the_end(google, alice):
    google.limit_pages(1)

    assert [calendar.id for calendar in await alice.backend.calendars()] == [ALICE, TEAM]


async def test_a_first_pull_is_full_and_only_its_last_page_has_the_token(google, alice):
    for number in range(5):
        google.add_event(ALICE, meeting(f"Event {number}"))
    google.add_event(ALICE, weekly())
    google.limit_pages(2)

    pages = await alice.pull()

    assert all(page.full for page in pages)
    assert sum(len(page.objects) for page in pages) == 6
    assert [page.token is not None for page in pages] == [False] * (len(pages) - 1) + [True]


async def test_an_empty_calendar_gives_one_page_with_a_token(alice):
    [page] = await alice.pull()

    assert (list(page.objects), page.full, page.token is not None) == ([], True, True)


async def test_nothing_new_is_no_page(google, alice):
    google.add_event(ALICE, meeting())
    _, token = await alice.everything()

    assert await alice.pull(token) == []


async def test_an_incremental_pull_brings_changed_and_gone_objects(google, alice):
    kept = google.add_event(ALICE, meeting("Kept"))
    gone = google.add_event(ALICE, meeting("Gone"))
    before, token = await alice.everything()
    google.change_event(ALICE, kept["id"], {"summary": "Changed"})
    google.delete_event(ALICE, gone["id"])
    google.limit_pages(1)

    [page] = await alice.pull(token)

    assert (page.full, list(page.gone)) == (False, [gone["id"]])
    assert [lines(obj, "SUMMARY") for obj in page.objects] == [["SUMMARY:Changed"]]
    assert page.objects[0].etag not in {obj.etag for obj in before}
    assert await alice.pull(page.token) == []


async def test_an_expired_sync_token_starts_over_with_everything(google, alice):
    google.add_event(ALICE, meeting())
    _, token = await alice.everything()
    google.expire_sync_tokens()

    pages = await alice.pull(token)

    assert all(page.full for page in pages)
    assert [lines(obj, "SUMMARY") for page in pages for obj in page.objects] == [["SUMMARY:Meeting"]]
    assert pages[-1].token not in {None, token}


async def test_a_token_that_google_cannot_read_starts_over_too(google, alice):
    google.add_event(ALICE, meeting())

    pages = await alice.pull("made-up")

    assert (all(page.full for page in pages), sum(len(page.objects) for page in pages)) == (True, 1)


async def test_a_series_and_its_exceptions_are_one_object(google, alice):
    made = google.add_event(ALICE, weekly())
    google.delete_event(ALICE, f"{made['id']}_20261109T080000Z")
    google.move_event(ALICE, f"{made['id']}_20261116T080000Z", timedelta(days=1, hours=2))

    [series], _ = await alice.everything()

    assert series.href == made["id"]
    assert lines(series, "UID") == [f"UID:{made['iCalUID']}"] * 2
    assert lines(series, "RRULE", "EXDATE", "RECURRENCE-ID", "DTSTART") == [
        "DTSTART;TZID=Europe/Berlin:20261102T090000",
        "RRULE:FREQ=WEEKLY;COUNT=6",
        "EXDATE;TZID=Europe/Berlin:20261109T090000",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261116T090000",
        "DTSTART;TZID=Europe/Berlin:20261117T110000",
    ]


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_exceptions_are_joined_to_their_series_whichever_page_they_are_on(google, alice, size):
    made = google.add_event(ALICE, weekly())
    google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"summary": "Other"})
    google.delete_event(ALICE, f"{made['id']}_20261116T080000Z")
    google.change_event(ALICE, made["id"], {"location": "Room 1"})
    google.limit_pages(size)

    [series], _ = await alice.everything()

    assert (len(lines(series, "BEGIN:VEVENT")), len(lines(series, "EXDATE"))) == (2, 1)


@pytest.mark.parametrize("change", ["date cancelled", "date changed", "series changed"])
async def test_whichever_part_of_a_series_changes_the_whole_object_comes(google, alice, change):
    made = google.add_event(ALICE, weekly())
    dates = [f"{made['id']}_{day}T080000Z" for day in ("20261109", "20261116", "20261123")]
    google.delete_event(ALICE, dates[0])
    google.change_event(ALICE, dates[1], {"summary": "Other"})
    _, token = await alice.everything()
    if change == "date cancelled":
        google.delete_event(ALICE, dates[2])
    elif change == "date changed":
        google.change_event(ALICE, dates[2], {"summary": "Third"})
    else:
        google.change_event(ALICE, made["id"], {"location": "Room 1"})

    [page] = await alice.pull(token)
    [full], _ = await alice.everything()

    assert list(page.objects) == [full]
    assert lines(full, "EXDATE")[0] == "EXDATE;TZID=Europe/Berlin:20261109T090000"


async def test_a_deleted_series_is_gone_once_though_its_exceptions_come_cancelled_too(google, alice):
    made = google.add_event(ALICE, weekly())
    google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"summary": "Other"})
    _, token = await alice.everything()
    google.delete_event(ALICE, made["id"])

    [page] = await alice.pull(token)

    assert (list(page.objects), list(page.gone)) == ([], [made["id"]])
    objects, _ = await alice.everything()
    assert objects == []


async def test_a_new_rule_drops_the_exceptions_google_dropped(google, alice):
    made = google.add_event(ALICE, weekly())
    google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"summary": "Other"})
    _, token = await alice.everything()
    google.change_event(ALICE, made["id"], {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"]})

    [page] = await alice.pull(token)

    assert [len(lines(obj, "BEGIN:VEVENT")) for obj in page.objects] == [1]


async def test_a_date_put_back_to_its_series_is_no_exception_any_more(google, alice):
    made = google.add_event(ALICE, weekly())
    name = f"{made['id']}_20261109T080000Z"
    google.change_event(ALICE, name, {"summary": "Other"})
    google.change_event(ALICE, name, {"summary": "Weekly"})

    [series], _ = await alice.everything()

    assert len(lines(series, "BEGIN:VEVENT")) == 1


async def test_somebody_invited_to_single_dates_only_sees_those(google, bob):
    made = google.add_event(ALICE, weekly())
    google.change_event(ALICE, f"{made['id']}_20261109T080000Z", {"attendees": [{"email": BOB}]})

    [alone], token = await bob.everything(BOB)

    assert alone.href == made["id"]
    assert lines(alone, "RECURRENCE-ID") == ["RECURRENCE-ID;TZID=Europe/Berlin:20261109T090000"]
    assert lines(alone, "RRULE") == []

    google.change_event(ALICE, f"{made['id']}_20261116T080000Z", {"attendees": [{"email": BOB}]})
    [page] = await bob.pull(token, BOB)
    assert [len(lines(obj, "RECURRENCE-ID")) for obj in page.objects] == [2]

    for day in ("20261109", "20261116"):
        google.change_event(ALICE, f"{made['id']}_{day}T080000Z", {"attendees": []})
    [page] = await bob.pull(page.token, BOB)
    assert (list(page.objects), list(page.gone)) == ([], [made["id"]])


async def test_a_series_is_expanded_in_its_own_zone_not_in_the_calendars_offset(google, alice):
    new_york = "ny@group.calendar.google.com"
    google.add_calendar(ALICE, new_york, "New York", zone="America/New_York")
    google.add_event(new_york, weekly())

    [series], _ = await alice.everything(new_york)

    assert lines(series, "DTSTART") == ["DTSTART;TZID=Europe/Berlin:20261102T090000"]
    assert "TZID:Europe/Berlin\r\n" in series.text
    assert "America/New_York" not in series.text


async def test_the_same_events_always_give_the_same_text_and_etag(google, alice):
    google.add_event(ALICE, weekly(attendees=[{"email": BOB}]))
    google.add_event(ALICE, meeting())

    assert await alice.everything() == await alice.everything()


async def test_the_calendars_name_in_the_list_is_in_every_component(google, alice):
    shared = "shared@group.calendar.google.com"
    google.add_calendar(BOB, shared, "Shared")
    google.share(shared, ALICE, "reader", override="Of Bob")
    made = google.add_event(shared, weekly())
    google.change_event(shared, f"{made['id']}_20261109T080000Z", {"summary": "Other"})

    [obj], _ = await alice.everything(shared)

    assert lines(obj, "X-GATEWAY-CALENDAR") == ["X-GATEWAY-CALENDAR:Of Bob"] * 2


async def test_free_busy_readers_see_times_without_content(google, alice):
    google.add_event(BOB, meeting("Secret", location="Nowhere"))
    google.share(BOB, ALICE, "freeBusyReader")

    [obj], _ = await alice.everything(BOB)

    assert lines(obj, "SUMMARY", "DTSTART", "LOCATION", "CLASS") == [
        "DTSTART;TZID=Europe/Berlin:20261123T090000",
        "SUMMARY:Busy",
        "CLASS:PRIVATE",
    ]


async def test_a_calendar_that_is_no_more_is_gone(alice):
    with pytest.raises(RemoteGone):
        await alice.everything("nobody@group.calendar.google.com")


async def test_an_unanswered_invitation_is_told_by_the_guests_own_partstat(google, bob):
    google.add_event(ALICE, meeting(attendees=[{"email": BOB, "optional": True, "displayName": "Bob, the guest"}]))

    [obj], _ = await bob.everything(BOB)

    assert lines(obj, "ORGANIZER", "ATTENDEE") == [
        "ORGANIZER;CN=Alice:mailto:alice@example.com",
        'ATTENDEE;CN="Bob, the guest";ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.com',
    ]


async def test_pages_of_changes_are_plain_values(google, alice):
    google.add_event(ALICE, meeting(start=at(23, 9)))

    pages = await alice.pull()

    assert [type(page) for page in pages] == [Changes] * len(pages)
