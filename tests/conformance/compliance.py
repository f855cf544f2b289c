"""docs/compliance.md: made of the rows of METHODS, PROPERTIES and REPORTS, of standards.toml, explained.toml and
caldavtester.toml.

`make compliance` writes it anew.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from gateway.dav.methods import DAV_HEADER, METHODS
from gateway.dav.paths import On
from gateway.dav.properties.table import PROPERTIES
from gateway.dav.reports.table import REPORTS
from gateway.dav.xml import PREFIXES
from tests.conformance.explained import EXPLAINED

HERE: Final = Path(__file__).parent
FILE: Final = HERE.parents[1] / "docs" / "compliance.md"
TEXTS: Final[dict[str, Any]] = tomllib.loads((HERE / "standards.toml").read_text(encoding="utf-8"))
CALDAVTESTER: Final[dict[str, Any]] = tomllib.loads((HERE / "caldavtester.toml").read_text(encoding="utf-8"))
KINDS: Final = {
    On.ROOT: "start",
    On.PRINCIPALS: "list of people",
    On.PRINCIPAL: "person",
    On.TEAM: "team",
    On.HOMES: "list of homes",
    On.HOME: "home",
    On.CALENDAR: "merged",
    On.SEPARATE: "calendar",
    On.OBJECT: "object",
    On.INBOX: "inbox",
    On.MESSAGE: "inbox item",
    On.OUTBOX: "outbox",
}


def words(on: On) -> str:
    return "everything" if on == On.ANY else ", ".join(word for kind, word in KINDS.items() if kind in on)


def short(name: str) -> str:
    """Clark notation -> with the prefix that answers have, if there is one."""
    space, _, local = name[1:].partition("}")
    return f"{PREFIXES[space]}:{local}" if space in PREFIXES else name


def table(titles: str, rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f"| {titles} |\n"
    yield "|---" * (titles.count("|") + 1) + "|\n"
    yield from (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)
    yield "\n"


def parts() -> Iterator[str]:
    yield TEXTS["head"] + "\n"
    yield "## Methods\n\n"
    yield from table(
        "method | of | defined in", ((f"`{row.name}`", words(row.on), row.source) for row in METHODS.values())
    )
    yield f"The DAV header: `{DAV_HEADER}`.\n\n"
    yield "## Reports\n\n"
    yield from table(
        "report | of | defined in", ((f"`{short(row.name)}`", words(row.on), row.source) for row in REPORTS.values())
    )
    yield "## Properties\n\n*set*: by PROPPATCH. *all*: part of allprop.\n\n"
    marks = {
        name: ", ".join(word for word, so in (("set", row.write is not None), ("all", row.allprop)) if so)
        for name, row in PROPERTIES.items()
    }
    rows = ((f"`{short(row.name)}`", words(row.on), marks[row.name], row.source) for row in PROPERTIES.values())
    yield from table("property | of | | defined in", rows)
    yield TEXTS["merged"] + "\n"
    yield "## Standards\n\n"
    for standard in TEXTS["standard"]:
        yield f"### {standard['name']}: {standard['title']}\n\n"
        yield from table("section | kept | how", standard["sections"])
    yield TEXTS["suites"] + "\n"
    for suite, rows_of in EXPLAINED.items():
        yield f"### {suite}\n\n"
        yield from table("row | why", ((f"`{row}`", why) for row, why in rows_of.items()))
    yield TEXTS["caldavtester"] + "\n"
    entries = ([f"`{file}`", *row] for file, rows_of in CALDAVTESTER["files"].items() for row in rows_of)
    yield from table("file | test | what it wants | why ours is otherwise", entries)


def page() -> str:
    return "".join(parts()).rstrip() + "\n"


def unplaced() -> list[str]:
    """Sections that the tables name and standards.toml does not."""
    known = {
        (number, section.strip())
        for standard in TEXTS["standard"]
        for number in re.findall(r"RFC \d+", standard["name"])
        for entry in standard["sections"]
        for section in entry[0].split(",")
    }
    named = [
        source for rows in (METHODS, PROPERTIES, REPORTS) for row in rows.values() for source in sections(row.source)
    ]
    return sorted({f"{rfc} {at}" for rfc, at in named if at and not any((rfc, part) in known for part in above(at))})


def sections(source: str) -> Iterator[tuple[str, str]]:
    """("RFC 4791", "5.3.2") of each section of a row's source; of drafts nothing."""
    rfc = ""
    for part in source.split(","):
        found = re.fullmatch(r"\s*(?:(RFC \d+)\s*)?([\d.]*)", part)
        if found is not None:
            rfc = found[1] or rfc
            yield rfc, found[2]


def above(section: str) -> list[str]:
    """The section and those it is in."""
    numbers = section.split(".")
    return [".".join(numbers[:length]) for length in range(len(numbers), 0, -1)]


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
