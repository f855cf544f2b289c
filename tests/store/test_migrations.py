"""The migrations lead to the very schema the program was written for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from gateway.store.database import engine
from gateway.store.migrate import configuration, is_current, migrate
from gateway.store.schema import METADATA
from tests.fakes.postgres import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.sqlite"
    else:
        cluster: Cluster = request.getfixturevalue("postgres")
        with cluster.blank() as url:
            yield url


def test_migrating_an_empty_database_gives_the_schema(blank: str) -> None:
    migrate(blank)
    opened = engine(blank, writes=False)
    with opened.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, METADATA)
    opened.dispose()
    assert differences == []


def test_migrating_twice_is_migrating_once(blank: str) -> None:
    migrate(blank)
    migrate(blank)
    assert is_current(blank)


def test_a_new_file_is_not_current_and_not_made_by_asking(tmp_path: Path) -> None:
    assert not is_current(f"sqlite:///{tmp_path}/folder/empty.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_going_all_the_way_back_leaves_no_table(blank: str) -> None:
    migrate(blank)
    command.downgrade(configuration(blank), "base")
    opened = engine(blank, writes=False)
    left = inspect(opened).get_table_names()
    opened.dispose()
    assert left == ["alembic_version"]
