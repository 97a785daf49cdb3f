"""Gold questions under doubt: contested by workers, suspended, taken up again."""

from django.db import transaction

from apps.campaigns.models import Contest, GoldQuestion
from apps.core import clock
from apps.members import trail
from apps.members.models import User
from apps.workforce.models import Worker


def contest(gold: GoldQuestion, *, worker: Worker, text: str) -> Contest:
    """Note a worker's word that a known answer is wrong; the first word stands."""
    return Contest.objects.get_or_create(gold=gold, worker=worker, defaults={"text": text})[0]


@transaction.atomic
def suspend_gold(gold: GoldQuestion, *, reason: str) -> bool:
    """Neither ask nor score a gold question from now on; return whether this call did it."""
    if not GoldQuestion.objects.filter(pk=gold.pk, suspended_at=None).update(suspended_at=clock.now()):
        return False
    gold.refresh_from_db(fields=["suspended_at"])
    trail.record(gold.campaign.organization, verb="suspend gold", subject=f"gold:{gold.pk}", reason=reason)
    return True


@transaction.atomic
def reinstate_gold(gold: GoldQuestion, *, by: User) -> bool:
    """Take a suspended gold question up again and close its contests; return whether this call did it."""
    if not GoldQuestion.objects.filter(pk=gold.pk, suspended_at__isnull=False).update(suspended_at=None):
        return False
    closed, _ = Contest.objects.filter(gold=gold).delete()
    gold.refresh_from_db(fields=["suspended_at"])
    trail.record(
        gold.campaign.organization, verb="reinstate gold", subject=f"gold:{gold.pk}", actor=by, contests_closed=closed
    )
    return True
