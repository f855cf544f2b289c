"""Seats: parties share one event in the host's calendar, and know nothing of each other."""

import asyncio
import itertools
import re

import icalendar
import pytest

from gateway.booking import offer
from gateway.booking.book import book, cancel, reschedule
from gateway.booking.confirm import confirm, decline
from gateway.booking.event_types import check
from gateway.booking.gathering import seats_left
from gateway.booking.model import EventType, details
from gateway.booking.offer import Visit
from gateway.errors import BackendUnavailable, InvalidInput, RefusedByProvider, SlotTaken
from gateway.scheduling import implicit
from gateway.store import bookings, members
from tests.booking.office import at, wish
from tests.booking.team import Team

HOST, ANN, BEN, CEM = "alice@example.com", "ann@example.net", "ben@example.net", "cem@example.net"
TEN, NOON = at("2026-11-24 10:00"), at("2026-11-24 12:00")
WORKSHOP = {
    "title": "Workshop",
    "length": 120,
    "step": 60,
    "after": 15,
    "seats": 3,
    "places": [{"kind": "link", "text": "https://meet.example/{room}"}],
    "questions": [{"name": "topic", "label": "Topic"}],
}


@pytest.fixture
def office(mailing):
    set_kind(mailing)
    return mailing


def set_kind(office, owner=None, **more):
    office.db.write_now(bookings.put_event_type, owner or office.alice.id, "workshop", {**WORKSHOP, **more})


def party(name, start="2026-11-24 10:00", **more):
    return wish(start, name=name.title(), email=f"{name}@example.net", answers={"topic": f"{name}'s topic"}, **more)


@pytest.fixture
async def three(office, work):
    """Bookings of Ann, Ben and Cem for the same start, their mails sent."""
    found = [await book(office.desk, "alice", "workshop", party(name)) for name in ("ann", "ben", "cem")]
    await work()
    return found


def events(office):
    return [icalendar.Calendar.from_ical(text).walk("VEVENT")[0] for text in office.texts()]


def coming(event):
    found = {str(one).removeprefix("mailto:"): str(one.params["PARTSTAT"]) for one in event["ATTENDEE"]}
    return {who: reply for who, reply in found.items() if who != HOST}


def told(caught, address):
    """(first word of the subject, METHOD, SEQUENCE) of each of somebody's mails."""
    found = []
    for mail in caught.to(address):
        inside = icalendar.Calendar.from_ical(mail.calendar) if mail.calendar else None
        ics = () if inside is None else (str(inside["METHOD"]), int(inside.walk("VEVENT")[0]["SEQUENCE"]))
        found.append((mail.message["Subject"].partition(":")[0], *ics))
    return found


def everything(caught, address):
    return "".join(
        f"{mail.message['Subject']}{mail.message['Reply-To']}{mail.text}{mail.html}"
        + mail.calendar.replace("\r\n ", "")
        for mail in caught.to(address)
    )


def host_token(office, uid):
    row = office.db.read_now(bookings.by_uid, uid)
    return office.desk.sealer.open(details(row).host_token.encode())


def starts(office, day="2026-11-24", slug="workshop"):
    def read(conn):
        of = offer.bookable(conn, "alice", slug)
        visit = Visit("Europe/Berlin", int(office.now), 3600)
        found = offer.starts(conn, of, visit, at(f"{day} 00:00"), at(f"{day} 23:59"))
        return found, seats_left(conn, of, found)

    return office.db.read_now(read)


async def test_parties_share_one_event_and_know_nothing_of_each_other(office, caught, three):
    [event] = events(office)
    assert coming(event) == dict.fromkeys((ANN, BEN, CEM), "ACCEPTED")
    assert event["SUMMARY"] == "Workshop: Alice Hartmann"
    assert "• Ben <ben@example.net>\n◦ Topic: ben's topic\n• Cem" in str(event["DESCRIPTION"])
    assert event["UID"] not in {one.row.uid for one in three}
    assert {str(one.params["SCHEDULE-AGENT"]) for one in event["ATTENDEE"]} == {"CLIENT", "NONE"}

    for own, others in (("ann", ("ben", "cem")), ("ben", ("ann", "cem")), ("cem", ("ann", "ben"))):
        text = everything(caught, f"{own}@example.net").lower()
        assert not [name for name in others if re.search(rf"\b{name}\b", text)]
        assert event["UID"].lower() not in text
    [inside] = icalendar.Calendar.from_ical(caught.to(BEN)[0].calendar).walk("VEVENT")
    assert (inside["UID"], coming(inside)) == (three[1].row.uid, {BEN: "NEEDS-ACTION"})
    assert [kind for kind, *_ in told(caught, HOST)] == ["Gebucht"] * 3
    assert [sequence for *_, sequence in told(caught, HOST)] == [0, 1, 2]


async def test_all_meet_at_one_place(office, three):
    assert len({details(one.row).place for one in three}) == 1
    assert events(office)[0]["LOCATION"] == details(three[0].row).place


async def test_a_start_is_offered_until_it_is_full_and_blocks_all_else(office):
    for name, left in (("ann", 2), ("ben", 1)):
        await book(office.desk, "alice", "workshop", party(name))
        found, seats = starts(office)
        assert TEN in found
        assert seats[TEN] == left
        assert not [start for start in found if TEN - 7200 - 900 < start < TEN + 7200 + 900 and start != TEN]
        assert TEN not in starts(office, slug="check-in")[0]
    await book(office.desk, "alice", "workshop", party("cem"))
    assert TEN not in starts(office)[0]
    with pytest.raises(SlotTaken):
        await book(office.desk, "alice", "workshop", party("dora"))


async def test_a_party_cancels_only_itself_and_the_last_one_takes_the_event_along(office, caught, work, three):
    for count, (name, done) in enumerate(zip(("ann", "ben", "cem"), three, strict=True), 1):
        await cancel(office.desk, done.row.uid, done.token, "ill")
        await work()
        assert told(caught, f"{name}@example.net") == [("Booked", "REQUEST", 0), ("Cancelled", "CANCEL", 1)]
        if count < 3:
            [event] = events(office)
            assert (len(coming(event)), int(event["SEQUENCE"])) == (3 - count, 2 + count)
            assert name not in str(event["DESCRIPTION"])
            assert told(caught, HOST)[-1] == ("Abgesagt", "REQUEST", 2 + count)
    assert events(office) == []
    assert told(caught, HOST)[-1] == ("Abgesagt", "CANCEL", 5)
    assert [len(caught.to(who)) for who in (ANN, BEN, CEM)] == [2, 2, 2]


async def test_who_comes_after_others_have_left_joins_the_same_event(office, three):
    [before] = events(office)
    await cancel(office.desk, three[0].row.uid, three[0].token)
    await book(office.desk, "alice", "workshop", party("dora"))

    [event] = events(office)
    assert event["UID"] == before["UID"]
    assert coming(event).keys() == {BEN, CEM, "dora@example.net"}


async def test_a_party_that_moves_leaves_one_event_for_another(office, caught, work, three):
    first = events(office)[0]["UID"]
    for done in three[:2]:
        await reschedule(office.desk, done.row.uid, done.token, at("2026-11-25 10:00"), "Europe/Berlin")
        await work()

    one, other = sorted(events(office), key=lambda event: event["DTSTART"].dt)
    assert (one["UID"], coming(one).keys()) == (first, {CEM})
    assert coming(other).keys() == {ANN, BEN}
    assert told(caught, ANN) == [("Booked", "REQUEST", 0), ("New time", "REQUEST", 1)]
    assert len(caught.to(CEM)) == 1
    assert starts(office)[1][TEN] == 2
    await reschedule(office.desk, three[2].row.uid, three[2].token, at("2026-11-25 10:00"), "Europe/Berlin")
    [event] = events(office)
    assert coming(event).keys() == {ANN, BEN, CEM}


async def test_a_host_moves_all_by_the_link(office, caught, work, three):
    [before] = events(office)
    uid = three[1].row.uid
    await reschedule(office.desk, uid, host_token(office, uid), NOON + 3600, "Europe/Berlin")
    await work()

    [event] = events(office)
    assert (event["UID"], event["DTSTART"].dt.hour, len(coming(event))) == (before["UID"], 13, 3)
    assert {row.start for row in office.rows()} == {NOON + 3600}
    for who in (ANN, BEN, CEM):
        assert told(caught, who) == [("Booked", "REQUEST", 0), ("New time", "REQUEST", 1)]
    assert told(caught, HOST)[3:] == [("Neue Zeit", "REQUEST", 3)]
    assert "Ann, Ben und Cem" in caught.to(HOST)[-1].text


async def test_a_host_cannot_move_it_onto_another_of_its_kind(office, three):
    other = await book(office.desk, "alice", "workshop", party("dora", "2026-11-25 10:00"))
    with pytest.raises(SlotTaken):
        await reschedule(office.desk, other.row.uid, host_token(office, other.row.uid), TEN, "Europe/Berlin")
    assert len(events(office)) == 2


async def test_a_host_cancels_one_or_all_by_the_link(office, caught, work, three):
    first = three[0].row.uid
    await cancel(office.desk, first, host_token(office, first), "full")
    assert len(coming(events(office)[0])) == 2
    second = three[1].row.uid
    await cancel(office.desk, second, host_token(office, second), "ill", whole=True)
    await work()

    assert events(office) == []
    assert [row.status for row in office.rows()] == ["cancelled"] * 3
    assert [told(caught, who)[1:] for who in (ANN, BEN, CEM)] == [[("Cancelled", "CANCEL", 1)]] * 3
    assert len(told(caught, HOST)) == 5


async def test_an_invitees_link_never_cancels_others(office, three):
    await cancel(office.desk, three[0].row.uid, three[0].token, whole=True)
    assert sorted(row.status for row in office.rows()) == ["accepted", "accepted", "cancelled"]


def stored(office, person=None):
    [member] = office.db.read_now(members.texts, (person or office.alice).merged)
    return member.href, member.text.replace("\r\n ", "")


async def test_the_host_moves_the_event_in_a_calendar_app(office, caught, work, three):
    href, text = stored(office)
    text = text.replace("T100000", "T130000").replace("T120000", "T150000")
    await implicit.put(office.sync, office.alice, href, text)
    await work()

    assert {(row.start, row.end) for row in office.rows()} == {(NOON + 3600, NOON + 3600 + 7200)}
    for who in (ANN, BEN, CEM):
        assert told(caught, who) == [("Booked", "REQUEST", 0), ("New time", "REQUEST", 1)]
    assert len(caught.to(HOST)) == 3
    assert len(coming(events(office)[0])) == 3


async def test_the_host_deletes_the_event_in_a_calendar_app(office, caught, work, three):
    await implicit.delete(office.sync, office.alice, stored(office)[0])
    await work()

    assert [row.status for row in office.rows()] == ["cancelled"] * 3
    assert [told(caught, who)[1:] for who in (ANN, BEN, CEM)] == [[("Cancelled", "CANCEL", 1)]] * 3
    assert len(caught.to(HOST)) == 3


async def test_what_the_host_wrote_into_the_event_stays(office, work, three):
    href, text = stored(office)
    lines = [line for line in text.splitlines() if not line.startswith("SUMMARY")]
    at_ = next(number for number, line in enumerate(lines) if line.startswith("DESCRIPTION"))
    lines[at_] += "\\nBring the projector."
    lines.insert(at_, "SUMMARY:My workshop")
    await implicit.put(office.sync, office.alice, href, "\r\n".join(lines) + "\r\n")
    await work()
    await cancel(office.desk, three[0].row.uid, three[0].token)

    [event] = events(office)
    assert event["SUMMARY"] == "My workshop"
    assert str(event["DESCRIPTION"]).endswith("cem's topic\nBring the projector.")
    assert "ann" not in str(event["DESCRIPTION"])


async def test_each_partys_answer_by_mail_is_its_own(office, caught, work, three):
    invitation = caught.to(BEN)[0].calendar.replace("\r\n ", "").replace("METHOD:REQUEST", "METHOD:REPLY")
    lines = [line for line in invitation.splitlines() if not line.startswith("ATTENDEE")]
    at_ = next(number for number, line in enumerate(lines) if line.startswith("ORGANIZER"))
    lines.insert(at_, f"ATTENDEE;PARTSTAT=DECLINED:mailto:{BEN}")
    text = "\r\n".join(lines) + "\r\n"
    for sender in (ANN, BEN):
        office.db.write_now(implicit.deliver_mail, office.sync, office.alice, sender, text)
    await work()

    assert {details(row).invitee.email: details(row).reply for row in office.rows()} == {
        ANN: "",
        BEN: "DECLINED",
        CEM: "",
    }
    assert coming(events(office)[0]) == {ANN: "ACCEPTED", BEN: "DECLINED", CEM: "ACCEPTED"}
    assert len(caught.to(HOST)) == 4


async def test_each_party_is_confirmed_by_itself(office, caught, work):
    set_kind(office, confirmation={})
    ann, ben, cem = [await book(office.desk, "alice", "workshop", party(name)) for name in ("ann", "ben", "cem")]
    assert events(office) == []
    with pytest.raises(SlotTaken):
        await book(office.desk, "alice", "workshop", party("dora"))

    await confirm(office.desk, ben.row.uid, host_token(office, ben.row.uid))
    await confirm(office.desk, ann.row.uid, host_token(office, ann.row.uid))
    await decline(office.desk, cem.row.uid, host_token(office, cem.row.uid))
    await work()
    [event] = events(office)
    assert coming(event).keys() == {ANN, BEN}
    assert [kind for kind, *_ in told(caught, CEM)] == ["Requested", "Declined"]
    assert starts(office)[1][TEN] == 1


async def test_who_waits_without_a_seat_finds_one_when_confirmed(office):
    set_kind(office, seats=2, confirmation={"blocks": False})
    parties = [await book(office.desk, "alice", "workshop", party(name)) for name in ("ann", "ben", "cem")]
    for done in parties[:2]:
        await confirm(office.desk, done.row.uid, host_token(office, done.row.uid))
    with pytest.raises(SlotTaken):
        await confirm(office.desk, parties[2].row.uid, host_token(office, parties[2].row.uid))
    [event] = events(office)
    assert coming(event).keys() == {ANN, BEN}


async def test_limits_count_events_not_parties(office):
    set_kind(office, limits=[{"per": "day", "count": 1}])
    for name in ("ann", "ben"):
        await book(office.desk, "alice", "workshop", party(name))
    assert starts(office)[0] == [TEN]


async def test_sixty_at_once_for_ten_seats_are_ten_in_one_event(office):
    set_kind(office, seats=10)
    asked = [party(f"guest{number}", key=f"{number:032}") for number in range(60)]
    results = await asyncio.gather(
        *(book(office.desk, "alice", "workshop", one) for one in asked), return_exceptions=True
    )

    assert [type(one) for one in results if isinstance(one, BaseException)] == [SlotTaken] * 50
    [event] = events(office)
    assert len(coming(event)) == 10
    assert len(str(event["DESCRIPTION"]).splitlines()) == 20
    assert len({row.event for row in office.rows()}) == 1


async def test_overlapping_starts_at_once_are_one(office):
    set_kind(office, step=30, seats=10)
    asked = [party(f"guest{number}", f"2026-11-24 {10 + number // 2 % 4}:{number % 2 * 30:02}") for number in range(40)]
    await asyncio.gather(*(book(office.desk, "alice", "workshop", one) for one in asked), return_exceptions=True)

    spans = sorted((row.start, row.event) for row in office.rows())
    begins = sorted(set(spans))
    assert all(two[0] - one[0] >= 7200 + 900 for one, two in itertools.pairwise(begins))
    assert len(events(office)) == len({event for _, event in spans}) == len({start for start, _ in spans})


async def test_a_calendar_that_refuses_a_party_keeps_the_others(office, caught, work, three):
    shelf = office.connect()
    for name in ("dora", "emil"):
        await book(office.desk, "alice", "workshop", party(name, "2026-11-25 10:00"))
    await work()
    shelf.faults = [RefusedByProvider("no")]
    with pytest.raises(BackendUnavailable):
        await book(office.desk, "alice", "workshop", party("fred", "2026-11-25 10:00"))
    await work()

    later = max(events(office), key=lambda event: event["DTSTART"].dt)
    assert coming(later).keys() == {"dora@example.net", "emil@example.net"}
    assert caught.to("fred@example.net") == []
    assert starts(office, "2026-11-25")[1][at("2026-11-25 10:00")] == 1


async def test_later_parties_come_to_the_host_who_has_the_event(office):
    team = Team(office)
    sales = office.person("sales")
    set_kind(office, sales.id, mode="round_robin", length=60)
    rows = [
        (await book(office.desk, "sales", "workshop", party(name, "2026-11-24 15:00"))).row
        for name in ("ann", "ben", "cem")
    ]
    assert len({row.event for row in rows}) == 1
    assert len({tuple(team.hosts(row)) for row in rows}) == 1
    other = (await book(office.desk, "sales", "workshop", party("dora", "2026-11-24 15:00"))).row
    assert other.event != rows[0].event
    assert team.hosts(other) != team.hosts(rows[0])


async def test_all_hosts_of_a_collective_have_the_event(office, work, caught):
    team = Team(office)
    sales = office.person("sales")
    set_kind(office, sales.id, mode="collective", length=60)
    done = [await book(office.desk, "sales", "workshop", party(name, "2026-11-24 15:00")) for name in ("ann", "ben")]
    for name in ("alice", "bob", "carol"):
        [text] = team.texts(name)
        assert len(coming(icalendar.Calendar.from_ical(text).walk("VEVENT")[0])) == 2 + 2
    bob = team.people["bob"]
    await implicit.delete(office.sync, bob, stored(office, bob)[0])
    await work()
    assert [row.status for row in team.rows()] == ["accepted"] * 2
    for one in done:
        await cancel(office.desk, one.row.uid, one.token)
    assert [team.texts(name) for name in ("alice", "bob", "carol")] == [[], [], []]


@pytest.mark.parametrize(
    "more",
    [
        {"guests": 1},
        {"places": [{"kind": "in-person", "text": "Here"}, {"kind": "in-person", "text": "There"}]},
        {"places": [{"kind": "zoom"}]},
    ],
)
def test_what_does_not_go_with_seats_is_refused(office, more):
    office.db.read_now(check, office.alice, EventType(title="x", **{**more, "seats": 1}))
    with pytest.raises(InvalidInput):
        office.db.read_now(check, office.alice, EventType(title="x", **{**more, "seats": 2}))
