"""Busy time shown in another calendar."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from gateway.store.schema.base import METADATA, Key, flag, owner

MIRRORS: Final = Table(
    "mirrors",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("target_id", Key, ForeignKey("calendars.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("mark", String(64), nullable=False, unique=True),  # in each of its blocks
    Column("days", Integer, nullable=False),
    Column("summary", String(100), nullable=False, server_default=""),  # "": in the owner's language
    flag("ending"),  # its blocks are being taken away
    Column("problem", String(16), nullable=False, server_default=""),  # see gateway.mirror.run
    Column("error", Text, nullable=False, server_default=""),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("left", Integer, nullable=False, server_default="0"),  # changes that are still to be made
    Column("settled", BigInteger),  # when the calendar last had what it should have
    Column("created", BigInteger, nullable=False),
    Index(None, "user_id"),
)

MIRROR_SOURCES: Final = Table(
    "mirror_sources",
    METADATA,
    Column("mirror_id", Key, ForeignKey("mirrors.id", ondelete="CASCADE"), nullable=False),
    Column("calendar_id", Key, ForeignKey("calendars.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("mirror_id", "calendar_id"),
    Index(None, "calendar_id"),
)

MIRROR_BLOCKS: Final = Table(  # what was told of each block; one without an object was deleted by somebody
    "mirror_blocks",
    METADATA,
    Column("mirror_id", Key, ForeignKey("mirrors.id", ondelete="CASCADE"), nullable=False),
    Column("uid", String(64), nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("fbtype", Integer, nullable=False),
    Column("summary", String(100), nullable=False),
    Column("etag", String(64), nullable=False, server_default=""),  # of the text that came of it; "": not known yet
    PrimaryKeyConstraint("mirror_id", "uid"),
)
