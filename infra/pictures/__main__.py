"""Take pictures of the worker's pages in both themes and on a desk and a phone.

    DATABASE_URL=... python -m infra.pictures FOLDER [NAME ...]

Each is NAME-WIDTH-THEME.png; without names, of all pages. Look at them after every change of a page.
"""

import sys
from pathlib import Path

from infra.house.page import prepare, site

prepare()

from playwright.sync_api import Browser, expect, sync_playwright  # noqa: E402 - Django is set up first

from infra.pictures import rows, worker  # noqa: E402
from infra.pictures.rows import Rows  # noqa: E402
from infra.pictures.worker import Shot  # noqa: E402
from tests.browser import chromium  # noqa: E402
from tests.browser.working import session_of  # noqa: E402

expect.set_options(timeout=30_000)  # on a busy machine, too
LOOKS = [(width, theme) for width in (1280, 390) for theme in ("light", "dark")]


def take(browser: Browser, url: str, made: Rows, shot: Shot, folder: Path) -> None:
    """Take a page's pictures."""
    for width, theme in LOOKS:
        phone = width < 600
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=theme, locale="en", reduced_motion="reduce",
            has_touch=phone, is_mobile=phone,
        )  # fmt: skip
        context.set_default_timeout(60_000)
        user = {"user": made.user, "stranger": made.stranger}.get(shot.who)
        if user:
            context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": url}])
        page = context.new_page()
        page.goto(f"{url}{shot.at}")
        if shot.act:
            shot.act(page)
        page.wait_for_timeout(150)  # what moves has come to rest
        page.screenshot(path=folder / f"{shot.name}-{width}-{theme}.png", full_page=shot.whole)
        context.set_offline(True)
        context.close()


def main(folder: Path, names: set[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with site() as url, sync_playwright() as playwright:
        made = rows.make()
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for shot in worker.shots(made):
            if not names or shot.name in names:
                take(browser, url, made, shot, folder)
                print(shot.name, flush=True)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), set(sys.argv[2:]))
