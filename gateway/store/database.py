"""Opens the index and runs functions in its transactions.

Every function of this package is plain and synchronous and takes the Connection first; a caller that needs several of
them at once writes a function that calls them, and hands that to `read` or `write`. One hop to a thread per
transaction, whatever the number of statements.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from gateway.errors import ConfigError
from gateway.store.failures import is_overtaken, named

__all__ = ["Connection", "Database", "engine"]

P = ParamSpec("P")
T = TypeVar("T")

READERS: Final = 4
BUSY_MS: Final = 20_000
TRIES: Final = 8


def url_of(text: str) -> URL:
    """Raises: ConfigError."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ConfigError(
            f"database.url: {text!r} is no database URL, such as sqlite:///data/gateway.sqlite"
        ) from error
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite" or not url.database:
        raise ConfigError("database.url: must begin with sqlite:/// (and name a file) or postgresql://")
    return url


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see engine()
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-8000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def engine(url: str, *, writes: bool) -> Engine:
    """writes: transactions take the write lock as they begin, so that what they test stays true until they commit."""
    parsed = url_of(url)
    if parsed.get_backend_name() != "sqlite":
        return _postgresql(parsed, writes=writes)
    Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(
        parsed,
        poolclass=QueuePool,
        pool_size=1 if writes else READERS,
        max_overflow=0,
        pool_reset_on_return="rollback",
        hide_parameters=True,  # errors are logged, and what is stored is nobody's business there
        connect_args={"check_same_thread": False, "cached_statements": 256},
    )
    event.listen(made, "connect", _prepare_sqlite)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    # Of the driver itself: through SQLAlchemy it would cost as much as a question.
    event.listen(made, "begin", lambda connection: connection.connection.dbapi_connection.execute(begin).close())
    return made


def _postgresql(url: URL, *, writes: bool) -> Engine:
    """What reads is one snapshot. What writes sees, with each statement, all that was committed until then: so whoever
    waited for a lock goes on with what the others did.

    Raises: ConfigError.
    """
    try:
        return create_engine(
            url,
            pool_size=READERS,
            max_overflow=0,
            pool_pre_ping=True,  # the server may have been started anew meanwhile
            hide_parameters=True,
            isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
            execution_options={"postgresql_readonly": not writes},
            connect_args={"client_encoding": "utf-8"},
        )
    except ModuleNotFoundError as error:
        raise ConfigError(
            "database.url: PostgreSQL needs its driver; install the gateway as gateway-calendar[postgresql]"
        ) from error


@contextmanager
def _unless_overtaken() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if not is_overtaken(error):
            raise


class Database:
    """The index. `read` and `write` run a function of this package in one transaction each.

    Reads see one snapshot, and write nothing. A write that returns is durable. Writes on SQLite come one after another;
    on PostgreSQL those of one person do, see gateway.store.locks.
    """

    def __init__(self, url: str) -> None:
        self._readers = engine(url, writes=False)
        self._writer = engine(url, writes=True)
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self._write_threads = ThreadPoolExecutor(
            1 if self._writer.dialect.name == "sqlite" else READERS, thread_name_prefix="write"
        )

    def read_now(self, do: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Raises: InsufficientStorage, BackendUnavailable; whatever `do` raises."""
        with named("cannot be read"), self._readers.connect() as connection:
            return do(connection, *args, **kwargs)

    def write_now(self, do: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Raises: InsufficientStorage, BackendUnavailable; whatever `do` raises, after undoing what it did.

        `do` is done again where PostgreSQL had to break it off, because somebody else was faster (see is_overtaken).
        """
        with named("cannot be written; nothing was changed"):
            for _ in range(TRIES - 1):
                with _unless_overtaken(), self._writer.begin() as connection:
                    return do(connection, *args, **kwargs)
            with self._writer.begin() as connection:
                return do(connection, *args, **kwargs)

    async def read(self, do: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._read_threads, lambda: self.read_now(do, *args, **kwargs))

    async def write(self, do: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A caller that is cancelled does not undo it: what was begun is finished."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._write_threads, lambda: self.write_now(do, *args, **kwargs))

    def close(self) -> None:
        self._read_threads.shutdown(wait=True)
        self._write_threads.shutdown(wait=True)
        self._readers.dispose()
        self._writer.dispose()
