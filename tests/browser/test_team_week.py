"""The team's week as people see it; with pictures."""

import pytest
from playwright.async_api import expect

from tests.booking.office import PASSWORD
from tests.booking.team import Team
from tests.booking.test_explain import write
from tests.browser.looking import PHONE, look

CASES = [
    pytest.param("Everybody is free", {"locale": "en-GB"}, id="English, desk"),
    pytest.param("Alle haben Zeit", PHONE | {"locale": "de-DE", "color_scheme": "dark"}, id="German, phone, dark"),
    pytest.param("Everybody is free", {"java_script_enabled": False}, id="without scripts"),
]


@pytest.mark.parametrize(("words", "options"), CASES)
async def test_a_week_side_by_side(browse, office, tmp_path, words, options):
    people = Team(office).people
    write(office, "a", "3T0900", "3T1130", "Dentist")
    write(office, "b", "5T1400", "5T1500", "Interview", ("STATUS:TENTATIVE",), whose=people["carol"])
    write(office, "c", "4T0700", "4T1600", "Fair", ("X-MICROSOFT-CDO-BUSYSTATUS:OOF",), whose=people["bob"])
    page = await browse("/app/login?next=/app/week", **options)
    await page.fill("#f-name", "alice")
    await page.fill("#f-password", PASSWORD)
    await page.locator("main button.primary").click()
    await page.locator(".around .arrow").last.click()
    await expect(page.locator(".strip-row.first .name")).to_have_text(words)
    await look(page, tmp_path, "week")
