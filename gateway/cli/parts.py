"""Opens the database for commands that need nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.config import Settings
from gateway.errors import ConfigError
from gateway.store.database import Database
from gateway.store.migrate import is_current


def check_current(settings: Settings) -> None:
    """Raises: ConfigError if the database has not been brought up to date."""
    if not is_current(settings.database.url):
        raise ConfigError("the database is missing or not up to date; run 'gateway migrate' (or 'gateway init') first")


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """Raises: ConfigError if the database has not been brought up to date."""
    check_current(settings)
    db = Database(settings.database.url)
    try:
        yield db
    finally:
        db.close()
