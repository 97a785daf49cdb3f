"""Money in the admin: deposits, payouts and their receipts, and the payments as a file."""

import json

import pytest
from django.utils import timezone

from apps.console.naming import ENTRIES
from apps.console.showing import who
from apps.core import money
from apps.ledger import queries as ledger
from apps.ledger import services as books
from apps.ledger.models import KINDS, Entry
from apps.members.models import Role
from apps.payments.models import Obligation, Payout, PayoutBatch
from tests.console.house import client_of, page
from tests.factories import CampaignFactory, OrganizationFactory, UserFactory, WorkerFactory
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db


def owing(pages: int = 1):
    """Return an organization that owes one worker for so many pages of 0.10 USD, and the browser of its finance."""
    from apps.payments import services as payments
    from apps.quality import services as quality

    campaign = running(items=2 * pages, page_size=2, redundancy=1, price=10)
    worker = worker_of(campaign)
    for _ in range(pages):
        done = handed_in(campaign, worker)
        quality.decide(quality.review(done), verdict="approve")
        payments.owe(done)
    return campaign.organization, client_of(campaign.organization, Role.FINANCE)


def text(response) -> str:
    return response.content.decode()


def test_what_markets_pay_has_a_card_of_its_own_and_is_not_to_be_planned():
    from apps.payments import services as payments

    worker = WorkerFactory(channel="mturk")
    of, person = worker.organization, UserFactory()
    campaign = CampaignFactory(dataset__organization=of)
    books.deposit(of, amount=1000, currency="USD", reference="bank 1")
    first, second = (
        payments.pay_bonus(
            worker, amount=amount, currency="USD", reference=str(amount), reason="well done", by=person,
            campaign=campaign,
        )
        for amount in (123, 321)
    )  # fmt: skip
    payments.settle(first, channel="mturk", receipt="3ABC", fee=0)
    browser = client_of(of, Role.FINANCE)

    overview = text(browser.get("/admin/"))
    listed = {
        state: [row.pk for row in browser.get(f"/admin/payments/obligation/?paid={state}").context["cl"].result_list]
        for state in ("owed", "market", "planned", "sent")
    }

    assert "To be paid by markets" in overview
    assert "3.21" in overview
    assert "nothing to plan" in overview
    assert listed == {"owed": [], "market": [second.pk], "planned": [], "sent": [first.pk]}
    assert "by a market that speaks MTurk" in text(browser.get("/admin/payments/obligation/?paid=sent"))


def test_a_deposit_is_booked_once_for_its_reference():
    of = OrganizationFactory()
    browser = client_of(of, Role.FINANCE)

    for _ in range(2):
        browser.post(
            "/admin/ledger/entry/add/",
            {"organization": of.pk, "amount": "250.00", "currency": "usd", "reference": "bank 1"},
        )

    assert ledger.balance(of, kind="funds", currency="USD") == 25_000
    assert f"{of} has 250.00 USD in its funds." in text(browser.get("/admin/ledger/entry/refund/"))


def test_an_entry_of_the_books_is_shown_as_the_bank_names_it_and_undone_knowing_what_it_moved():
    of = OrganizationFactory()
    entry = books.deposit(of, amount=25_000, currency="USD", reference="bank 1")
    browser = client_of(of, Role.FINANCE)

    shown = text(browser.get(page(entry, "change")))

    title = f"eposit · bank 1 · 250.00 USD · {entry.at:%Y-%m-%d}"
    assert f"D{title}" in shown
    assert f"<title> d{title} |" in " ".join(shown.split())
    assert ">bank 1<" in shown
    undoing = text(browser.get(page(entry, "correct")))
    assert "It moved 250.00 USD." in undoing
    assert f"Undo d{title}?" in undoing


def test_entries_say_what_they_were_whose_how_much_and_when_with_the_reference_beside():
    _of, browser = owing()
    owed = Obligation.objects.get()
    entry = Entry.objects.get(reference__startswith="obligation:")

    title = f"ork · {owed.worker}, {owed.campaign} · {money.show(owed.amount, owed.currency)} · {entry.at:%Y-%m-%d}"
    assert f"W{title}" in text(browser.get(page(entry, "change")))
    listed = text(browser.get("/admin/ledger/entry/"))
    assert f"{owed.worker}, {owed.campaign}" in listed
    named = entry.reference.removeprefix("obligation:")
    assert named not in listed  # an identity of ours: it says something on the entry's page alone
    assert named in text(browser.get(page(entry, "change")))
    assert f"w{title}" in text(browser.get("/admin/ledger/posting/"))
    of = f"ork · {owed.worker} · {owed.campaign} · {money.show(owed.amount, owed.currency)} · {owed.owed_at:%Y-%m-%d}"
    assert f"W{of}" in text(browser.get(page(owed, "change")))
    assert ENTRIES.keys() == KINDS.keys()


@pytest.mark.parametrize(("name", "said"), [("Ada", "Ada (worker-7)"), ("worker-7", "worker-7"), ("", "worker-7")])
def test_a_worker_is_named_with_their_id_where_that_says_more(name, said):
    assert who(WorkerFactory.build(name=name, external_id="worker-7")) == said


def test_a_line_of_the_trail_about_a_page_says_whose_page_it_was():
    _of, browser = owing()
    work = Obligation.objects.get().assignment

    assert f"page of {work.worker} in {work.campaign}" in text(browser.get("/admin/members/trail/"))


@pytest.mark.parametrize(
    ("amount", "currency", "sentence"),
    [
        ("1.005", "USD", "1.005 has more decimals than USD"),
        ("-5", "USD", "It should be above 0"),
        ("much", "USD", "&#x27;much&#x27; is not an amount"),
        ("5", "US", "should be three capital letters"),
        ("5.5", "JPY", "5.5 has more decimals than JPY, which has 0"),
    ],
)
def test_a_deposit_that_is_none_is_refused_with_a_sentence(amount, currency, sentence):
    of = OrganizationFactory()

    response = client_of(of, Role.FINANCE).post(
        "/admin/ledger/entry/add/",
        {"organization": of.pk, "amount": amount, "currency": currency, "reference": "bank 1"},
    )

    assert sentence in text(response)
    assert ledger.balance(of, kind="funds", currency="USD") == 0


def test_a_reference_that_is_taken_by_another_deposit_is_told():
    of = OrganizationFactory()
    browser = client_of(of, Role.FINANCE)
    typed = {"organization": of.pk, "currency": "USD", "reference": "bank 1"}
    browser.post("/admin/ledger/entry/add/", {**typed, "amount": "5"})

    response = browser.post("/admin/ledger/entry/add/", {**typed, "amount": "6"})

    assert "with other postings" in text(response)
    assert ledger.balance(of, kind="funds", currency="USD") == 500


def test_a_deposit_into_another_organization_is_refused():
    theirs = OrganizationFactory()

    client_of(OrganizationFactory(), Role.FINANCE).post(
        "/admin/ledger/entry/add/",
        {"organization": theirs.pk, "amount": "5", "currency": "USD", "reference": "bank 1"},
    )

    assert ledger.balance(theirs, kind="funds", currency="USD") == 0


def test_what_is_owed_is_planned_approved_sent_and_confirmed():
    of, browser = owing(pages=2)

    browser.post("/admin/payments/payoutbatch/add/", {"organization": of.pk, "currency": "USD", "until": ""})
    batch = PayoutBatch.objects.get()
    payout = batch.payouts.get()
    browser.post(page(batch, "approve"))
    browser.post(page(payout, "begin"))
    browser.post(page(payout, "confirm"), {"receipt": "transfer 77"})

    payout.refresh_from_db()
    batch.refresh_from_db()
    assert (payout.amount, payout.state, payout.receipt) == (20, "sent", "transfer 77")
    assert batch.state == "closed"
    assert ledger.balance(of, kind="payable", currency="USD") == 0
    assert ledger.imbalances() == []


def test_a_payout_of_a_batch_that_nobody_approved_is_not_begun():
    of, browser = owing()
    browser.post("/admin/payments/payoutbatch/add/", {"organization": of.pk, "currency": "USD", "until": ""})
    payout = Payout.objects.get()

    response = browser.post(page(payout, "begin"))

    payout.refresh_from_db()
    assert "approve it before anything is sent" in text(response)
    assert payout.state == "planned"


def test_a_payout_that_failed_is_owed_again():
    of, browser = owing()
    browser.post("/admin/payments/payoutbatch/add/", {"organization": of.pk, "currency": "USD", "until": ""})
    payout = Payout.objects.get()
    browser.post(page(payout.batch, "approve"))
    browser.post(page(payout, "begin"))

    browser.post(page(payout, "fail"), {"problem": "no such account"})

    payout.refresh_from_db()
    assert (payout.state, payout.problem) == ("failed", "no such account")
    assert Obligation.objects.get().payout is None


def test_planning_nothing_is_told_in_a_sentence():
    of = OrganizationFactory()

    response = client_of(of, Role.FINANCE).post(
        "/admin/payments/payoutbatch/add/", {"organization": of.pk, "currency": "EUR", "until": ""}
    )

    assert "owes nothing in EUR" in text(response)


def test_payments_are_downloaded_with_a_manifest_that_fits_the_file():
    of, browser = owing(pages=3)
    today = timezone.now().date().isoformat()
    asked = {"organization": of.pk, "since": today, "until": today, "format": "csv"}

    file = browser.post("/admin/payments/obligation/export/", asked)
    manifest = browser.post("/admin/payments/obligation/export/", {**asked, "manifest": "on"})

    rows = b"".join(file.streaming_content).decode().splitlines()
    told = json.loads(b"".join(manifest.streaming_content))
    assert told["rows"] == 3
    assert told["totals"] == {"USD": "0.30"}
    assert told["sha256"] == file["X-SHA256"]
    assert sum("0.10" in row for row in rows) == 3


def test_a_period_that_ends_before_it_begins_is_refused_with_a_sentence():
    of, browser = owing()

    response = browser.post(
        "/admin/payments/obligation/export/",
        {"organization": of.pk, "since": "2026-05-02", "until": "2026-04-30", "format": "csv"},
    )

    assert "it should be before until" in text(response)


def test_finance_sees_no_content_of_tasks():
    _of, browser = owing()

    shown = text(browser.get(page(Obligation.objects.get(), "change"))) + text(browser.get(page(Obligation)))

    assert "0.10 USD" in shown
    assert "What is item" not in shown
    assert "/admin/campaigns/" not in shown


def test_accounts_are_listed_with_balances_and_names():
    _of, browser = owing()
    campaign = Obligation.objects.get().campaign

    shown = text(browser.get("/admin/ledger/account/"))

    assert campaign.name in shown
    assert "999.90 USD" in shown  # of its budget of 1,000.00


def test_the_overview_tells_what_is_owed_and_that_the_books_balance():
    _, browser = owing(pages=2)

    shown = text(browser.get("/admin/"))

    assert "0.20 USD" in shown
    assert "balanced" in shown
    assert "not balanced" not in shown


def test_what_is_asked_about_money_begins_with_the_currency_that_the_organization_has():
    of = OrganizationFactory()
    books.deposit(of, amount=1000, currency="EUR", reference="bank 1")
    browser = client_of(of, Role.FINANCE)

    asked = [
        browser.get(f"/admin/{page}/add/").context["form"]["currency"].value()
        for page in ("ledger/entry", "payments/obligation", "payments/payoutbatch")
    ]

    assert asked == ["EUR"] * 3
