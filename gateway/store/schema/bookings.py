"""What can be booked, with whom and when; and what was."""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from gateway.store.schema.base import METADATA, Key, flag, owner

SCHEDULES: Final = Table(
    "schedules",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("name", Text, nullable=False),
    Column("availability", Text, nullable=False),  # VAVAILABILITY (RFC 7953)
    flag("standard"),
    Column("holidays", JSON, nullable=False, server_default="{}"),  # gateway.freebusy.schedules.Holidays
    Index(None, "user_id"),
)

EVENT_TYPES: Final = Table(
    "event_types",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),  # a person or a team
    Column("slug", String(64), nullable=False),
    Column("position", Integer, nullable=False, server_default="0"),
    flag("hidden"),
    Column("document", JSON, nullable=False),  # gateway.booking.model.EventType
    # of the team's one that a member has it from; of its own document only what that leaves open counts
    Column("managed_by", Key, ForeignKey("event_types.id", ondelete="CASCADE")),
    UniqueConstraint("user_id", "slug"),
    Index(None, "managed_by"),
)

HOSTS: Final = Table(  # of an event type that others than its owner are booked with
    "hosts",
    METADATA,
    Column("event_type_id", Key, ForeignKey("event_types.id", ondelete="CASCADE"), nullable=False),
    owner(),
    Column("position", Integer, nullable=False),
    flag("fixed"),  # in a round robin, there each time
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("weight", Integer, nullable=False, server_default="100"),
    PrimaryKeyConstraint("event_type_id", "user_id"),
    Index(None, "user_id"),
)

BOOKINGS: Final = Table(
    "bookings",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),  # the first of its hosts
    Column("event_type_id", Key, ForeignKey("event_types.id", ondelete="SET NULL")),
    Column("uid", Text, nullable=False, unique=True),  # for life
    Column("event", Text, nullable=False),  # UID of the event in calendars: its own, or of one that it shares
    Column("event_sequence", Integer, nullable=False, server_default="-1"),  # of a shared one; -1: not written yet
    Column("status", String(16), nullable=False),  # accepted, pending, cancelled, declined
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("blocked_from", BigInteger, nullable=False),  # with its own buffers
    Column("blocked_until", BigInteger, nullable=False),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("digest", String(64), nullable=False),  # SHA-256 of the token in the invitee's links
    Column("host_digest", String(64), nullable=False),  # and of the one in the hosts'
    Column("idempotency", String(64), unique=True),
    Column("document", JSON, nullable=False),  # gateway.booking.model.BookingDetails
    Column("words", Text, nullable=False, server_default=""),  # what a search looks in, folded
    Column("created", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Index(None, "user_id"),
    Index(None, "event_type_id", "start"),
    Index(None, "event"),
)

HISTORY: Final = Table(  # what happened to a booking
    "booking_history",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("booking_id", Key, ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("sequence", Integer, nullable=False),  # of the booking then
    Column("kind", String(32), nullable=False),
    Column("by", String(16), nullable=False),  # invitee, host, calendar
    Column("actor_id", Key, ForeignKey("principals.id", ondelete="SET NULL")),  # which host, where that is known
    Column("document", JSON, nullable=False),  # gateway.booking.history.Change
    Index(None, "booking_id"),
)

TAKEN: Final = Table(  # whose time a booking takes, and when
    "taken",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("booking_id", Key, ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),  # of the host among those of the booking
    flag("live"),  # nobody else can have the time
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("blocked_from", BigInteger, nullable=False),
    Column("blocked_until", BigInteger, nullable=False),
    Index(None, "user_id", "live", "blocked_from"),
    Index(None, "booking_id"),
)

HOLDS: Final = Table(  # time kept for a visitor who is filling in the form, one row for each host
    "holds",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("digest", String(64), nullable=False),  # SHA-256 of the visitor's cookie
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("blocked_from", BigInteger, nullable=False),
    Column("blocked_until", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index(None, "user_id", "expires"),
    Index(None, "digest"),
    Index(None, "expires"),
)
