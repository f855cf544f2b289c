"""The tables, whole. Instants are epoch seconds UTC; every row that belongs to a person leads by that person's id.

rev: a number that rises with every change of a person's merged calendar, in commit order. A member carries the rev of
its last change, so one table is membership, listing and change log at once: what changed since token 41 is what
carries a rev above 41, and what has gone stays as a row with `deleted` set.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

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


def _owner(name: str = "user_id") -> Column[int]:
    return Column(name, Key, ForeignKey("principals.id", ondelete="CASCADE"), nullable=False)


def _flag(name: str, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))


PRINCIPALS: Final = Table(
    "principals",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),  # INDIVIDUAL, GROUP (RFC 5545 3.2.3)
    Column("displayname", String(255), nullable=False),
    Column("email", String(255), nullable=False, unique=True),
    Column("password", String(255)),  # argon2id; NULL: cannot sign in with a password of ours
    _flag("is_admin"),
    Column("zone", String(64), nullable=False),  # IANA name; all-day and floating times are in it
    Column("locale", String(16), nullable=False, server_default="en"),
    _flag("freebusy_published"),
    Column("freebusy_token", String(64)),  # asked for in the published URL where set
    Column("rev", BigInteger, nullable=False, server_default="0"),
    Column("floor", BigInteger, nullable=False, server_default="0"),  # sync tokens below are refused
    Column("created", BigInteger, nullable=False),
)

ADDRESSES: Final = Table(
    "addresses",
    METADATA,
    Column("address", String(255), primary_key=True),  # lower case, without mailto:
    _owner(),
    Index(None, "user_id"),
)

MEMBERSHIPS: Final = Table(
    "memberships",
    METADATA,
    _owner("team_id"),
    _owner(),
    Column("role", String(16), nullable=False, server_default="member"),
    PrimaryKeyConstraint("team_id", "user_id"),
    Index(None, "user_id"),
)

APP_PASSWORDS: Final = Table(
    "app_passwords",
    METADATA,
    Column("id", Key, primary_key=True),
    _owner(),
    Column("label", String(255), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of 160 random bits
    Column("created", BigInteger, nullable=False),
    Column("last_used", BigInteger),
    Index(None, "user_id"),
)

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the cookie
    _owner(),
    Column("csrf", String(64), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("last_used", BigInteger, nullable=False),
    Index(None, "user_id"),
)

SIGN_INS: Final = Table(  # at a provider, while the person is on the provider's page
    "sign_ins",
    METADATA,
    Column("digest", String(64), primary_key=True),  # SHA-256 of `state`
    _owner(),
    Column("kind", String(16), nullable=False),
    Column("session", String(64), nullable=False),
    Column("flow", LargeBinary, nullable=False),  # sealed
    Column("expires", BigInteger, nullable=False),
)

SERVICE_KEYS: Final = Table(
    "service_keys",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("changed", BigInteger, nullable=False),
)

ACCOUNTS: Final = Table(
    "accounts",
    METADATA,
    Column("id", Key, primary_key=True),
    _owner(),
    Column("kind", String(16), nullable=False),
    Column("displayname", String(255), nullable=False),
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
    _owner(),
    Column("account_id", Key, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("displayname", String(255), nullable=False),
    Column("color", String(16), nullable=False, server_default=""),
    Column("zone", String(64), nullable=False, server_default=""),
    _flag("writable"),
    _flag("merged", True),
    _flag("busy"),
    _flag("tentative_busy", True),  # whether BUSY-TENTATIVE counts as busy time at all
    _flag("destination"),
    _flag("gone"),  # the provider lists it no more
    Column("position", Integer, nullable=False, server_default="0"),
    Column("token", Text),  # the provider's sync token
    Column("page", Text),  # where a reading that was broken off goes on; NULL: there is none
    Column("arrived", Integer),  # objects that the reading of the whole has brought so far; NULL: none is under way
    Column("synced", BigInteger),
    UniqueConstraint("account_id", "remote_id"),
    Index(None, "user_id", "position"),
)

NOTES: Final = Table(  # on hrefs, from the question for a calendar's changes to the last page of the answer
    "notes",
    METADATA,
    Column("calendar_id", Key, ForeignKey("calendars.id", ondelete="CASCADE"), nullable=False),
    Column("href", Text, nullable=False),
    _flag("told"),  # the provider heard of a change of ours meanwhile; else: a page mentioned it
    PrimaryKeyConstraint("calendar_id", "href", "told"),
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
    _owner(),
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

OBJECTS: Final = Table(
    "objects",
    METADATA,
    Column("id", Key, primary_key=True),
    _owner(),
    Column("calendar_id", Key, ForeignKey("calendars.id", ondelete="CASCADE"), nullable=False),
    Column("href", Text, nullable=False),  # the provider's id; our own name for a local one
    Column("uid", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("etag", String(64), nullable=False),  # of `text`
    Column("text", Text, nullable=False),
    Column("summary", Text, nullable=False, server_default=""),
    Column("organizer", String(255), nullable=False, server_default=""),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger),  # NULL: no end
    Column("covered_from", BigInteger),  # NULL: every occurrence is stored
    Column("covered_until", BigInteger),
    _flag("local"),  # some occurrence depends on the owner's zone
    Column("remote_etag", Text),  # NULL: the provider has it not yet
    Column("remote_text", Text),  # the provider's own mapping, where it is not `text` itself
    _flag("dirty"),  # our change is not at the provider yet
    Column("changed", BigInteger, nullable=False),
    UniqueConstraint("calendar_id", "href"),
    Index(None, "user_id", "uid"),
    Index(  # the few series that the horizon cuts
        "ix_objects_cut",
        "user_id",
        sqlite_where=text("covered_from IS NOT NULL"),
        postgresql_where=text("covered_from IS NOT NULL"),
    ),
    sqlite_autoincrement=True,  # a number is never used again: pushes on their way name the object by it
)

OCCURRENCES: Final = Table(
    "occurrences",
    METADATA,
    _owner(),
    Column("object_id", Key, ForeignKey("objects.id", ondelete="CASCADE"), nullable=False),
    Column("calendar_id", Key, nullable=False),
    Column("span", Integer, nullable=False),  # class of length, see gateway.store.occurrences
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("fbtype", Integer, nullable=False),
    Column("rid", String(32), nullable=False),
    Column("component", Integer, nullable=False),
    _flag("local"),
    # All that questions of time ask for, so that they are answered from the index alone.
    Index(
        "ix_occurrences_range",
        *("user_id", "span", "start", "end", "fbtype", "calendar_id", "object_id", "rid", "component"),
    ),
    Index(None, "object_id"),
)

MEMBERS: Final = Table(
    "members",
    METADATA,
    _owner(),
    Column("href", Text, nullable=False),
    Column("uid", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("object_id", Key, nullable=False),
    Column("etag", String(64), nullable=False),
    Column("rev", BigInteger, nullable=False),
    _flag("deleted"),
    PrimaryKeyConstraint("user_id", "href"),
    Index(None, "user_id", "rev"),
    Index(
        "uq_members_live_uid",
        "user_id",
        "uid",
        unique=True,
        sqlite_where=text("deleted IS 0"),
        postgresql_where=text("deleted IS false"),
    ),
    Index(None, "object_id"),
    sqlite_with_rowid=False,
)

PROPERTIES: Final = Table(
    "properties",
    METADATA,
    _owner(),
    Column("path", Text, nullable=False),
    Column("name", String(255), nullable=False),  # Clark notation
    Column("value", Text, nullable=False),  # the element as sent, canonical XML
    PrimaryKeyConstraint("user_id", "path", "name"),
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
    _flag("dead"),
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
    _owner(),
    Column("account_id", Key, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("uid", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    UniqueConstraint("account_id", "uid"),
    Index(None, "user_id"),
)

SCHEDULES: Final = Table(
    "schedules",
    METADATA,
    Column("id", Key, primary_key=True),
    _owner(),
    Column("name", String(255), nullable=False),
    Column("availability", Text, nullable=False),  # VAVAILABILITY (RFC 7953)
    _flag("standard"),
    Index(None, "user_id"),
)

EVENT_TYPES: Final = Table(
    "event_types",
    METADATA,
    Column("id", Key, primary_key=True),
    _owner(),
    Column("slug", String(64), nullable=False),
    Column("position", Integer, nullable=False, server_default="0"),
    _flag("hidden"),
    Column("document", JSON, nullable=False),  # gateway.booking.model.EventType
    UniqueConstraint("user_id", "slug"),
)

BOOKINGS: Final = Table(
    "bookings",
    METADATA,
    Column("id", Key, primary_key=True),
    _owner(),
    Column("event_type_id", Key, ForeignKey("event_types.id", ondelete="SET NULL")),
    Column("uid", String(255), nullable=False, unique=True),  # of the event, for life
    Column("status", String(16), nullable=False),  # accepted, pending, cancelled, declined
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("blocked_from", BigInteger, nullable=False),  # with its own buffers
    Column("blocked_until", BigInteger, nullable=False),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("digest", String(64), nullable=False),  # SHA-256 of the token in the links
    Column("idempotency", String(64), unique=True),
    Column("document", JSON, nullable=False),  # gateway.booking.model.BookingDetails
    Column("created", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Index(None, "user_id", "status", "blocked_from"),
)
