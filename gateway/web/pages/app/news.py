"""How soon what happens at a provider is seen here."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from babel.dates import format_timedelta

from gateway.backends.table import BACKENDS
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection
from gateway.sync.notices.standing import How, Standing, standing
from gateway.web.keys import DATABASE, SETTINGS
from gateway.web.language import Language
from gateway.web.pages.app.section import Visit, ago


async def news(visit: Visit, rows: Sequence[AccountRow]) -> Mapping[int, str]:
    """Words for each account, by its id; "" where there is nothing to say."""
    settings = visit.request.app[SETTINGS]

    def look(conn: Connection) -> dict[int, Standing]:
        return {row.id: standing(conn, settings, row, visit.now) for row in rows if BACKENDS[row.kind].remote}

    found = await visit.request.app[DATABASE].read(look)
    return {row.id: _words(row, found.get(row.id), visit.spoken, visit.now) for row in rows}


def _words(row: AccountRow, known: Standing | None, spoken: Language, now: float) -> str:
    if known is None or row.synced is None or row.state != "ok":  # then that is said, and what to do
        return ""
    if known.how is How.PUSH:
        return spoken.text("Changes there are seen at once")
    if known.how is How.STALE:
        return spoken.text("Last read {ago}: what you see may be out of date", ago=ago(now - row.synced, spoken))
    if known.how is How.PARTLY:
        return spoken.plural(
            "Changes there are seen at once; in {n} calendar they are looked for every {span}",
            "Changes there are seen at once; in {n} calendars they are looked for every {span}",
            known.others,
            span=_span(known.others_every, spoken),
        )
    return spoken.text("Looked at every {span}", span=_span(known.every, spoken))


def _span(seconds: int, spoken: Language) -> str:
    return format_timedelta(timedelta(seconds=seconds), locale=spoken.locale)
