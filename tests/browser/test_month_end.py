"""The finance officer's month end in a real browser, on a desk and on a phone."""

import re
from typing import Literal

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from apps.core import clock
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.ledger.models import Closing, Entry
from apps.members.models import Role
from apps.payments import destinations, services
from apps.payments.models import PayoutBatch
from apps.work import services as work
from tests.browser.test_requester_by_keyboard import reach, type_into
from tests.console.house import client_of
from tests.console.house import page as address
from tests.factories import UserFactory, member
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)


def two_to_pay():
    """Return an organization that owes two workers 10.00 EUR each, one by bank and one by PayPal."""
    campaign = running(items=4, page_size=2, price=1000, redundancy=1, currency="EUR")
    of = campaign.organization
    methods = (
        destinations.bank_account(name="Ada Lovelace", iban="NL91ABNA0417164300"),
        destinations.paypal(address="bob@example.org"),
    )
    for method in methods:
        page = handed_in(campaign, worker_of(campaign))
        work.approve(page)
        services.owe(page)
        services.set_payout_method(page.worker, method=method)
    services.set_policy(
        of, currency="EUR", by=UserFactory(), second_person_from=1_000, payer_name="Acme",
        payer_iban="DE02120300000000202051",
    )  # fmt: skip
    return of


def enter(page: Page, live_server, of) -> None:
    session = client_of(of, Role.FINANCE).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.goto(f"{live_server.url}/admin/")


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def press(page: Page, role: Literal["button", "link"], name: str, *, within: str = "body", exact: bool = True) -> None:
    """Go to a control by the Tab key, and press Enter."""
    reach(page, page.locator(within).get_by_role(role, name=name, exact=exact).first)
    page.keyboard.press("Enter")


def deposit(page: Page, live_server) -> None:
    page.goto(f"{live_server.url}/admin/ledger/entry/add/")
    page.get_by_label("Amount").fill("50.00")
    page.get_by_label("Currency").fill("EUR")
    page.get_by_label("Reference").fill("bank 17")
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_text("The deposit is booked.")).to_be_visible()
    fits(page)


def approved_by_another(page: Page, live_server, of) -> None:
    """Have a second member of finance approve the batch, on a screen of the same size."""
    second = page.context.browser.new_context(locale="en").new_page()
    second.set_viewport_size(page.viewport_size)
    enter(second, live_server, of)
    second.get_by_role("link", name="Batches planned").click()
    second.get_by_role("link", name="payout of").first.click()
    expect(second.get_by_text("Nothing is sent before it is approved.")).to_be_visible()
    second.locator(".finance-next").get_by_role("link", name="Approve").click()
    second.get_by_role("button", name="Approve").click()
    expect(second.get_by_text("The batch is approved.")).to_be_visible()
    second.context.close()


def look_at_the_reports(page: Page, live_server) -> None:
    page.goto(f"{live_server.url}/admin/payments/payout/tax/")
    expect(page.get_by_text("Paid in the year")).to_be_visible()
    fits(page)
    page.goto(f"{live_server.url}/admin/payments/obligation/report/")
    expect(page.get_by_text("say the same, to the unit")).to_be_visible()
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as csv").click()
    assert len(download.value.path().read_text().splitlines()) == 3  # a header and two pages


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 900, "light"), (390, 844, "dark")])
def test_finance_pays_everybody_and_looks_at_the_month(page: Page, live_server, tmp_path, width, height, scheme):
    of = two_to_pay()
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    enter(page, live_server, of)

    deposit(page, live_server)
    page.goto(f"{live_server.url}/admin/")
    page.get_by_role("link", name="Owed, in no payout").click()  # 20.00 EUR
    expect(page.get_by_label("Currency")).to_have_value("EUR")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_text("somebody else must approve it")).to_be_visible()
    expect(page.locator(".finance-next").get_by_role("link", name="Approve")).to_have_count(0)
    fits(page)
    approved_by_another(page, live_server, of)
    page.reload()
    for name in ("SEPA credit transfer (pain.001) – pays 1 of 2", "PayPal Payouts – pays 1 of 1"):
        page.locator(".finance-next").get_by_role("link", name="Send", exact=True).click()
        page.get_by_label(name).check()
        page.get_by_role("button", name="Make the file").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download: SEPA credit transfer").click()
    assert "NL91ABNA0417164300" in download.value.path().read_text()

    batch = PayoutBatch.objects.get()
    by_bank, by_paypal = batch.payouts.get(method="bank"), batch.payouts.get(method="paypal")
    results = tmp_path / "results.csv"
    results.write_text(f"payout,receipt,problem\n{by_bank.reference},SEPA 1,\n{by_paypal.reference},,no such account\n")
    page.locator(".finance-next").get_by_role("link", name="Take results").click()
    page.locator("input[type=file]").set_input_files(results)
    page.get_by_role("button", name="Take them").click()
    expect(page.get_by_text("1 sent, 1 failed, 0 came back, 0 known already.")).to_be_visible()
    expect(page.get_by_text("It is done. What failed is owed again")).to_be_visible()
    fits(page)

    page.goto(f"{live_server.url}/admin/")
    expect(page.get_by_role("link", name="Failed payouts")).to_contain_text("is owed again, and comes into the next")
    page.get_by_role("link", name="Month to close").click()
    expect(page.get_by_text("The month is not over")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("paid to workers"))).to_contain_text("-10.00")
    expect(page.get_by_role("button", name="Close it for good")).to_have_count(0)
    fits(page)

    look_at_the_reports(page, live_server)
    assert books.balance(of, kind="payable", currency="EUR") == 1000
    assert not Closing.objects.exists()


def test_a_month_that_is_over_is_closed_with_one_press_on_a_phone_by_the_keyboard_alone(page: Page, live_server):
    of = two_to_pay()
    before = books.end_of(clock.now().date()).replace(year=2020)
    outside, funds = (ledger.account(of, kind=kind, currency="EUR") for kind in ("outside", "funds"))
    ledger.post(of, reference="deposit:old", legs={outside: -500, funds: 500}, at=before)
    page.set_viewport_size({"width": 390, "height": 844})
    enter(page, live_server, of)

    page.goto(f"{live_server.url}/admin/ledger/closing/add/?month={before:%Y-%m}")
    expect(page.get_by_text("Nothing stands in the way: 1 entry")).to_be_visible()
    fits(page)
    reach(page, page.get_by_role("button", name="Close it for good"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("The books of this month are as they were when it was closed.")).to_be_visible()
    fits(page)

    assert Closing.objects.get().entries == Entry.objects.filter(reference="deposit:old").count() == 1


def test_finance_deposits_plans_sends_and_books_by_the_keyboard_alone(page: Page, live_server):
    of = two_to_pay()
    page.set_viewport_size({"width": 1280, "height": 900})
    enter(page, live_server, of)

    page.goto(f"{live_server.url}/admin/ledger/entry/add/")
    for label, typed in (("Amount", "50.00"), ("Currency", "EUR"), ("Reference", "bank 17")):
        type_into(page, label, typed)
    press(page, "button", "Book it")
    expect(page.get_by_text("The deposit is booked.")).to_be_visible()
    page.goto(f"{live_server.url}/admin/")
    press(page, "link", "Owed, in no payout", exact=False)
    press(page, "button", "Plan")
    expect(page.get_by_text("somebody else must approve it")).to_be_visible()
    batch = PayoutBatch.objects.get()
    services.approve_batch(batch, by=member(of, Role.FINANCE))
    page.reload()
    press(page, "link", "Send", within=".finance-next")
    reach(page, page.locator("input[name=format]:checked"))
    plain = page.locator("input[name=format][value=csv]")
    while not plain.is_checked():
        page.keyboard.press("ArrowDown")
    press(page, "button", "Make the file")
    with page.expect_download() as download:
        press(page, "link", "Download: ", within=".finance-next", exact=False)
    page.goto(f"{live_server.url}{address(batch, 'sent')}")
    type_into(page, "Receipt", "SEPA 1")
    press(page, "button", "Book them")
    expect(page.get_by_text("They are booked.")).to_be_visible()

    assert "NL91ABNA0417164300" in download.value.path().read_text()
    assert set(batch.payouts.values_list("state", "receipt")) == {("sent", "SEPA 1")}
    assert books.balance(of, kind="payable", currency="EUR") == 0
