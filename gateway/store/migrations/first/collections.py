"""What a person's home holds, and what is in there."""

import sqlalchemy as sa
from alembic import op

from gateway.store.migrations.first import KEY


def create_collections() -> None:
    op.create_table(
        "collections",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("calendar_id", KEY, nullable=True),
        sa.Column("components", sa.String(length=64), server_default="", nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("floor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("watched", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendars.id"], name=op.f("fk_collections_calendar_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["principals.id"], name=op.f("fk_collections_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
        sa.UniqueConstraint("calendar_id", name=op.f("uq_collections_calendar_id")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_collections_user_id_name")),
    )


def create_members() -> None:
    op.create_table(
        "members",
        sa.Column("collection_id", KEY, nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("object_id", KEY, nullable=False),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_members_collection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("collection_id", "href", name=op.f("pk_members")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_members_object_id"), ["object_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_members_collection_id_rev"), ["collection_id", "rev"], unique=False)
        batch_op.create_index(
            "uq_members_live_uid",
            ["collection_id", "uid"],
            unique=True,
            sqlite_where=sa.text("deleted IS 0"),
            postgresql_where=sa.text("deleted IS false"),
        )
