"""A campaign's budget runs out, and those who can add to it are told: once at each mark."""

import pytest
from django.core import mail

from apps.ledger import services as ledger
from apps.members.models import Role
from apps.payments.models import BudgetAlert
from apps.pipeline.alerting import alert
from tests import belt
from tests.factories import member
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def half_used():
    """Return a campaign with pages of 10 each and money for four, two of which are handed in."""
    campaign = running(items=20, page_size=2, redundancy=1, price=10, budget=40)
    for _ in range(2):
        handed_in(campaign)
    return campaign


def marks() -> list[int]:
    return sorted(BudgetAlert.objects.values_list("percent", flat=True))


def test_half_a_budget_is_told_once_to_requesters_and_finance():
    campaign = half_used()
    people = [member(campaign.organization, role) for role in (Role.REQUESTER, Role.FINANCE, Role.REVIEWER)]

    belt.run()
    alert(campaign.pk)

    [sent] = mail.outbox
    assert marks() == [50]
    assert sent.to == sorted(person.email for person in people[:2])
    assert "0.20 USD of the 0.40 USD" in sent.body
    assert "alert" not in {each.step for each in belt.due()}


def test_several_marks_at_once_are_noted_each_and_mailed_together():
    campaign = half_used()
    member(campaign.organization, Role.REQUESTER)
    for _ in range(2):
        handed_in(campaign)

    belt.run()

    assert marks() == [50, 80, 100]
    assert [sent.subject for sent in mail.outbox] == [f"{campaign.name} has used 100 % of its budget"]
    assert "No more pages" in mail.outbox[0].body


def test_after_a_top_up_the_marks_of_the_new_budget_are_told():
    campaign = half_used()
    alert(campaign.pk)
    ledger.deposit(campaign.organization, amount=60, currency="USD", reference="more")
    ledger.fund(campaign.organization, owner=campaign.key, amount=60, currency="USD", reference="more")
    type(campaign).objects.filter(pk=campaign.pk).update(budget=100)

    alert(campaign.pk)
    assert marks() == [50]
    for _ in range(3):
        handed_in(campaign)
    alert(campaign.pk)

    assert marks() == [50, 50]


def test_a_campaign_without_pay_is_never_told_of():
    campaign = running(items=4, page_size=2, redundancy=1, price=0, budget=100)
    handed_in(campaign)

    alert(campaign.pk)

    assert marks() == []
