"""Mirrors turned on and off on /app, with no more than forms."""

import re

import pytest

from gateway.accounts.people import local_calendar
from gateway.backends.table import BACKENDS
from gateway.ical.objects import read_lenient
from gateway.mirror.text import block_text
from gateway.model import RemoteCalendar
from gateway.store import accounts, mirrors, objects, principals
from gateway.store.objects import Remote
from gateway.sync.context import scope_of
from tests.web.site import hidden, sign_in, text


@pytest.fixture
def calendars(office):
    """Alice's: one that lives here, one at a provider, one that cannot be written."""

    def read_only(conn):
        account = accounts.add(conn, office.alice.id, "feed", "Verein", {}, None, 1)
        accounts.add_calendar(conn, office.alice.id, account, RemoteCalendar("feed", "Spielplan"))

    office.connect()
    office.db.write_now(local_calendar, office.alice.id, 1)
    office.db.write_now(read_only)
    rows = office.db.read_now(accounts.calendars, office.alice.id)
    assert all(row.kind in BACKENDS for row in rows)
    return {row.kind: row for row in rows}


async def test_a_mirror_is_turned_on_and_off(client, office, calendars):
    await sign_in(client)
    html = await text(await client.get("/app", params={"lang": "de"}))
    assert "Belegte Zeiten spiegeln" in html
    csrf = hidden(html)["csrf"]
    into, sources = calendars["caldav"], [calendars["local"], calendars["feed"]]

    form = [("csrf", csrf), ("to", str(into.id)), ("days", "30"), ("text", "Nicht da")]
    answer = await client.post("/app/mirrors", data=[*form, *(("from", str(row.id)) for row in sources)])
    html = await text(answer)

    [row] = office.db.read_now(mirrors.of_user, office.alice.id)
    assert (row.target_id, row.days, row.summary, row.ending) == (into.id, 30, "Nicht da", False)
    assert office.db.read_now(mirrors.sources, row.id) == sorted(one.id for one in sources)
    assert "Beginnt gleich" in html
    office.db.write_now(mirrors.change, row.id, settled=int(office.now))
    assert "Aktuell" in await text(await client.get("/app"))

    await text(await client.post(f"/app/mirrors/{row.id}", data={"csrf": csrf}))
    office.db.write_now(mirrors.change, row.id, left=3)
    html = await text(await client.get("/app"))
    assert "Wird entfernt, 3 Einträge sind noch da" in html
    assert f'action="/app/mirrors/{row.id}"' not in html


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("signed-out", "Die Anmeldung dort ist abgelaufen"),
        ("read-only", "nimmt zurzeit keine Änderungen an"),
        ("gone", "gibt es nicht mehr"),
        ("refused", "hat einen Eintrag abgelehnt"),
        ("failing", "nicht erreichbar"),
    ],
)
async def test_what_is_in_the_way_is_said(client, office, calendars, problem, said):
    key = office.db.write_now(
        mirrors.add,
        office.alice.id,
        calendars["caldav"].id,
        [calendars["local"].id],
        mark="m",
        days=9,
        summary="",
        now=1,
    )
    office.db.write_now(mirrors.change, key, problem=problem, error="<their words>", left=2)
    await sign_in(client)
    html = await text(await client.get("/app", params={"lang": "de"}))
    assert said in html
    assert ("&lt;their words&gt;" in html) == (problem in {"refused", "failing"})
    office.db.write_now(mirrors.change, key, ending=True)
    assert "2 Einträge sind noch da." in await text(await client.get("/app"))


@pytest.mark.parametrize(
    ("sources", "target", "more", "said"),
    [
        pytest.param([], "caldav", {}, "mindestens einen Kalender", id="nothing chosen"),
        pytest.param(["caldav"], "caldav", {}, "nicht seine eigenen", id="itself"),
        pytest.param(["local"], "feed", {}, "nicht möglich", id="cannot be written"),
        pytest.param(["local"], "caldav", {"days": "1e9"}, "nicht möglich", id="no number"),
    ],
)
async def test_what_is_no_mirror_is_said_and_what_was_typed_stays(
    client, office, calendars, sources, target, more, said
):
    await sign_in(client)
    csrf = hidden(await text(await client.get("/app", params={"lang": "de"})))["csrf"]
    fields = {"csrf": csrf, "to": str(calendars[target].id), "days": "14", "text": "Nicht da", **more}
    data = [*fields.items(), *(("from", str(calendars[name].id)) for name in sources)]
    html = await text(await client.post("/app/mirrors", data=data), 409)
    assert said in html
    assert 'value="Nicht da"' in html
    ticked = re.findall(r'name="from" value="(\d+)" checked', html)
    assert ticked == [str(calendars[name].id) for name in sources]
    assert office.db.read_now(mirrors.of_user, office.alice.id) == []


async def test_forms_of_others_and_calendars_of_others_change_nothing(client, office, calendars):
    bob = office.db.read_now(principals.by_name, "bob")
    theirs = office.db.write_now(local_calendar, bob.id, 1)
    await sign_in(client)
    csrf = hidden(await text(await client.get("/app")))["csrf"]
    data = {"csrf": csrf, "from": str(theirs), "to": str(calendars["caldav"].id), "days": "5", "text": ""}
    assert (await client.post("/app/mirrors", data=data)).status == 404
    wrong = {**data, "csrf": "made up", "from": str(calendars["local"].id)}
    assert (await client.post("/app/mirrors", data=wrong)).status == 403
    assert (await client.post("/app/mirrors/1", data={"csrf": csrf})).status == 404
    assert office.db.read_now(mirrors.of_user, office.alice.id) == []


async def test_disconnecting_says_where_busy_time_vanishes(client, office, calendars):
    source = calendars["feed"]
    page = f"/app/accounts/{source.account_id}/disconnect"
    office.db.write_now(accounts.change_calendar, source.id, merged=False)
    await sign_in(client)
    html = await text(await client.get(page))
    assert "leaves your one calendar" not in html
    assert "your booking page offers them" not in html
    assert "Mirrors stop" not in html
    office.db.write_now(accounts.change_calendar, source.id, busy=True)
    office.db.write_now(
        mirrors.add, office.alice.id, calendars["caldav"].id, [source.id], mark="m", days=9, summary="", now=1
    )

    html = await text(await client.get(page, params={"lang": "de"}))

    assert "Kollegen sehen Sie zu diesen Zeiten als frei, und Ihre Buchungsseite bietet sie an." in html
    assert "Was von dort gespiegelt wurde, verschwindet" in html


async def test_disconnecting_waits_for_the_blocks_and_says_so(client, office, calendars):
    target = calendars["caldav"]
    key = office.db.write_now(
        mirrors.add, office.alice.id, target.id, [calendars["local"].id], mark="m", days=9, summary="", now=1
    )
    office.db.write_now(hold_block, office, target.id)
    await sign_in(client)
    html = await text(await client.get(f"/app/accounts/{target.account_id}/disconnect", params={"lang": "de"}))
    assert "Zuvor wird dort 1 gespiegelter Eintrag entfernt." in html
    assert "Sonst wird bei CalDAV nichts gelöscht." in html

    html = await text(await client.post(f"/app/accounts/{target.account_id}/disconnect", data=hidden(html)))

    assert "Zuvor werden die Einträge dort entfernt" in html
    assert office.db.read_now(accounts.get, target.account_id).state == accounts.LEAVING
    assert office.db.read_now(mirrors.get, key).ending is True
    assert target.id not in {row.id for row in office.db.read_now(accounts.calendars, office.alice.id)}


def hold_block(conn, office, calendar):
    text = block_text("7c0f", (1_800_000_000, 1_800_003_600, 2), "Beschäftigt", "m", 1)
    indexed = scope_of(conn, office.desk.sync, office.alice.id).index(read_lenient(text), text)
    objects.put(conn, office.alice.id, calendar, "7c0f.ics", text, indexed, Remote("1"), 1)
