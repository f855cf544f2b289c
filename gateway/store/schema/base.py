"""What all tables share."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, MetaData, text

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in INTEGER keys; PostgreSQL needs BIGINT for as many rows.
Key = BigInteger().with_variant(Integer, "sqlite")


def owner(name: str = "user_id") -> Column[int]:
    return Column(name, Key, ForeignKey("principals.id", ondelete="CASCADE"), nullable=False)


def flag(name: str, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))
