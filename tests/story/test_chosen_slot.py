"""An event that comes into being at the source a second before somebody books: the index does not know it yet."""

from datetime import UTC, datetime

import pytest
import requests

from gateway.store import bookings
from tests.story.stage import BERLIN, PATIENCE, Stage

DAY = "2026-11-05"


def utc(clock: str) -> str:
    return f"{datetime.fromisoformat(f'{DAY}T{clock}').replace(tzinfo=BERLIN).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def send(stage: Stage, clock: str, number: int) -> requests.Response:
    form = {"name": "Erika Extern", "email": f"e{number}@nordwind.example", "zone": "Europe/Berlin", "place": "030 1"}
    url = f"{stage.base}/alice/check-in"
    return requests.post(url, data={**form, "start": utc(clock)}, timeout=PATIENCE, allow_redirects=False)


def requests_of(stage: Stage) -> list[str]:
    world = stage.world
    return [str(one) for one in (*world.google.requests, *world.microsoft.requests)]


@pytest.mark.parametrize(("provider", "clock"), [("google", "13:00"), ("microsoft", "14:30")])
def test_it_takes_the_time_and_a_look_at_the_page_asks_nobody(stage: Stage, provider: str, clock: str) -> None:
    before = stage.do(requests_of, stage)
    page = stage.http("GET", f"/alice/check-in?start={utc(clock)}&zone=Europe/Berlin").text
    assert f'name="start" value="{utc(clock)}"' in page
    assert stage.do(requests_of, stage) == before

    stage.at(provider, do="add", summary="At the last moment", start=f"{DAY}T{clock}")
    refused = send(stage, clock, 1)
    assert (refused.status_code, "Somebody was faster" in refused.text) == (409, True)
    asked = stage.do(requests_of, stage)[len(before) :]
    assert any("freeBusy" in one or "calendarView" in one for one in asked)

    stage.pass_time(1)
    assert f"start={utc(clock)}" not in stage.http("GET", f"/alice/check-in?date={DAY}&zone=UTC").text


def test_a_cloud_that_is_down_does_not_keep_people_from_booking(stage: Stage) -> None:
    google = stage.world.google
    stage.do(google.fail_next, 503, times=3, path="freeBusy")
    try:
        assert send(stage, "15:30", 3).status_code == 303
    finally:
        stage.do(google.recover)
    assert any(row.status == "accepted" for row in stage.read(bookings.of_user, stage.person("alice").id))
