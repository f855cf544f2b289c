"""Rooms at providers of conferences, and the sign-ins they are made with."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint

from gateway.store.schema.base import METADATA, Key, flag, owner

ROOM_ACCOUNTS: Final = Table(
    "room_accounts",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("kind", String(32), nullable=False),  # zoom
    Column("remote_id", Text, nullable=False),  # of the person there
    Column("displayname", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("state", String(16), nullable=False, server_default="ok"),  # ok, signed-out
    Column("error", Text, nullable=False, server_default=""),
    Column("created", BigInteger, nullable=False),
    UniqueConstraint("user_id", "kind"),
)

ROOMS: Final = Table(  # one for each booking, and those of former hosts until they are taken away
    "rooms",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),  # the host whose account it is at
    Column("booking_id", Key, ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(32), nullable=False),  # of LOCATIONS
    Column("mark", String(64), nullable=False),  # what it is found by at the provider, should an answer be lost
    flag("begun"),  # the provider was asked for it
    Column("remote_id", Text, nullable=False, server_default=""),  # "": not known to be there
    Column("join_url", Text, nullable=False, server_default=""),
    Column("start", BigInteger, nullable=False, server_default="0"),  # as the provider has it
    Column("end", BigInteger, nullable=False, server_default="0"),
    Column("failing_since", BigInteger),
    Column("trouble", String(16), nullable=False, server_default=""),  # see gateway.booking.rooms.words
    Column("error", Text, nullable=False, server_default=""),
    Column("told", String(16), nullable=False, server_default=""),  # the trouble that its host was told of
    Index(None, "booking_id"),
    Index(None, "user_id"),
)
