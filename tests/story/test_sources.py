"""Another CalDAV server and a Radicale folder as accounts: in the merged calendar, writable, seen on both sides."""

from collections.abc import Mapping

import caldav
import pytest

from gateway.accounts.connect import add_account
from gateway.store import accounts
from tests.fakes.objects import event, series
from tests.fakes.radicale import Person, RadicaleServer
from tests.story.stage import MERGED, Stage


async def connected(stage: Stage, user: int, kind: str, settings: Mapping[str, str], secret: str) -> int:
    parts = stage.parts
    return await add_account(
        parts.db, parts.sealer, parts.outside, user=user, kind=kind, settings=settings, secret=secret,
        now=int(parts.clock()),
    )  # fmt: skip


def connect(stage: Stage, person: Person, kind: str) -> int:
    """An account of Alice's at Radicale, pulled once."""
    if kind == "caldav":
        settings, secret = {"url": person.url, "username": person.name}, person.password
    else:
        settings, secret = {"folder": str(person.folder), "owner": person.name}, ""
    key = stage.run(connected(stage, stage.person("alice").id, kind, settings, secret))
    stage.pull()
    return key


def names(server: RadicaleServer, person: Person) -> list[str]:
    """Of the objects that Radicale's own client finds."""
    with caldav.DAVClient(person.url, username=person.name, password=person.password) as client:
        [calendar] = client.principal().get_calendars()
        return sorted(str(one.icalendar_component["SUMMARY"]) for one in calendar.get_events())


@pytest.mark.parametrize("kind", ["caldav", "radicale"])
def test_radicale_is_part_of_the_merged_calendar_and_takes_what_clients_write(stage, radicale, kind):
    person = radicale.person(kind)  # a calendar named after it
    theirs = event(f"theirs-{kind}@radicale.example", f"Theirs {kind}", "20270104T090000Z", "X-THEIR-OWN;a=b:kept")
    radicale.put(person, person.path(kind) + "theirs.ics", theirs)
    radicale.put(person, person.path(kind) + "series.ics", series(f"series-{kind}@radicale.example"))
    key = connect(stage, person, kind)

    def there(name: str) -> str:
        return radicale.request(person, "GET", person.path(kind) + name)[0]

    with stage.merged() as merged:
        [found] = merged.search(event=True, summary=f"Theirs {kind}")
        served = stage.http("GET", found.url.path)
        assert served.text == there("theirs.ics")

        # Changed by a client of ours.
        edited = served.text.replace(f"Theirs {kind}", f"Edited {kind}")
        assert (
            stage.put(found.url.path.removeprefix(MERGED), edited, If_Match=served.headers["ETag"]).status_code == 204
        )
        assert there("theirs.ics") == stage.http("GET", found.url.path).text == edited

        # Made by one, in that calendar.
        [calendar] = stage.read(accounts.account_calendars, key)
        named = f"X-GATEWAY-CALENDAR:{calendar.displayname}"
        text = event(f"ours-{kind}@client.example", f"Ours {kind}", "20270105T090000Z", named)
        assert stage.put(f"ours-{kind}.ics", text).status_code == 201
        assert names(radicale, person) == [f"Edited {kind}", f"Ours {kind}", "Weekly"]
        stage.pull()

        # Changed, made and deleted by a client of theirs.
        known = merged.get_objects_by_sync_token(load_objects=True)
        radicale.put(person, person.path(kind) + "theirs.ics", theirs.replace(f"Theirs {kind}", f"Again {kind}"))
        radicale.put(person, person.path(kind) + "new.ics", event(f"new-{kind}@radicale.example", f"New {kind}"))
        radicale.request(person, "DELETE", person.path(kind) + "series.ics")
        stage.pull()
        updated, deleted = known.sync()
        assert sorted(str(one.icalendar_component["SUMMARY"]) for one in updated) == [f"Again {kind}", f"New {kind}"]
        assert len(list(deleted)) == 1

        # Deleted by one of ours.
        assert stage.http("DELETE", f"{MERGED}ours-{kind}.ics").status_code == 204
        assert names(radicale, person) == [f"Again {kind}", f"New {kind}"]
        stage.pull()
        updated, deleted = known.sync()
        assert (list(updated), [one.url.path for one in deleted]) == ([], [f"{MERGED}ours-{kind}.ics"])
