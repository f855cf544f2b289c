"""The page that explains a day to whoever is booked."""

import re

import pytest

from gateway.store import bookings
from tests.booking.team import Team
from tests.booking.test_explain import write
from tests.web.site import sign_in, text

LATER = {"type": "alice/one-on-one", "day": "2026-11-24"}


def cells(html):
    """The table's rows, without markup."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [" | ".join(re.sub("<[^>]+>", " ", cell).strip() for cell in re.split("</th>", row)) for row in rows]


async def test_a_typed_time_is_answered(client, office):
    write(office, "talk", "4T1330", "4T1430", "<b>Dentist</b>")
    await sign_in(client)
    html = await text(await client.get("/app/why", params={**LATER, "time": "14:30", "lang": "de"}))
    assert "Di., 24. Nov., 14:30 ist nicht buchbar:" in html
    assert "<li>Alice Hartmann hat „&lt;b&gt;Dentist&lt;/b&gt;“ (Privat), 14:30 – 15:30.</li>" in html
    html = await text(await client.get("/app/why", params={**LATER, "time": "09:00", "lang": "de"}))
    assert "Ja, Di., 24. Nov., 09:00 ist buchbar." in html


async def test_the_rule_that_closes_it_can_be_changed_by_whoever_may(client, office):
    row = office.db.read_now(bookings.event_type, office.alice.id, "far-away")
    await sign_in(client)
    html = await text(await client.get("/app/why", params={**LATER, "type": "alice/far-away", "time": "10:00"}))
    assert f'href="/app/event-types/{row.id}">Change the rules of the event type' in html
    Team(office)
    html = await text(await client.get("/app/why", params={**LATER, "type": "sales/demo", "time": "15:10"}))
    assert "Change the rules of the event type." in html
    assert "/app/event-types/" not in html.partition('class="because"')[2].partition("</ul>")[0]


async def test_a_day_is_a_picture_and_the_same_in_words(client, office):
    write(office, "talk", "4T1100", "4T1600", "Workshop")
    await sign_in(client)
    html = await text(await client.get("/app/why", params={**LATER, "lang": "de"}))
    assert re.findall(r'<rect class="(work|busy)" x="(\d+)" y="\d" width="(\d+)"', html) == [
        ("work", "540", "480"), ("busy", "720", "300")
    ]  # fmt: skip
    assert html.count('<rect class="free"') == 5 + 1  # and the legend
    assert cells(html) == [
        "00:00 – 09:00 | Das liegt außerhalb der Arbeitszeiten von Alice Hartmann.",
        "09:00 – 11:16 | Buchbar um 09:00, 09:30, 10:00, 10:30, 11:00.",
        "11:16 – 11:31 | Zu nah an „Workshop“ (Privat) von Alice Hartmann, 12:00 – 17:00: Die Zeit davor und danach"
        " bleibt frei.",
        "11:31 – 16:31 | Alice Hartmann hat „Workshop“ (Privat), 12:00 – 17:00.",
        "16:31 – 17:00 | Das liegt außerhalb der Arbeitszeiten von Alice Hartmann. Alice Hartmann hat „Workshop“"
        " (Privat), 12:00 – 17:00.",
        "17:00 – 00:00 (Mi., 25. Nov.) | Das liegt außerhalb der Arbeitszeiten von Alice Hartmann.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"type": "bob/secret", "day": "2026-13-45", "time": "99:99"},
        {"type": "../..", "day": "8999-01-01", "time": "<script>"},
        {"type": "alice/never", "day": "0001-01-01", "time": "24:00"},
    ],
)
async def test_what_cannot_be_meant_shows_something_sensible(client, query):
    await sign_in(client)
    html = await text(await client.get("/app/why", params=query))
    assert 'id="h-day"' in html
    assert "<script>" not in html
