"""Waits with a bar until mirrors have done what they can, for commands that turn them on and off."""

import asyncio
from collections.abc import Mapping
from typing import Final

from gateway.app import Parts
from gateway.cli.screen import progress, say, warn
from gateway.store import mirrors
from gateway.store.mirrors import MirrorRow
from gateway.sync.wake import MIRROR, key_of

SHORT: Final = 0.5
PROBLEMS: Final[Mapping[str, str]] = {
    "signed-out": "the sign-in has expired; it goes on when somebody has signed in there again",
    "read-only": "the calendar takes no changes at the moment; it goes on when it does",
    "gone": "the calendar is not there any more",
    "refused": "the provider refused a block; it is tried again",
    "failing": "the provider cannot be reached; it is tried again",
}


async def follow(parts: Parts, mirror: int, label: str) -> MirrorRow | None:
    """Does its work here, or watches the server do it; the row at the end, None: the mirror is no more."""
    with progress(label) as bar:
        total = 0
        while True:
            await parts.worker.run_job(MIRROR, key_of(mirror))
            row = await parts.db.read(mirrors.get, mirror)
            if row is None or row.problem or (row.left == 0 and not row.ending and row.settled is not None):
                return row
            total = max(total, row.left)
            bar.of(total - row.left, total, f"{row.left} left")
            await asyncio.sleep(SHORT)


async def take_down(parts: Parts, user: int, blocks: int) -> None:
    """Of all mirrors of theirs that are being taken down."""
    say(f"{blocks} busy blocks are taken away there first.")
    for row in await parts.db.read(mirrors.of_user, user):
        if row.ending:
            left = await follow(parts, row.id, "taking blocks away")
            if left is not None:
                warn(f"{left.left} are still there: {PROBLEMS.get(left.problem, left.problem)}. {left.error}")
