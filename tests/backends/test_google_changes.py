"""Changes of series at the simulated Google that take several writes: whichever way Google goes, nothing is lost."""

import pytest

from gateway.errors import BackendUnavailable, RefusedByProvider, RemoteConflict
from gateway.model import CalendarObject
from tests.backends.test_google_writes import BERLIN, edited, obj, override, put, series, summary_of
from tests.fakes.google import ALICE, BOB, Client, running_google, weekly


@pytest.fixture(params=["discards exceptions", "keeps exceptions"])
async def google(request):
    """What Google does with the exceptions of a series that gets another time or rule is written nowhere."""
    async with running_google() as simulator:
        if request.param == "keeps exceptions":
            simulator.keep_exceptions()
        yield simulator


async def dates(google, calendar=ALICE):
    answer = await Client(google).send(
        lambda api: api.events().list(calendarId=calendar, singleEvents=True, orderBy="startTime")
    )
    return summary_of(answer["items"])


def changed(text, *changes):
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


async def test_a_series_at_another_time_keeps_the_dates_the_client_still_has(google, alice):
    new = obj(series(), override("20261109T090000", "SUMMARY:Other", start="20261110T140000", end="20261110T150000"))
    stored = await put(alice, new)
    later = changed(new.text, ("20261102T090000", "20261102T110000"), ("20261102T100000", "20261102T120000"))
    later = changed(later, ("20261109T090000", "20261109T110000"))

    stored = await put(alice, CalendarObject(stored.href, later), stored.etag)

    assert await dates(google) == [
        ("Weekly", "2026-11-02T11:00:00+01:00"),
        ("Other", "2026-11-10T14:00:00+01:00"),
        ("Weekly", "2026-11-16T11:00:00+01:00"),
        ("Weekly", "2026-11-23T11:00:00+01:00"),
        ("Weekly", "2026-11-30T11:00:00+01:00"),
        ("Weekly", "2026-12-07T11:00:00+01:00"),
    ]
    assert [stored] == (await alice.everything())[0]


async def test_this_and_following_is_a_shortened_series_and_a_new_one(google, alice):
    """As clients say it: both are written, one after the other."""
    new = obj(
        series(),
        override("20261109T090000", "SUMMARY:Early", start="20261109T080000", end="20261109T090000"),
        override("20261130T090000", "SUMMARY:Late", start="20261130T120000", end="20261130T130000"),
    )
    stored = await put(alice, new)
    short = obj(
        series().replace("COUNT=6", "UNTIL=20261122T225959Z"),
        override("20261109T090000", "SUMMARY:Early", start="20261109T080000", end="20261109T090000"),
    )
    rest = obj(
        series(uid="two@example.com", start="20261123T100000", end="20261123T110000").replace("COUNT=6", "COUNT=3"),
        override("20261130T100000", "SUMMARY:Late", start="20261130T120000", end="20261130T130000").replace(
            "one@", "two@"
        ),
    )

    await put(alice, CalendarObject(stored.href, short.text), stored.etag)
    await put(alice, rest)

    assert await dates(google) == [
        ("Weekly", "2026-11-02T09:00:00+01:00"),
        ("Early", "2026-11-09T08:00:00+01:00"),
        ("Weekly", "2026-11-16T09:00:00+01:00"),
        ("Weekly", "2026-11-23T10:00:00+01:00"),
        ("Late", "2026-11-30T12:00:00+01:00"),
        ("Weekly", "2026-12-07T10:00:00+01:00"),
    ]


async def test_a_change_broken_off_in_the_middle_is_finished_by_the_next_try(google, alice):
    new = obj(series(), override("20261109T090000", "SUMMARY:Other", start="20261109T110000", end="20261109T120000"))
    stored = await put(alice, new)
    later = changed(
        new.text, ("COUNT=6", "COUNT=3"), ("SUMMARY:Other", "SUMMARY:Third"), ("SUMMARY:Weekly", "SUMMARY:W")
    )
    google.fail_next(503, path="_20261109T080000Z")
    with pytest.raises(BackendUnavailable):
        await put(alice, CalendarObject(stored.href, later), stored.etag)

    again = await put(alice, CalendarObject(stored.href, later), stored.etag)

    assert await dates(google) == [
        ("W", "2026-11-02T09:00:00+01:00"),
        ("Third", "2026-11-09T11:00:00+01:00"),
        ("W", "2026-11-16T09:00:00+01:00"),
    ]
    assert [again] == (await alice.everything())[0]


async def test_somebody_elses_change_is_a_conflict_even_if_the_same_was_written_before(google, alice):
    two = [
        override("20261109T090000", "SUMMARY:A", start="20261109T110000", end="20261109T120000"),
        override("20261116T090000", "SUMMARY:B", start="20261116T110000", end="20261116T120000"),
    ]
    plain = await put(alice, obj(series()))
    first = await put(alice, CalendarObject(plain.href, obj(series(), *two).text), plain.etag)
    google.change_event(ALICE, f"{first.href}_20261109T080000Z", {"summary": "Theirs"})

    with pytest.raises(RemoteConflict):
        await put(alice, CalendarObject(first.href, obj(series(), *two).text), first.etag)


async def test_a_new_series_that_google_will_not_have_as_a_whole_is_not_left_in_part(google, alice):
    with pytest.raises(RefusedByProvider, match="no date of this series"):
        await put(alice, obj(series(), override("20261110T090000", start="20261110T100000", end="20261110T110000")))

    assert google.events(ALICE) == []


async def test_an_exception_changes_only_what_differs_from_its_series(google, alice):
    made = google.add_event(ALICE, weekly(description="<b>Agenda</b>", location="Room 1", attendees=[{"email": BOB}]))
    [held], _ = await alice.everything()
    master = held.text[held.text.index("BEGIN:VEVENT") : held.text.index("END:VCALENDAR")].replace("\r\n ", "")
    lines = [line for line in master.split("\r\n") if not line.startswith(("RRULE", "X-ALT-DESC"))]
    date = "\r\n".join(lines).replace("20261102T", "20261109T").replace("Room 1", "Room 2")
    date = date.replace("SEQUENCE:0", f"SEQUENCE:0\r\nRECURRENCE-ID;{BERLIN}:20261109T090000")

    await put(alice, edited(held, ("END:VCALENDAR", date + "END:VCALENDAR")), held.etag)

    event = google.event(ALICE, f"{made['id']}_20261109T080000Z")
    assert (event["location"], event["description"]) == ("Room 2", "<b>Agenda</b>")
    assert event["attendees"] == [{"email": BOB, "responseStatus": "needsAction"}]


async def test_floating_series_and_their_dates_stay_without_a_zone(google, alice):
    new = obj(
        series("EXDATE:20261116T090000").replace(f";{BERLIN}", ""),
        override("20261109T090000", "SUMMARY:Other", start="20261109T110000", end="20261109T120000").replace(
            f";{BERLIN}", ""
        ),
    )

    stored = await put(alice, new)

    for line in ("DTSTART:20261102T090000", "EXDATE:20261116T090000", "RECURRENCE-ID:20261109T090000"):
        assert f"{line}\r\n" in stored.text
    assert [stored] == (await alice.everything())[0]


async def test_a_date_left_out_by_the_rule_comes_back_as_a_changed_one(google, alice):
    stored = await put(alice, obj(series(f"EXDATE;{BERLIN}:20261116T090000").replace("COUNT=6", "COUNT=3")))
    other = override("20261116T090000", "SUMMARY:Other", start="20261116T110000", end="20261116T120000")

    stored = await put(
        alice, CalendarObject(stored.href, obj(series().replace("COUNT=6", "COUNT=3"), other).text), stored.etag
    )

    assert await dates(google) == [
        ("Weekly", "2026-11-02T09:00:00+01:00"),
        ("Weekly", "2026-11-09T09:00:00+01:00"),
        ("Other", "2026-11-16T11:00:00+01:00"),
    ]
    assert [stored] == (await alice.everything())[0]


async def test_a_series_becomes_all_day_without_its_timed_dates(google, alice):
    other = override("20261109T090000", "SUMMARY:Other", start="20261109T110000", end="20261109T120000")
    stored = await put(alice, obj(series().replace("COUNT=6", "COUNT=2"), other))
    days = series().replace("COUNT=6", "COUNT=2")
    days = days.replace(f";{BERLIN}:20261102T090000", ";VALUE=DATE:20261102")
    days = days.replace(f";{BERLIN}:20261102T100000", ";VALUE=DATE:20261103")

    stored = await put(alice, CalendarObject(stored.href, obj(days).text), stored.etag)

    assert await dates(google) == [("Weekly", "2026-11-02"), ("Weekly", "2026-11-09")]
    assert [stored] == (await alice.everything())[0]
