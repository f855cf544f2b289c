"""A pull with a bar, for commands that run one."""

from gateway.app import Parts
from gateway.cli.screen import progress
from gateway.store.accounts import AccountRow
from gateway.sync.pull import pull_account


async def pull_with_bar(parts: Parts, row: AccountRow, *, full: bool = False) -> int:
    """How many objects came. Raises: what the provider's answer means."""
    counts: dict[str, int] = {}
    with progress(row.displayname) as bar:

        def seen(calendar: str, objects: int) -> None:
            counts[calendar] = objects
            bar.update(done=sum(counts.values()), note=f"{sum(counts.values())} objects, {calendar}")

        await pull_account(parts.sync, row.id, full=full, progress=seen)
    return sum(counts.values())
