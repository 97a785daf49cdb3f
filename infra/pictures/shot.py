"""One page as somebody would come to it, and how they come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from playwright.sync_api import Page

from apps.channels.mturk.market import HEIGHT

Act = Callable[[Page], None]
# What a market shows around our page: its own heading, and a frame of the height that our question asks for.
MARKET = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A market</title>
<body style="margin: 0; font: 16px sans-serif"><p style="margin: 12px">A market: one task, 0.24 USD</p>
<iframe src="{frame}" height="{height}" style="width: 100%; border: 0; border-top: 1px solid"></iframe>"""


@dataclass(frozen=True)
class Shot:
    """One page: where it is, who looks, and what is done there before the picture is taken."""

    name: str
    at: str
    who: str = "user"
    act: Act | None = None
    whole: bool = True  # the whole page, or what the window shows of it
    template: str = ""  # shown at the address, where no row leads to it
    framed: str = ""  # what a market shows at the address in a frame of its own
    given: Mapping[str, Any] = field(default_factory=dict)  # what that template shows
    body: str = ""  # shown at the address: a file that was written
    script: str = ""  # one that is kept away: it would lead on at once
    language: str = "en"  # what the browser asks for


def ask_for(page: Page, url: str, language: str) -> None:
    """Have the site answer in a language, whatever the browser's own is."""
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": url}])


def come(page: Page, url: str, shot: Shot) -> None:
    """Go where the shot is, and do what is done there."""
    if shot.template or shot.body:
        with translation.override(shot.language):
            body = shot.body or render_to_string(shot.template, dict(shot.given))
        page.route(f"{url}{shot.at}", lambda route: route.fulfill(body=body, content_type="text/html"))
    if shot.framed:
        body = MARKET.format(frame=shot.framed.format(market=url).replace("&", "&amp;"), height=HEIGHT)
        page.route(f"{url}{shot.at}", lambda route: route.fulfill(body=body, content_type="text/html"))
    if shot.script:
        page.route(f"**/{shot.script}", lambda route: route.abort())
    ask_for(page, url, shot.language)
    page.goto(f"{url}{shot.at}")
    if shot.act:
        shot.act(page)
