"""What an event type may ask for and allow, on the pages."""

import re
from datetime import timedelta
from typing import Final

import icalendar
import pytest

from gateway.booking.model import Place
from gateway.store import bookings
from tests.booking.office import at
from tests.web.site import hidden, links, text
from tests.web.test_booking_pages import TEN, TYPED, form, parts

PATH = "/alice/optional"
QUESTIONS = [
    {"name": "topics", "label": "Topics", "kind": "several", "options": ["CalDAV", "iTIP", "SMTP"], "required": True},
    {"name": "terms", "label": {"en": "I agree", "de": "Einverstanden"}, "kind": "yes", "required": True},
    {"name": "news", "label": {"en": "Newsletter", "de": "Rundbrief"}, "kind": "yes"},
    {"name": "people", "label": "How many", "kind": "number"},
]


@pytest.fixture
def offer(office):
    """Sets the event type."""

    def put(**more):
        document = {"title": "Optional", "length": 30, **more}
        office.db.write_now(bookings.put_event_type, office.alice.id, "optional", document)

    return put


async def booked(client, **typed):
    data = {**await form(client, path=PATH), **TYPED, **typed}
    return await client.post(PATH, data=data, allow_redirects=False)


def vevent(office):
    [stored] = office.texts()
    return icalendar.Calendar.from_ical(stored).walk("VEVENT")[0]


async def test_boxes_and_numbers_reach_the_event(client, office, offer):
    offer(questions=QUESTIONS)
    typed = {"q_topics": ["SMTP", "CalDAV"], "q_terms": "yes", "q_people": "12"}
    assert (await booked(client, **typed)).status == 303
    lines = vevent(office)["DESCRIPTION"].split("\n")[1:]
    assert lines == ["Topics: CalDAV, SMTP", "Einverstanden: ja", "Rundbrief: nein", "How many: 12"]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, ["q_topics", "q_terms"]),
        ({"q_topics": "Cooking", "q_terms": "yes"}, ["q_topics"]),
        ({"q_topics": ["iTIP", "x\r\ny"], "q_terms": "yes"}, ["q_topics"]),
        ({"q_topics": "iTIP", "q_terms": "yes", "q_people": "many"}, ["q_people"]),
        ({"q_topics": "CalDAV\niTIP", "q_terms": "no"}, ["q_terms"]),
    ],
)
async def test_wrong_answers_stand_at_their_field_and_the_right_ones_stay(client, office, offer, typed, wrong):
    offer(questions=QUESTIONS)
    html = await text(await booked(client, **typed), 422)
    found = [name for name in ("q_topics", "q_terms", "q_news", "q_people") if f'id="e-{name}"' in html]
    assert (found, office.rows()) == (wrong, [])
    ticked = typed.get("q_topics", [])
    assert ('value="iTIP" checked' in html) is ("iTIP" in ticked)


async def test_a_private_event_says_so_to_the_calendar_alone(client, office, offer):
    offer(private=True)
    answer = await booked(client)
    assert vevent(office)["CLASS"] == "PRIVATE"
    path, query = parts(answer.headers["Location"])
    again = await client.post(path, data={**query, "do": "move", "start": "2026-11-25T09:00:00Z", "zone": "UTC"})
    assert again.status == 200
    assert vevent(office)["CLASS"] == "PRIVATE"


async def test_only_the_first_start_of_each_day(client, offer):
    offer(first_slot_only=True)
    html = await text(await client.get(PATH, params={"zone": "Europe/Berlin", "date": "2026-11-24"}))
    assert len(links(html, "start")) == 1
    assert (await booked(client, start=TEN)).status == 409  # at ten, where nine is free


async def test_a_zone_that_cannot_be_changed(client, office, offer):
    offer(lock_zone=True, zone="Asia/Tokyo", hours={"zone": "Asia/Tokyo", "weekly": [["09:00-17:00"]] * 7})
    html = await text(await client.get(PATH, params={"zone": "America/New_York", "date": "2026-11-24"}))
    assert "Times in Tokyo" in html
    assert "Change time zone" not in html
    answer = await booked(client, start="2026-11-24T00:00:00Z", zone="America/New_York")
    assert answer.status == 303
    html = await text(await client.get(answer.headers["Location"]))
    assert "Time in Tokyo" in html


@pytest.mark.parametrize("what", ["move", "cancel"])
async def test_until_when_an_invitee_can_change_it(client, office, offer, what):
    offer(**{f"{what}_until": 120})
    path, query = parts((await booked(client)).headers["Location"])
    token = {"token": query["token"]}
    data = {**token, "do": what, "start": "2026-11-25T09:00:00Z", "zone": "UTC"}
    asked = {"move": "Until now", "cancel": "Cancel this appointment?"}[what]

    office.now = at("2026-11-24 08:00")
    assert asked in await text(await client.get(path, params={**token, what: "1"}))
    office.now += 1
    page = await text(await client.get(path, params={**token, what: "1"}))
    assert asked not in page
    assert "It is too late for this. Please write to Alice Hartmann." in page
    assert f"{what}=1" not in page.split("<main")[1].split("</main")[0]
    assert "It is too late for this." in await text(await client.post(path, data=data), 409)
    [row] = office.rows()
    assert (row.status, row.sequence) == ("accepted", 0)

    host = office.desk.sealer.open(row.document["host_token"].encode())
    await text(await client.post(path, data={**data, "token": host}))
    assert office.rows()[0].sequence == 1


class TestPlaces:
    PLACES = (
        {"kind": "in-person", "text": "Lindenstraße 7, <Berlin>"},
        {"kind": "call-invitee"},
        {"kind": "ask-invitee"},
        {"kind": "none"},
    )
    KEYS = tuple(Place(**place).key for place in PLACES)

    async def test_one_is_chosen_and_asks_what_only_it_asks(self, client, office, offer):
        offer(places=self.PLACES)
        page = await text(await client.get(PATH, params={"start": TEN}))
        assert page.count('type="radio"') == 4
        assert "Lindenstraße 7, &lt;Berlin&gt;" in page
        assert page.count('name="place_') == 2

        refused = await text(await booked(client, where=self.KEYS[1], **{f"place_{self.KEYS[2]}": "Café"}), 422)
        assert f'id="e-place_{self.KEYS[1]}"' in refused
        assert f'id="e-place_{self.KEYS[2]}"' not in refused
        assert 'value="Café"' in refused
        assert f'value="{self.KEYS[1]}" checked' in refused

        answers = {f"place_{self.KEYS[1]}": "+49 30 123", f"place_{self.KEYS[2]}": "Café"}
        answer = await booked(client, where=self.KEYS[1], **answers)
        assert vevent(office)["LOCATION"] == "+49 30 123"
        assert "+49 30 123" in await text(await client.get(answer.headers["Location"]))

    @pytest.mark.parametrize("where", ["", "0", "0" * 12, "'"])
    async def test_none_of_them_is_refused(self, client, office, offer, where):
        offer(places=self.PLACES)
        page = await text(await booked(client, where=where), 422)
        assert "Please choose one of the places." in page
        assert office.rows() == []

    async def test_only_one_leaves_nothing_to_choose(self, client, office, offer):
        offer(places=self.PLACES[:1])
        assert 'type="radio"' not in await text(await client.get(PATH, params={"start": TEN}))
        assert (await booked(client)).status == 303
        assert vevent(office)["LOCATION"] == "Lindenstraße 7, <Berlin>"


class TestLengths:
    DAY: Final = {"zone": "Europe/Berlin", "date": "2026-11-24"}

    async def test_one_is_chosen_by_a_link_and_everything_has_it(self, client, office, offer):
        offer(lengths=[60, 15], limits=[{"per": "day", "minutes": 90}])
        page = await text(await client.get(PATH, params=self.DAY))
        assert re.findall(r'id="length-(\d+)"', page) == ["15", "30", "60"]
        page = await text(await client.get(PATH, params={**self.DAY, "minutes": "60"}))
        assert all("minutes=60" in one for one in links(page, "start"))
        assert len(links(page, "start")) == 8

        shown = await text(await client.get(PATH, params={**self.DAY, "minutes": "60", "start": TEN}))
        assert hidden(shown)["minutes"] == "60"
        assert "10:00\u202fAM – 11:00\u202fAM" in shown
        assert (await booked(client, minutes="60")).status == 303
        [row] = office.rows()
        assert row.end - row.start == 3600
        assert vevent(office).decoded("DTEND") - vevent(office).decoded("DTSTART") == timedelta(hours=1)
        assert links(await text(await client.get(PATH, params={**self.DAY, "minutes": "60"})), "start") == []
        assert links(await text(await client.get(PATH, params={**self.DAY, "minutes": "30"})), "start") != []

    @pytest.mark.parametrize("minutes", ["45", "0", "-30", "3e1", "", "99999999999999999999"])
    async def test_a_forged_one_is_refused(self, client, office, offer, minutes):
        offer(lengths=[60])
        assert (await booked(client, minutes=minutes)).status == 422
        assert office.rows() == []
        held = await client.post(f"{PATH}/hold", params={"minutes": minutes}, data={"start": TEN, "zone": "UTC"})
        assert held.status == 204  # the usual one
        assert "30 min" in await text(await client.get(PATH, params={"minutes": minutes}))

    async def test_a_time_is_held_as_long_as_it_was_chosen(self, client, offer):
        offer(lengths=[60])
        asked = {"start": TEN, "zone": "Europe/Berlin"}
        await client.post(f"{PATH}/hold", params={"minutes": "60"}, data=asked)
        client.session.cookie_jar.clear()
        data = {**await form(client, path=PATH, start="2026-11-24T10:00:00Z"), **TYPED}
        assert (await client.post(PATH, data={**data, "start": "2026-11-24T09:30:00Z"})).status == 409
        assert (await client.post(PATH, data=data)).status == 200

    async def test_a_booking_keeps_its_own_when_it_is_moved(self, client, office, offer):
        offer(lengths=[60])
        path, query = parts((await booked(client, minutes="60")).headers["Location"])
        offer()
        page = await text(await client.get(path, params={**query, "move": "1", **self.DAY}))
        assert ("1 hr" in page or "1 h" in page, "minutes=" in page) == (True, False)
        moved = {"token": query["token"], "do": "move", "start": "2026-11-25T09:00:00Z", "zone": "UTC"}
        assert (await client.post(path, data=moved)).status == 200
        [row] = office.rows()
        assert (row.start, row.end) == (at("2026-11-25 10:00"), at("2026-11-25 11:00"))

    async def test_the_profile_names_all_of_them(self, client, offer):
        offer(lengths=[60])
        assert "30 min or 1 h" in await text(await client.get("/alice"))
