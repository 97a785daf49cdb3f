"""Take pictures of everybody's pages in both themes and on a desk and a phone.

    python -m infra.pictures FOLDER [NAME ...]

Each is NAME-WIDTH-THEME.png; without names, of the main pages of workers, requesters, reviewers and finance. A name may
end with *: requester-*, reviewer-*, finance-* and admin-* are pages of the office, all-* is every page of the admin,
and all others are a worker's. Look at them after every change of a page. DATABASE_URL names a PostgreSQL beside whose
databases one is made for it; without it a server is started.
"""

import sys
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

from infra.house.page import prepare, site

prepare()

from django.conf import settings  # noqa: E402 - Django is set up first
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright  # noqa: E402

from apps.members.models import User  # noqa: E402
from infra.pictures import books, office, rows, watched, worker  # noqa: E402
from infra.pictures.shot import Shot, come  # noqa: E402
from tests.browser import chromium  # noqa: E402
from tests.browser.working import put_on, session_of  # noqa: E402

expect.set_options(timeout=30_000)  # on a busy machine, too
OFFICE = ("requester-", "reviewer-", "finance-", "admin-", "all-")


class Studio:
    """Takes pictures. A person of the office keeps their browser for all of them: its pages keep nothing there."""

    def __init__(self, browser: Browser, url: str, folder: Path) -> None:
        self.browser, self.url, self.folder = browser, url, folder
        self.kept: dict[tuple[int, str], BrowserContext] = {}

    def take(self, shot: Shot, user: User | None) -> None:
        """Take a page's pictures."""
        for width in (1280, 390):
            context = self.kept.get((width, shot.who)) or self._context(width, user)
            if user and user.is_staff:
                self.kept[width, shot.who] = context
            page = context.new_page()
            come(page, self.url, shot)
            for theme in ("light", "dark"):
                put_on(page, theme)
                page.wait_for_timeout(150)  # what moves has come to rest
                page.screenshot(path=self.folder / f"{shot.name}-{width}-{theme}.png", full_page=shot.whole)
            page.close()
            if (width, shot.who) not in self.kept:
                context.set_offline(True)
                context.close()

    def _context(self, width: int, user: User | None) -> BrowserContext:
        phone = width < 600
        context = self.browser.new_context(
            viewport={"width": width, "height": 844}, locale="en", reduced_motion="reduce", has_touch=phone,
            is_mobile=phone,
        )  # fmt: skip
        context.set_default_timeout(60_000)
        if user:
            context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": self.url}])
        return context


def make(wanted: Callable[[str], bool]) -> tuple[list[Shot], dict[str, User]]:
    """Make what the pages that are wanted show; return those pages, and the people who look."""
    shots: list[Shot] = []
    people: dict[str, User] = {}
    if wanted(""):
        made = rows.make()
        shots, people = worker.shots(made), made.users
    if any(wanted(name) for name in OFFICE):
        seen = watched.make()
        kept = books.make(seen)
        shots += [*office.requester(seen), *office.finance(seen, kept), *office.every_other(kept)]
        people |= seen.people | {"other": kept.other_boss}
    return shots, people


def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)

    def wanted(kind: str) -> bool:
        """Return whether pages whose names begin so are asked for; \"\" stands for the worker's."""
        if not names:
            return kind != "all-"
        return any(name.startswith(kind) if kind else not name.startswith(OFFICE) for name in names)

    with site() as url, sync_playwright() as playwright:
        settings.MARKET_ORIGINS = [url]  # a market whose frames show our slots
        shots, people = make(wanted)
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        studio = Studio(browser, url, folder)
        for shot in shots:
            asked = any(fnmatch(shot.name, name) for name in names) if names else not shot.name.startswith("all-")
            if asked:
                studio.take(shot, people.get(shot.who))
                print(shot.name, flush=True)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
