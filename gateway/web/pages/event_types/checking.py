"""From what stands in the editor's fields to an event type, or to what has to be mended where."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from gateway.booking.model import EventType, document, slug
from gateway.errors import InvalidInput
from gateway.store.taken import HostRow
from gateway.web.language import msg
from gateway.web.pages.event_types import reading
from gateway.web.pages.event_types.fields import BY_NAME, FIELDS, Row
from gateway.web.pages.event_types.reading import Draft, Posted

TAKEN: Final = msg("You have an event type at this address already: choose another one.")
TAGS: Final = frozenset({"rolling", "bookable", "between"})
Errors = dict[str, str]
"""Path of a field, such as title or questions-2-label, to a message of the catalogue."""


@dataclass(frozen=True, slots=True)
class Checked:
    """kind: None where there are errors."""

    kind: EventType | None
    slug: str
    hidden: bool
    errors: Errors


def draft_of(kind: EventType, name: str, *, hidden: bool) -> Draft:
    """What stands in the fields of one that is kept."""
    return {**document(kind), "slug": name, "hidden": hidden}


def typed(posted: Posted, rows: Sequence[Row] = FIELDS) -> Draft:
    """What stands in the fields of a form, tidied: a slug by the title where there is none, names for questions."""
    draft = {row.name: row.read(posted, row.name) for row in rows}
    draft["slug"] = draft.get("slug") or plain(next(iter(draft.get("title", {}).values()), ""))
    draft["hosts"] = hosts_typed(posted)
    if "questions" in draft:
        _name_questions(draft["questions"])
    return draft


def hosts_typed(posted: Posted) -> list[dict[str, Any]]:
    """One for each person of the list, in the order they stand in it."""
    return [
        {
            "id": reading.whole(key),
            "comes": reading.ticked(posted, f"host-{key}-in"),
            "fixed": reading.ticked(posted, f"host-{key}-fixed"),
            "priority": reading.number_or(0)(posted, f"host-{key}-priority"),
            "weight": reading.number_or(100)(posted, f"host-{key}-weight"),
        }
        for key in reading.lines(posted, "host")
    ]


def plain(text: str) -> str:
    """As the last part of an address: "Erstes Gespräch" is erstes-gesprach."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    letters = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:64].rstrip("-")


def _name_questions(questions: list[dict[str, Any]]) -> None:
    """New ones are called by their words; nobody sees that but programs."""
    names = {one["name"] for one in questions}
    for one in questions:
        if not one["name"]:
            words = plain(next(iter(one["label"].values()), "")).replace("-", "_")[:24].strip("_")
            base = words if words[:1].isalpha() else f"q_{words}".rstrip("_")
            tries = (base, *(f"{base}_{number}" for number in range(2, reading.MOST_ITEMS + 2)))
            one["name"] = next(name for name in tries if name not in names)
            names.add(one["name"])


def check(draft: Draft, before: Mapping[str, Any]) -> Checked:
    """before: the document so far, for what stands in no field."""
    errors: Errors = {}
    name = str(draft["slug"])
    if not draft.get("title", True):
        errors["title"] = BY_NAME["title"].wrong[""]
    try:
        slug(name)
    except ValueError:
        errors["slug"] = BY_NAME["slug"].wrong[""]
    _check_questions(draft.get("questions", []), errors)
    kind = None
    try:
        own = {key: value for key, value in draft.items() if key in EventType.model_fields}
        kind = EventType.model_validate({**before, **own, **_without_blanks(own)})
    except ValidationError as refused:
        for one in refused.errors():
            errors.setdefault(*_told(one["loc"]))
    return Checked(None if errors else kind, name, bool(draft.get("hidden")), errors)


def _without_blanks(own: Draft) -> Draft:
    """Limits that limit nothing are none."""
    found = [one for one in own.get("limits", ()) if one["count"] is not None or one["minutes"] is not None]
    return {"limits": found} if "limits" in own else {}


def _check_questions(questions: Sequence[Mapping[str, Any]], errors: Errors) -> None:
    wrong = BY_NAME["questions"].wrong
    for at, one in enumerate(questions):
        if not any(one["label"].values()):
            errors[f"questions-{at}-label"] = wrong["label"]
        if one["kind"] in {"choice", "several"} and not one["options"]:
            errors[f"questions-{at}-options"] = wrong["options"]
        if any(one["name"] == other["name"] for other in questions[:at]):
            errors[f"questions-{at}-label"] = wrong["name"]


def _told(where: Sequence[int | str]) -> tuple[str, str]:
    """(path, message) for a place in the document."""
    names = [part for part in where if part not in TAGS]
    row = BY_NAME.get(str(names[0])) if names else BY_NAME["series"]
    if row is None:
        return "title", msg("Something here cannot be saved; please check what you typed.")
    tails = [str(part) for part in names if part in row.wrong]
    message = row.wrong.get(tails[-1] if tails else "", row.wrong.get("", ""))
    parts = names[:3] if row.blank is not None else names[:1]
    return "-".join(map(str, parts)) or row.name, message or msg(
        "Something here cannot be saved; please check what you typed."
    )


def refused(error: InvalidInput) -> Errors:
    """What our own tables refuse."""
    return dict(_told([_part(part) for part in one.pointer.split("/") if part]) for one in error.flaws)


def _part(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def hosts(draft: Draft) -> tuple[list[HostRow], Errors]:
    """Those who come, in order."""
    found: list[HostRow] = []
    errors: Errors = {}
    for one in draft["hosts"]:
        if not one["comes"] or not isinstance(one["id"], int):
            continue
        priority, weight = one["priority"], one["weight"]
        if not (isinstance(priority, int) and isinstance(weight, int) and priority <= 1000 and 1 <= weight <= 10_000):
            errors["mode"] = msg("Priorities are numbers from 0 to 1000, weights from 1 to 10,000.")
            continue
        found.append(HostRow(one["id"], one["fixed"], priority, weight))
    return found, errors
