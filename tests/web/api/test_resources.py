"""Each subject of the API: the same as on the pages, and nothing of others."""

import pytest

from gateway.accounts.people import add_team
from gateway.backends.base import Unanswered
from gateway.booking.book import book
from gateway.booking.model import EventType, document
from gateway.booking.slots import Mode
from gateway.store import accounts, bookings, delegates, principals
from gateway.web.api.resources.free_busy import WHY
from tests.booking.office import at, wish

SPAN = "start=2026-11-24T00:00:00Z&end=2026-11-25T00:00:00Z"
INVITEE = {"name": "Jörg Müller", "email": "joerg@example.org", "zone": "America/New_York", "language": "en-US"}
NEW = {"event_type": "check-in", "start": "2026-11-24T09:00:00Z", "invitee": INVITEE}


def kind(problem):
    return problem["type"].rpartition("#")[2]


async def test_whose_key_it_is(api, key_for):
    status, told, _ = await api("GET", "/me", key=key_for("slots:read", "bookings:read"))
    assert status == 200
    assert (told["name"], told["zone"], told["scopes"]) == ("alice", "Europe/Berlin", ["bookings:read", "slots:read"])
    assert told["page"].endswith("/alice")


class TestEventTypes:
    async def test_listed_in_order_page_by_page(self, api):
        found, cursor = [], ""
        while True:
            _, told, _ = await api("GET", f"/event-types?limit=2&cursor={cursor}")
            found += [one["slug"] for one in told["items"]]
            cursor = told["next"]
            if cursor is None:
                break
        assert found == ["check-in", "one-on-one", "consulting", "far-away", "never"]

    async def test_made_read_replaced_and_deleted(self, api, client):
        body = {"slug": "advice", "title": {"de": "Rat", "en": "Advice"}, "length": 45, "places": [{"kind": "jitsi"}]}
        status, made, headers = await api("POST", "/event-types", body)
        assert (status, headers["Location"]) == (201, "/api/v1/event-types/advice")
        assert (made["title"], made["length"], made["hidden"]) == ({"de": "Rat", "en": "Advice"}, 45, False)
        assert (await client.get("/alice/advice")).status == 200

        assert (await api("GET", "/event-types/advice"))[1] == made

        status, replaced, _ = await api("PUT", "/event-types/advice", {"title": "Counsel", "hidden": True})
        assert (status, replaced["title"], replaced["length"]) == (200, {"": "Counsel"}, 30)
        assert "Counsel" not in await (await client.get("/alice")).text()

        assert (await api("DELETE", "/event-types/advice"))[:2] == (204, "")
        assert (await api("GET", "/event-types/advice"))[0] == 404
        assert (await api("DELETE", "/event-types/advice"))[0] == 404
        assert (await api("PUT", "/event-types/advice", {"title": "Again"}))[0] == 404

    async def test_a_deleted_one_leaves_its_bookings(self, api, office):
        await book(office.desk, "alice", "check-in", wish())
        await api("DELETE", "/event-types/check-in")
        _, told, _ = await api("GET", "/bookings")
        assert [(one["event_type"], one["title"]) for one in told["items"]] == [(None, "Kurz gesprochen")]
        assert (await api("POST", f"/bookings/{told['items'][0]['uid']}/cancel", {}))[0] == 200

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"length": 0}, "/length"),
            ({"length": 10**30}, "/length"),
            ({"zone": "Europe/Atlantis"}, "/zone"),
            ({"zone": "../../etc/passwd"}, "/zone"),
            ({"color": "red; background: url(//x)"}, "/color"),
            ({"title": "a\u0000b"}, None),
            ({"title": {"de": "x" * 2001}}, None),
            ({"title": {"<b>": "x"}}, None),
            ({"places": [{"kind": "jitsi"}, {"kind": "moon"}]}, "/places/1/kind"),
            ({"places": [{"kind": "link", "text": "https://{name}.example"}]}, "/places/0/text"),
            ({"places": [{"kind": "jitsi"}] * 2}, "/places"),
            ({"places": []}, "/places"),
            ({"hours": {"zone": "Mars/Base", "weekly": [[]] * 7}}, "/hours/zone"),
            ({"hours": {"weekly": [["9-17"]] * 7}}, "/hours/weekly/0/0"),
            ({"hours": {"weekly": [[]] * 6}}, "/hours/weekly"),
            ({"window": {"kind": "between", "first": "2026-13-01", "last": "2026-12-01"}}, "/window/between/first"),
            ({"questions": [{"name": "a", "label": "A"}, {"name": "a", "label": "B"}]}, "/questions"),
            ({"questions": [{"name": "Name\r\nX", "label": "A"}]}, "/questions/0/name"),
            ({"limits": [{"per": "day", "count": 1}] * 17}, "/limits"),
        ],
    )
    async def test_what_makes_no_sense_is_refused_with_its_place(self, api, change, pointer):
        status, problem, _ = await api("POST", "/event-types", {"slug": "odd", "title": "Odd", **change})
        assert (status, kind(problem)) == (422, "invalid")
        assert pointer is None or pointer in {one["pointer"] for one in problem["errors"]}

    async def test_markup_in_texts_stays_text(self, api, client):
        await api("POST", "/event-types", {"slug": "evil", "title": "<script>alert(1)</script>"})
        html = await (await client.get("/alice/evil")).text()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html

    async def test_those_of_others_are_out_of_reach(self, api, key_for):
        bob = key_for(name="bob")
        assert (await api("GET", "/event-types/check-in", key=bob))[0] == 404
        assert (await api("DELETE", "/event-types/check-in", key=bob))[0] == 404
        assert (await api("GET", "/event-types", key=bob))[1] == {"items": [], "next": None}


WEEK = [["09:00-12:00", "13:00-17:00"]] * 5 + [[], []]
HOURS = {"name": "Office", "zone": "Europe/Berlin", "weekly": WEEK}


class TestSchedules:
    async def test_made_replaced_and_deleted(self, api):
        status, first, headers = await api("POST", "/schedules", HOURS)
        assert (status, first["standard"], first["weekly"]) == (201, True, WEEK)
        assert headers["Location"] == f"/api/v1/schedules/{first['id']}"
        _, second, _ = await api("POST", "/schedules", {**HOURS, "name": "Late", "weekly": [["18:00-02:00"]] * 7})
        path = f"/schedules/{second['id']}"
        change = {
            **HOURS,
            "zone": "Asia/Kolkata",
            "dates": [{"date": "2026-12-24"}, {"date": "2026-12-12", "windows": ["10:00-11:30"]}],
            "absences": [{"first": "2027-01-04", "last": "2027-01-08", "reason": "Ski", "shown": True}],
            "travel": [{"first": "2027-02-01", "last": "2027-02-05", "zone": "America/New_York"}],
            "standard": True,
        }
        status, told, _ = await api("PUT", path, change)
        assert (status, told["zone"], told["standard"], told["notes"]) == (200, "Asia/Kolkata", True, 0)
        assert told["dates"] == [
            {"date": "2026-12-12", "windows": ["10:00-11:30"]},
            {"date": "2026-12-24", "windows": []},
        ]
        assert told["absences"] == [{**change["absences"][0], "stand_in": ""}]
        assert told["travel"] == change["travel"]
        assert (await api("GET", path))[1] == told
        assert [one["name"] for one in (await api("GET", "/schedules"))[1]["items"]] == ["Office", "Office"]
        assert (await api("DELETE", path))[0] == 409
        assert (await api("DELETE", f"/schedules/{first['id']}"))[0] == 204
        assert len((await api("GET", "/schedules"))[1]["items"]) == 1

    async def test_slots_follow_them(self, api):
        await api("POST", "/schedules", {**HOURS, "weekly": [["09:00-10:00"]] * 7})
        _, told, _ = await api("GET", f"/slots?event_type=check-in&{SPAN}")
        assert len(told["items"]) == 4

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"weekly": [["09:00-25:00"]] * 7}, "/weekly/0/0"),
            ({"weekly": [[]] * 6}, "/weekly"),
            ({"zone": ""}, "/zone"),
            ({"dates": [{"date": "0001-01-01"}]}, "/dates/0/date"),
            ({"dates": [{"date": "2026-12-24"}] * 2}, "/dates"),
            ({"absences": [{"first": "2027-01-08", "last": "2027-01-04"}]}, "/absences/0/last"),
            ({"absences": [{"first": "2027-01-08", "last": "2037-01-04"}]}, "/absences/0/last"),
            ({"absences": [{"first": "2027-01-04", "last": "2027-01-08", "stand_in": "bob"}]}, "/absences/0/stand_in"),
            ({"absences": [{"first": "2027-01-04", "last": "2027-01-08", "reason": "a\r\nb"}]}, "/absences/0/reason"),
            ({"travel": [{"first": "2027-01-04", "last": "2027-01-08", "zone": "Asia/Tokyo"}] * 2}, "/travel"),
        ],
    )
    async def test_what_makes_no_sense_is_refused_with_its_place(self, api, change, pointer):
        status, problem, _ = await api("POST", "/schedules", {**HOURS, **change})
        assert (status, [one["pointer"] for one in problem["errors"]][:1]) == (422, [pointer])

    async def test_those_of_others_are_out_of_reach(self, api, key_for):
        _, made, _ = await api("POST", "/schedules", HOURS)
        bob = key_for(name="bob")
        assert (await api("GET", f"/schedules/{made['id']}", key=bob))[0] == 404
        assert (await api("PUT", f"/schedules/{made['id']}", HOURS, key=bob))[0] == 404
        assert (await api("DELETE", f"/schedules/{made['id']}", key=bob))[0] == 404

    async def test_there_are_so_many_at_most(self, api):
        for _ in range(20):
            assert (await api("POST", "/schedules", HOURS))[0] == 201
        assert (await api("POST", "/schedules", HOURS))[0] == 409


class TestSlots:
    async def test_those_of_the_page(self, api):
        status, told, _ = await api("GET", f"/slots?event_type=check-in&{SPAN}&zone=Europe/Berlin")
        assert status == 200
        assert told["items"][0] == {"start": "2026-11-24T08:00:00Z", "end": "2026-11-24T08:15:00Z", "seats_left": None}
        assert len(told["items"]) == 8 * 4

    async def test_of_somebody_else(self, api, key_for):
        bob = key_for(name="bob")
        _, told, _ = await api("GET", f"/slots?event_type=check-in&host=alice&{SPAN}", key=bob)
        assert len(told["items"]) == 32
        assert (await api("GET", f"/slots?event_type=check-in&{SPAN}", key=bob))[0] == 404

    @pytest.mark.parametrize(
        ("query", "parameter"),
        [
            ("event_type=check-in&start=2026-11-25T00:00:00Z&end=2026-11-24T00:00:00Z", "end"),
            ("event_type=check-in&start=2026-11-24T00:00:00Z&end=2027-11-24T00:00:00Z", "end"),
            (f"event_type=check-in&{SPAN}&zone=Mars/Base", "zone"),
            (f"event_type=check-in&{SPAN}&zone=", "zone"),
            (SPAN, "event_type"),
        ],
    )
    async def test_questions_that_make_no_sense(self, api, query, parameter):
        status, problem, _ = await api("GET", f"/slots?{query}")
        assert (status, [one["parameter"] for one in problem["errors"]]) == (422, [parameter])


class TestBookings:
    async def test_made_seen_moved_and_cancelled(self, api, office, client):
        status, made, headers = await api("POST", "/bookings", {**NEW, "note": "Hello"})
        assert (status, headers["Location"]) == (201, f"/api/v1/bookings/{made['uid']}")
        assert (made["status"], made["start"], made["end"]) == (
            "accepted",
            "2026-11-24T09:00:00Z",
            "2026-11-24T09:15:00Z",
        )
        assert made["invitee"] == {**INVITEE, "language": "en_US"}
        assert made["uid"] in office.texts()[0]
        assert made["hosts"] == ["alice"]
        assert (await client.get(made["url"].removeprefix(office.settings.server.base_url))).status == 200

        assert (await api("GET", f"/bookings/{made['uid']}"))[1] == made

        status, moved, _ = await api("POST", f"/bookings/{made['uid']}/reschedule", {"start": "2026-11-24T10:00:00Z"})
        assert (status, moved["start"], moved["uid"]) == (200, "2026-11-24T10:00:00Z", made["uid"])

        status, gone, _ = await api("POST", f"/bookings/{made['uid']}/cancel", {"reason": "ill"})
        assert (status, gone["status"], gone["reason"]) == (200, "cancelled", "ill")
        assert office.texts() == []

    async def test_guests_are_named_and_added(self, api, office):
        kind = {"title": "Lunch", "guests": 2}
        office.db.write_now(bookings.put_event_type, office.alice.id, "lunch", kind)
        new = {**NEW, "event_type": "lunch", "guests": ["ann@example.net"]}
        assert (await api("POST", "/bookings", {**new, "guests": ["ann"]}))[0] == 422
        _, made, _ = await api("POST", "/bookings", new)
        assert made["guests"] == [{"email": "ann@example.net", "reply": "", "gone": False}]

        more = {"guests": ["Ann@example.net", "ben@example.net"]}
        status, told, _ = await api("POST", f"/bookings/{made['uid']}/guests", more)
        assert (status, [one["email"] for one in told["guests"]]) == (200, ["ann@example.net", "ben@example.net"])
        status, problem, _ = await api("POST", f"/bookings/{made['uid']}/guests", {"guests": ["c@example.net"]})
        assert (status, [one["pointer"] for one in problem["errors"]]) == (422, ["/guests"])

        for _ in range(2):
            status, told, _ = await api("DELETE", f"/bookings/{made['uid']}/guests?email=ann@example.net")
            assert (status, [one["email"] for one in told["guests"]]) == (200, ["ben@example.net"])
        assert (await api("DELETE", f"/bookings/{made['uid']}/guests"))[0] == 422
        assert (await api("DELETE", "/bookings/nothing/guests?email=ann@example.net"))[0] == 404

    async def test_parties_share_an_event(self, api, office):
        kind = {"title": "Workshop", "seats": 2, "show_seats": True}
        office.db.write_now(bookings.put_event_type, office.alice.id, "workshop", kind)
        new = {**NEW, "event_type": "workshop"}
        [one, two] = [(await api("POST", "/bookings", new))[1] for _ in range(2)]
        assert one["event"] == two["event"] != one["uid"]
        assert (await api("POST", "/bookings", new))[0] == 409
        asked = "/slots?event_type=workshop&start=2026-11-25T09:00:00Z&end=2026-11-25T09:30:00Z"
        assert [slot["seats_left"] for slot in (await api("GET", asked))[1]["items"]] == [2]

        status, _, _ = await api("POST", f"/bookings/{one['uid']}/cancel", {"whole": True})
        assert (status, (await api("GET", f"/bookings/{two['uid']}"))[1]["status"]) == (200, "cancelled")

    async def test_a_taken_time_is_a_conflict(self, api):
        assert (await api("POST", "/bookings", NEW))[0] == 201
        status, problem, _ = await api("POST", "/bookings", NEW)
        assert (status, kind(problem)) == (409, "slot-taken")

    @pytest.mark.parametrize(
        "start", ["2020-01-01T09:00:00Z", "2026-11-24T03:00:00Z", "2026-11-24T09:01:00Z", "2199-12-31T09:00:00Z"]
    )
    async def test_times_that_were_never_offered(self, api, start):
        status, problem, _ = await api("POST", "/bookings", {**NEW, "start": start})
        assert (status, kind(problem)) == (409, "slot-taken")

    async def test_sent_again_it_is_one_booking(self, api, office):
        once = {"Idempotency-Key": "b-1"}
        first = await api("POST", "/bookings", NEW, headers=once)
        second = await api("POST", "/bookings", NEW, headers=once)
        assert first[:2] == second[:2]
        assert len(office.rows()) == 1

    async def test_a_key_used_again_after_a_day_is_for_what_it_says_then(self, api, office):
        once = {"Idempotency-Key": "b-1"}
        _, first, _ = await api("POST", "/bookings", NEW, headers=once)
        office.now += 86_400
        assert (await api("POST", "/bookings", NEW, headers=once))[1]["uid"] == first["uid"]
        office.now += 86_400
        later = {**NEW, "start": "2026-11-25T09:00:00Z"}
        status, second, _ = await api("POST", "/bookings", later, headers=once)
        assert (status, second["start"], second["uid"] != first["uid"]) == (201, later["start"], True)

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"invitee": {**INVITEE, "email": "joerg"}}, "/invitee/email"),
            ({"invitee": {**INVITEE, "email": "a@example.org, b@example.org"}}, "/invitee/email"),
            ({"invitee": {**INVITEE, "email": "a@example.org\r\nBcc: b@example.org"}}, "/invitee/email"),
            ({"invitee": {**INVITEE, "name": "A\r\nATTENDEE:mailto:b@example.org"}}, "/invitee/name"),
            ({"invitee": {**INVITEE, "name": "  "}}, "/invitee/name"),
            ({"invitee": {**INVITEE, "zone": "Mars/Base"}}, "/invitee/zone"),
            ({"invitee": {**INVITEE, "language": "en\nde"}}, "/invitee/language"),
            ({"note": "x" * 1_000_000}, "/note"),
            ({"note": "bell\u0007"}, "/note"),
            ({"answers": {"nobody_asked": "x"}}, "/answers/nobody_asked"),
            ({"answers": {"a": ["list"]}}, "/answers/a"),
            ({"start": 1795509600}, "/start"),
            ({"length": 600}, "/length"),
            ({"event_type": "check-in/../../x"}, "/event_type"),
        ],
    )
    async def test_hostile_input_is_refused_with_its_place(self, api, office, change, pointer):
        status, problem, _ = await api("POST", "/bookings", {**NEW, **change})
        assert (status, kind(problem)) == (422, "invalid")
        assert [one["pointer"] for one in problem["errors"]] == [pointer]
        assert office.rows() == []

    async def test_questions_are_answered_as_on_the_page(self, api):
        asked = {**NEW, "event_type": "consulting"}
        status, problem, _ = await api("POST", "/bookings", asked)
        assert (status, {one["pointer"] for one in problem["errors"]}) == (422, {"/place", "/answers/topic"})
        status, problem, _ = await api("POST", "/bookings", {**asked, "place": "030 1", "answers": {"topic": "x"}})
        assert [one["pointer"] for one in problem["errors"]] == ["/answers/topic"]
        status, made, _ = await api("POST", "/bookings", {**asked, "place": "030 1", "answers": {"topic": "iTIP"}})
        assert (status, made["answers"], made["place"]) == (201, {"topic": "iTIP"}, "030 1")

    async def test_one_of_several_places_is_chosen(self, api):
        places = [{"kind": "in-person", "text": "Main Street 1"}, {"kind": "call-invitee"}]
        await api("POST", "/event-types", {"slug": "either", "title": "Either", "places": places})
        new = {**NEW, "event_type": "either"}
        for given, pointers in (
            ({}, ["/where"]),
            ({"where": 2}, ["/where"]),
            ({"where": -1}, ["/where"]),
            ({"where": 1}, ["/place"]),
            ({"where": 1, "place": "+49 30\r\n1"}, ["/place"]),
        ):
            status, problem, _ = await api("POST", "/bookings", {**new, **given})
            assert (status, [one["pointer"] for one in problem["errors"]]) == (422, pointers), given
        status, made, _ = await api("POST", "/bookings", {**new, "where": 1, "place": "030 1"})
        assert (status, made["place"]) == (201, "030 1")
        later = {**new, "where": 0, "place": "elsewhere", "start": "2026-11-24T13:00:00Z"}
        assert (await api("POST", "/bookings", later))[1]["place"] == "Main Street 1"
        status, problem, _ = await api("POST", "/bookings", {**NEW, "where": 1})
        assert [one["pointer"] for one in problem["errors"]] == ["/where"]

    async def test_one_of_several_lengths_is_chosen(self, api):
        made = {"slug": "long", "title": "Long", "length": 30, "lengths": [60]}
        for lengths in ([30], [60, 60], [0], [1441], [15] * 11):
            status, problem, _ = await api("POST", "/event-types", {**made, "lengths": lengths})
            assert (status, problem["errors"][0]["pointer"].startswith("/lengths")) == (422, True)
        assert (await api("POST", "/event-types", made))[1]["lengths"] == [60]
        new = {**NEW, "event_type": "long"}
        status, problem, _ = await api("POST", "/bookings", {**new, "length": 45})
        assert (status, [one["pointer"] for one in problem["errors"]]) == (422, ["/length"])
        status, booked, _ = await api("POST", "/bookings", {**new, "length": 60})
        assert (status, booked["end"]) == (201, "2026-11-24T10:00:00Z")
        _, moved, _ = await api("POST", f"/bookings/{booked['uid']}/reschedule", {"start": "2026-11-25T09:00:00Z"})
        assert moved["end"] == "2026-11-25T10:00:00Z"
        day = "/slots?event_type=long&start=2026-11-24T09:00:00Z&end=2026-11-24T09:01:00Z"
        assert (await api("GET", f"{day}&length=60"))[1]["items"][0]["end"] == "2026-11-24T10:00:00Z"
        assert (await api("GET", day))[1]["items"][0]["end"] == "2026-11-24T09:30:00Z"
        status, problem, _ = await api("GET", f"{day}&length=45")
        assert (status, problem["errors"][0]["parameter"]) == (422, "length")

    async def test_boxes_are_ticked_and_never_by_a_word(self, api):
        asked = [
            {"name": "topics", "label": "Topics", "kind": "several", "options": ["A", "B", "C"]},
            {"name": "agreed", "label": "Agreed", "kind": "yes", "required": True},
        ]
        await api("POST", "/event-types", {"slug": "boxes", "title": "Boxes", "questions": asked})
        new = {**NEW, "event_type": "boxes"}
        for answers, pointers in (
            ({"topics": ["A", "D"], "agreed": True}, {"/answers/topics"}),
            ({"topics": True, "agreed": True}, {"/answers/topics"}),
            ({"agreed": "no"}, {"/answers/agreed"}),
            ({"agreed": False}, {"/answers/agreed"}),
            ({"agreed": "perhaps"}, {"/answers/agreed"}),
            ({"agreed": ["yes"]}, {"/answers/agreed"}),
            ({}, {"/answers/agreed"}),
        ):
            status, problem, _ = await api("POST", "/bookings", {**new, "answers": answers})
            assert (status, {one["pointer"] for one in problem["errors"]}) == (422, pointers), answers
        status, made, _ = await api("POST", "/bookings", {**new, "answers": {"topics": ["C", "A"], "agreed": True}})
        assert (status, made["answers"]) == (201, {"topics": "A, C", "agreed": "yes"})

    async def test_listed_in_order_and_filtered(self, api, office):
        for number, start in enumerate(("2026-11-25 09:00", "2026-11-24 09:00", "2026-11-26 09:00")):
            await book(office.desk, "alice", ("check-in", "one-on-one")[number == 2], wish(start))
        days = ["2026-11-24", "2026-11-25", "2026-11-26"]

        async def listed(query):
            return [one["start"][:10] for one in (await api("GET", f"/bookings?{query}"))[1]["items"]]

        assert await listed("") == days
        assert await listed("event_type=check-in") == days[:2]
        assert await listed("event_type=nothing") == []
        assert await listed("status=cancelled") == []
        assert await listed("start=2026-11-25T00:00:00Z&end=2026-11-26T00:00:00Z") == days[1:2]
        _, first, _ = await api("GET", "/bookings?limit=2")
        assert await listed(f"cursor={first['next']}") == days[2:]

    async def test_one_that_waits_is_confirmed_or_declined(self, api):
        late = {"slug": "late", "title": "Late", "length": 30, "confirmation": {}}
        assert (await api("POST", "/event-types", late))[0] == 201
        asked = {**NEW, "event_type": "late"}
        _, first, _ = await api("POST", "/bookings", asked)
        _, second, _ = await api("POST", "/bookings", {**asked, "start": "2026-11-24T11:00:00Z"})
        assert (first["status"], second["status"]) == ("pending", "pending")
        status, told, _ = await api("POST", f"/bookings/{first['uid']}/confirm")
        assert (status, told["status"]) == (200, "accepted")
        status, told, _ = await api("POST", f"/bookings/{second['uid']}/decline", {"reason": "ill"})
        assert (status, told["status"], told["reason"]) == (200, "declined", "ill")
        status, problem, _ = await api("POST", f"/bookings/{second['uid']}/confirm")
        assert (status, kind(problem)) == (409, "slot-taken")

    async def test_each_host_of_a_team_has_it(self, api, key_for, office):
        ids = [office.alice.id, office.person("bob").id]
        team = office.db.write_now(add_team, "sales", "sales@example.com", members=ids, zone="Europe/Berlin", now=0)
        rules = document(EventType(title="Demo", mode=Mode.COLLECTIVE))
        office.db.write_now(bookings.put_event_type, team, "demo", rules)
        asked = {**NEW, "event_type": "demo", "host": "sales"}
        _, slots, _ = await api("GET", f"/slots?event_type=demo&host=sales&{SPAN}")
        status, made, _ = await api("POST", "/bookings", {**asked, "start": slots["items"][0]["start"]})
        assert (status, sorted(made["hosts"])) == (201, ["alice", "bob"])
        bob = key_for(name="bob")
        assert [one["uid"] for one in (await api("GET", "/bookings", key=bob))[1]["items"]] == [made["uid"]]
        assert (await api("POST", f"/bookings/{made['uid']}/cancel", {}, key=bob))[1]["status"] == "cancelled"

    async def test_those_of_others_are_out_of_reach(self, api, key_for, office):
        booked = await book(office.desk, "alice", "check-in", wish())
        bob, path = key_for(name="bob"), f"/bookings/{booked.row.uid}"
        assert (await api("GET", path, key=bob))[0] == 404
        assert (await api("POST", f"{path}/cancel", {}, key=bob))[0] == 404
        assert (await api("POST", f"{path}/reschedule", {"start": "2026-11-24T10:00:00Z"}, key=bob))[0] == 404
        assert (await api("GET", "/bookings", key=bob))[1]["items"] == []

    async def test_with_somebody_else(self, api, key_for):
        status, made, _ = await api("POST", "/bookings", {**NEW, "host": "alice"}, key=key_for(name="bob"))
        assert (status, made["title"]) == (201, "Kurz gesprochen")
        assert (await api("POST", "/bookings", {**NEW, "host": "nobody"}))[0] == 404

    async def test_what_is_over_stays(self, api, office):
        booked = await book(office.desk, "alice", "check-in", wish())
        office.now = at("2026-11-25 00:00")
        status, problem, _ = await api("POST", f"/bookings/{booked.row.uid}/cancel", {})
        assert (status, kind(problem)) == (409, "slot-taken")


class TestFreeBusy:
    async def test_periods_of_colleagues_and_nothing_else(self, api, office, key_for):
        bob, carol = office.person("bob"), key_for(name="bob")
        await book(office.desk, "alice", "check-in", wish("2026-11-24 10:00"))
        ask = f"/free-busy?person=alice&person=bob@example.com&person=nobody@example.net&{SPAN}"
        _, told, _ = await api("GET", ask, key=carol)
        assert [(one["person"], one["unknown"]) for one in told["items"]] == [
            ("alice", "not-allowed"),
            ("bob@example.com", None),
            ("nobody@example.net", "nobody"),
        ]
        assert [one["busy"] for one in told["items"]] == [None, [], None]

        ids = [office.alice.id, bob.id]
        office.db.write_now(add_team, "sales", "sales@example.com", members=ids, now=int(office.now))
        _, told, _ = await api("GET", ask, key=carol)
        assert told["items"][0]["busy"] == [
            {"start": "2026-11-24T09:00:00Z", "end": "2026-11-24T09:15:00Z", "kind": "busy"}
        ]
        _, told, _ = await api("GET", f"/free-busy?person=sales&{SPAN}", key=carol)
        assert len(told["items"][0]["busy"]) == 1

    @pytest.mark.parametrize("how", ["shared", "published"])
    async def test_those_who_let_one_see_it(self, api, office, key_for, how):
        bob = office.person("bob")
        if how == "shared":
            office.db.write_now(delegates.grant, office.alice.id, bob.id, delegates.READ)
        else:
            office.db.write_now(principals.change, office.alice.id, {"freebusy_published": True})
        _, told, _ = await api("GET", f"/free-busy?person=alice&{SPAN}", key=key_for(name="bob"))
        assert told["items"][0]["unknown"] is None

    @pytest.mark.parametrize(
        "query", [SPAN, f"person=&{SPAN}", f"{'person=a&' * 51}{SPAN}", "person=alice&start=2026-11-24T00:00:00Z"]
    )
    async def test_questions_that_make_no_sense(self, api, query):
        assert (await api("GET", f"/free-busy?{query}"))[0] == 422

    def test_whoever_cannot_be_asked_is_unknown_and_never_free(self):
        assert set(WHY) == set(Unanswered)


class TestTeams:
    async def test_only_one_s_own(self, api, office, key_for):
        ids = [office.alice.id]
        office.db.write_now(add_team, "sales", "sales@example.com", displayname="Sales", members=ids, now=0)
        _, told, _ = await api("GET", "/teams")
        assert [one["name"] for one in told["items"]] == ["sales"]
        assert [one["name"] for one in told["items"][0]["members"]] == ["alice"]
        assert (await api("GET", "/teams/sales"))[1] == told["items"][0]
        assert (await api("GET", "/teams/sales", key=key_for(name="bob")))[0] == 404


class TestCalendars:
    async def test_listed_and_chosen(self, api, office):
        office.connect()
        _, told, _ = await api("GET", "/calendars")
        [own, remote] = told["items"]
        assert (own["merged"], remote["destination"]) == (True, True)
        path = f"/calendars/{own['id']}"
        status, changed, _ = await api("PATCH", path, {"busy": False, "separate": True, "destination": True})
        assert (status, changed["busy"], changed["separate"], changed["destination"]) == (200, False, True, True)
        assert (await api("GET", path))[1] == changed
        assert (await api("PATCH", path, {"tentative_busy": False}))[1]["tentative_busy"] is False

    async def test_what_does_not_fit_changes_nothing(self, api, office):
        office.connect()
        remote = (await api("GET", "/calendars"))[1]["items"][1]
        path = f"/calendars/{remote['id']}"
        status, problem, _ = await api("PATCH", path, {"busy": False, "merged": False})
        assert (status, kind(problem)) == (409, "conflict")
        assert (await api("GET", path))[1] == remote

    async def test_a_change_of_nothing_is_none(self, api, office):
        key = office.db.read_now(accounts.calendars, office.alice.id)[0].id
        assert (await api("PATCH", f"/calendars/{key}", {}))[0] == 422
        assert (await api("PATCH", f"/calendars/{key}", {"destination": False}))[0] == 422

    async def test_those_of_others_are_out_of_reach(self, api, office, key_for):
        key = office.db.read_now(accounts.calendars, office.alice.id)[0].id
        bob = key_for(name="bob")
        assert (await api("GET", f"/calendars/{key}", key=bob))[0] == 404
        assert (await api("PATCH", f"/calendars/{key}", {"busy": False}, key=bob))[0] == 404


class TestAccounts:
    async def test_listed_without_their_secrets(self, api, office, key_for):
        office.connect()
        _, told, _ = await api("GET", "/accounts")
        assert [(one["kind"], one["state"]) for one in told["items"]] == [("local", "ok"), ("caldav", "ok")]
        assert set(told["items"][0]) == {"id", "kind", "name", "state", "trouble", "synced"}
        path = f"/accounts/{told['items'][1]['id']}"
        assert (await api("GET", path))[1] == told["items"][1]
        assert (await api("GET", path, key=key_for(name="bob")))[0] == 404


def test_event_types_are_dropped_alone(office):
    row = office.db.read_now(bookings.event_type, office.alice.id, "check-in")
    office.db.write_now(bookings.drop_event_type, row.id)
    assert len(office.db.read_now(bookings.event_types, office.alice.id)) == 4
