"""Alice's office with a Zoom that runs beside it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gateway.accounts.zoom import ZoomAccounts
from gateway.booking.context import Desk
from gateway.booking.mails import MAIL
from gateway.booking.rooms.plan import ROOM
from gateway.booking.rooms.run import run_room
from gateway.demo.zoom import ZoomSimulator
from gateway.store import bookings, jobs, rooms
from gateway.sync.worker import Worker
from tests.booking.office import NOW, Office

PLACE = {"title": "Talk", "length": 30, "places": [{"kind": "zoom"}]}


@dataclass
class Zooming:
    """desk: the office's, which reaches that Zoom. worker: does nothing by itself."""

    office: Office
    zoom: ZoomSimulator
    desk: Desk
    worker: Worker

    @property
    def row(self):
        [row] = self.office.rows()
        return row

    @property
    def rooms(self):
        return [one for row in self.office.rows() for one in self.office.db.read_now(rooms.of_booking, row.id)]

    @property
    def joins(self):
        return [one["join_url"] for one in self.zoom.meetings]

    async def sign_in(self, email="alice@example.com"):
        await self.desk.zoom.connect(self.office.alice.id, email, self.zoom.sign_in(email), NOW)

    async def pass_time(self, seconds):
        """Only rooms are seen to."""
        self.office.now += seconds
        await self.worker.run_due()

    def mails(self):
        """Those that wait, by whom they are to."""
        waiting = {}
        taken = self.office.db.write_now(jobs.take, now=self.office.now + 1e6, lease=0, most=1000, kinds={MAIL})
        for job in taken:
            waiting.setdefault(job.payload["to"], []).append(job.payload)
        return waiting

    def sent(self):
        """What has been sent waits no more."""
        told = self.mails()
        for job in self.office.db.write_now(jobs.take, now=self.office.now + 1e7, lease=0, most=1000, kinds={MAIL}):
            self.office.db.write_now(jobs.finish, job)
        return told


def zooming(office, http, zoom, *, server_to_server=False):
    settings = office.settings.model_copy(update={"zoom": zoom.settings()})
    accounts = ZoomAccounts(office.db, office.desk.sealer, http, settings, office.clock)
    desk = replace(office.desk, settings=settings, zoom=accounts)
    worker = Worker(office.sync, {ROOM: lambda job: run_room(desk, job)})
    office.db.write_now(bookings.put_event_type, office.alice.id, "talk", PLACE)
    return Zooming(office, zoom, desk, worker)


def simulator(office, **more):
    zoom = ZoomSimulator(lambda: datetime.fromtimestamp(office.now, UTC), **more)
    zoom.add_user("alice@example.com", "Alice Hartmann")
    zoom.add_user("bob@example.com", "Bob")
    return zoom
