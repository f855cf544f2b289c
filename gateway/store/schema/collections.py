"""What a person's home holds, and what is in there."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.store.schema.base import METADATA, Key, flag, owner

COLLECTIONS: Final = Table(
    "collections",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("kind", String(16), nullable=False),  # merged, calendar, inbox
    Column("name", Text, nullable=False),  # segment of its URL; it stays when the calendar has gone
    Column(
        "calendar_id", Key, ForeignKey("calendars.id", ondelete="SET NULL")
    ),  # that it shows; NULL: of merged, or gone
    Column("components", String(64), nullable=False, server_default=""),  # kinds it takes, "": as its calendar
    Column("rev", BigInteger, nullable=False, server_default="0"),
    Column("floor", BigInteger, nullable=False, server_default="0"),  # sync tokens below are refused
    flag("watched"),  # there are subscriptions to it
    UniqueConstraint("user_id", "name"),
    UniqueConstraint("calendar_id"),
)

MEMBERS: Final = Table(
    "members",
    METADATA,
    Column("collection_id", Key, ForeignKey("collections.id", ondelete="CASCADE"), nullable=False),
    Column("href", Text, nullable=False),
    Column("uid", Text),  # NULL in an inbox, where several messages may have one
    Column("kind", String(16), nullable=False),
    Column("object_id", Key, nullable=False),
    Column("etag", String(64), nullable=False),
    Column("rev", BigInteger, nullable=False),
    flag("deleted"),
    PrimaryKeyConstraint("collection_id", "href"),
    Index(None, "collection_id", "rev"),
    Index(
        "uq_members_live_uid",
        "collection_id",
        "uid",
        unique=True,
        sqlite_where=text("deleted IS 0"),
        postgresql_where=text("deleted IS false"),
    ),
    Index(None, "object_id"),
    sqlite_with_rowid=False,
)
