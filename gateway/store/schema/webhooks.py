"""Where programs of others are told of bookings, and what they were told."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from gateway.store.schema.base import METADATA, Key, flag, owner

WEBHOOKS: Final = Table(
    "webhooks",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),  # a person or a team
    Column("url", Text, nullable=False),
    Column("events", JSON, nullable=False),  # list of names
    Column("secret", Text, nullable=False),  # sealed
    flag("active", default=True),
    Column("trouble", Text, nullable=False, server_default=""),  # why it was turned off by itself
    Column("created", BigInteger, nullable=False),
    Index(None, "user_id"),
)

DELIVERIES: Final = Table(
    "deliveries",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("webhook_id", Key, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event", String(36), nullable=False),  # the same however often it is sent
    Column("kind", String(32), nullable=False),
    Column("about", Text, nullable=False),  # UID and SEQUENCE of the booking
    Column("body", Text, nullable=False),  # sealed, as it names links to bookings
    Column("state", String(16), nullable=False),  # waiting, delivered, failed
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("status", Integer),  # of the last answer
    Column("error", Text, nullable=False, server_default=""),
    Column("created", BigInteger, nullable=False),
    Column("tried", BigInteger),
    Index(None, "webhook_id"),
    Index(None, "about"),
)
