"""The least that an organization's campaigns should pay for an hour."""

from typing import Any

from django.db import transaction

from apps.campaigns.models import PayPolicy
from apps.core import money
from apps.core.money import BadAmount
from apps.members import trail
from apps.members.models import Organization, User


@transaction.atomic
def set_least_pay(organization: Organization, *, currency: str, hourly: int, by: User) -> PayPolicy:
    """Ask for at least so much for an hour, in minor units; raise `BadAmount`. Run twice, it is set once."""
    if hourly <= 0:
        raise BadAmount(f"{hourly} minor units are no least pay for an hour: it should be above 0")
    policy, _new = PayPolicy.objects.update_or_create(
        organization=organization, currency=money.check_currency(currency), defaults={"hourly": hourly}
    )
    _record(policy, "set least pay", by, hourly=hourly)
    return policy


@transaction.atomic
def forget_least_pay(policy: PayPolicy, *, by: User) -> None:
    """Ask for no least pay in this currency any more. Run twice, it is forgotten once."""
    gone, _ = PayPolicy.objects.filter(pk=policy.pk).delete()
    if gone:
        _record(policy, "forget least pay", by)


def _record(policy: PayPolicy, verb: str, by: User, **data: Any) -> None:
    of = policy.organization
    trail.record(of, verb=verb, subject=f"organization:{of.pk}", actor=by, currency=policy.currency, **data)
