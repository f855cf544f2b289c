"""Which host of a round robin takes a booking."""

import pytest

from gateway.booking.assign import Candidate, choose

ANNA = Candidate("anna", bookings=4, last=400)
BERT = Candidate("bert", bookings=2, last=300)
CARL = Candidate("carl", bookings=2, last=200)
ALL = {"anna", "bert", "carl"}


@pytest.mark.parametrize(
    ("rotating", "free", "chosen"),
    [
        pytest.param([ANNA, BERT], ALL, "bert", id="who has fewer"),
        pytest.param([ANNA, BERT, CARL], ALL, "carl", id="least recently booked"),
        pytest.param([ANNA, BERT, CARL], {"anna", "bert"}, "bert", id="only who is free"),
        pytest.param([ANNA], set(), None, id="nobody"),
        pytest.param(
            [BERT, Candidate("carl", priority=1, bookings=2, last=900)], ALL, "carl", id="priority before recency"
        ),
        pytest.param(
            [BERT, Candidate("anna", priority=9, bookings=3, last=1)], ALL, "bert", id="share before priority"
        ),
        pytest.param(
            [Candidate("anna", weight=300, bookings=4), Candidate("bert", bookings=2)], ALL, "anna", id="weighted share"
        ),
        pytest.param(
            [Candidate("anna", weight=100, bookings=2), Candidate("bert", weight=0)],
            ALL,
            "anna",
            id="no share, no shortfall: listed order",
        ),
        pytest.param([Candidate("anna"), Candidate("bert")], ALL, "anna", id="listed order"),
        pytest.param([Candidate("anna", last=1), Candidate("bert")], ALL, "bert", id="never booked goes first"),
        pytest.param(
            [Candidate("anna", weight=0, bookings=1, last=5), Candidate("bert", weight=0, last=6)],
            ALL,
            "anna",
            id="no weights at all",
        ),
        # carl is busy, yet his eight bookings count: a half, a quarter and a quarter of the ten
        pytest.param(
            [Candidate("anna", 200, bookings=2), Candidate("bert", 100), Candidate("carl", 100, bookings=8)],
            {"anna", "bert"},
            "anna",
            id="busy hosts count",
        ),
    ],
)
def test_choose(rotating, free, chosen):
    assert choose(rotating, free) == chosen
