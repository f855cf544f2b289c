import pytest

from gateway.booking.locations import LOCATIONS, Meeting, wrong
from tests.booking.office import at

JITSI = "https://jitsi.example"


def meeting(setting="", *, uid="uid", invitee="Bob"):
    return Meeting(uid, setting, "said", "alice", invitee, at("2026-11-24 10:00"), JITSI)


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("none", ""),
        ("in-person", "set {room}"),
        ("phone", "set {room}"),
        ("call-invitee", "said"),
        ("ask-invitee", "said"),
    ],
)
def test_locations(kind, where):
    assert LOCATIONS[kind].where(meeting("set {room}")) == where


def test_a_link_has_a_room_of_its_own_for_each_booking():
    def room(uid, name="Zoë O'Hara {room}"):
        return LOCATIONS["link"].where(meeting("https://meet.example/{host}/{room}/{name}", uid=uid, invitee=name))

    assert room("a") == room("a")
    assert room("a") != room("b")
    assert room("a").startswith("https://meet.example/alice/")
    assert room("a").endswith("/zo-o-hara-room")


def test_a_link_can_say_when_it_was_booked_for():
    template = "https://meet.example/{date}/{uid}?at={start}&in={elsewhere}"
    address = LOCATIONS["link"].where(meeting(template))
    assert address.startswith("https://meet.example/2026-11-24/")
    assert address.endswith("?at=20261124T0900Z&in={elsewhere}")


@pytest.mark.parametrize(
    ("server", "address"),
    [("", f"{JITSI}/"), ("https://video.example/team/", "https://video.example/team/")],
)
def test_jitsi_has_a_room_that_nobody_guesses(server, address):
    one, other = (LOCATIONS["jitsi"].where(meeting(server, uid=uid)) for uid in ("a", "b"))
    assert one.startswith(address)
    assert one != other
    assert len(one.removeprefix(address)) == 20


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("none", ""),
        ("in-person", ""),
        ("in-person", "Lindenstraße 7"),
        ("phone", "+49 30 5550100"),
        ("link", "https://meet.example/{room}"),
        ("link", "http://[2001:db8::1]:8443/{uid}/{host}/{name}/{start}/{date}"),
        ("jitsi", ""),
        ("jitsi", "https://video.example/team"),
    ],
)
def test_what_an_event_type_may_say(kind, text):
    assert wrong(kind, text) is None


@pytest.mark.parametrize(
    ("kind", "text", "field"),
    [
        pytest.param("moon", "", "kind", id="no such kind"),
        pytest.param("phone", "call me", "text", id="no number"),
        pytest.param("link", "", "text", id="no address"),
        pytest.param("link", "javascript:alert(1)", "text", id="no web address"),
        pytest.param("link", "https://meet.example/{roon}", "text", id="unknown placeholder"),
        pytest.param("link", "https://meet.example/{", "text", id="half a placeholder"),
        pytest.param("link", "https://{name}.example/", "text", id="invitees would choose the server"),
        pytest.param("link", "https://me@meet.example/", "text", id="a user in it"),
        pytest.param("link", "https://meet.example/\r\nX: y", "text", id="two lines"),
        pytest.param("link", "https://[meet/", "text", id="half an address"),
        pytest.param("link", "https://meet.example:99999/", "text", id="no port"),
        pytest.param("jitsi", "http://video.example", "text", id="not safe on the way"),
        pytest.param("jitsi", "https://video.example/?room=", "text", id="a query"),
        pytest.param("jitsi", "video.example", "text", id="no scheme"),
    ],
)
def test_what_it_may_not(kind, text, field):
    found = wrong(kind, text)
    assert found is not None
    assert found[0] == field
