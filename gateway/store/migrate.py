"""Creates the database and brings its schema up to date (Alembic; the steps are in migrations/versions)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.store.database import engine, url_of
from gateway.store.failures import named

SCRIPTS = Path(__file__).parent / "migrations"


def configuration(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Raises: ConfigError for a URL or a database that we cannot use; BackendUnavailable, InsufficientStorage."""
    with named("cannot be brought up to date"):
        command.upgrade(configuration(url), "head")


def is_current(url: str) -> bool:
    """Whether the schema is the one this program was written for. Looks, and creates nothing."""
    parsed = url_of(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        return False
    made = engine(url, writes=False)
    try:
        with named("cannot be read"), made.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        made.dispose()
    return current == ScriptDirectory.from_config(configuration(url)).get_current_head()
