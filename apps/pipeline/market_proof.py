"""What proves that an offer was paid as our books have it: both lists agree on it. Only then it is deleted there."""

from datetime import datetime, timedelta

from django.db.models import Max, Q

from apps.channels import services as channels
from apps.channels.models import Intent, Publication, Reconciliation
from apps.core import clock
from apps.payments.models import Obligation, Settlement
from apps.pipeline.motor import Next

LOOKED_INTO = timedelta(hours=1)


def compare_first(row: Publication) -> list[Next]:
    """Have an offer's payments compared; one of which they differ stays at the market, for a person to look into."""
    last = _last_paid(row)
    compared = Reconciliation.objects.filter(organization=row.campaign.organization_id, channel=row.channel)
    if last is not None and compared.filter(made_at__gte=last).exists():
        channels.wait(row, until=clock.now() + LOOKED_INTO, problem="its payments differ from the market's list")
        return []
    channels.wait(row, until=channels.later(6))
    return [Next("reconcile", row.campaign.organization_id)]


def is_compared(row: Publication) -> bool:
    """Return whether both lists agreed since an offer was last paid for: once deleted, it is in none."""
    last = _last_paid(row)
    return last is None or (row.reconciled_at is not None and row.reconciled_at >= last)


def _last_paid(row: Publication) -> datetime | None:
    """Return when an offer was last paid for; now, where that is still under way."""
    of = row.campaign.organization_id
    bonuses = Intent.objects.filter(
        organization=of, channel=row.channel, verb=Intent.Verb.PAY_BONUS, asked__publication=row.name
    ).exclude(state=Intent.State.REFUSED)
    asked = [asked["obligation"] for asked in bonuses.values_list("asked", flat=True)]
    if Obligation.objects.filter(pk__in=asked, settlement=None).exists():
        return clock.now()
    if row.owed:
        asked.append(int(row.owed.partition(":")[2]))
    paid = Settlement.objects.filter(Q(obligation__assignment__claim__publication=row) | Q(obligation__in=asked))
    last: datetime | None = paid.aggregate(at=Max("settled_at"))["at"]
    return last
