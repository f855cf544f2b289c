"""Random changes at a whole simulated cloud and here, over the real backends, with faults, restarts and notices that
are lost in between.

What is new at the cloud is asked for because it told so, or at its time. In the end both hold the same, and no change
that a person made is lost or there twice. GATEWAY_EXAMPLES=1000 in the environment tries that many courses of events at
each cloud instead of the usual number.
"""

import asyncio
import os
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from gateway.errors import GatewayError
from gateway.sync.pull import pull_account
from gateway.sync.write import delete, put
from tests.sync import telling
from tests.sync.breaking import Breaking
from tests.sync.clouds import KINDS, running_cloud
from tests.sync.conftest import NOW, Clock
from tests.sync.connected import Connected, no_wrap, occurrences
from tests.sync.course import Course
from tests.sync.door import a_door
from tests.sync.edits import DAY, renamed, with_date
from tests.sync.objects import event

EXAMPLES = int(os.environ.get("GATEWAY_EXAMPLES", "100"))
STEPS = 12
NUMBERS = st.integers(0, 9)


class CloudsAndUs(Course):
    @initialize(way=st.sampled_from(telling.WAYS), awake=st.booleans())
    def begin(self, way, awake) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.clock.now = NOW
        self.cloud.recover()
        self.cloud.limit_pages(None)
        telling.end(self.cloud, "in silence")
        telling.send(self.cloud, "prompt")
        self.cloud.new_person()
        self.world = Connected(self.empty, self.folder, self.cloud, self.outside, self.clock, home=self.door.url)
        self.counter = 0
        self.promised = set()
        self.awake = False
        self.run(self.start())
        self.they_create(0, 4)
        self.they_create(1, 1)
        self.somebody_else_invites(2)
        self.run(self.world.connect())
        self.run(self.work())
        self.notices_go(way, awake=awake)
        self.we_create(3, series=True, impatient=False)

    # At the provider

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
        self.run(self.hear())

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

    @rule(down=st.sampled_from([0, 0, 3_600, 8 * DAY]), number=NUMBERS)
    def we_start_again(self, down, number):
        """down: seconds in which nobody answers, while things happen at the cloud and channels may end."""
        self.run(self.door.close())
        if down:
            awake, self.awake = self.awake, False
            self.they_rename(number)
            self.awake = awake
        self.clock.now += down
        self.world.open()
        self.run(self.start())

    # Notices

    @rule(way=st.sampled_from(telling.WAYS), awake=st.booleans())
    def notices_go(self, way, awake):
        telling.send(self.cloud, way)
        self.awake = awake

    @rule()
    def notices_come_late(self):
        telling.release(self.cloud)
        self.run(self.hear())

    @rule(how=st.sampled_from(telling.ENDS))
    def channels_end(self, how):
        telling.end(self.cloud, how)
        self.run(self.hear())

    @rule(trouble=st.sampled_from(["none", "refused", "unanswered"]), days=st.sampled_from([2, 5, 8]))
    def channels_need_to_be_renewed(self, trouble, days):
        """Microsoft's within two days, Google's within five; after eight all have ended by themselves."""
        if trouble == "refused":
            self.cloud.fail(503, 2, telling.CHANNELS[self.cloud.kind])
        elif trouble == "unanswered":
            self.cloud.lose_answer("POST")
            self.cloud.lose_answer("PATCH")
        self.clock.now += days * DAY
        self.run(self.work())

    # What happens by itself

    @rule(pages=st.sampled_from([None, None, 0, 1, 2]))
    def what_is_due_is_done(self, pages):
        """What notices asked for, above all. pages: after which the line breaks."""
        if pages is not None:
            self.world.wrap = lambda backend: Breaking(backend, pages)
        try:
            self.run(self.work())
        finally:
            self.world.wrap = no_wrap

    @rule()
    def somebody_asks_for_everything(self):
        """As `gateway account sync --full` does; whoever is signed out hears so."""
        try:
            self.run(pull_account(self.world.sync, self.world.account, full=True))
        except GatewayError:
            return

    @rule(seconds=st.sampled_from([30, 900, 7_200, 31 * DAY]))
    def time_passes(self, seconds):
        self.clock.now += seconds
        self.run(self.work())


@pytest.mark.parametrize("kind", KINDS)
def test_both_end_up_the_same_and_nothing_is_lost_or_there_twice(kind, empty, tmp_path):
    clock = Clock()
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    there = running_cloud(kind, lambda: datetime.fromtimestamp(clock(), UTC), tmp_path)
    door = loop.run_until_complete(stack.enter_async_context(a_door()))
    cloud, outside = loop.run_until_complete(stack.enter_async_context(there))

    class Machine(CloudsAndUs):
        pass

    Machine.loop, Machine.cloud, Machine.outside, Machine.door = loop, cloud, outside, door
    Machine.clock, Machine.empty = clock, empty
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
