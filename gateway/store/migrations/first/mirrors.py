"""Mirrors, what they read, and their blocks."""

import sqlalchemy as sa
from alembic import op

from gateway.store.migrations.first import KEY


def create_mirrors() -> None:
    op.create_table(
        "mirrors",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("target_id", KEY, nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("summary", sa.String(length=100), server_default="", nullable=False),
        sa.Column("ending", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("problem", sa.String(length=16), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("left", sa.Integer(), server_default="0", nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["principals.id"], name=op.f("fk_mirrors_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["calendars.id"], name=op.f("fk_mirrors_target_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mirrors")),
        sa.UniqueConstraint("mark", name=op.f("uq_mirrors_mark")),
        sa.UniqueConstraint("target_id", name=op.f("uq_mirrors_target_id")),
    )
    with op.batch_alter_table("mirrors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mirrors_user_id"), ["user_id"], unique=False)


def create_mirror_sources() -> None:
    op.create_table(
        "mirror_sources",
        sa.Column("mirror_id", KEY, nullable=False),
        sa.Column("calendar_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["mirror_id"], ["mirrors.id"], name=op.f("fk_mirror_sources_mirror_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendars.id"], name=op.f("fk_mirror_sources_calendar_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mirror_id", "calendar_id", name=op.f("pk_mirror_sources")),
    )
    with op.batch_alter_table("mirror_sources", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mirror_sources_calendar_id"), ["calendar_id"], unique=False)


def create_mirror_blocks() -> None:
    op.create_table(
        "mirror_blocks",
        sa.Column("mirror_id", KEY, nullable=False),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("fbtype", sa.Integer(), nullable=False),
        sa.Column("summary", sa.String(length=100), nullable=False),
        sa.Column("etag", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["mirror_id"], ["mirrors.id"], name=op.f("fk_mirror_blocks_mirror_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mirror_id", "uid", name=op.f("pk_mirror_blocks")),
    )
