"""P9: the books: what the database refuses, and how a cent walks."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from apps.ledger import queries, services
from apps.ledger.models import Account, Budget, Entry, Posting
from apps.ledger.services import Due, NotEnoughMoney, OtherEntry, posting
from apps.members.models import Trail
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def commit_now() -> None:
    """Have the deferred checks run as at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def accounts(*currencies: str) -> list[Account]:
    organization = OrganizationFactory()
    return [
        services.account(organization, kind="funds", currency=currency, owner=f"a:{currency}")
        for currency in currencies
    ]


def raw(entry_legs: int, *postings: tuple[Account, int]) -> int:
    """Insert an entry behind the services' back, as a careless script would; return its id."""
    entry = Entry.objects.create(organization=postings[0][0].organization, reference="raw", legs=entry_legs)
    Posting.objects.bulk_create(Posting(entry=entry, account=account, amount=amount) for account, amount in postings)
    return entry.pk


def test_an_entry_that_does_not_sum_to_zero_is_refused_at_commit():
    usd = accounts("USD")[0]
    other = services.account(usd.organization, kind="outside", currency="USD")
    with pytest.raises(IntegrityError, match="off by 1 USD"), transaction.atomic():
        raw(2, (usd, 10), (other, -9))
        commit_now()


def test_an_entry_must_balance_in_each_currency_by_itself():
    usd, eur = accounts("USD", "EUR")
    with pytest.raises(IntegrityError, match="is off by"), transaction.atomic():
        raw(2, (usd, 10), (eur, -10))
        commit_now()


def test_an_entry_without_its_postings_is_refused():
    organization = OrganizationFactory()
    with pytest.raises(IntegrityError, match="has 0 postings, it announced 2"), transaction.atomic():
        Entry.objects.create(organization=organization, reference="empty", legs=2)
        commit_now()


def test_legs_cannot_be_added_to_an_old_entry_even_if_they_balance():
    organization = OrganizationFactory()
    entry = services.deposit(organization, amount=5, currency="USD", reference="1")
    commit_now()
    account = entry.postings.first().account
    with pytest.raises(IntegrityError, match="has 4 postings, it announced 2"), transaction.atomic():
        Posting.objects.bulk_create(Posting(entry=entry, account=account, amount=amount) for amount in (3, -3))
        commit_now()


def test_an_entry_cannot_touch_another_organizations_account():
    mine, theirs = accounts("USD")[0], accounts("USD")[0]
    with pytest.raises(IntegrityError, match="another organization"), transaction.atomic():
        raw(2, (mine, 10), (theirs, -10))
        commit_now()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_posting SET amount = amount + 1",
        "DELETE FROM ledger_posting",
        "UPDATE ledger_entry SET memo = 'x'",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_account SET currency = 'EUR'",
        "UPDATE members_trail SET reason = 'x'",
        "DELETE FROM members_trail",
    ],
)
def test_the_books_and_the_trail_refuse_changes_by_raw_sql(statement):
    services.deposit(OrganizationFactory(), amount=5, currency="USD", reference="1")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_posting", "members_trail"])
def test_the_books_and_the_trail_cannot_be_emptied(table):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_budget SET held = amount + 1",
        "UPDATE ledger_budget SET spent = amount, held = 1",
        "UPDATE ledger_budget SET held = -1",
        "UPDATE ledger_budget SET amount = 0",
    ],
)
def test_a_budget_refuses_to_be_overspent_by_raw_sql(statement):
    organization = OrganizationFactory()
    services.deposit(organization, amount=100, currency="USD", reference="1")
    services.fund(organization, owner="campaign:1", amount=100, currency="USD", reference="1")
    services.hold("campaign:1", amount=10)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_float_is_no_amount():
    usd, eur = accounts("USD", "EUR")
    with pytest.raises(TypeError, match="whole number of minor units"):
        services.post(usd.organization, reference="x", legs={usd: 1.5, eur: -1.5})


def test_a_cent_walks_from_deposit_to_payout():
    organization = OrganizationFactory()
    deposited = services.deposit(organization, amount=100, currency="USD", reference="bank 1")
    assert Trail.objects.get(verb="deposit", subject=f"entry:{deposited.pk}").data == {"amount": 100, "currency": "USD"}
    services.fund(organization, owner="campaign:1", amount=80, currency="USD", reference="1")
    services.hold("campaign:1", amount=30)
    services.spend(organization, owner="campaign:1", dues=[Due("worker:1", 20, 30, "page 1")], currency="USD")
    services.pay_out(organization, payee="worker:1", amount=20, currency="USD", reference="payout 1")
    services.close("campaign:1")
    commit_now()

    left = {kind: queries.balance(organization, kind=kind, currency="USD") for kind in Account.Kind.values}
    assert left == {"outside": -80, "funds": 80, "budget": 0, "payable": 0, "fees": 0}
    assert queries.imbalances() == []


def test_each_event_is_booked_once_however_often_it_is_told():
    organization = OrganizationFactory()
    for _ in range(3):
        services.deposit(organization, amount=100, currency="USD", reference="bank 1")
        services.fund(organization, owner="campaign:1", amount=80, currency="USD", reference="1")
    services.hold("campaign:1", amount=30)
    for _ in range(3):
        services.spend(organization, owner="campaign:1", dues=[Due("worker:1", 20, 30, "page 1")], currency="USD")
    for _ in range(3):
        services.close("campaign:1")

    budget = Budget.objects.get()
    assert (budget.amount, budget.held, budget.spent) == (20, 0, 20)
    assert queries.balance(organization, kind="payable", currency="USD") == 20
    assert queries.imbalances() == []


def test_a_reference_used_for_something_else_is_refused():
    organization = OrganizationFactory()
    services.deposit(organization, amount=100, currency="USD", reference="bank 1")

    with pytest.raises(OtherEntry, match="bank 1"):
        services.deposit(organization, amount=99, currency="USD", reference="bank 1")


def test_more_than_the_funds_cannot_be_given_to_a_campaign():
    organization = OrganizationFactory()
    services.deposit(organization, amount=10, currency="USD", reference="1")

    with pytest.raises(NotEnoughMoney, match="deposit first"), transaction.atomic():
        services.fund(organization, owner="campaign:1", amount=11, currency="USD", reference="1")

    assert queries.balance(organization, kind="funds", currency="USD") == 10
    assert not Budget.objects.exists()


def test_a_budget_that_was_closed_and_funded_again_can_be_closed_again():
    organization = OrganizationFactory()
    services.deposit(organization, amount=100, currency="USD", reference="1")
    for turn in ("1", "2"):
        services.fund(organization, owner="campaign:1", amount=40, currency="USD", reference=turn)
        assert services.close("campaign:1") == 40

    assert queries.balance(organization, kind="funds", currency="USD") == 100
    assert queries.imbalances() == []


def test_many_accounts_are_opened_in_three_statements(django_assert_max_num_queries):
    organization = OrganizationFactory()
    owners = [f"worker:{n}" for n in range(100)]
    known = services.account(organization, kind=Account.Kind.PAYABLE, currency="USD", owner=owners[0])

    with django_assert_max_num_queries(3):
        found = posting.accounts(organization, kind=Account.Kind.PAYABLE, currency="USD", owners=owners)
    again = posting.accounts(organization, kind=Account.Kind.PAYABLE, currency="USD", owners=owners)

    assert found.keys() == set(owners)
    assert found[owners[0]] == known
    assert again == found
