"""The finance office: months, tax years, policies, and the overview."""

import csv
import hashlib
import io
import json
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
import time_machine

from apps.console import exports
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger.models import Closing, Entry
from apps.members.models import Role, Trail
from apps.payments import services
from apps.payments.models import Obligation, PayoutPolicy
from tests import belt
from tests.console.batches import planned, shown
from tests.console.house import client, client_of, page
from tests.console.test_money_pages import owing, text
from tests.factories import OrganizationFactory, member

pytestmark = pytest.mark.django_db


def test_a_months_statement_is_had_as_a_file_the_same_bytes_twice_and_its_columns_add_up():
    _of, browser = owing(pages=2)
    address = f"/admin/ledger/closing/add/?month={clock.now():%Y-%m}"

    month = unescape(text(browser.get(address)))
    first, again = (browser.get(f"{address}&file=csv").content for _ in range(2))
    manifest = browser.get(f"{address}&file=manifest").json()

    rows = list(csv.DictReader(io.StringIO(first.decode())))
    assert f"month={clock.now():%Y-%m}&file=csv" in month
    assert first == again
    assert (manifest["rows"], manifest["bytes"], manifest["totals"]) == (len(rows), len(first), {"USD": "0.00"})
    assert manifest["sha256"] == hashlib.sha256(first).hexdigest()
    for account in {row["account"] for row in rows}:
        sums = dict.fromkeys(("moved", "closing"), Decimal(0))
        for row in rows:
            if row["account"] == account:
                sums["closing" if row["movement"] == "closing" else "moved"] += Decimal(row["amount"])
        assert sums["moved"] == sums["closing"]
    assert sum(Decimal(row["amount"]) for row in rows if row["movement"] == "closing") == 0
    payable = next(row for row in rows if (row["account"], row["movement"]) == ("payable", "closing"))
    assert payable["amount"] == "0.20"


def test_a_month_is_shown_that_is_asked_for_and_not_the_first_that_is_open():
    _of, browser = owing()

    assert "Close 2026-02" in text(browser.get("/admin/ledger/closing/add/?month=2026-02"))


def test_a_bonus_and_an_adjustment_are_booked_with_a_reason():
    of, browser = owing()
    worker = Obligation.objects.get().worker
    browser.post(
        "/admin/ledger/entry/add/", {"organization": of.pk, "amount": "5", "currency": "USD", "reference": "bank 1"}
    )
    typed = {"organization": of.pk, "worker": worker.external_id, "currency": "USD", "reference": "x", "reason": "why"}

    browser.post("/admin/payments/obligation/add/", {**typed, "amount": "2.50"})
    browser.post("/admin/payments/obligation/adjust/", {**typed, "amount": "-0.50"})
    refused = text(browser.post("/admin/payments/obligation/add/", {**typed, "worker": "nobody", "amount": "1"}))

    assert sorted(Obligation.objects.values_list("amount", flat=True)) == [-50, 10, 250]
    assert "has no workers of this id" in refused


def test_a_refund_and_a_correction_are_booked():
    of, browser = owing()
    add = {"organization": of.pk, "currency": "USD"}
    browser.post("/admin/ledger/entry/add/", {**add, "amount": "5", "reference": "bank 1"})
    browser.post("/admin/ledger/entry/refund/", {**add, "amount": "3", "reference": "bank 2"})

    browser.post(page(Entry.objects.get(kind="refund"), "correct"), {"reason": "it bounced"})

    assert books.balance(of, kind="funds", currency="USD") == 500


def test_a_month_is_shown_and_closed_once_it_is_over():
    of, browser = owing()
    this = f"{clock.now():%Y-%m}"
    open_still = unescape(text(browser.get(f"/admin/ledger/closing/add/?organization={of.pk}&month={this}")))
    later = clock.now() + timedelta(days=40)
    with time_machine.travel(later):
        browser = client(member(of, Role.FINANCE))
        ready = text(browser.get("/admin/ledger/closing/add/"))
        browser.post("/admin/ledger/closing/add/", {"organization": of.pk, "month": this})

        assert "The books of this month are as they were" in shown(browser, Closing.objects.get())
    assert "The month is not over" in open_still
    assert "Close it for good" not in open_still
    assert "Close it for good" in ready


def test_tax_totals_are_masked_on_the_page_and_named_in_the_file():
    of, browser = owing()
    batch = planned(of, browser)
    browser.post(page(batch, "approve"))
    services.begin_all(batch, by=member(of, Role.FINANCE))
    browser.post(page(batch, "sent"), {"receipt": "bank 1"})
    worker = batch.payouts.get().worker

    on_page = text(browser.get("/admin/payments/payout/tax/"))
    named = browser.get("/admin/payments/payout/tax/?file=csv")
    manifest = browser.get("/admin/payments/payout/tax/?file=manifest").json()
    file = text(named)

    assert "0.10 USD" in on_page
    assert worker.name not in on_page
    assert worker.name in file
    assert (manifest["rows"], manifest["totals"]) == (1, {"USD": "0.10"})
    assert manifest["sha256"] == named["X-SHA256"] == hashlib.sha256(named.content).hexdigest()


def test_a_tax_file_of_more_than_come_at_once_is_written_by_a_worker_and_noted_when_it_is_taken(
    settings, tmp_path, monkeypatch
):
    settings.EXPORT_ROOT = tmp_path
    of, browser = owing()
    batch = planned(of, browser)
    browser.post(page(batch, "approve"))
    services.begin_all(batch, by=member(of, Role.FINANCE))
    browser.post(page(batch, "sent"), {"receipt": "bank 1"})
    at_once = text(browser.get("/admin/payments/payout/tax/?file=csv"))
    taken_before = Trail.objects.filter(verb="download").count()
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 0)

    later = browser.get("/admin/payments/payout/tax/?file=csv")
    belt.run()
    [file] = exports.of([of])
    manifest = b"".join(browser.get(f"{file.link}&manifest=1").streaming_content)
    assert Trail.objects.filter(verb="download").count() == taken_before
    taken = b"".join(browser.get(file.link).streaming_content).decode()

    assert later.url == "/admin/payments/obligation/exports/"
    assert taken == at_once
    assert json.loads(manifest)["sha256"] == hashlib.sha256(taken.encode()).hexdigest()
    assert Trail.objects.filter(verb="download").latest("pk").data == {"file": f"tax-{of.slug}-{clock.now().year}.csv"}
    assert "Its manifest" not in text(browser.get("/admin/payments/payout/tax/"))
    assert client_of(of, Role.REQUESTER).get(file.link).status_code == 403


def test_only_an_organizations_admin_sets_its_payout_policy():
    of, finance = owing()
    typed = {"organization": of.pk, "currency": "EUR", "second_person_from": "1000", "payer_name": "Acme",
             "payer_iban": "DE02120300000000202051"}  # fmt: skip

    assert finance.post("/admin/payments/payoutpolicy/add/", typed).status_code == 403
    boss = client_of(of, Role.ADMIN)
    boss.post("/admin/payments/payoutpolicy/add/", typed)
    policy = PayoutPolicy.objects.get()
    boss.post(page(policy, "revise"), {**typed, "second_person_from": "", "payer_iban": ""})

    policy.refresh_from_db()
    assert (policy.second_person_from, policy.payer_shown) == (None, "DE•• •••• 2051")
    assert "1203" not in shown(finance, policy)


def test_who_keeps_two_organizations_books_plans_for_the_one_that_owes():
    of, _browser = owing()
    other = OrganizationFactory(name="Aardvark")  # the first by name
    fia = member(of, Role.FINANCE)
    fia.memberships.create(organization=other, role=Role.FINANCE)
    browser = client(fia)

    home = unescape(text(browser.get("/admin/")))
    plan = re.search(r'href="(/admin/payments/payoutbatch/add/\?[^"]*)"', home)[1]
    form = browser.get(plan).context["form"]

    assert f"{of.name}: plan its payout" in home
    assert str(form["organization"].value()) == str(of.pk)
    assert form["currency"].value() == "USD"


def test_the_overview_tells_what_is_owed_planned_failed_and_which_month_is_open():
    of, browser = owing()
    assert "plan its payout" in text(browser.get("/admin/"))
    batch = planned(of, browser)
    assert "Batches planned" in text(browser.get("/admin/"))
    browser.post(page(batch, "approve"))
    browser.post(page(batch.payouts.get(), "fail"), {"problem": "no account"})

    home = text(browser.get("/admin/"))

    assert "is owed again, and comes into the next batch" in home
    assert "Month to close" in home
    assert "balanced" in home


def test_the_card_of_failed_payouts_leads_to_those_that_it_counts():
    of, browser = owing()
    batch = planned(of, browser)
    failed = batch.payouts.get()
    browser.post(page(batch, "approve"))
    browser.post(page(failed, "fail"), {"problem": "no account"})

    link = "/admin/payments/payout/?owed=again"
    overview, told = text(browser.get("/admin/")), shown(browser, failed)
    to_plan = text(browser.get("/admin/payments/payoutbatch/add/"))
    listed = list(browser.get(link).context["cl"].result_list)
    planned(of, browser)  # what failed is in another batch by then

    assert f'href="{link}"' in overview
    assert listed == [failed]
    assert f"Owed now, and in no batch: {of}: {failed.amount / 100:.2f} USD" in to_plan
    assert "It is owed again, and comes into the next batch." in told
    assert "It is in a later batch." in shown(browser, failed)
    assert "none is owed again" in text(browser.get("/admin/"))
    assert not browser.get(link).context["cl"].result_list
