"""From the profile to a booking and its end, over HTTP."""

import asyncio
import re
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest

from gateway.store import bookings
from gateway.web.keys import LIMITS
from tests.booking.office import at
from tests.web.site import hidden, links, text

PAGE = "/alice/one-on-one"
TEN = "2026-11-24T09:00:00Z"
TYPED = {"name": "Jörg Müller", "email": "joerg@example.org", "note": "Hello <b>there</b>"}


async def form(client, start=TEN, path=PAGE, **query):
    return hidden(await text(await client.get(path, params={"start": start, "zone": "Europe/Berlin", **query})))


async def book(client, start=TEN, path=PAGE, **typed):
    """Where the answer leads to."""
    answer = await client.post(path, data={**await form(client, start, path), **TYPED, **typed}, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"]


def parts(location):
    split = urlsplit(location)
    return split.path, {name: values[0] for name, values in parse_qs(split.query).items()}


async def test_the_profile_lists_what_is_shown(client):
    html = await text(await client.get("/alice"))
    assert "Alice Hartmann" in html
    assert all(f'href="/alice/{slug}"' in html for slug in ("check-in", "one-on-one", "consulting"))
    assert "/alice/never" not in html


@pytest.mark.parametrize("path", ["/nobody", "/alice/nothing", "/nobody/check-in", "/a/b/c/d", "/static/nothing.css"])
async def test_what_is_not_there_is_a_page_too(client, path):
    html = await text(await client.get(path), 404)
    assert "There is nothing here" in html


async def test_the_first_free_day_is_open_already(client):
    html = await text(await client.get(PAGE, params={"zone": "Europe/Berlin"}))
    assert "<strong>Monday</strong> November 23" in html
    starts = links(html, "start")
    assert len(starts) == 16
    assert parts(starts[0])[1]["start"] == "2026-11-23T08:00:00Z"


@pytest.mark.parametrize(
    ("zone", "first"),
    [("Europe/Berlin", "9:00"), ("America/New_York", "3:00"), ("Asia/Kolkata", "1:30"), ("UTC", "8:00")],
)
async def test_times_are_in_the_visitors_zone(client, zone, first):
    html = await text(await client.get(PAGE, params={"zone": zone}))
    assert f">{first}\u202fAM</a>" in html or f">{first}\u202fPM</a>" in html


async def test_zone_and_language_are_remembered(client):
    await client.get(PAGE, params={"zone": "Asia/Tokyo", "lang": "de"})
    html = await text(await client.get(PAGE))
    assert "Zeiten in Tokio" in html
    assert "17:00" in html


async def test_a_zone_that_is_none_is_passed_over(client):
    html = await text(await client.get(PAGE, params={"zone": "../../etc/passwd"}))
    assert "Times in Berlin" in html


async def test_a_zone_is_found_by_its_city_in_the_visitors_language(client):
    html = await text(await client.get(PAGE, params={"choose": "zone", "search": "tokio", "lang": "de"}))
    assert 'class="place">Tokio<' in html
    assert html.count('class="place"') == 1


async def test_a_month_without_free_days_offers_the_next_one(client):
    html = await text(await client.get("/alice/far-away", params={"month": "2026-11"}))
    assert "Nothing is free in this month." in html
    assert "Next free day: Fri, Dec 11" in html


async def test_without_a_month_the_one_with_the_first_free_day_is_shown(client):
    assert "December 2026" in await text(await client.get("/alice/far-away"))


async def test_nothing_free_at_all_is_said(client):
    assert "No free times are open for booking" in await text(await client.get("/alice/never"))


@pytest.mark.parametrize(
    "query", [{"month": "0000-99"}, {"date": "x"}, {"month": "9999-12"}, {"start": "now"}, {"date": "2026-13-45"}]
)
async def test_odd_parameters_do_no_harm(client, query):
    assert "One-on-one" in await text(await client.get(PAGE, params=query))


async def test_a_booking_from_form_to_calendar(client, office):
    location = await book(client)
    html = await text(await client.get(location))

    assert "You are booked" in html
    assert "An invitation is on its way to joerg@example.org." in html
    assert "Hello &lt;b&gt;there&lt;/b&gt;" in html
    [row] = office.rows()
    assert (row.start, len(office.texts())) == (at("2026-11-24 10:00"), 1)


async def test_both_clocks_are_shown_where_they_differ(client):
    fields = await form(client, zone="America/New_York")
    answer = await client.post(PAGE, data={**fields, **TYPED})
    html = await text(answer)
    assert "4:00\u202fAM" in html
    assert "For Alice Hartmann: 10:00\u202fAM" in html


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 300}, "name"),
        ({"name": "a\r\nBcc: b@example.org"}, "name"),
        ({"email": ""}, "email"),
        ({"email": "joerg"}, "email"),
        ({"email": "a@example.org, b@example.org"}, "email"),
        ({"email": "a@example.org\nBcc: b@example.org"}, "email"),
        ({"note": "x" * 3000}, "note"),
    ],
)
async def test_errors_stand_at_their_field_and_what_was_typed_stays(client, office, typed, field):
    answer = await client.post(PAGE, data={**await form(client), **TYPED, **typed})
    html = await text(answer, 422)
    assert f'id="e-{field}"' in html
    assert "Hello &lt;b&gt;there&lt;/b&gt;" in html or field == "note"
    assert office.rows() == []


async def test_questions_are_asked_and_checked(client, office):
    path = "/alice/consulting"
    fields = await form(client, path=path)
    html = await text(await client.post(path, data={**fields, **TYPED, "q_topic": "Cooking"}), 422)
    assert 'id="e-q_topic"' in html
    assert 'id="e-place"' in html

    await text(await client.post(path, data={**fields, **TYPED, "q_topic": "iTIP", "place": "+49 30 123"}))
    [stored] = office.texts()
    found = icalendar.Calendar.from_ical(stored).walk("VEVENT")[0]
    assert (found["LOCATION"], found["DESCRIPTION"]) == ("+49 30 123", "Hello <b>there</b>\nTopic: iTIP")


async def test_a_slot_gone_meanwhile_keeps_what_was_typed(client):
    fields = await form(client)
    await book(client)
    html = await text(await client.post(PAGE, data={**fields, "key": "o" * 32, **TYPED}), 409)
    assert "Somebody was faster" in html
    assert 'value="joerg@example.org"' in html
    assert 'name="start" value="2026-11-24T08:00:00Z"' in html

    again = {**hidden(html), **TYPED, "start": "2026-11-24T08:00:00Z"}
    refilled = await text(await client.post(PAGE, params={"refill": "1"}, data=again))
    assert hidden(refilled)["start"] == "2026-11-24T08:00:00Z"
    assert 'value="joerg@example.org"' in refilled


async def test_a_double_click_books_once(client, office):
    fields = {**await form(client), **TYPED}
    answers = await asyncio.gather(*(client.post(PAGE, data=fields, allow_redirects=False) for _ in range(5)))
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(office.rows()) == 1


async def test_of_two_hundred_forms_at_once_one_is_accepted(client, office):
    """Overlapping starts of two event types; each form is another visitor's."""
    forms = [
        (PAGE, await form(client)),
        ("/alice/check-in", await form(client, "2026-11-24T09:15:00Z", "/alice/check-in")),
    ]

    async def send(number):
        path, fields = forms[number % 2]
        data = {**fields, **TYPED, "email": f"guest{number}@example.org", "key": f"{number:032}"}
        async with client.post(path, data=data, allow_redirects=False) as answer:
            await answer.read()
            return answer.status

    statuses = Counter(await asyncio.gather(*(send(number) for number in range(200))))

    assert statuses == {303: 1, 409: 199}
    assert len([row for row in office.rows() if row.status in bookings.BLOCKING]) == 1
    assert (len(office.texts()), len(office.mail_jobs())) == (1, 2)


async def test_cancelling_by_link(client, office):
    path, query = parts(await book(client))
    question = await text(await client.get(path, params={"token": query["token"], "cancel": "1"}))
    assert "Cancel this appointment?" in question
    assert office.rows()[0].status == "accepted"

    html = await text(await client.post(path, data={**hidden(question), "reason": "Ill."}))
    assert "This appointment is cancelled" in html
    assert (office.rows()[0].status, office.texts()) == ("cancelled", [])


async def test_moving_by_link(client, office):
    path, query = parts(await book(client))
    picker = await text(await client.get(path, params={"token": query["token"], "move": "1", "date": "2026-11-25"}))
    target = links(picker, "start")[0]
    question = await text(await client.get(target))
    assert "Move this appointment?" in question
    assert office.rows()[0].sequence == 0

    html = await text(await client.post(path, data=hidden(question)))
    assert "Your appointment has been moved" in html
    [row] = office.rows()
    assert (row.start, row.sequence) == (at("2026-11-25 09:00"), 1)


async def test_moving_onto_a_taken_time_changes_nothing(client, office):
    path, query = parts(await book(client))
    await book(client, "2026-11-25T09:00:00Z", key="o" * 32)
    data = {"token": query["token"], "do": "move", "start": "2026-11-25T09:00:00Z", "zone": "UTC"}
    html = await text(await client.post(path, data=data), 409)
    assert "Nothing was changed" in html
    assert [row.sequence for row in office.rows()] == [0, 0]


async def test_a_wrong_link_tells_nothing(client):
    path, query = parts(await book(client))
    token = query["token"]
    pages = [
        await text(await client.get(where, params={"token": given}), 404)
        for where, given in ((path, token[:-1] + "~"), (path, ""), ("/booking/nothing", token))
    ]
    assert len({page.replace(token, "").replace(path, "") for page in [re.split("</?main", p)[1] for p in pages]}) == 1
    await text(await client.post(path, data={"token": "wrong", "do": "cancel"}), 404)


async def test_the_calendar_file(client, office):
    path, query = parts(await book(client))
    answer = await client.get(f"{path}/invite.ics", params={"token": query["token"]})
    found = icalendar.Calendar.from_ical(await answer.text()).walk("VEVENT")[0]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="invite.ics"'
    assert found["UID"] == office.rows()[0].uid
    assert (await client.get(f"{path}/invite.ics")).status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://127.0.0.1:5232"}, 303),
    ],
)
async def test_forms_of_other_sites_are_not_taken(client, headers, status):
    answer = await client.post(PAGE, data={**await form(client), **TYPED}, headers=headers, allow_redirects=False)
    assert answer.status == status


async def test_what_a_machine_fills_in_is_refused(client, office):
    await text(await client.post(PAGE, data={**await form(client), **TYPED, "homepage": "https://spam.example"}), 400)
    assert office.rows() == []


async def test_one_address_cannot_be_flooded_with_invitations(client, office):
    limits = client.app[LIMITS]
    for _ in range(40):
        limits.did_book("192.0.2.1", TYPED["email"])
    answer = await client.post(PAGE, data={**await form(client), **TYPED}, allow_redirects=False)
    assert (answer.status, office.rows()) == (429, [])
    assert int(answer.headers["Retry-After"]) > 0


async def test_the_week_and_the_list_are_kept_in_the_address(client):
    week = await text(await client.get(PAGE, params={"zone": "Europe/Berlin", "view": "week", "date": "2026-11-25"}))
    assert week.count('<h3 id="a2026') == 7
    assert {parts(found)[1]["view"] for found in links(week, "start")} == {"week"}
    assert {parts(found)[1]["date"] for found in links(week, "start")} == {f"2026-11-{day}" for day in range(23, 28)}

    rows = await text(await client.get(PAGE, params={"zone": "Europe/Berlin", "view": "list"}))
    assert "Next free times" in rows
    assert len(links(rows, "start")) == 32  # two whole days
    later = re.search(r'id="later" href="([^"]+)"', rows)[1].replace("&amp;", "&")
    assert parts(later)[1] == {"zone": "Europe/Berlin", "view": "list", "month": "2026-11", "date": "2026-11-25"}


@pytest.mark.parametrize("view", ["week", "list"])
async def test_a_week_with_nothing_offers_the_next_free_day(client, view):
    html = await text(await client.get("/alice/far-away", params={"view": view, "date": "2026-11-25"}))
    assert ("Next free day" in html, "Next free times" in html) == (view == "week", view == "list")
    assert bool(links(html, "start")) is (view == "list")
    nothing = await text(await client.get("/alice/never", params={"view": view}))
    assert "No free times are open" in nothing


async def test_the_clock_is_remembered(client):
    twelve = await text(await client.get(PAGE, params={"zone": "Europe/Berlin", "lang": "de", "clock": "12"}))
    assert "9:00\u202fAM" in twelve
    assert "9:00\u202fAM" in await text(await client.get(PAGE))
    assert ">09:00</a>" in await text(await client.get(PAGE, params={"clock": "24"}))
    assert ">09:00</a>" in await text(await client.get(PAGE, params={"clock": "13"}))
