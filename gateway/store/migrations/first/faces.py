"""How people and teams show themselves."""

import sqlalchemy as sa
from alembic import op

from gateway.store.migrations.first import KEY


def create_faces() -> None:
    op.create_table(
        "faces",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("color", sa.String(length=7), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.String(length=32), server_default="", nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["principals.id"], name=op.f("fk_faces_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_faces")),
    )
    with op.batch_alter_table("faces", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_faces_digest"), ["digest"], unique=False)
