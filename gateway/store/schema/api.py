"""Keys of programs that use the API, and the answers they may ask for again."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from gateway.store.schema.base import METADATA, Key, owner

API_KEYS: Final = Table(
    "api_keys",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("label", String(255), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of 160 random bits
    Column("scopes", Text, nullable=False),  # blanks between them
    Column("created", BigInteger, nullable=False),
    Column("last_used", BigInteger),
    Index(None, "user_id"),
)

API_ANSWERS: Final = Table(  # by Idempotency-Key, for a day
    "api_answers",
    METADATA,
    owner(),
    Column("key", String(64), nullable=False),  # SHA-256 of the header
    Column("request", String(64), nullable=False),  # SHA-256 of what was asked
    Column("answer", LargeBinary),  # sealed; NULL: still being made
    Column("created", BigInteger, nullable=False),
    PrimaryKeyConstraint("user_id", "key"),
    Index(None, "created"),
)
