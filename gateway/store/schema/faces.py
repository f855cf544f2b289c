"""How people and teams show themselves on their booking pages."""

from typing import Final

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from gateway.store.schema.base import METADATA, owner

FACES: Final = Table(
    "faces",
    METADATA,
    owner(),
    Column("color", String(7), nullable=False, server_default=""),  # "#rrggbb"; "": of their calendar
    Column("note", Text, nullable=False, server_default=""),  # Markdown
    Column("digest", String(32), nullable=False, server_default=""),  # of the picture, "": none
    Column("picture", LargeBinary),  # WebP
    PrimaryKeyConstraint("user_id"),
    Index(None, "digest"),
)
