"""Which of them are offered: notice, window, limits, bookings, seats, several hosts, series."""

from datetime import date

import pytest

from gateway.booking.slots import (
    Asked,
    Between,
    BookableDays,
    Host,
    Limit,
    Mode,
    Per,
    Rolling,
    Rules,
    Series,
    available,
    is_bookable,
    reach,
    slots,
)
from tests.booking.slots.sample import BERLIN, ask, at, booking, busy, hours, offered


@pytest.mark.parametrize(
    ("rules", "now", "expected"),
    [
        pytest.param(Rules(30), "2026-06-10T10:10", "10:30 11:00 11:30", id="now filters, the grid stays"),
        pytest.param(Rules(30), "2026-06-10T10:30", "10:30 11:00 11:30", id="this very minute"),
        pytest.param(Rules(30), "2026-06-10T10:30:01", "11:00 11:30", id="a second late"),
        pytest.param(Rules(30, notice=60), "2026-06-10T10:10", "11:30", id="notice"),
        pytest.param(Rules(50), "2026-06-10T10:05", "10:40", id="odd step keeps its phase"),
    ],
)
def test_now_and_notice(rules, now, expected):
    assert offered(ask(rules, Host("a", hours("09:00-12:00")), now=now)) == expected


@pytest.mark.parametrize(
    ("window", "zone", "expected"),
    [
        pytest.param(Rolling(2), BERLIN, "05.09:00 06.09:00 07.09:00", id="today and two more days"),
        pytest.param(Rolling(0), BERLIN, "05.09:00", id="today only"),
        pytest.param(
            Rolling(1, business=True), BERLIN, "05.09:00 06.09:00 07.09:00 08.09:00", id="one business day: Monday"
        ),
        # at Friday 00:30 in Berlin it is still Thursday in New York
        pytest.param(Rolling(1), "America/New_York", "05.09:00", id="the invitee's today"),
        pytest.param(BookableDays(2), BERLIN, "05.09:00 06.09:00", id="two days that have something"),
        pytest.param(
            Between(date(2026, 6, 6), date(2026, 6, 7)), BERLIN, "06.09:00 07.09:00", id="fixed dates, both ends"
        ),
    ],
)
def test_window(window, zone, expected):
    asked = ask(Rules(60, window=window), Host("a", hours("09:00-10:00")), now="2026-06-05T00:30", zone=zone)

    assert offered(asked, "2026-06-05", "2026-06-12") == expected


def test_bookable_days_pass_over_days_without_anything_even_if_they_are_not_asked_for():
    host = Host("a", hours("09:00-10:00", days=[0, 3]))
    asked = ask(Rules(60, window=BookableDays(3)), host, now="2026-06-05T00:30")

    assert offered(asked, "2026-06-05", "2026-06-30") == "08.09:00 11.09:00 15.09:00"
    assert offered(asked, "2026-06-15", "2026-06-30") == "15.09:00"
    assert not is_bookable(asked, at("2026-06-18T09:00"))


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        pytest.param(Limit(Per.DAY, count=1), "11.09:00 11.10:00", id="day by count"),
        pytest.param(Limit(Per.DAY, count=2), "10.10:00 11.09:00 11.10:00", id="room for another"),
        pytest.param(Limit(Per.DAY, minutes=90), "11.09:00 11.10:00", id="day by minutes"),
        pytest.param(Limit(Per.DAY, minutes=120), "10.10:00 11.09:00 11.10:00", id="exactly full is allowed"),
        pytest.param(Limit(Per.WEEK, count=1), "", id="week"),
        pytest.param(Limit(Per.MONTH, count=1), "", id="month"),
        pytest.param(Limit(Per.YEAR, minutes=60), "", id="year"),
        pytest.param(Limit(Per.DAY, count=0), "", id="none at all"),
    ],
)
def test_limits(limit, expected):
    host = Host("a", hours("09:00-11:00"), taken=(booking("x", "09:00", "10:00", own=True),))

    assert offered(ask(Rules(60, limits=(limit,)), host), "2026-06-10", "2026-06-11") == expected


@pytest.mark.parametrize(
    ("each_host", "expected"),
    [pytest.param(True, "10:00 11:00", id="only the host who is full"), pytest.param(False, "", id="the whole event")],
)
def test_a_limit_of_each_host_leaves_the_others(each_host, expected):
    limit = Limit(Per.DAY, count=1, each_host=each_host)
    full = Host("a", hours("09:00-12:00"), taken=(booking("x", "09:00", "10:00", own=True),))
    other = Host("b", hours("10:00-12:00"))

    assert offered(ask(Rules(60, limits=(limit,), mode=Mode.ROUND_ROBIN), full, other)) == expected


def test_a_limit_counts_days_of_the_events_zone():
    late = booking("x", "23:00", "23:30", own=True)
    host = Host("a", hours("00:00-24:00"), taken=(late,))
    asked = ask(Rules(60, limits=(Limit(Per.DAY, count=1),), zone="Asia/Kolkata"), host)

    # 23:00 in Berlin is 02:30 on the 11th in Kolkata, so that day is closed: from 20:30 on the 10th in Berlin
    assert offered(asked).endswith("18:30 19:30")


@pytest.mark.parametrize(
    ("rules", "taken", "without", "expected"),
    [
        pytest.param(
            Rules(60), booking("x", "09:00", "10:00", pending=True), (), "09:00 10:00", id="pending does not block"
        ),
        pytest.param(
            Rules(60, pending_blocks=True),
            booking("x", "09:00", "10:00", pending=True),
            (),
            "10:00",
            id="unless the event says so",
        ),
        pytest.param(
            Rules(60), booking("x", "09:00", "10:00"), ("x",), "09:00 10:00", id="a moved booking does not block itself"
        ),
        pytest.param(Rules(60), booking("h", "09:00", "10:00", expires=at("2026-06-01T00:01")), (), "10:00", id="held"),
        pytest.param(
            Rules(60), booking("h", "09:00", "10:00", expires=at("2026-06-01T00:00")), (), "09:00 10:00", id="let go"
        ),
        pytest.param(
            Rules(60),
            booking("h", "09:00", "10:00", expires=at("2026-06-01T00:01")),
            ("h",),
            "09:00 10:00",
            id="one's own hold",
        ),
        pytest.param(
            Rules(60, seats=3), booking("x", "09:00", "10:00", own=True, seats=2), (), "09:00 10:00", id="a seat left"
        ),
        pytest.param(Rules(60, seats=3), booking("x", "09:00", "10:00", own=True, seats=3), (), "10:00", id="full"),
        pytest.param(
            Rules(60, seats=3), booking("x", "09:00", "10:00"), (), "10:00", id="another event type has no seats here"
        ),
        pytest.param(
            Rules(60, step=15, seats=3),
            booking("x", "09:30", "10:30", own=True),
            (),
            "09:30",
            id="partly filled blocks all but its own start",
        ),
        pytest.param(
            Rules(60, seats=3, limits=(Limit(Per.DAY, count=1),)),
            booking("x", "09:00", "10:00", own=True),
            (),
            "09:00",
            id="a seat is no further booking",
        ),
    ],
)
def test_bookings_holds_and_seats(rules, taken, without, expected):
    asked = ask(rules, Host("a", hours("09:00-11:00"), taken=(taken,)), without=without)

    assert offered(asked) == expected


def test_collective_needs_all_and_round_robin_the_fixed_and_one_more():
    anna, bert = Host("anna", hours("09:00-12:00")), Host("bert", hours("10:00-13:00"))
    chef = Host("chef", hours("09:00-13:00"), busy("11:00-12:00"), fixed=True)

    assert offered(ask(Rules(60, mode=Mode.COLLECTIVE), anna, bert, chef)) == "10:00"
    assert offered(ask(Rules(60, mode=Mode.ROUND_ROBIN), anna, bert)) == "09:00 10:00 11:00 12:00"
    assert offered(ask(Rules(60, mode=Mode.ROUND_ROBIN), anna, bert, chef)) == "09:00 10:00 12:00"
    assert offered(ask(Rules(60, mode=Mode.ROUND_ROBIN), chef)) == "09:00 10:00 12:00"
    assert offered(ask(Rules(60), anna, bert)) == "09:00 10:00 11:00"


def test_a_round_robin_never_offers_a_time_two_hosts_have_to_share():
    early, late = Host("a", hours("09:00-10:00")), Host("b", hours("10:00-11:00"))

    assert offered(ask(Rules(120, mode=Mode.ROUND_ROBIN), early, late)) == ""


def test_who_of_a_round_robin_is_available():
    anna, bert = Host("anna", hours("09:00-12:00")), Host("bert", hours("10:00-13:00"))
    chef = Host("chef", hours("09:00-13:00"), fixed=True)
    asked = ask(Rules(60, mode=Mode.ROUND_ROBIN), chef, anna, bert)

    assert available(asked, at("2026-06-10T09:00")) == ["anna"]
    assert available(asked, at("2026-06-10T10:00")) == ["anna", "bert"]
    assert available(asked, at("2026-06-10T13:00")) == []


@pytest.mark.parametrize(
    ("plan", "host", "expected"),
    [
        pytest.param(Series(2, Per.WEEK, 3), Host("a", hours("09:00-11:00")), "09:00 10:00", id="free each time"),
        pytest.param(
            Series(2, Per.WEEK, 3),
            Host("a", hours("09:00-11:00"), busy("09:30-10:00", day="2026-07-08")),
            "10:00",
            id="last date busy",
        ),
        pytest.param(
            Series(2, Per.WEEK, 3),
            Host("a", hours("09:00-11:00"), busy("09:30-10:00", day="2026-06-17")),
            "09:00 10:00",
            id="busy in between",
        ),
        pytest.param(
            Series(1, Per.MONTH, 2),
            Host("a", hours("09:00-11:00"), busy("10:00-10:05", day="2026-07-10")),
            "09:00",
            id="months",
        ),
    ],
)
def test_a_series_is_offered_when_every_date_is_free(plan, host, expected):
    assert offered(ask(Rules(60, series=plan), host)) == expected


def test_a_series_keeps_its_clock_time_when_the_clocks_change():
    host = Host("a", hours("09:00-10:00"))
    asked = ask(Rules(60, series=Series(1, Per.WEEK, 2)), host, now="2026-01-01T00:00")

    assert offered(asked, "2026-03-25") == "09:00"


def test_a_series_must_fit_the_limits_as_a_whole():
    weekly = Rules(60, series=Series(1, Per.WEEK, 3), limits=(Limit(Per.MONTH, count=2),))

    assert offered(ask(weekly), "2026-06-10") == ""
    assert offered(ask(weekly), "2026-06-24").startswith("09:00")


def test_first_slot_only_is_the_first_of_each_of_the_invitees_dates_whatever_range_is_asked_for():
    asked = ask(Rules(60, first_slot_only=True), now="2026-06-10T09:30")

    assert offered(asked, "2026-06-10", "2026-06-11") == "10.10:00 11.09:00"
    assert slots(asked, at("2026-06-11T10:00"), at("2026-06-11T23:00")) == []


def test_no_host_no_range_no_slots():
    assert slots(Asked(Rules(30), (), 0, "UTC"), 0, 86_400) == []
    assert slots(ask(Rules(30)), at("2026-06-10T09:00"), at("2026-06-10T09:00")) == []
    assert available(Asked(Rules(30), (), 0, "UTC"), 0) == []


def test_a_start_off_the_minute_is_not_bookable():
    asked = ask(Rules(30))

    assert is_bookable(asked, at("2026-06-10T09:00"))
    assert not is_bookable(asked, at("2026-06-10T09:00") + 1)
    assert available(asked, at("2026-06-10T09:00") + 1) == []


def test_reach_covers_the_year_a_limit_counts_and_the_end_of_a_series():
    limited = ask(Rules(60, limits=(Limit(Per.YEAR, count=9),)))
    serial = ask(Rules(60, series=Series(2, Per.WEEK, 5)))
    day = (at("2026-06-10T00:00"), at("2026-06-11T00:00"))

    assert reach(limited, *day) == (at("2026-01-01T00:00"), at("2027-01-01T00:00"))
    assert reach(serial, *day)[1] >= at("2026-08-05T10:00")


@pytest.mark.parametrize(
    "wrong", [{"length": 0}, {"length": 30, "step": 0}, {"length": 30, "offset": -1}, {"length": 30, "seats": 0}]
)
def test_rules_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"at least 1|not negative"):
        Rules(**wrong)
