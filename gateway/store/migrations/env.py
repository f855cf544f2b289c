"""What Alembic runs around the migrations; see gateway.store.migrate."""

from alembic import context

from gateway.store.database import engine
from gateway.store.schema import METADATA


def run() -> None:
    made = engine(context.config.attributes["url"], writes=True)
    try:
        with made.connect() as connection:
            context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
    finally:
        made.dispose()


run()
