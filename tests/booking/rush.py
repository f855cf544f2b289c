"""Many who want the same time at once; also as a process of its own, of which there are several on one database.

python -m tests.booking.rush URL KEYS: attempts come in as JSON, and what became of each goes out likewise.
"""

import asyncio
import json
import sys
from pathlib import Path

from gateway.accounts.sealed import load_or_create
from gateway.booking.book import Wish, book, reschedule
from gateway.booking.confirm import confirm
from gateway.booking.context import Desk
from gateway.booking.holds import hold
from gateway.booking.model import Invitee
from gateway.config import Settings
from gateway.errors import LinkOver, SlotTaken
from gateway.store.database import Database
from gateway.sync.context import Sync
from tests.booking.office import NOW, at

KINDS = (
    *(("alice", "one-on-one", 30), ("alice", "check-in", 15), ("alice", "consulting", 60)),
    *(("sales", "demo", 45), ("sales", "intro", 30), ("sales", "pair", 30), ("alice+bob", "one-on-one", 30)),
)


def mixed(numbers):
    """Event types, lengths and teams take turns, and the starts within two hours; every fifth holds its time first."""
    for number in numbers:
        name, slug, length = KINDS[number % len(KINDS)]
        start = at("2026-11-24 15:00") + number // len(KINDS) % (120 // length) * length * 60
        visitor = "" if number % 5 else f"visitor{number}"
        yield {"do": "book", "name": name, "slug": slug, "start": start, "number": number, "visitor": visitor}


async def _book(desk, name, slug, start, number, visitor="", link=""):
    if visitor and not await hold(desk, name, slug, start, "UTC", visitor):
        raise SlotTaken("held by somebody else")
    invitee = Invitee(name="Guest", email=f"guest{number}@example.org", zone="UTC", language="en")
    wish = Wish(start, invitee, place="+49 30 1", key=f"{number:032}", visitor=visitor, link=link)
    return (await book(desk, name, slug, wish)).row


async def _move(desk, uid, token, start):
    return await reschedule(desk, uid, token, start, "UTC")


DO = {"book": _book, "move": _move, "confirm": confirm}


async def outcomes(desk, attempts):
    """Of each attempt, all begun at once: {"uid": of the booking} or {"error": why there is none}."""

    async def one(do, **given):
        try:
            return {"uid": (await DO[do](desk, **given)).uid}
        except (SlotTaken, LinkOver) as error:
            return {"error": type(error).__name__}

    return await asyncio.gather(*(one(**attempt) for attempt in attempts))


def no_provider(row):
    raise LookupError(row.kind)


def clock():
    return NOW


async def rush(url, keys):
    db, settings = Database(url), Settings()
    desk = Desk(db, settings, Sync(db, settings, no_provider, clock), load_or_create(Path(keys)), clock)
    told = await outcomes(desk, json.load(sys.stdin))
    db.close()
    return told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(rush(*sys.argv[1:]))))
