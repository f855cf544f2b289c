"""Whom an invitee brings: invited, told of each change, free to go; and no tool to send strangers words."""

import icalendar
import pytest

from gateway.booking.book import book, cancel, reschedule
from gateway.booking.confirm import confirm
from gateway.booking.guests import add_guests, bidden, leave, uninvite
from gateway.booking.model import details
from gateway.errors import BackendUnavailable, InvalidInput, NotFound, RefusedByProvider, SlotTaken
from gateway.scheduling import implicit
from gateway.store import bookings, members
from tests.booking.office import at, wish

GUEST, HOST, ANN, BEN = "joerg@example.org", "alice@example.com", "ann@example.net", "ben@example.net"
LUNCH = {
    "title": "Lunch",
    "length": 60,
    "guests": 3,
    "places": [{"kind": "in-person", "text": "Kantine"}],
}


@pytest.fixture
def office(mailing):
    set_kind(mailing)
    return mailing


def set_kind(office, **more):
    office.db.write_now(bookings.put_event_type, office.alice.id, "lunch", {**LUNCH, **more})


@pytest.fixture
async def done(office, work):
    found = await book(
        office.desk, "alice", "lunch", wish(guests=(ANN, BEN), note="Bring money to http://evil.example")
    )
    await work()
    return found


def event(office):
    [text] = office.texts()
    return icalendar.Calendar.from_ical(text).walk("VEVENT")[0]


def attendees(event):
    return {str(one).removeprefix("mailto:"): one.params["PARTSTAT"] for one in event["ATTENDEE"]}


def row(office):
    [found] = office.rows()
    return found


def told(caught, address):
    """(first word of the subject, METHOD, SEQUENCE) of each of somebody's mails."""
    found = []
    for mail in caught.to(address):
        inside = icalendar.Calendar.from_ical(mail.calendar) if mail.calendar else None
        ics = () if inside is None else (str(inside["METHOD"]), int(inside.walk("VEVENT")[0]["SEQUENCE"]))
        found.append((mail.message["Subject"].partition(":")[0].strip(), *ics))
    return found


def everything(mail):
    return str(mail.message["Subject"]) + mail.text + mail.html + mail.calendar.replace("\r\n ", "")


def link(caught, address, part="/guest?token="):
    [found] = {word for word in caught.to(address)[0].text.split() if part in word}
    return found.partition("token=")[2]


async def test_guests_are_attendees_of_the_event_and_of_each_invitation(office, caught, done):
    assert attendees(event(office)) == {
        HOST: "ACCEPTED", GUEST: "ACCEPTED", ANN: "NEEDS-ACTION", BEN: "NEEDS-ACTION",
    }  # fmt: skip
    for who in (GUEST, ANN, BEN):
        [mail] = caught.to(who)
        inside = icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")[0]
        assert attendees(inside).keys() == {HOST, GUEST, ANN, BEN}
        assert inside["UID"] == done.row.uid
    assert told(caught, ANN) == [("Invitation", "REQUEST", 0)]
    assert "Guests: ann@example.net, ben@example.net" in caught.to(GUEST)[0].text


async def test_a_guest_reads_nothing_that_a_stranger_wrote_but_a_name(office, caught, done):
    [mail] = caught.to(ANN)

    assert "evil.example" not in everything(mail)
    assert "Jörg Müller would like you to come to an appointment with Alice Hartmann." in mail.text
    assert done.token not in everything(mail)
    assert "reschedule" not in mail.text.lower()
    assert "cancel=1" not in mail.text
    assert "Kantine" in mail.text


@pytest.mark.parametrize(
    "name",
    ["Win at casino.example", "http://x", "www.x", "ann@evil.example", "a/b", "x" * 61],
)
async def test_a_name_that_leads_somewhere_is_not_shown_to_guests(office, caught, work, name):
    await book(office.desk, "alice", "lunch", wish(name=name, guests=(ANN,)))
    await work()

    [mail] = caught.to(ANN)
    assert name not in mail.text + mail.calendar.replace("\r\n ", "") + str(mail.message["Subject"])
    assert f"{GUEST} would like you to come" in mail.text


@pytest.mark.parametrize(
    ("kind", "place", "shown"),
    [
        ("ask-invitee", "Café Einstein", True),
        ("ask-invitee", "https://evil.example", False),
        ("call-invitee", "+49 30 1", False),
    ],
)
async def test_a_place_of_the_invitees_is_told_where_it_is_one(office, caught, work, kind, place, shown):
    set_kind(office, places=[{"kind": kind}])
    await book(office.desk, "alice", "lunch", wish(guests=(ANN,), place=place))
    await work()

    [mail] = caught.to(ANN)
    assert (place in mail.text, place in mail.calendar) == (shown, shown)


async def test_one_mail_for_each_guest_and_change(office, caught, work, done):
    await reschedule(office.desk, done.row.uid, done.token, at("2026-11-24 12:00"), "Europe/Berlin")
    await work()
    await cancel(office.desk, done.row.uid, done.token, "Buy at http://evil.example")
    await work()

    assert told(caught, ANN) == told(caught, BEN)
    assert told(caught, ANN) == [("Invitation", "REQUEST", 0), ("New time", "REQUEST", 1), ("Cancelled", "CANCEL", 2)]
    assert not [mail for mail in caught.to(ANN) if "evil.example" in everything(mail)]


async def test_who_comes_anyway_or_is_named_twice_is_one(office, caught, work):
    more = (ANN, ANN.upper(), GUEST.title(), HOST, BEN)
    await book(office.desk, "alice", "lunch", wish(guests=more))
    await work()

    assert [one.email for one in details(row(office)).guests] == [ANN, BEN]
    assert len(caught.to(GUEST)) == len(caught.to(HOST)) == 1


async def test_more_than_are_allowed_are_refused(office):
    with pytest.raises(InvalidInput):
        await book(office.desk, "alice", "lunch", wish(guests=[f"g{n}@example.net" for n in range(4)]))
    with pytest.raises(InvalidInput):
        await book(office.desk, "alice", "check-in", wish(guests=(ANN,)))
    assert office.rows() == []


async def test_a_guest_is_added_later(office, caught, work, done):
    await add_guests(office.desk, done.row.uid, done.token, [ANN, "cem@example.net"])
    await work()

    assert attendees(event(office)).keys() == {HOST, GUEST, ANN, BEN, "cem@example.net"}
    assert event(office)["SEQUENCE"] == 1
    assert told(caught, "cem@example.net") == [("Invitation", "REQUEST", 1)]
    assert told(caught, GUEST)[1:] == [("Guests", "REQUEST", 1)]
    assert told(caught, HOST)[1:] == [("Gäste", "REQUEST", 1)]
    assert len(caught.to(ANN)) == 1
    with pytest.raises(InvalidInput):
        await add_guests(office.desk, done.row.uid, done.token, ["dora@example.net"])


async def test_nobody_is_added_without_the_link_or_afterwards(office, caught, done):
    with pytest.raises(NotFound):
        await add_guests(office.desk, done.row.uid, link(caught, ANN), ["cem@example.net"])
    await cancel(office.desk, done.row.uid, done.token)
    with pytest.raises(SlotTaken):
        await add_guests(office.desk, done.row.uid, done.token, ["cem@example.net"])


async def test_a_guest_leaves_by_their_link_and_hears_nothing_more(office, caught, work, done):
    token = link(caught, ANN)
    await leave(office.desk, done.row.uid, token)
    assert attendees(event(office)).keys() == {HOST, GUEST, BEN}
    await add_guests(office.desk, done.row.uid, done.token, [ANN])
    await reschedule(office.desk, done.row.uid, done.token, at("2026-11-24 12:00"), "Europe/Berlin")
    await work()

    assert len(caught.to(ANN)) == 1
    assert attendees(event(office)).keys() == {HOST, GUEST, BEN}
    found = office.db.read_now(bidden, done.row.uid, token)
    assert (found.guest.email, found.guest.gone) == (ANN, True)


@pytest.mark.parametrize("by", ["invitee", "host"])
async def test_a_guest_who_is_taken_off_is_told_alone_and_may_be_invited_again(office, caught, work, done, by):
    token = done.token if by == "invitee" else office.desk.sealer.open(details(row(office)).host_token.encode())
    for _ in range(2):
        await uninvite(office.desk, done.row.uid, token, ANN.upper())
        await work()

    assert attendees(event(office)).keys() == {HOST, GUEST, BEN}
    assert told(caught, ANN) == [("Invitation", "REQUEST", 0), ("Invitation withdrawn", "CANCEL", 1)]
    assert "You are not expected any more." in caught.to(ANN)[-1].text
    assert "guest?token=" not in caught.to(ANN)[-1].text
    assert [len(caught.to(one)) for one in (HOST, GUEST, BEN)] == [1, 1, 1]
    assert office.db.read_now(bidden, done.row.uid, link(caught, ANN)).guest.gone

    await reschedule(office.desk, done.row.uid, done.token, at("2026-11-24 12:00"), "Europe/Berlin")
    await work()
    assert len(caught.to(ANN)) == 2
    await add_guests(office.desk, done.row.uid, done.token, [ANN])
    await work()
    assert told(caught, ANN)[2:] == [("Invitation", "REQUEST", 2)]
    assert [(one.email, one.gone) for one in details(row(office)).guests] == [(BEN, False), (ANN, False)]
    assert attendees(event(office)).keys() == {HOST, GUEST, ANN, BEN}


async def test_who_never_heard_of_it_hears_nothing_of_being_taken_off(office, caught, work):
    done = await book(office.desk, "alice", "lunch", wish(guests=(ANN, BEN)))
    await uninvite(office.desk, done.row.uid, done.token, ANN)
    await work()

    assert (told(caught, ANN), len(caught.to(BEN))) == ([], 1)


async def test_of_what_waits_guests_are_taken_off_without_a_mail(office, caught, work):
    set_kind(office, confirmation={})
    done = await book(office.desk, "alice", "lunch", wish(guests=(ANN, BEN)))
    await uninvite(office.desk, done.row.uid, done.token, ANN)
    await confirm(office.desk, done.row.uid, office.desk.sealer.open(details(row(office)).host_token.encode()))
    await work()

    assert (told(caught, ANN), told(caught, BEN)) == ([], [("Invitation", "REQUEST", 1)])


async def test_nobody_else_takes_a_guest_off_nor_afterwards(office, caught, done):
    with pytest.raises(NotFound):
        await uninvite(office.desk, done.row.uid, link(caught, BEN), ANN)
    await uninvite(office.desk, done.row.uid, done.token, "nobody@example.net")
    assert [one.email for one in details(row(office)).guests] == [ANN, BEN]
    await cancel(office.desk, done.row.uid, done.token)
    with pytest.raises(SlotTaken):
        await uninvite(office.desk, done.row.uid, done.token, ANN)


async def test_of_a_series_a_guest_is_taken_off_every_date(office, caught, work):
    set_kind(office, series={"count": 3})
    done = await book(office.desk, "alice", "lunch", wish(guests=(ANN,)))
    await work()
    await uninvite(office.desk, done.row.uid, done.token, ANN)
    await work()

    assert len(caught.to(ANN)) == 2
    inside = icalendar.Calendar.from_ical(caught.to(ANN)[-1].calendar).walk("VEVENT")
    assert [(one["STATUS"], "RRULE" in one, "RECURRENCE-ID" in one) for one in inside] == [("CANCELLED", True, False)]
    assert attendees(event(office)).keys() == {HOST, GUEST}


async def test_a_guests_link_opens_nothing_else(office, caught, done):
    token = link(caught, ANN)

    for act in (cancel, confirm):
        with pytest.raises(NotFound):
            await act(office.desk, done.row.uid, token)
    for wrong in ("", "x" * 22, done.token):
        with pytest.raises(NotFound):
            await leave(office.desk, done.row.uid, wrong)


def answer(office, who, partstat):
    text = office.texts()[0].replace("\r\n ", "")
    lines = [line for line in text.splitlines() if not line.startswith("ATTENDEE")]
    at_ = next(at for at, line in enumerate(lines) if line.startswith("ORGANIZER"))
    lines.insert(at_, f"ATTENDEE;PARTSTAT={partstat}:mailto:{who}")
    return "\r\n".join(["BEGIN:VCALENDAR", "METHOD:REPLY", *lines[1:]]) + "\r\n"


async def test_a_guests_answer_is_noted_and_nobody_is_mailed(office, caught, work, done):
    for who, sender in ((ANN, ANN), (BEN, ANN)):
        text = answer(office, who, "DECLINED")
        office.db.write_now(implicit.deliver_mail, office.sync, office.alice, sender, text)
        await work()

    assert [(one.email, one.reply) for one in details(row(office)).guests] == [(ANN, "DECLINED"), (BEN, "")]
    assert attendees(event(office)) == {HOST: "ACCEPTED", GUEST: "ACCEPTED", ANN: "DECLINED", BEN: "NEEDS-ACTION"}
    assert len(caught.to(HOST)) == 1

    await reschedule(office.desk, done.row.uid, done.token, at("2026-11-24 12:00"), "Europe/Berlin")
    assert attendees(event(office))[ANN] == "NEEDS-ACTION"


async def test_what_waits_for_an_answer_invites_nobody_yet(office, caught, work):
    set_kind(office, confirmation={})
    done = await book(office.desk, "alice", "lunch", wish(guests=(ANN,)))
    await add_guests(office.desk, done.row.uid, done.token, [BEN])
    await work()
    assert caught.to(ANN) == caught.to(BEN) == []

    await confirm(office.desk, done.row.uid, office.desk.sealer.open(details(row(office)).host_token.encode()))
    await work()
    assert told(caught, ANN) == told(caught, BEN) == [("Invitation", "REQUEST", 2)]


async def test_an_event_moved_in_a_calendar_app_is_told_to_guests(office, caught, work, done):
    [text] = office.texts()
    [href] = [one.href for one in office.db.read_now(members.texts, office.alice.merged)]
    await implicit.put(
        office.sync, office.alice, href, text.replace("T100000", "T120000").replace("T110000", "T130000")
    )
    await work()

    assert told(caught, ANN)[1:] == [("New time", "REQUEST", 1)]


async def test_a_calendar_that_refuses_has_nobody_invited(office, caught, work):
    shelf = office.connect()
    done = await book(office.desk, "alice", "lunch", wish())
    await work()
    shelf.faults = [RefusedByProvider("no")]

    with pytest.raises(BackendUnavailable):
        await add_guests(office.desk, done.row.uid, done.token, [ANN])
    await work()

    assert (details(row(office)).guests, caught.to(ANN), len(caught.to(GUEST))) == ((), [], 1)
