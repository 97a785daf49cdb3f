"""A batch of payouts, step by step: what it offers, its files, its results."""

import hashlib
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.core import clock
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.members.models import Organization, Role, Trail
from apps.payments import destinations, services
from apps.payments.models import BankFile, Obligation, Payout
from apps.reports.payments.paying import file_name
from apps.workforce import erasing
from tests.api.machine import machine
from tests.console.batches import planned, shown
from tests.console.house import client_of, page
from tests.console.test_money_pages import owing, text
from tests.factories import UserFactory, WorkerFactory, member

pytestmark = pytest.mark.django_db


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


def euros():
    """Return a batch in EUR that waits for its file, of one worker with a bank account, and the browser of finance."""
    worker = WorkerFactory(name="Ada")
    of = worker.organization
    ledger.deposit(of, amount=1_000, currency="EUR", reference="bank 1")
    services.set_payout_method(worker, method=destinations.bank_account(name="Ada", iban="NL91ABNA0417164300"))
    services.pay_bonus(worker, amount=700, currency="EUR", reference="b", reason="well done", by=UserFactory())
    batch = services.approve_batch(services.plan_payouts(of, currency="EUR"), by=UserFactory())
    return batch, client_of(of, Role.FINANCE)


ACME = {"currency": "EUR", "payer_name": "Acme", "payer_iban": "DE02120300000000202051"}


def test_a_banks_file_stays_as_it_was_made_whatever_changes_after():
    batch, browser = euros()
    services.set_policy(batch.organization, by=UserFactory(), **ACME)
    browser.post(page(batch, "send"), {"format": "sepa"})
    made = browser.get(page(batch, "file") + "?format=sepa").content

    services.set_policy(batch.organization, by=UserFactory(), currency="EUR", payer_name="Other", payer_iban="")
    Organization.objects.filter(pk=batch.organization_id).update(name="Renamed")
    again = browser.get(page(batch, "file") + "?format=sepa").content

    assert b"DE02120300000000202051" in made
    assert again == made
    kept = BankFile.objects.get()
    assert kept.sha256 == hashlib.sha256(made).hexdigest()
    assert "DE02120300000000202051" not in kept.sealed


def test_a_plain_file_names_the_ids_that_workers_had_when_it_was_made():
    batch, browser = euros()
    browser.post(page(batch, "send"), {"format": "csv"})
    made = browser.get(page(batch, "file") + "?format=csv").content

    erasing.erase(batch.payouts.get().worker)

    assert browser.get(page(batch, "file") + "?format=csv").content == made


def test_a_payout_that_a_banks_file_can_not_hold_begins_none():
    batch, browser = euros()
    services.set_policy(batch.organization, by=UserFactory(), **ACME)
    ledger.deposit(batch.organization, amount=10**12, currency="EUR", reference="bank 2")
    worker = batch.payouts.get().worker
    services.pay_bonus(worker, amount=10**11, currency="EUR", reference="b2", reason="much", by=UserFactory())
    large = services.approve_batch(services.plan_payouts(batch.organization, currency="EUR"), by=UserFactory())

    refused = text(browser.post(page(large, "send"), {"format": "sepa"}))

    assert "is above 999999999.99 EUR" in refused
    assert large.payouts.get().state == "planned"


def test_a_file_of_before_that_can_not_be_made_again_says_why():
    batch, browser = euros()
    services.begin_all(batch, by=UserFactory(), sent_in="sepa")  # as it was, when no file was kept

    answer = browser.get(page(batch, "file") + "?format=sepa", follow=True)

    assert "Say first which account you pay from" in text(answer)


def test_all_were_sent_asks_for_the_banks_day():
    batch, browser = euros()
    browser.post(page(batch, "send"), {"format": "csv"})
    today = clock.now().date()

    asked = browser.get(page(batch, "sent")).context["form"]
    tomorrow = text(browser.post(page(batch, "sent"), {"receipt": "R", "executed_on": today + timedelta(days=1)}))
    browser.post(page(batch, "sent"), {"receipt": "R", "executed_on": today})

    assert asked["executed_on"].value() == today
    assert "is to come" in tomorrow
    assert batch.payouts.get().executed_on == today


def test_results_ask_for_the_banks_day_of_lines_that_tell_none():
    batch, browser = euros()
    browser.post(page(batch, "send"), {"format": "csv"})
    today = clock.now().date()
    made = browser.get(page(batch, "file") + "?format=csv").content.decode()

    asked = browser.get(page(batch, "results")).context["form"]
    filled = f"payout,receipt,problem\n{batch.payouts.get().reference},R,\n"
    browser.post(page(batch, "results"), {"file": SimpleUploadedFile("r.csv", filled.encode()), "executed_on": today})

    assert asked["executed_on"].value() == today
    assert made.splitlines()[0].endswith(",receipt,problem,executed_on")
    assert batch.payouts.get().executed_on == today


def test_each_download_of_who_is_paid_and_where_leaves_a_line():
    batch, browser = euros()
    of, year = batch.organization, clock.now().year
    browser.post(page(batch, "send"), {"format": "csv"})
    by_api = machine(of, Role.FINANCE)

    browser.get(page(batch, "file") + "?format=csv")
    browser.get(page(batch, "file") + "?format=sepa")  # there is none
    browser.get(f"/admin/payments/payout/tax/?year={year}")
    browser.get(f"/admin/payments/payout/tax/?year={year}&file=csv")
    by_api.get(f"/api/v1/payout-batches/{batch.pk}/file?format=csv")
    by_api.get(f"/api/v1/tax-years/{year}")

    lines = Trail.objects.filter(verb="download").exclude(actor=None).order_by("pk")
    name, batchs, ofs = file_name(batch, "csv"), f"batch:{batch.pk}", f"organization:{of.pk}"
    assert list(lines.values_list("subject", "data__file")) == [
        (batchs, name), (ofs, f"tax-{year}.csv"), (batchs, name), (ofs, f"tax-{year}"),
    ]  # fmt: skip


def test_s10_a_page_that_opens_what_was_sealed_under_a_key_that_is_missing_says_which(settings):
    batch, browser = euros()
    services.set_policy(batch.organization, by=UserFactory(), **ACME)
    browser.post(page(batch, "send"), {"format": "sepa"})
    settings.VAULT_KEYS = ["another key that is long enough to be one"]

    said = browser.get(page(batch, "file") + "?format=sepa")

    assert said.status_code == 409
    assert "This secret was sealed under a key that is not among LABELCROWD_VAULT_KEYS" in said.content.decode()
