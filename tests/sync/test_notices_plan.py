"""What is done about channels, and how often is looked: tables."""

import pytest

from gateway.config import Settings
from gateway.store.accounts import CalendarRow
from gateway.store.channels import ChannelRow, State
from gateway.sync.notices.plan import GRACE, REPLACE_EVERY, plan
from gateway.sync.notices.standing import address, interval

NOW = 1_000_000.0
HERE = "https://gateway.example/hooks/google"
DAY = 86_400.0


def calendar(key):
    return CalendarRow(
        *(key, 1, 1, "google", f"remote {key}", f"Calendar {key}", "", "UTC"),
        **{"writable": True, "merged": True, "busy": True, "tentative_busy": True, "destination": False, "gone": False},
        **{"position": key, "token": None, "synced": None},
    )


def row(state, **changes):
    values = {"opened": NOW - DAY, "since": NOW - DAY, "renew": NOW + DAY, "expires": NOW + 2 * DAY}
    values |= {"address": HERE, "remote_id": "theirs", **changes}
    return ChannelRow("key", 1, 1, values.pop("calendar", 7), state, digest="", **values)


def todo(rows, calendars=(7,), where=HERE, now=NOW):
    found = plan(rows, [calendar(key) for key in calendars], where, now)
    names = ("open", "renew", "replace", "stop", "forget")
    return {name for name in names if getattr(found, name)}, found.due


@pytest.mark.parametrize(
    ("rows", "calendars", "wanted"),
    [
        pytest.param([], (7,), {"open"}, id="none yet"),
        pytest.param([], (), set(), id="nothing to watch"),
        pytest.param([row(State.LIVE)], (7,), set(), id="all well"),
        pytest.param([row(State.LIVE)], (), {"stop"}, id="turned off"),
        pytest.param([row(State.LIVE, address="https://old.example")], (7,), {"open", "stop"}, id="we moved"),
        pytest.param([row(State.LIVE, renew=NOW)], (7,), {"renew"}, id="to be renewed"),
        pytest.param([row(State.LIVE, renew=NOW - DAY, expires=NOW)], (7,), {"open", "forget"}, id="ended meanwhile"),
        pytest.param([row(State.OPENING, remote_id="")], (7,), {"open"}, id="an opening without answer"),
        pytest.param([row(State.OPENING)], (7,), {"open", "stop"}, id="an opening that was heard of"),
        pytest.param([row(State.ENDING)], (), {"stop"}, id="not stopped yet"),
        pytest.param([row(State.REFUSED)], (7,), set(), id="refused lately"),
        pytest.param([row(State.REFUSED, renew=NOW)], (7,), {"open", "forget"}, id="refused long ago"),
        pytest.param([row(State.REFUSED)], (), {"forget"}, id="refused, and not wanted any more"),
        pytest.param([row(State.MISSED, since=NOW - GRACE + 1)], (7,), set(), id="the notice may yet come"),
        pytest.param([row(State.MISSED, since=NOW - GRACE)], (7,), {"replace"}, id="mistrusted"),
        pytest.param(
            [row(State.MISSED, since=NOW - GRACE, opened=NOW - REPLACE_EVERY + 1)], (7,), set(), id="not every minute"
        ),
        pytest.param([row(State.PROBATION)], (7,), set(), id="on probation"),
    ],
)
def test_what_is_to_be_done(rows, calendars, wanted):
    assert todo(rows, calendars)[0] == wanted


def test_without_an_address_all_channels_are_stopped():
    assert todo([row(State.LIVE), row(State.REFUSED)], where=None)[0] == {"stop", "forget"}


def test_channels_are_looked_at_again_when_the_first_of_them_needs_it():
    rows = [row(State.LIVE, renew=NOW + 500), row(State.REFUSED, renew=NOW + 900, calendar=8)]
    assert todo(rows, (7, 8))[1] == NOW + 500
    assert todo([row(State.MISSED, since=NOW - 10)])[1] == NOW - 10 + GRACE
    assert todo([])[1] is None


@pytest.mark.parametrize(
    ("base", "endpoint", "kind", "found"),
    [
        ("https://cal.example", "https://www.googleapis.com", "google", "https://cal.example/hooks/google"),
        ("https://cal.example", "https://www.googleapis.com", "outlook", "https://cal.example/hooks/microsoft"),
        ("http://cal.example", "https://www.googleapis.com", "google", None),
        ("http://127.0.0.1:5232", "https://www.googleapis.com", "google", None),
        ("https://localhost", "https://www.googleapis.com", "google", None),
        ("http://127.0.0.1:5232", "http://127.0.0.1:9000", "google", "http://127.0.0.1:5232/hooks/google"),
        ("https://cal.example", "https://www.googleapis.com", "caldav", None),
    ],
)
def test_where_providers_reach_us(base, endpoint, kind, found):
    settings = Settings(server={"base_url": base}, google={"api_endpoint": endpoint})

    assert address(settings, kind) == found
    assert address(settings.model_copy(update={"sync": settings.sync.model_copy(update={"push": False})}), kind) is None


@pytest.mark.parametrize(
    ("until", "seconds"),
    [
        pytest.param(0.0, 300, id="no notices"),
        pytest.param(NOW, 300, id="they just ended"),
        pytest.param(NOW + DAY, 1_800, id="live"),
        pytest.param(NOW + 700, 700, id="no longer than they come"),
        pytest.param(NOW + 10, 300, id="never faster than without"),
    ],
)
def test_how_often_is_looked(until, seconds):
    assert interval(Settings(), until, NOW) == seconds


def test_sources_do_not_become_stale_for_lack_of_looks():
    settings = Settings(sync={"poll_with_push": 86_400}, booking={"stale_after": 3_600})

    assert interval(settings, NOW + DAY, NOW) == 1_800
