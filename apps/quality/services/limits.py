"""From which amount of rejected pay on a second person has to agree."""

from django.db import transaction

from apps.core import money
from apps.core.money import BadAmount
from apps.members import trail
from apps.members.models import Organization, User
from apps.quality.models import RejectionPolicy


@transaction.atomic
def set_rejection_limit(
    organization: Organization, *, currency: str, second_person_from: int, by: User
) -> RejectionPolicy:
    """Ask for a second person from this amount on, in minor units; raise `BadAmount`. Run twice, it is set once."""
    if second_person_from < 0:
        raise BadAmount(f"{second_person_from} minor units are no limit: it should be 0 or above")
    policy, _new = RejectionPolicy.objects.update_or_create(
        organization=organization,
        currency=money.check_currency(currency),
        defaults={"second_person_from": second_person_from},
    )
    _record(policy, second_person_from, by)
    return policy


@transaction.atomic
def forget_rejection_limit(policy: RejectionPolicy, *, by: User) -> None:
    """Let one person alone reject any page in this currency again. Run twice, it is forgotten once."""
    gone, _ = RejectionPolicy.objects.filter(pk=policy.pk).delete()
    if gone:
        _record(policy, None, by)


def _record(policy: RejectionPolicy, limit: int | None, by: User) -> None:
    of = policy.organization
    trail.record(
        of, verb="set rejection limit", subject=f"organization:{of.pk}", actor=by, second_person_from=limit,
        currency=policy.currency,
    )  # fmt: skip
