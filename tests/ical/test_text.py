"""Text is read without loss, and nothing written can leave its value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidCalendarData
from gateway.ical.text import (
    MAX_DEPTH,
    Component,
    component,
    decode,
    escape,
    fold,
    parse,
    prop,
    replace,
    serialise,
    split_escaped,
    text_prop,
    texts_prop,
    unescape,
    unfold,
)
from tests.ical import calendar, event

WSP = " \t"
ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Somewhere",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0100",
    "END:STANDARD",
    "END:VTIMEZONE",
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(event("SUMMARY:x"), id="plain"),
        pytest.param(event("SUMMARY:x").replace("\r\n", "\n"), id="LF only"),
        pytest.param(event("SUMMARY:x").replace("UID:one\r\n", "UID:one\n"), id="mixed line ends"),
        pytest.param(event("SUMMARY:x")[:-2], id="no line end at the end"),
        pytest.param("\r\n \r\n" + event("SUMMARY:x") + "\r\n\r\n", id="blank lines around"),
        pytest.param(event("SUMMARY:x", "", "", "LOCATION:y"), id="blank lines inside"),
        pytest.param("\ufeff" + event("SUMMARY:x"), id="byte order mark"),
        pytest.param(event("SUMMARY:a\r\n b\r\n\tc", "DESC\r\n RIPTION:x"), id="folds, by blank and by TAB"),
        pytest.param(event("summary;Language=en:x", "BEGIN:valarm", "action:X", "END:Valarm"), id="letter case"),
        pytest.param(event("BEGIN:VALARM", "END:VALARM", "SUMMARY:after the alarm"), id="property after component"),
        pytest.param(calendar(*ZONE, "", *ZONE, "BEGIN:VEVENT", "END:VEVENT"), id="zones and blank lines"),
        pytest.param(calendar(*ZONE[:-1], "END:VTIMEZONE\r\n ", "X-A:1"), id="fold after a zone"),
        pytest.param(event("SUMMARY:NEL \x85 LS \u2028 PS \u2029 are text"), id="other line ends are text"),
        pytest.param(event('ATTENDEE;CN="a:b;c,d":mailto:x@y'), id="quoted parameter"),
    ],
)
def test_text_comes_back_byte_for_byte(text: str) -> None:
    for _ in range(2):  # zones are kept from the first time
        assert serialise(parse(text)) == text
    assert serialise(parse(text.encode())) == text


names = st.sampled_from(["SUMMARY", "X-A", "x-b;P=1", 'ATTENDEE;CN="a:b"'])
ends = st.sampled_from(["\r\n", "\n", "\r\n ", "\n\t"])
plain = st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=20)


def content_line(head: str, value: str, end: str, rest: str) -> str:
    return f"{head}:{value}{end}{rest if end[-1] in WSP else ''}"


lines = st.builds(content_line, names, plain, ends, plain)


@given(st.lists(lines, max_size=8), st.sampled_from(["\r\n", "\n"]))
def test_any_lines_come_back(content: list[str], end: str) -> None:
    whole = [line if line.endswith("\n") else line + end for line in content]
    text = f"BEGIN:VCALENDAR{end}{''.join(whole)}END:VCALENDAR{end}"

    read = parse(text)

    assert serialise(read) == text
    assert len(read.properties) == len(content)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for body in (text, calendar(text)):
        try:
            assert serialise(parse(body)) == body
        except InvalidCalendarData:
            parse_lenient(body)


def parse_lenient(text: str) -> Component | None:
    try:
        return parse(text, lenient=True)
    except InvalidCalendarData:
        return None


def test_lines_are_read() -> None:
    [line] = (
        parse(event('ATTENDEE;cn="Ann; ^\'the^n boss^^";ROLE=A,B;X:mail\r\n to:ann@example.com'))
        .children("VEVENT")[0]
        .all("ATTENDEE")
    )

    assert line.value == "mailto:ann@example.com"
    assert dict(line.params) == {"CN": ('Ann; "the\n boss^',), "ROLE": ("A", "B"), "X": ("",)}
    assert line.param("ROLE") == "A"
    assert line.param("PARTSTAT") is None


@pytest.mark.parametrize(
    ("body", "line"),
    [
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"hello\r\n", 1, id="no iCalendar"),
        pytest.param(event("SUMMARY:\x00").encode(), 7, id="NUL"),
        pytest.param(event("SUMMARY:a\rb").encode(), 7, id="a lone CR"),
        pytest.param(event("SUMMARY:\x7f").encode(), 7, id="DEL"),
        pytest.param(event("SUMMARY:x").encode() + b"\xff", 10, id="not UTF-8"),
        pytest.param(event("SUMMARY").encode(), 7, id="no colon"),
        pytest.param(event("SUM MARY:x").encode(), 7, id="no name"),
        pytest.param(event('ATTENDEE;CN="x:mailto:a').encode(), 7, id="open quote"),
        pytest.param(event("END:VTODO").encode(), 7, id="wrong END"),
        pytest.param(event("SUMMARY:x").encode()[:-15], None, id="cut off"),
        pytest.param(event("SUMMARY:x").encode() * 2, 10, id="two calendars"),
        pytest.param(b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", 1, id="no VCALENDAR"),
        pytest.param(b" BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", 1, id="begins with a fold"),
        pytest.param(calendar(*["BEGIN:VEVENT"] * 100_000).encode(), 3 + MAX_DEPTH, id="nested too deep"),
        pytest.param(calendar(*["BEGIN:VTIMEZONE"] * 100_000).encode(), 3 + MAX_DEPTH, id="zones nested too deep"),
        pytest.param(b"BEGIN:VCALENDAR\r\n" + b"A:\n" * 400_001, None, id="too many lines"),
        pytest.param(event("ATTACH:" + "A" * 4_000_001).encode(), None, id="line too long"),
    ],
)
def test_what_is_no_icalendar_is_refused_with_its_line(body: bytes, line: int | None) -> None:
    with pytest.raises(InvalidCalendarData) as refused:
        parse(body)
    assert refused.value.line == line


def test_a_character_torn_by_a_fold_is_mended() -> None:
    assert decode("SUMMARY:ü\r\n".encode().replace(b"\xc3\xbc", b"\xc3\r\n \xbc")) == "SUMMARY:ü\r\n"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param(event("SUMMARY"), ["VEVENT"], id="a line without colon"),
        pytest.param(event("SUMMARY:\x00a\rb"), ["VEVENT"], id="control characters"),
        pytest.param(event("SUMMARY:x")[:-16], ["VEVENT"], id="cut off"),
        pytest.param(calendar("BEGIN:VEVENT", "BEGIN:VEVENT", "END:VEVENT"), ["VEVENT", "VEVENT"], id="END forgotten"),
        pytest.param(calendar("BEGIN:VTODO", "END:VTOOD", "BEGIN:VEVENT"), ["VTODO", "VEVENT"], id="END misspelt"),
        pytest.param(event("SUMMARY:x") * 2, ["VEVENT", "VEVENT"], id="two calendars"),
        pytest.param("junk\r\n" + event("SUMMARY:x") + "junk", ["VEVENT"], id="junk around"),
        pytest.param(event("SUMMARY", "", " :x"), ["VEVENT"], id="blank line inside a folded one"),
    ],
)
def test_lenient_reading_finds_what_is_there(text: str, kinds: list[str]) -> None:
    assert [child.name for child in parse(text, lenient=True).components] == kinds


TEXTS = [
    pytest.param("a;b,c\\d", "a\\;b\\,c\\\\d", id="signs"),
    pytest.param("a\nb", "a\\nb", id="LF"),
    pytest.param("a\r\nb\rc", "a\\nb\\nc", id="CR"),
    pytest.param("a\x85b\u2028c\u2029d", "a\\nb\\nc\\nd", id="NEL, LS, PS"),
    pytest.param("a\x00\x07\x1b\x7f\ufeffb", "ab", id="control characters"),
    pytest.param("tab\there", "tab\there", id="TAB stays"),
]


@pytest.mark.parametrize(("text", "escaped"), TEXTS)
def test_escape(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"], blacklist_characters="\ufeff\ufffe\uffff")))
def test_text_comes_back_from_its_value(text: str) -> None:
    assert unescape(escape(text)) == text


hostile = st.text(st.sampled_from('\r\n\x85\u2028\u2029\x00\x0b\x0c\x1c;:,"^\\ \tABCüß\U0001f600'), max_size=120)


@given(hostile, hostile, hostile)
def test_nothing_leaves_its_value(value: str, text: str, param: str) -> None:
    made = [prop("X-URI", value), text_prop("SUMMARY", text, {"X-P": param})]
    written = serialise(component("VCALENDAR", made))

    read = parse(written)

    assert [line.name for line in read.properties] == ["X-URI", "SUMMARY"]
    assert read.components == []
    assert read.properties[1].text == unescape(escape(text))
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    assert not any(sign in written for sign in "\x85\u2028\u2029\x00\x0b\x0c\x1c")


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=300))
def test_fold_is_undone(line: str) -> None:
    assert unfold(fold("X:" + line)) == "X:" + line


def test_lists_of_texts() -> None:
    line = texts_prop("CATEGORIES", ["a,b", "c\\", ""])

    assert line.value == "a\\,b,c\\\\,"
    assert [unescape(part) for part in split_escaped(line.value)] == ["a,b", "c\\", ""]
    assert split_escaped("a,b") == ["a", "b"]


@pytest.mark.parametrize(
    ("lines", "new", "after"),
    [
        pytest.param(["A:1", "B:2"], "X", ["A:X", "B:2"], id="in its place"),
        pytest.param(["A:1", "B:2", "A:3"], "X", ["A:X", "B:2"], id="one of several"),
        pytest.param(["B:2"], "X", ["B:2", "A:X"], id="new"),
        pytest.param(["A:1", "B:2"], None, ["B:2"], id="taken out"),
        pytest.param(
            ["B:2", "BEGIN:V", "END:V", "C:3"], "X", ["B:2", "A:X", "BEGIN:V", "END:V", "C:3"], id="before parts"
        ),
        pytest.param(["A:1", "BEGIN:V", "END:V", "C:3"], None, ["BEGIN:V", "END:V", "C:3"], id="parts stay in place"),
        pytest.param(["BEGIN:V", "END:V", "A:1"], "X", ["BEGIN:V", "END:V", "A:X"], id="after parts"),
    ],
)
def test_replace(lines: list[str], new: str | None, after: list[str]) -> None:
    target = parse(calendar(*lines))

    replace(target, "A", prop("A", new) if new else None)

    assert serialise(target) == calendar(*after)
