"""Many who want the same two hours of three people at once; also as a process of its own, of which there are several.

python -m tests.booking.rush FOLDER FIRST AFTER: the UIDs of what these attempts booked, as JSON.
"""

import asyncio
import json
import sys

from cryptography.fernet import Fernet

from gateway.accounts.sealed import Sealer
from gateway.booking.book import Wish, book
from gateway.booking.context import Desk
from gateway.booking.model import Invitee
from gateway.config import Settings
from gateway.errors import SlotTaken
from gateway.store.database import Database
from gateway.sync.context import Sync
from tests.booking.office import NOW, at

KINDS = (
    *(("alice", "one-on-one", 30), ("alice", "check-in", 15), ("alice", "consulting", 60)),
    *(("sales", "demo", 45), ("sales", "intro", 30), ("sales", "pair", 30), ("alice+bob", "one-on-one", 30)),
)


def attempts(desk, numbers):
    """Event types, lengths and teams take turns, and the starts within the two hours."""
    for number in numbers:
        name, slug, length = KINDS[number % len(KINDS)]
        start = at("2026-11-24 15:00") + number // len(KINDS) % (120 // length) * length * 60
        invitee = Invitee(name="Guest", email=f"guest{number}@example.org", zone="UTC", language="en")
        yield book(desk, name, slug, Wish(start, invitee, place="+49 30 1", key=f"{number:032}"))


def no_provider(row):
    raise LookupError(row.kind)


def clock():
    return NOW


async def rush(folder, numbers):
    db, settings = Database(f"sqlite:///{folder}/gateway.sqlite"), Settings()
    desk = Desk(db, settings, Sync(db, settings, no_provider, clock), Sealer([Fernet.generate_key()]), clock)
    results = await asyncio.gather(*attempts(desk, numbers), return_exceptions=True)
    db.close()
    for one in results:
        if isinstance(one, BaseException) and not isinstance(one, SlotTaken):
            raise one
    return [one.row.uid for one in results if not isinstance(one, BaseException)]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(rush(sys.argv[1], range(int(sys.argv[2]), int(sys.argv[3]))))))
