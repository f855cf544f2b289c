"""Descriptions, people, kinds, links and limits: each direction a table, without a server."""

import pytest

from gateway.backends.google import kinds, limits, links, people, words
from gateway.errors import RefusedByProvider
from gateway.ical.objects import read_lenient


def vevent(*lines):
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", "UID:x", "DTSTAMP:20261121T090000Z"]
    text = "\r\n".join([*head, "DTSTART:20261123T090000Z", *lines, "END:VEVENT", "END:VCALENDAR", ""])
    return read_lenient(text).components[0]


def raw(properties):
    return [line.raw.replace("\r\n ", "").strip() for line in properties]


HTML = '<p>Bring <b>cake</b></p><p>See <a href="https://example.com">map</a></p>'
PLAIN = "Bring cake\n\nSee map <https://example.com>"


def said(description, html=""):
    return {"description": description, "html": html}


@pytest.mark.parametrize(
    ("held", "wanted", "sent"),
    [
        pytest.param(said(PLAIN, HTML), said(PLAIN, HTML), None, id="nothing changed"),
        pytest.param(said(PLAIN, HTML), said(PLAIN), None, id="a client that knows no HTML leaves it alone"),
        pytest.param(said(PLAIN, HTML), said(PLAIN + " \n"), None, id="blanks at the end are no change"),
        pytest.param(said(PLAIN, HTML), said("New", HTML), "New", id="the text changed, the HTML is out of date"),
        pytest.param(said(PLAIN, HTML), said("", HTML), "", id="the text is taken away"),
        pytest.param(said(PLAIN, HTML), said("Tea!", "<p>Tea!</p>"), "<p>Tea!</p>", id="both changed"),
        pytest.param(
            said(PLAIN, HTML), said("Tea! here", "<p>Tea!<br>here</p>"), "<p>Tea!<br>here</p>", id="in own words"
        ),
        pytest.param(said("Old"), said("Tea?", "<p>Tea!</p>"), "Tea?", id="old HTML of an earlier text"),
        pytest.param(said("Old"), said("Old", "<b>Old</b>"), "<b>Old</b>", id="made bold"),
        pytest.param(said("a"), said("1 <b> 2 & 3\n4"), "<span>1 &lt;b&gt; 2 &amp; 3<br>4</span>", id="text like HTML"),
        pytest.param(said("a"), said("1 < 2 & 3"), "1 < 2 & 3", id="text that is none"),
    ],
)
def test_descriptions_for_google(held, wanted, sent):
    assert words.rewritten(held, wanted) == sent


@pytest.mark.parametrize(
    ("lines", "html"),
    [
        (["X-ALT-DESC;FMTTYPE=text/html:<b>a</b>\\, b"], "<b>a</b>, b"),
        (["X-ALT-DESC:<b>a</b>"], "<b>a</b>"),
        (["X-ALT-DESC;FMTTYPE=text/rtf:{a}"], ""),
        (['DESCRIPTION;ALTREP="data:text/html,%3Cb%3Ea%3C%2Fb%3E":a'], "<b>a</b>"),
        (['DESCRIPTION;ALTREP="https://example.com/a.html":a'], ""),
        (["DESCRIPTION:a"], ""),
    ],
)
def test_where_clients_keep_html(lines, html):
    assert words.html_of(vevent(*lines)) == html


@pytest.mark.parametrize("text", ["", "plain", "a < b", "<b>", "1\n2 <br> 3", " <span>x</span> ", "&amp;<p>"])
def test_plain_text_comes_back_as_it_went(text):
    assert words.plain(words.safe(text)) == text


@pytest.mark.parametrize(
    ("lines", "status", "transparency"),
    [
        ([], "confirmed", "opaque"),
        (["STATUS:TENTATIVE"], "tentative", "opaque"),
        (["TRANSP:TRANSPARENT"], "confirmed", "transparent"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:FREE"], "confirmed", "transparent"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:FREE", "TRANSP:OPAQUE"], "confirmed", "opaque"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", "TRANSP:OPAQUE"], "confirmed", "transparent"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], "tentative", "opaque"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", "STATUS:CONFIRMED"], "confirmed", "opaque"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], "confirmed", "opaque"),
    ],
)
def test_status_and_busy_time_for_google(lines, status, transparency):
    component = vevent(*lines)

    assert (kinds.status(component), kinds.transparency(component)) == (status, transparency)


@pytest.mark.parametrize(
    ("lines", "visibility"),
    [
        ([], "default"),
        (["CLASS:PUBLIC"], "public"),
        (["CLASS:private"], "private"),
        (["CLASS:CONFIDENTIAL"], "confidential"),
        (["CLASS:X-SECRET"], "private"),
    ],
)
def test_classes_for_google(lines, visibility):
    assert kinds.visibility(vevent(*lines)) == visibility


@pytest.mark.parametrize(
    ("event", "lines"),
    [
        ({}, ["STATUS:CONFIRMED", "TRANSP:OPAQUE"]),
        ({"status": "tentative", "transparency": "transparent"}, ["STATUS:TENTATIVE", "TRANSP:TRANSPARENT"]),
        ({"visibility": "private"}, ["STATUS:CONFIRMED", "TRANSP:OPAQUE", "CLASS:PRIVATE"]),
        ({"eventType": "focusTime"}, ["STATUS:CONFIRMED", "TRANSP:OPAQUE", "X-GATEWAY-EVENT-TYPE:focusTime"]),
        ({"eventType": "fromGmail"}, ["STATUS:CONFIRMED", "TRANSP:OPAQUE", "X-GATEWAY-EVENT-TYPE:fromGmail"]),
        ({"eventType": "birthday"}, ["STATUS:CONFIRMED", "TRANSP:TRANSPARENT", "X-GATEWAY-EVENT-TYPE:birthday"]),
        (
            {"eventType": "outOfOffice"},
            ["STATUS:CONFIRMED", "TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", "X-GATEWAY-EVENT-TYPE:outOfOffice"],
        ),
        (
            {"eventType": "workingLocation", "workingLocationProperties": {"type": "officeLocation"}},
            ["STATUS:CONFIRMED", "TRANSP:TRANSPARENT", "X-GATEWAY-EVENT-TYPE:workingLocation"],
        ),
        (
            {"eventType": "workingLocation", "workingLocationProperties": {"type": "homeOffice"}},
            [
                "STATUS:CONFIRMED",
                "TRANSP:TRANSPARENT",
                "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
                "X-GATEWAY-EVENT-TYPE:workingLocation",
            ],
        ),
    ],
)
def test_what_blocks_time_by_event_type(event, lines):
    assert raw(kinds.told(event)) == lines


BOB = {"email": "bob@example.com", "responseStatus": "needsAction", "optional": False}
ZOE = {
    "email": "zoe@example.com",
    "responseStatus": "accepted",
    "optional": True,
    "displayName": "Zoe",
    "comment": "ok",
}


@pytest.mark.parametrize(
    ("held", "wanted", "differ"),
    [
        pytest.param([BOB, ZOE], [BOB, ZOE], False, id="the same"),
        pytest.param([BOB, ZOE], [BOB, {k: ZOE[k] for k in BOB}], False, id="name and comment not mentioned"),
        pytest.param([BOB], [BOB, ZOE], True, id="one more"),
        pytest.param([BOB, ZOE], [BOB], True, id="one less"),
        pytest.param([BOB], [BOB | {"responseStatus": "declined"}], True, id="an answer"),
        pytest.param([BOB], [BOB | {"optional": True}], True, id="need not come"),
        pytest.param([BOB], [BOB | {"resource": True}], False, id="what Google takes on adding only"),
        pytest.param([BOB], [BOB | {"additionalGuests": 2}], True, id="more people"),
    ],
)
def test_whether_guests_changed(held, wanted, differ):
    assert people.differ(held, wanted) == differ


ME = {"email": "Me@example.com", "self": True, "responseStatus": "needsAction", "comment": "hm", "extra": "kept"}
HELD = {"attendees": [ME, BOB]}
MINE = {"email": "me@example.com", "responseStatus": "needsAction", "optional": False, "comment": "hm"}


@pytest.mark.parametrize(
    ("wanted", "patch"),
    [
        pytest.param([MINE, BOB], {}, id="nothing"),
        pytest.param(
            [MINE | {"responseStatus": "accepted"}, BOB],
            {"attendees": [{"email": "Me@example.com", "responseStatus": "accepted"}], "attendeesOmitted": True},
            id="the answer by itself",
        ),
        pytest.param(
            [MINE | {"responseStatus": "accepted"}],
            {"attendees": [{"email": "Me@example.com", "responseStatus": "accepted"}], "attendeesOmitted": True},
            id="a client that tells its own answer only",
        ),
        pytest.param(
            [MINE, BOB | {"responseStatus": "accepted"}], {}, id="what a client thinks of others does not count"
        ),
        pytest.param(
            [MINE | {"comment": "late"}, BOB],
            {
                "attendees": [
                    {"email": "me@example.com", "responseStatus": "needsAction", "comment": "late", "extra": "kept"}
                    | {"optional": False},
                    BOB,
                ]
            },
            id="a comment needs the whole list",
        ),
        pytest.param(
            [MINE, BOB, ZOE],
            {
                "attendees": [
                    {"email": "me@example.com", "responseStatus": "needsAction", "comment": "hm", "extra": "kept"}
                    | {"optional": False},
                    BOB,
                    ZOE,
                ]
            },
            id="somebody else is invited",
        ),
    ],
)
def test_what_a_guest_tells_google(wanted, patch):
    assert people.answer(HELD, [MINE, BOB], wanted, {"me@example.com"}) == patch


def test_who_is_not_among_the_guests_has_nothing_to_answer():
    assert people.answer({"attendees": [BOB]}, [BOB], [BOB, MINE], {"me@example.com"}) == {}


@pytest.mark.parametrize(
    ("lines", "page"),
    [
        (["URL:https://example.com/a"], {"url": "https://example.com/a"}),
        (["URL:https://meet.example/x", "CONFERENCE;VALUE=URI:https://meet.example/x"], {}),
        (["URL:mailto:a@b.example"], {}),
        ([], {}),
    ],
)
def test_pages_for_google(lines, page):
    assert links.page(vevent(*lines)) == page


DRIVE = {"fileUrl": "https://drive.google.com/open?id=1", "title": "Plan", "mimeType": "application/pdf"}


def test_files_for_google():
    component = vevent(
        "ATTACH;FMTTYPE=application/pdf;FILENAME=Plan:https://drive.google.com/open?id=1",
        "ATTACH:https://files.example/2",
        "ATTACH;ENCODING=BASE64;VALUE=BINARY:aGVsbG8=",
        "ATTACH:cid:part",
    )

    assert links.files(component) == [DRIVE, {"fileUrl": "https://files.example/2"}]


@pytest.mark.parametrize(
    ("wanted", "held", "taken"),
    [
        pytest.param([DRIVE, {"fileUrl": "https://files.example/2"}], [], [DRIVE], id="only Drive"),
        pytest.param(
            [{"fileUrl": "https://files.example/2"}],
            [{"fileUrl": "https://files.example/2", "title": "x"}],
            [{"fileUrl": "https://files.example/2", "title": "x"}],
            id="what is there stays",
        ),
        pytest.param([{"fileUrl": "https://drive.google.com.evil.example/1"}], [], [], id="not quite Drive"),
        pytest.param(
            [{"fileUrl": f"https://docs.google.com/{n}"} for n in range(30)],
            [],
            [{"fileUrl": f"https://docs.google.com/{n}"} for n in range(25)],
            id="at most 25",
        ),
    ],
)
def test_files_that_google_takes(wanted, held, taken):
    assert links.taken(wanted, held) == taken


@pytest.mark.parametrize(
    ("value", "wish"),
    [("MEET", "meet"), ("meet", "meet"), ("TRUE", "meet"), ("google-meet", "meet"), ("NONE", "none"), ("", "")],
)
def test_wishes_for_a_conference(value, wish):
    assert links.wish(vevent(*([f"X-GATEWAY-CONFERENCE:{value}"] if value else []))) == wish


def test_a_conference_of_somebody_else_is_refused():
    with pytest.raises(RefusedByProvider, match="teams"):
        links.wish(vevent("X-GATEWAY-CONFERENCE:teams"))


ALICES = {"organizer": {"email": "alice@example.com", "displayName": "Alice"}}


@pytest.mark.parametrize(
    ("event", "patch", "refusal"),
    [
        pytest.param({}, {"summary": "x"}, "", id="an event of one's own"),
        pytest.param({"organizer": {"email": "a@b.example", "self": True}}, {"summary": "x"}, "", id="organized here"),
        pytest.param(ALICES, {"colorId": "1", "reminders": {}, "attendees": []}, "", id="what is a guest's own"),
        pytest.param(
            ALICES, {"summary": "x", "end": {}}, "organizer, Alice, can change its time and its title", id="guest"
        ),
        pytest.param(ALICES | {"guestsCanModify": True}, {"summary": "x"}, "", id="a guest who may"),
        pytest.param({"eventType": "fromGmail"}, {"summary": "x"}, "Gmail made.*its title", id="Gmail"),
        pytest.param({"eventType": "fromGmail"}, {"colorId": "1", "transparency": "opaque"}, "", id="Gmail's colour"),
        pytest.param({"eventType": "birthday"}, {"location": "x"}, "birthday.*its place", id="birthday"),
        pytest.param({"eventType": "birthday"}, {"summary": "x"}, "", id="a birthday's title"),
        pytest.param({"eventType": "workingLocation"}, {"transparency": "opaque"}, "blocks time", id="location"),
        pytest.param({"eventType": "outOfOffice"}, {"attendees": [BOB]}, "its guests", id="an absence has no guests"),
        pytest.param({"eventType": "outOfOffice"}, {"summary": "x"}, "", id="an absence's title"),
        pytest.param({"eventType": "focusTime"}, {"start": {"date": "2026-11-23"}}, "time of day", id="focus all day"),
        pytest.param({"locked": True}, {"summary": "x"}, "locked", id="locked"),
        pytest.param({"locked": True}, {"colorId": "1"}, "", id="a locked event's colour"),
        pytest.param(
            ALICES | {"guestsCanInviteOthers": False, "attendees": [BOB]},
            {"attendees": [BOB, ZOE]},
            "only the organizer can invite",
            id="a guest who may invite nobody",
        ),
        pytest.param({"attendeesOmitted": True}, {"attendees": [BOB]}, "only a part", id="not all guests are shown"),
    ],
)
def test_who_may_change_what(event, patch, refusal):
    if not refusal:
        limits.check(event, patch)
        return
    with pytest.raises(RefusedByProvider, match=refusal):
        limits.check(event, patch)
