"""The migrations lead to the very schema the program was written for."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from gateway.store.migrate import configuration, is_current, migrate
from gateway.store.schema import METADATA


def test_migrating_an_empty_database_gives_the_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.sqlite"
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, METADATA)
    engine.dispose()
    assert differences == []


def test_migrating_twice_is_migrating_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/twice.sqlite"
    migrate(url)
    migrate(url)
    assert is_current(url)


def test_a_new_file_is_not_current_and_not_made_by_asking(tmp_path: Path) -> None:
    assert not is_current(f"sqlite:///{tmp_path}/folder/empty.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_going_all_the_way_back_leaves_no_table(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/back.sqlite"
    migrate(url)
    command.downgrade(configuration(url), "base")
    engine = create_engine(url)
    left = inspect(engine).get_table_names()
    engine.dispose()
    assert left == ["alembic_version"]
