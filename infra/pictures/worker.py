"""The worker's pages, each as somebody would come to it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.template.loader import render_to_string
from playwright.sync_api import Page, expect

from apps.channels.mturk.market import HEIGHT
from infra.pictures.rows import Rows
from tests.browser.working import choose, hand_in, has_page_ahead

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


def shots(rows: Rows) -> list[Shot]:
    """Return all pages of a worker's, in the order in which one meets them."""
    of = {name: f"/work/{campaign.pk}/" for name, campaign in rows.campaigns.items()}
    page = {name: f"/work/pages/{row.pk}/" for name, row in rows.pages.items()}
    kinds = ["multiple_choice", "rating", "pairwise", "number", "free_text"]
    return [
        Shot("sign-in", "/accounts/login/", who=""),
        Shot("sign-up-closed", "/accounts/signup/", who=""),
        Shot("forgotten", "/accounts/password/reset/", who=""),
        Shot("invitation", f"/work/invitations/{rows.invitation}/", who=""),
        Shot("invitation-known", f"/work/invitations/{rows.invitation_of_stranger}/", who=""),
        Shot("invitation-accepting", f"/work/invitations/{rows.invitation_of_stranger}/", who="stranger"),
        Shot("not-invited", "/work/invitations/forged/", who=""),
        Shot("nobody", "/work/", who="stranger"),
        Shot("terms", "/work/", who="newcomer"),
        Shot("work-nothing", "/work/", who="newcomer", act=_agreed),
        Shot("work", "/work/"),
        Shot("campaign", of["lights"]),
        Shot("campaign-warned", of["warned"]),
        Shot("campaign-closed", of["closed"]),
        Shot("campaign-test", of["test"]),
        Shot("task", f"{of['lights']}", act=_start, whole=False),
        Shot("task-whole", f"{of['lights']}", act=_start),
        Shot("task-answered", of["lights"], act=_answered, whole=False),
        Shot("task-skip", of["lights"], act=_skip),
        Shot("task-problems", of["lights"], act=_problems),
        Shot("task-keys", of["lights"], act=_keys, whole=False),
        Shot("task-guidelines", of["lights"], act=_guidelines, whole=False),
        Shot("task-offline", of["lights"], act=_offline, whole=False),
        *(Shot(f"task-{kind}", of[kind], act=_start, whole=False) for kind in kinds),
        Shot("task-suggested", of["suggested"], act=_suggested),
        Shot("task-warned", of["warned"], act=_start, whole=False),
        Shot("training-hint", of["training"], act=_hint),
        Shot("taught", page["taught"]),
        Shot("test", of["test"], act=_start),
        Shot("handed-in", page["submitted"]),
        Shot("approved", page["approved"]),
        Shot("rejected", page["rejected"]),
        Shot("disputed", page["disputed"]),
        Shot("given-back", page["returned"]),
        Shot("time-over", page["expired"]),
        Shot("last-answers", "/work/answers/"),
        Shot("earnings", "/work/earnings/"),
        Shot("account", "/work/account/"),
        Shot("payout", "/work/account/payout"),
        Shot("erase", "/work/account/erase"),
        Shot("email", "/accounts/email/"),
        Shot("log-out", "/accounts/logout/"),
        Shot("password", "/accounts/password/change/"),
        Shot("second-factor", "/accounts/2fa/"),
        Shot("change", f"{page['submitted']}change"),
        Shot("not-found", "/work/nothing/"),
        Shot("error-403", "/work/403/", template="403.html"),
        Shot("error-csrf", "/work/csrf/", template="403_csrf.html"),
        Shot("error-500", "/work/500/", template="500.html"),
        Shot("too-often", "/work/429/", template="workbench/too_often.html"),
        *(
            Shot(f"slot-{name}", "/market/", who="", framed=rows.at_market(name))
            for name in ("asks", "preview", "over")
        ),
    ]


def come(page: Page, url: str, shot: Shot) -> None:
    """Go where the shot is, and do what is done there."""
    if shot.template:
        said = "So many requests at once are not taken: wait 12 s, then try again."
        body = render_to_string(shot.template, {"said": said})
        page.route(f"{url}{shot.at}", lambda route: route.fulfill(body=body, content_type="text/html"))
    if shot.framed:
        body = MARKET.format(frame=shot.framed.format(market=url).replace("&", "&amp;"), height=HEIGHT)
        page.route(f"{url}{shot.at}", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{url}{shot.at}")
    if shot.act:
        shot.act(page)


def _agreed(page: Page) -> None:
    agree = page.get_by_role("button", name="agree")
    if agree.count():
        agree.click()
    expect(page.get_by_role("heading", name="Work", exact=True)).to_be_visible()


def _start(page: Page) -> None:
    start = page.get_by_role("button", name="Start").or_(page.get_by_role("link", name="Continue"))
    start.first.click()
    expect(page.locator("#done")).not_to_be_empty()


def _answered(page: Page) -> None:
    _start(page)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.keyboard.press("3")


def _suggested(page: Page) -> None:
    _start(page)
    page.get_by_role("button", name="Keep it").first.click()


def _skip(page: Page) -> None:
    _start(page)
    page.locator("#question-1 .lc-other summary").click()
    page.locator("#question-1").get_by_label("Report it as broken").check()


def _problems(page: Page) -> None:
    _start(page)
    hand_in(page)
    expect(page.locator("#problems")).to_be_visible()


def _hint(page: Page) -> None:
    _start(page)
    for question in range(1, page.locator(".lc-place").count() + 1):
        choose(page, question, "dog")
    hand_in(page)
    expect(page.locator("#problems")).to_be_visible()


def _keys(page: Page) -> None:
    _start(page)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


def _guidelines(page: Page) -> None:
    _start(page)
    page.keyboard.press("h")
    expect(page.locator("#guidelines-sheet")).to_be_visible()


def _offline(page: Page) -> None:
    _start(page)
    has_page_ahead(page)
    page.context.set_offline(True)
    for key in ("1", "Enter", "2", "Enter", "3", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#connection")).to_contain_text("You are offline")
