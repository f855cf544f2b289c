"""What holds for every conversation: order and repetition do not matter, and in the end all see the same."""

from collections.abc import Iterator
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ical.objects import ParsedObject, read, read_lenient
from gateway.ical.recurrence import Series
from gateway.ical.text import Component, component, prop, replace, serialise
from gateway.scheduling import itip
from gateway.scheduling.itip import Outcome, Outgoing
from gateway.scheduling.itip.lines import partstat
from gateway.scheduling.itip.message import append
from gateway.scheduling.itip.parts import Parts, cancelled

ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@example.com"
GUESTS = (BOB, CAROL)
BEGIN = 1_795_600_000
DAYS = tuple(datetime(2026, 12, day, 9, tzinfo=UTC) for day in range(1, 6))
FAR = 4_000_000_000

hours = st.integers(8, 18)
days = st.sampled_from(DAYS)
words = st.sampled_from(["Lunch", "Dinner", "Breakfast"])
actions = st.one_of(
    st.tuples(st.just("move"), hours),
    st.tuples(st.just("name"), words),
    st.tuples(st.just("place"), words),
    st.tuples(st.just("take out"), days),
    st.tuples(st.just("move one"), days, hours),
    st.tuples(st.just("name one"), days, words),
    st.tuples(st.just("call off one"), days),
    st.tuples(st.just("as the others"), days),
    st.tuples(st.just("shorten"), st.integers(1, 5)),
    st.tuples(st.just("invite"), st.sampled_from(GUESTS)),
    st.tuples(st.just("leave out of one"), days, st.sampled_from(GUESTS)),
    st.tuples(st.just("status"), st.sampled_from(["TENTATIVE", "CONFIRMED"])),
)
answers = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(GUESTS), st.sampled_from(["ACCEPTED", "TENTATIVE", "DECLINED"])),
    st.tuples(st.just("answer one"), st.sampled_from(GUESTS), days, st.sampled_from(["ACCEPTED", "DECLINED"])),
    st.tuples(st.just("note"), st.sampled_from(GUESTS)),
)


def event(*guests: str) -> str:
    lines = [
        prop("UID", "m-1"),
        prop("DTSTAMP", "20261101T000000Z"),
        prop("DTSTART", "20261201T090000Z"),
        prop("DTEND", "20261201T100000Z"),
        prop("RRULE", "FREQ=DAILY;COUNT=5"),
        prop("SUMMARY", "Lunch"),
        prop("ORGANIZER", f"mailto:{ALICE}"),
        *(prop("ATTENDEE", f"mailto:{who}", {"PARTSTAT": "NEEDS-ACTION"}) for who in guests),
    ]
    head = [prop("VERSION", "2.0"), prop("PRODID", "-//test//EN")]
    return serialise(component("VCALENDAR", head, [component("VEVENT", lines)]))


def organise(text: str, action: tuple) -> str:
    """The organizer's object with one change by their client."""
    parts = Parts(read_lenient(text))
    master = parts.keyed[min(parts.keyed)]
    verb, *what = action
    if verb == "move":
        for key in parts.overrides:
            parts.drop(key)
        for name, hour in (("DTSTART", what[0]), ("DTEND", what[0] + 1)):
            replace(master, name, prop(name, f"20261201T{hour:02d}0000Z"))
        replace(master, "EXDATE", None)
    elif verb in {"name", "place"}:
        name = "SUMMARY" if verb == "name" else "LOCATION"
        for one in parts.keyed.values():
            replace(one, name, prop(name, what[0]))
    elif verb == "shorten":
        replace(master, "RRULE", prop("RRULE", f"FREQ=DAILY;COUNT={what[0]}"))
        for key in parts.overrides:
            parts.drop(key)
    elif verb == "status":
        replace(master, "STATUS", prop("STATUS", what[0]))
    elif verb == "invite":
        toggle(master, what[0])
    else:
        one_instance(parts, verb, *what)
    return serialise(parts.obj.calendar)


def toggle(one: Component, who: str) -> None:
    known = [line for line in one.properties if line.name == "ATTENDEE" and itip.address(line) == who]
    if known:
        one.properties.remove(known[0])
    else:
        append(one, prop("ATTENDEE", f"mailto:{who}", {"PARTSTAT": "NEEDS-ACTION"}))


def one_instance(parts: Parts, verb: str, day: datetime, *what) -> None:
    start = parts.start
    assert start is not None
    key = int(day.replace(hour=start.local.hour).timestamp())
    one = parts.effective(key)
    if one is None:
        return
    if verb in {"take out", "as the others"}:
        if key in parts.keyed:
            parts.drop(key)
        if verb == "take out":
            parts.exclude(parts.keyed[min(parts.keyed)], {key})
        return
    parts.store(key, one)
    if verb == "move one":
        for name, hour in (("DTSTART", what[0]), ("DTEND", what[0] + 1)):
            replace(one, name, prop(name, f"{day:%Y%m%d}T{hour:02d}3000Z"))
    elif verb == "name one":
        replace(one, "SUMMARY", prop("SUMMARY", what[0]))
    elif verb == "call off one":
        replace(one, "STATUS", prop("STATUS", "CANCELLED"))
    else:
        toggle(one, what[0])


def sight(text: str | None, who: str, *, answers: bool = True) -> list[tuple]:
    """What takes place with them: times, words and who answered what."""
    if text is None:
        return []
    obj = read_lenient(text)
    return sorted(_seen(obj, who, answers=answers))


def _seen(obj: ParsedObject, who: str, *, answers: bool) -> Iterator[tuple]:
    for found in Series(obj, UTC).between(BEGIN, FAR, 1_000):
        one = obj.components[found.component]
        people = {itip.address(line): partstat(line) for line in one.all("ATTENDEE")}
        if who in people and not cancelled(one):
            known = tuple(sorted(people.items())) if answers else ()
            yield found.start, found.end, one.text("SUMMARY"), one.text("LOCATION"), known


class Talk:
    """An organizer and two guests."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.copies: dict[str, str | None] = {ALICE: None, BOB: None, CAROL: None}
        self.queue: list[Outgoing] = []

    def organise(self, text: str | None) -> tuple[Outgoing, ...]:
        self.now += 60
        before = self.copies[ALICE]
        made = itip.organizer_changes(
            read(before) if before else None,
            read(text) if text else None,
            organizer=frozenset({ALICE}),
            stamp=self.now,
        )
        self.copies[ALICE] = made.text
        self.queue += made.messages
        return made.messages

    def guest(self, action: tuple) -> None:
        self.now += 60
        verb, who, *what = action
        before = self.copies[who]
        if before is None or not sight(before, who):
            return
        obj = read(before)
        if verb == "note":
            parts = Parts(read_lenient(before))
            one = parts.keyed[min(parts.keyed)]
            one.components = [component("VALARM", [prop("ACTION", "DISPLAY"), prop("TRIGGER", "-PT5M")])]
            replace(one, "X-NOTE", prop("X-NOTE", "mine"))
            after = serialise(parts.obj.calendar)
        elif verb == "answer":
            after = itip.answer(obj, who, what[0])
        else:
            rid = self._instance(obj, what[0])
            if not rid:
                return
            after = itip.answer(obj, who, what[1], rid=rid)
        made = itip.attendee_changes(obj, read(after), me=frozenset({who}), stamp=self.now)
        self.copies[who] = made.text
        self.queue += made.messages

    def _instance(self, obj: ParsedObject, day: datetime) -> str:
        for one in Series(obj, UTC).between(int(day.timestamp()) - 43_200, int(day.timestamp()) + 43_200, 10):
            component_ = obj.components[one.component]
            if not cancelled(component_) and obj.master is not None:
                return one.rid
        return ""

    def deliver(self, one: Outgoing) -> None:
        self.now += 1
        who = one.recipient
        for turn in range(2):
            current = self.copies[who]
            received = itip.receive(
                read_lenient(one.text),
                read(current) if current else None,
                me=frozenset({who}),
                sender=one.sender,
                stamp=self.now,
            )
            if turn:
                assert received.text is None
                assert received.outcome is not Outcome.NEW
            elif received.text is not None:
                self.copies[who] = received.text
                self.queue += received.messages

    def deliver_all(self) -> None:
        while self.queue:
            self.deliver(self.queue.pop(0))


def shown(talk: Talk, who: str) -> list[tuple]:
    """What the organizer's object has for a guest."""
    return sight(talk.copies[ALICE], who)


@settings(max_examples=25, deadline=None)
@given(changes=st.lists(actions, max_size=6), data=st.data())
def test_messages_in_any_order_and_again_leave_the_newest_state(changes, data):
    talk = Talk()
    [first] = talk.organise(event(BOB))
    later = []
    for change in changes:
        text = talk.copies[ALICE]
        assert text is not None
        later += [one for one in talk.organise(organise(text, change)) if one.recipient == BOB]
    talk.queue.clear()
    talk.deliver(first)
    start = talk.copies[BOB]
    for one in later:
        talk.deliver(one)
    in_order = sight(talk.copies[BOB], BOB)
    shuffled = data.draw(st.permutations(later + later[:2]))

    talk.copies[BOB] = start
    for one in shuffled:
        talk.deliver(one)

    assert sight(talk.copies[BOB], BOB) == in_order


@settings(max_examples=25, deadline=None)
@given(turns=st.lists(st.one_of(actions, answers), max_size=8))
def test_when_everything_is_delivered_all_see_the_same(turns):
    talk = Talk()
    talk.organise(event(BOB, CAROL))
    talk.deliver_all()
    for turn in turns:
        text = talk.copies[ALICE]
        assert text is not None
        if turn[0] in {"answer", "answer one", "note"}:
            talk.guest(turn)
        else:
            talk.organise(organise(text, turn))
        talk.deliver_all()

        for who in GUESTS:
            assert sight(talk.copies[who], who) == shown(talk, who)


@settings(max_examples=25, deadline=None)
@given(turns=st.lists(st.one_of(actions, answers), max_size=8), data=st.data())
def test_when_messages_cross_all_see_the_same_times_in_the_end(turns, data):
    talk = Talk()
    talk.organise(event(BOB, CAROL))
    talk.deliver_all()
    for turn in turns:
        text = talk.copies[ALICE]
        assert text is not None
        if turn[0] in {"answer", "answer one", "note"}:
            talk.guest(turn)
        else:
            talk.organise(organise(text, turn))
        for _ in range(data.draw(st.integers(0, 2))):
            if talk.queue:
                talk.deliver(talk.queue.pop(data.draw(st.integers(0, len(talk.queue) - 1))))
    talk.deliver_all()

    for who in GUESTS:
        mine, theirs = sight(talk.copies[who], who, answers=False), sight(talk.copies[ALICE], who, answers=False)
        assert mine == theirs


@settings(max_examples=15, deadline=None)
@given(changes=st.lists(actions, max_size=5))
def test_the_end_is_the_end_for_all(changes):
    talk = Talk()
    talk.organise(event(BOB, CAROL))
    for change in changes:
        text = talk.copies[ALICE]
        assert text is not None
        talk.organise(organise(text, change))
    talk.organise(None)
    talk.deliver_all()

    assert sight(talk.copies[BOB], BOB) == sight(talk.copies[CAROL], CAROL) == []
