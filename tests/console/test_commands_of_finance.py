"""Finance's month end from the shell: a bank's file, its results, and the month."""

import csv

import pytest

from apps.core import clock
from apps.members.models import Role
from apps.payments.models import PayoutBatch
from tests.console.test_commands import owing, said
from tests.factories import member

pytestmark = pytest.mark.django_db


def test_a_batch_is_sent_by_a_file_and_ended_by_its_results(tmp_path):
    of = owing().organization
    finance = member(of, Role.FINANCE)
    said("payouts", "plan", "--currency", "USD", "--by", finance.email)
    batch = PayoutBatch.objects.get()
    said("payouts", "approve", batch.pk, "--by", finance.email)

    sent = said("payouts", "send", batch.pk, "--by", finance.email, "--format", "csv", "--out", tmp_path / "bank.csv")
    [row] = csv.DictReader((tmp_path / "bank.csv").read_text().splitlines())
    (tmp_path / "results.csv").write_text(f"payout,receipt,problem\n{row['payout']},bank 1,\n")
    ended = said("payouts", "results", batch.pk, tmp_path / "results.csv", "--by", finance.email)

    assert "1 payouts are being sent by it" in sent
    assert "1 sent, 0 failed" in ended
    assert "closed" in ended


def test_a_month_is_shown_and_closed_from_the_shell():
    of = owing().organization
    finance = member(of, Role.FINANCE)

    assert "in the way: the month is not over" in said("close_month", f"{clock.now():%Y-%m}")
    assert "2020-01 is closed: 0 postings" in said("close_month", "2020-01", "--by", finance.email)
