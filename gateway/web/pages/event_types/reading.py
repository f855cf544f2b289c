"""What stands in the editor's fields, as the documents have it; what makes no sense stays as it was typed."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from multidict import MultiMapping

from gateway.web.pages.hours.form import week_texts

Posted = MultiMapping[object]
Draft = dict[str, Any]
Read = Callable[[Posted, str], Any]

MOST_ITEMS: Final = 60
UNITS: Final = (1, 60, 60 * 24)  # minutes of what spans of time are counted in


def line(posted: Posted, name: str) -> str:
    value = posted.get(name, "")
    return value.strip().replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else ""


def lines(posted: Posted, name: str) -> list[str]:
    return [str(one).strip().replace("\r\n", "\n") for one in posted.getall(name, [])][:MOST_ITEMS]


def ticked(posted: Posted, name: str) -> bool:
    return line(posted, name) == "1"


def whole(text: str) -> int | str | None:
    """A number where it is one, None for nothing."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else text


def number(posted: Posted, name: str) -> int | str | None:
    return whole(line(posted, name))


def number_or(default: int) -> Read:
    """For fields that always have a value: left empty they go back to it."""

    def read(posted: Posted, name: str) -> int | str:
        found = number(posted, name)
        return default if found is None else found

    return read


def numbers(posted: Posted, name: str) -> list[int | str]:
    """Such as "15, 60"."""
    parts = line(posted, name).replace(";", ",").replace(" ", ",").split(",")
    return [found for part in parts[:MOST_ITEMS] if (found := whole(part)) is not None]


def origins(posted: Posted, name: str) -> list[str]:
    """Such as "https://a.example, https://b.example"."""
    return line(posted, name).lower().replace(",", " ").split()[:MOST_ITEMS]


def span(posted: Posted, name: str) -> int | str | None:
    """Minutes, of a number and the unit that it is counted in."""
    found, unit = number(posted, f"{name}-n"), number(posted, f"{name}-unit")
    return found * unit if isinstance(found, int) and unit in UNITS and isinstance(unit, int) else found


def span_or(default: int) -> Read:
    def read(posted: Posted, name: str) -> int | str:
        found = span(posted, name)
        return default if found is None else found

    return read


def said(posted: Posted, name: str) -> dict[str, str]:
    """Language -> text, "" for every language; what is left empty is not said."""
    pairs = zip(lines(posted, f"{name}-lang"), lines(posted, f"{name}-text"), strict=False)
    return {language: text for language, text in pairs if text}


def places(posted: Posted, name: str) -> list[dict[str, str]]:
    return [
        {"kind": line(posted, f"{name}-{at}-kind") or "none", "text": line(posted, f"{name}-{at}-text")}
        for at in range(_many(posted, name))
    ]


def window(posted: Posted, name: str) -> dict[str, Any]:
    kind = line(posted, f"{name}-kind")
    if kind == "between":
        return {"kind": kind, "first": line(posted, f"{name}-first"), "last": line(posted, f"{name}-last")}
    days = number(posted, f"{name}-{kind}-days")
    if kind == "bookable":
        return {"kind": kind, "days": days}
    return {"kind": "rolling", "days": days, "business": ticked(posted, f"{name}-business")}


def hours(posted: Posted, name: str) -> dict[str, Any] | None:
    """Hours of its own, where those are chosen."""
    if line(posted, "schedule") != "own":
        return None
    weekly = [[f"{start[:5]}-{end[:5]}" for start, end in day] for day in week_texts(posted)]
    return {"zone": line(posted, f"{name}-zone"), "weekly": weekly}


def only(posted: Posted, name: str) -> list[int | str | None] | None:
    """Those ticked, where only they count."""
    return [whole(one) for one in lines(posted, name)] if line(posted, f"{name}-kind") == "only" else None


def schedule(posted: Posted, name: str) -> int | str | None:
    chosen = line(posted, name)
    return None if chosen == "own" else whole(chosen)


def confirmation(posted: Posted, name: str) -> dict[str, Any] | None:
    kind = line(posted, f"{name}-kind")
    if kind not in {"always", "soon"}:
        return None
    within = span(posted, f"{name}-within") if kind == "soon" else None
    return {"within": 0 if kind == "soon" and within is None else within, "blocks": ticked(posted, f"{name}-blocks")}


def series(posted: Posted, name: str) -> dict[str, Any] | None:
    if not ticked(posted, f"{name}-on"):
        return None
    return {
        "every": number(posted, f"{name}-every"),
        "per": line(posted, f"{name}-per"),
        "count": number(posted, f"{name}-count"),
        "fewer": ticked(posted, f"{name}-fewer"),
    }


def managed(posted: Posted, name: str) -> dict[str, Any] | None:
    return {"open": lines(posted, f"{name}-open")} if ticked(posted, f"{name}-on") else None


def limits(posted: Posted, name: str) -> list[dict[str, Any]]:
    return [
        {
            "per": line(posted, f"{name}-{at}-per"),
            "count": number(posted, f"{name}-{at}-count"),
            "minutes": number(posted, f"{name}-{at}-minutes"),
        }
        for at in range(_many(posted, name))
    ]


def questions(posted: Posted, name: str) -> list[dict[str, Any]]:
    return [
        {
            "name": line(posted, f"{name}-{at}-name"),
            "label": said(posted, f"{name}-{at}-label"),
            "kind": line(posted, f"{name}-{at}-kind") or "text",
            "required": ticked(posted, f"{name}-{at}-required"),
            "options": [one for one in line(posted, f"{name}-{at}-options").split("\n") if one.strip()],
        }
        for at in range(_many(posted, name))
    ]


def _many(posted: Posted, name: str) -> int:
    """How many items a list has."""
    found = whole(line(posted, f"{name}-many"))
    return min(found, MOST_ITEMS) if isinstance(found, int) else 0


def rearranged(items: list[Any], do: str, at: int, blank: Mapping[str, Any]) -> list[Any]:
    """do: add, remove, up, down."""
    found = list(items)
    if do == "add" and len(found) < MOST_ITEMS:
        found.append(dict(blank))
    elif do == "remove" and at < len(found):
        del found[at]
    elif do in {"up", "down"} and at < len(found):
        item = found.pop(at)
        found.insert(max(at + (1 if do == "down" else -1), 0), item)
    return found
