"""What axe-core finds wrong on a page (WCAG 2.2 A and AA, and good practice), on a desk and a phone, light and dark."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Page

from tests.browser.report import NOT_RUN
from tests.browser.working import put_on

AXE = Path(__file__).parents[2] / "infra/web/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # what can be right in the light and wrong in the dark
ALL = {"type": "tag", "values": TAGS}
WIDTHS = (390, 1280)
RUN = """async ([within, rules, passed]) => {
    const how = { runOnly: rules, resultTypes: ["violations"], preload: false, iframes: false, selectors: false };
    const found = await axe.run(within, how);
    return found.violations.map((one) => [one.id, one.nodes.map((node) => node.html).filter(
        (html) => !passed[one.id] || !html.includes(passed[one.id])
    )]).filter(([, nodes]) => nodes.length).map(([id, nodes]) => `${id}: ${nodes.slice(0, 3).join(" | ")}`);
}"""
# What is seen and where: the same in both themes, or the rules that are not of colours would have to be asked twice.
LAYOUT = """(within) => [...document.querySelectorAll(`${within} *`)].filter((one) => !one.closest("svg")).map(
    (one) => `${one.tagName} ${one.checkVisibility()} ${one.clientWidth} ${one.clientHeight}`
).join()"""


@cache
def source() -> str:
    """Return axe itself; skip the test loudly where it is not installed, fail it where CI=true."""
    if AXE.exists():
        return AXE.read_text()
    sentence = f"{NOT_RUN}: axe is not installed in infra/web: run `make scripts`"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def breaches(
    page: Page, *, within: str = "html", passed: Mapping[str, str] | None = None, frame: Frame | None = None
) -> list[str]:
    """Return the rules that the page breaks as it is, or what it shows in a frame, in both widths and both themes.

    Every rule is asked at both widths, and in the dark those of colours, where the same is seen at the same place as in
    the light: if it is not, all rules are asked there too. `passed` names what a rule lets pass, by its HTML. The page
    has to be of a context that bypasses the site's policy, which lets no axe in. It is left wide and light.
    """
    seen = frame or page
    if not seen.evaluate("typeof axe === 'object'"):
        seen.evaluate(source())
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        put_on(page, "dark")
        dark = seen.evaluate(LAYOUT, within)
        found += _told(seen, within, width, "dark", {"type": "rule", "values": COLOURS}, passed)
        put_on(page, "light")
        found += _told(seen, within, width, "light", ALL, passed)
        if seen.evaluate(LAYOUT, within) != dark:
            put_on(page, "dark")
            found += _told(seen, within, width, "dark", ALL, passed)
            put_on(page, "light")
    return found


def told(page: Page, *, width: int, theme: str) -> list[str]:
    """Return the rules that the page breaks in one width and one theme, in which it is left."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(source())
    page.set_viewport_size({"width": width, "height": 844})
    put_on(page, theme)
    return _told(page, "html", width, theme, ALL, None)


def _told(
    seen: Page | Frame, within: str, width: int, theme: str, rules: Mapping[str, Any], passed: Mapping[str, str] | None
) -> list[str]:
    told = seen.evaluate(RUN, [within, rules, dict(passed or {})])
    return [f"{width} px wide, {theme}: {one}" for one in told]
