"""/tz: time zones by reference."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from tests.web.site import text

ERRORS = "urn:ietf:params:tzdist:error:"
YEAR = {"start": "2026-01-01T00:00:00Z", "end": "2027-01-01T00:00:00Z"}


async def test_the_way_there(client):
    answer = await client.get("/.well-known/timezone", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (301, "/tz")
    actions = (await (await client.get("/tz/capabilities")).json())["actions"]
    assert [one["name"] for one in actions] == ["capabilities", "list", "get", "expand", "find"]


async def test_all_zones(client):
    answer = await client.get("/tz/zones")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    found = await answer.json()
    names = {one["tzid"]: one for one in found["timezones"]}
    assert len(names) > 300
    assert "GB" in names["Europe/London"]["aliases"]
    assert names["Europe/Berlin"]["version"] == found["synctoken"]
    later = await (await client.get("/tz/zones", params={"changedsince": found["synctoken"]})).json()
    assert later == {"synctoken": found["synctoken"], "timezones": []}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("europe/berlin", {"Europe/Berlin"}),
        ("GB", {"Europe/London"}),
        ("*new york", {"America/New_York"}),
        ("*york*", {"America/New_York"}),
        ("Antarctica/Maw*", {"Antarctica/Mawson"}),
        ("York", set()),
    ],
)
async def test_zones_by_a_part_of_their_name(client, pattern, names):
    found = await (await client.get("/tz/zones", params={"pattern": pattern})).json()
    assert names <= {one["tzid"] for one in found["timezones"]}
    assert len(found["timezones"]) <= len(names) + 2


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "GB", "Asia/Kolkata", "Africa/Casablanca"])
async def test_a_zone(client, name):
    for path in (f"/tz/zones/{name}", f"/tz/zones/{name.replace('/', '%2F')}"):
        answer = await client.get(path)
        body = await text(answer)
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        [zone] = Calendar.from_ical(body).walk("VTIMEZONE")
        assert str(zone["TZID"]) == name
        again = await client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status == 304


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "GB", "Asia/Kolkata", "Pacific/Apia"])
async def test_the_changes_of_a_clock(client, name):
    asked = {"start": "2009-01-01T00:00:00Z", "end": "2012-01-01T00:00:00Z"}
    found = await (await client.get(f"/tz/zones/{name}/observances", params=asked)).json()
    assert found["tzid"] == name
    first, *later = found["observances"]
    assert first["onset"] == asked["start"]
    before = first["utc-offset-to"]
    for one in later:
        at = datetime.fromisoformat(one["onset"]).timestamp()
        clock = [datetime.fromtimestamp(at + by, UTC).astimezone(ZoneInfo(name)).utcoffset() for by in (-1, 0)]
        assert [offset.total_seconds() for offset in clock] == [one["utc-offset-from"], one["utc-offset-to"]]
        assert one["utc-offset-from"] == before
        before = one["utc-offset-to"]
    last = datetime(2011, 12, 31, 23, tzinfo=UTC).astimezone(ZoneInfo(name)).utcoffset()
    assert last.total_seconds() == before


@pytest.mark.parametrize(
    ("path", "params", "status", "error"),
    [
        ("/tz", {}, 400, "invalid-action"),
        ("/tz/leapseconds", {}, 400, "invalid-action"),
        ("/tz/zones/Mars/Olympus", {}, 404, "tzid-not-found"),
        ("/tz/zones/europe/berlin", {}, 404, "tzid-not-found"),
        ("/tz/zones/Mars/Olympus/observances", YEAR, 404, "tzid-not-found"),
        ("/tz/zones/Europe/Berlin/observances", {}, 400, "invalid-start"),
        ("/tz/zones/Europe/Berlin/observances", {**YEAR, "start": "2026"}, 400, "invalid-start"),
        ("/tz/zones/Europe/Berlin/observances", [*YEAR.items(), ("start", YEAR["start"])], 400, "invalid-start"),
        ("/tz/zones/Europe/Berlin/observances", {**YEAR, "end": "soon"}, 400, "invalid-end"),
        ("/tz/zones/Europe/Berlin/observances", {**YEAR, "end": YEAR["start"]}, 400, "invalid-end"),
        ("/tz/zones", {"changedsince": "1999a"}, 400, "invalid-changedsince"),
        ("/tz/zones", {"pattern": "*"}, 400, "invalid-pattern"),
        ("/tz/zones", {"pattern": "a", "changedsince": "b"}, 400, "invalid-pattern"),
    ],
)
async def test_what_is_refused(client, path, params, status, error):
    answer = await client.get(path, params=params)
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert (await answer.json(content_type=None))["type"] == ERRORS + error
