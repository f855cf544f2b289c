"""Tables of what goes on between us and the providers."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from gateway.store.schema.base import METADATA, Key, owner

NOTES: Final = Table(  # on hrefs, from one question for a calendar's changes to the next
    "notes",
    METADATA,
    Column("calendar_id", Key, ForeignKey("calendars.id", ondelete="CASCADE"), nullable=False),
    Column("href", Text, nullable=False),
    Column("kind", String(16), nullable=False),  # mentioned, told, made; see gateway.store.rounds
    PrimaryKeyConstraint("calendar_id", "href", "kind"),
)

PARTS: Final = Table(  # of objects whose other parts may be on later pages
    "parts",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("calendar_id", Key, ForeignKey("calendars.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index(None, "calendar_id", "name"),
)

CHANNELS: Final = Table(  # by which providers tell of changes
    "channels",
    METADATA,
    Column("key", String(64), primary_key=True),  # ours; Google's notices carry it
    owner(),
    Column("account_id", Key, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("calendar_id", Key, ForeignKey("calendars.id", ondelete="CASCADE"), nullable=False),
    Column("state", String(16), nullable=False),  # see gateway.store.channels
    Column("address", Text, nullable=False),
    Column("remote_id", Text, nullable=False, server_default=""),  # the provider's; "" before it is known
    Column("resource", Text, nullable=False, server_default=""),  # what Google wants back to stop it
    Column("digest", String(64), nullable=False),  # SHA-256 of 256 random bits
    Column("error", Text, nullable=False, server_default=""),
    Column("opened", Float, nullable=False),
    Column("since", Float, nullable=False),  # of the state
    Column("renew", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("noticed", Float),  # the last notice
    Column("looked", Float),  # begin of the last pull that ended well
    Column("number", BigInteger, nullable=False, server_default="0"),  # of the latest message
    Index(None, "account_id"),
    Index(None, "calendar_id"),
    Index(None, "remote_id"),
)

BUDGETS: Final = Table(  # of requests, shared by all processes; see gateway.accounts.pace
    "budgets",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("account_id", Key),
    Column("full_at", Float, nullable=False, server_default="0"),  # when all that was taken is there again
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("held_until", Float, nullable=False, server_default="0"),  # nobody asks before
    Column("probed_until", Float, nullable=False, server_default="0"),  # somebody is finding out if it works again
    Column("reason", Text, nullable=False, server_default=""),
    Index(None, "account_id"),
)

PLACES: Final = Table(  # requests that a process may have out at a time; given up by those that died
    "places",
    METADATA,
    Column("key", String(64), nullable=False),
    Column("holder", String(32), nullable=False),
    Column("account_id", Key),
    Column("held", Integer, nullable=False),
    Column("until", Float, nullable=False),
    PrimaryKeyConstraint("key", "holder"),
    Index(None, "account_id"),
)

REFUSALS: Final = Table(  # changes that were promised to a client and that the provider then would not have
    "refusals",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("account_id", Key, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("uid", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("trouble", String(16), nullable=False),  # the kind of reason
    Column("created", BigInteger, nullable=False),
    UniqueConstraint("account_id", "uid"),
    Index(None, "user_id"),
)
