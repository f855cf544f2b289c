"""Random changes at a whole simulated cloud and here, with faults and restarts in between, over the real backends.

In the end both hold the same, and no change that a person made is lost or there twice. GATEWAY_EXAMPLES=1000 in the
environment tries that many courses of events at each cloud instead of the usual number.
"""

import asyncio
import os
import re
import shutil
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from gateway.backends.base import Outside
from gateway.errors import GatewayError
from gateway.store import accounts, jobs, objects
from gateway.sync.pull import pull_account
from gateway.sync.worker import Worker
from gateway.sync.write import delete, put
from tests.sync.breaking import Breaking
from tests.sync.clouds import KINDS, Cloud, running_cloud
from tests.sync.conftest import NOW, Clock
from tests.sync.connected import Connected, no_wrap, occurrences
from tests.sync.objects import event

EXAMPLES = int(os.environ.get("GATEWAY_EXAMPLES", "100"))
STEPS = 14
DAY = 86_400
NUMBERS = st.integers(0, 9)


class CloudsAndUs(RuleBasedStateMachine):
    """promised: titles that somebody gave and nobody took away who knew of them."""

    loop: asyncio.AbstractEventLoop
    cloud: Cloud
    outside: Outside
    clock: Clock
    empty: Path

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.clock.now = NOW
        self.cloud.recover()
        self.cloud.limit_pages(None)
        self.cloud.new_person()
        self.world = Connected(self.empty, self.folder, self.cloud, self.outside, self.clock)
        self.counter = 0
        self.promised: set[str] = set()
        self.they_create(0, 4)
        self.they_create(1, 1)
        self.somebody_else_invites(2)
        self.run(self.world.connect())
        self.run(pull_account(self.world.sync, self.world.account))
        self.we_create(3, series=True, impatient=False)

    def run(self, work):
        return self.loop.run_until_complete(work)

    def say(self, side: str) -> str:
        self.counter += 1
        return f"{side} {self.counter}"

    # At the provider

    def there(self, do, *args) -> None:
        """What its user does: who takes a title away there saw it."""
        before = {title for title, _ in self.cloud.seen()}
        do(*args)
        after = {title for title, _ in self.cloud.seen()}
        self.promised = self.promised - (before - after) | (after - before)

    def pick(self, number: int, *, mine: bool = False) -> str | None:
        found = [one for one in self.cloud.events() if self.cloud.is_mine(one) or not mine]
        return found[number % len(found)] if found else None

    @rule(number=NUMBERS, dates=st.sampled_from([1, 1, 3, 4]))
    def they_create(self, number, dates):
        self.there(self.cloud.create, self.say("theirs"), number, 9 + number % 3, dates)

    @rule(number=NUMBERS)
    def somebody_else_invites(self, number):
        self.there(self.cloud.invite, self.say("bobs"), number, 14)

    @rule(number=NUMBERS)
    def they_rename(self, number):
        if found := self.pick(number):
            self.there(self.cloud.rename, found, self.say("theirs"))

    @rule(number=NUMBERS, day=NUMBERS)
    def they_move(self, number, day):
        if found := self.pick(number, mine=True):
            self.there(self.cloud.move, found, day, 16)
            self.there(self.cloud.rename, found, self.say("theirs moved"))

    @rule(number=NUMBERS, dates=st.integers(2, 5))
    def they_change_a_rule(self, number, dates):
        found = self.pick(number, mine=True)
        if found and self.cloud.dates(found):
            self.there(self.cloud.new_rule, found, dates)

    @rule(number=NUMBERS)
    def they_recolour(self, number):
        if found := self.pick(number, mine=True):
            self.there(self.cloud.recolour, found, number)

    @rule(number=NUMBERS, date=NUMBERS, what=st.sampled_from(["rename", "move", "cancel"]))
    def they_change_a_date(self, number, date, what):
        found = self.pick(number, mine=True)
        dates = self.cloud.dates(found) if found else []
        if not dates:
            return
        name = dates[date % len(dates)]
        if what == "rename":
            self.there(self.cloud.rename_date, name, self.say("theirs on a date"))
        elif what == "move":
            self.there(self.cloud.move_date, name, 2)
        elif len(dates) > 1:
            self.there(self.cloud.cancel_date, name)

    @rule(number=NUMBERS)
    def they_delete(self, number):
        if found := self.pick(number):
            self.there(self.cloud.delete, found)

    # Here

    def ours(self, work, before: set[str], after: set[str], *, impatient: bool) -> None:
        """What a client does, as far as it is not refused: what it saw and takes away is no promise any more."""
        self.world.impatient = impatient
        try:
            self.run(work)
        except GatewayError:
            return
        finally:
            self.run(self.rest())
            self.world.impatient = False
        self.promised = self.promised - (before - after) | (after - before)

    async def rest(self) -> None:
        """Of pushes that outlast their requests."""
        while self.world.sync.late:
            await asyncio.gather(*self.world.sync.late, return_exceptions=True)

    def member(self, number: int) -> tuple[str, str] | None:
        found = sorted(row for row in self.world.served().items() if "Conflict: " not in row[1])
        return found[number % len(found)] if found else None

    def put(self, href: str, before: str, text: str, *, impatient: bool) -> None:
        seen, wanted = ({title for title, _ in occurrences(one)} if one else set() for one in (before, text))
        self.ours(put(self.world.sync, self.world.alice, href, text), seen, wanted, impatient=impatient)

    @rule(number=NUMBERS, series=st.booleans(), impatient=st.booleans())
    def we_create(self, number, series, impatient):
        title = self.say("ours")
        day = 24 + number % 6
        text = event(
            f"{self.counter}@client.example",
            title,
            start=f"202611{day}T1{number}0000Z",
            end=f"202611{day}T1{number}3000Z",
            lines=["RRULE:FREQ=WEEKLY;COUNT=3", "X-NOTE:kept beside"] if series else ["X-NOTE:kept beside"],
        )
        self.put(f"{self.counter}.ics", "", text, impatient=impatient)

    @rule(number=NUMBERS, impatient=st.booleans())
    def we_rename(self, number, impatient):
        if found := self.member(number):
            href, text = found
            self.put(href, text, renamed(text, self.say("ours")), impatient=impatient)

    @rule(number=NUMBERS, date=NUMBERS, cancel=st.booleans(), impatient=st.booleans())
    def we_change_a_date(self, number, date, cancel, impatient):
        if (found := self.member(number)) and "\r\nRRULE" in found[1][found[1].index("BEGIN:VEVENT") :]:
            href, text = found
            title = "" if cancel else self.say("ours on a date")
            self.put(href, text, with_date(text, date, title), impatient=impatient)

    @rule(number=NUMBERS, impatient=st.booleans())
    def we_delete(self, number, impatient):
        if found := self.member(number):
            href, text = found
            seen = {title for title, _ in occurrences(text)}
            self.ours(delete(self.world.sync, self.world.alice, href), seen, set(), impatient=impatient)

    # What goes wrong

    @rule(status=st.sampled_from([429, 403, 500, 503]), times=st.integers(1, 4))
    def the_cloud_fails(self, status, times):
        self.cloud.fail(status, times)

    @rule(method=st.sampled_from(["POST", "PATCH", "DELETE", "GET"]))
    def an_answer_is_lost(self, method):
        self.cloud.lose_answer(method)

    @rule(method=st.sampled_from(["PATCH ", "DELETE ", "POST ", "GET "]), number=NUMBERS, deletes=st.booleans())
    def somebody_is_faster(self, method, number, deletes):
        self.cloud.simulator.meanwhile(method, lambda: (self.they_delete if deletes else self.they_rename)(number))

    @rule()
    def access_tokens_expire(self):
        self.cloud.expire_access()

    @rule()
    def the_consent_is_taken_back(self):
        self.cloud.revoke()

    @rule()
    def the_consent_is_given_again(self):
        self.reconnect()

    @rule()
    def sync_state_is_dropped(self):
        self.cloud.forget_sync_state()

    @rule(items=st.sampled_from([None, 1, 2, 3]))
    def pages_get_short(self, items):
        self.cloud.limit_pages(items)

    @rule()
    def we_start_again(self):
        self.world.open()

    # What happens by itself

    @rule(full=st.booleans(), pages=st.sampled_from([None, None, 0, 1, 2]))
    def we_pull(self, full, pages):
        """pages: after which the line breaks."""
        if pages is not None:
            self.world.wrap = lambda backend: Breaking(backend, pages)
        try:
            self.run(pull_account(self.world.sync, self.world.account, full=full))
        except GatewayError:
            return
        finally:
            self.world.wrap = no_wrap

    @rule(seconds=st.sampled_from([30, 900, 7_200, 31 * DAY]))
    def time_passes(self, seconds):
        self.clock.now += seconds
        self.run(Worker(self.world.sync).run_due())

    # In the end

    def reconnect(self) -> None:
        try:
            self.run(self.world.connect())
        except GatewayError:
            return

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.settle()
            self.check()
        finally:
            self.world.close()
            shutil.rmtree(self.folder)

    def settle(self) -> None:
        self.cloud.recover()
        self.cloud.limit_pages(None)
        self.reconnect()
        for _ in range(8):
            self.clock.now += 7_200
            self.run(Worker(self.world.sync).run_due())
            if not self.world.db.read_now(jobs.waiting, "push", self.world.user):
                break
        self.run(pull_account(self.world.sync, self.world.account))

    def check(self) -> None:
        world, db = self.world, self.world.db
        rows = db.read_now(objects.of_user, world.user)
        there = [row for row in rows if row.calendar_id == world.calendar.id]
        assert db.read_now(jobs.waiting, "push", world.user) == []
        assert db.read_now(jobs.dead) == []
        assert [row.uid for row in rows if row.dirty] == []
        assert db.read_now(accounts.get, world.account).state == "ok"
        assert world.seen() == self.cloud.seen()
        assert sorted(row.uid for row in there) == self.cloud.uids()
        assert [uid for uid, number in Counter(self.cloud.uids()).items() if number > 1] == []
        served = world.served().values()
        assert sorted(map(first_title, served)) == sorted(first_title(row.text) for row in rows)
        twice = Counter((first_title(text), *occurrences(text)) for text in served)
        assert [what for what, number in twice.items() if number > 1] == []
        titles = {title for text in served for title, _ in occurrences(text)}
        lost = {title for title in self.promised if not {title, f"Conflict: {title}"} & titles}
        assert lost == set()


def first_title(text: str) -> str:
    found = re.search(r"^SUMMARY:(.*?)\r$", text, re.MULTILINE)
    assert found is not None, text
    return found[1]


def renamed(text: str, title: str) -> str:
    """The first component is the series where there is one."""
    return re.sub(r"^SUMMARY:.*?\r$", f"SUMMARY:{title}\r", text, count=1, flags=re.MULTILINE)


def with_date(text: str, number: int, title: str) -> str:
    """A series with one more date of its own: cancelled, or under another title. Unchanged if the date has one."""
    uid = re.search(r"^UID:.*?\r$", text, re.MULTILINE)
    start = re.search(r"^DTSTART(.*?):(\S+)\r$", text[text.index("BEGIN:VEVENT") :], re.MULTILINE)
    assert uid is not None
    assert start is not None
    when = datetime.strptime(start[2].rstrip("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    week = datetime.fromtimestamp(when.timestamp() + number % 3 * 7 * DAY, UTC)
    name = f"{week:%Y%m%dT%H%M%S}{'Z' if start[2].endswith('Z') else ''}"
    if name in text.replace(start[2], "", 1) or (name == start[2] and text.count(name) > 1):
        return text
    if not title:
        at = text.index("\r\nRRULE", text.index("BEGIN:VEVENT"))
        return f"{text[:at]}\r\nEXDATE{start[1]}:{name}{text[at:]}"
    lines = ["BEGIN:VEVENT", uid[0].rstrip(), "DTSTAMP:20261101T000000Z", f"RECURRENCE-ID{start[1]}:{name}"]
    lines += [f"DTSTART{start[1]}:{name}", "DURATION:PT30M", f"SUMMARY:{title}", "END:VEVENT", "END:VCALENDAR"]
    return text.replace("END:VCALENDAR", "\r\n".join(lines), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_both_end_up_the_same_and_nothing_is_lost_or_there_twice(kind, empty, tmp_path):
    clock = Clock()
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    there = running_cloud(kind, lambda: datetime.fromtimestamp(clock(), UTC), tmp_path)
    cloud, outside = loop.run_until_complete(stack.enter_async_context(there))

    class Machine(CloudsAndUs):
        pass

    Machine.loop, Machine.cloud, Machine.outside, Machine.clock, Machine.empty = loop, cloud, outside, clock, empty
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    try:
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=checks,
                database=None,
            ),
        )
    finally:
        loop.run_until_complete(stack.aclose())
        loop.close()
