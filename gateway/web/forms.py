"""What people type into forms: checked on the server, kept as typed where something is wrong."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web
from multidict import MultiDict, MultiMapping

from gateway.errors import Forbidden, InvalidRequest
from gateway.scheduling.addresses import one_address
from gateway.web.keys import SETTINGS
from gateway.web.language import msg
from gateway.web.views import Asking, PlaceView

LONGEST_LINE: Final = 254
LONGEST_TEXT: Final = 2000
LONGEST_NUMBER: Final = 18
TAKEN_NAMES: Final = frozenset(
    ("name", "email", "note", "where", "guests", "start", "zone", "date", "month", "view", "lang", "clock", "minutes")
)
"""Of parameters of the page; a question of such a name is prefilled by its field's."""
NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}([.,][0-9]{1,9})?")
PARTS: Final = re.compile(r"[\s,;]+")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
CONTROL_BUT_LINES: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Entered:
    """answers: by the field's name; several: the fields in which each is on a line of its own.

    where: key of the chosen place, "" where there is but one. guests: as typed, in one field or in several.

    errors: field's name -> message of the catalogue.
    """

    name: str = ""
    email: str = ""
    note: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    several: frozenset[str] = frozenset()
    where: str = ""
    guests: str = ""

    @property
    def place(self) -> str:
        """The answer to what the chosen place asks."""
        return self.answers.get(f"place_{self.where}" if self.where else "place", "")

    def without_errors(self) -> "Entered":
        return replace(self, errors={})

    @property
    def bidden(self) -> tuple[str, ...]:
        """The guests' addresses, each once."""
        return addresses(self.guests)

    def by_question(self) -> dict[str, str]:
        """Answers to the event type's own questions, by their names."""
        return {
            name.removeprefix("q_"): text.replace("\n", ", ") if name in self.several else text
            for name, text in self.answers.items()
            if name.startswith("q_") and text
        }


def addresses(text: str) -> tuple[str, ...]:
    """Those that are one, each once; between them commas, semicolons, blanks or line ends."""
    found: dict[str, str] = {}
    for part in PARTS.split(text):
        with suppress(InvalidRequest):
            found.setdefault(part.lower(), one_address(part))
    return tuple(found.values())


def guests_problem(text: str, most: int) -> str:
    """What is wrong with addresses of guests, "" if nothing is."""
    given = [part for part in PARTS.split(text) if part]
    known = addresses(text)
    if any(part.lower() not in {one.lower() for one in known} or "." not in part.rpartition("@")[2] for part in given):
        return GUESTS_PROBLEM
    return TOO_MANY_GUESTS if len(known) > most else ""


def number(text: str) -> int:
    """What an id or a count was sent as; 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 0


def _line(posted: MultiMapping[Any], name: str) -> str:
    value = posted.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _answer(posted: MultiMapping[Any], one: Asking) -> str:
    """What was ticked of several, in the order they are offered; of one box yes or no.

    Programs send several answers one a line, and of a box the word.
    """
    if one.kind == "several":
        ticked = {line for sent in posted.getall(one.name, []) for line in str(sent).splitlines()}
        return "\n".join([option for option in one.options if option in ticked] + sorted(ticked - set(one.options)))
    if one.kind == "yes":
        return "yes" if posted.get(one.name) in {"yes", "true", "on", "1"} else "no"
    return _line(posted, one.name).replace("\r\n", "\n").replace("\r", "\n")


def entered(
    posted: MultiMapping[Any], asked: Sequence[Asking], places: Sequence[PlaceView] = (), *, guests: int = 0
) -> Entered:
    """places: to choose from; what those not chosen ask for is kept as typed, and need not be answered. guests: how
    many may be brought.

    Raises: InvalidRequest if a field meant for machines is filled in.
    """
    if _line(posted, "homepage"):
        raise InvalidRequest("the form was filled in by a machine")
    name, email = _line(posted, "name"), _line(posted, "email")
    note = _line(posted, "note").replace("\r\n", "\n").replace("\r", "\n")
    where = next((one for one in places if one.key == _line(posted, "where")), None)
    of_places = [one.asking for one in places if one.asking is not None]
    answers = {one.name: _answer(posted, one) for one in (*of_places, *asked)}
    key = _line(posted, "key")
    errors: dict[str, str] = {}
    if problem := _name_problem(name):
        errors["name"] = problem
    try:
        email = one_address(email)
    except InvalidRequest:
        errors["email"] = EMAIL_PROBLEM if email else msg("Please enter your e-mail address.")
    if "." not in email.rpartition("@")[2]:
        errors.setdefault("email", EMAIL_PROBLEM)
    if len(note) > LONGEST_TEXT or CONTROL_BUT_LINES.search(note):
        errors["note"] = TEXT_PROBLEM
    if places and where is None:
        errors["where"] = msg("Please choose one of the places.")
    for one in (*([where.asking] if where and where.asking else []), *asked):
        if problem := _answer_problem(one, answers[one.name]):
            errors[one.name] = problem
    brought = "\n".join(str(one) for one in posted.getall("guests", []))
    if problem := guests_problem(brought, guests):
        errors["guests"] = problem
    key = key if re.fullmatch(r"[0-9a-zA-Z_-]{16,64}", key) else ""
    several = frozenset(one.name for one in asked if one.kind == "several")
    key_of_place = "" if where is None else where.key
    return Entered(name, email, note, answers, key, errors, several, key_of_place, brought)


GUESTS_PROBLEM: Final = msg("Please enter complete e-mail addresses, one a line.")
TOO_MANY_GUESTS: Final = msg("These are more guests than can come.")


def prefilled(query: MultiMapping[str], asked: Sequence[Asking], places: Sequence[PlaceView]) -> Entered:
    """What an address says of the form's fields; what cannot be meant is left out. where: counted from 0.

    A question is called by its own name, or as in the form where that name has another meaning in addresses.
    """
    where = str(query.get("where", ""))
    chosen = places[int(where)] if where.isdecimal() and len(where) < 3 and int(where) < len(places) else None
    fields = [*asked, *([chosen.asking] if chosen and chosen.asking else [])]
    given: MultiDict[str] = MultiDict()
    for one in fields:
        bare = "place" if one.name.startswith("place") else one.name.removeprefix("q_")
        name = one.name if one.name in query or bare in TAKEN_NAMES else bare
        given.extend([(one.name, text) for text in query.getall(name, [])])
    answers = {one.name: _answer(given, one) for one in fields if one.name in given}
    fit = {
        one.name: answers[one.name]
        for one in fields
        if one.name in answers and not _answer_problem(one, answers[one.name])
    }
    name, email, note = (_line(query, field) for field in ("name", "email", "note"))
    return Entered(
        name="" if _name_problem(name) else name,
        email="" if len(email) > LONGEST_LINE or CONTROL.search(email) else email,
        note="" if len(note) > LONGEST_TEXT or CONTROL_BUT_LINES.search(note) else note,
        answers=fit,
        where="" if chosen is None else chosen.key,
        guests=_addresses_of(query),
    )


def _addresses_of(query: MultiMapping[str]) -> str:
    guests = "\n".join(query.getall("guests", []))
    return "" if len(guests) > LONGEST_TEXT or CONTROL_BUT_LINES.search(guests) else guests


EMAIL_PROBLEM: Final = msg("This is not a complete e-mail address, such as name@example.com.")
TEXT_PROBLEM: Final = msg("Please shorten this to 2000 characters, without control characters.")


def _name_problem(name: str) -> str:
    if not name:
        return msg("Please enter your name.")
    if len(name) > 200 or CONTROL.search(name):
        return msg("Please shorten your name to 200 characters, on one line.")
    return ""


def _answer_problem(one: Asking, answer: str) -> str:
    if one.kind == "yes":
        return msg("Please tick this.") if one.required and answer != "yes" else ""
    if one.required and not answer:
        return msg("Please answer this.")
    given = answer.split("\n") if one.kind == "several" else [answer]
    if one.options and answer and not set(given) <= set(one.options):
        return msg("Please choose one of the answers.")
    if one.kind == "several":
        return ""
    if one.kind == "number" and answer and not NUMBER.fullmatch(answer):
        return msg("Please enter a number.")
    broken = CONTROL_BUT_LINES if one.rows else CONTROL
    return TEXT_PROBLEM if len(answer) > LONGEST_TEXT or broken.search(answer) else ""


def same_site(request: web.Request) -> None:
    """Refuses forms that another site's page sends. Raises: Forbidden.

    Browsers name the page's origin with every POST; programs without a browser name none, and hold no cookies.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise Forbidden("forms are only taken from our own pages")
        return
    theirs = urlsplit(origin).netloc
    ours = urlsplit(request.app[SETTINGS].server.base_url).netloc
    if not theirs or theirs not in {ours, request.host}:
        raise Forbidden("forms are only taken from our own pages")
