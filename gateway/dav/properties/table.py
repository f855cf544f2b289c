"""PROPERTIES: every live property there is, a row each."""

from collections.abc import Mapping
from typing import Final

from gateway.dav.paths import On
from gateway.dav.properties import calendars, choices, delegation, everywhere, objects, rights
from gateway.dav.properties import principals as people
from gateway.dav.properties.row import Property
from gateway.dav.push import properties as push
from gateway.dav.xml import APPLE, CALSERVER
from gateway.errors import CALDAV, DAV, PUSH

CALENDAR_DATA: Final = CALDAV + "calendar-data"
GROUPS: Final = On.SOMEBODY | On.PROXIES
NAMED: Final = GROUPS | On.HOME | On.LISTS | On.OUTBOX

PROPERTIES: Final[Mapping[str, Property]] = {
    row.name: row
    for row in (
        # of everything
        Property(DAV + "resourcetype", On.ANY, everywhere.resourcetype, allprop=True, source="RFC 4918 15.9"),
        Property(DAV + "current-user-principal", On.ANY, everywhere.current_user_principal, source="RFC 5397 3"),
        Property(DAV + "principal-collection-set", On.ANY, everywhere.principal_collection_set, source="RFC 3744 5.8"),
        Property(DAV + "supported-report-set", On.ANY, everywhere.supported_report_set, source="RFC 3253 3.1.5"),
        Property(
            DAV + "current-user-privilege-set",
            On.ANY,
            rights.current_user_privilege_set,
            text=True,
            offers="access-control",
            source="RFC 3744 5.5",
        ),
        Property(DAV + "supported-privilege-set", On.ANY, rights.supported_privilege_set, source="RFC 3744 5.3"),
        Property(DAV + "acl", On.ANY, rights.acl, text=True, source="RFC 3744 5.6"),
        Property(DAV + "acl-restrictions", On.ANY, rights.acl_restrictions, source="RFC 3744 5.7"),
        Property(DAV + "inherited-acl-set", On.ANY, rights.inherited_acl_set, source="RFC 3744 5.9"),
        Property(DAV + "supported-method-set", On.ANY, everywhere.supported_method_set, source="RFC 3253 3.1.3"),
        Property(
            DAV + "supported-live-property-set",
            On.ANY,
            everywhere.supported_live_property_set,
            source="RFC 3253 3.1.4",
        ),
        Property(DAV + "group", On.OWNED | On.SOMEBODY | On.PROXIES, everywhere.group, source="RFC 3744 5.2"),
        Property(DAV + "owner", On.OWNED | On.SOMEBODY | On.PROXIES, everywhere.owner, source="RFC 3744 5.1"),
        Property(
            DAV + "displayname",
            NAMED,
            everywhere.displayname,
            write=choices.write_name,
            allprop=True,
            source="RFC 4918 15.2",
        ),
        # of people and teams
        Property(DAV + "principal-URL", GROUPS, people.principal_url, source="RFC 3744 4.2"),
        Property(DAV + "alternate-URI-set", GROUPS, people.alternate_uri_set, source="RFC 3744 4.1"),
        Property(
            DAV + "group-member-set",
            On.TEAM | On.PROXIES,
            people.group_member_set,
            write=delegation.write_members,
            kept=False,
            source="RFC 3744 4.3",
        ),
        Property(DAV + "group-membership", GROUPS, people.group_membership, source="RFC 3744 4.4"),
        Property(
            CALSERVER + "calendar-proxy-read-for",
            On.PRINCIPAL,
            delegation.read_for,
            offers="calendar-proxy",
            source="caldav-proxy",
        ),
        Property(CALSERVER + "calendar-proxy-write-for", On.PRINCIPAL, delegation.write_for, source="caldav-proxy"),
        Property(CALDAV + "calendar-home-set", On.PRINCIPAL, people.calendar_home_set, source="RFC 4791 6.2.1"),
        Property(
            CALDAV + "calendar-user-address-set", On.SOMEBODY, people.calendar_user_address_set, source="RFC 6638 2.4.1"
        ),
        Property(CALDAV + "calendar-user-type", On.SOMEBODY, people.calendar_user_type, source="RFC 6638 2.4.2"),
        Property(CALDAV + "schedule-inbox-URL", On.PRINCIPAL, people.schedule_inbox_url, source="RFC 6638 2.2.1"),
        Property(CALDAV + "schedule-outbox-URL", On.PRINCIPAL, people.schedule_outbox_url, source="RFC 6638 2.1.1"),
        Property(
            CALSERVER + "email-address-set",
            On.SOMEBODY,
            people.email_address_set,
            source="calendarserver-principal-property-search",
        ),
        Property(
            CALSERVER + "first-name", On.SOMEBODY, people.first_name, source="calendarserver-principal-property-search"
        ),
        Property(
            CALSERVER + "last-name", On.SOMEBODY, people.last_name, source="calendarserver-principal-property-search"
        ),
        Property(
            CALSERVER + "record-type",
            GROUPS,
            people.record_type,
            source="calendarserver-principal-property-search",
        ),
        # of the calendar, and what its owner may change
        Property(
            CALDAV + "calendar-description",
            On.CALENDARS,
            calendars.unset,
            write=calendars.write_freely,
            source="RFC 4791 5.2.1",
        ),
        Property(
            CALDAV + "calendar-timezone",
            On.CALENDARS,
            calendars.calendar_timezone,
            write=calendars.write_timezone,
            kept=False,
            source="RFC 4791 5.2.2",
        ),
        Property(
            CALDAV + "calendar-timezone-id",
            On.CALENDARS,
            calendars.calendar_timezone_id,
            write=calendars.write_timezone_id,
            kept=False,
            source="RFC 7809 5.2",
        ),
        Property(
            CALDAV + "timezone-service-set",
            On.HOME,
            calendars.timezone_service_set,
            offers="calendar-no-timezone",
            source="RFC 7809 5.1",
        ),
        Property(
            APPLE + "calendar-color",
            On.CALENDARS,
            calendars.calendar_color,
            write=choices.write_color,
            source="Apple",
        ),
        Property(
            APPLE + "calendar-order",
            On.CALENDARS,
            calendars.calendar_order,
            write=calendars.write_freely,
            source="Apple",
        ),
        Property(
            CALDAV + "supported-calendar-component-set",
            On.LISTS,
            calendars.supported_calendar_component_set,
            source="RFC 4791 5.2.3",
        ),
        Property(
            CALDAV + "supported-calendar-data", On.LISTS, calendars.supported_calendar_data, source="RFC 4791 5.2.4"
        ),
        Property(CALDAV + "max-resource-size", On.LISTS, calendars.max_resource_size, source="RFC 4791 5.2.5"),
        Property(CALDAV + "min-date-time", On.LISTS, calendars.min_date_time, source="RFC 4791 5.2.6"),
        Property(CALDAV + "max-date-time", On.LISTS, calendars.max_date_time, source="RFC 4791 5.2.7"),
        Property(
            CALDAV + "max-attendees-per-instance",
            On.LISTS | On.OUTBOX | On.PRINCIPAL,
            calendars.max_attendees_per_instance,
            source="RFC 4791 5.2.9",
        ),
        Property(
            CALDAV + "supported-collation-set", On.LISTS, calendars.supported_collation_set, source="RFC 4791 7.5.1"
        ),
        Property(CALSERVER + "getctag", On.LISTS, calendars.getctag, source="caldav-ctag"),
        Property(DAV + "sync-token", On.LISTS, calendars.sync_token, source="RFC 6578 4"),
        Property(
            CALDAV + "schedule-calendar-transp",
            On.CALENDARS,
            calendars.schedule_calendar_transp,
            write=choices.write_transp,
            kept=False,
            source="RFC 6638 9.1",
        ),
        # of the inbox
        Property(
            CALDAV + "schedule-default-calendar-URL",
            On.INBOX,
            choices.default_calendar,
            write=choices.write_default_calendar,
            kept=False,
            source="RFC 6638 9.2",
        ),
        Property(
            CALDAV + "calendar-free-busy-set", On.INBOX, choices.default_calendar, source="calendar-schedule drafts"
        ),
        Property(
            CALDAV + "calendar-availability",
            On.INBOX,
            calendars.calendar_availability,
            write=calendars.write_availability,
            kept=False,
            offers="calendar-availability",
            source="RFC 7953 7.2.4",
        ),
        Property(
            CALSERVER + "calendar-availability",
            On.INBOX,
            calendars.calendar_availability,
            write=calendars.write_availability,
            kept=False,
            source="calendar-availability drafts",
        ),
        # of what clients may be told of
        Property(
            PUSH + "transports",
            push.WATCHABLE,
            push.transports,
            offers="webdav-push",
            source="webdav-push drafts, Push Properties",
        ),
        Property(PUSH + "topic", push.WATCHABLE, push.topic, source="webdav-push drafts, Push Properties"),
        Property(
            PUSH + "supported-triggers",
            push.WATCHABLE,
            push.supported_triggers,
            source="webdav-push drafts, Push Properties",
        ),
        # of calendar objects
        Property(DAV + "getetag", On.MEMBER | On.CALENDARS, objects.getetag, allprop=True, source="RFC 4918 15.6"),
        Property(DAV + "getcontenttype", On.MEMBER, objects.getcontenttype, allprop=True, source="RFC 4918 15.5"),
        Property(
            DAV + "getcontentlength",
            On.MEMBER,
            objects.getcontentlength,
            text=True,
            allprop=True,
            source="RFC 4918 15.4",
        ),
        Property(
            DAV + "getlastmodified", On.MEMBER, objects.getlastmodified, text=True, allprop=True, source="RFC 4918 15.7"
        ),
        Property(CALDAV + "schedule-tag", On.OBJECT, objects.schedule_tag, text=True, source="RFC 6638 9.3"),
        Property(CALDAV + "calendar-data", On.MEMBER, objects.calendar_data, text=True, source="RFC 4791 9.6"),
    )
}
