import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from gateway.backends.base import Account, Outside
from gateway.backends.radicale import PAGE, RadicaleBackend, is_endless_search, read_calendars
from gateway.errors import BackendUnavailable, RefusedByProvider, RemoteConflict, RemoteGone
from gateway.ical.objects import read_lenient
from gateway.model import CalendarObject, Changes
from tests.fakes.objects import event, series
from tests.fakes.radicale import Person, RadicaleServer


async def never(secret: str) -> None:
    raise AssertionError("a folder has no secret")


def backend(outside: Outside, person: Person, **settings: str) -> RadicaleBackend:
    named = {"folder": str(person.folder), "owner": person.name, **settings}
    return RadicaleBackend(Account(named, "", never), outside)


async def pull(folder: RadicaleBackend, calendar: str, token: str | None = None) -> list[Changes]:
    return [page async for page in folder.changes(calendar, token)]


def names(pages: list[Changes]) -> set[str]:
    return {obj.href for page in pages for obj in page.objects}


async def test_calendars_of_the_owner_only(outside, radicale: RadicaleServer):
    radicale.person("hers")
    person = radicale.person("home", "work")
    found = await backend(outside, person).calendars()

    assert [(row.id, row.displayname) for row in found] == [
        (person.path("home"), "Home"),
        (person.path("work"), "Work"),
    ]
    assert [row.primary for row in found] == [True, False]
    assert all(row.writable and row.merged and row.busy for row in found)


async def test_what_the_running_radicale_takes_shows_up(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    folder = backend(outside, person)
    radicale.put(person, person.path() + "a.ics", event("a"))
    [first] = await pull(folder, person.path())
    assert (names([first]), first.full) == ({"a.ics"}, True)
    assert await pull(folder, person.path(), first.token) == []

    etag = radicale.put(person, person.path() + "b.ics", series("b"))
    radicale.request(person, "DELETE", person.path() + "a.ics")
    [second] = await pull(folder, person.path(), first.token)

    assert [(obj.href, obj.etag) for obj in second.objects] == [("b.ics", etag)]
    assert (list(second.gone), second.full) == (["a.ics"], False)
    assert second.objects[0].text == radicale.request(person, "GET", person.path() + "b.ics")[0]


async def test_what_we_put_is_served_under_the_same_etag(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    text = event("a", "Größe " + "x" * 80, "20260105T090000Z", "X-SECOND:1", "X-FIRST:2")
    put = await backend(outside, person).put(person.path(), CalendarObject("a.ics", text), None)

    assert put.text == text
    assert radicale.request(person, "GET", person.path() + "a.ics") == (text, put.etag)


async def test_our_changes_reach_the_other_clients_sync(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    folder = backend(outside, person)
    put = await folder.put(person.path(), CalendarObject("a.ics", event("a")), None)
    await folder.put(person.path(), replace(put, text=event("a", "Moved")), put.etag)
    assert "Moved" in radicale.request(person, "GET", person.path() + "a.ics")[0]

    await folder.delete(person.path(), "a.ics", None)
    assert "BEGIN:VEVENT" not in radicale.request(person, "GET", person.path())[0]


async def test_their_change_since_wins(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    folder = backend(outside, person)
    put = await folder.put(person.path(), CalendarObject("a.ics", event("a")), None)
    radicale.put(person, person.path() + "a.ics", event("a", "Theirs"))

    with pytest.raises(RemoteConflict):
        await folder.put(person.path(), replace(put, text=event("a", "Ours")), put.etag)
    with pytest.raises(RemoteConflict):
        await folder.delete(person.path(), "a.ics", put.etag)
    assert "Theirs" in radicale.request(person, "GET", person.path() + "a.ics")[0]


async def test_a_uid_that_is_there_under_another_name(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    radicale.put(person, person.path() + "theirs.ics", event("a"))
    with pytest.raises(RemoteConflict, match="UID"):
        await backend(outside, person).put(person.path(), CalendarObject("ours.ics", event("a")), None)


async def test_writing_from_both_sides_loses_nothing(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    folder = backend(outside, person)
    [before] = await pull(folder, person.path())
    ours = [CalendarObject(f"ours{n}.ics", event(f"ours{n}")) for n in range(20)]
    theirs = [f"theirs{n}" for n in range(20)]
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(4) as pool:
        await asyncio.gather(
            *(folder.put(person.path(), obj, None) for obj in ours),
            *(
                loop.run_in_executor(pool, radicale.put, person, f"{person.path()}{uid}.ics", event(uid))
                for uid in theirs
            ),
        )

    pages = await pull(folder, person.path(), before.token)
    assert names(pages) == {obj.href for obj in ours} | {f"{uid}.ics" for uid in theirs}
    served = radicale.request(person, "GET", person.path())[0]
    assert served.count("BEGIN:VEVENT") == 40


async def test_more_than_a_page_comes_in_pages(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    folder = person.folder / "collection-root" / person.name / "work"
    for number in range(PAGE + 1):
        (folder / f"{number}.ics").write_text(event(str(number)), encoding="utf-8", newline="")
    pages = await pull(backend(outside, person), person.path())

    assert [len(page.objects) for page in pages] == [PAGE, 1]
    assert [(page.full, page.token is None) for page in pages] == [(True, True), (True, False)]


async def test_a_token_of_another_folder_starts_over(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    radicale.put(person, person.path() + "a.ics", event("a"))
    for token in ("nonsense", "http://radicale.org/ns/sync/" + "0" * 64):
        [page] = await pull(backend(outside, person), person.path(), token)
        assert (names([page]), page.full) == ({"a.ics"}, True)


async def test_names_that_no_file_may_have_are_replaced(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    folder = backend(outside, person)
    for number, name in enumerate(("../../a.ics", ".hidden", "x~", "y" * 300 + ".ics", "")):
        put = await folder.put(person.path(), CalendarObject(name, event(f"uid{number}")), None)
        assert put.href != name
        assert radicale.request(person, "GET", person.path() + put.href)[1] == put.etag


@pytest.mark.parametrize(
    "calendar", ["/{name}/../{other}/work/", "/{other}/work/", "/{name}/none/", "/", "/{name}/", "../../etc", ""]
)
async def test_no_way_out_of_the_owners_calendars(outside, radicale: RadicaleServer, calendar):
    other, person = radicale.person("work"), radicale.person("work")
    path = calendar.format(name=person.name, other=other.name)
    with pytest.raises(RemoteGone):
        await pull(backend(outside, person), path)
    with pytest.raises(RemoteGone):
        await backend(outside, person).put(path, CalendarObject("a.ics", event("a")), None)


@pytest.mark.parametrize("owner", ["..", ".", "", "a/b", ".Radicale.cache"])
def test_no_way_out_by_the_owners_name(outside, owner):
    with pytest.raises(RefusedByProvider):
        RadicaleBackend(Account({"folder": "/tmp", "owner": owner}, "", never), outside)  # noqa: S108 - never opened


@pytest.mark.parametrize("href", ["../secret", "..", ".Radicale.props", "a/b"])
async def test_no_way_out_by_an_objects_name(outside, radicale: RadicaleServer, href):
    person = radicale.person("work")
    folder = backend(outside, person)
    await folder.delete(person.path(), href, None)
    with pytest.raises(RemoteGone):
        await folder.put(person.path(), CalendarObject(href, event("a")), "etag")

    assert [row.displayname for row in await folder.calendars()] == ["Work"]


async def test_a_folder_that_is_not_mounted_has_not_lost_its_calendars(outside, tmp_path):
    person = Person("ann", "", tmp_path)
    for folder in (backend(outside, person), backend(outside, person, folder=str(tmp_path / "missing"))):
        with pytest.raises(BackendUnavailable):
            await folder.calendars()
        with pytest.raises(BackendUnavailable):
            await pull(folder, "/ann/work/")
    assert list(tmp_path.iterdir()) == []


async def test_what_radicale_cannot_hold_is_refused(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    bad = event("a", "x", "20260105T090000Z", "RRULE:FREQ=DAILY;COUNT=1000000000")
    with pytest.raises(RefusedByProvider):
        await backend(outside, person).put(person.path(), CalendarObject("a.ics", bad), None)

    assert names(await pull(backend(outside, person), person.path())) == set()


@pytest.mark.parametrize(
    ("rule", "endless"),
    [
        ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", True),
        ("FREQ=MINUTELY;BYMONTHDAY=31", True),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", True),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5", True),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", True),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", False),
        ("FREQ=MONTHLY;BYMONTHDAY=31", False),
        ("FREQ=HOURLY;BYHOUR=9,10,11", False),
        ("FREQ=WEEKLY", False),
    ],
)
def test_rules_that_vobject_would_follow_for_ever(rule, endless):
    text = event("a", "x", "20260105T090000Z", f"RRULE:{rule}")

    assert is_endless_search(read_lenient(text)) is endless


async def test_an_endless_search_is_refused(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    bad = event("a", "x", "20260105T090000Z", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
    with pytest.raises(RefusedByProvider, match="too long"):
        await backend(outside, person).put(person.path(), CalendarObject("a.ics", bad), None)


async def test_a_put_that_got_through_may_be_tried_again(outside, radicale: RadicaleServer):
    person = radicale.person("work")
    folder = backend(outside, person)
    first = await folder.put(person.path(), CalendarObject("a.ics", event("a")), None)

    assert await folder.put(person.path(), CalendarObject("a.ics", event("a")), None) == first


def test_how_radicale_describes_calendars():
    zone = "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n"
    rows = [
        ("/ann/tasks/", {"tag": "VCALENDAR", "C:supported-calendar-component-set": "VTODO"}),
        ("/ann/x/", {"D:displayname": "Work", "ICAL:calendar-color": "#FF0000FF", "C:calendar-timezone": zone}),
        ("/ann/y/", {"C:calendar-timezone": "nonsense"}),
    ]

    tasks, work, other = read_calendars(rows)
    assert (tasks.displayname, tasks.primary) == ("tasks", False)
    assert (work.displayname, work.color, work.zone, work.primary) == ("Work", "#ff0000", "Europe/Berlin", True)
    assert (other.displayname, other.zone, other.primary) == ("y", "", False)
