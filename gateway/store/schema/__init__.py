"""The tables, whole. Instants are epoch seconds UTC; every row that belongs to a person leads by that person's id or by
that of a calendar or collection of theirs.

rev: a number that rises with every change of a collection, in commit order. A member carries the rev of its last
change, so one table is membership, listing and change log at once: what changed since token 41 is what carries a rev
above 41, and what has gone stays as a row with `deleted` set.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.store.schema.api import API_ANSWERS, API_KEYS
from gateway.store.schema.base import METADATA, Key, flag, owner
from gateway.store.schema.bookings import BOOKINGS, EVENT_TYPES, HISTORY, HOLDS, HOSTS, SCHEDULES, TAKEN
from gateway.store.schema.clouds import BUDGETS, CHANNELS, NOTES, PARTS, PLACES, REFUSALS
from gateway.store.schema.collections import COLLECTIONS, MEMBERS
from gateway.store.schema.faces import FACES
from gateway.store.schema.links import LINKS
from gateway.store.schema.mails import LETTERS, MAILS_READ
from gateway.store.schema.mirrors import MIRROR_BLOCKS, MIRROR_SOURCES, MIRRORS
from gateway.store.schema.people import DELEGATES
from gateway.store.schema.push import PUSH_KEYS, SUBSCRIPTIONS
from gateway.store.schema.rooms import ROOM_ACCOUNTS, ROOMS
from gateway.store.schema.webhooks import DELIVERIES, WEBHOOKS

__all__ = [
    "ACCOUNTS",
    "ADDRESSES",
    "API_ANSWERS",
    "API_KEYS",
    "APP_PASSWORDS",
    "BOOKINGS",
    "BUDGETS",
    "CALENDARS",
    "CHANNELS",
    "COLLECTIONS",
    "DELEGATES",
    "DELIVERIES",
    "EVENT_TYPES",
    "FACES",
    "HISTORY",
    "HOLDS",
    "HOSTS",
    "JOBS",
    "LETTERS",
    "LINKS",
    "MAILS_READ",
    "MEMBERS",
    "MEMBERSHIPS",
    "METADATA",
    "MIRRORS",
    "MIRROR_BLOCKS",
    "MIRROR_SOURCES",
    "NOTES",
    "OBJECTS",
    "OCCURRENCES",
    "PARTS",
    "PLACES",
    "PRINCIPALS",
    "PROPERTIES",
    "PUSH_KEYS",
    "REFUSALS",
    "ROOMS",
    "ROOM_ACCOUNTS",
    "SCHEDULES",
    "SERVICE_KEYS",
    "SESSIONS",
    "SIGN_INS",
    "SUBSCRIPTIONS",
    "TAKEN",
    "WEBHOOKS",
]

PRINCIPALS: Final = Table(
    "principals",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),  # INDIVIDUAL, GROUP, ROOM, RESOURCE (RFC 5545 3.2.3), OUTSIDE
    Column("displayname", Text, nullable=False),
    Column("email", Text, nullable=False, unique=True),
    Column("password", Text),  # argon2id; NULL: cannot sign in with a password of ours
    flag("is_admin"),
    Column("zone", String(64), nullable=False),  # IANA name; all-day and floating times are in it
    Column("locale", String(16), nullable=False, server_default="en"),
    flag("freebusy_published"),
    Column("freebusy_token", String(64)),  # asked for in the published URL where set
    Column("created", BigInteger, nullable=False),
)

ADDRESSES: Final = Table(
    "addresses",
    METADATA,
    Column("address", Text, primary_key=True),  # lower case, without mailto:
    owner(),
    Index(None, "user_id"),
)

MEMBERSHIPS: Final = Table(
    "memberships",
    METADATA,
    owner("team_id"),
    owner(),
    Column("role", String(16), nullable=False, server_default="member"),
    PrimaryKeyConstraint("team_id", "user_id"),
    Index(None, "user_id"),
)

APP_PASSWORDS: Final = Table(
    "app_passwords",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("label", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of 160 random bits
    Column("created", BigInteger, nullable=False),
    Column("last_used", BigInteger),
    Index(None, "user_id"),
)

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the cookie
    owner(),
    Column("csrf", String(64), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("last_used", BigInteger, nullable=False),
    Index(None, "user_id"),
)

SIGN_INS: Final = Table(  # at a provider, while the person is on the provider's page
    "sign_ins",
    METADATA,
    Column("digest", String(64), primary_key=True),  # SHA-256 of `state`
    owner(),
    Column("kind", String(16), nullable=False),
    Column("session", String(64), nullable=False),
    Column("flow", LargeBinary, nullable=False),  # sealed
    Column("expires", BigInteger, nullable=False),
)

SERVICE_KEYS: Final = Table(
    "service_keys",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("changed", BigInteger, nullable=False),
)

ACCOUNTS: Final = Table(
    "accounts",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("kind", String(16), nullable=False),
    Column("displayname", Text, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("secret", LargeBinary),  # sealed
    Column("service_key", Key, ForeignKey("service_keys.id")),  # in place of a secret of its own
    Column("state", String(16), nullable=False, server_default="ok"),  # ok, failing, signed-out
    Column("trouble", String(16), nullable=False, server_default=""),  # the kind of error
    Column("error", Text, nullable=False, server_default=""),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("synced", BigInteger),  # last pull that ended well
    Column("created", BigInteger, nullable=False),
    Index(None, "user_id"),
    Index(None, "service_key"),
)

CALENDARS: Final = Table(
    "calendars",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("account_id", Key, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("displayname", Text, nullable=False),
    Column("color", Text, nullable=False, server_default=""),
    Column("zone", Text, nullable=False, server_default=""),
    flag("writable"),
    flag("merged", True),
    flag("busy"),
    flag("tentative_busy", True),  # whether BUSY-TENTATIVE counts as busy time at all
    flag("destination"),
    flag("separate"),  # also shown as a calendar of its own
    flag("schedules"),  # its server invites people by itself (RFC 6638), so we must not
    flag("gone"),  # the provider lists it no more
    Column("position", Integer, nullable=False, server_default="0"),
    Column("token", Text),  # the provider's sync token
    Column("page", Text),  # where a reading that was broken off goes on; NULL: there is none
    Column("arrived", Integer),  # objects that the reading of the whole has brought so far; NULL: none is under way
    Column("synced", BigInteger),
    Column("wanted", Integer, nullable=False, server_default="1"),  # reasons to read it that came since it was read
    Column("error", Text, nullable=False, server_default=""),  # what was wrong the last time it was read
    UniqueConstraint("account_id", "remote_id"),
    Index(None, "user_id", "position"),
)

OBJECTS: Final = Table(
    "objects",
    METADATA,
    Column("id", Key, primary_key=True),
    owner(),
    Column("calendar_id", Key, ForeignKey("calendars.id", ondelete="CASCADE"), nullable=False),
    Column("href", Text, nullable=False),  # the provider's id; our own name for a local one
    Column("uid", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("etag", String(64), nullable=False),  # of `text`
    Column("text", Text, nullable=False),
    Column("summary", Text, nullable=False, server_default=""),
    Column("organizer", Text, nullable=False, server_default=""),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger),  # NULL: no end
    Column("covered_from", BigInteger),  # NULL: every occurrence is stored
    Column("covered_until", BigInteger),
    flag("local"),  # some occurrence depends on the owner's zone
    Column("mirror", Text, nullable=False, server_default=""),  # mark of a busy block, which is no member
    Column("schedule_tag", String(64), nullable=False, server_default=""),  # RFC 6638 3.2.10; "": nobody is invited
    Column("told", BigInteger, nullable=False, server_default="0"),  # DTSTAMP of the last message about it
    Column("remote_etag", Text),  # NULL: the provider has it not yet
    Column("remote_text", Text),  # the provider's own mapping, where it is not `text` itself
    flag("dirty"),  # our change is not at the provider yet
    Column("agreed", Text),  # what was served before that change, where it is not `remote_text` itself
    Column("changed", BigInteger, nullable=False),
    UniqueConstraint("calendar_id", "href"),
    Index(None, "user_id", "uid"),
    Index(  # the few series that the horizon cuts
        "ix_objects_cut",
        "user_id",
        sqlite_where=text("covered_from IS NOT NULL"),
        postgresql_where=text("covered_from IS NOT NULL"),
    ),
    Index(
        "ix_objects_mirror",
        "user_id",
        "mirror",
        sqlite_where=text("mirror <> ''"),
        postgresql_where=text("mirror <> ''"),
    ),
    sqlite_autoincrement=True,  # a number is never used again: pushes on their way name the object by it
)

OCCURRENCES: Final = Table(
    "occurrences",
    METADATA,
    owner(),
    Column("object_id", Key, ForeignKey("objects.id", ondelete="CASCADE"), nullable=False),
    Column("calendar_id", Key, nullable=False),
    Column("span", Integer, nullable=False),  # class of length, see SPANS in gateway.store.objects
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("fbtype", Integer, nullable=False),
    Column("rid", String(32), nullable=False),
    Column("component", Integer, nullable=False),
    flag("local"),
    # All that questions of time ask for, so that they are answered from the index alone.
    Index(
        "ix_occurrences_range",
        *("user_id", "span", "start", "end", "fbtype", "calendar_id", "object_id", "rid", "component"),
    ),
    Index(None, "object_id"),
)

PROPERTIES: Final = Table(
    "properties",
    METADATA,
    owner(),
    Column("path", Text, nullable=False),
    Column("name", Text, nullable=False),  # Clark notation
    Column("value", Text, nullable=False),  # the element as sent, canonical XML
    PrimaryKeyConstraint("user_id", "path", "name"),
    Index(None, "path"),
)

JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("key", Text, nullable=False),  # one job at most for each kind and key
    Column("version", Integer, nullable=False, server_default="1"),
    Column("payload", JSON, nullable=False),
    Column("user_id", Key, ForeignKey("principals.id", ondelete="CASCADE")),
    Column("due", Float, nullable=False),
    Column("leased_until", Float),
    Column("attempts", Integer, nullable=False, server_default="0"),
    flag("dead"),
    Column("error", Text, nullable=False, server_default=""),
    Column("created", Float, nullable=False),
    UniqueConstraint("kind", "key"),
    Index(None, "dead", "due"),
    Index(
        "ix_jobs_leased",
        "leased_until",
        sqlite_where=text("leased_until IS NOT NULL"),
        postgresql_where=text("leased_until IS NOT NULL"),
    ),
    sqlite_autoincrement=True,  # whoever finishes a job that was dropped meanwhile must not hit another
)
