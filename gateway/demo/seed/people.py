"""Who lives in the demo, what can be booked with them, and when."""

from typing import Any, Final

from gateway.accounts import people
from gateway.booking.model import EventType, document
from gateway.demo.seed.week import ZONE
from gateway.freebusy.availability import Window, WorkingHours, clock, week, write_availability
from gateway.store import bookings, principals, schedules, teams
from gateway.store.database import Connection

PASSWORD: Final = "demo"  # noqa: S105 - everybody is told
PEOPLE: Final = (("alice", "Alice Weber"), ("bob", "Bob Brandt"), ("carol", "Carol Lindner"))
AT_ZOOM: Final = tuple((f"{name}@example.com", shown) for name, shown in PEOPLE)
OFFICE_HOURS: Final = WorkingHours(ZONE, week(range(5), [Window(clock("09:00"), clock("17:00"))]))
EVENINGS: Final = (("18:00-21:00",),) * 5 + ((),) * 2

EVENT_TYPES: Final[dict[str, dict[str, Any]]] = {
    "check-in": {
        "title": {"en": "Quick check-in", "de": "Kurze Abstimmung"},
        "description": {
            "en": "A quarter of an hour for one question.",
            "de": "Eine Viertelstunde für eine Frage.",
        },
        "length": 15,
        "notice": 60,
        "places": [{"kind": "call-invitee"}],
    },
    "one-on-one": {
        "title": {"en": "One-on-one", "de": "Gespräch zu zweit"},
        "description": {
            "en": "Half an hour to talk about your project.",
            "de": "Eine halbe Stunde für Ihr Vorhaben.",
        },
        "length": 30,
        "after": 10,
        "notice": 120,
        "guests": 2,
        "places": [{"kind": "google-meet"}],
    },
    "consulting": {
        "title": {"en": "Consulting", "de": "Beratung"},
        "description": {
            "en": "An hour every other week, with time to prepare: tell me in the note what it is about.",
            "de": "Alle zwei Wochen eine Stunde mit Vorbereitung: Schreiben Sie in die Notiz, worum es geht.",
        },
        "length": 60,
        "step": 30,
        "before": 15,
        "after": 15,
        "notice": 24 * 60,
        "limits": [{"per": "day", "count": 2}],
        "series": {"every": 2, "per": "week", "count": 4, "fewer": True},
        "places": [
            {"kind": "in-person", "text": "Büro Weber, Lindenstraße 7, 10969 Berlin"},
            {"kind": "call-invitee"},
        ],
    },
    "late-support": {
        "title": {"en": "Late support", "de": "Später Support"},
        "description": {
            "en": "For what cannot wait until morning. Weekday evenings.",
            "de": "Für das, was nicht bis morgen warten kann. Werktags am Abend.",
        },
        "length": 45,
        "notice": 30,
        "hours": {"weekly": EVENINGS},
        "confirmation": {"blocks": True},
        "places": [{"kind": "call-invitee"}],
    },
}

CAROLS_EVENT_TYPES: Final[dict[str, dict[str, Any]]] = {
    "workshop": {
        "title": {"en": "Workshop", "de": "Workshop"},
        "description": {
            "en": "Two hours in a small group, with up to six people at a time.",
            "de": "Zwei Stunden in kleiner Runde, zu sechst.",
        },
        "length": 120,
        "step": 60,
        "notice": 4 * 60,
        "seats": 6,
        "show_seats": True,
        "places": [{"kind": "link", "text": "https://meet.example.com/{uid}"}],
    },
}

TEAM_EVENT_TYPES: Final[dict[str, dict[str, Any]]] = {
    "demo": {
        "title": {"en": "Product demo", "de": "Produktvorführung"},
        "description": {
            "en": "The whole team shows you what there is, and answers what you ask.",
            "de": "Das ganze Team zeigt Ihnen alles und beantwortet Ihre Fragen.",
        },
        "length": 45,
        "step": 15,
        "after": 15,
        "notice": 4 * 60,
        "mode": "collective",
        "places": [{"kind": "zoom"}],
    },
    "intro": {
        "title": {"en": "Introduction", "de": "Kennenlernen"},
        "description": {
            "en": "A first conversation with whoever of us is free.",
            "de": "Ein erstes Gespräch mit der Person aus dem Team, die gerade Zeit hat.",
        },
        "length": 20,
        "step": 20,
        "notice": 60,
        "mode": "round_robin",
        "places": [{"kind": "call-invitee"}],
    },
}


def fill(conn: Connection, password: str, now: int) -> dict[str, int]:
    """Name -> id. password: its hash."""
    ids = {
        name: people.add_person(
            conn, name, f"{name}@example.com", displayname=shown, password=password, zone=ZONE, locale="de",
            is_admin=name == "alice", now=now,
        )
        for name, shown in PEOPLE
    }  # fmt: skip
    for person in ids.values():
        principals.change(conn, person, {"freebusy_published": True})
        schedules.set_availability(conn, person, write_availability(OFFICE_HOURS, now))
    team = people.add_team(
        conn, "sales", "sales@example.com", displayname="Sales", members=ids.values(), zone=ZONE, now=now
    )
    teams.put(conn, team, ids["alice"], teams.ADMIN)
    owned = (ids["alice"], EVENT_TYPES), (ids["carol"], CAROLS_EVENT_TYPES), (team, TEAM_EVENT_TYPES)
    for owner, kinds in owned:
        for position, (slug, given) in enumerate(kinds.items()):
            bookings.put_event_type(conn, owner, slug, document(EventType.model_validate(given)), position=position)
    return ids
