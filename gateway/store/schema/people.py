"""Who stands in for whom."""

from typing import Final

from sqlalchemy import Column, Index, PrimaryKeyConstraint, String, Table

from gateway.store.schema.base import METADATA, owner

DELEGATES: Final = Table(
    "delegates",
    METADATA,
    owner(),  # whose calendars
    owner("delegate_id"),  # a person, or a team: everybody in it
    Column("access", String(8), nullable=False),  # read, write
    PrimaryKeyConstraint("user_id", "delegate_id", "access"),
    Index(None, "delegate_id"),
)
