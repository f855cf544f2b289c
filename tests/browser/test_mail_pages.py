"""What is sent, as a reader with HTML sees it, on the demo's own page."""

import pytest
import requests
from playwright.async_api import expect

from tests.story.stage import Stage

JANA = "jana.mueller@nordwind.example"


@pytest.fixture(scope="module")
def number(stage: Stage) -> int:
    """Of the mail to somebody who booked from Tokyo."""
    form = {
        "name": "Jana <b>Müller</b>",
        "email": JANA,
        "start": "2026-12-14T09:00:00Z",
        "zone": "Asia/Tokyo",
        "lang": "de",
        "note": "<script>document.title = 1</script>",
    }
    answer = requests.post(f"{stage.base}/alice/one-on-one", data=form, allow_redirects=False, timeout=30)
    assert answer.status_code == 303
    stage.pass_time(60)
    [mail] = stage.world.mail.to(JANA)
    return mail.number


async def test_a_mail_shows_the_readers_own_time_and_fits_a_phone(visit, stage, number):
    page = await visit(f"/demo/mail/{number}.html", viewport={"width": 320, "height": 640}, color_scheme="dark")

    await expect(page.get_by_role("definition").first).to_contain_text("Montag, 14. Dezember 2026, 18:00–18:30 Uhr")
    await expect(page.get_by_role("definition").first).to_contain_text("Asia/Tokyo")
    await expect(page.get_by_role("definition").nth(1)).to_contain_text("10:00–10:30 Uhr")
    await expect(page.get_by_text("<script>")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 29)"


async def test_the_list_leads_to_it_and_other_numbers_lead_nowhere(visit, stage, number):
    page = await visit("/demo/mail")
    await page.get_by_role("link", name="As HTML").last.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Gespräch zu zweit")

    assert stage.http("GET", "/demo/mail/999.html").status_code == 404
