"""The finance office: batches step by step, results, reports with drill-down, months, tax years, policies."""

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
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.console import exports
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger.models import Closing, Entry
from apps.members.models import Role
from apps.payments import destinations, services
from apps.payments.models import Obligation, Payout, PayoutBatch, PayoutPolicy
from apps.reports.payments.period import month_of
from apps.reports.payments.selection import Selection
from tests import belt
from tests.console.house import client, client_of, page
from tests.console.test_money_pages import owing, text
from tests.factories import OrganizationFactory, member

pytestmark = pytest.mark.django_db


def planned(of, browser) -> PayoutBatch:
    browser.post("/admin/payments/payoutbatch/add/", {"organization": of.pk, "currency": "USD", "until": ""})
    return PayoutBatch.objects.first()


def shown(browser, row) -> str:
    return unescape(text(browser.get(page(row, "change"))))


def test_a_batchs_page_says_what_comes_next_at_every_step():
    of, browser = owing()
    worker = Obligation.objects.get().worker
    services.set_payout_method(worker, method=destinations.paypal(address="ada@example.org"))

    batch = planned(of, browser)
    assert "Nothing is sent before it is approved." in shown(browser, batch)
    browser.post(page(batch, "approve"))
    assert "1 payout waits to be put into a file" in shown(browser, batch)
    browser.post(page(batch, "send"), {"format": "paypal"})
    assert "1 payout is being sent" in shown(browser, batch)
    file = browser.get(page(batch, "file") + "?format=paypal")
    assert "ada@example.org" in text(file)
    results = f"payout,receipt,problem\n{batch.payouts.get().reference},PP 7,\n".encode()
    told = browser.post(page(batch, "results"), {"file": SimpleUploadedFile("r.csv", results)}, follow=True)

    assert "1 sent, 0 failed, 0 came back, 0 known already." in text(told)
    assert "It is done." in shown(browser, batch)
    assert books.balance(of, kind="payable", currency="USD") == 0


def test_a_batch_offers_what_there_is_to_do_and_nothing_else():
    of, browser = owing()
    batch = planned(of, browser)
    browser.post(page(batch, "approve"))
    approved = shown(browser, batch)
    browser.post(page(batch, "send"), {"format": "csv"})
    sending = shown(browser, batch)

    assert page(batch, "send") in approved
    assert page(batch, "sent") not in approved
    assert page(batch, "send") not in sending
    assert page(batch, "sent") in sending


def test_a_failed_payout_is_listed_with_its_problem():
    of, browser = owing()
    batch = planned(of, browser)
    browser.post(page(batch, "approve"))
    browser.post(page(batch, "send"), {"format": "csv"})
    services.fail(batch.payouts.get(), problem="Account closed")

    assert "Account closed" in text(browser.get(page(Payout)))


def test_the_page_shows_where_workers_are_paid_only_masked():
    of, browser = owing()
    services.set_payout_method(
        Obligation.objects.get().worker, method=destinations.bank_account(name="Ada", iban="NL91ABNA0417164300")
    )

    batch = planned(of, browser)
    browser.post(page(batch, "approve"))

    for row in (batch, batch.payouts.get()):
        assert "NL•• •••• 4300" in shown(browser, row)
        assert "0417" not in shown(browser, row)


def test_who_planned_a_large_batch_is_offered_no_approval_and_refused_it():
    of, browser = owing()
    services.set_policy(of, currency="USD", by=member(of, Role.ADMIN), second_person_from=1)
    batch = planned(of, browser)

    assert "somebody else must approve it" in shown(browser, batch)
    refused = text(browser.post(page(batch, "approve")))
    client_of(of, Role.FINANCE).post(page(batch, "approve"))

    assert "somebody else must approve it" in refused
    batch.refresh_from_db()
    assert batch.state == "approved"


def test_a_planned_batch_is_cancelled_with_a_reason():
    of, browser = owing()
    batch = planned(of, browser)

    browser.post(page(batch, "cancel"), {"reason": "wrong month"})

    batch.refresh_from_db()
    assert batch.state == "cancelled"
    assert Obligation.objects.get().payout is None


def test_a_file_of_results_that_is_wrong_is_told_line_by_line():
    of, browser = owing()
    batch = planned(of, browser)
    browser.post(page(batch, "approve"))

    file = SimpleUploadedFile("r.csv", b"payout,receipt,problem\nXYZ,PP 7,\n")
    response = text(browser.post(page(batch, "results"), {"file": file}))

    assert "Line 2: this batch has no payout" in unescape(response)
    assert Payout.objects.get().state == "planned"


def test_s5_a_file_of_results_that_is_too_large_is_to_come_in_parts():
    of, browser = owing()
    batch = planned(of, browser)
    browser.post(page(batch, "approve"))
    line = f"{batch.payouts.get().reference},PP 7,\n".encode()

    file = SimpleUploadedFile("r.csv", b"payout,receipt,problem\n" + line * (2 * 2**20 // len(line) + 1))
    response = text(browser.post(page(batch, "results"), {"file": file}))

    assert "more than 2 MB: take it in parts" in unescape(response)
    assert Payout.objects.get().state == "planned"


def test_a_report_equals_the_books_and_leads_to_the_rows():
    _of, browser = owing(pages=2)
    campaign = Obligation.objects.first().campaign

    report = text(browser.get("/admin/payments/obligation/report/"))
    by_worker = next(link for link in re.findall(r'href="(\?[^"]*by=worker[^"]*)"', unescape(report)))
    inside = unescape(text(browser.get("/admin/payments/obligation/report/" + by_worker)))
    rows_link = re.search(r'href="(/admin/payments/obligation/\?[^"]*worker__id__exact[^"]*)"', inside)
    rows = text(browser.get(rows_link[1]))

    assert "say the same, to the unit" in report
    assert "0.20 USD" in report
    assert campaign.name in report
    assert rows.count("0.10 USD") == 2


def test_a_report_is_downloaded_as_it_is_shown():
    of, browser = owing(pages=2)
    today = clock.now().date().isoformat()

    file = browser.get(f"/admin/payments/obligation/download/?organization={of.pk}&since={today}&until={today}")

    rows = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode())))
    assert [row["amount"] for row in rows] == ["0.10", "0.10"]


def test_a_long_export_is_written_by_a_worker_and_fetched_by_a_link_that_ends(settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path
    of, browser = owing(pages=2)
    selection = Selection(of, month_of(clock.now().date()), currency="USD")
    exports.start(selection, format_="csv", by=member(of, Role.FINANCE))
    waiting = text(browser.get("/admin/payments/obligation/exports/"))

    belt.run()
    done = unescape(text(browser.get("/admin/payments/obligation/exports/")))
    link = re.search(r'href="(/admin/payments/obligation/file/\?signed=[^"]*)"', done)[1]

    assert 'hx-trigger="every 2s"' in waiting
    assert b"0.10" in b"".join(browser.get(link).streaming_content)
    assert client_of(owing()[0], Role.FINANCE).get(link).status_code == 404
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert browser.get(link).status_code in (302, 404)  # the session may have ended too


def test_a_long_export_tells_how_far_it_is_while_it_is_written(settings, tmp_path, monkeypatch):
    settings.EXPORT_ROOT = tmp_path
    of, _browser = owing(pages=3)
    selection = Selection(of, month_of(clock.now().date()), currency="USD")
    exports.start(selection, format_="csv", by=member(of, Role.FINANCE))
    monkeypatch.setattr("apps.reports.payments.table.TELL_EVERY", 2)
    seen = []
    monkeypatch.setattr("apps.reports.payments.formats.csv.neutral", lambda cell: (seen.append(far(of)), cell)[1])

    belt.run()

    assert sorted(set(seen)) == [(0, 3), (2, 3)]
    [ended] = exports.of([of])
    assert (ended.done, ended.total, ended.under_way) == (3, 3, False)


def far(of) -> tuple[int, int]:
    """Return how far the only export of an organization is, as its page asks while it is written."""
    [one] = exports.of([of])
    return one.done, one.total


def test_a_long_exports_manifest_comes_by_the_same_link(settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path
    of, browser = owing(pages=2)
    exports.start(Selection(of, month_of(clock.now().date())), format_="json", by=member(of, Role.FINANCE))
    belt.run()
    [one] = exports.of([of])

    file = b"".join(browser.get(one.link).streaming_content)
    manifest = json.loads(b"".join(browser.get(f"{one.link}&manifest=1").streaming_content))

    assert (manifest["rows"], manifest["totals"]) == (2, {"USD": "0.20"})
    assert manifest["sha256"] == hashlib.sha256(file).hexdigest()
    assert manifest["sha256"] in text(browser.get("/admin/payments/obligation/exports/"))


def test_a_report_offers_the_usual_periods_and_each_files_manifest():
    _of, browser = owing(pages=2)

    report = unescape(text(browser.get("/admin/payments/obligation/report/")))
    link = re.search(r'href="([^"]*format=json[^"]*manifest=1)"', report)[1]
    manifest = json.loads(b"".join(browser.get(f"/admin/payments/obligation/{link[3:]}").streaming_content))

    assert all(name in report for name in ("Last month", "This month", "This year"))
    assert (manifest["rows"], manifest["totals"]) == (2, {"USD": "0.20"})


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
    file = text(browser.get("/admin/payments/payout/tax/?file=csv"))

    assert "0.10 USD" in on_page
    assert worker.name not in on_page
    assert worker.name in file


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
