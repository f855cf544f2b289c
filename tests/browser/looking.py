"""What a person sees is in order: judged on any page, with a picture of it."""

from pathlib import Path

from playwright.async_api import Error, Page

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WRONG = """() => {
  const wrong = [];
  if (document.documentElement.scrollWidth > window.innerWidth) wrong.push("wider than the screen");
  if (!document.documentElement.lang) wrong.push("no language");
  if (document.querySelectorAll("h1").length > 1) wrong.push("several h1");
  const folded = (one) => {
    for (let at = one.closest("details:not([open])"); at; at = at.parentElement.closest("details:not([open])"))
      if (!at.querySelector(":scope > summary").contains(one)) return true;
    return false;
  };
  const controls = "main a, main button, main summary, main select, main input:not([type=hidden])";
  for (const one of document.querySelectorAll(controls)) {
    const target = one.closest("label") || one, box = target.getBoundingClientRect();
    if (!box.width || folded(one)) continue;
    const labels = [...(one.labels || [])].map((label) => label.innerText).join(" ");
    const name = (one.getAttribute("aria-label") || target.innerText || labels).trim();
    if (!name) wrong.push("no name: " + one.outerHTML.slice(0, 80));
    const inText = target.matches("p > a:not(.button), span > a, li > span a");
    if (box.height < 43.5 && !inText) wrong.push(Math.round(box.height) + " px high: " + name);
  }
  const light = ([r, g, b]) => [r, g, b].reduce((sum, part, at) => {
    const one = part / 255;
    return sum + [.2126, .7152, .0722][at] * (one <= .03928 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4);
  }, 0);
  const colour = (text) => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found[3] > .9) return found;
    }
    return [255, 255, 255, 1];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; text = texts.nextNode();) {
    const one = text.parentElement;
    if (!text.textContent.trim() || !one.getClientRects().length || one.closest("[disabled], script, style, noscript"))
      continue;
    if (folded(one)) continue;
    const under = ground(one), [ink, paper] = [light(colour(getComputedStyle(one).color)), light(under)];
    const contrast = (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05);
    if (contrast < 4.5) wrong.push("contrast " + contrast.toFixed(1) + ": " + text.textContent.trim().slice(0, 40));
  }
  return wrong;
}"""


async def look(page: Page, folder: Path, name: str) -> None:
    """Nothing wider than the screen, each control named and large enough, every text dark enough; a picture."""
    await picture(page, folder / f"{name}.png")
    problems = await page.evaluate(WRONG)
    assert problems == [], f"{name}: {problems}"


async def picture(page: Page, path: Path) -> None:
    """Of the whole page. A Chromium just started now and then refuses the first one and takes the next."""
    try:
        await page.screenshot(path=str(path), full_page=True)
    except Error as error:
        if "Unable to capture screenshot" not in error.message:
            raise
        await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        await page.screenshot(path=str(path), full_page=True)
