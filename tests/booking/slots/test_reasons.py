"""What closes a time, in the words of the rules."""

from datetime import date

import pytest

from gateway.booking.slots import Cause, Host, Limit, Mode, Per, Reason, Rolling, Rules, Series, why
from gateway.booking.slots.values import Between, BookableDays
from gateway.freebusy.availability import Away
from gateway.model import FbType
from tests.booking.slots.sample import ask, at, booking, busy, hours

DAY = "2026-06-10"


def causes(asked, clock: str, day: str = DAY) -> list[tuple[str, str]]:
    return [(reason.cause.value, reason.host) for reason in why(asked, at(f"{day}T{clock}"))]


@pytest.mark.parametrize(
    ("rules", "host", "clock", "expected"),
    [
        pytest.param(Rules(30), Host("anna", hours()), "09:00", [], id="open"),
        pytest.param(Rules(30), Host("anna", hours()), "17:00", [("hours", "anna")], id="hours"),
        pytest.param(Rules(30), Host("anna", hours()), "09:10", [("grid", "")], id="grid"),
        pytest.param(Rules(30), Host("anna", hours()), "09:00:01", [("grid", "")], id="seconds"),
        pytest.param(
            Rules(30),
            Host("anna", hours(away=(Away(date(2026, 6, 10), date(2026, 6, 10)),))),
            "09:00",
            [("away", "anna")],
            id="away",
        ),
        pytest.param(
            Rules(30),
            Host("anna", hours(holidays=frozenset([date(2026, 6, 10)]))),
            "09:00",
            [("holiday", "anna")],
            id="holiday",
        ),
        pytest.param(Rules(30), Host("anna", hours(), busy("09:10-09:20")), "09:00", [("busy", "anna")], id="busy"),
        pytest.param(
            Rules(30, after=10), Host("anna", hours(), busy("09:30-10:00")), "09:00", [("buffer", "anna")], id="buffer"
        ),
        pytest.param(
            Rules(30),
            Host("anna", hours(), taken=(booking("x", "09:00", "09:30"),)),
            "09:00",
            [("booked", "anna")],
            id="booked",
        ),
        pytest.param(
            Rules(30, pending_blocks=True),
            Host("anna", hours(), taken=(booking("x", "09:00", "09:30", pending=True),)),
            "09:00",
            [("pending", "anna")],
            id="pending",
        ),
        pytest.param(
            Rules(30),
            Host("anna", hours(), taken=(booking("x", "09:00", "09:30", expires=at(DAY + "T00:00")),)),
            "09:00",
            [("held", "anna")],
            id="held",
        ),
        pytest.param(
            Rules(30, seats=2),
            Host("anna", hours(), taken=(booking("x", "09:00", "09:30", own=True, seats=2),)),
            "09:00",
            [("full", "anna")],
            id="no seat left",
        ),
        pytest.param(Rules(30, notice=60 * 24 * 30), Host("anna", hours()), "09:00", [("notice", "")], id="notice"),
        pytest.param(
            Rules(30, window=Rolling(3)), Host("anna", hours()), "09:00", [("window", "")], id="rolling window"
        ),
        pytest.param(
            Rules(30, window=BookableDays(3)), Host("anna", hours()), "09:00", [("window", "")], id="bookable days"
        ),
        pytest.param(
            Rules(30, window=Between(date(2026, 6, 11), date(2026, 6, 12))),
            Host("anna", hours()),
            "09:00",
            [("window", "")],
            id="dates",
        ),
        pytest.param(
            Rules(30, first_slot_only=True), Host("anna", hours()), "10:00", [("first_only", "")], id="first only"
        ),
        pytest.param(
            Rules(30, limits=(Limit(Per.DAY, count=0),)), Host("anna", hours()), "09:00", [("limit", "")], id="limit"
        ),
        pytest.param(
            Rules(30, limits=(Limit(Per.DAY, count=0, each_host=True),)),
            Host("anna", hours()),
            "09:00",
            [("limit", "anna")],
            id="own",
        ),
        pytest.param(
            Rules(30, series=Series(1, Per.WEEK, 2)),
            Host("anna", hours(), busy("09:00-09:30", day="2026-06-17")),
            "09:00",
            [("series", "anna")],
            id="series",
        ),
        pytest.param(
            Rules(30, notice=60 * 24 * 30),
            Host("anna", hours(), busy("16:50-17:10")),
            "16:45",
            [("notice", ""), ("hours", "anna"), ("busy", "anna")],
            id="several at once",
        ),
    ],
)
def test_why(rules, host, clock, expected):
    assert causes(ask(rules, host), clock) == expected


def test_the_past_is_said_to_be_past():
    assert causes(ask(Rules(30), now=f"{DAY}T12:00"), "09:00") == [("past", "")]


def test_busy_time_comes_with_its_span_and_kind():
    host = Host("anna", hours(), busy("09:10-09:20", fbtype=FbType.TENTATIVE))

    [reason] = why(ask(Rules(30), host), at(f"{DAY}T09:00"))

    assert reason == Reason(Cause.BUSY, "anna", at(f"{DAY}T09:10"), at(f"{DAY}T09:20"), FbType.TENTATIVE)


def test_in_a_round_robin_a_busy_host_closes_nothing_while_another_is_able():
    anna, bert = Host("anna", hours(), busy("09:00-10:00")), Host("bert", hours())
    chef = Host("chef", hours(), busy("09:00-10:00", "11:00-12:00"), fixed=True)

    assert causes(ask(Rules(60, mode=Mode.ROUND_ROBIN), anna, bert), "09:00") == []
    assert causes(ask(Rules(60, mode=Mode.ROUND_ROBIN), anna, bert, chef), "11:00") == [("busy", "chef")]
    assert causes(ask(Rules(60, mode=Mode.ROUND_ROBIN), anna, chef), "09:00") == [("busy", "chef"), ("busy", "anna")]


def test_without_hosts_there_is_nobody():
    asked = ask(Rules(30))

    assert [reason.cause for reason in why(type(asked)(asked.rules, (), asked.now, asked.zone), 0)] == [Cause.NOBODY]
