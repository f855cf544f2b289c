"""Mails about events: whom we wrote to about what, and which mails were read."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, Text

from gateway.store.schema.base import METADATA, owner

LETTERS: Final = Table(  # all mails of one person to one other about one event, as one thread
    "letters",
    METADATA,
    Column("thread", String(32), primary_key=True),  # a digest of the three; stands in the Message-IDs
    owner(),
    Column("uid", Text, nullable=False),
    Column("recipient", Text, nullable=False),  # lower case
    Column("first", String(32), nullable=False, server_default=""),  # digest of the message that opened the thread
    Column("root", Text, nullable=False, server_default=""),  # Message-ID of the mail that did; "": ours, by `thread`
    Column("told", JSON, nullable=False),  # what the recipient was told last, by RECURRENCE-ID
    Column("changed", BigInteger, nullable=False),
    Column("ended", Integer, nullable=False, server_default="-1"),  # SEQUENCE of the last CANCEL in it; -1: none
    Index(None, "user_id"),
)

MAILS_READ: Final = Table(
    "mails_read",
    METADATA,
    Column("digest", String(64), primary_key=True),  # of Message-ID and calendar part
    Column("read", BigInteger, nullable=False),
    Index(None, "read"),
)
