"""Whose time is free: free-busy-query, and POST to the outbox."""

import pytest

from gateway.store import principals
from gateway.store.database import Database
from tests.dav.conftest import MERGED, Client, Reply, event, named

HOME = "/dav/calendars/alice/"
OUTBOX = f"{HOME}outbox/"
DAY = ("20261124T000000Z", "20261125T000000Z")


async def query(ask: Client, path: str, start: str = DAY[0], end: str = DAY[1]) -> Reply:
    return await ask.report(path, "C:free-busy-query", f'<C:time-range start="{start}" end="{end}"/>')


def busy(text: str) -> list[str]:
    """FREEBUSY lines."""
    return [line for line in text.replace("\r\n ", "").split("\r\n") if line.startswith("FREEBUSY")]


@pytest.mark.parametrize("path", [HOME, MERGED])
async def test_merged_busy_time_on_the_calendar_and_on_the_home(ask: Client, path: str) -> None:
    await ask.put("one.ics", event("one", "20261124T090000Z", "20261124T103000Z"))
    await ask.put("two.ics", event("two", "20261124T100000Z", "20261124T110000Z"))
    await ask.put("three.ics", event("three", "20261124T120000Z", "20261124T130000Z", "STATUS:TENTATIVE"))
    await ask.put("four.ics", event("four", "20261124T140000Z", "20261124T150000Z", "TRANSP:TRANSPARENT"))
    reply = await query(ask, path)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert busy(reply.text) == [
        "FREEBUSY:20261124T090000Z/20261124T110000Z",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261124T120000Z/20261124T130000Z",
    ]
    assert "Meeting" not in reply.text


@pytest.mark.parametrize(
    ("inner", "status"),
    [
        ("", 400),
        ('<C:time-range start="20261124T000000Z"/>', 400),
        ('<C:time-range start="x" end="y"/>', 400),
        ('<C:time-range start="20261125T000000Z" end="20261124T000000Z"/>', 403),
        ('<C:time-range start="19500101T000000Z" end="20991124T000000Z"/>', 403),
    ],
)
async def test_queries_that_are_none(ask: Client, inner: str, status: int) -> None:
    assert (await ask.report(MERGED, "C:free-busy-query", inner)).status == status


def request(*attendees: str, organizer: str = "mailto:alice@example.com", more: tuple[str, ...] = ()) -> str:
    """As Apple writes it: the end before the start."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", "METHOD:REQUEST", "BEGIN:VFREEBUSY"),
        *("UID:question", f"DTEND:{DAY[1]}", *(f"ATTENDEE:{one}" for one in attendees), f"DTSTART:{DAY[0]}"),
        *("DTSTAMP:20261101T000000Z", f"ORGANIZER:{organizer}", *more, "END:VFREEBUSY", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(lines)


async def post(ask: Client, text: str, **headers: str) -> Reply:
    return await ask("POST", OUTBOX, text, Content_Type="text/calendar", **headers)


def outcomes(reply: Reply) -> dict[str, tuple[str, str]]:
    """Recipient -> (request status, calendar data)."""
    assert (reply.status, named(reply.xml)) == (200, "C:schedule-response"), reply.text
    space = {"C": "urn:ietf:params:xml:ns:caldav", "D": "DAV:"}
    return {
        one.findtext("C:recipient/D:href", "", space): (
            one.findtext("C:request-status", "", space),
            one.findtext("C:calendar-data", "", space),
        )
        for one in reply.xml
    }


BOB = "mailto:bob@example.com"


@pytest.fixture
async def busy_bob(ask: Client) -> None:
    path = "/dav/calendars/bob/merged/one.ics"
    text = event("bobs", "20261124T090000Z", "20261124T100000Z", "LOCATION:Secret place", summary="Secret meeting")
    assert (await ask("PUT", path, text, user="bob", Content_Type="text/calendar")).status == 201


@pytest.mark.usefixtures("busy_bob")
async def test_a_colleague_is_asked(ask: Client) -> None:
    reply = await post(ask, request(BOB))
    [(status, data)] = outcomes(reply).values()
    assert (status, busy(data)) == ("2.0;Success", ["FREEBUSY:20261124T090000Z/20261124T100000Z"])
    told = data.split("\r\n")
    assert {
        *("METHOD:REPLY", "UID:question", f"DTSTART:{DAY[0]}", f"DTEND:{DAY[1]}", f"ATTENDEE:{BOB}"),
        *("ORGANIZER:mailto:alice@example.com", "DTSTAMP:20261121T120000Z"),
    } <= set(told)
    assert "Secret" not in reply.text


@pytest.mark.usefixtures("busy_bob")
async def test_each_recipient_has_an_answer_of_its_own(ask: Client) -> None:
    people = [
        "mailto:alice@example.com",
        "MAILTO:Bob@Example.COM",
        "mailto:carol@example.com",
        "mailto:nobody@example.com",
        "urn:uuid:1",
        "/dav/principals/bob/",
        "http://example.com/dav/principals/nobody/",
    ]
    found = {address: status for address, (status, _) in outcomes(await post(ask, request(*people))).items()}
    assert found == {
        people[0]: "2.0;Success",
        people[1]: "2.0;Success",
        people[2]: "3.8;No authority",
        people[3]: "3.7;Invalid calendar user",
        people[4]: "3.7;Invalid calendar user",
        people[5]: "2.0;Success",
        people[6]: "3.7;Invalid calendar user",
    }


@pytest.mark.usefixtures("busy_bob")
async def test_a_team_is_busy_when_any_of_it_is(ask: Client) -> None:
    await ask.put("one.ics", event("mine", "20261124T093000Z", "20261124T110000Z"))
    found = outcomes(await post(ask, request("mailto:sales@example.com", "mailto:support@example.com")))
    status, data = found["mailto:sales@example.com"]
    assert (status, busy(data)) == ("2.0;Success", ["FREEBUSY:20261124T090000Z/20261124T110000Z"])
    assert found["mailto:support@example.com"] == ("3.8;No authority", "")


@pytest.mark.parametrize(("token", "status"), [(None, "2.0;Success"), ("secret", "3.8;No authority")])
async def test_what_is_published_may_be_asked_by_everybody(
    ask: Client, db: Database, token: str | None, status: str
) -> None:
    def publish(conn):
        carol = principals.by_name(conn, "carol")
        principals.change(conn, carol.id, {"freebusy_published": True, "freebusy_token": token})

    db.write_now(publish)
    assert outcomes(await post(ask, request("mailto:carol@example.com")))["mailto:carol@example.com"][0] == status


async def test_the_event_being_moved_does_not_count(ask: Client) -> None:
    await ask.put("one.ics", event("moved"))
    me = "mailto:alice@example.com"
    assert busy(outcomes(await post(ask, request(me)))[me][1]) != []
    masked = request(me, more=("X-CALENDARSERVER-MASK-UID:moved",))
    assert busy(outcomes(await post(ask, masked))[me][1]) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Originator": "mailto:alice@example.com", "Recipient": "mailto:bob@example.com, mailto:alice@example.com"},
        {"Originator": "/dav/principals/alice/", "Recipient": BOB},
    ],
)
async def test_headers_of_the_drafts_are_taken_and_not_needed(ask: Client, headers: dict[str, str]) -> None:
    assert list(outcomes(await post(ask, request(BOB), **headers))) == [BOB]


async def test_without_attendees_the_recipient_headers_count(ask: Client) -> None:
    headers = {"Originator": "mailto:alice@example.com", "Recipient": f"{BOB}, mailto:carol@example.com"}
    assert list(outcomes(await post(ask, request(), **headers))) == [BOB, "mailto:carol@example.com"]


async def test_a_duration_in_place_of_the_end(ask: Client) -> None:
    text = request("mailto:alice@example.com").replace(f"DTEND:{DAY[1]}", "DURATION:PT24H")
    assert f"DTEND:{DAY[1]}" in outcomes(await post(ask, text))["mailto:alice@example.com"][1]


@pytest.mark.parametrize(
    ("text", "headers", "condition"),
    [
        pytest.param(request(BOB, organizer=BOB), {}, "C:valid-organizer", id="in another's name"),
        pytest.param(request(BOB), {"Originator": BOB}, "C:valid-organizer", id="another originator"),
        pytest.param(request(), {}, "C:valid-scheduling-message", id="nobody asked"),
        pytest.param(request(BOB).replace("METHOD:REQUEST\r\n", ""), {}, "C:valid-scheduling-message", id="no METHOD"),
        pytest.param(request(BOB).replace("REQUEST", "REPLY"), {}, "C:valid-scheduling-message", id="a reply"),
        pytest.param(request(BOB).replace("VFREEBUSY", "VEVENT"), {}, "C:valid-scheduling-message", id="an event"),
        pytest.param(
            request(BOB).replace("ORGANIZER", "X-ORGANIZER"), {}, "C:valid-scheduling-message", id="no organizer"
        ),
        pytest.param(request(BOB).replace("DTSTART:", "X-START:"), {}, "C:valid-scheduling-message", id="no start"),
        pytest.param(
            request(BOB).replace(DAY[1], "20261123T000000Z"), {}, "C:valid-scheduling-message", id="backwards"
        ),
        pytest.param(request(BOB).replace("Z\r\n", "\r\n"), {}, "C:valid-scheduling-message", id="local times"),
        pytest.param(request(BOB).replace(DAY[1], "20901123T000000Z"), {}, "C:max-date-time", id="too long"),
        pytest.param("nonsense", {}, "C:valid-calendar-data", id="no calendar"),
        pytest.param(
            request(*(f"mailto:{n}@x.org" for n in range(1001))).replace("ATTENDEE:mailto:", "ATTENDEE:mailto:")[
                :19_000
            ],
            {},
            "C:valid-calendar-data",
            id="cut",
        ),
    ],
)
async def test_messages_that_are_refused(ask: Client, text: str, headers: dict[str, str], condition: str) -> None:
    reply = await post(ask, text, **headers)
    assert (reply.status, reply.condition) == (403, condition)


async def test_other_types_of_body(ask: Client) -> None:
    reply = await ask("POST", OUTBOX, request(BOB), Content_Type="text/plain")
    assert (reply.status, reply.condition) == (415, "C:supported-calendar-data")


async def test_nobody_posts_to_anothers_outbox(ask: Client) -> None:
    assert (await ask("POST", OUTBOX, request(BOB), user="bob", Content_Type="text/calendar")).status == 403


async def test_text_of_the_question_comes_back_escaped(ask: Client) -> None:
    odd = "mailto:a&b<c>@example.com"
    found = outcomes(await post(ask, request(odd)))
    assert found == {odd: ("3.7;Invalid calendar user", "")}
