"""Members by object and by UID, properties by path, people by id: each finds its own and no more."""

from gateway.store import members, principals, properties, schedules
from gateway.store.database import Database
from tests.store.conftest import ALICE, BOB, MERGED
from tests.store.test_members import put


def test_members_by_object_and_by_part_of_a_uid(db: Database) -> None:
    for uid in ("Review-1@x", "review-2@x", "100%_off@x"):
        db.write_now(put, uid, "1")
    rows = db.read_now(members.texts, MERGED[ALICE])
    keys = [row.object_id for row in rows if row.href.lower().startswith("review")]
    assert {row.object_id for row in db.read_now(members.of_objects, MERGED[ALICE], keys)} == set(keys)
    assert db.read_now(members.of_objects, MERGED[BOB], keys) == []
    assert len(db.read_now(members.with_uid_like, MERGED[ALICE], "REVIEW-")) == 2
    assert [row.text for row in db.read_now(members.with_uid_like, MERGED[ALICE], "%_")] == ["text 1"]
    assert db.read_now(members.with_uid_like, MERGED[ALICE], "_____") == []


def test_members_listed_by_name(db: Database) -> None:
    db.write_now(put, "a", "1")
    assert [row.etag for row in db.read_now(members.listed, MERGED[ALICE], ["a.ics", "b.ics"])] == ["1"]


def test_properties_below_a_path(db: Database) -> None:
    for path in ("/dav/a_/", "/dav/a_/one", "/dav/abx", "/dav/b"):
        db.write_now(properties.put, ALICE, path, {"{x}n": path})
    db.write_now(properties.put, BOB, "/dav/a_/two", {"{x}n": "theirs"})
    below = {path: {"{x}n": path} for path in ("/dav/a_/", "/dav/a_/one")}
    assert db.read_now(properties.below, ALICE, "/dav/a_/") == below
    db.write_now(properties.forget, "/dav/a_/one")
    assert db.read_now(properties.below, ALICE, "/dav/a_/") == {"/dav/a_/": {"{x}n": "/dav/a_/"}}


def test_properties_go_and_move_with_their_path_whoever_stored_them(db: Database) -> None:
    for user in (ALICE, BOB):
        for path in ("/dav/a_/", "/dav/a_/one", "/dav/abx", "/dav/new/old"):
            db.write_now(properties.put, user, path, {"{x}n": f"{user}"})
    db.write_now(properties.move_below, "/dav/a_/", "/dav/new/")
    db.write_now(properties.copy, "/dav/new/one", "/dav/two")
    for user in (ALICE, BOB):
        found = {path: {"{x}n": f"{user}"} for path in ("/dav/abx", "/dav/new/", "/dav/new/one", "/dav/two")}
        assert db.read_now(properties.below, user, "/dav/") == found
    db.write_now(properties.forget_below, "/dav/new/")
    assert db.read_now(properties.anybody, "/dav/two")
    db.write_now(properties.forget, "/dav/two")
    assert not db.read_now(properties.anybody, "/dav/two")
    assert [set(db.read_now(properties.below, user, "/dav/")) for user in (ALICE, BOB)] == [{"/dav/abx"}] * 2


def test_people_by_id_in_order_of_their_names(db: Database) -> None:
    assert [one.name for one in db.read_now(principals.of_ids, {BOB, ALICE, 99})] == ["alice", "bob"]


def test_working_hours_come_and_go(db: Database) -> None:
    db.write_now(schedules.set_availability, ALICE, "text")
    assert (db.read_now(schedules.availability, ALICE), db.read_now(schedules.availability, BOB)) == ("text", None)
    db.write_now(schedules.drop_availability, ALICE)
    assert db.read_now(schedules.availability, ALICE) is None
