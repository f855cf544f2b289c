"""Secret links to event types."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from gateway.store.schema.base import METADATA, Key, owner

LINKS: Final = Table(
    "links",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("event_type_id", Key, ForeignKey("event_types.id", ondelete="CASCADE"), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of what stands in the address
    Column("secret", Text, nullable=False),  # that, sealed, for its owner to see again
    Column("label", Text, nullable=False, server_default=""),
    Column("uses", Integer, nullable=False),  # how many bookings it is good for
    Column("used", Integer, nullable=False, server_default="0"),
    Column("expires", BigInteger),
    Column("name", Text, nullable=False, server_default=""),  # what stands in the form already
    Column("email", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("created", BigInteger, nullable=False),
    Index(None, "user_id"),
    Index(None, "event_type_id"),
)
