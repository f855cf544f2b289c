"""Threads of mails about events, and which mails were read."""

import sqlalchemy as sa
from alembic import op

from gateway.store.migrations.first import KEY


def create_letters() -> None:
    op.create_table(
        "letters",
        sa.Column("thread", sa.String(length=32), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("first", sa.String(length=32), server_default="", nullable=False),
        sa.Column("root", sa.Text(), server_default="", nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.Integer(), server_default="-1", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["principals.id"], name=op.f("fk_letters_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("thread", name=op.f("pk_letters")),
    )
    op.create_index(op.f("ix_letters_user_id"), "letters", ["user_id"])


def create_mails_read() -> None:
    op.create_table(
        "mails_read",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_mails_read")),
    )
    op.create_index(op.f("ix_mails_read_read"), "mails_read", ["read"])
