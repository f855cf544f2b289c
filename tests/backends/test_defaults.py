"""What we suggest for the calendars of a new account, by what their provider says of them."""

import pytest

from gateway.backends import google, outlook
from gateway.backends.base import as_allowed
from gateway.model import RemoteCalendar

MERGED_AND_BUSY, MERGED, BUSY_ONLY, NOTHING = (True, True), (True, False), (False, True), (False, False)


@pytest.mark.parametrize(
    ("entry", "suggested"),
    [
        ({"id": "a@example.com", "accessRole": "owner", "primary": True}, MERGED_AND_BUSY),
        ({"id": "x@group.calendar.google.com", "accessRole": "owner"}, MERGED_AND_BUSY),
        ({"id": "x@group.calendar.google.com", "accessRole": "writer"}, MERGED_AND_BUSY),
        ({"id": "x@group.calendar.google.com", "accessRole": "writerWithoutPrivateAccess"}, MERGED),
        ({"id": "b@example.com", "accessRole": "reader"}, MERGED),
        ({"id": "c0ffee@import.calendar.google.com", "accessRole": "reader"}, MERGED),
        ({"id": "b@example.com", "accessRole": "freeBusyReader"}, NOTHING),
        ({"id": "x@group.calendar.google.com", "accessRole": "owner", "selected": False}, NOTHING),
        ({"id": "x@group.calendar.google.com", "accessRole": "owner", "hidden": True}, NOTHING),
        ({"id": "de.german#holiday@group.v.calendar.google.com", "accessRole": "reader"}, NOTHING),
        ({"id": "en.usa.official#holiday@group.v.calendar.google.com", "accessRole": "reader"}, NOTHING),
        ({"id": "addressbook#contacts@group.v.calendar.google.com", "accessRole": "reader"}, NOTHING),
        ({"id": "#contacts@group.v.calendar.google.com", "accessRole": "reader"}, NOTHING),
        ({"id": "e_2_de#weeknum@group.v.calendar.google.com", "accessRole": "reader"}, NOTHING),
        ({"id": "holiday-planning@group.calendar.google.com", "accessRole": "owner"}, MERGED_AND_BUSY),
    ],
)
def test_google(entry, suggested):
    found = google.read_calendar({"selected": True, **entry})
    assert (found.merged, found.busy) == suggested


OWN, OTHER = {"address": "a@example.com"}, {"address": "b@example.com"}


@pytest.mark.parametrize(
    ("row", "suggested"),
    [
        ({"name": "Calendar", "owner": OWN, "canEdit": True, "isDefaultCalendar": True}, MERGED_AND_BUSY),
        ({"name": "Projects", "owner": OWN, "canEdit": True}, MERGED_AND_BUSY),
        ({"name": "Holiday planning", "owner": OWN, "canEdit": True}, MERGED_AND_BUSY),
        ({"name": "Berta", "owner": OTHER, "canEdit": True}, MERGED),
        ({"name": "Berta", "owner": OTHER, "canEdit": False}, MERGED),
        ({"name": "Football club", "owner": OWN, "canEdit": False}, MERGED),
        ({"name": "Birthdays", "owner": OWN, "canEdit": False}, NOTHING),
        ({"name": "Geburtstage", "owner": OWN, "canEdit": False}, NOTHING),
        ({"name": "United States holidays", "owner": OWN, "canEdit": False}, NOTHING),
        ({"name": "Feiertage in Deutschland", "owner": OWN, "canEdit": False}, NOTHING),
        ({"name": "Jours fériés France", "owner": OWN, "canEdit": False}, NOTHING),
        ({"name": "Birthdays", "owner": OTHER, "canEdit": False}, MERGED),
    ],
)
def test_outlook(row, suggested):
    found = outlook.read_calendar({"id": "1", **row}, frozenset({"a@example.com"}), "Europe/Berlin")
    assert (found.merged, found.busy) == suggested


@pytest.mark.parametrize(
    ("settings", "writable"), [({}, True), ({"access": "write"}, True), ({"access": "read"}, False)]
)
def test_an_account_for_reading_only_has_no_writable_calendar_whatever_the_provider_says(settings, writable):
    [found] = as_allowed(settings, [RemoteCalendar("1", "Own", writable=True, busy=True, primary=True)])
    assert found == RemoteCalendar("1", "Own", writable=writable, busy=True, primary=True)
