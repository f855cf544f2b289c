"""The pictures of docs/, made anew from the demo: `python -m tests.browser.pictures`."""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, async_playwright

from gateway.demo.seed.people import PASSWORD
from tests.browser.conftest import CHROMIUM, QUIET, USUAL
from tests.browser.looking import PHONE
from tests.browser.test_axe import booked, first_start, guest_page, hook, host_page
from tests.story.stage import Stage, running_stage

DOCS: Final = Path(__file__).parents[2] / "docs"
TALK: Final = "/alice/one-on-one"
DARK: Final = {"color_scheme": "dark"}
GERMAN: Final = {"locale": "de-DE"}


def public(stage: Stage) -> dict[str, tuple[str, dict[str, Any]]]:
    """File's name -> page and how it is looked at."""
    done = booked(stage, "one-on-one", "2026-12-02T10:00:00Z").replace("&lang=en", "")
    waits = host_page(stage, booked(stage, "late-support", "2026-12-02T17:45:00Z"))
    hook(stage)
    return {
        "page-profile": ("/alice", {}),
        "page-month": (TALK, {}),
        "page-week": (f"{TALK}?view=week", {}),
        "page-list": (f"{TALK}?view=list", DARK),
        "page-day-phone": (f"{TALK}?month=2026-11&date=2026-11-25", PHONE),
        "page-month-phone": (TALK, PHONE | GERMAN | DARK),
        "page-form": (f"{TALK}?start=2026-12-03T10:00:00Z", {}),
        "page-zones-phone": (f"{TALK}?choose=zone&search=new", PHONE),
        "page-booked": (done, {}),
        "page-moving-phone": (f"{done}&move=1".replace("&new=1", ""), PHONE | {"locale": "fr-FR"}),
        "page-wrong-person-phone": (f"{done}&wrong=1".replace("&new=1", ""), PHONE | {"locale": "es-ES"}),
        "page-team": ("/team/sales", {}),
        "page-series": (f"/alice/consulting?start={first_start(stage, '/alice/consulting')}", {}),
        "page-seats-phone": (f"/carol/workshop?start={first_start(stage, '/carol/workshop')}", PHONE),
        "page-guest-phone": (guest_page(stage, done), PHONE | GERMAN | DARK),
        "page-answer": (f"{waits}&confirm=1", {}),
        "page-cancel-phone": (f"{done}&cancel=1".replace("&new=1", ""), PHONE | GERMAN),
    }


SIGNED_IN: Final = {
    "app-bookings": "/app/bookings",
    "app-event-types": "/app/event-types",
    "app-profile": "/app/profile",
    "app-week": "/app/week",
    "app-event-type": "/app/event-types/3",
    "app-why": "/app/why?day=2026-11-25&time=14:30",
    "app-links": "/app/links",
    "app-team": "/app/team/sales",
    "app-webhooks": "/app/webhooks",
}


async def picture(browser: Browser, stage: Stage, name: str, path: str, options: dict[str, Any], enter: bool) -> None:
    context = await browser.new_context(base_url=stage.base, **(USUAL | options))
    page = await context.new_page()
    if enter:
        await page.goto("/app/login")
        await page.fill("#f-name", "alice")
        await page.fill("#f-password", PASSWORD)
        await page.locator("button.primary").click()
        await page.wait_for_url("**/app")
    await page.goto(path)
    await page.screenshot(path=str(DOCS / f"{name}.png"), full_page="moving" not in name and "app" not in name)
    await context.close()


async def make(stage: Stage) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        for name, (path, options) in public(stage).items():
            await picture(browser, stage, name, path, options, enter=False)
        for name, path in SIGNED_IN.items():
            await picture(browser, stage, name, path, {}, enter=True)
        await browser.close()


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stage(Path(folder), datetime(2026, 11, 23, 7, tzinfo=UTC)) as stage,
    ):
        asyncio.run(make(stage))
