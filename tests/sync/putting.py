"""Puts objects one after another and says so, until it is killed. Arguments: database URL, first number."""

import asyncio
import sys
import time

from gateway.config import Settings
from gateway.store import members, principals
from gateway.store.database import Database
from gateway.sync.context import Sync
from gateway.sync.write import delete, put
from tests.sync.objects import event


def nobody(row):
    raise AssertionError(f"a local calendar asks no provider, but {row.kind} was opened")


async def main(url, first):
    db = Database(url)
    alice = db.read_now(principals.by_name, "alice")
    sync = Sync(db, Settings(), nobody, time.time)
    for number in range(first, first + 100_000):
        await put(sync, alice, f"{number}.ics", event(str(number)))
        tell("put", number, db.read_now(members.rev, alice.merged))
        if number % 3 == 0:
            await delete(sync, alice, f"{number}.ics")
            tell("deleted", number, db.read_now(members.rev, alice.merged))


def tell(*words):
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
