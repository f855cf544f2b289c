"""Two hundred people who want the same hour of Alice's, at the same moment."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

from aiohttp import ClientSession, TCPConnector

from gateway.booking.model import Place
from gateway.demo.seed import at_google
from gateway.demo.seed.people import EVENT_TYPES
from gateway.store import bookings
from tests.story.stage import BERLIN, Stage

OFFICE = Place.model_validate(EVENT_TYPES["consulting"]["places"][0])
WISHES = (
    ("one-on-one", "13:00", ""),
    ("check-in", "13:15", "+49 30 5550100"),
    ("consulting", "12:30", ""),
    ("consulting", "13:00", ""),
)
"""Each overlaps each other one. The last is the phone number that is asked for."""


def instant(clock: str) -> str:
    """On the page's terms, of a clock time in Berlin."""
    start = datetime.fromisoformat(f"2026-11-06T{clock}").replace(tzinfo=BERLIN).astimezone(UTC)
    return f"{start:%Y-%m-%dT%H:%M:%SZ}"


async def test_two_hundred_at_once_make_one_booking_one_event_and_one_pair_of_mails(stage: Stage) -> None:
    for slug, clock, _ in WISHES:
        form = stage.http("GET", f"/alice/{slug}?start={instant(clock)}").text
        assert f'name="start" value="{instant(clock)}"' in form
    async with ClientSession(stage.base, connector=TCPConnector(limit=200)) as http:

        async def post(number: int) -> int:
            slug, clock, place = WISHES[number % len(WISHES)]
            form = {
                "name": f"Guest {number}",
                "email": f"guest{number}@nordwind.example",
                "start": instant(clock),
                "zone": "Europe/Berlin",
                "place": place,
                "where": OFFICE.key,
                "key": f"{number:032}",
            }
            async with http.post(f"/alice/{slug}", data=form, allow_redirects=False) as answer:
                return answer.status

        statuses = Counter(await asyncio.gather(*(post(number) for number in range(200))))
    stage.pass_time(60)

    assert statuses == {303: 1, 409: 199}
    [booked] = stage.read(bookings.of_user, stage.person("alice").id)
    made = [one for one in stage.do(stage.world.google.events, at_google.ALICE) if "Guest" in one["summary"]]
    assert [one["iCalUID"] for one in made] == [booked.uid]
    guest = booked.document["invitee"]["email"]
    assert sorted(one.recipients for one in stage.world.mail.messages) == [("alice@example.com",), (guest,)]
    assert stage.do(lambda: list(stage.world.google.mails)) == []
