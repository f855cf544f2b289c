"""What the databases' own errors mean to whoever asked."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError

from gateway.errors import BackendUnavailable, InsufficientStorage, InvalidRequest

# sqlite3 result codes (https://sqlite.org/rescode.html)
FULL_CODES: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
BUSY_CODES: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# Beginnings of PostgreSQL's SQLSTATEs (https://www.postgresql.org/docs/current/errcodes-appendix.html)
WAITED: Final = ("40001", "40P01")
OVERTAKEN: Final = (*WAITED, "23503", "23505")
FULL_STATES: Final = ("25006", "53100", "58030")
BUSY_STATES: Final = (*WAITED, "08", "53", "55P03", "57")
UNFIT_STATES: Final = ("22", "54000")
log = logging.getLogger(__name__)


def is_overtaken(error: DBAPIError) -> bool:
    """Whether somebody else's transaction is to blame, and doing it again would do.

    Each waited for the other; or a row was added, or one that ours depends on removed, since we looked.
    """
    return _state(error).startswith(OVERTAKEN)


@contextmanager
def named(outcome: str) -> Iterator[None]:
    """Raises: InsufficientStorage, BackendUnavailable for what the disk, the server or another writer is to blame for;
    InvalidRequest for a value that the database cannot hold.
    """
    try:
        yield
    except (DBAPIError, sqlite3.OperationalError) as error:
        code = getattr(getattr(error, "orig", error), "sqlite_errorcode", None)
        if code is not None:
            _raise_for_sqlite(code & 0xFF, error, outcome)
        elif isinstance(error, DBAPIError) and hasattr(error.orig, "sqlstate"):
            _raise_for_postgresql(error, outcome)
        raise


def _raise_for_sqlite(code: int, error: Exception, outcome: str) -> None:
    if code in FULL_CODES:
        raise InsufficientStorage(f"the database {outcome}") from error
    if code in BUSY_CODES:
        raise BackendUnavailable("the database is busy; try again") from error


def _raise_for_postgresql(error: DBAPIError, outcome: str) -> None:
    state = _state(error)
    if state.startswith(FULL_STATES):
        raise InsufficientStorage(f"the database {outcome}") from error
    if state.startswith(BUSY_STATES):
        raise BackendUnavailable("the database is busy; try again") from error
    if isinstance(error, OperationalError) and not state:
        raise BackendUnavailable(f"the database cannot be reached: {error.orig}") from error
    if state.startswith(UNFIT_STATES) or _has_nul(error):
        log.warning("a value was not taken by the database: %s", error.orig)
        raise InvalidRequest("the database cannot hold such a value") from error


def _has_nul(error: DBAPIError) -> bool:
    """PostgreSQL's driver refuses those by itself: no text there has U+0000."""
    return not _state(error) and "NUL" in str(error.orig)


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
