"""A real Chromium before the real pages."""

import shutil
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from gateway.store.migrate import migrate
from tests.booking.office import open_office
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


def pytest_collection_modifyitems(items):
    missing = pytest.mark.skip(reason="needs Chromium: apt-get install chromium")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not Path(CHROMIUM).exists():
                item.add_marker(missing)


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """A database up to date, with nobody in it."""
    path = tmp_path_factory.mktemp("empty") / "gateway.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def office(empty, tmp_path):
    found = open_office(empty, tmp_path)
    yield found
    found.db.close()


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
    problems = []
    contexts = []

    async def open_page(path, **options):
        options = {
            "locale": "en-GB",
            "timezone_id": "Europe/Berlin",
            "viewport": {"width": 1280, "height": 800},
        } | options
        context = await chromium.new_context(base_url=str(server.make_url("/")), **options)
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
        page.on("request", lambda asked: None if str(server.make_url("/")) in asked.url else problems.append(asked.url))
        await page.goto(path)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert problems == []
