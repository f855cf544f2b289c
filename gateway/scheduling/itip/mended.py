"""What clients lose of a copy when they store it, and what is no change that anybody meant."""

from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.text import Component, serialise
from gateway.scheduling.itip.compare import timeline
from gateway.scheduling.itip.message import copied, zones_for
from gateway.scheduling.itip.parts import MASTER, RECURRENCE, Parts, fresh


def mended(after: ParsedObject, old: Parts) -> ParsedObject:
    """A free copy of `after`. Where it has single instances alone, the series is put back that it was before. Where
    single instances were all there was, an event at the time of one of them is that one again.
    """
    made = fresh(after)
    if old.master is not None and made.master is None:
        _with_series(made, old.master, old)
    elif old.master is None and made.master is not None:
        _as_instance(made.master, Parts(made), old)
    else:
        return made
    return read_lenient(serialise(made.calendar))


def _with_series(made: ParsedObject, series: Component, old: Parts) -> None:
    known = {zone.text("TZID") for zone in made.calendar.children("VTIMEZONE")}
    zones = [zone for zone in zones_for(old.obj, [series]) if zone.text("TZID") not in known]
    for one in (*zones, copied(series)):
        one.at = len(made.calendar.properties)
        made.calendar.components.append(one)


def _as_instance(one: Component, new: Parts, old: Parts) -> None:
    if any(line.name in RECURRENCE for line in one.properties):
        return
    when = timeline(new, one)
    for key, known in old.keyed.items():
        line = known.first("RECURRENCE-ID")
        if key not in new.keyed and key != MASTER and line is not None and timeline(old, known) == when:
            one.properties.insert(0, line)
            return
