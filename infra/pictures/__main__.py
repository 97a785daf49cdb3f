"""Take pictures of the worker's pages in both themes and on a desk and a phone.

    DATABASE_URL=... python -m infra.pictures FOLDER [NAME ...]

Each is NAME-WIDTH-THEME.png; without names, of all pages. A name may end with *. Look at them after
every change of a page.
"""

import sys
from fnmatch import fnmatch
from pathlib import Path

from infra.house.page import prepare, site

prepare()

from playwright.sync_api import Browser, expect, sync_playwright  # noqa: E402 - Django is set up first

from apps.members.models import User  # noqa: E402
from infra.pictures import rows, worker  # noqa: E402
from infra.pictures.worker import Shot  # noqa: E402
from tests.browser import chromium  # noqa: E402
from tests.browser.working import session_of  # noqa: E402

expect.set_options(timeout=30_000)  # on a busy machine, too
LOOKS = [(width, theme) for width in (1280, 390) for theme in ("light", "dark")]


def take(browser: Browser, url: str, people: dict[str, User], shot: Shot, folder: Path) -> None:
    """Take a page's pictures."""
    for width, theme in LOOKS:
        phone = width < 600
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=theme, locale="en", reduced_motion="reduce",
            has_touch=phone, is_mobile=phone,
        )  # fmt: skip
        context.set_default_timeout(60_000)
        if shot.who:
            context.add_cookies([{"name": "sessionid", "value": session_of(people[shot.who]), "url": url}])
        page = context.new_page()
        worker.come(page, url, shot)
        page.wait_for_timeout(150)  # what moves has come to rest
        page.screenshot(path=folder / f"{shot.name}-{width}-{theme}.png", full_page=shot.whole)
        context.set_offline(True)
        context.close()


def main(folder: Path, names: set[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with site() as url, sync_playwright() as playwright:
        made = rows.make()
        shots = worker.shots(made)
        people = made.users
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for shot in shots:
            if not names or any(fnmatch(shot.name, name) for name in names):
                take(browser, url, people, shot, folder)
                print(shot.name, flush=True)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), set(sys.argv[2:]))
