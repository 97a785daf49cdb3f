"""The worker's pages, each as somebody would come to it."""

from playwright.sync_api import Page, expect

from infra.pictures import accounts, elsewhere
from infra.pictures.rows import Rows
from infra.pictures.shot import Shot
from tests.browser.working import choose, hand_in, has_page_ahead

TOO_OFTEN = "So many requests at once are not taken: wait 12 s, then try again."
SEALED = (
    "this secret was sealed under a key that is not among LABELCROWD_VAULT_KEYS: an operator should put it there, "
    "behind the one that there is (it is what var/vault_key held where this was sealed)"
)


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
        Shot("time-over-told", f"{page['expired']}?over"),
        Shot("last-answers", "/work/answers/"),
        Shot("earnings", "/work/earnings/"),
        Shot("account", "/work/account/"),
        Shot("payout", "/work/account/payout"),
        Shot("tokens", "/work/account/tokens"),
        Shot("token-new", "/work/account/tokens/new", act=accounts.again),
        Shot("token-made", "/work/account/tokens/new", act=_token_made),
        Shot("arabic-tokens", "/work/account/tokens", language="ar"),
        Shot("erase", "/work/account/erase"),
        Shot("email", "/accounts/email/"),
        Shot("log-out", "/accounts/logout/"),
        Shot("password", "/accounts/password/change/"),
        Shot("second-factor", "/accounts/2fa/"),
        Shot("change", f"{page['changeable']}change"),
        Shot("change-too-late", f"{page['submitted']}change"),
        Shot("not-found", "/work/nothing/"),
        Shot("error-400", "/work/400/", template="400.html"),
        Shot("error-403", "/work/403/", template="403.html"),
        Shot("error-csrf", "/work/csrf/", template="403_csrf.html"),
        Shot("log-in-again", of["lights"], act=_sent_after_a_log_out),
        Shot("logged-in", "/work/logged-in/"),
        Shot("send-once-more", of["lights"], act=_sent_after_another_log_in),
        Shot("error-409", "/work/409/", template="409.html", given={"said": SEALED}),
        Shot("error-429", "/accounts/429/", template="429.html"),
        Shot("error-500", "/work/500/", template="500.html"),
        Shot("too-often", "/work/429/", template="workbench/too_often.html", given={"said": TOO_OFTEN}),
        *(
            Shot(f"slot-{name}", "/market/", who="", framed=rows.at_market(name))
            for name in ("asks", "preview", "over")
        ),
        Shot("arabic-sign-in", "/accounts/login/", who="", language="ar"),
        Shot("arabic-work", "/work/", language="ar"),
        Shot("arabic-task", of["lights"], act=_begin, whole=False, language="ar"),
        Shot("arabic-earnings", "/work/earnings/", language="ar"),
        Shot("arabic-time-over-told", f"{page['expired']}?over", language="ar"),
        Shot("arabic-error-400", "/work/400/", template="400.html", language="ar"),
        Shot("arabic-error-429", "/accounts/429/", template="429.html", language="ar"),
        Shot("arabic-error-409", "/work/409/", template="409.html", given={"said": SEALED}, language="ar"),
        Shot("arabic-log-in-again", of["lights"], act=_sent_after_a_log_out, language="ar"),
        Shot("arabic-send-once-more", of["lights"], act=_sent_after_another_log_in, language="ar"),
        Shot("arabic-logged-in", "/work/logged-in/", language="ar"),
        *accounts.shots(rows),
        *elsewhere.shots(rows),
    ]


def _agreed(page: Page) -> None:
    agree = page.get_by_role("button", name="agree")
    if agree.count():
        agree.click()
    expect(page.get_by_role("heading", name="Work", exact=True)).to_be_visible()


def _start(page: Page) -> None:
    start = page.get_by_role("button", name="Start").or_(page.get_by_role("link", name="Continue"))
    start.first.click()
    expect(page.locator("#done")).not_to_be_empty()


def _begin(page: Page) -> None:
    """Begin in any language."""
    page.locator("main form[action$='/lease'] button, main a.lc-primary[href*='/pages/']").first.click()
    expect(page.locator("#done")).not_to_be_empty()


def _sent_after_a_log_out(page: Page) -> None:
    """Send the page's form as a browser without scripts does, when the session has ended."""
    _begin(page)
    page.context.clear_cookies(name="sessionid")
    _send(page)


def _sent_after_another_log_in(page: Page) -> None:
    """The same when the token in the form is that of a session before."""
    _begin(page)
    page.evaluate("document.forms.page.elements.csrfmiddlewaretoken.value = 'x'.repeat(32)")
    _send(page)


def _send(page: Page) -> None:
    page.evaluate("document.forms.page.submit()")
    expect(page.locator("#held-back")).to_be_visible()


def _token_made(page: Page) -> None:
    accounts.again(page)
    page.get_by_label("What it is for").fill("My script")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator(".lc-secret")).to_be_visible()


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
