"""Messages that wait until a provider has taken the change they come from: what it refuses was never said."""

import uuid
from collections.abc import Sequence
from typing import Final

from gateway.ical.objects import read_lenient
from gateway.scheduling.implicit.post import Post, as_payload, from_payload, lock
from gateway.scheduling.itip import Outgoing
from gateway.store import jobs
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.sync.context import Sync
from gateway.sync.outbox import LEASE

TIED: Final = "schedule"


def tie(conn: Connection, sync: Sync, messages: Sequence[Outgoing], by: int) -> Job | None:
    """The job that sends them, held by the request; the worker does it should the request never come to that."""
    payload = {"by": by, "messages": [as_payload(one) for one in messages]}
    now = sync.clock()
    added = jobs.add(conn, TIED, str(uuid.uuid4()), payload, due=now, user=by)
    return jobs.claim(conn, added, now=now, lease=LEASE)


def send_tied(conn: Connection, sync: Sync, job: Job) -> None:
    """Once at most, as it ends with the transaction."""
    if not jobs.is_held(conn, job):
        return
    messages = [from_payload(one) for one in job.payload["messages"]]
    lock(conn, job.payload["by"], *(read_lenient(one.text) for one in messages))
    Post(conn, sync).send(messages, job.payload["by"])
    jobs.finish(conn, job)


async def run_tied(sync: Sync, job: Job) -> None:
    """The worker's part."""
    await sync.db.write(send_tied, sync, job)
    sync.bell.ring()
