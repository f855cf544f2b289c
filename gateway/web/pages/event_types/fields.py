"""The editor as a table: every field of an event type with its widget, its words, and how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.web.language import msg
from gateway.web.pages.event_types import reading
from gateway.web.pages.event_types.reading import Read

NUMBER: Final = msg("Enter a whole number of minutes.")
SPAN: Final = msg("Enter a number of minutes, hours or days, of at most a year.")


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that fold away together. name "": those at the top, which do not."""

    name: str
    title: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One field.

    name: of EventType, or of ITSELF. widget: macro of event_types/widgets.html. label, hint: of the catalogue.
    read: what a form says of it. wrong: what to do, by the last name of what the model refuses in it; "": whatever.
    blank: a new item of a list; None: no list. persons: only a person's own
    event types have it; teams: only those of teams.
    """

    name: str
    widget: str
    label: str
    section: str
    read: Read
    hint: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)
    blank: Mapping[str, Any] | None = None
    persons: bool = False
    teams: bool = False


SECTIONS: Final = (
    Section("", ""),
    Section("about", msg("Description and colour")),
    Section("times", msg("Start times and buffers")),
    Section("when", msg("How soon and how far ahead")),
    Section("limits", msg("Limits"), msg("At the limit, the whole day, week, month or year is closed.")),
    Section("confirmation", msg("Confirmation")),
    Section("series", msg("Series"), msg("Such as every two weeks, six times: all dates are booked at once.")),
    Section("questions", msg("Questions to whoever books"), msg("Name and e-mail address are always asked for.")),
    Section("later", msg("Moving and cancelling"), msg("You yourself can always do both.")),
    Section("hosts", msg("Hosts")),
    Section("calendars", msg("Time zone and calendars")),
    Section("managed", msg("On the pages of its hosts")),
    Section("visible", msg("Who finds it")),
)
ITSELF: Final = ("slug", "hidden")
"""What an event type has beside its document."""

FIELDS: Final = (
    Row(
        "title", "said", msg("Title"), "", reading.said,
        wrong={"": msg("Give it a title, such as “First conversation”.")},
    ),
    Row(
        "slug", "slug", msg("Address of its page"), "", reading.line,
        hint=msg("Whoever has an old address does not find the page any more once you change it."),
        wrong={"": msg("Use small letters, digits and dashes only, such as first-conversation.")},
    ),
    Row(
        "length", "minutes", msg("Length"), "", reading.number,
        wrong={"": msg("Enter a length from 1 to 1440 minutes.")},
    ),
    Row(
        "places", "places", msg("Place"), "", reading.places, blank={"kind": "in-person", "text": ""},
        wrong={
            "": msg("Choose at least one place, and each only once."),
            "kind": msg("Choose a place from the list."),
            "text": msg("This does not fit the place: a link begins with https://, a phone number has digits."),
        },
    ),
    Row(
        "schedule", "schedule", msg("Working hours"), "", reading.schedule,
        wrong={"": msg("Choose working hours from the list.")},
    ),
    Row(
        "hours", "week", msg("Hours of its own"), "", reading.hours,
        wrong={
            "": msg("Give each time with a beginning and an end, such as 09:00 and 17:00."),
            "zone": msg("Choose a time zone."),
        },
    ),
    Row(
        "description", "description", msg("Description"), "about", reading.said,
        hint=msg("**bold**, *italic*, [words](https://example.com) and lists with dashes are understood."),
        wrong={"": msg("Please shorten this to 2000 characters, without control characters.")},
    ),
    Row("color", "color", msg("Colour"), "about", reading.line, wrong={"": msg("Choose a colour from the list.")}),
    Row(
        "lengths", "numbers", msg("Further lengths to choose from"), "times", reading.numbers,
        hint=msg("In minutes, such as 15, 60. Whoever books chooses one of them or the usual length."),
        wrong={"": msg("Enter each length once, from 1 to 1440 minutes, with commas between.")},
    ),
    Row(
        "step", "minutes", msg("A start every"), "times", reading.number,
        hint=msg("Empty: each begins when the one before ends."), wrong={"": NUMBER},
    ),
    Row(
        "offset", "minutes", msg("Starts are later by"), "times", reading.number_or(0),
        hint=msg("5 makes it begin at five past instead of on the hour."), wrong={"": NUMBER},
    ),
    Row(
        "before", "minutes", msg("Free time before"), "times", reading.number_or(0),
        hint=msg("Nothing else may be booked or stand in your calendars then."), wrong={"": NUMBER},
    ),
    Row("after", "minutes", msg("Free time after"), "times", reading.number_or(0), wrong={"": NUMBER}),
    Row(
        "first_slot_only", "tick", msg("Offer only the first free start of each day"), "times", reading.ticked,
        hint=msg("Keeps your bookings close together."),
    ),
    Row("notice", "span", msg("Notice that you need"), "when", reading.span_or(0), wrong={"": SPAN}),
    Row(
        "window", "window", msg("How far ahead it can be booked"), "when", reading.window,
        wrong={
            "": msg("Choose how far ahead it can be booked."),
            "days": msg("Enter a number of days."),
            "first": msg("Choose the first day."),
            "last": msg("Choose the last day."),
        },
    ),
    Row(
        "limits", "limits", msg("At most"), "limits", reading.limits,
        blank={"per": "day", "count": None, "minutes": None},
        wrong={
            "": msg("Enter a number of bookings or of minutes, from 1."),
            "per": msg("Choose a day, a week, a month or a year."),
        },
    ),
    Row(
        "confirmation", "confirmation", msg("Do you confirm bookings first?"), "confirmation", reading.confirmation,
        wrong={"": SPAN},
    ),
    Row(
        "unreachable", "unreachable", msg("If your calendar cannot be asked at that moment"), "confirmation",
        reading.line, wrong={"": msg("Choose what happens then.")},
    ),
    Row(
        "series", "series", msg("Each booking is a series of dates"), "series", reading.series,
        wrong={
            "": msg("Leave more time between the dates: one has to be over before the next begins, all within a year."),
            "every": msg("Enter how many days, weeks or months lie between two dates."),
            "per": msg("Choose days, weeks or months."),
            "count": msg("Enter how many dates there are, from 2 to 60."),
        },
    ),
    Row(
        "questions", "questions", msg("Questions"), "questions", reading.questions,
        blank={"name": "", "label": {"": ""}, "kind": "text", "required": False, "options": []},
        wrong={
            "": msg("Please look at this question again."),
            "label": msg("Write down the question, in at most 2000 characters."),
            "options": msg("Write down at least one answer, each on a line of its own."),
            "name": msg("Two questions are alike: change one of them."),
        },
    ),
    Row(
        "guests", "count", msg("Guests that whoever books may bring"), "questions", reading.number_or(0),
        wrong={"": msg("Enter a number from 0 to 50; where there are several seats, 0.")},
    ),
    Row(
        "seats", "count", msg("Seats"), "questions", reading.number_or(1),
        hint=msg("So many can book the same time; each sees only their own booking."),
        wrong={"": msg("Enter a number from 1 to 500.")},
    ),
    Row("show_seats", "tick", msg("Show how many seats are left"), "questions", reading.ticked),
    Row("show_attendees", "tick", msg("Those who come see each other's names"), "questions", reading.ticked),
    Row(
        "move_until", "span", msg("Can be moved until this long before"), "later", reading.span,
        hint=msg("Empty: until it is over."), wrong={"": SPAN},
    ),
    Row(
        "cancel_until", "span", msg("Can be cancelled until this long before"), "later", reading.span,
        hint=msg("Empty: until it is over."), wrong={"": SPAN},
    ),
    Row(
        "zone", "zone", msg("Time zone of its days"), "calendars", reading.line,
        hint=msg("In which limits are counted and starts fall on the hour."), wrong={"": msg("Choose a time zone.")},
    ),
    Row(
        "lock_zone", "tick", msg("Show times in this zone to everybody"), "calendars", reading.ticked,
        hint=msg("For what takes place on site."),
    ),
    Row(
        "destination", "calendar", msg("Calendar that gets the events"), "calendars", reading.number, persons=True,
        hint=msg("Only calendars that are merged and take changes."),
        wrong={"": msg("Choose a calendar from the list.")},
    ),
    Row(
        "busy_calendars", "calendars", msg("Calendars in which you have to be free"), "calendars", reading.only,
        persons=True,
        hint=msg("Other bookings block in any case. Hosts beside you always go by their own choice."),
        wrong={"": msg("Tick at least one calendar, or choose those that count as busy.")},
    ),
    Row(
        "private", "tick", msg("Private in the calendar"), "calendars", reading.ticked,
        hint=msg("Whoever may see your calendar sees that you are busy, and no more."),
    ),
    Row(
        "mode", "mode", msg("Who comes"), "hosts", reading.line,
        wrong={"": msg("Choose who comes.")},
    ),
    Row(
        "embed", "origins", msg("Sites that may show its page inside"), "visible", reading.origins,
        hint=msg("Such as https://www.example.com, with commas between. * lets any site, empty none."),
        wrong={"": msg("Enter sites as https://www.example.com, without a path, or * for any.")},
    ),
    Row(
        "language", "choice", msg("Language of its page and mails"), "visible", reading.line,
        wrong={"": msg("Choose a language from the list.")},
    ),
    Row(
        "redirect", "address", msg("Web page after booking"), "visible", reading.line,
        hint=msg("{uid}, {start}, {end}, {status}, {event_type}, {name} and {email} are filled in."),
        wrong={"": msg("Enter an address that begins with https://.")},
    ),
    Row(
        "managed", "managed", msg("Every host has it on their own page too"), "managed", reading.managed, teams=True,
        hint=msg("It follows what is set here. Working hours and calendars are each one's own."),
        wrong={"": msg("Choose fields from the list.")},
    ),
    Row(
        "links_only", "tick", msg("Only by a secret link"), "visible", reading.ticked,
        hint=msg("Links that you make on the page “Links” lead to it; its own address leads nowhere."),
    ),
    Row(
        "hidden", "tick", msg("Hide it from the profile page"), "visible", reading.ticked,
        hint=msg("Whoever has its address can book it all the same."),
    ),
)  # fmt: skip

BY_NAME: Final[Mapping[str, Row]] = {row.name: row for row in FIELDS}
