"""Channels by which providers tell of changes."""

import sqlalchemy as sa
from alembic import op

from gateway.store.migrations.first import KEY


def create_channels() -> None:
    op.create_table(
        "channels",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("calendar_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), server_default="", nullable=False),
        sa.Column("resource", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("opened", sa.Float(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("renew", sa.Float(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.Column("noticed", sa.Float(), nullable=True),
        sa.Column("looked", sa.Float(), nullable=True),
        sa.Column("number", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_channels_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendars.id"], name=op.f("fk_channels_calendar_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["principals.id"], name=op.f("fk_channels_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_channels")),
    )
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_channels_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_channels_calendar_id"), ["calendar_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_channels_remote_id"), ["remote_id"], unique=False)
