"""Writes into calendars that live here."""

import asyncio

import pytest

from gateway.accounts.people import add_person
from gateway.errors import (
    Forbidden,
    InvalidCalendarData,
    InvalidCalendarObject,
    InvalidRequest,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    ReadOnlyCalendar,
    UidConflict,
)
from gateway.ical.objects import etag_of
from gateway.model import RemoteCalendar
from gateway.store import accounts, members, principals
from gateway.sync.write import Written, delete, put, settle, stage_delete, stage_put
from tests.sync.objects import event, todo


def local(db, user, name, account="", **more):
    account = db.write_now(accounts.add, user, "local", account or name, {}, None, 1)
    described = {"id": name, "displayname": name, "writable": True, "merged": True, "busy": True, **more}
    return db.write_now(accounts.add_calendar, user, account, RemoteCalendar(**described))


async def test_the_very_bytes_are_kept_and_their_etag_told(sync, alice, served):
    body = event("a", "Grüße \\, Welt", lines=['X-ODD;P="q":v', " folded"]).encode()

    written = await put(sync, alice, "a.ics", body)

    assert written == Written("a.ics", etag_of(body.decode()), created=True)
    assert served() == {"a.ics": body.decode()}


async def test_the_same_text_again_changes_nothing(db, sync, alice):
    first = await put(sync, alice, "a.ics", event("a"))
    rev = db.read_now(members.rev, alice.merged)

    assert await put(sync, alice, "a.ics", event("a")) == Written("a.ics", first.etag, created=False)
    assert db.read_now(members.rev, alice.merged) == rev


async def test_replacing_raises_the_rev(db, sync, alice, served):
    await put(sync, alice, "a.ics", event("a"))
    rev = db.read_now(members.rev, alice.merged)

    written = await put(sync, alice, "a.ics", event("a", "New"))

    assert not written.created
    assert served() == {"a.ics": event("a", "New")}
    assert db.read_now(members.rev, alice.merged) > rev


@pytest.mark.parametrize(
    ("there", "conditions", "passes"),
    [
        pytest.param(False, {"if_none_match": True}, True, id="create only"),
        pytest.param(True, {"if_none_match": True}, False, id="create only, but it is there"),
        pytest.param(False, {"if_match": "*"}, False, id="replace only, but there is none"),
        pytest.param(True, {"if_match": "*"}, True, id="replace only"),
        pytest.param(True, {"if_match": '"{}"'}, True, id="that one"),
        pytest.param(True, {"if_match": '"x", "{}"'}, True, id="one of those"),
        pytest.param(True, {"if_match": "{}"}, True, id="that one, without quotes"),
        pytest.param(True, {"if_match": 'W/"{}"'}, False, id="weak never matches"),
        pytest.param(True, {"if_match": '"x"'}, False, id="another"),
    ],
)
async def test_conditions(sync, alice, served, there, conditions, passes):
    etag = (await put(sync, alice, "a.ics", event("a"))).etag if there else ""
    before = served()
    filled = {name: value.format(etag) if isinstance(value, str) else value for name, value in conditions.items()}

    if passes:
        await put(sync, alice, "a.ics", event("a", "New"), **filled)
        assert served() == {"a.ics": event("a", "New")}
    else:
        with pytest.raises(PreconditionFailed):
            await put(sync, alice, "a.ics", event("a", "New"), **filled)
        assert served() == before


async def test_of_many_who_replace_the_same_version_one_wins(sync, alice):
    first = await put(sync, alice, "a.ics", event("a"))

    results = await asyncio.gather(
        *(put(sync, alice, "a.ics", event("a", f"New {number}"), if_match=f'"{first.etag}"') for number in range(20)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, Written) for one in results) == 1
    assert sum(isinstance(one, PreconditionFailed) for one in results) == 19


async def test_of_many_who_create_the_same_name_one_wins(sync, alice):
    results = await asyncio.gather(
        *(put(sync, alice, "a.ics", event("a", str(number)), if_none_match=True) for number in range(20)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, Written) for one in results) == 1


async def test_a_uid_lives_under_one_name(sync, alice, served):
    await put(sync, alice, "a.ics", event("a"))

    with pytest.raises(UidConflict) as elsewhere:
        await put(sync, alice, "b.ics", event("a"))
    with pytest.raises(UidConflict) as other:
        await put(sync, alice, "a.ics", event("b"))

    assert elsewhere.value.href == other.value.href == "/dav/calendars/alice/merged/a.ics"
    assert served() == {"a.ics": event("a")}


async def test_a_name_that_was_deleted_can_be_used_again(db, sync, alice, served):
    await put(sync, alice, "a.ics", event("a"))
    rev = db.read_now(members.rev, alice.merged)
    await delete(sync, alice, "a.ics")
    assert served() == {}

    await put(sync, alice, "a.ics", event("b"))
    await put(sync, alice, "c.ics", event("a"))

    assert served() == {"a.ics": event("b"), "c.ics": event("a")}
    rows, _, _ = db.read_now(members.since, alice.merged, rev, 100)
    assert [(row.href, row.deleted) for row in rows] == [("a.ics", False), ("c.ics", False)]


@pytest.mark.parametrize("href", ["", ".", "..", "a/b", "a\\b", "a\0", "a\rb", "x" * 256])
async def test_names_that_cannot_be(sync, alice, href):
    with pytest.raises(InvalidRequest):
        await put(sync, alice, href, event("a"))


async def test_odd_names_that_can_be(sync, alice, served):
    await put(sync, alice, "..ü %2F.ics", event("a"))
    await put(sync, alice, ".htaccess", event("b"))

    assert set(served()) == {"..ü %2F.ics", ".htaccess"}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"no calendar", InvalidCalendarData),
        (event("a").encode()[:-30], InvalidCalendarData),
        (event("a").replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST").encode(), InvalidCalendarObject),
        (b"x" * 10_000_001, PayloadTooLarge),
    ],
)
async def test_what_is_no_calendar_object_is_not_stored(sync, alice, served, body, error):
    with pytest.raises(error):
        await put(sync, alice, "a.ics", body)
    assert served() == {}


async def test_new_events_go_to_the_destination_and_tasks_to_a_local_calendar(db, sync, alice):
    work = local(db, alice.id, "Work", primary=True)
    [personal, destination] = db.read_now(accounts.calendars, alice.id)
    assert destination.id == work
    assert destination.destination

    await put(sync, alice, "a.ics", event("a"))
    await put(sync, alice, "b.ics", todo("b"))

    places = {row.href: row.calendar_id for row in db.read_now(members.texts, alice.merged)}
    assert places == {"a.ics": work, "b.ics": personal.id}


async def test_without_a_writable_calendar_the_answer_says_so(db, sync, alice):
    [personal] = db.read_now(accounts.calendars, alice.id)
    db.write_now(accounts.change_calendar, personal.id, writable=False)

    with pytest.raises(Forbidden, match="destination"):
        await put(sync, alice, "a.ics", event("a"))


async def test_a_read_only_calendar_takes_no_change(db, sync, alice, served):
    await put(sync, alice, "a.ics", event("a"))
    [personal] = db.read_now(accounts.calendars, alice.id)
    db.write_now(accounts.change_calendar, personal.id, writable=False)

    with pytest.raises(ReadOnlyCalendar):
        await put(sync, alice, "a.ics", event("a", "New"))
    with pytest.raises(ReadOnlyCalendar):
        await delete(sync, alice, "a.ics")
    assert served() == {"a.ics": event("a")}


async def test_another_calendars_name_moves_the_object(db, sync, alice, served):
    work = local(db, alice.id, "Work")
    await put(sync, alice, "a.ics", event("a"))
    moved = event("a", lines=["X-GATEWAY-CALENDAR:Work"])

    written = await put(sync, alice, "a.ics", moved)

    [row] = db.read_now(members.texts, alice.merged)
    assert (row.href, row.calendar_id, row.text) == ("a.ics", work, moved)
    assert written == Written("a.ics", etag_of(moved), created=False)


async def test_the_name_it_was_given_or_an_unknown_one_moves_nothing(db, sync, alice):
    local(db, alice.id, "Work")
    [personal, _] = db.read_now(accounts.calendars, alice.id)
    for value in ("Nowhere", "Personal", "Nowhere"):
        await put(sync, alice, "a.ics", event("a", value, lines=[f"X-GATEWAY-CALENDAR:{value}"]))
    db.write_now(accounts.change_calendar, personal.id, displayname="Home")
    db.write_now(accounts.change_calendar, local(db, alice.id, "Nowhere"), position=9)

    await put(sync, alice, "a.ics", event("a", "edited", lines=["X-GATEWAY-CALENDAR:Nowhere"]))

    [row] = db.read_now(members.texts, alice.merged)
    assert row.calendar_id == personal.id


async def test_of_two_calendars_of_one_name_one_is_named_by_its_account_too(db, sync, alice, served):
    first, second = (local(db, alice.id, "Work", account) for account in ("a@work.example", "b@work.example"))
    titles = [row.title for row in db.read_now(accounts.calendars, alice.id)]
    assert titles == ["Personal", "Work (a@work.example)", "Work (b@work.example)"]
    await put(sync, alice, "a.ics", event("a"))
    before = served()

    with pytest.raises(Forbidden, match=r"several .* 'Work'.*: 'Work \(a@work.example\)', 'Work \(b@work.example\)'"):
        await put(sync, alice, "a.ics", event("a", lines=["X-GATEWAY-CALENDAR:Work"]))
    assert served() == before
    await put(sync, alice, "a.ics", event("a", lines=["X-GATEWAY-CALENDAR:Work (b@work.example)"]))
    [row] = db.read_now(members.texts, alice.id)
    assert row.calendar_id == second
    await put(sync, alice, "a.ics", event("a", "again", lines=["X-GATEWAY-CALENDAR:Work"]))  # it is in one of them
    [row] = db.read_now(members.texts, alice.id)
    assert row.calendar_id == second

    db.write_now(accounts.set_destination, alice.id, first)
    await put(sync, alice, "b.ics", event("b", lines=["X-GATEWAY-CALENDAR:Work"]))
    assert {row.href: row.calendar_id for row in db.read_now(members.texts, alice.id)} == {
        "a.ics": second,
        "b.ics": first,
    }


async def test_a_name_alone_is_enough_where_one_of_two_takes_changes(db, sync, alice):
    local(db, alice.id, "Work", "a@work.example", writable=False)
    second = local(db, alice.id, "Work", "b@work.example")

    await put(sync, alice, "a.ics", event("a", lines=["X-GATEWAY-CALENDAR:Work"]))

    [row] = db.read_now(members.texts, alice.id)
    assert row.calendar_id == second


async def test_a_copy_of_an_event_in_a_read_only_calendar_goes_where_new_ones_go(db, sync, alice):
    local(db, alice.id, "Feed", writable=False)
    [personal, _] = db.read_now(accounts.calendars, alice.id)

    await put(sync, alice, "a.ics", event("a", lines=["X-GATEWAY-CALENDAR:Feed"]))

    [row] = db.read_now(members.texts, alice.merged)
    assert row.calendar_id == personal.id


async def test_a_move_to_a_read_only_calendar_is_refused(db, sync, alice, served):
    local(db, alice.id, "Feed", writable=False)
    await put(sync, alice, "a.ics", event("a"))

    with pytest.raises(ReadOnlyCalendar):
        await put(sync, alice, "a.ics", event("a", lines=["X-GATEWAY-CALENDAR:Feed"]))
    assert served() == {"a.ics": event("a")}


async def test_an_object_that_is_no_member_is_never_overwritten(db, sync, alice, served):
    """Two calendars hold the UID; the second copy has the name that a new object asks for."""
    work = local(db, alice.id, "Work", primary=True)
    await put(sync, alice, "a.ics", event("a"))
    db.write_now(accounts.change_calendar, work, merged=False)
    db.write_now(members.refresh_calendar, alice.id, work)
    db.write_now(accounts.change_calendar, work, merged=True)

    await put(sync, alice, "a.ics", event("b"))

    db.write_now(members.refresh, alice.id, ["a", "b"])
    assert sorted(served().values()) == sorted([event("a"), event("b")])


async def test_delete_looks_at_conditions(sync, alice, served):
    written = await put(sync, alice, "a.ics", event("a"))

    with pytest.raises(PreconditionFailed):
        await delete(sync, alice, "a.ics", if_match='"x"')
    await delete(sync, alice, "a.ics", if_match=f'"{written.etag}"')
    with pytest.raises(NotFound):
        await delete(sync, alice, "a.ics")
    assert served() == {}


async def test_several_writes_in_one_transaction(db, sync, alice, served):
    def both(conn):
        return stage_put(conn, sync, alice, event("a")), stage_put(conn, sync, alice, event("b"), href="mine.ics")

    for staged in await db.write(both):
        assert await settle(sync, staged)
    assert sorted(served().values()) == [event("a"), event("b")]
    [derived] = set(served()) - {"mine.ics"}

    staged = await db.write(stage_put, sync, alice, event("a", "New"))
    assert staged.href == derived
    await settle(sync, await db.write(stage_delete, sync, alice, "mine.ics"))
    assert served() == {derived: event("a", "New")}


async def test_one_person_never_meets_anothers_objects(db, sync, alice, served):

    bob = db.read_now(principals.by_id, db.write_now(add_person, "bob", "bob@example.com", now=1))
    await put(sync, alice, "a.ics", event("a"))

    await put(sync, bob, "a.ics", event("a", "Bob's"))
    with pytest.raises(NotFound):
        await delete(sync, bob, "b.ics")

    assert served() == {"a.ics": event("a")}
