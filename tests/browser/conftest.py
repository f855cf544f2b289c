"""A real Chromium before the real pages."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.story.stage import Stage, running_stage
from tests.web.site import make_site

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

USUAL = {"locale": "en-GB", "timezone_id": "Europe/Berlin", "viewport": {"width": 1280, "height": 800}}
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)

Open = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items):
    missing = pytest.mark.skip(reason="needs Chromium: apt-get install chromium")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not Path(CHROMIUM).exists():
                item.add_marker(missing)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The whole demo; each test of a module takes a day of its own."""
    with running_stage(tmp_path_factory.mktemp("demo"), MONDAY) as running:
        yield running


@pytest.fixture
async def chromium():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        await browser.close()


@pytest.fixture
async def browse(aiohttp_server, office, chromium):
    """Opens a page of the site; options are those of a browser context. Errors in the page fail the test."""
    server = await aiohttp_server(make_site(office))
    async with windows(chromium, str(server.make_url("/"))) as open_page:
        yield open_page


@pytest.fixture
async def visit(stage, chromium):
    """The same before the whole demo."""
    async with windows(chromium, f"{stage.base}/") as open_page:
        yield open_page


@asynccontextmanager
async def windows(chromium: Browser, base: str, beside: tuple[str, ...] = ()) -> AsyncIterator[Open]:
    """Each page in a context of its own, as of a visitor who was never there. beside: where else it may lead."""
    problems: list[str] = []
    contexts = []

    async def open_page(path: str, **options: Any) -> Page:
        context = await chromium.new_context(base_url=base, **(USUAL | options))
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
        page.on("request", lambda asked: None if asked.url.startswith((base, *beside)) else problems.append(asked.url))
        await page.goto(path)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert problems == []
