"""What axe-core finds wrong on a page (WCAG 2.2 A and AA, and good practice), on a desk and a phone, light and dark."""

import os
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.report import NOT_RUN
from tests.browser.working import put_on

AXE = Path(__file__).parents[2] / "infra/web/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # what can be right in the light and wrong in the dark
WIDTHS = (390, 1280)
RUN = """async ([within, rules, without]) => {
    const how = { runOnly: rules, resultTypes: ["violations"], preload: false, iframes: false, selectors: false };
    for (const rule of without) how.rules = { ...how.rules, [rule]: { enabled: false } };
    const found = await axe.run(within, how);
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
}"""


@cache
def source() -> str:
    """Return axe itself; skip the test loudly where it is not installed, fail it where CI=true."""
    if AXE.exists():
        return AXE.read_text()
    sentence = f"{NOT_RUN}: axe is not installed in infra/web: run `make scripts`"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def breaches(page: Page, *, within: str = "html", without: tuple[str, ...] = ()) -> list[str]:
    """Return the rules that the page breaks as it is, in both widths and both themes.

    Every rule is asked at both widths, those of colours in the dark too: the rest of a page is the same there. The page
    has to be of a context that bypasses the site's policy, which lets no axe in. It is left wide and light.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(source())
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        for theme, rules in (("dark", {"type": "rule", "values": COLOURS}), ("light", {"type": "tag", "values": TAGS})):
            put_on(page, theme)
            told = page.evaluate(RUN, [within, rules, [] if theme == "dark" else list(without)])
            found += [f"{width} px wide, {theme}: {one}" for one in told]
    return found
