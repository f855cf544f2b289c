"""Who is to be told of changes through a push service (WebDAV-Push)."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from gateway.store.schema.base import METADATA, Key, flag, owner

PUSH_KEYS: Final = Table(  # one row: the pair of keys by which push services know this server
    "push_keys",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("public", String(128), nullable=False),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("created", BigInteger, nullable=False),
)

SUBSCRIPTIONS: Final = Table(
    "subscriptions",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("collection_id", Key, ForeignKey("collections.id", ondelete="CASCADE"), nullable=False),
    Column("token", String(64), nullable=False, unique=True),  # last segment of its URL
    Column("digest", String(64), nullable=False),  # of the push resource; together with the collection its identity
    Column("secret", LargeBinary, nullable=False),  # push resource and keys, sealed
    flag("contents"),
    flag("properties"),
    Column("expires", BigInteger, nullable=False),
    Column("rev", BigInteger, nullable=False),  # of the collection, as last told
    Column("stirred", Integer, nullable=False, server_default="0"),  # changes of properties that were not told yet
    Column("told", Float, nullable=False),  # last message that was taken; at first when it was made
    Column("failures", Integer, nullable=False, server_default="0"),  # since
    Column("retry", Float, nullable=False, server_default="0"),  # not before
    Column("quiet", Float, nullable=False, server_default="0"),  # nothing is told before: its owner is at work
    UniqueConstraint("user_id", "collection_id", "digest"),
    Index(None, "collection_id"),
)
