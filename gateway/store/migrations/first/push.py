"""Who is to be told of changes through a push service."""

import sqlalchemy as sa
from alembic import op

from gateway.store.migrations.first import KEY


def create_push_keys() -> None:
    op.create_table(
        "push_keys",
        sa.Column("id", KEY, nullable=False),
        sa.Column("public", sa.String(length=128), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_keys")),
    )


def create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("collection_id", KEY, nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("contents", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("properties", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("stirred", sa.Integer(), server_default="0", nullable=False),
        sa.Column("told", sa.Float(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry", sa.Float(), server_default="0", nullable=False),
        sa.Column("quiet", sa.Float(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_subscriptions_collection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["principals.id"], name=op.f("fk_subscriptions_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("token", name=op.f("uq_subscriptions_token")),
        sa.UniqueConstraint(
            "user_id", "collection_id", "digest", name=op.f("uq_subscriptions_user_id_collection_id_digest")
        ),
    )
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscriptions_collection_id"), ["collection_id"], unique=False)
