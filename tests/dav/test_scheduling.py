"""Two and more people here, who invite each other by PUT and DELETE alone (RFC 6638)."""

from dataclasses import dataclass

import pytest

from gateway.ical.objects import read_lenient
from tests.dav.conftest import Client, Reply, event, named

PEOPLE = {name: f"{name}@example.com" for name in ("alice", "bob", "carol", "dave")}


def home(name: str) -> str:
    return f"/dav/calendars/{name}/"


def meeting(
    *guests: str, uid: str = "meeting", organizer: str = "alice", more: tuple[str, ...] = (), **times: str
) -> str:
    lines = [
        f"ORGANIZER;CN={organizer}:mailto:{organizer}@example.com",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}@example.com",
        *(f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{guest}@example.com" for guest in guests),
    ]
    return event(uid, times.get("start", "20261124T090000Z"), times.get("end", "20261124T100000Z"), *lines, *more)


@dataclass
class Person:
    """One client of one person."""

    name: str
    ask: Client

    async def put(self, text: str, name: str = "meeting.ics", **headers: str) -> Reply:
        path = f"{home(self.name)}merged/{name}"
        return await self.ask("PUT", path, text, user=self.name, Content_Type="text/calendar", **headers)

    async def delete(self, name: str = "meeting.ics", **headers: str) -> Reply:
        return await self.ask("DELETE", f"{home(self.name)}merged/{name}", user=self.name, **headers)

    async def get(self, name: str = "meeting.ics") -> Reply:
        return await self.ask("GET", f"{home(self.name)}merged/{name}", user=self.name)

    async def text(self, name: str = "meeting.ics") -> str:
        reply = await self.get(name)
        assert reply.status == 200, reply.text
        return reply.text

    async def names(self) -> list[str]:
        return await self._listed("merged")

    async def only(self) -> str:
        """The name of the one object there is."""
        [name] = await self.names()
        return name

    async def inbox(self) -> list[str]:
        """METHODs of what is there, sorted."""
        found = []
        for name in await self._listed("inbox"):
            reply = await self.ask("GET", f"{home(self.name)}inbox/{name}", user=self.name)
            found.append(read_lenient(reply.text).calendar.text("METHOD"))
        return sorted(found)

    async def empty_inbox(self) -> None:
        for name in await self._listed("inbox"):
            await self.ask("DELETE", f"{home(self.name)}inbox/{name}", user=self.name)

    async def _listed(self, collection: str) -> list[str]:
        path = f"{home(self.name)}{collection}/"
        reply = await self.ask.propfind(path, "D:getetag", depth="1", user=self.name)
        return [one.removeprefix(path) for one in reply.hrefs if one != path]

    async def answer(self, partstat: str, name: str = "meeting.ics", **headers: str) -> Reply:
        text = await self.text(name)
        mine = f"mailto:{self.name}@example.com"
        [line] = [one for one in unfolded(text) if one.startswith("ATTENDEE") and one.endswith(mine)]
        return await self.put(
            text.replace("\r\n ", "").replace(line, f"ATTENDEE;PARTSTAT={partstat}:{mine}"), name, **headers
        )


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def answers(text: str) -> dict[str, str]:
    """Who -> PARTSTAT."""
    lines = read_lenient(text).components[0].all("ATTENDEE")
    return {one.value.split(":")[1].split("@")[0]: one.param("PARTSTAT") or "" for one in lines}


def statuses(text: str) -> dict[str, str | None]:
    lines = read_lenient(text).components[0].all("ATTENDEE")
    return {one.value.split(":")[1].split("@")[0]: one.param("SCHEDULE-STATUS") for one in lines}


@pytest.fixture
def alice(ask: Client) -> Person:
    return Person("alice", ask)


@pytest.fixture
def bob(ask: Client) -> Person:
    return Person("bob", ask)


@pytest.fixture
def carol(ask: Client) -> Person:
    return Person("carol", ask)


async def test_who_is_invited_has_the_event_and_a_message(alice: Person, bob: Person) -> None:
    reply = await alice.put(meeting("bob"))
    assert (reply.status, "etag" in reply.headers) == (201, False)  # SCHEDULE-STATUS was added
    assert statuses(await alice.text()) == {"alice": None, "bob": "1.2"}
    assert answers(await bob.text()) == {"alice": "ACCEPTED", "bob": "NEEDS-ACTION"}
    assert await bob.inbox() == ["REQUEST"]
    assert await alice.inbox() == []


async def test_an_answer_reaches_the_organizer(alice: Person, bob: Person) -> None:
    await alice.put(meeting("bob"))
    assert (await bob.answer("ACCEPTED")).status == 204
    assert answers(await alice.text()) == {"alice": "ACCEPTED", "bob": "ACCEPTED"}
    assert await alice.inbox() == ["REPLY"]


async def test_nobody_invited_any_more_is_a_plain_event_that_can_be_deleted(alice: Person, bob: Person) -> None:
    await alice.put(meeting("bob"))
    reply = await alice.put(event("meeting"))
    assert (reply.status, "schedule-tag" in reply.headers) == (204, False)
    assert "STATUS:CANCELLED" in await bob.text()
    assert (await alice.delete()).status == 204
    assert await alice.names() == []


async def test_schedule_tag_is_a_header_and_a_property(alice: Person, bob: Person) -> None:
    tag = (await alice.put(meeting("bob"))).headers["schedule-tag"]
    path = f"{home('alice')}merged/meeting.ics"

    assert (await alice.get()).headers["schedule-tag"] == tag
    assert (await alice.ask.propfind(path, "C:schedule-tag")).value(path, "C:schedule-tag") == tag
    await bob.answer("ACCEPTED")
    assert (await alice.get()).headers["schedule-tag"] == tag
    reply = await alice.put(meeting("bob"), If_Schedule_Tag_Match='"another"')
    assert (reply.status, await alice.inbox()) == (412, ["REPLY"])
    reply = await alice.delete(If_Schedule_Tag_Match=tag)
    assert (reply.status, await bob.inbox()) == (204, ["CANCEL", "REQUEST"])


async def test_a_guests_own_changes_change_their_schedule_tag_alone(alice: Person, bob: Person, carol: Person) -> None:
    """RFC 6638 3.2.10: directly changed by a request is another tag, answers that come in are none."""
    everybody = (alice, bob, carol)
    await alice.put(meeting("bob", "carol"))
    name = await bob.only()

    async def tags() -> list[str]:
        return [(await one.get(await one.only())).headers["schedule-tag"] for one in everybody]

    seen = [await tags()]
    path = f"{home('bob')}merged/{name}"
    alarm = "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT"
    text = await bob.text(name)
    steps = (
        lambda: bob.answer("TENTATIVE", name, If_Schedule_Tag_Match=seen[0][1]),
        lambda: bob.answer("ACCEPTED", name),
        lambda: bob.put(
            text.replace("END:VEVENT", alarm).replace("NEEDS-ACTION;RSVP=TRUE:mailto:b", "ACCEPTED:mailto:b"), name
        ),
    )
    for step in steps:
        reply = await step()
        seen.append(await tags())
        assert (reply.status, reply.headers["schedule-tag"]) == (204, seen[-1][1])
        assert (await bob.ask.propfind(path, "C:schedule-tag", user="bob")).value(path, "C:schedule-tag") == seen[-1][1]
    assert [len({tags[number] for tags in seen}) for number in range(3)] == [1, 4, 1]

    late = await bob.put(text, name, If_Schedule_Tag_Match=seen[0][1])
    assert (late.status, answers(await alice.text())["bob"]) == (412, "ACCEPTED")


async def test_what_is_refused_names_its_precondition(alice: Person, bob: Person) -> None:
    await alice.put(meeting("bob"))
    other = await alice.put(meeting("bob", organizer="bob"))
    moved = await bob.put((await bob.text(await bob.only())).replace("T090000Z", "T080000Z"), await bob.only())

    assert (other.status, other.condition) == (403, "C:allowed-organizer-scheduling-object-change")
    assert (moved.status, moved.condition) == (403, "C:allowed-attendee-scheduling-object-change")
    assert (await alice.inbox(), await bob.inbox()) == ([], ["REQUEST"])


async def test_silence_is_obeyed(alice: Person, bob: Person) -> None:
    await alice.put(meeting("bob"))
    assert (await bob.delete(await bob.only(), Schedule_Reply="F")).status == 204
    assert await alice.inbox() == []


async def test_a_copy_in_another_calendar_is_refused_and_a_move_tells_nobody(alice: Person, bob: Person) -> None:
    tag = (await alice.put(meeting("bob"))).headers["schedule-tag"]
    await alice.ask("MKCALENDAR", f"{home('alice')}work/")
    source, target = f"{home('alice')}merged/meeting.ics", f"{home('alice')}work/m.ics"

    copied = await alice.ask("COPY", source, Destination=target)
    assert (copied.status, copied.condition) == (403, "C:unique-scheduling-object-resource")
    refused = await alice.ask("MOVE", source, Destination=target, If_Schedule_Tag_Match='"another"')
    assert refused.status == 412
    moved = await alice.ask("MOVE", source, Destination=target, If_Schedule_Tag_Match=tag)
    assert (moved.status, await bob.inbox()) == (201, ["REQUEST"])
    assert (await alice.ask("GET", target)).headers["schedule-tag"] == tag


async def test_deleting_a_calendar_cancels_and_declines(alice: Person, bob: Person, carol: Person) -> None:
    await alice.ask("MKCALENDAR", f"{home('alice')}work/")
    await alice.ask("PUT", f"{home('alice')}work/m.ics", meeting("bob"), Content_Type="text/calendar")

    assert (await alice.ask("DELETE", f"{home('alice')}work/")).status == 204
    assert await bob.inbox() == ["CANCEL", "REQUEST"]


async def test_it_is_busy_time_at_once(alice: Person, bob: Person) -> None:
    await alice.put(meeting("bob"))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//EN",
        "METHOD:REQUEST",
        "BEGIN:VFREEBUSY",
        "UID:question",
        "DTSTAMP:20261121T120000Z",
        "DTSTART:20261124T000000Z",
        "DTEND:20261125T000000Z",
        "ORGANIZER:mailto:alice@example.com",
        "ATTENDEE:mailto:bob@example.com",
        "END:VFREEBUSY",
        "END:VCALENDAR",
        "",
    ]
    reply = await alice.ask("POST", f"{home('alice')}outbox/", "\r\n".join(lines), Content_Type="text/calendar")
    assert "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261124T090000Z/20261124T100000Z" in reply.text


async def test_the_boxes_say_what_may_be_sent_and_delivered(alice: Person) -> None:
    found = {}
    for box in ("inbox", "outbox"):
        path = f"{home('alice')}{box}/"
        reply = await alice.ask.propfind(path, "D:current-user-privilege-set")
        held = {named(one[0]) for one in reply.props(path)["200"]["D:current-user-privilege-set"]}
        found[box] = {name.removeprefix("C:") for name in held if name.startswith("C:schedule")}

    assert found["outbox"] == {"schedule-send", *(f"schedule-send-{kind}" for kind in ("invite", "reply", "freebusy"))}
    delivered = {f"schedule-deliver-{kind}" for kind in ("invite", "reply")}
    assert found["inbox"] == {"schedule-deliver", "schedule-query-freebusy", *delivered}
