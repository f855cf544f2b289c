import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ical.objects import read, read_lenient
from gateway.sync.meaning import by_key, meaning
from gateway.sync.rejoin import overlay, rejoin, same
from gateway.sync.texts import conflict_copy, conflict_uid, shaped, unmarked
from tests.sync.objects import event

BERLIN = """\
BEGIN:VTIMEZONE
TZID:{0}
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
"""


def component(*lines, kind="VEVENT"):
    return "\r\n".join([f"BEGIN:{kind}", *lines, f"END:{kind}", ""])


def calendar(*parts, prodid="-//test//EN"):
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{prodid}\r\n{''.join(parts)}END:VCALENDAR\r\n"


def zone(tzid="Europe/Berlin"):
    return BERLIN.format(tzid).replace("\n", "\r\n")


SERIES = ("UID:s", "DTSTAMP:20260101T000000Z", "DTSTART;TZID=Europe/Berlin:20261102T090000", "DURATION:PT1H")
MASTER = component(
    *SERIES,
    "RRULE:FREQ=WEEKLY",
    "SUMMARY:Weekly",
    "X-NOTE:master",
    component("ACTION:AUDIO", "TRIGGER:-PT5M", kind="VALARM").strip(),
)
MOVED = component(
    "UID:s", "DTSTAMP:20260101T000000Z", "RECURRENCE-ID;TZID=Europe/Berlin:20261109T090000",
    "DTSTART;TZID=Europe/Berlin:20261109T110000", "DURATION:PT1H", "SUMMARY:Moved", "X-NOTE:moved",
)  # fmt: skip
THEIR_MASTER = component(
    "UID:s", "DTSTART;TZID=Europe/Berlin:20261102T090000", "DTEND;TZID=Europe/Berlin:20261102T100000",
    "RRULE:FREQ=WEEKLY", "SUMMARY:Weekly", "SEQUENCE:3",
)  # fmt: skip
THEIR_MOVED = component(
    "UID:s", "RECURRENCE-ID:20261109T080000Z", "DTSTART;TZID=Europe/Berlin:20261109T110000",
    "DTEND;TZID=Europe/Berlin:20261109T120000", "SUMMARY:Moved",
)  # fmt: skip
SERVED = calendar(zone(), MASTER, MOVED)
PREVIOUS = calendar(zone(), THEIR_MASTER, THEIR_MOVED, prodid="-//cloud//EN")


def test_a_provider_that_says_the_same_changes_nothing():
    stamped = PREVIOUS.replace("SEQUENCE:3", "SEQUENCE:4\r\nDTSTAMP:20261121T000000Z\r\nTRANSP:OPAQUE")

    assert rejoin(SERVED, PREVIOUS, PREVIOUS) == SERVED
    assert rejoin(SERVED, PREVIOUS, stamped) == SERVED
    assert same(PREVIOUS, stamped)


def test_what_changed_there_becomes_theirs_and_what_they_cannot_hold_stays():
    result = rejoin(SERVED, PREVIOUS, calendar(zone(), THEIR_MASTER, THEIR_MOVED.replace("Moved", "Moved again")))

    assert MASTER in result
    assert "SUMMARY:Moved again\r\n" in result
    assert "SUMMARY:Moved\r\n" not in result
    assert "X-NOTE:moved" in result
    assert "DURATION:PT1H\r\nX-NOTE:moved" in result
    assert result.count("BEGIN:VTIMEZONE") == 1


def test_a_master_that_changed_keeps_what_they_cannot_hold():
    theirs = THEIR_MASTER.replace("SUMMARY:Weekly", "SUMMARY:Every week")
    result = rejoin(SERVED, PREVIOUS, calendar(zone(), theirs, THEIR_MOVED))

    assert MOVED in result
    assert {"SUMMARY:Every week", "SUMMARY:Weekly", "X-NOTE:master", "ACTION:AUDIO"} & set(result.splitlines()) == {
        "SUMMARY:Every week",
        "X-NOTE:master",
        "ACTION:AUDIO",
    }


MEETING = (
    "UID:m", "DTSTAMP:20260101T000000Z", "DTSTART:20261102T090000Z", "DURATION:PT1H", "SUMMARY:Meeting",
    "DESCRIPTION:Old", "X-ALT-DESC;FMTTYPE=text/html:<b>Old</b>", "LOCATION:Old",
    "X-APPLE-STRUCTURED-LOCATION;VALUE=URI:geo:1,2", "GEO:1;2", "CATEGORIES:Work",
    "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:dora@example.com", "ATTENDEE:urn:uuid:a-chair",
    "ATTACH:https://files.example.com/mine", "ATTACH:https://files.example.com/known",
)  # fmt: skip
THEIR_MEETING = (
    "UID:m", "DTSTART:20261102T090000Z", "DTEND:20261102T100000Z", "SUMMARY:Meeting", "DESCRIPTION:Old", "LOCATION:Old",
    "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:dora@example.com", "ATTACH:https://files.example.com/known",
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "gone", "come"),
    [
        (("NEEDS-ACTION", "ACCEPTED"), {MEETING[11]}, {"ATTENDEE;PARTSTAT=ACCEPTED:mailto:dora@example.com"}),
        (("DESCRIPTION:Old", "DESCRIPTION:New"), {MEETING[5], MEETING[6]}, {"DESCRIPTION:New"}),
        (("LOCATION:Old", "LOCATION:New"), {MEETING[7], MEETING[8], MEETING[9]}, {"LOCATION:New"}),
        (("T100000Z", "T110000Z"), {MEETING[3]}, {"DTEND:20261102T110000Z"}),
        (("files.example.com/known", "files.example.com/new"), {MEETING[14]}, {"ATTACH:https://files.example.com/new"}),
    ],
)
def test_a_change_takes_with_it_what_goes_with_it(change, gone, come):
    old = component(*THEIR_MEETING)
    result = rejoin(calendar(component(*MEETING)), calendar(old), calendar(old.replace(*change)))

    lines = set(result.splitlines())
    assert (set(MEETING) - gone) | come <= lines
    assert not gone & lines


def test_instances_come_and_go_with_theirs():
    another = THEIR_MOVED.replace("20261109", "20261116")

    assert another in rejoin(SERVED, PREVIOUS, calendar(zone(), THEIR_MASTER, THEIR_MOVED, another))
    assert MOVED not in rejoin(SERVED, PREVIOUS, calendar(zone(), THEIR_MASTER))


def test_a_kept_component_brings_its_zone():
    mine = calendar(
        zone("/mine/Berlin"),
        MASTER.replace("Europe/Berlin", "/mine/Berlin"),
        MOVED.replace("Europe/Berlin", "/mine/Berlin"),
    )
    result = rejoin(mine, PREVIOUS, calendar(zone(), THEIR_MASTER, THEIR_MOVED.replace("SUMMARY:Moved", "SUMMARY:New")))

    assert "TZID:/mine/Berlin" in result
    assert "TZID:Europe/Berlin" in result
    read_lenient(result)


@pytest.mark.parametrize(
    ("theirs", "changes"),
    [
        pytest.param(calendar(zone(), THEIR_MASTER, THEIR_MOVED), [], id="the same, spelled their way"),
        pytest.param(calendar(zone(), THEIR_MASTER), [], id="an instance they say nothing of"),
        pytest.param(
            calendar(zone(), THEIR_MASTER.replace("SUMMARY:Weekly", "SUMMARY:WEEKLY"), THEIR_MOVED),
            [("SUMMARY:Weekly", "SUMMARY:WEEKLY")],
            id="another value",
        ),
        pytest.param(
            calendar(zone(), THEIR_MASTER.replace("20261102T100000", "20261102T103000"), THEIR_MOVED),
            [("DURATION:PT1H", None), (None, "DTEND;TZID=Europe/Berlin:20261102T103000")],
            id="another end, in their words",
        ),
        pytest.param(
            calendar(zone(), THEIR_MASTER.replace("SEQUENCE:3", "URL:https://meet.example/x"), THEIR_MOVED),
            [(None, "URL:https://meet.example/x")],
            id="what only they have",
        ),
    ],
)
def test_overlay(theirs, changes):
    result = overlay(SERVED, theirs)

    if not changes:
        assert result == SERVED
    master, before = (by_key(read_lenient(text))[("VEVENT", "")] for text in (result, SERVED))
    lines = {line.raw.strip() for line in master.properties}
    expected = {line.raw.strip() for line in before.properties}
    for old, new in changes:
        expected = (expected - {old}) | ({new} if new else set())
    assert lines == expected
    assert MOVED in result
    read_lenient(result)


def alarm(trigger, *lines, action="DISPLAY", text="Talk"):
    return component(f"ACTION:{action}", f"TRIGGER:{trigger}", f"DESCRIPTION:{text}", *lines, kind="VALARM").strip()


TEN = alarm("-PT10M")
DISMISSED = alarm("-PT10M", "ACKNOWLEDGED:20261121T120000Z")
HEARD = alarm("-PT600S", action="AUDIO")
AFTER = alarm("PT5M")
MAIL = alarm("-PT10M", action="EMAIL")


@pytest.mark.parametrize(
    ("ours", "before", "after", "expected"),
    [
        pytest.param([TEN, AFTER], [TEN], [alarm("-PT20M")], [AFTER, alarm("-PT20M")], id="another time"),
        pytest.param([AFTER, TEN], [TEN], [], [AFTER], id="taken away"),
        pytest.param([AFTER], [], [TEN], [AFTER, TEN], id="one more"),
        pytest.param([DISMISSED], [TEN], [TEN, MAIL], [DISMISSED, MAIL], id="one more beside one that was dismissed"),
        pytest.param([DISMISSED], [TEN], [MAIL], [MAIL], id="another action"),
        pytest.param([MAIL, DISMISSED], [TEN, MAIL], [TEN], [DISMISSED], id="one of two at the same time taken away"),
        pytest.param([HEARD], [TEN], [alarm("-PT15M")], [alarm("-PT15M")], id="held as another action"),
        pytest.param([alarm("-P1D")], [alarm("-PT24H")], [], [], id="spelled otherwise"),
        pytest.param([AFTER], [TEN], [AFTER], [AFTER], id="the same as ours"),
        pytest.param(
            [DISMISSED, AFTER],
            [TEN],
            [alarm("-PT10M", text="New")],
            [alarm("-PT10M", "ACKNOWLEDGED:20261121T120000Z", text="New"), AFTER],
            id="told with another title",
        ),
    ],
)
def test_of_alarms_they_change_only_those_that_they_hold(ours, before, after, expected):
    result = rejoin(*(event("a", lines=alarms) for alarms in (ours, before, after)))

    found = [sorted(one.splitlines()) for one in re.findall("BEGIN:VALARM.*?END:VALARM", result, re.DOTALL)]
    assert found == [sorted(one.splitlines()) for one in expected]


def test_what_they_add_to_a_series_is_added():
    another = THEIR_MOVED.replace("20261109", "20261116")

    assert another in overlay(SERVED, calendar(zone(), THEIR_MASTER, THEIR_MOVED, another))


def test_their_reminders_count_where_we_named_none():
    alarm = component("ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:-PT10M", kind="VALARM").strip()
    theirs = event("a", lines=[alarm])

    assert overlay(event("a"), theirs).count("BEGIN:VALARM") == 1
    mine = event("a", lines=[alarm.replace("-PT10M", "-PT1M")])
    assert overlay(mine, theirs) == mine


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (["RRULE:FREQ=WEEKLY;BYDAY=MO"], ["RRULE:BYDAY=MO;INTERVAL=1;FREQ=WEEKLY"], True),
        (["RRULE:FREQ=WEEKLY;BYDAY=MO"], ["RRULE:FREQ=WEEKLY;BYDAY=TU"], False),
        (["EXDATE:20261109T080000Z", "EXDATE:20261116T080000Z"], ["EXDATE:20261116T080000Z,20261109T080000Z"], True),
        (["ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:Bob@x.y"], ["ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:bob@x.y"], True),
        (["ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x.y"], ["ATTENDEE;PARTSTAT=DECLINED:mailto:b@x.y"], False),
        (["DESCRIPTION:a\\nb \\n"], ["DESCRIPTION:a\\nb"], True),
        (["TRANSP:OPAQUE", "STATUS:CONFIRMED"], [], True),
        (["TRANSP:TRANSPARENT"], [], False),
        (["X-A;P=1:v"], ["X-A;P=2:v"], False),
        (["DTSTAMP:20200101T000000Z"], ["LAST-MODIFIED:20210101T000000Z"], True),
        (["CATEGORIES:a,b"], ["CATEGORIES:b", "CATEGORIES:a"], True),
    ],
)
def test_meaning(one, other, equal):
    first, second = (read_lenient(event("a", lines=lines)) for lines in (one, other))

    said = [meaning(obj.components[0], obj.zones) for obj in (first, second)]
    assert (said[0] == said[1]) is equal


KNOWN = {"SUMMARY": st.sampled_from(["a", "b"]), "LOCATION": st.sampled_from(["x", "y"])}
EXTRA = {"X-NOTE": st.sampled_from(["1", "2"]), "COMMENT": st.sampled_from(["p", "q"])}
DAYS = st.sets(st.sampled_from(["20261109", "20261116", "20261123"]), max_size=3)


@st.composite
def objects(draw, fields):
    days = [None, *sorted(draw(DAYS))]
    parts = []
    for day in days:
        start = day or "20261102"
        lines = ["UID:s", "DTSTAMP:20260101T000000Z", f"DTSTART:{start}T080000Z"]
        lines += [f"RECURRENCE-ID:{day}T080000Z"] if day else ["RRULE:FREQ=WEEKLY"]
        lines += [f"{name}:{draw(values)}" for name, values in fields.items() if draw(st.booleans())]
        parts.append(component(*lines))
    return calendar(*parts)


def at_provider(text):
    """The provider's mapping: what it cannot hold is left out."""
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith(("X-NOTE", "COMMENT", "DTSTAMP"))
    )


def by_day(text):
    obj = read_lenient(text)
    return {key: meaning(one, obj.zones) for key, one in by_key(obj).items()}


@given(objects({**KNOWN, **EXTRA}))
def test_what_a_provider_takes_and_echoes_is_served_as_it_was(text):
    assert overlay(text, at_provider(text)) == text
    assert rejoin(text, at_provider(text), at_provider(text)) == text


@given(objects({**KNOWN, **EXTRA}), objects(KNOWN))
def test_after_a_change_there_all_that_they_hold_is_as_they_say_and_the_rest_stays(served, changed):
    previous, new = at_provider(served), at_provider(changed)

    result = by_day(rejoin(served, previous, new))

    ours, after = by_day(served), by_day(new)
    for day, said in after.items():
        assert result[day] == said | {name: value for name, value in ours.get(day, {}).items() if name in EXTRA}
    assert set(result) == set(after)


@given(objects({**KNOWN, **EXTRA}), objects(KNOWN))
def test_a_rejoined_object_is_stable(served, changed):
    previous, new = at_provider(served), at_provider(changed)
    result = rejoin(served, previous, new)

    assert rejoin(result, new, new) == result
    assert same(at_provider(result), new)


def test_shaped_changes_only_what_is_asked():
    text = event("a", lines=['X-ODD;P="q":v', " folded"])

    assert shaped(text)[1] == text
    obj, marked = shaped(text, calendar_name="Work, home")
    assert marked == text.replace("END:VEVENT", "X-GATEWAY-CALENDAR:Work\\, home\r\nEND:VEVENT")
    assert obj.uid == "a"
    assert shaped(marked, calendar_name="Work, home")[1] == marked
    assert unmarked(marked) == text
    assert unmarked(text) == text
    renamed, named = shaped(text, uid="b")
    assert (renamed.uid, named) == ("b", text.replace("UID:a", "UID:b"))


def test_a_conflict_copy_invites_nobody():
    text = event("a", lines=['ORGANIZER;CN="A, B":mailto:a@x.y', "ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x.y"])
    uid = conflict_uid("a", "etag")

    copy = conflict_copy(text, uid, "de-AT")

    assert f"UID:{uid}\r\n" in copy
    assert "SUMMARY:Konflikt: Talk\r\n" in copy
    assert copy.count("SCHEDULE-AGENT=NONE") == 2
    assert 'CN="A, B"' in copy
    read(copy)
    assert conflict_uid("a", "etag") == uid != conflict_uid("a", "other")
