"""Changes of one account that had to wait are told in the order in which they were made.

An object's place is that of its first change that waits. What waits for something else than the provider, and what the
provider does not take although the account works, holds up nobody.
"""

from typing import Final

from gateway.errors import NotYet
from gateway.store import jobs
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection
from gateway.store.jobs import Job

PUSH: Final = "push"
MOMENT: Final = 1.0


def check_turn(conn: Connection, job: Job, now: float, *, first_try: bool = False) -> None:
    """first_try: others that are being tried for the first time are no matter: nobody was told that they wait.

    Raises: NotYet, if an earlier change has to be told first.
    """
    for other in _others(conn, job):
        if other.id >= job.id:
            return
        if first_try and other.attempts < 2 and not jobs.is_free(conn, other, now):
            continue
        raise NotYet("an earlier change waits to be told", max(MOMENT, other.due - now + MOMENT))


def call_next(conn: Connection, job: Job, now: float) -> bool:
    """The account has taken a change: the next one need not wait for its time. Whether there is one."""
    following = next((other for other in _others(conn, job) if other.id != job.id), None)
    if following is not None and following.due > now:
        jobs.bring_forward(conn, following, now)
    return following is not None


def failed(conn: Connection, job: Job, account: AccountRow, now: float) -> None:
    """The provider was asked, and does not take it now. If the account was read since, it is the change's own fault."""
    tried = job.payload.get("tried")
    read_since = account.state == "ok" and tried is not None and account.synced is not None and account.synced > tried
    jobs.note(conn, job, {**job.payload, "tried": now, "alone": read_since})


def _others(conn: Connection, job: Job) -> list[Job]:
    """The account's changes that hold up others, as they were made."""
    account = job.payload.get("account")
    if account is None or job.user_id is None:
        return []
    waiting = jobs.waiting(conn, PUSH, job.user_id)
    keys = {one.key for one in waiting}
    return [
        one
        for one in waiting
        if one.payload.get("account") == account
        and not one.payload.get("alone")
        and one.payload.get("after") not in keys
    ]
