"""gateway slots: what can be booked, and why not."""

from datetime import UTC, datetime

import pytest

from gateway.accounts.people import add_person, add_team
from gateway.store import bookings
from gateway.store.database import Database
from tests.cli.run import run_here

TYPE = {
    "title": "Talk",
    "length": 30,
    "notice": 0,
    "hours": {"zone": "Europe/Berlin", "weekly": [["09:00-10:30"]] * 7},
}


@pytest.fixture
def folder(db: Database, tmp_path):
    """A house with two event types."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/gateway.toml").write_text(f'[database]\nurl = "sqlite:///{tmp_path}/gateway.sqlite"\n')

    def furnish(conn):
        now = int(datetime.now(UTC).timestamp())
        ada = add_person(conn, "ada", "ada@example.com", zone="Europe/Berlin", now=now)
        team = add_team(conn, "sales", "s@example.com", members=[ada], zone="Europe/Berlin", now=now)
        bookings.put_event_type(conn, ada, "talk", TYPE)
        bookings.put_event_type(conn, ada, "intro", TYPE)
        bookings.put_event_type(conn, team, "intro", TYPE)

    db.write_now(furnish)
    return tmp_path


def test_the_free_times_of_some_days(folder):
    done = run_here(folder, "slots", "talk", "--from", "2099-01-05", "--to", "2099-01-07")
    assert (done.status, done.err) == (0, "")
    assert "Nothing can be booked in this time." in done.out
    done = run_here(folder, "slots", "ada/talk", "--from", "tomorrow")
    assert done.status == 0
    assert "09:00 09:30 10:00" in done.out
    assert "Next: gateway slots ada/talk --why" in done.out


def test_why_a_time_is_closed(folder):
    done = run_here(folder, "slots", "sales/intro", "--why", "2099-01-05T12:10")
    assert done.status == 0
    assert done.out.splitlines() == [
        "sales/intro cannot be booked: Mon, Jan 5, 12:10\u202fPM, Europe/Berlin",
        "- It is too far ahead: 60 days are open for booking. Change the rules of the event type.",
        "- It is outside the hours of the event type. Change the rules of the event type.",
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param(("intro",), "several have 'intro': ada/intro, sales/intro", id="not unique"),
        pytest.param(("nothing",), "there is no event type 'nothing'", id="unknown"),
        pytest.param(("ada/nothing",), "there is nothing of that name to book here", id="unknown of somebody"),
        pytest.param(("talk", "--zone", "Mars"), "'Mars' is no time zone", id="zone"),
        pytest.param(("talk", "--why", "noon"), "'noon' is no time", id="time"),
        pytest.param(("talk", "--to", "2020-01-01"), "--to has to be after --from", id="span"),
    ],
)
def test_what_cannot_be_meant(folder, given, said):
    done = run_here(folder, "slots", *given)
    assert (done.status, done.lines) == (1, 1)
    assert said in done.err
