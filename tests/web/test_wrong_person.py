"""A mail that reached somebody who booked nothing: they say so, and it is over."""

import re
from datetime import UTC
from html import unescape
from urllib.parse import parse_qs, urlsplit

import icalendar

from gateway.booking.model import details
from gateway.store import bookings
from tests.web.site import text
from tests.web.test_booking_pages import TEN, book, parts


async def test_one_tap_cancels_and_tells_the_host(client, office):
    path, query = parts(await book(client))
    assert query.pop("new") == "1"
    shown = await text(await client.get(path, params=query))
    link = unescape(re.search(r'class="wrong-person"><a href="([^"]+)"', shown)[1])
    asked = await text(await client.get(link))
    assert "joerg@example.org" in asked
    assert [row.status for row in office.rows()] == ["accepted"]  # a program that follows links changes nothing

    done = await text(await client.post(path, data={"token": query["token"], "do": "wrong"}))
    assert "Alice Hartmann knows that the address was wrong" in done
    [row] = office.rows()
    assert (row.status, details(row).disowned, office.texts()) == ("cancelled", True, [])
    kinds = [(to, kind) for to, kind, sequence in office.mail_jobs() if sequence == 1]
    assert kinds == [("host", "cancelled"), ("invitee", "cancelled")]
    token = office.desk.sealer.open(details(row).host_token.encode())
    assert "says that they did not book it" in await text(await client.get(path, params={"token": token}))


async def test_it_is_never_too_late_and_only_theirs(client, office):
    office.db.write_now(
        bookings.put_event_type, office.alice.id, "one-on-one", {"title": "Talk", "cancel_until": 60 * 24 * 30}
    )
    path, query = parts(await book(client))
    [row] = office.rows()
    token = office.desk.sealer.open(details(row).host_token.encode())
    assert "wrong-person" not in await text(await client.get(path, params={"token": token}))
    assert (await client.post(path, data={"token": token, "do": "wrong"})).status == 409
    assert (await client.post(path, data={"token": query["token"], "do": "cancel"})).status == 409
    assert (await client.post(path, data={"token": query["token"], "do": "wrong"})).status == 200
    assert [row.status for row in office.rows()] == ["cancelled"]


async def test_the_calendars_of_the_page_and_the_file_say_the_same(client, office):
    path, query = parts(await book(client))
    shown = await text(await client.get(path, params=query))
    [google] = [unescape(one) for one in re.findall(r'href="(https://calendar\.google\.com/[^"]+)"', shown)]
    [span] = parse_qs(urlsplit(google).query)["dates"]
    file = icalendar.Calendar.from_ical(await text(await client.get(f"{path}/invite.ics", params=query)))
    [event] = file.walk("VEVENT")
    utc = [event[name].dt.astimezone(UTC) for name in ("DTSTART", "DTEND")]
    assert span == "/".join(one.strftime("%Y%m%dT%H%M%SZ") for one in utc)
    assert span.startswith(TEN.replace("-", "").replace(":", ""))
    assert event["UID"] == office.rows()[0].uid
    assert "token" not in google
