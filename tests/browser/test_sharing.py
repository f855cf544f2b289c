"""Teams, and bookings that wait: as people see them, on a desk and on a phone, in the dark and in German."""

import pytest
from playwright.async_api import expect

from gateway.booking.model import details
from gateway.store import bookings
from tests.booking.team import Team
from tests.browser.looking import PHONE, look

DARK_GERMAN = {"locale": "de-DE", "color_scheme": "dark"}
LOOKS = pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="desk"),
        pytest.param(PHONE | DARK_GERMAN, id="phone, dark, German"),
        pytest.param({"java_script_enabled": False}, id="without JavaScript"),
    ],
)


async def fill(page):
    await page.fill("#f-name", "Jörg Müller")
    await page.fill("#f-email", "joerg@example.org")


@LOOKS
async def test_a_team_is_booked(browse, office, tmp_path, options):
    team = Team(office)
    page = await browse("/team/sales", **options)
    await look(page, tmp_path, "team")
    await page.locator('a[href="/team/sales/demo"]').click()
    await expect(page.locator(".facts")).to_contain_text("Bob Brandt")
    await page.locator(".days .free", has_text="24").click()
    await expect(page.locator(".start")).to_have_count(2)
    await look(page, tmp_path, "collective")
    await page.locator(".start").first.click()
    await fill(page)
    await page.locator("button.primary").click()
    await expect(page.locator(".booking.accepted")).to_be_visible()
    await look(page, tmp_path, "booked")
    assert [len(team.texts(name)) for name in team.people] == [1, 1, 1]


@LOOKS
async def test_a_team_takes_turns(browse, office, tmp_path, options):
    """Two people book the same time: each has somebody else of the team, until nobody is left for it."""
    team = Team(office)
    for at, came in enumerate((1, 2)):
        page = await browse("/team/sales/intro", **options)
        await page.locator(".days .free", has_text="24").click()
        await expect(page.locator("[aria-current=date]")).to_have_text("24")
        await page.locator(".start", has_text="09:00").click()
        await fill(page)
        await page.locator("button.primary").click()
        await expect(page.locator(".booking.accepted")).to_be_visible()
        await look(page, tmp_path, f"turn-{at}")
        assert sorted(len(team.texts(name)) for name in team.people)[-came:] == [1] * came

    page = await browse("/team/sales/intro", **options)
    await page.locator(".days .free", has_text="24").click()
    await expect(page.locator("[aria-current=date]")).to_have_text("24")
    await expect(page.locator(".start", has_text="09:00")).to_have_count(0)


@LOOKS
async def test_asked_and_confirmed(browse, office, tmp_path, options):
    document = {"title": {"en": "Late support", "de": "Später Support"}, "confirmation": {}}
    office.db.write_now(bookings.put_event_type, office.alice.id, "late", document)
    page = await browse("/alice/late?start=2026-11-24T09:00:00Z", **options)
    await fill(page)
    await look(page, tmp_path, "asking")
    await page.locator("button.primary").click()
    await expect(page.locator(".booking.pending")).to_be_visible()
    await look(page, tmp_path, "waiting")

    [row] = office.rows()
    token = office.desk.sealer.open(details(row).host_token.encode())
    await page.goto(f"/booking/{row.uid}?token={token}")
    await look(page, tmp_path, "host")
    await page.goto(f"/booking/{row.uid}?token={token}&decline=1")
    await look(page, tmp_path, "decline")
    await page.goto(f"/booking/{row.uid}?token={token}&confirm=1")
    await look(page, tmp_path, "confirm")
    await page.locator("button.primary").click()
    await expect(page.locator(".booking.accepted")).to_be_visible()
    assert [one.status for one in office.rows()] == ["accepted"]


async def test_a_time_is_kept_while_the_form_is_open(browse):
    first = await browse("/alice/one-on-one")
    await first.locator(".days .free", has_text="24").click()
    async with first.expect_response(lambda answer: answer.url.endswith("/hold")) as held:
        await first.locator(".start", has_text="10:00").click()
    assert (await held.value).status == 204

    second = await browse("/alice/one-on-one?start=2026-11-24T09:00:00Z")
    await expect(second.locator(".notice")).to_contain_text("Somebody was faster")
    await fill(first)
    await first.locator("button.primary").click()
    await expect(first.locator(".booking.accepted")).to_be_visible()


@LOOKS
async def test_boxes_are_ticked(browse, office, tmp_path, options):
    questions = [
        {"name": "topics", "label": "Topics", "kind": "several", "options": ["CalDAV", "iTIP"], "required": True},
        {"name": "terms", "label": {"en": "I agree", "de": "Einverstanden"}, "kind": "yes", "required": True},
        {"name": "people", "label": "How many", "kind": "number"},
    ]
    document = {"title": "Optional", "lock_zone": True, "questions": questions}
    office.db.write_now(bookings.put_event_type, office.alice.id, "optional", document)
    page = await browse("/alice/optional", **options)
    await look(page, tmp_path, "one zone")
    await page.goto("/alice/optional?start=2026-11-24T09:00:00Z")
    await fill(page)
    await page.get_by_label("CalDAV").check()
    await page.locator("#f-q_terms").check()
    await look(page, tmp_path, "boxes")
    await page.locator("button.primary").click()
    await expect(page.locator(".booking.accepted")).to_be_visible()
