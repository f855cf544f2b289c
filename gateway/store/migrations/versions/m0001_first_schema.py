"""The first schema

Revision: 0001, after nothing.
"""

from alembic import op

from gateway.store.migrations.first import (
    api,
    bookings,
    budgets,
    calendars,
    channels,
    collections,
    faces,
    links,
    mails,
    mirrors,
    people,
    push,
    rooms,
    webhooks,
    work,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "faces",
    *("deliveries", "webhooks", "links"),
    *("rooms", "room_accounts"),
    *("api_answers", "api_keys"),
    *("refusals", "places", "budgets"),
    *("mails_read", "letters"),
    *("mirror_blocks", "mirror_sources", "mirrors"),
    *(
        "parts",
        "notes",
        "occurrences",
        "objects",
        "channels",
        "members",
        "subscriptions",
        "push_keys",
        "collections",
        "calendars",
        "holds",
        "taken",
        "booking_history",
        "bookings",
        "hosts",
        "sign_ins",
        "sessions",
    ),
    *("delegates", "schedules", "properties", "memberships", "jobs", "event_types"),
    *("app_passwords", "addresses", "accounts", "service_keys", "principals"),
)
"""In an order in which they can be dropped; their indexes go with them."""


def upgrade() -> None:
    for create in (
        people.create_principals,
        calendars.create_service_keys,
        calendars.create_accounts,
        people.create_addresses,
        people.create_app_passwords,
        bookings.create_event_types,
        bookings.create_hosts,
        work.create_jobs,
        people.create_memberships,
        people.create_delegates,
        people.create_properties,
        bookings.create_schedules,
        people.create_sessions,
        people.create_sign_ins,
        bookings.create_bookings,
        bookings.create_history,
        bookings.create_taken,
        bookings.create_holds,
        calendars.create_calendars,
        collections.create_collections,
        collections.create_members,
        push.create_push_keys,
        push.create_subscriptions,
        channels.create_channels,
        calendars.create_objects,
        calendars.create_notes,
        calendars.create_parts,
        calendars.create_occurrences,
        budgets.create_budgets,
        budgets.create_places,
        budgets.create_refusals,
        mirrors.create_mirrors,
        mirrors.create_mirror_sources,
        mirrors.create_mirror_blocks,
        mails.create_letters,
        mails.create_mails_read,
        links.create_links,
        webhooks.create_webhooks,
        webhooks.create_deliveries,
        api.create_api_keys,
        api.create_api_answers,
        rooms.create_room_accounts,
        rooms.create_rooms,
        faces.create_faces,
    ):
        create()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
