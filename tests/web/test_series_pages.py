"""A series on the pages: its dates before the form, on the booking's page, cancelled and moved one by one."""

import re
from html import unescape

import pytest

from gateway.booking.model import details, document
from gateway.booking.turns import turns
from gateway.store import bookings
from tests.booking.office import at
from tests.web.site import hidden, links, text

PAGE = "/alice/coaching"
START = "2027-03-09T09:00:00Z"
TYPED = {"name": "Jörg Müller", "email": "joerg@example.org"}
SERIES = {
    "title": {"en": "Coaching", "de": "Begleitung"},
    "length": 60,
    "window": {"kind": "rolling", "days": 365},
    "series": {"every": 2, "per": "week", "count": 4},
}
DATES = [at(f"{day} 10:00") for day in ("2027-03-09", "2027-03-23", "2027-04-06", "2027-04-20")]


@pytest.fixture
def kind(office):
    def put_kind(**changed):
        office.db.write_now(bookings.put_event_type, office.alice.id, "coaching", {**SERIES, **changed})

    put_kind()
    return put_kind


async def book(client, zone="Europe/Berlin", **query):
    page = await text(await client.get(PAGE, params={"start": START, "zone": zone, **query}))
    return await client.post(PAGE, data={**hidden(page), **TYPED}, allow_redirects=False)


@pytest.fixture
async def page(client, kind):
    answer = await book(client)
    assert answer.status == 303
    return answer.headers["Location"].partition("&new")[0]


def listed(html):
    """The dates that stand, and those that are crossed out."""
    found = re.findall(r"<li[^>]*><span class=\"date-cell\">(<strong>|<s>)([^<]*)<", html)
    return [day for mark, day in found if mark == "<strong>"], [day for mark, day in found if mark == "<s>"]


def of_date(html, what):
    found = re.findall(rf'<a href="([^"]*{what}=1[^"]*at=[^"]*)"|<a href="([^"]*at=[^"]*{what}=1[^"]*)"', html)
    return [unescape(one or other) for one, other in found]


async def test_another_time_for_one_date_can_be_taken_by_the_host_alone(client, office, page):
    [row] = office.rows()
    later = DATES[2] + 5 * 3600
    plan = details(row).series.proposed(DATES[2], (later, later + 3600))
    changed = document(details(row).model_copy(update={"series": plan}))
    office.db.write_now(bookings.change, row.id, document=changed)

    html = await text(await client.get(page))
    assert "Proposed: Tuesday, April 6, 2027" in html
    assert "Move it to the proposed time" not in html
    token = office.desk.sealer.open(details(row).host_token.encode())
    html = await text(await client.get(f"/booking/{row.uid}?token={token}"))
    [link] = re.findall(r'<a href="([^"]*)" rel="nofollow">Move it to the proposed time', html)
    asking = await text(await client.get(unescape(link)))
    assert "Move this date?" in asking
    answer = await client.post(f"/booking/{row.uid}", data=hidden(asking), allow_redirects=False)
    assert answer.status == 303
    [row] = office.rows()
    assert [one.start for one in turns(row)] == [*DATES[:2], later, DATES[3]]
    assert "Proposed" not in await text(await client.get(page))


async def test_every_date_stands_before_the_form(client, kind):
    html = await text(await client.get(PAGE, params={"zone": "Europe/Berlin"}))
    assert "4 dates, every 2 weeks" in html

    html = await text(await client.get(PAGE, params={"start": START, "zone": "Europe/Berlin"}))
    assert "<strong>4 dates</strong>" in html
    days = ("Tuesday, March 9, 2027", "Tuesday, March 23, 2027", "Tuesday, April 6, 2027", "Tuesday, April 20, 2027")
    assert all(f"<li>{day}<br>10:00\u202fAM" in html for day in days)
    assert "The clocks change in between" not in html


async def test_where_the_visitors_clock_changes_at_another_time_each_date_says_its_own(client, kind):
    html = await text(await client.get(PAGE, params={"start": START, "zone": "America/New_York"}))

    hours = re.findall(r"2027<br>(\d+:\d\d)\u202fAM", html)
    assert hours == ["4:00", "5:00", "4:00", "4:00"]
    assert "The clocks change in between" in html
    german = await text(await client.get(PAGE, params={"start": START, "zone": "America/New_York", "lang": "de"}))
    assert "<strong>4 Termine</strong>" in german
    assert "nicht alle zur selben Zeit" in german


async def test_as_many_dates_as_the_visitor_wants_where_they_may_choose(client, kind, office):
    assert 'name="dates"' not in await text(await client.get(PAGE))
    kind(series={**SERIES["series"], "fewer": True})
    html = await text(await client.get(PAGE, params={"dates": "3", "zone": "UTC"}))
    assert re.findall(r'<option value="(\d)"( selected)?', html) == [("2", ""), ("3", " selected"), ("4", "")]
    assert all("dates=3" in one for one in links(html, "start"))

    assert (await book(client, dates="3")).status == 303
    [row] = office.rows()
    assert [one.start for one in turns(row)] == DATES[:3]


@pytest.mark.parametrize("dates", ["1", "99", "-2", "x", "²", "9" * 50])
async def test_odd_numbers_of_dates_are_all_of_them(client, kind, office, dates):
    kind(series={**SERIES["series"], "fewer": True})
    assert (await book(client, dates=dates)).status == 303
    [row] = office.rows()
    assert len(turns(row)) == 4


async def test_all_dates_are_kept_and_taken_ones_named(client, kind):
    page = await text(await client.get(PAGE, params={"start": START, "zone": "Europe/Berlin"}))
    fields = hidden(page)
    assert fields["dates"] == "4"
    assert (await client.post(f"{PAGE}/hold", data=fields)).status == 204
    client.session.cookie_jar.clear()
    second = await client.post(f"{PAGE}/hold", data={**fields, "start": "2027-03-23T09:00:00Z"})
    assert second.status == 409


async def test_the_page_lists_the_dates(client, page):
    stand, gone = listed(await text(await client.get(page)))
    assert (len(stand), gone) == (4, [])


async def test_one_date_is_cancelled(client, page, office):
    html = await text(await client.get(page))
    asking = await text(await client.get(of_date(html, "cancel")[1]))
    assert "Cancel this date?" in asking
    assert "Tuesday, March 23, 2027" in asking
    assert "April" not in asking

    await text(await client.post(page.partition("?")[0], data={**hidden(asking), "reason": ""}))
    html = await text(await client.get(page))
    assert listed(html)[1] == ["Tuesday, March 23, 2027"]
    assert len(of_date(html, "cancel")) == len(of_date(html, "move")) == 3
    [row] = office.rows()
    assert (row.status, [one.gone for one in turns(row)]) == ("accepted", [False, True, False, False])


async def test_one_date_is_moved(client, page, office):
    html = await text(await client.get(page))
    choosing = await text(await client.get(of_date(html, "move")[2]))
    assert "April 2027" in choosing
    link = next(one for one in links(choosing, "free") if "date=2027-04-07" in one)
    times = await text(await client.get(link))
    asking = await text(await client.get(links(times, "start")[0]))
    assert "Move this date?" in asking

    await text(await client.post(page.partition("?")[0], data=hidden(asking)))
    [row] = office.rows()
    assert [one.start for one in turns(row)] == [*DATES[:2], at("2027-04-07 09:00"), DATES[3]]


async def test_the_whole_series_is_moved_with_its_new_dates_in_sight(client, page, office):
    asking = await text(await client.get(f"{page}&move=1&start=2027-03-10T09:00:00Z"))
    assert "Move all dates that are still to come?" in asking
    assert "Wednesday, April 21, 2027" in asking

    await text(await client.post(page.partition("?")[0], data=hidden(asking)))
    [row] = office.rows()
    assert [one.start for one in turns(row)] == [date + 86_400 for date in DATES]


async def test_the_whole_series_is_cancelled(client, page, office):
    asking = await text(await client.get(f"{page}&cancel=1"))
    assert "Cancel all dates that are still to come?" in asking

    html = await text(await client.post(page.partition("?")[0], data={**hidden(asking), "reason": "Sorry"}))
    assert "This appointment is cancelled" in html
    assert [row.status for row in office.rows()] == ["cancelled"]


async def test_a_date_that_is_over_or_none_is_refused(client, page, office):
    office.now = DATES[0] + 3600
    html = await text(await client.get(page))
    assert len(of_date(html, "cancel")) == 3
    assert ">over<" in html
    token = hidden(await text(await client.get(f"{page}&cancel=1")))["token"]
    for key in (START, "2031-01-01T00:00:00Z"):
        form = {"token": token, "do": "cancel", "at": key}
        assert (await client.post(page.partition("?")[0], data=form)).status == 409
    assert [row.status for row in office.rows()] == ["accepted"]
