"""What calendar clients do that no RFC would make one expect: a row each, named after the client and who told of it.

A row is a short conversation: steps in order, each a request and what has to come back.
"""

from dataclasses import dataclass, field

import pytest

from tests.dav.conftest import DECLARED, MERGED, Client, Reply, event

ME = "/dav/principals/alice/"
HOME = "/dav/calendars/alice/"
OUTBOX = f"{HOME}outbox/"
ONE = f"{MERGED}one.ics"
ICAL = {"Content_Type": "text/calendar; charset=utf-8"}
ETAG = "<D:prop><D:getetag/></D:prop>"
TEXTS = "<D:prop><D:getetag/><C:calendar-data/></D:prop>"
FIRST, SECOND = "20261124T080000Z", "20261124T083000Z"


@dataclass(frozen=True)
class Step:
    """status: one of them. condition: in the DAV:error. hrefs: of the responses. header: name and what is in it.

    has, lacks: in the body.
    """

    method: str
    path: str
    status: int | tuple[int, ...]
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    user: str | None = "alice"
    condition: str = ""
    hrefs: tuple[str, ...] | None = None
    header: tuple[str, str] | None = None
    has: str = ""
    lacks: str = "\0"


def put(path: str, text: str, status: int | tuple[int, ...] = 201, condition: str = "", **headers: str) -> Step:
    return Step("PUT", path, status, text, {**ICAL, **headers}, condition=condition)


def get(path: str, status: int = 200, **more: str) -> Step:
    return Step("GET", path, status, **more)  # type: ignore[arg-type]


def report(kind: str, inner: str, path: str = MERGED, status: int = 207, **more: object) -> Step:
    return Step("REPORT", path, status, f"<{kind} {DECLARED}>{inner}</{kind}>", **more)  # type: ignore[arg-type]


def propfind(path: str, *names: str, status: int = 207, depth: str = "0", **more: object) -> Step:
    inner = "".join(f"<{name}/>" for name in names)
    body = f"<D:propfind {DECLARED}><D:prop>{inner}</D:prop></D:propfind>"
    return Step("PROPFIND", path, status, body, {"Depth": depth}, **more)  # type: ignore[arg-type]


def within(start: str, end: str, *hrefs: str, expand: bool = False, **more: object) -> Step:
    """A query for a range of time, as most clients send it."""
    sent = f'<C:expand start="{start}" end="{end}"/>' if expand else ""
    asked = f"<D:prop><D:getetag/><C:calendar-data>{sent}</C:calendar-data></D:prop>" if expand else ETAG
    span = f'<C:time-range start="{start}" end="{end}"/>'
    test = f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{span}</C:comp-filter></C:comp-filter>'
    return report(
        "C:calendar-query", f"{asked}<C:filter>{test}</C:filter>", headers={"Depth": "1"}, hrefs=hrefs, **more
    )


def multiget(*hrefs: str, **more: object) -> Step:
    return report("C:calendar-multiget", TEXTS + "".join(f"<D:href>{href}</D:href>" for href in hrefs), **more)


def sync(token: str = "", asked: str = ETAG, **more: object) -> Step:
    return report(
        "D:sync-collection", f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{asked}", **more
    )


def without(text: str, *names: str) -> str:
    """The object without the lines of these names."""
    return "".join(f"{line}\r\n" for line in text.split("\r\n")[:-1] if line.partition(":")[0] not in names)


def several(*uids: str) -> str:
    """A whole calendar in one body."""
    inner = [line for uid in uids for line in event(uid).split("\r\n")[3:-2]]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *inner, "END:VCALENDAR", ""])


def series_with(more: str) -> str:
    """Three mornings; the second is an hour later, and that override says more than it should."""
    master = event("one", "20261124T080000Z", FIRST.replace("08", "09"), "RRULE:FREQ=DAILY;COUNT=3")
    override = [
        *("BEGIN:VEVENT", "UID:one", "DTSTAMP:20261101T000000Z", "RECURRENCE-ID:20261125T080000Z"),
        *("DTSTART:20261125T090000Z", "DTEND:20261125T100000Z", "SUMMARY:Later", more, "END:VEVENT"),
    ]
    return master.replace("END:VCALENDAR", "\r\n".join([*override, "END:VCALENDAR"]))


def freebusy_question(*attendees: str) -> str:
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "METHOD:REQUEST", "BEGIN:VFREEBUSY", "UID:q"),
        *("DTSTAMP:20261101T000000Z", "DTEND:20261125T000000Z", "DTSTART:20261124T000000Z"),
        *("ORGANIZER:mailto:alice@example.com", *(f"ATTENDEE:mailto:{one}@example.com" for one in attendees)),
        *("X-CALENDARSERVER-MASK-UID:one", "END:VFREEBUSY", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(lines)


BERLIN = event("one", ";TZID=Europe/Berlin:20261124T090000", ";TZID=Europe/Berlin:20261124T100000")
CALCURSE = without(event("one", "20261124T090000"), "DTSTAMP").replace("DTEND:20261124T100000Z", "DURATION:P0DT1H0M0S")
WHOLE_DAY = event("one", ";VALUE=DATE:20261124", ";VALUE=DATE:20261125")
SEARCH = (
    "<D:property-search><D:prop>{}</D:prop><D:match>bob</D:match></D:property-search><D:prop><D:displayname/></D:prop>"
)
PATCH = f"<D:propertyupdate {DECLARED}><D:set><D:prop>{{}}</D:prop></D:set></D:propertyupdate>"

HABITS = {
    "macOS: a bare UUID as sync token (owncloud/core#30820)": [
        sync("5C6A3F26-6B55-4F7B-9D9C-0A4C8C4A7A11", status=403, condition="D:valid-sync-token"),
        sync(),
    ],
    "iOS: a limit on the first sync, and more after a 507 (nextcloud/server#48678)": [
        put(ONE, event("one")),
        put(f"{MERGED}two.ics", event("two")),
        report(
            "D:sync-collection",
            f"<D:sync-token/><D:sync-level>1</D:sync-level><D:limit><D:nresults>1</D:nresults></D:limit>{ETAG}",
            hrefs=(ONE, MERGED),
            has="507",
        ),
    ],
    "iOS: asks at / and /principals/, and OPTIONS on the principal (sabre-io/dav#1151, rustical#98)": [
        propfind("/", "D:current-user-principal", has=ME),
        propfind("/principals/", "D:current-user-principal", has=ME),
        Step("OPTIONS", ME, 200, header=("dav", "calendar-access")),
    ],
    "iOS: the home is a container (Kozea/Radicale#1288)": [
        propfind(HOME, "D:resourcetype", has="<D:collection/>", lacks="<C:calendar/>"),
    ],
    "Thunderbird: OPTIONS on the parent of the calendar": [
        Step("OPTIONS", HOME, 200, header=("dav", "calendar-schedule"))
    ],
    "Evolution: OPTIONS on the calendar itself": [Step("OPTIONS", MERGED, 200, header=("dav", "calendar-access"))],
    "Thunderbird: PUT / with If-Match: nothing, the ICS-file provider probing": [
        Step("PUT", "/", (405,), event("one"), {**ICAL, "If_Match": "nothing"}),
        propfind(MERGED, "D:getetag", depth="1", hrefs=(MERGED,)),
    ],
    "Thunderbird: HEAD on the item before it shows a conflict": [
        put(ONE, event("one")),
        Step("HEAD", ONE, 200, header=("etag", '"')),
        Step("HEAD", ONE, 200, header=("content-type", "text/calendar")),
        Step("HEAD", f"{MERGED}no.ics", 404),
    ],
    "Thunderbird: every path without credentials first": [
        *(
            propfind(path, "D:resourcetype", status=401, user=None, header=("www-authenticate", "Basic"))
            for path in ("/", "/principals/", "/dav/", ME, HOME, MERGED, ONE, OUTBOX, "/dav/calendars/nobody/")
        ),
        Step("OPTIONS", HOME, 401, user=None, header=("www-authenticate", "Basic")),
        Step("REPORT", MERGED, 401, user=None),
    ],
    "Thunderbird: If-None-Match: * twice is a conflict": [
        put(ONE, event("one"), If_None_Match="*"),
        put(ONE, event("one"), 412, If_None_Match="*"),
    ],
    "Thunderbird: a date of a series that says how long it is gets an end as well; only the end may stay": [
        put(ONE, without(series_with("DURATION:PT1H"), "DURATION")),
        put(ONE, series_with("DURATION:PT30M"), 204),
        get(ONE, has="DTEND:20261125T100000Z", lacks="DURATION"),
        within("20261125T093000Z", "20261125T100000Z", ONE),
    ],
    "Evolution: changes and deletes without If-Match": [
        put(ONE, event("one"), If_None_Match="*", Prefer="return=minimal"),
        put(ONE, event("one", summary="Changed"), 204),
        get(ONE, has="Changed"),
        Step("DELETE", ONE, 204),
    ],
    "Evolution: multiget without Depth": [put(ONE, event("one")), multiget(ONE, hrefs=(ONE,), has="UID:one")],
    "Evolution: free/busy without Originator and Recipient": [
        Step("POST", OUTBOX, 200, freebusy_question("alice", "bob"), ICAL, has="mailto:bob@example.com"),
    ],
    "Apple: free/busy of all in one Recipient header, DTEND before DTSTART, a masked UID": [
        Step(
            "POST",
            OUTBOX,
            200,
            freebusy_question("alice", "bob"),
            {**ICAL, "Recipient": "mailto:alice@example.com, mailto:bob@example.com"},
            has="2.0",
        ),
    ],
    "tsdav: sync-collection without Depth, with calendar-data": [
        put(ONE, event("one")),
        sync(asked=TEXTS, hrefs=(ONE,), has="UID:one"),
    ],
    "tsdav: every href of an object ends in .ics, whatever its UID": [
        put(ONE, event("one")),
        within("20261124T000000Z", "20261125T000000Z", ONE),
    ],
    "tsdav: free-busy-query with Depth 1 gives text/calendar": [
        report(
            "C:free-busy-query",
            f'<C:time-range start="{FIRST}" end="{SECOND}"/>',
            status=200,
            headers={"Depth": "1"},
            header=("content-type", "text/calendar"),
        ),
    ],
    "vdirsyncer: Depth 1 on the root, to begin with": [propfind("/", "D:current-user-principal", depth="1", has=ME)],
    "Outlook CalDav Synchronizer and older Microsoft clients: Depth: 1,noroot": [
        put(ONE, event("one")),
        propfind(MERGED, "D:getetag", depth="1,noroot", hrefs=(ONE,)),
        propfind(MERGED, "D:getetag", depth="1, noroot", hrefs=(ONE,)),
        propfind(MERGED, "D:getetag", depth="2,noroot", status=400),
    ],
    "calcurse: no DTSTAMP, floating, DURATION:P0DT1H0M0S, no If-None-Match": [
        put(ONE, CALCURSE),
        get(ONE, has="DURATION:P0DT1H0M0S", lacks="DTSTAMP"),
        within("20261124T083000Z", "20261124T084500Z", ONE),
        within("20261124T090000Z", "20261124T094500Z"),
    ],
    "many: no DTEND, a moment where there is a time": [
        put(ONE, without(event("one", "20261124T081500Z"), "DTEND")),
        within(FIRST, SECOND, ONE),
        within(SECOND, "20261124T090000Z"),
    ],
    "many: no DTEND, a day where there is a date": [
        put(ONE, without(WHOLE_DAY, "DTEND;VALUE=DATE")),
        within("20261124T200000Z", "20261124T210000Z", ONE),
        within("20261125T000000Z", "20261125T010000Z"),
    ],
    "Outlook: a trailing blank in TZID (bitfireAT/davx5-ose#2483)": [
        put(ONE, BERLIN.replace("Europe/Berlin", '"Europe/Berlin "')),
        within(FIRST, SECOND, ONE),
        within("20261124T091500Z", "20261124T094500Z"),
        get(ONE, has='TZID="Europe/Berlin "'),
    ],
    "Outlook: a trailing blank in TZID, without quotes": [
        put(ONE, BERLIN.replace("Europe/Berlin", "Europe/Berlin ")),
        within(FIRST, SECOND, ONE),
        within("20261124T091500Z", "20261124T094500Z"),
    ],
    "Outlook: names of time zones that are Windows' own (home-assistant/core#179613, nextcloud/server#48079)": [
        put(ONE, BERLIN.replace("Europe/Berlin", "W. Europe Standard Time")),
        within(FIRST, SECOND, ONE),
        within("20261124T091500Z", "20261124T094500Z"),
    ],
    "Simple Calendar: EXDATE on an override (SimpleMobileTools/Simple-Calendar#2053, #294)": [
        put(ONE, series_with("EXDATE:20261126T080000Z")),
        within("20261125T000000Z", "20261126T000000Z", ONE, expand=True, has="Later", lacks="Meeting"),
        within("20261126T000000Z", "20261127T000000Z", ONE, expand=True, has="Meeting", lacks="Later"),
    ],
    "Simple Calendar: RRULE on an override": [
        put(ONE, series_with("RRULE:FREQ=DAILY;COUNT=3")),
        within("20261126T090000Z", "20261126T100000Z"),
    ],
    "Lightning and curl: the whole calendar in one PUT; nothing of it is lost or stored": [
        put(ONE, event("one", summary="Before")),
        put(ONE, several("one", "two"), 403, "C:valid-calendar-object-resource"),
        put(f"{MERGED}all.ics", several("three", "four"), 403, "C:valid-calendar-object-resource"),
        get(ONE, has="Before"),
        get(f"{MERGED}all.ics", 404),
        Step("PUT", MERGED, 405, several("one", "two"), ICAL),
        propfind(MERGED, "D:getetag", depth="1", hrefs=(MERGED, ONE)),
    ],
    "many: bodies without end; refused before they are read": [
        put(ONE, event("one", summary="x" * 60_000), 413, "C:max-resource-size"),
        get(ONE, 404),
        put(ONE, event("one")),
    ],
    "DAVx5: one refused object is one refused object (bitfireAT/davx5-ose#1459, davdroid#523)": [
        put(ONE, event("one")),
        put(f"{MERGED}bad.ics", "BEGIN:VCALENDAR\r\nnonsense", 403, "C:valid-calendar-data"),
        put(f"{MERGED}two.ics", event("two")),
        multiget(ONE, f"{MERGED}bad.ics", "/elsewhere/x.ics", "%zz", f"{MERGED}two.ics", has="UID:two"),
        multiget(f"{MERGED}bad.ics", hrefs=(f"{MERGED}bad.ics",), has="404"),
        sync(hrefs=(ONE, f"{MERGED}two.ics")),
    ],
    "many: @ and %40 in an href are the same; what was asked is what is answered": [
        put(f"{MERGED}a%40b.ics", event("a@b")),
        get(f"{MERGED}a@b.ics", has="UID:a@b"),
        multiget(f"{MERGED}a%40b.ics", hrefs=(f"{MERGED}a%40b.ics",), has="UID:a@b"),
        multiget(f"{MERGED}a@b.ics", hrefs=(f"{MERGED}a@b.ics",), has="UID:a@b"),
        Step("DELETE", f"{MERGED}a@b.ics", 204),
        get(f"{MERGED}a%40b.ics", 404),
    ],
    "many: hrefs with odd characters": [
        put(f"{MERGED}{name}", event(f"u{number}"))
        for number, name in enumerate(
            (
                "%C3%A4%20b.ics",
                "a+b.ics",
                "a&b=c;d,e.ics",
                "%25.ics",
                "%7Bguid%7D.EML",
                "a:b!$'()*.ics",
                "%23%3F.ics",
                "x",
            )
        )
    ]
    + [
        get(f"{MERGED}%c3%a4%20b.ics", has="UID:u0"),
        get(f"{MERGED}a%2Bb.ics", has="UID:u1"),
        get(f"{MERGED}a%26b%3Dc%3Bd%2Ce.ics", has="UID:u2"),
        multiget(f"{MERGED}%25.ics", f"{MERGED}{{guid}}.EML", has="UID:u4"),
        get(f"{MERGED}%25.ics", has="UID:u3"),
    ],
    "Apple: colour, order and default alarms are set right after set-up; a 403 would stop it": [
        Step(
            "PROPPATCH",
            MERGED,
            (204, 207),
            PATCH.format(
                "<A:calendar-order>2</A:calendar-order><A:calendar-color>#ff0000ff</A:calendar-color>"
                "<C:default-alarm-vevent-date>BEGIN:VALARM&#13;\nEND:VALARM</C:default-alarm-vevent-date>"
            ),
            lacks="403",
        ),
        propfind(MERGED, "A:calendar-order", has=">2<"),
    ],
    "Apple: a search for a property that nobody has, and no Depth (Cyrus says 400, sabre/dav too)": [
        report(
            "D:principal-property-search",
            SEARCH.format("<CS:no-such-property/>"),
            path="/dav/principals/",
        ),
        report("D:principal-property-search", SEARCH.format("<D:displayname/>"), path="/dav/principals/", has="bob"),
    ],
    "Apple: media types that name the component": [
        put(ONE, event("one"), Content_Type="text/calendar; component=VEVENT; charset=UTF-8"),
    ],
    "many: LF alone, a byte order mark, no line end at the end": [
        put(ONE, "\ufeff" + event("one").replace("\r\n", "\n").rstrip()),
        within("20261124T090000Z", "20261124T091500Z", ONE),
    ],
    "many: PROPFIND without a body": [Step("PROPFIND", MERGED, 207, None, {"Depth": "0"}, has="<D:displayname>")],
    "Tachyon: the home is named, and it is not / (kimusan/Tachyon#34)": [
        propfind(ME, "C:calendar-home-set", has=f"<D:href>{HOME}</D:href>"),
    ],
    "Outlook by DavMail: one UID again and again, under other names (pimutils/vdirsyncer#1140)": [
        put(ONE, event("one")),
        put(f"{MERGED}again.ics", event("one"), 403, "C:no-uid-conflict"),
        propfind(MERGED, "D:getetag", depth="1", hrefs=(MERGED, ONE)),
    ],
    "python-caldav, Baikal's users: what has gone since a token is a 404, not a failure (python-caldav/caldav#183)": [
        put(ONE, event("one")),
        Step("DELETE", ONE, 204),
        sync(f"http://127.0.0.1:5232{MERGED}sync/1", hrefs=(ONE,), has="404"),
    ],
    "Thunderbird Appointment: the end of whole days is the day after (thunderbird/appointment#580)": [
        put(ONE, WHOLE_DAY),
        within("20261124T220000Z", "20261124T230000Z", ONE),
        within("20261124T230000Z", "20261125T230000Z"),
    ],
    "rrule: nine in the morning stays nine in the morning (jkbrzt/rrule#390)": [
        put(ONE, BERLIN.replace("20261124", "20261023").replace("SUMMARY", "RRULE:FREQ=DAILY\r\nSUMMARY")),
        within("20261024T000000Z", "20261025T000000Z", ONE, expand=True, has="DTSTART:20261024T070000Z"),
        within("20261026T000000Z", "20261027T000000Z", ONE, expand=True, has="DTSTART:20261026T080000Z"),
    ],
    "Home Assistant: a daily series, expanded by the server (home-assistant/core#40127)": [
        put(ONE, event("one", "20261124T080000Z", "20261124T090000Z", "RRULE:FREQ=DAILY")),
        within("20261201T000000Z", "20261202T000000Z", ONE, expand=True, has="DTSTART:20261201T080000Z", lacks="RRULE"),
    ],
}


async def said(ask: Client, step: Step) -> Reply:
    reply = await ask(step.method, step.path, step.body, user=step.user, **step.headers)
    statuses = step.status if isinstance(step.status, tuple) else (step.status,)
    assert reply.status in statuses, f"{step.method} {step.path}: {reply.status} {reply.text[:300]}"
    return reply


@pytest.mark.parametrize("habit", HABITS)
async def test_a_habit_is_met(ask: Client, habit: str) -> None:
    for step in HABITS[habit]:
        reply = await said(ask, step)
        if step.condition:
            assert reply.condition == step.condition
        if step.hrefs is not None:
            assert sorted(reply.hrefs) == sorted(step.hrefs)
        if step.header is not None:
            assert step.header[1] in reply.headers[step.header[0]]
        assert step.has in reply.text
        assert step.lacks not in reply.text
        assert step.method != "HEAD" or reply.body == b""


def test_every_habit_says_whose_it_is() -> None:
    assert [habit for habit in HABITS if ": " not in habit] == []
