"""A month that is closed stays as it was, whoever posts what and when."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from apps.ledger import queries, services
from apps.ledger.models import Closing, Entry
from apps.members.models import Trail
from tests.factories import OrganizationFactory, UserFactory

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
IN_JULY = datetime(2026, 7, 3, 9, tzinfo=UTC)


def busy(of=None):
    """Return an organization that got 1.00 USD in May and in June."""
    of = of or OrganizationFactory()
    for month in (5, 6):
        with time_machine.travel(datetime(2026, month, 20, tzinfo=UTC)):
            services.deposit(of, amount=100, currency="USD", reference=f"bank {month}")
    return of


def closed(of, month: date = JUNE) -> Closing:
    with time_machine.travel(IN_JULY + (month - JUNE)):
        return services.close_month(of, month=month, by=UserFactory())


@pytest.mark.django_db
def test_a_closed_month_holds_what_was_posted_since_the_last_closing():
    of = busy()
    first, second = closed(of, date(2026, 5, 1)), closed(of)

    assert [(one.entries, one.postings, one.until) for one in (first, second)] == [
        (1, 2, datetime(2026, 6, 1, tzinfo=UTC)),
        (1, 2, datetime(2026, 7, 1, tzinfo=UTC)),
    ]
    assert first.sha256 != second.sha256
    assert Trail.objects.filter(verb="close month").count() == 2


@pytest.mark.django_db
def test_nothing_is_posted_into_a_closed_month_or_before_it_even_by_raw_sql():
    of = busy()
    closed(of)

    for at in (datetime(2026, 6, 30, 23, 59, 59, 999999, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)):
        with pytest.raises(IntegrityError, match="the books are closed up to"), transaction.atomic():
            Entry.objects.create(organization=of, reference="late", legs=2, at=at)


@pytest.mark.django_db
def test_what_comes_later_is_posted_into_the_next_month_and_another_organization_is_free():
    of, other = busy(), OrganizationFactory()
    closed(of)

    with time_machine.travel(IN_JULY + timedelta(hours=1)):
        entry = services.deposit(of, amount=5, currency="USD", reference="late")
    with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC)):
        services.deposit(other, amount=5, currency="USD", reference="early")

    assert entry.at.month == 7


@pytest.mark.django_db
def test_a_month_is_closed_once_when_it_is_over_and_in_order():
    of = busy()

    with time_machine.travel(IN_JULY), pytest.raises(services.NotOver, match="2026-07 is not over"):
        services.close_month(of, month=JULY, by=UserFactory())
    assert closed(of) == closed(of)
    with time_machine.travel(IN_JULY), pytest.raises(services.NotOver, match="closed together with 2026-06"):
        services.close_month(of, month=date(2026, 4, 1), by=UserFactory())

    assert Closing.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE ledger_closing SET sha256 = ''", "DELETE FROM ledger_closing"])
def test_a_closed_month_is_never_opened_again(statement):
    closed(busy())

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_a_change_behind_the_books_back_is_seen_in_a_closed_month():
    of = busy()
    closing = closed(of)
    assert queries.is_as_it_was_closed(closing)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_posting DISABLE TRIGGER append_only")
        cursor.execute("UPDATE ledger_posting SET amount = amount * 2")

    assert not queries.is_as_it_was_closed(closing)


@pytest.mark.django_db(transaction=True)
def test_a_closing_waits_for_an_entry_that_is_being_posted_and_counts_it():
    of, found = busy(), []

    def close() -> None:
        try:
            found.append(services.close_month(of, month=JUNE, by=person))
        finally:
            connection.close()

    person = UserFactory()
    other = threading.Thread(target=close)
    with transaction.atomic():
        services.post(of, reference="slow", legs=legs(of), at=datetime(2026, 6, 30, 23, 59, tzinfo=UTC))
        other.start()
        other.join(0.5)
        assert other.is_alive(), "it should wait for what is not committed yet"
    other.join(10)

    assert (found[0].entries, queries.is_as_it_was_closed(found[0])) == (3, True)


def legs(of):
    outside, funds = (services.account(of, kind=kind, currency="USD") for kind in ("outside", "funds"))
    return {outside: -1, funds: 1}
