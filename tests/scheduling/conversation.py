"""Conversations in plain text, held by people with mailboxes and nothing but the pure functions.

    # what it shows
    put alice               an object as her client stores it, abridged (see `abridged`)
      with bob carol=ACCEPTED
    expect bob REQUEST invitation       the next message on its way to him, and lines it has (`!` before: has not)
      SUMMARY:Lunch
    deliver                 all messages, and those sent in answer
    expect bob's copy       what he has now
      bob=NEEDS-ACTION

Times are those of Berlin. Each message is delivered a second time, which must change nothing.
"""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.errors import GatewayError
from gateway.ical.objects import ParsedObject, read, read_lenient
from gateway.ical.text import Component, prop, serialise, unfold
from gateway.scheduling import itip
from gateway.scheduling.itip import Changes, Method, News, Outcome, Outgoing, Received, Role
from gateway.scheduling.itip.lines import partstat
from gateway.scheduling.itip.parts import Parts
from tests.scheduling.abridged import BEGIN, ZONE, calendar, edit, mail, when

CHANGED = {Outcome.NEW, Outcome.UPDATED, Outcome.ANSWERS, Outcome.CANCELLED, Outcome.ANSWERED}
QUIET = {Outcome.SAME, Outcome.STALE, Outcome.STRANGER, Outcome.UNKNOWN, Outcome.UNINVITED}


@dataclass
class Step:
    line: int
    words: list[str]
    block: list[str]


@dataclass
class Person:
    name: str
    addresses: frozenset[str]
    copies: dict[str, str] = field(default_factory=dict)
    outcomes: list[Received] = field(default_factory=list)
    proposals: list[tuple[str, str]] = field(default_factory=list)


def steps_of(text: str) -> list[Step]:
    found: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith((" ", "\t")):
            found[-1].block.append(line.strip())
        else:
            found.append(Step(number, shlex.split(line.replace("'s ", " ")), []))
    return found


class Conversation:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.people: dict[str, Person] = {}
        self.queue: list[Outgoing] = []
        self.seen = 0
        self.now = BEGIN
        self.step = Step(0, [], [])
        self.uid = "m-1"

    def person(self, name: str) -> Person:
        return self.people.setdefault(name, Person(name, frozenset({mail(name)})))

    def at(self, address: str) -> Person:
        for one in self.people.values():
            if address in one.addresses:
                return one
        return self.person(address.removesuffix("@example.com"))

    def hold(self) -> None:
        for step in steps_of(self.path.read_text(encoding="utf-8")):
            self.now += 60
            try:
                self.step = step
                getattr(self, f"do_{step.words[0]}")(*step.words[1:])
            except (AssertionError, GatewayError, AttributeError, LookupError, ValueError, TypeError) as error:
                waiting = "\n".join(f"{one.method} {one.news} -> {one.recipient}\n{one.text}" for one in self.queue)
                copies = "\n".join(f"{one.name}: {one.copies.get(self.uid)}" for one in self.people.values())
                raise AssertionError(
                    f"{self.path.name}:{step.line}: {' '.join(step.words)}: {error!r}\n{waiting}\n{copies}"
                ) from error

    # what people do

    def do_people(self, *names: str) -> None:
        for text in names:
            name, _, more = text.partition("=")
            self.people[name] = Person(name, frozenset({mail(name), *filter(None, more.split(","))}))

    def do_uid(self, uid: str) -> None:
        self.uid = uid

    def do_later(self, seconds: str) -> None:
        self.now += int(seconds)

    def do_put(self, name: str) -> None:
        self._store(self.person(name), calendar(self.step.block, self.uid))

    def do_refused(self, error: str, verb: str, *words: str) -> None:
        with pytest.raises(GatewayError) as raised:
            getattr(self, f"do_{verb}")(*words)
        assert type(raised.value).__name__ == error

    def do_edit(self, name: str, of: str = "", rid: str = "") -> None:
        """Lines of the series, or of one instance, that take the place of those of the same name."""
        who = self.person(name)
        parts = Parts(read_lenient(who.copies[self.uid]))
        one = parts.keyed[min(parts.keyed)]
        if of:
            line = prop("RECURRENCE-ID", rid, {} if len(rid) == 8 else {"TZID": ZONE})
            key = parts.key(line, rid)
            assert key is not None
            one = parts.keyed.get(key) or parts.derived(key)
            parts.store(key, one)
        for text in self.step.block:
            if text == "drop":
                parts.obj.calendar.components.remove(one)
            else:
                edit(one, text)
        self._store(who, serialise(parts.obj.calendar))

    def do_delete(self, name: str, silently: str = "") -> None:
        self._store(self.person(name), None, reply=not silently)

    def do_answer(self, name: str, answer: str, *of: str) -> None:
        who = self.person(name)
        rid = of[-1] if of else ""
        obj = read(who.copies[self.uid])
        comment = self.step.block[0] if self.step.block else ""
        self._store(who, itip.answer(obj, self._address(who, obj), answer, rid=rid, comment=comment))

    def do_delegate(self, name: str, to: str) -> None:
        who = self.person(name)
        obj = read(who.copies[self.uid])
        self._store(who, itip.delegate(obj, self._address(who, obj), mail(to)))

    def do_counter(self, name: str, times: str, *of: str) -> None:
        who = self.person(name)
        rid = of[-1] if of else ""
        start, end = (_epoch(text) for text in times.split("-"))
        obj = read(who.copies[self.uid])
        made = itip.counter(obj, self._address(who, obj), start=start, end=end, stamp=self.now, rid=rid)
        self.queue.append(made)

    def do_decline(self, name: str) -> None:
        """The latest proposal in somebody's mailbox."""
        text, who = self.person(name).proposals[-1]
        self.queue.append(itip.decline_counter(read_lenient(text), who, stamp=self.now))

    def do_accept(self, name: str) -> None:
        who = self.person(name)
        text, _ = who.proposals[-1]
        self._store(who, itip.accept_counter(read_lenient(text), read(who.copies[self.uid])))

    def do_refresh(self, name: str) -> None:
        who = self.person(name)
        obj = read(who.copies[self.uid])
        self.queue.append(itip.refresh(obj, self._address(who, obj), stamp=self.now))

    def do_send(self, sender: str, method: str, to: str) -> None:
        """A message as some other program writes it."""
        text = calendar(self.step.block, self.uid, method)
        self.queue.append(Outgoing(Method(method), mail(sender), mail(to), text, News.REMINDER))

    def do_status(self, name: str, *codes: str) -> None:
        who = self.person(name)
        given = {mail(one): code for one, _, code in (text.partition("=") for text in codes)}
        who.copies[self.uid] = itip.with_status(who.copies[self.uid], given)

    def do_stale(self, name: str) -> None:
        """A PUT of what the client saw before others answered, under If-Schedule-Tag-Match."""
        who = self.person(name)
        stored = read(who.copies[self.uid])
        given = read(calendar(self.step.block, self.uid))
        self._store(who, itip.with_answers(given, stored, who.addresses))

    def _address(self, who: Person, obj: ParsedObject) -> str:
        named = {itip.address(line) for one in obj.components for line in one.all("ATTENDEE")}
        return min(named & who.addresses)

    def _store(self, who: Person, text: str | None, *, reply: bool = True) -> None:
        before = read(who.copies[self.uid]) if self.uid in who.copies else None
        after = read(text) if text is not None else None
        made = self._changes(who, before, after, reply=reply)
        if made.text is None:
            who.copies.pop(self.uid, None)
        else:
            read(made.text)
            who.copies[self.uid] = made.text
        self.queue += made.messages

    def _changes(self, who: Person, before: ParsedObject | None, after: ParsedObject | None, *, reply: bool) -> Changes:
        roles = {itip.role_of(obj, who.addresses) for obj in (before, after) if obj is not None}
        if Role.ORGANIZER in roles:
            return itip.organizer_changes(before, after, organizer=who.addresses, stamp=self.now)
        if Role.ATTENDEE in roles:
            return itip.attendee_changes(before, after, me=who.addresses, stamp=self.now, reply=reply)
        return Changes(serialise(after.calendar) if after is not None else None)

    # delivery

    def do_deliver(self, *words: str) -> None:
        """All, or only to some; `reversed`: the latest first; `first`: one only; `as eve`: the sender is eve."""
        sender = ""
        if "as" in words:
            sender = mail(words[words.index("as") + 1])
            words = words[: words.index("as")]
        to = {mail(name) for name in words if name not in {"reversed", "first"}}
        while True:
            ready = [one for one in self.queue if not to or one.recipient in to]
            if not ready:
                break
            if "reversed" in words:
                ready.reverse()
            for one in ready[:1] if "first" in words else ready:
                self.queue.remove(one)
                self._deliver(one, sender or one.sender)
            if "first" in words:
                break
        self.seen = 0

    def do_lose(self, *names: str) -> None:
        self.queue = [one for one in self.queue if names and one.recipient not in {mail(name) for name in names}]
        self.seen = 0

    def _deliver(self, one: Outgoing, sender: str) -> None:
        who = self.at(one.recipient)
        received = self._receive(who, one, sender)
        who.outcomes.append(received)
        if received.text is not None:
            read(received.text)
            who.copies[self.uid] = received.text
        if received.outcome is Outcome.PROPOSED:
            who.proposals.append((one.text, received.attendee))
        self.queue += received.messages
        again = self._receive(who, one, sender)
        assert again.text is None, f"{one.method} twice: {again}"
        if received.outcome in CHANGED:
            assert again.outcome in QUIET, f"{one.method} twice: {again}"
            assert again.messages == ()

    def _receive(self, who: Person, one: Outgoing, sender: str) -> Received:
        current = read(who.copies[self.uid]) if self.uid in who.copies else None
        message = read_lenient(one.text)
        return itip.receive(message, current, me=who.addresses, sender=sender, stamp=self.now)

    # what is expected

    def do_expect(self, name: str, *words: str) -> None:
        if name == "nothing":
            names = {mail(one) for one in words[1:]}
            waiting = [one for one in self.queue[self.seen :] if not names or one.recipient in names]
            assert not waiting, "a message"
        elif words[0] == "copy":
            self._expect_copy(self.person(name), list(words[1:]))
        elif words[0] == "outcome":
            outcome = self.person(name).outcomes[-1]
            assert outcome.outcome.name == words[1], outcome
            assert outcome.gone == ("gone" in words)
        else:
            self._expect_message(name, *words)

    def _expect_copy(self, who: Person, words: list[str]) -> None:
        text = who.copies.get(self.uid)
        if words == ["none"]:
            assert text is None, "a copy"
            return
        assert text is not None, "no copy"
        _check(text, self.step.block, words)

    def _expect_message(self, name: str, method: str, news: str = "", *words: str) -> None:
        found = [one for one in self.queue[self.seen :] if one.recipient == mail(name)]
        assert found, "no message"
        one = found[0]
        self.queue.remove(one)
        self.queue.insert(self.seen, one)
        self.seen += 1
        assert one.method == method, one.method
        assert news in {"", one.news.name.lower()}, one.news
        assert ("forced" in words) == one.forced
        for private in ("SCHEDULE-", "X-GATEWAY-", "BEGIN:VALARM"):
            assert private not in one.text, private
        obj = read_lenient(one.text)
        zones = {zone.text("TZID") for zone in obj.calendar.children("VTIMEZONE")}
        assert {line.param("TZID") for part in obj.components for line in part.properties} - {None} <= zones
        _check(one.text, self.step.block, [word for word in words if word != "forced"])


def _check(text: str, block: list[str], words: list[str]) -> None:
    """The lines of a component: the first one, or that of an instance; `components N`: how many there are."""
    parts = Parts(read_lenient(text))
    one = parts.keyed[min(parts.keyed)]
    if words and words[0] == "of":
        one = _instance(parts, words[1])
    for line in block:
        if line.startswith("components "):
            assert len(parts.keyed) == int(line.split()[1]), f"{len(parts.keyed)} components"
        elif line.startswith("of "):
            one = _instance(parts, line[3:].strip())
        elif line.startswith("no "):
            key = _key(parts, line[3:].strip())
            assert key not in parts.keyed, f"{line[3:]} is there"
            assert key in parts.excluded or not parts.occurs(key), f"{line[3:]} takes place"
        elif line.startswith("calendar "):
            assert line[9:] in [unfold(other.raw) for other in parts.obj.calendar.properties], line
        else:
            _check_line(one, line)


def _check_line(one: Component, line: str) -> None:
    lines = [unfold(other.raw) for other in one.properties]
    answer = re.fullmatch(r"(\S+@\S+|[a-z]+)=([A-Z-]+)", line)
    if answer is not None:
        found = {itip.address(other): partstat(other) for other in one.all("ATTENDEE")}
        assert found.get(mail(answer[1])) == answer[2], f"{line}, but {found}"
    elif line in {"alarm", "!alarm"}:
        assert bool(one.children("VALARM")) == (line == "alarm"), line
    elif line.startswith("!"):
        assert not any(other.startswith(line[1:]) or line[1:] in other.partition(":")[0] for other in lines), line
    elif line.startswith("~"):
        assert any(line[1:] in other for other in lines), f"{line} in {lines}"
    else:
        assert line in lines, f"{line} in {lines}"


def _key(parts: Parts, rid: str) -> int:
    key = parts.key(prop("RECURRENCE-ID", rid, {"TZID": ZONE} if len(rid) == 15 else {}), rid)
    assert key is not None
    return key


def _instance(parts: Parts, rid: str) -> Component:
    key = _key(parts, rid)
    assert key in parts.keyed, f"no component of {rid}"
    return parts.keyed[key]


def _epoch(text: str) -> int:
    line = prop("DTSTART", when(text), {"TZID": ZONE})
    obj = read(calendar([], "x"))
    moment = Parts(obj).moment(line)
    assert moment is not None
    return moment.epoch
