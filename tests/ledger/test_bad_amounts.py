"""What the books refuse before the database has to: amounts and references that mean nothing."""

import pytest

from apps.core.money import BadAmount
from apps.ledger import services
from apps.ledger.models import Budget, Entry
from apps.ledger.services import Due
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("amount", [0, -1, -500])
def test_a_deposit_is_above_zero(amount):
    with pytest.raises(BadAmount, match="should be above 0"):
        services.deposit(OrganizationFactory(), amount=amount, currency="USD", reference="1")

    assert not Entry.objects.exists()


def test_a_budget_is_not_funded_backwards():
    organization = OrganizationFactory()
    services.deposit(organization, amount=100, currency="USD", reference="1")
    services.fund(organization, owner="campaign:1", amount=100, currency="USD", reference="1")

    with pytest.raises(BadAmount, match="should be 0 or above"):
        services.fund(organization, owner="campaign:1", amount=-50, currency="USD", reference="2")

    assert Budget.objects.get().amount == 100


def test_nothing_is_not_owed():
    organization = OrganizationFactory()
    services.deposit(organization, amount=100, currency="USD", reference="1")
    services.fund(organization, owner="campaign:1", amount=100, currency="USD", reference="1")
    services.hold("campaign:1", amount=10)

    with pytest.raises(BadAmount, match="should be above 0"):
        services.spend(organization, owner="campaign:1", dues=[Due("worker:1", 0, 10, "page 1")], currency="USD")

    assert Budget.objects.get().held == 10


@pytest.mark.parametrize(("reference", "sentence"), [(" ", "reference is empty"), ("x" * 200, "which keep 120")])
def test_an_event_has_a_name_that_the_books_can_keep(reference, sentence):
    with pytest.raises(services.BadReference, match=sentence):
        services.deposit(OrganizationFactory(), amount=5, currency="USD", reference=reference)
