"""Rooms at providers of conferences, and the sign-ins they are made with."""

import sqlalchemy as sa
from alembic import op

from gateway.store.migrations.first import KEY


def create_room_accounts() -> None:
    op.create_table(
        "room_accounts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("displayname", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="ok", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["principals.id"], name=op.f("fk_room_accounts_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_accounts")),
        sa.UniqueConstraint("user_id", "kind", name=op.f("uq_room_accounts_user_id_kind")),
    )


def create_rooms() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("booking_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("begun", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("remote_id", sa.Text(), server_default="", nullable=False),
        sa.Column("join_url", sa.Text(), server_default="", nullable=False),
        sa.Column("start", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("end", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("trouble", sa.String(length=16), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("told", sa.String(length=16), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_rooms_booking_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["principals.id"], name=op.f("fk_rooms_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
    )
    with op.batch_alter_table("rooms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rooms_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rooms_user_id"), ["user_id"], unique=False)
