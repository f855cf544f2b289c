"""What axe-core finds wrong with a page, in both schemes, on a desk and on a phone."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
RUN = """async (options) => (await axe.run(document, options)).violations.flatMap(
  (one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")} ${node.html.slice(0, 120)}`)
)"""
SCREENS = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


async def judged(page: Page) -> list[str]:
    """Violations of WCAG 2.2, A and AA. The page's media and size are others afterwards."""
    await page.evaluate(AXE_SCRIPT)
    found = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for name, size in SCREENS.items():
            await page.set_viewport_size(size)
            wrong: list[Any] = await page.evaluate(RUN, RULES)
            found += [f"{scheme}, {name}: {one}" for one in wrong]
    return found
