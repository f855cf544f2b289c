"""Objects as clients write them: tests/data/ical/NAME.ics gives the instances in NAME.txt.

Each line there: start/end, busy type for Ann, RECURRENCE-ID.
"""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.ical.busy import fbtype
from gateway.ical.objects import read
from gateway.ical.recurrence import instances
from gateway.ical.text import serialise
from gateway.ical.value import format_utc
from tests.ical import stamp

FOLDER = Path(__file__).parent.parent / "data" / "ical"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.ics")), ids=lambda file: file.stem)
def test_client(file: Path) -> None:
    body = file.read_bytes()
    obj = read(body)

    found = instances(obj, stamp("20250101"), stamp("20270101"), ZoneInfo("Europe/Berlin"))

    lines = []
    for one in found:
        kind = fbtype(obj.components[one.component], {"ann@example.com"}).token
        lines.append(f"{format_utc(one.start)}/{format_utc(one.end)} {kind} {one.rid}".rstrip())
    assert lines == file.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert serialise(obj.calendar).encode() == body
