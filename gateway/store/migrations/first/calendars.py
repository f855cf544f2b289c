"""Accounts at providers, their calendars, and what is in them."""

import sqlalchemy as sa
from alembic import op

from gateway.store.migrations.first import KEY


def create_service_keys() -> None:
    op.create_table(
        "service_keys",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_keys")),
        sa.UniqueConstraint("name", name=op.f("uq_service_keys_name")),
    )


def create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("displayname", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("service_key", KEY, nullable=True),
        sa.Column("state", sa.String(length=16), server_default="ok", nullable=False),
        sa.Column("trouble", sa.String(length=16), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("synced", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["service_key"], ["service_keys.id"], name=op.f("fk_accounts_service_key")),
        sa.ForeignKeyConstraint(["user_id"], ["principals.id"], name=op.f("fk_accounts_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_service_key"), ["service_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_accounts_user_id"), ["user_id"], unique=False)


def create_calendars() -> None:
    op.create_table(
        "calendars",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("displayname", sa.Text(), nullable=False),
        sa.Column("color", sa.Text(), server_default="", nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("writable", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("merged", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("busy", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("tentative_busy", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("destination", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("separate", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("schedules", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("gone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("page", sa.Text(), nullable=True),
        sa.Column("arrived", sa.Integer(), nullable=True),
        sa.Column("synced", sa.BigInteger(), nullable=True),
        sa.Column("wanted", sa.Integer(), server_default="1", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_calendars_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["principals.id"], name=op.f("fk_calendars_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        sa.UniqueConstraint("account_id", "remote_id", name=op.f("uq_calendars_account_id_remote_id")),
    )
    with op.batch_alter_table("calendars", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendars_user_id_position"), ["user_id", "position"], unique=False)


def create_notes() -> None:
    op.create_table(
        "notes",
        sa.Column("calendar_id", KEY, nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendars.id"], name=op.f("fk_notes_calendar_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("calendar_id", "href", "kind", name=op.f("pk_notes")),
    )


def create_parts() -> None:
    op.create_table(
        "parts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("calendar_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendars.id"], name=op.f("fk_parts_calendar_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parts")),
    )
    with op.batch_alter_table("parts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parts_calendar_id_name"), ["calendar_id", "name"], unique=False)


def create_objects() -> None:
    op.create_table(
        "objects",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("calendar_id", KEY, nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("organizer", sa.Text(), server_default="", nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.Column("covered_from", sa.BigInteger(), nullable=True),
        sa.Column("covered_until", sa.BigInteger(), nullable=True),
        sa.Column("local", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("mirror", sa.Text(), server_default="", nullable=False),
        sa.Column("schedule_tag", sa.String(length=64), server_default="", nullable=False),
        sa.Column("told", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("remote_etag", sa.Text(), nullable=True),
        sa.Column("remote_text", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendars.id"], name=op.f("fk_objects_calendar_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["principals.id"], name=op.f("fk_objects_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objects")),
        sa.UniqueConstraint("calendar_id", "href", name=op.f("uq_objects_calendar_id_href")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("objects", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objects_user_id_uid"), ["user_id", "uid"], unique=False)
        batch_op.create_index(
            "ix_objects_cut",
            ["user_id"],
            unique=False,
            sqlite_where=sa.text("covered_from IS NOT NULL"),
            postgresql_where=sa.text("covered_from IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_objects_mirror",
            ["user_id", "mirror"],
            unique=False,
            sqlite_where=sa.text("mirror <> ''"),
            postgresql_where=sa.text("mirror <> ''"),
        )


def create_occurrences() -> None:
    op.create_table(
        "occurrences",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("object_id", KEY, nullable=False),
        sa.Column("calendar_id", KEY, nullable=False),
        sa.Column("span", sa.Integer(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("fbtype", sa.Integer(), nullable=False),
        sa.Column("rid", sa.String(length=32), nullable=False),
        sa.Column("component", sa.Integer(), nullable=False),
        sa.Column("local", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["object_id"], ["objects.id"], name=op.f("fk_occurrences_object_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["principals.id"], name=op.f("fk_occurrences_user_id"), ondelete="CASCADE"
        ),
    )
    with op.batch_alter_table("occurrences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_occurrences_object_id"), ["object_id"], unique=False)
        batch_op.create_index(
            "ix_occurrences_range",
            ["user_id", "span", "start", "end", "fbtype", "calendar_id", "object_id", "rid", "component"],
            unique=False,
        )
