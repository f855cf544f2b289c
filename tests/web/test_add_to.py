"""Links that put an appointment into calendars on the web."""

from urllib.parse import parse_qs, urlsplit

from gateway.web.add_to import Appointment, links

TEXT = "Gespräch & <b>mehr</b> +1#?"


def asked(address):
    split = urlsplit(address)
    return split.netloc, split.path, {name: value for name, [value] in parse_qs(split.query).items()}


def test_each_calendar_gets_the_instants_and_the_words():
    of = Appointment(TEXT, 1_795_510_800, 1_795_512_600, "https://meet.example/x?y=1&z=2", "Line 1\nLine 2")
    google, live, office, yahoo = (asked(address) for _, address in links(of))
    assert google == (
        "calendar.google.com",
        "/calendar/render",
        {
            "action": "TEMPLATE",
            "text": TEXT,
            "dates": "20261124T090000Z/20261124T093000Z",
            "location": of.place,
            "details": of.note,
        },
    )
    assert (live[0], office[0], live[1:]) == ("outlook.live.com", "outlook.office.com", office[1:])
    assert [live[2][name] for name in ("subject", "startdt", "enddt", "location", "body")] == [
        TEXT,
        "2026-11-24T09:00:00Z",
        "2026-11-24T09:30:00Z",
        of.place,
        of.note,
    ]
    assert [yahoo[2][name] for name in ("title", "st", "et", "in_loc", "desc")] == [
        TEXT,
        "20261124T090000Z",
        "20261124T093000Z",
        of.place,
        of.note,
    ]


def test_what_is_empty_is_left_out():
    assert all(
        "=&" not in address and not address.endswith("=") for _, address in links(Appointment("x", 0, 60, "", ""))
    )
