"""Random edits on both sides of a sync with faults in between: in the end both hold the same, and nothing is lost."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from gateway.accounts.people import add_person
from gateway.config import Settings
from gateway.errors import Conflict, Forbidden, GatewayError, NotFound, PreconditionFailed, RefusedByProvider
from gateway.ical.objects import read_lenient
from gateway.store import accounts, jobs, members, objects, principals, ranges
from gateway.store.database import Database
from gateway.store.migrate import migrate
from gateway.sync.context import Sync
from gateway.sync.pull import pull_account
from gateway.sync.worker import Worker
from gateway.sync.write import delete, put
from tests.fakes.shelf import Shelf, unavailable
from tests.sync.conftest import Clock
from tests.sync.objects import event

UIDS = st.sampled_from("abcd")
REFUSALS = (PreconditionFailed, Forbidden, NotFound, Conflict)


def summary(text):
    return read_lenient(text).components[0].text("SUMMARY")


def sayings(texts):
    """UID and summary of each."""
    return sorted((read_lenient(text).uid, summary(text)) for text in texts)


class BothSides(RuleBasedStateMachine):
    empty: Path
    verbatim: bool

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.empty, self.folder / "gateway.sqlite")
        self.loop = asyncio.new_event_loop()
        self.db = Database(f"sqlite:///{self.folder}/gateway.sqlite")
        key = self.db.write_now(add_person, "alice", "alice@example.com", now=1)
        self.alice = self.db.read_now(principals.by_id, key)
        kind = "caldav" if self.verbatim else "google"
        self.account = self.db.write_now(accounts.add, key, kind, kind, {}, None, 1)
        self.shelf = Shelf(verbatim=self.verbatim, page=2)
        self.shelf.add_calendar("main", displayname="Main", primary=True)
        self.clock = Clock()
        self.clock.hurry.set()
        self.sync = Sync(self.db, Settings(), self.backend_for, self.clock, self.slowly, random=lambda: 0.5)
        self.counter = 0
        self.promised = {}
        self.held = set()
        self.shelf.noted = self.held.add
        self.run(pull_account(self.sync, self.account))

    def backend_for(self, row):
        assert row.id == self.account
        return self.shelf

    async def slowly(self, seconds):
        """Whoever sleeps lets everything else go first."""
        await asyncio.sleep(0.5)
        self.clock.now += seconds

    def run(self, work):
        return self.loop.run_until_complete(work)

    def say(self, side):
        self.counter += 1
        return f"{side}{self.counter}"

    @rule(uid=UIDS)
    def client_puts(self, uid):
        said = self.say("ours")
        try:
            self.run(put(self.sync, self.alice, f"{uid}.ics", event(uid, said)))
        except REFUSALS:
            return
        self.promised[uid] = said

    @rule(uid=UIDS)
    def client_deletes(self, uid):
        try:
            self.run(delete(self.sync, self.alice, f"{uid}.ics"))
        except REFUSALS:
            return
        self.promised.pop(uid, None)

    @rule(uid=UIDS)
    def provider_edits(self, uid):
        shelved = self.shelf.calendars_["main"].objects
        known = [href for href, obj in shelved.items() if read_lenient(obj.text).uid == uid]
        href = known[0] if known else (f"{uid}.ics" if self.verbatim else f"theirs{self.counter}")
        self.shelf.edit("main", href, self.shelf.mapped(event(uid, self.say("theirs"))))

    @rule(number=st.integers(0, 10))
    def provider_erases(self, number):
        hrefs = sorted(self.shelf.texts())
        if not hrefs:
            return
        self.shelf.erase("main", hrefs[number % len(hrefs)])

    @rule(times=st.integers(1, 3), late=st.booleans())
    def provider_fails(self, times, late):
        (self.shelf.late_faults if late else self.shelf.faults).extend(unavailable(times))

    @rule()
    def provider_refuses(self):
        self.shelf.faults.append(RefusedByProvider("no"))

    @rule()
    def provider_forgets_tokens(self):
        self.shelf.forget_tokens()

    @rule(full=st.booleans())
    def pull(self, full):
        try:
            self.run(pull_account(self.sync, self.account, full=full))
        except GatewayError:
            return

    @rule(seconds=st.sampled_from([1, 60, 3_600]))
    def time_passes(self, seconds):
        self.clock.now += seconds
        self.run(Worker(self.sync).run_due())

    def teardown(self):
        if not hasattr(self, "db"):
            return
        try:
            self.settle()
            self.check()
        finally:
            self.db.close()
            self.loop.close()
            shutil.rmtree(self.folder)

    def settle(self):
        self.shelf.faults.clear()
        self.shelf.late_faults.clear()
        for _ in range(6):
            self.clock.now += 7_200
            self.run(Worker(self.sync).run_due())
        self.run(pull_account(self.sync, self.account))

    def check(self):
        calendars = self.db.read_now(accounts.calendars, self.alice.id)
        [remote] = [row.id for row in calendars if row.kind != "local"]
        rows = self.db.read_now(objects.of_user, self.alice.id)
        there = sayings(self.shelf.texts().values())
        assert self.db.read_now(jobs.waiting, "push", self.alice.id) == []
        assert self.db.read_now(jobs.dead) == []
        assert sayings(row.text for row in rows if row.calendar_id == remote) == there
        assert not any(row.dirty for row in rows)
        served = self.db.read_now(members.texts, self.alice.merged)
        assert len({row.href for row in served}) == len(served)
        first = {}
        for row in sorted(rows, key=lambda row: (row.calendar_id != calendars[0].id, row.id)):
            first.setdefault(row.uid, row.text)
        assert sayings(row.text for row in served) == sayings(first.values())
        hits = self.db.read_now(ranges.hits, self.alice.id, self.alice.merged, 1_790_000_000, 1_800_000_000)
        assert len(hits) == len(served)
        said = {summary(row.text) for row in served}
        for uid, promise in self.promised.items():
            assert {promise, f"Conflict: {promise}"} & said or promise in self.held, (uid, promise)


@pytest.mark.parametrize("verbatim", [True, False], ids=["texts stay", "texts are mapped"])
def test_both_sides_end_up_the_same_and_nothing_is_lost(verbatim, tmp_path):
    migrate(f"sqlite:///{tmp_path}/gateway.sqlite")

    class Machine(BothSides):
        empty = tmp_path / "gateway.sqlite"

    Machine.verbatim = verbatim
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15, stateful_step_count=14, deadline=None, suppress_health_check=checks, database=None
        ),
    )
