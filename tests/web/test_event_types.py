"""The list of event types and their editor, as people and as programs that mean no good send its forms."""

import re
from html import unescape

import pytest

from gateway.accounts.people import add_team
from gateway.booking import event_types
from gateway.booking.book import book
from gateway.booking.model import EventType
from gateway.store import accounts, bookings, taken, teams
from gateway.web.pages.event_types.fields import FIELDS, ITSELF, SECTIONS
from tests.booking.office import NOW, wish
from tests.web.site import sign_in, text

ELSEWHERE = set()
"""Fields of an event type that are set elsewhere than in the editor, with the reason beside them."""


def test_the_editor_has_every_field_of_an_event_type():
    assert {row.name for row in FIELDS} == {*EventType.model_fields, *ITSELF} - ELSEWHERE
    assert {row.section for row in FIELDS} <= {section.name for section in SECTIONS}


def fields(html):
    """What a browser would send of the editor's form as it stands."""
    form = html.partition('class="edit-form"')[2].partition("</form>")[0]
    found = []
    pattern = r"<input ([^>]*)>|<textarea ([^>]*)>\n?(.*?)</textarea>|<select ([^>]*)>(.*?)</select>"
    for match in re.finditer(pattern, form, re.DOTALL):
        attributes = next(one for one in (match[1], match[2], match[4]) if one is not None)
        name = re.search(r'name="([^"]+)"', attributes)
        kind = re.search(r'type="([^"]+)"', attributes)
        value = re.search(r'value="([^"]*)"', attributes)
        if name is None or (kind and kind[1] in {"checkbox", "radio"} and "checked" not in attributes):
            continue
        chosen = value[1] if value else ""
        if match[2] is not None:
            chosen = match[3]
        if match[4] is not None:
            options = re.findall(r'<option value="([^"]*)"([^>]*)>', match[5])
            chosen = next((one for one, more in options if "selected" in more), options[0][0] if options else "")
        found.append((name[1], unescape(chosen)))
    return found


def changed(found, **changes):
    """With these fields instead; None: without."""
    names = {name.replace("__", "-"): value for name, value in changes.items()}
    kept = [(name, value) for name, value in found if name not in names]
    return [*kept, *((name, value) for name, value in names.items() if value is not None)]


@pytest.fixture
def row(office):
    def find(slug, owner=None):
        return office.db.read_now(bookings.event_type, owner or office.alice.id, slug)

    return find


@pytest.fixture
def team(office):
    members = [office.alice.id, office.person("bob").id]

    def make(conn):
        key = add_team(conn, "sales", "s@example.com", displayname="Sales", members=members, zone="UTC", now=NOW)
        teams.put(conn, key, office.alice.id, teams.ADMIN)
        return key

    return office.db.write_now(make)


async def test_saved_as_it_stands_nothing_changes(client, office, row):
    await sign_in(client)
    for slug in ("check-in", "one-on-one", "consulting", "far-away", "never"):
        before = row(slug)
        html = await text(await client.get(f"/app/event-types/{before.id}"))
        await text(await client.post(f"/app/event-types/{before.id}", data=fields(html)))
        after = row(slug)
        assert EventType.model_validate(after.document) == EventType.model_validate(before.document), slug
        assert (after.position, after.hidden) == (before.position, before.hidden)


async def test_made_of_a_preset_in_one_step(client, office, row):
    await sign_in(client)
    html = await text(await client.get("/app/event-types/new"))
    assert html.count("preset=") == 5
    html = await text(await client.get("/app/event-types/new?preset=support"))
    answer = await client.post("/app/event-types/new", data=fields(html))
    assert "Saved." in await text(answer)
    made = EventType.model_validate(row("support").document)
    assert (made.length, made.hours.weekly[0], made.confirmation.blocks) == (45, ("18:00-21:00",), True)
    assert (await client.get("/alice/support")).status == 200


async def test_a_slug_is_made_of_the_title(client, office, row):
    await sign_in(client)
    html = await text(await client.get("/app/event-types/new?preset=blank"))
    await client.post("/app/event-types/new", data=changed(fields(html), title__text="Größeres Gespräch!"))
    assert row("grosseres-gesprach").document["title"] == {"": "Größeres Gespräch!"}


async def test_everything_is_written(client, office, row):
    await sign_in(client)
    key = row("check-in").id
    html = await text(await client.get(f"/app/event-types/{key}"))
    sent = changed(
        fields(html), slug="quick", length="20", places__0__kind="in-person", places__0__text="Here", schedule="own",
        **{"start-0": "09:00", "end-0": "12:00"}, color="#0f766e", step="10", offset="5", before="5", after="10",
        first_slot_only="1", notice__n="2", notice__unit="60", window__kind="bookable", window__bookable__days="4",
        limits__many="2", limits__0__per="day", limits__0__count="2", limits__0__minutes="", limits__1__per="week",
        limits__1__count="", limits__1__minutes="", confirmation__kind="soon", confirmation__within__n="3",
        confirmation__within__unit="1440", move_until__n="1", move_until__unit="1440", zone="Asia/Kolkata",
        lock_zone="1", private="1", hidden="1", questions__many="1", questions__0__name="",
        questions__0__label__lang="", questions__0__label__text="What about?", questions__0__kind="choice",
        questions__0__options="A\r\nB\r\n", questions__0__required="1",
    )  # fmt: skip
    await text(await client.post(f"/app/event-types/{key}", data=sent))
    kind = EventType.model_validate(row("quick").document)
    assert kind == EventType.model_validate(
        {
            **row("quick").document, "length": 20, "places": [{"kind": "in-person", "text": "Here"}],
            "color": "#0f766e", "hours": {"weekly": [["09:00-12:00"], *[[]] * 6]},
            "step": 10, "offset": 5, "before": 5, "after": 10,
            "first_slot_only": True, "notice": 120, "window": {"kind": "bookable", "days": 4},
            "limits": [{"per": "day", "count": 2}], "confirmation": {"within": 4320, "blocks": True},
            "move_until": 1440, "cancel_until": None, "zone": "Asia/Kolkata", "lock_zone": True, "private": True,
            "questions": [
                {
                    "name": "what_about", "label": "What about?", "kind": "choice", "options": ["A", "B"],
                    "required": True,
                },
            ],
        }
    )  # fmt: skip
    assert row("quick").hidden


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        ({"title__text": ""}, "title", "Give it a title"),
        ({"slug": "../../etc"}, "slug", "small letters, digits and dashes"),
        ({"slug": "one-on-one"}, "slug", "at this address already"),
        ({"length": "0"}, "length", "from 1 to 1440"),
        ({"length": "9" * 40}, "length", "from 1 to 1440"),
        ({"length": "half an hour"}, "length", "from 1 to 1440"),
        ({"places__0__kind": "moon"}, "places-0-kind", "Choose a place from the list"),
        (
            {"places__0__kind": "link", "places__0__text": "javascript:alert(1)"},
            "places-0-text",
            "does not fit the place",
        ),
        ({"schedule": "999"}, "schedule", "Choose working hours"),
        ({"schedule": "own", "start-0": "9", "end-0": "x"}, "hours", "beginning and an end"),
        ({"color": "red;}"}, "color", "Choose a colour"),
        ({"zone": "Mars/Base"}, "zone", "Choose a time zone"),
        ({"notice__n": "many"}, "notice", "at most a year"),
        ({"window__kind": "between", "window__first": "2026-13-01"}, "window", "Choose the"),
        ({"confirmation__kind": "soon", "confirmation__within__n": "-1"}, "confirmation", "at most a year"),
        ({"mode": "circus"}, "mode", "Choose who comes"),
        ({"limits__many": "1", "limits__0__per": "day", "limits__0__count": "0"}, "limits-0-count", "from 1"),
        ({"questions__many": "1", "questions__0__label__text": ""}, "questions-0-label", "Write down the question"),
    ],
)
async def test_what_makes_no_sense_is_said_at_its_field_and_nothing_is_lost(client, team, row, change, where, words):
    await sign_in(client)
    key = row("check-in").id
    html = await text(await client.get(f"/app/event-types/{key}"))
    sent = changed(fields(html), description__text="<b>Typed</b> & kept", **change)
    html = await text(await client.post(f"/app/event-types/{key}", data=sent), 422)
    [message] = re.findall(rf'<p class="error" id="e-{where}">([^<]*)</p>', html)
    assert words in message
    again = fields(html)
    assert "&lt;b&gt;Typed&lt;/b&gt; &amp; kept" in html
    for name, value in change.items():
        if name not in {"places__0__kind", "schedule", "zone", "mode", "window__first"}:
            assert (name.replace("__", "-"), value) in again
    assert row("check-in").document["length"] == 15


async def test_questions_are_added_moved_and_removed_before_anything_is_saved(client, row):
    await sign_in(client)
    key = row("consulting").id
    html = await text(await client.get(f"/app/event-types/{key}"))

    async def do(html, what, **change):
        return await text(await client.post(f"/app/event-types/{key}", data=changed(fields(html), do=what, **change)))

    html = await do(html, "add:questions")
    html = await do(html, "up:questions:1", questions__1__label__text="Budget?")
    labels = [value for name, value in fields(html) if re.fullmatch(r"questions-\d-label-text", name) and value]
    assert labels == ["Budget?", "Topic"]
    html = await do(html, "remove:questions:1")
    html = await do(html, "down:questions:7")
    assert len(row("consulting").document["questions"]) == 1
    await text(await client.post(f"/app/event-types/{key}", data=fields(html)))
    assert [one["name"] for one in row("consulting").document["questions"]] == ["budget"]


@pytest.mark.parametrize("do", ["add:hosts", "up:hosts:x", "remove:title:1", "fly", "add:nothing", "down:limits:99"])
async def test_odd_buttons_change_nothing(client, row, do):
    await sign_in(client)
    key = row("check-in").id
    html = await text(await client.get(f"/app/event-types/{key}"))
    await text(await client.post(f"/app/event-types/{key}", data=changed(fields(html), do=do)))
    assert row("check-in").document["title"] == {"en": "Check-in", "de": "Kurz gesprochen"}


async def test_order_hide_duplicate_and_delete(client, office, row):
    await sign_in(client)
    html = await text(await client.get("/app/event-types"))
    assert re.findall(r'class="kind-name"[^>]*>([^<]+)<', html)[:2] == ["Check-in", "One-on-one"]
    assert html.count(">Hidden<") == 1
    csrf = dict(fields(html.replace('class="leave"', 'class="edit-form"')))["csrf"]

    async def act(slug, do):
        return await text(await client.post(f"/app/event-types/{row(slug).id}/act", data={"csrf": csrf, "do": do}))

    html = await act("check-in", "down")
    assert re.findall(r'class="kind-name"[^>]*>([^<]+)<', html)[:2] == ["One-on-one", "Check-in"]
    await act("check-in", "up")
    html = await act("check-in", "up")
    assert re.findall(r'class="kind-name"[^>]*>([^<]+)<', html)[:2] == ["Check-in", "One-on-one"]
    await act("check-in", "hide")
    assert row("check-in").hidden
    await act("check-in", "show")
    await act("check-in", "duplicate")
    assert (row("check-in-2").hidden, row("check-in-2").document["length"]) == (True, 15)

    await book(office.desk, "alice", "check-in", wish())
    key = row("check-in").id
    html = await text(await client.get(f"/app/event-types/{key}/delete"))
    assert "1 booking to come stays as it is." in html
    await text(await client.post(f"/app/event-types/{key}/delete", data={"csrf": csrf}))
    assert row("check-in") is None
    assert [one.event_type_id for one in office.rows()] == [None]


async def test_hosts_of_a_team_are_chosen_in_order(client, office, team, row):
    await sign_in(client)
    html = await text(await client.get("/app/event-types/new?team=sales&preset=talk"))
    bob, alice = office.person("bob").id, office.alice.id
    sent = [one for one in changed(fields(html), mode="round_robin") if one[0] != "host"]
    sent += [("host", str(bob)), ("host", str(alice)), (f"host-{bob}-in", "1"), (f"host-{alice}-in", "1")]
    sent = [one for one in sent if one[0] != f"host-{bob}-weight"]
    sent += [(f"host-{bob}-weight", "50"), (f"host-{alice}-fixed", "1")]
    await text(await client.post("/app/event-types/new", data=sent))
    kept = row("talk", team)
    assert office.db.read_now(taken.hosts, kept.id) == [
        taken.HostRow(bob, False, 0, 50),
        taken.HostRow(alice, True, 0, 100),
    ]
    html = await text(await client.get(f"/app/event-types/{kept.id}"))
    assert [value for name, value in fields(html) if name == "host"] == [str(bob), str(alice)]
    assert (await client.get("/team/sales/talk")).status == 200


async def test_only_admins_change_what_is_the_teams(client, office, team, row):
    def make(conn):
        return event_types.add(conn, office.person("sales"), "demo", EventType(title="Demo"))

    key = office.db.write_now(make)
    mine = row("check-in").id
    office.db.write_now(lambda conn: teams.put(conn, team, office.alice.id, teams.MEMBER))
    await sign_in(client)
    assert (await client.get(f"/app/event-types/{key}")).status == 403
    assert (await client.get("/app/event-types/new?team=sales")).status == 403
    assert (await client.get("/app/event-types/new?team=nobody")).status == 404
    html = await text(await client.get(f"/app/event-types/{mine}"))
    assert (await client.post(f"/app/event-types/{key}", data=fields(html))).status == 403
    assert "Sales" not in await text(await client.get("/app/event-types"))
    office.db.write_now(teams.leave, team, office.alice.id)
    assert (await client.get(f"/app/event-types/{key}")).status == 404
    assert (await client.post(f"/app/event-types/{key}/delete", data=fields(html))).status == 404


async def test_descriptions_are_safe_markdown(client, row):
    await sign_in(client)
    key = row("check-in").id
    html = await text(await client.get(f"/app/event-types/{key}"))
    written = "**Bold** <script>alert(1)</script> [web](https://example.org/) [bad](javascript:alert(1))\n\n- one"
    sent = changed(fields(html), do="preview:description", description__text=written)
    html = await text(await client.post(f"/app/event-types/{key}", data=sent))
    preview = html.partition('class="description preview">')[2].partition("</div>")[0]
    assert "<strong>Bold</strong>" in preview
    assert '<a href="https://example.org/" rel="noreferrer nofollow">web</a>' in preview
    assert "<li>one</li>" in preview
    assert "<script" not in preview
    assert 'href="javascript' not in preview
    await text(await client.post(f"/app/event-types/{key}", data=fields(html)))
    page = await text(await client.get("/alice/check-in"))
    assert "<strong>Bold</strong>" in page
    assert "<script>alert" not in page
    assert "Bold &lt;script&gt;" in await text(await client.get("/alice"))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("zoom", "has no account at Zoom connected"),
        ("teams", "for which Microsoft Teams makes no rooms"),
        ("jitsi", ""),
    ],
)
async def test_hosts_who_can_have_no_room_are_named(client, office, row, kind, words):
    document = {"title": "Talk", "length": 30, "places": [{"kind": kind}]}
    office.db.write_now(bookings.put_event_type, office.alice.id, "talk", document)
    await sign_in(client)
    html = unescape(await text(await client.get(f"/app/event-types/{row('talk').id}")))
    assert ("without a room" in html, words in html) == (bool(words), True)


async def test_calendars_of_its_own_are_chosen_and_those_of_others_refused(client, office, row):
    office.connect()
    mine = {one.kind: one.id for one in office.db.read_now(accounts.calendars, office.alice.id)}
    [theirs] = office.db.read_now(accounts.calendars, office.person("bob").id)
    await sign_in(client)
    path = f"/app/event-types/{row('check-in').id}"
    start = fields(await text(await client.get(path)))
    sent = changed(start, destination=str(mine["local"]), busy_calendars__kind="only")
    html = await text(await client.post(path, data=sent), 422)
    assert "Tick at least one calendar" in html
    await text(await client.post(path, data=[*sent, ("busy_calendars", str(mine["caldav"]))]))
    kept = row("check-in").document
    assert (kept["destination"], kept["busy_calendars"]) == (mine["local"], [mine["caldav"]])
    html = await text(await client.post(path, data=changed(start, destination=str(theirs.id))), 422)
    assert "Choose a calendar from the list." in html
    office.db.write_now(accounts.remove, office.db.read_now(accounts.calendar, mine["local"]).account_id)
    assert "not there any more: events go to your usual one" in await text(await client.get(path))


async def test_a_managed_event_type_is_made_and_members_set_what_is_left_open(client, office, team, row):
    await sign_in(client)
    html = await text(await client.get("/app/event-types/new?team=sales&preset=talk"))
    sent = changed(fields(html), managed__on="1", managed__open="color")
    await text(await client.post("/app/event-types/new", data=sent))
    mine = row("talk")
    assert (mine.managed_by, mine.document["length"]) == (row("talk", team).id, 30)
    assert "From your team" in await text(await client.get("/app/event-types"))
    html = await text(await client.get(f"/app/event-types/{mine.id}"))
    names = {name for name, _ in fields(html)}
    assert {"color", "schedule", "destination"} <= names
    assert not {"length", "title-text", "slug", "managed-on"} & names
    await text(
        await client.post(f"/app/event-types/{mine.id}", data=changed(fields(html), color="#be123c", length="5"))
    )
    assert (row("talk").document["color"], row("talk").document["length"]) == ("#be123c", 30)
    assert (await client.post(f"/app/event-types/{mine.id}/delete", data=sent)).status == 403
