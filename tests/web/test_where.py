"""Where a booking takes place, as its page says it."""

import pytest

from gateway.booking.model import BookingDetails, Invitee, Place
from gateway.web.language import language
from gateway.web.where import where

ROBIN = Invitee(name="Robin", email="robin@example.org", zone="UTC", language="en")


@pytest.mark.parametrize(
    ("kind", "place", "status", "link", "hint"),
    [
        pytest.param("zoom", "https://zoom.example/j/1", "accepted", "https://zoom.example/j/1", "", id="there"),
        pytest.param("zoom", "Zoom", "accepted", "", "The link follows by mail.", id="not yet"),
        pytest.param("zoom", "Zoom", "pending", "", "The link comes with the confirmation.", id="to be confirmed"),
        pytest.param("zoom", "Zoom", "cancelled", "", "", id="over"),
        pytest.param("zoom", "My office", "accepted", "", "", id="the host chose another place"),
        pytest.param("", "Zoom", "accepted", "", "", id="a café of that name"),
    ],
)
def test_where(kind, place, status, link, hint):
    written = BookingDetails(invitee=ROBIN, title="Talk", place=place, room=kind, where=Place(kind=kind or "in-person"))
    found = where(written, status, language(["en"]))
    assert (found["text"], found["link"], found["hint"]) == (place, link, hint)
    assert found["icon"] == ("video" if kind else "pin")


def test_nowhere():
    assert where(BookingDetails(invitee=ROBIN, title="Talk"), "accepted", language(["en"])) is None
