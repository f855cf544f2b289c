"""Series for programs: made, read, a date moved or called off."""

import pytest

from gateway.store import bookings
from tests.booking.office import at

SERIES = {
    "title": "Coaching",
    "length": 60,
    "window": {"kind": "rolling", "days": 365},
    "series": {"every": 2, "per": "week", "count": 4, "fewer": True},
}
INVITEE = {"name": "Jo Doe", "email": "jo@example.org", "zone": "Europe/Berlin"}
NEW = {"event_type": "coaching", "start": "2027-03-09T09:00:00Z", "invitee": INVITEE}
DATES = ["2027-03-09T09:00:00Z", "2027-03-23T09:00:00Z", "2027-04-06T08:00:00Z", "2027-04-20T08:00:00Z"]


@pytest.fixture(autouse=True)
def kind(office):
    office.db.write_now(bookings.put_event_type, office.alice.id, "coaching", SERIES)


async def test_a_series_is_made_and_its_dates_are_told(api):
    status, made, _ = await api("POST", "/bookings", NEW)
    assert (status, [one["date"] for one in made["dates"]], made["start"]) == (201, DATES, DATES[0])
    assert made["dates"][2] == {
        **{"date": DATES[2], "start": DATES[2], "end": "2027-04-06T09:00:00Z"},
        **{"cancelled": False, "reply": ""},
    }
    _, listed, _ = await api("GET", "/bookings?start=2027-04-10T00:00:00Z&end=2027-05-01T00:00:00Z")
    assert [one["uid"] for one in listed["items"]] == [made["uid"]]
    _, listed, _ = await api("GET", "/bookings?start=2027-04-10T00:00:00Z&end=2027-04-11T00:00:00Z")
    assert listed["items"] == []


async def test_fewer_dates(api):
    _, made, _ = await api("POST", "/bookings", {**NEW, "dates": 2})
    assert [one["date"] for one in made["dates"]] == DATES[:2]


async def test_one_date_is_moved_and_another_called_off(api):
    _, made, _ = await api("POST", "/bookings", NEW)
    path = f"/bookings/{made['uid']}"

    status, told, _ = await api("POST", f"{path}/reschedule", {"start": "2027-03-24T09:00:00Z", "date": DATES[1]})
    assert (status, told["dates"][1]["start"], told["dates"][1]["date"]) == (200, "2027-03-24T09:00:00Z", DATES[1])
    status, told, _ = await api("POST", f"{path}/cancel", {"date": DATES[2], "reason": "ill"})
    assert (status, told["status"], [one["cancelled"] for one in told["dates"]]) == (
        *(200, "accepted"),
        [False, False, True, False],
    )
    assert (await api("POST", f"{path}/cancel", {"date": "2031-01-01T00:00:00Z"}))[0] == 409
    status, told, _ = await api("POST", f"{path}/cancel", {})
    assert (status, told["status"]) == (200, "cancelled")


@pytest.mark.parametrize(
    ("series", "pointer"),
    [
        ({"count": 1}, "/series/count"),
        ({"count": 61}, "/series/count"),
        ({"count": 4, "every": 0}, "/series/every"),
        ({"count": 4, "per": "year"}, "/series/per"),
        ({"count": 60, "per": "month"}, "/series"),
        ({"count": 4, "per": "day"}, "/series"),
    ],
)
async def test_what_is_no_series_is_refused_at_its_field(api, series, pointer):
    body = {"slug": "odd", "title": "Odd", "length": 1440, "after": 30, "series": series}
    status, problem, _ = await api("POST", "/event-types", body)
    assert status == 422
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


async def test_the_stored_times(api, office):
    await api("POST", "/bookings", NEW)
    [row] = office.rows()
    assert row.start == at("2027-03-09 10:00")
