"""Webhooks through the API, and that they say what the API says."""

import json

from gateway.booking.book import book
from gateway.store import webhooks
from tests.booking.office import wish

URL = "https://hooks.example.com/bookings"


async def test_made_changed_tested_and_removed(api, key_for):
    status, made, headers = await api("POST", "/webhooks", {"url": URL})
    assert (status, headers["Location"]) == (201, f"/api/v1/webhooks/{made['id']}")
    assert (made["owner"], made["active"], len(made["events"])) == ("alice", True, 8)
    assert made.pop("secret").startswith("whsec_")
    path = f"/webhooks/{made['id']}"
    assert (await api("GET", path))[1] == made
    assert (await api("GET", "/webhooks"))[1] == {"items": [made], "next": None}
    assert (await api("GET", path, key=key_for(name="bob")))[0] == 404
    status, changed, _ = await api("PUT", path, {"url": URL, "events": ["booking.created"], "active": False})
    assert (status, changed["active"], changed["events"]) == (200, False, ["booking.created"])
    assert (await api("POST", f"{path}/test", {}))[0] == 200
    _, log, _ = await api("GET", f"{path}/deliveries")
    assert [(one["type"], one["state"], one["attempts"]) for one in log["items"]] == [("test", "waiting", 0)]
    for wrong in ({"url": "http://127.0.0.1/", "events": ["booking.created"]}, {"url": URL, "events": []}):
        assert (await api("PUT", path, wrong))[0] == 422
    assert (await api("POST", "/webhooks", {"url": URL, "team": "sales"}))[0] == 404
    assert (await api("DELETE", path))[0] == 204
    assert (await api("GET", path))[0] == 404


async def test_what_they_say_of_a_booking_is_what_the_api_says(api, office):
    _, made, _ = await api("POST", "/webhooks", {"url": URL})
    booked = await book(office.desk, "alice", "one-on-one", wish(note="Hello"))
    [log] = office.db.read_now(webhooks.deliveries, made["id"])
    told = json.loads(office.desk.sealer.open(log.body.encode()))
    assert (told["id"], told["type"]) == (log.event, "booking.created")
    assert told["booking"] == (await api("GET", f"/bookings/{booked.row.uid}"))[1]
