"""What an organization does with its own money: refunds, fees, what a worker gets besides, and mistakes undone."""

import pytest

from apps.core.money import BadAmount
from apps.ledger import queries, services
from apps.ledger.models import Entry
from apps.members.models import Trail
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db


def rich(amount: int = 100):
    of = OrganizationFactory()
    services.deposit(of, amount=amount, currency="USD", reference="bank 1")
    return of


def held(of, kind: str) -> int:
    return queries.balance(of, kind=kind, currency="USD")


def test_a_refund_takes_unspent_funds_and_leaves_a_line_in_the_trail():
    of, person = rich(), UserFactory()

    for _ in range(2):
        entry = services.refund(of, amount=60, currency="USD", reference="bank 2", by=person)

    assert (held(of, "funds"), held(of, "outside"), entry.kind) == (40, -40, "refund")
    assert Trail.objects.get(verb="refund").actor == person
    assert queries.imbalances() == []


def test_what_campaigns_have_is_not_refunded():
    of = rich()
    services.fund(of, owner="campaign:1", amount=70, currency="USD", reference="1")

    with pytest.raises(services.NotEnoughMoney, match=r"hold 0\.30 USD that no campaign has, 0\.31 USD is needed"):
        services.refund(of, amount=31, currency="USD", reference="bank 2", by=UserFactory())

    assert held(of, "funds") == 30


@pytest.mark.parametrize("verb", [services.refund, services.charge])
def test_a_refund_or_a_fee_is_above_zero_and_has_a_reference(verb):
    of, person = rich(), UserFactory()

    with pytest.raises(BadAmount, match="should be above 0"):
        verb(of, amount=0, currency="USD", reference="x", by=person)
    with pytest.raises(services.BadReference, match="reference is empty"):
        verb(of, amount=1, currency="USD", reference=" ", by=person)


def test_a_fee_leaves_the_funds():
    of = rich()

    services.charge(of, amount=3, currency="USD", reference="bank 3", by=UserFactory())

    assert (held(of, "funds"), held(of, "fees")) == (97, 3)


def test_a_worker_is_credited_from_the_funds_and_debited_no_more_than_is_owed():
    of = rich()
    services.credit(of, payee="worker:1", amount=20, currency="USD", reference="bonus:1", memo="bonus")
    services.credit(of, payee="worker:1", amount=-5, currency="USD", reference="adjustment:1", memo="adjustment")

    with pytest.raises(services.NotEnoughMoney, match=r"only 0\.15 USD is owed, 0\.16 USD can't be taken"):
        services.credit(of, payee="worker:1", amount=-16, currency="USD", reference="adjustment:2", memo="adjustment")

    assert (held(of, "payable"), held(of, "funds")) == (15, 85)


def test_a_mistaken_deposit_is_undone_once_by_an_entry_of_the_opposite():
    of, person = rich(), UserFactory()
    deposit = Entry.objects.get()

    for _ in range(2):
        services.correct(deposit, reason="it was another organization's", by=person)

    assert held(of, "funds") == held(of, "outside") == 0
    assert Trail.objects.get(verb="correct").reason == "it was another organization's"


def test_a_deposit_that_is_spent_already_can_not_be_undone():
    of = rich()
    services.fund(of, owner="campaign:1", amount=70, currency="USD", reference="1")

    with pytest.raises(services.NotEnoughMoney):
        services.correct(Entry.objects.get(kind="deposit"), reason="a mistake", by=UserFactory())

    assert held(of, "funds") == 30


def test_only_deposits_refunds_and_fees_are_corrected_and_with_a_reason():
    of = rich()
    services.fund(of, owner="campaign:1", amount=70, currency="USD", reference="1")

    with pytest.raises(services.NoCorrection, match="only deposits, refunds and fees"):
        services.correct(Entry.objects.get(kind="fund"), reason="a mistake", by=UserFactory())
    with pytest.raises(services.NoCorrection, match="needs a reason"):
        services.correct(Entry.objects.get(kind="deposit"), reason=" ", by=UserFactory())


def test_a_markets_fee_is_not_corrected_as_it_belongs_to_what_the_market_paid():
    of = rich()
    services.charge(of, amount=3, currency="USD", reference="market:1", taker="channel:mturk")

    with pytest.raises(services.NoCorrection, match="it is a market's fee"):
        services.correct(Entry.objects.get(kind="fee"), reason="a mistake", by=UserFactory())

    assert held(of, "funds") == 97
