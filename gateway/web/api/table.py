"""Everything the API does. A new thing is one row here and the function it names."""

from collections.abc import Mapping
from typing import Final

from gateway.web.api.operation import Operation
from gateway.web.api.resources import (
    accounts,
    attended,
    bookings,
    calendars,
    event_types,
    free_busy,
    links,
    me,
    schedules,
    slots,
    teams,
    webhooks,
)
from gateway.web.api.values import Listed

SUBJECTS: Final[Mapping[str, str]] = {
    "me": "Whose key it is, and what it allows.",
    "event-types": "What others can book with you, or with a team that you are an admin of.",
    "schedules": "When you can be booked: working hours by name.",
    "slots": "Times that can be booked.",
    "bookings": "What has been booked with you.",
    "free-busy": "When others have no time: periods, never what they are.",
    "teams": "Teams that you are in.",
    "calendars": "Your calendars, and what each counts for.",
    "links": "Secret links to what others can book with you.",
    "webhooks": "Programs that are told of bookings.",
    "accounts": "Your accounts at providers, and how they are.",
}
BUSY: Final = frozenset({409})
GONE: Final = frozenset({404})
MAKES: Final = frozenset({404, 409})

OPERATIONS: Final = (
    Operation("GET", "/me", "read_me", "", "Whose key it is", me.read_me, answer=me.Me),
    Operation(
        "GET", "/event-types", "list_event_types", "event-types:read", "Your event types",
        event_types.list_event_types, event_types.EventTypesAsked, None, event_types.EventTypes, errors=GONE,
    ),
    Operation(
        "POST", "/event-types", "create_event_type", "event-types:write", "Make an event type",
        event_types.create_event_type, event_types.OwnerAsked, event_types.EventTypeNew, event_types.EventTypeShown,
        status=201, errors=MAKES, made_at="{path}",
    ),
    Operation(
        "GET", "/event-types/{slug}", "read_event_type", "event-types:read", "One event type",
        event_types.read_event_type, event_types.EventTypeAsked, None, event_types.EventTypeShown,
    ),
    Operation(
        "PUT", "/event-types/{slug}", "replace_event_type", "event-types:write",
        "Replace an event type\nWhat is left out goes back to its default.",
        event_types.replace_event_type, event_types.EventTypeAsked, event_types.EventTypeRules,
        event_types.EventTypeShown,
    ),
    Operation(
        "DELETE", "/event-types/{slug}", "delete_event_type", "event-types:write",
        "Delete an event type\nIts bookings stay, and can be cancelled.",
        event_types.delete_event_type, event_types.EventTypeAsked, status=204,
    ),
    Operation(
        "GET", "/event-types/{slug}/hosts", "read_hosts", "event-types:read", "Who comes to an event type",
        event_types.read_hosts, event_types.EventTypeAsked, None, event_types.Hosts,
    ),
    Operation(
        "PUT", "/event-types/{slug}/hosts", "replace_hosts", "event-types:write",
        "Set who comes to an event type\nBookings that there are keep their hosts.",
        event_types.replace_hosts, event_types.EventTypeAsked, event_types.Hosts, event_types.Hosts,
    ),
    Operation(
        "GET", "/schedules", "list_schedules", "schedules:read", "Your working hours\nThe standard ones first.",
        schedules.list_schedules, Listed, None, schedules.Schedules,
    ),
    Operation(
        "POST", "/schedules", "create_schedule", "schedules:write",
        "Write down working hours\nThe first ones are the standard ones.",
        schedules.create_schedule, given=schedules.ScheduleGiven, answer=schedules.Schedule,
        status=201, made_at="/schedules/{id}",
    ),
    Operation(
        "GET", "/schedules/{id}", "read_schedule", "schedules:read", "Working hours of one name",
        schedules.read_schedule, schedules.ScheduleAsked, None, schedules.Schedule,
    ),
    Operation(
        "PUT", "/schedules/{id}", "replace_schedule", "schedules:write",
        "Replace working hours\nHolidays, and what calendar apps wrote beside them, stay.",
        schedules.replace_schedule, schedules.ScheduleAsked, schedules.ScheduleGiven, schedules.Schedule,
    ),
    Operation(
        "DELETE", "/schedules/{id}", "delete_schedule", "schedules:write",
        "Delete working hours\nEvent types that name them have the standard ones then, which stay.",
        schedules.delete_schedule, schedules.ScheduleAsked, status=204, errors=BUSY,
    ),
    Operation(
        "GET", "/slots", "list_slots", "slots:read", "Times that can be booked",
        slots.list_slots, slots.SlotsAsked, None, slots.Slots, errors=GONE,
    ),
    Operation(
        "GET", "/bookings", "list_bookings", "bookings:read", "Your bookings\nIn order of their starts.",
        bookings.list_bookings, bookings.BookingsAsked, None, bookings.Bookings, errors=GONE,
    ),
    Operation(
        "POST", "/bookings", "create_booking", "bookings:write",
        "Book\nThe event goes into the host's calendar, and both sides get their mail.",
        bookings.create_booking, given=bookings.BookingNew, answer=bookings.Booking,
        status=201, errors=MAKES, made_at="/bookings/{uid}",
    ),
    Operation(
        "GET", "/bookings/{uid}", "read_booking", "bookings:read", "One booking",
        bookings.read_booking, bookings.BookingAsked, None, bookings.Booking,
    ),
    Operation(
        "POST", "/bookings/{uid}/guests", "add_booking_guests", "bookings:write",
        "Invite guests to a booking\nThey get the invitation; the invitee and the hosts are told.",
        bookings.add_booking_guests, bookings.BookingAsked, bookings.Bidding, bookings.Booking, errors=BUSY,
    ),
    Operation(
        "DELETE", "/bookings/{uid}/guests", "remove_booking_guest", "bookings:write",
        "Take a guest off a booking\nThey alone are told, and may be invited again.",
        bookings.remove_booking_guest, bookings.GuestAsked, None, bookings.Booking, errors=BUSY,
    ),
    Operation(
        "POST", "/bookings/{uid}/reschedule", "reschedule_booking", "bookings:write",
        "Move a booking\nBoth sides are told; nobody has to confirm it.",
        bookings.reschedule_booking, bookings.BookingAsked, bookings.Move, bookings.Booking, errors=BUSY,
    ),
    Operation(
        "POST", "/bookings/{uid}/cancel", "cancel_booking", "bookings:write",
        "Cancel a booking\nBoth sides are told. Cancelling again changes nothing.",
        bookings.cancel_booking, bookings.BookingAsked, bookings.Calling, bookings.Booking, errors=BUSY,
    ),
    Operation(
        "POST", "/bookings/{uid}/confirm", "confirm_booking", "bookings:write",
        "Confirm a booking that waits for it\nThe invitee is told. Confirming again changes nothing.",
        bookings.confirm_booking, bookings.BookingAsked, None, bookings.Booking, errors=BUSY,
    ),
    Operation(
        "POST", "/bookings/{uid}/decline", "decline_booking", "bookings:write",
        "Decline a booking that waits to be confirmed\nThe invitee is told. Declining again changes nothing.",
        bookings.decline_booking, bookings.BookingAsked, bookings.Cancellation, bookings.Booking, errors=BUSY,
    ),
    Operation(
        "POST", "/bookings/{uid}/no-show", "mark_booking", "bookings:write",
        "Say that nobody came, or that they did\nOnce it has begun. The invitee is not told.",
        attended.mark_booking, bookings.BookingAsked, attended.NoShow, bookings.Booking, errors=BUSY,
    ),
    Operation(
        "PUT", "/bookings/{uid}/host-note", "annotate_booking", "bookings:write",
        "Write a note for hosts\nNo invitee reads it.",
        attended.annotate_booking, bookings.BookingAsked, attended.HostNote, bookings.Booking,
    ),
    Operation(
        "GET", "/bookings/{uid}/other-hosts", "list_other_hosts", "bookings:read",
        "Who else could have a booking",
        attended.list_other_hosts, bookings.BookingAsked, None, attended.OtherHosts,
    ),
    Operation(
        "POST", "/bookings/{uid}/reassign", "reassign_booking", "bookings:write",
        "Hand a booking over to another host\nEverybody gets one mail; the links in the hosts' earlier mails end.",
        attended.reassign_booking, bookings.BookingAsked, attended.HandOver, bookings.Booking, errors=BUSY,
    ),
    Operation(
        "GET", "/free-busy", "read_free_busy", "free-busy:read",
        "Busy time of several people\nOf those of a common team, who share their calendars, or who publish it.",
        free_busy.read_free_busy, free_busy.FreeBusyAsked, None, free_busy.FreeBusy,
    ),
    Operation("GET", "/teams", "list_teams", "teams:read", "Your teams", teams.list_teams, Listed, None, teams.Teams),
    Operation(
        "GET", "/teams/{name}", "read_team", "teams:read", "One team",
        teams.read_team, teams.TeamAsked, None, teams.Team,
    ),
    Operation(
        "GET", "/links", "list_links", "event-types:read", "Secret links of yours, or of a team",
        links.list_links, event_types.EventTypesAsked, None, links.Links, errors=GONE,
    ),
    Operation(
        "POST", "/links", "create_link", "event-types:write", "Make a secret link\nWhoever has its url can book.",
        links.create_link, event_types.OwnerAsked, given=links.LinkNew, answer=links.Link, status=201, errors=GONE,
    ),
    Operation(
        "DELETE", "/links/{id}", "delete_link", "event-types:write", "Revoke a secret link",
        links.delete_link, links.LinkAsked, status=204,
    ),
    Operation(
        "GET", "/webhooks", "list_webhooks", "webhooks:read", "Your webhooks\nAnd those of teams that you may change.",
        webhooks.list_webhooks, Listed, None, webhooks.Webhooks,
    ),
    Operation(
        "POST", "/webhooks", "create_webhook", "webhooks:write", "Add a webhook\nIts secret is in this answer alone.",
        webhooks.create_webhook, given=webhooks.WebhookNew, answer=webhooks.WebhookMade,
        status=201, errors=GONE, made_at="/webhooks/{id}",
    ),
    Operation(
        "GET", "/webhooks/{id}", "read_webhook", "webhooks:read", "One webhook",
        webhooks.read_webhook, webhooks.WebhookAsked, None, webhooks.Webhook,
    ),
    Operation(
        "PUT", "/webhooks/{id}", "replace_webhook", "webhooks:write", "Change a webhook, or turn it on or off",
        webhooks.replace_webhook, webhooks.WebhookAsked, webhooks.WebhookGiven, webhooks.Webhook,
    ),
    Operation(
        "DELETE", "/webhooks/{id}", "delete_webhook", "webhooks:write", "Remove a webhook",
        webhooks.delete_webhook, webhooks.WebhookAsked, status=204,
    ),
    Operation(
        "POST", "/webhooks/{id}/test", "test_webhook", "webhooks:write",
        "Send a test\nAn event of the type test; nothing comes of its failing.",
        webhooks.test_webhook, webhooks.WebhookAsked, None, webhooks.Webhook,
    ),
    Operation(
        "GET", "/webhooks/{id}/deliveries", "list_deliveries", "webhooks:read", "What a webhook was told",
        webhooks.list_deliveries, webhooks.DeliveriesAsked, None, webhooks.Deliveries,
    ),
    Operation(
        "GET", "/calendars", "list_calendars", "calendars:read",
        "Your calendars\nIn your order: of copies of one meeting the one in the first counts.",
        calendars.list_calendars, Listed, None, calendars.Calendars,
    ),
    Operation(
        "GET", "/calendars/{id}", "read_calendar", "calendars:read", "One calendar",
        calendars.read_calendar, calendars.CalendarAsked, None, calendars.Calendar,
    ),
    Operation(
        "PATCH", "/calendars/{id}", "change_calendar", "calendars:write", "Choose what a calendar counts for",
        calendars.change_calendar, calendars.CalendarAsked, calendars.CalendarChange, calendars.Calendar, errors=BUSY,
    ),
    Operation(
        "GET", "/accounts", "list_accounts", "accounts:read", "Your accounts",
        accounts.list_accounts, Listed, None, accounts.Accounts,
    ),
    Operation(
        "GET", "/accounts/{id}", "read_account", "accounts:read", "One account",
        accounts.read_account, accounts.AccountAsked, None, accounts.Account,
    ),
)  # fmt: skip
