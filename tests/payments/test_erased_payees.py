"""Who is erased before the tax report of a year is named in it all the same, by a sealed copy, deleted after."""

import io
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from apps.members import accounts, consent
from apps.members.models import Role
from apps.payments import destinations, services
from apps.payments.models import BankFile, Payee, Payout
from apps.pipeline import people, schedule
from apps.reports.payments.paying import NotPayable, write_bank_file
from apps.reports.payments.tax import tax_years, write_tax_years
from tests.console.house import client_of
from tests.factories import UserFactory, WorkerFactory
from tests.reports.test_months_and_tax_years import paid, rich_worker

pytestmark = pytest.mark.django_db
NOVEMBER = datetime(2026, 11, 10, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 10, tzinfo=UTC)
JANUARY = datetime(2027, 1, 10, tzinfo=UTC)
LATER = datetime(2028, 1, 1, 1, tzinfo=UTC)


def erased_in_december(amount: int = 700, *, threshold: int = 600):
    """Return a worker who was paid in November, and erased in December."""
    with time_machine.travel(NOVEMBER):
        worker = rich_worker(name="Ada King Lovelace", external_id="w1")
        worker.user = UserFactory()
        worker.save()
        services.set_policy(worker.organization, currency="USD", by=UserFactory(), tax_report_from=threshold)
        paid(worker, amount)
    with time_machine.travel(DECEMBER):
        accounts.ask_for_erasure(worker.user)
        people.erase(worker.user_id)
    worker.refresh_from_db()
    return worker


def report(worker) -> list[str]:
    file = io.BytesIO()
    write_tax_years(tax_years(worker.organization, year=2026), file)
    return file.getvalue().decode().splitlines()[1:]


def test_the_report_of_the_year_names_who_was_erased_before_it():
    worker = erased_in_december()

    with time_machine.travel(JANUARY):
        said = report(worker)

    assert said == ["2026,w1,Ada King Lovelace,,1,7.00,USD"]
    assert worker.name == ""
    assert "Ada" not in Payee.objects.get().sealed


def test_what_is_kept_is_forgotten_once_the_year_after_is_over():
    worker = erased_in_december()

    with time_machine.travel(JANUARY):
        schedule.forget()
        assert Payee.objects.get().until == date(2028, 1, 1)
    with time_machine.travel(LATER):
        schedule.forget()

        assert not Payee.objects.exists()
        assert report(worker) == [f"2026,erased-{worker.pk.hex},,,1,7.00,USD"]


def test_nothing_is_kept_of_whom_no_report_names():
    erased_in_december(599)

    assert not Payee.objects.exists()


def test_nothing_is_kept_of_whom_nobody_paid():
    worker = WorkerFactory(user=UserFactory())
    accounts.ask_for_erasure(worker.user)

    people.erase(worker.user_id)

    assert not Payee.objects.exists()


def test_only_finance_sees_the_name_and_only_in_the_tax_year():
    worker = erased_in_december()

    with time_machine.travel(JANUARY):
        finance, requester = (client_of(worker.organization, role) for role in (Role.FINANCE, Role.REQUESTER))
        page = finance.get("/admin/payments/payout/tax/?year=2026").content.decode()
        file = finance.get("/admin/payments/payout/tax/?year=2026&file=csv").content.decode()
        elsewhere = finance.get("/admin/payments/payout/").content.decode()

        assert requester.get("/admin/payments/payout/tax/?year=2026&file=csv").status_code == 403
    assert "A. K. L." in page
    assert "Lovelace" in file
    assert "Lovelace" not in page + elsewhere


def test_a_worker_is_told_that_a_tax_report_still_names_them():
    worker = WorkerFactory(user=UserFactory())
    client = client_of(worker.organization, Role.REVIEWER)
    client.force_login(worker.user)

    assert "for that report alone" in client.get("/work/account/erase").content.decode()


def test_where_a_payment_went_and_the_banks_file_are_forgotten_years_after_and_not_a_day_before():
    with time_machine.travel(NOVEMBER):
        worker = rich_worker()
        services.set_payout_method(worker, method=destinations.paypal(address="ada@example.org"))
        payout = paid(worker, 700)
        file = services.keep_file(payout.batch, format_="paypal", content=b"ada@example.org")
    with time_machine.travel(datetime(2036, 12, 31, 23, tzinfo=UTC)):
        schedule.forget()
        kept = Payout.objects.get().destination
    with time_machine.travel(datetime(2037, 1, 1, 1, tzinfo=UTC)):
        schedule.forget()
        schedule.forget()

    assert kept == payout.destination != ""
    gone, sealed = Payout.objects.get(), BankFile.objects.get()
    assert (gone.destination, gone.shown_destination, gone.method, gone.receipt) == ("", "", "", payout.receipt)
    assert (sealed.sealed, sealed.sha256) == ("", file.sha256)
    with pytest.raises(NotPayable, match="this file was forgotten"):
        write_bank_file(payout.batch, format_="paypal")


def test_where_money_is_still_to_go_is_never_forgotten():
    with time_machine.travel(NOVEMBER):
        worker = rich_worker()
        services.set_payout_method(worker, method=destinations.paypal(address="ada@example.org"))
        services.pay_bonus(worker, amount=700, currency="USD", reference="b", reason="well done", by=UserFactory())
        batch = services.approve_batch(services.plan_payouts(worker.organization, currency="USD"), by=UserFactory())
        services.begin_all(batch, by=UserFactory(), sent_in="paypal")
        services.keep_file(batch, format_="paypal", content=b"ada@example.org")
    with time_machine.travel(datetime(2040, 1, 1, tzinfo=UTC)):
        schedule.forget()

    assert Payout.objects.get().destination
    assert BankFile.objects.get().sealed


def test_where_a_payment_went_can_be_emptied_and_is_never_another_place():
    with time_machine.travel(NOVEMBER):
        worker = rich_worker()
        services.set_payout_method(worker, method=destinations.paypal(address="ada@example.org"))
        payout = paid(worker, 700)

    with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(destination="elsewhere")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_erasure_page_and_the_suggested_terms_say_how_long_it_stays(language):
    worker = WorkerFactory(user=UserFactory(language=language))
    client = client_of(worker.organization, Role.REVIEWER)
    client.force_login(worker.user)

    said = client.get("/work/account/erase").content.decode()

    assert ("for 10 years after the year" if language == "en" else "10 سنوات بعد السنة") in said
    assert "for 10 years after the year in which it was made, and is then deleted" in consent.SUGGESTION
