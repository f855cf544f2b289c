"""What Alembic runs around the migrations; see gateway.store.migrate."""

from alembic import context
from sqlalchemy import Connection, func, select, text

from gateway.errors import ConfigError
from gateway.store.database import engine
from gateway.store.schema import METADATA

ONE_AT_A_TIME = 5545


def prepare(connection: Connection) -> None:
    """Whoever else migrates waits. Raises: ConfigError."""
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise ConfigError(f"database.url: the database has the encoding {encoding}; make one with ENCODING 'UTF8'")
    connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))


def run() -> None:
    made = engine(context.config.attributes["url"], writes=True)
    try:
        with made.connect() as connection:
            context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
            with context.begin_transaction():
                if connection.dialect.name == "postgresql":
                    prepare(connection)
                context.run_migrations()
            connection.commit()
    finally:
        made.dispose()


run()
