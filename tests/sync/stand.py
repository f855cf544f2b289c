"""An account at a little provider that tells of changes, and the worker that looks after it."""

from gateway.config import Settings
from gateway.store import accounts, channels, jobs
from gateway.sync.notices import arrivals
from gateway.sync.notices.arrivals import What
from gateway.sync.notices.standing import standing
from gateway.sync.pull import PULL, key_of, pull_soon
from gateway.sync.worker import Worker
from tests.fakes.teller import Lister, Teller

SETTINGS = Settings(server={"base_url": "https://gateway.example"})


class Stand:
    """An account at a teller, and the worker that looks after it."""

    def __init__(self, db, sync, clock, alice, shelves, *, renews):
        self.db, self.sync, self.clock, self.alice = db, sync, clock, alice
        kind = "outlook" if renews else "google"
        self.account = db.write_now(accounts.add, alice.id, kind, kind, {}, None, 1)
        self.teller = shelves[self.account] = (Lister if renews else Teller)(clock, renews=renews)
        self.teller.add_calendar("main", primary=True)
        self.worker = Worker(sync)
        db.write_now(pull_soon, alice.id, self.account, clock.now)

    async def work(self, seconds=0.0):
        self.clock.now += seconds
        await self.worker.run_due()

    async def begin(self):
        """Pulled, watched, and told by Google that it is so."""
        await self.work()
        self.hello()
        await self.work(1)

    @property
    def rows(self):
        return self.db.read_now(channels.of_account, self.account)

    @property
    def states(self):
        return [row.state for row in self.rows]

    @property
    def standing(self):
        account = self.db.read_now(accounts.get, self.account)
        return self.db.read_now(standing, SETTINGS, account, self.clock.now)

    @property
    def how(self):
        return self.standing.how

    def job(self, kind=PULL):
        return self.db.read_now(jobs.get, kind, key_of(self.account))

    def wait(self, kind=PULL):
        return self.job(kind).due - self.clock.now

    def tell(self, what=What.CHANGE, number=0, calendar="main"):
        """A notice, through all open channels of the calendar."""
        return self.take(self.teller.notices(calendar, what, number))

    def take(self, notices):
        genuine = self.db.read_now(arrivals.genuine, notices)
        return self.db.write_now(arrivals.take, genuine, self.clock.now)

    def hello(self):
        """Google's first message; Graph has tried the address instead."""
        if not self.teller.renews:
            self.tell(What.HELLO, 1)

    def pulls(self):
        return self.teller.calls.count("changes")

    def channels(self, calendar):
        return [key for key, (of, _) in self.teller.open.items() if of == calendar]

    async def asked_in(self, seconds):
        """Calendars that were asked for changes in this time, in order; whatever is due is done when it is."""
        before, end = len(self.teller.asked), self.clock.now + seconds
        while (due := self.job().due) <= end:
            await self.work(max(0.0, due - self.clock.now))
        await self.work(end - self.clock.now)
        return self.teller.asked[before:]
